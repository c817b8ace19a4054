/*
 * shared.h
 *		The extension's shared memory: one segment for all sessions and databases
 *		of the cluster, laid out in parts that other files define.
 *
 * With the library in shared_preload_libraries the segment is reserved when the
 * cluster starts; PostgreSQL 17 and newer can also make it when the first
 * session asks.  Without either there is none, and every user of a part has to
 * do without.
 */
#ifndef CRM_SHARED_H
#define CRM_SHARED_H

#include "postgres.h"

#include "storage/lwlock.h"

/* One part of the segment; a static object of the file that uses it. */
typedef struct CrmSharedPart
{
	/* Bytes it takes; the same in every process of the cluster. */
	Size		(*size) (void);

	/*
	 * Sets up zeroed memory when the cluster has started, or started again after
	 * a crash.  Must not raise errors: it may run in the postmaster.
	 */
	void		(*init) (void *memory);

	void	   *memory;			/* set by shared.c; see crm_shared_part() */
} CrmSharedPart;

/*
 * Names the parts, in their order in the segment, and reserves it if the library
 * is being preloaded.  Called once, by _PG_init.
 */
extern void crm_shared_define(CrmSharedPart *const *parts, int nparts);

/*
 * A part's memory, or NULL if the cluster has no segment; the first time that
 * is found out in a session, a NOTICE says what to set.
 */
extern void *crm_shared_part(CrmSharedPart *part);

/* The same without the NOTICE. */
extern void *crm_shared_part_quietly(CrmSharedPart *part);

/*
 * Guards what is found where: taken exclusively to hand out or take back entries
 * of a part, shared to look one up.  Never held while waiting for anything.
 * NULL without a segment.
 */
extern LWLock *crm_shared_lock(void);

#endif							/* CRM_SHARED_H */
