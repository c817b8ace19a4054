/*
 * option_values.h
 *		The syntax of option values.
 */
#ifndef CRM_OPTION_VALUES_H
#define CRM_OPTION_VALUES_H

#include "postgres.h"

/* Kinds of values, and what they are parsed into. */
typedef enum CrmOptionKind
{
	CRM_OPT_TEXT,				/* const char *; not empty, no control characters */
	CRM_OPT_ANY_TEXT,			/* const char * */
	CRM_OPT_BOOL,				/* bool */
	CRM_OPT_INT,				/* int */
	CRM_OPT_REAL,				/* double */
	CRM_OPT_DURATION,			/* int, milliseconds; a bare number is seconds */
	CRM_OPT_SIZE,				/* int, bytes */
	CRM_OPT_CRM,				/* const CrmApi * */
	CRM_OPT_URL,				/* const char *; checked with its CRM's roots */
	CRM_OPT_RATE,				/* CrmRate */
	CRM_OPT_START_DATE,			/* CrmStartDate */
	CRM_OPT_ERROR_OR_NULL,		/* bool: 'error' is false, 'null' is true */
	CRM_OPT_AUTO_OR_NONE,		/* bool: 'auto' is false, 'none' is true */
	CRM_OPT_ENTITY,				/* const char * that some CRM has */
	CRM_OPT_PATH,				/* const char * below some CRM's root */
	CRM_OPT_POINTER,			/* const char *, RFC 6901 */
	CRM_OPT_FORMAT				/* int, a CrmFormat users may name */
} CrmOptionKind;

/*
 * Parses value into *out.  Returns NULL, or what is allowed as a sentence for
 * a hint.  min and max bound numbers, durations (ms), sizes (bytes) and rates.
 */
extern const char *crm_option_parse(CrmOptionKind kind, const char *value,
							  double min, double max, void *out);

#endif							/* CRM_OPTION_VALUES_H */
