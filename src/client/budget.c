/*
 * budget.c
 *		Keeps the request budgets in shared memory, where there is any, and in
 *		this backend otherwise.
 *
 * Locking.  The extension's LWLock, taken shared, guarantees that a budget that
 * was found stays that account's; taken exclusively, it allows to hand out,
 * evict or take back entries of the two tables.  The spinlock of a budget guards
 * what is in it, is taken only under the LWLock, and is held for arithmetic of
 * some hundred steps at most.  Neither is held over anything that waits, sends,
 * allocates or can raise an error.
 *
 * Nothing here needs to be given back for the budgets to stay right: a turn
 * that was reserved by a session that has ended passes.  What sessions have
 * under way is counted in a table of its own, for the view only, each entry
 * written by its owner alone.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/settings.h"
#include "client/auth.h"
#include "client/budget.h"
#include "client/retry.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "storage/spin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define BUDGETS			64

/* Servers remembered per budget, and sessions counted in all budgets. */
#define BUDGET_SERVERS	8
#define BUDGET_USES		512

/* An API may be wrong about how long it wants to be left alone. */
#define LONGEST_BLOCK_MS	INT64CONST(3600000)

/* Processes that start this much later than the postmaster were restarted. */
#define RESTART_US		INT64CONST(2000000)

typedef struct BudgetServer
{
	Oid			database_oid;
	Oid			server_oid;		/* InvalidOid = free */
	int64		used_at;
} BudgetServer;

typedef struct Budget
{
	uint64		key;			/* crm_auth_budget_key(); first, for the hash table */
	bool		in_use;
	bool		shared;
	slock_t		mutex;			/* guards what follows */
	int64		used_at;
	BudgetServer servers[BUDGET_SERVERS];
	CrmRateWindow window;
} Budget;

struct CrmBudgetUse
{
	int			pid;			/* 0 = free */
	uint64		key;
	int			in_flight;
	int			waiting;
};

typedef struct BudgetTable
{
	Budget		budgets[BUDGETS];
	CrmBudgetUse uses[BUDGET_USES];
} BudgetTable;

static Size
table_size(void)
{
	return sizeof(BudgetTable);
}

static void
table_init(void *memory)
{
	BudgetTable *table = memory;

	for (int i = 0; i < BUDGETS; i++)
		SpinLockInit(&table->budgets[i].mutex);
}

CrmSharedPart crm_budget_part = {
	.size = table_size,
	.init = table_init
};

static HTAB *local_budgets = NULL;

/* Set while the session ends: its uses are no longer its own. */
static bool leaving = false;

/*
 * When the cluster came up again after a crash, by crm_rate_clock().
 *
 * Requests may have been sent up to that time that no budget knows of.  The
 * checkpointer starts with the postmaster and after each crash, so its age
 * tells; the postmaster's own does not change.
 */
static int64
restarted_at(void)
{
	static bool known = false;
	static int64 clock = CRM_RATE_NEVER;
	int			n;

	if (known)
		return clock;
	n = pgstat_fetch_stat_numbackends();
	for (int i = 1; i <= n; i++)
	{
		const PgBackendStatus *process = crm_backend_status(i);

		if (process != NULL && process->st_backendType == B_CHECKPOINTER &&
			process->st_proc_start_timestamp - PgStartTime > RESTART_US)
		{
			int64		ago_us = GetCurrentTimestamp() - process->st_proc_start_timestamp;

			clock = crm_rate_clock() - Max(ago_us / 1000, 0);
		}
	}
	known = true;
	return clock;
}

/* Sets up a budget for the account's first request. */
static void
set_up(Budget *budget, const CrmAccount *account, int64 restarted)
{
	budget->in_use = true;
	budget->used_at = crm_rate_clock();
	memset(budget->servers, 0, sizeof(budget->servers));
	crm_rate_window_init(&budget->window);
	crm_rate_window_adopt(&budget->window, account->rate_count, account->rate_window_ms,
						  budget->used_at);
	crm_rate_window_others(&budget->window, budget->window.count, restarted);
}

static Budget *
local_budget(const CrmAccount *account, uint64 key)
{
	Budget	   *budget;
	bool		found;

	if (local_budgets == NULL)
	{
		HASHCTL		control = {
			.keysize = sizeof(uint64),
			.entrysize = sizeof(Budget),
			.hcxt = TopMemoryContext
		};

		local_budgets = hash_create("crm_fdw request budgets", 8, &control,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	budget = hash_search(local_budgets, &key, HASH_ENTER, &found);
	if (!found)
	{
		budget->shared = false;
		set_up(budget, account, restarted_at());
	}
	return budget;
}

/* With the LWLock held, in either mode. */
static Budget *
find_budget(BudgetTable *table, uint64 key)
{
	for (int i = 0; i < BUDGETS; i++)
	{
		if (table->budgets[i].in_use && table->budgets[i].key == key)
			return &table->budgets[i];
	}
	return NULL;
}

/* True if no session waits for the budget or for an answer. */
static bool
is_unused(const BudgetTable *table, const Budget *budget, int64 now)
{
	for (int i = 0; i < BUDGET_USES; i++)
	{
		const CrmBudgetUse *use = &table->uses[i];

		if (use->pid != 0 && use->key == budget->key && use->in_flight + use->waiting > 0)
			return false;
	}
	return crm_rate_window_idle(&budget->window, now);
}

/*
 * A place for another budget: a free one, or that of the budget that has been
 * idle for longest.  NULL if all are busy.  With the LWLock held exclusively.
 */
static Budget *
find_place(BudgetTable *table)
{
	int64		now = crm_rate_clock();
	Budget	   *oldest = NULL;

	for (int i = 0; i < BUDGETS; i++)
	{
		Budget	   *budget = &table->budgets[i];

		if (!budget->in_use)
			return budget;
		if ((oldest == NULL || budget->used_at < oldest->used_at) &&
			is_unused(table, budget, now))
			oldest = budget;
	}
	return oldest;
}

/*
 * The account's budget, for some arithmetic that let_go() must follow at once.
 * One that does not fit into the shared table is kept in this session.
 */
static Budget *
take_hold(const CrmAccount *account, uint64 key)
{
	BudgetTable *table = crm_shared_part(&crm_budget_part);
	LWLock	   *lock = crm_shared_lock();
	Budget	   *budget;

	if (table == NULL)
		return local_budget(account, key);

	LWLockAcquire(lock, LW_SHARED);
	budget = find_budget(table, key);
	if (budget == NULL)
	{
		int64		restarted;

		LWLockRelease(lock);
		restarted = restarted_at();
		LWLockAcquire(lock, LW_EXCLUSIVE);
		budget = find_budget(table, key);
		if (budget == NULL && (budget = find_place(table)) != NULL)
		{
			budget->key = key;
			budget->shared = true;
			set_up(budget, account, restarted);
		}
		if (budget == NULL)
		{
			LWLockRelease(lock);
			return local_budget(account, key);
		}
	}
	SpinLockAcquire(&budget->mutex);
	return budget;
}

static void
let_go(Budget *budget)
{
	if (!budget->shared)
		return;
	SpinLockRelease(&budget->mutex);
	LWLockRelease(crm_shared_lock());
}

/* Remembers who used the budget last. */
static void
note_server(Budget *budget, Oid server_oid, int64 now)
{
	BudgetServer *place = &budget->servers[0];

	for (int i = 0; i < BUDGET_SERVERS; i++)
	{
		BudgetServer *server = &budget->servers[i];

		if (server->server_oid == server_oid && server->database_oid == MyDatabaseId)
		{
			place = server;
			break;
		}
		if (server->used_at < place->used_at)
			place = server;
	}
	place->database_oid = MyDatabaseId;
	place->server_oid = server_oid;
	place->used_at = now;
	budget->used_at = now;
}

/* The session ends: its entries are free. */
static void
leave(int code, Datum arg)
{
	BudgetTable *table = crm_shared_part_quietly(&crm_budget_part);

	leaving = true;
	LWLockAcquire(crm_shared_lock(), LW_EXCLUSIVE);
	for (int i = 0; i < BUDGET_USES; i++)
	{
		if (table->uses[i].pid == MyProcPid)
			memset(&table->uses[i], 0, sizeof(CrmBudgetUse));
	}
	LWLockRelease(crm_shared_lock());
}

/* With the LWLock held.  No process has pid 0, so that finds a free entry. */
static CrmBudgetUse *
find_use(BudgetTable *table, int pid, uint64 key)
{
	for (int i = 0; i < BUDGET_USES; i++)
	{
		if (table->uses[i].pid == pid && table->uses[i].key == key)
			return &table->uses[i];
	}
	return NULL;
}

/* This session's use of a budget; NULL if there is no room to count it. */
static CrmBudgetUse *
use_of(uint64 key)
{
	static bool registered = false;
	BudgetTable *table = crm_shared_part_quietly(&crm_budget_part);
	LWLock	   *lock = crm_shared_lock();
	CrmBudgetUse *use;

	if (table == NULL || leaving)
		return NULL;
	if (!registered)
		before_shmem_exit(leave, 0);
	registered = true;

	LWLockAcquire(lock, LW_SHARED);
	use = find_use(table, MyProcPid, key);
	LWLockRelease(lock);
	if (use != NULL)
		return use;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	use = find_use(table, 0, 0);
	if (use != NULL)
	{
		use->pid = MyProcPid;
		use->key = key;
	}
	LWLockRelease(lock);
	return use;
}

int64
crm_budget_turn(const CrmAccount *account, CrmBudgetTicket *ticket,
				int64 longest_ms, bool *refused)
{
	uint64		key = crm_auth_budget_key(account);
	Budget	   *budget;
	int64		now;
	int64		wait_ms;

	if (ticket->use == NULL && (ticket->use = use_of(key)) != NULL)
		ticket->use->waiting++;
	if (!ticket->place.reserved)
		ticket->place.lane = crm_session_kind == CRM_SESSION_REFRESH ?
			CRM_LANE_REFRESH : CRM_LANE_INTERACTIVE;

	budget = take_hold(account, key);
	now = crm_rate_clock();
	note_server(budget, account->server_oid, now);
	crm_rate_window_adopt(&budget->window, account->rate_count, account->rate_window_ms, now);
	wait_ms = crm_rate_window_turn(&budget->window, &ticket->place, now, longest_ms, refused);
	let_go(budget);

	if (wait_ms == 0)
	{
		ticket->sent_at = now;
		if (ticket->use != NULL && !leaving)
		{
			ticket->use->waiting--;
			ticket->use->in_flight++;
		}
	}
	return wait_ms;
}

void
crm_budget_release(CrmBudgetTicket *ticket)
{
	if (ticket->use != NULL && !leaving)
	{
		if (ticket->sent_at != 0)
			ticket->use->in_flight--;
		else
			ticket->use->waiting--;
	}
	memset(ticket, 0, sizeof(*ticket));
}

void
crm_budget_answered(const CrmAccount *account, CrmBudgetTicket *ticket,
					const CrmHttpResponse *response)
{
	/* A 429 closes the account anyway: see crm_budget_block(). */
	if (response->remaining >= 0 && response->status != 429)
	{
		int64		reset_ms = crm_retry_until_reset(response->reset_at, crm_rate_unix_clock());
		Budget	   *budget = take_hold(account, crm_auth_budget_key(account));
		int64		now = crm_rate_clock();

		if (response->remaining == 0 && reset_ms >= 0 && reset_ms <= budget->window.window_ms)
			crm_rate_window_block(&budget->window, now + reset_ms);
		else
			crm_rate_window_remaining(&budget->window, response->remaining, ticket->sent_at, now);
		let_go(budget);
	}
	crm_budget_release(ticket);
}

void
crm_budget_block(const CrmAccount *account, int64 wait_ms)
{
	Budget	   *budget = take_hold(account, crm_auth_budget_key(account));

	crm_rate_window_block(&budget->window, crm_rate_clock() + Min(wait_ms, LONGEST_BLOCK_MS));
	let_go(budget);
}

static CrmBudgetState
state_of(const CrmRateWindow *window, Oid server_oid)
{
	int64		now = crm_rate_clock();
	CrmBudgetState state = {
		.server_oid = server_oid,
		.limit_count = window->limit_count,
		.limit_ms = window->limit_ms,
		.available = crm_rate_window_available(window, now),
		.blocked_ms = Max(window->blocked_until - now, 0)
	};

	return state;
}

bool
crm_budget_state(const CrmAccount *account, CrmBudgetState *state)
{
	Budget	   *budget = take_hold(account, crm_auth_budget_key(account));
	bool		shared = budget->shared;

	*state = state_of(&budget->window, account->server_oid);
	let_go(budget);
	return shared;
}

char *
crm_budget_limit_text(const CrmBudgetState *state)
{
	const char *unit = "s";

	if (state->limit_ms >= 3600000)
		unit = "h";
	else if (state->limit_ms >= 60000)
		unit = "min";
	return psprintf("%d/%s", state->limit_count, unit);
}

/* One state for each of the budget's servers in this database; how many. */
static int
add_states(Budget *budget, CrmBudgetState *states)
{
	int			n = 0;

	SpinLockAcquire(&budget->mutex);
	for (int i = 0; i < BUDGET_SERVERS; i++)
	{
		if (!OidIsValid(budget->servers[i].server_oid) ||
			budget->servers[i].database_oid != MyDatabaseId)
			continue;
		states[n++] = state_of(&budget->window, budget->servers[i].server_oid);
	}
	SpinLockRelease(&budget->mutex);
	return n;
}

/* Adds a use to the states of its budget, unless its session is gone. */
static void
add_use(const CrmBudgetUse *use, const uint64 *keys, CrmBudgetState *states, int n)
{
	if (use->pid == 0 || use->in_flight + use->waiting == 0 ||
		BackendPidGetProc(use->pid) == NULL)
		return;
	for (int i = 0; i < n; i++)
	{
		if (keys[i] != use->key)
			continue;
		states[i].in_flight += use->in_flight;
		states[i].waiting += use->waiting;
	}
}

CrmBudgetState *
crm_budget_states(int *n)
{
	BudgetTable *table = crm_shared_part_quietly(&crm_budget_part);
	CrmBudgetState *states = palloc0(sizeof(CrmBudgetState) * BUDGETS * BUDGET_SERVERS);
	uint64	   *keys = palloc(sizeof(uint64) * BUDGETS * BUDGET_SERVERS);
	CrmBudgetUse *uses = palloc(sizeof(CrmBudgetUse) * BUDGET_USES);

	*n = 0;
	if (table == NULL)
		return states;
	LWLockAcquire(crm_shared_lock(), LW_SHARED);
	for (int i = 0; i < BUDGETS; i++)
	{
		int			first = *n;

		if (!table->budgets[i].in_use)
			continue;
		*n += add_states(&table->budgets[i], &states[first]);
		for (int j = first; j < *n; j++)
			keys[j] = table->budgets[i].key;
	}
	memcpy(uses, table->uses, sizeof(table->uses));
	LWLockRelease(crm_shared_lock());

	for (int i = 0; i < BUDGET_USES; i++)
		add_use(&uses[i], keys, states, *n);
	return states;
}
