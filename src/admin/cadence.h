/*
 * cadence.h
 *		How often a copy is worth refreshing.
 */
#ifndef CRM_CADENCE_H
#define CRM_CADENCE_H

#include "postgres.h"

#include "admin/ledger.h"

typedef struct CrmCadence
{
	int			minutes;		/* one of the periods that stagger.h knows */
	bool		is_large;		/* a refresh sends more than CRM_LARGE_READ requests */
	const char *reason;			/* for people */
} CrmCadence;

#define CRM_LARGE_READ	500

/* What a user chose; 22023, with the nearest there is, if a job cannot have it. */
extern CrmCadence crm_cadence_chosen(const Interval *every);

/*
 * What the catalogue has for the sources (see sources.h); of several entities the
 * most frequent one that takes at most a quarter of the account's budget.
 */
extern CrmCadence crm_cadence_recommended(const CrmSettings *settings, List *sources);

#endif							/* CRM_CADENCE_H */
