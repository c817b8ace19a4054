/*
 * cronexpr.c
 *		When a schedule of pg_cron runs.
 *
 * pg_cron descends from Paul Vixie's cron, whose reader forgives much: what it
 * does not understand at the end of a field it skips, and so is everything
 * after the fifth field.  A job that it runs must not look broken here, hence
 * what is accepted is what pg_cron 1.6 accepts.
 */
#include "postgres.h"

#include "admin/cronexpr.h"

/* Shorter than this is what pg_cron looks at. */
#define LONGEST_SCHEDULE	1000

/* Beyond every field, so that digits can be added up without overflow. */
#define LARGE_NUMBER	1000

#define HOUR_MINUTES	60
#define DAY_MINUTES		1440

/* Days to look ahead. */
#define HORIZON			(5 * 366)

/* After 400 years weekdays and leap years repeat. */
#define CYCLE_DAYS		146097

/* The weekday of 1970-01-01. */
#define THURSDAY		4

#define HAS(set, n)		(((set) >> (n) & 1) != 0)

typedef struct Field
{
	int			first;
	int			last;
	const char *const *names;	/* of first and those after it, or NULL */
} Field;

typedef struct Word
{
	const char *name;
	const char *fields;
} Word;

/* A day of the calendar. */
typedef struct Day
{
	int			year;			/* leap years are where they are, others may differ */
	int			month;
	int			day;
	int			weekday;		/* 0 = Sunday */
} Day;

static const char *const month_names[] = {
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL
};

static const char *const weekday_names[] = {
	"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};

static const Field minute_field = {0, 59, NULL};
static const Field hour_field = {0, 23, NULL};
static const Field day_field = {1, 31, NULL};
static const Field month_field = {1, 12, month_names};
static const Field weekday_field = {0, 7, weekday_names};

/*
 * What pg_cron documents: from 1.6.0 on its code leaves @yearly without a month
 * by mistake, and never runs it.
 */
static const Word words[] = {
	{"yearly", "0 0 1 1 *"},
	{"annually", "0 0 1 1 *"},
	{"monthly", "0 0 1 * *"},
	{"weekly", "0 0 * * 0"},
	{"daily", "0 0 * * *"},
	{"midnight", "0 0 * * *"},
	{"hourly", "0 * * * *"},
};

/*
 * Reading
 */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_space(char c)
{
	return is_blank(c) || (c >= '\n' && c <= '\r');
}

static void
skip_blanks(const char **at)
{
	while (is_blank(**at))
		(*at)++;
}

/* Reads a number, or one of the names, which count from "first". */
static bool
read_number(const char **at, const char *const *names, int first, int *number)
{
	const char *word = *at;
	size_t		len = 0;

	while (is_alnum(word[len]))
		len++;
	*at += len;

	for (int i = 0; names != NULL && names[i] != NULL; i++)
	{
		if (strlen(names[i]) == len && pg_strncasecmp(names[i], word, len) == 0)
		{
			*number = first + i;
			return true;
		}
	}

	*number = 0;
	for (size_t i = 0; i < len; i++)
	{
		if (!is_digit(word[i]))
			return false;
		*number = Min(*number * 10 + (word[i] - '0'), LARGE_NUMBER);
	}
	return len > 0;
}

static void
add_values(const Field *field, int from, int to, int step, uint64 *set)
{
	for (int n = from; n <= Min(to, field->last); n += step)
		*set |= UINT64CONST(1) << n;
}

/*
 * Adds a range of numbers that are in the field.  One that runs backwards is
 * empty; but with step 1, pg_cron fills its bytes of eight values from "from"
 * on and up to "to", if those are two.  So the hours "22-3" are those that its
 * author meant, by luck, whereas "10-3" lacks 16 to 23.
 */
static void
add_range(const Field *field, int from, int to, int step, uint64 *set)
{
	int			first_byte = (from - field->first) / 8;
	int			last_byte = (to - field->first) / 8;

	if (step == 1 && first_byte > last_byte)
	{
		add_values(field, from, field->first + first_byte * 8 + 7, 1, set);
		add_values(field, field->first + last_byte * 8, to, 1, set);
	}
	else
		add_values(field, from, to, step, set);
}

/* Reads "*", a number or a range; all but a number may be followed by a step. */
static bool
read_range(const char **at, const Field *field, uint64 *set)
{
	int			from = field->first;
	int			to = field->last;
	int			step = 1;

	if (**at == '*')
		(*at)++;
	else
	{
		if (!read_number(at, field->names, field->first, &from))
			return false;
		to = from;
		if (**at == '/')
			return false;
		if (**at == '-')
		{
			(*at)++;
			if (!read_number(at, field->names, field->first, &to))
				return false;
		}
	}

	if (**at == '/')
	{
		(*at)++;
		if (!read_number(at, NULL, 0, &step) || step < 1)
			return false;
	}

	if (Min(from, to) < field->first || Max(from, to) > field->last || step > field->last)
		return false;
	add_range(field, from, to, step, set);
	return true;
}

/* Reads a field and goes on to the next; tells if it begins with "*". */
static bool
read_field(const char **at, const Field *field, uint64 *set, bool *star)
{
	*star = **at == '*';
	*set = 0;
	for (;;)
	{
		if (!read_range(at, field, set))
			return false;
		if (**at != ',')
			break;
		(*at)++;
	}
	while (**at != '\0' && **at != '\n' && !is_blank(**at))
		(*at)++;
	skip_blanks(at);
	return true;
}

static bool
read_day(const char **at, CrmCronExpr *expr, bool *star)
{
	if (**at != '$')
		return read_field(at, &day_field, &expr->days, star);

	*star = false;
	expr->last_day = true;
	(*at)++;
	if (!is_blank(**at))
		return false;
	skip_blanks(at);
	return true;
}

static bool
read_fields(const char *text, CrmCronExpr *expr)
{
	bool		ignored;
	bool		day_star;
	bool		weekday_star;

	if (!read_field(&text, &minute_field, &expr->minutes, &ignored) ||
		!read_field(&text, &hour_field, &expr->hours, &ignored) ||
		!read_day(&text, expr, &day_star) ||
		!read_field(&text, &month_field, &expr->months, &ignored) ||
		!read_field(&text, &weekday_field, &expr->weekdays, &weekday_star))
		return false;

	if (HAS(expr->weekdays, 7))
		expr->weekdays |= 1;
	expr->either_day = !day_star && !weekday_star;
	return true;
}

/* Reads what follows "@". */
static bool
read_word(const char *text, CrmCronExpr *expr)
{
	size_t		len = strcspn(text, " \t\n");

	for (int i = 0; i < lengthof(words); i++)
	{
		if (strlen(words[i].name) == len && strncmp(words[i].name, text, len) == 0)
			return read_fields(words[i].fields, expr);
	}
	return false;
}

/* Passes over blank lines, comments, and blanks before the first field. */
static const char *
schedule_start(const char *text)
{
	skip_blanks(&text);
	while (*text == '\n' || *text == '#')
	{
		text += strcspn(text, "\n");
		if (*text == '\n')
			text++;
		skip_blanks(&text);
	}
	return text;
}

/* Reads "N seconds".  White space may follow the plural only. */
static bool
read_interval(const char *text, int *seconds)
{
	const char *unit = "second";

	while (is_space(*text))
		text++;
	if (*text == '+')
		text++;
	*seconds = 0;
	for (; is_digit(*text); text++)
		*seconds = Min(*seconds * 10 + (*text - '0'), LARGE_NUMBER);
	while (is_space(*text))
		text++;

	if (pg_strncasecmp(text, unit, strlen(unit)) != 0)
		return false;
	text += strlen(unit);
	if (*text == 's' || *text == 'S')
	{
		text++;
		while (is_space(*text))
			text++;
	}
	return *text == '\0' && *seconds >= 1 && *seconds <= 59;
}

bool
crm_cron_parse(const char *text, CrmCronExpr *expr)
{
	const char *start = schedule_start(text);

	memset(expr, 0, sizeof(*expr));
	if (strlen(text) < LONGEST_SCHEDULE &&
		(*start == '@' ? read_word(start + 1, expr) : read_fields(start, expr)))
		return true;

	/* Nothing of what was read up to the mistake. */
	memset(expr, 0, sizeof(*expr));
	return read_interval(text, &expr->seconds);
}

/*
 * The calendar
 */
static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(const Day *date)
{
	if (date->month == 2)
		return is_leap(date->year) ? 29 : 28;
	return date->month == 4 || date->month == 6 || date->month == 9 || date->month == 11 ? 30 : 31;
}

/* The day that is so many days after 1970-01-01. */
static Day
find_day(int64 number)
{
	Day			date = {1970, 1, 1, 0};
	int			left = (int) (number % CYCLE_DAYS);

	if (left < 0)
		left += CYCLE_DAYS;
	date.weekday = (THURSDAY + left) % 7;

	for (; left >= (is_leap(date.year) ? 366 : 365); date.year++)
		left -= is_leap(date.year) ? 366 : 365;
	for (; left >= month_days(&date); date.month++)
		left -= month_days(&date);
	date.day += left;
	return date;
}

static void
next_day(Day *date)
{
	date->weekday = (date->weekday + 1) % 7;
	if (date->day < month_days(date))
		date->day++;
	else
	{
		date->day = 1;
		date->month = date->month % 12 + 1;
		date->year += date->month == 1;
	}
}

/*
 * Runs
 */
static bool
runs_on(const CrmCronExpr *expr, const Day *date)
{
	bool		day = HAS(expr->days, date->day) ||
		(expr->last_day && date->day == month_days(date));
	bool		weekday = HAS(expr->weekdays, date->weekday);

	return HAS(expr->months, date->month) &&
		(expr->either_day ? day || weekday : day && weekday);
}

static bool
runs_at(const CrmCronExpr *expr, int minute)
{
	return HAS(expr->hours, minute / HOUR_MINUTES) && HAS(expr->minutes, minute % HOUR_MINUTES);
}

/* The first minute of a day on which it runs, at or after a minute, or -1. */
static int
next_minute(const CrmCronExpr *expr, int from)
{
	for (int minute = from; minute < DAY_MINUTES; minute++)
	{
		if (runs_at(expr, minute))
			return minute;
	}
	return -1;
}

bool
crm_cron_next(const CrmCronExpr *expr, int64 from, int64 *next)
{
	int64		number = from / DAY_MINUTES - (from % DAY_MINUTES < 0);
	int			minute = (int) (from - number * DAY_MINUTES);
	Day			date = find_day(number);

	if (expr->seconds > 0)
	{
		*next = from;
		return true;
	}

	for (int i = 0; i <= HORIZON; i++)
	{
		int			found = runs_on(expr, &date) ? next_minute(expr, minute) : -1;

		if (found >= 0)
		{
			*next = (number + i) * DAY_MINUTES + found;
			return true;
		}
		next_day(&date);
		minute = 0;
	}
	return false;
}

int64
crm_cron_period(const CrmCronExpr *expr, int64 from)
{
	int64		first;
	int64		second;

	if (expr->seconds > 0)
		return expr->seconds;
	if (!crm_cron_next(expr, from, &first) || !crm_cron_next(expr, first + 1, &second))
		return 0;
	return (second - first) * 60;
}

bool
crm_cron_in_week(const CrmCronExpr *expr, int minute)
{
	bool		day = expr->days != 0 || expr->last_day;
	bool		weekday = HAS(expr->weekdays, minute / DAY_MINUTES);

	if (expr->seconds > 0)
		return true;
	return expr->months != 0 &&
		(expr->either_day ? day || weekday : day && weekday) &&
		runs_at(expr, minute % DAY_MINUTES);
}
