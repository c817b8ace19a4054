/*
 * clock.c
 *		Between the clock that pg_cron reads, the clock on an analyst's wall, and
 *		time.
 */
#include "postgres.h"

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "admin/clock.h"
#include "admin/stagger.h"

#define HOURS_OF_A_YEAR		(366 * 24)
#define SECONDS_OF_A_YEAR	(HOURS_OF_A_YEAR * 3600)

pg_tz *
crm_clock_zone(const char *name)
{
	pg_tz	   *zone = name != NULL ? pg_tzset(name) : NULL;

	return zone != NULL ? zone : pg_tzset("GMT");
}

/* Seconds by which a clock in the zone is ahead of Greenwich's. */
static long
offset_at(pg_time_t when, pg_tz *zone)
{
	return pg_localtime(&when, zone)->tm_gmtoff;
}

int64
crm_clock_minute(TimestampTz moment, pg_tz *zone)
{
	pg_time_t	when = timestamptz_to_time_t(moment);
	int64		seconds = when + offset_at(when, zone);

	return (seconds - ((seconds % 60) + 60) % 60) / 60;
}

TimestampTz
crm_clock_moment(int64 minute, pg_tz *zone)
{
	pg_time_t	wall = minute * 60;
	pg_time_t	day = 24 * 3600;
	/* Zones jump less often than every other day. */
	pg_time_t	before = wall - offset_at(wall - day, zone);
	pg_time_t	after = wall - offset_at(wall + day, zone);

	if (before + offset_at(before, zone) != wall && after + offset_at(after, zone) == wall)
		before = after;
	return time_t_to_timestamptz(before);
}

int
crm_clock_offsets(TimestampTz from, pg_tz *local, pg_tz *other, int *offsets, int most)
{
	pg_time_t	start = timestamptz_to_time_t(from);
	int			n = 0;

	for (int hour = 0; hour < HOURS_OF_A_YEAR; hour++)
	{
		pg_time_t	when = start + hour * INT64CONST(3600);
		int			offset = (int) ((offset_at(when, local) - offset_at(when, other)) / 60);
		int			i = 0;

		while (i < n && offsets[i] != offset)
			i++;
		if (i == n && n < most)
			offsets[n++] = offset;
	}
	return n;
}

void
crm_clock_clear_jumps(TimestampTz from, pg_tz *zone, bool *minutes)
{
	pg_time_t	when = timestamptz_to_time_t(from);
	pg_time_t	end = when + SECONDS_OF_A_YEAR;
	long		before;
	long		after;
	int			was_dst;
	int			is_dst;
	pg_time_t	jump;

	while (pg_next_dst_boundary(&when, &before, &was_dst, &jump, &after, &is_dst, zone) == 1 && jump < end)
	{
		int64		first = (jump + Min(before, after)) / 60;
		int64		last = (jump + Max(before, after)) / 60;

		for (int64 minute = first; minute < last; minute++)
			minutes[((minute % CRM_STAGGER_DAY) + CRM_STAGGER_DAY) % CRM_STAGGER_DAY] = false;
		when = jump;
	}
}
