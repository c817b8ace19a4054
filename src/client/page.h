/*
 * page.h
 *		One list of an API, read to its end exactly once.
 *
 * A pager asks for page after page and hands on the records that were not
 * handed on before.  It either reaches the end with the proof its kind of list
 * allows, or raises an error: a list is never silently short.
 */
#ifndef CRM_PAGE_H
#define CRM_PAGE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "client/account.h"
#include "client/json.h"

#define CRM_NO_LOWER	PG_INT64_MIN
#define CRM_NO_UPPER	PG_INT64_MAX

/* What to read.  Must live as long as the pager. */
typedef struct CrmList
{
	const CrmEntity *entity;
	const char *path;			/* from the origin, without query */
	const char *fallback_path;	/* or NULL */
	const char *query;			/* fixed parameters, encoded; may be empty */
	bool		below_parent;	/* 404 means that the parent has none */
	bool		is_all;			/* the scan reads no other list, and all of this one */
	bool		uncertain;		/* the endpoint may not serve this filter or order; see
								 * crm_pager_refused */
	int			page_size;		/* wish; 0 = the most the API allows */
	int			first_page;		/* rows the query is content with, or 0 = unknown */
	const int64 *ids;			/* of the records asked for, ascending; NULL = unknown */
	int			nids;
	bool		peek;			/* a list beyond the positional cap ends behind its first
								 * page instead of being cut into windows */
	bool		descending;		/* a keyset from its greatest id, a window newest first */
	bool		in_order;		/* records must come in the list's order */
	bool		eager;			/* all records are wanted */
	const CrmCustomFields *custom;	/* values come beside the records, perhaps; or NULL */

	/*
	 * Bounds, both included: seconds of the window, ids of a keyset, from where
	 * a walk reads; or CRM_NO_LOWER, CRM_NO_UPPER.  The API may send records outside of them.
	 */
	int64		from;
	int64		to;
	const char *from_name;		/* EXPLAIN: bounds that are not known go by a name */
	const char *to_name;
} CrmList;

/* New records of one page; valid until the next one is asked for. */
typedef struct CrmPage
{
	const CrmJson *json;
	const CrmNode **records;
	int			nrecords;
	const struct CrmFieldIndex *values; /* of custom fields; NULL = none came along */
} CrmPage;

typedef struct CrmPager CrmPager;

/* A pager in a new child of the current memory context. */
extern CrmPager *crm_pager_create(CrmAccount *account, const CrmList *list);

/*
 * Sends the next request, and those after it that are sure to follow, as far as
 * the account's concurrency goes; without waiting.
 */
extern void crm_pager_send(CrmPager *pager);

/* True if crm_pager_next would not wait.  Sends requests. */
extern bool crm_pager_ready(CrmPager *pager);

/*
 * The next page; perhaps without a new record.  NULL at the proven end.
 *
 * From its second page on, or its first one if all records are wanted, a list is
 * read ahead.
 */
extern const CrmPage *crm_pager_next(CrmPager *pager);

/* Gives up the page that was handed on last. */
extern void crm_pager_release(CrmPager *pager);

extern void crm_pager_free(CrmPager *pager);

/* True if the end has been reached: crm_pager_next would send no request. */
extern bool crm_pager_done(const CrmPager *pager);

/* What the list's first page said it holds in all; -1 = nothing (yet). */
extern int64 crm_pager_total(const CrmPager *pager);

/*
 * True if the list was uncertain and the endpoint did not take its filter, or
 * did not heed its order.  Records may have been handed on before.
 */
extern bool crm_pager_refused(const CrmPager *pager);

/* Bounds a list without any has; slices need both. */
#define CRM_START_OF_TIME	INT64CONST(0)
#define CRM_END_OF_TIME		INT64CONST(253402300799)	/* of the year 9999 */

/*
 * The query of a list's first request, as crm_pager_next will send it, for
 * EXPLAIN.  Appends to query, encoded.
 */
extern void crm_page_first_query(const CrmApi *api, const CrmList *list, StringInfo query);

/* Rows per request that a list is read with. */
extern int	crm_page_size(const CrmApi *api, const CrmEntity *entity, int wish);

#endif							/* CRM_PAGE_H */
