/*
 * budget.h
 *		The request budgets of accounts, shared by all sessions of the cluster.
 *
 * Accounts that are the same to the API (crm_auth_budget_key) share a budget,
 * whatever server, database or role they are read through.
 */
#ifndef CRM_BUDGET_H
#define CRM_BUDGET_H

#include "postgres.h"

#include "base/shared.h"
#include "client/account.h"
#include "client/http.h"
#include "client/ratelimit.h"

/* Where the budgets are, unless there is no shared memory. */
extern CrmSharedPart crm_budget_part;

/* One session's use of one budget; opaque. */
typedef struct CrmBudgetUse CrmBudgetUse;

/* A request on its way to an answer; zero it before the first use. */
typedef struct CrmBudgetTicket
{
	CrmRateTicket place;
	int64		sent_at;		/* 0 = not yet */
	CrmBudgetUse *use;			/* counts this request; NULL = nobody does */
} CrmBudgetTicket;

/*
 * Asks for the ticket's turn under the account's limit; see
 * crm_rate_window_turn().  The lane is the one of crm_fdw.session_kind.
 */
extern int64 crm_budget_turn(const CrmAccount *account, CrmBudgetTicket *ticket,
							 int64 longest_ms, bool *refused);

/*
 * The ticket's request was answered, perhaps with a word on how many more the
 * API would serve now.
 */
extern void crm_budget_answered(const CrmAccount *account, CrmBudgetTicket *ticket,
								const CrmHttpResponse *response);

/* The ticket is no longer of use, whatever became of it; zeroes it. */
extern void crm_budget_release(CrmBudgetTicket *ticket);

/* Nobody sends for wait_ms. */
extern void crm_budget_block(const CrmAccount *account, int64 wait_ms);

/* A budget as one of the servers that used it lately shows it. */
typedef struct CrmBudgetState
{
	Oid			server_oid;		/* in the current database */
	int			limit_count;	/* requests ... */
	int			limit_ms;		/* ... per this time, as an option says it */
	int			available;		/* could be sent at once */
	int			in_flight;
	int			waiting;
	int64		blocked_ms;		/* nobody sends for this time; 0 = not blocked */
} CrmBudgetState;

/* The account's budget; true if all sessions share it. */
extern bool crm_budget_state(const CrmAccount *account, CrmBudgetState *state);

/* The limit as the option rate_limit has it; palloc'd. */
extern char *crm_budget_limit_text(const CrmBudgetState *state);

/* The budgets of the current database's servers; palloc'd. */
extern CrmBudgetState *crm_budget_states(int *n);

#endif							/* CRM_BUDGET_H */
