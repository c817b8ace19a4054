/*
 * totals.h
 *		How many rows tables were last seen to have.
 */
#ifndef CRM_TOTALS_H
#define CRM_TOTALS_H

#include "postgres.h"

#include "base/shared.h"
#include "fdw/options.h"
#include "fdw/plan.h"

extern CrmSharedPart crm_totals_part;

/*
 * A list was read or counted: how many rows it has.  With other options, as far
 * as they tell what is read, the table's total is unknown again.
 */
extern void crm_total_remember(Oid relid, const CrmOptions *options, double rows);

/*
 * Sets baserel->tuples, and whether there are statistics: from the statistics
 * of ANALYZE, else what any session has seen last, else what the catalogue
 * expects; with use_remote_estimate from the API, which is asked at most once a
 * minute.
 */
extern void crm_total_estimate(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info);

#endif							/* CRM_TOTALS_H */
