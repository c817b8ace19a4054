/*
 * describe.c
 *		What the catalogue says, in the words users see.
 *
 * Calls nothing of a backend but StringInfo and palloc, so that the program
 * that writes the documentation can be linked with it.
 */
#include "postgres.h"

#include "admin/describe.h"

/*
 * Operators on one column that are pushed under one condition: with the server
 * option search_filters or without, for certain values of a column (this one
 * or another) or for all.
 */
typedef struct Way
{
	CrmOperators operators;
	bool		searched;
	const char *only_column;	/* or NULL */
	StringInfoData only_values; /* quoted, comma separated */
	int			nvalues;
} Way;

typedef struct Ways
{
	Way		   *ways;			/* the first one is without any condition */
	int			n;
} Ways;

static const CrmOperators lower_bound = CRM_OPERATOR_SET(CRM_OPERATOR_GREATER) |
	CRM_OPERATOR_SET(CRM_OPERATOR_GREATER_EQUAL);
static const CrmOperators upper_bound = CRM_OPERATOR_SET(CRM_OPERATOR_LESS) |
	CRM_OPERATOR_SET(CRM_OPERATOR_LESS_EQUAL);
static const CrmOperators equality = CRM_OPERATOR_SET(CRM_OPERATOR_EQUAL) |
	CRM_OPERATOR_SET(CRM_OPERATOR_IN);

const CrmColumn crm_raw_column = {
	.name = "raw", .type = CRM_JSONB,
	.description = "the record as the API sent it, without its secrets"
};

const char *
crm_operator_name(CrmOperator op)
{
	switch (op)
	{
		case CRM_OPERATOR_EQUAL:
			return "=";
		case CRM_OPERATOR_IN:
			return "IN";
		case CRM_OPERATOR_LESS:
			return "<";
		case CRM_OPERATOR_LESS_EQUAL:
			return "<=";
		case CRM_OPERATOR_GREATER:
			return ">";
		case CRM_OPERATOR_GREATER_EQUAL:
			return ">=";
		case CRM_OPERATOR_LIKE:
			return "LIKE";
		case CRM_OPERATOR_CONTAINS:
			return "@>";
	}
	return NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Can a query name several values of the filter's column? */
static bool
takes_several(const CrmEntity *list, const CrmFilter *filter)
{
	/* They are spread over several lists; neither of these can be. */
	if (list->nparents > 0 || list->rules_param != NULL)
		return false;
	/* A filter for one value of its own column is for that one alone. */
	return !same_text(filter->only_column, filter->column);
}

/*
 * The operators a filter of a list stands for.  ILIKE is not among them: only
 * patterns without letters could be sent.
 */
static CrmOperators
filter_operators(const CrmEntity *list, const CrmFilter *filter)
{
	switch (filter->match)
	{
		case CRM_MATCH_EQUAL:
			return takes_several(list, filter) ? equality : CRM_OPERATOR_SET(CRM_OPERATOR_EQUAL);
		case CRM_MATCH_AFTER:
			return lower_bound;
		case CRM_MATCH_BEFORE:
			return upper_bound;
		case CRM_MATCH_ELEMENT:
			return CRM_OPERATOR_SET(CRM_OPERATOR_CONTAINS);
		case CRM_MATCH_PREFIX:
		case CRM_MATCH_SUBSTRING:
			return CRM_OPERATOR_SET(CRM_OPERATOR_EQUAL) | CRM_OPERATOR_SET(CRM_OPERATOR_LIKE);
	}
	return 0;
}

/* Adds operators to the way of that condition, which is made if it is new. */
static Way *
add_operators(Ways *ways, CrmOperators operators, bool searched, const char *only_column)
{
	Way		   *way;

	for (int i = 0; i < ways->n; i++)
	{
		way = &ways->ways[i];
		if (way->searched == searched && same_text(way->only_column, only_column))
		{
			way->operators |= operators;
			return way;
		}
	}
	way = &ways->ways[ways->n++];
	way->operators = operators;
	way->searched = searched;
	way->only_column = only_column;
	initStringInfo(&way->only_values);
	way->nvalues = 0;
	return way;
}

static void
add_filter(Ways *ways, const CrmEntity *list, const CrmFilter *filter, bool searched)
{
	Way		   *way = add_operators(ways, filter_operators(list, filter), searched,
									filter->only_column);
	char	   *quoted;

	if (filter->only_column == NULL)
		return;
	/* The filters of both bounds name the same value. */
	quoted = psprintf("'%s'", filter->only_value);
	if (strstr(way->only_values.data, quoted) == NULL)
		appendStringInfo(&way->only_values, "%s%s", way->nvalues++ > 0 ? ", " : "", quoted);
	pfree(quoted);
}

/* What one list can be asked for by the column: filters, parents, its span. */
static void
add_list(Ways *ways, const CrmEntity *list, const char *column, bool searched)
{
	for (int i = 0; i < list->nfilters; i++)
	{
		if (strcmp(list->filters[i].column, column) == 0)
			add_filter(ways, list, &list->filters[i], searched);
	}
	for (int i = 0; i < list->nparents; i++)
	{
		if (same_text(list->parents[i].column, column))
			add_operators(ways, equality, searched, NULL);
	}
	if (same_text(crm_span_column(list), column))
		add_operators(ways, list->pager == CRM_PAGER_WALK ? lower_bound : lower_bound | upper_bound,
					  searched, NULL);
}

/* Whatever a query can tell the API by this column. */
static Ways
find_ways(const CrmEntity *entity, const CrmColumn *column)
{
	Ways		ways = {NULL, 0};
	int			room = 2 + entity->nfilters;

	for (int i = 0; i < entity->nroutes; i++)
		room += 1 + entity->routes[i].list->nfilters;
	ways.ways = palloc(sizeof(Way) * room);

	add_operators(&ways, 0, false, NULL);
	add_list(&ways, entity, column->name, false);
	for (int i = 0; i < entity->nroutes; i++)
		add_list(&ways, entity->routes[i].list, column->name,
				 (entity->routes[i].flags & CRM_ROUTE_SEARCH_INDEX) != 0);

	for (int i = 0; i < ways.n; i++)
	{
		Way		   *way = &ways.ways[i];

		/* Between two bounds there is room for a single value. */
		if ((way->operators & lower_bound) != 0 && (way->operators & upper_bound) != 0)
			way->operators |= CRM_OPERATOR_SET(CRM_OPERATOR_EQUAL);
		/* Nobody lists true and false. */
		if (column->type == CRM_BOOLEAN)
			way->operators &= ~CRM_OPERATOR_SET(CRM_OPERATOR_IN);
	}
	return ways;
}

CrmOperators
crm_pushable_operators(const CrmEntity *entity, const CrmColumn *column)
{
	Ways		ways = find_ways(entity, column);
	CrmOperators operators = 0;

	for (int i = 0; i < ways.n; i++)
		operators |= ways.ways[i].operators;
	return operators;
}

bool
crm_column_sortable(const CrmEntity *entity, const CrmColumn *column)
{
	return same_text(entity->sort_column, column->name);
}

/* Starts another part of a description. */
static void
begin_part(StringInfo text, int start)
{
	if (text->len > start)
		appendStringInfoString(text, "; ");
}

/* The words of a code, each once: two codes may share one. */
static void
append_labels(const CrmLabel *labels, StringInfo text)
{
	const char *separator = "";

	for (const CrmLabel *label = labels; label->code != NULL; label++)
	{
		bool		repeated = false;

		for (const CrmLabel *earlier = labels; earlier < label; earlier++)
			repeated |= strcmp(earlier->label, label->label) == 0;
		if (repeated)
			continue;
		appendStringInfo(text, "%s%s", separator, label->label);
		separator = ", ";
	}
}

static void
append_operators(CrmOperators operators, StringInfo text)
{
	const char *separator = "";

	for (int op = 0; op < CRM_OPERATORS; op++)
	{
		if ((operators & CRM_OPERATOR_SET(op)) == 0)
			continue;
		appendStringInfo(text, "%s%s", separator, crm_operator_name(op));
		separator = ", ";
	}
}

/* The condition under which operators on the column are pushed. */
static void
append_condition(const char *column, const Way *way, StringInfo text)
{
	appendStringInfoString(text, "pushed only");
	if (same_text(way->only_column, column))
		appendStringInfo(text, " for %s", way->only_values.data);
	else if (way->only_column != NULL)
		appendStringInfo(text, way->nvalues > 1 ? " beside %s IN (%s)" : " beside %s = %s",
						 way->only_column, way->only_values.data);
	if (way->searched)
		appendStringInfo(text, "%s with the server option search_filters",
						 way->only_column != NULL ? " and" : "");
}

void
crm_describe_column(const CrmEntity *entity, const CrmColumn *column, StringInfo text)
{
	CrmOperators all = crm_pushable_operators(entity, column);
	Ways		ways = find_ways(entity, column);
	int			start = text->len;

	if (column->description != NULL)
		appendStringInfoString(text, column->description);
	if (column->labels != NULL)
	{
		begin_part(text, start);
		append_labels(column->labels, text);
	}
	for (int i = 1; i < ways.n; i++)
	{
		CrmOperators bound = ways.ways[i].operators & ~ways.ways[0].operators;

		if (bound == 0)
			continue;
		begin_part(text, start);
		if (bound != all)
		{
			append_operators(bound, text);
			appendStringInfoChar(text, ' ');
		}
		append_condition(column->name, &ways.ways[i], text);
	}
}

int
crm_needed_filters(const CrmEntity *entity, const char **columns)
{
	int			n = 0;

	if ((entity->flags & CRM_ENTITY_FEW_PARENTS) != 0)
		return 0;
	for (int i = 0; i < entity->nparents; i++)
	{
		bool		repeated = false;

		if (entity->parents[i].values != NULL)
			return 0;
		for (int k = 0; k < n; k++)
			repeated |= strcmp(columns[k], entity->parents[i].column) == 0;
		if (!repeated)
			columns[n++] = entity->parents[i].column;
	}
	return n;
}
