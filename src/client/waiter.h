/*
 * waiter.h
 *		A descriptor of one scan, for those who wait for several scans at once.
 */
#ifndef CRM_WAITER_H
#define CRM_WAITER_H

#include "postgres.h"

#include "client/account.h"

typedef struct CrmWaiter CrmWaiter;

/*
 * A waiter in the current memory context; its descriptors are closed with it.
 * NULL if there are too many already.
 */
extern CrmWaiter *crm_waiter_create(CrmAccount *account);

/*
 * The descriptor, which becomes readable when one of the account's fetches has
 * something to do; at once, if one has already.
 */
extern int	crm_waiter_arm(CrmWaiter *waiter);

#endif							/* CRM_WAITER_H */
