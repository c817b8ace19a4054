/*
 * stagger.h
 *		When a new periodic job shall run, so that it is far from the other jobs
 *		of its account.  Pure arithmetic.
 *
 * A job has a period, one of a few numbers of minutes that divide a week, and a
 * phase: its first run in the week, in minutes from Sunday 00:00, which is less
 * than the period.  All times are those of the clock that schedules are for.
 */
#ifndef CRM_STAGGER_H
#define CRM_STAGGER_H

#include "postgres.h"

#include "admin/cronexpr.h"

#define CRM_STAGGER_DAY		1440
#define CRM_STAGGER_WEEK	10080

/* Jobs are this many minutes apart, as long as there is room. */
#define CRM_STAGGER_APART	15

/* The jobs of an account, as a week sees them. */
typedef struct CrmStagger
{
	uint16		runs[CRM_STAGGER_WEEK]; /* jobs that run in the minute */
} CrmStagger;

/* An account without jobs. */
extern void crm_stagger_init(CrmStagger *taken);

/* Adds a job, with every minute of the week in which it may ever run. */
extern void crm_stagger_take(CrmStagger *taken, const CrmCronExpr *job);

/*
 * The best phase for a job of a valid period.  It keeps CRM_STAGGER_APART from
 * all other jobs if there is a place on the account's lattice that does: the
 * minutes of the hour lattice + 0, 15, 30 and 45, with a lattice from 0 to 14.
 * Otherwise it is as far from them as any minute can be.
 *
 * allowed: the minutes of the day in which a daily or weekly job may run; NULL
 * is any, and jobs that run more often do not look at it.  -1 if there is none.
 * keep_free: the minutes of the day that jobs that run more often than daily
 * leave to the others where they can, or NULL.
 */
extern int	crm_stagger_choose(const CrmStagger *taken, int period, const bool *allowed,
							   const bool *keep_free, int lattice);

/* The schedule of a valid period and a phase, for any pg_cron; palloc'd. */
extern char *crm_stagger_schedule(int period, int phase);

/* Can a job have this period, in minutes? */
extern bool crm_stagger_is_period(int minutes);

/* The valid period nearest to a wish, the longer one of two. */
extern int	crm_stagger_nearest_period(double minutes);

/*
 * Sets the minutes of the day, on the schedules' clock, that lie in [from, to)
 * of a local time whatever its offset: the local time is the clock's plus any
 * of the offsets, in minutes of either sign.  A window may wrap midnight; from
 * and to are minutes of the day, 0 to 1440, and the same if it is a whole day.
 * False if no minute is left.
 */
extern bool crm_stagger_allowed(int from, int to, const int *offsets, int noffsets, bool *allowed);

#endif							/* CRM_STAGGER_H */
