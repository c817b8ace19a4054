/*
 * columns.h
 *		The columns of a foreign table: where each one's value comes from.
 */
#ifndef CRM_COLUMNS_H
#define CRM_COLUMNS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "nodes/bitmapset.h"

#include "catalog/catalog.h"
#include "fdw/options.h"

typedef enum CrmAttrKind
{
	CRM_ATTR_COLUMN,			/* read as "column" says */
	CRM_ATTR_RAW,				/* the whole record */
	CRM_ATTR_CONSTANT,			/* the same for every row */
	CRM_ATTR_CUSTOM				/* a custom field; "column" says how its value reads, as far
								 * as options tell */
} CrmAttrKind;

typedef struct CrmAttr
{
	int			index;			/* in the tuple, 0-based */
	const char *name;
	CrmAttrKind kind;
	const CrmColumn *column;	/* the catalogue's, or made from the options */
	Datum		constant;
	const char *custom_field;	/* CRM_ATTR_CUSTOM: the option */
	int			field;			/* CRM_ATTR_CUSTOM: which of the scan's fields; see custom.h */
	bool		has_format;		/* CRM_ATTR_CUSTOM: the option says how the value is written */
	bool		is_currency;	/* CRM_ATTR_CUSTOM: the value's currency */
	Oid			typid;
	int32		typmod;
	Oid			typioparam;
	FmgrInfo	input;			/* input function of the type */
} CrmAttr;

typedef struct CrmAttrs
{
	int			n;
	CrmAttr    *attrs;
} CrmAttrs;

/*
 * The attributes among "needed" (attribute numbers; NULL = all), ready for
 * conversion.  Every column of the table is checked, needed or not: HV005 for
 * one that neither the catalogue nor an option explains.
 */
extern CrmAttrs *crm_attrs_create(Oid relid, TupleDesc tupdesc, const CrmEntity *entity,
								  const Bitmapset *needed);

/* True if one of the attributes is a custom field. */
extern bool crm_attrs_use_custom(const CrmAttrs *attrs);

/* Request flags of the attributes' columns, encoded; "" if none. */
extern const char *crm_attrs_flags(const CrmAttrs *attrs);

/*
 * The catalogue column that a table's column of this name and options shows, or
 * NULL: also for columns that an option redirects.
 */
extern const CrmColumn *crm_column_catalogued(const CrmEntity *entity, const char *name,
											  const CrmColumnOptions *options);

#endif							/* CRM_COLUMNS_H */
