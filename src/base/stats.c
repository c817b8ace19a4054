/*
 * stats.c
 *		Counters in shared memory.
 *
 * Entries are found by a short key, so that a look through all of them stays
 * within a few cache lines.  Which entry is whose changes only under the
 * extension's lock held exclusively; what it counts changes under the lock held
 * shared and the entry's own.  When all are in use, the one that nobody added
 * to for longest starts anew.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/spin.h"
#include "utils/timestamp.h"

#include "base/stats.h"

#define ENTRIES		1024

typedef struct Key
{
	Oid			database;		/* InvalidOid = the entry is free */
	Oid			server;
	uint32		entity;			/* hash */
} Key;

typedef struct Entry
{
	slock_t		mutex;
	TimestampTz used_at;
	CrmStats	stats;
} Entry;

typedef struct SharedStats
{
	Key			keys[ENTRIES];
	Entry		entries[ENTRIES];
} SharedStats;

static Size
shared_size(void)
{
	return sizeof(SharedStats);
}

static void
shared_init(void *memory)
{
	SharedStats *shared = memory;

	for (int i = 0; i < ENTRIES; i++)
		SpinLockInit(&shared->entries[i].mutex);
}

static CrmCounts session_counts;

CrmSharedPart crm_stats_part = {.size = shared_size, .init = shared_init};

/* The longest beginning of a text that fits into most bytes and ends with a character. */
static void
copy_bounded(char *target, const char *text, int most)
{
	int			len = pg_mbcliplen(text, strlen(text), most);

	memcpy(target, text, len);
	target[len] = '\0';
}

static int
find_entry(const SharedStats *shared, const Key *key, const char *entity)
{
	for (int i = 0; i < ENTRIES; i++)
	{
		const Key  *candidate = &shared->keys[i];

		if (candidate->entity == key->entity && candidate->server == key->server &&
			candidate->database == key->database &&
			strcmp(shared->entries[i].stats.entity, entity) == 0)
			return i;
	}
	return -1;
}

/* A free entry, or the one that was left alone for longest. */
static int
make_entry(SharedStats *shared, const Key *key, const char *entity)
{
	int			place = 0;
	Entry	   *entry;

	for (int i = 0; i < ENTRIES; i++)
	{
		if (!OidIsValid(shared->keys[i].database))
		{
			place = i;
			break;
		}
		if (shared->entries[i].used_at < shared->entries[place].used_at)
			place = i;
	}
	entry = &shared->entries[place];
	shared->keys[place] = *key;
	memset(&entry->stats, 0, sizeof(entry->stats));
	entry->stats.server = key->server;
	strlcpy(entry->stats.entity, entity, sizeof(entry->stats.entity));
	return place;
}

/*
 * Finds or makes the entry and locks it; NULL without shared memory.  No error
 * may be raised before unlock_entry().
 */
static Entry *
lock_entry(Oid server, const char *entity)
{
	SharedStats *shared = crm_shared_part_quietly(&crm_stats_part);
	Key			key = {.database = MyDatabaseId, .server = server};
	char		name[CRM_STATS_ENTITY_MAX + 1];
	Entry	   *entry;
	int			place;

	if (shared == NULL)
		return NULL;
	copy_bounded(name, entity, CRM_STATS_ENTITY_MAX);
	key.entity = hash_bytes((const unsigned char *) name, strlen(name));

	LWLockAcquire(crm_shared_lock(), LW_SHARED);
	place = find_entry(shared, &key, name);
	if (place < 0)
	{
		LWLockRelease(crm_shared_lock());
		LWLockAcquire(crm_shared_lock(), LW_EXCLUSIVE);
		place = find_entry(shared, &key, name);
		if (place < 0)
			place = make_entry(shared, &key, name);
	}
	entry = &shared->entries[place];
	SpinLockAcquire(&entry->mutex);
	return entry;
}

static void
unlock_entry(Entry *entry, TimestampTz now)
{
	entry->used_at = now;
	SpinLockRelease(&entry->mutex);
	LWLockRelease(crm_shared_lock());
}

static void
add_counts(CrmCounts *counts, const CrmCounts *more)
{
	counts->scans += more->scans;
	counts->requests += more->requests;
	counts->retries += more->retries;
	counts->throttled_ms += more->throttled_ms;
	counts->errors += more->errors;
	counts->rows += more->rows;
	counts->bytes += more->bytes;
}

CrmCounts
crm_stats_session(void)
{
	return session_counts;
}

void
crm_stats_add(Oid server, const char *entity, const CrmCounts *more)
{
	TimestampTz now = GetCurrentTimestamp();
	Entry	   *entry;

	add_counts(&session_counts, more);
	entry = lock_entry(server, entity);
	if (entry == NULL)
		return;
	add_counts(&entry->stats.counts, more);
	if (more->requests > 0)
		entry->stats.last_request_at = now;
	unlock_entry(entry, now);
}

void
crm_stats_error(Oid server, const char *entity, int sqlstate, const char *message)
{
	TimestampTz now = GetCurrentTimestamp();
	Oid			role = GetUserId();
	char		bounded[CRM_STATS_ERROR_MAX + 1];
	Entry	   *entry;

	copy_bounded(bounded, message, CRM_STATS_ERROR_MAX);
	entry = lock_entry(server, entity);
	if (entry == NULL)
		return;
	entry->stats.counts.errors++;
	entry->stats.error_role = role;
	entry->stats.error_sqlstate = sqlstate;
	memcpy(entry->stats.error, bounded, sizeof(bounded));
	unlock_entry(entry, now);
}

CrmStats *
crm_stats_copy(int *n)
{
	SharedStats *shared = crm_shared_part_quietly(&crm_stats_part);
	CrmStats   *copies;

	*n = 0;
	if (shared == NULL)
		return NULL;
	copies = palloc(sizeof(CrmStats) * ENTRIES);
	LWLockAcquire(crm_shared_lock(), LW_SHARED);
	for (int i = 0; i < ENTRIES; i++)
	{
		Entry	   *entry = &shared->entries[i];

		if (shared->keys[i].database != MyDatabaseId)
			continue;
		SpinLockAcquire(&entry->mutex);
		copies[(*n)++] = entry->stats;
		SpinLockRelease(&entry->mutex);
	}
	LWLockRelease(crm_shared_lock());
	return copies;
}

void
crm_stats_reset(void)
{
	SharedStats *shared = crm_shared_part_quietly(&crm_stats_part);

	if (shared == NULL)
		return;
	LWLockAcquire(crm_shared_lock(), LW_EXCLUSIVE);
	for (int i = 0; i < ENTRIES; i++)
	{
		if (shared->keys[i].database == MyDatabaseId)
			shared->keys[i].database = InvalidOid;
	}
	LWLockRelease(crm_shared_lock());
}
