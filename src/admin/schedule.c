/*
 * schedule.c
 *		crm_fdw.schedule_refresh(), unschedule_refresh() and schedule_recommended():
 *		how often a copy is refreshed, and when.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "admin/cadence.h"
#include "admin/clock.h"
#include "admin/copy.h"
#include "admin/jobs.h"
#include "admin/locks.h"
#include "admin/refresh.h"
#include "admin/schedule.h"
#include "admin/sources.h"
#include "admin/sql.h"
#include "admin/stagger.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(crm_fdw_schedule_refresh);
PG_FUNCTION_INFO_V1(crm_fdw_unschedule_refresh);
PG_FUNCTION_INFO_V1(crm_fdw_schedule_recommended);
PG_FUNCTION_INFO_V1(crm_fdw_next_run);

/* Zones and offsets are read a year ahead; two zones differ in a few ways only. */
#define MOST_OFFSETS	8

/* Where nobody has said otherwise. */
#define DEFAULT_OFF_PEAK_START	(1 * USECS_PER_HOUR)
#define DEFAULT_OFF_PEAK_END	(5 * USECS_PER_HOUR)

/* A copy to find a time for. */
typedef struct Placement
{
	CrmSettings settings;
	List	   *budgets;
	CrmCadence	cadence;
	const char *schedule;		/* found */
	const char *reason;			/* why then */
} Placement;

/* The minutes of the day at which jobs may run, on pg_cron's clock. */
typedef struct OffPeak
{
	bool		allowed[CRM_STAGGER_DAY];
	bool		all_year;		/* they lie within the hours in summer and in winter */
} OffPeak;

double
crm_schedule_period(const CrmSettings *settings)
{
	CrmCronExpr expr;

	if (!settings->scheduled || !crm_cron_parse(settings->schedule, &expr))
		return 0;
	return (double) crm_cron_period(&expr, crm_clock_minute(GetCurrentTimestamp(),
															 crm_clock_zone(crm_jobs_time_zone())));
}

/*
 * crm_fdw.next_run(schedule, after): the first moment after "after" at which
 * pg_cron starts it; NULL if that is never or the schedule is not understood.
 */
Datum
crm_fdw_next_run(PG_FUNCTION_ARGS)
{
	TimestampTz after = PG_GETARG_TIMESTAMPTZ(1);
	pg_tz	   *zone = crm_clock_zone(crm_jobs_time_zone());
	CrmCronExpr expr;
	int64		minute;

	if (TIMESTAMP_NOT_FINITE(after) ||
		!crm_cron_parse(text_to_cstring(PG_GETARG_TEXT_PP(0)), &expr))
		PG_RETURN_NULL();
	if (expr.seconds > 0)
		PG_RETURN_TIMESTAMPTZ(after + expr.seconds * USECS_PER_SEC);
	minute = crm_clock_minute(after, zone);
	do
	{
		if (!crm_cron_next(&expr, minute + 1, &minute))
			PG_RETURN_NULL();
	} while (crm_clock_moment(minute, zone) <= after);
	PG_RETURN_TIMESTAMPTZ(crm_clock_moment(minute, zone));
}

/* The first whole minute of the day at or after a time. */
static int
first_minute(int64 time)
{
	return (int) ((time + USECS_PER_MINUTE - 1) / USECS_PER_MINUTE);
}

static void
find_off_peak(const CrmSettings *settings, OffPeak *off_peak)
{
	TimestampTz now = GetCurrentTimestamp();
	pg_tz	   *cron = crm_clock_zone(crm_jobs_time_zone());
	int			start = first_minute(settings->off_peak_start);
	int			end = first_minute(settings->off_peak_end);
	int			offsets[MOST_OFFSETS];
	int			n = crm_clock_offsets(now, crm_clock_zone(settings->time_zone), cron, offsets, MOST_OFFSETS);
	bool		without_jumps[CRM_STAGGER_DAY];

	off_peak->all_year = crm_stagger_allowed(start, end, offsets, n, off_peak->allowed);
	/* Too short for summer and winter: what holds now has to do. */
	if (!off_peak->all_year)
		crm_stagger_allowed(start, end, offsets, 1, off_peak->allowed);

	memcpy(without_jumps, off_peak->allowed, sizeof(without_jumps));
	crm_clock_clear_jumps(now, cron, without_jumps);
	if (memchr(without_jumps, true, sizeof(without_jumps)) != NULL)
		memcpy(off_peak->allowed, without_jumps, sizeof(without_jumps));
}

static bool
share_budget(List *a, List *b)
{
	ListCell   *left;
	ListCell   *right;

	foreach(left, a)
	{
		foreach(right, b)
		{
			if (*(uint64 *) lfirst(left) == *(uint64 *) lfirst(right))
				return true;
		}
	}
	return false;
}

/* What crm_guarded() finds the budgets of. */
typedef struct BudgetSearch
{
	const CrmSettings *settings;
	List	   *budgets;
} BudgetSearch;

static void
search_budgets(void *arg)
{
	BudgetSearch *search = arg;

	search->budgets = crm_source_budgets(crm_sources(OidIsValid(search->settings->view) ?
													 search->settings->view : search->settings->relation));
}

/*
 * The budgets that the copy's refresh draws from; none if it cannot be refreshed
 * as it is, which is nobody else's trouble.
 */
static List *
budgets_of(const CrmSettings *settings)
{
	BudgetSearch search = {.settings = settings};

	return crm_guarded(search_budgets, &search) == NULL ? search.budgets : NIL;
}

/* The times taken on the plan's accounts by copies other than those left out. */
static void
find_taken(const Placement *plan, List *left_out, CrmStagger *taken)
{
	ListCell   *lc;

	crm_stagger_init(taken);
	foreach(lc, crm_ledger_relations())
	{
		CrmSettings other;
		CrmCronExpr job;

		if (lfirst_oid(lc) == plan->settings.relation || list_member_oid(left_out, lfirst_oid(lc)))
			continue;
		crm_ledger_load(lfirst_oid(lc), &other);
		if (other.scheduled && crm_cron_parse(other.schedule, &job) &&
			share_budget(plan->budgets, budgets_of(&other)))
			crm_stagger_take(taken, &job);
	}
}

/* "02:17 GMT, 03:17 Europe/Paris" of a daily or weekly schedule's next run. */
static char *
both_clocks(const Placement *plan, int phase)
{
	const char *cron_zone = crm_jobs_time_zone();
	pg_tz	   *cron = crm_clock_zone(cron_zone);
	pg_tz	   *local = crm_clock_zone(plan->settings.time_zone);
	int64		today = crm_clock_minute(GetCurrentTimestamp(), cron) / CRM_STAGGER_DAY * CRM_STAGGER_DAY;
	TimestampTz moment = crm_clock_moment(today + phase % CRM_STAGGER_DAY, cron);
	int			minute = (int) (crm_clock_minute(moment, local) % CRM_STAGGER_DAY);
	char	   *there = psprintf("%02d:%02d %s", phase % CRM_STAGGER_DAY / 60, phase % 60, cron_zone);

	if (strcmp(cron_zone, plan->settings.time_zone) == 0)
		return there;
	return psprintf("%s, which is %02d:%02d %s now", there, minute / 60, minute % 60, plan->settings.time_zone);
}

/* Finds the minute, and for daily and rarer jobs the hour, of a periodic job. */
static void
place(Placement *plan, List *left_out)
{
	int			period = plan->cadence.minutes;
	bool		daily = period >= CRM_STAGGER_DAY;
	CrmStagger *taken = palloc(sizeof(CrmStagger));
	OffPeak    *off_peak = palloc(sizeof(OffPeak));
	int			lattice = plan->budgets ? (int) (*(uint64 *) linitial(plan->budgets) % CRM_STAGGER_APART) : 0;
	int			phase;

	/* Two at a time would find the same minute free. */
	crm_lock_plans(plan->budgets);
	find_taken(plan, left_out, taken);
	find_off_peak(&plan->settings, off_peak);
	phase = crm_stagger_choose(taken, period, daily ? off_peak->allowed : NULL,
							   daily ? NULL : off_peak->allowed, lattice);
	plan->schedule = crm_stagger_schedule(period, phase);
	plan->reason = psprintf("%s%s", plan->cadence.reason, daily ? psprintf("; off-peak: %s", both_clocks(plan, phase)) : "");
	if (daily && !off_peak->all_year)
		ereport(NOTICE,
				(errmsg("the off-peak hours of %s are too short to hold in summer and winter",
						crm_relation_name(plan->settings.relation)),
				 errdetail("pg_cron's clock is that of %s. The time suits the present offset of %s.",
						   crm_jobs_time_zone(), plan->settings.time_zone),
				 errhint("Longer off-peak hours, or scheduling again after the change, help.")));
}

/* Makes or changes the job and remembers it. */
static void
commit_plan(Placement *plan)
{
	plan->settings.job_id = crm_job_put(&plan->settings, plan->schedule);
	plan->settings.scheduled = true;
	plan->settings.schedule = plan->schedule;
	crm_ledger_store(&plan->settings);
}

/* What the copy reads; 42809 if that is no CRM. */
static List *
sources_of(const CrmSettings *settings)
{
	List	   *sources = crm_sources(OidIsValid(settings->view) ? settings->view : settings->relation);

	if (sources == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s reads no foreign table of crm_fdw", crm_relation_name(settings->relation)),
				 errhint("What it reads through functions is not seen. cron.schedule() schedules any statement.")));
	return sources;
}

/*
 * The statement that would let readers read on during a refresh; columns that
 * come from the keys of sources are proposed.
 */
static void
warn_of_waiting_readers(const CrmSettings *settings, List *sources)
{
	List	   *key = crm_view_key(settings->relation, sources);

	if (settings->mode != CRM_MODE_REPLACE || crm_has_usable_index(settings->relation))
		return;
	ereport(WARNING,
			(errmsg("readers of %s wait while it is refreshed, because it has no unique index",
					crm_relation_name(settings->relation)),
			 errhint("Run CREATE UNIQUE INDEX ON %s (%s);", crm_relation_name(settings->relation),
					 key ? crm_join(key, ", ", true) : "columns that tell its rows apart")));
}

/* Off-peak hours and time zone as they are where nothing was scheduled before. */
static void
set_defaults(CrmSettings *settings)
{
	settings->off_peak_start = DEFAULT_OFF_PEAK_START;
	settings->off_peak_end = DEFAULT_OFF_PEAK_END;
	settings->time_zone = GetConfigOption("TimeZone", false, false);
}

/* How often: as the user said, or as the entities' cadence has it. */
static void
choose_cadence(Placement *plan, List *sources)
{
	if (plan->settings.every != NULL)
		plan->cadence = crm_cadence_chosen(plan->settings.every);
	else
		plan->cadence = crm_cadence_recommended(&plan->settings, sources);
}

static void
read_arguments(FunctionCallInfo fcinfo, CrmSettings *settings)
{
	set_defaults(settings);
	settings->every = PG_ARGISNULL(1) ? NULL : PG_GETARG_INTERVAL_P(1);
	settings->custom = !PG_ARGISNULL(2);
	if (settings->every != NULL && settings->custom)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("every and schedule exclude each other"),
				 errhint("With every, minute and hour are chosen so that they suit the account; "
						 "schedule is taken as it is.")));
	if (!PG_ARGISNULL(3))
		settings->off_peak_start = PG_GETARG_TIMEADT(3);
	if (!PG_ARGISNULL(4))
		settings->off_peak_end = PG_GETARG_TIMEADT(4);
	if (settings->off_peak_start != settings->off_peak_end &&
		first_minute(settings->off_peak_start) == first_minute(settings->off_peak_end))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no minute begins within the off-peak hours"),
				 errhint("The same time twice is a whole day.")));
	settings->max_shrink = PG_ARGISNULL(5) ? -1 : PG_GETARG_FLOAT4(5);
	settings->min_rows = PG_ARGISNULL(6) ? -1 : PG_GETARG_INT64(6);
	settings->retries = PG_ARGISNULL(7) ? 3 : PG_GETARG_INT32(7);
	if (!PG_ARGISNULL(5) && !(settings->max_shrink >= 0 && settings->max_shrink <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_shrink must be between 0 and 1"),
				 errhint("It is the share of rows that may be lost from one refresh to the next; 1 allows any loss.")));
	if (!PG_ARGISNULL(6) && settings->min_rows < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("min_rows must not be negative")));
	if (settings->retries < 0 || settings->retries > 10)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("retries must be between 0 and 10")));
}

Datum
crm_fdw_schedule_refresh(PG_FUNCTION_ARGS)
{
	Placement		plan = {0};
	List	   *sources;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("relation must not be NULL")));
	SPI_connect();
	crm_refresh_settings(PG_GETARG_OID(0), &plan.settings);
	sources = sources_of(&plan.settings);
	read_arguments(fcinfo, &plan.settings);
	if (plan.settings.custom)
		plan.schedule = text_to_cstring(PG_GETARG_TEXT_PP(2));
	else
	{
		choose_cadence(&plan, sources);
		plan.budgets = budgets_of(&plan.settings);
		place(&plan, NIL);
	}
	commit_plan(&plan);
	warn_of_waiting_readers(&plan.settings, sources);
	SPI_finish();
	PG_RETURN_INT64(plan.settings.job_id);
}

Datum
crm_fdw_unschedule_refresh(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	CrmSettings settings;
	bool		removed = false;

	SPI_connect();
	crm_refresh_settings(relid, &settings);
	if (settings.scheduled)
	{
		removed = crm_job_remove(&settings);
		settings.scheduled = false;
		crm_ledger_store(&settings);
	}
	SPI_finish();
	PG_RETURN_BOOL(removed);
}

/*
 * The copies in a schema that read a CRM and that the caller may schedule.
 * Foreign tables are named in a NOTICE: people expect them here.
 */
static List *
copies_in(const char *schema)
{
	CrmArgs		args = {.n = 0};
	List	   *copies = NIL;
	int			n;
	Oid		   *relations;
	int			foreign_tables = 0;

	crm_args_add(&args, OIDOID, ObjectIdGetDatum(get_namespace_oid(schema, false)), false);
	n = (int) crm_sql("SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.relnamespace = $1"
					  " AND c.relkind IN ('m', 'r', 'p', 'f') ORDER BY c.relname", &args);
	relations = palloc(sizeof(Oid) * Max(n, 1));
	for (int i = 0; i < n; i++)
		relations[i] = DatumGetObjectId(crm_sql_value(i, 1, NULL));
	for (int i = 0; i < n; i++)
	{
		CrmSettings settings;
		char		relkind = get_rel_relkind(relations[i]);
		bool		known = crm_ledger_load(relations[i], &settings);

		if (relkind == RELKIND_FOREIGN_TABLE)
			foreign_tables += crm_is_foreign_table(relations[i]) ? 1 : 0;
		else if (!known && (relkind != RELKIND_MATVIEW || crm_sources(relations[i]) == NIL))
			continue;
		else if (!crm_may_maintain(relations[i], GetUserId()))
			ereport(NOTICE,
					(errmsg("%s is left out: it belongs to another role", crm_relation_name(relations[i]))));
		else
			copies = lappend_oid(copies, relations[i]);
	}
	if (foreign_tables > 0)
		ereport(NOTICE,
				(errmsg_plural("schema \"%s\" has %d foreign table, which cannot be scheduled",
							   "schema \"%s\" has %d foreign tables, which cannot be scheduled",
							   foreign_tables, schema, foreign_tables),
				 errhint("crm_fdw.create_snapshot() and CREATE MATERIALIZED VIEW make copies that can.")));
	return copies;
}

/* Jobs with more runs are placed first, and among equals the larger ones. */
static int
compare_plans(const ListCell *a, const ListCell *b)
{
	const Placement *left = lfirst(a);
	const Placement *right = lfirst(b);

	if (left->cadence.minutes != right->cadence.minutes)
		return left->cadence.minutes < right->cadence.minutes ? -1 : 1;
	if (left->cadence.is_large != right->cadence.is_large)
		return left->cadence.is_large ? -1 : 1;
	return left->settings.relation < right->settings.relation ? -1 : 1;
}

/* A plan for a copy; schedules that users wrote stay as they are. */
static Placement *
plan_for(Oid relid)
{
	Placement	   *plan = palloc0(sizeof(Placement));

	crm_refresh_settings(relid, &plan->settings);
	if (!plan->settings.scheduled)
		set_defaults(&plan->settings);
	if (plan->settings.scheduled && plan->settings.custom)
	{
		plan->schedule = plan->settings.schedule;
		plan->reason = "kept: schedule was chosen";
	}
	else
	{
		choose_cadence(plan, sources_of(&plan->settings));
		plan->budgets = budgets_of(&plan->settings);
	}
	return plan;
}

Datum
crm_fdw_schedule_recommended(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *unplaced = NIL;
	List	   *plans = NIL;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	foreach(lc, copies_in(NameStr(*PG_GETARG_NAME(0))))
	{
		Placement	   *plan = plan_for(lfirst_oid(lc));

		plans = lappend(plans, plan);
		if (plan->schedule == NULL)
			unplaced = lappend_oid(unplaced, lfirst_oid(lc));
	}
	list_sort(plans, compare_plans);
	foreach(lc, plans)
	{
		Placement	   *plan = lfirst(lc);
		Datum		values[3];
		bool		nulls[3] = {false};

		if (plan->schedule == NULL)
		{
			place(plan, unplaced);
			unplaced = list_delete_oid(unplaced, plan->settings.relation);
			warn_of_waiting_readers(&plan->settings, crm_sources(plan->settings.relation));
		}
		/* What is kept, too: in a restored database its job is another relation's. */
		commit_plan(plan);
		values[0] = ObjectIdGetDatum(plan->settings.relation);
		values[1] = CStringGetTextDatum(plan->schedule);
		values[2] = CStringGetTextDatum(plan->reason);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
