/*
 * stats_functions.c
 *		The functions behind the views crm_fdw.stats and crm_fdw.activity.
 *
 * Anybody may call them, so it is they who hide what is not for everybody:
 * texts that may hold values of a query are shown to the role that ran it and
 * to pg_read_all_stats, and nothing is shown of other databases.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "base/activity.h"
#include "base/stats.h"

PG_FUNCTION_INFO_V1(crm_fdw_stats);
PG_FUNCTION_INFO_V1(crm_fdw_stats_reset);
PG_FUNCTION_INFO_V1(crm_fdw_activity);

/* May the current role see what a scan of another role says? */
static bool
may_see(Oid role)
{
	return has_privs_of_role(GetUserId(), role) ||
		has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

static void
put_stats(ReturnSetInfo *result, const CrmStats *stats)
{
	const CrmCounts *counts = &stats->counts;
	bool		shows_error = OidIsValid(stats->error_role) && may_see(stats->error_role);
	Datum		values[] = {
		ObjectIdGetDatum(stats->server),
		CStringGetTextDatum(stats->entity),
		Int64GetDatum(counts->scans),
		Int64GetDatum(counts->requests),
		Int64GetDatum(counts->retries),
		Int64GetDatum(counts->throttled_ms),
		Int64GetDatum(counts->errors),
		Int64GetDatum(counts->rows),
		Int64GetDatum(counts->bytes),
		TimestampTzGetDatum(stats->last_request_at),
		(Datum) 0
	};
	bool		nulls[lengthof(values)] = {
		[lengthof(values) - 2] = stats->last_request_at == 0,
		[lengthof(values) - 1] = !shows_error
	};

	Assert(result->setDesc->natts == lengthof(values));
	if (shows_error)
		values[lengthof(values) - 1] =
			CStringGetTextDatum(psprintf("%s: %s", unpack_sql_state(stats->error_sqlstate), stats->error));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
crm_fdw_stats(PG_FUNCTION_ARGS)
{
	CrmStats   *stats;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	stats = crm_stats_copy(&n);
	for (int i = 0; i < n; i++)
		put_stats((ReturnSetInfo *) fcinfo->resultinfo, &stats[i]);
	return (Datum) 0;
}

Datum
crm_fdw_stats_reset(PG_FUNCTION_ARGS)
{
	crm_stats_reset();
	PG_RETURN_VOID();
}

static void
put_activity(ReturnSetInfo *result, const CrmActivity *activity)
{
	bool		shows_request = activity->request[0] != '\0' && may_see(activity->role);
	Datum		values[] = {
		Int32GetDatum(activity->pid),
		ObjectIdGetDatum(activity->server),
		CStringGetTextDatum(activity->entity),
		Int64GetDatum(activity->pages_done),
		Int64GetDatum(activity->pages_total),
		Int64GetDatum(activity->rows),
		CStringGetTextDatum(crm_activity_state_name(activity->state)),
		TimestampTzGetDatum(activity->started_at),
		(Datum) 0
	};
	bool		nulls[lengthof(values)] = {
		[4] = activity->pages_total < 0,
		[lengthof(values) - 1] = !shows_request
	};

	Assert(result->setDesc->natts == lengthof(values));
	if (shows_request)
		values[lengthof(values) - 1] = CStringGetTextDatum(activity->request);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
crm_fdw_activity(PG_FUNCTION_ARGS)
{
	CrmActivity *activities;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	activities = crm_activity_copy(&n);
	for (int i = 0; i < n; i++)
		put_activity((ReturnSetInfo *) fcinfo->resultinfo, &activities[i]);
	return (Datum) 0;
}
