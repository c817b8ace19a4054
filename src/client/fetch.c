/*
 * fetch.c
 *		The life of a request: waiting for its turn, under way, backing off,
 *		perhaps waiting for a probe, done.
 *
 * Every fetch of this backend stands in one list until it is done.  Driving
 * moves all fetches of an account on; a fetch that fails keeps its failure
 * until somebody asks for its result, because it may not be the one that is
 * being waited for.
 *
 * A 403 may mean a bad credential or a missing permission.  A probe, a fetch
 * of the API's cheapest path, tells which; its answer is remembered for a
 * while.
 */
#include "postgres.h"

#include "base/report.h"
#include "client/answer.h"
#include "client/auth.h"
#include "client/budget.h"
#include "client/fetch.h"
#include "client/http.h"
#include "client/probe.h"
#include "client/progress.h"
#include "client/ratelimit.h"
#include "client/requestlog.h"
#include "client/retry.h"
#include "common/pg_prng.h"
#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* A turn may come nearer, for example when refreshes end. */
#define LOOK_AGAIN_MS	1000

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
	bool		is_probe;
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

static dlist_head fetches = DLIST_STATIC_INIT(fetches);

static void
leave_list(CrmFetch *fetch)
{
	if (fetch->state != FETCH_DONE)
		dlist_delete(&fetch->node);
	fetch->state = FETCH_DONE;
	crm_budget_release(&fetch->ticket);
}

/* Reset callback: what is under way is released by its own callbacks. */
static void
abandon(void *arg)
{
	leave_list(arg);
}

static void
finish(CrmFetch *fetch, CrmAnswerKind kind)
{
	fetch->answer.kind = kind;
	if (kind != CRM_ANSWER_OVERLOAD)
		crm_retry_earn(&fetch->account->retries);
	leave_list(fetch);
}

static void
fail(CrmFetch *fetch, const CrmFailure *failure)
{
	fetch->failed = true;
	fetch->failure = *failure;
	leave_list(fetch);
}

static void
wait_for_turn(CrmFetch *fetch)
{
	fetch->state = FETCH_WAITING;
	fetch->wake_at = 0;
	crm_budget_release(&fetch->ticket);
}

/* Begins another fetch with the same account, in the current context. */
static CrmFetch *
enter_list(CrmAccount *account, const CrmRequest *request)
{
	CrmFetch   *fetch = palloc0(sizeof(CrmFetch));
	StringInfoData url;

	fetch->context = CurrentMemoryContext;
	fetch->account = account;
	fetch->request = *request;

	initStringInfo(&url);
	appendStringInfo(&url, "%s%s", account->origin, request->path);
	if (request->query != NULL && request->query[0] != '\0' && !request->post_form)
		appendStringInfo(&url, "%c%s", strchr(request->path, '?') ? '&' : '?', request->query);
	fetch->url = url.data;

	wait_for_turn(fetch);
	dlist_push_tail(&fetches, &fetch->node);
	fetch->on_reset.func = abandon;
	fetch->on_reset.arg = fetch;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &fetch->on_reset);
	return fetch;
}

CrmFetch *
crm_fetch_start(CrmAccount *account, const CrmRequest *request)
{
	crm_progress_begin(account);
	crm_auth_prepare(account);
	crm_progress_request(account, request);

	/*
	 * The first use of libcurl takes a while, which must not lie between a turn
	 * and its request: the API would see them closer together than we count.
	 */
	crm_http_drive(account);
	return enter_list(account, request);
}

static int
count_under_way(const CrmAccount *account)
{
	dlist_iter	iter;
	int			count = 0;

	dlist_foreach(iter, &fetches)
	{
		CrmFetch   *fetch = dlist_container(CrmFetch, node, iter.cur);

		if (fetch->account == account && fetch->state == FETCH_UNDER_WAY)
			count++;
	}
	return count;
}

/* The turn is further away than the request may wait. */
static void
fail_to_wait(CrmFetch *fetch, int64 wait_ms)
{
	const CrmAccount *account = fetch->account;
	TimestampTz back = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wait_ms);
	CrmFailure	failure = fetch->refusal.failure;

	failure.sqlstate = CRM_ERR_THROTTLED;
	if (fetch->throttled > 0)
		failure.message = psprintf("%s: its rate limit is exceeded", failure.message);
	else
		failure.message = psprintf("reading \"%s\" of %s would have to wait " INT64_FORMAT " s for the rate limit",
								   fetch->request.entity, account->api->title, (wait_ms + 999) / 1000);
	failure.hint = psprintf("The account is free again at %s; the option \"max_wait\" (now %g s) sets how long a request may wait.",
							timestamptz_to_str(back), account->max_wait_ms / 1000.0);
	fail(fetch, &failure);
}

/* How long the fetch may still wait for its turn. */
static int64
patience(const CrmFetch *fetch, int64 now)
{
	int64		waited_ms = fetch->waited_ms;

	if (fetch->waiting_since != 0)
		waited_ms += now - fetch->waiting_since;
	return Max(fetch->account->max_wait_ms - waited_ms, 0);
}

static bool
send_if_turn(CrmFetch *fetch)
{
	CrmAccount *account = fetch->account;
	int64		now = crm_rate_clock();
	CrmHttpRequest http = {.url = fetch->url};
	CrmFailure	failure;
	int64		wait_ms;
	bool		refused;

	if (now < fetch->wake_at)
		return false;

	/* From here on the end of another request is what to wake up for. */
	fetch->wake_at = 0;
	if (count_under_way(account) >= Max(account->concurrency, 1))
		return false;

	wait_ms = crm_budget_turn(account, &fetch->ticket, patience(fetch, now), &refused);
	if (refused)
	{
		fail_to_wait(fetch, wait_ms);
		return true;
	}
	if (wait_ms > 0)
	{
		if (fetch->waiting_since == 0)
			fetch->waiting_since = now;
		fetch->wake_at = now + Min(wait_ms, LOOK_AGAIN_MS);
		return false;
	}
	if (fetch->waiting_since != 0)
	{
		fetch->waited_ms += now - fetch->waiting_since;
		account->counters.wait_ms += now - fetch->waiting_since;
		fetch->waiting_since = 0;
	}

	if (!crm_requestlog_admit(account, &fetch->request, &failure))
	{
		fail(fetch, &failure);
		return true;
	}
	if (fetch->request.post_form)
		http.form = fetch->request.query ? fetch->request.query : "";
	fetch->sent_with = crm_auth_fingerprint(account);
	fetch->transfer = crm_http_start(account, &http);
	fetch->state = FETCH_UNDER_WAY;
	return true;
}

static void
release_transfer(CrmFetch *fetch)
{
	if (fetch->transfer != NULL)
		crm_http_free(fetch->transfer);
	fetch->transfer = NULL;
}

static void
send_again(CrmFetch *fetch)
{
	fetch->account->counters.retries++;
	release_transfer(fetch);
	wait_for_turn(fetch);
}

static void
retry_or_fail(CrmFetch *fetch, const CrmVerdict *verdict, const CrmHttpResponse *response)
{
	CrmAccount *account = fetch->account;
	int			retry_after = response->status == 503 ? response->retry_after : -1;
	int64		delay = crm_retry_delay(verdict->retry, fetch->retries, account->max_retries,
										retry_after, account->max_wait_ms,
										pg_prng_double(&pg_global_prng_state));

	if (delay != CRM_RETRY_GIVE_UP &&
		crm_retry_spend(&account->retries, Max(account->max_retries, 1) * Max(account->concurrency, 1)))
	{
		/* "Unavailable until then" is meant for every request. */
		if (retry_after >= 0)
			crm_budget_block(account, delay);
		fetch->retries++;
		send_again(fetch);
		fetch->state = FETCH_BACKING_OFF;
		fetch->wake_at = crm_rate_clock() + delay;
	}
	else if (verdict->overload && fetch->request.tolerate_overload)
		finish(fetch, CRM_ANSWER_OVERLOAD);
	else
		fail(fetch, &verdict->failure);
}

static void
heed_throttling(CrmFetch *fetch, const CrmVerdict *verdict, const CrmHttpResponse *response)
{
	CrmAccount *account = fetch->account;
	int64		wait_ms = crm_retry_throttle(fetch->throttled, response->retry_after,
											 response->reset_at, account->api->block_seconds, crm_rate_unix_clock());

	crm_budget_block(account, wait_ms);
	fetch->refusal = *verdict;
	fetch->throttled++;
	fetch->waiting_since = crm_rate_clock();
	if (wait_ms > account->max_wait_ms - fetch->waited_ms)
		fail_to_wait(fetch, wait_ms);
	else
		send_again(fetch);
}

static void
fail_credential(CrmFetch *fetch, const CrmVerdict *verdict)
{
	CrmFailure	failure = verdict->failure;

	failure.sqlstate = CRM_ERR_CREDENTIAL;
	failure.message = psprintf("%s: the credential is refused", failure.message);
	failure.hint = psprintf("Check the options of the user mapping for server \"%s\".",
							fetch->account->server_name);
	fail(fetch, &failure);
}

/* The credential is good, yet the request was refused. */
static void
fail_permission(CrmFetch *fetch)
{
	CrmFailure	failure = fetch->refusal.failure;

	failure.message = psprintf("%s: signed in, but may not read it", failure.message);
	failure.hint = psprintf("The account's plan or add-ons, or the permissions of the key's user, do not cover \"%s\".",
							fetch->request.entity);
	fail(fetch, &failure);
}

/* What a refused request does once it is known whether the credential is good. */
static void
settle_refusal(CrmFetch *fetch, bool credential_accepted)
{
	if (!credential_accepted)
		fail_credential(fetch, &fetch->refusal);
	else if (fetch->forbidden_again)
		fail_permission(fetch);
	else
	{
		/* APIs refuse in error at times: once more. */
		fetch->forbidden_again = true;
		send_again(fetch);
	}
}

/* Handles a 401 or 403. */
static void
heed_refusal(CrmFetch *fetch, const CrmVerdict *verdict)
{
	CrmAccount *account = fetch->account;
	bool		accepted;
	CrmRequest	probe_request = {
		.entity = fetch->request.entity,
		.path = account->api->probe_path
	};

	fetch->refusal = *verdict;
	if (!fetch->credential_reloaded && !fetch->is_probe)
	{
		fetch->credential_reloaded = true;

		/* Another fetch may have come first and reloaded it. */
		if (fetch->sent_with != crm_auth_fingerprint(account) || crm_auth_reload(account))
		{
			send_again(fetch);
			return;
		}
	}
	if (verdict->kind == CRM_VERDICT_UNAUTHORIZED || fetch->is_probe)
	{
		fail_credential(fetch, verdict);
		return;
	}

	if (crm_probe_recall(account, &accepted))
	{
		settle_refusal(fetch, accepted);
		return;
	}
	release_transfer(fetch);
	fetch->probe = enter_list(account, &probe_request);
	fetch->probe->is_probe = true;
	fetch->state = FETCH_PROBING;
}

/* The probe is done. */
static void
conclude_probe(CrmFetch *fetch)
{
	CrmFetch   *probe = fetch->probe;

	fetch->probe = NULL;
	if (!probe->failed)
	{
		crm_probe_remember(fetch->account, true);
		settle_refusal(fetch, true);
	}
	else if (probe->failure.sqlstate == CRM_ERR_CREDENTIAL)
	{
		crm_probe_remember(fetch->account, false);
		settle_refusal(fetch, false);
	}
	else
	{
		CrmFailure	failure = fetch->refusal.failure;

		failure.hint = psprintf("Whether the credential is good could not be found out: %s",
								probe->failure.message);
		fail(fetch, &failure);
	}
}

/* A transfer is finished: what now? */
static void
settle_transfer(CrmFetch *fetch)
{
	CrmHttpResponse *response = crm_http_response(fetch->transfer);
	CrmVerdict	verdict;

	crm_requestlog_answered(fetch->account, &fetch->request, response);
	crm_progress_answered(fetch->account);
	verdict = crm_answer_judge(fetch->account, &fetch->request, response);
	crm_budget_answered(fetch->account, &fetch->ticket, response);
	fetch->answer.status = response->status;
	fetch->answer.date = response->date;
	fetch->answer.bytes = response->body_len;

	switch (verdict.kind)
	{
		case CRM_VERDICT_JSON:
			/* The document points into the body, so the transfer stays. */
			fetch->answer.json = verdict.json;
			finish(fetch, CRM_ANSWER_JSON);
			return;
		case CRM_VERDICT_NOTHING:
			finish(fetch, CRM_ANSWER_NOTHING);
			break;
		case CRM_VERDICT_NO_ENDPOINT:
			finish(fetch, CRM_ANSWER_NO_ENDPOINT);
			break;
		case CRM_VERDICT_FAILED:
			retry_or_fail(fetch, &verdict, response);
			break;
		case CRM_VERDICT_THROTTLED:
			heed_throttling(fetch, &verdict, response);
			break;
		case CRM_VERDICT_UNAUTHORIZED:
		case CRM_VERDICT_FORBIDDEN:
			heed_refusal(fetch, &verdict);
			break;
	}
	if (fetch->state == FETCH_DONE)
		release_transfer(fetch);
}

/* Moves a fetch on; true if something changed. */
static bool
step(CrmFetch *fetch)
{
	MemoryContext old = MemoryContextSwitchTo(fetch->context);
	bool		changed = false;

	switch (fetch->state)
	{
		case FETCH_BACKING_OFF:
			if (crm_rate_clock() < fetch->wake_at)
				break;
			wait_for_turn(fetch);
			changed = true;
			break;
		case FETCH_WAITING:
			changed = send_if_turn(fetch);
			break;
		case FETCH_UNDER_WAY:
			if (!crm_http_done(fetch->transfer))
				break;
			settle_transfer(fetch);
			changed = true;
			break;
		case FETCH_PROBING:
			if (fetch->probe->state != FETCH_DONE)
				break;
			conclude_probe(fetch);
			changed = true;
			break;
		case FETCH_DONE:
			break;
	}
	MemoryContextSwitchTo(old);
	return changed;
}

/* Milliseconds until a fetch has something to do by itself; -1 = never. */
static int64
time_to_wake(const CrmFetch *fetch, int64 now)
{
	switch (fetch->state)
	{
		case FETCH_WAITING:
		case FETCH_BACKING_OFF:
			return fetch->wake_at == 0 ? -1 : Max(fetch->wake_at - now, 0);
		case FETCH_UNDER_WAY:
			return crm_http_done(fetch->transfer) ? 0 : -1;
		case FETCH_PROBING:
			return fetch->probe->state == FETCH_DONE ? 0 : -1;
		case FETCH_DONE:
			break;
	}
	return -1;
}

int64
crm_fetch_next_wake(const CrmAccount *account)
{
	int64		now = crm_rate_clock();
	int64		wait_ms = -1;
	dlist_iter	iter;

	dlist_foreach(iter, &fetches)
	{
		CrmFetch   *fetch = dlist_container(CrmFetch, node, iter.cur);
		int64		time = fetch->account == account ? time_to_wake(fetch, now) : -1;

		if (time >= 0 && (wait_ms < 0 || time < wait_ms))
			wait_ms = time;
	}
	return wait_ms;
}

/*
 * Sets the server's alarm to when the first of its fetches has to be looked
 * at.  Fetches of other scans count, because they share the alarm; but one
 * that is overdue waits for its scan, and an alarm would only ring for ever.
 */
static void
set_alarm(const CrmAccount *account)
{
	int64		now = crm_rate_clock();
	int64		wait_ms = -1;
	dlist_iter	iter;

	dlist_foreach(iter, &fetches)
	{
		CrmFetch   *fetch = dlist_container(CrmFetch, node, iter.cur);
		int64		time = time_to_wake(fetch, now);

		if (fetch->account->server_oid == account->server_oid && time >= 0 &&
			(time > 0 || fetch->account == account) && (wait_ms < 0 || time < wait_ms))
			wait_ms = time;
	}
	crm_http_alarm(account, wait_ms);
}

/* Moves all fetches of an account as far as they get without waiting. */
static void
drive(const CrmAccount *account)
{
	bool		changed;

	do
	{
		dlist_mutable_iter iter;

		changed = false;
		dlist_foreach_modify(iter, &fetches)
		{
			CrmFetch   *fetch = dlist_container(CrmFetch, node, iter.cur);

			if (fetch->account == account && step(fetch))
				changed = true;
		}
	} while (changed);
	set_alarm(account);
}

void
crm_fetch_drive(const CrmAccount *account)
{
	/* What was finished makes room for others, which have to be started. */
	crm_http_drive(account);
	drive(account);
	crm_http_drive(account);
}

/* What a scan does that needs this fetch now. */
static CrmActivityState
activity_of(const CrmFetch *fetch)
{
	switch (fetch->state)
	{
		case FETCH_UNDER_WAY:
			break;
		case FETCH_WAITING:
			/* Without a time it waits for another one to end. */
			return fetch->wake_at > 0 ? CRM_ACTIVITY_RATE_LIMIT : CRM_ACTIVITY_REQUESTING;
		case FETCH_BACKING_OFF:
			return CRM_ACTIVITY_BACKOFF;
		case FETCH_PROBING:
			return activity_of(fetch->probe);
		case FETCH_DONE:
			return CRM_ACTIVITY_PROCESSING;
	}
	return CRM_ACTIVITY_REQUESTING;
}

bool
crm_fetch_ready(CrmFetch *fetch)
{
	if (fetch->state != FETCH_DONE)
	{
		crm_fetch_drive(fetch->account);
		crm_progress_state(fetch->account, activity_of(fetch));
	}
	return fetch->state == FETCH_DONE;
}

CrmAnswer *
crm_fetch_finish(CrmFetch *fetch)
{
	for (;;)
	{
		drive(fetch->account);
		crm_progress_state(fetch->account, activity_of(fetch));
		if (fetch->state == FETCH_DONE)
			break;
		crm_http_wait(fetch->account, crm_activity_wait_event(activity_of(fetch)));
	}
	if (fetch->failed)
		crm_report(&fetch->failure);
	return &fetch->answer;
}

void
crm_fetch_unexpected(const CrmAccount *account, const CrmRequest *request,
					 const CrmAnswer *answer, const char *expected)
{
	char	   *start = NULL;

	if (answer->json != NULL)
	{
		size_t		len;
		const char *source = crm_json_source(answer->json, crm_json_root(answer->json), &len);

		start = crm_auth_quote(account, source, len);
	}
	ereport(ERROR,
			(errcode(CRM_ERR_ANSWER),
			 errmsg("%s answered %d to a read of \"%s\": expected %s",
					account->api->title, answer->status, request->entity, expected),
			 start ? errdetail("The answer begins with: %s", start) : 0,
			 errhint("Run the query again; if this persists, the API answers in a way this version does not know.")));
	pg_unreachable();
}
