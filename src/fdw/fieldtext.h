/*
 * fieldtext.h
 *		Texts in which custom fields hold something else.
 */
#ifndef CRM_FIELDTEXT_H
#define CRM_FIELDTEXT_H

#include "postgres.h"

/*
 * The next choice in "||one||two||", or NULL at the end; *text moves behind it.  A
 * text without such a beginning is one choice.  palloc'd.
 */
extern char *crm_field_next_choice(const char **text);

/*
 * The ISO 8601 date of "12/31/2026"; a text that begins with such a date is
 * returned as it is.  NULL if it is neither.
 */
extern const char *crm_field_day(const char *text);

#endif							/* CRM_FIELDTEXT_H */
