/*
 * value.h
 *		From a row of the reader to a tuple.
 */
#ifndef CRM_VALUE_H
#define CRM_VALUE_H

#include "postgres.h"

#include "client/account.h"
#include "client/reader.h"
#include "fdw/columns.h"

typedef struct CrmConverter CrmConverter;

/*
 * A converter for the attributes, in the current memory context.  With
 * null_on_error a value that does not fit becomes NULL and is counted.
 */
extern CrmConverter *crm_converter_create(CrmAccount *account, const CrmEntity *entity,
										  Oid relid, CrmAttrs *attrs, bool null_on_error);

/*
 * Fills values and isnull (all of the tuple's; attributes not needed are NULL).
 * Results live until the next call.  Custom fields may take requests.
 */
extern void crm_converter_row(CrmConverter *converter, const CrmRow *row,
							  int natts, Datum *values, bool *isnull);

/* Warns about values that became NULL, once per scan. */
extern void crm_converter_finish(CrmConverter *converter);

#endif							/* CRM_VALUE_H */
