/*
 * kinds.h
 *		The columns of a table as clauses and filters see them.
 */
#ifndef CRM_KINDS_H
#define CRM_KINDS_H

#include "postgres.h"

#include "catalog/catalog.h"

/* What kind of values a column has, as far as filters are concerned. */
typedef enum CrmKind
{
	CRM_KIND_OTHER,
	CRM_KIND_INTEGER,
	CRM_KIND_NUMERIC,
	CRM_KIND_TEXT,
	CRM_KIND_BOOLEAN,
	CRM_KIND_TIME,				/* timestamptz */
	CRM_KIND_ARRAY
} CrmKind;

typedef struct CrmQualColumn
{
	const CrmColumn *column;	/* the catalogue's, if the values are those it
								 * describes; else NULL */
	const char *source;			/* catalogue column or "raw" it reads; "" = none, NULL =
								 * an option says what it reads */
	const char *constant;		/* the option; NULL = none */
	bool		is_custom;		/* it shows a custom field */
	const char *field;			/* the option custom_field, if a filter could mean the field:
								 * "column" is made up then; else NULL */
	Oid			type;
	CrmKind		kind;
} CrmQualColumn;

/* The kind of a SQL type's values. */
extern CrmKind crm_kind_of_type(Oid type);

/* The columns of a table that reads an entity, by attribute number - 1. */
extern CrmQualColumn *crm_qual_columns(Oid relid, int natts, const CrmEntity *entity);

#endif							/* CRM_KINDS_H */
