/*
 * qual.h
 *		Which clauses of a query tell the API what to send.
 */
#ifndef CRM_QUAL_H
#define CRM_QUAL_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "catalog/catalog.h"

/* A clause that names the parents below which an entity is read. */
typedef struct CrmKeyQual
{
	int			parent;			/* index into the entity's parents */
	Expr	   *value;			/* an id, or an array of ids */
	bool		is_array;
} CrmKeyQual;

/* What a clause is matched against. */
typedef struct CrmQualContext
{
	PlannerInfo *root;
	Oid			relid;
	Index		varno;
	const CrmEntity *entity;
} CrmQualContext;

/*
 * Key quals in one clause: "column = value", "value = column",
 * "column = ANY (array)" on a column that holds a parent's id, where the value
 * does not depend on the table and is not volatile.  A column shared by several
 * parents gives one qual for each.  Appends CrmKeyQual pointers to *quals.
 */
extern void crm_qual_keys(const CrmQualContext *context, Expr *clause, List **quals);

/*
 * The index of the first parent whose id a column holds, or -1.
 */
extern int	crm_qual_parent_of(const CrmQualContext *context, AttrNumber attnum);

#endif							/* CRM_QUAL_H */
