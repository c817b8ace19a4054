/*
 * refresh.h
 *		Bringing copies up to date: what the procedure refresh and
 *		create_snapshot share.
 */
#ifndef CRM_REFRESH_H
#define CRM_REFRESH_H

#include "postgres.h"

#include "admin/ledger.h"
#include "base/stats.h"

/*
 * Refreshes the copy within the current transaction, with the budget share of a
 * refresh, and writes its state.  With force_full everything is read and whatever
 * comes is kept.  *rejected is set before the error that refuses a result.
 */
extern void crm_refresh_work(const CrmSettings *settings, bool force_full, CrmOutcome *outcome,
							 bool *rejected);

/*
 * Settings of a relation that can be refreshed.  42501 unless the caller may
 * maintain it, 42809 if it is no such relation.
 */
extern void crm_refresh_settings(Oid relid, CrmSettings *settings);

/* What the session's requests have cost since "before". */
extern CrmCounts crm_cost_since(const CrmCounts *before);

#endif							/* CRM_REFRESH_H */
