/*
 * account.h
 *		What a scan knows of the account it reads: where it is, who asks, and
 *		within which limits.
 *
 * Built by fdw/options.c from server and user mapping, used by everything in
 * this room.  It holds the credential, so it lives in the running scan only:
 * never in a plan, never in a cache.
 */
#ifndef CRM_ACCOUNT_H
#define CRM_ACCOUNT_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "catalog/catalog.h"
#include "client/exchange.h"
#include "client/retry.h"

typedef struct CrmCredential
{
	char	   *api_key;
	char	   *email;
	char	   *api_id;
	char	   *api_token;
	char	   *access_token;
	char	   *secret_file;

	/* Kept by auth.c. */
	bool		prepared;
	List	   *former;			/* secrets that secret_file held before: requests sent with
								 * them may still be answered */
} CrmCredential;

/* What the requests of one scan took; shown by EXPLAIN ANALYZE and in crm_fdw.stats. */
typedef struct CrmCounters
{
	int64		requests;		/* sent, retries included */
	int64		retries;
	int64		bytes;			/* of bodies, after decompression */
	int64		rows;			/* records received */
	int64		wait_ms;		/* waited for the rate limit */
} CrmCounters;

/* palloc'd, because auth.c ties the wiping of the credential to its context. */
typedef struct CrmAccount
{
	const CrmApi *api;
	Oid			server_oid;
	Oid			user_oid;
	const char *server_name;
	const char *entity;			/* that the table reads, or its path; "" = no table */
	bool		is_estimate;	/* asks for a total while planning: no scan */
	bool		try_once;		/* a refusal or a 429 is final; with max_retries 0
								 * nothing is sent a second time */
	const char *origin;			/* "https://host" or "https://host:port" */
	bool		trusted;		/* a superuser owns the server: any host, any
								 * address, ca_file and secret_file allowed */
	const char *ca_file;		/* NULL = the system's store */
	int			rate_count;		/* requests ... */
	int			rate_window_ms; /* ... per window */
	int			concurrency;
	int			connect_timeout_ms;
	int			request_timeout_ms;
	int			max_retries;
	int			max_wait_ms;
	int64		max_response_size;	/* bytes */
	int64		max_requests;	/* of this scan; 0 = no limit */
	CrmCredential credential;
	CrmCounters counters;
	CrmExchange exchange;		/* the last one that ended */
	int64		driven_at;		/* when its fetches were looked after last; 0 = never */
	int			ahead;			/* answers asked for and not used up yet */
	struct CrmProgress *progress;	/* NULL until a request is sent; see progress.h */
	CrmRetryPurse retries;
} CrmAccount;

#endif							/* CRM_ACCOUNT_H */
