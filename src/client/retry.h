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

/* The value of a header that is a number; -1 for NULL and anything else. */
extern int64 crm_retry_number(const char *text);

/*
 * Milliseconds until a reset time as above; -1 if that is no sane time.
 */
extern int64 crm_retry_until_reset(int64 reset_at, int64 now_ms);

/*
 * What the retries of one scan have cost beyond what answers gave back; zero it
 * before the first use.  An API in trouble is not helped by every request being
 * sent max_retries times more.
 */
typedef struct CrmRetryPurse
{
	int			spent;			/* in fifths of a retry */
} CrmRetryPurse;

/* Pays for a retry, out of at most "capacity"; false if that is used up. */
extern bool crm_retry_spend(CrmRetryPurse *purse, int capacity);

/* Five requests that are answered pay for one retry. */
extern void crm_retry_earn(CrmRetryPurse *purse);

#endif							/* CRM_RETRY_H */
