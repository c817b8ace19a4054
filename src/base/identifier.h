/*
 * identifier.h
 *		SQL names out of what people call things.
 */
#ifndef CRM_IDENTIFIER_H
#define CRM_IDENTIFIER_H

#include "postgres.h"

/*
 * A label (UTF-8) in lower snake case, in UTF-8 and NFC: letters and digits of
 * any script and the marks on them stay, in lower case where they have one, and
 * whatever is seen between them becomes one underscore.  At most "most" bytes,
 * cut between characters, never before a mark; "" if no letter or digit is left.
 * It depends on nothing but the label, so that the same one has the same name
 * on every machine; only a letter that is new to Unicode is none to a library
 * older than it.  palloc'd.
 */
extern char *crm_identifier(const char *label, int most);

#endif							/* CRM_IDENTIFIER_H */
