/*
 * fields.h
 *		Which custom fields an account has given an entity.
 */
#ifndef CRM_FIELDS_H
#define CRM_FIELDS_H

#include "postgres.h"

#include "client/account.h"

typedef struct CrmField
{
	const char *id;
	const char *label;			/* what users call it now, UTF-8 */
	const CrmFieldType *type;
	bool		ruled;			/* see CrmCustomFields */
} CrmField;

typedef struct CrmFieldList
{
	int			n;
	CrmField   *fields;			/* as the API orders them */
} CrmFieldList;

/* Reads the definitions to their end, in the current memory context. */
extern CrmFieldList *crm_fields_read(CrmAccount *account, const CrmCustomFields *custom);

/*
 * The same without a request if this session has read them with the same
 * credential a short while ago; *fresh says whether it was one.
 */
extern CrmFieldList *crm_fields_recall(CrmAccount *account, const CrmCustomFields *custom, bool *fresh);

/* A spec of all rows of an entity that is read beside the one that was asked for. */
struct CrmReadSpec;
extern void crm_fields_spec(const CrmEntity *entity, const char *scope, struct CrmReadSpec *spec);

/* A record's member as the entity's column of that name reads it, or NULL. */
extern const struct cJSON *crm_fields_member(const CrmEntity *entity, const char *column,
											 const struct cJSON *record);

#endif							/* CRM_FIELDS_H */
