/*
 * pager.c
 *		What the pagers of all kinds share: sending a page's request, taking the
 *		answer apart, and handing on each record once.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/report.h"
#include "common/hashfn.h"
#include "client/fieldvalues.h"
#include "client/pager.h"
#include "client/progress.h"
#include "client/scalar.h"
#include "client/url.h"

/* Pause before an asynchronous query is asked again, and how often at most. */
#define SETTLE_MS		1000
#define SETTLE_TRIES	10

/*
 * Some leaves wrap their object in one more member and some do not, and which
 * is not certain: an object whose only member is an object is unwrapped.
 */
static const CrmNode *
unwrap(const CrmNode *node)
{
	if (crm_json_type(node) == CRM_NODE_OBJECT && crm_json_count(node) == 1 &&
		crm_json_type(crm_json_first(node)) == CRM_NODE_OBJECT)
		return crm_json_first(node);
	return node;
}

/* Hash of a page's records as they were sent. */
static uint64
fingerprint(const CrmListing *listing)
{
	uint64		hash = listing->n;

	for (int i = 0; i < listing->n; i++)
	{
		size_t		len;
		const char *source = crm_json_source(listing->json, listing->records[i], &len);

		hash = hash_bytes_extended((const unsigned char *) source, len, hash);
	}
	return hash;
}

/*
 * What the catalogue vouches for elsewhere has to show in the pages of a list
 * that it does not know: that "id" identifies a record, and, where there is
 * none, that a page is not the one before sent again.
 */
static void
check_unlisted(CrmPager *pager, const CrmListing *listing)
{
	CrmIdSet   *ids = crm_idset_create();
	uint64		sent = fingerprint(listing);

	for (int i = 0; i < listing->n; i++)
	{
		if (!crm_pager_note(pager, ids, listing, listing->records[i]))
			crm_pager_unexpected(pager, listing,
								 psprintf("records with an id of their own at \"%s\", got the same one twice",
										  pager->list->entity->id));
	}
	crm_idset_free(ids);
	if (pager->anonymous && listing->n > 0 && pager->steps > 0 && sent == pager->sent)
		crm_pager_unexpected(pager, listing, "records that were not sent before (the page repeats)");
	pager->sent = sent;
}

/* Finds the records of a parsed answer. */
static void
take_apart(CrmPager *pager, CrmListing *listing)
{
	const CrmEntity *entity = pager->list->entity;
	const CrmApi *api = pager->account->api;
	const CrmNode *root = crm_json_root(listing->json);
	const CrmNode *rows = crm_json_pointer(root, entity->rows);

	if (rows == NULL || (crm_json_type(rows) != CRM_NODE_ARRAY && crm_json_type(rows) != CRM_NODE_OBJECT))
		crm_pager_unexpected(pager, listing,
							 psprintf("an array at \"%s\"", entity->rows));
	if (crm_json_type(rows) == CRM_NODE_OBJECT)
	{
		/* A list that answers with an object is only right where one is meant. */
		if (entity->pager != CRM_PAGER_SINGLE ||
			(entity->rows[0] == '\0' && entity->ncolumns > 0 && !(entity->flags & CRM_ENTITY_RECORD)))
			crm_pager_unexpected(pager, listing,
								 psprintf("an array at \"%s\", got an object", entity->rows));
		listing->records = palloc(sizeof(CrmNode *));
		listing->records[0] = entity->flags & CRM_ENTITY_RECORD && entity->rows[0] == '\0' ? unwrap(rows) : rows;
		/* {} is how a missing singleton is told. */
		listing->n = crm_json_count(rows) > 0 ? 1 : 0;
	}
	else
	{
		listing->records = palloc(sizeof(CrmNode *) * Max(crm_json_count(rows), 1));
		for (const CrmNode *record = crm_json_first(rows); record; record = crm_json_next(record))
		{
			if (crm_json_type(record) == CRM_NODE_NULL)
				crm_pager_unexpected(pager, listing, "records, got a null among them");
			listing->records[listing->n++] = record;
		}
	}
	listing->slots = listing->n;
	if (entity->paged_rows != NULL)
		listing->slots = crm_json_count(crm_json_pointer(root, entity->paged_rows));
	if (api->total_pointer == NULL ||
		!crm_scalar_int64(listing->json, crm_json_pointer(root, api->total_pointer), &listing->total))
		listing->total = -1;
	if ((entity->flags & CRM_ENTITY_UNLISTED) && entity->pager != CRM_PAGER_SINGLE)
		check_unlisted(pager, listing);
}

void
crm_pager_request(const CrmPager *pager, const char *query, bool tolerate_overload,
				  CrmRequest *request)
{
	const CrmList *list = pager->list;
	StringInfoData all;

	initStringInfo(&all);
	crm_url_add_raw(&all, list->query);
	crm_url_add_raw(&all, query);

	memset(request, 0, sizeof(*request));
	request->entity = list->entity->name;
	request->unlisted = (list->entity->flags & CRM_ENTITY_UNLISTED) != 0;
	request->path = pager->path;
	request->query = all.data;
	request->post_form = list->entity->post_form;
	request->absent_is_empty = list->below_parent;
	request->tolerate_missing = list->fallback_path != NULL && pager->path != list->fallback_path;
	request->tolerate_overload = tolerate_overload;
	request->uncertain = list->uncertain && !pager->accepted;
	/* The plain list is at the same place, and many times as long. */
	request->proven_endpoint = list->entity->pager == CRM_PAGER_WALK;
}

/*
 * The answer to a query, in the page context; NULL if the endpoint is missing
 * and may be.
 */
static CrmAnswer *
receive_answer(CrmPager *pager, const char *query, bool tolerate_overload)
{
	CrmAhead   *ahead = crm_ahead_find(pager, query);
	CrmAnswer  *answer;

	if (ahead == NULL)
		ahead = crm_ahead_send(pager, query, tolerate_overload);
	crm_ahead_take(ahead);
	crm_pager_release(pager);
	pager->page_context = ahead->context;
	pager->request = ahead->request;
	answer = crm_fetch_finish(ahead->fetch);
	return answer->kind == CRM_ANSWER_NO_ENDPOINT ? NULL : answer;
}

void
crm_pager_release(CrmPager *pager)
{
	if (pager->page_context != NULL)
		MemoryContextDelete(pager->page_context);
	pager->page_context = NULL;
	pager->page.nrecords = 0;
	pager->page.values = NULL;
}

/* What is left of the list is known if it is all that the scan reads. */
static void
show_progress(const CrmPager *pager, const CrmListing *listing)
{
	int64		left = -1;

	if (pager->list->is_all && pager->total >= 0)
		left = Max(pager->total - pager->emitted - listing->n, 0);
	crm_progress_page(pager->account, left,
					  crm_page_size(pager->account->api, pager->list->entity, pager->list->page_size));
}

CrmListing *
crm_pager_fetch(CrmPager *pager, const char *query, bool tolerate_overload)
{
	CrmAnswer  *answer = receive_answer(pager, query, tolerate_overload);
	MemoryContext old;
	CrmListing *listing;

	if (answer == NULL && pager->list->uncertain)
	{
		pager->refused = pager->done = true;
		return NULL;
	}
	if (answer == NULL)
	{
		pager->path = pager->list->fallback_path;
		answer = receive_answer(pager, query, tolerate_overload);
	}
	pager->accepted = true;

	old = MemoryContextSwitchTo(pager->page_context);
	listing = palloc0(sizeof(CrmListing));
	listing->total = -1;
	listing->answer = answer;
	listing->overload = listing->answer->kind == CRM_ANSWER_OVERLOAD;
	if (listing->answer->kind == CRM_ANSWER_JSON)
	{
		listing->json = listing->answer->json;
		take_apart(pager, listing);
		pager->account->counters.rows += listing->n;
		if (pager->total < 0)
			pager->total = listing->total;
		show_progress(pager, listing);
	}
	MemoryContextSwitchTo(old);
	return listing;
}

/*
 * Is a text an integer as an API would print it?  "007" is not: among names it
 * must stay different from "7".
 */
static bool
is_plain_integer(const char *text)
{
	const char *digits = text + (text[0] == '-' ? 1 : 0);

	return (digits[0] >= '1' && digits[0] <= '9') || strcmp(text, "0") == 0;
}

/*
 * A record's identity: as integer if it is one, else as text (NULL = none).  A
 * number that is no such integer identifies nothing.
 */
static bool
identity(const CrmPager *pager, const CrmListing *listing, const CrmNode *record,
		 int64 *id, const char **text)
{
	const char *pointer = pager->list->entity->id;
	const CrmNode *node = pointer ? crm_json_pointer(record, pointer) : NULL;

	*text = crm_scalar_text(listing->json, node);
	if (*text != NULL && is_plain_integer(*text) && crm_scalar_int64(listing->json, node, id))
		return true;
	if (*text != NULL && crm_json_type(node) == CRM_NODE_NUMBER)
		*text = NULL;
	return false;
}

/* A list whose records have identities cannot be told complete without one. */
static void
check_identities(const CrmPager *pager, const CrmListing *listing, bool mixed)
{
	if (mixed)
		crm_pager_unexpected(pager, listing,
							 psprintf("records that all have an id at \"%s\"", pager->list->entity->id));
}

bool
crm_pager_note(CrmPager *pager, CrmIdSet *set,
			   const CrmListing *listing, const CrmNode *record)
{
	const char *text;
	int64		id;
	bool		is_integer = identity(pager, listing, record, &id, &text);

	if (text != NULL)
	{
		check_identities(pager, listing, pager->anonymous);
		pager->named = true;
		return is_integer ? crm_idset_add_int(set, id) : crm_idset_add_text(set, text, strlen(text));
	}
	check_identities(pager, listing, pager->named);
	pager->anonymous = true;
	return true;
}

bool
crm_pager_noted(const CrmPager *pager, CrmIdSet *set,
				const CrmListing *listing, const CrmNode *record)
{
	const char *text;
	int64		id;

	if (identity(pager, listing, record, &id, &text))
		return crm_idset_has_int(set, id);
	return text != NULL && crm_idset_has_text(set, text, strlen(text));
}

const char *
crm_pager_position_param(const CrmApi *api, const CrmEntity *entity)
{
	return entity->position_param ? entity->position_param : api->position_param;
}

CrmSpan
crm_pager_span(const CrmList *list)
{
	CrmSpan		span = {list->from, list->to};

	if (list->entity->pager == CRM_PAGER_SLICES)
	{
		span.from = Max(span.from, CRM_START_OF_TIME);
		span.to = Min(span.to, CRM_END_OF_TIME);
	}
	return span;
}

/*
 * Adds the bounds of a list.  Ids are bounded exclusively.  Whether a bound in
 * time includes the second it names differs between lists and from what is
 * documented: naming the second outside is right in both cases.
 */
static void
add_span(const CrmApi *api, const CrmList *list, const CrmSpan *span, StringInfo query)
{
	const CrmEntity *entity = list->entity;
	const CrmWindow *window = entity->window;
	const char *from = NULL;
	const char *to = NULL;
	int			outside = 1;

	switch (entity->pager)
	{
		case CRM_PAGER_KEYSET:
			from = api->keyset_param;
			to = api->keyset_desc_param;
			break;
		case CRM_PAGER_SLICES:
			outside = 0;
			/* fall through */
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			from = window ? window->from : NULL;
			to = window ? window->to : NULL;
			break;
		case CRM_PAGER_SINGLE:
		case CRM_PAGER_OFFSET:
		case CRM_PAGER_CURSOR:
		case CRM_PAGER_WALK:
			break;
	}
	if (from != NULL && list->from_name != NULL)
		crm_url_add(query, from, list->from_name);
	else if (from != NULL && span->from != CRM_NO_LOWER)
		crm_url_add_int(query, from, span->from - outside);
	if (to != NULL && list->to_name != NULL)
		crm_url_add(query, to, list->to_name);
	else if (to != NULL && span->to != CRM_NO_UPPER)
		crm_url_add_int(query, to, span->to + outside);
}

void
crm_pager_query(const CrmApi *api, const CrmList *list, const CrmSpan *span,
				int size, const char *position, StringInfo query)
{
	const CrmEntity *entity = list->entity;
	const char *order = list->descending ? entity->order_desc : entity->order;

	if (order != NULL)
		crm_url_add_raw(query, order);
	if (span != NULL)
		add_span(api, list, span, query);
	if (size > 0)
		crm_url_add_int(query, entity->size_param ? entity->size_param : api->size_param, size);
	if (position != NULL)
		crm_url_add(query, crm_pager_position_param(api, entity), position);
}

int
crm_pager_first_size(const CrmApi *api, const CrmList *list)
{
	int			size = crm_page_size(api, list->entity, list->page_size);

	/* Page numbers count pages of one size, so a list could not be read on. */
	if (list->first_page > 0 && list->entity->pager != CRM_PAGER_NUMBER &&
		list->entity->pager != CRM_PAGER_PAGE && list->entity->pager != CRM_PAGER_WALK)
		size = Min(size, crm_page_size(api, list->entity, list->first_page));
	return size;
}

int
crm_pager_applied_size(const CrmPager *pager, const CrmListing *listing)
{
	const char *pointer = pager->account->api->page_size_pointer;
	int64		applied;

	/* A page size above the API's maximum is cut without a word. */
	if (pointer != NULL && listing->json != NULL &&
		crm_scalar_int64(listing->json, crm_json_pointer(crm_json_root(listing->json), pointer), &applied) &&
		applied > 0 && applied < pager->page_size)
		return (int) applied;
	return pager->page_size;
}

void
crm_spans_push(CrmSpans *stack, int64 from, int64 to)
{
	if (stack->spans == NULL)
	{
		stack->room = 16;
		stack->spans = palloc(stack->room * sizeof(CrmSpan));
	}
	else if (stack->n == stack->room)
	{
		stack->room *= 2;
		stack->spans = repalloc(stack->spans, stack->room * sizeof(CrmSpan));
	}
	stack->spans[stack->n].from = from;
	stack->spans[stack->n].to = to;
	stack->n++;
}

int
crm_pager_emit(CrmPager *pager, const CrmListing *listing)
{
	CrmPage    *page = &pager->page;

	page->json = listing->json;
	page->records = MemoryContextAlloc(pager->page_context,
									   sizeof(CrmNode *) * Max(listing->n, 1));
	page->nrecords = 0;
	for (int i = 0; i < listing->n; i++)
	{
		if (crm_pager_note(pager, pager->seen, listing, listing->records[i]))
			page->records[page->nrecords++] = listing->records[i];
	}
	return page->nrecords;
}

/* HV000 if an answer that was to be the whole list says that there is more. */
static void
check_whole(const CrmPager *pager, const CrmListing *listing)
{
	const CrmApi *api = pager->account->api;

	if (listing->total > listing->n)
		crm_pager_unexpected(pager, listing,
							 psprintf("the whole list, got %d of the " INT64_FORMAT " records that its total counts",
									  listing->n, listing->total));
	if (api->pager == CRM_PAGER_CURSOR && listing->n > 0 &&
		crm_json_member(listing->records[listing->n - 1], api->position_param) != NULL)
		crm_pager_unexpected(pager, listing,
							 psprintf("the whole list, got a \"%s\" to a next page", api->position_param));
}

void
crm_single_take(CrmPager *pager, const CrmListing *listing)
{
	CrmPage    *page = &pager->page;

	pager->done = true;
	if (!(pager->list->entity->flags & CRM_ENTITY_UNLISTED))
	{
		crm_pager_emit(pager, listing);
		return;
	}
	check_whole(pager, listing);
	/* In one answer nothing comes twice by paging: what looks alike is there twice. */
	page->json = listing->json;
	page->records = listing->records;
	page->nrecords = listing->n;
}

void
crm_pager_index(CrmPager *pager)
{
	const CrmCustomFields *custom = pager->list->custom;
	MemoryContext old;

	if (custom == NULL || custom->beside == NULL || pager->page.nrecords == 0)
		return;
	old = MemoryContextSwitchTo(pager->page_context);
	pager->page.values = crm_field_index(custom, pager->page.json);
	MemoryContextSwitchTo(old);
}

void
crm_pager_insist(const CrmPager *pager, const CrmListing *listing)
{
	bool		parent_gone = pager->list->below_parent && listing->answer->status >= 400;

	if (listing->json == NULL && !listing->overload && !parent_gone)
		crm_pager_unexpected(pager, listing, "another page of the list, got nothing");
}

void
crm_pager_unexpected(const CrmPager *pager, const CrmListing *listing, const char *expected)
{
	crm_fetch_unexpected(pager->account, &pager->request, listing->answer, expected);
}

bool
crm_pager_settled(const CrmPager *pager, const CrmListing *listing,
				  int *asked, int64 *asked_total)
{
	int64		total = listing->total >= 0 ? listing->total : listing->n;

	if (!(pager->list->entity->flags & CRM_ENTITY_ASYNC))
		return true;
	if (*asked > 0 && total == *asked_total && (total > 0 || *asked >= 3))
		return true;
	if (++*asked > SETTLE_TRIES)
		crm_pager_unexpected(pager, listing, "an asynchronous query to settle");
	*asked_total = total;

	crm_fetch_pause(pager->account, SETTLE_MS, CRM_ACTIVITY_SETTLING);
	return false;
}
