/*
 * scalar.h
 *		JSON scalars as text and integers, whatever type the API chose to send.
 */
#ifndef CRM_SCALAR_H
#define CRM_SCALAR_H

#include "postgres.h"

#include "client/json.h"

/*
 * The text of a string, number, true or false; NULL for anything else
 * (absent, null, containers).  Numbers keep their exact spelling.  palloc'd
 * unless it is a string's own text.
 */
extern const char *crm_scalar_text(const CrmJson *json, const CrmNode *node);

/*
 * A whole number sent as number or string.  False if it is anything else or
 * does not fit.
 */
extern bool crm_scalar_int64(const CrmJson *json, const CrmNode *node, int64 *value);

/* True for absent, null, "", 0, "0": the ways in which APIs say "none". */
extern bool crm_scalar_is_none(const CrmJson *json, const CrmNode *node);

#endif							/* CRM_SCALAR_H */
