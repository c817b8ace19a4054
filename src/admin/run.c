/*
 * run.c
 *		The procedure crm_fdw.refresh: one run, in transactions of its own.
 *
 * The first transaction writes the row of the run, so that it can be seen while
 * it waits and works.  The account is locked for the session, because "running"
 * has to be committed while the lock is held; both locks go with the process if
 * that dies.  All work happens in one transaction, in a subtransaction of it,
 * and is committed together with the state it leads to.  A failure ends the run's
 * row, is committed, and is raised again.
 *
 * A procedure that commits can have no SET clause: each transaction restricts
 * the search path itself, but for the one that is left to the caller at the end.
 */
#include "postgres.h"

#include <math.h>

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "admin/copy.h"
#include "admin/jobs.h"
#include "admin/locks.h"
#include "admin/refresh.h"
#include "admin/schedule.h"
#include "admin/sources.h"
#include "admin/sql.h"
#include "base/report.h"

PG_FUNCTION_INFO_V1(crm_fdw_refresh);

/* Longest wait for other refreshes of the account, and how often it is looked. */
#define LONGEST_WAIT_MS		(3600 * INT64CONST(1000))
#define LOOK_EVERY_MS		250

/* One run.  Lives in the procedure's memory, across transactions. */
typedef struct Run
{
	Oid			relation;
	const char *name;
	bool		force_full;
	int64		number;			/* 0 = not begun */
	CrmSettings settings;
	List	   *budgets;
	bool		locked;			/* the accounts */
	CrmCounts	cost_before;
	CrmOutcome	outcome;
	bool		rejected;
	long		pause_ms;		/* of wait_a_moment() */
} Run;

/* Begins a part of the run behind a commit. */
static void
next_transaction(void)
{
	SPI_commit();
	/* What others commit meanwhile has to be seen, and must not end the run. */
	XactIsoLevel = XACT_READ_COMMITTED;
	crm_sql_enter();
}

static void
find_budgets(void *arg)
{
	Run		   *run = arg;
	Oid			read = OidIsValid(run->settings.view) ? run->settings.view : run->relation;

	run->budgets = crm_source_budgets(crm_sources(read));
}

/* Writes how the run ended; error may be NULL. */
static void
write_end(const Run *run, const char *status, const ErrorData *error)
{
	CrmCounts	cost = crm_cost_since(&run->cost_before);
	CrmRunError words = {0};

	if (error != NULL)
	{
		words.sqlstate = error->sqlerrcode;
		words.message = error->detail ? psprintf("%s (%s)", error->message, error->detail) : error->message;
		words.hint = error->hint;
	}
	crm_ledger_end_run(run->number, status, error ? NULL : &run->outcome, &cost, error ? &words : NULL);
}

static void
work(void *arg)
{
	Run		   *run = arg;

	/* Another refresh may have gone before this one. */
	crm_refresh_settings(run->relation, &run->settings);
	crm_refresh_work(&run->settings, run->force_full, &run->outcome, &run->rejected);
	write_end(run, "ok", NULL);
}

/* Ends a run as a failure whose process is gone. */
static void
bury_run(int64 number)
{
	CrmCounts	nothing = {0};
	CrmRunError words = {
		.sqlstate = ERRCODE_CRASH_SHUTDOWN,
		.message = "the process that refreshed ended before it was done",
		.hint = "The copy is as it was before. The server's log says why the process ended."
	};

	PG_TRY();
	{
		crm_ledger_end_run(number, "failed", NULL, &nothing, &words);
	}
	PG_CATCH();
	{
		crm_unlock_run(number);
		PG_RE_THROW();
	}
	PG_END_TRY();
	crm_unlock_run(number);
}

/* The process of a run is gone if its lock can be had. */
static void
bury_dead_runs(const Run *run)
{
	ListCell   *lc;

	foreach(lc, crm_ledger_open_runs(run->relation))
	{
		int64		number = *(int64 *) lfirst(lc);

		if (crm_lock_run(number))
			bury_run(number);
	}
}

static void
begin_run(Run *run)
{
	int64		number;

	bury_dead_runs(run);
	number = crm_ledger_next_run();
	crm_lock_run(number);
	run->number = number;
	crm_ledger_begin_run(number, run->relation, run->settings.mode, "waiting");
	next_transaction();
}

/* How long to wait for others: as long as the run would be of use, an hour at most. */
static int64
longest_wait(const Run *run)
{
	double		period = crm_schedule_period(&run->settings);

	return period > 0 ? (int64) Min(period * 1000, LONGEST_WAIT_MS) : LONGEST_WAIT_MS;
}

static void
wait_a_moment(void *arg)
{
	crm_pause(((Run *) arg)->pause_ms);
}

/* Locks the accounts; the error that ended the wait, or NULL. *skipped: it took too long. */
static ErrorData *
wait_for_accounts(Run *run, bool *skipped)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), longest_wait(run));

	*skipped = false;
	run->pause_ms = LOOK_EVERY_MS;
	while (!crm_lock_accounts(run->budgets, CRM_LOCK_SESSION))
	{
		ErrorData  *error = crm_guarded(wait_a_moment, run);

		if (error != NULL)
			return error;
		*skipped = GetCurrentTimestamp() >= until;
		if (*skipped)
			return NULL;
		next_transaction();
	}
	run->locked = true;
	crm_ledger_set_status(run->number, "running", NULL);
	next_transaction();
	return NULL;
}

/* Could the same work the next time? */
static bool
is_transient(const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case CRM_ERR_UNREACHABLE:
		case CRM_ERR_ANSWER:
		case CRM_ERR_THROTTLED:
		case ERRCODE_T_R_SERIALIZATION_FAILURE:
		case ERRCODE_T_R_DEADLOCK_DETECTED:
		case ERRCODE_LOCK_NOT_AVAILABLE:
			return true;
		default:
			return false;
	}
}

/* A second, four, sixteen, ...; ten times as much where nobody waits; half of it at random. */
static long
delay_before(const Run *run, int attempt)
{
	double		delay = (run->settings.scheduled ? 10000 : 1000) * pow(4, Min(attempt, 3));

	return (long) (delay * (0.5 + 0.5 * pg_prng_double(&pg_global_prng_state)));
}

/*
 * Commits what was done.  A commit may fail, too (a deferred constraint, a full
 * disk): then SPI has begun another transaction, and the error is returned.
 */
static ErrorData *
commit_work(void)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorData  *volatile error = NULL;

	PG_TRY();
	{
		SPI_commit();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		crm_sql_enter();
	}
	PG_END_TRY();
	return error;
}

/*
 * Does the work and commits it, again after transient failures; the error that was
 * the last one, or NULL.  Without a schedule somebody is likely to wait for the
 * answer.
 */
static ErrorData *
work_with_retries(Run *run)
{
	for (int attempt = 0;; attempt++)
	{
		ErrorData  *error = crm_guarded(work, run);
		ErrorData  *interrupt;

		if (error == NULL)
			error = commit_work();
		if (error == NULL || !is_transient(error) || attempt >= run->settings.retries)
			return error;
		crm_ledger_set_status(run->number, "running",
							  psprintf("attempt %d failed: %s", attempt + 1, error->message));
		next_transaction();
		run->pause_ms = delay_before(run, attempt);
		interrupt = crm_guarded(wait_a_moment, run);
		if (interrupt != NULL)
			return interrupt;
	}
}

/*
 * Where an error happened is of use, but not the text of the statement that
 * changes a table: it fills a screen and is nobody's own.
 */
static void
leave_out_statement(ErrorData *error)
{
	char	   *statement = error->context ? strstr(error->context, CRM_COPY_STATEMENT) : NULL;

	if (statement == NULL)
		return;
	while (statement > error->context && *statement != '\n')
		statement--;
	*statement = '\0';
	if (error->context[0] == '\0')
		error->context = NULL;
}

/* From the first row to the last commit. */
static void
perform(Run *run)
{
	ErrorData  *error;
	bool		skipped = false;

	begin_run(run);
	error = crm_guarded(find_budgets, run);
	if (error == NULL)
		error = wait_for_accounts(run, &skipped);
	if (skipped)
	{
		write_end(run, "skipped", NULL);
		SPI_commit();
		ereport(NOTICE,
				(errmsg("refresh of %s skipped: another refresh of the same account took too long", run->name),
				 errhint("crm_fdw.refresh_log shows which one runs; crm_fdw.schedule_refresh() keeps them apart.")));
		return;
	}
	if (error == NULL)
		error = work_with_retries(run);
	if (error != NULL)
	{
		write_end(run, run->rejected ? "rejected" : "failed", error);
		SPI_commit();
		leave_out_statement(error);
		ReThrowError(error);
	}
}

/*
 * The relation is gone, and with it the reason for its job.  What the run of the
 * job found is worth an error, but the job has to go for good.
 */
static void
give_up_job(Oid relid)
{
	int			removed = crm_job_remove_for(relid);

	crm_ledger_forget(relid);
	SPI_commit();
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("relation with OID %u does not exist", relid),
			 removed > 0 ? errdetail("Its job was removed.") : 0));
}

Datum
crm_fdw_refresh(PG_FUNCTION_ARGS)
{
	Run			run = {.relation = PG_GETARG_OID(0), .force_full = PG_GETARG_BOOL(1),
	.outcome = CRM_OUTCOME_UNKNOWN};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("arguments of crm_fdw.refresh must not be NULL")));
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("crm_fdw.refresh cannot run inside a transaction block or function"),
				 errhint("It commits what it reads. CALL it as a statement of its own.")));

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	crm_sql_enter();
	if (get_rel_name(run.relation) == NULL)
		give_up_job(run.relation);
	crm_refresh_settings(run.relation, &run.settings);
	run.name = crm_relation_name(run.relation);
	run.cost_before = crm_stats_session();
	PG_TRY();
	{
		perform(&run);
	}
	PG_FINALLY();
	{
		if (run.locked)
			crm_unlock_accounts(run.budgets);
		if (run.number != 0)
			crm_unlock_run(run.number);
	}
	PG_END_TRY();
	SPI_finish();
	return (Datum) 0;
}
