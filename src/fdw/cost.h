/*
 * cost.h
 *		What a scan costs: requests above all.
 */
#ifndef CRM_COST_H
#define CRM_COST_H

#include "postgres.h"

#include "fdw/plan.h"

typedef struct CrmCost
{
	double		rows;
	double		requests;
	Cost		startup;
	Cost		total;
} CrmCost;

/* Sets the relation's size from statistics or the catalogue's expectation. */
extern void crm_cost_size(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info);

/*
 * Cost of a scan that returns "rows" rows and asks for nkeys parents; nkeys 0
 * means that nothing restricts the parents.
 */
extern void crm_cost_scan(const RelOptInfo *baserel, const CrmRelInfo *info,
						  double rows, double nkeys, CrmCost *cost);

#endif							/* CRM_COST_H */
