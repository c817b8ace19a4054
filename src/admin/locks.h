/*
 * locks.h
 *		Who refreshes: locks on accounts and on runs.
 *
 * They are advisory locks of a kind of their own, so they meet no lock of an
 * application, and those on accounts count in all databases of the cluster.
 * pg_locks shows them with the objsubid given below.
 */
#ifndef CRM_LOCKS_H
#define CRM_LOCKS_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* objsubid in pg_locks; the view crm_fdw.refresh_log knows the one of runs. */
#define CRM_LOCK_RUN		17234
#define CRM_LOCK_ACCOUNT	17235
#define CRM_LOCK_PLAN		17236

/* How long a lock is held: until it is released, or until the transaction ends. */
typedef enum CrmLockSpan
{
	CRM_LOCK_SESSION,
	CRM_LOCK_TRANSACTION
} CrmLockSpan;

/* All of the budgets (see crm_source_budgets) or none; false if one is taken. */
extern bool crm_lock_accounts(List *budgets, CrmLockSpan span);

/* Releases those of the session. */
extern void crm_unlock_accounts(List *budgets);

/*
 * Waits until no other transaction finds a time for a job on one of the budgets;
 * others then wait for the end of this one.
 */
extern void crm_lock_plans(List *budgets);

/* Marks a run as alive; false if another process does. */
extern bool crm_lock_run(int64 run);
extern void crm_unlock_run(int64 run);

/* Sleeps, unless interrupted; an interrupt raises its error. */
extern void crm_pause(long milliseconds);

#endif							/* CRM_LOCKS_H */
