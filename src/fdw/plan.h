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
	List	   *terms;			/* CrmTerm of the base restrictions */
	bool		all_whole;		/* they say all that the restrictions say */
	Bitmapset  *routes;			/* those that have every column that is needed */
	bool		analyzed;		/* there are statistics */
	double		full_requests;	/* of a read of the whole list */
	int			custom_columns;	/* needed columns that show custom fields */
} CrmRelInfo;

/* A value in the plan: the expression stands in fdw_exprs. */
typedef struct CrmPlanValue
{
	int			expr;
	bool		is_array;
	const char *name;			/* what EXPLAIN calls it if it is not known */
} CrmPlanValue;

typedef struct CrmPlanTerm
{
	AttrNumber	attnum;
	CrmTermOp	op;
	CrmComparison comparison;
	List	   *steps;			/* CrmStep */
	Oid			type;
	int			clause;			/* its place among the scan's clauses */
	int			nvalues;
	CrmPlanValue *values;
} CrmPlanTerm;

#define CRM_NO_ROUTE	(-1)

/*
 * ForeignScan.fdw_private, unpacked.  Holds no option and no secret: what the
 * catalogs say is read again when the scan starts.
 */
typedef struct CrmPlan
{
	List	   *needed;			/* attribute numbers, integers */
	int			route;			/* index, or CRM_NO_ROUTE */
	AttrNumber	lookup;			/* see CrmCost */
	int			nterms;
	CrmPlanTerm *terms;
	double		requests;		/* estimate */
	double		most_lists;		/* requests that a filter may be spread over */
	AttrNumber	sort;			/* the rows come sorted by this column; 0 = no order */
	bool		descending;
	double		limit;			/* rows the query is content with; -1 = unknown */
	bool		eager;			/* the query is going to want all rows */
	Oid			count_relid;	/* the table whose rows are counted, or InvalidOid */
	List	   *count_clauses;	/* its restrictions, for a count row by row */
	Index		count_varno;	/* what they call the table */
} CrmPlan;

/* Is the query going to want all rows, as far as the planner knows? */
extern bool crm_plan_is_eager(const PlannerInfo *root);

extern List *crm_plan_pack(const CrmPlan *plan);
extern void crm_plan_unpack(List *packed, CrmPlan *plan);

/*
 * Adds the terms that a scan may be narrowed by to the plan, and their values
 * to *exprs.  clauses: those of the scan, in their order.
 */
extern void crm_plan_terms(const CrmRelInfo *info, CrmPlan *plan, List *clauses, List **exprs);

/* The list that a plan reads: the entity's, or that of a route. */
extern const CrmEntity *crm_plan_list(const CrmEntity *entity, int route);

/* Attribute numbers that the query or the clauses look at. */
extern List *crm_plan_needed(const RelOptInfo *baserel, List *clauses);

#endif							/* CRM_PLAN_H */
