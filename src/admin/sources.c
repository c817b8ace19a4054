/*
 * sources.c
 *		What a relation reads: foreign tables, their accounts, and what the
 *		catalogue knows of their columns.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "rewrite/prs2lock.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "admin/sources.h"
#include "admin/sql.h"
#include "client/auth.h"
#include "fdw/columns.h"
#include "fdw/server.h"

/* A foreign table of a wrapper whose handler is ours. */
#define IS_OURS \
	"EXISTS (SELECT FROM pg_catalog.pg_foreign_table ft" \
	" JOIN pg_catalog.pg_foreign_server s ON s.oid = ft.ftserver" \
	" JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw" \
	" WHERE w.fdwhandler = 'crm_fdw.crm_fdw_handler()'::pg_catalog.regprocedure" \
	" AND ft.ftrelid = %s)"

/*
 * Views are followed through the dependencies of their rules.  A view reads as
 * its owner, unless it is a security_invoker view: then as whoever reads it.
 */
static const char *const sources_query =
	"WITH RECURSIVE tree(relation, reader, readable) AS ("
	" SELECT c.oid, c.relowner, true FROM pg_catalog.pg_class c WHERE c.oid = $1"
	" UNION"
	" SELECT child.relation, who.reader, tree.readable AND (child.inherited OR"
	" coalesce(pg_catalog.has_any_column_privilege(who.reader, child.relation, 'SELECT'), false))"
	" FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.relation"
	" CROSS JOIN LATERAL (SELECT CASE WHEN c.oid = $1 OR c.relkind <> 'v' OR"
	" EXISTS (SELECT FROM pg_catalog.unnest(c.reloptions) o WHERE o ~* '^security_invoker=(t|y|on|1)')"
	" THEN tree.reader ELSE c.relowner END) AS who(reader)"
	" CROSS JOIN LATERAL ("
	"  SELECT d.refobjid AS relation, false AS inherited FROM pg_catalog.pg_rewrite r"
	"  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
	"  AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> c.oid"
	"  WHERE r.ev_class = c.oid AND (c.relkind = 'v' OR c.oid = $1)"
	"  UNION ALL"
	"  SELECT i.inhrelid, true FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) AS child)"
	" SELECT t.relation, ft.ftserver, t.reader, bool_or(t.readable) FROM tree t"
	" JOIN pg_catalog.pg_foreign_table ft ON ft.ftrelid = t.relation"
	" WHERE " IS_OURS " GROUP BY 1, 2, 3 ORDER BY 1, 3";

List *
crm_sources(Oid relid)
{
	List	   *sources = NIL;
	CrmArgs		args = {.n = 0};
	int			n;

	crm_args_relation(&args, relid);
	n = (int) crm_sql(psprintf(sources_query, "t.relation"), &args);
	for (int i = 0; i < n; i++)
	{
		CrmSourceTable  *source = palloc(sizeof(CrmSourceTable));

		source->table = DatumGetObjectId(crm_sql_value(i, 1, NULL));
		source->server = DatumGetObjectId(crm_sql_value(i, 2, NULL));
		source->reader = DatumGetObjectId(crm_sql_value(i, 3, NULL));
		source->readable = DatumGetBool(crm_sql_value(i, 4, NULL));
		sources = lappend(sources, source);
	}
	return sources;
}

bool
crm_is_foreign_table(Oid relid)
{
	CrmArgs		args = {.n = 0};

	crm_args_relation(&args, relid);
	crm_sql(psprintf("SELECT " IS_OURS, "$1"), &args);
	return DatumGetBool(crm_sql_value(0, 1, NULL));
}

static int
compare_keys(const ListCell *a, const ListCell *b)
{
	uint64		left = *(uint64 *) lfirst(a);
	uint64		right = *(uint64 *) lfirst(b);

	return left < right ? -1 : left > right;
}

/* The budget key; what was needed to find it, a credential, is wiped. */
static uint64
budget_of(const CrmSourceTable *source)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw account",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmOptions	options;
	CrmAccount *account;
	uint64		key;

	crm_table_options(source->table, &options);
	account = crm_account_create(source->server, source->reader, &options);
	crm_auth_prepare(account);
	key = crm_auth_budget_key(account);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return key;
}

List *
crm_source_budgets(List *sources)
{
	List	   *budgets = NIL;
	List	   *unique = NIL;
	ListCell   *lc;

	foreach(lc, sources)
	{
		const CrmSourceTable *source = lfirst(lc);
		uint64	   *key = palloc(sizeof(uint64));

		if (!source->readable)
			continue;
		*key = budget_of(source);
		budgets = lappend(budgets, key);
	}
	list_sort(budgets, compare_keys);
	foreach(lc, budgets)
	{
		if (unique == NIL || *(uint64 *) llast(unique) != *(uint64 *) lfirst(lc))
			unique = lappend(unique, lfirst(lc));
	}
	return unique;
}

double
crm_source_rate(List *sources)
{
	double		strictest = 0;
	ListCell   *lc;

	foreach(lc, sources)
	{
		CrmOptions	options;
		CrmRate		rate;
		double		per_minute;

		crm_table_options(((CrmSourceTable *) lfirst(lc))->table, &options);
		rate = crm_server_rate(&options);
		per_minute = rate.count * 60000.0 / rate.window_ms;
		if (strictest == 0 || per_minute < strictest)
			strictest = per_minute;
	}
	return strictest;
}

const CrmEntity *
crm_source_entity(Oid table, const CrmApi **api)
{
	CrmOptions	options;
	const CrmEntity *entity;

	crm_table_options(table, &options);
	entity = crm_table_entity(&options);
	*api = options.api;
	return entity;
}

/* Would a lower bound on the column be sent, for the list or a way to all of it? */
static bool
takes_lower_bound(const CrmEntity *entity, const char *column)
{
	const char *span = crm_span_column(entity);

	if (span != NULL && strcmp(span, column) == 0)
		return true;
	for (int i = 0; i < entity->nfilters; i++)
	{
		if (entity->filters[i].match == CRM_MATCH_AFTER && strcmp(entity->filters[i].column, column) == 0)
			return true;
	}
	for (int i = 0; i < entity->nroutes; i++)
	{
		if (!(entity->routes[i].flags & CRM_ROUTE_SEARCH_INDEX) &&
			takes_lower_bound(entity->routes[i].list, column))
			return true;
	}
	return false;
}

/* RFC 6901 "/a/b" as PostgreSQL's '{"a","b"}'. */
static char *
json_path(const char *pointer)
{
	StringInfoData path;

	initStringInfo(&path);
	for (const char *c = pointer; *c != '\0'; c++)
	{
		if (*c == '/')
			appendStringInfoString(&path, path.len > 0 ? "\",\"" : "{\"");
		else if (*c == '~')
			appendStringInfoChar(&path, *++c == '0' ? '~' : '/');
		else
		{
			if (*c == '"' || *c == '\\')
				appendStringInfoChar(&path, '\\');
			appendStringInfoChar(&path, *c);
		}
	}
	appendStringInfoString(&path, "\"}");
	return path.data;
}

/* Paths of the values in a whole record that differ at every read. */
static List *
fleeting_paths(const CrmEntity *entity)
{
	List	   *paths = NIL;

	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];

		if ((column->flags & CRM_COL_VOLATILE) && column->source == CRM_FROM_RECORD)
			paths = lappend(paths, json_path(column->pointer ? column->pointer :
											 psprintf("/%s", column->name)));
	}
	return paths;
}

/* The list's member that names a column of the table, by the catalogue's name. */
typedef struct NamedColumn
{
	const char *catalogued;
	const char *name;
} NamedColumn;

static const char *
name_of(List *named, const char *catalogued)
{
	ListCell   *lc;

	foreach(lc, named)
	{
		NamedColumn *column = lfirst(lc);

		if (catalogued != NULL && strcmp(column->catalogued, catalogued) == 0)
			return column->name;
	}
	return NULL;
}

/* Adds a column of the table to its shape. */
static void
add_column(CrmShape *shape, Oid table, Form_pg_attribute attr, List **named)
{
	char	   *name = pstrdup(NameStr(attr->attname));
	CrmColumnOptions options = {.format = -1};
	const CrmColumn *column;

	shape->columns = lappend(shape->columns, name);
	crm_column_options_fill(&options, GetForeignColumnOptions(table, attr->attnum));
	column = crm_column_catalogued(shape->entity, name, &options);
	if (column != NULL)
	{
		NamedColumn *entry = palloc(sizeof(NamedColumn));

		entry->catalogued = column->name;
		entry->name = name;
		*named = lappend(*named, entry);
		if (column->flags & CRM_COL_VOLATILE)
			shape->fleeting = lappend(shape->fleeting, name);
	}
	else if (strcmp(options.column_name ? options.column_name : name, "raw") == 0 &&
			 options.pointer == NULL && options.constant == NULL && options.custom_field == NULL)
		shape->raw = name;
}

CrmShape *
crm_shape(Oid table)
{
	CrmShape   *shape = palloc0(sizeof(CrmShape));
	Relation	relation = relation_open(table, AccessShareLock);
	TupleDesc	tupdesc = RelationGetDescr(relation);
	List	   *named = NIL;

	shape->entity = crm_source_entity(table, &shape->api);
	for (int i = 0; i < tupdesc->natts; i++)
	{
		if (!TupleDescAttr(tupdesc, i)->attisdropped)
			add_column(shape, table, TupleDescAttr(tupdesc, i), &named);
	}
	relation_close(relation, AccessShareLock);

	for (const char *const *key = shape->entity->key; key != NULL && *key != NULL; key++)
	{
		const char *name = name_of(named, *key);

		if (name == NULL)
		{
			shape->key = NIL;
			break;
		}
		shape->key = lappend(shape->key, (void *) name);
	}
	shape->fleeting_paths = fleeting_paths(shape->entity);
	shape->cursor = name_of(named, shape->entity->cursor_column);
	/* Watermarks are moments; a column may have been given another type. */
	if (shape->cursor != NULL && get_atttype(table, get_attnum(table, shape->cursor)) != TIMESTAMPTZOID)
		shape->cursor = NULL;
	if (shape->entity->window != NULL)
		shape->age = name_of(named, shape->entity->window->column);
	shape->bounded = shape->cursor != NULL && takes_lower_bound(shape->entity, shape->entity->cursor_column);
	return shape;
}

/* The view's columns that show these columns of a table; NIL unless all are shown. */
static List *
shown_columns(List *targets, Oid table, List *columns)
{
	List	   *shown = NIL;
	ListCell   *column;
	ListCell   *lc;

	foreach(column, columns)
	{
		AttrNumber	attnum = get_attnum(table, lfirst(column));
		int			before = list_length(shown);

		foreach(lc, targets)
		{
			TargetEntry *target = lfirst(lc);

			if (!target->resjunk && target->resorigtbl == table && target->resorigcol == attnum)
			{
				shown = lappend(shown, pstrdup(target->resname));
				break;
			}
		}
		if (list_length(shown) == before)
			return NIL;
	}
	return shown;
}

List *
crm_view_key(Oid relid, List *sources)
{
	Relation	relation = relation_open(relid, AccessShareLock);
	List	   *key = NIL;
	ListCell   *lc;

	if (relation->rd_rel->relkind == RELKIND_MATVIEW)
	{
		Query	   *query = linitial_node(Query, relation->rd_rules->rules[0]->actions);

		foreach(lc, sources)
		{
			Oid			table = ((CrmSourceTable *) lfirst(lc))->table;

			key = list_concat(key, shown_columns(query->targetList, table, crm_shape(table)->key));
		}
	}
	relation_close(relation, AccessShareLock);
	return key;
}
