/*
 * test_cronexpr.c
 *		admin/cronexpr.c: what pg_cron accepts, and when it runs that.
 */
#include "postgres.h"

#include <time.h>

#include "admin/cronexpr.h"
#include "stub.h"

#define DAY_MINUTES	1440

/* 2024-02-28 10:07, a Wednesday. */
#define NOW	"2024-02-28 10:07"

typedef struct Run
{
	const char *schedule;
	const char *from;
	const char *next;			/* NULL: none; "": the schedule is refused */
} Run;

static const Run runs[] = {
	/* the fields */
	{"* * * * *", NOW, "2024-02-28 10:07"},
	{"7 10 28 2 3", NOW, "2024-02-28 10:07"},
	{"6 10 * * *", NOW, "2024-02-29 10:06"},
	{"0 0 1 1 *", NOW, "2025-01-01 00:00"},
	{"30 9,11-12 * * *", NOW, "2024-02-28 11:30"},
	{"*/5 * * * *", NOW, "2024-02-28 10:10"},
	{"3-59/10 * * * *", NOW, "2024-02-28 10:13"},
	{"17 2-23/6 * * *", NOW, "2024-02-28 14:17"},
	{"59 23 31 12 *", NOW, "2024-12-31 23:59"},
	{"1,*/30,1-3 4 * * *", "2024-02-28 04:04", "2024-02-28 04:30"},
	{"007 10 * * *", NOW, "2024-02-28 10:07"},

	/* names */
	{"0 0 * mar *", NOW, "2024-03-01 00:00"},
	{"0 0 * * THU", NOW, "2024-02-29 00:00"},
	{"0 0 * Apr-jun/2 *", "2024-05-01 00:00", "2024-06-01 00:00"},
	{"0 0 * * mon-fri", "2024-03-02 00:00", "2024-03-04 00:00"},
	{"0 0 * * 0", NOW, "2024-03-03 00:00"},
	{"0 0 * * 7", NOW, "2024-03-03 00:00"},
	{"0 0 * * 5-7", "2024-03-03 00:00", "2024-03-03 00:00"},
	{"0 0 * march *", NOW, ""},
	{"0 0 * * 1th", NOW, ""},
	{"0 0 jan * *", NOW, ""},

	/* days of month and week */
	{"0 0 13 * 5", NOW, "2024-03-01 00:00"},
	{"0 0 13 * 5", "2024-03-09 00:00", "2024-03-13 00:00"},
	{"0 0 */2 * 5", NOW, "2024-03-01 00:00"},
	{"0 0 */2 * 5", "2024-03-02 00:00", "2024-03-15 00:00"},
	{"0 0 13 * */5", NOW, "2024-09-13 00:00"},
	{"0 0 1,* * 5", NOW, "2024-02-29 00:00"},
	{"0 0 29 2 *", "2024-02-29 00:01", "2028-02-29 00:00"},
	{"0 0 29 2 *", "2096-03-01 00:00", NULL},
	{"0 0 30 2 *", NOW, NULL},
	{"0 0 31 4,6,9,11 *", NOW, NULL},
	{"0 0 31 * *", "2024-03-31 00:01", "2024-05-31 00:00"},

	/* the last day of the month */
	{"0 0 $ * *", NOW, "2024-02-29 00:00"},
	{"0 0 $ 2 *", "2024-03-01 00:00", "2025-02-28 00:00"},
	{"0 0 $ 2 *", "2100-01-01 00:00", "2100-02-28 00:00"},
	{"0 0 $ * 5", "2024-03-02 00:00", "2024-03-08 00:00"},
	{"0 0 $ * 5", "2024-03-30 00:00", "2024-03-31 00:00"},
	{"0 0 $,1 * *", NOW, ""},
	{"0 0 $", NOW, ""},

	/* words */
	{"@hourly", NOW, "2024-02-28 11:00"},
	{"@daily", NOW, "2024-02-29 00:00"},
	{"@midnight", NOW, "2024-02-29 00:00"},
	{"@weekly", NOW, "2024-03-03 00:00"},
	{"@monthly", NOW, "2024-03-01 00:00"},
	{"@yearly", NOW, "2025-01-01 00:00"},
	{"  @annually then", NOW, "2025-01-01 00:00"},
	{"@Daily", NOW, ""},
	{"@ daily", NOW, ""},
	{"@dailyx", NOW, ""},
	{"@reboot", NOW, ""},
	{"@", NOW, ""},

	/* what surrounds it */
	{" \t6  11\t* *   * ", NOW, "2024-02-28 11:06"},
	{"# a comment\n\n  6 11 * * *\n", NOW, "2024-02-28 11:06"},
	{"6 11 * * * select 1", NOW, "2024-02-28 11:06"},
	{"6;x 11?! * * *", NOW, "2024-02-28 11:06"},
	{"*5 11 * * *", NOW, "2024-02-28 11:00"},
	{"1-2-9 11 * * *", NOW, "2024-02-28 11:01"},
	{"", NOW, ""},
	{"#", NOW, ""},
	{"# nothing\n", NOW, ""},
	{"6 11 * *", NOW, ""},
	{"6 11 *\n* *", NOW, ""},

	/* numbers out of place */
	{"60 * * * *", NOW, ""},
	{"* 24 * * *", NOW, ""},
	{"* * 0 * *", NOW, ""},
	{"* * 32 * *", NOW, ""},
	{"* * * 0 *", NOW, ""},
	{"* * * 13 *", NOW, ""},
	{"* * * * 8", NOW, ""},
	{"5-64/30 * * * *", NOW, ""},
	{"5/10 * * * *", NOW, ""},
	{"*/0 * * * *", NOW, ""},
	{"*/60 * * * *", NOW, ""},
	{"*/59 11 * * *", "2024-02-28 11:01", "2024-02-28 11:59"},
	{"1,,2 * * * *", NOW, ""},
	{"1, * * * *", NOW, ""},
	{"-1 * * * *", NOW, ""},
	{"1- * * * *", NOW, ""},
	{"*/ * * * *", NOW, ""},
	{"99999999999999999999 * * * *", NOW, ""},

	/* ranges that run backwards */
	{"0 22-3 * * *", NOW, "2024-02-28 22:00"},
	{"0 22-3 * * *", "2024-02-28 23:01", "2024-02-29 00:00"},
	{"0 22-3 * * *", "2024-02-28 03:01", "2024-02-28 22:00"},
	{"0 22-3/2 * * *", NOW, NULL},
	{"0 10-3 * * *", "2024-02-28 15:01", "2024-02-29 00:00"},
	{"0 0 * * fri-sun", NOW, NULL},
	{"0 0 1 nov-feb *", "2024-02-28 00:00", "2024-11-01 00:00"},

	/* seconds */
	{"1 second", NOW, NOW},
	{"59 SECONDS", NOW, NOW},
	{"\n +5seconds \n", NOW, NOW},
	{"5 second ", NOW, ""},
	{"0 seconds", NOW, ""},
	{"60 seconds", NOW, ""},
	{"4294967297 seconds", NOW, ""},
	{"-5 seconds", NOW, ""},
	{"5 seconds more", NOW, ""},
	{"5 secondss", NOW, ""},
	{"seconds", NOW, ""},
	{"5 minutes", NOW, ""},
	{"5", NOW, ""},
};

/* Minutes since 1970, by the C library's calendar. */
static int64
minute_of(const char *text)
{
	struct tm	tm = {0};

	sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm) / 60;
}

static struct tm
calendar(int64 minute)
{
	time_t		seconds = (time_t) minute * 60;
	struct tm	tm;

	gmtime_r(&seconds, &tm);
	return tm;
}

static void
test_runs(void)
{
	for (int i = 0; i < lengthof(runs); i++)
	{
		const Run  *run = &runs[i];
		CrmCronExpr expr;
		int64		next = 0;
		bool		accepted = crm_cron_parse(run->schedule, &expr);

		if (run->next != NULL && run->next[0] == '\0')
			tap_ok(!accepted, "refused: %s", run->schedule);
		else if (!accepted)
			tap_ok(false, "accepted: %s", run->schedule);
		else if (run->next == NULL)
			tap_ok(!crm_cron_next(&expr, minute_of(run->from), &next), "never runs: %s", run->schedule);
		else if (tap_ok(crm_cron_next(&expr, minute_of(run->from), &next), "runs: %s", run->schedule))
			tap_is_int(next, minute_of(run->next), "%s: after %s comes %s", run->schedule, run->from, run->next);
	}
}

static void
test_long_text(void)
{
	char		text[1100];
	CrmCronExpr expr;

	memset(text, ' ', sizeof(text));
	strcpy(text + 990, "* * * * *");
	tap_ok(crm_cron_parse(text, &expr), "999 characters are read");
	text[999] = ' ';
	text[1000] = '\0';
	tap_ok(!crm_cron_parse(text, &expr), "1000 are not");
}

static void
check_period(const char *schedule, const char *from, int64 seconds)
{
	CrmCronExpr expr;

	if (tap_ok(crm_cron_parse(schedule, &expr), "accepted: %s", schedule))
		tap_is_int(crm_cron_period(&expr, minute_of(from)), seconds, "the period of %s", schedule);
}

static void
test_periods(void)
{
	check_period("30 seconds", NOW, 30);
	check_period("* * * * *", NOW, 60);
	check_period("*/5 * * * *", NOW, 300);
	check_period("*/7 * * * *", "2024-02-28 10:56", 240);
	check_period("@hourly", NOW, 3600);
	check_period("@daily", NOW, 86400);
	check_period("@weekly", NOW, 7 * 86400);
	check_period("@monthly", NOW, 31 * 86400);
	check_period("@monthly", "2024-01-15 00:00", 29 * 86400);
	check_period("@yearly", NOW, 365 * 86400);
	check_period("0 0 29 2 *", NOW, 1461 * 86400);
	check_period("0 0 29 2 *", "2096-01-01 00:00", 0);
	check_period("0 0 30 2 *", NOW, 0);
}

/* Steps through time minute by minute, with the C library's calendar. */
static bool
agrees(const CrmCronExpr *expr, int64 from)
{
	int64		next;
	int64		minute = from;

	if (!crm_cron_next(expr, from, &next))
		return false;
	for (;; minute++)
	{
		struct tm	tm = calendar(minute);
		struct tm	tomorrow = calendar(minute + DAY_MINUTES);
		bool		day = (expr->days >> tm.tm_mday & 1) || (expr->last_day && tomorrow.tm_mday == 1);
		bool		weekday = expr->weekdays >> tm.tm_wday & 1;

		if ((expr->minutes >> tm.tm_min & 1) && (expr->hours >> tm.tm_hour & 1) &&
			(expr->months >> (tm.tm_mon + 1) & 1) &&
			(expr->either_day ? day || weekday : day && weekday))
			return minute == next &&
				crm_cron_in_week(expr, tm.tm_wday * DAY_MINUTES + tm.tm_hour * 60 + tm.tm_min);
	}
}

static void
test_calendar(void)
{
	static const char *const schedules[] = {
		"* * * * *", "*/7 5-9 * * *", "0 12 */3 * *", "0 12 * * 2,4", "1 1 1 * 1", "59 23 $ * *",
		"0 0 31 * 6", "30 6 $ 2,4 */2", "0 0 1-7 * *", "0 0 * 2 *"
	};

	for (int i = 0; i < lengthof(schedules); i++)
	{
		CrmCronExpr expr;
		bool		right = crm_cron_parse(schedules[i], &expr);

		/* Before 1970, a year divisible by 100, and far from today. */
		for (int64 n = 0; n < 10 && right; n++)
			right = agrees(&expr, minute_of("1969-11-03 03:33") + n * 20736) &&
				agrees(&expr, minute_of("2023-12-20 00:00") + n * 120011) &&
				agrees(&expr, minute_of("2099-12-01 12:01") + n * 25921) &&
				agrees(&expr, minute_of("2799-12-01 12:01") + n * 25921);
		tap_ok(right, "agrees with the calendar: %s", schedules[i]);
	}
}

static int
minutes_in_week(const char *schedule)
{
	CrmCronExpr expr;
	int			n = 0;

	if (!crm_cron_parse(schedule, &expr))
		return -1;
	for (int minute = 0; minute < 7 * DAY_MINUTES; minute++)
		n += crm_cron_in_week(&expr, minute);
	return n;
}

static void
test_week(void)
{
	tap_is_int(minutes_in_week("5 seconds"), 7 * DAY_MINUTES, "seconds take every minute of the week");
	tap_is_int(minutes_in_week("*/10 * * * *"), 7 * 144, "ten minutes take every tenth");
	tap_is_int(minutes_in_week("0 3 * * 1-5"), 5, "weekdays are five");
	tap_is_int(minutes_in_week("0 3 * * 0,7"), 1, "there is one Sunday");
	tap_is_int(minutes_in_week("0 3 31 2 *"), 7, "a day of the month can be any weekday");
	tap_is_int(minutes_in_week("0 3 $ * *"), 7, "so can the last one");
	tap_is_int(minutes_in_week("0 3 1 * 1"), 7, "and one of two ways is enough");
	tap_is_int(minutes_in_week("0 3 */2 * 1"), 1, "but not where both are needed");
	tap_is_int(minutes_in_week("0 3 * 7 *"), 7, "a month can have any weekday");
	tap_is_int(minutes_in_week("0 20-3/2 * * *"), 0, "a job that never runs takes nothing");
}

int
main(void)
{
	test_runs();
	test_long_text();
	test_periods();
	test_calendar();
	test_week();
	return tap_done();
}
