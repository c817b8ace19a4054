/*
 * retry.c
 *		The arithmetic of waiting after a failure.
 *
 * Back-off is exponential with full jitter: the wait is drawn from the whole
 * interval, which spreads sessions that failed together better than a fixed
 * wait with a little noise.
 */
#include "postgres.h"

#include "client/retry.h"

#define BASE_MS			INT64CONST(250)
#define CAP_MS			INT64CONST(30000)

/* A name that does not resolve is nearly always a wrong name. */
#define NAME_RETRIES	2
/* Each costs a whole request_timeout, and asking for less helps more. */
#define SLOW_RETRIES	1

/* What a retry costs in answers. */
#define RETRY_PRICE		5

/* A reset time further away than this is not one. */
#define LONGEST_RESET_MS	(INT64CONST(24) * 3600 * 1000)

/* As seconds, this is the year 33658. */
#define EARLIEST_MS		INT64CONST(1000000000000)

static int64
exponential(int times)
{
	return times > 10 ? CAP_MS : Min(BASE_MS << Max(times, 0), CAP_MS);
}

int64
crm_retry_delay(CrmRetryCause cause, int retries, int max_retries,
				int retry_after, int max_wait_ms, double fraction)
{
	int			allowed = max_retries;

	switch (cause)
	{
		case CRM_RETRY_NEVER:
			return CRM_RETRY_GIVE_UP;
		case CRM_RETRY_NAME:
			allowed = Min(max_retries, NAME_RETRIES);
			break;
		case CRM_RETRY_SLOW:
			allowed = Min(max_retries, SLOW_RETRIES);
			break;
		case CRM_RETRY_TRANSIENT:
			break;
	}
	if (retries >= allowed)
		return CRM_RETRY_GIVE_UP;

	if (retry_after >= 0)
	{
		int64		asked_ms = Max((int64) retry_after * 1000, exponential(retries));

		return asked_ms > max_wait_ms ? CRM_RETRY_GIVE_UP : asked_ms;
	}
	return (int64) (exponential(retries) * fraction);
}

int64
crm_retry_number(const char *text)
{
	char	   *end;
	int64		number;

	if (text == NULL)
		return -1;
	number = strtoll(text, &end, 10);
	return end == text || *end != '\0' || number < 0 ? -1 : number;
}

int64
crm_retry_until_reset(int64 reset_at, int64 now_ms)
{
	int64		until_ms;

	if (reset_at <= 0)
		return -1;
	until_ms = (reset_at > EARLIEST_MS ? reset_at : reset_at * 1000) - now_ms;
	return until_ms >= 0 && until_ms <= LONGEST_RESET_MS ? until_ms : -1;
}

int64
crm_retry_throttle(int times, int retry_after, int64 reset_at,
				   int block_seconds, int64 now_ms)
{
	int64		wait_ms = crm_retry_until_reset(reset_at, now_ms);

	if (retry_after >= 0)
		wait_ms = (int64) retry_after * 1000;
	else if (wait_ms < 0)
		wait_ms = (int64) block_seconds * 1000;

	/* An API that keeps saying "at once" must not be asked in a tight loop. */
	return Max(wait_ms, exponential(times));
}

bool
crm_retry_spend(CrmRetryPurse *purse, int capacity)
{
	if (purse->spent + RETRY_PRICE > (int64) capacity * RETRY_PRICE)
		return false;
	purse->spent += RETRY_PRICE;
	return true;
}

void
crm_retry_earn(CrmRetryPurse *purse)
{
	purse->spent = Max(purse->spent - 1, 0);
}
