/*
 * page_keyset.c
 *		Lists read by "ids greater than the last one", ascending, or less than
 *		the last one, descending.
 *
 * Complete by construction: inserts and deletes cannot shift what is greater
 * than an id.  All the pager has to insist on is that ids really ascend (or
 * descend); an API that ignores the parameter would otherwise send its first
 * page for ever.  One that includes the id it was given repeats one record.
 *
 * Only an answer tells the next request, so a long list is read in several
 * ranges of ids at once, unless its order matters.  Its last page, asked for in
 * descending order, tells where the ranges end.  Their upper ends are not sent:
 * what a page holds beyond its range is left to the next one.  A page that
 * begins beyond its range may be another range's answer, so it has to come twice
 * to be believed; so does an empty one.  When a range comes to its end, the
 * longest one left is cut in two.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

/* A list is cut into ranges if at least this many pages are left for each. */
#define PAGES_PER_RANGE	4

/* As the first id of an empty page. */
#define NOTHING_BEYOND	PG_INT64_MAX

static CrmKeyRange *
add_range(CrmPager *pager, int place, int64 from, int64 to)
{
	CrmKeysetState *state = &pager->state.keyset;
	CrmKeyRange *range = &state->ranges[place];

	memmove(range + 1, range, sizeof(CrmKeyRange) * (state->nranges++ - place));
	*range = (CrmKeyRange) {.rest = {from, to}};
	return range;
}

void
crm_keyset_start(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;
	CrmSpan		span = crm_pager_span(pager->list);

	state->ranges = palloc(sizeof(CrmKeyRange) * Max(pager->account->concurrency, 1));
	add_range(pager, 0, span.from, span.to);
	state->asked_total = -1;
}

bool
crm_keyset_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmKeysetState *state = &pager->state.keyset;
	const CrmApi *api = pager->account->api;
	CrmList		list = *pager->list;
	CrmSpan		span;

	if (i >= (state->split == CRM_SPLIT_TOP ? 1 : state->nranges))
		return false;
	if (state->split == CRM_SPLIT_TOP)
	{
		list.descending = true;
		crm_pager_query(api, &list, NULL, pager->page_size, NULL, &next->query);
		return true;
	}
	span = state->ranges[(state->turn + i) % state->nranges].rest;
	if (state->split == CRM_SPLIT_DONE)
		span.to = CRM_NO_UPPER;
	crm_pager_query(api, &list, &span, pager->page_size, NULL, &next->query);
	return true;
}

static int64
record_id(const CrmPager *pager, const CrmListing *listing, int i)
{
	int64		id;

	if (!crm_scalar_int64(listing->json,
						  crm_json_pointer(listing->records[i], pager->list->entity->id), &id))
		crm_pager_unexpected(pager, listing, "a record with an id");
	return id;
}

static int
compare_ids(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/*
 * Hands on the page's records that are in the range, and moves the range's bound
 * behind the last one; HV000 if their ids do not go on from the ones before.
 * False if the page began beyond the range and has to be asked for once more.
 */
static bool
take_records(CrmPager *pager, CrmKeyRange *range, const CrmListing *listing)
{
	CrmKeysetState *state = &pager->state.keyset;
	bool		descending = pager->list->descending;
	bool		goes_on = range->received > 0 || state->split == CRM_SPLIT_DONE;
	bool		certain = true;
	int			repeated = 0;
	int			n = 0;

	for (; n < listing->n; n++)
	{
		int64		id = record_id(pager, listing, n);
		int64		last = descending ? range->rest.to + 1 : range->rest.from - 1;

		if (n == 0 && goes_on && id == last)
		{
			repeated = 1;
			continue;
		}
		if ((n > 0 || goes_on) && (descending ? id >= last : id <= last))
			crm_pager_unexpected(pager, listing,
								 psprintf("ids %s " INT64_FORMAT " in %s order, got " INT64_FORMAT
										  " (the page repeats)", descending ? "below" : "above",
										  last, descending ? "descending" : "ascending", id));
		if (state->split == CRM_SPLIT_DONE && id > range->rest.to)
		{
			certain = n > 0 || id == range->beyond;
			range->beyond = id;
			if (certain)
				range->rest.from = range->rest.to + 1;
			break;
		}
		if (pager->list->ids != NULL &&
			bsearch(&id, pager->list->ids, pager->list->nids, sizeof(int64), compare_ids) != NULL)
			state->found++;
		if (descending)
			range->rest.to = id - 1;
		else
			range->rest.from = id + 1;
	}
	if (state->split == CRM_SPLIT_DONE && listing->n == 0)
	{
		/* The list goes on beyond every range. */
		certain = range->beyond == NOTHING_BEYOND;
		range->beyond = NOTHING_BEYOND;
	}
	pager->page.json = listing->json;
	pager->page.records = listing->records + repeated;
	pager->page.nrecords = n - repeated;
	range->received += pager->page.nrecords;
	return certain;
}

/*
 * A page without a new record ends the range, and so does one that brought all
 * ids that were asked for.  A short one may have been cut by the server, so it
 * ends the range only if the total says so.  Whether the total counts the whole
 * list or what is left of it is not documented; one that does not exceed the
 * page says in both readings that nothing is left.
 */
static bool
is_at_end(const CrmPager *pager, const CrmKeyRange *range, const CrmListing *listing)
{
	const CrmKeysetState *state = &pager->state.keyset;

	return pager->page.nrecords == 0 ||
		range->rest.from > range->rest.to ||
		(pager->list->ids != NULL && state->found >= pager->list->nids) ||
		(state->split != CRM_SPLIT_DONE &&
		 listing->n < pager->page_size && listing->total >= 0 && listing->total <= listing->n);
}

/* Is it worth while to read the rest of a list, whose first page came, in ranges? */
static bool
is_long(const CrmPager *pager, const CrmListing *listing)
{
	const CrmList *list = pager->list;
	int64		pages = (listing->total - listing->n) / pager->page_size;

	return !list->in_order && !list->descending && list->ids == NULL && list->first_page == 0 &&
		list->from == CRM_NO_LOWER && list->to == CRM_NO_UPPER && list->entity->order_desc != NULL &&
		listing->n == pager->page_size && pager->account->concurrency > 1 &&
		pages >= PAGES_PER_RANGE * pager->account->concurrency;
}

/*
 * Hands on the list's last page and cuts what lies between it and the first one.
 * An API that does not sort as it is told has sent something else, and the list
 * is read on in one range.
 */
static void
take_top(CrmPager *pager, const CrmListing *listing)
{
	CrmKeysetState *state = &pager->state.keyset;
	CrmKeyRange first = state->ranges[0];
	int64		low = PG_INT64_MAX;
	int			nranges = pager->account->concurrency;
	int64		span;

	state->split = CRM_SPLIT_NONE;
	for (int i = 0; i < listing->n; i++)
	{
		int64		id = record_id(pager, listing, i);

		if (id >= low || id < first.rest.from)
			return;
		low = id;
	}
	if (listing->n == 0)
		return;
	pager->page.json = listing->json;
	pager->page.records = listing->records;
	pager->page.nrecords = listing->n;

	state->split = CRM_SPLIT_DONE;
	state->density = (double) pager->total / (low - first.rest.from + listing->n + 1);
	state->nranges = 0;
	span = low - first.rest.from;
	for (int i = 0; i < nranges && span > 0; i++)
		add_range(pager, i, first.rest.from + span / nranges * i,
				  i == nranges - 1 ? low - 1 : first.rest.from + span / nranges * (i + 1) - 1);
	pager->done = state->nranges == 0;
}

/* The range whose turn it was has ended: cuts the longest one left in two. */
static void
replace_range(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;
	CrmKeyRange *longest = NULL;
	CrmSpan		rest;

	for (int i = 0; i < state->nranges; i++)
	{
		CrmKeyRange *range = &state->ranges[i];

		if (longest == NULL || range->rest.to - range->rest.from > longest->rest.to - longest->rest.from)
			longest = range;
	}
	if (longest == NULL ||
		(longest->rest.to - longest->rest.from) * state->density < PAGES_PER_RANGE * (double) pager->page_size)
		return;
	rest = longest->rest;
	longest->rest.to = rest.from + (rest.to - rest.from) / 2;
	rest.from = longest->rest.to + 1;
	add_range(pager, state->turn, rest.from, rest.to);
	state->turn++;
}

void
crm_keyset_take(CrmPager *pager, const CrmListing *listing)
{
	CrmKeysetState *state = &pager->state.keyset;
	CrmKeyRange *range;
	bool		first;

	if (state->split == CRM_SPLIT_TOP)
	{
		take_top(pager, listing);
		return;
	}
	range = &state->ranges[state->turn];
	first = state->split == CRM_SPLIT_NONE && range->received == 0;
	if (first && !crm_pager_settled(pager, listing, &state->asked, &state->asked_total))
		return;
	if (!first)
		crm_pager_insist(pager, listing);
	if (take_records(pager, range, listing) && is_at_end(pager, range, listing))
	{
		state->nranges--;
		memmove(range, range + 1, sizeof(CrmKeyRange) * (state->nranges - state->turn));
		if (state->split == CRM_SPLIT_DONE)
			replace_range(pager);
	}
	else
		state->turn++;
	if (first && is_long(pager, listing))
		state->split = CRM_SPLIT_TOP;
	pager->done = state->nranges == 0;
	if (!pager->done)
		state->turn %= state->nranges;
}
