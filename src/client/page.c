/*
 * page.c
 *		Reads a list page by page: picks the pager of its kind.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "client/pager.h"
#include "client/requestlog.h"

int
crm_page_size(const CrmApi *api, const CrmEntity *entity, int wish)
{
	int			most = entity->max_page_size > 0 ? entity->max_page_size : api->max_page_size;

	/* Pages that overlap by a row, or are doubted, need another one to get on. */
	if (wish == 1 && (entity->pager == CRM_PAGER_OFFSET ||
					  (entity->pager == CRM_PAGER_CURSOR && entity->flags & CRM_ENTITY_UNLISTED)))
		wish = 2;
	return wish > 0 ? Min(wish, most) : most;
}

CrmPager *
crm_pager_create(CrmAccount *account, const CrmList *list)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw pager",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmPager   *pager = palloc0(sizeof(CrmPager));

	pager->account = account;
	pager->list = list;
	pager->context = context;
	dlist_init(&pager->ahead);
	pager->path = list->path;
	pager->page_size = crm_pager_first_size(account->api, list);
	pager->seen = crm_idset_create();
	pager->total = -1;
	MemoryContextSwitchTo(old);
	return pager;
}

void
crm_pager_free(CrmPager *pager)
{
	MemoryContextDelete(pager->context);
}

bool
crm_pager_done(const CrmPager *pager)
{
	return pager->done;
}

int64
crm_pager_total(const CrmPager *pager)
{
	return pager->total;
}

bool
crm_pager_refused(const CrmPager *pager)
{
	return pager->refused;
}

static void
start(CrmPager *pager)
{
	MemoryContext old = MemoryContextSwitchTo(pager->context);

	switch (pager->list->entity->pager)
	{
		case CRM_PAGER_SINGLE:
			break;
		case CRM_PAGER_OFFSET:
			crm_offset_start(pager);
			break;
		case CRM_PAGER_KEYSET:
			crm_keyset_start(pager);
			break;
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			crm_number_start(pager);
			break;
		case CRM_PAGER_CURSOR:
			crm_cursor_start(pager);
			break;
		case CRM_PAGER_SLICES:
			crm_slice_start(pager);
			break;
		case CRM_PAGER_WALK:
			crm_walk_start(pager);
			break;
	}
	pager->started = true;
	MemoryContextSwitchTo(old);
}

static bool
foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	next->tolerate_overload = false;
	initStringInfo(&next->query);
	switch (pager->list->entity->pager)
	{
		case CRM_PAGER_SINGLE:
			return i == 0;
		case CRM_PAGER_OFFSET:
			return crm_offset_foresee(pager, i, next);
		case CRM_PAGER_KEYSET:
			return crm_keyset_foresee(pager, i, next);
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			return crm_number_foresee(pager, i, next);
		case CRM_PAGER_CURSOR:
			return crm_cursor_foresee(pager, i, next);
		case CRM_PAGER_SLICES:
			return crm_slice_foresee(pager, i, next);
		case CRM_PAGER_WALK:
			return crm_walk_foresee(pager, i, next);
	}
	return false;
}

static void
take(CrmPager *pager, const CrmListing *listing)
{
	switch (pager->list->entity->pager)
	{
		case CRM_PAGER_SINGLE:
			crm_single_take(pager, listing);
			break;
		case CRM_PAGER_OFFSET:
			crm_offset_take(pager, listing);
			break;
		case CRM_PAGER_KEYSET:
			crm_keyset_take(pager, listing);
			break;
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			crm_number_take(pager, listing);
			break;
		case CRM_PAGER_CURSOR:
			crm_cursor_take(pager, listing);
			break;
		case CRM_PAGER_SLICES:
			crm_slice_take(pager, listing);
			break;
		case CRM_PAGER_WALK:
			crm_walk_take(pager, listing);
			break;
	}
}

/* Is the i-th request from here sure to be needed, as far as the query is known? */
static bool
is_needed(const CrmPager *pager, int i)
{
	return i == 0 || pager->list->first_page == 0 ||
		pager->emitted + (int64) i * pager->page_size < pager->list->first_page;
}

/* Sends the next requests; the first of them must not wait if it is "due". */
static void
send_ahead(CrmPager *pager, bool due)
{
	CrmAccount *account = pager->account;
	dlist_mutable_iter iter;

	if (!pager->started)
		start(pager);
	dlist_foreach_modify(iter, &pager->ahead)
		dlist_container(CrmAhead, node, iter.cur)->wanted = false;
	for (int i = 0; i < Max(account->concurrency, 1) && !pager->done && is_needed(pager, i); i++)
	{
		CrmForeseen next;
		CrmAhead   *ahead;
		bool		known = foresee(pager, i, &next);

		ahead = known ? crm_ahead_find(pager, next.query.data) : NULL;
		if (known && ahead == NULL && ((i == 0 && due) || account->ahead < account->concurrency))
			ahead = crm_ahead_send(pager, next.query.data, next.tolerate_overload);
		pfree(next.query.data);
		if (ahead == NULL)
			break;
		ahead->wanted = true;
	}
	crm_ahead_tidy(pager);
	crm_fetch_drive(account);
}

void
crm_pager_send(CrmPager *pager)
{
	send_ahead(pager, true);
}

bool
crm_pager_ready(CrmPager *pager)
{
	CrmForeseen next;
	CrmAhead   *ahead;

	if (pager->done)
		return true;
	crm_pager_release(pager);
	crm_pager_send(pager);
	foresee(pager, 0, &next);
	ahead = crm_ahead_find(pager, next.query.data);
	pfree(next.query.data);
	return crm_fetch_ready(ahead->fetch);
}

/*
 * The first page tells how long the list is: fails before requests are spent
 * that would not suffice.  How much of it a walk will read it does not tell.
 */
static void
check_limits(const CrmPager *pager)
{
	if (pager->total > pager->emitted && !(pager->list->entity->flags & CRM_ENTITY_ASYNC) &&
		pager->list->entity->pager != CRM_PAGER_WALK)
		crm_requestlog_foresee(pager->account, pager->list->entity->name,
							   (pager->total - pager->emitted + pager->page_size - 1) / pager->page_size);
}

const CrmPage *
crm_pager_next(CrmPager *pager)
{
	CrmForeseen next;
	CrmListing *listing;

	if (pager->done)
		return NULL;
	CHECK_FOR_INTERRUPTS();
	crm_pager_release(pager);
	crm_pager_send(pager);
	foresee(pager, 0, &next);
	listing = crm_pager_fetch(pager, next.query.data, next.tolerate_overload);
	pfree(next.query.data);
	if (listing == NULL)
		return NULL;
	pager->surprised = false;
	take(pager, listing);
	crm_pager_index(pager);
	pager->steps++;
	pager->emitted += pager->page.nrecords;

	/* A query that was not content with the first page wants them all. */
	pager->page_size = crm_page_size(pager->account->api, pager->list->entity,
									 pager->list->page_size);
	/* Where a page may repeat the last record, one of a single record does not get on. */
	if (pager->list->entity->pager == CRM_PAGER_KEYSET)
		pager->page_size = Max(pager->page_size, 2);
	if (!pager->done && pager->list->eager && pager->steps == 1)
		check_limits(pager);
	if (!pager->done && (pager->list->eager || (pager->steps > 1 && !pager->surprised)))
		send_ahead(pager, false);
	return &pager->page;
}

void
crm_page_first_query(const CrmApi *api, const CrmList *list, StringInfo query)
{
	const CrmEntity *entity = list->entity;
	CrmSpan		span = crm_pager_span(list);
	int			size = crm_pager_first_size(api, list);
	const char *position = NULL;

	switch (entity->pager)
	{
		case CRM_PAGER_SINGLE:
		case CRM_PAGER_SLICES:
			size = 0;
			break;
		case CRM_PAGER_OFFSET:
			position = "0";
			break;
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
		case CRM_PAGER_WALK:
			position = "1";
			break;
		case CRM_PAGER_KEYSET:
		case CRM_PAGER_CURSOR:
			break;
	}
	crm_pager_query(api, list, &span, size, position, query);
}
