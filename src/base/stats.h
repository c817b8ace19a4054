/*
 * stats.h
 *		What reading has cost since the cluster started: counters per database,
 *		server and entity, added to by all sessions.
 *
 * They are no part of any transaction: what was sent was sent, also if the
 * query is rolled back.  Without shared memory nothing is counted.
 */
#ifndef CRM_STATS_H
#define CRM_STATS_H

#include "postgres.h"

#include "base/shared.h"
#include "datatype/timestamp.h"

/* Bytes kept of names and messages; longer ones are cut at a character. */
#define CRM_STATS_ENTITY_MAX	127
#define CRM_STATS_ERROR_MAX		200

typedef struct CrmCounts
{
	int64		scans;			/* that sent something or tried to */
	int64		requests;		/* retries included */
	int64		retries;
	int64		throttled_ms;	/* waited for the rate limit */
	int64		errors;
	int64		rows;			/* records received */
	int64		bytes;			/* of answers, unpacked */
} CrmCounts;

typedef struct CrmStats
{
	Oid			server;
	char		entity[CRM_STATS_ENTITY_MAX + 1];	/* or the path read instead */
	CrmCounts	counts;
	TimestampTz last_request_at;	/* 0 = none yet */
	Oid			error_role;		/* whose scan failed last; InvalidOid = nobody's */
	int			error_sqlstate;
	char		error[CRM_STATS_ERROR_MAX + 1];
} CrmStats;

extern CrmSharedPart crm_stats_part;

/* Adds to the counters of the current database. */
extern void crm_stats_add(Oid server, const char *entity, const CrmCounts *more);

/* What this session has added since it began, also without shared memory. */
extern CrmCounts crm_stats_session(void);

/* Counts an error of the current role.  The message must hold no secret. */
extern void crm_stats_error(Oid server, const char *entity, int sqlstate, const char *message);

/* Copies of the current database's counters, palloc'd. */
extern CrmStats *crm_stats_copy(int *n);

/* Forgets the current database's counters. */
extern void crm_stats_reset(void);

#endif							/* CRM_STATS_H */
