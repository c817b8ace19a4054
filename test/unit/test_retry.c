/*
 * test_retry.c
 *		client/retry.c: who is asked again, and after how long.
 */
#include "postgres.h"

#include "client/retry.h"
#include "stub.h"

#define NOW_MS	INT64CONST(1790000000000)
#define NOW_S	(NOW_MS / 1000)

/* The wait for the longest random number, without a word from the API. */
static int64
longest(CrmRetryCause cause, int retries, int max_retries)
{
	return crm_retry_delay(cause, retries, max_retries, -1, 300000, 1.0);
}

static void
test_attempts(void)
{
	tap_is_int(longest(CRM_RETRY_NEVER, 0, 5), CRM_RETRY_GIVE_UP, "what cannot help is not tried");
	tap_is_int(longest(CRM_RETRY_TRANSIENT, 4, 5), 4000, "the fifth retry is the last of five");
	tap_is_int(longest(CRM_RETRY_TRANSIENT, 5, 5), CRM_RETRY_GIVE_UP, "there is no sixth");
	tap_is_int(longest(CRM_RETRY_TRANSIENT, 0, 0), CRM_RETRY_GIVE_UP, "max_retries 0 means one attempt");
	tap_is_int(longest(CRM_RETRY_NAME, 1, 5), 500, "a name is looked up twice more");
	tap_is_int(longest(CRM_RETRY_NAME, 2, 5), CRM_RETRY_GIVE_UP, "and not again");
	tap_is_int(longest(CRM_RETRY_NAME, 1, 1), CRM_RETRY_GIVE_UP, "max_retries bounds names too");
	tap_is_int(longest(CRM_RETRY_SLOW, 0, 5), 250, "a slow answer is asked for once more");
	tap_is_int(longest(CRM_RETRY_SLOW, 1, 5), CRM_RETRY_GIVE_UP, "and not again");
}

static void
test_backoff(void)
{
	static const int64 caps[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};

	for (int i = 0; i < lengthof(caps); i++)
		tap_is_int(longest(CRM_RETRY_TRANSIENT, i, 100), caps[i], "cap of retry %d", i + 1);
	tap_is_int(longest(CRM_RETRY_TRANSIENT, 99, 100), 30000, "no overflow later");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 3, 5, -1, 300000, 0.0), 0, "jitter reaches down to nothing");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 3, 5, -1, 300000, 0.5), 1000, "and is even between");
}

static void
test_retry_after(void)
{
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 0, 5, 7, 300000, 0.0), 7000, "Retry-After is honoured");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 0, 5, 300, 300000, 0.0), 300000, "up to max_wait");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 0, 5, 301, 300000, 0.0), CRM_RETRY_GIVE_UP, "not beyond");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 2, 5, 0, 300000, 0.0), 1000, "Retry-After 0 is no tight loop");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 5, 5, 1, 300000, 0.0), CRM_RETRY_GIVE_UP, "it adds no attempts");
	tap_is_int(crm_retry_delay(CRM_RETRY_TRANSIENT, 0, 5, PG_INT32_MAX, 300000, 0.0), CRM_RETRY_GIVE_UP, "a huge one does not overflow");
}

static void
test_throttle(void)
{
	tap_is_int(crm_retry_throttle(0, 30, -1, 60, NOW_MS), 30000, "Retry-After closes the account");
	tap_is_int(crm_retry_throttle(0, 30, NOW_S + 99, 60, NOW_MS), 30000, "it counts before a reset time");
	tap_is_int(crm_retry_throttle(0, -1, NOW_S + 42, 60, NOW_MS), 42000, "a reset time in seconds");
	tap_is_int(crm_retry_throttle(0, -1, NOW_MS + 42500, 60, NOW_MS), 42500, "a reset time in milliseconds");
	tap_is_int(crm_retry_throttle(0, -1, NOW_S - 5, 60, NOW_MS), 60000, "a reset time that is past says nothing");
	tap_is_int(crm_retry_throttle(0, -1, 60, 45, NOW_MS), 45000, "nor does one that is no time at all");
	tap_is_int(crm_retry_throttle(0, -1, NOW_S + 100000, 60, NOW_MS), 60000, "nor one in the far future");
	tap_is_int(crm_retry_throttle(0, -1, PG_INT64_MAX, 60, NOW_MS), 60000, "nor the largest number");
	tap_is_int(crm_retry_throttle(0, -1, -1, 60, NOW_MS), 60000, "without a word it is the API's usual time");
	tap_is_int(crm_retry_throttle(0, 0, -1, 60, NOW_MS), 250, "Retry-After 0 is no tight loop");
	tap_is_int(crm_retry_throttle(5, 0, -1, 60, NOW_MS), 8000, "less and less so");
	tap_is_int(crm_retry_throttle(1000, 1, -1, 60, NOW_MS), 30000, "with an end");
}

static void
test_numbers(void)
{
	tap_is_int(crm_retry_number("42"), 42, "a number");
	tap_is_int(crm_retry_number("0"), 0, "zero is one");
	tap_is_int(crm_retry_number(NULL), -1, "no header");
	tap_is_int(crm_retry_number(""), -1, "an empty one");
	tap_is_int(crm_retry_number("-3"), -1, "a negative one");
	tap_is_int(crm_retry_number("5, 5"), -1, "a list");
	tap_is_int(crm_retry_number("soon"), -1, "a word");
	tap_is_int(crm_retry_number("99999999999999999999"), PG_INT64_MAX, "too many digits stay large");
	tap_is_int(crm_retry_until_reset(NOW_S + 7, NOW_MS), 7000, "time left until a reset");
	tap_is_int(crm_retry_until_reset(-1, NOW_MS), -1, "no reset time");
}

static void
test_purse(void)
{
	CrmRetryPurse purse = {0};
	int			paid = 0;

	while (paid < 100 && crm_retry_spend(&purse, 20))
		paid++;
	tap_is_int(paid, 20, "retries are bounded by the purse");
	for (int i = 0; i < 4; i++)
		crm_retry_earn(&purse);
	tap_ok(!crm_retry_spend(&purse, 20), "four answers pay for none");
	crm_retry_earn(&purse);
	tap_ok(crm_retry_spend(&purse, 20), "five answers pay for one");
	tap_ok(!crm_retry_spend(&purse, 20), "and only one");
	for (int i = 0; i < 1000; i++)
		crm_retry_earn(&purse);
	for (paid = 0; paid < 100 && crm_retry_spend(&purse, 20);)
		paid++;
	tap_is_int(paid, 20, "what is earned beyond the capacity is lost");
	tap_ok(crm_retry_spend(&purse, PG_INT32_MAX), "a huge capacity does not overflow");
}

int
main(void)
{
	test_attempts();
	test_backoff();
	test_retry_after();
	test_throttle();
	test_numbers();
	test_purse();
	return tap_done();
}
