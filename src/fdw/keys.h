/*
 * keys.h
 *		Ids of parents, as text.
 */
#ifndef CRM_KEYS_H
#define CRM_KEYS_H

#include "postgres.h"

#include "client/reader.h"

/* Parent keys of a spec, all unrestricted, in the current memory context. */
extern void crm_keys_open(CrmReadSpec *spec);

/*
 * Restricts a parent to the given ids (texts), further if it already is.  What
 * cannot be an id is left out, unless the ids are names for EXPLAIN.
 */
extern void crm_keys_restrict(CrmReadSpec *spec, int parent, const List *ids, bool names);

/* Texts without duplicates, numbers in ascending order; *n is how many. */
extern const char **crm_keys_sort(const List *texts, int *n);

/* Is the text a whole number above 0, as ids are? */
extern bool crm_key_is_number(const char *text);

#endif							/* CRM_KEYS_H */
