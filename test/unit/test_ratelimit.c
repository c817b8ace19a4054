/*
 * test_ratelimit.c
 *		client/ratelimit.c: the promise is that no window, wherever it begins,
 *		holds more requests than the limit.
 */
#include "postgres.h"

#include "client/ratelimit.h"
#include "stub.h"

#define FOREVER	PG_INT64_MAX

/* Far from zero, so that a forgotten start value shows. */
#define START	INT64CONST(1000000)

static CrmRateWindow window;

static void
begin(int count, int window_ms)
{
	crm_rate_window_init(&window);
	crm_rate_window_adopt(&window, count, window_ms, START);
}

/* Takes the next turn, asking again as a caller does; returns its time. */
static int64
next_turn(int64 now)
{
	CrmRateTicket ticket = {0};
	bool		refused;
	int64		wait;

	while ((wait = crm_rate_window_turn(&window, &ticket, now, FOREVER, &refused)) > 0)
		now += wait;
	return now;
}

static void
test_steady(void)
{
	int64		times[100];
	int64		now = START;
	bool		kept = true;

	begin(5, 1000);
	for (int i = 0; i < lengthof(times); i++)
		times[i] = now = next_turn(now);
	tap_is_int(times[4], START, "a whole window's requests go at once");
	tap_is_int(times[5], START + 1050, "the next one waits for window and margin");
	for (int i = 5; i < lengthof(times); i++)
		kept = kept && times[i] - times[i - 5] > 1000;
	tap_ok(kept, "no window holds more than the limit");
	tap_is_int(times[99], START + 19 * 1050, "and none is wasted");
}

/* A caller that comes late takes its turn then, not when it was reserved. */
static void
test_late(void)
{
	CrmRateTicket late = {0};
	CrmRateTicket other = {0};
	bool		refused;

	begin(2, 1000);
	next_turn(START);
	next_turn(START);
	tap_is_int(crm_rate_window_turn(&window, &late, START, FOREVER, &refused), 1050, "the third request waits");
	tap_is_int(crm_rate_window_turn(&window, &late, START + 1050 + 700, FOREVER, &refused), 0, "and is sent late");
	tap_is_int(crm_rate_window_turn(&window, &other, START + 1750, FOREVER, &refused), 0, "the fourth as well");
	tap_is_int(next_turn(START + 1750), START + 1750 + 1050, "the fifth counts from when they were sent");
}

static void
test_order(void)
{
	CrmRateTicket first = {0};
	CrmRateTicket second = {0};
	bool		refused;

	begin(1, 1000);
	next_turn(START);
	tap_is_int(crm_rate_window_turn(&window, &first, START + 10, FOREVER, &refused), 1040, "first come");
	tap_is_int(crm_rate_window_turn(&window, &second, START + 20, FOREVER, &refused), 2080, "second come, behind it");
	tap_is_int(crm_rate_window_turn(&window, &first, START + 30, FOREVER, &refused), 1020, "asking again keeps the place");
}

static void
test_patience(void)
{
	CrmRateTicket hasty = {0};
	CrmRateTicket patient = {0};
	bool		refused;

	begin(1, 1000);
	next_turn(START);
	tap_is_int(crm_rate_window_turn(&window, &hasty, START, 1000, &refused), 1050, "a turn too far away is told");
	tap_ok(refused && !hasty.reserved, "but not reserved");
	tap_is_int(crm_rate_window_turn(&window, &patient, START, 1050, &refused), 1050, "so the next caller gets it");
	tap_ok(!refused, "if it has the patience");
}

static void
test_block(void)
{
	CrmRateTicket waiting = {0};
	bool		refused;

	begin(2, 1000);
	next_turn(START);
	next_turn(START);
	tap_is_int(crm_rate_window_turn(&window, &waiting, START, FOREVER, &refused), 1050, "a reserved turn");
	crm_rate_window_block(&window, START + 30000);
	crm_rate_window_block(&window, START + 5000);
	tap_is_int(crm_rate_window_turn(&window, &waiting, START + 1050, FOREVER, &refused), 28950, "moves when the account is closed");
	tap_is_int(crm_rate_window_turn(&window, &waiting, START + 2000, 5000, &refused), 28000, "and may become too far away");
	tap_ok(refused, "which is said");
	tap_is_int(next_turn(START + 6000), START + 30000, "a shorter block does not end a longer one");
	tap_is_int(next_turn(START + 90000), START + 90000, "an old block is over");
}

static void
test_limits(void)
{
	int64		now = START;

	begin(5, 1000);
	crm_rate_window_adopt(&window, 10, 1000, START + 1);
	tap_is_int(window.count, 5, "the lower limit wins");
	crm_rate_window_adopt(&window, 60, 60000, START + 2);
	tap_is_int(window.count, 60, "rates are compared, not counts");
	tap_is_int(window.window_ms, 60500, "the margin has a maximum");
	crm_rate_window_adopt(&window, 5, 1000, START + 60002);
	tap_is_int(window.count, 60, "a limit is remembered for a minute");
	crm_rate_window_adopt(&window, 5, 1000, START + 60003);
	tap_is_int(window.count, 5, "and then forgotten");

	begin(1000, 60000);
	tap_is_int(window.count, CRM_RATE_COUNT, "more requests than the log holds");
	tap_ok(window.count * INT64CONST(60000) <= 1000 * (int64) window.window_ms, "become the same rate or less");
	for (int i = 0; i < 1001; i++)
		now = next_turn(now);
	tap_ok(now - START >= 45000 && now - START <= 61000, "a thousand take about a minute");
}

/* A ticket that slept through the whole log starts over. */
static void
test_forgotten(void)
{
	CrmRateTicket sleeper = {0};
	int64		now = START;
	bool		refused;

	begin(1, 10);
	next_turn(now);
	crm_rate_window_turn(&window, &sleeper, now, FOREVER, &refused);
	for (int i = 0; i < 2 * CRM_RATE_LOG; i++)
		now = next_turn(now);
	tap_is_int(crm_rate_window_turn(&window, &sleeper, now, FOREVER, &refused), 30, "it waits like a newcomer");
	tap_ok(sleeper.serial == window.lanes[CRM_LANE_INTERACTIVE].next_serial - 1, "with a new place");
}

static void
test_clock(void)
{
	int64		before = crm_rate_clock();

	tap_ok(before > 0 && crm_rate_clock() >= before, "the clock does not run backwards");
}

int
main(void)
{
	test_steady();
	test_late();
	test_order();
	test_patience();
	test_block();
	test_limits();
	test_forgotten();
	test_clock();
	return tap_done();
}
