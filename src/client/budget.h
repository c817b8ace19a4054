/*
 * budget.h
 *		The request budgets of accounts.
 *
 * Accounts that are the same to the API (crm_auth_budget_key) share a budget.
 */
#ifndef CRM_BUDGET_H
#define CRM_BUDGET_H

#include "postgres.h"

#include "client/account.h"
#include "client/ratelimit.h"

/*
 * Asks for the ticket's turn under the account's limit; see
 * crm_rate_window_turn().
 */
extern int64 crm_budget_turn(const CrmAccount *account, CrmRateTicket *ticket,
							 int64 longest_ms, bool *refused);

/* Nobody sends for wait_ms. */
extern void crm_budget_block(const CrmAccount *account, int64 wait_ms);

#endif							/* CRM_BUDGET_H */
