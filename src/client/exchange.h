/*
 * exchange.h
 *		How one HTTP exchange ended, without its body.
 */
#ifndef CRM_EXCHANGE_H
#define CRM_EXCHANGE_H

#include "postgres.h"

typedef enum CrmHttpOutcome
{
	CRM_HTTP_ANSWERED,			/* a complete answer, whatever its status */
	CRM_HTTP_DNS,				/* host name does not resolve */
	CRM_HTTP_CONNECT,			/* refused, unreachable, connect timeout, handshake */
	CRM_HTTP_TLS,				/* certificate that cannot be trusted */
	CRM_HTTP_TIMEOUT,			/* request_timeout passed */
	CRM_HTTP_BROKEN,			/* reset, short body, bad encoding, protocol error */
	CRM_HTTP_TOO_LARGE,			/* body above max_response_size */
	CRM_HTTP_ADDRESS_REFUSED,	/* see client/address.h */
	CRM_HTTP_FAILED				/* anything else: out of memory, unusable ca_file */
} CrmHttpOutcome;

/* What an exchange told, also if it failed. */
typedef struct CrmExchange
{
	bool		over;			/* there was one; else nothing below counts */
	CrmHttpOutcome outcome;
	int			status;			/* 0 unless headers arrived */
	int			took_ms;
	int64		date;			/* the server's clock, unix seconds; -1 = not sent */
	int64		remaining;		/* requests the API says are left; -1 = not sent */
} CrmExchange;

#endif							/* CRM_EXCHANGE_H */
