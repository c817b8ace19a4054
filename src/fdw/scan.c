/*
 * scan.c
 *		Runs a foreign scan: who asks, for what, row by row.
 *
 * Nothing is sent before the first row is wanted.  The credential is looked up
 * with the role the table is checked for, so that views and SECURITY DEFINER
 * functions read with their owner's key.
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "client/progress.h"
#include "fdw/bind.h"
#include "fdw/count.h"
#include "fdw/fdw.h"
#include "fdw/fieldrules.h"
#include "fdw/replay.h"
#include "fdw/scan.h"
#include "fdw/server.h"
#include "fdw/sorter.h"
#include "fdw/totals.h"

/* The first whole second that is not before a moment. */
static int64
first_second(TimestampTz moment)
{
	int64		second = timestamptz_to_time_t(moment);

	return time_t_to_timestamptz(second) < moment ? second + 1 : second;
}

void
crm_scan_spec(const CrmOptions *options, const CrmEntity *entity,
			  const CrmAttrs *attrs, CrmReadSpec *spec)
{
	crm_lists_all(entity, spec);
	spec->page_size = options->page_size;
	spec->flags = crm_attrs_flags(attrs);
	spec->fan_out = options->fan_out;
	spec->custom = crm_attrs_use_custom(attrs) ? entity->custom : NULL;
	if (options->start_date.set && entity->window != NULL)
	{
		spec->start_window = entity->window;
		spec->start = first_second(crm_start_date_resolve(&options->start_date));
		spec->from = spec->start;
	}
}

/* ------------------------------------------------------------------------
 * From the plan to what is read
 * ------------------------------------------------------------------------ */

static bool
has_param(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, Param) || expression_tree_walker(node, has_param, context);
}

CrmValue *
crm_scan_values(ForeignScanState *node, const CrmScanState *state, bool names)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	ExprContext *econtext = node->ss.ps.ps_ExprContext;
	CrmValue   *values = palloc0(sizeof(CrmValue) * Max(list_length(scan->fdw_exprs), 1));

	for (int i = 0; i < state->plan.nterms; i++)
	{
		for (int j = 0; j < state->plan.terms[i].nvalues; j++)
		{
			const CrmPlanValue *planned = &state->plan.terms[i].values[j];
			Node	   *expr = list_nth(scan->fdw_exprs, planned->expr);
			CrmValue   *value = &values[planned->expr];

			value->is_array = planned->is_array;
			value->type = exprType(expr);
			if (names && has_param(expr, NULL))
				value->name = planned->name;
			else
				value->value = ExecEvalExprSwitchContext(list_nth(state->exprs, planned->expr),
														 econtext, &value->isnull);
		}
	}
	return values;
}

/* The plan's terms with their values. */
static CrmBoundTerm *
bound_terms(const CrmPlan *plan, const CrmValue *values)
{
	CrmBoundTerm *terms = palloc0(sizeof(CrmBoundTerm) * Max(plan->nterms, 1));

	for (int i = 0; i < plan->nterms; i++)
	{
		const CrmPlanTerm *planned = &plan->terms[i];

		terms[i].attnum = planned->attnum;
		terms[i].op = planned->op;
		terms[i].comparison = planned->comparison;
		terms[i].steps = planned->steps;
		terms[i].type = planned->type;
		terms[i].nvalues = planned->nvalues;
		/* A term's values stand side by side. */
		terms[i].values = planned->nvalues > 0 ? &values[planned->values[0].expr] : NULL;
	}
	return terms;
}

/* The spec of a route's list. */
static CrmReadSpec
route_spec(const CrmScanState *state, const CrmRoute *route)
{
	CrmReadSpec spec = state->plain;

	spec.entity = route->list;
	spec.guard_pointer = route->guard_pointer;
	spec.guard_value = route->guard_value;
	spec.uncertain = (route->flags & CRM_ROUTE_UNCERTAIN) != 0;
	/* The table's bound is of the window's time, not of the one that is walked by. */
	if (route->list->pager == CRM_PAGER_WALK)
		spec.from = CRM_NO_LOWER;
	return spec;
}

const CrmDemand *
crm_scan_lookup(const CrmScanState *state, const CrmValue *values)
{
	bool		impossible;
	CrmDemand **demands;

	if (state->plan.lookup == 0)
		return NULL;
	demands = crm_demands(state->columns, state->natts, bound_terms(&state->plan, values),
						  state->plan.nterms, &impossible);
	return impossible ? NULL : demands[state->plan.lookup - 1];
}

bool
crm_scan_bind(const CrmScanState *state, const CrmValue *values, const CrmFound *found,
			  CrmReadSpec *spec, Bitmapset **used)
{
	const CrmPlan *plan = &state->plan;
	bool		exact = true;
	bool		impossible;
	bool		useless = true;
	CrmBinding	binding = {.natts = state->natts, .most_lists = Max(plan->most_lists, 1)};

	binding.demands = crm_demands(state->columns, state->natts, bound_terms(plan, values),
								  plan->nterms, &impossible);
	if (plan->lookup != 0)
		crm_lookup_bind(state->entity, plan->lookup, found, &binding);
	if (plan->route != CRM_NO_ROUTE)
	{
		binding.route = &state->entity->routes[plan->route];
		binding.list = binding.route->list;
		*spec = route_spec(state, binding.route);
		spec->descending = plan->sort != 0 && plan->descending;
		*used = crm_bind(&binding, spec, &useless);
	}
	if (useless)
	{
		binding.route = NULL;
		binding.list = state->entity;
		*spec = state->plain;
		spec->descending = plan->sort != 0 && plan->descending;
		*used = crm_bind(&binding, spec, &useless);
	}
	if (plan->limit > 0 && plan->limit < INT_MAX)
		spec->first_page = (int) plan->limit;
	spec->nothing |= impossible;
	for (int i = 0; i < state->natts; i++)
	{
		if (binding.demands[i] != NULL && !binding.demands[i]->exact)
			exact = false;
	}
	return exact;
}

static Bitmapset *
needed_set(const CrmPlan *plan)
{
	Bitmapset  *set = bms_make_singleton(0);	/* never NULL: that means all */
	ListCell   *lc;

	foreach(lc, plan->needed)
		set = bms_add_member(set, lfirst_int(lc));
	return set;
}

void
crm_scan_prepare(ForeignScanState *node, CrmScanState *state, Oid relid, int eflags)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	Relation	relation = RelationIdGetRelation(relid);
	TupleDesc	tupdesc = CreateTupleDescCopy(RelationGetDescr(relation));
	const CrmEntity *list;

	RelationClose(relation);
	state->context = CurrentMemoryContext;
	state->relid = relid;
	crm_table_options(relid, &state->options);
	state->entity = crm_table_entity(&state->options);
	state->natts = tupdesc->natts;
	state->columns = crm_qual_columns(relid, tupdesc->natts, state->entity);
	state->catalogued = state->entity;
	state->entity = crm_field_rules(state->catalogued, state->columns, state->natts, NULL);
	state->attrs = crm_attrs_create(relid, tupdesc, state->entity, needed_set(&state->plan));
	crm_scan_spec(&state->options, state->entity, state->attrs, &state->plain);
	state->plain.eager = state->plan.eager;
	state->plain.in_order = state->plan.sort != 0;
	state->exprs = ExecInitExprList(scan->fdw_exprs, &node->ss.ps);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;

	state->account = crm_account_create(GetForeignTable(relid)->serverid, crm_scan_user(node), &state->options);
	state->converter = crm_converter_create(state->account, state->entity, relid, state->attrs,
											state->options.null_on_error);
	list = crm_plan_list(state->entity, state->plan.route);
	if (list->columns != state->entity->columns)
		state->route_converter =
			crm_converter_create(state->account, list, relid,
								 crm_attrs_create(relid, tupdesc, list, needed_set(&state->plan)),
								 state->options.null_on_error);
	state->reader_context = AllocSetContextCreate(state->context, "crm_fdw scan", ALLOCSET_DEFAULT_SIZES);
	state->row_context = AllocSetContextCreate(state->context, "crm_fdw row", ALLOCSET_DEFAULT_SIZES);
}

/* ------------------------------------------------------------------------
 * Rows
 * ------------------------------------------------------------------------ */

void
crm_scan_open(CrmScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->reader_context);

	if (state->reader != NULL)
		crm_reader_free(state->reader);
	/* If a later list is refused, the plain one must not repeat the first ones' rows. */
	if (state->spec.uncertain && state->spec.seen == NULL)
		state->spec.seen = crm_idset_create();
	state->reader = crm_reader_create(state->account, &state->spec);
	state->rows = 0;
	MemoryContextSwitchTo(old);
}

/* Does the reader go through the whole list? */
static bool
reads_all(const CrmScanState *state)
{
	const CrmReadSpec *spec = &state->spec;

	return spec->entity == state->entity && !spec->nothing && spec->query[0] == '\0' &&
		spec->nvariants == 0 && spec->from == state->plain.from && spec->to == state->plain.to &&
		spec->parent_keys == NULL;
}

/*
 * An endpoint did not serve its filters or its order: goes on with the plain
 * list, of which some rows may have been handed on, in the window being read.
 */
static void
fall_back(CrmScanState *state)
{
	CrmReadSpec spec = state->plain;
	int64		rows = state->rows;

	spec.descending = state->spec.descending;
	spec.seen = state->spec.seen;
	if (state->spec.strict)
	{
		spec.from = state->spec.from;
		spec.to = state->spec.to;
		spec.strict = true;
	}
	state->spec = spec;
	crm_scan_open(state);
	/* Those handed on are rows of the plain list too, where they are passed over. */
	state->rows = rows;
}

static bool
finds_record(CrmScanState *state, const char *query)
{
	CrmReadSpec spec = state->spec;
	CrmReader  *reader;
	bool		found;

	spec.query = query;
	spec.first_page = 1;
	spec.eager = false;
	/* A record is not handed on by being looked at. */
	spec.seen = NULL;
	reader = crm_reader_create(state->account, &spec);
	found = crm_reader_next(reader) != NULL;
	crm_reader_free(reader);
	return found;
}

/*
 * Is it doubtful that nothing was found, because nothing at all is found by the
 * custom fields that were named?
 */
static bool
lacks_witness(CrmScanState *state)
{
	Bitmapset  *doubtful = bms_difference(state->searched, state->witnessed);
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, crm_field_witnesses(state->spec.entity, state->catalogued->custom, state->columns, doubtful))
	{
		if (!finds_record(state, lfirst(lc)))
		{
			state->unindexed = true;
			return true;
		}
	}
	old = MemoryContextSwitchTo(state->context);
	state->witnessed = bms_add_members(state->witnessed, doubtful);
	MemoryContextSwitchTo(old);
	return false;
}

bool
crm_scan_row(CrmScanState *state, TupleTableSlot *slot)
{
	const CrmRow *row = crm_reader_next(state->reader);

	ExecClearTuple(slot);
	if (row == NULL && state->spec.uncertain &&
		(crm_reader_refused(state->reader) || (state->rows == 0 && lacks_witness(state))))
	{
		fall_back(state);
		row = crm_reader_next(state->reader);
	}
	if (row == NULL)
	{
		if (reads_all(state))
			crm_total_remember(state->relid, &state->options, state->rows);
		return false;
	}
	if (state->rows++ == 0 && reads_all(state) && state->entity->unnest == NULL &&
		crm_reader_total(state->reader) >= 0 && state->entity->nparents == 0)
		crm_total_remember(state->relid, &state->options, crm_reader_total(state->reader));
	crm_converter_row(state->spec.entity->columns == state->entity->columns ?
					  state->converter : state->route_converter,
					  row, slot->tts_tupleDescriptor->natts, slot->tts_values, slot->tts_isnull);
	ExecStoreVirtualTuple(slot);
	return true;
}

/* ------------------------------------------------------------------------
 * What the executor calls
 * ------------------------------------------------------------------------ */

void
crmBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	CrmScanState *state = palloc0(sizeof(CrmScanState));

	node->fdw_state = state;
	crm_plan_unpack(scan->fdw_private, &state->plan);
	if (OidIsValid(state->plan.count_relid))
	{
		crm_scan_prepare(node, state, state->plan.count_relid, eflags);
		crm_count_begin(state);
		return;
	}
	crm_scan_prepare(node, state, RelationGetRelid(node->ss.ss_currentRelation), eflags);
	if (state->account == NULL)
		return;
	if (state->plan.sort != 0)
		state->sorter = crm_sorter_create(state, RelationGetDescr(node->ss.ss_currentRelation));
	/* Parameters of local clauses make rescans as well as those of ours. */
	if ((eflags & EXEC_FLAG_REWIND) || !bms_is_empty(scan->scan.plan.extParam))
		state->replay = crm_replay_create();
}

/* Does the plan's route take rules, and name custom fields in some? */
static bool
has_field_rules(const CrmScanState *state)
{
	return state->plan.route != CRM_NO_ROUTE && state->entity != state->catalogued &&
		state->entity->routes[state->plan.route].list->rules_param != NULL;
}

/*
 * Rules name a field by the label that it has now; none is named if that was
 * of no use before a rescan.
 */
static void
name_fields(CrmScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->context);
	bool		fresh;

	if (state->unindexed)
		state->entity = state->catalogued;
	else if (!state->named)
		state->entity = crm_field_rules(state->catalogued, state->columns, state->natts,
										crm_fields_recall(state->account, state->catalogued->custom, &fresh));
	state->named = true;
	state->plain.entity = state->entity;
	MemoryContextSwitchTo(old);
}

/* The custom fields that terms demand something of, as attributes. */
static Bitmapset *
fields_of(const CrmScanState *state, const Bitmapset *terms)
{
	Bitmapset  *fields = NULL;
	int			term = -1;

	while ((term = bms_next_member(terms, term)) >= 0)
	{
		AttrNumber	attnum = state->plan.terms[term].attnum;

		if (state->columns[attnum - 1].field != NULL)
			fields = bms_add_member(fields, attnum);
	}
	return fields;
}

/* Finds out what to read; true if it was read before and is replayed. */
static bool
start_scan(ForeignScanState *node, CrmScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->reader_context);
	const CrmValue *values = crm_scan_values(node, state, false);
	const CrmDemand *wanted = crm_scan_lookup(state, values);
	const CrmFound *found = NULL;
	Bitmapset  *used;
	bool		read_before;

	crm_scan_bind(state, values, NULL, &state->spec, &used);
	if (!state->spec.nothing && (wanted != NULL || fields_of(state, used) != NULL))
	{
		if (has_field_rules(state))
			name_fields(state);
		if (wanted != NULL)
			found = crm_lookup_run(state->account, state->entity, &state->columns[state->plan.lookup - 1],
								   wanted, state->plan.most_lists, state->context, &state->found);
		crm_scan_bind(state, values, found, &state->spec, &used);
	}
	state->searched = has_field_rules(state) && state->spec.uncertain ? fields_of(state, used) : NULL;
	read_before = state->replay != NULL &&
		crm_replay_start(state->replay, crm_lists_key(&state->spec));
	MemoryContextSwitchTo(old);
	if (!read_before)
		crm_scan_open(state);
	return read_before;
}

static bool
next_row(CrmScanState *state, TupleTableSlot *slot)
{
	return state->sorter ? crm_sorter_row(state->sorter, slot) : crm_scan_row(state, slot);
}

/* Puts the next row into the slot, or empties it. */
static void
iterate(ForeignScanState *node, CrmScanState *state, TupleTableSlot *slot)
{
	if (OidIsValid(state->plan.count_relid))
	{
		crm_count_next(node, state, slot);
		return;
	}
	if (state->reader == NULL && !state->replaying)
		state->replaying = start_scan(node, state);
	if (state->replaying)
	{
		crm_replay_next(state->replay, slot);
		return;
	}
	if (state->async && state->sorter == NULL && !crm_reader_ready(state->reader))
	{
		state->pending = true;
		ExecClearTuple(slot);
		return;
	}
	if (next_row(state, slot))
	{
		if (state->replay != NULL)
			crm_replay_record(state->replay, slot);
	}
	else
	{
		ExecClearTuple(slot);
		if (state->replay != NULL)
			crm_replay_finish(state->replay);
	}
}

TupleTableSlot *
crmIterateForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	state->pending = false;
	PG_TRY();
	{
		iterate(node, state, slot);
	}
	PG_CATCH();
	{
		crm_progress_failed(state->account);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (TupIsNull(slot) && !state->pending)
		crm_progress_end(state->account);
	return slot;
}

/*
 * Completes the record of a scan that was left early (a semijoin takes only
 * the first row) if that takes no request.
 */
static void
record_rest(CrmScanState *state, TupleTableSlot *slot)
{
	if (state->replay == NULL || state->replaying || state->reader == NULL || state->sorter != NULL)
		return;
	while (crm_reader_buffered(state->reader))
	{
		if (!crm_scan_row(state, slot))
		{
			crm_replay_finish(state->replay);
			return;
		}
		crm_replay_record(state->replay, slot);
	}
}

void
crmReScanForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;

	if (state->account == NULL)
		return;
	if (!OidIsValid(state->plan.count_relid))
		record_rest(state, node->ss.ss_ScanTupleSlot);
	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	if (state->sorter != NULL)
		crm_sorter_reset(state->sorter);
	state->replaying = false;
	state->counted = false;
	state->reader = NULL;
	MemoryContextReset(state->reader_context);
}

void
crmEndForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;

	if (state == NULL || state->account == NULL)
		return;
	crm_progress_end(state->account);
	if (state->sorter != NULL)
		crm_sorter_end(state->sorter);
	if (state->replay != NULL)
		crm_replay_end(state->replay);
	if (state->slot != NULL)
		ExecDropSingleTupleTableSlot(state->slot);
	crm_converter_finish(state->converter);
	if (state->route_converter != NULL)
		crm_converter_finish(state->route_converter);
	MemoryContextDelete(state->reader_context);
}
