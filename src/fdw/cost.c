/*
 * cost.c
 *		Estimates.
 *
 * A request takes tens of milliseconds and counts against an account's limit,
 * a row costs microseconds: plans are compared by their requests.
 */
#include "postgres.h"

#include <math.h>

#include "optimizer/cost.h"
#include "optimizer/optimizer.h"

#include "client/page.h"
#include "fdw/cost.h"

/* One request, in units of a sequential page read. */
#define REQUEST_COST	100.0

/* Parents an entity is assumed to have when all of them must be walked. */
#define MANY_PARENTS	1000.0

/* A scan that will refuse to run must lose against any other plan. */
#define REFUSED_COST	1.0e9

void
crm_cost_size(PlannerInfo *root, RelOptInfo *baserel, const CrmRelInfo *info)
{
	/* Never analyzed, or analyzed when empty: never plan on zero rows. */
	if (baserel->tuples <= 0)
		baserel->tuples = Max(info->entity->expected_rows, 1);
	set_baserel_size_estimates(root, baserel);
}

void
crm_cost_scan(const RelOptInfo *baserel, const CrmRelInfo *info,
			  double rows, double nkeys, CrmCost *cost)
{
	const CrmEntity *entity = info->entity;
	int			page_size = crm_page_size(info->options.api, entity, info->options.page_size);
	bool		below_parents = entity->nparents > 0 && entity->parents[0].entity != NULL;

	cost->rows = rows;
	if (below_parents && nkeys > 0)
		cost->requests = nkeys * Max(1.0, ceil(rows / nkeys / page_size));
	else if (entity->pager == CRM_PAGER_SINGLE || entity->pager == CRM_PAGER_SLICES)
		cost->requests = 1;
	else
		cost->requests = Max(1.0, ceil(baserel->tuples / page_size));
	if (below_parents && nkeys <= 0)
		cost->requests += MANY_PARENTS;

	cost->startup = info->options.fdw_startup_cost + baserel->baserestrictcost.startup;
	cost->total = cost->startup + cost->requests * REQUEST_COST +
		baserel->tuples * (info->options.fdw_tuple_cost + cpu_tuple_cost + baserel->baserestrictcost.per_tuple);
	if (below_parents && nkeys <= 0 && !info->options.fan_out && !(entity->flags & CRM_ENTITY_FEW_PARENTS))
		cost->total += REFUSED_COST;
}
