/*
 * ahead.c
 *		Requests of a list that are sent before their answers are needed.
 *
 * A pager foresees its next requests.  They are told apart by their text: an
 * answer is used when the pager comes to ask exactly that, so whatever is sent
 * ahead cannot change what a list is found to hold, only how long it takes.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/pager.h"

/* Reset callback, so that an aborted scan counts right when it goes on. */
static void
count_out(void *arg)
{
	CrmAhead   *ahead = arg;

	ahead->account->ahead--;
}

CrmAhead *
crm_ahead_find(CrmPager *pager, const char *query)
{
	dlist_iter	iter;

	dlist_foreach(iter, &pager->ahead)
	{
		CrmAhead   *ahead = dlist_container(CrmAhead, node, iter.cur);

		if (strcmp(ahead->query, query) == 0)
			return ahead;
	}
	return NULL;
}

CrmAhead *
crm_ahead_send(CrmPager *pager, const char *query, bool tolerate_overload)
{
	MemoryContext context = AllocSetContextCreate(pager->context, "crm_fdw page",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmAhead   *ahead = palloc0(sizeof(CrmAhead));

	ahead->context = context;
	ahead->account = pager->account;
	ahead->query = pstrdup(query);
	crm_pager_request(pager, ahead->query, tolerate_overload, &ahead->request);
	ahead->account->ahead++;
	ahead->on_reset.func = count_out;
	ahead->on_reset.arg = ahead;
	MemoryContextRegisterResetCallback(context, &ahead->on_reset);
	dlist_push_tail(&pager->ahead, &ahead->node);
	ahead->fetch = crm_fetch_start(pager->account, &ahead->request);
	MemoryContextSwitchTo(old);
	return ahead;
}

void
crm_ahead_take(CrmAhead *ahead)
{
	dlist_delete(&ahead->node);
}

void
crm_ahead_tidy(CrmPager *pager)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &pager->ahead)
	{
		CrmAhead   *ahead = dlist_container(CrmAhead, node, iter.cur);

		if (ahead->wanted)
			continue;
		dlist_delete(&ahead->node);
		MemoryContextDelete(ahead->context);
	}
}

void
crm_ahead_drop(CrmPager *pager)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &pager->ahead)
		dlist_container(CrmAhead, node, iter.cur)->wanted = false;
	crm_ahead_tidy(pager);
}
