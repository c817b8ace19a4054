/*
 * progress.h
 *		Tells all sessions of an account's scan: what it costs (base/stats.h) and
 *		what it is doing (base/activity.h).
 *
 * An account is made for one scan.  It shows up when it sends its first request
 * and vanishes at crm_progress_end() or with its memory context.
 */
#ifndef CRM_PROGRESS_H
#define CRM_PROGRESS_H

#include "postgres.h"

#include "base/activity.h"
#include "client/account.h"
#include "client/fetch.h"

/* The scan is going to send a request: before anything that may fail. */
extern void crm_progress_begin(CrmAccount *account);

/* This one. */
extern void crm_progress_request(CrmAccount *account, const CrmRequest *request);

extern void crm_progress_state(CrmAccount *account, CrmActivityState state);

/* A request was answered, or failed: adds what it cost. */
extern void crm_progress_answered(CrmAccount *account);

/* A page of a list has come; records left in the list, or -1 = unknown. */
extern void crm_progress_page(CrmAccount *account, int64 left, int page_size);

/* The scan has reached its end, for now: another request shows it again. */
extern void crm_progress_end(CrmAccount *account);

/* In PG_CATCH: counts the error, unless it is a cancelled query. */
extern void crm_progress_failed(CrmAccount *account);

#endif							/* CRM_PROGRESS_H */
