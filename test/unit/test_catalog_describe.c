/*
 * test_catalog_describe.c
 *		What users are told about a column, from rows made up for it.
 */
#include "postgres.h"

#include "admin/describe.h"
#include "stub.h"

/* Columns every entity below has. */
enum
{
	ID, CREATED_AT, STATUS, STATUS_LABEL, IS_OPEN, TAGS, NAME, AMOUNT, CURRENCY, PARENT_ID
};

static const CrmLabel status_labels[] = {
	{"0", "open"}, {"1", "won"}, {"2", "open"}, {NULL, NULL}
};

static const CrmColumn columns[] = {
	[ID] = {.name = "id", .type = CRM_BIGINT},
	[CREATED_AT] = {.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	[STATUS] = {.name = "status", .type = CRM_SMALLINT, .description = "a code"},
	[STATUS_LABEL] = {.name = "status_label", .type = CRM_TEXT, .format = CRM_FORMAT_LABEL,
		.labels = status_labels},
	[IS_OPEN] = {.name = "is_open", .type = CRM_BOOLEAN},
	[TAGS] = {.name = "tags", .type = CRM_TEXT_ARRAY},
	[NAME] = {.name = "name", .type = CRM_TEXT, .description = "full name"},
	[AMOUNT] = {.name = "amount", .type = CRM_NUMERIC},
	[CURRENCY] = {.name = "currency", .type = CRM_TEXT},
	[PARENT_ID] = {.name = "parent_id", .type = CRM_BIGINT},
};

#define COLUMNS		.columns = columns, .ncolumns = CRM_LENGTH(columns)
#define FILTERS(...) \
	.filters = (const CrmFilter[]) {__VA_ARGS__}, \
	.nfilters = CRM_LENGTH(((const CrmFilter[]) {__VA_ARGS__}))
#define PARENTS(...) \
	.parents = (const CrmParent[]) {__VA_ARGS__}, \
	.nparents = CRM_LENGTH(((const CrmParent[]) {__VA_ARGS__}))
#define ROUTES(...) \
	.routes = (const CrmRoute[]) {__VA_ARGS__}, \
	.nroutes = CRM_LENGTH(((const CrmRoute[]) {__VA_ARGS__}))

/* What the entity says about the column, as "operators" and as a description. */
static void
expect(const CrmEntity *entity, int column, const char *operators, const char *description)
{
	CrmOperators set = crm_pushable_operators(entity, &columns[column]);
	StringInfoData text;

	initStringInfo(&text);
	for (int op = 0; op < CRM_OPERATORS; op++)
	{
		if (set & CRM_OPERATOR_SET(op))
			appendStringInfo(&text, "%s%s", text.len > 0 ? " " : "", crm_operator_name(op));
	}
	tap_is_text(text.data, operators, "%s.%s: operators", entity->name, columns[column].name);
	resetStringInfo(&text);
	crm_describe_column(entity, &columns[column], &text);
	tap_is_text(text.data, description, "%s.%s: description", entity->name, columns[column].name);
}

static void
test_filters(void)
{
	const CrmEntity entity = {
		.name = "filters", COLUMNS,
		FILTERS({.column = "status", .match = CRM_MATCH_EQUAL},
				{.column = "status_label", .match = CRM_MATCH_EQUAL, .send = CRM_SEND_CODE},
				{.column = "is_open", .match = CRM_MATCH_EQUAL},
				{.column = "tags", .match = CRM_MATCH_ELEMENT},
				{.column = "name", .match = CRM_MATCH_SUBSTRING},
				{.column = "currency", .match = CRM_MATCH_PREFIX},
				{.column = "amount", .match = CRM_MATCH_AFTER},
				{.column = "created_at", .match = CRM_MATCH_AFTER},
				{.column = "created_at", .match = CRM_MATCH_BEFORE})
	};

	expect(&entity, ID, "", "");
	expect(&entity, STATUS, "= IN", "a code");
	expect(&entity, STATUS_LABEL, "= IN", "open, won");
	expect(&entity, IS_OPEN, "=", "");
	expect(&entity, TAGS, "@>", "");
	expect(&entity, NAME, "= LIKE", "full name");
	expect(&entity, CURRENCY, "= LIKE", "");
	expect(&entity, AMOUNT, "> >=", "");
	expect(&entity, CREATED_AT, "= < <= > >=", "");
}

/* A list narrows by more than its filters. */
static void
test_lists(void)
{
	static const CrmWindow window = {.from = "from", .to = "to", .column = "created_at"};
	const CrmEntity windowed = {
		.name = "windowed", COLUMNS, .pager = CRM_PAGER_NUMBER, .window = &window
	};
	const CrmEntity sliced = {
		.name = "sliced", COLUMNS, .pager = CRM_PAGER_SLICES, .window = &window
	};
	const CrmEntity keyset = {
		.name = "keyset", COLUMNS, .pager = CRM_PAGER_KEYSET, .sort_column = "id"
	};
	const CrmEntity offset = {
		.name = "offset", COLUMNS, .pager = CRM_PAGER_OFFSET, .sort_column = "id"
	};
	const CrmEntity walked = {
		.name = "walked", COLUMNS, .pager = CRM_PAGER_WALK, .sort_column = "created_at"
	};
	const CrmEntity child = {
		.name = "child", COLUMNS, PARENTS({.entity = "above", .column = "parent_id"}),
		FILTERS({.column = "status", .match = CRM_MATCH_EQUAL})
	};
	const CrmEntity ruled = {
		.name = "ruled", COLUMNS, .rules_param = "rules",
		FILTERS({.column = "name", .match = CRM_MATCH_EQUAL, .condition = "EQUALS"})
	};
	const CrmEntity fixed = {
		.name = "fixed", COLUMNS, PARENTS({.values = (const char *const[]) {"1", NULL}})
	};

	expect(&windowed, CREATED_AT, "= < <= > >=", "");
	expect(&windowed, ID, "", "");
	expect(&sliced, CREATED_AT, "", "");
	expect(&keyset, ID, "= < <= > >=", "");
	expect(&offset, ID, "", "");
	expect(&walked, CREATED_AT, "> >=", "");
	expect(&child, PARENT_ID, "= IN", "");
	expect(&child, ID, "", "");
	expect(&child, STATUS, "=", "a code");
	expect(&fixed, PARENT_ID, "", "");
	expect(&ruled, NAME, "=", "full name");
	tap_ok(crm_column_sortable(&keyset, &columns[ID]), "the order of a list is known");
	tap_ok(!crm_column_sortable(&keyset, &columns[NAME]) &&
		   !crm_column_sortable(&child, &columns[ID]), "there is no other order");
}

static void
test_routes(void)
{
	const CrmEntity by_id = {.name = "routes", COLUMNS, PARENTS({.column = "id"})};
	const CrmEntity searched = {
		.name = "routes", COLUMNS,
		FILTERS({.column = "name", .match = CRM_MATCH_EQUAL},
				{.column = "name", .match = CRM_MATCH_PREFIX},
				{.column = "id", .match = CRM_MATCH_EQUAL})
	};
	const CrmEntity entity = {
		.name = "routes", COLUMNS,
		FILTERS({.column = "name", .match = CRM_MATCH_EQUAL}),
		ROUTES({.list = &by_id}, {.list = &searched, .flags = CRM_ROUTE_SEARCH_INDEX})
	};

	expect(&entity, ID, "= IN", "");
	expect(&entity, NAME, "= IN LIKE",
		   "full name; LIKE pushed only with the server option search_filters");
}

/* Filters that apply in some queries only. */
static void
test_conditions(void)
{
	const CrmEntity searched = {
		.name = "conditions", COLUMNS,
		FILTERS({.column = "status", .match = CRM_MATCH_EQUAL, .only_column = "is_open", .only_value = "true"})
	};
	const CrmEntity entity = {
		.name = "conditions", COLUMNS,
		FILTERS({.column = "amount", .match = CRM_MATCH_AFTER, .only_column = "currency", .only_value = "USD"},
				{.column = "amount", .match = CRM_MATCH_BEFORE, .only_column = "currency", .only_value = "USD"},
				{.column = "name", .match = CRM_MATCH_EQUAL, .only_column = "name", .only_value = "CALL"},
				{.column = "name", .match = CRM_MATCH_EQUAL, .only_column = "name", .only_value = "EMAIL"},
				{.column = "tags", .match = CRM_MATCH_ELEMENT, .only_column = "status", .only_value = "1"},
				{.column = "tags", .match = CRM_MATCH_ELEMENT, .only_column = "status", .only_value = "2"},
				{.column = "id", .match = CRM_MATCH_EQUAL, .only_column = "status", .only_value = "1"},
				{.column = "id", .match = CRM_MATCH_EQUAL}),
		ROUTES({.list = &searched, .flags = CRM_ROUTE_SEARCH_INDEX})
	};

	expect(&entity, AMOUNT, "= < <= > >=", "pushed only beside currency = 'USD'");
	expect(&entity, NAME, "=", "full name; pushed only for 'CALL', 'EMAIL'");
	expect(&entity, TAGS, "@>", "pushed only beside status IN ('1', '2')");
	expect(&entity, ID, "= IN", "");
	expect(&entity, STATUS, "= IN",
		   "a code; pushed only beside is_open = 'true' and with the server option search_filters");
}

static void
test_raw(void)
{
	const CrmEntity entity = {.name = "any", COLUMNS};

	tap_is_text(crm_raw_column.name, "raw", "every table has its raw");
	tap_is_int(crm_pushable_operators(&entity, &crm_raw_column), 0, "raw is compared in PostgreSQL");
}

static void
expect_needed(const CrmEntity *entity, const char *wanted)
{
	const char *needed[4];
	int			n = crm_needed_filters(entity, needed);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? " " : "", needed[i]);
	tap_is_text(text.data, wanted, "%s: columns it needs", entity->name);
}

static void
test_needs(void)
{
	const CrmEntity root = {.name = "root", COLUMNS};
	const CrmEntity many = {
		.name = "below many", COLUMNS,
		PARENTS({.entity = "a", .column = "parent_id"}, {.entity = "b", .column = "parent_id"},
				{.entity = "c", .column = "id"})
	};
	const CrmEntity few = {
		.name = "below few", COLUMNS, .flags = CRM_ENTITY_FEW_PARENTS,
		PARENTS({.entity = "a", .column = "parent_id"})
	};
	const CrmEntity fixed = {
		.name = "below fixed ones", COLUMNS,
		PARENTS({.entity = "a", .column = "parent_id"},
				{.column = "id", .values = (const char *const[]) {"1", NULL}})
	};

	expect_needed(&root, "");
	expect_needed(&many, "parent_id id");
	expect_needed(&few, "");
	expect_needed(&fixed, "");
}

int
main(void)
{
	test_filters();
	test_lists();
	test_routes();
	test_conditions();
	test_raw();
	test_needs();
	return tap_done();
}
