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
	int			route;			/* the cheapest one */
	AttrNumber	lookup;			/* custom field by which the records are looked up first;
								 * 0 = none */
	double		rows;			/* that the scan returns */
	double		received;		/* that the API sends */
	double		requests;
	double		unspread;		/* requests for the entity's own list if no filter were
								 * spread over several */
	Cost		startup;
	Cost		total;
} CrmCost;

/* Sets the relation's size: rows of the list, rows of the scan. */
extern void crm_cost_size(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info);

/*
 * The cheapest way to read the rows that meet the terms, of which "rows" pass
 * all clauses.
 */
extern void crm_cost_scan(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info,
						  List *terms, double rows, CrmCost *cost);

/* Rows that terms on the key leave at most; -1 if there are none on it. */
extern double crm_cost_key_rows(PlannerInfo *root, const CrmRelInfo *info, List *terms);

/*
 * A CrmFilterTest for planning: does the query, by constants among the terms,
 * demand what the filter needs to be safe?
 */
typedef struct CrmLicence
{
	const CrmRelInfo *info;
	const List *terms;			/* CrmTerm */
	const char *joined;			/* column that a join demands a value of; NULL = none */
} CrmLicence;

extern bool crm_cost_allows(const CrmFilter *filter, const void *licence);

/* The price of requests and rows. */
extern Cost crm_cost_of(const RelOptInfo *baserel, const CrmRelInfo *info,
						double requests, double received);

#endif							/* CRM_COST_H */
