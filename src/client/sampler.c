/*
 * sampler.c
 *		Reads pages here and there, for statistics.
 *
 * The list is cut into as many stretches as pages are wanted, and one page is
 * read of each, at a random place.  Pages behind a positional cap are reached
 * from the list's other end, as far as that goes.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "client/pager.h"
#include "client/sampler.h"

struct CrmSampler
{
	CrmPager   *pager;
	CrmList		backward;		/* the list from its other end */
	int64		total;
	int			page_size;
	int			pages;			/* wanted */
	int			next;
};

/* Can a page be asked for by its place, and does the list say how many it has? */
static bool
has_places(const CrmEntity *entity)
{
	return entity->nparents == 0 && entity->lookup == NULL && entity->paged_rows == NULL &&
		!(entity->flags & CRM_ENTITY_ASYNC) &&
		(entity->pager == CRM_PAGER_OFFSET || entity->pager == CRM_PAGER_KEYSET ||
		 entity->pager == CRM_PAGER_NUMBER);
}

/* The page at a place, counted in pages from the list's beginning. */
static CrmListing *
fetch_page(CrmSampler *sampler, int64 place)
{
	CrmPager   *pager = sampler->pager;
	const CrmApi *api = pager->account->api;
	const CrmList *list = pager->list;
	CrmSpan		span = crm_pager_span(list);
	int64		last = (sampler->total - 1) / sampler->page_size;
	bool		by_row = list->entity->pager != CRM_PAGER_NUMBER;
	StringInfoData query;
	CrmListing *listing;

	if (api->position_cap > 0 && (place + 1) * sampler->page_size > api->position_cap)
	{
		list = &sampler->backward;
		place = Min(last - place, api->position_cap / sampler->page_size - 1);
	}
	initStringInfo(&query);
	crm_pager_query(api, list, &span, sampler->page_size,
					psprintf(INT64_FORMAT, by_row ? place * sampler->page_size : place + 1), &query);
	listing = crm_pager_fetch(pager, query.data, false);
	pfree(query.data);
	return listing;
}

CrmSampler *
crm_sampler_create(CrmAccount *account, const CrmList *list, int pages)
{
	CrmSampler *sampler = palloc0(sizeof(CrmSampler));
	CrmListing *first;

	if (!has_places(list->entity) || account->api->total_pointer == NULL)
		return NULL;
	sampler->pager = crm_pager_create(account, list);
	sampler->page_size = crm_page_size(account->api, list->entity, list->page_size);
	sampler->backward = *list;
	sampler->backward.descending = list->entity->order_desc != NULL;
	sampler->pages = pages;
	sampler->total = 1;
	first = fetch_page(sampler, 0);
	sampler->total = first->total;
	if (first->n < sampler->page_size || first->total <= (int64) pages * sampler->page_size)
		return NULL;
	return sampler;
}

int64
crm_sampler_total(const CrmSampler *sampler)
{
	return sampler->total;
}

const CrmPage *
crm_sampler_next(CrmSampler *sampler)
{
	CrmPager   *pager = sampler->pager;
	int64		all = (sampler->total + sampler->page_size - 1) / sampler->page_size;
	int64		from = all * sampler->next / sampler->pages;
	int64		to = all * (sampler->next + 1) / sampler->pages - 1;

	if (sampler->next++ >= sampler->pages)
		return NULL;
	(void) crm_pager_emit(pager, fetch_page(sampler,
											(int64) pg_prng_uint64_range(&pg_global_prng_state, from, Max(from, to))));
	crm_pager_index(pager);
	return &pager->page;
}
