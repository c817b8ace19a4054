/*
 * cadence.c
 *		How often a copy is worth refreshing.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "admin/cadence.h"
#include "admin/sources.h"
#include "admin/sql.h"
#include "admin/stagger.h"

/* Most of an account's requests that one copy may take. */
#define LARGEST_SHARE	0.25

static double
minutes_of(const Interval *interval)
{
	return interval->month * 30.0 * CRM_STAGGER_DAY + interval->day * (double) CRM_STAGGER_DAY +
		interval->time / (double) USECS_PER_MINUTE;
}

/* "6 hours" */
static char *
period_text(int minutes)
{
	int			number = minutes;
	const char *unit = "minute";

	if (minutes % CRM_STAGGER_DAY == 0)
	{
		number = minutes / CRM_STAGGER_DAY;
		unit = "day";
	}
	else if (minutes % 60 == 0)
	{
		number = minutes / 60;
		unit = "hour";
	}
	return psprintf("%d %s%s", number, unit, number == 1 ? "" : "s");
}

CrmCadence
crm_cadence_chosen(const Interval *every)
{
	CrmCadence	cadence = {0};
	double		minutes = minutes_of(every);

	cadence.minutes = minutes >= 1 && minutes <= CRM_STAGGER_WEEK ? (int) minutes : 0;
	if (every->month != 0 || cadence.minutes != minutes || !crm_stagger_is_period(cadence.minutes))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a copy cannot be refreshed every %s",
						DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(every)))),
				 errdetail("Every 1 to 6, 10, 12, 15, 20 or 30 minutes, 1 to 4, 6, 8 or 12 hours, 1 or 7 days."),
				 errhint("The nearest is '%s'. The argument schedule takes any schedule of pg_cron.",
						 period_text(crm_stagger_nearest_period(minutes)))));
	cadence.reason = psprintf("every %s, as chosen", period_text(cadence.minutes));
	return cadence;
}

/* What crm_guarded() estimates. */
typedef struct Estimate
{
	Oid			relation;
	double		requests;		/* -1 = unknown */
} Estimate;

/*
 * The planner's guess for reading all of the view again, as its owner.  Planning
 * sends no request.
 */
static void
estimate_requests(void *arg)
{
	Estimate   *estimate = arg;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(estimate->relation));
	Oid			owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	CrmArgs		args = {.n = 0};
	CrmRole		caller;
	char	   *query;
	char	   *plan;

	ReleaseSysCache(tuple);
	crm_args_relation(&args, estimate->relation);
	crm_role_assume(&caller, owner, true);
	crm_sql("SELECT pg_get_viewdef($1)", &args);
	query = crm_sql_text(0, 1);
	crm_sql(psprintf("EXPLAIN (FORMAT JSON) %s", query), NULL);
	plan = crm_sql_text(0, 1);
	crm_role_resume(&caller);

	memset(&args, 0, sizeof(args));
	crm_args_text(&args, plan);
	crm_sql("SELECT coalesce(sum(r::text::float8), 0) FROM jsonb_path_query($1::jsonb,"
			" 'strict $.** ? (@.type() == \"object\" && exists (@.\"CRM Estimated Requests\"))"
			".\"CRM Estimated Requests\"') r", &args);
	estimate->requests = DatumGetFloat8(crm_sql_value(0, 1, NULL));
}

/* Requests of one refresh: as the last ones took, or else as planned; -1 = unknown. */
static double
requests_of(const CrmSettings *settings)
{
	Estimate	estimate = {.requests = crm_ledger_usual_requests(settings->relation)};

	estimate.relation = OidIsValid(settings->view) ? settings->view : settings->relation;
	if (estimate.requests < 0 && crm_guarded(estimate_requests, &estimate) != NULL)
		estimate.requests = -1;
	return estimate.requests;
}

/* An entity's cadence as a period that a job can have. */
static int
period_of(const CrmEntity *entity)
{
	Datum		interval = DirectFunctionCall3(interval_in, CStringGetDatum(crm_refresh_every(entity)),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));

	return crm_stagger_nearest_period(minutes_of(DatumGetIntervalP(interval)));
}

/* One of the entities that a copy reads. */
typedef struct Candidate
{
	int			minutes;
	const CrmApi *api;
	const CrmEntity *entity;
} Candidate;

static int
compare_candidates(const ListCell *a, const ListCell *b)
{
	return ((Candidate *) lfirst(a))->minutes - ((Candidate *) lfirst(b))->minutes;
}

CrmCadence
crm_cadence_recommended(const CrmSettings *settings, List *sources)
{
	CrmCadence	cadence = {0};
	double		requests = requests_of(settings);
	double		per_minute = crm_source_rate(sources);
	List	   *candidates = NIL;
	Candidate  *chosen;
	ListCell   *lc;

	foreach(lc, sources)
	{
		Candidate  *candidate = palloc(sizeof(Candidate));

		candidate->entity = crm_source_entity(((CrmSourceTable *) lfirst(lc))->table, &candidate->api);
		candidate->minutes = period_of(candidate->entity);
		candidates = lappend(candidates, candidate);
	}
	list_sort(candidates, compare_candidates);
	chosen = llast(candidates);
	foreach(lc, candidates)
	{
		Candidate  *candidate = lfirst(lc);

		if (requests <= LARGEST_SHARE * per_minute * candidate->minutes)
		{
			chosen = candidate;
			break;
		}
	}
	cadence.minutes = chosen->minutes;
	cadence.is_large = requests > CRM_LARGE_READ;
	cadence.reason = psprintf("every %s: %s \"%s\"%s", period_text(chosen->minutes), chosen->api->title,
							  chosen->entity->name,
							  chosen == linitial(candidates) ? "" :
							  ", because more often would take over a quarter of the account's requests");
	return cadence;
}
