/*
 * activity.h
 *		The scans that run now, for all sessions to see.
 *
 * A running scan shows a copy of its CrmActivity in a slot of shared memory.
 * If there is none left, or no shared memory, it runs unseen.
 */
#ifndef CRM_ACTIVITY_H
#define CRM_ACTIVITY_H

#include "postgres.h"

#include "base/shared.h"
#include "datatype/timestamp.h"

/* Bytes kept of a name and of a request. */
#define CRM_ACTIVITY_ENTITY_MAX		127
#define CRM_ACTIVITY_REQUEST_MAX	511

typedef enum CrmActivityState
{
	CRM_ACTIVITY_REQUESTING,	/* waits for an answer */
	CRM_ACTIVITY_RATE_LIMIT,	/* waits for its turn within the rate limit */
	CRM_ACTIVITY_BACKOFF,		/* waits before it tries again after a failure */
	CRM_ACTIVITY_SETTLING,		/* waits before it asks an asynchronous query again */
	CRM_ACTIVITY_PROCESSING
} CrmActivityState;

typedef struct CrmActivity
{
	int			pid;
	Oid			database;
	Oid			role;			/* who may see the request */
	Oid			server;
	char		entity[CRM_ACTIVITY_ENTITY_MAX + 1];
	CrmActivityState state;
	TimestampTz started_at;
	int64		pages_done;
	int64		pages_total;	/* -1 = unknown */
	int64		rows;			/* records received */
	char		request[CRM_ACTIVITY_REQUEST_MAX + 1];	/* empty = none yet */
} CrmActivity;

#define CRM_NO_ACTIVITY		(-1)

extern CrmSharedPart crm_activity_part;

/* A scan of this process as it starts: no progress yet. */
extern void crm_activity_fill(CrmActivity *activity, Oid server, const char *entity);

/* Cut at a character if it is too long. */
extern void crm_activity_set_request(CrmActivity *activity, const char *request);

/* The number of a slot that shows the activity from now on, or CRM_NO_ACTIVITY. */
extern int	crm_activity_begin(const CrmActivity *activity);

/* Shows it as it is now. */
extern void crm_activity_show(int slot, const CrmActivity *activity);

extern void crm_activity_end(int slot);

/* "requesting", ... */
extern const char *crm_activity_state_name(CrmActivityState state);

/* What pg_stat_activity shows while a scan waits; not for PROCESSING. */
extern uint32 crm_activity_wait_event(CrmActivityState state);

/* Copies of what runs in the current database, palloc'd. */
extern CrmActivity *crm_activity_copy(int *n);

#endif							/* CRM_ACTIVITY_H */
