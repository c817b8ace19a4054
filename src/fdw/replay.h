/*
 * replay.h
 *		Rows of a scan kept for the next time they are wanted.
 *
 * A nested loop scans its inner side once per outer row.  What was read before
 * is taken from a temporary file instead of being asked for again.
 */
#ifndef CRM_REPLAY_H
#define CRM_REPLAY_H

#include "postgres.h"

#include "executor/tuptable.h"

typedef struct CrmReplay CrmReplay;

/* In the current memory context. */
extern CrmReplay *crm_replay_create(void);

/*
 * Begins a scan of what the key stands for.  True if its rows are there: they
 * come from crm_replay_next.  Otherwise they are to be recorded.
 */
extern bool crm_replay_start(CrmReplay *replay, const char *key);

/* Puts the next row into the slot, or clears it at the end. */
extern void crm_replay_next(CrmReplay *replay, TupleTableSlot *slot);

/* One row more; the scan is complete.  One that is never completed is forgotten. */
extern void crm_replay_record(CrmReplay *replay, TupleTableSlot *slot);
extern void crm_replay_finish(CrmReplay *replay);

extern void crm_replay_end(CrmReplay *replay);

#endif							/* CRM_REPLAY_H */
