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
clamp_time(int64 time)
{
	return Min(Max(time, start_of_year(FIRST_YEAR)), start_of_year(LAST_YEAR));
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

/* Applies one of the above to a bound; direction is -1 below, 1 above. */
static int64
convert_bound(int64 (*convert) (const char *, int64), const char *zone, int64 bound, int direction)
{
	int64		time;

	if (bound == PG_INT64_MIN || bound == PG_INT64_MAX)
		return bound;
	time = clamp_time(bound);
	if (convert(zone, time + USECS_PER_DAY) - convert(zone, time - USECS_PER_DAY) != 2 * USECS_PER_DAY)
		return convert(zone, time) + direction * USECS_PER_DAY;
	return convert(zone, time);
}

static CrmRange
convert_range(int64 (*convert) (const char *, int64), const char *zone, CrmRange range)
{
	range.low = convert_bound(convert, zone, range.low, -1);
	range.high = convert_bound(convert, zone, range.high, 1);
	return range;
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
	if (range.low != PG_INT64_MIN)
	{
		int64		low = clamp_time(range.low);
		int64		start = truncate_time(unit, low);

		range.low = start == low ? start : next_unit(unit, start);
	}
	if (range.high != PG_INT64_MAX)
		range.high = next_unit(unit, truncate_time(unit, clamp_time(range.high))) - 1;
	return range;
}

/* ------------------------------------------------------------------------
 * The other steps
 * ------------------------------------------------------------------------ */

static CrmRange
invert_day(CrmRange range)
{
	if (range.low != PG_INT64_MIN)
		range.low = floor_day(clamp_time(range.low) + USECS_PER_DAY - 1);
	if (range.high != PG_INT64_MAX)
		range.high = floor_day(clamp_time(range.high)) + USECS_PER_DAY - 1;
	return range;
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
	const int64 first = start_of_year(FIRST_YEAR) / USECS_PER_SEC + offset;
	const int64 last = start_of_year(LAST_YEAR) / USECS_PER_SEC + offset;
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

	/* Beyond 2^53 doubles skip integers. */
	if (isnan(whole) || fabs(whole) > 9007199254740992.0)
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

/*
 * A time or date as microseconds, in the sense that the type compared with it
 * has: PostgreSQL compares a timestamptz with moments, a timestamp or date
 * with what the session's clock shows, unless the other side has a zone.
 */
static bool
time_value(Oid type, Oid valtype, Datum value, int64 *time, bool *near_change)
{
	int64		clock;

	*near_change = false;
	if (valtype == TIMESTAMPTZOID)
	{
		*time = DatumGetTimestampTz(value);
		if (TIMESTAMP_NOT_FINITE(*time))
			return false;
		if (type != TIMESTAMPTZOID)
		{
			*time = clock_at("", clamp_time(*time));
			*near_change = convert_bound(moment_of, "", *time, 1) != convert_bound(moment_of, "", *time, 0);
		}
		return true;
	}
	if (valtype == DATEOID)
	{
		if (DATE_NOT_FINITE(DatumGetDateADT(value)))
			return false;
		clock = (int64) DatumGetDateADT(value) * USECS_PER_DAY;
	}
	else if (valtype == TIMESTAMPOID)
		clock = DatumGetTimestamp(value);
	else
		return false;
	if (TIMESTAMP_NOT_FINITE(clock))
		return false;
	clock = clamp_time(clock);
	*time = type == TIMESTAMPTZOID ? moment_of("", clock) : clock;
	return true;
}

CrmRange
crm_range_of(CrmComparison comparison, Oid type, Oid valtype, Datum value, bool fractions,
			 bool *exact)
{
	CrmRange	range = CRM_RANGE_ALL;
	bool		near_change;
	int64		time;

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
			break;
	}
	if (!time_value(type, valtype, value, &time, &near_change))
	{
		*exact = false;
		return CRM_RANGE_ALL;
	}
	range = compare_int(comparison, time);
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
crm_range_intersect(CrmRange a, CrmRange b)
{
	return (CrmRange) {Max(a.low, b.low), Min(a.high, b.high)};
}

CrmRange
crm_range_hull(CrmRange a, CrmRange b)
{
	return (CrmRange) {Min(a.low, b.low), Max(a.high, b.high)};
}
