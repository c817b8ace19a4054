/*
 * cost.c
 *		Estimates.
 *
 * A request takes tens of milliseconds and counts against an account's limit,
 * a row costs microseconds: plans are compared by their requests.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "base/compat.h"
#include "base/settings.h"
#include "client/fieldvalues.h"
#include "client/page.h"
#include "fdw/bind.h"
#include "fdw/cost.h"
#include "fdw/lookup.h"
#include "fdw/send.h"
#include "fdw/totals.h"

/* One request, in units of a sequential page read. */
#define REQUEST_COST	100.0

/* Parents an entity is assumed to have when all of them must be walked. */
#define FEW_PARENTS		20.0
#define MANY_PARENTS	1000.0

/*
 * Share of its reads in which a table is read at all, if what its constant is
 * compared with is known only then.  Rows of other accounts send no request, and
 * a second one of the same is answered with what was kept of the first.
 */
#define OWN_SHARE		0.1

/* Of the values PostgreSQL expects, one in so many exists where there are few. */
#define FEW_VALUES_FACTOR	10.0

/* A scan that will refuse to run must lose against any other plan. */
#define REFUSED_COST	1.0e9

/* How many parents an unrestricted read goes through. */
static double
parents_to_walk(const CrmEntity *entity)
{
	double		n = 0;

	for (int i = 0; i < entity->nparents; i++)
	{
		const char *const *value = entity->parents[i].values;

		if (value == NULL)
			n += (entity->flags & CRM_ENTITY_FEW_PARENTS) ? FEW_PARENTS : MANY_PARENTS;
		else
		{
			for (; *value; value++)
				n++;
		}
	}
	return n;
}

/* Requests for so many rows of a list, by the way it is paged. */
static double
pages(const CrmRelInfo *info, const CrmEntity *list, double rows)
{
	double		n = ceil(rows / crm_page_size(info->options.api, list, info->options.page_size));

	if (list->pager == CRM_PAGER_SINGLE || list->pager == CRM_PAGER_SLICES)
		return 1;
	/* A walk of several pages looks at the first one again. */
	if (list->pager == CRM_PAGER_WALK && n > 1)
		n++;
	return Max(1.0, n);
}

/* How many values a term compares with. */
static double
count_values(PlannerInfo *root, const CrmTerm *term)
{
	double		n = 0;
	ListCell   *lc;

	foreach(lc, term->values)
	{
		const CrmTermValue *value = lfirst(lc);

		n += value->is_array ? crm_estimate_array_length(root, (Node *) value->expr) : 1;
	}
	return Max(n, 1);
}

double
crm_cost_key_rows(PlannerInfo *root, const CrmRelInfo *info, List *terms)
{
	const char *const *key = info->entity->key;
	double		rows = -1;
	ListCell   *lc;

	if (key == NULL || key[0] == NULL || key[1] != NULL)
		return -1;
	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmColumn *column = info->quals.columns[term->attnum - 1].column;

		if (column == NULL || strcmp(column->name, key[0]) != 0 ||
			term->op != CRM_TERM_COMPARE || term->comparison != CRM_EQUAL || term->steps != NIL)
			continue;
		rows = rows < 0 ? count_values(root, term) : Min(rows, count_values(root, term));
	}
	return rows;
}

/* The texts of a term that compares with constants; false if one is not known. */
static bool
constant_texts(const CrmTerm *term, List **texts)
{
	ListCell   *lc;

	*texts = NIL;
	foreach(lc, term->values)
	{
		const CrmTermValue *value = lfirst(lc);
		const Const *constant = (const Const *) value->expr;
		Oid			output;
		bool		varlena;

		if (value->is_array || !IsA(constant, Const) || constant->constisnull)
			return false;
		getTypeOutputInfo(constant->consttype, &output, &varlena);
		*texts = lappend(*texts, constant->consttype == BOOLOID ?
						 pstrdup(DatumGetBool(constant->constvalue) ? "true" : "false") :
						 OidOutputFunctionCall(output, constant->constvalue));
	}
	return true;
}

/* Do terms bound the column on both sides? */
static bool
is_closed(const CrmLicence *licence, const char *name)
{
	bool		low = licence->joined != NULL && strcmp(licence->joined, name) == 0;
	bool		high = low;
	ListCell   *lc;

	foreach(lc, licence->terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmColumn *column = licence->info->quals.columns[term->attnum - 1].column;

		if (column == NULL || strcmp(column->name, name) != 0 || term->op != CRM_TERM_COMPARE)
			continue;
		low |= term->comparison >= CRM_EQUAL;
		high |= term->comparison <= CRM_EQUAL;
	}
	return low && high;
}

bool
crm_cost_allows(const CrmFilter *filter, const void *context)
{
	const CrmLicence *licence = context;
	bool		granted = filter->only_column == NULL;
	ListCell   *lc;

	if (filter->closed && !is_closed(licence, filter->column))
		return false;
	if (granted && filter->except == NULL)
		return true;
	foreach(lc, licence->terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmQualColumn *column = &licence->info->quals.columns[term->attnum - 1];
		CrmDemand	demand = {.column = column, .has_values = true};
		List	   *values;

		if (column->column == NULL || term->op != CRM_TERM_COMPARE || term->comparison != CRM_EQUAL ||
			term->steps != NIL || !constant_texts(term, &demand.values))
			continue;
		if (filter->only_column != NULL && strcmp(column->column->name, filter->only_column) == 0 &&
			list_length(demand.values) == 1 && strcmp(linitial(demand.values), filter->only_value) == 0)
			granted = true;
		if (strcmp(column->column->name, filter->column) == 0 && !crm_send_values(filter, &demand, &values))
			return false;
	}
	return granted;
}

/* The clauses without those that compare a constant: these select all rows, or none. */
static List *
telling_clauses(const CrmRelInfo *info, List *terms, List *clauses)
{
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);

		if (info->quals.columns[term->attnum - 1].constant != NULL && list_member_ptr(clauses, term->clause))
			clauses = list_delete_ptr(list_copy(clauses), term->clause);
	}
	return clauses;
}

/*
 * Columns that refer to other records, and codes, have few values; without
 * statistics PostgreSQL expects 200 of everything.
 */
static double
expected_share(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info,
			   List *terms, List *clauses)
{
	double		share = clauselist_selectivity(root, telling_clauses(info, terms, clauses),
											   baserel->relid, JOIN_INNER, NULL);
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmColumn *column = info->quals.columns[term->attnum - 1].column;

		if (info->analyzed || column == NULL || !list_member_ptr(clauses, term->clause) ||
			term->op != CRM_TERM_COMPARE || term->comparison != CRM_EQUAL || term->steps != NIL)
			continue;
		if (column->format == CRM_FORMAT_REFERENCE || column->format == CRM_FORMAT_LABEL ||
			column->type == CRM_SMALLINT)
			share *= FEW_VALUES_FACTOR;
	}
	return Min(share, 1);
}

void
crm_cost_size(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info)
{
	double		key_rows;

	/* Never analyzed, or analyzed when empty: never plan on zero rows. */
	crm_total_estimate(root, baserel, info);
	set_baserel_size_estimates(root, baserel);
	if (!info->analyzed)
		baserel->rows = clamp_row_est(baserel->tuples *
									  expected_share(root, baserel, info, info->terms,
													 extract_actual_clauses(baserel->baserestrictinfo, false)));
	key_rows = crm_cost_key_rows(root, info, info->terms);
	if (key_rows >= 0)
		baserel->rows = clamp_row_est(Min(baserel->rows, key_rows));
	info->full_requests = pages(info, info->entity, baserel->tuples);
}

/*
 * Price of one list with what it can use of the terms; false if it cannot be
 * read with them.
 */
static bool
consider(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info, List *terms,
		 const CrmEntity *list, unsigned flags, CrmCost *cost)
{
	List	   *clauses = NIL;
	double		nkeys = 0;
	double		nlists = 1;
	bool		filtered = false;
	double		key_rows;
	double		unspread;
	CrmLicence	licence = {.info = info, .terms = terms};
	List	   *used = NIL;
	List	   *narrow = NIL;		/* clauses that one list can be asked with */
	ListCell   *lc;

	foreach(lc, terms)
	{
		CrmTerm    *term = lfirst(lc);
		const CrmColumn *column = info->quals.columns[term->attnum - 1].column;
		const CrmFilter *filter;
		double		n = count_values(root, term);
		bool		spreads = false;

		if (column == NULL || (!crm_enable_pushdown && crm_bind_parent(list, column->name) < 0) ||
			!crm_bind_could_use(list, column, term->op, term->comparison, crm_cost_allows, &licence, &filter))
			continue;
		if (term->op == CRM_TERM_COMPARE && term->comparison == CRM_EQUAL &&
			crm_bind_parent(list, column->name) >= 0)
			nkeys = nkeys == 0 ? n : Min(nkeys, n);
		else if (filter != NULL)
		{
			filtered = true;
			spreads = filter->match == CRM_MATCH_EQUAL && n > Max(filter->most, 1);
			if (spreads)
				nlists = Max(nlists, ceil(n / Max(filter->most, 1)));
		}
		if (!spreads)
			narrow = list_append_unique_ptr(narrow, term->clause);
		used = lappend(used, term);
		clauses = list_append_unique_ptr(clauses, term->clause);
	}
	if ((flags & CRM_ROUTE_NEEDS_FILTER) && !filtered)
		return false;

	cost->received = baserel->tuples * expected_share(root, baserel, info, terms, clauses);
	cost->received = Max(cost->received, cost->rows);
	key_rows = crm_cost_key_rows(root, info, used);
	if (key_rows >= 0)
		cost->received = Min(cost->received, key_rows);
	unspread = baserel->tuples * expected_share(root, baserel, info, terms, narrow);
	cost->unspread = pages(info, list, unspread);
	if (list->nparents == 0)
	{
		cost->requests = nlists * pages(info, list, cost->received / nlists);
		if (nlists > 1 && cost->unspread < cost->requests)
		{
			cost->requests = cost->unspread;
			cost->received = Max(unspread, cost->rows);
		}
	}
	else if (nkeys > 0)
		cost->requests = nkeys * pages(info, list, cost->received / nkeys);
	else if (list == info->entity)
		cost->requests = parents_to_walk(list);
	else
		return false;
	return true;
}

/*
 * Price of a list that is read down to a lower bound, whatever else the query
 * demands; false if there is none, or too much above it.
 *
 * Where nobody knows how much is above it, the bound is taken to be within
 * reach: queries for changes are for the latest ones.
 */
static bool
consider_walk(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info, List *terms,
			  const CrmEntity *list, CrmCost *cost)
{
	double		cap = info->options.api->position_cap;
	List	   *clauses = NIL;
	double		least = 0;
	double		share;
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmColumn *column = info->quals.columns[term->attnum - 1].column;
		const CrmFilter *filter;

		if (column == NULL ||
			!crm_bind_could_use(list, column, term->op, term->comparison, NULL, NULL, &filter))
			continue;
		clauses = list_append_unique_ptr(clauses, term->clause);
		/* What is above a value is more than what equals it. */
		if (term->comparison == CRM_EQUAL)
			least = DEFAULT_INEQ_SEL;
	}
	if (clauses == NIL)
		return false;
	share = Max(expected_share(root, baserel, info, terms, clauses), least);
	cost->received = Max(baserel->tuples * share, cost->rows);
	if (cap > 0 && cost->received > cap)
	{
		if (info->analyzed && share != DEFAULT_INEQ_SEL)
			return false;
		cost->received = cap;
	}
	cost->requests = cost->unspread = pages(info, list, cost->received);
	return true;
}

/* Does a term compare with a constant that cannot be sent? */
static bool
is_unsendable(const CrmTerm *term)
{
	List	   *texts;
	ListCell   *lc;

	if (!constant_texts(term, &texts))
		return false;
	foreach(lc, texts)
	{
		if (!crm_send_may(lfirst(lc)))
			return true;
	}
	return false;
}

/*
 * Price of the records whose ids are asked for first, by the value of a custom
 * field; false if the query demands none.
 */
static bool
consider_lookup(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info, List *terms, CrmCost *cost)
{
	const CrmEntity *entity = info->entity;
	bool		found = false;
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);
		double		n;
		double		records;
		double		requests;

		if (term->op != CRM_TERM_COMPARE || term->comparison != CRM_EQUAL || term->steps != NIL ||
			!crm_lookup_serves(entity, &info->quals.columns[term->attnum - 1]) || is_unsendable(term))
			continue;
		n = count_values(root, term);
		records = Max(baserel->tuples * expected_share(root, baserel, info, terms, list_make1(term->clause)), cost->rows);
		requests = n * pages(info, entity->custom->values, records / n) + ceil(records / crm_lookup_batch(entity));
		if (found && requests >= cost->requests)
			continue;
		found = true;
		cost->lookup = term->attnum;
		cost->received = records;
		cost->requests = requests;
	}
	return found;
}

/* Requests that custom fields take beside those for the records that show them. */
static double
custom_requests(const RelOptInfo *baserel, const CrmRelInfo *info, double received)
{
	const CrmCustomFields *custom = info->entity->custom;

	if (info->custom_columns == 0)
		return 0;
	if (custom == NULL || custom->values == NULL || custom->include != NULL)
		return 1;
	if (received <= CRM_MOST_SINGLE_VALUES)
		return 1 + received;
	return 1 + pages(info, custom->values, baserel->tuples * info->custom_columns);
}

Cost
crm_cost_of(const RelOptInfo *baserel, const CrmRelInfo *info, double requests, double received)
{
	return info->options.fdw_startup_cost + baserel->baserestrictcost.startup +
		requests * REQUEST_COST +
		received * (info->options.fdw_tuple_cost + cpu_tuple_cost + baserel->baserestrictcost.per_tuple);
}

/* Will the scan refuse to run because no parent is named? */
static bool
will_refuse(const CrmRelInfo *info, List *terms)
{
	const CrmEntity *entity = info->entity;
	ListCell   *lc;

	if (entity->nparents == 0 || entity->parents[0].values != NULL ||
		info->options.fan_out || (entity->flags & CRM_ENTITY_FEW_PARENTS))
		return false;
	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmColumn *column = info->quals.columns[term->attnum - 1].column;

		if (column != NULL && crm_bind_parent(entity, column->name) >= 0 &&
			term->op == CRM_TERM_COMPARE && term->comparison == CRM_EQUAL)
			return false;
	}
	return true;
}

/* Is it known only when the query runs whether the table is read? */
static bool
may_be_ruled_out(const CrmRelInfo *info, List *terms)
{
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);

		if (info->quals.columns[term->attnum - 1].constant != NULL && term->op == CRM_TERM_COMPARE &&
			term->comparison == CRM_EQUAL && !IsA(((const CrmTermValue *) linitial(term->values))->expr, Const))
			return crm_enable_pushdown;
	}
	return false;
}

void
crm_cost_scan(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info,
			  List *terms, double rows, CrmCost *cost)
{
	double		unspread;
	int			route = -1;

	cost->rows = rows;
	cost->route = CRM_NO_ROUTE;
	cost->lookup = 0;
	(void) consider(root, baserel, info, terms, info->entity, 0, cost);
	unspread = info->entity->nparents > 0 ? PG_INT32_MAX : cost->unspread;
	while (crm_enable_pushdown && (route = bms_next_member(info->routes, route)) >= 0)
	{
		const CrmRoute *way = &info->entity->routes[route];
		CrmCost		other = {.rows = rows, .route = route};

		if ((way->flags & CRM_ROUTE_SEARCH_INDEX) && !info->options.search_filters)
			continue;
		if (way->list->pager == CRM_PAGER_WALK ?
			!consider_walk(root, baserel, info, terms, way->list, &other) :
			!consider(root, baserel, info, terms, way->list, way->flags, &other))
			continue;
		if (other.requests < cost->requests)
			*cost = other;
	}
	if (crm_enable_pushdown)
	{
		CrmCost		other = {.rows = rows, .route = CRM_NO_ROUTE};

		if (consider_lookup(root, baserel, info, terms, &other) && other.requests < cost->requests)
			*cost = other;
	}
	cost->unspread = unspread;
	cost->requests += custom_requests(baserel, info, cost->received);
	cost->startup = info->options.fdw_startup_cost + baserel->baserestrictcost.startup;
	cost->total = crm_cost_of(baserel, info, cost->requests, cost->received);
	if (may_be_ruled_out(info, terms))
		cost->total = cost->startup + (cost->total - cost->startup) * OWN_SHARE;
	if (will_refuse(info, terms))
		cost->total += REFUSED_COST;
}
