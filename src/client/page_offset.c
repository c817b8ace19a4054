/*
 * page_offset.c
 *		Lists read by row offset.
 *
 * Rows may be inserted and deleted while the list is read, which shifts what
 * stands at an offset.  Where the list has a stable order, this is what makes
 * the read complete: consecutive pages overlap, and a page counts only if its
 * first row was read before.  Everything in front of that row was then read as
 * well, so by induction every row that existed throughout has been handed on
 * when the last page is reached.  A page that does not join is a break: the
 * pager steps back until it joins.  Rows with equal sort values may change
 * places between two requests, so the overlap covers the whole run of equal
 * values at the end of a page and the row in front of it, and a page joins only
 * if it begins in front of that run.  Where a run fills a page the order proves
 * nothing, and the count decides: as many distinct rows as the total says, the
 * same total on the first and the last page; otherwise the list is read again.
 *
 * Lists without a stable order ("best effort") overlap by one row, are counted,
 * and are read again when page joints or the count disagree.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

/*
 * Rows that pages have in common when they are asked for ahead: enough for a few
 * equal values, which are common where records are made in bulk.
 */
#define USUAL_OVERLAP	4

static int
usual_overlap(const CrmPager *pager)
{
	return Max(1, Min(USUAL_OVERLAP, pager->page_size / 16));
}

void
crm_offset_start(CrmPager *pager)
{
	CrmOffsetState *state = &pager->state.offset;

	state->pass = 1;
	state->overlap = usual_overlap(pager);
	state->depth = pager->account->concurrency;
	state->first_total = -1;
	state->joined = true;
	state->pass_seen = pager->seen;
	state->previous_size = -1;
	state->asked_total = -1;
}

/*
 * Can pages be joined by the identity of their records?  Not if they have none,
 * and not where the records only come beside the array that is paged.
 */
static bool
has_joints(const CrmPager *pager)
{
	return !pager->anonymous && pager->list->entity->paged_rows == NULL;
}

/*
 * The value the list is sorted by, or NULL.  A record that hides its value may
 * have that of its neighbours, and is taken to be part of their run.
 */
static const char *
order_value(const CrmPager *pager, const CrmListing *listing, int i)
{
	const CrmEntity *entity = pager->list->entity;

	if (entity->order == NULL || entity->order_pointer == NULL)
		return NULL;
	return crm_scalar_text(listing->json,
						   crm_json_pointer(listing->records[i], entity->order_pointer));
}

/*
 * Does this page continue the rows read so far?  Inside the run of equal sort
 * values that the page before ended with, a row read before proves nothing:
 * others of the run may have moved in front of it.  There it is enough only
 * once the order has been given up as a proof, and a row not read before is
 * acceptable there while the list is unchanged.
 */
static bool
page_joins(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;
	const char *first = NULL;
	bool		noted;
	bool		in_run;

	if (state->offset == 0 || !has_joints(pager))
		return true;
	for (int i = 0; i < listing->n && first == NULL; i++)
		first = order_value(pager, listing, i);
	noted = crm_pager_noted(pager, state->pass_seen, listing, listing->records[0]);
	in_run = state->last_order != NULL && first != NULL && strcmp(first, state->last_order) == 0;
	if (state->joined && in_run)
		return false;
	return noted || (in_run && listing->total == state->first_total);
}

/* Steps back after a page that does not join. */
static void
step_back(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;

	if (++state->breaks > CRM_MAX_BREAKS)
		crm_pager_unexpected(pager, listing,
							 "pages that continue each other, but the list kept changing");
	state->offset = Max(0, state->offset - Max(1, pager->page_size - 1));
	crm_ahead_drop(pager);
}

/*
 * Pages of records without identity cannot overlap, and so only fit together if
 * a total counts them.  "last": it is the list's last page.
 */
static void
check_blind(CrmPager *pager, const CrmListing *listing, bool last)
{
	const CrmOffsetState *state = &pager->state.offset;
	int64		received = state->offset + listing->slots;

	if (!(pager->list->entity->flags & CRM_ENTITY_UNLISTED) || !pager->anonymous)
		return;
	if (listing->total < 0 && state->offset > 0 && listing->slots > 0)
		crm_pager_unexpected(pager, listing,
							 psprintf("a total, or records with an id at \"%s\": without either, pages cannot be told to be complete",
									  pager->list->entity->id));
	if (listing->total != state->first_total || (last && listing->total >= 0 && received != listing->total))
		crm_pager_unexpected(pager, listing,
							 psprintf(INT64_FORMAT " records as its total said, found " INT64_FORMAT " of " INT64_FORMAT,
									  state->first_total, received, listing->total));
}

/* Reads the list from its start once more. */
static void
start_over(CrmPager *pager)
{
	CrmOffsetState *state = &pager->state.offset;
	MemoryContext old = MemoryContextSwitchTo(pager->context);

	state->previous_size = crm_idset_size(state->pass_seen);
	if (state->pass_seen != pager->seen)
		crm_idset_free(state->pass_seen);
	state->pass_seen = crm_idset_create();
	state->pass++;
	state->first_total = -1;
	state->offset = 0;
	state->breaks = 0;
	state->joined = true;
	MemoryContextSwitchTo(old);
	crm_ahead_drop(pager);
}

/*
 * The last page was read: done if the pass proves that nothing is missing.
 */
static void
finish_pass(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;
	const CrmEntity *entity = pager->list->entity;
	int64		size = crm_idset_size(state->pass_seen);
	/* A last page without a total does not take back the first page's. */
	int64		total = listing->total >= 0 ? listing->total : state->first_total;
	bool		counted = size == total && total == state->first_total;
	/* A total that did not change and was not met is a doubt that the order cannot allay. */
	bool		reached = state->offset + listing->slots >= total &&
		!(size < total && total == state->first_total);

	if (!has_joints(pager))
		pager->done = true;
	else if (total < 0)
		pager->done = state->joined || entity->order != NULL;
	else if (entity->order != NULL)
		pager->done = (reached && state->joined) || counted;
	else
		pager->done = counted && (state->joined || state->pass > 1);
	if (pager->done)
		return;

	if (state->pass <= CRM_MAX_BREAKS &&
		!(entity->order == NULL && size == state->previous_size))
	{
		start_over(pager);
		return;
	}
	if (total < 0 && (size != state->previous_size || entity->completeness == CRM_COMPLETE_COUNTED))
		crm_pager_unexpected(pager, listing,
							 "pages that continue each other, but the list kept changing");
	if (total < 0)
	{
		/* Two equal reads of a list that stands in no order. */
		pager->done = true;
		return;
	}
	if (entity->completeness == CRM_COMPLETE_COUNTED)
		crm_pager_unexpected(pager, listing,
							 psprintf(INT64_FORMAT " records as its total says, found " INT64_FORMAT,
									  total, size));

	if (size == 0)
		crm_pager_unexpected(pager, listing,
							 psprintf(INT64_FORMAT " records as its total says, found none", total));

	/* Two equal reads: the total counts rows that this credential never gets. */
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("%s counts " INT64_FORMAT " records in \"%s\" but lists " INT64_FORMAT,
					pager->account->api->title, total, entity->name, size),
			 errhint("The credential may lack the right to see the others.")));
	pager->done = true;
}

/* Was this the last page? */
static bool
is_last_page(const CrmPager *pager, const CrmListing *listing)
{
	const CrmOffsetState *state = &pager->state.offset;
	int			slots = listing->slots;

	if (slots == 0 || slots > pager->page_size)
		return true;			/* nothing left, or the list does not page */
	if (listing->total >= 0 && state->offset + slots < listing->total)
		return false;			/* a smaller page than asked for is not the end */
	if (slots == pager->page_size)
		return listing->total >= 0 && pager->list->entity->completeness == CRM_COMPLETE_COUNTED;
	if (listing->total >= 0)
		return true;

	/*
	 * Without a total, a short page may have been cut by the server, unless a
	 * longer one came before.  Asking once more tells, but below parents that
	 * would double the requests, and records without identity cannot show that
	 * a list starts over: there, only the default size is taken for a cut.
	 */
	if ((pager->list->below_parent || !has_joints(pager)) &&
		!(pager->list->entity->flags & CRM_ENTITY_UNLISTED))
		return slots != pager->account->api->default_page_size;
	return slots < state->longest_page;
}

/*
 * Moves on so that the next page overlaps this one.  An overlap that was needed
 * once is kept, up to half a page: requests sent ahead are wasted when theirs
 * turns out to be too small.  After that, less is sent ahead for a while.
 */
static void
advance(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;
	const char *last = NULL;
	int			run = listing->n;
	int			step = listing->n - 1;
	int			expected = listing->n - state->overlap;

	if (!has_joints(pager))
	{
		state->offset += listing->slots;
		return;
	}
	for (; run > 0; run--)
	{
		const char *value = order_value(pager, listing, run - 1);

		if (last == NULL)
			last = value;
		else if (value != NULL && strcmp(value, last) != 0)
			break;
	}
	if (state->joined && pager->list->entity->order_pointer != NULL)
	{
		state->joined = run >= 2;	/* or else equal values fill the page */
		if (state->joined)
			step = run - 1;
		else
			state->overlap = usual_overlap(pager);
	}
	if (state->last_order != NULL)
		pfree(state->last_order);
	state->last_order = last ? MemoryContextStrdup(pager->context, last) : NULL;
	while (pager->account->concurrency > 1 && state->overlap < listing->n - step &&
		   state->overlap <= listing->n / 4)
		state->overlap *= 2;
	if (state->overlap <= listing->n / 2)
		step = Min(step, listing->n - state->overlap);
	pager->surprised = step != expected;
	state->depth = pager->surprised ? 1 : state->depth + 1;
	state->offset += Max(step, 1);
}

/*
 * Pages behind the next one are known by the total, as long as the list pages
 * as expected.
 */
bool
crm_offset_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmOffsetState *state = &pager->state.offset;
	int			size = state->cut_size > 0 ? state->cut_size : pager->page_size;
	int			stride = has_joints(pager) ? Max(size - state->overlap, 1) : size;

	if (i > 0 && (state->first_total < 0 || i > state->depth ||
				  state->offset + (i - 1) * (int64) stride + size >= state->first_total))
		return false;
	crm_pager_query(pager->account->api, pager->list, NULL, pager->page_size,
					psprintf(INT64_FORMAT, state->offset + i * (int64) stride), &next->query);
	return true;
}

/* Identity of a page's first record, in the pager's context, or NULL. */
static char *
first_identity(const CrmPager *pager, const CrmListing *listing)
{
	const char *pointer = pager->list->entity->id;
	const char *text = pointer && listing->n > 0 ?
		crm_scalar_text(listing->json, crm_json_pointer(listing->records[0], pointer)) : NULL;

	return text ? MemoryContextStrdup(pager->context, text) : NULL;
}

/*
 * A list that ignores the offset has sent its first page: is that all there is?
 * A full page may be the begin of a longer list, of which no more is to be had.
 */
static bool
is_sent_whole(const CrmPager *pager, const CrmListing *listing)
{
	const CrmOffsetState *state = &pager->state.offset;

	if (state->first_total >= 0)
		return crm_idset_size(state->pass_seen) >= state->first_total;
	return listing->slots != pager->page_size && !(pager->list->entity->flags & CRM_ENTITY_UNLISTED);
}

/*
 * A page in the middle brought nothing new.  A list that ignores the offset sends
 * its first page again and again; anything else is a slip of the server's, so it
 * is asked once more.
 */
static void
look_again(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;
	char	   *first = first_identity(pager, listing);
	bool		starts_over = first != NULL && state->first_id != NULL && strcmp(first, state->first_id) == 0;

	if (state->repeats++ > 0 && starts_over && is_sent_whole(pager, listing))
		finish_pass(pager, listing);
	else if (state->repeats > CRM_MAX_BREAKS)
		crm_pager_unexpected(pager, listing, "records that were not sent before (the page repeats)");
	crm_ahead_drop(pager);
}

void
crm_offset_take(CrmPager *pager, const CrmListing *listing)
{
	CrmOffsetState *state = &pager->state.offset;
	const CrmEntity *entity = pager->list->entity;
	int64		before = crm_idset_size(state->pass_seen);
	bool		last;

	if (state->offset == 0 && state->pass == 1 &&
		!crm_pager_settled(pager, listing, &state->asked, &state->asked_total))
		return;
	/* A pass that stepped back to the start still counts what it read before. */
	if (state->offset == 0 && state->first_total < 0)
		state->first_total = listing->total;
	if (state->offset > 0)
		crm_pager_insist(pager, listing);
	check_blind(pager, listing, is_last_page(pager, listing));
	if (listing->n > 0 && !page_joins(pager, listing))
	{
		if (entity->order != NULL)
		{
			step_back(pager, listing);
			return;
		}
		state->joined = false;
	}

	if (state->pass_seen != pager->seen)
	{
		for (int i = 0; i < listing->n; i++)
			crm_pager_note(pager, state->pass_seen, listing, listing->records[i]);
	}
	crm_pager_emit(pager, listing);
	if (crm_idset_size(state->pass_seen) > before)
		state->breaks = state->repeats = 0;

	if (state->offset == 0 && state->first_id == NULL)
		state->first_id = first_identity(pager, listing);
	last = is_last_page(pager, listing);
	state->longest_page = Max(state->longest_page, listing->slots);
	if (listing->slots < pager->page_size && state->offset + listing->slots < listing->total)
		state->cut_size = listing->slots;

	if (last)
		finish_pass(pager, listing);
	else if (has_joints(pager) && state->breaks == 0 && state->offset > 0 &&
			 crm_idset_size(state->pass_seen) == before)
		look_again(pager, listing);
	else
		advance(pager, listing);
}
