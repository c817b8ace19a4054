/*
 * send.c
 *		Values of demands in the form a filter's parameter takes.
 */
#include "postgres.h"

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "client/page.h"
#include "fdw/keys.h"
#include "fdw/send.h"

/* A longer value only makes a request that servers refuse. */
#define LONGEST_VALUE	255

bool
crm_send_may(const char *text)
{
	size_t		len = strlen(text);

	for (const unsigned char *p = (const unsigned char *) text; *p; p++)
	{
		if (*p == '\\' || *p < ' ' || *p == 0x7f)
			return false;
	}
	return len > 0 && len <= LONGEST_VALUE && text[0] != ' ' && text[len - 1] != ' ';
}

/* The codes of a label; a "+" behind a code only tells labels apart. */
static List *
codes_of(const CrmColumn *column, const char *label, List *codes)
{
	for (const CrmLabel *entry = column->labels; entry->code != NULL; entry++)
	{
		if (strcmp(entry->label, label) == 0)
			codes = lappend(codes, pnstrdup(entry->code, strcspn(entry->code, "+")));
	}
	return codes;
}

/* Does a column hold ids?  0 is how APIs say "none" there: NULL. */
static bool
holds_ids(const CrmColumn *column)
{
	return column->format == CRM_FORMAT_REFERENCE ||
		(column->type == CRM_BIGINT && strcmp(column->name, "id") == 0);
}

bool
crm_send_values(const CrmFilter *filter, const CrmDemand *demand, List **values)
{
	const CrmColumn *column = demand->column->column;
	ListCell   *lc;

	*values = NIL;
	if (demand->unknown)
	{
		*values = demand->values;
		return true;
	}
	foreach(lc, demand->values)
	{
		char	   *text = lfirst(lc);

		if (filter->send == CRM_SEND_CODE)
			*values = codes_of(column, text, *values);
		else if (demand->column->kind == CRM_KIND_BOOLEAN && filter->send == CRM_SEND_PLAIN)
			*values = lappend(*values, strcmp(text, "true") == 0 ? "1" : "0");
		else if (holds_ids(column) && !crm_key_is_number(text))
			continue;
		else if (!crm_send_may(text))
			return false;
		else
			*values = lappend(*values, text);
	}
	foreach(lc, *values)
	{
		if (filter->except != NULL && strcmp(lfirst(lc), filter->except) == 0)
			return false;
	}
	return true;
}

/* A moment as Chicago's clock shows it, with its offset. */
static char *
chicago_text(int64 time, bool next_midnight)
{
	pg_tz	   *zone = pg_tzset("America/Chicago");
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;

	if (zone == NULL || timestamp2tm(time, &offset, &tm, &fsec, NULL, zone) != 0)
		return NULL;
	if (next_midnight && (tm.tm_hour | tm.tm_min | tm.tm_sec) != 0)
	{
		j2date(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) + 1, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		offset = DetermineTimeZoneOffset(&tm, zone);
	}
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_sec, offset > 0 ? '-' : '+',
					abs(offset) / SECS_PER_HOUR, abs(offset) % SECS_PER_HOUR / SECS_PER_MINUTE);
}

int64
crm_send_second(int64 time, bool up)
{
	const int64 offset = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64		second = time / USECS_PER_SEC;
	int64		rest = time % USECS_PER_SEC;

	if (rest < 0)
		second--;
	if (up && rest != 0)
		second++;
	return second + offset;
}

static char *
time_to_send(const CrmFilter *filter, int64 bound, bool lower)
{
	const int64 offset = (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64		second = crm_send_second(bound, lower) + (lower ? -filter->widen : filter->widen);

	/* Before 1970 and after 9999, or January 2038, nothing is bounded. */
	if (second < 0 || second > (filter->closed ? PG_INT32_MAX : CRM_END_OF_TIME))
		return NULL;
	switch (filter->send)
	{
		case CRM_SEND_CHICAGO:

			/*
			 * A server that reads dates only would cut the time off, which
			 * widens a lower bound but would narrow an upper one.
			 */
			return chicago_text((second - offset) * USECS_PER_SEC, !lower);
		case CRM_SEND_UNIX:
			return psprintf(INT64_FORMAT, second);
		case CRM_SEND_UNIX_MS:
			return psprintf(INT64_FORMAT "000", second);
		default:
			return NULL;
	}
}

/* A number moved by "by" if it fits into 32 bits then, or NULL. */
static char *
small_number(Datum number, int by)
{
	Datum		most = DirectFunctionCall1(int4_numeric, Int32GetDatum(PG_INT32_MAX));
	Datum		moved = DirectFunctionCall2(numeric_add, number, DirectFunctionCall1(int4_numeric, Int32GetDatum(by)));

	/* NaN is greater than everything. */
	if (DatumGetBool(DirectFunctionCall2(numeric_ge, DirectFunctionCall1(numeric_abs, moved), most)))
		return NULL;
	return DatumGetCString(DirectFunctionCall1(numeric_out, moved));
}

/* Integer and numeric bounds. */
static char *
number_to_send(const CrmFilter *filter, const CrmDemand *demand, bool lower)
{
	Datum		bound;
	Datum		widen = DirectFunctionCall1(int4_numeric, Int32GetDatum(filter->widen));

	if (demand->column->kind == CRM_KIND_INTEGER)
	{
		int64		value = lower ? demand->range.low : demand->range.high;

		if (value < PG_INT32_MIN || value > PG_INT32_MAX)
			return NULL;
		return psprintf(INT64_FORMAT, value + (lower ? -filter->widen : filter->widen));
	}
	if (!(lower ? demand->has_low : demand->has_high))
		return NULL;
	if (filter->send == CRM_SEND_NUMBER)
		return small_number(lower ? demand->low : demand->high, lower ? -filter->widen : filter->widen);
	if (filter->send != CRM_SEND_WHOLE)
		return NULL;
	bound = lower ? DirectFunctionCall1(numeric_ceil, demand->low) :
		DirectFunctionCall1(numeric_floor, demand->high);
	if (numeric_is_nan(DatumGetNumeric(bound)) || numeric_is_inf(DatumGetNumeric(bound)))
		return NULL;
	bound = lower ? DirectFunctionCall2(numeric_sub, bound, widen) :
		DirectFunctionCall2(numeric_add, bound, widen);
	if (lower && DatumGetBool(DirectFunctionCall2(numeric_lt, bound, widen)))
		return NULL;			/* everything is above */
	return DatumGetCString(DirectFunctionCall1(numeric_out, bound));
}

const char *
crm_send_bound(const CrmFilter *filter, const CrmDemand *demand, bool lower)
{
	const char *name = lower ? demand->low_name : demand->high_name;
	int64		bound = lower ? demand->range.low : demand->range.high;

	if (name != NULL)
		return name;
	if (demand->column->kind != CRM_KIND_TIME)
		return number_to_send(filter, demand, lower);
	return bound == PG_INT64_MIN || bound == PG_INT64_MAX ? NULL : time_to_send(filter, bound, lower);
}

const char *
crm_send_fragment(const CrmFilter *filter, const CrmDemand *demand)
{
	const char *longest = NULL;
	ListCell   *lc;

	if (demand->unknown)
		return NULL;
	if (demand->has_values && list_length(demand->values) == 1 && crm_send_may(linitial(demand->values)))
		return linitial(demand->values);
	foreach(lc, demand->fragments)
	{
		const CrmFragment *fragment = lfirst(lc);

		if (filter->match == CRM_MATCH_PREFIX && !fragment->is_prefix)
			continue;
		if (crm_send_may(fragment->text) &&
			(longest == NULL || strlen(fragment->text) > strlen(longest)))
			longest = fragment->text;
	}
	return longest;
}
