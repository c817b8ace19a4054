/*
 * custom.h
 *		Columns that show custom fields: their values in a scan, and the columns
 *		that a table has for the fields of the account.
 */
#ifndef CRM_CUSTOM_H
#define CRM_CUSTOM_H

#include "postgres.h"

#include "client/fieldvalues.h"
#include "fdw/columns.h"

/*
 * The column option custom_field is a field's id or its label; with this behind
 * it the column shows the currency of the value.
 */
#define CRM_CURRENCY_SUFFIX	":currency"

/* The custom fields of a scan. */
typedef struct CrmCustom CrmCustom;

/* Those among the attributes, in the current memory context; NULL if there are none. */
extern CrmCustom *crm_custom_create(CrmAccount *account, const CrmEntity *entity, Oid relid, CrmAttrs *attrs);

/*
 * Makes sure that the fields of a row can be read; sends requests.  HV005 if the
 * account has no such field.
 */
extern void crm_custom_prepare(CrmCustom *custom, const CrmRow *row);

/* The value in the row that was prepared last; false = NULL. */
extern bool crm_custom_value(CrmCustom *custom, CrmAttr *attr, const CrmRow *row, Datum *value);

/* The same as text, for messages; NULL if there is none. */
extern const char *crm_custom_source_text(CrmCustom *custom, const CrmAttr *attr, const CrmRow *row);

/*
 * The requests for definitions, and for values that come neither in a record nor
 * beside its page, as text for EXPLAIN.  Sends nothing.
 */
extern List *crm_custom_describe(const CrmApi *api, const CrmCustomFields *custom);

/*
 * The field that an option names, or NULL; *is_currency is set if its currency
 * is meant.
 */
extern const CrmField *crm_custom_find(const CrmFieldList *list, const char *option, bool *is_currency);

#endif							/* CRM_CUSTOM_H */
