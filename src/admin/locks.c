/*
 * locks.c
 *		Who refreshes: locks on accounts and on runs.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "admin/locks.h"
#include "base/compat.h"

static void
make_tag(LOCKTAG *tag, Oid database, uint64 key, uint16 kind)
{
	SET_LOCKTAG_ADVISORY(*tag, database, (uint32) (key >> 32), (uint32) key, kind);
}

static void
release(Oid database, uint64 key, uint16 kind, CrmLockSpan span)
{
	LOCKTAG		tag;

	make_tag(&tag, database, key, kind);
	LockRelease(&tag, ExclusiveLock, span == CRM_LOCK_SESSION);
}

/* Releases the first so many. */
static void
release_accounts(List *budgets, int n, CrmLockSpan span)
{
	for (int i = 0; i < n; i++)
		release(InvalidOid, *(uint64 *) list_nth(budgets, i), CRM_LOCK_ACCOUNT, span);
}

bool
crm_lock_accounts(List *budgets, CrmLockSpan span)
{
	volatile int n = 0;

	/* There may be no memory for another lock; those of a session would stay. */
	PG_TRY();
	{
		while (n < list_length(budgets))
		{
			LOCKTAG		tag;

			make_tag(&tag, InvalidOid, *(uint64 *) list_nth(budgets, n), CRM_LOCK_ACCOUNT);
			if (LockAcquire(&tag, ExclusiveLock, span == CRM_LOCK_SESSION, true) == LOCKACQUIRE_NOT_AVAIL)
				break;
			n++;
		}
	}
	PG_CATCH();
	{
		release_accounts(budgets, n, span);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (n == list_length(budgets))
		return true;
	release_accounts(budgets, n, span);
	return false;
}

void
crm_unlock_accounts(List *budgets)
{
	release_accounts(budgets, list_length(budgets), CRM_LOCK_SESSION);
}

void
crm_lock_plans(List *budgets)
{
	ListCell   *lc;

	foreach(lc, budgets)
	{
		LOCKTAG		tag;

		make_tag(&tag, MyDatabaseId, *(uint64 *) lfirst(lc), CRM_LOCK_PLAN);
		LockAcquire(&tag, ExclusiveLock, false, false);
	}
}

bool
crm_lock_run(int64 run)
{
	LOCKTAG		tag;

	make_tag(&tag, MyDatabaseId, (uint64) run, CRM_LOCK_RUN);
	return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
crm_unlock_run(int64 run)
{
	release(MyDatabaseId, (uint64) run, CRM_LOCK_RUN, CRM_LOCK_SESSION);
}

void
crm_pause(long milliseconds)
{
	static uint32 event = 0;
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);

	if (event == 0)
		event = crm_new_wait_event("CrmRefresh");
	for (;;)
	{
		long		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);

		CHECK_FOR_INTERRUPTS();
		if (left <= 0)
			break;
		WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, event);
		ResetLatch(MyLatch);
	}
}
