/*
 * range.c
 *		Ranges of expressions turned into ranges of columns.
 *
 * Local time does not always grow with time: clocks are set back.  Where a
 * zone's offset changes within a day of a bound, the bound is moved outwards
 * by a day.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "fdw/range.h"

/* Times beyond these years are not computed with; no record is that far away. */
#define FIRST_YEAR	1
#define LAST_YEAR	9999

static int64
start_of_year(int64 year)
{
	return (int64) (date2j((int) year, 1, 1) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
}

static int64
first_time(void)
{
	return start_of_year(FIRST_YEAR);
}

static int64
last_time(void)
{
	return start_of_year(LAST_YEAR + 1) - 1;
}

/*
 * Bounds beyond the years that are computed with: moved outwards to where they
 * can be computed, or given up.
 */
static int64
clamp_low(int64 low)
{
	return low < first_time() ? PG_INT64_MIN : Min(low, last_time());
}

static int64
clamp_high(int64 high)
{
	return high > last_time() ? PG_INT64_MAX : Max(high, first_time());
}

/* Largest multiple of the day that is not greater. */
static int64
floor_day(int64 time)
{
	int64		rest = time % USECS_PER_DAY;

	return time - (rest < 0 ? rest + USECS_PER_DAY : rest);
}

/* ------------------------------------------------------------------------
 * Zones
 * ------------------------------------------------------------------------ */

/* The moment at which a zone's clock shows a time. */
static int64
moment_of(const char *zone, int64 clock)
{
	if (zone[0] == '\0')
		return DatumGetTimestampTz(DirectFunctionCall1(timestamp_timestamptz, TimestampGetDatum(clock)));
	return DatumGetTimestampTz(DirectFunctionCall2(timestamp_zone, CStringGetTextDatum(zone),
												   TimestampGetDatum(clock)));
}

/* What a zone's clock shows at a moment. */
static int64
clock_at(const char *zone, int64 moment)
{
	if (zone[0] == '\0')
		return DatumGetTimestamp(DirectFunctionCall1(timestamptz_timestamp, TimestampTzGetDatum(moment)));
	return DatumGetTimestamp(DirectFunctionCall2(timestamptz_zone, CStringGetTextDatum(zone),
												 TimestampTzGetDatum(moment)));
}

/* Does a zone's offset change within a day of a time? */
static bool
is_near_change(int64 (*convert) (const char *, int64), const char *zone, int64 time)
{
	return convert(zone, time + USECS_PER_DAY) - convert(zone, time - USECS_PER_DAY) != 2 * USECS_PER_DAY;
}

static CrmRange
convert_range(int64 (*convert) (const char *, int64), const char *zone, CrmRange range)
{
	int64		low = clamp_low(range.low);
	int64		high = clamp_high(range.high);

	if (low != PG_INT64_MIN)
		low = convert(zone, low) - (is_near_change(convert, zone, low) ? USECS_PER_DAY : 0);
	if (high != PG_INT64_MAX)
		high = convert(zone, high) + (is_near_change(convert, zone, high) ? USECS_PER_DAY : 0);
	return (CrmRange) {low, high};
}

/* ------------------------------------------------------------------------
 * Units
 * ------------------------------------------------------------------------ */

static const struct
{
	const char *name;
	Interval	length;
}			units[] =
{
	{"second", {.time = USECS_PER_SEC}},
	{"minute", {.time = USECS_PER_MINUTE}},
	{"hour", {.time = USECS_PER_HOUR}},
	{"day", {.day = 1}},
	{"week", {.day = 7}},
	{"month", {.month = 1}},
	{"quarter", {.month = 3}},
	{"year", {.month = MONTHS_PER_YEAR}},
};

static const Interval *
unit_length(const char *unit)
{
	for (int i = 0; i < lengthof(units); i++)
	{
		if (pg_strcasecmp(units[i].name, unit) == 0)
			return &units[i].length;
	}
	return NULL;
}

bool
crm_range_knows_unit(const char *unit)
{
	return unit_length(unit) != NULL;
}

static int64
truncate_time(const char *unit, int64 time)
{
	return DatumGetTimestamp(DirectFunctionCall2(timestamp_trunc, CStringGetTextDatum(unit),
												 TimestampGetDatum(time)));
}

/* The start of the unit after the one a truncated time begins. */
static int64
next_unit(const char *unit, int64 start)
{
	return DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval, TimestampGetDatum(start),
												 IntervalPGetDatum(unit_length(unit))));
}

static CrmRange
invert_trunc(const char *unit, CrmRange range)
{
	int64		low = clamp_low(range.low);
	int64		high = clamp_high(range.high);

	if (low != PG_INT64_MIN)
	{
		int64		start = truncate_time(unit, low);

		low = start == low ? start : next_unit(unit, start);
	}
	if (high != PG_INT64_MAX)
		high = next_unit(unit, truncate_time(unit, high)) - 1;
	return (CrmRange) {low, high};
}

/* ------------------------------------------------------------------------
 * The other steps
 * ------------------------------------------------------------------------ */

static CrmRange
invert_day(CrmRange range)
{
	int64		low = clamp_low(range.low);
	int64		high = clamp_high(range.high);

	if (low != PG_INT64_MIN)
		low = floor_day(low + USECS_PER_DAY - 1);
	if (high != PG_INT64_MAX)
		high = floor_day(high) + USECS_PER_DAY - 1;
	return (CrmRange) {low, high};
}

static CrmRange
invert_year(CrmRange range)
{
	CrmRange	time = CRM_RANGE_ALL;

	if (range.low >= FIRST_YEAR)
		time.low = start_of_year(Min(range.low, LAST_YEAR));
	if (range.high <= LAST_YEAR)
		time.high = start_of_year(Max(range.high + 1, FIRST_YEAR)) - 1;
	return time;
}

static CrmRange
invert_epoch(CrmRange range)
{
	const int64 offset = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	const int64 first = first_time() / USECS_PER_SEC + offset;
	const int64 last = last_time() / USECS_PER_SEC + offset;
	CrmRange	time = CRM_RANGE_ALL;

	/* Seconds may have fractions: one more on either side. */
	if (range.low > first)
		time.low = (Min(range.low, last) - 1 - offset) * USECS_PER_SEC;
	if (range.high < last)
		time.high = (Max(range.high, first) + 1 - offset) * USECS_PER_SEC;
	return time;
}

CrmRange
crm_range_invert(CrmRange range, const List *steps)
{
	ListCell   *lc;

	foreach(lc, steps)
	{
		const CrmStep *step = lfirst(lc);

		if (range.low > range.high)
			return range;
		switch (step->kind)
		{
			case CRM_STEP_AT_ZONE:
				range = convert_range(moment_of, step->argument, range);
				break;
			case CRM_STEP_FROM_ZONE:
				range = convert_range(clock_at, step->argument, range);
				break;
			case CRM_STEP_TRUNC:
				range = invert_trunc(step->argument, range);
				break;
			case CRM_STEP_DAY:
				range = invert_day(range);
				break;
			case CRM_STEP_YEAR:
				range = invert_year(range);
				break;
			case CRM_STEP_EPOCH:
				range = invert_epoch(range);
				break;
			case CRM_STEP_NUMERIC:
				break;
		}
	}
	return range;
}

/* ------------------------------------------------------------------------
 * Comparisons
 * ------------------------------------------------------------------------ */

/* The range of integers x in "x comparison value". */
static CrmRange
compare_int(CrmComparison comparison, int64 value)
{
	CrmRange	range = CRM_RANGE_ALL;

	switch (comparison)
	{
		case CRM_LESS:
			if (value == PG_INT64_MIN)
				return (CrmRange) {1, 0};
			range.high = value - 1;
			break;
		case CRM_LESS_EQUAL:
			range.high = value;
			break;
		case CRM_EQUAL:
			range.low = range.high = value;
			break;
		case CRM_GREATER_EQUAL:
			range.low = value;
			break;
		case CRM_GREATER:
			if (value == PG_INT64_MAX)
				return (CrmRange) {1, 0};
			range.low = value + 1;
			break;
	}
	return range;
}

/*
 * The same for a value given as the integer below it, which is_whole says is
 * the value itself; with fractions, x need not be an integer, but the caller
 * widens by one.
 */
static CrmRange
compare_whole(CrmComparison comparison, double whole, bool is_whole, bool fractions, bool *exact)
{
	*exact = *exact && is_whole;

	/* From 2^53 on doubles skip integers. */
	if (isnan(whole) || fabs(whole) >= 9007199254740992.0)
	{
		*exact = false;
		return CRM_RANGE_ALL;
	}
	if (is_whole)
		return compare_int(comparison, (int64) whole);
	switch (comparison)
	{
		case CRM_LESS:
		case CRM_LESS_EQUAL:
			return compare_int(CRM_LESS_EQUAL, (int64) whole);
		case CRM_GREATER:
		case CRM_GREATER_EQUAL:
			return compare_int(CRM_GREATER_EQUAL, (int64) whole + 1);
		case CRM_EQUAL:
			break;
	}
	return fractions ? compare_int(CRM_EQUAL, (int64) whole) : (CrmRange) {1, 0};
}

static CrmRange
compare_numeric(CrmComparison comparison, Datum value, bool fractions, bool *exact)
{
	Datum		whole = DirectFunctionCall1(numeric_floor, value);

	return compare_whole(comparison,
						 DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, whole)),
						 DatumGetBool(DirectFunctionCall2(numeric_eq, whole, value)),
						 fractions, exact);
}

/* The range of times x in "x comparison value" for a value before or after all years. */
static CrmRange
compare_beyond(CrmComparison comparison, bool after)
{
	CrmRange	range = CRM_RANGE_ALL;

	if (after && comparison >= CRM_EQUAL)
		range.low = last_time();
	if (!after && comparison <= CRM_EQUAL)
		range.high = first_time();
	return range;
}

/*
 * The same for any time or date.  PostgreSQL compares a timestamptz with
 * moments, a timestamp or date with what the session's clock shows, unless the
 * other side has a zone.
 */
static CrmRange
compare_time(CrmComparison comparison, Oid type, Oid valtype, Datum value, bool *exact)
{
	bool		date_infinite = valtype == DATEOID && DATE_NOT_FINITE(DatumGetDateADT(value));
	bool		near_change = false;
	CrmRange	range;
	int64		time;

	if (valtype == DATEOID)
		time = date_infinite ? 0 : (int64) DatumGetDateADT(value) * USECS_PER_DAY;
	else if (valtype == TIMESTAMPOID || valtype == TIMESTAMPTZOID)
		time = DatumGetTimestamp(value);
	else
		date_infinite = true;
	if (date_infinite || TIMESTAMP_NOT_FINITE(time))
	{
		*exact = false;
		return CRM_RANGE_ALL;
	}
	if ((type == TIMESTAMPTZOID) == (valtype == TIMESTAMPTZOID))
		return compare_int(comparison, time);
	if (time < first_time() || time > last_time())
	{
		*exact = false;
		return compare_beyond(comparison, time > last_time());
	}
	if (type == TIMESTAMPTZOID)
		return compare_int(comparison, moment_of("", time));

	/* x is compared by the moment it stands for, which may not grow with it. */
	near_change = is_near_change(clock_at, "", time);
	range = compare_int(comparison, clock_at("", time));
	if (near_change)
	{
		*exact = false;
		if (range.low != PG_INT64_MIN)
			range.low -= USECS_PER_DAY;
		if (range.high != PG_INT64_MAX)
			range.high += USECS_PER_DAY;
	}
	return range;
}

CrmRange
crm_range_of(CrmComparison comparison, Oid type, Oid valtype, Datum value, bool fractions,
			 bool *exact)
{
	switch (valtype)
	{
		case INT2OID:
			return compare_int(comparison, DatumGetInt16(value));
		case INT4OID:
			return compare_int(comparison, DatumGetInt32(value));
		case INT8OID:
			return compare_int(comparison, DatumGetInt64(value));
		case FLOAT8OID:
			return compare_whole(comparison, floor(DatumGetFloat8(value)),
								 floor(DatumGetFloat8(value)) == DatumGetFloat8(value),
								 fractions, exact);
		case NUMERICOID:
			return compare_numeric(comparison, value, fractions, exact);
		default:
			return compare_time(comparison, type, valtype, value, exact);
	}
}

CrmRange
crm_range_intersect(CrmRange a, CrmRange b)
{
	return (CrmRange) {Max(a.low, b.low), Min(a.high, b.high)};
}

CrmRange
crm_range_hull(CrmRange a, CrmRange b)
{
	return (CrmRange) {Min(a.low, b.low), Max(a.high, b.high)};
}
