/*
 * activity.c
 *		Slots in shared memory, one per running scan.
 *
 * A slot belongs to the process whose id it holds, and only that process
 * changes it.  Each has a spinlock of its own, held for one copy.  A process
 * that ends takes its slots with it, however it ends.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "storage/spin.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/activity.h"
#include "base/compat.h"

#define SLOTS	512

typedef struct Slot
{
	slock_t		mutex;
	CrmActivity activity;		/* pid 0 = the slot is free */
} Slot;

static Size
shared_size(void)
{
	return mul_size(sizeof(Slot), SLOTS);
}

static void
shared_init(void *memory)
{
	Slot	   *slots = memory;

	for (int i = 0; i < SLOTS; i++)
		SpinLockInit(&slots[i].mutex);
}

CrmSharedPart crm_activity_part = {.size = shared_size, .init = shared_init};

void
crm_activity_fill(CrmActivity *activity, Oid server, const char *entity)
{
	int			len = pg_mbcliplen(entity, strlen(entity), CRM_ACTIVITY_ENTITY_MAX);

	memset(activity, 0, sizeof(*activity));
	activity->pid = MyProcPid;
	activity->database = MyDatabaseId;
	activity->role = GetUserId();
	activity->server = server;
	memcpy(activity->entity, entity, len);
	activity->state = CRM_ACTIVITY_REQUESTING;
	activity->started_at = GetCurrentTimestamp();
	activity->pages_total = -1;
}

void
crm_activity_set_request(CrmActivity *activity, const char *request)
{
	int			len = pg_mbcliplen(request, strlen(request), CRM_ACTIVITY_REQUEST_MAX);

	memcpy(activity->request, request, len);
	activity->request[len] = '\0';
}

/* Changes a slot if the process has the id "from", which is given up if "to" is NULL. */
static bool
change(Slot *slot, int from, const CrmActivity *to)
{
	bool		ours;

	SpinLockAcquire(&slot->mutex);
	ours = slot->activity.pid == from;
	if (ours && to != NULL)
		slot->activity = *to;
	else if (ours)
		slot->activity.pid = 0;
	SpinLockRelease(&slot->mutex);
	return ours;
}

/* The process ends. */
static void
end_all(int code, Datum arg)
{
	Slot	   *slots = (Slot *) DatumGetPointer(arg);

	for (int i = 0; i < SLOTS; i++)
		change(&slots[i], MyProcPid, NULL);
}

int
crm_activity_begin(const CrmActivity *activity)
{
	static bool ends_with_process = false;
	Slot	   *slots = crm_shared_part_quietly(&crm_activity_part);

	if (slots == NULL)
		return CRM_NO_ACTIVITY;
	if (!ends_with_process)
	{
		before_shmem_exit(end_all, PointerGetDatum(slots));
		ends_with_process = true;
	}
	for (int i = 0; i < SLOTS; i++)
	{
		int			place = (MyProcPid + i) % SLOTS;

		if (change(&slots[place], 0, activity))
			return place;
	}
	return CRM_NO_ACTIVITY;
}

void
crm_activity_show(int slot, const CrmActivity *activity)
{
	Slot	   *slots = crm_shared_part_quietly(&crm_activity_part);

	if (slot != CRM_NO_ACTIVITY)
		change(&slots[slot], MyProcPid, activity);
}

void
crm_activity_end(int slot)
{
	crm_activity_show(slot, NULL);
}

const char *
crm_activity_state_name(CrmActivityState state)
{
	static const char *const names[] = {
		[CRM_ACTIVITY_REQUESTING] = "requesting",
		[CRM_ACTIVITY_RATE_LIMIT] = "waiting for rate limit",
		[CRM_ACTIVITY_BACKOFF] = "backing off",
		[CRM_ACTIVITY_SETTLING] = "backing off",
		[CRM_ACTIVITY_PROCESSING] = "processing rows"
	};

	return names[state];
}

uint32
crm_activity_wait_event(CrmActivityState state)
{
	static const char *const names[] = {
		[CRM_ACTIVITY_REQUESTING] = "CrmFdwResponse",
		[CRM_ACTIVITY_RATE_LIMIT] = "CrmFdwRateLimit",
		[CRM_ACTIVITY_BACKOFF] = "CrmFdwBackoff",
		[CRM_ACTIVITY_SETTLING] = "CrmFdwSettle"
	};
	static uint32 events[lengthof(names)];

	Assert(state < lengthof(names));
	if (events[state] == 0)
		events[state] = crm_new_wait_event(names[state]);
	return events[state];
}

CrmActivity *
crm_activity_copy(int *n)
{
	Slot	   *slots = crm_shared_part_quietly(&crm_activity_part);
	CrmActivity *copies;

	*n = 0;
	if (slots == NULL)
		return NULL;
	copies = palloc(sizeof(CrmActivity) * SLOTS);
	for (int i = 0; i < SLOTS; i++)
	{
		CrmActivity *copy = &copies[*n];

		SpinLockAcquire(&slots[i].mutex);
		*copy = slots[i].activity;
		SpinLockRelease(&slots[i].mutex);
		if (copy->pid != 0 && copy->database == MyDatabaseId && BackendPidGetProc(copy->pid) != NULL)
			(*n)++;
	}
	return copies;
}
