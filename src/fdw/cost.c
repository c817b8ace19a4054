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
#define FEW_PARENTS		20.0
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

/* How many parents an unrestricted read goes through. */
static double
parents_to_walk(const CrmEntity *entity)
{
	double		n = 0;

	for (int i = 0; i < entity->nparents; i++)
	{
		const char *const *value = entity->parents[i].values;

		if (value == NULL)
			n += (entity->flags & CRM_ENTITY_FEW_PARENTS) ? FEW_PARENTS : MANY_PARENTS;
		else
		{
			for (; *value; value++)
				n++;
		}
	}
	return n;
}

void
crm_cost_scan(const RelOptInfo *baserel, const CrmRelInfo *info,
			  double rows, double nkeys, CrmCost *cost)
{
	const CrmEntity *entity = info->entity;
	int			page_size = crm_page_size(info->options.api, entity, info->options.page_size);
	bool		below_parents = entity->nparents > 0;
	bool		few_parents = (entity->flags & CRM_ENTITY_FEW_PARENTS) != 0;

	cost->rows = rows;
	if (below_parents && nkeys > 0)
		cost->requests = nkeys * Max(1.0, ceil(rows / nkeys / page_size));
	else if (below_parents || entity->pager == CRM_PAGER_SINGLE || entity->pager == CRM_PAGER_SLICES)
		cost->requests = 1;
	else
		cost->requests = Max(1.0, ceil(baserel->tuples / page_size));
	if (below_parents && nkeys <= 0)
		cost->requests *= parents_to_walk(entity);

	cost->startup = info->options.fdw_startup_cost + baserel->baserestrictcost.startup;
	cost->total = cost->startup + cost->requests * REQUEST_COST +
		baserel->tuples * (info->options.fdw_tuple_cost + cpu_tuple_cost + baserel->baserestrictcost.per_tuple);
	if (below_parents && nkeys <= 0 && entity->parents[0].values == NULL &&
		!info->options.fan_out && !few_parents)
		cost->total += REFUSED_COST;
}
