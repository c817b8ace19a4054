/*
 * sorter.c
 *		Reads a list in windows of time, newest or oldest first, sorting each.
 *
 * The first page tells where the list's near end is and how dense it is; the
 * first window then holds a little less than that page, and the next ones grow.
 * So the first rows of a long list take two requests, and reading on costs
 * hardly more than reading it unsorted.
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplesort.h"
#include "utils/typcache.h"

#include "fdw/sorter.h"

/* Rows a window is meant to hold at most, and by what it may grow at once. */
#define LARGEST_WINDOW	2000
#define GROWTH			2
#define LONGEST_LEAP	16

/* A window longer than all of history, in seconds. */
#define LONGEST_SPAN	INT64CONST(0xFFFFFFFF)

typedef enum SorterMode
{
	SORTER_NEW,
	SORTER_PASS,				/* the reader's order is right */
	SORTER_WINDOWS,
	SORTER_LAST					/* the window being handed on is the last one */
} SorterMode;

struct CrmSorter
{
	CrmScanState *state;
	SorterMode	mode;
	Tuplesortstate *sort;		/* NULL = no window is being handed on */
	TupleTableSlot *slot;		/* of the kind the sort hands out */
	CrmReadSpec whole;			/* what the query wants */
	bool		descending;
	int64		total;			/* rows the list said it holds */
	int64		given;			/* rows of the windows so far */
	int64		edge;			/* second from which to go on */
	int64		span;			/* length of the last window, and its rows */
	int64		rows;
	int64		wanted;			/* rows it was meant to hold */
};

CrmSorter *
crm_sorter_create(CrmScanState *state, TupleDesc tupdesc)
{
	CrmSorter  *sorter = palloc0(sizeof(CrmSorter));

	sorter->state = state;
	sorter->descending = state->plan.descending;
	sorter->slot = MakeSingleTupleTableSlot(tupdesc, &TTSOpsMinimalTuple);
	return sorter;
}

void
crm_sorter_reset(CrmSorter *sorter)
{
	if (sorter->sort != NULL)
		tuplesort_end(sorter->sort);
	ExecClearTuple(sorter->slot);
	sorter->sort = NULL;
	sorter->mode = SORTER_NEW;
}

void
crm_sorter_end(CrmSorter *sorter)
{
	crm_sorter_reset(sorter);
	ExecDropSingleTupleTableSlot(sorter->slot);
}

static void
begin_sort(CrmSorter *sorter, TupleDesc tupdesc)
{
	AttrNumber	attnum = sorter->state->plan.sort;
	Form_pg_attribute attribute = TupleDescAttr(tupdesc, attnum - 1);
	TypeCacheEntry *type = lookup_type_cache(attribute->atttypid, TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);
	Oid			operator = sorter->descending ? type->gt_opr : type->lt_opr;
	Oid			collation = attribute->attcollation;
	bool		nulls_first = false;
	/* The executor calls in a context that is reset per row. */
	MemoryContext old = MemoryContextSwitchTo(sorter->state->context);

	if (sorter->sort != NULL)
		tuplesort_end(sorter->sort);
	sorter->sort = tuplesort_begin_heap(tupdesc, 1, &attnum, &operator, &collation, &nulls_first,
										work_mem, NULL, TUPLESORT_NONE);
	MemoryContextSwitchTo(old);
}

/* The second of the row in the slot. */
static int64
second_of(const CrmSorter *sorter, const TupleTableSlot *slot)
{
	return timestamptz_to_time_t(DatumGetTimestampTz(slot->tts_values[sorter->state->plan.sort - 1]));
}

/* Reads the open scan to its end into the sort. */
static void
sort_rest(CrmSorter *sorter, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(sorter->state->row_context);

	while (crm_scan_row(sorter->state, slot))
	{
		tuplesort_puttupleslot(sorter->sort, slot);
		sorter->rows++;
		ExecClearTuple(slot);
		MemoryContextReset(sorter->state->row_context);
	}
	MemoryContextSwitchTo(old);
	tuplesort_performsort(sorter->sort);
	sorter->given += sorter->rows;
}

/* Reads the window between two seconds, both included. */
static void
read_window(CrmSorter *sorter, int64 from, int64 to, TupleTableSlot *slot)
{
	CrmReadSpec *spec = &sorter->state->spec;

	spec->from = Max(from, sorter->whole.from);
	spec->to = Min(to, sorter->whole.to);
	spec->strict = true;
	spec->eager = true;
	begin_sort(sorter, slot->tts_tupleDescriptor);
	sorter->rows = 0;
	crm_scan_open(sorter->state);
	sort_rest(sorter, slot);
}

/* Can the list be read in windows that together are the list? */
static bool
has_windows(const CrmSorter *sorter)
{
	const CrmReadSpec *spec = &sorter->whole;

	return spec->entity->pager == CRM_PAGER_NUMBER && spec->entity->window != NULL &&
		spec->nvariants == 0 && spec->entity->nparents == 0;
}

/*
 * Reads what the first answer holds.  If that is all, it is sorted and handed
 * on; otherwise it tells where the first window ends.
 */
static void
begin_windows(CrmSorter *sorter, TupleTableSlot *slot)
{
	CrmScanState *state = sorter->state;
	int64		nearest = 0;
	int64		farthest = 0;
	int64		total = -1;
	MemoryContext old;

	if (has_windows(sorter))
	{
		state->spec.peek = true;
		state->spec.eager = false;
		crm_scan_open(state);
	}
	begin_sort(sorter, slot->tts_tupleDescriptor);
	sorter->rows = sorter->given = 0;
	sorter->mode = SORTER_LAST;
	old = MemoryContextSwitchTo(state->row_context);
	while (crm_scan_row(state, slot))
	{
		int64		second = slot->tts_isnull[state->plan.sort - 1] ? 0 : second_of(sorter, slot);

		tuplesort_puttupleslot(sorter->sort, slot);
		if (sorter->rows++ == 0)
			nearest = farthest = second;
		nearest = sorter->descending ? Max(nearest, second) : Min(nearest, second);
		farthest = sorter->descending ? Min(farthest, second) : Max(farthest, second);
		total = Max(total, crm_reader_total(state->reader));
		ExecClearTuple(slot);
		MemoryContextReset(state->row_context);
		if (!crm_reader_buffered(state->reader) && has_windows(sorter) && total >= 0)
			break;
	}
	MemoryContextSwitchTo(old);
	if (has_windows(sorter) && total > sorter->rows)
		sorter->mode = SORTER_WINDOWS;
	state->spec.peek = false;
	if (sorter->mode == SORTER_LAST)
	{
		tuplesort_performsort(sorter->sort);
		return;
	}

	/* The farthest second may go on beyond the page, so it is left out. */
	sorter->total = total;
	sorter->span = Max(sorter->descending ? nearest - farthest : farthest - nearest, 1);
	sorter->wanted = sorter->rows;
	sorter->edge = farthest;
	if (nearest == farthest)
		sorter->edge += sorter->descending ? -1 : 1;
	old = MemoryContextSwitchTo(state->reader_context);
	state->spec.seen = crm_idset_create();
	MemoryContextSwitchTo(old);
	if (sorter->descending)
		read_window(sorter, sorter->edge + 1, CRM_NO_UPPER, slot);
	else
		read_window(sorter, CRM_NO_LOWER, sorter->edge - 1, slot);
}

/* Reads the next window, longer than the last one. */
static void
next_window(CrmSorter *sorter, TupleTableSlot *slot)
{
	int64		leap = sorter->span * LONGEST_LEAP;
	int64		from;
	int64		to;

	sorter->wanted = Min(LARGEST_WINDOW, GROWTH * sorter->wanted);
	if (sorter->rows > 0)
		leap = Min(leap, sorter->span * sorter->wanted / sorter->rows);
	sorter->span = Min(Max(leap, 1), LONGEST_SPAN);
	if (sorter->total - sorter->given <= sorter->wanted)
		sorter->mode = SORTER_LAST;
	if (sorter->descending)
	{
		/* A time that has moved by a second meanwhile is not to be missed. */
		to = sorter->edge + 1;
		from = sorter->edge - sorter->span + 1;
		if (from <= Max(sorter->whole.from, CRM_START_OF_TIME))
			sorter->mode = SORTER_LAST;
		sorter->edge = from - 1;
		if (sorter->mode == SORTER_LAST)
			from = CRM_NO_LOWER;
	}
	else
	{
		from = sorter->edge;
		to = sorter->edge + sorter->span - 1;
		if (to >= Min(sorter->whole.to, CRM_END_OF_TIME))
			sorter->mode = SORTER_LAST;
		sorter->edge = to + 1;
		if (sorter->mode == SORTER_LAST)
			to = CRM_NO_UPPER;
	}
	read_window(sorter, from, to, slot);
}

bool
crm_sorter_row(CrmSorter *sorter, TupleTableSlot *slot)
{
	if (sorter->mode == SORTER_NEW)
	{
		const CrmReadSpec *spec = &sorter->state->spec;

		sorter->whole = *spec;
		if (spec->entity->pager == CRM_PAGER_KEYSET &&
			(spec->nvariants == 0 || spec->variants[0].ids != NULL))
			sorter->mode = SORTER_PASS;
		else
			begin_windows(sorter, slot);
	}
	if (sorter->mode == SORTER_PASS)
		return crm_scan_row(sorter->state, slot);
	for (;;)
	{
		if (tuplesort_gettupleslot(sorter->sort, true, false, sorter->slot, NULL))
		{
			ExecCopySlot(slot, sorter->slot);
			return true;
		}
		if (sorter->mode == SORTER_LAST)
			return false;
		next_window(sorter, slot);
	}
}
