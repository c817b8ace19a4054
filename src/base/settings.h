/*
 * settings.h
 *		The extension's configuration parameters, registered by crm_fdw.c and
 *		read by any room.
 */
#ifndef CRM_SETTINGS_H
#define CRM_SETTINGS_H

/* What the extension calls itself in the User-Agent header. */
#define CRM_VERSION		"1.0"

/* Who the session asks for; see crm_fdw.session_kind. */
typedef enum CrmSessionKind
{
	CRM_SESSION_INTERACTIVE,	/* a person or a program that waits */
	CRM_SESSION_REFRESH			/* a copy being brought up to date */
} CrmSessionKind;

extern bool crm_enable_pushdown;	/* crm_fdw.enable_pushdown */
extern char *crm_allowed_hosts; /* crm_fdw.allowed_hosts */
extern bool crm_log_requests;	/* crm_fdw.log_requests */
extern int	crm_max_requests;	/* crm_fdw.max_requests; 0 = no limit */
extern int	crm_session_kind;	/* crm_fdw.session_kind, a CrmSessionKind */

#endif							/* CRM_SETTINGS_H */
