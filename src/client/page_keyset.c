/*
 * page_keyset.c
 *		Lists read by "ids greater than the last one", ascending, or less than
 *		the last one, descending.
 *
 * Complete by construction: inserts and deletes cannot shift what is greater
 * than an id.  All the pager has to insist on is that ids really ascend (or
 * descend); an API that ignores the parameter would otherwise send its first
 * page for ever.  One that includes the id it was given repeats one record.
 */
#include "postgres.h"

#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

void
crm_keyset_start(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;

	state->rest = crm_pager_span(pager->list);
	state->asked_total = -1;
}

static int
compare_ids(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/*
 * Hands on the page's records and moves the bound behind the last one; HV000
 * if their ids do not go on from the ones before.
 */
static void
take_records(CrmPager *pager, const CrmListing *listing)
{
	CrmKeysetState *state = &pager->state.keyset;
	bool		descending = pager->list->descending;
	int			repeated = 0;

	for (int i = 0; i < listing->n; i++)
	{
		const CrmNode *node = crm_json_pointer(listing->records[i], pager->list->entity->id);
		int64		id;

		if (!crm_scalar_int64(listing->json, node, &id))
			crm_pager_unexpected(pager, listing, "a record with an id");
		if (i == 0 && state->received > 0 && id == state->last_id)
		{
			repeated = 1;
			continue;
		}
		if ((state->received > 0 || i > 0) &&
			(descending ? id >= state->last_id : id <= state->last_id))
			crm_pager_unexpected(pager, listing,
								 psprintf("ids %s " INT64_FORMAT " in %s order, got " INT64_FORMAT
										  " (the page repeats)", descending ? "below" : "above",
										  state->last_id, descending ? "descending" : "ascending", id));
		state->last_id = id;
		if (pager->list->ids != NULL &&
			bsearch(&id, pager->list->ids, pager->list->nids, sizeof(int64), compare_ids) != NULL)
			state->found++;
		if (descending)
			state->rest.to = id - 1;
		else
			state->rest.from = id + 1;
	}
	pager->page.json = listing->json;
	pager->page.records = listing->records + repeated;
	pager->page.nrecords = listing->n - repeated;
	state->received += pager->page.nrecords;
}

/*
 * A page without a new record ends the list, and so does one that brought all
 * ids that were asked for.  A short one may have been cut by the server, so it
 * ends the list only if the total says so.  Whether the total counts the whole
 * list or what is left of it is not documented; one that does not exceed the
 * page says in both readings that nothing is left.
 */
static bool
is_last_page(const CrmPager *pager, const CrmListing *listing)
{
	const CrmKeysetState *state = &pager->state.keyset;

	return pager->page.nrecords == 0 ||
		state->rest.from > state->rest.to ||
		(pager->list->ids != NULL && state->found >= pager->list->nids) ||
		(listing->n < pager->page_size && listing->total >= 0 && listing->total <= listing->n);
}

void
crm_keyset_step(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;
	StringInfoData query;
	CrmListing *listing;

	initStringInfo(&query);
	crm_pager_query(pager->account->api, pager->list, &state->rest, pager->page_size, NULL, &query);
	listing = crm_pager_fetch(pager, query.data, false);
	pfree(query.data);

	if (state->received == 0 &&
		!crm_pager_settled(pager, listing, &state->asked, &state->asked_total))
		return;
	if (state->received > 0)
		crm_pager_insist(pager, listing);
	take_records(pager, listing);
	pager->done = is_last_page(pager, listing);
}
