/*
 * identifier.h
 *		SQL names out of what people call things.
 */
#ifndef CRM_IDENTIFIER_H
#define CRM_IDENTIFIER_H

#include "postgres.h"

/*
 * A label (UTF-8) in lower snake case, in UTF-8: letters and digits of any
 * script stay, in lower case where they have one, and whatever is between them
 * becomes one underscore.  At most "most" bytes, cut between characters; ""
 * if no letter or digit is left.  It depends on nothing but the label, so that
 * the same one has the same name on every machine.  palloc'd.
 */
extern char *crm_identifier(const char *label, int most);

#endif							/* CRM_IDENTIFIER_H */
