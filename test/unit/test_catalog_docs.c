/*
 * test_catalog_docs.c
 *		The documentation of tables, written from the catalogue.
 *
 * Without an argument it checks that docs/tables.md, and the list of tables in
 * the README, are what it would write; with the argument "write" it writes
 * them.  Works in the folder it stands in.
 */
#include "postgres.h"

#include "admin/describe.h"
#include "stub.h"

#define TABLES_FILE		"../../docs/tables.md"
#define README_FILE		"../../README.md"

/* The part of the README between these lines is ours. */
#define README_BEGIN	"<!-- tables: written by \"make docs\" -->\n"
#define README_END		"<!-- /tables -->\n"

/* Markdown ----------------------------------------------------------------- */

/* Text in the cell of a table, where some characters mean something. */
static void
append_cell(StringInfo out, const char *text)
{
	for (const char *p = text; *p; p++)
	{
		if (strchr("|<>*`\\[]", *p) != NULL)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, *p);
	}
}

/* The heading of an entity, which must not be that of another CRM's. */
static void
append_heading(StringInfo out, const CrmApi *api, const CrmEntity *entity)
{
	appendStringInfo(out, "%s %s", api->title, entity->name);
}

/* A link to a heading: what is shown there in lower case, without blanks. */
static void
append_anchor(StringInfo out, const char *heading)
{
	appendStringInfoChar(out, '#');
	for (const char *p = heading; *p; p++)
		appendStringInfoChar(out, *p == ' ' ? '-' : pg_tolower((unsigned char) *p));
}

static void
append_link(StringInfo out, const char *file, const CrmApi *api, const CrmEntity *entity)
{
	StringInfoData heading;

	initStringInfo(&heading);
	append_heading(&heading, api, entity);
	appendStringInfo(out, "[%s](%s", entity->name, file);
	append_anchor(out, heading.data);
	appendStringInfoChar(out, ')');
}

/* Names as code, separated by commas; true if there were any. */
static bool
append_names(StringInfo out, const char *const *names, int n, const char *separator)
{
	for (int i = 0; i < n; i++)
		appendStringInfo(out, "%s`%s`", i > 0 ? separator : "", names[i]);
	return n > 0;
}

/* docs/tables.md ------------------------------------------------------------ */

static const char introduction[] =
"# Tables\n"
"\n"
"<!-- Written from the catalogue by \"make docs\". -->\n"
"\n"
"What `IMPORT FOREIGN SCHEMA` makes of each CRM. The same in SQL: `SELECT * FROM crm_fdw.entities('aircall')`\n"
"and `SELECT * FROM crm_fdw.columns('aircall', 'calls')`. Tables in bold are the ones to start with.\n"
"\n"
"* **Complete**: how a full read is known to be complete. *keyset*: read by key or cursor, or in one answer, so\n"
"  that nothing can be missed; *counted*: compared with the total the API states, or read in closed windows;\n"
"  *best effort*: pages overlap and duplicates are removed.\n"
"* **Needs**: read only with a filter or join on one of these columns, or with the table option `fan_out`.\n"
"* **Refresh**: how often a copy is worth refreshing.\n"
"* **Pushed**: comparisons with the column that the API evaluates, or that narrow what it sends. `BETWEEN` is\n"
"  `>=` and `<=`, `'x' = ANY (tags)` is `@>`. *sort* stands where the API's order can serve `ORDER BY`.\n"
"  PostgreSQL checks every condition again and evaluates all others itself.\n"
"\n";

static void
append_needs(StringInfo out, const CrmEntity *entity)
{
	const char **needed = palloc(sizeof(char *) * Max(entity->nparents, 1));

	append_names(out, needed, crm_needed_filters(entity, needed), " or ");
}

/* One line of a CRM's list of tables. */
static void
append_entity(StringInfo out, const CrmApi *api, const CrmEntity *entity)
{
	const char *bold = entity->flags & CRM_ENTITY_MAIN ? "**" : "";

	appendStringInfo(out, "| %s", bold);
	append_link(out, "", api, entity);
	appendStringInfo(out, "%s | ", bold);
	append_cell(out, entity->description);
	appendStringInfo(out, " | %s | ", crm_completeness_name(entity->completeness));
	append_needs(out, entity);
	appendStringInfo(out, " | %s |\n", crm_refresh_every(entity));
}

static void
append_column(StringInfo out, const CrmEntity *entity, const CrmColumn *column)
{
	CrmOperators operators = crm_pushable_operators(entity, column);
	const char *names[CRM_OPERATORS];
	StringInfoData description;
	int			n = 0;

	for (int op = 0; op < CRM_OPERATORS; op++)
	{
		if (operators & CRM_OPERATOR_SET(op))
			names[n++] = crm_operator_name(op);
	}
	appendStringInfo(out, "| %s | %s | ", column->name, crm_type_name(column->type));
	append_names(out, names, n, " ");
	if (crm_column_sortable(entity, column))
		appendStringInfo(out, "%s*sort*", n > 0 ? " " : "");
	appendStringInfoString(out, " | ");
	initStringInfo(&description);
	crm_describe_column(entity, column, &description);
	append_cell(out, description.data);
	appendStringInfoString(out, " |\n");
}

/* Key and cursor, in words. */
static void
append_identity(StringInfo out, const CrmEntity *entity)
{
	int			nkeys = 0;

	while (entity->key != NULL && entity->key[nkeys] != NULL)
		nkeys++;
	appendStringInfoString(out, nkeys > 0 ? "Key: " : "No key");
	append_names(out, entity->key, nkeys, ", ");
	appendStringInfoChar(out, '.');
	if (entity->cursor_column != NULL)
		appendStringInfo(out, " A change moves `%s`", entity->cursor_column);
	if (entity->lookback != NULL)
		appendStringInfo(out, "; records still change for %s after it", entity->lookback);
	if (entity->cursor_column != NULL)
		appendStringInfoChar(out, '.');
	appendStringInfoChar(out, '\n');
}

static void
append_section(StringInfo out, const CrmApi *api, const CrmEntity *entity)
{
	appendStringInfoString(out, "\n### ");
	append_heading(out, api, entity);
	appendStringInfo(out, "\n\n%s. ", entity->description);
	append_identity(out, entity);
	appendStringInfoString(out, "\n| Column | Type | Pushed | Description |\n|---|---|---|---|\n");
	for (int i = 0; i < entity->ncolumns; i++)
		append_column(out, entity, &entity->columns[i]);
	append_column(out, entity, &crm_raw_column);
}

static char *
tables_file(void)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, introduction);
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		appendStringInfo(&out, "%s## %s\n\n", i > 0 ? "\n" : "", api->title);
		appendStringInfoString(&out, "| Table | Rows | Complete | Needs | Refresh |\n|---|---|---|---|---|\n");
		for (int k = 0; k < api->nentities; k++)
			append_entity(&out, api, api->entities[k]);
		for (int k = 0; k < api->nentities; k++)
			append_section(&out, api, api->entities[k]);
	}
	return out.data;
}

/* README.md ---------------------------------------------------------------- */

/* The tables to start with, and how many there are. */
static char *
readme_part(void)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "| CRM | start with | all |\n|---|---|---|\n");
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];
		const char *separator = "";

		appendStringInfo(&out, "| %s | ", api->title);
		for (int k = 0; k < api->nentities; k++)
		{
			if ((api->entities[k]->flags & CRM_ENTITY_MAIN) == 0)
				continue;
			appendStringInfoString(&out, separator);
			append_link(&out, "docs/tables.md", api, api->entities[k]);
			separator = ", ";
		}
		appendStringInfo(&out, " | [%d tables](docs/tables.md", api->nentities);
		append_anchor(&out, api->title);
		appendStringInfoString(&out, ") |\n");
	}
	return out.data;
}

/* The whole README with that part renewed; NULL if its borders are not found. */
static char *
readme_file(const char *readme)
{
	const char *begin = strstr(readme, README_BEGIN);
	const char *end = begin ? strstr(begin, README_END) : NULL;
	StringInfoData out;

	if (end == NULL)
		return NULL;
	initStringInfo(&out);
	appendBinaryStringInfo(&out, readme, begin - readme);
	appendStringInfoString(&out, README_BEGIN);
	appendStringInfoString(&out, readme_part());
	appendStringInfoString(&out, end);
	return out.data;
}

/* Files -------------------------------------------------------------------- */

/* The file's text; empty if there is none. */
static char *
read_file(const char *path)
{
	StringInfoData text;
	FILE	   *file = fopen(path, "r");
	char		piece[8192];
	size_t		n;

	initStringInfo(&text);
	while (file != NULL && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		appendBinaryStringInfo(&text, piece, n);
	if (file != NULL)
		fclose(file);
	return text.data;
}

static bool
write_file(const char *path, const char *text)
{
	FILE	   *file = fopen(path, "w");
	bool		written;

	if (file == NULL)
		return false;
	written = fwrite(text, 1, strlen(text), file) == strlen(text);
	return fclose(file) == 0 && written;
}

/* Shows the first line in which the texts differ. */
static void
show_difference(const char *got, const char *wanted)
{
	int			line = 1;

	while (strcspn(got, "\n") == strcspn(wanted, "\n") && *got != '\0' &&
		   strncmp(got, wanted, strcspn(got, "\n") + 1) == 0)
	{
		got += strcspn(got, "\n") + 1;
		wanted += strcspn(wanted, "\n") + 1;
		line++;
	}
	printf("# line %d: %.*s\n", line, (int) strcspn(got, "\n"), got);
	printf("# should be: %.*s\n", (int) strcspn(wanted, "\n"), wanted);
	printf("# \"make docs\" writes what the catalogue says\n");
}

static void
check_file(const char *path, const char *got, const char *wanted)
{
	if (!tap_ok(strcmp(got, wanted) == 0, "%s is what the catalogue says", path + strlen("../../")))
		show_difference(got, wanted);
}

int
main(int argc, char **argv)
{
	char	   *readme = read_file(README_FILE);
	char	   *new_readme = readme_file(readme);

	if (argc > 1 && strcmp(argv[1], "write") == 0)
	{
		if (new_readme == NULL || !write_file(README_FILE, new_readme) ||
			!write_file(TABLES_FILE, tables_file()))
		{
			fprintf(stderr, "cannot write the documentation\n");
			return 1;
		}
		return 0;
	}
	if (tap_ok(new_readme != NULL, "README.md has a place for its list of tables"))
		check_file(README_FILE, readme, new_readme);
	check_file(TABLES_FILE, read_file(TABLES_FILE), tables_file());
	return tap_done();
}
