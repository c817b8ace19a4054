/*
 * waiter.c
 *		One descriptor per scan around the server's, which all its scans share.
 *
 * Scans of one server share its connections, and so one of them may receive what
 * another one is waiting for.  Nobody is woken up for that any more, so a scan
 * has an alarm of its own, which is set when it begins to wait.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/fetch.h"
#include "client/http.h"
#include "client/poller.h"
#include "client/waiter.h"

/* Waiters at once: descriptors are scarce, and connections need some as well. */
#define MOST_WAITERS	32

static int	nwaiters = 0;

struct CrmWaiter
{
	CrmAccount *account;
	CrmPoller	poller;
	MemoryContextCallback on_reset;
};

static void
close_waiter(void *arg)
{
	CrmWaiter  *waiter = arg;

	crm_poller_close(&waiter->poller);
	nwaiters--;
}

CrmWaiter *
crm_waiter_create(CrmAccount *account)
{
	CrmWaiter  *waiter;

	if (nwaiters >= MOST_WAITERS)
		return NULL;
	waiter = palloc0(sizeof(CrmWaiter));
	waiter->account = account;
	if (!crm_poller_open(&waiter->poller))
	{
		pfree(waiter);
		return NULL;
	}
	nwaiters++;
	waiter->on_reset.func = close_waiter;
	waiter->on_reset.arg = waiter;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &waiter->on_reset);
	return waiter;
}

int
crm_waiter_arm(CrmWaiter *waiter)
{
	/* The server's descriptor changes when its connections were closed meanwhile. */
	if (crm_poller_watch(&waiter->poller, crm_http_fd(waiter->account), true, false) != 0 ||
		crm_poller_set_alarm(&waiter->poller, crm_fetch_next_wake(waiter->account)) != 0)
		elog(ERROR, "could not watch the connections of server \"%s\": %m", waiter->account->server_name);
	/* Whoever waits for the descriptor looks after the transfers. */
	waiter->account->driven_at = 0;
	return waiter->poller.epoll_fd;
}
