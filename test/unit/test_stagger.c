/*
 * test_stagger.c
 *		admin/stagger.c: the promise is that jobs stay a quarter of an hour apart
 *		as long as there is a place for them, in whatever order they come.
 */
#include "postgres.h"

#include "admin/stagger.h"
#include "stub.h"

#define DAY		CRM_STAGGER_DAY
#define WEEK	CRM_STAGGER_WEEK
#define APART	CRM_STAGGER_APART

/* 1970-01-04 00:00, a Sunday. */
#define SUNDAY	(3 * DAY)

static const int periods[] = {
	1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 10080
};

/* An account, and what is wrong with it by a second opinion. */
typedef struct Account
{
	CrmStagger	taken;
	bool		window[DAY];
	int			lattice;
	int			missed;			/* jobs nearer than need be */
	int			outside;		/* daily jobs outside the window */
	int			nearest;		/* the least distance between two jobs */
} Account;

static Account account;

static int
draw(int n)
{
	static uint64 state = 20240228;

	state = state * UINT64CONST(6364136223846793005) + UINT64CONST(1442695040888963407);
	return (int) ((state >> 33) % n);
}

static void
begin(int from, int to, int lattice)
{
	int			offset = 0;

	memset(&account, 0, sizeof(account));
	crm_stagger_init(&account.taken);
	crm_stagger_allowed(from, to, &offset, 1, account.window);
	account.lattice = lattice;
	account.nearest = WEEK;
}

static void
take(const char *schedule)
{
	CrmCronExpr expr;

	if (!crm_cron_parse(schedule, &expr))
		tap_ok(false, "accepted: %s", schedule);
	else
		crm_stagger_take(&account.taken, &expr);
}

/* The distance of a job from all others, one minute after the other. */
static int
distance_of(int period, int phase, int at_most)
{
	int			nearest = at_most;

	for (int run = phase; run < WEEK; run += period)
	{
		for (int away = 0; away < nearest; away++)
		{
			if (account.taken.runs[(run + away) % WEEK] > 0 ||
				account.taken.runs[(run - away + WEEK) % WEEK] > 0)
				nearest = away;
		}
	}
	return nearest;
}

/* The best that can be had: APART on the lattice, or else the farthest of all. */
static int
best_distance(int period)
{
	int			best = 0;
	bool		lattice = false;

	for (int phase = 0; phase < period; phase++)
	{
		int			distance;

		if (period >= DAY && !account.window[phase % DAY])
			continue;
		distance = distance_of(period, phase, Min(period / 2, 6 * 60));
		best = Max(best, distance);
		if (period % APART == 0 && phase % APART == account.lattice)
			lattice = lattice || distance >= APART;
	}
	return lattice ? APART : best;
}

/* Adds a job as a user does; returns its phase. */
static int
add(int period)
{
	int			best = best_distance(period);
	int			phase = crm_stagger_choose(&account.taken, period, account.window,
										   account.window, account.lattice);
	int			distance;

	if (phase < 0 || phase >= period)
	{
		tap_ok(false, "%d is a phase of %d", phase, period);
		return phase;
	}
	distance = distance_of(period, phase, WEEK);
	account.missed += distance < best;
	account.outside += period >= DAY && !account.window[phase % DAY];
	account.nearest = Min(account.nearest, distance);
	take(crm_stagger_schedule(period, phase));
	return phase;
}

static void
shuffle(int *values, int n)
{
	for (int i = n - 1; i > 0; i--)
	{
		int			other = draw(i + 1);
		int			value = values[i];

		values[i] = values[other];
		values[other] = value;
	}
}

/* Every phase of every period runs exactly where it should. */
static void
test_schedules(void)
{
	for (int i = 0; i < lengthof(periods); i++)
	{
		int			period = periods[i];
		bool		right = true;

		for (int phase = 0; phase < period && right; phase++)
		{
			CrmCronExpr expr;
			int64		wanted = SUNDAY + phase;
			int64		next = SUNDAY - 1;

			right = crm_cron_parse(crm_stagger_schedule(period, phase), &expr);
			for (; right && wanted < SUNDAY + 2 * WEEK; wanted += period)
				right = crm_cron_next(&expr, wanted == SUNDAY + phase ? SUNDAY : next + 1, &next) &&
					next == wanted && crm_cron_in_week(&expr, (int) (next - SUNDAY) % WEEK);
			right = right && crm_cron_period(&expr, SUNDAY) == period * 60;
			stub_reset_memory();
		}
		tap_ok(right, "schedules of period %d run when they should", period);
	}
	tap_is_text(crm_stagger_schedule(1, 0), "* * * * *", "every minute");
	tap_is_text(crm_stagger_schedule(10, 3), "3-59/10 * * * *", "every ten minutes");
	tap_is_text(crm_stagger_schedule(60, 17), "17 * * * *", "every hour");
	tap_is_text(crm_stagger_schedule(360, 137), "17 2-23/6 * * *", "every six hours");
	tap_is_text(crm_stagger_schedule(DAY, 137), "17 2 * * *", "every day");
	tap_is_text(crm_stagger_schedule(WEEK, 3 * DAY + 137), "17 2 * * 3", "every week");
}

static void
test_period_words(void)
{
	int			n = 0;

	for (int minutes = -WEEK; minutes <= 2 * WEEK; minutes++)
		n += crm_stagger_is_period(minutes);
	tap_is_int(n, lengthof(periods), "no other period is valid");
	for (int i = 0; i < lengthof(periods); i++)
		tap_ok(crm_stagger_is_period(periods[i]) &&
			   crm_stagger_nearest_period(periods[i]) == periods[i], "%d is valid and its own nearest", periods[i]);
	tap_is_int(crm_stagger_nearest_period(7), 6, "near 7 is 6");
	tap_is_int(crm_stagger_nearest_period(8), 10, "between 6 and 10, the longer");
	tap_is_int(crm_stagger_nearest_period(89.9), 60, "near an hour and a half");
	tap_is_int(crm_stagger_nearest_period(90), 120, "and beyond");
	tap_is_int(crm_stagger_nearest_period(0.01), 1, "the shortest");
	tap_is_int(crm_stagger_nearest_period(-5), 1, "less than nothing");
	tap_is_int(crm_stagger_nearest_period(1e300), WEEK, "the longest");
}

/* A window of a local time; the clock's minutes as "first-last", or how many. */
static void
check_window(int from, int to, const int *offsets, int noffsets, int first, int last, int count)
{
	bool		allowed[DAY];
	bool		any = crm_stagger_allowed(from, to, offsets, noffsets, allowed);
	int			n = 0;

	for (int minute = 0; minute < DAY; minute++)
		n += allowed[minute];
	tap_is_int(n, count, "%d to %d under %d offsets leaves %d minutes", from, to, noffsets, count);
	tap_ok(any == (count > 0), "which is told");
	if (count > 0)
		tap_ok(allowed[first] && !(count < DAY && allowed[(first + DAY - 1) % DAY]) &&
			   allowed[last] && !(count < DAY && allowed[(last + 1) % DAY]),
			   "%d is the first, %d the last", first, last);
}

static void
test_windows(void)
{
	static const int berlin[] = {60, 120};
	static const int new_york[] = {-300, -240};
	static const int none[] = {0};
	static const int far_apart[] = {-720, 0, 840};
	static const int large[] = {-2 * DAY - 30, 3 * DAY - 30};

	check_window(60, 240, none, 1, 60, 239, 180);
	check_window(60, 240, berlin, 1, 0, 179, 180);
	check_window(60, 240, berlin, 2, 0, 119, 120);
	check_window(60, 240, new_york, 2, 360, 479, 120);
	check_window(1320, 120, none, 1, 1320, 119, 240);
	check_window(1320, 120, berlin, 2, 1260, 1439, 180);
	check_window(0, 45, berlin, 2, 0, 0, 0);
	check_window(60, 240, far_apart, 3, 0, 0, 0);
	check_window(60, 240, large, 2, 90, 269, 180);
	check_window(300, 300, far_apart, 3, 0, 1439, DAY);
	check_window(0, 1440, berlin, 2, 0, 1439, DAY);
	check_window(1440, 60, none, 1, 0, 59, 60);
	check_window(1380, 1440, none, 1, 1380, 1439, 60);
	check_window(60, 240, none, 0, 0, 1439, DAY);
}

static void
test_take(void)
{
	CrmCronExpr expr;
	int			n = 0;

	begin(0, 0, 0);
	take("0 3 31 2 *");
	take("30 3 * * 1-5");
	take("0 3 * * *");
	tap_is_int(account.taken.runs[180], 2, "two jobs at three on a Sunday");
	tap_is_int(account.taken.runs[210], 0, "none at half past three");
	tap_is_int(account.taken.runs[DAY + 210], 1, "one on a Monday");
	for (int minute = 0; minute < WEEK; minute++)
		n += account.taken.runs[minute];
	tap_is_int(n, 7 + 5 + 7, "and no more");

	crm_cron_parse("10 seconds", &expr);
	for (int i = 0; i < 70000; i += 10000)
	{
		account.taken.runs[7] = Max(account.taken.runs[7], PG_UINT16_MAX - 3);
		crm_stagger_take(&account.taken, &expr);
	}
	tap_is_int(account.taken.runs[7], PG_UINT16_MAX, "counting ends somewhere");
	tap_ok(crm_stagger_choose(&account.taken, 1, NULL, NULL, 0) == 0, "but not choosing");
}

static void
test_single_jobs(void)
{
	bool		closed[DAY] = {false};

	begin(0, 0, 7);
	tap_is_int(crm_stagger_choose(&account.taken, DAY, closed, NULL, 7), -1, "where nothing is allowed, no phase is");
	tap_is_int(crm_stagger_choose(&account.taken, 60, closed, NULL, 7), 7, "an hourly job does not ask");
	tap_is_int(crm_stagger_choose(&account.taken, 5, NULL, NULL, 12), 2, "an account's first job is on its lattice");
	tap_is_int(crm_stagger_choose(&account.taken, WEEK, NULL, NULL, 14), 14, "a weekly one as well");
	closed[100] = true;
	tap_is_int(crm_stagger_choose(&account.taken, WEEK, closed, NULL, 7), 100, "a single minute is a window");

	begin(60, 240, 4);
	tap_is_int(add(360), 4, "six-hourly jobs keep out of the window");
	tap_is_int(add(DAY), 124, "that daily jobs look for");
	tap_is_int(add(DAY), 184, "far from each other");
	tap_is_int(add(DAY), 64, "in the same quarter of an hour");
	tap_is_int(add(DAY), 94, "and then in the opposite one");
	tap_is_int(add(60), 19, "so that an hourly job finds a quarter of its own");
	tap_is_int(add(60), 49, "and so does the second");

	begin(0, 0, 0);
	take("*/15 * * * *");
	tap_is_int(add(60), 7, "between jobs too close, the middle");
	begin(0, 0, 0);
	take("10 * * * *");
	take("40 * * * *");
	tap_is_int(add(DAY), 25, "what another chose off the lattice leaves other places");
}

static void
test_daily_jobs(void)
{
	for (int i = 0; i < 2 * APART; i++)
	{
		int			from = i == 0 ? 60 : draw(DAY);

		begin(from, (from + 180) % DAY, i % APART);
		for (int n = 0; n < 12; n++)
			add(DAY);
		tap_ok(account.nearest == APART && account.outside == 0,
			   "twelve daily jobs from minute %d, lattice %d", from, account.lattice);
		for (int n = 0; n < 5; n++)
			add(DAY);
		tap_ok(account.missed == 0 && account.outside == 0 && account.nearest == 7,
			   "five more go between them");
		stub_reset_memory();
	}
}

/* Mixes for which there is room in three hours, in any order, anywhere. */
static void
check_mix(const char *name, const int *jobs, int n, int tries)
{
	int			order[32];
	int			good = 0;

	memcpy(order, jobs, n * sizeof(int));
	for (int i = 0; i < tries; i++)
	{
		int			from = i == 0 ? 60 : draw(DAY);

		begin(from, (from + 180) % DAY, draw(APART));
		for (int k = 0; k < n; k++)
			add(order[k]);
		good += account.nearest >= APART && account.outside == 0 && account.missed == 0;
		shuffle(order, n);
		stub_reset_memory();
	}
	tap_is_int(good, tries, "%s: all apart, whatever their order", name);
}

#define MIX(name, ...) \
	do { \
		static const int jobs[] = {__VA_ARGS__}; \
		check_mix(name, jobs, lengthof(jobs), 20); \
	} while (0)

static void
test_mixes(void)
{
	MIX("2 hourly, 4 six-hourly, 4 daily, 1 weekly",
		60, 60, 360, 360, 360, 360, DAY, DAY, DAY, DAY, WEEK);
	MIX("1 hourly, 9 daily", 60, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY);
	MIX("3 hourly, 3 daily", 60, 60, 60, DAY, DAY, DAY);
	MIX("3 hourly, 2 daily, 5 weekly", 60, 60, 60, DAY, DAY, WEEK, WEEK, WEEK, WEEK, WEEK);
	MIX("1 half-hourly, 1 hourly, 3 daily", 30, 60, DAY, DAY, DAY);
	MIX("1 half-hourly, 6 daily", 30, DAY, DAY, DAY, DAY, DAY, DAY);
	MIX("2 two-hourly, 6 daily", 120, 120, DAY, DAY, DAY, DAY, DAY, DAY);
	MIX("6 six-hourly, 12 daily", 360, 360, 360, 360, 360, 360,
		DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY);
	MIX("all sorts", 60, 120, 240, 360, 480, 720, DAY, DAY, DAY, DAY, WEEK, WEEK);
	MIX("14 weekly", WEEK, WEEK, WEEK, WEEK, WEEK, WEEK, WEEK,
		WEEK, WEEK, WEEK, WEEK, WEEK, WEEK, WEEK);
}

/* Whatever is taken and asked for: the best place there is. */
static void
test_any_account(void)
{
	static const char *const others[] = {
		"* * * * *", "*/5 * * * *", "10 seconds", "0 */2 * * *", "@hourly", "@daily", "@weekly",
		"13,47 8-18 * * 1-5", "5 4 1 * *", "0 0 $ * *", "*/20 3 * * *", "22 22 * * 6", "1 1 1 1 1"
	};
	int			missed = 0;
	int			outside = 0;

	for (int i = 0; i < 60; i++)
	{
		int			from = draw(DAY);

		begin(from, (from + draw(4) * 120 + draw(60)) % DAY, draw(APART));
		for (int n = draw(4); n > 0; n--)
			take(others[draw(lengthof(others))]);
		for (int n = draw(9); n > 0; n--)
			add(periods[draw(lengthof(periods))]);
		missed += account.missed;
		outside += account.outside;
		stub_reset_memory();
	}
	tap_is_int(missed, 0, "no job is nearer to others than need be");
	tap_is_int(outside, 0, "and none outside its window");
}

/* Where no distance can be kept, the jobs still do not pile up. */
static void
test_crowded(void)
{
	int			phases[8];
	int			nearest = WEEK;

	begin(60, 240, 3);
	take("* * * * *");
	for (int i = 0; i < lengthof(phases); i++)
	{
		phases[i] = add(DAY);
		for (int k = 0; k < i; k++)
			nearest = Min(nearest, Abs(phases[i] - phases[k]));
	}
	tap_ok(nearest >= APART, "beside a job of every minute, daily jobs keep apart from each other");

	begin(60, 240, 3);
	take("2-59/5 * * * *");
	for (int i = 0; i < 4; i++)
		add(60);
	for (int i = 0; i < WEEK; i++)
		nearest = Min(nearest, account.taken.runs[i] > 1 ? 0 : WEEK);
	tap_ok(nearest > 0, "beside one of every five, hourly jobs do");
}

int
main(void)
{
	test_schedules();
	test_period_words();
	test_windows();
	test_take();
	test_single_jobs();
	test_daily_jobs();
	test_mixes();
	test_any_account();
	test_crowded();
	return tap_done();
}
