/*
 * range.h
 *		Closed ranges of integers and times, and what a range of an expression
 *		means for the column the expression is made of.
 *
 * BI tools compare what they show: created_at::date, date_trunc('month',
 * created_at), extract(year FROM created_at).  All of these grow with the
 * column, so a range of theirs implies one of the column.  The implied range
 * may be wider than necessary, never narrower.
 */
#ifndef CRM_RANGE_H
#define CRM_RANGE_H

#include "postgres.h"

#include "nodes/pg_list.h"

/*
 * Both ends included; the extremes of int64 are "no bound".  Integers as they
 * are, times in microseconds of PostgreSQL's epoch, dates as their midnight.
 * Empty if low > high.
 */
typedef struct CrmRange
{
	int64		low;
	int64		high;
} CrmRange;

#define CRM_RANGE_ALL	((CrmRange) {PG_INT64_MIN, PG_INT64_MAX})

typedef enum CrmComparison
{
	CRM_LESS,
	CRM_LESS_EQUAL,
	CRM_EQUAL,
	CRM_GREATER_EQUAL,
	CRM_GREATER
} CrmComparison;

/* One function between the column and the comparison. */
typedef enum CrmStepKind
{
	CRM_STEP_AT_ZONE,			/* timestamptz as the clock of a zone: timestamp */
	CRM_STEP_FROM_ZONE,			/* timestamp of a zone's clock as timestamptz */
	CRM_STEP_TRUNC,				/* timestamp truncated to a unit */
	CRM_STEP_DAY,				/* date of a timestamp */
	CRM_STEP_YEAR,				/* year of a timestamp, numeric or float8 */
	CRM_STEP_EPOCH,				/* seconds since 1970, numeric or float8 */
	CRM_STEP_NUMERIC			/* an integer as numeric */
} CrmStepKind;

typedef struct CrmStep
{
	CrmStepKind kind;
	const char *argument;		/* unit; zone, "" = the session's */
} CrmStep;

/* Units of date_trunc that can be turned round. */
extern bool crm_range_knows_unit(const char *unit);

/*
 * The range of x in "x comparison value", where x has the type "type" and
 * value, not NULL, the type "valtype".  With "fractions", x may lie between two
 * integers (CRM_STEP_EPOCH).  *exact is cleared if the range is wider than the
 * comparison.  Types that cannot be told give CRM_RANGE_ALL.
 */
extern CrmRange crm_range_of(CrmComparison comparison, Oid type, Oid valtype, Datum value,
							 bool fractions, bool *exact);

/*
 * The range of the column whose image under the steps (outermost first) lies in
 * "range".
 */
extern CrmRange crm_range_invert(CrmRange range, const List *steps);

extern CrmRange crm_range_intersect(CrmRange a, CrmRange b);

/* The smallest range that holds both. */
extern CrmRange crm_range_hull(CrmRange a, CrmRange b);

#endif							/* CRM_RANGE_H */
