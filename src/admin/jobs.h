/*
 * jobs.h
 *		pg_cron: the jobs that refresh copies.
 *
 * It is looked up when it is called for; nothing else needs it.
 */
#ifndef CRM_JOBS_H
#define CRM_JOBS_H

#include "postgres.h"

#include "admin/ledger.h"

/* Can jobs be made in this database? */
extern bool crm_jobs_available(void);

/* The time zone in which it reads schedules. */
extern const char *crm_jobs_time_zone(void);

/*
 * Makes the job that refreshes a relation, or changes the one there is; returns
 * its id.  55000 if pg_cron cannot be used here, with what to do about it.
 */
extern int64 crm_job_put(const CrmSettings *settings, const char *schedule);

/* Removes the job; 42501 if it is another role's.  False if there was none. */
extern bool crm_job_remove(const CrmSettings *settings);

/* Removes the caller's jobs for a relation that is gone; returns their number. */
extern int	crm_job_remove_for(Oid relid);

#endif							/* CRM_JOBS_H */
