/*
 * check.h
 *		Inside of crm_fdw.check_server(): shared by check_server.c and
 *		check_entities.c.
 */
#ifndef CRM_CHECK_H
#define CRM_CHECK_H

#include "postgres.h"

#include "client/json.h"
#include "fdw/server.h"

/* The rows in front of those about entities, in their order. */
typedef enum CrmCheckNumber
{
	CRM_CHECK_OPTIONS,
	CRM_CHECK_REACHABILITY,
	CRM_CHECK_TLS,
	CRM_CHECK_CREDENTIAL,
	CRM_CHECK_ACCOUNT,
	CRM_CHECK_ADMIN,
	CRM_CHECK_CLOCK,
	CRM_CHECK_BUDGET,
	CRM_CHECK_ENTITIES			/* the first of them */
} CrmCheckNumber;

typedef enum CrmFinding
{
	CRM_NOT_CHECKED,
	CRM_GOOD,
	CRM_BAD,
	CRM_NOT_KNOWN				/* looked for and not found out */
} CrmFinding;

typedef struct CrmCheckRow
{
	const char *name;
	CrmFinding	finding;
	const char *detail;
	const char *hint;
} CrmCheckRow;

/* One call of the function. */
typedef struct CrmCheck
{
	MemoryContext context;		/* holds this and all it leads to */
	Oid			server;
	Oid			user;
	CrmOptions	options;
	const CrmApi *api;			/* NULL = the server does not name one */
	CrmCheckRow *rows;
	int			nrows;
	bool		stopped;		/* no further request makes sense */
	int			unanswered;		/* requests in a row */

	/* What answers told on the way. */
	const char *origin;
	int64		remaining;		/* requests that the API says are left; -1 = it does not */
	const char *owner;			/* of the key, fit to show; NULL = not told */
	bool		admin_told;
	bool		is_admin;
	int			withheld;		/* records of which little is shown ... */
	int			looked_at;		/* ... of so many */
} CrmCheck;

/* A request, and what is made of its answer. */
typedef struct CrmQuestion
{
	CrmCheck   *check;
	const char *subject;		/* entity or path, as crm_fdw.stats counts it */
	void		(*ask) (struct CrmQuestion *question);	/* sends it; may raise errors */
	void	   *arg;
	CrmAccount *account;		/* of ask */
	CrmExchange exchange;		/* afterwards: how it ended */
} CrmQuestion;

/*
 * Asks.  Returns the error that came of it, in the check's context, or NULL.
 * What ask allocates is gone then, unless it is in the check's context.
 * Interrupts are not caught.
 */
extern ErrorData *crm_check_ask(CrmQuestion *question);

/*
 * What an error of a question means for the rest of the check.  True if it is
 * about the question alone; otherwise another row has it.
 */
extern bool crm_check_is_own(const CrmQuestion *question, const ErrorData *error);

/* Fills in a row; detail and hint may be NULL. */
extern void crm_check_note(CrmCheck *check, int row, CrmFinding finding,
						   const char *detail, const char *hint);
extern void crm_check_note_error(CrmCheck *check, int row, const ErrorData *error);

/*
 * The texts at the pointers, as far as there are any, one after the other, fit
 * to show; in the check's context, NULL if there are none.
 */
extern char *crm_check_quote(const CrmQuestion *question, const CrmJson *json,
							 const CrmNode *node, const char *const *pointers);

/* Does a member say yes? */
extern bool crm_check_says_yes(const CrmJson *json, const CrmNode *node);

/* Asks for the entities, each once, and fills in their rows. */
extern void crm_check_entities(CrmCheck *check);

#endif							/* CRM_CHECK_H */
