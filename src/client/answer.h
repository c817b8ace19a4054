/*
 * answer.h
 *		Judges one HTTP exchange: what it means for the fetch it was made for.
 */
#ifndef CRM_ANSWER_H
#define CRM_ANSWER_H

#include "postgres.h"

#include "base/report.h"
#include "client/fetch.h"
#include "client/http.h"
#include "client/retry.h"

typedef enum CrmVerdictKind
{
	CRM_VERDICT_JSON,			/* json holds the document */
	CRM_VERDICT_NOTHING,		/* no such record, or no content */
	CRM_VERDICT_NO_ENDPOINT,	/* only if the request tolerates it */
	CRM_VERDICT_FAILED,			/* final, or again: see retry */
	CRM_VERDICT_THROTTLED,		/* 429 */
	CRM_VERDICT_UNAUTHORIZED,	/* 401 */
	CRM_VERDICT_FORBIDDEN		/* 403: credential or permission */
} CrmVerdictKind;

typedef struct CrmVerdict
{
	CrmVerdictKind kind;
	CrmJson    *json;
	CrmRetryCause retry;		/* of FAILED */
	bool		overload;		/* of FAILED: asking for less may help */
	CrmFailure	failure;		/* of FAILED and what follows it */
} CrmVerdict;

/*
 * Judges a finished exchange.  Verdict and document live in the current memory
 * context; the document also needs the response's body.
 */
extern CrmVerdict crm_answer_judge(const CrmAccount *account,
								   const CrmRequest *request,
								   CrmHttpResponse *response);

#endif							/* CRM_ANSWER_H */
