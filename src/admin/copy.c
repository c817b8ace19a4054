/*
 * copy.c
 *		Bringing a copy up to date: the statements, by mode.
 *
 * A table is changed by one statement, which reads the API once: its rows are
 * kept in a materialized CTE, and the parts that update, insert and delete see
 * the same state of the table.  There are no temporary tables and no system
 * columns in it, so the table may be a distributed one.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "admin/copy.h"
#include "admin/sql.h"
#include "base/texts.h"

/* A table and what it is read through, as statements need them. */
typedef struct CopyTable
{
	const CrmSettings *settings;
	const char *name;			/* of the table, quoted */
	const char *view;
	List	   *columns;		/* of the view, which the table has, too */
	List	   *key;
	const char *key_list;		/* quoted and joined */
	const char *column_list;
	bool		filtered;		/* the view has CRM_MATCHES_COLUMN */
	bool		complete;
	bool		marked;			/* rows outside the filter are read, too */
} CopyTable;

static List *
names_from(const char *statement, Oid relid)
{
	CrmArgs		args = {.n = 0};
	List	   *names = NIL;
	int			n;

	crm_args_relation(&args, relid);
	n = (int) crm_sql(statement, &args);
	for (int i = 0; i < n; i++)
		names = lappend(names, crm_sql_text(i, 1));
	return names;
}

List *
crm_primary_key(Oid relid)
{
	return names_from("SELECT a.attname FROM pg_catalog.pg_index i"
					  " CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)"
					  " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
					  " WHERE i.indrelid = $1 AND i.indisprimary AND k.place <= i.indnkeyatts"
					  " ORDER BY k.place", relid);
}

bool
crm_has_usable_index(Oid relid)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relid);
	return crm_sql_number("SELECT count(*) FROM pg_catalog.pg_index"
						  " WHERE indrelid = $1 AND indisunique AND indimmediate AND indisvalid"
						  " AND indpred IS NULL AND indexprs IS NULL", &args) > 0;
}

/* 42804 unless the table still has each of the view's columns, with its type. */
static void
check_shape(const CopyTable *table)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, table->settings->view);
	crm_args_relation(&args, table->settings->relation);
	crm_args_text(&args, table->filtered ? CRM_MATCHES_COLUMN : "");
	if (crm_sql("SELECT v.attname, t.attname IS NULL FROM pg_catalog.pg_attribute v"
				" LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = $2 AND t.attname = v.attname"
				" AND NOT t.attisdropped"
				" WHERE v.attrelid = $1 AND v.attnum > 0 AND NOT v.attisdropped AND v.attname <> $3"
				" AND (t.atttypid IS DISTINCT FROM v.atttypid OR t.atttypmod IS DISTINCT FROM v.atttypmod)"
				" ORDER BY v.attnum", &args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of %s is not as its source has it",
						crm_sql_text(0, 1), table->name),
				 errdetail("%s reads it through the view %s.", table->name, table->view),
				 errhint("Make the column as the view has it, or make the snapshot anew: "
						 "crm_fdw.drop_snapshot(), then crm_fdw.create_snapshot().")));
}

static void
open_table(CopyTable *table, const CrmSettings *settings, bool complete)
{
	List	   *columns;
	ListCell   *lc;

	memset(table, 0, sizeof(*table));
	table->settings = settings;
	table->complete = complete;
	table->filtered = settings->filtered && settings->mode != CRM_MODE_APPEND;
	/* Where absence proves little, what has left the filter has to be seen. */
	table->marked = table->filtered && (!complete || settings->best_effort || settings->age != NULL);
	table->name = crm_relation_name(settings->relation);
	table->view = crm_relation_name(settings->view);
	if (table->view == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the view that %s is read through is gone", table->name),
				 errhint("It went with a column or table that it read. Make the snapshot anew: "
						 "crm_fdw.drop_snapshot(), then crm_fdw.create_snapshot().")));
	check_shape(table);
	columns = names_from("SELECT attname FROM pg_catalog.pg_attribute"
						 " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
						 settings->view);
	foreach(lc, columns)
	{
		if (!table->filtered || strcmp(lfirst(lc), CRM_MATCHES_COLUMN) != 0)
			table->columns = lappend(table->columns, lfirst(lc));
	}
	foreach(lc, crm_primary_key(settings->relation))
	{
		if (settings->mode != CRM_MODE_HISTORY || strcmp(lfirst(lc), "valid_from") != 0)
			table->key = lappend(table->key, lfirst(lc));
	}
	if (table->key == NIL && settings->mode != CRM_MODE_APPEND)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
				 errmsg("%s has lost its primary key", table->name),
				 errhint("Rows are found by it; ALTER TABLE ... ADD PRIMARY KEY brings it back.")));
	table->key_list = crm_join(table->key, ", ", true);
	table->column_list = crm_join(table->columns, ", ", true);
}

/*
 * The row of values that make a change, with a prefix before each column:
 * ROW(n.a, n.b).  Whole records are compared without what differs at every read;
 * a history ignores them, because they hold more than its columns.
 */
static char *
compared_row(const CopyTable *table, const char *prefix)
{
	const CrmSettings *settings = table->settings;
	StringInfoData row;
	ListCell   *lc;

	initStringInfo(&row);
	/* Rows of no columns cannot be compared. */
	appendStringInfoString(&row, "ROW(0");
	foreach(lc, table->columns)
	{
		const char *name = lfirst(lc);
		bool		is_raw = settings->raw != NULL && strcmp(name, settings->raw) == 0;
		ListCell   *path;

		if (crm_texts_have(table->key, name) || crm_texts_have(settings->fleeting, name) ||
			(is_raw && settings->mode == CRM_MODE_HISTORY))
			continue;
		appendStringInfo(&row, ", %s.%s", prefix, quote_identifier(name));
		if (!is_raw)
			continue;
		foreach(path, settings->fleeting_paths)
			appendStringInfo(&row, " #- %s", quote_literal_cstr(lfirst(path)));
	}
	appendStringInfoChar(&row, ')');
	return row.data;
}

/* "t.id = n.id AND ..." */
static char *
same_key(const CopyTable *table)
{
	StringInfoData condition;
	ListCell   *lc;

	initStringInfo(&condition);
	foreach(lc, table->key)
		appendStringInfo(&condition, "%st.%s = n.%s", foreach_current_index(lc) > 0 ? " AND " : "",
						 quote_identifier(lfirst(lc)), quote_identifier(lfirst(lc)));
	return condition.data;
}

/*
 * The rows that are read, as a CTE.  A partial read takes whatever changed since
 * $2, also what has left the filter.
 */
static void
append_new_rows(const CopyTable *table, StringInfo sql)
{
	appendStringInfo(sql, CRM_COPY_STATEMENT "SELECT %s%s FROM %s v", table->column_list,
					 table->marked ? ", " CRM_MATCHES_COLUMN : "", table->view);
	if (!table->complete)
		appendStringInfo(sql, " WHERE v.%s >= $2", quote_identifier(table->settings->cursor));
	else if (table->filtered && !table->marked)
		appendStringInfoString(sql, " WHERE v." CRM_MATCHES_COLUMN);
	appendStringInfoString(sql, ")");
}

/* Only rows within the filter. */
static const char *
and_matches(const CopyTable *table)
{
	return table->marked ? " AND n." CRM_MATCHES_COLUMN : "";
}

/*
 * Which rows t of the table are known to be gone: those that left the filter, and
 * in a complete read those that did not come, as far back as the oldest one that
 * did.  NULL if that is never known.
 */
static char *
gone(const CopyTable *table)
{
	const CrmSettings *settings = table->settings;
	char	   *outside = NULL;
	char	   *absent;

	if (table->marked)
		outside = psprintf("EXISTS (SELECT FROM new n WHERE %s AND n." CRM_MATCHES_COLUMN " IS NOT TRUE)",
						   same_key(table));
	if (!table->complete || settings->best_effort)
		return outside;
	absent = psprintf("NOT EXISTS (SELECT FROM new n WHERE %s)", same_key(table));
	if (settings->age == NULL)
		return absent;
	absent = psprintf("%s AND t.%s >= (SELECT min(n.%s) FROM new n)", absent,
					  quote_identifier(settings->age), quote_identifier(settings->age));
	return outside ? psprintf("(%s OR %s)", absent, outside) : absent;
}

/*
 * The end of the statement: what came, how it was changed, and the greatest
 * change time, in columns 1 to 5.  A time in the future is an error of whoever
 * wrote it; believing it would hide all changes until then.
 */
static void
append_counts(const CopyTable *table, StringInfo sql, const char *added, const char *changed,
			  const char *removed)
{
	const char *cursor = table->settings->cursor;

	appendStringInfo(sql, " SELECT (SELECT count(*) FROM new n WHERE true%s), %s, %s, %s, ",
					 and_matches(table), added, changed, removed);
	if (cursor != NULL)
		appendStringInfo(sql, "(SELECT max(%s) FROM new WHERE %s <= $1 + interval '1 day')",
						 quote_identifier(cursor), quote_identifier(cursor));
	else
		appendStringInfoString(sql, "NULL::timestamptz");
}

/* Rows by key: changed ones are overwritten, and what is gone is deleted. */
static void
incremental_statement(const CopyTable *table, StringInfo sql)
{
	const char *where_gone = gone(table);
	StringInfoData assignments;
	ListCell   *lc;

	initStringInfo(&assignments);
	foreach(lc, table->columns)
	{
		if (!crm_texts_have(table->key, lfirst(lc)))
			appendStringInfo(&assignments, "%s%s = excluded.%s", assignments.len > 0 ? ", " : "",
							 quote_identifier(lfirst(lc)), quote_identifier(lfirst(lc)));
	}
	append_new_rows(table, sql);
	if (where_gone != NULL)
		appendStringInfo(sql, ", gone AS (DELETE FROM %s t WHERE %s RETURNING 1)", table->name, where_gone);
	appendStringInfo(sql, ", kept AS (INSERT INTO %s AS t (%s) SELECT %s FROM new n WHERE true%s ON CONFLICT (%s) DO ",
					 table->name, table->column_list, table->column_list, and_matches(table), table->key_list);
	if (assignments.len > 0)
		appendStringInfo(sql, "UPDATE SET %s WHERE %s IS DISTINCT FROM %s", assignments.data,
						 compared_row(table, "t"), compared_row(table, "excluded"));
	else
		appendStringInfoString(sql, "NOTHING");
	appendStringInfoString(sql, " RETURNING 1)");
	/* What was inserted among "kept" is told by the number of rows before and after. */
	append_counts(table, sql, "NULL::bigint", "(SELECT count(*) FROM kept)",
				  where_gone ? "(SELECT count(*) FROM gone)" : "0::bigint");
}

/* The whole state beside those that were there before. */
static void
append_statement(const CopyTable *table, StringInfo sql)
{
	append_new_rows(table, sql);
	appendStringInfo(sql, ", added AS (INSERT INTO %s (snapshot_at, %s) SELECT $1, %s FROM new n RETURNING 1)",
					 table->name, table->column_list, table->column_list);
	append_counts(table, sql, "(SELECT count(*) FROM added)", "0::bigint", "0::bigint");
}

/*
 * Versions: a current one that differs is closed and followed by another, one
 * that is gone is closed.  The parts of a statement run in any order, but a row
 * has one current version at a time: so those that follow wait until all that
 * are closed have been counted.
 */
static void
history_statement(const CopyTable *table, StringInfo sql)
{
	const char *where_gone = gone(table);
	const char *keys = same_key(table);
	const char *matches = and_matches(table);

	append_new_rows(table, sql);
	appendStringInfo(sql, ", changed AS (UPDATE %s t SET valid_to = $1 FROM new n WHERE t.valid_to IS NULL"
					 " AND %s%s AND %s IS DISTINCT FROM %s RETURNING 1)",
					 table->name, keys, matches, compared_row(table, "t"), compared_row(table, "n"));
	if (where_gone != NULL)
		appendStringInfo(sql, ", gone AS (UPDATE %s t SET valid_to = $1 WHERE t.valid_to IS NULL AND %s RETURNING 1)",
						 table->name, where_gone);
	appendStringInfo(sql, ", added AS (INSERT INTO %s (%s, valid_from) SELECT %s, $1 FROM new n WHERE true%s"
					 " AND NOT EXISTS (SELECT FROM %s t WHERE t.valid_to IS NULL AND %s"
					 " AND %s IS NOT DISTINCT FROM %s) AND (SELECT count(*) FROM changed) >= 0 RETURNING 1)",
					 table->name, table->column_list, table->column_list, matches, table->name, keys,
					 compared_row(table, "t"), compared_row(table, "n"));
	append_counts(table, sql, "(SELECT count(*) FROM added) - (SELECT count(*) FROM changed)",
				  "(SELECT count(*) FROM changed)",
				  where_gone ? "(SELECT count(*) FROM gone)" : "0::bigint");
}

/* Rows of the copy, as its owner; a history is as large as its current versions. */
static int64
count_rows(const CrmSettings *settings)
{
	return crm_sql_number(psprintf("SELECT count(*) FROM %s%s", crm_relation_name(settings->relation),
								   settings->mode == CRM_MODE_HISTORY ? " WHERE valid_to IS NULL" : ""), NULL);
}

static void
refresh_table(const CrmSettings *settings, bool complete, CrmOutcome *outcome)
{
	CopyTable	table;
	CrmArgs		args = {.n = 0};
	StringInfoData sql;

	open_table(&table, settings, complete);
	outcome->rows_before = count_rows(settings);
	initStringInfo(&sql);
	switch (settings->mode)
	{
		case CRM_MODE_INCREMENTAL:
			incremental_statement(&table, &sql);
			break;
		case CRM_MODE_APPEND:
			append_statement(&table, &sql);
			break;
		case CRM_MODE_HISTORY:
			history_statement(&table, &sql);
			break;
		case CRM_MODE_REPLACE:
			elog(ERROR, "a materialized view is no table");
	}
	crm_args_time(&args, outcome->moment);
	if (!complete)
		crm_args_time(&args, settings->from);
	crm_sql(sql.data, &args);
	outcome->seen = complete ? crm_sql_bigint(0, 1, -1) : -1;
	outcome->inserted = crm_sql_bigint(0, 2, -1);
	outcome->updated = crm_sql_bigint(0, 3, 0);
	outcome->deleted = crm_sql_bigint(0, 4, 0);
	outcome->watermark = crm_sql_bigint(0, 5, CRM_NO_TIME);
	outcome->rows_after = count_rows(settings);
	if (outcome->inserted < 0)
	{
		outcome->inserted = outcome->rows_after - outcome->rows_before + outcome->deleted;
		outcome->updated -= outcome->inserted;
	}
}

/* Rows that the current transaction has changed in the relation. */
static int64
changed_rows(const char *function, Oid relid)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relid);
	return crm_sql_number(psprintf("SELECT %s($1)", function), &args);
}

/*
 * REFRESH changes a row of a view that is read CONCURRENTLY by deleting and
 * inserting it; of a plain one, and without track_counts, nothing is known but its
 * size.
 */
static void
refresh_view(const CrmSettings *settings, Oid owner, CrmOutcome *outcome)
{
	Oid			relid = settings->relation;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		populated = ((Form_pg_class) GETSTRUCT(tuple))->relispopulated;
	bool		concurrently = populated && crm_has_usable_index(relid);
	bool		counted;
	int64		inserted = 0;
	int64		deleted = 0;
	CrmRole		caller;

	ReleaseSysCache(tuple);
	if (populated)
	{
		crm_role_assume(&caller, owner, true);
		outcome->rows_before = count_rows(settings);
		crm_role_resume(&caller);
	}
	counted = concurrently && pgstat_track_counts;
	if (counted)
	{
		inserted = changed_rows("pg_stat_get_xact_tuples_inserted", relid);
		deleted = changed_rows("pg_stat_get_xact_tuples_deleted", relid);
	}
	crm_sql(psprintf("REFRESH MATERIALIZED VIEW %s%s", concurrently ? "CONCURRENTLY " : "",
					 crm_relation_name(relid)), NULL);
	CommandCounterIncrement();
	crm_role_assume(&caller, owner, true);
	outcome->rows_after = outcome->seen = count_rows(settings);
	crm_role_resume(&caller);
	if (counted)
	{
		outcome->inserted = changed_rows("pg_stat_get_xact_tuples_inserted", relid) - inserted;
		outcome->deleted = changed_rows("pg_stat_get_xact_tuples_deleted", relid) - deleted;
	}
}

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

void
crm_copy_refresh(const CrmSettings *settings, TimestampTz moment, bool complete, CrmOutcome *outcome)
{
	Oid			owner = owner_of(settings->relation);
	CrmRole		caller;

	/* Two refreshes differ in their moment, whatever the clock does. */
	if (settings->last_moment != CRM_NO_TIME && moment <= settings->last_moment)
		moment = settings->last_moment + 1;
	*outcome = (CrmOutcome) CRM_OUTCOME_UNKNOWN;
	outcome->moment = moment;
	outcome->complete = complete;
	if (settings->mode == CRM_MODE_REPLACE)
		refresh_view(settings, owner, outcome);
	else
	{
		crm_role_assume(&caller, owner, true);
		refresh_table(settings, complete, outcome);
		crm_role_resume(&caller);
	}
}
