/*
 * retry.h
 *		Whether and when a request that failed is sent again.  Pure functions.
 */
#ifndef CRM_RETRY_H
#define CRM_RETRY_H

#include "postgres.h"

typedef enum CrmRetryCause
{
	CRM_RETRY_NEVER,			/* sending it again cannot help */
	CRM_RETRY_TRANSIENT,		/* connection trouble, broken answer, 5xx */
	CRM_RETRY_NAME,				/* the host name does not resolve */
	CRM_RETRY_SLOW				/* timed out, and the caller can ask for less */
} CrmRetryCause;

#define CRM_RETRY_GIVE_UP	(-1)

/*
 * Milliseconds to wait before the next attempt, or CRM_RETRY_GIVE_UP.
 * "retries" were made so far; "retry_after" is what the answer asked for in
 * seconds, -1 for nothing; one that is longer than max_wait_ms ends the
 * attempts.  "fraction" is a random number in [0, 1).
 */
extern int64 crm_retry_delay(CrmRetryCause cause, int retries, int max_retries,
							 int retry_after, int max_wait_ms, double fraction);

/*
 * Milliseconds for which a 429 closes the account.  "times" this request was
 * turned away before; "retry_after" in seconds and "reset_at" in unix seconds
 * (or milliseconds, as some send) are what the answer said, -1 for nothing;
 * now is in unix milliseconds.
 */
extern int64 crm_retry_throttle(int times, int retry_after, int64 reset_at,
								int block_seconds, int64 now_ms);

#endif							/* CRM_RETRY_H */
