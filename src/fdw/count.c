/*
 * count.c
 *		count(*) from a total.
 *
 * A total counts what the API selected, and whether that is what was asked for
 * is not certain: parameters may be ignored, bounds read in two ways.  So only
 * bounds on the column a list is ordered by are counted this way, and the
 * records at both ends are looked at: if the first and the last one lie within
 * the bounds, all of them do.  The bounds of the request are a second wider
 * than the query's, so none is left out.  When in doubt, rows are read and
 * counted.
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/settings.h"
#include "client/sample.h"
#include "client/scalar.h"
#include "fdw/bind.h"
#include "fdw/cost.h"
#include "fdw/count.h"
#include "fdw/fdw.h"
#include "fdw/server.h"

/*
 * Without statistics the planner takes a span of time for half a per cent of
 * the rows, far too little: a count is to win against that.
 */
#define UNDERRATED	0.25

/* ------------------------------------------------------------------------
 * Planning
 * ------------------------------------------------------------------------ */

/* count(*), or count(column) where the column is never NULL. */
static bool
is_count(const CrmRelInfo *info, Node *expr)
{
	const Aggref *aggref = (const Aggref *) expr;
	const TargetEntry *argument;
	const Var  *var;
	const char *const *key = info->entity->key;

	if (!IsA(expr, Aggref) || aggref->aggdistinct != NIL || aggref->aggfilter != NULL ||
		aggref->aggorder != NIL || aggref->agglevelsup != 0 || aggref->aggsplit != AGGSPLIT_SIMPLE)
		return false;
	if (aggref->aggfnoid == F_COUNT_)
		return true;
	if (aggref->aggfnoid != F_COUNT_ANY || list_length(aggref->args) != 1 || info->options.null_on_error)
		return false;
	argument = linitial(aggref->args);
	var = (const Var *) argument->expr;
	return IsA(var, Var) && var->varno == (int) info->quals.varno && var->varattno > 0 &&
		key != NULL && key[0] != NULL && info->quals.columns[var->varattno - 1].column != NULL &&
		strcmp(info->quals.columns[var->varattno - 1].column->name, key[0]) == 0;
}

/* Is the query nothing but counts of the whole table or of a span of it? */
static bool
asks_for_count(const PlannerInfo *root, const PathTarget *target, const CrmRelInfo *info)
{
	const Query *query = root->parse;
	ListCell   *lc;

	if (query->groupClause != NIL || query->groupingSets != NIL || query->havingQual != NULL ||
		target->exprs == NIL)
		return false;
	foreach(lc, target->exprs)
	{
		if (!is_count(info, lfirst(lc)))
			return false;
	}
	return true;
}

/* How many requests the count takes; 0 if it cannot be had this way. */
static int
count_requests(const CrmRelInfo *info)
{
	const CrmEntity *entity = info->entity;
	const char *span = crm_span_column(entity);
	bool		lower = info->options.start_date.set && entity->window != NULL;
	bool		upper = false;
	ListCell   *lc;

	if (entity->nparents > 0 || entity->lookup != NULL || entity->unnest != NULL || !info->all_whole)
		return 0;
	if (info->terms == NIL && !lower && entity->count_path != NULL)
		return 1;
	if (!(entity->flags & CRM_ENTITY_COUNTABLE) || info->options.api->total_pointer == NULL)
		return 0;
	foreach(lc, info->terms)
	{
		const CrmTerm *term = lfirst(lc);
		const CrmQualColumn *column = &info->quals.columns[term->attnum - 1];

		/* All rows are alike in it: the record that is looked at tells. */
		if (column->constant != NULL)
			continue;
		if (entity->pager != CRM_PAGER_NUMBER || entity->order_desc == NULL || column->column == NULL ||
			span == NULL || strcmp(column->column->name, span) != 0 || column->kind != CRM_KIND_TIME ||
			term->op != CRM_TERM_COMPARE || term->steps != NIL)
			return 0;
		if (list_length(term->values) > 1 || ((const CrmTermValue *) linitial(term->values))->is_array)
			return 0;
		upper |= term->comparison <= CRM_EQUAL;
	}
	return upper ? 2 : 1;
}

void
crmGetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input_rel,
						RelOptInfo *output_rel, void *extra)
{
	const CrmRelInfo *info = input_rel->fdw_private;
	PathTarget *target = root->upper_targets[UPPERREL_GROUP_AGG];
	int			requests;
	Cost		cost;

	if (stage != UPPERREL_GROUP_AGG || !crm_enable_pushdown || input_rel->reloptkind != RELOPT_BASEREL ||
		info == NULL || !bms_is_empty(input_rel->lateral_relids) ||
		!asks_for_count(root, target, info))
		return;
	requests = count_requests(info);
	if (requests == 0 || requests >= info->full_requests)
		return;
	output_rel->fdw_private = input_rel;
	cost = crm_cost_of(input_rel, info, requests * UNDERRATED, 1);
	add_path(output_rel, (Path *)
			 crm_create_upper_path(root, output_rel, target, 1, cost, cost,
								   list_make1(makeInteger(requests))));
}

ForeignScan *
crm_count_plan(PlannerInfo *root, RelOptInfo *rel, ForeignPath *best_path, List *tlist)
{
	RelOptInfo *baserel = rel->fdw_private;
	const CrmRelInfo *info = baserel->fdw_private;
	List	   *clauses = extract_actual_clauses(baserel->baserestrictinfo, false);
	CrmPlan		plan = {.route = CRM_NO_ROUTE, .limit = -1, .eager = true};
	List	   *exprs = NIL;

	plan.needed = crm_plan_needed(baserel, clauses);
	plan.requests = intVal(linitial(best_path->fdw_private));
	plan.most_lists = 1;
	plan.count_relid = planner_rt_fetch(baserel->relid, root)->relid;
	plan.count_varno = baserel->relid;
	plan.count_clauses = copyObject(clauses);
	fix_opfuncids((Node *) plan.count_clauses);
	crm_plan_terms(info, &plan, clauses, &exprs);
	return make_foreignscan(tlist, NIL, 0, exprs, crm_plan_pack(&plan),
							add_to_flat_tlist(NIL, best_path->path.pathtarget->exprs), NIL, NULL);
}

/* ------------------------------------------------------------------------
 * Execution
 * ------------------------------------------------------------------------ */

void
crm_count_begin(CrmScanState *state)
{
	Relation	relation;

	if (state->account == NULL)
		return;
	relation = RelationIdGetRelation(state->relid);
	state->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(relation)), &TTSOpsVirtual);
	RelationClose(relation);
	state->clauses = ExecInitQual(state->plan.count_clauses, NULL);
}

/*
 * One end of the list: its total, and whether the record there lies within the
 * bounds.  *id is the record's, NULL if the list is empty.
 */
static bool
look_at_end(const CrmScanState *state, bool descending, int64 *total, char **id)
{
	const CrmReadSpec *spec = &state->spec;
	const CrmEntity *entity = spec->entity;
	CrmList		list = {.entity = entity, .path = entity->path, .query = spec->query,
	.from = spec->from, .to = spec->to, .descending = descending};
	CrmSample	sample;
	const char *text;
	int64		second;

	*id = NULL;
	crm_sample_list(state->account, &list, &sample);
	*total = sample.total;
	if (sample.record == NULL)
		return sample.total == 0;
	text = entity->id ? crm_scalar_text(sample.json, crm_json_pointer(sample.record, entity->id)) : NULL;
	*id = text ? pstrdup(text) : NULL;
	if (spec->from == CRM_NO_LOWER && spec->to == CRM_NO_UPPER)
		return sample.total > 0;
	return sample.total > 0 && text != NULL && entity->window != NULL &&
		crm_scalar_int64(sample.json, crm_json_pointer(sample.record, entity->window->pointer), &second) &&
		second >= spec->from && second <= spec->to;
}

/* The count by the API's total; -1 if that is in doubt. */
static int64
count_by_total(const CrmScanState *state)
{
	const CrmReadSpec *spec = &state->spec;
	bool		upper = spec->to != CRM_NO_UPPER;
	int			cap = state->options.api->position_cap;
	int64		total;
	int64		other;
	char	   *first;
	char	   *last;

	if (spec->from == CRM_NO_LOWER && !upper && spec->entity->count_path != NULL)
		return crm_sample_total(state->account, spec->entity);
	/*
	 * Records are ordered, so the nearest to a bound tells for all.  That the
	 * order can be turned round is known only if the other end shows another.
	 */
	if (!look_at_end(state, false, &total, &first) || (cap > 0 && total >= cap))
		return -1;
	if (!upper || total == 0)
		return total;
	if (!look_at_end(state, true, &other, &last) || other != total ||
		(total > 1 && (first == NULL || last == NULL || strcmp(first, last) == 0)))
		return -1;
	return total;
}

static int64
count_rows(ForeignScanState *node, CrmScanState *state)
{
	ExprContext *econtext = node->ss.ps.ps_ExprContext;
	TupleTableSlot *saved = econtext->ecxt_scantuple;
	int64		count = 0;
	MemoryContext old;

	crm_scan_open(state);
	old = MemoryContextSwitchTo(state->row_context);
	while (crm_scan_row(state, state->slot))
	{
		econtext->ecxt_scantuple = state->slot;
		if (ExecQual(state->clauses, econtext))
			count++;
		ResetExprContext(econtext);
		MemoryContextReset(state->row_context);
	}
	MemoryContextSwitchTo(old);
	econtext->ecxt_scantuple = saved;
	return count;
}

void
crm_count_next(ForeignScanState *node, CrmScanState *state, TupleTableSlot *slot)
{
	MemoryContext old;
	Bitmapset  *used;
	bool		exact;
	int64		count;

	ExecClearTuple(slot);
	if (state->counted)
		return;
	state->counted = true;
	old = MemoryContextSwitchTo(state->reader_context);
	exact = crm_scan_bind(state, crm_scan_values(node, state, false), NULL, &state->spec, &used);
	if (state->spec.nothing)
		count = 0;
	else
		count = exact ? count_by_total(state) : -1;
	MemoryContextSwitchTo(old);
	if (count < 0)
		count = count_rows(node, state);
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		slot->tts_values[i] = Int64GetDatum(count);
		slot->tts_isnull[i] = false;
	}
	ExecStoreVirtualTuple(slot);
}
