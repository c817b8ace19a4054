/*
 * fieldrules.h
 *		Filters on custom fields for the lists that take rules.
 */
#ifndef CRM_FIELDRULES_H
#define CRM_FIELDRULES_H

#include "postgres.h"

#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"

#include "client/fields.h"
#include "fdw/kinds.h"

/*
 * The entity with filters on the custom fields of its columns added to those of
 * its routes that take rules; the entity itself if there are none to add.  A
 * field goes by its label; while the fields are not known (NULL, before the
 * scan), by what the column's option calls it.
 */
extern const CrmEntity *crm_field_rules(const CrmEntity *entity, const CrmQualColumn *columns, int natts,
										const CrmFieldList *fields);

/*
 * Lists that hold a record if rules know the field of a column at all: the
 * query of one, encoded, for each of the columns that a filter of the list is on.
 */
extern List *crm_field_witnesses(const CrmEntity *list, const CrmCustomFields *custom,
								 const CrmQualColumn *columns, const Bitmapset *attnums);

#endif							/* CRM_FIELDRULES_H */
