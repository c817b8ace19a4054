/*
 * sample.c
 *		Totals and first records of lists.
 */
#include "postgres.h"

#include "client/pager.h"
#include "client/sample.h"
#include "client/scalar.h"
#include "client/url.h"

void
crm_sample_page(CrmAccount *account, const CrmList *list, int size, CrmSample *sample)
{
	CrmPager   *pager = crm_pager_create(account, list);
	CrmSpan		span = crm_pager_span(list);
	StringInfoData query;
	const char *position = NULL;
	CrmListing *listing;

	switch (list->entity->pager)
	{
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
		case CRM_PAGER_SINGLE:
		case CRM_PAGER_SLICES:
			size = 0;
			break;
	}
	initStringInfo(&query);
	crm_pager_query(account->api, list, &span, size, position, &query);
	listing = crm_pager_fetch(pager, query.data, false);
	sample->total = listing->total;
	sample->json = listing->json;
	sample->record = listing->n > 0 ? listing->records[0] : NULL;
	sample->records = listing->records;
	sample->n = listing->n;
}

void
crm_sample_list(CrmAccount *account, const CrmList *list, CrmSample *sample)
{
	crm_sample_page(account, list, 1, sample);
}

/* A bare number as the whole document. */
static int64
ask_count(CrmAccount *account, const CrmEntity *entity)
{
	CrmRequest	request = {.entity = entity->name, .path = entity->count_path, .tolerate_missing = true};
	CrmAnswer  *answer = crm_fetch_finish(crm_fetch_start(account, &request));
	int64		count;

	if (answer->kind != CRM_ANSWER_JSON ||
		!crm_scalar_int64(answer->json, crm_json_root(answer->json), &count) || count < 0)
		return -1;
	return count;
}

int64
crm_sample_total(CrmAccount *account, const CrmEntity *entity)
{
	CrmList		list = {.entity = entity, .path = entity->path, .query = "",
	.from = CRM_NO_LOWER, .to = CRM_NO_UPPER};
	CrmSample	sample;

	if (entity->count_path != NULL)
		return ask_count(account, entity);
	crm_sample_list(account, &list, &sample);
	return sample.total;
}
