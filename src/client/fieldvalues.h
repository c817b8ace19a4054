/*
 * fieldvalues.h
 *		The values of custom fields, wherever an API keeps them.
 */
#ifndef CRM_FIELDVALUES_H
#define CRM_FIELDVALUES_H

#include "postgres.h"

#include "client/fields.h"
#include "client/reader.h"

/*
 * The values that came beside a page's records, in the current memory context;
 * NULL if the answer has none: the API does not know the parameter.
 */
extern struct CrmFieldIndex *crm_field_index(const CrmCustomFields *custom, const CrmJson *json);

typedef struct CrmFieldValues CrmFieldValues;

/*
 * The values of some fields of an entity's records, in a child of the current
 * memory context.  Sends nothing.
 *
 * Values that come neither in a record nor beside its page are read from their
 * own list, once, and kept until the context goes away: some hundred bytes for
 * each value of one of the fields.
 */
extern CrmFieldValues *crm_field_values_create(CrmAccount *account, const CrmEntity *entity,
											   const CrmField *const *fields, int n);

/*
 * Values of a record are asked for alone if so many of a scan's records are
 * wanted at most; of more, their list is likely to take fewer requests.
 */
#define CRM_MOST_SINGLE_VALUES	20

/* Makes sure that the values of a row are known; sends requests. */
extern void crm_field_values_prepare(CrmFieldValues *values, const CrmRow *row);

/*
 * The i-th field's value, or the value's currency, in the row that was prepared
 * last; NULL if there is none.
 */
extern const CrmNode *crm_field_value(CrmFieldValues *values, const CrmRow *row, int i,
									  bool currency, const CrmJson **json);

#endif							/* CRM_FIELDVALUES_H */
