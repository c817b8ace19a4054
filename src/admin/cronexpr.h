/*
 * cronexpr.h
 *		When a schedule of pg_cron runs.  Pure arithmetic.
 *
 * A schedule knows no time zone: its times are those that a clock on the wall
 * shows, in minutes since 1970-01-01 00:00 on that clock, of any time that
 * PostgreSQL can represent.  Which clock that is and when it is put forward is
 * the caller's business.
 */
#ifndef CRM_CRONEXPR_H
#define CRM_CRONEXPR_H

#include "postgres.h"

/* In a set, bit n stands for the value n. */
typedef struct CrmCronExpr
{
	int			seconds;		/* the interval; 0: the sets below count */
	uint64		minutes;		/* 0 to 59 */
	uint64		hours;			/* 0 to 23 */
	uint64		days;			/* of the month, 1 to 31 */
	uint64		months;			/* 1 to 12 */
	uint64		weekdays;		/* 0 = Sunday to 6; 7 repeats 0 */
	bool		last_day;		/* the last day of the month as well */
	bool		either_day;		/* day of month or of week; otherwise both */
} CrmCronExpr;

/*
 * Reads a schedule as pg_cron does, five fields or a word or "N seconds";
 * false if pg_cron refuses it, and for @reboot, which is not a time.
 */
extern bool crm_cron_parse(const char *text, CrmCronExpr *expr);

/*
 * The minute of the first run at or after a minute; false if there is none
 * within five years.  Intervals of seconds run in every minute.
 */
extern bool crm_cron_next(const CrmCronExpr *expr, int64 from, int64 *next);

/*
 * Seconds between the first run at or after a minute and the one after it; 0
 * if there are no two such runs, each within five years of the one before.
 */
extern int64 crm_cron_period(const CrmCronExpr *expr, int64 from);

/*
 * Is there a week in which it runs at this minute, counted from Sunday 00:00?
 * Any day of the month may be any weekday.
 */
extern bool crm_cron_in_week(const CrmCronExpr *expr, int minute);

#endif							/* CRM_CRONEXPR_H */
