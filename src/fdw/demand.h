/*
 * demand.h
 *		What a query demands of each column, once its values are known.
 */
#ifndef CRM_DEMAND_H
#define CRM_DEMAND_H

#include "postgres.h"

#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"

#include "fdw/qual.h"

/*
 * A value a term compares with.  Under EXPLAIN some are not known and go by a
 * name: "$1", "{d.contact_id}".
 */
typedef struct CrmValue
{
	const char *name;			/* NULL = known */
	Datum		value;
	bool		isnull;
	Oid			type;			/* of the array, if it is one */
	bool		is_array;
} CrmValue;

/* A term with its values. */
typedef struct CrmBoundTerm
{
	AttrNumber	attnum;
	CrmTermOp	op;
	CrmComparison comparison;
	List	   *steps;			/* CrmStep */
	Oid			type;
	int			nvalues;
	const CrmValue *values;
} CrmBoundTerm;

/* A piece of text that a column's text contains. */
typedef struct CrmFragment
{
	const char *text;
	bool		is_prefix;
} CrmFragment;

/* All terms on one column, intersected. */
typedef struct CrmDemand
{
	const CrmQualColumn *column;
	Bitmapset  *terms;			/* indexes of the terms it is made of */
	Bitmapset  *lower_terms;	/* of those that bound it below */
	bool		unknown;		/* values holds names */
	bool		exact;			/* it says all that the terms say */
	bool		has_values;
	List	   *values;			/* texts in UTF-8, one of which the column equals */
	CrmRange	range;			/* integers, times */
	const char *low_name;		/* bounds that are not known */
	const char *high_name;
	bool		has_low;		/* numerics, both included */
	bool		has_high;
	Datum		low;
	Datum		high;
	List	   *elements;		/* texts, all of which the array contains */
	List	   *fragments;		/* CrmFragment */
	bool		is_null;
} CrmDemand;

/*
 * The demands of terms, by attribute (demands[attnum - 1], NULL = none).
 * *impossible is set if no row can meet them.
 */
extern CrmDemand **crm_demands(const CrmQualColumn *columns, int natts,
							   const CrmBoundTerm *terms, int nterms, bool *impossible);

#endif							/* CRM_DEMAND_H */
