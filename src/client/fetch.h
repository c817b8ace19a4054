/*
 * fetch.h
 *		One logical request to an API, with everything that may happen on the
 *		way: the rate limit, retries, refusals, odd codes, broken bodies.
 *
 * A fetch is a small state machine, so that several can be under way at once.
 * What cannot be mended is raised as an error with the SQLSTATE of the README's
 * table and a message that names CRM, entity and status.
 */
#ifndef CRM_FETCH_H
#define CRM_FETCH_H

#include "postgres.h"

#include "base/activity.h"
#include "base/compat.h"
#include "client/account.h"
#include "client/json.h"

typedef struct CrmRequest
{
	const char *entity;			/* for messages: the entity or path read */
	bool		unlisted;		/* a table's options name it, not the catalogue */
	const char *path;			/* from the origin, already encoded: "/api/3/deals" */
	const char *query;			/* already encoded, without "?"; NULL = none */
	bool		post_form;		/* send query as a POST form instead */
	bool		absent_is_empty;	/* 404 means "no such record" (a record or a list
									 * below a parent), not "no such endpoint" */
	bool		tolerate_missing;	/* a 404, 405 or 415 on an endpoint is returned as
									 * CRM_ANSWER_NO_ENDPOINT instead of an error */
	bool		uncertain;		/* the endpoint may not serve this filter: 400, 404, 405,
								 * 415, 422 and 500 are returned as CRM_ANSWER_NO_ENDPOINT */
	bool		proven_endpoint;	/* it serves other queries: a 500 is no refusal of this one */
	bool		is_probe;		/* asks whether the credential is good, so a 403 says no */
	bool		tolerate_overload;	/* a 5xx, time-out or oversized body left after
									 * all retries is returned as CRM_ANSWER_OVERLOAD */
} CrmRequest;

typedef enum CrmAnswerKind
{
	CRM_ANSWER_JSON,			/* json holds the document */
	CRM_ANSWER_NOTHING,			/* "not found" in whatever code, or an empty body */
	CRM_ANSWER_NO_ENDPOINT,		/* only with tolerate_missing or uncertain */
	CRM_ANSWER_OVERLOAD			/* only with tolerate_overload */
} CrmAnswerKind;

typedef struct CrmAnswer
{
	CrmAnswerKind kind;
	int			status;
	int64		date;			/* the server's clock, unix seconds; -1 = unknown */
	CrmJson    *json;
	size_t		bytes;
} CrmAnswer;

typedef struct CrmFetch CrmFetch;

/*
 * Begins a fetch.  Fetch, answer and document live in the current memory
 * context; resetting it aborts the fetch.  Strings of the request must live as
 * long.
 */
extern CrmFetch *crm_fetch_start(CrmAccount *account, const CrmRequest *request);

/* Drives the account's fetches until this one is finished. */
extern CrmAnswer *crm_fetch_finish(CrmFetch *fetch);

/* Drives without waiting; true once crm_fetch_finish would not block. */
extern bool crm_fetch_ready(CrmFetch *fetch);

/*
 * Milliseconds until one of the account's fetches has something to do; 0 = now,
 * -1 = only an answer would change that.
 */
extern int64 crm_fetch_next_wake(const CrmAccount *account);

/* Moves all fetches of an account on, as far as they get without waiting. */
extern void crm_fetch_drive(CrmAccount *account);

/* Waits, and drives the account's fetches meanwhile. */
extern void crm_fetch_pause(CrmAccount *account, int64 pause_ms, CrmActivityState state);

/*
 * Raises an error about an answer that is JSON but not what the API promises:
 * "expected" completes the sentence "expected ...".  HV000.
 */
crm_noreturn extern void crm_fetch_unexpected(const CrmAccount *account,
											  const CrmRequest *request,
											  const CrmAnswer *answer,
											  const char *expected);

#endif							/* CRM_FETCH_H */
