/*
 * copy.h
 *		Bringing a copy up to date: the statements, by mode.
 */
#ifndef CRM_COPY_H
#define CRM_COPY_H

#include "postgres.h"

#include "admin/ledger.h"

/*
 * Column of a copy's view that tells whether the row is within the copy's filter;
 * views without a filter lack it.
 */
#define CRM_MATCHES_COLUMN	"crm_fdw_matches"

/* How the statement that changes a table begins. */
#define CRM_COPY_STATEMENT	"WITH new AS MATERIALIZED ("

/*
 * Reads what is needed and changes the copy, within the current transaction.  All
 * that the copy's owner has written runs as that owner.  "moment" is when the
 * refresh began; with "complete" everything is read.
 */
extern void crm_copy_refresh(const CrmSettings *settings, TimestampTz moment, bool complete,
							 CrmOutcome *outcome);

/* Names of the columns of the primary key in its order; NIL if there is none. */
extern List *crm_primary_key(Oid relid);

/* Has the materialized view an index that REFRESH ... CONCURRENTLY can use? */
extern bool crm_has_usable_index(Oid relid);

#endif							/* CRM_COPY_H */
