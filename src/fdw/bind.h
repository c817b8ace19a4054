/*
 * bind.h
 *		From demands to requests: which parameters a list is asked with.
 */
#ifndef CRM_BIND_H
#define CRM_BIND_H

#include "postgres.h"

#include "client/reader.h"
#include "fdw/demand.h"

/* What is bound to which list. */
typedef struct CrmBinding
{
	const CrmEntity *list;		/* the entity, or the list of one of its routes */
	const CrmRoute *route;		/* NULL = the entity itself */
	CrmDemand **demands;
	int			natts;
	double		most_lists;		/* a filter that takes more requests than this is left out */
} CrmBinding;

/*
 * Adds to the spec of a list (see crm_scan_spec) what the demands allow.
 * Returns the indexes of the terms that were of use.  *useless is set if the
 * route cannot or should not be taken.
 */
extern Bitmapset *crm_bind(const CrmBinding *binding, CrmReadSpec *spec, bool *useless);

/*
 * Could the list make use of a term on a column, as far as is known while
 * planning?  *filter is the one that serves, NULL if it takes none.  With
 * "allowed", filters that it rejects are passed over.
 */
typedef bool (*CrmFilterTest) (const CrmFilter *filter, const void *context);

extern bool crm_bind_could_use(const CrmEntity *list, const CrmColumn *column, CrmTermOp op,
							   CrmComparison comparison, CrmFilterTest allowed, const void *context,
							   const CrmFilter **filter);

/*
 * Does the list hold just the records that the term, of a column that may be
 * NULL here, wants?
 */
extern bool crm_bind_is_exact(const CrmEntity *list, const CrmColumn *column, const CrmTerm *term);

/* The query, encoded, of a list that takes rules if it is asked for one comparison. */
extern char *crm_bind_rule(const CrmEntity *list, const CrmFilter *filter, const char *value);

/* Index of the first parent whose id a column holds, or -1. */
extern int	crm_bind_parent(const CrmEntity *list, const char *column);

#endif							/* CRM_BIND_H */
