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

/* Longest log of turns, and the largest count kept exactly. */
#define CRM_RATE_LOG	512
#define CRM_RATE_COUNT	(CRM_RATE_LOG / 2)

/* Long before any clock reading, without overflow when a window is added. */
#define CRM_RATE_NEVER	(PG_INT64_MIN / 4)

/* First come, first served within a lane; each has its share of the turns. */
typedef enum CrmRateLane
{
	CRM_LANE_INTERACTIVE,
	CRM_LANE_REFRESH
} CrmRateLane;

#define CRM_RATE_LANES	2

/* A place in a lane; zero it and name the lane before the first use. */
typedef struct CrmRateTicket
{
	CrmRateLane lane;
	bool		reserved;
	uint64		serial;
} CrmRateTicket;

/* The time of every recent turn, taken or still to come, in order of asking. */
typedef struct CrmRateQueue
{
	uint64		next_serial;
	int64		log[CRM_RATE_LOG];	/* by serial modulo CRM_RATE_LOG */
	bool		pending[CRM_RATE_LOG];	/* reserved and not taken */
} CrmRateQueue;

typedef struct CrmRateWindow
{
	int			count;			/* requests ... */
	int			window_ms;		/* ... per this time, margin included */
	int			limit_count;	/* the same as somebody wrote it ... */
	int			limit_ms;		/* ... in an option */
	int64		limit_seen_ms;	/* when somebody last asked under this limit */
	int64		blocked_until;	/* no request before */
	CrmRateQueue lanes[CRM_RATE_LANES];
	uint64		nsent;
	int64		sent[CRM_RATE_COUNT];	/* when requests were sent, in that order */
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
 * all the same, and *refused is set.  A turn may move, so who waits long asks
 * again now and then.
 */
extern int64 crm_rate_window_turn(CrmRateWindow *window, CrmRateTicket *ticket,
								  int64 now, int64 longest_ms, bool *refused);

/* Closes the budget until a time; never opens it earlier than it was. */
extern void crm_rate_window_block(CrmRateWindow *window, int64 until);

/* Puts requests on record that others sent: with n >= count the window is full. */
extern void crm_rate_window_others(CrmRateWindow *window, int n, int64 sent_at);

/*
 * Heeds what the API says is left for this window, in the answer to a request
 * sent at sent_at: what it has counted beyond our requests, others sent.
 */
extern void crm_rate_window_remaining(CrmRateWindow *window, int64 remaining,
									  int64 sent_at, int64 now);

/* Requests that could be sent at once. */
extern int	crm_rate_window_available(const CrmRateWindow *window, int64 now);

/* True if forgetting the budget would change nothing. */
extern bool crm_rate_window_idle(const CrmRateWindow *window, int64 now);

/* The clock all of this room's deadlines are measured with. */
extern int64 crm_rate_clock(void);

/* Unix time in milliseconds, which is what APIs speak of. */
extern int64 crm_rate_unix_clock(void);

#endif							/* CRM_RATELIMIT_H */
