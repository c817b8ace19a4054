/*
 * budget.c
 *		Keeps the request budgets, in this backend, for as long as it lives.
 */
#include "postgres.h"

#include "client/auth.h"
#include "client/budget.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

/* An API may be wrong about how long it wants to be left alone. */
#define LONGEST_BLOCK_MS	INT64CONST(3600000)

typedef struct Budget
{
	uint64		key;			/* crm_auth_budget_key() */
	CrmRateWindow window;
} Budget;

static HTAB *budgets = NULL;

static CrmRateWindow *
budget_of(const CrmAccount *account)
{
	uint64		key = crm_auth_budget_key(account);
	Budget	   *budget;
	bool		found;

	if (budgets == NULL)
	{
		HASHCTL		control = {
			.keysize = sizeof(uint64),
			.entrysize = sizeof(Budget),
			.hcxt = TopMemoryContext
		};

		budgets = hash_create("crm_fdw request budgets", 8, &control,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	budget = hash_search(budgets, &key, HASH_ENTER, &found);
	if (!found)
		crm_rate_window_init(&budget->window);
	return &budget->window;
}

int64
crm_budget_turn(const CrmAccount *account, CrmRateTicket *ticket,
				int64 longest_ms, bool *refused)
{
	CrmRateWindow *window = budget_of(account);
	int64		now = crm_rate_clock();

	crm_rate_window_adopt(window, account->rate_count, account->rate_window_ms, now);
	return crm_rate_window_turn(window, ticket, now, longest_ms, refused);
}

void
crm_budget_block(const CrmAccount *account, int64 wait_ms)
{
	crm_rate_window_block(budget_of(account),
						  crm_rate_clock() + Min(wait_ms, LONGEST_BLOCK_MS));
}
