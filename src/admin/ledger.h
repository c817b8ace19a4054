/*
 * ledger.h
 *		What the extension remembers of copies: settings, state, and one row per
 *		run of a refresh.
 *
 * The tables crm_fdw.refresh_settings, refresh_states and refresh_runs belong to
 * the extension's owner and are written as that role, after the caller's rights
 * on the copy were checked.  SPI must be connected.
 */
#ifndef CRM_LEDGER_H
#define CRM_LEDGER_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "admin/sql.h"
#include "base/stats.h"

/* How a refresh brings a copy up to date. */
typedef enum CrmMode
{
	CRM_MODE_REPLACE,			/* a materialized view */
	CRM_MODE_INCREMENTAL,		/* a table, by key */
	CRM_MODE_APPEND,			/* a table to which the whole state is added */
	CRM_MODE_HISTORY			/* a table of versions */
} CrmMode;

extern const char *crm_mode_name(CrmMode mode);

/* False if there is no such mode. */
extern bool crm_mode_parse(const char *name, CrmMode *mode);

/* Row of refresh_settings; that of a user's own materialized view has no source. */
typedef struct CrmSettings
{
	Oid			relation;
	CrmMode		mode;
	Oid			source;			/* foreign table; InvalidOid = a user's own view */
	Oid			view;			/* what a table is read through; InvalidOid for views */
	bool		filtered;
	bool		bounded;		/* can be read from a change time on */
	const char *cursor;			/* column of the view; NULL = none */
	const char *age;			/* column of the view; NULL = none */
	List	   *fleeting;		/* columns that never count as a change */
	const char *raw;			/* column of whole records; NULL = none */
	List	   *fleeting_paths; /* paths within raw that never count as a change */
	bool		best_effort;	/* a complete read proves nothing about what is missing */
	Interval   *lookback;
	Interval   *full_every;
	float4		max_shrink;		/* negative = the default */
	int64		min_rows;		/* negative = none */
	int			retries;

	/* Schedule. */
	bool		scheduled;
	Interval   *every;			/* as the user chose it; NULL = recommended */
	bool		custom;			/* the user wrote the schedule */
	const char *schedule;
	const char *time_zone;
	int64		off_peak_start; /* microseconds since midnight */
	int64		off_peak_end;
	int64		job_id;

	/* State. */
	TimestampTz watermark;		/* CRM_NO_TIME = none */
	TimestampTz from;			/* watermark - lookback, or CRM_NO_TIME */
	TimestampTz last_moment;	/* of the last refresh that was kept; CRM_NO_TIME = none */
	int64		complete_rows;	/* of the last complete read; -1 = none yet */
	bool		complete_due;
} CrmSettings;

/* Goes on as the owner of the tables, until crm_role_resume(). */
extern void crm_ledger_assume_owner(CrmRole *before);

/* False if there is no row; then *settings holds the defaults. */
extern bool crm_ledger_load(Oid relation, CrmSettings *settings);

/* Writes all but the state. */
extern void crm_ledger_store(const CrmSettings *settings);

/* Relations with settings, in the order of their oids. */
extern List *crm_ledger_relations(void);

/* Removes settings, state and runs. */
extern void crm_ledger_forget(Oid relation);

/* What a refresh did; a negative count is unknown. */
typedef struct CrmOutcome
{
	bool		complete;
	int64		rows_before;
	int64		rows_after;
	int64		seen;			/* rows that a complete read returned */
	int64		inserted;
	int64		updated;
	int64		deleted;
	TimestampTz watermark;		/* CRM_NO_TIME = as it was */
	TimestampTz moment;			/* when the refresh began, as its rows say */
} CrmOutcome;

#define CRM_OUTCOME_UNKNOWN \
	{.rows_before = -1, .rows_after = -1, .seen = -1, .inserted = -1, .updated = -1, .deleted = -1, \
	 .watermark = CRM_NO_TIME, .moment = CRM_NO_TIME}

/* Writes the state after a refresh that is kept. */
extern void crm_ledger_keep(Oid relation, const CrmOutcome *outcome);

/* A number for a run that begins. */
extern int64 crm_ledger_next_run(void);

extern void crm_ledger_begin_run(int64 run, Oid relation, CrmMode mode, const char *status);
extern void crm_ledger_set_status(int64 run, const char *status, const char *message);

/* Failure of a run, as crm_ledger_end_run() writes it. */
typedef struct CrmRunError
{
	int			sqlstate;
	const char *message;
	const char *hint;
} CrmRunError;

/* outcome and error may be NULL. */
extern void crm_ledger_end_run(int64 run, const char *status, const CrmOutcome *outcome,
							   const CrmCounts *cost, const CrmRunError *error);

/* Runs of the relation that have not ended, as a list of palloc'd int64. */
extern List *crm_ledger_open_runs(Oid relation);

/* Average requests of the last runs of a relation that were kept; -1 = unknown. */
extern double crm_ledger_usual_requests(Oid relation);

#endif							/* CRM_LEDGER_H */
