/*
 * page_keyset.c
 *		Lists read by "ids greater than the last one", ascending.
 *
 * Complete by construction: inserts and deletes cannot shift what is greater
 * than an id.  All the pager has to insist on is that ids really ascend; an
 * API that ignores the parameter would otherwise send its first page for ever.
 */
#include "postgres.h"

#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

void
crm_keyset_start(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;

	state->last_id = -1;
	state->asked_total = -1;
}

/* Takes the page's ids; HV000 if they do not ascend from the last one. */
static void
check_ids(CrmPager *pager, const CrmListing *listing)
{
	CrmKeysetState *state = &pager->state.keyset;

	for (int i = 0; i < listing->n; i++)
	{
		const CrmNode *node = crm_json_pointer(listing->records[i], pager->list->entity->id);
		int64		id;

		if (!crm_scalar_int64(listing->json, node, &id))
			crm_pager_unexpected(pager, listing, "a record with an id");
		if (id <= state->last_id)
			crm_pager_unexpected(pager, listing,
								 psprintf("ids above " INT64_FORMAT " in ascending order, got " INT64_FORMAT
										  " (the page repeats)", state->last_id, id));
		state->last_id = id;
	}
}

/*
 * An empty page ends the list.  A short one may have been cut by the server, so
 * it ends the list only if the total says so.  Whether the total counts the
 * whole list or what is left of it is not documented; one that does not exceed
 * the page says in both readings that nothing is left.
 */
static bool
is_last_page(const CrmPager *pager, const CrmListing *listing)
{
	return listing->n == 0 ||
		(listing->n < pager->page_size && listing->total >= 0 && listing->total <= listing->n);
}

void
crm_keyset_step(CrmPager *pager)
{
	CrmKeysetState *state = &pager->state.keyset;
	StringInfoData query;
	CrmListing *listing;

	initStringInfo(&query);
	crm_pager_query(pager->account->api, pager->list->entity, NULL, pager->page_size,
				   state->last_id >= 0 ? psprintf(INT64_FORMAT, state->last_id) : NULL, &query);
	listing = crm_pager_fetch(pager, query.data, false);
	pfree(query.data);

	if (state->received == 0 &&
		!crm_pager_settled(pager, listing, &state->asked, &state->asked_total))
		return;
	if (state->received > 0)
		crm_pager_insist(pager, listing);
	check_ids(pager, listing);
	state->received += listing->n;
	pager->page.json = listing->json;
	pager->page.records = listing->records;
	pager->page.nrecords = listing->n;
	pager->done = is_last_page(pager, listing);
}
