/*
 * clock.h
 *		Between the clock that pg_cron reads, the clock on an analyst's wall, and
 *		time.
 */
#ifndef CRM_CLOCK_H
#define CRM_CLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

/* The time zone of that name; GMT if there is none. */
extern pg_tz *crm_clock_zone(const char *name);

/* Minutes since 1970-01-01 00:00 that a clock in the zone shows at a moment. */
extern int64 crm_clock_minute(TimestampTz moment, pg_tz *zone);

/*
 * The moment at which it shows a minute: the first one if that comes twice; if it
 * never comes, because the clock is put forward, the moment it would have.
 */
extern TimestampTz crm_clock_moment(int64 minute, pg_tz *zone);

/*
 * By how many minutes a clock in "local" is ahead of one in "other", within a year
 * from a moment: each difference once.  Returns how many there are, "most" at most.
 */
extern int	crm_clock_offsets(TimestampTz from, pg_tz *local, pg_tz *other, int *offsets, int most);

/*
 * Clears the minutes of the day that a clock in the zone leaves out or shows
 * twice on some day within a year.
 */
extern void crm_clock_clear_jumps(TimestampTz from, pg_tz *zone, bool *minutes);

#endif							/* CRM_CLOCK_H */
