/*
 * scan.h
 *		A running scan, shared by scan.c, explain.c and analyze.c.
 */
#ifndef CRM_SCAN_H
#define CRM_SCAN_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "client/reader.h"
#include "fdw/columns.h"
#include "fdw/plan.h"
#include "fdw/value.h"

typedef struct CrmScanState
{
	CrmPlan		plan;
	Oid			relid;
	CrmOptions	options;
	const CrmEntity *entity;
	MemoryContext context;		/* the scan */
	MemoryContext reader_context;	/* from one rescan to the next */
	CrmAccount *account;		/* NULL under plain EXPLAIN */
	CrmAttrs   *attrs;
	CrmConverter *converter;
	List	   *keys;			/* ExprStates of the plan's key quals */
	CrmReadSpec spec;
	CrmReader  *reader;			/* NULL until the first row is wanted */
} CrmScanState;

/*
 * What to read of a table when nothing is known of keys: bounds and limits from
 * the options, flags from the attributes.
 */
extern void crm_scan_spec(const CrmOptions *options, const CrmEntity *entity,
						  const CrmAttrs *attrs, CrmReadSpec *spec);

/* Parent keys of a spec, all unrestricted, in the current memory context. */
extern void crm_scan_open_keys(CrmReadSpec *spec);

/* Restricts a parent to the given ids (texts), further if it already is. */
extern void crm_scan_restrict(CrmReadSpec *spec, int parent, List *ids);

/*
 * Texts of a key's value for a parent of the entity: one, the elements of an
 * array, or none for NULL.  What cannot be an id of the parent is left out.
 */
extern List *crm_scan_key_texts(const CrmEntity *entity, int parent,
								Datum value, bool isnull, Oid type, bool is_array);

#endif							/* CRM_SCAN_H */
