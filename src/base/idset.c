/*
 * idset.c
 *		The set of identities: a hash table, and sorted runs on disk behind it.
 *
 * An identity is a key of 128 bits.  An integer stands in the lower half with
 * an empty upper half; a text is its MD5 digest with the top bit set, so that
 * the two kinds never meet.
 *
 * Keys collect in a hash table that may use half of work_mem.  When it is full
 * its keys are sorted and written out.  If they all lie behind the newest run
 * they are appended to it, which makes ids that arrive in ascending order one
 * single run; otherwise they become a new run of level 0.  RUN_FANIN runs of
 * one level are merged into one of the next, so a key is rewritten at most once
 * per level and there are never more than RUN_FANIN - 1 runs of a level.
 *
 * A look-up goes to disk only if the hash table does not know the key, the key
 * lies within the range of what was spilled, and a Bloom filter of a quarter of
 * work_mem (1 MB at least, the filter's own minimum) does not rule it out.  It
 * then reads one block in each run whose range covers the key, found in a
 * sparse index that is kept in memory: 16 bytes for each block, which is three
 * per cent of the bytes on disk (50 million keys: 0.8 GB on disk, 1.6 MB of
 * index).  The filter lets one miss in forty through at a million keys per
 * megabyte of its size; far beyond that it is of no use, the set stays correct
 * and within its memory, and each look-up costs some reads of the file.
 *
 * Temporary files belong to the resource owner under which the first key was
 * spilled, like those of a hash join: they vanish at an abort or at the end of
 * the query whatever happens to us.  In the orderly case the set's memory
 * context closes them first, by a callback.  After an error the context may be
 * deleted when the owner has closed the files already, and closing them again
 * would damage the backend's file table.  Therefore a release callback tells
 * the sets when their owner goes.
 */
#include "postgres.h"

#include "base/idset.h"
#include "common/hashfn.h"
#include "common/md5.h"
#include "lib/bloomfilter.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

typedef struct IdKey
{
	uint64		high;
	uint64		low;
} IdKey;

#define TOP_BIT		(UINT64CONST(1) << 63)

typedef struct IdEntry
{
	IdKey		key;
	char		status;
} IdEntry;

#define SH_PREFIX		idtable
#define SH_ELEMENT_TYPE	IdEntry
#define SH_KEY_TYPE		IdKey
#define SH_KEY			key
#define SH_HASH_KEY(tb, key)	hash_bytes((const unsigned char *) &(key), sizeof(IdKey))
#define SH_EQUAL(tb, a, b)		((a).high == (b).high && (a).low == (b).low)
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* The unit of reading is the unit in which BufFile buffers. */
#define KEYS_PER_BLOCK	((int) (BLCKSZ / sizeof(IdKey)))

#define RUN_FANIN		8

/* To reach level 12 takes 8^12 spills: more than 10^13 keys. */
#define RUN_MAX_LEVELS	12
#define RUN_MAX			(RUN_FANIN * RUN_MAX_LEVELS)

#define TABLE_MIN_SLOTS	1024

/* A sorted file of keys. */
typedef struct IdRun
{
	BufFile    *file;
	int			level;
	int64		nkeys;
	IdKey		last;
	IdKey	   *firsts;			/* the first key of every block */
	int64		nblocks;
	int64		max_blocks;		/* allocated */
} IdRun;

struct CrmIdSet
{
	MemoryContext context;
	int64		size;
	idtable_hash *table;
	uint32		max_in_table;

	/* the spilled part; runs stand in the order of falling level */
	ResourceOwner owner;		/* of the files; NULL = nothing spilled */
	bool		writing;		/* a file may have unwritten data */
	bool		lost;			/* the owner has closed the files */
	dlist_node	link;			/* in spilled_sets while owner is set */
	bloom_filter *filter;
	IdKey		spilled_min;
	IdKey		spilled_max;
	IdRun	   *runs[RUN_MAX];
	int			nruns;

	/* the block read last */
	IdRun	   *block_run;
	int64		block_number;
	IdKey		block[KEYS_PER_BLOCK];
};

/* The sets of this backend that own temporary files. */
static dlist_head spilled_sets = DLIST_STATIC_INIT(spilled_sets);
static bool release_callback_registered = false;

static inline int
compare_keys(const IdKey *a, const IdKey *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return 0;
}

static int
compare_entries(const void *a, const void *b)
{
	return compare_keys(&((const IdEntry *) a)->key, &((const IdEntry *) b)->key);
}

/*
 * Called for every resource owner that is released, before it closes its
 * files: the sets whose files are among them must not touch these again.
 */
static void
forget_files(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void *arg)
{
	dlist_mutable_iter iter;

	if (phase != RESOURCE_RELEASE_BEFORE_LOCKS)
		return;
	dlist_foreach_modify(iter, &spilled_sets)
	{
		CrmIdSet   *set = dlist_container(CrmIdSet, link, iter.cur);

		if (set->owner == CurrentResourceOwner)
		{
			dlist_delete(&set->link);
			set->owner = NULL;
			set->lost = true;
		}
	}
}

/*
 * The set's memory goes.  A file that an error left half written is for its
 * owner to close: closing it here would write again, and could fail again.
 */
static void
close_files(void *arg)
{
	CrmIdSet   *set = arg;

	if (set->owner == NULL)
		return;
	dlist_delete(&set->link);
	set->owner = NULL;
	if (set->writing)
		return;
	for (int i = 0; i < set->nruns; i++)
		BufFileClose(set->runs[i]->file);
}

CrmIdSet *
crm_idset_create(void)
{
	MemoryContext context;
	MemoryContextCallback *callback;
	CrmIdSet   *set;
	uint32		slots = TABLE_MIN_SLOTS;
	size_t		allowed = (size_t) work_mem * 1024 / 2;

	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw identity set",
									ALLOCSET_DEFAULT_SIZES);
	set = MemoryContextAllocZero(context, sizeof(CrmIdSet));
	set->context = context;

	/* Two thirds full, so that long chains do not make it double by itself. */
	while (slots < PG_UINT32_MAX / 4 && slots * 2 * sizeof(IdEntry) <= allowed)
		slots *= 2;
	set->max_in_table = slots / 3 * 2;
	set->table = idtable_create(context, 128, NULL);

	callback = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	callback->func = close_files;
	callback->arg = set;
	MemoryContextRegisterResetCallback(context, callback);
	return set;
}

void
crm_idset_free(CrmIdSet *set)
{
	MemoryContextDelete(set->context);
}

int64
crm_idset_size(const CrmIdSet *set)
{
	return set->size;
}

/* The first spill: from now on the set has files, an owner and a filter. */
static void
start_spilling(CrmIdSet *set)
{
	MemoryContext old;
	int			filter_kb = Max(work_mem / 4, 1024);

	if (!release_callback_registered)
	{
		RegisterResourceReleaseCallback(forget_files, NULL);
		release_callback_registered = true;
	}

	/* Two keys per byte let the filter choose three hashes: flat for long. */
	old = MemoryContextSwitchTo(set->context);
	set->filter = bloom_create((int64) filter_kb * 1024 * 2, filter_kb, 0);
	MemoryContextSwitchTo(old);

	set->owner = CurrentResourceOwner;
	dlist_push_tail(&spilled_sets, &set->link);
}

static IdRun *
create_run(CrmIdSet *set, int level)
{
	MemoryContext old = MemoryContextSwitchTo(set->context);
	ResourceOwner old_owner = CurrentResourceOwner;
	IdRun	   *run = palloc0(sizeof(IdRun));

	CurrentResourceOwner = set->owner;
	run->file = BufFileCreateTemp(false);
	CurrentResourceOwner = old_owner;
	run->level = level;
	run->max_blocks = 64;
	run->firsts = palloc(run->max_blocks * sizeof(IdKey));
	MemoryContextSwitchTo(old);
	return run;
}

static void
close_run(IdRun *run)
{
	BufFileClose(run->file);
	pfree(run->firsts);
	pfree(run);
}

static void
seek_run(IdRun *run, int64 block)
{
	if (BufFileSeekBlock(run->file, (long) block) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not seek in the temporary file of an identity set: %m")));
}

static void
read_keys(IdRun *run, IdKey *keys, int n)
{
	size_t		wanted = n * sizeof(IdKey);

	if (BufFileRead(run->file, keys, wanted) != wanted)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from the temporary file of an identity set: %m")));
}

/* Appends a key greater than all in the run; the file stands at its end. */
static void
append_key(IdRun *run, IdKey key)
{
	if (run->nkeys % KEYS_PER_BLOCK == 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (run->nblocks == run->max_blocks)
		{
			run->max_blocks *= 2;
			run->firsts = repalloc_huge(run->firsts, run->max_blocks * sizeof(IdKey));
		}
		run->firsts[run->nblocks++] = key;
	}
	BufFileWrite(run->file, &key, sizeof(IdKey));
	run->last = key;
	run->nkeys++;
}

/* Moves the file of a run to its end. */
static void
seek_to_end(IdRun *run)
{
	off_t		rest = (run->nkeys % KEYS_PER_BLOCK) * sizeof(IdKey);

	seek_run(run, run->nkeys / KEYS_PER_BLOCK);
	if (rest > 0 && BufFileSeek(run->file, 0, rest, SEEK_CUR) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not seek in the temporary file of an identity set: %m")));
}

/* Replaces the newest RUN_FANIN runs by one; they share no key. */
static void
merge_newest(CrmIdSet *set)
{
	IdRun	  **input = &set->runs[set->nruns - RUN_FANIN];
	IdRun	   *output = create_run(set, input[0]->level + 1);
	IdKey		heads[RUN_FANIN];
	int64		left[RUN_FANIN];

	for (int i = 0; i < RUN_FANIN; i++)
	{
		seek_run(input[i], 0);
		read_keys(input[i], &heads[i], 1);
		left[i] = input[i]->nkeys;
	}
	for (;;)
	{
		int			least = -1;

		for (int i = 0; i < RUN_FANIN; i++)
		{
			if (left[i] > 0 &&
				(least < 0 || compare_keys(&heads[i], &heads[least]) < 0))
				least = i;
		}
		if (least < 0)
			break;
		append_key(output, heads[least]);
		if (--left[least] > 0)
			read_keys(input[least], &heads[least], 1);
	}

	/* Written out before the inputs go, and so that closing cannot fail. */
	seek_run(output, 0);
	for (int i = 0; i < RUN_FANIN; i++)
		close_run(input[i]);
	input[0] = output;
	set->nruns -= RUN_FANIN - 1;
}

/* Merges until no level has RUN_FANIN runs. */
static void
merge_runs(CrmIdSet *set)
{
	while (set->nruns >= RUN_FANIN &&
		   set->runs[set->nruns - RUN_FANIN]->level == set->runs[set->nruns - 1]->level)
		merge_newest(set);
}

/*
 * Packs the table's entries at the front of its own array and sorts them
 * there, so that spilling needs no memory when there is none to spare.
 */
static IdEntry *
sort_table(idtable_hash *table)
{
	IdEntry    *entries = table->data;
	uint32		n = 0;

	for (uint64 i = 0; n < table->members; i++)
	{
		if (entries[i].status == idtable_SH_IN_USE)
			entries[n++] = entries[i];
	}
	qsort(entries, n, sizeof(IdEntry), compare_entries);
	return entries;
}

/* Writes all keys of the hash table to disk and empties it. */
static void
spill(CrmIdSet *set)
{
	uint32		n = set->table->members;
	IdEntry    *entries;
	IdRun	   *run;

	if (set->owner == NULL)
		start_spilling(set);
	set->writing = true;
	set->block_run = NULL;

	entries = sort_table(set->table);
	if (set->nruns == 0 || compare_keys(&entries[0].key, &set->spilled_min) < 0)
		set->spilled_min = entries[0].key;
	if (set->nruns == 0 || compare_keys(&entries[n - 1].key, &set->spilled_max) > 0)
		set->spilled_max = entries[n - 1].key;

	run = set->nruns > 0 ? set->runs[set->nruns - 1] : NULL;
	if (run != NULL && compare_keys(&run->last, &entries[0].key) < 0)
		seek_to_end(run);
	else
	{
		run = create_run(set, 0);
		set->runs[set->nruns++] = run;
	}
	for (uint32 i = 0; i < n; i++)
	{
		append_key(run, entries[i].key);
		bloom_add_element(set->filter, (unsigned char *) &entries[i].key, sizeof(IdKey));
	}
	seek_run(run, 0);
	merge_runs(set);

	idtable_reset(set->table);
	set->writing = false;
}

/* The last of the n ascending keys that is not greater than key, or -1. */
static int64
find_not_greater(const IdKey *keys, int64 n, const IdKey *key)
{
	int64		low = 0;
	int64		high = n;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (compare_keys(&keys[middle], key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

static bool
run_has(CrmIdSet *set, IdRun *run, const IdKey *key)
{
	int64		block;
	int64		at;
	int			n;

	if (compare_keys(key, &run->last) > 0)
		return false;
	block = find_not_greater(run->firsts, run->nblocks, key);
	if (block < 0)
		return false;

	n = (int) Min(KEYS_PER_BLOCK, run->nkeys - block * KEYS_PER_BLOCK);
	if (set->block_run != run || set->block_number != block)
	{
		set->block_run = NULL;
		seek_run(run, block);
		read_keys(run, set->block, n);
		set->block_run = run;
		set->block_number = block;
	}
	at = find_not_greater(set->block, n, key);
	return at >= 0 && compare_keys(&set->block[at], key) == 0;
}

static bool
was_spilled(CrmIdSet *set, IdKey key)
{
	if (set->lost)
		elog(ERROR, "identity set was used after the end of its query");
	if (set->nruns == 0 ||
		compare_keys(&key, &set->spilled_min) < 0 ||
		compare_keys(&key, &set->spilled_max) > 0 ||
		bloom_lacks_element(set->filter, (unsigned char *) &key, sizeof(IdKey)))
		return false;
	for (int i = 0; i < set->nruns; i++)
	{
		if (run_has(set, set->runs[i], &key))
			return true;
	}
	return false;
}

static bool
add_key(CrmIdSet *set, IdKey key)
{
	bool		found;

	if (idtable_lookup(set->table, key) != NULL || was_spilled(set, key))
		return false;
	if (set->table->members >= set->max_in_table)
		spill(set);
	idtable_insert(set->table, key, &found);
	set->size++;
	return true;
}

/* Integers stand as they are, texts as their tagged digest. */
static IdKey
int_key(int64 id)
{
	/* With the sign turned over, keys sort as the integers do. */
	IdKey		key = {0, (uint64) id ^ TOP_BIT};

	return key;
}

static IdKey
text_key(const char *id, size_t len)
{
	IdKey		key;
	const char *problem = NULL;

	StaticAssertStmt(sizeof(IdKey) == 16, "an identity is an MD5 digest");
	if (!pg_md5_binary(id, len, (uint8 *) &key, &problem))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the MD5 digest of an identity: %s", problem)));
	key.high |= TOP_BIT;
	return key;
}

static bool
has_key(CrmIdSet *set, IdKey key)
{
	return idtable_lookup(set->table, key) != NULL || was_spilled(set, key);
}

bool
crm_idset_add_int(CrmIdSet *set, int64 id)
{
	return add_key(set, int_key(id));
}

bool
crm_idset_add_text(CrmIdSet *set, const char *id, size_t len)
{
	return add_key(set, text_key(id, len));
}

bool
crm_idset_has_int(CrmIdSet *set, int64 id)
{
	return has_key(set, int_key(id));
}

bool
crm_idset_has_text(CrmIdSet *set, const char *id, size_t len)
{
	return has_key(set, text_key(id, len));
}
