/*
 * sample.h
 *		What a list says of itself in one small request.
 */
#ifndef CRM_SAMPLE_H
#define CRM_SAMPLE_H

#include "postgres.h"

#include "client/page.h"

typedef struct CrmSample
{
	int64		total;			/* of the records listed; -1 = not stated */
	const CrmJson *json;
	const CrmNode *record;		/* the first one, or NULL */
	const CrmNode **records;
	int			n;
} CrmSample;

/* Asks for the first records of a list, that many where it is paged. */
extern void crm_sample_page(CrmAccount *account, const CrmList *list, int size, CrmSample *sample);

/*
 * Asks for the first record of a list, in the order the list names.  The
 * sample lives in the current memory context.
 */
extern void crm_sample_list(CrmAccount *account, const CrmList *list, CrmSample *sample);

/*
 * How many records an entity's list holds: from its count_path, else from its
 * total; -1 if it does not say.
 */
extern int64 crm_sample_total(CrmAccount *account, const CrmEntity *entity);

#endif							/* CRM_SAMPLE_H */
