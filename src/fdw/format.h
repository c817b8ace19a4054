/*
 * format.h
 *		Values of an API's record as PostgreSQL values.
 */
#ifndef CRM_FORMAT_H
#define CRM_FORMAT_H

#include "postgres.h"

#include "utils/timestamp.h"

#include "client/reader.h"
#include "fdw/cell.h"
#include "fdw/columns.h"

/*
 * The attribute's value in a row, in the current memory context; false = NULL.
 * Raises errors of class 22 for values that do not fit.
 */
extern bool crm_format_value(CrmAttr *attr, const CrmRow *row, Datum *value);

/* The same of what was found in the row. */
extern bool crm_format_cell(CrmAttr *attr, const CrmRow *row, const CrmCell *cell, Datum *value);

/*
 * A time as the format writes it; false = no value (zero dates and the like).
 */
extern bool crm_format_time(CrmFormat format, const char *text, TimestampTz *value);

/* The scalar an attribute was read from, for messages; NULL if there is none. */
extern const char *crm_format_source_text(const CrmAttr *attr, const CrmRow *row);

#endif							/* CRM_FORMAT_H */
