/*
 * scan.h
 *		A running scan, shared by the files that run, sort, count and explain it.
 */
#ifndef CRM_SCAN_H
#define CRM_SCAN_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "client/reader.h"
#include "fdw/columns.h"
#include "fdw/demand.h"
#include "fdw/lookup.h"
#include "fdw/plan.h"
#include "fdw/value.h"

typedef struct CrmScanState
{
	CrmPlan		plan;
	Oid			relid;
	CrmOptions	options;
	const CrmEntity *entity;	/* with filters on custom fields */
	const CrmEntity *catalogued;	/* without */
	int			natts;
	const CrmQualColumn *columns;
	MemoryContext context;		/* the scan */
	MemoryContext reader_context;	/* from one rescan to the next */
	MemoryContext row_context;	/* one row, where many are read at once */
	CrmAccount *account;		/* NULL under plain EXPLAIN */
	CrmAttrs   *attrs;
	CrmConverter *converter;
	CrmConverter *route_converter;	/* of a route whose records look different, or NULL */
	List	   *exprs;			/* ExprStates of fdw_exprs */
	CrmReadSpec plain;			/* of the whole list */
	CrmReadSpec spec;			/* what is read */
	CrmReader  *reader;			/* NULL until the first row is wanted */
	int64		rows;			/* read since the last rescan */
	bool		named;			/* the entity's filters name custom fields by their labels */
	bool		unindexed;		/* the search index turned out not to know one of them */
	Bitmapset  *searched;		/* attributes: custom fields that the list is narrowed by */
	Bitmapset  *witnessed;		/* those that the index is known to know */
	List	   *found;			/* CrmFound: what was looked up, for rescans */
	struct CrmSorter *sorter;	/* NULL unless rows are put in order */
	struct CrmReplay *replay;	/* NULL unless rows may be wanted again */
	bool		replaying;
	TupleTableSlot *slot;		/* counts: a row of the table */
	ExprState  *clauses;		/* counts: which rows count */
	bool		counted;
	bool		async;			/* the caller would rather not wait ... */
	bool		pending;		/* ... and no row was ready */
	struct CrmWaiter *waiter;	/* NULL until somebody waits for several scans */
} CrmScanState;

/*
 * What to read of a table when nothing is known of the query: bounds and limits
 * from the options, flags from the attributes.
 */
extern void crm_scan_spec(const CrmOptions *options, const CrmEntity *entity,
						  const CrmAttrs *attrs, CrmReadSpec *spec);

/*
 * Fills the state from plan and catalogs, sends nothing.  With EXPLAIN only,
 * there is no account.
 */
extern void crm_scan_prepare(ForeignScanState *node, CrmScanState *state, Oid relid, int eflags);

/*
 * The values of the plan's terms; with "names", those that are not known
 * without running the query go by their names.
 */
extern CrmValue *crm_scan_values(ForeignScanState *node, const CrmScanState *state, bool names);

/*
 * The spec of what the query wants; *used are the terms that narrow it.  found:
 * what the look-up that the plan begins with has found, if it does; NULL = not
 * known.  True if the demands say all that the terms say.
 */
extern bool crm_scan_bind(const CrmScanState *state, const CrmValue *values, const CrmFound *found,
						  CrmReadSpec *spec, Bitmapset **used);

/* The demand that the plan's look-up answers, or NULL. */
extern const CrmDemand *crm_scan_lookup(const CrmScanState *state, const CrmValue *values);

/* Starts to read state->spec; the next row of it, false at the end. */
extern void crm_scan_open(CrmScanState *state);
extern bool crm_scan_row(CrmScanState *state, TupleTableSlot *slot);

#endif							/* CRM_SCAN_H */
