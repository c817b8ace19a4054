/*
 * describe.h
 *		What the catalogue says, in the words users see.
 *
 * Shared by the SQL functions and the documentation, which therefore agree.
 */
#ifndef CRM_DESCRIBE_H
#define CRM_DESCRIBE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "catalog/catalog.h"

/* Operators that can be sent to an API, in the order users see them. */
typedef enum CrmOperator
{
	CRM_OPERATOR_EQUAL,
	CRM_OPERATOR_IN,
	CRM_OPERATOR_LESS,
	CRM_OPERATOR_LESS_EQUAL,
	CRM_OPERATOR_GREATER,
	CRM_OPERATOR_GREATER_EQUAL,
	CRM_OPERATOR_LIKE,
	CRM_OPERATOR_CONTAINS
} CrmOperator;

#define CRM_OPERATORS	(CRM_OPERATOR_CONTAINS + 1)

/* A set of operators. */
typedef unsigned CrmOperators;

#define CRM_OPERATOR_SET(op)	(1U << (op))

/* The last column of every table, which no entity lists. */
extern const CrmColumn crm_raw_column;

/* As SQL writes it. */
extern const char *crm_operator_name(CrmOperator op);

/* The operators that narrow what the API sends, in whatever circumstances. */
extern CrmOperators crm_pushable_operators(const CrmEntity *entity, const CrmColumn *column);

/* Can the API's order stand for ORDER BY this column? */
extern bool crm_column_sortable(const CrmEntity *entity, const CrmColumn *column);

/*
 * Appends the column's description, the words of a code, and the conditions
 * under which operators are pushed; nothing if there is nothing to say.
 */
extern void crm_describe_column(const CrmEntity *entity, const CrmColumn *column, StringInfo text);

/*
 * The columns of which one at least must be restricted, or else the read is
 * refused.  "columns" has room for the entity's parents; returns their number.
 */
extern int	crm_needed_filters(const CrmEntity *entity, const char **columns);

#endif							/* CRM_DESCRIBE_H */
