/*
 * sampler.h
 *		Some pages of a long list, spread evenly over it.
 */
#ifndef CRM_SAMPLER_H
#define CRM_SAMPLER_H

#include "postgres.h"

#include "client/page.h"

typedef struct CrmSampler CrmSampler;

/*
 * A sampler in the current memory context that reads about so many pages of
 * the list.  NULL if the list is too short for that, or cannot be read from
 * its middle; it is then to be read whole.  Sends the first request.
 */
extern CrmSampler *crm_sampler_create(CrmAccount *account, const CrmList *list, int pages);

/* Records in the whole list. */
extern int64 crm_sampler_total(const CrmSampler *sampler);

/* The next page, or NULL; valid until the next call. */
extern const CrmPage *crm_sampler_next(CrmSampler *sampler);

#endif							/* CRM_SAMPLER_H */
