/*
 * bind.c
 *		Writes demands as parameters, parent keys and bounds.
 *
 * What cannot be said safely is left out: the answer is then wider, and
 * PostgreSQL narrows it.
 */
#include "postgres.h"

#include <math.h>

#include "utils/json.h"

#include "client/url.h"
#include "fdw/bind.h"
#include "fdw/keys.h"
#include "fdw/send.h"

/* The values of one parameter while the list's filters are gone through. */
typedef struct Parameter
{
	const CrmFilter *filter;
	List	   *values;			/* texts as sent */
	Bitmapset  *terms;
} Parameter;

typedef struct BindState
{
	const CrmBinding *binding;
	List	   *equals;			/* Parameter */
	List	   *rules;			/* texts, of a list that takes rules */
	StringInfoData query;
	Bitmapset  *used;			/* terms */
	Bitmapset  *settled;		/* attributes whose equality is sent */
	bool		impossible;
} BindState;

/* ------------------------------------------------------------------------
 * What lists can use
 * ------------------------------------------------------------------------ */

int
crm_bind_parent(const CrmEntity *list, const char *column)
{
	for (int i = 0; i < list->nparents; i++)
	{
		if (list->parents[i].column != NULL && strcmp(list->parents[i].column, column) == 0)
			return i;
	}
	return -1;
}

static bool
filter_takes(const CrmFilter *filter, CrmTermOp op, CrmComparison comparison)
{
	switch (filter->match)
	{
		case CRM_MATCH_EQUAL:
			return op == CRM_TERM_COMPARE && comparison == CRM_EQUAL;
		case CRM_MATCH_AFTER:
			return op == CRM_TERM_COMPARE && comparison >= CRM_EQUAL;
		case CRM_MATCH_BEFORE:
			return op == CRM_TERM_COMPARE && comparison <= CRM_EQUAL;
		case CRM_MATCH_ELEMENT:
			return op == CRM_TERM_CONTAINS;
		case CRM_MATCH_PREFIX:
		case CRM_MATCH_SUBSTRING:
			return op == CRM_TERM_LIKE || op == CRM_TERM_ILIKE ||
				(op == CRM_TERM_COMPARE && comparison == CRM_EQUAL);
	}
	return false;
}

bool
crm_bind_could_use(const CrmEntity *list, const CrmColumn *column, CrmTermOp op,
				   CrmComparison comparison, CrmFilterTest allowed, const void *context,
				   const CrmFilter **filter)
{
	const char *span = crm_span_column(list);

	*filter = NULL;
	if (op == CRM_TERM_COMPARE && comparison == CRM_EQUAL && crm_bind_parent(list, column->name) >= 0)
		return true;
	for (int i = 0; i < list->nfilters; i++)
	{
		if (strcmp(list->filters[i].column, column->name) == 0 &&
			filter_takes(&list->filters[i], op, comparison) &&
			(allowed == NULL || allowed(&list->filters[i], context)))
		{
			*filter = &list->filters[i];
			return true;
		}
	}
	return op == CRM_TERM_COMPARE && span != NULL && strcmp(span, column->name) == 0 &&
		(list->pager != CRM_PAGER_WALK || comparison >= CRM_EQUAL);
}

bool
crm_bind_is_exact(const CrmEntity *list, const CrmColumn *column, const CrmTerm *term)
{
	const CrmFilter *filter;

	if (column == NULL || term->steps != NIL || !term->whole ||
		!crm_bind_could_use(list, column, term->op, term->comparison, NULL, NULL, &filter))
		return false;
	if (filter != NULL)
		return filter->grade == CRM_GRADE_EXACT && filter->widen == 0 && filter->only_column == NULL &&
			filter->except == NULL;
	/* Bounds in time are widened by a second; ids are not. */
	return list->pager == CRM_PAGER_KEYSET || crm_bind_parent(list, column->name) >= 0;
}

/* The demand on a column of the list, or NULL; *attnum is its attribute. */
static const CrmDemand *
demand_on(const CrmBinding *binding, const char *column, int *attnum)
{
	for (int i = 0; i < binding->natts; i++)
	{
		const CrmDemand *demand = binding->demands[i];

		if (demand != NULL && demand->column->column != NULL &&
			strcmp(demand->column->column->name, column) == 0)
		{
			*attnum = i + 1;
			return demand;
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------------
 * Filters
 * ------------------------------------------------------------------------ */

/* One comparison as a rule. */
static char *
make_rule(const CrmFilter *filter, const char *value)
{
	StringInfoData rule;

	initStringInfo(&rule);
	appendStringInfoString(&rule, "{\"LHS\":");
	escape_json(&rule, filter->param);
	appendStringInfoString(&rule, ",\"CONDITION\":");
	escape_json(&rule, filter->condition);
	appendStringInfoString(&rule, ",\"RHS\":");
	if (filter->send == CRM_SEND_UNIX_MS)
		appendStringInfoString(&rule, value);
	else
		escape_json(&rule, value);
	appendStringInfoChar(&rule, '}');
	return rule.data;
}

/* Adds one comparison to the request. */
static void
send_filter(BindState *state, StringInfo query, const CrmFilter *filter, const char *value)
{
	if (state->binding->list->rules_param == NULL)
		crm_url_add(query, filter->param, value);
	else
		state->rules = lappend(state->rules, make_rule(filter, value));
}

/* Does the query also demand what the filter needs to be safe? */
static bool
is_licensed(const BindState *state, const CrmFilter *filter)
{
	const CrmDemand *demand;
	int			attnum;

	if (filter->only_column == NULL)
		return true;
	demand = demand_on(state->binding, filter->only_column, &attnum);
	return demand != NULL && demand->has_values && !demand->unknown &&
		list_length(demand->values) == 1 && strcmp(linitial(demand->values), filter->only_value) == 0;
}

/* Collects the values of equalities by parameter. */
static void
collect_equal(BindState *state, const CrmFilter *filter, const CrmDemand *demand, int attnum)
{
	List	   *values;
	ListCell   *lc;
	Parameter  *parameter;

	if (!demand->has_values || !crm_send_values(filter, demand, &values))
		return;
	state->settled = bms_add_member(state->settled, attnum);
	foreach(lc, state->equals)
	{
		List	   *both = NIL;
		ListCell   *lc2;

		parameter = lfirst(lc);
		if (strcmp(parameter->filter->param, filter->param) != 0)
			continue;
		foreach(lc2, values)
		{
			ListCell   *lc3;

			foreach(lc3, parameter->values)
			{
				if (demand->unknown || strcmp(lfirst(lc2), lfirst(lc3)) == 0)
				{
					both = lappend(both, lfirst(lc3));
					break;
				}
			}
		}
		parameter->values = both;
		parameter->terms = bms_add_members(parameter->terms, demand->terms);
		return;
	}
	parameter = palloc0(sizeof(Parameter));
	parameter->filter = filter;
	parameter->values = values;
	parameter->terms = bms_copy(demand->terms);
	state->equals = lappend(state->equals, parameter);
}

static void
apply_elements(BindState *state, const CrmFilter *filter, const CrmDemand *demand)
{
	int			most = Max(filter->most, 1);
	ListCell   *lc;

	foreach(lc, demand->elements)
	{
		const char *text = lfirst(lc);

		if (most == 0 || (!demand->unknown && !crm_send_may(text)))
			continue;
		send_filter(state, &state->query, filter, text);
		state->used = bms_add_members(state->used, demand->terms);
		most--;
	}
}

/* Everything but equalities; those are collected. */
static void
apply_filter(BindState *state, const CrmFilter *filter)
{
	int			attnum;
	const CrmDemand *demand = demand_on(state->binding, filter->column, &attnum);
	const char *value = NULL;

	if (demand == NULL || !is_licensed(state, filter))
		return;
	switch (filter->match)
	{
		case CRM_MATCH_EQUAL:
			collect_equal(state, filter, demand, attnum);
			return;
		case CRM_MATCH_ELEMENT:
			apply_elements(state, filter, demand);
			return;
		case CRM_MATCH_AFTER:
		case CRM_MATCH_BEFORE:
			value = crm_send_bound(filter, demand, filter->match == CRM_MATCH_AFTER);
			if (filter->closed && crm_send_bound(filter, demand, filter->match != CRM_MATCH_AFTER) == NULL)
				value = NULL;
			break;
		case CRM_MATCH_PREFIX:
		case CRM_MATCH_SUBSTRING:
			if (!bms_is_member(attnum, state->settled))
				value = crm_send_fragment(filter, demand);
			break;
	}
	if (value != NULL)
	{
		send_filter(state, &state->query, filter, value);
		state->used = bms_add_members(state->used, demand->terms);
	}
}

/*
 * Of the parameters with several values one can be spread over several lists:
 * the one that needs the fewest.
 */
static Parameter *
choose_spread(const BindState *state)
{
	Parameter  *best = NULL;
	double		fewest = state->binding->most_lists;
	ListCell   *lc;

	foreach(lc, state->equals)
	{
		Parameter  *parameter = lfirst(lc);
		int			most = Max(parameter->filter->most, 1);
		double		lists = ceil((double) list_length(parameter->values) / most);

		if (list_length(parameter->values) > 1 && lists <= fewest)
		{
			best = parameter;
			fewest = lists;
		}
	}
	return best;
}

/* Makes the lists of a parameter with several values. */
static void
spread(BindState *state, const Parameter *parameter, bool is_key, CrmReadSpec *spec)
{
	const CrmFilter *filter = parameter->filter;
	int			most = Max(filter->most, 1);
	const char **values = crm_keys_sort(parameter->values, &spec->nvariants);
	int			n = spec->nvariants;

	spec->nvariants = (n + most - 1) / most;
	spec->variants = palloc0(sizeof(CrmVariant) * Max(spec->nvariants, 1));
	for (int i = 0; i < spec->nvariants; i++)
	{
		int			first = i * most;
		int			last = Min(first + most, n);
		StringInfoData query;
		int64	   *ids = palloc(sizeof(int64) * most);

		/* Keys come in the order the list is read in. */
		if (spec->descending)
		{
			last = n - i * most;
			first = Max(last - most, 0);
		}
		initStringInfo(&query);
		for (int j = first; j < last; j++)
		{
			send_filter(state, &query, filter, values[j]);
			is_key = is_key && crm_key_is_number(values[j]) && strlen(values[j]) < 19;
			if (is_key)
				ids[j - first] = strtoll(values[j], NULL, 10);
		}
		spec->variants[i].query = query.data;
		spec->variants[i].ids = is_key ? ids : NULL;
		spec->variants[i].nids = is_key ? last - first : 0;
	}
}

static bool
is_only_key(const CrmEntity *list, const CrmFilter *filter)
{
	return list->key != NULL && list->key[0] != NULL && list->key[1] == NULL &&
		list->unnest == NULL && filter->grade == CRM_GRADE_EXACT && strcmp(list->key[0], filter->column) == 0;
}

/* Sends the collected equalities. */
static void
apply_equals(BindState *state, CrmReadSpec *spec)
{
	const CrmEntity *list = state->binding->list;
	Parameter  *wide = list->nparents == 0 && list->rules_param == NULL ? choose_spread(state) : NULL;
	ListCell   *lc;

	foreach(lc, state->equals)
	{
		Parameter  *parameter = lfirst(lc);
		bool		is_key = is_only_key(list, parameter->filter);

		if (parameter->values == NIL)
			state->impossible = true;
		else if (parameter == wide || (is_key && list_length(parameter->values) == 1 && wide == NULL &&
									   list->nparents == 0 && list->rules_param == NULL))
			spread(state, parameter, is_key, spec);
		else if (list_length(parameter->values) == 1)
			send_filter(state, &state->query, parameter->filter, linitial(parameter->values));
		else
			continue;
		state->used = bms_add_members(state->used, parameter->terms);
	}
}

/* The rules of a list that takes them in one object. */
static void
add_rules(StringInfo query, const CrmEntity *list, const List *rules)
{
	StringInfoData object;
	ListCell   *lc;

	initStringInfo(&object);
	appendStringInfoString(&object, "{\"rules\":[");
	foreach(lc, rules)
		appendStringInfo(&object, "%s%s", foreach_current_index(lc) > 0 ? "," : "", (char *) lfirst(lc));
	appendStringInfo(&object, "],\"or_rules\":[]%s%s}", list->rules_fixed ? "," : "",
					 list->rules_fixed ? list->rules_fixed : "");
	crm_url_add(query, list->rules_param, object.data);
}

char *
crm_bind_rule(const CrmEntity *list, const CrmFilter *filter, const char *value)
{
	StringInfoData query;

	initStringInfo(&query);
	add_rules(&query, list, list_make1(make_rule(filter, value)));
	return query.data;
}

/* ------------------------------------------------------------------------
 * Bounds and parents
 * ------------------------------------------------------------------------ */

static void
apply_span(BindState *state, CrmReadSpec *spec)
{
	const char *column = crm_span_column(state->binding->list);
	int			attnum;
	const CrmDemand *demand = column ? demand_on(state->binding, column, &attnum) : NULL;
	bool		has_upper = state->binding->list->pager != CRM_PAGER_WALK;
	Bitmapset  *terms;
	bool		is_time;

	if (demand == NULL || bms_is_member(attnum, state->settled))
		return;
	is_time = demand->column->kind == CRM_KIND_TIME;
	if (!is_time && demand->column->kind != CRM_KIND_INTEGER)
		return;
	spec->from_name = demand->low_name;
	spec->to_name = has_upper ? demand->high_name : NULL;
	terms = has_upper ? demand->terms : demand->lower_terms;
	if (demand->range.low != PG_INT64_MIN)
		spec->from = Max(spec->from, is_time ? crm_send_second(demand->range.low, true) : demand->range.low);
	if (demand->range.high != PG_INT64_MAX && has_upper)
		spec->to = Min(spec->to, is_time ? crm_send_second(demand->range.high, false) : demand->range.high);
	if (spec->from > spec->to)
		state->impossible = true;
	if (spec->from_name || spec->to_name ||
		demand->range.low != PG_INT64_MIN || demand->range.high != PG_INT64_MAX)
		state->used = bms_add_members(state->used, terms);
}

/* Ids of parents that the query names; false if they are too many. */
static bool
apply_parents(BindState *state, CrmReadSpec *spec)
{
	const CrmEntity *list = state->binding->list;
	double		nkeys = 0;

	for (int i = 0; i < list->nparents; i++)
	{
		const char *column = list->parents[i].column;
		int			attnum;
		const CrmDemand *demand = column ? demand_on(state->binding, column, &attnum) : NULL;

		if (demand == NULL || !demand->has_values)
			continue;
		if (spec->parent_keys == NULL)
			crm_keys_open(spec);
		crm_keys_restrict(spec, i, demand->values, demand->unknown);
		nkeys += spec->nparent_keys[i];
		state->used = bms_add_members(state->used, demand->terms);
		state->settled = bms_add_member(state->settled, attnum);
	}
	return nkeys <= state->binding->most_lists;
}

/* A key is never NULL. */
static bool
demands_null_key(const CrmBinding *binding)
{
	const char *const *key = binding->list->key;
	int			attnum;

	if (key == NULL || key[0] == NULL || key[1] != NULL)
		return false;
	return demand_on(binding, key[0], &attnum) != NULL && demand_on(binding, key[0], &attnum)->is_null;
}

/* Is there nothing that the route could narrow its list by? */
static bool
narrows_nothing(const BindState *state, const CrmReadSpec *spec)
{
	const CrmEntity *list = state->binding->list;

	if (list->pager == CRM_PAGER_WALK)
		return spec->from == CRM_NO_LOWER && spec->from_name == NULL;
	if (list->nparents > 0 && spec->parent_keys == NULL)
		return true;
	return (state->binding->route->flags & CRM_ROUTE_NEEDS_FILTER) && state->query.len == 0 &&
		state->rules == NIL && spec->nvariants == 0;
}

Bitmapset *
crm_bind(const CrmBinding *binding, CrmReadSpec *spec, bool *useless)
{
	BindState	state = {.binding = binding};
	const CrmEntity *list = binding->list;
	bool		few = apply_parents(&state, spec);

	initStringInfo(&state.query);
	for (int i = 0; i < list->nfilters; i++)
		apply_filter(&state, &list->filters[i]);
	apply_equals(&state, spec);
	apply_span(&state, spec);
	*useless = binding->route != NULL && !state.impossible &&
		(!few || (spec->uncertain && list->id == NULL) || narrows_nothing(&state, spec));
	if (list->rules_param != NULL)
		add_rules(&state.query, list, state.rules);
	spec->query = state.query.data;
	if (state.impossible || demands_null_key(binding))
		spec->nothing = true;
	return state.used;
}
