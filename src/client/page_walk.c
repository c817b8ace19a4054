/*
 * page_walk.c
 *		Lists sorted by a time of change, newest first, read down to a bound.
 *
 * No parameter takes the bound, so the read stops at the first page that ends
 * before it.  That leaves records out unless the order holds and no record
 * slipped from a page not yet read to one already read.
 *
 * The order must show: times never rise, and they fall somewhere.  An API that
 * ignores it sorts by something else (the entity's unsorted_pointer), and
 * records that were never changed are in both orders at once; so that other
 * value must be seen to rise and to fall.  If the pages down to the bound do not
 * show it, one more from the middle of the rest has to.
 *
 * A record that goes away moves those behind it up: when the total shrinks, the
 * page before is read again.  A record that changes moves to the front, behind
 * the reader's back: a read of several pages is followed by another pass, down
 * to the time at which the one before began, until a pass takes a single page.
 * One page is of one moment, so it needs none of this.  Pages are asked for one
 * after the other: answers that overtake each other would prove nothing.
 *
 * Where the proof fails, the list is refused, and read without its order.
 */
#include "postgres.h"

#include "client/pager.h"
#include "client/scalar.h"

/* A record without a time; times are seconds since 1970. */
#define NO_TIME		INT64CONST(0)

/* By how much, in seconds, clocks may differ and an answer be late. */
#define CLOCK_SLACK	300

/* What a page says about a pass. */
typedef struct Sight
{
	int			fresh;			/* records the pass had not seen */
	int64		end;			/* time of the page's last record that has one */
} Sight;

static void
refuse(CrmPager *pager)
{
	pager->page.nrecords = 0;
	pager->refused = pager->done = true;
}

static void
start_pass(CrmPager *pager, int64 stop)
{
	CrmWalkState *state = &pager->state.walk;
	MemoryContext old = MemoryContextSwitchTo(pager->context);

	if (state->pass_seen != NULL)
		crm_idset_free(state->pass_seen);
	state->pass_seen = crm_idset_create();
	state->page = 1;
	state->farthest = state->doubted = 0;
	state->stop = stop;
	state->head = state->last_time = state->last_other = NO_TIME;
	MemoryContextSwitchTo(old);
}

void
crm_walk_start(CrmPager *pager)
{
	pager->state.walk.total = -1;
	start_pass(pager, pager->list->from);
}

bool
crm_walk_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmWalkState *state = &pager->state.walk;

	if (i > 0)
		return false;
	crm_pager_query(pager->account->api, pager->list, NULL, pager->page_size,
					psprintf("%d", state->probe > 0 ? state->probe : state->page), &next->query);
	return true;
}

/* A time of a record, NO_TIME if it has none; false if it cannot be read. */
static bool
read_time(const CrmListing *listing, int i, const char *pointer, int64 *time)
{
	const CrmNode *node = crm_json_pointer(listing->records[i], pointer);

	*time = NO_TIME;
	if (node == NULL || crm_json_type(node) == CRM_NODE_NULL)
		return true;
	if (crm_json_type(node) == CRM_NODE_ARRAY || crm_json_type(node) == CRM_NODE_OBJECT)
		return false;
	return crm_scalar_is_none(listing->json, node) ||
		(crm_scalar_int64(listing->json, node, time) && *time > NO_TIME);
}

/* Compares a record with the one before it; false if it should not come after it. */
static bool
compare_times(CrmWalkState *state, int64 time, int64 other)
{
	if (state->last_time != NO_TIME && time > state->last_time)
		return false;
	state->time_fell |= time < state->last_time;
	if (other != NO_TIME && state->last_other != NO_TIME)
	{
		state->other_fell |= other < state->last_other;
		state->other_rose |= other > state->last_other;
	}
	state->last_time = time;
	if (other != NO_TIME)
		state->last_other = other;
	return true;
}

/*
 * Looks at the records that are new in this pass; rows that came before were
 * only pushed down.  False if their order does not hold, or cannot be told.
 */
static bool
holds_order(CrmPager *pager, const CrmListing *listing, Sight *sight)
{
	CrmWalkState *state = &pager->state.walk;
	const CrmEntity *entity = pager->list->entity;

	sight->fresh = 0;
	sight->end = NO_TIME;
	for (int i = 0; i < listing->n; i++)
	{
		int64		time;
		int64		other;

		if (!read_time(listing, i, entity->order_pointer, &time))
			return false;
		if (!read_time(listing, i, entity->unsorted_pointer, &other))
			other = NO_TIME;
		if (time != NO_TIME)
			sight->end = time;
		if (!crm_pager_note(pager, state->pass_seen, listing, listing->records[i]))
			continue;
		sight->fresh++;
		if (time != NO_TIME && !compare_times(state, time, other))
			return false;
		if (state->head == NO_TIME)
			state->head = time;
	}
	/* Without identities nobody can tell what was pushed down. */
	return !pager->anonymous;
}

static bool
order_is_proven(const CrmWalkState *state)
{
	return state->time_fell && state->other_fell && state->other_rose;
}

/*
 * Hands on the records that meet the bound.  One that does not may change, and
 * then it is not to have been seen.  False if a time cannot be read.
 */
static bool
emit_wanted(CrmPager *pager, const CrmListing *listing)
{
	CrmListing	wanted = *listing;

	wanted.records = MemoryContextAlloc(pager->page_context, sizeof(CrmNode *) * Max(listing->n, 1));
	wanted.n = 0;
	for (int i = 0; i < listing->n; i++)
	{
		int64		time;

		if (!read_time(listing, i, pager->list->entity->order_pointer, &time))
			return false;
		if (time != NO_TIME && time >= pager->list->from)
			wanted.records[wanted.n++] = listing->records[i];
	}
	if (crm_pager_emit(pager, &wanted) > 0)
		pager->state.walk.breaks = 0;
	return true;
}

/* So many rows may have slipped past: reads again from where they are now. */
static void
go_back(CrmPager *pager, int64 rows)
{
	CrmWalkState *state = &pager->state.walk;
	int64		pages = (rows + state->page_size - 1) / state->page_size;

	if (++state->breaks > CRM_MAX_BREAKS)
	{
		refuse(pager);
		return;
	}
	state->page = (int) Max(state->page - pages, 1);
	state->last_time = state->last_other = NO_TIME;
}

/*
 * A total that is just the cap may stand for any number above it, so it cannot
 * tell that a record went away.
 */
static void
go_on(CrmPager *pager)
{
	CrmWalkState *state = &pager->state.walk;
	int			cap = pager->account->api->position_cap;

	if (cap > 0 && (state->total == cap || (state->page + INT64CONST(1)) * state->page_size > cap))
		refuse(pager);
	else
		state->page++;
}

/*
 * Goes on to the next pass, unless this one was of a single page.  What changed
 * since it began bears a later time than its head; or the same, if the head was
 * of that very moment.
 */
static void
finish_pass(CrmPager *pager)
{
	CrmWalkState *state = &pager->state.walk;
	int64		stop = state->head;

	if (state->page == 1)
		pager->done = true;
	else if (state->head == NO_TIME || ++state->pass > CRM_MAX_BREAKS)
		refuse(pager);
	else
	{
		if (state->head < state->began - CLOCK_SLACK)
			stop++;
		start_pass(pager, stop);
	}
}

/* The bound is reached; is it, if the order is not proven? */
static void
reach_bound(CrmPager *pager)
{
	CrmWalkState *state = &pager->state.walk;
	int			cap = pager->account->api->position_cap;
	int64		rows = cap > 0 ? Min(state->total, cap) : state->total;
	int64		left = (rows + state->page_size - 1) / state->page_size - state->page;

	if (state->pass > 0 || order_is_proven(state))
		finish_pass(pager);
	else if (left <= 1)
		go_on(pager);
	else
		state->probe = state->page + (int) (left + 1) / 2;
}

/* A page from the middle of the rest, where changed records are likely to be. */
static void
take_probe(CrmPager *pager, const CrmListing *listing)
{
	Sight		sight;

	pager->state.walk.probe = 0;
	if (holds_order(pager, listing, &sight) && order_is_proven(&pager->state.walk))
		finish_pass(pager);
	else
		refuse(pager);
}

static void
take_page(CrmPager *pager, const CrmListing *listing)
{
	CrmWalkState *state = &pager->state.walk;
	int64		before = (state->page - INT64CONST(1)) * state->page_size;
	bool		is_last = before + state->page_size >= state->total;
	bool		is_all = is_last && state->page == 1 && state->pass == 0;
	Sight		sight = {0, NO_TIME};

	if (listing->n != Min(state->total - before, state->page_size))
	{
		go_back(pager, 0);
		return;
	}
	if (state->farthest == 0)
		state->began = listing->answer->date;
	/* The order of a list that came whole does not matter. */
	if (!is_all && !holds_order(pager, listing, &sight))
	{
		refuse(pager);
		return;
	}
	if (listing->n > 0 && !is_all && sight.fresh == 0 && state->page > state->farthest &&
		state->doubted != state->page)
	{
		/* An answer sent twice, or a page of rows that were pushed down. */
		state->doubted = state->page;
		go_back(pager, 0);
		return;
	}
	state->farthest = Max(state->farthest, state->page);
	if (!emit_wanted(pager, listing))
		refuse(pager);
	else if (is_last)
		finish_pass(pager);
	else if (sight.end != NO_TIME && sight.end < state->stop)
		reach_bound(pager);
	else
		go_on(pager);
}

void
crm_walk_take(CrmPager *pager, const CrmListing *listing)
{
	CrmWalkState *state = &pager->state.walk;
	int64		lost = state->total - listing->total;

	if (pager->steps > 0)
		crm_pager_insist(pager, listing);
	else
		state->page_size = crm_pager_applied_size(pager, listing);
	state->total = listing->total;
	if (state->total < 0)
		refuse(pager);
	else if (state->probe > 0)
		take_probe(pager, listing);
	else if (state->page > 1 && lost > 0)
		go_back(pager, lost);
	else
		take_page(pager, listing);
}
