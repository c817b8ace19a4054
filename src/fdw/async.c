/*
 * async.c
 *		Several scans under one Append, waited for together.
 *
 * A scan that is asked for a row sends its requests and answers "pending" until
 * the row can be had without waiting; Append then waits for all its scans at
 * once.  It takes rows as they come, so a query that wants few rows is better
 * off with one scan after the other: that takes fewer requests.
 */
#include "postgres.h"

#include "executor/execAsync.h"
#include "nodes/execnodes.h"

#include "client/waiter.h"
#include "fdw/fdw.h"
#include "fdw/plan.h"
#include "fdw/scan.h"

bool
crmIsForeignPathAsyncCapable(ForeignPath *path)
{
	const CrmRelInfo *info = path->path.parent->fdw_private;

	/* Counts and sorted reads ask one question after the other. */
	return IS_SIMPLE_REL(path->path.parent) && path->path.pathkeys == NIL &&
		info->options.async_capable && crm_plan_is_eager(info->quals.root);
}

/* Can the scan be waited for together with others? */
static bool
has_waiter(CrmScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->context);

	if (state->waiter == NULL)
		state->waiter = crm_waiter_create(state->account);
	MemoryContextSwitchTo(old);
	return state->waiter != NULL;
}

/*
 * Answers with a row, with the end, or with "pending".  A scan that is one too
 * many to be waited for waits by itself.
 */
static void
produce(AsyncRequest *areq)
{
	ForeignScanState *node = castNode(ForeignScanState, areq->requestee);
	CrmScanState *state = node->fdw_state;
	TupleTableSlot *slot;

	state->async = has_waiter(state);
	state->pending = false;
	/* Instrumentation is the business of Append's side. */
	slot = node->ss.ps.ExecProcNodeReal(&node->ss.ps);
	state->async = false;
	if (TupIsNull(slot) && state->pending)
		ExecAsyncRequestPending(areq);
	else
		ExecAsyncRequestDone(areq, slot);
}

void
crmForeignAsyncRequest(AsyncRequest *areq)
{
	produce(areq);
}

void
crmForeignAsyncConfigureWait(AsyncRequest *areq)
{
	CrmScanState *state = castNode(ForeignScanState, areq->requestee)->fdw_state;
	AppendState *append = castNode(AppendState, areq->requestor);

	AddWaitEventToSet(append->as_eventset, WL_SOCKET_READABLE, crm_waiter_arm(state->waiter), NULL, areq);
}

void
crmForeignAsyncNotify(AsyncRequest *areq)
{
	produce(areq);
}
