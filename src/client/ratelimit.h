/*
 * ratelimit.h
 *		One request budget: who may send, and when.  Pure but for the clock.
 *
 * A caller holds a ticket for its next request and asks for its turn until it
 * is told to send.  Waiting is the caller's business, so a budget can be
 * shared between processes without anybody sleeping on a lock.
 *
 * Times are milliseconds of the system's monotonic clock.
 */
#ifndef CRM_RATELIMIT_H
#define CRM_RATELIMIT_H

#include "postgres.h"

/* Longest log of request times, and the largest count kept exactly. */
#define CRM_RATE_LOG	512
#define CRM_RATE_COUNT	(CRM_RATE_LOG / 2)

/* A place in the order of requests; zero it before the first use. */
typedef struct CrmRateTicket
{
	bool		reserved;
	uint64		serial;
} CrmRateTicket;

/* The log holds the time of every recent request, sent or still to come. */
typedef struct CrmRateWindow
{
	int			count;			/* requests ... */
	int			window_ms;		/* ... per this time, margin included */
	int64		limit_seen_ms;	/* when somebody last asked under this limit */
	int64		blocked_until;	/* no request before */
	uint64		next_serial;
	int64		log[CRM_RATE_LOG];	/* by serial modulo CRM_RATE_LOG */
} CrmRateWindow;

/* An unused budget. */
extern void crm_rate_window_init(CrmRateWindow *window);

/*
 * Tells under which limit the next caller asks.  The strictest limit that was
 * in use within the last minute applies to everybody.
 */
extern void crm_rate_window_adopt(CrmRateWindow *window, int count,
								  int window_ms, int64 now);

/*
 * Milliseconds until the ticket's turn; 0 = send now, which is then on record.
 * A turn further away than longest_ms is not reserved: the answer is the wait
 * all the same, and *refused is set.
 */
extern int64 crm_rate_window_turn(CrmRateWindow *window, CrmRateTicket *ticket,
								  int64 now, int64 longest_ms, bool *refused);

/* Closes the budget until a time; never opens it earlier than it was. */
extern void crm_rate_window_block(CrmRateWindow *window, int64 until);

/* The clock all of this room's deadlines are measured with. */
extern int64 crm_rate_clock(void);

#endif							/* CRM_RATELIMIT_H */
