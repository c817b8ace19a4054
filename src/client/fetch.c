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
 * Requests that were sent ahead are looked after only when their scan reads on,
 * which may be after minutes.  One that failed meanwhile may have been answered
 * in time, so its failure does not count.
 */
#include "postgres.h"

#include "base/report.h"
#include "client/auth.h"
#include "client/fetching.h"
#include "client/progress.h"
#include "client/ratelimit.h"
#include "client/requestlog.h"
#include "client/retry.h"
#include "common/pg_prng.h"
#include "lib/stringinfo.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* An account that was not driven for so long has neglected its transfers. */
#define ABSENCE_MS		200

/* How often a failure of a neglected transfer is excused. */
#define MOST_EXCUSES	3

/* A turn may come nearer, for example when refreshes end. */
#define LOOK_AGAIN_MS	1000

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

void
crm_fetching_fail(CrmFetch *fetch, const CrmFailure *failure)
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

CrmFetch *
crm_fetching_start(CrmAccount *account, const CrmRequest *request)
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
	return crm_fetching_start(account, request);
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
	crm_fetching_fail(fetch, &failure);
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
		crm_fetching_fail(fetch, &failure);
		return true;
	}
	if (fetch->request.post_form)
		http.form = fetch->request.query ? fetch->request.query : "";
	fetch->sent_with = crm_auth_fingerprint(account);
	fetch->neglected = false;
	fetch->transfer = crm_http_start(account, &http);
	fetch->state = FETCH_UNDER_WAY;
	return true;
}

void
crm_fetching_release(CrmFetch *fetch)
{
	if (fetch->transfer != NULL)
		crm_http_free(fetch->transfer);
	fetch->transfer = NULL;
}

void
crm_fetching_send_again(CrmFetch *fetch)
{
	fetch->account->counters.retries++;
	crm_fetching_release(fetch);
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

	if (fetch->neglected && response->outcome != CRM_HTTP_ANSWERED && fetch->excused++ < MOST_EXCUSES)
	{
		/* It was sent too early, and so would others be. */
		account->concurrency = 1;
		crm_fetching_send_again(fetch);
	}
	else if (delay != CRM_RETRY_GIVE_UP &&
		crm_retry_spend(&account->retries, Max(account->max_retries, 1) * Max(account->concurrency, 1)))
	{
		/* "Unavailable until then" is meant for every request. */
		if (retry_after >= 0)
			crm_budget_block(account, delay);
		fetch->retries++;
		crm_fetching_send_again(fetch);
		fetch->state = FETCH_BACKING_OFF;
		fetch->wake_at = crm_rate_clock() + delay;
	}
	else if (verdict->overload && fetch->request.tolerate_overload)
		finish(fetch, CRM_ANSWER_OVERLOAD);
	else
		crm_fetching_fail(fetch, &verdict->failure);
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
	if (account->try_once || wait_ms > account->max_wait_ms - fetch->waited_ms)
		fail_to_wait(fetch, wait_ms);
	else
		crm_fetching_send_again(fetch);
}

static void
note_exchange(CrmAccount *account, const CrmHttpResponse *response)
{
	account->exchange = (CrmExchange)
	{
		.over = true,
		.outcome = response->outcome,
		.status = response->status,
		.took_ms = response->took_ms,
		.date = response->date,
		.remaining = response->remaining
	};
}

/* A transfer is finished: what now? */
static void
settle_transfer(CrmFetch *fetch)
{
	CrmHttpResponse *response = crm_http_response(fetch->transfer);
	CrmVerdict	verdict;

	note_exchange(fetch->account, response);
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
			crm_refusal_heed(fetch, &verdict);
			break;
	}
	if (fetch->state == FETCH_DONE)
		crm_fetching_release(fetch);
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
			crm_refusal_conclude(fetch);
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

/* Marks the transfers that nobody has looked after until now. */
static void
note_absence(CrmAccount *account)
{
	int64		now = crm_rate_clock();
	bool		absent = account->driven_at != 0 && now - account->driven_at > ABSENCE_MS;
	dlist_iter	iter;

	account->driven_at = now;
	if (!absent)
		return;
	dlist_foreach(iter, &fetches)
	{
		CrmFetch   *fetch = dlist_container(CrmFetch, node, iter.cur);

		if (fetch->account == account && fetch->state == FETCH_UNDER_WAY)
			fetch->neglected = true;
	}
}

void
crm_fetch_drive(CrmAccount *account)
{
	note_absence(account);
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

void
crm_fetch_pause(CrmAccount *account, int64 pause_ms, CrmActivityState state)
{
	int64		until = crm_rate_clock() + pause_ms;
	int64		left;

	crm_progress_state(account, state);
	while ((left = until - crm_rate_clock()) > 0)
	{
		int64		wake;

		crm_fetch_drive(account);
		wake = crm_fetch_next_wake(account);
		crm_http_alarm(account, wake >= 0 ? Min(wake, left) : left);
		crm_http_wait(account, crm_activity_wait_event(state));
		account->driven_at = crm_rate_clock();
	}
}

CrmAnswer *
crm_fetch_finish(CrmFetch *fetch)
{
	note_absence(fetch->account);
	for (;;)
	{
		drive(fetch->account);
		crm_progress_state(fetch->account, activity_of(fetch));
		if (fetch->state == FETCH_DONE)
			break;
		crm_http_wait(fetch->account, crm_activity_wait_event(activity_of(fetch)));
		fetch->account->driven_at = crm_rate_clock();
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
			 request->unlisted ?
			 errhint("Check the table options \"path\", \"rows\" and \"paging\": paging 'auto' reads the list page by page, "
					 "'none' takes one answer for the whole of it.") :
			 errhint("Run the query again; if this persists, the API answers in a way this version does not know.")));
	pg_unreachable();
}
