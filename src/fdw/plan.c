/*
 * plan.c
 *		What crosses from the planner to the executor.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"

#include "base/settings.h"
#include "fdw/bind.h"
#include "fdw/plan.h"

/* ------------------------------------------------------------------------
 * Packing: the only pair of functions that knows the packed form
 * ------------------------------------------------------------------------ */

static List *
pack_steps(const List *steps)
{
	List	   *packed = NIL;
	ListCell   *lc;

	foreach(lc, steps)
	{
		const CrmStep *step = lfirst(lc);

		packed = lappend(packed, makeInteger(step->kind));
		packed = lappend(packed, makeString(pstrdup(step->argument)));
	}
	return packed;
}

static List *
unpack_steps(const List *packed)
{
	List	   *steps = NIL;

	for (int i = 0; i < list_length(packed); i += 2)
	{
		CrmStep    *step = palloc(sizeof(CrmStep));

		step->kind = intVal(list_nth(packed, i));
		step->argument = strVal(list_nth(packed, i + 1));
		steps = lappend(steps, step);
	}
	return steps;
}

static List *
pack_term(const CrmPlanTerm *term)
{
	List	   *values = NIL;

	for (int i = 0; i < term->nvalues; i++)
		values = lappend(values, list_make3(makeInteger(term->values[i].expr),
											makeBoolean(term->values[i].is_array),
											makeString(pstrdup(term->values[i].name))));
	return list_make3(list_make5_int(term->attnum, term->op, term->comparison, (int) term->type,
									 term->clause),
					  pack_steps(term->steps), values);
}

static void
unpack_term(const List *packed, CrmPlanTerm *term)
{
	List	   *numbers = linitial(packed);
	List	   *values = lthird(packed);
	ListCell   *lc;

	term->attnum = list_nth_int(numbers, 0);
	term->op = list_nth_int(numbers, 1);
	term->comparison = list_nth_int(numbers, 2);
	term->type = (Oid) list_nth_int(numbers, 3);
	term->clause = list_nth_int(numbers, 4);
	term->steps = unpack_steps(lsecond(packed));
	term->nvalues = 0;
	term->values = palloc(sizeof(CrmPlanValue) * Max(list_length(values), 1));
	foreach(lc, values)
	{
		CrmPlanValue *value = &term->values[term->nvalues++];

		value->expr = intVal(linitial(lfirst_node(List, lc)));
		value->is_array = boolVal(lsecond(lfirst_node(List, lc)));
		value->name = strVal(lthird(lfirst_node(List, lc)));
	}
}

static Node *
pack_double(double value)
{
	return (Node *) makeFloat(psprintf("%.0f", value));
}

bool
crm_plan_is_eager(const PlannerInfo *root)
{
	return root->tuple_fraction == 0 && root->limit_tuples < 0;
}

List *
crm_plan_pack(const CrmPlan *plan)
{
	List	   *terms = NIL;

	for (int i = 0; i < plan->nterms; i++)
		terms = lappend(terms, pack_term(&plan->terms[i]));
	return list_make5(plan->needed,
					  lappend_int(lappend_int(list_make5_int(plan->route, plan->sort, plan->descending,
															 (int) plan->count_relid, (int) plan->count_varno),
											  plan->eager),
								  plan->lookup),
					  list_make3(pack_double(plan->requests), pack_double(plan->most_lists),
								 pack_double(plan->limit)),
					  terms, plan->count_clauses);
}

void
crm_plan_unpack(List *packed, CrmPlan *plan)
{
	List	   *numbers = lsecond(packed);
	List	   *estimates = lthird(packed);
	ListCell   *lc;

	plan->needed = linitial(packed);
	plan->route = list_nth_int(numbers, 0);
	plan->sort = list_nth_int(numbers, 1);
	plan->descending = list_nth_int(numbers, 2) != 0;
	plan->count_relid = (Oid) list_nth_int(numbers, 3);
	plan->count_varno = list_nth_int(numbers, 4);
	plan->eager = list_nth_int(numbers, 5) != 0;
	plan->lookup = list_nth_int(numbers, 6);
	plan->requests = floatVal(linitial(estimates));
	plan->most_lists = floatVal(lsecond(estimates));
	plan->limit = floatVal(lthird(estimates));
	plan->nterms = 0;
	plan->terms = palloc(sizeof(CrmPlanTerm) * Max(list_length(lfourth(packed)), 1));
	foreach(lc, (List *) lfourth(packed))
		unpack_term(lfirst(lc), &plan->terms[plan->nterms++]);
	plan->count_clauses = list_nth(packed, 4);
}

/* ------------------------------------------------------------------------
 * Making a plan
 * ------------------------------------------------------------------------ */

const CrmEntity *
crm_plan_list(const CrmEntity *entity, int route)
{
	return route == CRM_NO_ROUTE ? entity : entity->routes[route].list;
}

List *
crm_plan_needed(const RelOptInfo *baserel, List *clauses)
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
	while (IsA(value, RelabelType))
		value = (Node *) ((RelabelType *) value)->arg;
	if (IsA(value, Param) && ((Param *) value)->paramkind == PARAM_EXTERN)
		return psprintf("$%d", ((Param *) value)->paramid);
	if (IsA(value, Var) && ((Var *) value)->varattno > 0)
	{
		RangeTblEntry *rte = planner_rt_fetch(((Var *) value)->varno, root);

		return psprintf("{%s.%s}", rte->eref->aliasname,
						strVal(list_nth(rte->eref->colnames, ((Var *) value)->varattno - 1)));
	}
	return pstrdup("{...}");
}

/*
 * May the plan make use of a term?  Constants cost nothing to look at, and may
 * contradict each other.
 */
static bool
is_of_use(const CrmRelInfo *info, const CrmPlan *plan, const CrmTerm *term)
{
	const CrmQualColumn *column = &info->quals.columns[term->attnum - 1];
	const CrmFilter *filter;
	bool		is_parent = column->column != NULL && term->op == CRM_TERM_COMPARE &&
		term->comparison == CRM_EQUAL && term->steps == NIL &&
		crm_bind_parent(info->entity, column->column->name) >= 0;
	ListCell   *lc;

	if (!crm_enable_pushdown)
		return is_parent;
	/* What another value than the constant is compared with is not asked for. */
	if (column->constant != NULL)
		return true;
	if (column->column != NULL &&
		(crm_bind_could_use(info->entity, column->column, term->op, term->comparison, NULL, NULL,
							&filter) ||
		 crm_bind_could_use(crm_plan_list(info->entity, plan->route), column->column, term->op,
							term->comparison, NULL, NULL, &filter)))
		return true;
	if (term->attnum == plan->lookup && term->op == CRM_TERM_COMPARE && term->comparison == CRM_EQUAL)
		return true;
	foreach(lc, term->values)
	{
		if (!IsA(((const CrmTermValue *) lfirst(lc))->expr, Const))
			return false;
	}
	return column->kind != CRM_KIND_OTHER && column->kind != CRM_KIND_ARRAY;
}

static void
add_term(PlannerInfo *root, const CrmTerm *term, int clause, CrmPlanTerm *added, List **exprs)
{
	ListCell   *lc;

	added->attnum = term->attnum;
	added->op = term->op;
	added->comparison = term->comparison;
	added->steps = term->steps;
	added->type = term->type;
	added->clause = clause;
	added->nvalues = 0;
	added->values = palloc(sizeof(CrmPlanValue) * Max(list_length(term->values), 1));
	foreach(lc, term->values)
	{
		const CrmTermValue *value = lfirst(lc);
		CrmPlanValue *packed = &added->values[added->nvalues++];

		packed->expr = list_length(*exprs);
		packed->is_array = value->is_array;
		packed->name = value_name(root, (Node *) value->expr);
		*exprs = lappend(*exprs, value->expr);
	}
}

void
crm_plan_terms(const CrmRelInfo *info, CrmPlan *plan, List *clauses, List **exprs)
{
	ListCell   *lc;
	int			room = 8;

	plan->nterms = 0;
	plan->terms = palloc(sizeof(CrmPlanTerm) * room);
	foreach(lc, clauses)
	{
		List	   *terms = NIL;
		ListCell   *lc2;

		crm_qual_terms(&info->quals, lfirst(lc), &terms);
		foreach(lc2, terms)
		{
			if (!is_of_use(info, plan, lfirst(lc2)))
				continue;
			if (plan->nterms == room)
			{
				room *= 2;
				plan->terms = repalloc(plan->terms, sizeof(CrmPlanTerm) * room);
			}
			add_term(info->quals.root, lfirst(lc2), foreach_current_index(lc),
					 &plan->terms[plan->nterms++], exprs);
		}
	}
}
