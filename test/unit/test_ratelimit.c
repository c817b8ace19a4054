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

/* Asks once, in a lane. */
static int64
ask(CrmRateTicket *ticket, CrmRateLane lane, int64 now)
{
	bool		refused;

	if (!ticket->reserved)
		ticket->lane = lane;
	return crm_rate_window_turn(&window, ticket, now, FOREVER, &refused);
}

static void
test_lanes(void)
{
	CrmRateTicket queries[16] = {0};
	CrmRateTicket refreshes[16] = {0};

	begin(8, 1000);
	for (int i = 0; i < 8; i++)
		tap_is_int(ask(&refreshes[i], CRM_LANE_REFRESH, START), 0, "refresh %d uses what nobody else wants", i);
	tap_is_int(ask(&queries[0], CRM_LANE_INTERACTIVE, START + 10), 1040, "but a query waits for one window only");
	tap_is_int(ask(&refreshes[8], CRM_LANE_REFRESH, START + 20), 1030, "as the next refresh does");
	for (int i = 1; i < 16; i++)
		ask(&queries[i], CRM_LANE_INTERACTIVE, START + 30);
	for (int i = 9; i < 16; i++)
		ask(&refreshes[i], CRM_LANE_REFRESH, START + 30);

	/* All wake up when the first window ends. */
	for (int i = 0; i < 16; i++)
		tap_ok((ask(&queries[i], CRM_LANE_INTERACTIVE, START + 1050) == 0) == (i < 6), "query %d: six of eight turns", i);
	for (int i = 8; i < 16; i++)
		tap_ok((ask(&refreshes[i], CRM_LANE_REFRESH, START + 1050) == 0) == (i < 10), "refresh %d: two of eight", i);
}

static void
test_others(void)
{
	int64		now = START;

	begin(5, 1000);
	crm_rate_window_others(&window, 5, START - 400);
	tap_is_int(crm_rate_window_available(&window, START), 0, "a window that others filled has no room");
	tap_is_int(next_turn(START), START + 650, "until it ends");

	begin(5, 1000);
	next_turn(now);
	next_turn(now);
	crm_rate_window_remaining(&window, 3, now, now + 100);
	tap_is_int(crm_rate_window_available(&window, now + 100), 3, "as many left as we think: nobody else is there");
	crm_rate_window_remaining(&window, 4, now, now + 100);
	tap_is_int(crm_rate_window_available(&window, now + 100), 3, "more left: ours may be under way");
	crm_rate_window_remaining(&window, 1, now, now + 100);
	tap_is_int(crm_rate_window_available(&window, now + 100), 1, "fewer left: others sent two");
	crm_rate_window_remaining(&window, 1, now, now + 200);
	tap_is_int(crm_rate_window_available(&window, now + 200), 1, "which are counted once");
	tap_is_int(crm_rate_window_available(&window, now + 1051), 3, "and leave later than ours");
	crm_rate_window_remaining(&window, 0, now + 1100, now + 1120);
	tap_is_int(next_turn(now + 1120), now + 100 + 1050, "none left: not before something leaves the window");

	begin(5, 1000);
	for (int i = 0; i < 5; i++)
		next_turn(now);
	crm_rate_window_remaining(&window, 0, now, now + 1500);
	tap_is_int(next_turn(now + 1500), now + 1500, "a late answer speaks of a window that is over");
	crm_rate_window_remaining(&window, -5, now + 1500, now + 1500);
	crm_rate_window_remaining(&window, PG_INT64_MAX, now + 1500, now + 1500);
	tap_is_int(crm_rate_window_available(&window, now + 1500), 4, "nonsense is not heeded");

	crm_rate_window_block(&window, now + 9000);
	tap_is_int(crm_rate_window_available(&window, now + 8000), 0, "nothing is available while blocked");
	tap_ok(!crm_rate_window_idle(&window, now + 8000), "nor may the block be forgotten");
	tap_ok(crm_rate_window_idle(&window, now + 9000), "a budget without recent requests may");
	next_turn(now + 9000);
	tap_ok(!crm_rate_window_idle(&window, now + 9500), "one with recent requests may not");
}

/* A small generator, the same everywhere. */
static uint32
dice(uint32 sides)
{
	static uint64 state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32) (state >> 33) % sides;
}

#define CALLERS		24
#define MOST_SENT	20000

/* Sessions that come late, give up, pause, and change their kind. */
typedef struct Schedule
{
	int			count;
	int			callers;
	int			refreshing;		/* that many of them; the others query */
	int			late_ms;		/* they come up to that late */
	int			dies_in;		/* one ask in so many is the last for its ticket; 0 = none */
	int			pauses_in;		/* one in so many pauses after a request; 0 = none */
} Schedule;

typedef struct Outcome
{
	int			sent[CRM_RATE_LANES];
	bool		kept;			/* no window held more than count */
	int			overtaken;		/* turns taken a moment after a later ticket of the lane */
} Outcome;

static Outcome
simulate(const Schedule *schedule, int64 duration)
{
	static int64 times[MOST_SENT];
	CrmRateTicket tickets[CALLERS];
	int64		wake[CALLERS];
	Outcome		outcome = {.kept = true};
	uint64		latest[CRM_RATE_LANES] = {0};
	uint64		before[CRM_RATE_LANES] = {0};	/* latest, a millisecond ago */
	int			n = 0;

	begin(schedule->count, 1000);
	memset(tickets, 0, sizeof(tickets));
	for (int i = 0; i < CALLERS; i++)
		wake[i] = START + dice(50);
	for (int64 now = START; now < START + duration; now++)
	{
		int			first = dice(schedule->callers);

		memcpy(before, latest, sizeof(before));
		for (int k = 0; k < schedule->callers; k++)
		{
			int			i = (first + k) % schedule->callers;
			CrmRateLane lane = i < schedule->refreshing ? CRM_LANE_REFRESH : CRM_LANE_INTERACTIVE;
			uint64		serial;
			bool		reserved;
			int64		wait;

			if (now < wake[i])
				continue;
			if (schedule->dies_in && dice(schedule->dies_in) == 0)
				memset(&tickets[i], 0, sizeof(tickets[i]));
			serial = tickets[i].serial;
			reserved = tickets[i].reserved;
			wait = ask(&tickets[i], lane, now);
			wake[i] = now + Min(wait, 1000) + (schedule->late_ms ? dice(schedule->late_ms) : 0);
			if (wait > 0)
				continue;

			if (n >= schedule->count && times[n - schedule->count] > now - 1000)
				outcome.kept = false;
			if (n < MOST_SENT)
				times[n++] = now;
			outcome.sent[lane]++;
			if (reserved)
			{
				outcome.overtaken += serial < before[lane];
				latest[lane] = Max(latest[lane], serial);
			}
			if (schedule->pauses_in && dice(schedule->pauses_in) == 0)
				wake[i] = now + dice(5000);
		}
	}
	return outcome;
}

static void
test_schedules(void)
{
	const Schedule busy = {.count = 8, .callers = 12, .refreshing = 6};
	const Schedule alone = {.count = 5, .callers = 8, .refreshing = 8};
	const Schedule late = {.count = 5, .callers = 8, .late_ms = 15};
	Outcome		outcome = simulate(&busy, 60000);
	int			all = outcome.sent[0] + outcome.sent[1];
	int			broken = 0;

	tap_ok(outcome.kept, "two busy lanes keep the limit");
	tap_ok(all >= 8 * 60 * 9 / 10, "and use nine tenths of it: %d of 480", all);
	tap_ok(outcome.sent[CRM_LANE_REFRESH] >= all / 5 && outcome.sent[CRM_LANE_REFRESH] <= all * 3 / 10,
		   "a quarter of it refreshes: %d of %d", outcome.sent[CRM_LANE_REFRESH], all);
	tap_is_int(outcome.overtaken, 0, "in order");

	outcome = simulate(&alone, 60000);
	tap_ok(outcome.kept && outcome.sent[CRM_LANE_REFRESH] >= 270, "refreshes alone use everything: %d of 300", outcome.sent[CRM_LANE_REFRESH]);
	outcome = simulate(&late, 60000);
	tap_ok(outcome.kept && outcome.sent[CRM_LANE_INTERACTIVE] >= 270, "so do late callers: %d of 300", outcome.sent[CRM_LANE_INTERACTIVE]);

	for (int i = 0; i < 200; i++)
	{
		Schedule	random = {
			.count = 1 + dice(30), .callers = 1 + dice(CALLERS), .late_ms = dice(200),
			.dies_in = dice(2) ? 2 + dice(20) : 0, .pauses_in = dice(2) ? 1 + dice(10) : 0
		};

		random.refreshing = dice(random.callers + 1);
		outcome = simulate(&random, 20000);
		if (!outcome.kept || outcome.sent[0] + outcome.sent[1] == 0)
		{
			broken++;
			printf("# count %d, %d callers, %d refreshing, %d ms late, die %d, pause %d\n", random.count,
				   random.callers, random.refreshing, random.late_ms, random.dies_in, random.pauses_in);
		}
	}
	tap_is_int(broken, 0, "200 random schedules keep the limit, also with sessions that die");
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
	test_lanes();
	test_others();
	test_schedules();
	test_clock();
	return tap_done();
}
