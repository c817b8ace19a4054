/*
 * ledger.c
 *		What the extension remembers of copies: settings, state, and one row per
 *		run of a refresh.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "admin/ledger.h"

static const char *const mode_names[] = {"replace", "incremental", "append", "history"};

const char *
crm_mode_name(CrmMode mode)
{
	return mode_names[mode];
}

bool
crm_mode_parse(const char *name, CrmMode *mode)
{
	for (int i = 0; i < lengthof(mode_names); i++)
	{
		if (strcmp(mode_names[i], name) == 0)
		{
			*mode = (CrmMode) i;
			return true;
		}
	}
	return false;
}

void
crm_ledger_assume_owner(CrmRole *before)
{
	Oid			table = get_relname_relid("refresh_settings", get_namespace_oid("crm_fdw", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table crm_fdw.refresh_settings does not exist"),
				 errhint("DROP EXTENSION crm_fdw and CREATE EXTENSION crm_fdw repair the extension.")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	crm_role_assume(before, owner, false);
}

/* crm_sql() on the extension's own tables. */
static uint64
own_sql(const char *statement, const CrmArgs *args)
{
	CrmRole		before;
	uint64		n;

	crm_ledger_assume_owner(&before);
	n = crm_sql(statement, args);
	crm_role_resume(&before);
	return n;
}

/* A text[] as a list; NULL is the empty list. */
static List *
texts_of(int row, int column)
{
	bool		isnull;
	Datum		value = crm_sql_value(row, column, &isnull);
	List	   *texts = NIL;
	Datum	   *elements;
	int			n;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &n);
	for (int i = 0; i < n; i++)
		texts = lappend(texts, TextDatumGetCString(elements[i]));
	return texts;
}

static Interval *
interval_of(int row, int column)
{
	bool		isnull;
	Datum		value = crm_sql_value(row, column, &isnull);
	Interval   *copy;

	if (isnull)
		return NULL;
	copy = palloc(sizeof(Interval));
	*copy = *DatumGetIntervalP(value);
	return copy;
}

static TimestampTz
time_of(int row, int column)
{
	return crm_sql_bigint(row, column, CRM_NO_TIME);
}

static Oid
oid_of(int row, int column)
{
	bool		isnull;
	Datum		value = crm_sql_value(row, column, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

static bool
bool_of(int row, int column)
{
	return DatumGetBool(crm_sql_value(row, column, NULL));
}

/*
 * What changed while the last read went on may have been on a page that was read
 * before, whatever later changes that read has seen: the next one goes back to
 * its begin, by a clock that may be somewhat ahead.
 *
 * A complete read is due full_every after the last one.  Of a copy that is
 * refreshed by a schedule it waits for the off-peak hours, a day at most.
 */
static const char *const load_query =
	"SELECT s.mode, s.source, s.view, s.filtered, s.bounded, s.cursor_column, s.age_column,"
	" s.fleeting, s.raw_column, s.fleeting_paths, s.best_effort, s.lookback, s.full_every,"
	" s.max_shrink, s.min_rows, s.retries, s.job_id IS NOT NULL, s.every, s.custom_schedule, s.schedule, s.time_zone,"
	" s.off_peak_start, s.off_peak_end, s.job_id,"
	" t.watermark, CASE WHEN t.watermark IS NOT NULL"
	"  THEN least(t.watermark, t.last_moment - interval '5 minutes') - coalesce(s.lookback, '0') END, t.last_moment, t.complete_rows,"
	" t.complete_at IS NULL OR s.full_every IS NULL OR now() >= t.complete_at + s.full_every AND"
	"  (s.job_id IS NULL OR now() >= t.complete_at + s.full_every + '1 day' OR"
	"   CASE WHEN s.off_peak_start < s.off_peak_end"
	"   THEN clock.now >= s.off_peak_start AND clock.now < s.off_peak_end"
	"   ELSE clock.now >= s.off_peak_start OR clock.now < s.off_peak_end END)"
	" FROM crm_fdw.refresh_settings s LEFT JOIN crm_fdw.refresh_states t ON t.relation = s.relation"
	" CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE coalesce(s.time_zone, 'GMT'))::time AS now) clock"
	" WHERE s.relation = $1";

static void
load_schedule(CrmSettings *settings)
{
	settings->scheduled = bool_of(0, 17);
	settings->every = interval_of(0, 18);
	settings->custom = bool_of(0, 19);
	settings->schedule = crm_sql_text(0, 20);
	settings->time_zone = crm_sql_text(0, 21);
	settings->off_peak_start = crm_sql_bigint(0, 22, 0);
	settings->off_peak_end = crm_sql_bigint(0, 23, 0);
	settings->job_id = crm_sql_bigint(0, 24, -1);
}

bool
crm_ledger_load(Oid relation, CrmSettings *settings)
{
	CrmArgs		args = {.n = 0};
	bool		isnull;
	Datum		max_shrink;

	memset(settings, 0, sizeof(*settings));
	settings->relation = relation;
	settings->max_shrink = -1;
	settings->min_rows = -1;
	/* Without a schedule somebody is likely to wait for the answer. */
	settings->retries = 1;
	settings->job_id = -1;
	settings->watermark = settings->from = settings->last_moment = CRM_NO_TIME;
	settings->complete_rows = -1;
	settings->complete_due = true;

	crm_args_relation(&args, relation);
	if (own_sql(load_query, &args) == 0)
		return false;
	crm_mode_parse(crm_sql_text(0, 1), &settings->mode);
	settings->source = oid_of(0, 2);
	settings->view = oid_of(0, 3);
	settings->filtered = bool_of(0, 4);
	settings->bounded = bool_of(0, 5);
	settings->cursor = crm_sql_text(0, 6);
	settings->age = crm_sql_text(0, 7);
	settings->fleeting = texts_of(0, 8);
	settings->raw = crm_sql_text(0, 9);
	settings->fleeting_paths = texts_of(0, 10);
	settings->best_effort = bool_of(0, 11);
	settings->lookback = interval_of(0, 12);
	settings->full_every = interval_of(0, 13);
	max_shrink = crm_sql_value(0, 14, &isnull);
	settings->max_shrink = isnull ? -1 : DatumGetFloat4(max_shrink);
	settings->min_rows = crm_sql_bigint(0, 15, -1);
	settings->retries = DatumGetInt32(crm_sql_value(0, 16, NULL));
	load_schedule(settings);
	settings->watermark = time_of(0, 25);
	settings->from = time_of(0, 26);
	settings->last_moment = time_of(0, 27);
	settings->complete_rows = crm_sql_bigint(0, 28, -1);
	settings->complete_due = bool_of(0, 29);
	return true;
}

void
crm_ledger_store(const CrmSettings *settings)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, settings->relation);
	crm_args_text(&args, crm_mode_name(settings->mode));
	crm_args_relation(&args, settings->source);
	crm_args_relation(&args, settings->view);
	crm_args_boolean(&args, settings->filtered);
	crm_args_boolean(&args, settings->bounded);
	crm_args_text(&args, settings->cursor);
	crm_args_text(&args, settings->age);
	crm_args_texts(&args, settings->fleeting);
	crm_args_text(&args, settings->raw);
	crm_args_texts(&args, settings->fleeting_paths);
	crm_args_boolean(&args, settings->best_effort);
	crm_args_interval(&args, settings->lookback);
	crm_args_interval(&args, settings->full_every);
	own_sql("INSERT INTO crm_fdw.refresh_settings AS s (relation, mode, source, view, filtered, bounded,"
			" cursor_column, age_column, fleeting, raw_column, fleeting_paths, best_effort, lookback, full_every)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
			" ON CONFLICT (relation) DO NOTHING", &args);

	memset(&args, 0, sizeof(args));
	crm_args_relation(&args, settings->relation);
	crm_args_add(&args, FLOAT4OID, Float4GetDatum(settings->max_shrink), settings->max_shrink < 0);
	crm_args_count(&args, settings->min_rows);
	crm_args_add(&args, INT4OID, Int32GetDatum(settings->retries), false);
	crm_args_interval(&args, settings->scheduled ? settings->every : NULL);
	crm_args_text(&args, settings->scheduled ? settings->schedule : NULL);
	crm_args_text(&args, settings->scheduled ? settings->time_zone : NULL);
	crm_args_add(&args, TIMEOID, TimeADTGetDatum(settings->off_peak_start), !settings->scheduled);
	crm_args_add(&args, TIMEOID, TimeADTGetDatum(settings->off_peak_end), !settings->scheduled);
	crm_args_add(&args, INT8OID, Int64GetDatum(settings->job_id), !settings->scheduled);
	crm_args_boolean(&args, settings->scheduled && settings->custom);
	own_sql("UPDATE crm_fdw.refresh_settings SET max_shrink = $2, min_rows = $3, retries = $4, every = $5,"
			" schedule = $6, time_zone = $7, off_peak_start = $8, off_peak_end = $9, job_id = $10,"
			" custom_schedule = $11, scheduled_at = CASE WHEN $10 IS NULL THEN NULL"
			" WHEN (job_id, schedule) = ($10, $6) THEN scheduled_at ELSE now() END WHERE relation = $1", &args);
}

List *
crm_ledger_relations(void)
{
	List	   *relations = NIL;
	int			n = (int) own_sql("SELECT s.relation FROM crm_fdw.refresh_settings s"
								  " JOIN pg_catalog.pg_class c ON c.oid = s.relation ORDER BY 1", NULL);

	for (int i = 0; i < n; i++)
		relations = lappend_oid(relations, oid_of(i, 1));
	return relations;
}

void
crm_ledger_forget(Oid relation)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relation);
	own_sql("DELETE FROM crm_fdw.refresh_settings WHERE relation = $1", &args);
	own_sql("DELETE FROM crm_fdw.refresh_states WHERE relation = $1", &args);
	own_sql("DELETE FROM crm_fdw.refresh_runs WHERE relation = $1", &args);
}

void
crm_ledger_keep(Oid relation, const CrmOutcome *outcome)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relation);
	crm_args_time(&args, outcome->watermark);
	crm_args_time(&args, outcome->moment);
	crm_args_boolean(&args, outcome->complete);
	crm_args_count(&args, outcome->seen);
	crm_args_count(&args, outcome->rows_after);
	own_sql("INSERT INTO crm_fdw.refresh_states AS t (relation, watermark, last_moment, complete_at, complete_rows, rows)"
			" VALUES ($1, $2, $3, CASE WHEN $4 THEN $3 END, $5, $6)"
			" ON CONFLICT (relation) DO UPDATE SET"
			" watermark = greatest(t.watermark, excluded.watermark), last_moment = excluded.last_moment,"
			" complete_at = coalesce(excluded.complete_at, t.complete_at),"
			" complete_rows = coalesce(excluded.complete_rows, t.complete_rows), rows = excluded.rows", &args);
}

int64
crm_ledger_next_run(void)
{
	CrmRole		before;
	int64		run;

	crm_ledger_assume_owner(&before);
	run = crm_sql_number("SELECT nextval('crm_fdw.refresh_runs_id_seq')", NULL);
	crm_role_resume(&before);
	return run;
}

void
crm_ledger_begin_run(int64 run, Oid relation, CrmMode mode, const char *status)
{
	CrmArgs		args = {.n = 0};

	crm_args_bigint(&args, run);
	crm_args_relation(&args, relation);
	crm_args_text(&args, crm_mode_name(mode));
	crm_args_text(&args, status);
	crm_args_add(&args, INT4OID, Int32GetDatum(MyProcPid), false);
	own_sql("INSERT INTO crm_fdw.refresh_runs (id, relation, mode, status, started_at, pid)"
			" VALUES ($1, $2, $3, $4, clock_timestamp(), $5)", &args);
}

void
crm_ledger_set_status(int64 run, const char *status, const char *message)
{
	CrmArgs		args = {.n = 0};

	crm_args_bigint(&args, run);
	crm_args_text(&args, status);
	crm_args_text(&args, message);
	own_sql("UPDATE crm_fdw.refresh_runs SET status = $2, message = $3 WHERE id = $1", &args);
}

void
crm_ledger_end_run(int64 run, const char *status, const CrmOutcome *outcome,
				   const CrmCounts *cost, const CrmRunError *error)
{
	CrmArgs		args = {.n = 0};
	CrmOutcome	unknown = CRM_OUTCOME_UNKNOWN;

	if (outcome == NULL)
		outcome = &unknown;
	crm_args_bigint(&args, run);
	crm_args_text(&args, status);
	crm_args_add(&args, BOOLOID, BoolGetDatum(outcome->complete), outcome->moment == CRM_NO_TIME);
	crm_args_count(&args, outcome->rows_before);
	crm_args_count(&args, outcome->rows_after);
	crm_args_count(&args, outcome->inserted);
	crm_args_count(&args, outcome->updated);
	crm_args_count(&args, outcome->deleted);
	crm_args_bigint(&args, cost->requests);
	crm_args_bigint(&args, cost->bytes);
	crm_args_bigint(&args, cost->throttled_ms);
	crm_args_text(&args, error ? unpack_sql_state(error->sqlstate) : NULL);
	crm_args_text(&args, error ? error->message : NULL);
	crm_args_text(&args, error ? error->hint : NULL);
	own_sql("UPDATE crm_fdw.refresh_runs SET finished_at = clock_timestamp(), status = $2, complete = $3,"
			" rows_before = $4, rows_after = $5, inserted = $6, updated = $7, deleted = $8,"
			" requests = $9, bytes = $10, rate_limit_wait = $11 * interval '1 millisecond',"
			" sqlstate = $12, message = $13, hint = $14 WHERE id = $1", &args);
}

List *
crm_ledger_open_runs(Oid relation)
{
	CrmArgs		args = {.n = 0};
	List	   *runs = NIL;
	int			n;

	crm_args_relation(&args, relation);
	n = (int) own_sql("SELECT id FROM crm_fdw.refresh_runs"
					  " WHERE relation = $1 AND status IN ('waiting', 'running')", &args);
	for (int i = 0; i < n; i++)
	{
		int64	   *run = palloc(sizeof(int64));

		*run = crm_sql_bigint(i, 1, 0);
		runs = lappend(runs, run);
	}
	return runs;
}

double
crm_ledger_usual_requests(Oid relation)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relation);
	own_sql("SELECT coalesce(avg(r.requests), -1)::float8 FROM (SELECT requests FROM crm_fdw.refresh_runs"
			" WHERE relation = $1 AND status = 'ok' ORDER BY id DESC LIMIT 10) r", &args);
	return DatumGetFloat8(crm_sql_value(0, 1, NULL));
}
