/*
 * test_catalog_filters.c
 *		Checks the filters of every list against its columns.
 *
 * A filter that names a wrong column or writes a value in a wrong way costs
 * records that nobody misses, so each check is also shown a filter with the
 * fault it is for.  Links with src/catalog/[a-z]*.c only.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "catalog_check.h"

/* Small predicates -------------------------------------------------------- */

static bool
is_bound(CrmMatch match)
{
	return match == CRM_MATCH_AFTER || match == CRM_MATCH_BEFORE;
}

static bool
is_time_send(CrmSend send)
{
	return send == CRM_SEND_CHICAGO || send == CRM_SEND_UNIX || send == CRM_SEND_UNIX_MS;
}

static bool
is_number(const char *text)
{
	if (*text == '-')
		text++;
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* What a URL encoder gets: nothing that is encoded already, or looks like more. */
static bool
is_plain_name(const char *text)
{
	if (text == NULL || *text == '\0')
		return false;
	for (const char *p = text; *p; p++)
	{
		if (!isgraph((unsigned char) *p) || strchr("%&=?#+", *p) != NULL)
			return false;
	}
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A value of the label column, as its word or as its code. */
static bool
has_label(const CrmColumn *column, const char *text, bool as_code)
{
	for (const CrmLabel *label = column->labels; label->code != NULL; label++)
	{
		size_t		digits = strcspn(label->code, "+");

		if (as_code ? strlen(text) == digits && strncmp(label->code, text, digits) == 0 :
			strcmp(label->label, text) == 0)
			return true;
	}
	return false;
}

/* Checks of one filter ---------------------------------------------------- */

/* Can the match be made on such a column, and the value be sent like that? */
static bool
match_fits(const CrmColumn *column, CrmMatch match, CrmSend send)
{
	bool		label = column->format == CRM_FORMAT_LABEL;

	switch (match)
	{
		case CRM_MATCH_EQUAL:
			if (label)
				return send == CRM_SEND_CODE;
			if (column->type == CRM_BOOLEAN)
				return send == CRM_SEND_PLAIN || send == CRM_SEND_WORD;
			return send == CRM_SEND_PLAIN &&
				(is_integer_type(column->type) || column->type == CRM_TEXT || column->type == CRM_UUID);
		case CRM_MATCH_AFTER:
		case CRM_MATCH_BEFORE:
			if (column->type == CRM_TIMESTAMPTZ)
				return is_time_send(send);
			if (column->type == CRM_NUMERIC)
				return send == CRM_SEND_WHOLE;
			return send == CRM_SEND_PLAIN && is_integer_type(column->type);
		case CRM_MATCH_ELEMENT:
			return send == CRM_SEND_PLAIN &&
				(column->type == CRM_TEXT_ARRAY || column->type == CRM_BIGINT_ARRAY);
		case CRM_MATCH_PREFIX:
		case CRM_MATCH_SUBSTRING:
			return send == CRM_SEND_PLAIN && column->type == CRM_TEXT && !label;
	}
	return false;
}

/* Could the filter ever send this value? */
static bool
is_sent_as(const CrmFilter *filter, const CrmColumn *column, const char *value)
{
	if (filter->send == CRM_SEND_WORD)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (filter->send == CRM_SEND_CODE)
		return column->labels != NULL && has_label(column, value, true);
	if (column->type == CRM_BOOLEAN)
		return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
	return !is_integer_type(column->type) || is_number(value);
}

/* Is the value one of the column, as SQL casts it to text? */
static bool
is_printed_as(const CrmColumn *column, const char *value)
{
	if (column->type == CRM_BOOLEAN)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (column->labels != NULL)
		return has_label(column, value, false);
	if (is_integer_type(column->type))
		return is_number(value);
	return column->type == CRM_TEXT && value[0] != '\0';
}

static void
check_column(const CrmEntity *list, const CrmFilter *filter, const CrmColumn *column)
{
	if (!match_fits(column, filter->match, filter->send))
		fault(list, column, "%s cannot be matched or sent like this", crm_type_name(column->type));
	if (filter->except != NULL && is_bound(filter->match))
		fault(list, column, "a bound has no exception");
	else if (filter->except != NULL && !is_sent_as(filter, column, filter->except))
		fault(list, column, "never sends \"%s\"", filter->except);
}

static void
check_only(const CrmEntity *list, const CrmFilter *filter)
{
	const CrmColumn *only;

	if ((filter->only_column == NULL) != (filter->only_value == NULL))
		fault(list, NULL, "%s: only_column and only_value need each other", filter->column);
	if (filter->only_column == NULL || filter->only_value == NULL)
		return;
	only = crm_column_find(list, filter->only_column);
	if (only == NULL)
		fault(list, NULL, "%s: there is no column \"%s\"", filter->column, filter->only_column);
	else if (!is_printed_as(only, filter->only_value))
		fault(list, only, "is never \"%s\"", filter->only_value);
}

static void
check_numbers(const CrmEntity *list, const CrmFilter *filter)
{
	if (filter->widen < 0 || filter->most < 0)
		fault(list, NULL, "%s: negative number", filter->column);
	if (filter->widen > 0 && !is_bound(filter->match))
		fault(list, NULL, "%s: only bounds can be widened", filter->column);
	if (filter->widen > 0 && filter->grade == CRM_GRADE_EXACT)
		fault(list, NULL, "%s: a widened bound is not exact", filter->column);
	if (filter->most > 1 && filter->match != CRM_MATCH_EQUAL && filter->match != CRM_MATCH_ELEMENT)
		fault(list, NULL, "%s: takes one value only", filter->column);
}

static void
check_filter(const CrmEntity *list, const CrmFilter *filter)
{
	const CrmColumn *column = crm_column_find(list, filter->column);

	if (column == NULL)
		fault(list, NULL, "there is no column \"%s\"", filter->column);
	else
		check_column(list, filter, column);
	if (!is_plain_name(filter->param))
		fault(list, NULL, "%s: parameter \"%s\"", filter->column, filter->param ? filter->param : "");
	if ((filter->condition != NULL) != (list->rules_param != NULL))
		fault(list, NULL, "%s: a condition and a list that takes rules need each other", filter->column);
	if (filter->condition != NULL && filter->condition[0] == '\0')
		fault(list, NULL, "%s: empty condition", filter->column);
	check_only(list, filter);
	check_numbers(list, filter);
}

/* The same thing said twice. */
static bool
is_repeated(const CrmFilter *a, const CrmFilter *b)
{
	return a->match == b->match && strcmp(a->column, b->column) == 0 &&
		same_text(a->param, b->param) && same_text(a->only_column, b->only_column) &&
		same_text(a->only_value, b->only_value);
}

/* Members of a JSON object, without its braces. */
static bool
is_members(const char *text)
{
	int			depth = 0;
	bool		quoted = false;

	for (const char *p = text; *p; p++)
	{
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && strchr("{[", *p) != NULL)
			depth++;
		else if (!quoted && strchr("}]", *p) != NULL && --depth < 0)
			return false;
	}
	return text[0] == '"' && strstr(text, "\":") != NULL && depth == 0 && !quoted;
}

static void
check_filters(const CrmEntity *list)
{
	if ((list->filters == NULL) != (list->nfilters == 0))
		fault(list, NULL, "filters and their number differ");
	if (list->rules_param != NULL && (!is_plain_name(list->rules_param) || list->nfilters == 0))
		fault(list, NULL, "takes rules, but has none or no good parameter for them");
	if (list->rules_fixed != NULL && (list->rules_param == NULL || !is_members(list->rules_fixed)))
		fault(list, NULL, "fixed rules %s", list->rules_fixed);
	for (int i = 0; i < list->nfilters; i++)
	{
		check_filter(list, &list->filters[i]);
		for (int k = 0; k < i; k++)
		{
			if (is_repeated(&list->filters[i], &list->filters[k]))
				fault(list, NULL, "%s: the filter stands there twice", list->filters[i].column);
		}
	}
}

/* Rows made for the checks ------------------------------------------------- */

static const CrmLabel labels[] = {{"0", "open"}, {"1+", "won"}, {NULL, NULL}};

static const CrmColumn columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "day", .type = CRM_DATE, .format = CRM_FORMAT_UNIX},
	{.name = "amount", .type = CRM_NUMERIC},
	{.name = "is_open", .type = CRM_BOOLEAN},
	{.name = "status_label", .type = CRM_TEXT, .format = CRM_FORMAT_LABEL, .labels = labels},
	{.name = "tags", .type = CRM_TEXT_ARRAY},
};

/* A filter without fault, from which the others differ in one member. */
#define EQUAL(column_, ...)	{.column = (column_), .match = CRM_MATCH_EQUAL, .param = "p", __VA_ARGS__}
#define NAMED(param_)		{.column = "id", .match = CRM_MATCH_EQUAL, .param = (param_)}
#define AFTER(column_, ...)	{.column = (column_), .match = CRM_MATCH_AFTER, .param = "p", __VA_ARGS__}

static const CrmFilter innocent[] = {
	EQUAL("id", .most = 100, .grade = CRM_GRADE_EXACT),
	EQUAL("name", .except = ""),
	EQUAL("is_open", .except = "0"),
	EQUAL("is_open", .send = CRM_SEND_WORD, .except = "false", .only_column = "id", .only_value = "1"),
	NAMED("filters[id]"),
	EQUAL("status_label", .send = CRM_SEND_CODE, .except = "1", .only_column = "is_open", .only_value = "true"),
	AFTER("id", .grade = CRM_GRADE_EXACT),
	AFTER("created_at", .send = CRM_SEND_UNIX, .widen = 1),
	AFTER("amount", .send = CRM_SEND_WHOLE, .only_column = "status_label", .only_value = "won"),
	{.column = "tags", .match = CRM_MATCH_ELEMENT, .param = "tag", .most = 3},
	{.column = "name", .match = CRM_MATCH_PREFIX, .param = "name_like"},
};

static const struct
{
	const char *what;
	CrmFilter	filter;
}			guilty[] =
{
	{"an unknown column", EQUAL("nobody")},
	{"a time that is to be equal", EQUAL("created_at", .send = CRM_SEND_UNIX)},
	{"a numeric that is to be equal", EQUAL("amount")},
	{"a label sent as its word", EQUAL("status_label")},
	{"a code of what is no label", EQUAL("name", .send = CRM_SEND_CODE)},
	{"a word for what is no boolean", EQUAL("id", .send = CRM_SEND_WORD)},
	{"an array that is to be equal", EQUAL("tags")},
	{"a bound of a text", AFTER("name")},
	{"a bound of a date", AFTER("day", .send = CRM_SEND_UNIX)},
	{"a time sent as it is", AFTER("created_at")},
	{"a number sent as a time", AFTER("id", .send = CRM_SEND_UNIX_MS)},
	{"a numeric sent with its fraction", AFTER("amount")},
	{"an element of no array", {.column = "name", .match = CRM_MATCH_ELEMENT, .param = "p"}},
	{"a part of a number", {.column = "id", .match = CRM_MATCH_SUBSTRING, .param = "p"}},
	{"a part of a label", {.column = "status_label", .match = CRM_MATCH_PREFIX, .param = "p"}},
	{"no parameter", NAMED(NULL)},
	{"an empty parameter", NAMED("")},
	{"an encoded parameter", NAMED("filters%5Bid%5D")},
	{"a condition in a list without rules", EQUAL("id", .condition = "EQUALS")},
	{"a value without a column", EQUAL("id", .only_value = "1")},
	{"a column without a value", EQUAL("id", .only_column = "name")},
	{"an unknown column beside it", EQUAL("id", .only_column = "nobody", .only_value = "1")},
	{"a boolean that is \"t\"", EQUAL("id", .only_column = "is_open", .only_value = "t")},
	{"a label that is a code", EQUAL("id", .only_column = "status_label", .only_value = "0")},
	{"a time beside it", EQUAL("id", .only_column = "created_at", .only_value = "0")},
	{"a boolean that is sent as \"true\"", EQUAL("is_open", .except = "true")},
	{"a code that does not exist", EQUAL("status_label", .send = CRM_SEND_CODE, .except = "7")},
	{"an exception that is no number", EQUAL("id", .except = "none")},
	{"an exception to a bound", AFTER("id", .except = "1")},
	{"a negative widening", AFTER("id", .widen = -1)},
	{"a widened equality", EQUAL("id", .widen = 1)},
	{"an exact bound that is widened", AFTER("id", .widen = 1, .grade = CRM_GRADE_EXACT)},
	{"a negative number of values", EQUAL("id", .most = -1)},
	{"several bounds at once", AFTER("id", .most = 2)},
};

static const CrmFilter twice[] = {EQUAL("id"), EQUAL("id")};
static const CrmFilter single[] = {EQUAL("id")};
static const CrmFilter with_condition[] = {EQUAL("id", .condition = "EQUALS")};
static const CrmFilter empty_condition[] = {EQUAL("id", .condition = "")};

#define LIST(...)	{.name = "planted", .columns = columns, .ncolumns = CRM_LENGTH(columns), __VA_ARGS__}
#define FILTERS(array)	.filters = (array), .nfilters = CRM_LENGTH(array)

static const CrmEntity innocent_lists[] = {
	LIST(FILTERS(innocent)),
	LIST(FILTERS(with_condition), .rules_param = "rules", .rules_fixed = "\"type\":\"A\",\"of\":{\"b\":[1]}"),
};

static const struct
{
	const char *what;
	CrmEntity	list;
}			guilty_lists[] =
{
	{"a filter that stands there twice", LIST(FILTERS(twice))},
	{"filters that are not counted", LIST(.filters = innocent)},
	{"a rule without condition", LIST(FILTERS(single), .rules_param = "rules")},
	{"a rule with an empty condition", LIST(FILTERS(empty_condition), .rules_param = "rules")},
	{"rules without parameter", LIST(FILTERS(with_condition))},
	{"a list of no rules", LIST(.rules_param = "rules")},
	{"fixed rules without rules", LIST(FILTERS(innocent), .rules_fixed = "\"a\":1")},
	{"fixed rules in braces", LIST(FILTERS(with_condition), .rules_param = "rules", .rules_fixed = "{\"a\":1}")},
	{"fixed rules cut short", LIST(FILTERS(with_condition), .rules_param = "rules", .rules_fixed = "\"a\":[1")},
};

static void
check_the_checks(void)
{
	static const CrmEntity list = LIST(.rules_param = NULL);

	for (int i = 0; i < CRM_LENGTH(guilty); i++)
	{
		begin_plant();
		check_filter(&list, &guilty[i].filter);
		end_plant(guilty[i].what);
	}
	for (int i = 0; i < CRM_LENGTH(guilty_lists); i++)
	{
		begin_plant();
		check_filters(&guilty_lists[i].list);
		end_plant(guilty_lists[i].what);
	}
	for (int i = 0; i < CRM_LENGTH(innocent_lists); i++)
		check_filters(&innocent_lists[i]);
	finish_check("checks", "each notices its fault, and no other");
}

int
main(void)
{
	check_the_checks();
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		for (int n = 0; n < api->nentities; n++)
		{
			const CrmEntity *entity = api->entities[n];

			check_filters(entity);
			for (int k = 0; k < entity->nroutes; k++)
				check_filters(entity->routes[k].list);
		}
		finish_check(api->name, "filters fit their columns");
	}
	return finish_checks();
}
