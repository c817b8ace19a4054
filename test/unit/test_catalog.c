/*
 * test_catalog.c
 *		Checks the entities of every CRM against themselves and each other.
 *
 * One TAP line per CRM and check.  Links with src/catalog/[a-z]*.c only.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "catalog_check.h"

/* Small predicates -------------------------------------------------------- */

static bool
is_snake_case(const char *name)
{
	if (!islower((unsigned char) name[0]))
		return false;
	for (const char *p = name; *p; p++)
	{
		if (!islower((unsigned char) *p) && !isdigit((unsigned char) *p) && *p != '_')
			return false;
		if (*p == '_' && (p[1] == '_' || p[1] == '\0'))
			return false;
	}
	return true;
}

/* Words that a query would have to quote. */
static bool
is_reserved(const char *name)
{
	static const char *const words[] = {
		"all", "analyse", "analyze", "and", "any", "array", "as", "asc",
		"asymmetric", "authorization", "binary", "both", "case", "cast", "check",
		"collate", "collation", "column", "concurrently", "constraint", "create",
		"cross", "current_catalog", "current_date", "current_role",
		"current_schema", "current_time", "current_timestamp", "current_user",
		"default", "deferrable", "desc", "distinct", "do", "else", "end",
		"except", "false", "fetch", "for", "foreign", "freeze", "from", "full",
		"grant", "group", "having", "ilike", "in", "initially", "inner",
		"intersect", "into", "is", "isnull", "join", "lateral", "leading",
		"left", "like", "limit", "localtime", "localtimestamp", "natural", "not",
		"notnull", "null", "offset", "on", "only", "or", "order", "outer",
		"overlaps", "placing", "primary", "references", "returning", "right",
		"select", "session_user", "similar", "some", "symmetric", "system_user",
		"table", "tablesample", "then", "to", "trailing", "true", "union",
		"unique", "user", "using", "variadic", "verbose", "when", "where",
		"window", "with"
	};

	for (int i = 0; i < CRM_LENGTH(words); i++)
	{
		if (strcmp(name, words[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_property(CrmSource source)
{
	return source == CRM_FROM_PROPERTY_FIRST || source == CRM_FROM_PROPERTY_ALL ||
		source == CRM_FROM_PROPERTY_PART;
}

static bool
is_time_format(CrmFormat format)
{
	return format == CRM_FORMAT_ISO8601 || format == CRM_FORMAT_CHICAGO ||
		format == CRM_FORMAT_UNIX || format == CRM_FORMAT_UNIX_MS ||
		format == CRM_FORMAT_UNIX_ANY;
}

/* Checks of one entity ---------------------------------------------------- */

static void
check_names(const CrmApi *api, const CrmEntity *entity)
{
	if (!is_snake_case(entity->name) || strlen(entity->name) > MAX_NAME_BYTES ||
		is_reserved(entity->name))
		fault(entity, NULL, "not a good table name");
	if (crm_entity_find(api, entity->name) != entity)
		fault(entity, NULL, "name is not unique");
	if (entity->description == NULL || entity->description[0] == '\0')
		fault(entity, NULL, "no description");
	if (entity->ncolumns <= 0)
		fault(entity, NULL, "no columns");
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];

		if (!is_snake_case(column->name) || strlen(column->name) > MAX_NAME_BYTES ||
			is_reserved(column->name))
			fault(entity, column, "not a good column name");
		if (strcmp(column->name, "raw") == 0)
			fault(entity, column, "the importer adds this column");
		if (crm_column_find(entity, column->name) != column)
			fault(entity, column, "name is not unique");
		if (column->description != NULL && column->description[0] == '\0')
			fault(entity, column, "empty description");
	}
}

static void
check_pointer(const CrmEntity *entity, const CrmColumn *column, const char *what,
			  const char *pointer)
{
	if (pointer != NULL && !is_pointer(pointer))
		fault(entity, column, "%s \"%s\" is not a JSON Pointer", what, pointer);
}

static void
check_pointers(const CrmApi *api, const CrmEntity *entity)
{
	(void) api;
	if (entity->rows == NULL)
		fault(entity, NULL, "no pointer to its rows");
	check_pointer(entity, NULL, "rows", entity->rows);
	check_pointer(entity, NULL, "paged_rows", entity->paged_rows);
	check_pointer(entity, NULL, "id", entity->id);
	check_pointer(entity, NULL, "order_pointer", entity->order_pointer);
	check_pointer(entity, NULL, "unsorted_pointer", entity->unsorted_pointer);
	check_pointer(entity, NULL, "unnest", entity->unnest);
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];

		if (is_property(column->source))
		{
			if (column->pointer == NULL || column->pointer[0] == '\0')
				fault(entity, column, "no property name");
		}
		else
		{
			check_pointer(entity, column, "pointer", column->pointer);
			check_pointer(entity, column, "alternative", column->alternative);
		}
		/* Of a property that holds JSON text, the operand names a member. */
		if (column->source != CRM_FROM_PROPERTY_PART)
			check_pointer(entity, column, "operand", column->operand);
	}
}

static void
check_labels(const CrmEntity *entity, const CrmColumn *column)
{
	const CrmLabel *labels = column->labels;
	bool		combined = false;

	if (labels[0].code == NULL)
		fault(entity, column, "no labels");
	/* A table that lacks its end would run into its neighbour. */
	for (int i = 0; labels[i].code != NULL; i++)
	{
		size_t		digits = strspn(labels[i].code, "-0123456789");

		if (i > 100 || labels[i].label == NULL)
		{
			fault(entity, column, "labels have no end");
			return;
		}
		if (labels[i].code[digits] == '+' && labels[i].code[digits + 1] == '\0')
			combined = true;
		for (int k = 0; k < i; k++)
		{
			if (strcmp(labels[i].code, labels[k].code) == 0)
				fault(entity, column, "code %s has two labels", labels[i].code);
		}
	}
	if (combined != (column->operand != NULL))
		fault(entity, column, "an operand and a code with \"+\" need each other");
}

/* The type a format makes, and whether it needs an operand. */
static bool
format_fits(const CrmColumn *column)
{
	CrmType		type = column->type;

	switch (column->format)
	{
		case CRM_FORMAT_PLAIN:
			return type != CRM_TIMESTAMPTZ;
		case CRM_FORMAT_ISO8601:
		case CRM_FORMAT_CHICAGO:
		case CRM_FORMAT_UNIX:
		case CRM_FORMAT_UNIX_MS:
		case CRM_FORMAT_UNIX_ANY:
			return type == CRM_TIMESTAMPTZ || type == CRM_DATE;
		case CRM_FORMAT_CENTS:
		case CRM_FORMAT_RATIO:
			return type == CRM_NUMERIC;
		case CRM_FORMAT_REFERENCE:
			return type == CRM_BIGINT;
		case CRM_FORMAT_IPV4:
			return type == CRM_INET;
		case CRM_FORMAT_UPPER:
		case CRM_FORMAT_LABEL:
			return type == CRM_TEXT;
		case CRM_FORMAT_JSON_TEXT:
			return type == CRM_JSONB;
		case CRM_FORMAT_SPLIT_COMMA:
		case CRM_FORMAT_PLUCK:
		case CRM_FORMAT_CHOICES:
		case CRM_FORMAT_JSON_LIST:
			return type == CRM_TEXT_ARRAY || type == CRM_BIGINT_ARRAY;
		case CRM_FORMAT_US_DATE:
			return type == CRM_DATE;
		case CRM_FORMAT_SECONDS_UNTIL:
			return type == CRM_INTEGER || type == CRM_BIGINT;
		case CRM_FORMAT_MISSED_CALL:
		case CRM_FORMAT_EQUALS:
			return type == CRM_BOOLEAN;
	}
	return false;
}

static bool
needs_operand(const CrmColumn *column)
{
	switch (column->format)
	{
		case CRM_FORMAT_PLUCK:
		case CRM_FORMAT_RATIO:
		case CRM_FORMAT_SECONDS_UNTIL:
		case CRM_FORMAT_MISSED_CALL:
		case CRM_FORMAT_EQUALS:
			return true;
		default:
			return column->source == CRM_FROM_PROPERTY_PART;
	}
}

static void
check_formats(const CrmApi *api, const CrmEntity *entity)
{
	(void) api;
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];
		bool		label = column->format == CRM_FORMAT_LABEL;

		if (crm_type_name(column->type) == NULL)
			fault(entity, column, "type has no name");
		if (!format_fits(column))
			fault(entity, column, "format does not make %s", crm_type_name(column->type));
		if (needs_operand(column) && column->operand == NULL)
			fault(entity, column, "format or source needs an operand");
		if (!needs_operand(column) && !label && column->operand != NULL)
			fault(entity, column, "operand is never used");
		if (label != (column->labels != NULL))
			fault(entity, column, "labels and format label need each other");
		if (label && column->labels != NULL)
			check_labels(entity, column);
		if (column->request_flag != NULL && !is_query(column->request_flag, false))
			fault(entity, column, "request flag is not name=value");
		if (column->source == CRM_FROM_PARENT_KEY && entity->nparents == 0)
			fault(entity, column, "there is no parent");
		if ((column->source == CRM_FROM_OUTER || column->source == CRM_FROM_ORDINAL) &&
			entity->unnest == NULL)
			fault(entity, column, "rows are not unnested");
	}
}

static void
check_paths(const CrmApi *api, const CrmEntity *entity)
{
	int			slots = entity->lookup != NULL ? 1 : 0;

	if ((entity->path == NULL) == (entity->nparents == 0))
		fault(entity, NULL, "needs either a path or parents");
	if (entity->path != NULL &&
		(!is_path(api, entity->path) || count_slots(entity->path) != slots))
		fault(entity, NULL, "path \"%s\"", entity->path);
	if (entity->fallback_path != NULL &&
		(!is_path(api, entity->fallback_path) ||
		 count_slots(entity->fallback_path) != (entity->nparents > 0 ? 1 : slots)))
		fault(entity, NULL, "fallback path \"%s\"", entity->fallback_path);
	if (entity->order != NULL && !is_query(entity->order, true))
		fault(entity, NULL, "order \"%s\" is not an encoded query", entity->order);
	if (entity->order_pointer != NULL && entity->order == NULL)
		fault(entity, NULL, "order_pointer without order");
	if ((entity->unsorted_pointer != NULL) != (entity->pager == CRM_PAGER_WALK))
		fault(entity, NULL, "unsorted_pointer and a walk need each other");
	if (entity->lookup != NULL)
	{
		const CrmLookup *lookup = entity->lookup;

		if (!is_path(api, lookup->path) || !is_pointer(lookup->rows) ||
			lookup->match == NULL || lookup->value == NULL || lookup->take == NULL)
			fault(entity, NULL, "lookup is not complete");
	}
}

static void
check_parent(const CrmApi *api, const CrmEntity *entity, const CrmParent *parent)
{
	const CrmColumn *child = parent->column ? crm_column_find(entity, parent->column) : NULL;

	if (!is_path(api, parent->path) || count_slots(parent->path) != 1)
		fault(entity, NULL, "parent path \"%s\"", parent->path);
	if (parent->column != NULL && child == NULL)
		fault(entity, NULL, "no column \"%s\" for the parent's id", parent->column);
	if (parent->entity != NULL)
	{
		const CrmEntity *above = crm_entity_find(api, parent->entity);
		const CrmColumn *id = above ? crm_column_find(above, "id") : NULL;

		if (parent->values != NULL)
			fault(entity, NULL, "parents are either an entity or values");
		if (id == NULL)
			fault(entity, NULL, "parent \"%s\" has no column id", parent->entity);
		if (parent->column == NULL)
			fault(entity, NULL, "no column holds the id of \"%s\"", parent->entity);
		if (id != NULL && child != NULL && id->type != child->type)
			fault(entity, child, "is not of the type of %s.id", parent->entity);
	}
	else if (parent->values == NULL || parent->values[0] == NULL)
		fault(entity, NULL, "parent is neither an entity nor values");
}

static void
check_parents(const CrmApi *api, const CrmEntity *entity)
{
	if ((entity->parents == NULL) != (entity->nparents == 0))
		fault(entity, NULL, "parents and their number differ");
	for (int i = 0; i < entity->nparents; i++)
		check_parent(api, entity, &entity->parents[i]);
	if ((entity->flags & CRM_ENTITY_FEW_PARENTS) != 0 && entity->nparents == 0)
		fault(entity, NULL, "has few parents, but none");
}

static void
check_keys(const CrmApi *api, const CrmEntity *entity)
{
	(void) api;
	for (int i = 0; entity->key != NULL && entity->key[i] != NULL; i++)
	{
		if (crm_column_find(entity, entity->key[i]) == NULL)
			fault(entity, NULL, "key column \"%s\" does not exist", entity->key[i]);
	}
	if (entity->key != NULL && entity->key[0] == NULL)
		fault(entity, NULL, "empty key");
	for (int i = 0; entity->raw_omit != NULL && entity->raw_omit[i] != NULL; i++)
	{
		if (strchr(entity->raw_omit[i], '/') != NULL)
			fault(entity, NULL, "raw_omit \"%s\" is not a member", entity->raw_omit[i]);
	}
}

static void
check_window(const CrmEntity *entity)
{
	const CrmWindow *window = entity->window;
	const CrmColumn *column = crm_column_find(entity, window->column);

	if (window->from == NULL || window->to == NULL)
		fault(entity, NULL, "window lacks a parameter");
	if (window->pointer == NULL || !is_pointer(window->pointer))
		fault(entity, NULL, "window compares no member");
	if (column == NULL)
		fault(entity, NULL, "window column \"%s\" does not exist", window->column);
	else if (column->type != CRM_TIMESTAMPTZ || !is_time_format(column->format))
		fault(entity, column, "is no time, but the window's column");
}

/* What each pager cannot do without. */
static bool
pager_is_equipped(const CrmApi *api, const CrmEntity *entity)
{
	const char *size = entity->size_param ? entity->size_param : api->size_param;
	const char *position = entity->position_param ? entity->position_param : api->position_param;

	switch (entity->pager)
	{
		case CRM_PAGER_SINGLE:
			return true;
		case CRM_PAGER_OFFSET:
		case CRM_PAGER_PAGE:
		case CRM_PAGER_CURSOR:
			return size != NULL && position != NULL;
		case CRM_PAGER_KEYSET:
			return size != NULL && api->keyset_param != NULL && entity->id != NULL &&
				entity->order != NULL && entity->order_pointer != NULL &&
				strcmp(entity->id, entity->order_pointer) == 0;
		case CRM_PAGER_NUMBER:
			return size != NULL && position != NULL && api->position_cap > 0;
		case CRM_PAGER_SLICES:
			return entity->window != NULL;
		case CRM_PAGER_WALK:
			return size != NULL && position != NULL && api->total_pointer != NULL && entity->id != NULL &&
				entity->order != NULL && entity->order_pointer != NULL && entity->unsorted_pointer != NULL;
	}
	return false;
}

static void
check_paging(const CrmApi *api, const CrmEntity *entity)
{
	if (!pager_is_equipped(api, entity))
		fault(entity, NULL, "pager lacks a parameter, an id or a window");
	if (entity->window != NULL)
		check_window(entity);
	if (crm_completeness_name(entity->completeness) == NULL)
		fault(entity, NULL, "completeness has no name");
	if (entity->completeness == CRM_COMPLETE_KEYSET &&
		entity->pager != CRM_PAGER_KEYSET && entity->pager != CRM_PAGER_CURSOR &&
		entity->pager != CRM_PAGER_SINGLE)
		fault(entity, NULL, "this pager is not complete by construction");
	if (entity->completeness == CRM_COMPLETE_COUNTED &&
		api->total_pointer == NULL && entity->window == NULL)
		fault(entity, NULL, "nothing to count against");
	if (entity->paged_rows != NULL && strcmp(entity->paged_rows, entity->rows) == 0)
		fault(entity, NULL, "paged_rows says nothing");
	if (entity->max_page_size < 0 || !(entity->expected_rows >= 1))
		fault(entity, NULL, "page size or expected rows");
}

/* True if a token of the pointer is the name of a secret. */
static bool
touches_secret(const CrmApi *api, const char *pointer)
{
	for (const char *p = pointer; p != NULL && *p == '/';)
	{
		size_t		length = strcspn(++p, "/");

		for (int i = 0; api->secret_keys[i] != NULL; i++)
		{
			if (strlen(api->secret_keys[i]) == length &&
				strncmp(api->secret_keys[i], p, length) == 0)
				return true;
		}
		p += length;
	}
	return false;
}

static void
check_secrets(const CrmApi *api, const CrmEntity *entity)
{
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];
		char		implied[MAX_NAME_BYTES + 2];

		snprintf(implied, sizeof(implied), "/%s", column->name);
		if (touches_secret(api, column->pointer ? column->pointer : implied) ||
			touches_secret(api, column->alternative) || touches_secret(api, column->operand))
			fault(entity, column, "reads a secret");
	}
}

/* The checks -------------------------------------------------------------- */

static const struct
{
	const char *what;
	void		(*check) (const CrmApi *api, const CrmEntity *entity);
	bool		holds_for_routes;	/* the lists of routes have names and parents of
									 * their own kind */
}			entity_checks[] =
{
	{"names and descriptions", check_names, false},
	{"pointers are well-formed", check_pointers, true},
	{"formats have the type and the members they need", check_formats, true},
	{"paths and queries", check_paths, true},
	{"parents", check_parents, false},
	{"keys", check_keys, true},
	{"pagers have what they need", check_paging, true},
	{"no column reads a secret", check_secrets, true},
};

static void
check_entity(const CrmApi *api, const CrmEntity *entity, int check)
{
	entity_checks[check].check(api, entity);
	for (int i = 0; i < entity->nroutes && entity_checks[check].holds_for_routes; i++)
		entity_checks[check].check(api, entity->routes[i].list);
}

int
main(void)
{
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		for (int k = 0; k < CRM_LENGTH(entity_checks); k++)
		{
			for (int n = 0; n < api->nentities; n++)
				check_entity(api, api->entities[n], k);
			finish_check(api->name, entity_checks[k].what);
		}
	}
	return finish_checks();
}
