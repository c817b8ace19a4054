/*
 * plan.c
 *		Paths and plans of foreign scans.
 *
 * A table below a parent gets, beside its plain path, a path for every join
 * that delivers the parent's id, so that a nested loop asks only for the
 * parents it needs.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"

#include "base/compat.h"
#include "fdw/cost.h"
#include "fdw/fdw.h"
#include "fdw/plan.h"
#include "fdw/server.h"

/* ------------------------------------------------------------------------
 * Plan data: the only pair of functions that knows the packed form.
 * ------------------------------------------------------------------------ */

List *
crm_plan_pack(const CrmPlan *plan)
{
	List	   *keys = NIL;

	for (int i = 0; i < plan->nkeys; i++)
		keys = lappend(keys, list_make3(makeInteger(plan->keys[i].parent),
										makeBoolean(plan->keys[i].is_array),
										makeString(plan->keys[i].name)));
	return list_make3(plan->needed, keys, makeFloat(psprintf("%.0f", plan->requests)));
}

void
crm_plan_unpack(List *packed, CrmPlan *plan)
{
	List	   *keys = lsecond(packed);
	ListCell   *lc;

	plan->needed = linitial(packed);
	plan->nkeys = 0;
	plan->keys = palloc(sizeof(CrmPlanKey) * Max(list_length(keys), 1));
	foreach(lc, keys)
	{
		CrmPlanKey *key = &plan->keys[plan->nkeys++];

		key->parent = intVal(linitial(lfirst_node(List, lc)));
		key->is_array = boolVal(lsecond(lfirst_node(List, lc)));
		key->name = strVal(lthird(lfirst_node(List, lc)));
	}
	plan->requests = floatVal(lthird(packed));
}

/* ------------------------------------------------------------------------
 * Paths
 * ------------------------------------------------------------------------ */

void
crmGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	CrmRelInfo *info = palloc0(sizeof(CrmRelInfo));
	ListCell   *lc;

	crm_table_options(foreigntableid, &info->options);
	info->entity = crm_table_entity(&info->options);
	info->quals.root = root;
	info->quals.relid = foreigntableid;
	info->quals.varno = baserel->relid;
	info->quals.entity = info->entity;
	foreach(lc, baserel->baserestrictinfo)
		crm_qual_keys(&info->quals, lfirst_node(RestrictInfo, lc)->clause, &info->keys);
	baserel->fdw_private = info;
	crm_cost_size(root, baserel, info);
}

/* How many parents the key quals name, at most. */
static double
count_keys(PlannerInfo *root, const List *keys)
{
	double		n = 0;
	ListCell   *lc;

	foreach(lc, keys)
	{
		const CrmKeyQual *qual = lfirst(lc);
		double		named = qual->is_array ? crm_estimate_array_length(root, (Node *) qual->value) : 1;

		n = n == 0 ? named : Min(n, named);
	}
	return n;
}

static void
add_scan_path(PlannerInfo *root, RelOptInfo *baserel, double rows, double nkeys, Relids required_outer)
{
	CrmCost		cost;

	crm_cost_scan(baserel, baserel->fdw_private, rows, nkeys, &cost);
	add_path(baserel, (Path *)
			 crm_create_foreignscan_path(root, baserel, cost.rows, cost.startup, cost.total,
										 required_outer,
										 list_make1(makeFloat(psprintf("%.0f", cost.requests)))));
}

/* Used with generate_implied_equalities_for_column: is this our column? */
static bool
is_key_member(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
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

/* Adds the outer relations of join clauses that deliver a parent's id. */
static void
collect_outer_rels(RelOptInfo *baserel, const CrmRelInfo *info, List *clauses, List **outer_rels)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		List	   *keys = NIL;
		Relids		required;

		if (!join_clause_is_movable_to(rinfo, baserel))
			continue;
		crm_qual_keys(&info->quals, rinfo->clause, &keys);
		if (keys == NIL)
			continue;
		required = bms_difference(rinfo->clause_relids, baserel->relids);
		required = bms_union(required, baserel->lateral_relids);
		required = bms_del_member(required, baserel->relid);
		if (!bms_is_empty(required) && !has_relids(*outer_rels, required))
			*outer_rels = lappend(*outer_rels, required);
	}
}

/* Clauses that equivalence classes imply for a parent's id column. */
static List *
implied_clauses(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info)
{
	List	   *clauses = NIL;

	if (!baserel->has_eclass_joins)
		return NIL;
	for (AttrNumber attnum = 1; attnum <= baserel->max_attr; attnum++)
	{
		Var			wanted = {.varno = baserel->relid, .varattno = attnum};

		if (crm_qual_parent_of(&info->quals, attnum) < 0)
			continue;
		clauses = list_concat(clauses,
							  generate_implied_equalities_for_column(root, baserel, is_key_member, &wanted,
																	 baserel->lateral_referencers));
	}
	return clauses;
}

void
crmGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	const CrmRelInfo *info = baserel->fdw_private;
	List	   *outer_rels = NIL;
	ListCell   *lc;

	add_scan_path(root, baserel, baserel->rows, count_keys(root, info->keys), baserel->lateral_relids);
	if (info->entity->nparents == 0)
		return;

	collect_outer_rels(baserel, info, baserel->joininfo, &outer_rels);
	collect_outer_rels(baserel, info, implied_clauses(root, baserel, info), &outer_rels);
	foreach(lc, outer_rels)
	{
		Relids		required_outer = lfirst(lc);
		ParamPathInfo *param = get_baserel_parampathinfo(root, baserel, required_outer);

		add_scan_path(root, baserel, param->ppi_rows, 1, required_outer);
	}
}

/* ------------------------------------------------------------------------
 * Plan
 * ------------------------------------------------------------------------ */

/* Attribute numbers that the query or its clauses look at. */
static List *
needed_attributes(const RelOptInfo *baserel, Oid relid, List *clauses)
{
	Bitmapset  *used = NULL;
	List	   *needed = NIL;
	bool		whole_row;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid, &used);
	pull_varattnos((Node *) clauses, baserel->relid, &used);
	whole_row = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (AttrNumber attnum = 1; attnum <= baserel->max_attr; attnum++)
	{
		if (whole_row || bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, used))
			needed = lappend_int(needed, attnum);
	}
	return needed;
}

/* How EXPLAIN shows a value that is known only when the query runs. */
static char *
value_name(PlannerInfo *root, Node *value)
{
	if (IsA(value, RelabelType))
		value = (Node *) ((RelabelType *) value)->arg;
	if (IsA(value, Var) && ((Var *) value)->varattno > 0)
	{
		RangeTblEntry *rte = planner_rt_fetch(((Var *) value)->varno, root);

		return psprintf("{%s.%s}", rte->eref->aliasname,
						strVal(list_nth(rte->eref->colnames, ((Var *) value)->varattno - 1)));
	}
	return pstrdup("{...}");
}

ForeignScan *
crmGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid,
				  ForeignPath *best_path, List *tlist, List *scan_clauses, Plan *outer_plan)
{
	const CrmRelInfo *info = baserel->fdw_private;
	CrmPlan		plan = {0};
	List	   *keys = NIL;
	List	   *exprs = NIL;
	ListCell   *lc;

	scan_clauses = extract_actual_clauses(scan_clauses, false);
	foreach(lc, scan_clauses)
		crm_qual_keys(&info->quals, lfirst(lc), &keys);

	plan.needed = needed_attributes(baserel, foreigntableid, scan_clauses);
	plan.requests = floatVal(linitial(best_path->fdw_private));
	plan.keys = palloc(sizeof(CrmPlanKey) * Max(list_length(keys), 1));
	foreach(lc, keys)
	{
		const CrmKeyQual *qual = lfirst(lc);

		plan.keys[plan.nkeys].parent = qual->parent;
		plan.keys[plan.nkeys].is_array = qual->is_array;
		plan.keys[plan.nkeys].name = value_name(root, (Node *) qual->value);
		plan.nkeys++;
		exprs = lappend(exprs, qual->value);
	}

	/* Every clause stays local: PostgreSQL checks what the API sends. */
	return make_foreignscan(tlist, scan_clauses, baserel->relid, exprs,
							crm_plan_pack(&plan), NIL, NIL, outer_plan);
}
