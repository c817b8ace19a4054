/*
 * ratelimit.c
 *		The arithmetic of sliding-window request budgets.
 *
 * Turns are handed out in two lanes.  In a lane, the turn with serial s comes a
 * whole window after that of serial s - quota.  It is entered in the lane's log
 * when it is reserved and corrected when it is taken, because a caller may come
 * late; whoever comes after it looks at what really happened.  A reservation
 * that is never taken, since its holder is gone, simply passes.
 *
 * A lane's quota is what the other lane leaves of the count, but never less than
 * its own share: one turn in four is the refreshes', if they want it.
 *
 * Serials alone do not keep the promise that no window holds more than count
 * requests: quotas change while turns are reserved, a late caller may send
 * beside the one that was to follow a window later, and other programs use the
 * account too.  Therefore a turn is taken only if the last count requests that
 * were really sent, in both lanes, do not all lie within one window.  Where that
 * leaves less room than there are turns due, those reserved earlier go first.
 */
#include "postgres.h"

#include <time.h>

#include "client/ratelimit.h"

/* Requests do not take equally long to arrive: part of the window is margin. */
#define MARGIN_PART		20
#define MARGIN_LEAST_MS	20
#define MARGIN_MOST_MS	500

/* Who is later than this for a reserved turn is not waited for. */
#define GRACE_MS		30

/* How long a strict limit outlives its last use. */
#define LIMIT_MEMORY_MS	INT64CONST(60000)

/* One turn in so many is kept for refreshes, at least one. */
#define REFRESH_PART	4

void
crm_rate_window_init(CrmRateWindow *window)
{
	memset(window, 0, sizeof(*window));
	window->limit_seen_ms = CRM_RATE_NEVER;
	window->blocked_until = CRM_RATE_NEVER;
	for (int lane = 0; lane < CRM_RATE_LANES; lane++)
	{
		CrmRateQueue *queue = &window->lanes[lane];

		queue->next_serial = CRM_RATE_LOG;
		for (int i = 0; i < CRM_RATE_LOG; i++)
			queue->log[i] = CRM_RATE_NEVER;
	}
	window->nsent = CRM_RATE_COUNT;
	for (int i = 0; i < CRM_RATE_COUNT; i++)
		window->sent[i] = CRM_RATE_NEVER;
}

void
crm_rate_window_adopt(CrmRateWindow *window, int count, int window_ms, int64 now)
{
	int64		margin = Min(Max(window_ms / MARGIN_PART, MARGIN_LEAST_MS), MARGIN_MOST_MS);
	int64		whole_ms = window_ms + margin;
	int			limit_count = count;

	/* More than the log holds: the same rate over a shorter window. */
	if (count > CRM_RATE_COUNT)
	{
		whole_ms = Max(whole_ms * CRM_RATE_COUNT / count, 1);
		count = CRM_RATE_COUNT;
	}

	if (window->count == 0 ||
		count * (int64) window->window_ms <= window->count * whole_ms ||
		now - window->limit_seen_ms > LIMIT_MEMORY_MS)
	{
		window->count = count;
		window->window_ms = (int) whole_ms;
		window->limit_count = limit_count;
		window->limit_ms = window_ms;
		window->limit_seen_ms = now;
	}
}

/* How many of a lane's turns, up to count, are later than a time. */
static int
turns_after(const CrmRateWindow *window, CrmRateLane lane, int64 time)
{
	const CrmRateQueue *queue = &window->lanes[lane];
	int			n = 0;

	for (int i = 1; i <= window->count; i++)
		n += queue->log[(queue->next_serial - i) % CRM_RATE_LOG] > time;
	return n;
}

/* Turns per window that a lane may take now. */
static int
quota(const CrmRateWindow *window, CrmRateLane lane, int64 now)
{
	CrmRateLane other = lane == CRM_LANE_REFRESH ? CRM_LANE_INTERACTIVE : CRM_LANE_REFRESH;
	int			kept = Max(window->count / REFRESH_PART, 1);
	int			share = lane == CRM_LANE_REFRESH ? kept : Max(window->count - kept, 1);

	return Max(share, window->count - turns_after(window, other, now - window->window_ms));
}

/* How many earlier turns of the lane are still to be taken. */
static int
turns_ahead(const CrmRateQueue *queue, uint64 serial, int64 now)
{
	int			n = 0;

	for (uint64 i = queue->next_serial - CRM_RATE_COUNT; i < serial; i++)
		n += queue->pending[i % CRM_RATE_LOG] && queue->log[i % CRM_RATE_LOG] > now - GRACE_MS;
	return n;
}

/* The earliest time for a serial, given the turns before it. */
static int64
earliest(const CrmRateWindow *window, CrmRateLane lane, uint64 serial, int64 now)
{
	const CrmRateQueue *queue = &window->lanes[lane];
	uint64		before = serial - quota(window, lane, now);
	int			ahead = turns_ahead(queue, serial, now);
	uint64		sent = window->nsent - window->count + ahead % window->count;
	int64		in_lane = queue->log[before % CRM_RATE_LOG] + window->window_ms;
	int64		in_all = window->sent[sent % CRM_RATE_COUNT] +
		(1 + ahead / window->count) * (int64) window->window_ms;

	return Max(Max(in_lane, in_all), window->blocked_until);
}

static void
record_sent(CrmRateWindow *window, int64 time)
{
	/* In order, though a caller may have read the clock before another. */
	int64		latest = window->sent[(window->nsent - 1) % CRM_RATE_COUNT];

	window->sent[window->nsent++ % CRM_RATE_COUNT] = Max(time, latest);
}

int64
crm_rate_window_turn(CrmRateWindow *window, CrmRateTicket *ticket,
					 int64 now, int64 longest_ms, bool *refused)
{
	CrmRateQueue *queue = &window->lanes[ticket->lane];
	uint64		serial;
	int64		due;

	/* A ticket so old that its place in the log is gone starts over. */
	if (ticket->reserved && queue->next_serial - ticket->serial > CRM_RATE_COUNT)
		ticket->reserved = false;

	serial = ticket->reserved ? ticket->serial : queue->next_serial;
	due = Max(earliest(window, ticket->lane, serial, now), now);

	*refused = due - now > longest_ms;
	if (*refused)
		return due - now;

	if (!ticket->reserved)
	{
		ticket->reserved = true;
		ticket->serial = queue->next_serial++;
	}
	queue->log[serial % CRM_RATE_LOG] = due;
	queue->pending[serial % CRM_RATE_LOG] = due > now;
	if (due == now)
	{
		ticket->reserved = false;
		record_sent(window, now);
	}
	return due - now;
}

void
crm_rate_window_block(CrmRateWindow *window, int64 until)
{
	window->blocked_until = Max(window->blocked_until, until);
}

void
crm_rate_window_others(CrmRateWindow *window, int n, int64 sent_at)
{
	for (int i = 0; i < Min(n, window->count); i++)
		record_sent(window, sent_at);
}

/* How many of the requests on record were sent after a time. */
static int
sent_after(const CrmRateWindow *window, int64 time)
{
	int			n = 0;

	while (n < CRM_RATE_COUNT && window->sent[(window->nsent - 1 - n) % CRM_RATE_COUNT] > time)
		n++;
	return n;
}

void
crm_rate_window_remaining(CrmRateWindow *window, int64 remaining, int64 sent_at, int64 now)
{
	/*
	 * When the API counted is known to lie between sent_at and now only.  All
	 * of our requests that it can have seen explain its number first, so that
	 * nothing is taken for others' that is our own.
	 */
	int			ours = sent_after(window, sent_at - window->window_ms);

	if (remaining >= 0 && remaining < window->count - ours)
		crm_rate_window_others(window, window->count - ours - (int) remaining, now);
}

int
crm_rate_window_available(const CrmRateWindow *window, int64 now)
{
	if (now < window->blocked_until)
		return 0;
	return Max(window->count - sent_after(window, now - window->window_ms), 0);
}

bool
crm_rate_window_idle(const CrmRateWindow *window, int64 now)
{
	int64		before = now - window->window_ms;

	return now >= window->blocked_until && sent_after(window, before) == 0 &&
		turns_after(window, CRM_LANE_INTERACTIVE, before) == 0 &&
		turns_after(window, CRM_LANE_REFRESH, before) == 0;
}

static int64
read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64
crm_rate_clock(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64
crm_rate_unix_clock(void)
{
	return read_clock(CLOCK_REALTIME);
}
