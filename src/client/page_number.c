/*
 * page_number.c
 *		Lists read by page number.
 *
 * Two things make these hard.  A list can be paged only to a fixed position,
 * whatever it holds; and pages cannot overlap, so a row that goes away shifts
 * the others unnoticed.  Where the list takes bounds in time, both are solved
 * by reading closed windows: a window whose total reaches the cap is cut in
 * two, down to one second; and a window counts as read only if its total stayed
 * the same from the first page to the last and as many distinct records came.
 * When the total changes on the way, the window is read on from the second of
 * the last record that is certain.
 *
 * An open upper end is closed behind the first page at the moment the server's
 * clock showed then: a list that grows comes to an end, and what is added is
 * outside.  A server whose records lie in its own future keeps the end open.
 *
 * Lists without bounds are read as one window that cannot be cut.
 */
#include "postgres.h"

#include <time.h>

#include "utils/memutils.h"

#include "base/report.h"
#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

static CrmSpan *
current_span(CrmNumberState *state)
{
	return &state->windows.spans[state->windows.n - 1];
}

/* Begins (again) with the first page of the window on top. */
static void
start_window(CrmPager *pager)
{
	CrmNumberState *state = &pager->state.number;
	MemoryContext old = MemoryContextSwitchTo(pager->context);

	if (state->window_seen != NULL)
		crm_idset_free(state->window_seen);
	state->window_seen = crm_idset_create();
	state->page = 1;
	state->total = -1;
	state->longest = 0;
	state->found_new = false;
	state->closed = false;
	MemoryContextSwitchTo(old);
}

void
crm_number_start(CrmPager *pager)
{
	CrmNumberState *state = &pager->state.number;
	CrmSpan		span = crm_pager_span(pager->list);

	crm_spans_push(&state->windows, span.from, span.to);
	start_window(pager);
}

/*
 * Behind the next page stand the rest of its window, known by its total, and
 * the first page of the window after it.
 */
bool
crm_number_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmNumberState *state = &pager->state.number;
	const CrmSpan *span = &state->windows.spans[state->windows.n - 1];
	int64		page = state->page + i;
	int64		pages;

	if (i > 0)
	{
		if (state->page == 1 || state->total < 0)
			return false;
		pages = (state->total + state->page_size - 1) / state->page_size;
		if (page == pages + 1 && state->windows.n > 1)
		{
			span--;
			page = 1;
		}
		else if (page > pages)
			return false;
	}
	crm_pager_query(pager->account->api, pager->list, span,
					pager->page_size, psprintf(INT64_FORMAT, page), &next->query);
	return true;
}

/* The second a record belongs to, or "otherwise" if it has none. */
static int64
record_time(const CrmPager *pager, const CrmListing *listing, int i, int64 otherwise)
{
	const CrmWindow *window = pager->list->entity->window;
	int64		second;

	if (window != NULL && i >= 0 && i < listing->n &&
		crm_scalar_int64(listing->json,
						 crm_json_pointer(listing->records[i], window->pointer), &second))
		return second;
	return otherwise;
}

/*
 * Cuts the window on top into as many as it takes if records are spread evenly
 * and a window is to be three quarters full; its first page came with the
 * listing.
 */
static void
cut_window(CrmPager *pager, const CrmListing *listing)
{
	CrmNumberState *state = &pager->state.number;
	const CrmApi *api = pager->account->api;
	CrmSpan		span = *current_span(state);
	int64		last;
	int64		parts;

	if (span.from == CRM_NO_LOWER)
		span.from = record_time(pager, listing, 0, 0);
	last = span.to;
	if (last == CRM_NO_UPPER)
		last = Max(listing->answer->date > 0 ? listing->answer->date : (int64) time(NULL), span.from + 1);
	if (pager->list->entity->window == NULL || span.from >= last)
		ereport(ERROR,
				(errcode(CRM_ERR_LIMIT),
				 errmsg("%s holds more records of \"%s\" than it lets anybody read",
						api->title, pager->list->entity->name),
				 errdetail("It lists %d records at most%s.", api->position_cap,
						   pager->list->entity->window ? " of one second" : ""),
				 errhint("Ask the vendor for an export of these records.")));
	parts = Min(Max(listing->total / (api->position_cap * INT64CONST(3) / 4) + 1, 2), last - span.from + 1);
	state->windows.n--;
	for (int64 i = parts; i > 0; i--)
		crm_spans_push(&state->windows, span.from + (last - span.from + 1) * (i - 1) / parts,
					   i == parts ? span.to : span.from + (last - span.from + 1) * i / parts - 1);
	start_window(pager);
}

/* Closes the open end of the window whose first page was just read. */
static void
close_window(CrmPager *pager, const CrmListing *listing)
{
	CrmNumberState *state = &pager->state.number;
	int64		now = listing->answer->date > 0 ? listing->answer->date : (int64) time(NULL);

	if (pager->list->entity->window != NULL && current_span(state)->to == CRM_NO_UPPER &&
		!state->stays_open)
	{
		/* The request names the second behind it. */
		current_span(state)->to = now - 1;
		state->closed = true;
	}
}

/* The window changed while it was read: goes back to what is certain. */
static void
read_again(CrmPager *pager, const CrmListing *listing, bool from_last_record)
{
	CrmNumberState *state = &pager->state.number;

	if (state->closed && state->page == 2 && listing->total < state->total)
	{
		current_span(state)->to = CRM_NO_UPPER;
		state->stays_open = true;
	}
	if (pager->anonymous && pager->emitted + pager->page.nrecords > 0)
		crm_pager_unexpected(pager, listing,
							 "a list that stays the same while it is read: its records have no id to tell them apart by");
	if (++state->breaks > CRM_MAX_BREAKS)
		crm_pager_unexpected(pager, listing,
							 psprintf("as many records as its total says (" INT64_FORMAT
									  "), but the pages kept disagreeing", state->total));
	if (from_last_record && pager->list->entity->window != NULL && state->page > 1)
		current_span(state)->from = state->last_time;
	start_window(pager);
	crm_ahead_drop(pager);
}

static void
finish_window(CrmPager *pager)
{
	CrmNumberState *state = &pager->state.number;

	state->windows.n--;
	state->breaks = 0;
	pager->done = state->windows.n == 0;
	if (!pager->done)
		start_window(pager);
}

static bool
is_beyond_cap(const CrmPager *pager)
{
	int			cap = pager->account->api->position_cap;

	return cap > 0 && pager->state.number.total >= cap;
}

/* First page of a window: learns total and page size; false if it was cut. */
static bool
open_window(CrmPager *pager, const CrmListing *listing)
{
	CrmNumberState *state = &pager->state.number;

	state->total = listing->total;
	state->page_size = crm_pager_applied_size(pager, listing);
	if (is_beyond_cap(pager) && !pager->list->peek)
	{
		cut_window(pager, listing);
		return false;
	}
	return true;
}

/*
 * Without a total, of a list that the catalogue does not know: the end is an
 * empty page, or one shorter than another.  Pages that do not overlap cannot show
 * that no record slipped from one to another that was read before, so a list of
 * several is read until a pass brings nothing new.
 */
static void
advance_unlisted(CrmPager *pager, const CrmListing *listing, bool is_fresh)
{
	CrmNumberState *state = &pager->state.number;
	bool		is_end = listing->n < Max(state->longest, 1);

	if (listing->n > 0 && state->page > 1 && pager->anonymous)
		crm_pager_unexpected(pager, listing,
							 psprintf("a total, or records with an id at \"%s\": without either, pages cannot be told to be complete",
									  pager->list->entity->id));
	if (listing->n > 0 && !is_fresh && !pager->anonymous)
		crm_pager_unexpected(pager, listing, "records that were not sent before (the page repeats)");
	state->found_new |= pager->page.nrecords > 0;
	state->longest = Max(state->longest, listing->n);
	if (!is_end)
		state->page++;
	else if (!state->found_new || state->page == 1 || (state->page == 2 && listing->n == 0))
		finish_window(pager);
	else if (++state->breaks > CRM_MAX_BREAKS)
		crm_pager_unexpected(pager, listing,
							 "a list that stays the same while it is read: it states no total, and each read brought other records");
	else
		start_window(pager);
}

/*
 * Without a total, a short page is the end.  So is a page longer than asked for
 * and, where paging is not documented, one that repeats: the list ignores
 * paging and was sent whole.
 */
static void
advance_uncounted(CrmPager *pager, const CrmListing *listing)
{
	CrmNumberState *state = &pager->state.number;
	bool		repeats = listing->n > 0 && pager->page.nrecords == 0;

	if (repeats && pager->list->entity->completeness != CRM_COMPLETE_BEST_EFFORT)
		crm_pager_unexpected(pager, listing, "records that were not sent before (the page repeats)");
	if (repeats || listing->n != state->page_size)
		finish_window(pager);
	else
		state->page++;
}

void
crm_number_take(CrmPager *pager, const CrmListing *listing)
{
	CrmNumberState *state = &pager->state.number;
	int64		before;
	int64		received;
	bool		last;

	/* A list that counts says so when a page or a window of it is empty. */
	if (state->counted)
		crm_pager_insist(pager, listing);
	state->counted |= listing->total >= 0;
	if (state->page == 1 && !open_window(pager, listing))
	{
		/* A query that wants few rows may be content with these. */
		crm_pager_emit(pager, listing);
		return;
	}
	if (listing->total != state->total)
	{
		read_again(pager, listing, true);
		return;
	}

	before = crm_idset_size(state->window_seen);
	for (int i = 0; i < listing->n; i++)
		crm_pager_note(pager, state->window_seen, listing, listing->records[i]);
	if (crm_pager_emit(pager, listing) > 0 && pager->list->entity->window != NULL)
		state->breaks = 0;
	state->last_time = record_time(pager, listing, listing->n - 1, state->last_time);
	if (pager->list->peek && is_beyond_cap(pager))
	{
		pager->done = true;
		return;
	}

	if (state->total < 0 && (pager->list->entity->flags & CRM_ENTITY_UNLISTED))
	{
		advance_unlisted(pager, listing, crm_idset_size(state->window_seen) > before);
		return;
	}
	if (state->total < 0)
	{
		advance_uncounted(pager, listing);
		return;
	}
	received = pager->anonymous ? (state->page - INT64CONST(1)) * state->page_size + listing->n :
		crm_idset_size(state->window_seen);
	last = (int64) state->page * state->page_size >= state->total;
	if (!last && listing->n == state->page_size)
	{
		if (state->page == 1)
			close_window(pager, listing);
		state->page++;
	}
	else if (last && received != state->total)
		read_again(pager, listing, false);
	else if (last)
		finish_window(pager);
	else
		read_again(pager, listing, true);
}
