/*
 * snapshot.c
 *		crm_fdw.create_snapshot() and drop_snapshot().
 *
 * Objects are made as the caller, who owns them from then on.  A snapshot that is
 * a table is read through a view beside it: so the filter is parsed once, and
 * dropping a column that the snapshot needs is refused as long as it is there.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "admin/copy.h"
#include "admin/jobs.h"
#include "admin/locks.h"
#include "admin/refresh.h"
#include "admin/sources.h"
#include "admin/sql.h"
#include "base/report.h"
#include "base/texts.h"

PG_FUNCTION_INFO_V1(crm_fdw_create_snapshot);
PG_FUNCTION_INFO_V1(crm_fdw_drop_snapshot);

/* A complete read of an incremental snapshot, where the user names no interval. */
#define DEFAULT_FULL_EVERY	"7 days"

/* Longest wait for a refresh of the same account. */
#define LONGEST_WAIT_MS		(3600 * INT64CONST(1000))

/* What create_snapshot() was asked for. */
typedef struct Request
{
	Oid			source;
	const char *schema;
	const char *table;
	CrmMode		mode;
	List	   *columns;		/* NIL = all that there should be */
	const char *filter;			/* NULL = none */
	TimestampTz since;			/* CRM_NO_TIME = none */
	Interval   *lookback;		/* NULL = the catalogue's */
	Interval   *full_every;
	bool		with_data;
	CrmShape   *shape;
} Request;

static Interval *
parse_interval(const char *text)
{
	return DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

static bool
is_negative(const Interval *interval)
{
	Interval	zero = {0};

	return DatumGetBool(DirectFunctionCall2(interval_lt, PointerGetDatum(interval), PointerGetDatum(&zero)));
}

static void
parse_target(Request *request, text *target)
{
	List	   *names = textToQualifiedNameList(target);

	if (list_length(names) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_SCHEMA_DEFINITION),
				 errmsg("target \"%s\" must be qualified with a schema", text_to_cstring(target)),
				 errhint("Write 'schema.name'.")));
	request->schema = strVal(linitial(names));
	request->table = strVal(lsecond(names));
}

/*
 * A filter is one expression and nothing else: it becomes a part of a view, which
 * must not end before its time.
 */
static void
check_filter(const char *filter)
{
	List	   *statements = raw_parser(filter, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);

	if (list_length(statements) != 1 || list_length(select->targetList) != 1 ||
		linitial_node(ResTarget, select->targetList)->name != NULL ||
		select->distinctClause || select->intoClause || select->fromClause || select->whereClause ||
		select->groupClause || select->havingClause || select->windowClause || select->valuesLists ||
		select->sortClause || select->limitOffset || select->limitCount || select->lockingClause ||
		select->withClause || select->op != SETOP_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("filter is not one boolean expression"),
				 errhint("Write what would stand behind WHERE, e.g. 'status_label = ''open'''.")));
}

static void
parse_columns(Request *request, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("columns must not hold NULL")));
		request->columns = lappend(request->columns, TextDatumGetCString(elements[i]));
	}
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("columns must not be empty"),
				 errhint("NULL stands for all columns.")));
}

static void
require(bool given, const char *what)
{
	if (!given)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be NULL", what)));
}

static void
parse_request(FunctionCallInfo fcinfo, Request *request)
{
	const char *mode;

	require(!PG_ARGISNULL(0), "source");
	require(!PG_ARGISNULL(1), "target");
	require(!PG_ARGISNULL(2), "mode");
	require(!PG_ARGISNULL(8), "with_data");
	request->source = PG_GETARG_OID(0);
	parse_target(request, PG_GETARG_TEXT_PP(1));
	mode = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (!crm_mode_parse(mode, &request->mode))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no mode \"%s\"", mode),
				 errhint("Modes are replace, incremental, append and history.")));
	if (!PG_ARGISNULL(3))
		parse_columns(request, PG_GETARG_ARRAYTYPE_P(3));
	if (!PG_ARGISNULL(4))
	{
		request->filter = text_to_cstring(PG_GETARG_TEXT_PP(4));
		check_filter(request->filter);
	}
	request->since = PG_ARGISNULL(5) ? CRM_NO_TIME : PG_GETARG_TIMESTAMPTZ(5);
	request->lookback = PG_ARGISNULL(6) ? NULL : PG_GETARG_INTERVAL_P(6);
	request->full_every = PG_ARGISNULL(7) ? NULL : PG_GETARG_INTERVAL_P(7);
	request->with_data = PG_GETARG_BOOL(8);
	if ((request->lookback && is_negative(request->lookback)) ||
		(request->full_every && is_negative(request->full_every)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lookback and full_every must not be negative")));
}

/* All columns, but for those that would make every row look changed. */
static List *
default_columns(const Request *request)
{
	const CrmShape *shape = request->shape;
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, shape->columns)
	{
		const char *name = lfirst(lc);

		if (crm_texts_have(shape->fleeting, name) ||
			(request->mode == CRM_MODE_HISTORY && shape->raw != NULL && strcmp(shape->raw, name) == 0))
			continue;
		columns = lappend(columns, (void *) name);
	}
	return columns;
}

static void
check_columns(const Request *request)
{
	const CrmShape *shape = request->shape;
	ListCell   *lc;

	foreach(lc, request->columns)
	{
		if (!crm_texts_have(shape->columns, lfirst(lc)))
		{
			const char **names = palloc(sizeof(char *) * list_length(shape->columns));
			const char *near;
			int			n = 0;
			ListCell   *known;

			foreach(known, shape->columns)
				names[n++] = lfirst(known);
			near = crm_nearest(lfirst(lc), names, n);
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("%s has no column \"%s\"", crm_relation_name(request->source),
							(char *) lfirst(lc)),
					 near ? errhint("Perhaps you meant \"%s\".", near) : 0));
		}
	}
	foreach(lc, shape->key)
	{
		if (!crm_texts_have(request->columns, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("columns lack \"%s\", which is part of the key", (char *) lfirst(lc)),
					 errhint("Rows are found by %s.", crm_join(shape->key, ", ", true))));
	}
}

static const char *
target_name(const Request *request)
{
	return quote_qualified_identifier(request->schema, request->table);
}

/* Will refreshes read what changed, and only from time to time everything? */
static bool
reads_changes(const Request *request)
{
	return request->shape->bounded &&
		(request->mode == CRM_MODE_INCREMENTAL ||
		 (request->mode == CRM_MODE_HISTORY && request->full_every != NULL));
}

/* Columns that a partial read needs are added to those the user named. */
static void
add_column(Request *request, const char *name)
{
	if (name == NULL || crm_texts_have(request->columns, name))
		return;
	ereport(NOTICE,
			(errmsg("column \"%s\" is added: incremental reads and deletes are found by it", name)));
	request->columns = lappend(request->columns, (void *) name);
}

/*
 * A filter may also be shown as a column of a view, where more is allowed than
 * in a condition: other types, sets, window functions.
 */
static void
check_condition(const Request *request)
{
	if (request->filter != NULL)
		crm_sql_check(psprintf("SELECT FROM %s WHERE (%s\n)", crm_relation_name(request->source),
							   request->filter));
}

/* 0A000 for what the entity cannot do; completes the request. */
static void
check_request(Request *request)
{
	const CrmShape *shape = request->shape;
	bool		keyed = request->mode == CRM_MODE_INCREMENTAL || request->mode == CRM_MODE_HISTORY;

	if (keyed && shape->key == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has no key, so there can be no %s snapshot of it",
						crm_relation_name(request->source), crm_mode_name(request->mode)),
				 errhint("Modes replace and append need none.")));
	if (request->since != CRM_NO_TIME && shape->cursor == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has no column that tells when a row changed, so since cannot be used",
						crm_relation_name(request->source)),
				 errhint("filter takes a condition on any column.")));
	if (!keyed && (request->lookback || request->full_every))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lookback and full_every are of no use for mode %s", crm_mode_name(request->mode)),
				 errhint("Each refresh of it reads everything.")));
	if (request->columns == NIL)
		request->columns = default_columns(request);
	check_columns(request);
	check_condition(request);
	if (reads_changes(request))
		add_column(request, shape->cursor);
	else if (request->mode == CRM_MODE_INCREMENTAL || request->full_every != NULL)
		ereport(NOTICE,
				(errmsg("each refresh of %s will read everything: %s cannot be asked for what changed",
						target_name(request), crm_relation_name(request->source)),
				 errdetail("lookback and full_every have no effect.")));
	if (keyed)
		add_column(request, shape->age);
}

static char *
source_columns(const Request *request)
{
	return crm_join(request->columns, ", ", true);
}

/* " WHERE cursor >= since AND (filter)", or nothing. */
static char *
source_condition(const Request *request, bool with_filter)
{
	StringInfoData condition;

	initStringInfo(&condition);
	if (request->since != CRM_NO_TIME)
		appendStringInfo(&condition, " WHERE %s >= %s::pg_catalog.timestamptz",
						 quote_identifier(request->shape->cursor),
						 quote_literal_cstr(timestamptz_to_str(request->since)));
	/* A comment at the end of the filter ends with its line. */
	if (with_filter && request->filter != NULL)
		appendStringInfo(&condition, "%s (%s\n)", condition.len > 0 ? " AND" : " WHERE", request->filter);
	return condition.data;
}

static Oid
relation_oid(const char *schema, const char *table)
{
	return get_relname_relid(table, get_namespace_oid(schema, false));
}

/* mode replace: a materialized view with a unique index on the key. */
static Oid
create_view_snapshot(const Request *request)
{
	crm_sql(psprintf("CREATE MATERIALIZED VIEW %s AS SELECT %s FROM %s%s WITH NO DATA",
					 target_name(request), source_columns(request), crm_relation_name(request->source),
					 source_condition(request, true)), NULL);
	if (request->shape->key != NIL)
		crm_sql(psprintf("CREATE UNIQUE INDEX ON %s (%s)", target_name(request),
						 crm_join(request->shape->key, ", ", true)), NULL);
	else
		ereport(NOTICE,
				(errmsg("%s has no key: while %s is refreshed, readers wait",
						crm_relation_name(request->source), target_name(request))));
	return relation_oid(request->schema, request->table);
}

/* The view that a table is read through. */
static Oid
create_source_view(const Request *request)
{
	bool		marks = request->filter != NULL && request->mode != CRM_MODE_APPEND;
	char	   *name = ChooseRelationName(request->table, NULL, "source",
										  get_namespace_oid(request->schema, false), false);

	crm_sql(psprintf("CREATE VIEW %s AS SELECT %s%s FROM %s%s",
					 quote_qualified_identifier(request->schema, name), source_columns(request),
					 marks ? psprintf(", (%s\n) AS " CRM_MATCHES_COLUMN, request->filter) : "",
					 crm_relation_name(request->source), source_condition(request, !marks)), NULL);
	return relation_oid(request->schema, name);
}

/* A table in the shape of its mode, and the view beside it. */
static Oid
create_table_snapshot(const Request *request, Oid *view)
{
	const char *target = target_name(request);
	const char *columns = source_columns(request);
	const char *key = crm_join(request->shape->key, ", ", true);
	const char *before = "";
	const char *after = "";
	Oid			table;
	ObjectAddress view_address;
	ObjectAddress table_address;

	*view = create_source_view(request);
	if (request->mode == CRM_MODE_APPEND)
		before = "NULL::pg_catalog.timestamptz AS snapshot_at, ";
	else if (request->mode == CRM_MODE_HISTORY)
		after = ", NULL::pg_catalog.timestamptz AS valid_from, NULL::pg_catalog.timestamptz AS valid_to";
	crm_sql(psprintf("CREATE TABLE %s AS SELECT %s%s%s FROM %s WITH NO DATA", target, before, columns, after,
					 crm_relation_name(*view)), NULL);
	switch (request->mode)
	{
		case CRM_MODE_INCREMENTAL:
			crm_sql(psprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", target, key), NULL);
			break;
		case CRM_MODE_APPEND:
			crm_sql(psprintf("ALTER TABLE %s ALTER snapshot_at SET NOT NULL", target), NULL);
			if (request->shape->key != NIL)
				crm_sql(psprintf("ALTER TABLE %s ADD PRIMARY KEY (snapshot_at, %s)", target, key), NULL);
			break;
		case CRM_MODE_HISTORY:
			crm_sql(psprintf("ALTER TABLE %s ADD is_current boolean GENERATED ALWAYS AS (valid_to IS NULL) STORED,"
							 " ADD PRIMARY KEY (%s, valid_from)", target, key), NULL);
			crm_sql(psprintf("CREATE UNIQUE INDEX ON %s (%s) WHERE valid_to IS NULL", target, key), NULL);
			break;
		case CRM_MODE_REPLACE:
			break;
	}
	table = relation_oid(request->schema, request->table);
	ObjectAddressSet(view_address, RelationRelationId, *view);
	ObjectAddressSet(table_address, RelationRelationId, table);
	recordDependencyOn(&view_address, &table_address, DEPENDENCY_AUTO);
	return table;
}

static Oid
create_objects(const Request *request, CrmSettings *settings)
{
	const CrmShape *shape = request->shape;
	const CrmEntity *entity = shape->entity;
	Oid			relation;

	crm_ledger_load(InvalidOid, settings);
	if (request->mode == CRM_MODE_REPLACE)
		relation = create_view_snapshot(request);
	else
		relation = create_table_snapshot(request, &settings->view);
	settings->relation = relation;
	settings->mode = request->mode;
	settings->source = request->source;
	settings->filtered = request->filter != NULL;
	settings->fleeting = shape->fleeting;
	settings->raw = shape->raw;
	settings->fleeting_paths = shape->fleeting_paths;
	settings->bounded = reads_changes(request);
	settings->cursor = settings->bounded ? shape->cursor : NULL;
	settings->age = shape->age && crm_texts_have(request->columns, shape->age) ? shape->age : NULL;
	/* Without the column nobody can tell a row that is gone from one that is old. */
	settings->best_effort = entity->completeness == CRM_COMPLETE_BEST_EFFORT ||
		(entity->window != NULL && settings->age == NULL);
	if (settings->bounded)
	{
		settings->lookback = request->lookback;
		if (settings->lookback == NULL && entity->lookback != NULL)
			settings->lookback = parse_interval(entity->lookback);
		settings->full_every = request->full_every ? request->full_every : parse_interval(DEFAULT_FULL_EVERY);
	}
	return relation;
}

/* Locks the accounts for the rest of the transaction. */
static void
lock_accounts(const CrmSettings *settings)
{
	List	   *budgets = crm_source_budgets(crm_sources(OidIsValid(settings->view) ? settings->view :
														 settings->relation));
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LONGEST_WAIT_MS);

	while (!crm_lock_accounts(budgets, CRM_LOCK_TRANSACTION))
	{
		if (GetCurrentTimestamp() >= until)
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("another refresh of the same account took too long"),
					 errhint("crm_fdw.refresh_log shows which one runs. With with_data => false "
							 "the snapshot is made now and filled by its first refresh.")));
		crm_pause(250);
	}
}

/* The first rows, logged like any refresh. */
static void
fill(const CrmSettings *settings)
{
	CrmCounts	before = crm_stats_session();
	CrmCounts	cost;
	CrmOutcome	outcome;
	bool		rejected = false;
	int64		run = crm_ledger_next_run();

	lock_accounts(settings);
	crm_ledger_begin_run(run, settings->relation, settings->mode, "running");
	crm_refresh_work(settings, false, &outcome, &rejected);
	cost = crm_cost_since(&before);
	crm_ledger_end_run(run, "ok", &outcome, &cost, NULL);
}

Datum
crm_fdw_create_snapshot(PG_FUNCTION_ARGS)
{
	Request		request = {0};
	CrmSettings settings;
	Oid			relation;

	parse_request(fcinfo, &request);
	SPI_connect();
	if (get_rel_name(request.source) == NULL || !crm_is_foreign_table(request.source))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a foreign table of crm_fdw",
						get_rel_name(request.source) ? crm_relation_name(request.source) : "source"),
				 errhint("A query is kept by CREATE MATERIALIZED VIEW, and that by crm_fdw.schedule_refresh().")));
	request.shape = crm_shape(request.source);
	check_request(&request);
	relation = create_objects(&request, &settings);
	/* Numbers of relations come again, and DROP left what was known of the last one. */
	crm_ledger_forget(relation);
	crm_ledger_store(&settings);
	CommandCounterIncrement();
	if (request.with_data)
		fill(&settings);
	SPI_finish();
	PG_RETURN_OID(relation);
}

Datum
crm_fdw_drop_snapshot(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	CrmSettings settings;
	const char *name;

	SPI_connect();
	name = crm_relation_name(relid);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	crm_check_owner(relid);
	if (!crm_ledger_load(relid, &settings) || !OidIsValid(settings.source))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a snapshot", name),
				 errhint("crm_fdw.snapshots lists them; DROP drops other relations.")));
	if (settings.scheduled)
		crm_job_remove(&settings);
	crm_sql(psprintf("DROP %s %s", get_rel_relkind(relid) == RELKIND_MATVIEW ? "MATERIALIZED VIEW" : "TABLE",
					 name), NULL);
	/* It went with the table, unless that was restored from a dump. */
	CommandCounterIncrement();
	if (OidIsValid(settings.view) && get_rel_name(settings.view) != NULL)
		crm_sql(psprintf("DROP VIEW %s", crm_relation_name(settings.view)), NULL);
	crm_ledger_forget(relid);
	SPI_finish();
	PG_RETURN_VOID();
}
