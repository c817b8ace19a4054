/*
 * replay.c
 *		The rows of finished scans, in a temporary file; where they are, in
 *		memory, by what was read.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/tuptable.h"
#include "common/hashfn.h"
#include "storage/buffile.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "fdw/replay.h"

typedef struct Recording
{
	const char *key;			/* hash key: what was read */
	bool		complete;
	int64		rows;
	int			fileno;			/* where the rows begin */
	off_t		offset;
} Recording;

struct CrmReplay
{
	MemoryContext context;
	HTAB	   *recordings;
	BufFile    *file;
	int			end_fileno;		/* behind the last complete recording */
	off_t		end_offset;
	Recording  *current;		/* being recorded or replayed */
	int64		left;			/* rows still to replay */
	bool		writing;		/* the file is positioned for current's next row */
};

static uint32
hash_key(const void *key, Size size)
{
	const char *text = *(const char *const *) key;

	return DatumGetUInt32(hash_any((const unsigned char *) text, strlen(text)));
}

static int
compare_keys(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

CrmReplay *
crm_replay_create(void)
{
	CrmReplay  *replay = palloc0(sizeof(CrmReplay));
	HASHCTL		control = {.keysize = sizeof(char *), .entrysize = sizeof(Recording),
	.hash = hash_key, .match = compare_keys, .hcxt = CurrentMemoryContext};

	replay->context = CurrentMemoryContext;
	replay->recordings = hash_create("crm_fdw replay", 64, &control,
									 HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return replay;
}

bool
crm_replay_start(CrmReplay *replay, const char *key)
{
	bool		found;

	replay->current = hash_search(replay->recordings, &key, HASH_ENTER, &found);
	if (!found)
	{
		replay->current->key = MemoryContextStrdup(replay->context, key);
		replay->current->complete = false;
	}
	replay->writing = false;
	if (replay->current->complete)
	{
		replay->left = replay->current->rows;
		if (replay->left > 0)
			BufFileSeek(replay->file, replay->current->fileno, replay->current->offset, SEEK_SET);
		return true;
	}

	/* What an abandoned scan left is written over. */
	replay->current->rows = 0;
	replay->current->fileno = replay->end_fileno;
	replay->current->offset = replay->end_offset;
	return false;
}

static void
read_exactly(BufFile *file, void *data, size_t size)
{
	if (BufFileRead(file, data, size) != size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read rows back from a temporary file"),
				 errhint("Check the disk that holds temp_tablespaces.")));
}

void
crm_replay_next(CrmReplay *replay, TupleTableSlot *slot)
{
	uint32		length;
	MinimalTuple tuple;

	ExecClearTuple(slot);
	if (replay->left == 0)
		return;
	replay->left--;
	read_exactly(replay->file, &length, sizeof(length));
	tuple = MemoryContextAlloc(slot->tts_mcxt, length);
	tuple->t_len = length;
	read_exactly(replay->file, (char *) tuple + sizeof(length), length - sizeof(length));
	ExecForceStoreMinimalTuple(tuple, slot, true);
}

void
crm_replay_record(CrmReplay *replay, TupleTableSlot *slot)
{
	MinimalTuple tuple;
	bool		should_free;

	if (replay->file == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(replay->context);

		replay->file = BufFileCreateTemp(false);
		MemoryContextSwitchTo(old);
	}
	else if (!replay->writing)
		BufFileSeek(replay->file, replay->end_fileno, replay->end_offset, SEEK_SET);
	replay->writing = true;
	tuple = ExecFetchSlotMinimalTuple(slot, &should_free);
	BufFileWrite(replay->file, tuple, tuple->t_len);
	replay->current->rows++;
	if (should_free)
		pfree(tuple);
}

void
crm_replay_finish(CrmReplay *replay)
{
	replay->current->complete = true;
	if (replay->writing)
		BufFileTell(replay->file, &replay->end_fileno, &replay->end_offset);
}

void
crm_replay_end(CrmReplay *replay)
{
	if (replay->file != NULL)
		BufFileClose(replay->file);
}
