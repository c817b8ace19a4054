/*
 * lookup.h
 *		Records that are found by the value of a custom field: the list of values
 *		tells their ids, which narrow the list of records.
 */
#ifndef CRM_LOOKUP_H
#define CRM_LOOKUP_H

#include "postgres.h"

#include "client/account.h"
#include "fdw/bind.h"

/* Ids (texts) of the records that have one of some values. */
typedef struct CrmFound
{
	List	   *values;
	bool		given_up;		/* all records are to be read: that takes fewer requests,
								 * or the list of values does not take the values */
	List	   *ids;
} CrmFound;

/* Can records of the entity be found by equality with the column? */
extern bool crm_lookup_serves(const CrmEntity *entity, const CrmQualColumn *column);

/* How many ids one request for records takes. */
extern int	crm_lookup_batch(const CrmEntity *entity);

/*
 * Asks for the ids, with so many requests for them and their records at most,
 * unless they are in the list of what was found before; what is found now is
 * added to it, in the list's context.
 */
extern const CrmFound *crm_lookup_run(CrmAccount *account, const CrmEntity *entity, const CrmQualColumn *column,
									  const CrmDemand *demand, double most_requests,
									  MemoryContext context, List **found_before);

/*
 * Adds to the binding the demand for the ids found, or, with "found" NULL, for
 * ids that are not known before the query runs (EXPLAIN).
 */
extern void crm_lookup_bind(const CrmEntity *entity, AttrNumber attnum, const CrmFound *found,
							CrmBinding *binding);

/* The requests for the ids, as text for EXPLAIN. */
extern List *crm_lookup_describe(const CrmApi *api, const CrmEntity *entity, const CrmQualColumn *column,
								 const CrmDemand *demand);

#endif							/* CRM_LOOKUP_H */
