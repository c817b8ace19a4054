/*
 * shared.c
 *		Reserves the shared segment, or makes it on first use, and attaches to it.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

#include "base/compat.h"
#include "base/settings.h"
#include "base/shared.h"

/* A segment of another version of the library looks different. */
#define SEGMENT_NAME	"crm_fdw " CRM_VERSION

typedef struct SharedHead
{
	LWLock		lock;
	int			tranche;		/* of the lock */
} SharedHead;

static CrmSharedPart *const *parts;
static int	nparts;
static SharedHead *head = NULL;
static bool preloaded = false;
static shmem_request_hook_type next_request_hook = NULL;
static shmem_startup_hook_type next_startup_hook = NULL;

static Size
segment_size(void)
{
	Size		size = MAXALIGN(sizeof(SharedHead));

	for (int i = 0; i < nparts; i++)
		size = add_size(size, MAXALIGN(parts[i]->size()));
	return size;
}

/* Tells the parts where they are; the first process sets them up. */
static void
lay_out(void *segment, bool first)
{
	char	   *memory = (char *) segment + MAXALIGN(sizeof(SharedHead));

	if (first)
	{
		memset(segment, 0, segment_size());
		((SharedHead *) segment)->tranche = LWLockNewTrancheId();
		LWLockInitialize(&((SharedHead *) segment)->lock, ((SharedHead *) segment)->tranche);
	}
	for (int i = 0; i < nparts; i++)
	{
		parts[i]->memory = memory;
		if (first && parts[i]->init != NULL)
			parts[i]->init(memory);
		memory += MAXALIGN(parts[i]->size());
	}
}

static void
attach(void *segment)
{
	lay_out(segment, false);
	head = segment;
	LWLockRegisterTranche(head->tranche, "crm_fdw");
}

static void
request(void)
{
	if (next_request_hook != NULL)
		next_request_hook();
	RequestAddinShmemSpace(segment_size());
}

static void
startup(void)
{
	void	   *segment;
	bool		found;

	if (next_startup_hook != NULL)
		next_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	segment = ShmemInitStruct(SEGMENT_NAME, segment_size(), &found);
	if (!found)
		lay_out(segment, true);
	LWLockRelease(AddinShmemInitLock);
	attach(segment);
}

void
crm_shared_define(CrmSharedPart *const *all, int n)
{
	parts = all;
	nparts = n;
	preloaded = process_shared_preload_libraries_in_progress;
	if (!preloaded)
		return;
	next_request_hook = shmem_request_hook;
	shmem_request_hook = request;
	next_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup;
}

#ifdef crm_named_segment
static void
set_up(void *segment)
{
	lay_out(segment, true);
}
#endif

/* False if there is no segment. */
static bool
find_segment(void)
{
#ifdef crm_named_segment
	if (head == NULL && !preloaded)
		attach(crm_named_segment(SEGMENT_NAME, segment_size(), set_up));
#endif
	return head != NULL;
}

void *
crm_shared_part_quietly(CrmSharedPart *part)
{
	return find_segment() ? part->memory : NULL;
}

void *
crm_shared_part(CrmSharedPart *part)
{
	static bool noticed = false;

	if (!find_segment() && !noticed)
	{
		noticed = true;
		ereport(NOTICE,
				(errmsg("crm_fdw keeps request budgets and statistics in this session only"),
				 errdetail("Sessions that read the same account at the same time may exceed its rate limit together."),
				 errhint("Add crm_fdw to \"shared_preload_libraries\" and restart the server.")));
	}
	return crm_shared_part_quietly(part);
}

LWLock *
crm_shared_lock(void)
{
	return find_segment() ? &head->lock : NULL;
}
