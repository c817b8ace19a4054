/*
 * plan.h
 *		What the planner knows of a scan, and what of it crosses into the plan.
 */
#ifndef CRM_PLAN_H
#define CRM_PLAN_H

#include "postgres.h"

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

#include "fdw/options.h"
#include "fdw/qual.h"

/* RelOptInfo.fdw_private: lives while the query is planned. */
typedef struct CrmRelInfo
{
	CrmOptions	options;
	const CrmEntity *entity;
	CrmQualContext quals;
	List	   *keys;			/* CrmKeyQual of the base restrictions */
} CrmRelInfo;

/* One key qual in the plan; its value stands in fdw_exprs at the same place. */
typedef struct CrmPlanKey
{
	int			parent;
	bool		is_array;
	char	   *name;			/* what EXPLAIN calls a value it does not know */
} CrmPlanKey;

/*
 * ForeignScan.fdw_private, unpacked.  Holds no option and no secret: what the
 * catalogs say is read again when the scan starts.
 */
typedef struct CrmPlan
{
	List	   *needed;			/* attribute numbers, integers */
	int			nkeys;
	CrmPlanKey *keys;
	double		requests;		/* estimate */
} CrmPlan;

extern List *crm_plan_pack(const CrmPlan *plan);
extern void crm_plan_unpack(List *packed, CrmPlan *plan);

#endif							/* CRM_PLAN_H */
