/*
 * page.c
 *		Reads a list page by page: picks the pager of its kind.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "client/pager.h"

int
crm_page_size(const CrmApi *api, const CrmEntity *entity, int wish)
{
	int			most = entity->max_page_size > 0 ? entity->max_page_size : api->max_page_size;

	/* Pages that overlap by a row need another one to get on. */
	if (wish == 1 && entity->pager == CRM_PAGER_OFFSET)
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
	pager->page_context = AllocSetContextCreate(context, "crm_fdw page", ALLOCSET_DEFAULT_SIZES);
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

/* Everything in one answer. */
static void
single_step(CrmPager *pager)
{
	crm_pager_emit(pager, crm_pager_fetch(pager, "", false));
	pager->done = true;
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
	}
	pager->started = true;
	MemoryContextSwitchTo(old);
}

static void
step(CrmPager *pager)
{
	switch (pager->list->entity->pager)
	{
		case CRM_PAGER_SINGLE:
			single_step(pager);
			break;
		case CRM_PAGER_OFFSET:
			crm_offset_step(pager);
			break;
		case CRM_PAGER_KEYSET:
			crm_keyset_step(pager);
			break;
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			crm_number_step(pager);
			break;
		case CRM_PAGER_CURSOR:
			crm_cursor_step(pager);
			break;
		case CRM_PAGER_SLICES:
			crm_slice_step(pager);
			break;
	}
}

const CrmPage *
crm_pager_next(CrmPager *pager)
{
	if (!pager->started)
		start(pager);
	while (!pager->done)
	{
		CHECK_FOR_INTERRUPTS();
		pager->page.nrecords = 0;
		step(pager);
		/* A query that was not content with the first page wants them all. */
		pager->page_size = crm_page_size(pager->account->api, pager->list->entity,
										 pager->list->page_size);
		if (pager->page.nrecords > 0)
			return &pager->page;
	}
	return NULL;
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
			position = "1";
			break;
		case CRM_PAGER_KEYSET:
		case CRM_PAGER_CURSOR:
			break;
	}
	crm_pager_query(api, list, &span, size, position, query);
}
