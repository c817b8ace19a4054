/*
 * progress.c
 *		Publishes a scan's counters and state, per request and never per row.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/stats.h"
#include "client/auth.h"
#include "client/progress.h"
#include "client/url.h"

typedef struct CrmProgress
{
	CrmAccount *account;
	MemoryContextCallback on_reset;
	CrmCounters published;		/* what the cluster's counters know of already */
	CrmActivity activity;
	int			slot;
} CrmProgress;

/* Adds what the scan has cost since the last time. */
static void
publish_counters(CrmProgress *progress)
{
	const CrmAccount *account = progress->account;
	const CrmCounters *now = &account->counters;
	const CrmCounters *then = &progress->published;
	CrmCounts	more = {
		.requests = now->requests - then->requests,
		.retries = now->retries - then->retries,
		.throttled_ms = now->wait_ms - then->wait_ms,
		.rows = now->rows - then->rows,
		.bytes = now->bytes - then->bytes
	};

	if (memcmp(now, then, sizeof(*now)) == 0)
		return;
	crm_stats_add(account->server_oid, account->entity, &more);
	progress->published = *now;
}

static void
show(CrmProgress *progress)
{
	progress->activity.rows = progress->account->counters.rows;
	crm_activity_show(progress->slot, &progress->activity);
}

void
crm_progress_end(CrmAccount *account)
{
	CrmProgress *progress = account->progress;

	if (progress == NULL)
		return;
	publish_counters(progress);
	crm_activity_end(progress->slot);
	progress->slot = CRM_NO_ACTIVITY;
}

static void
end_with_context(void *account)
{
	crm_progress_end(account);
}

void
crm_progress_begin(CrmAccount *account)
{
	CrmProgress *progress = account->progress;

	if (progress == NULL)
	{
		progress = MemoryContextAllocZero(GetMemoryChunkContext(account), sizeof(CrmProgress));
		progress->account = account;
		progress->slot = CRM_NO_ACTIVITY;
		crm_activity_fill(&progress->activity, account->server_oid, account->entity);
		progress->on_reset.func = end_with_context;
		progress->on_reset.arg = account;
		MemoryContextRegisterResetCallback(GetMemoryChunkContext(account), &progress->on_reset);
		account->progress = progress;
		if (!account->is_estimate)
			crm_stats_add(account->server_oid, account->entity, &(CrmCounts) {.scans = 1});
	}
	if (progress->slot == CRM_NO_ACTIVITY && !account->is_estimate)
		progress->slot = crm_activity_begin(&progress->activity);
}

void
crm_progress_request(CrmAccount *account, const CrmRequest *request)
{
	CrmProgress *progress = account->progress;
	char	   *text;
	char	   *shown;

	if (progress->slot == CRM_NO_ACTIVITY)
		return;
	text = psprintf("%s %s%s%s", request->post_form ? "POST" : "GET",
					crm_url_readable(request->path),
					request->query && *request->query ? "?" : "",
					request->query ? crm_url_readable(request->query) : "");
	/* What an API gave to come back with might contain anything. */
	shown = crm_auth_quote(account, text, strlen(text));
	crm_activity_set_request(&progress->activity, shown);
	show(progress);
	pfree(shown);
	pfree(text);
}

void
crm_progress_state(CrmAccount *account, CrmActivityState state)
{
	CrmProgress *progress = account->progress;

	if (progress == NULL || progress->activity.state == state)
		return;
	progress->activity.state = state;
	show(progress);
}

void
crm_progress_answered(CrmAccount *account)
{
	publish_counters(account->progress);
}

void
crm_progress_page(CrmAccount *account, int64 left, int page_size)
{
	CrmActivity *activity = &account->progress->activity;

	activity->pages_done++;
	if (left >= 0)
		activity->pages_total = activity->pages_done + (left + page_size - 1) / page_size;
	activity->pages_total = activity->pages_total < 0 ? -1 :
		Max(activity->pages_total, activity->pages_done);
	show(account->progress);
}

void
crm_progress_failed(CrmAccount *account)
{
	/* Copies of errors must not be made where errors are kept. */
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(account));
	ErrorData  *error = CopyErrorData();

	crm_progress_end(account);
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_OPERATOR_INTERVENTION)
		crm_stats_error(account->server_oid, account->entity, error->sqlerrcode, error->message);
	FreeErrorData(error);
	MemoryContextSwitchTo(old);
}
