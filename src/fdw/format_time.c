/*
 * format_time.c
 *		The ways in which the APIs write a moment.
 *
 * timestamptz_in() does the parsing; this file only decides which zone a value
 * without offset means, and what counts as no value.  A number where text is
 * expected, or the other way round, is read for what it is: APIs have changed
 * between the two.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "fdw/format.h"

/* Unix times of more than 10 digits are milliseconds (CRM_FORMAT_UNIX_ANY). */
#define LARGEST_SECONDS INT64CONST(9999999999)

/* An empty date that was shifted by a time zone: less than a day before 1970. */
#define EMPTY_DATE_SHIFT	86400

static bool
is_number(const char *text)
{
	return text[strspn(text, "-0123456789.eE")] == '\0' &&
		(text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
		strchr(text + 1, '-') == NULL;
}

/* Exact microseconds since 1970 of a decimal number of units. */
static int64
unix_microseconds(const char *text, int64 unit)
{
	Numeric		number = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
															 ObjectIdGetDatum(InvalidOid),
															 Int32GetDatum(-1)));

	return DatumGetInt64(DirectFunctionCall1(numeric_int8,
											 DirectFunctionCall2(numeric_mul,
																 NumericGetDatum(number),
																 NumericGetDatum(int64_to_numeric(unit)))));
}

static bool
read_unix(CrmFormat format, const char *text, TimestampTz *value)
{
	int64		us = unix_microseconds(text, USECS_PER_SEC);
	bool		is_ms = format == CRM_FORMAT_UNIX_MS ||
		(format != CRM_FORMAT_UNIX && us / USECS_PER_SEC > LARGEST_SECONDS);

	if (is_ms)
		us /= 1000;
	if (us <= 0 && us > -EMPTY_DATE_SHIFT * USECS_PER_SEC)
		return false;
	*value = us - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	if (!IS_VALID_TIMESTAMP(*value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range: \"%s\"", text)));
	return true;
}

/* Does the text say its offset from UTC, behind the date? */
static bool
has_offset(const char *text)
{
	const char *clock = strpbrk(text, "T ");

	return clock != NULL && strpbrk(clock + 1, "Zz+-") != NULL;
}

static bool
read_iso(CrmFormat format, const char *text, TimestampTz *value)
{
	const char *zone = format == CRM_FORMAT_CHICAGO ? "America/Chicago" : "UTC";

	/* timestamptz_in also knows "now", "today" and the like; an API's text is a date. */
	if (text[0] < '0' || text[0] > '9')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid input syntax for type %s: \"%s\"", "timestamp with time zone", text)));
	if (!has_offset(text))
		text = psprintf("%s %s", text, zone);
	*value = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
													 ObjectIdGetDatum(InvalidOid),
													 Int32GetDatum(-1)));
	return true;
}

bool
crm_format_time(CrmFormat format, const char *text, TimestampTz *value)
{
	if (*text == '\0' || strncmp(text, "0000-00-00", 10) == 0)
		return false;
	if (is_number(text))
		return read_unix(format, text, value);
	return read_iso(format, text, value);
}
