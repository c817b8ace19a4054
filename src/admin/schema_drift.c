/*
 * schema_drift.c
 *		crm_fdw.schema_drift(): what has become of the custom fields since a table
 *		was imported.
 *
 * A column knows its field by the id in its option custom_field, and its option
 * column_name keeps what the import called it: a column that is called something
 * else was renamed by a user, who is not to be corrected.
 */
#include "postgres.h"

#include "access/relation.h"
#include "executor/spi.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "admin/sources.h"
#include "base/report.h"
#include "client/progress.h"
#include "fdw/custom.h"
#include "fdw/fieldcolumns.h"
#include "fdw/server.h"

PG_FUNCTION_INFO_V1(crm_fdw_schema_drift);

/* A column that shows a custom field. */
typedef struct TableColumn
{
	const char *name;
	Oid			type;
	bool		as_imported;	/* still called what the import called it */
	bool		is_currency;
	const CrmField *field;		/* NULL = there is none any more */
} TableColumn;

typedef struct Drift
{
	ReturnSetInfo *result;
	const char *table;			/* qualified and quoted */
	List	   *columns;		/* TableColumn */
	List	   *names;			/* of all columns of the table */
	List	   *wanted;			/* CrmFieldColumn, with names that are free */
} Drift;

static void
report(const Drift *drift, const char *column, const char *change, const char *ddl)
{
	Datum		values[3] = {CStringGetTextDatum(column), CStringGetTextDatum(change), CStringGetTextDatum(ddl)};
	bool		nulls[3] = {false};

	tuplestore_putvalues(drift->result->setResult, drift->result->setDesc, values, nulls);
}

/* ------------------------------------------------------------------------
 * What the table has, and what it should have
 * ------------------------------------------------------------------------ */

/* 42501 unless the role may read the table, 42809 if it is none of ours. */
static void
check_table(Oid relid)
{
	bool		is_ours;

	SPI_connect();
	is_ours = crm_is_foreign_table(relid);
	SPI_finish();
	if (!is_ours)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of crm_fdw", get_rel_name(relid))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(CRM_ERR_FORBIDDEN),
				 errmsg("permission denied for foreign table %s", get_rel_name(relid))));
}

static void
read_columns(Drift *drift, Oid relid, const CrmFieldList *list)
{
	Relation	relation = relation_open(relid, AccessShareLock);
	TupleDesc	tupdesc = RelationGetDescr(relation);

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute form = TupleDescAttr(tupdesc, i);
		CrmColumnOptions options;
		TableColumn *column;

		if (form->attisdropped)
			continue;
		drift->names = lappend(drift->names, pstrdup(NameStr(form->attname)));
		crm_column_options_fill(&options, GetForeignColumnOptions(relid, i + 1));
		if (options.custom_field == NULL)
			continue;
		column = palloc0(sizeof(TableColumn));
		column->name = llast(drift->names);
		column->type = form->atttypid;
		column->as_imported = options.column_name != NULL && strcmp(options.column_name, column->name) == 0;
		column->field = crm_custom_find(list, options.custom_field, &column->is_currency);
		/* A field that was of money and is not any more has no currency. */
		if (column->is_currency && !column->field->type->has_currency)
			column->field = NULL;
		drift->columns = lappend(drift->columns, column);
	}
	relation_close(relation, AccessShareLock);
}

/* The column as an import would make it now. */
static const CrmFieldColumn *
find_wanted(const Drift *drift, const TableColumn *column)
{
	ListCell   *lc;

	foreach(lc, drift->wanted)
	{
		const CrmFieldColumn *wanted = lfirst(lc);

		if (wanted->field == column->field && wanted->is_currency == column->is_currency)
			return wanted;
	}
	return NULL;
}

static bool
is_there(const Drift *drift, const CrmFieldColumn *wanted)
{
	ListCell   *lc;

	foreach(lc, drift->columns)
	{
		const TableColumn *column = lfirst(lc);

		if (wanted->field == column->field && wanted->is_currency == column->is_currency)
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------------
 * Differences
 *
 * They are told in an order in which their statements can be run.
 * ------------------------------------------------------------------------ */

static void
report_removed(const Drift *drift)
{
	ListCell   *lc;

	foreach(lc, drift->columns)
	{
		const TableColumn *column = lfirst(lc);

		if (column->field == NULL)
			report(drift, column->name, "removed",
				   psprintf("ALTER FOREIGN TABLE %s DROP COLUMN %s;", drift->table, quote_identifier(column->name)));
	}
}

static void
report_retyped(const Drift *drift)
{
	ListCell   *lc;

	foreach(lc, drift->columns)
	{
		const TableColumn *column = lfirst(lc);
		const CrmFieldColumn *wanted = column->field ? find_wanted(drift, column) : NULL;

		if (wanted != NULL &&
			DatumGetObjectId(DirectFunctionCall1(regtypein, CStringGetDatum(wanted->type))) != column->type)
			report(drift, column->name, "retyped",
				   psprintf("ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE %s;", drift->table,
							quote_identifier(column->name), wanted->type));
	}
}

static void
report_renamed(const Drift *drift)
{
	ListCell   *lc;

	foreach(lc, drift->columns)
	{
		const TableColumn *column = lfirst(lc);
		const CrmFieldColumn *wanted = column->field ? find_wanted(drift, column) : NULL;

		if (wanted != NULL && column->as_imported && !crm_field_name_fits(wanted, column->name))
			report(drift, column->name, "renamed",
				   psprintf("ALTER FOREIGN TABLE %s RENAME COLUMN %s TO %s; "
							"ALTER FOREIGN TABLE %s ALTER COLUMN %s OPTIONS (SET column_name %s);",
							drift->table, quote_identifier(column->name), quote_identifier(wanted->name),
							drift->table, quote_identifier(wanted->name), quote_literal_cstr(wanted->name)));
	}
}

static void
report_added(const Drift *drift)
{
	ListCell   *lc;

	foreach(lc, drift->wanted)
	{
		const CrmFieldColumn *wanted = lfirst(lc);

		if (!is_there(drift, wanted))
			report(drift, wanted->name, "added",
				   psprintf("ALTER FOREIGN TABLE %s ADD COLUMN %s %s OPTIONS (custom_field %s, column_name %s);",
							drift->table, quote_identifier(wanted->name), wanted->type,
							quote_literal_cstr(wanted->option), quote_literal_cstr(wanted->name)));
	}
}

Datum
crm_fdw_schema_drift(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Drift		drift = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	CrmOptions	options;
	const CrmEntity *entity;
	CrmAccount *account;
	CrmFieldList *list = NULL;

	InitMaterializedSRF(fcinfo, 0);
	check_table(relid);
	crm_table_options(relid, &options);
	entity = crm_table_entity(&options);
	if (entity->custom == NULL)
		return (Datum) 0;

	drift.table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
	account = crm_account_create(GetForeignTable(relid)->serverid, GetUserId(), &options);
	PG_TRY();
	{
		list = crm_fields_read(account, entity->custom);
	}
	PG_CATCH();
	{
		crm_progress_failed(account);
		PG_RE_THROW();
	}
	PG_END_TRY();
	crm_progress_end(account);
	read_columns(&drift, relid, list);
	drift.wanted = crm_field_columns(entity, list, drift.names);
	report_removed(&drift);
	report_retyped(&drift);
	report_renamed(&drift);
	report_added(&drift);
	return (Datum) 0;
}
