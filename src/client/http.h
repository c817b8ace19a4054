/*
 * http.h
 *		One HTTP exchange at a time or several: the wall between libcurl and
 *		PostgreSQL.  http.c is the only file that sees curl/curl.h.
 *
 * Nothing here raises an error for what happens on the network: the outcome is
 * a value.  Waiting is interruptible (query cancel, statement_timeout and
 * backend termination leave by longjmp; transfers are released with the memory
 * context that owns them).
 */
#ifndef CRM_HTTP_H
#define CRM_HTTP_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "client/account.h"
#include "client/exchange.h"

typedef struct CrmHttpResponse
{
	CrmHttpOutcome outcome;
	int			status;			/* 0 unless headers arrived */
	char	   *body;			/* NUL-terminated, writable, malloc'd */
	size_t		body_len;
	char		location[128];	/* target of a refused redirect, without query */
	int			retry_after;	/* seconds; -1 = not sent */
	int64		date;			/* the server's clock, unix seconds; -1 = not sent */
	int64		reset_at;		/* header of the API's row; -1 = not sent */
	int64		remaining;		/* the same */
	char		error[256];		/* libcurl's words for anything but ANSWERED */
	int			took_ms;
} CrmHttpResponse;

/* What is sent.  Strings must live until the transfer is finished. */
typedef struct CrmHttpRequest
{
	const char *url;			/* absolute */
	const char *form;			/* urlencoded POST body; NULL = GET */
} CrmHttpRequest;

typedef struct CrmHttpTransfer CrmHttpTransfer;

/*
 * Starts a transfer for the account.  The transfer belongs to the current
 * memory context: resetting it aborts the transfer and frees everything.
 */
extern CrmHttpTransfer *crm_http_start(const CrmAccount *account,
									   const CrmHttpRequest *request);

/* Moves all transfers of this account's server on, without waiting. */
extern void crm_http_drive(const CrmAccount *account);

/* True once the response is complete. */
extern bool crm_http_done(const CrmHttpTransfer *transfer);

/* The response of a finished transfer, which owns it. */
extern CrmHttpResponse *crm_http_response(CrmHttpTransfer *transfer);

/* Aborts the transfer if it is under way and frees response and body. */
extern void crm_http_free(CrmHttpTransfer *transfer);

/*
 * Sets the alarm of this account's server: in wait_ms crm_http_wait returns
 * even if no transfer made progress.  -1 = no alarm.  One alarm per server.
 */
extern void crm_http_alarm(const CrmAccount *account, int64 wait_ms);

/*
 * Waits until some transfer of this account's server made progress, or until
 * the alarm or an interrupt.  Checks for interrupts, then drives.  The event is
 * what pg_stat_activity shows meanwhile.
 */
extern void crm_http_wait(const CrmAccount *account, uint32 wait_event);

/*
 * The descriptor that becomes readable when crm_http_wait would not block.
 * All accounts of one server share it, so another scan may have taken an event
 * away; see waiter.c.
 */
extern int	crm_http_fd(const CrmAccount *account);

/* A URL taken apart by libcurl's own parser; strings are palloc'd. */
typedef struct CrmUrlParts
{
	char	   *scheme;
	char	   *host;			/* IPv6 addresses keep their brackets */
	char	   *path;
	char	   *user;			/* this and the rest: NULL if absent */
	char	   *password;
	char	   *port;			/* also NULL if it is the scheme's default */
	char	   *query;
	char	   *fragment;
} CrmUrlParts;

/* False if the text is no absolute URL. */
extern bool crm_http_split_url(const char *url, CrmUrlParts *parts);

#endif							/* CRM_HTTP_H */
