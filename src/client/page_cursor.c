/*
 * page_cursor.c
 *		Lists whose last element carries an opaque cursor to the next page.
 *
 * The end is an empty answer or a last element without a cursor.  Servers have
 * been seen to hand out cursors in circles, so a page that brings no new record
 * although another page was announced is an error, not an end.
 *
 * A list sorted by time of change, newest first (the entity's order_pointer),
 * moves a record that changes meanwhile to the front, behind the reader's back.
 * Its head is therefore read again at the end, down to the first record that
 * is as old as the newest one was at the start.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/pager.h"
#include "client/scalar.h"
#include "client/url.h"

/* Below this page size a server that cannot answer in time is not asked again. */
#define SMALLEST_PAGE	10

void
crm_cursor_start(CrmPager *pager)
{
	pager->state.cursor.page_size = pager->page_size;
}

/* Only an answer tells how to ask for the next one. */
bool
crm_cursor_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmCursorState *state = &pager->state.cursor;

	if (i > 0)
		return false;
	crm_pager_query(pager->account->api, pager->list, NULL, state->page_size,
					state->cursor, &next->query);
	next->tolerate_overload = state->page_size / 2 >= SMALLEST_PAGE;
	return true;
}

/* The value a newest-first list is sorted by; false if it has none. */
static bool
order_value(const CrmPager *pager, const CrmListing *listing, int i, int64 *value)
{
	const char *pointer = pager->list->entity->order_pointer;

	return pointer != NULL && listing->n > 0 &&
		crm_scalar_int64(listing->json, crm_json_pointer(listing->records[i], pointer), value);
}

/* Reading the head again: true when records are older than the list was then. */
static bool
head_is_certain(const CrmPager *pager, const CrmListing *listing)
{
	const CrmCursorState *state = &pager->state.cursor;
	int64		value;

	return !order_value(pager, listing, listing->n - 1, &value) || value <= state->head;
}

static void
set_cursor(CrmPager *pager, const char *cursor)
{
	CrmCursorState *state = &pager->state.cursor;
	char	   *copy = cursor ? MemoryContextStrdup(pager->context, cursor) : NULL;

	if (state->cursor != NULL)
		pfree(state->cursor);
	state->cursor = copy;
}

/* HV000 when pages go round in circles. */
static void
check_progress(const CrmPager *pager, const CrmListing *listing, const char *cursor)
{
	const CrmCursorState *state = &pager->state.cursor;

	if (cursor != NULL && state->cursor != NULL && strcmp(cursor, state->cursor) == 0)
		crm_pager_unexpected(pager, listing, "a new cursor, got the one that was sent (the cursor loops)");
	if (cursor != NULL && pager->anonymous && !crm_idset_add_text(pager->seen, cursor, strlen(cursor)))
		crm_pager_unexpected(pager, listing, "a new cursor, got one that was sent before (the cursor loops)");
	if (pager->page.nrecords == 0 && listing->n > 0 && !state->rechecking &&
		(cursor != NULL || state->cursor != NULL))
		crm_pager_unexpected(pager, listing, "records that were not sent before (the cursor loops)");
}

/*
 * A list that the catalogue does not know fills its first page and hands out no
 * cursor: it ends just there, or it does not page by cursors.  Asked for one
 * record less, it tells.
 */
static bool
is_doubtful(const CrmPager *pager, const CrmListing *listing, const char *cursor)
{
	const CrmCursorState *state = &pager->state.cursor;

	return (pager->list->entity->flags & CRM_ENTITY_UNLISTED) && state->pages == 0 &&
		cursor == NULL && listing->n > 1 && listing->n == state->page_size;
}

/* The answer to that question; its records were handed on before. */
static void
settle_doubt(CrmPager *pager, const CrmListing *listing, const char *cursor)
{
	if (cursor == NULL)
		crm_pager_unexpected(pager, listing,
							 psprintf("a \"%s\" to the records that a page leaves out, got none",
									  pager->account->api->position_param));
	pager->done = true;
}

void
crm_cursor_take(CrmPager *pager, const CrmListing *listing)
{
	CrmCursorState *state = &pager->state.cursor;
	const char *cursor = NULL;

	if (listing->overload)
	{
		/* The server gives up on answers that take it too long. */
		state->page_size /= 2;
		return;
	}
	if (listing->n > 0)
		cursor = crm_scalar_text(listing->json,
								 crm_json_member(listing->records[listing->n - 1],
												 crm_pager_position_param(pager->account->api,
																	pager->list->entity)));
	if (cursor != NULL && *cursor == '\0')
		cursor = NULL;
	if (state->doubted)
	{
		settle_doubt(pager, listing, cursor);
		return;
	}
	if (is_doubtful(pager, listing, cursor))
	{
		crm_pager_emit(pager, listing);
		state->doubted = true;
		state->page_size--;
		return;
	}
	if (state->pages++ == 0)
	{
		state->has_head = order_value(pager, listing, 0, &state->head);
		if (state->page_size == pager->page_size)
			state->page_size = crm_page_size(pager->account->api, pager->list->entity,
											 pager->list->page_size);
	}

	crm_pager_emit(pager, listing);
	check_progress(pager, listing, cursor);
	if (state->rechecking)
		pager->done = cursor == NULL || head_is_certain(pager, listing);
	else if (cursor == NULL && state->has_head && state->pages > 1)
		state->rechecking = true;
	else
		pager->done = cursor == NULL;
	set_cursor(pager, cursor);
}
