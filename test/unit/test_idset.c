/*
 * test_idset.c
 *		base/idset.c: every identity once, whatever the order, in bounded files.
 *
 * The backend's temporary files are arrays in memory here, which also count
 * how many are open and refuse to be closed twice.  The Bloom filter never
 * rules anything out, so that every look-up goes the whole way.  The prototypes
 * of BufFile differ between PostgreSQL versions; they are restated here.
 */
#include "postgres.h"

#include "base/idset.h"
#include "common/hashfn.h"
#include "lib/bloomfilter.h"
#include "miscadmin.h"
#include "stub.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#define IDS		60000
#define MAX_FILES	1000

typedef struct BufFile
{
	bool		open;
	char	   *data;
	size_t		size;
	size_t		capacity;
	size_t		position;
} BufFile;

extern BufFile *BufFileCreateTemp(bool interXact);
extern void BufFileClose(BufFile *file);
extern size_t BufFileRead(BufFile *file, void *ptr, size_t size);
extern void BufFileWrite(BufFile *file, const void *ptr, size_t size);
extern int	BufFileSeek(BufFile *file, int fileno, off_t offset, int whence);
extern int	BufFileSeekBlock(BufFile *file, long blknum);
extern bool pg_md5_binary(const void *buff, size_t len, void *outbuf, const char **errstr);

int			work_mem = 64;
ResourceOwner CurrentResourceOwner;
volatile sig_atomic_t InterruptPending = false;

static BufFile files[MAX_FILES];
static int	files_created = 0;
static int	files_open = 0;
static int	most_files_open = 0;
static int	wrong_closes = 0;
static int64 writes_before_failure = -1;

static MemoryContextCallback *reset_callback;
static ResourceReleaseCallback release_callback;

/*
 * Temporary files
 */
BufFile *
BufFileCreateTemp(bool interXact)
{
	BufFile    *file = &files[files_created++];

	if (files_created == MAX_FILES)
		elog(ERROR, "too many files");
	file->open = true;
	files_open++;
	most_files_open = Max(most_files_open, files_open);
	return file;
}

void
BufFileClose(BufFile *file)
{
	if (!file->open)
	{
		wrong_closes++;
		return;
	}
	file->open = false;
	files_open--;
	free(file->data);
	file->data = NULL;
}

size_t
BufFileRead(BufFile *file, void *ptr, size_t size)
{
	size_t		n = Min(size, file->size - file->position);

	memcpy(ptr, file->data + file->position, n);
	file->position += n;
	return n;
}

void
BufFileWrite(BufFile *file, const void *ptr, size_t size)
{
	if (writes_before_failure == 0)
		ereport(ERROR, (errcode(ERRCODE_DISK_FULL), errmsg("no space left")));
	if (writes_before_failure > 0)
		writes_before_failure--;
	if (file->position + size > file->capacity)
	{
		file->capacity = file->capacity * 2 + size;
		file->data = realloc(file->data, file->capacity);
	}
	memcpy(file->data + file->position, ptr, size);
	file->position += size;
	file->size = Max(file->size, file->position);
}

int
BufFileSeek(BufFile *file, int fileno, off_t offset, int whence)
{
	file->position = offset + (whence == SEEK_CUR ? file->position : 0);
	return file->position <= file->size ? 0 : EOF;
}

int
BufFileSeekBlock(BufFile *file, long blknum)
{
	return BufFileSeek(file, 0, (off_t) blknum * BLCKSZ, SEEK_SET);
}

/*
 * The other parts of the backend
 */
MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size minContextSize,
							  Size initBlockSize, Size maxBlockSize)
{
	return CurrentMemoryContext;
}

void
MemoryContextRegisterResetCallback(MemoryContext context, MemoryContextCallback *callback)
{
	reset_callback = callback;
}

void
MemoryContextDelete(MemoryContext context)
{
	reset_callback->func(reset_callback->arg);
	reset_callback = NULL;
	stub_reset_memory();
}

void
RegisterResourceReleaseCallback(ResourceReleaseCallback callback, void *arg)
{
	release_callback = callback;
}

void
ProcessInterrupts(void)
{
}

bloom_filter *
bloom_create(int64 total_elems, int bloom_work_mem, uint64 seed)
{
	return NULL;
}

void
bloom_add_element(bloom_filter *filter, unsigned char *elem, size_t len)
{
}

bool
bloom_lacks_element(bloom_filter *filter, unsigned char *elem, size_t len)
{
	return false;
}

bool
pg_md5_binary(const void *buff, size_t len, void *outbuf, const char **errstr)
{
	uint64	   *half = outbuf;

	/* The digest that would look like the integer 0. */
	if (len == 4 && memcmp(buff, "zero", 4) == 0)
	{
		half[0] = 0;
		half[1] = UINT64CONST(1) << 63;
		return true;
	}
	half[0] = hash_bytes_extended(buff, len, 1);
	half[1] = hash_bytes_extended(buff, len, 2);
	return true;
}

/* What everybody hears when an owner is released... */
static void
announce_release(ResourceOwner owner)
{
	ResourceOwner current = CurrentResourceOwner;

	CurrentResourceOwner = owner;
	release_callback(RESOURCE_RELEASE_BEFORE_LOCKS, false, true, NULL);
	release_callback(RESOURCE_RELEASE_LOCKS, false, true, NULL);
	CurrentResourceOwner = current;
}

/* ... and what the owner of the files then does. */
static void
release_owner(void)
{
	announce_release(CurrentResourceOwner);
	for (int i = 0; i < files_created; i++)
	{
		if (files[i].open)
			BufFileClose(&files[i]);
	}
}

/*
 * The tests
 */
typedef bool (*AddFunction) (CrmIdSet *set, int64 i);

static bool
add_ascending(CrmIdSet *set, int64 i)
{
	return crm_idset_add_int(set, i * 3 - 1000);
}

static bool
add_descending(CrmIdSet *set, int64 i)
{
	return crm_idset_add_int(set, (IDS - i) * 3);
}

/* An odd factor makes all products different. */
static bool
add_scattered(CrmIdSet *set, int64 i)
{
	return crm_idset_add_int(set, (int64) ((uint64) i * UINT64CONST(0x9E3779B97F4A7C15)));
}

static bool
add_text(CrmIdSet *set, int64 i)
{
	char		text[32];

	return crm_idset_add_text(set, text, snprintf(text, sizeof(text), "id-%d", (int) i));
}

static bool
add_nearly_ascending(CrmIdSet *set, int64 i)
{
	return crm_idset_add_int(set, i ^ 0xFFF);
}

static void
start(void)
{
	files_created = files_open = most_files_open = wrong_closes = 0;
	memset(files, 0, sizeof(files));
	writes_before_failure = -1;
	CurrentResourceOwner = (ResourceOwner) &files;
}

static void
check_order(const char *name, AddFunction add, int most_files)
{
	CrmIdSet   *set;
	int			refused = 0;
	int			repeated = 0;

	start();
	set = crm_idset_create();
	for (int64 i = 0; i < IDS; i++)
	{
		if (!add(set, i))
			refused++;

		/* repeated: an old one, and one that was spilled last or will be next */
		if (add(set, i / 3) || add(set, Max(i - 700, 0)))
			repeated++;
	}
	tap_is_int(refused, 0, "%s: every identity is new once", name);
	for (int64 i = 0; i < IDS; i++)
	{
		if (add(set, i))
			repeated++;
	}
	tap_is_int(repeated, 0, "%s: and never again", name);
	tap_is_int(crm_idset_size(set), IDS, "%s: size", name);
	tap_ok(most_files_open > 0 && most_files_open <= most_files,
		   "%s: %d files open at most", name, most_files_open);
	crm_idset_free(set);
	tap_ok(files_open == 0 && wrong_closes == 0, "%s: the files go with the set", name);
}

static void
test_small(void)
{
	CrmIdSet   *set;

	start();
	set = crm_idset_create();
	tap_ok(crm_idset_add_int(set, 0) && crm_idset_add_int(set, -1) &&
		   crm_idset_add_int(set, PG_INT64_MIN) && crm_idset_add_int(set, PG_INT64_MAX),
		   "the ends of the range are identities");
	tap_ok(crm_idset_add_text(set, "", 0) && crm_idset_add_text(set, "0", 1) &&
		   crm_idset_add_text(set, "a\0b", 3) && crm_idset_add_text(set, "a\0c", 3),
		   "so are texts, the empty one and those with NUL included");
	tap_ok(!crm_idset_add_int(set, PG_INT64_MIN) && !crm_idset_add_text(set, "", 0) &&
		   !crm_idset_add_text(set, "a\0c", 3), "once");
	tap_ok(crm_idset_add_text(set, "zero", 4), "no digest is an integer");
	tap_is_int(crm_idset_size(set), 9, "and all are counted");
	tap_is_int(files_created, 0, "a small set has no file");
	crm_idset_free(set);
}

/* The block that was read last grows when the next keys are appended to it. */
static void
test_growing_block(void)
{
	CrmIdSet   *set;
	int			repeated = 0;

	start();
	set = crm_idset_create();
	for (int64 i = 0; i < IDS; i++)
	{
		add_ascending(set, i);
		if (add_ascending(set, Max(i - 700, 0)))
			repeated++;
	}
	tap_is_int(repeated, 0, "what was appended to a block is found in it");
	tap_ok(crm_idset_has_int(set, -1000) && crm_idset_has_int(set, (IDS - 1) * 3 - 1000),
		   "asking finds what is on disk and what is not yet");
	tap_ok(!crm_idset_has_int(set, -999) && !crm_idset_has_text(set, "-1000", 5),
		   "and nothing else");
	tap_is_int(crm_idset_size(set), IDS, "and adds nothing");
	crm_idset_free(set);
}

static void
use_set(void *arg)
{
	add_scattered(arg, IDS + 1);
}

static void
test_release_before_memory(void)
{
	CrmIdSet   *set;

	start();
	set = crm_idset_create();
	for (int64 i = 0; i < IDS; i++)
		add_scattered(set, i);
	announce_release((ResourceOwner) &work_mem);
	tap_ok(!add_scattered(set, 0), "the release of another owner changes nothing");

	release_owner();
	tap_is_int(stub_catch(use_set, set), ERRCODE_INTERNAL_ERROR,
			   "a set whose files are gone refuses to guess");
	crm_idset_free(set);
	tap_is_int(wrong_closes, 0, "and does not close them again");
}

/* After the set is gone its owner's end is nobody's business. */
static void
test_memory_before_release(void)
{
	CrmIdSet   *set;

	start();
	set = crm_idset_create();
	for (int64 i = 0; i < IDS; i++)
		add_scattered(set, i);
	crm_idset_free(set);
	release_owner();
	tap_is_int(wrong_closes, 0, "a set that was freed has left nothing behind");
}

static void
fill_set(void *arg)
{
	for (int64 i = 0; i < IDS; i++)
		add_scattered(arg, i);
}

/* Wherever the disk fills up, the owner is left to close the files. */
static void
test_disk_full(void)
{
	static const int64 failing_writes[] = {0, 100, 5000, 5600, 20000, 90000};

	for (int i = 0; i < lengthof(failing_writes); i++)
	{
		CrmIdSet   *set;
		int			open;

		start();
		set = crm_idset_create();
		writes_before_failure = failing_writes[i];
		tap_is_int(stub_catch(fill_set, set), ERRCODE_DISK_FULL,
				   "write %d fails", (int) failing_writes[i]);
		open = files_open;
		crm_idset_free(set);
		tap_ok(open > 0 && files_open == open, "and nothing is written at the end");
		release_owner();
	}
}

int
main(void)
{
	test_small();
	check_order("ascending", add_ascending, 1);
	check_order("descending", add_descending, 7 * 3 + 2);
	check_order("scattered", add_scattered, 7 * 3 + 2);
	check_order("nearly ascending", add_nearly_ascending, 7 * 3 + 2);
	check_order("texts", add_text, 7 * 3 + 2);
	test_growing_block();
	test_release_before_memory();
	test_memory_before_release();
	test_disk_full();
	return tap_done();
}
