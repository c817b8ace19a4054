/*
 * qual.h
 *		What the clauses of a query say about the columns of a table.
 *
 * A term is a clause, or part of one, in a form that can be compared with what
 * an API filters by: a column, perhaps inside functions that grow with it, a
 * comparison, and values that are known before the scan starts.
 */
#ifndef CRM_QUAL_H
#define CRM_QUAL_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "fdw/kinds.h"
#include "fdw/range.h"

/* What clauses are matched against. */
typedef struct CrmQualContext
{
	PlannerInfo *root;
	Index		varno;
	int			natts;
	const CrmQualColumn *columns;	/* of attribute 1, 2, ... */
} CrmQualContext;

typedef enum CrmTermOp
{
	CRM_TERM_COMPARE,			/* "comparison" with any of the values */
	CRM_TERM_CONTAINS,			/* an array with all of the values as elements */
	CRM_TERM_LIKE,				/* the pattern, with case */
	CRM_TERM_ILIKE,				/* the pattern, without */
	CRM_TERM_IS_NULL
} CrmTermOp;

/* A value, or with is_array the elements of an array. */
typedef struct CrmTermValue
{
	Expr	   *expr;
	bool		is_array;
} CrmTermValue;

typedef struct CrmTerm
{
	AttrNumber	attnum;
	CrmTermOp	op;
	CrmComparison comparison;	/* several values only for CRM_EQUAL */
	List	   *steps;			/* CrmStep, outermost first */
	Oid			type;			/* of the expression that is compared */
	List	   *values;			/* CrmTermValue */
	bool		whole;			/* the term says all that its clause says */
	Expr	   *clause;
} CrmTerm;

/*
 * Appends the terms of a clause to *terms: several if it compares the column
 * with several values, none if it is of no use.
 */
extern void crm_qual_terms(const CrmQualContext *context, Expr *clause, List **terms);

#endif							/* CRM_QUAL_H */
