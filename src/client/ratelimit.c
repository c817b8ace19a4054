/*
 * ratelimit.c
 *		The arithmetic of sliding-window request budgets.
 *
 * A request with serial s may be sent when "count" requests earlier, that of
 * serial s - count, is a whole window ago.  A turn is entered in the log when
 * it is reserved and corrected when it is taken, because a caller may come
 * late; whoever comes after it looks at what really happened.  A reservation
 * that is never taken simply passes.
 */
#include "postgres.h"

#include <time.h>

#include "client/ratelimit.h"

/* Requests do not take equally long to arrive: part of the window is margin. */
#define MARGIN_PART		20
#define MARGIN_LEAST_MS	20
#define MARGIN_MOST_MS	500

/* How long a strict limit outlives its last use. */
#define LIMIT_MEMORY_MS	INT64CONST(60000)

/* Long before any clock reading, without overflow when a window is added. */
#define NEVER	(PG_INT64_MIN / 4)

void
crm_rate_window_init(CrmRateWindow *window)
{
	window->count = 0;
	window->window_ms = 0;
	window->limit_seen_ms = NEVER;
	window->blocked_until = NEVER;
	window->next_serial = CRM_RATE_LOG;
	for (int i = 0; i < CRM_RATE_LOG; i++)
		window->log[i] = NEVER;
}

void
crm_rate_window_adopt(CrmRateWindow *window, int count, int window_ms, int64 now)
{
	int64		margin = Min(Max(window_ms / MARGIN_PART, MARGIN_LEAST_MS), MARGIN_MOST_MS);
	int64		whole_ms = window_ms + margin;

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
		window->limit_seen_ms = now;
	}
}

/* The earliest time for a serial, given the requests before it. */
static int64
earliest(const CrmRateWindow *window, uint64 serial)
{
	int64		before = window->log[(serial - window->count) % CRM_RATE_LOG];

	return Max(before + window->window_ms, window->blocked_until);
}

int64
crm_rate_window_turn(CrmRateWindow *window, CrmRateTicket *ticket,
					 int64 now, int64 longest_ms, bool *refused)
{
	uint64		serial;
	int64		due;

	/* A ticket so old that its place in the log is gone starts over. */
	if (ticket->reserved && window->next_serial - ticket->serial > CRM_RATE_COUNT)
		ticket->reserved = false;

	serial = ticket->reserved ? ticket->serial : window->next_serial;
	due = Max(earliest(window, serial), now);

	*refused = due - now > longest_ms;
	if (*refused)
		return due - now;

	if (!ticket->reserved)
	{
		ticket->reserved = true;
		ticket->serial = window->next_serial++;
	}
	window->log[serial % CRM_RATE_LOG] = due;
	if (due == now)
		ticket->reserved = false;
	return due - now;
}

void
crm_rate_window_block(CrmRateWindow *window, int64 until)
{
	window->blocked_until = Max(window->blocked_until, until);
}

int64
crm_rate_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
