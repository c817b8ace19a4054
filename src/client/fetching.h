/*
 * fetching.h
 *		Inside of a fetch: shared by fetch.c and refusal.c.
 */
#ifndef CRM_FETCHING_H
#define CRM_FETCHING_H

#include "postgres.h"

#include "lib/ilist.h"

#include "base/report.h"
#include "client/answer.h"
#include "client/budget.h"
#include "client/fetch.h"
#include "client/http.h"

typedef enum FetchState
{
	FETCH_WAITING,				/* for its turn, see wake_at */
	FETCH_UNDER_WAY,
	FETCH_BACKING_OFF,			/* until wake_at */
	FETCH_PROBING,				/* until the probe is done */
	FETCH_DONE
} FetchState;

struct CrmFetch
{
	dlist_node	node;			/* in fetches unless done */
	MemoryContext context;		/* holds this and all it leads to */
	MemoryContextCallback on_reset;
	CrmAccount *account;
	CrmRequest	request;
	char	   *url;
	FetchState	state;
	int64		wake_at;		/* by crm_rate_clock() */
	CrmBudgetTicket ticket;
	int64		waiting_since;	/* for the rate limit; 0 = not waiting */
	int64		waited_ms;		/* for the rate limit, so far */
	CrmHttpTransfer *transfer;
	CrmFetch   *probe;
	bool		neglected;		/* nobody looked after the transfer for a while */
	int			excused;		/* failures that did not count for that */
	uint64		sent_with;		/* fingerprint of the credential it was sent with */
	bool		credential_reloaded;
	bool		forbidden_again;	/* a 403 was followed by a good probe before */
	int			retries;		/* after failures that may pass */
	int			throttled;		/* times turned away with 429 */
	CrmVerdict	refusal;		/* the 403 that is probed, or the last 429 */
	CrmAnswer	answer;
	bool		failed;
	CrmFailure	failure;
};

/* Begins another fetch with the same account, in the current memory context. */
extern CrmFetch *crm_fetching_start(CrmAccount *account, const CrmRequest *request);

/* The request takes another turn. */
extern void crm_fetching_send_again(CrmFetch *fetch);

/* The fetch is done, with a failure to report. */
extern void crm_fetching_fail(CrmFetch *fetch, const CrmFailure *failure);

/* Frees what the last transfer held. */
extern void crm_fetching_release(CrmFetch *fetch);

/* Handles a 401 or 403. */
extern void crm_refusal_heed(CrmFetch *fetch, const CrmVerdict *verdict);

/* The fetch's probe is done: goes on with what it says. */
extern void crm_refusal_conclude(CrmFetch *fetch);

#endif							/* CRM_FETCHING_H */
