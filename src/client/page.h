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
	int			page_size;		/* wish; 0 = the most the API allows */
	int64		from;			/* first second of the window, or CRM_NO_LOWER */
	int64		to;				/* last second of the window, or CRM_NO_UPPER */
} CrmList;

/* New records of one page; valid until the next call. */
typedef struct CrmPage
{
	const CrmJson *json;
	const CrmNode **records;
	int			nrecords;
} CrmPage;

typedef struct CrmPager CrmPager;

/* A pager in a new child of the current memory context. */
extern CrmPager *crm_pager_create(CrmAccount *account, const CrmList *list);

/* The next page that has new records, or NULL at the proven end. */
extern const CrmPage *crm_pager_next(CrmPager *pager);

extern void crm_pager_free(CrmPager *pager);

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
