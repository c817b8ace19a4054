/*
 * jsonscan.h
 *		The pass over a JSON text that comes before the parser.
 */
#ifndef CRM_JSONSCAN_H
#define CRM_JSONSCAN_H

#include "client/json.h"

/* Where one value stands in the text. */
typedef struct CrmJsonSpan
{
	uint32		start;
	uint32		len:31;
	uint32		has_nul:1;		/* \u0000 in it, at any depth, keys included */
} CrmJsonSpan;

/* All values in document order: a container comes before its children. */
typedef struct CrmJsonSpans
{
	CrmJsonSpan *items;
	uint32		count;
	uint32		capacity;
} CrmJsonSpans;

/*
 * Checks the grammar and the limits of json.h, blanks members named in
 * secret_keys and fills *spans, whose items are palloc'd in the current memory
 * context.  What passes here is accepted by cJSON.  False and *error on a
 * fault; the text may then be blanked in part.  Never raises an error.
 */
extern bool crm_json_scan(char *text, size_t len,
						  const char *const *secret_keys,
						  CrmJsonSpans *spans, CrmJsonError *error);

#endif							/* CRM_JSONSCAN_H */
