/*
 * requestlog.h
 *		Accounts for the requests sent: limits and the request log.
 */
#ifndef CRM_REQUESTLOG_H
#define CRM_REQUESTLOG_H

#include "postgres.h"

#include "base/report.h"
#include "client/account.h"
#include "client/fetch.h"
#include "client/http.h"

/*
 * Counts a request that is about to be sent.  False if a limit forbids it,
 * with the failure to report (in the current memory context).
 */
extern bool crm_requestlog_admit(CrmAccount *account, const CrmRequest *request,
								 CrmFailure *failure);

/*
 * Fails with 54000 if a limit does not allow for that many more requests, which
 * a read of the entity is known to need.
 */
extern void crm_requestlog_foresee(const CrmAccount *account, const char *entity, int64 more);

/* Counts what came back, and writes the log line if that is wanted. */
extern void crm_requestlog_answered(CrmAccount *account, const CrmRequest *request,
									const CrmHttpResponse *response);

/*
 * A request fit for a log: names of the parameters without their values, and
 * no path segment that may be one.  palloc'd.
 */
extern char *crm_requestlog_target(const CrmAccount *account, const CrmRequest *request);

#endif							/* CRM_REQUESTLOG_H */
