/*
 * report.h
 *		Failures as values, and the one place where text from outside is made
 *		fit for a message.
 *
 * Code that talks to the network fills a CrmFailure and returns; whoever can
 * raise an error does so with crm_report().  SQLSTATEs are those of the
 * "Errors" table in the README.
 */
#ifndef CRM_REPORT_H
#define CRM_REPORT_H

#include "postgres.h"

#include "base/compat.h"

/* Longest piece of foreign text shown in a message, in bytes. */
#define CRM_QUOTE_MAX	300

/* SQLSTATEs this extension raises beside PostgreSQL's own macros. */
#define CRM_ERR_UNREACHABLE		ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION	/* HV00N */
#define CRM_ERR_ANSWER			ERRCODE_FDW_ERROR							/* HV000 */
#define CRM_ERR_CREDENTIAL		ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION	/* 28000 */
#define CRM_ERR_FORBIDDEN		ERRCODE_INSUFFICIENT_PRIVILEGE				/* 42501 */
#define CRM_ERR_THROTTLED		ERRCODE_CONFIGURATION_LIMIT_EXCEEDED		/* 53400 */
#define CRM_ERR_LIMIT			ERRCODE_PROGRAM_LIMIT_EXCEEDED				/* 54000 */
#define CRM_ERR_NO_ENTITY		ERRCODE_FDW_TABLE_NOT_FOUND					/* HV00R */
#define CRM_ERR_NO_OPTION		ERRCODE_FDW_OPTION_NAME_NOT_FOUND			/* HV00J */
#define CRM_ERR_NEEDS_FILTER	ERRCODE_FDW_UNABLE_TO_CREATE_EXECUTION		/* HV00L */

typedef struct CrmFailure
{
	int			sqlstate;		/* MAKE_SQLSTATE value */
	char	   *message;		/* names CRM, entity and status */
	char	   *detail;			/* the API's own words, redacted; may be NULL */
	const char *hint;			/* what to do next; may be NULL */
} CrmFailure;

/* Raises the failure as an ERROR; does not return. */
crm_noreturn extern void crm_report(const CrmFailure *failure);

/*
 * Makes text from outside printable: at most CRM_QUOTE_MAX bytes cut at a
 * character boundary, white space folded, control characters and invalid
 * UTF-8 replaced, and every occurrence of one of the nsecrets strings (of
 * four characters or more) shown as "***".  palloc'd.
 */
extern char *crm_quote(const char *text, size_t len,
					   const char *const *secrets, int nsecrets);

/*
 * The candidate nearest to word, or NULL if none is near.  For hints.
 */
extern const char *crm_nearest(const char *word, const char *const *candidates, int n);

#endif							/* CRM_REPORT_H */
