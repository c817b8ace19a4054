/*
 * test_catalog_routes.c
 *		Checks the other ways to an entity's records, the orders that lists are
 *		read in, and how copies are kept up to date.
 *
 * Each check is also shown a row with the fault it is for.  Links with
 * src/catalog/[a-z]*.c only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "catalog_check.h"

#define ROUTE_FLAGS	(CRM_ROUTE_SEARCH_INDEX | CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER)

/* Routes ------------------------------------------------------------------- */

static bool
is_listed(const char *const *names, const char *name)
{
	for (int i = 0; names != NULL && names[i] != NULL; i++)
	{
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* A table cut off before its end runs into its neighbour. */
static void
check_lacks(const CrmEntity *entity, const CrmRoute *route)
{
	for (int i = 0; route->lacks != NULL && route->lacks[i] != NULL; i++)
	{
		if (strcmp(route->lacks[i], "raw") != 0 && crm_column_find(entity, route->lacks[i]) == NULL)
			fault(entity, NULL, "lacks a column \"%s\" that does not exist", route->lacks[i]);
		for (int k = 0; k < i; k++)
		{
			if (strcmp(route->lacks[i], route->lacks[k]) == 0)
				fault(entity, NULL, "lacks \"%s\" twice", route->lacks[i]);
		}
	}
}

/* Every column the query may need comes this way too, or the route says so. */
static void
check_route_columns(const CrmEntity *entity, const CrmRoute *route)
{
	if (route->list->columns == entity->columns)
		return;
	for (int i = 0; i < entity->ncolumns; i++)
	{
		const CrmColumn *column = &entity->columns[i];
		const CrmColumn *other = crm_column_find(route->list, column->name);

		if (is_listed(route->lacks, column->name))
			continue;
		if (other == NULL)
			fault(entity, column, "is missing in a route that does not say so");
		else if (other->type != column->type)
			fault(entity, column, "has another type in a route");
	}
}

/* The columns whose values fill the path: ids, which a URL can carry. */
static void
check_route_parents(const CrmApi *api, const CrmEntity *entity, const CrmEntity *list)
{
	for (int i = 0; i < list->nparents; i++)
	{
		const CrmParent *parent = &list->parents[i];
		const CrmColumn *column = parent->column ? crm_column_find(list, parent->column) : NULL;

		if (column == NULL)
			fault(entity, NULL, "no column \"%s\" fills the path of a route",
				  parent->column ? parent->column : "");
		else if (!is_integer_type(column->type) && column->type != CRM_TEXT)
			fault(entity, column, "fills the path of a route, but is no id");
		else if (crm_column_find(entity, parent->column) == NULL)
			fault(entity, column, "is a column of the route only");
		if (!is_path(api, parent->path) || count_slots(parent->path) != 1)
			fault(entity, NULL, "path \"%s\" of a route", parent->path);
		if (parent->values != NULL)
			fault(entity, NULL, "a route goes by what the query names, not by fixed values");
	}
}

/* What a walk cannot prove is left to the plain list, whose order is its own. */
static void
check_route_walk(const CrmEntity *entity, const CrmRoute *route)
{
	if (route->list->pager != CRM_PAGER_WALK)
		return;
	if ((route->flags & CRM_ROUTE_UNCERTAIN) == 0)
		fault(entity, NULL, "a walk has nothing to fall back to");
	if (entity->sort_column != NULL)
		fault(entity, NULL, "a walk goes by another order than the list is delivered in");
	if (route->list->nfilters > 0 || route->list->nparents > 0 || route->list->unnest != NULL)
		fault(entity, NULL, "a walk has filters, parents or nested rows");
}

static void
check_route(const CrmApi *api, const CrmEntity *entity, const CrmRoute *route)
{
	const CrmEntity *list = route->list;

	if (list == NULL || list->ncolumns == 0 || list->name == NULL)
	{
		fault(entity, NULL, "a route without a list, or one without columns or name");
		return;
	}
	if (strcmp(list->name, entity->name) != 0)
		fault(entity, NULL, "a route's list is called \"%s\"", list->name);
	if ((list->path == NULL) == (list->nparents == 0))
		fault(entity, NULL, "a route needs either a path or parents");
	if (list->nroutes > 0)
		fault(entity, NULL, "a route has routes");
	check_route_parents(api, entity, list);
	check_lacks(entity, route);
	check_route_columns(entity, route);
	if ((route->guard_pointer == NULL) != (route->guard_value == NULL))
		fault(entity, NULL, "a guard's pointer and value need each other");
	if (route->guard_pointer != NULL && (!is_pointer(route->guard_pointer) || route->guard_pointer[0] == '\0'))
		fault(entity, NULL, "guard \"%s\" is no member", route->guard_pointer);
	if (route->flags & ~ROUTE_FLAGS)
		fault(entity, NULL, "unknown flag of a route");
	if ((route->flags & CRM_ROUTE_NEEDS_FILTER) && list->nfilters == 0)
		fault(entity, NULL, "a route needs a filter, but has none");
	if (list->nparents == 0 && (route->flags & CRM_ROUTE_NEEDS_FILTER) == 0 && list->pager != CRM_PAGER_WALK)
		fault(entity, NULL, "nothing narrows a route");
	check_route_walk(entity, route);
}

static void
check_routes(const CrmApi *api, const CrmEntity *entity)
{
	if ((entity->routes == NULL) != (entity->nroutes == 0))
		fault(entity, NULL, "routes and their number differ");
	for (int i = 0; i < entity->nroutes; i++)
		check_route(api, entity, &entity->routes[i]);
}

/* Order and totals --------------------------------------------------------- */

/* Is the column the record's own member at the pointer? */
static bool
reads(const CrmColumn *column, const char *pointer)
{
	if (pointer == NULL || pointer[0] != '/' || column->source != CRM_FROM_RECORD)
		return false;
	return strcmp(column->pointer ? column->pointer + 1 : column->name, pointer + 1) == 0;
}

static void
check_sort(const CrmApi *api, const CrmEntity *list)
{
	const CrmColumn *column;

	if (list->order_desc != NULL && !is_query(list->order_desc, true))
		fault(list, NULL, "order_desc \"%s\" is not an encoded query", list->order_desc);
	if (list->order_desc != NULL && list->sort_column == NULL)
		fault(list, NULL, "an order is turned round that no column has");
	if (list->order_desc != NULL && list->pager == CRM_PAGER_KEYSET && api->keyset_desc_param == NULL)
		fault(list, NULL, "the CRM has no parameter for ids below another");
	if (list->sort_column == NULL)
		return;

	column = crm_column_find(list, list->sort_column);
	if (column == NULL)
		fault(list, NULL, "sort column \"%s\" does not exist", list->sort_column);
	else if (list->unnest != NULL)
		fault(list, column, "is the order of the records, but these are not the rows");
	else if (list->pager == CRM_PAGER_KEYSET)
	{
		if (!is_integer_type(column->type) || !reads(column, list->id))
			fault(list, column, "is the order of a keyset, but not its id");
	}
	else if (list->pager == CRM_PAGER_WALK)
	{
		if (column->type != CRM_TIMESTAMPTZ || column->format != CRM_FORMAT_UNIX ||
			!reads(column, list->order_pointer))
			fault(list, column, "is walked by, but not the time in seconds that the list is sorted by");
	}
	else if (list->window == NULL || column->type != CRM_TIMESTAMPTZ ||
			 strcmp(list->window->column, list->sort_column) != 0)
		fault(list, column, "is the order, but neither a keyset's id nor a window's time");
}

static void
check_totals(const CrmApi *api, const CrmEntity *list)
{
	if (list->count_path != NULL && (!is_path(api, list->count_path) || count_slots(list->count_path) != 0))
		fault(list, NULL, "path \"%s\" of the count", list->count_path);
	if (list->count_path != NULL && list->unnest != NULL)
		fault(list, NULL, "records are counted, but are not the rows");
	if ((list->flags & CRM_ENTITY_COUNTABLE) == 0)
		return;
	if (api->total_pointer == NULL)
		fault(list, NULL, "lists of this CRM carry no total");
	if (list->unnest != NULL)
		fault(list, NULL, "the total counts records, which are not the rows");
}

/* Copies ------------------------------------------------------------------- */

/* "<n> minutes", "<n> hours" or "<n> days", in the singular too. */
static bool
is_interval(const char *text)
{
	static const char *const units[] = {"minute", "hour", "day"};
	char	   *end;
	long		n = strtol(text, &end, 10);

	if (n <= 0 || end == text || *end++ != ' ' || text[0] < '1' || text[0] > '9')
		return false;
	for (int i = 0; i < CRM_LENGTH(units); i++)
	{
		size_t		len = strlen(units[i]);

		if (strncmp(end, units[i], len) == 0)
			return strcmp(end + len, n == 1 ? "" : "s") == 0;
	}
	return false;
}

static void
check_refresh(const CrmApi *api, const CrmEntity *entity)
{
	const CrmColumn *cursor = entity->cursor_column ? crm_column_find(entity, entity->cursor_column) : NULL;

	(void) api;
	if (!is_interval(crm_refresh_every(entity)))
		fault(entity, NULL, "refreshed every \"%s\"", entity->refresh_every);
	if (entity->lookback != NULL && !is_interval(entity->lookback))
		fault(entity, NULL, "looks back \"%s\"", entity->lookback);
	if (entity->lookback != NULL && entity->cursor_column == NULL)
		fault(entity, NULL, "looks back, but has no cursor");
	if (entity->cursor_column != NULL && cursor == NULL)
		fault(entity, NULL, "cursor column \"%s\" does not exist", entity->cursor_column);
	else if (cursor != NULL && cursor->type != CRM_TIMESTAMPTZ)
		fault(entity, cursor, "is the cursor, but no time");
}

/* Rows made for the checks ------------------------------------------------- */

static const CrmColumn columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "other_id", .type = CRM_BIGINT, .pointer = "/other"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "changed_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "data", .type = CRM_JSONB},
};

static const CrmColumn other_columns[] = {
	{.name = "id", .type = CRM_TEXT},
	{.name = "other_id", .type = CRM_BIGINT, .pointer = "/other"},
	{.name = "extra_id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "changed_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
};

static const char *const roots[] = {"/v1", NULL};

static const CrmApi bare_api = {.name = "planted", .roots = roots};
static const CrmApi full_api = {
	.name = "planted", .roots = roots, .total_pointer = "/total", .keyset_desc_param = "id_less"
};

static const CrmWindow window = {.from = "from", .to = "to", .pointer = "/created_at", .column = "created_at"};
static const CrmFilter filters[] = {{.column = "name", .param = "name"}};

#define COLUMNS(array)	.columns = (array), .ncolumns = CRM_LENGTH(array)
#define LIST(...)		{.name = "planted", COLUMNS(columns), __VA_ARGS__}
#define FILTERS			.filters = filters, .nfilters = CRM_LENGTH(filters)
#define NAMES(...)		((const char *const[]) {__VA_ARGS__, NULL})
#define BELOW(...)		.parents = (const CrmParent[]) {{__VA_ARGS__}}, .nparents = 1
#define BY_ID			BELOW(.column = "id", .path = "/v1/planted/{}")
#define ROUTE_TO(...)	.list = &(const CrmEntity) __VA_ARGS__

static const CrmEntity by_id = LIST(BY_ID);
static const CrmEntity by_id_otherwise = {.name = "planted", COLUMNS(other_columns), BY_ID};
static const CrmEntity searched = LIST(.path = "/v1/planted/search", FILTERS);

static const CrmEntity walked = LIST(.path = "/v1/planted", .pager = CRM_PAGER_WALK);

static const CrmEntity entity_of_routes = LIST(.path = "/v1/planted");

static const CrmRoute innocent_routes[] = {
	{.list = &by_id, .guard_pointer = "/type", .guard_value = "A"},
	{.list = &by_id_otherwise, .lacks = NAMES("id", "data", "raw")},
	{.list = &searched, .lacks = NAMES("raw"), .flags = ROUTE_FLAGS},
	{.list = &walked, .flags = CRM_ROUTE_UNCERTAIN},
};

static const struct
{
	const char *what;
	CrmRoute	route;
}			guilty_routes[] =
{
	{"no list", {.flags = 0}},
	{"a list without columns", {ROUTE_TO({.name = "planted", BY_ID})}},
	{"a list of another name", {ROUTE_TO({.name = "nobody", COLUMNS(columns), BY_ID})}},
	{"neither path nor parents", {ROUTE_TO(LIST(FILTERS)), .flags = CRM_ROUTE_NEEDS_FILTER}},
	{"both path and parents", {ROUTE_TO(LIST(.path = "/v1/planted", BY_ID))}},
	{"a route with routes", {ROUTE_TO(LIST(BY_ID, .routes = innocent_routes, .nroutes = 1))}},
	{"a parent that is no column", {ROUTE_TO(LIST(BELOW(.column = "nobody", .path = "/v1/planted/{}")))}},
	{"a parent without a column", {ROUTE_TO(LIST(BELOW(.path = "/v1/planted/{}")))}},
	{"a parent of no id's type", {ROUTE_TO(LIST(BELOW(.column = "data", .path = "/v1/planted/{}")))}},
	{"a parent of the route only", {
			ROUTE_TO({.name = "planted", COLUMNS(other_columns),
					 BELOW(.column = "extra_id", .path = "/v1/planted/{}")}),
		.lacks = NAMES("id", "data")}},
	{"fixed parents", {ROUTE_TO(LIST(BELOW(.column = "id", .path = "/v1/planted/{}", .values = roots)))}},
	{"a path without a place", {ROUTE_TO(LIST(BELOW(.column = "id", .path = "/v1/planted")))}},
	{"a path with two places", {ROUTE_TO(LIST(BELOW(.column = "id", .path = "/v1/{}/planted/{}")))}},
	{"a path outside the API", {ROUTE_TO(LIST(BELOW(.column = "id", .path = "/v2/planted/{}")))}},
	{"an unknown column that is lacking", {.list = &by_id, .lacks = NAMES("nobody")}},
	{"a column that is lacking twice", {.list = &by_id, .lacks = NAMES("raw", "raw")}},
	{"a column that is missing", {.list = &by_id_otherwise, .lacks = NAMES("id")}},
	{"a column of another type", {.list = &by_id_otherwise, .lacks = NAMES("data")}},
	{"a guard without a value", {.list = &by_id, .guard_pointer = "/type"}},
	{"a guard without a pointer", {.list = &by_id, .guard_value = "A"}},
	{"a guard that is no pointer", {.list = &by_id, .guard_pointer = "type", .guard_value = "A"}},
	{"a guard on everything", {.list = &by_id, .guard_pointer = "", .guard_value = "A"}},
	{"an unknown flag", {.list = &by_id, .flags = 0x80}},
	{"a filter that is needed and not there", {.list = &by_id, .flags = CRM_ROUTE_NEEDS_FILTER}},
	{"the whole list once more", {.list = &searched}},
	{"a walk without a way out", {.list = &walked}},
	{"a walk that is narrowed", {
			ROUTE_TO(LIST(.path = "/v1/planted", .pager = CRM_PAGER_WALK, FILTERS)),
		.flags = CRM_ROUTE_UNCERTAIN}},
};

#define KEYSET	.pager = CRM_PAGER_KEYSET, .id = "/id"

static const struct
{
	const CrmApi *api;
	CrmEntity	entity;
}			innocent[] =
{
	{&full_api, LIST(KEYSET, .sort_column = "id", .order_desc = "orders%5Bid%5D=DESC",
				 .flags = CRM_ENTITY_COUNTABLE, .cursor_column = "changed_at", .lookback = "1 day")},
	{&bare_api, LIST(.pager = CRM_PAGER_NUMBER, .window = &window, .sort_column = "created_at",
				 .order_desc = "order=desc", .count_path = "/v1/planted/count", .refresh_every = "15 minutes")},
	{&full_api, LIST(.pager = CRM_PAGER_WALK, .order_pointer = "/changed_at", .sort_column = "changed_at")},
	{&bare_api, LIST(.refresh_every = "1 hour", .cursor_column = "created_at", .lookback = "30 days")},
};

static const struct
{
	const char *what;
	void		(*check) (const CrmApi *api, const CrmEntity *entity);
	const CrmApi *api;
	CrmEntity	entity;
}			guilty[] =
{
	{"routes that are not counted", check_routes, &full_api, LIST(.routes = innocent_routes)},
	{"an unknown sort column", check_sort, &full_api, LIST(KEYSET, .sort_column = "nobody")},
	{"a keyset sorted by another id", check_sort, &full_api, LIST(KEYSET, .sort_column = "other_id")},
	{"a keyset sorted by a text", check_sort, &full_api,
		LIST(.pager = CRM_PAGER_KEYSET, .id = "/name", .sort_column = "name")},
	{"a sorted list that is no keyset", check_sort, &full_api,
		LIST(.pager = CRM_PAGER_OFFSET, .id = "/id", .sort_column = "id")},
	{"a window sorted by another time", check_sort, &full_api,
		LIST(.pager = CRM_PAGER_NUMBER, .window = &window, .sort_column = "changed_at")},
	{"a walk by another time", check_sort, &full_api,
		LIST(.pager = CRM_PAGER_WALK, .order_pointer = "/created_at", .sort_column = "changed_at")},
	{"a walk by an id", check_sort, &full_api,
		LIST(.pager = CRM_PAGER_WALK, .order_pointer = "/id", .sort_column = "id")},
	{"elements sorted like their records", check_sort, &full_api,
		LIST(KEYSET, .sort_column = "id", .unnest = "/tags")},
	{"an order turned round that is none", check_sort, &full_api, LIST(KEYSET, .order_desc = "order=desc")},
	{"an order that is no query", check_sort, &full_api,
		LIST(KEYSET, .sort_column = "id", .order_desc = "orders[id]=DESC")},
	{"a keyset that cannot be turned round", check_sort, &bare_api,
		LIST(KEYSET, .sort_column = "id", .order_desc = "order=desc")},
	{"a count outside the API", check_totals, &full_api, LIST(.count_path = "/v2/count")},
	{"a count of one record", check_totals, &full_api, LIST(.count_path = "/v1/planted/{}/count")},
	{"a count of other things", check_totals, &full_api, LIST(.count_path = "/v1/count", .unnest = "/tags")},
	{"a total that does not come", check_totals, &bare_api, LIST(.flags = CRM_ENTITY_COUNTABLE)},
	{"a total of other things", check_totals, &full_api, LIST(.flags = CRM_ENTITY_COUNTABLE, .unnest = "/tags")},
	{"an interval without a number", check_refresh, &full_api, LIST(.refresh_every = "day")},
	{"an interval of nothing", check_refresh, &full_api, LIST(.refresh_every = "0 days")},
	{"an interval that is negative", check_refresh, &full_api, LIST(.refresh_every = "-1 days")},
	{"an interval in other units", check_refresh, &full_api, LIST(.refresh_every = "2 weeks")},
	{"a plural of one", check_refresh, &full_api, LIST(.refresh_every = "1 days")},
	{"a singular of many", check_refresh, &full_api, LIST(.refresh_every = "12 hour")},
	{"a bad interval to look back", check_refresh, &full_api,
		LIST(.cursor_column = "created_at", .lookback = "always")},
	{"a look back without a cursor", check_refresh, &full_api, LIST(.lookback = "1 day")},
	{"an unknown cursor", check_refresh, &full_api, LIST(.cursor_column = "nobody")},
	{"a cursor that is no time", check_refresh, &full_api, LIST(.cursor_column = "id")},
};

static void
check_the_checks(void)
{
	for (int i = 0; i < CRM_LENGTH(guilty_routes); i++)
	{
		begin_plant();
		check_route(&full_api, &entity_of_routes, &guilty_routes[i].route);
		end_plant(guilty_routes[i].what);
	}
	for (int i = 0; i < CRM_LENGTH(guilty); i++)
	{
		begin_plant();
		guilty[i].check(guilty[i].api, &guilty[i].entity);
		end_plant(guilty[i].what);
	}
	for (int i = 0; i < CRM_LENGTH(innocent_routes); i++)
		check_route(&full_api, &entity_of_routes, &innocent_routes[i]);
	for (int i = 0; i < CRM_LENGTH(innocent); i++)
	{
		check_sort(innocent[i].api, &innocent[i].entity);
		check_totals(innocent[i].api, &innocent[i].entity);
		check_refresh(innocent[i].api, &innocent[i].entity);
	}
	finish_check("checks", "each notices its fault, and no other");
}

/* The checks --------------------------------------------------------------- */

static const struct
{
	const char *what;
	void		(*check) (const CrmApi *api, const CrmEntity *entity);
	bool		holds_for_routes;
}			checks[] =
{
	{"routes", check_routes, false},
	{"orders are those of the pager", check_sort, true},
	{"totals count rows", check_totals, true},
	{"how copies are refreshed", check_refresh, false},
};

int
main(void)
{
	check_the_checks();
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		for (int k = 0; k < CRM_LENGTH(checks); k++)
		{
			for (int n = 0; n < api->nentities; n++)
			{
				const CrmEntity *entity = api->entities[n];

				checks[k].check(api, entity);
				for (int r = 0; r < entity->nroutes && checks[k].holds_for_routes; r++)
					checks[k].check(api, entity->routes[r].list);
			}
			finish_check(api->name, checks[k].what);
		}
	}
	return finish_checks();
}
