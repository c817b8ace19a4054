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
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "fdw/fdw.h"
#include "fdw/scan.h"
#include "fdw/server.h"

/* Ids are short; a longer text only makes a URL that servers refuse. */
#define LONGEST_ID	255

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
	memset(spec, 0, sizeof(*spec));
	spec->entity = entity;
	spec->page_size = options->page_size;
	spec->flags = crm_attrs_flags(attrs);
	spec->from = CRM_NO_LOWER;
	spec->to = CRM_NO_UPPER;
	spec->fan_out = options->fan_out;
	if (options->start_date.set && entity->window != NULL)
		spec->from = first_second(crm_start_date_resolve(&options->start_date));
}

void
crm_scan_open_keys(CrmReadSpec *spec)
{
	int			n = Max(spec->entity->nparents, 1);

	spec->parent_keys = palloc0(sizeof(char **) * n);
	spec->nparent_keys = palloc0(sizeof(int) * n);
}

/* Shorter ids first, so that numbers ascend. */
static int
compare_ids(const void *a, const void *b)
{
	const char *left = *(const char *const *) a;
	const char *right = *(const char *const *) b;
	size_t		left_len = strlen(left);
	size_t		right_len = strlen(right);

	if (left_len != right_len)
		return left_len < right_len ? -1 : 1;
	return strcmp(left, right);
}

void
crm_scan_restrict(CrmReadSpec *spec, int parent, List *ids)
{
	const char **before = spec->parent_keys[parent];
	const char **keys = palloc(sizeof(char *) * Max(list_length(ids), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, ids)
		keys[foreach_current_index(lc)] = lfirst(lc);
	qsort(keys, list_length(ids), sizeof(char *), compare_ids);
	for (int i = 0; i < list_length(ids); i++)
	{
		if ((n > 0 && strcmp(keys[n - 1], keys[i]) == 0) ||
			(before != NULL && bsearch(&keys[i], before, spec->nparent_keys[parent],
									   sizeof(char *), compare_ids) == NULL))
			continue;
		keys[n++] = keys[i];
	}
	spec->parent_keys[parent] = keys;
	spec->nparent_keys[parent] = n;
}

/*
 * Can a parent have this id?  What cannot be one is not sent: APIs ignore a
 * filter on 0 or on nothing and answer with everything, compare words without
 * case, or understand the path differently.
 */
static bool
may_be_id(const CrmEntity *entity, const CrmParent *parent, const char *text)
{
	if (parent->values != NULL)
	{
		for (const char *const *value = parent->values; *value; value++)
		{
			if (strcmp(*value, text) == 0)
				return true;
		}
		return false;
	}
	if (crm_column_find(entity, parent->column)->type == CRM_BIGINT)
		return text[0] != '0' && text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
	return text[0] != '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
		strlen(text) <= LONGEST_ID;
}

List *
crm_scan_key_texts(const CrmEntity *entity, int parent,
				   Datum value, bool isnull, Oid type, bool is_array)
{
	Oid			element = is_array ? get_element_type(type) : type;
	List	   *texts = NIL;
	Datum	   *values = &value;
	bool	   *nulls = &isnull;
	int			n = 1;
	Oid			output;
	bool		varlena;

	if (isnull)
		return NIL;
	if (is_array)
	{
		int16		len;
		bool		byval;
		char		align;

		get_typlenbyvalalign(element, &len, &byval, &align);
		deconstruct_array(DatumGetArrayTypeP(value), element, len, byval, align, &values, &nulls, &n);
	}
	getTypeOutputInfo(element, &output, &varlena);
	for (int i = 0; i < n; i++)
	{
		char	   *text = nulls[i] ? NULL : OidOutputFunctionCall(output, values[i]);

		if (text != NULL && may_be_id(entity, &entity->parents[parent], text))
			texts = lappend(texts, text);
	}
	return texts;
}

/* Evaluates the plan's key quals into the spec. */
static void
evaluate_keys(ForeignScanState *node, CrmScanState *state)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	ListCell   *lc;

	if (state->plan.nkeys == 0)
		return;
	crm_scan_open_keys(&state->spec);
	foreach(lc, state->keys)
	{
		int			i = foreach_current_index(lc);
		CrmPlanKey *key = &state->plan.keys[i];
		bool		isnull;
		Datum		value = ExecEvalExpr((ExprState *) lfirst(lc), node->ss.ps.ps_ExprContext, &isnull);

		crm_scan_restrict(&state->spec, key->parent,
						  crm_scan_key_texts(state->entity, key->parent, value, isnull,
											 exprType(list_nth(scan->fdw_exprs, i)), key->is_array));
	}
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
crmBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	CrmScanState *state = palloc0(sizeof(CrmScanState));
	Relation	relation = node->ss.ss_currentRelation;

	node->fdw_state = state;
	state->context = CurrentMemoryContext;
	state->relid = RelationGetRelid(relation);
	crm_plan_unpack(scan->fdw_private, &state->plan);
	crm_table_options(state->relid, &state->options);
	state->entity = crm_table_entity(&state->options);
	state->attrs = crm_attrs_create(state->relid, RelationGetDescr(relation), state->entity,
									needed_set(&state->plan));
	crm_scan_spec(&state->options, state->entity, state->attrs, &state->spec);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;

	state->account = crm_account_create(GetForeignTable(state->relid)->serverid,
										crm_scan_user(node), &state->options);
	state->converter = crm_converter_create(state->account, state->entity, state->relid,
											state->attrs, state->options.null_on_error);
	state->keys = ExecInitExprList(scan->fdw_exprs, &node->ss.ps);
	state->reader_context = AllocSetContextCreate(state->context, "crm_fdw scan",
												  ALLOCSET_DEFAULT_SIZES);
}

TupleTableSlot *
crmIterateForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	const CrmRow *row;

	ExecClearTuple(slot);
	if (state->reader == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(state->reader_context);

		evaluate_keys(node, state);
		state->reader = crm_reader_create(state->account, &state->spec);
		MemoryContextSwitchTo(old);
	}
	row = crm_reader_next(state->reader);
	if (row == NULL)
		return slot;
	crm_converter_row(state->converter, row, slot->tts_tupleDescriptor->natts,
					  slot->tts_values, slot->tts_isnull);
	return ExecStoreVirtualTuple(slot);
}

void
crmReScanForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;

	state->reader = NULL;
	MemoryContextReset(state->reader_context);
}

void
crmEndForeignScan(ForeignScanState *node)
{
	CrmScanState *state = node->fdw_state;

	if (state == NULL || state->account == NULL)
		return;
	crm_converter_finish(state->converter);
	MemoryContextDelete(state->reader_context);
}
