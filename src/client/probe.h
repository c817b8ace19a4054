/*
 * probe.h
 *		What is known about credentials: whether an account's was accepted a
 *		moment ago.
 */
#ifndef CRM_PROBE_H
#define CRM_PROBE_H

#include "postgres.h"

#include "client/account.h"

/*
 * True if the account's present credential was probed within the last minute;
 * *accepted says with what result.
 */
extern bool crm_probe_recall(const CrmAccount *account, bool *accepted);

extern void crm_probe_remember(const CrmAccount *account, bool accepted);

#endif							/* CRM_PROBE_H */
