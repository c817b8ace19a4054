/*
 * import.c
 *		IMPORT FOREIGN SCHEMA: a table for every entity of the catalogue.
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "utils/builtins.h"

#include "base/report.h"
#include "fdw/fdw.h"
#include "fdw/server.h"

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

static char *
create_table_command(const CrmEntity *entity, const char *server, bool raw)
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

	crm_import_options_fill(&import, stmt->options);
	crm_server_options(serverOid, &options);
	if (strcmp(stmt->remote_schema, options.api->name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" is not present on server \"%s\"",
						stmt->remote_schema, stmt->server_name),
				 errhint("The server's only schema is named after its CRM: \"%s\".", options.api->name)));

	for (int i = 0; i < options.api->nentities; i++)
	{
		const CrmEntity *entity = options.api->entities[i];

		if (is_wanted(stmt, entity->name))
			commands = lappend(commands, create_table_command(entity, stmt->server_name, import.raw));
	}
	return commands;
}
