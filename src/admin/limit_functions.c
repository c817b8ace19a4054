/*
 * limit_functions.c
 *		crm_fdw.rate_limits: the request budgets as SQL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "client/budget.h"

PG_FUNCTION_INFO_V1(crm_fdw_rate_limits);

/* One row for each server of this database and the budget it draws from. */
Datum
crm_fdw_rate_limits(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CrmBudgetState *states;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	states = crm_budget_states(&n);
	for (int i = 0; i < n; i++)
	{
		const CrmBudgetState *state = &states[i];
		bool		nulls[6] = {[5] = state->blocked_ms == 0};
		Datum		values[6] = {
			ObjectIdGetDatum(state->server_oid),
			CStringGetTextDatum(crm_budget_limit_text(state)),
			Int32GetDatum(state->available),
			Int32GetDatum(state->in_flight),
			Int32GetDatum(state->waiting),
			TimestampTzGetDatum(TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
															state->blocked_ms))
		};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
