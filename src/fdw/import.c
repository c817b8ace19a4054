/*
 * import.c
 *		IMPORT FOREIGN SCHEMA: a table for every entity of the catalogue, with a
 *		column for every field that the account itself has added.
 */
#include "postgres.h"

#include "access/xact.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/report.h"
#include "client/progress.h"
#include "fdw/fdw.h"
#include "fdw/fieldcolumns.h"
#include "fdw/server.h"

/* A table cannot have more columns than 1600, and some room is left for others. */
#define MOST_COLUMNS	1500

/* Somebody waits: a server that does not answer is not asked over and over. */
#define IMPORT_RETRIES	1

/* Is the entity among the tables the statement asks for? */
static bool
is_wanted(const ImportForeignSchemaStmt *stmt, const char *name)
{
	bool		listed = false;
	ListCell   *lc;

	foreach(lc, stmt->table_list)
		listed |= strcmp(((RangeVar *) lfirst(lc))->relname, name) == 0;
	switch (stmt->list_type)
	{
		case FDW_IMPORT_SCHEMA_ALL:
			return true;
		case FDW_IMPORT_SCHEMA_LIMIT_TO:
			return listed;
		case FDW_IMPORT_SCHEMA_EXCEPT:
			return !listed;
	}
	return true;
}

/* ------------------------------------------------------------------------
 * Custom fields
 * ------------------------------------------------------------------------ */

/* A refusal that holds for one list only: the others are worth asking for. */
static bool
is_refusal(const ErrorData *error)
{
	return error->sqlerrcode == CRM_ERR_FORBIDDEN || error->sqlerrcode == CRM_ERR_NO_ENTITY ||
		error->sqlerrcode == CRM_ERR_ANSWER;
}

/* The import goes on without the fields. */
static void
warn(const char *entity, const ErrorData *error, bool others)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 others ? errmsg("custom fields of \"%s\" were not imported", entity) :
			 errmsg("custom fields were not imported"),
			 errdetail("%s", error->message),
			 error->hint ? errhint("%s", error->hint) : 0));
}

/*
 * The columns for the custom fields of an entity.  If their definitions cannot
 * be read there are none, a WARNING says so, and *more is false if there is no
 * point in asking for those of another entity.
 */
static List *
custom_columns(const CrmEntity *entity, Oid serverid, const CrmOptions *options, bool *more)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "crm_fdw import", ALLOCSET_SMALL_SIZES);
	ResourceOwner owner = CurrentResourceOwner;
	CrmAccount *volatile account = NULL;
	List	   *volatile columns = NIL;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		CrmFieldList *list;

		MemoryContextSwitchTo(context);
		account = crm_account_create(serverid, GetUserId(), options);
		account->entity = entity->name;
		account->max_retries = Min(account->max_retries, IMPORT_RETRIES);
		list = crm_fields_read(account, entity->custom);
		MemoryContextSwitchTo(caller);
		columns = crm_field_columns(entity, list, NIL);
		crm_progress_end(account);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		if (account != NULL)
			crm_progress_failed(account);
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		*more = is_refusal(error);
		warn(entity->name, error, *more);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	MemoryContextDelete(context);
	return columns;
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------ */

static void
append_custom_columns(StringInfo ddl, const CrmEntity *entity, List *columns)
{
	ListCell   *lc;

	foreach(lc, columns)
	{
		const CrmFieldColumn *column = lfirst(lc);

		if (entity->ncolumns + foreach_current_index(lc) >= MOST_COLUMNS)
		{
			ereport(WARNING,
					(errcode(ERRCODE_TOO_MANY_COLUMNS),
					 errmsg("only %d of %d columns for custom fields of \"%s\" were imported",
							foreach_current_index(lc), list_length(columns), entity->name)));
			return;
		}
		appendStringInfo(ddl, ",\n\t%s %s OPTIONS (custom_field %s, column_name %s)",
						 quote_identifier(column->name), column->type,
						 quote_literal_cstr(column->option), quote_literal_cstr(column->name));
	}
}

static char *
create_table_command(const CrmEntity *entity, const char *server, List *custom, bool raw)
{
	StringInfoData ddl;

	initStringInfo(&ddl);
	appendStringInfo(&ddl, "CREATE FOREIGN TABLE %s (", quote_identifier(entity->name));
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];

		appendStringInfo(&ddl, "%s\n\t%s %s OPTIONS (column_name %s)", i > 0 ? "," : "",
						 quote_identifier(column->name), crm_type_name(column->type),
						 quote_literal_cstr(column->name));
	}
	append_custom_columns(&ddl, entity, custom);
	if (raw)
		appendStringInfo(&ddl, ",\n\traw jsonb");
	appendStringInfo(&ddl, "\n) SERVER %s OPTIONS (entity %s)",
					 quote_identifier(server), quote_literal_cstr(entity->name));
	return ddl.data;
}

List *
crmImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverOid)
{
	CrmOptions	options;
	CrmImportOptions import;
	List	   *commands = NIL;
	bool		ask;

	crm_import_options_fill(&import, stmt->options);
	crm_server_options(serverOid, &options);
	if (strcmp(stmt->remote_schema, options.api->name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" is not present on server \"%s\"",
						stmt->remote_schema, stmt->server_name),
				 errhint("The server's only schema is named after its CRM: \"%s\".", options.api->name)));

	ask = import.custom_fields;
	for (int i = 0; i < options.api->nentities; i++)
	{
		const CrmEntity *entity = options.api->entities[i];
		List	   *custom = NIL;

		if (!is_wanted(stmt, entity->name))
			continue;
		if (ask && entity->custom != NULL)
			custom = custom_columns(entity, serverOid, &options, &ask);
		commands = lappend(commands, create_table_command(entity, stmt->server_name, custom, import.raw));
	}
	return commands;
}
