/*
 * paths.c
 *		Paths and plans of foreign scans.
 *
 * A table gets, beside its plain path, one that is sorted if its list can be
 * read in the order the query wants, and one for every join that delivers a
 * column the API filters by, so that a nested loop asks only for the rows it
 * needs.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "base/settings.h"
#include "fdw/bind.h"
#include "fdw/cost.h"
#include "fdw/count.h"
#include "fdw/fdw.h"
#include "fdw/fieldrules.h"
#include "fdw/lookup.h"
#include "fdw/server.h"

/* Requests before a sorted read of windows has its first rows. */
#define SORTED_START_REQUESTS	2

/* ForeignPath.fdw_private of a scan. */
static List *
pack_path(const CrmCost *cost, AttrNumber sort, bool descending, double limit)
{
	return list_make2(list_make4_int(cost->route, sort, descending, cost->lookup),
					  list_make3(makeFloat(psprintf("%.0f", cost->requests)),
								 makeFloat(psprintf("%.0f", cost->unspread)),
								 makeFloat(psprintf("%.0f", limit))));
}

/* ------------------------------------------------------------------------
 * Size
 * ------------------------------------------------------------------------ */

/* Routes whose records have all of the needed columns. */
static Bitmapset *
complete_routes(const CrmRelInfo *info, const List *needed)
{
	const CrmEntity *entity = info->entity;
	Bitmapset  *routes = NULL;

	for (int i = 0; i < entity->nroutes; i++)
	{
		const char *const *lacks = entity->routes[i].lacks;
		bool		complete = true;
		ListCell   *lc;

		foreach(lc, needed)
		{
			const char *source = info->quals.columns[lfirst_int(lc) - 1].source;

			for (const char *const *lacking = lacks; lacking != NULL && *lacking != NULL; lacking++)
			{
				if (source == NULL || strcmp(source, *lacking) == 0)
					complete = false;
			}
		}
		if (complete)
			routes = bms_add_member(routes, i);
	}
	return routes;
}

/*
 * "column IS NOT NULL", as min() and max() add it, of a column that never is:
 * the key, or the one the list is sorted by.
 */
static bool
says_nothing(const CrmRelInfo *info, const Expr *clause)
{
	const CrmQualContext *context = &info->quals;
	const CrmEntity *entity = info->entity;
	const NullTest *test = (const NullTest *) clause;
	const Var  *var;
	const CrmColumn *column;

	if (info->options.null_on_error || !IsA(clause, NullTest) || test->nulltesttype != IS_NOT_NULL || !IsA(test->arg, Var))
		return false;
	var = (const Var *) test->arg;
	if (var->varno != (int) context->varno || var->varattno <= 0)
		return false;
	column = context->columns[var->varattno - 1].column;
	return column != NULL &&
		((entity->sort_column != NULL && strcmp(column->name, entity->sort_column) == 0) ||
		 (entity->key != NULL && entity->key[0] != NULL && strcmp(column->name, entity->key[0]) == 0));
}

/* Terms of a list of RestrictInfos; *whole: they say all that those say. */
static List *
terms_of(const CrmRelInfo *info, const List *restrictions, bool *whole)
{
	List	   *terms = NIL;
	ListCell   *lc;

	*whole = true;
	foreach(lc, restrictions)
	{
		List	   *found = NIL;

		if (says_nothing(info, lfirst_node(RestrictInfo, lc)->clause))
			continue;
		crm_qual_terms(&info->quals, lfirst_node(RestrictInfo, lc)->clause, &found);
		if (list_length(found) != 1 || !((const CrmTerm *) linitial(found))->whole)
			*whole = false;
		terms = list_concat(terms, found);
	}
	return terms;
}

static int
count_custom(const CrmRelInfo *info, const List *needed)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, needed)
	{
		if (info->quals.columns[lfirst_int(lc) - 1].is_custom)
			n++;
	}
	return n;
}

void
crmGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	CrmRelInfo *info = palloc0(sizeof(CrmRelInfo));
	List	   *needed;

	crm_table_options(foreigntableid, &info->options);
	info->entity = crm_table_entity(&info->options);
	info->quals.root = root;
	info->quals.varno = baserel->relid;
	info->quals.natts = baserel->max_attr;
	info->quals.columns = crm_qual_columns(foreigntableid, baserel->max_attr, info->entity);
	info->entity = crm_field_rules(info->entity, info->quals.columns, baserel->max_attr, NULL);
	info->terms = terms_of(info, baserel->baserestrictinfo, &info->all_whole);
	needed = crm_plan_needed(baserel, extract_actual_clauses(baserel->baserestrictinfo, false));
	info->routes = complete_routes(info, needed);
	info->custom_columns = count_custom(info, needed);
	baserel->fdw_private = info;
	crm_cost_size(root, baserel, info);
}

/* ------------------------------------------------------------------------
 * Order and limit
 * ------------------------------------------------------------------------ */

/* The attribute a path key sorts by, if it is one of ours; 0 if not. */
static AttrNumber
sorted_attribute(const RelOptInfo *baserel, const PathKey *key)
{
	List	   *members;
	ListCell   *lc;

	if (key->pk_eclass->ec_has_volatile)
		return 0;
	crm_eclass_members(members, key->pk_eclass, baserel->relids);
	foreach(lc, members)
	{
		const EquivalenceMember *member = lfirst(lc);
		const Var  *var = (const Var *) member->em_expr;

		if (bms_equal(member->em_relids, baserel->relids) && IsA(var, Var) && var->varattno > 0 &&
			var->varattno <= baserel->max_attr)
			return var->varattno;
	}
	return 0;
}

/*
 * The column the query wants sorted first, if the list can be read in its
 * order: 0 if not.  The column is never NULL, so where NULLs go is the same.
 */
static AttrNumber
wanted_order(const PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info)
{
	const PathKey *key;
	AttrNumber	attnum;
	const CrmQualColumn *column;

	/* A value that does not fit would become NULL. */
	if (!crm_enable_pushdown || root->query_pathkeys == NIL || info->entity->sort_column == NULL ||
		info->options.null_on_error)
		return 0;
	key = linitial(root->query_pathkeys);
	attnum = sorted_attribute(baserel, key);
	if (attnum == 0)
		return 0;
	column = &info->quals.columns[attnum - 1];
	if (column->column == NULL || strcmp(column->column->name, info->entity->sort_column) != 0 ||
		(column->kind != CRM_KIND_INTEGER && column->kind != CRM_KIND_TIME) ||
		lookup_type_cache(column->type, TYPECACHE_BTREE_OPFAMILY)->btree_opf != key->pk_opfamily)
		return 0;
	return attnum;
}

/*
 * How many rows the query is content with, if all that it asks of them is
 * done by the list; -1 if it may want more than it says.
 */
static double
sound_limit(const PlannerInfo *root, const CrmRelInfo *info, const List *pathkeys, int route)
{
	const CrmEntity *list = crm_plan_list(info->entity, route);
	ListCell   *lc;

	if (!crm_enable_pushdown || root->limit_tuples <= 0 ||
		bms_membership(root->all_baserels) != BMS_SINGLETON ||
		list_length(root->query_pathkeys) != list_length(pathkeys) || !info->all_whole)
		return -1;
	foreach(lc, info->terms)
	{
		const CrmTerm *term = lfirst(lc);

		if (!crm_bind_is_exact(list, info->quals.columns[term->attnum - 1].column, term))
			return -1;
	}
	return root->limit_tuples;
}

static void
add_plain_path(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info, const CrmCost *cost)
{
	double		limit = sound_limit(root, info, NIL, cost->route);

	add_path(baserel, (Path *)
			 crm_create_foreignscan_path(root, baserel, cost->rows, cost->startup, cost->total, NIL,
										 baserel->lateral_relids,
										 pack_path(cost, 0, false, limit)));
}

/*
 * A sorted read costs about as much as a plain one in all, but gives its first
 * rows early.
 */
static void
add_sorted_path(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info, const CrmCost *cost)
{
	AttrNumber	sort = wanted_order(root, baserel, info);
	const PathKey *key;
	List	   *pathkeys;
	double		requests = cost->requests;
	Cost		startup = cost->startup;

	if (sort == 0)
		return;
	key = linitial(root->query_pathkeys);
	pathkeys = list_make1((PathKey *) key);
	if (crm_plan_list(info->entity, cost->route)->pager == CRM_PAGER_NUMBER)
	{
		requests += SORTED_START_REQUESTS;
		startup += crm_cost_of(baserel, info, SORTED_START_REQUESTS, 0) - info->options.fdw_startup_cost;
	}
	add_path(baserel, (Path *)
			 crm_create_foreignscan_path(root, baserel, cost->rows, startup,
										 Max(crm_cost_of(baserel, info, requests, cost->received), startup),
										 pathkeys, baserel->lateral_relids,
										 pack_path(cost, sort, crm_pathkey_descends(key),
												   sound_limit(root, info, pathkeys, cost->route))));
}

/* ------------------------------------------------------------------------
 * Joins that deliver values
 * ------------------------------------------------------------------------ */

/* Can an equality on this column narrow a list of the entity, or rule it out? */
static bool
is_lookup_column(const CrmRelInfo *info, AttrNumber attnum)
{
	const CrmColumn *column = info->quals.columns[attnum - 1].column;
	CrmLicence	licence = {.info = info, .terms = info->terms};
	const CrmFilter *filter;

	if (info->quals.columns[attnum - 1].constant != NULL)
		return crm_enable_pushdown;
	if (column == NULL)
		return false;
	licence.joined = column->name;
	if (crm_bind_parent(info->entity, column->name) >= 0)
		return true;
	if (!crm_enable_pushdown)
		return false;
	if (crm_lookup_serves(info->entity, &info->quals.columns[attnum - 1]))
		return true;
	if (crm_bind_could_use(info->entity, column, CRM_TERM_COMPARE, CRM_EQUAL,
						   crm_cost_allows, &licence, &filter))
		return true;
	for (int i = 0; i < info->entity->nroutes; i++)
	{
		if (bms_is_member(i, info->routes) &&
			crm_bind_could_use(info->entity->routes[i].list, column, CRM_TERM_COMPARE, CRM_EQUAL,
						   crm_cost_allows, &licence, &filter))
			return true;
	}
	return false;
}

/* Used with generate_implied_equalities_for_column: is this our column? */
static bool
is_wanted_member(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
				 EquivalenceMember *em, void *arg)
{
	const Var  *wanted = arg;

	return IsA(em->em_expr, Var) &&
		((Var *) em->em_expr)->varno == wanted->varno &&
		((Var *) em->em_expr)->varattno == wanted->varattno;
}

static bool
has_relids(const List *list, Relids relids)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		if (bms_equal(lfirst(lc), relids))
			return true;
	}
	return false;
}

/* Is there an equality on a look-up column among the terms? */
static bool
has_lookup(const CrmRelInfo *info, const List *terms)
{
	ListCell   *lc;

	foreach(lc, terms)
	{
		const CrmTerm *term = lfirst(lc);

		if (((term->op == CRM_TERM_COMPARE && term->comparison == CRM_EQUAL) ||
			 term->op == CRM_TERM_CONTAINS) &&
			is_lookup_column(info, term->attnum))
			return true;
	}
	return false;
}

/* Adds the outer relations of join clauses that deliver a look-up value. */
static void
collect_outer_rels(RelOptInfo *baserel, const CrmRelInfo *info, List *clauses, List **outer_rels)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		List	   *terms = NIL;
		Relids		required;

		if (!join_clause_is_movable_to(rinfo, baserel))
			continue;
		crm_qual_terms(&info->quals, rinfo->clause, &terms);
		if (!has_lookup(info, terms))
			continue;
		required = bms_difference(rinfo->clause_relids, baserel->relids);
		required = bms_union(required, baserel->lateral_relids);
		required = bms_del_member(required, baserel->relid);
		if (!bms_is_empty(required) && !has_relids(*outer_rels, required))
			*outer_rels = lappend(*outer_rels, required);
	}
}

/* Clauses that equivalence classes imply for look-up columns. */
static List *
implied_clauses(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info)
{
	List	   *clauses = NIL;

	if (!baserel->has_eclass_joins)
		return NIL;
	for (AttrNumber attnum = 1; attnum <= baserel->max_attr; attnum++)
	{
		Var			wanted = {.varno = baserel->relid, .varattno = attnum};

		if (is_lookup_column(info, attnum))
			clauses = list_concat(clauses,
								  generate_implied_equalities_for_column(root, baserel, is_wanted_member, &wanted,
																		 baserel->lateral_referencers));
	}
	return clauses;
}

static void
add_lookup_path(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info, Relids required_outer)
{
	ParamPathInfo *param = get_baserel_parampathinfo(root, baserel, required_outer);
	bool		whole;
	List	   *terms = list_concat(list_copy(info->terms),
									terms_of(info, param->ppi_clauses, &whole));
	double		key_rows = crm_cost_key_rows(root, info, terms);
	CrmCost		cost;

	if (key_rows >= 0)
		param->ppi_rows = clamp_row_est(Min(param->ppi_rows, key_rows));
	crm_cost_scan(root, baserel, info, terms, param->ppi_rows, &cost);
	add_path(baserel, (Path *)
			 crm_create_foreignscan_path(root, baserel, cost.rows, cost.startup, cost.total, NIL,
										 required_outer,
										 pack_path(&cost, 0, false, -1)));
}

void
crmGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	const CrmRelInfo *info = baserel->fdw_private;
	List	   *outer_rels = NIL;
	CrmCost		cost;
	ListCell   *lc;

	crm_cost_scan(root, baserel, info, info->terms, baserel->rows, &cost);
	add_plain_path(root, baserel, info, &cost);
	add_sorted_path(root, baserel, info, &cost);

	collect_outer_rels(baserel, info, baserel->joininfo, &outer_rels);
	collect_outer_rels(baserel, info, implied_clauses(root, baserel, info), &outer_rels);
	foreach(lc, outer_rels)
		add_lookup_path(root, baserel, info, lfirst(lc));
}

/* ------------------------------------------------------------------------
 * Plan
 * ------------------------------------------------------------------------ */

ForeignScan *
crmGetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid foreigntableid,
				  ForeignPath *best_path, List *tlist, List *scan_clauses, Plan *outer_plan)
{
	const CrmRelInfo *info = rel->fdw_private;
	const List *numbers;
	const List *estimates;
	CrmPlan		plan = {0};
	List	   *exprs = NIL;

	if (IS_UPPER_REL(rel))
		return crm_count_plan(root, rel, best_path, tlist);
	numbers = linitial(best_path->fdw_private);
	estimates = lsecond(best_path->fdw_private);
	scan_clauses = extract_actual_clauses(scan_clauses, false);
	plan.needed = crm_plan_needed(rel, scan_clauses);
	plan.route = linitial_int(numbers);
	plan.sort = lsecond_int(numbers);
	plan.descending = lthird_int(numbers) != 0;
	plan.lookup = lfourth_int(numbers);
	plan.requests = floatVal(linitial(estimates));
	plan.most_lists = floatVal(lsecond(estimates));
	plan.limit = floatVal(lthird(estimates));
	plan.eager = crm_plan_is_eager(root);
	crm_plan_terms(info, &plan, scan_clauses, &exprs);

	/* Every clause stays local: PostgreSQL checks what the API sends. */
	return make_foreignscan(tlist, scan_clauses, rel->relid, exprs,
							crm_plan_pack(&plan), NIL, NIL, outer_plan);
}
