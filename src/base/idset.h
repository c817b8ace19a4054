/*
 * idset.h
 *		A set of record identities that lives within work_mem and spills.
 *
 * Used to emit every record of a list once while the list is read again or
 * pages overlap.  Identities are integers or texts; texts are kept as their
 * MD5 digest.
 */
#ifndef CRM_IDSET_H
#define CRM_IDSET_H

#include "postgres.h"

typedef struct CrmIdSet CrmIdSet;

/* An empty set in the current memory context (temporary files go with it). */
extern CrmIdSet *crm_idset_create(void);

/* Adds an identity; true if it was not in the set before. */
extern bool crm_idset_add_int(CrmIdSet *set, int64 id);
extern bool crm_idset_add_text(CrmIdSet *set, const char *id, size_t len);

/* True if the identity is in the set. */
extern bool crm_idset_has_int(CrmIdSet *set, int64 id);
extern bool crm_idset_has_text(CrmIdSet *set, const char *id, size_t len);

extern int64 crm_idset_size(const CrmIdSet *set);

extern void crm_idset_free(CrmIdSet *set);

#endif							/* CRM_IDSET_H */
