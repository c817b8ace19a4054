/*
 * fieldcolumns.h
 *		The columns that a table has for the custom fields of an account.
 */
#ifndef CRM_FIELDCOLUMNS_H
#define CRM_FIELDCOLUMNS_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "client/fields.h"

typedef struct CrmFieldColumn
{
	const char *name;
	const char *type;			/* as DDL spells it */
	const char *option;			/* custom_field */
	const CrmField *field;		/* in the list it was made from */
	bool		is_currency;
} CrmFieldColumn;

/*
 * A column for each field, and one for the currency behind one of money, in the
 * fields' order.  Their names are not among the entity's, the system's nor
 * "taken" (a list of names), and each is there once.  A name depends on the
 * fields' labels and ids, never on their order.
 */
extern List *crm_field_columns(const CrmEntity *entity, const CrmFieldList *list, const List *taken);

/* Could the column have got this name for its field as it is labelled now? */
extern bool crm_field_name_fits(const CrmFieldColumn *column, const char *name);

#endif							/* CRM_FIELDCOLUMNS_H */
