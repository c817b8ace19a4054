/*
 * totals.h
 *		How many rows tables were last seen to have.
 */
#ifndef CRM_TOTALS_H
#define CRM_TOTALS_H

#include "postgres.h"

#include "fdw/plan.h"

/* A list was read or counted: how many rows it has. */
extern void crm_total_remember(Oid relid, double rows);

/*
 * Sets baserel->tuples, and whether there are statistics: from the statistics of ANALYZE, else what was seen
 * last, else what the catalogue expects; with use_remote_estimate from the
 * API, which is asked at most once a minute.
 */
extern void crm_total_estimate(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info);

#endif							/* CRM_TOTALS_H */
