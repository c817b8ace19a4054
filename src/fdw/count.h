/*
 * count.h
 *		count(*) answered by the API's own total.
 */
#ifndef CRM_COUNT_H
#define CRM_COUNT_H

#include "postgres.h"

#include "fdw/scan.h"

/* The plan of an upper path that crmGetForeignUpperPaths added. */
extern ForeignScan *crm_count_plan(PlannerInfo *root, RelOptInfo *rel,
								   ForeignPath *best_path, List *tlist);

/* Begins a count; its single row (every column holds the count), then none. */
extern void crm_count_begin(CrmScanState *state);
extern void crm_count_next(ForeignScanState *node, CrmScanState *state, TupleTableSlot *slot);

#endif							/* CRM_COUNT_H */
