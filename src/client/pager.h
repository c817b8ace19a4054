/*
 * pager.h
 *		Inside of a pager: shared by page.c and the files of the single kinds.
 */
#ifndef CRM_PAGER_H
#define CRM_PAGER_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "base/idset.h"
#include "client/fetch.h"
#include "client/page.h"

/* Times a list is read again before a scan gives up proving completeness. */
#define CRM_MAX_BREAKS	3

/* A closed span of seconds, or of ids, both ends included. */
typedef struct CrmSpan
{
	int64		from;
	int64		to;
} CrmSpan;

/* A stack of spans still to read, the next one on top. */
typedef struct CrmSpans
{
	CrmSpan    *spans;
	int			n;
	int			room;
} CrmSpans;

/* State of the offset pager (page_offset.c). */
typedef struct CrmOffsetState
{
	int64		offset;			/* of the next request */
	int			pass;			/* how often the list was started */
	int64		first_total;	/* of this pass; -1 = unknown */
	int			breaks;			/* in a row without a new record */
	int			longest_page;	/* so far */
	bool		joined;			/* every page so far joined its predecessor */
	char	   *last_order;		/* sort value of the last record read */
	CrmIdSet   *pass_seen;		/* identities of this pass */
	int64		previous_size;	/* distinct records of the pass before */
	int			asked;			/* times an asynchronous query was asked */
	int64		asked_total;	/* what it answered last; -1 = not asked */
} CrmOffsetState;

/* State of the keyset pager (page_keyset.c). */
typedef struct CrmKeysetState
{
	CrmSpan		rest;			/* ids still to read */
	int64		last_id;
	int			found;			/* of the ids asked for */
	int64		received;
	int			asked;
	int64		asked_total;
} CrmKeysetState;

/* State of the page-number pager (page_number.c). */
typedef struct CrmNumberState
{
	CrmSpans	windows;		/* still to read */
	int			page;			/* 1-based, within the current window */
	int			page_size;		/* really applied */
	bool		closed;			/* an open end was closed behind its first page */
	bool		stays_open;		/* closing it would have cut records off */
	bool		counted;		/* the list has stated a total */
	int64		total;			/* of the current window; -1 = unknown */
	int64		last_time;		/* time of the last record of the page before */
	int			breaks;			/* in a row without progress */
	CrmIdSet   *window_seen;
} CrmNumberState;

/* State of the cursor pager (page_cursor.c). */
typedef struct CrmCursorState
{
	char	   *cursor;			/* of the next request; NULL = first page */
	int			page_size;		/* shrinks when the server cannot cope */
	int			pages;
	bool		has_head;		/* newest first: */
	int64		head;			/* sort value of the first record of all */
	bool		rechecking;		/* reading the head a second time */
} CrmCursorState;

/* State of the slice pager (page_slices.c). */
typedef struct CrmSliceState
{
	CrmSpans	slices;			/* still to read */
} CrmSliceState;

struct CrmPager
{
	CrmAccount *account;
	const CrmList *list;
	MemoryContext context;		/* the pager */
	MemoryContext page_context; /* the current answer; reset per request */
	bool		started;
	bool		done;
	const char *path;			/* list's path, or its fallback */
	int			page_size;
	CrmIdSet   *seen;			/* identities handed on */
	int64		total;			/* as the first page said; -1 = unknown */
	bool		refused;		/* see crm_pager_refused */
	bool		accepted;		/* an uncertain endpoint took the filter */
	bool		anonymous;		/* a record had no identity: nothing to count or join by */
	CrmRequest	request;		/* of the current answer, for messages */
	CrmPage		page;
	union
	{
		CrmOffsetState offset;
		CrmKeysetState keyset;
		CrmNumberState number;
		CrmCursorState cursor;
		CrmSliceState slice;
	}			state;
};

/* One answer, taken apart.  Lives in the page context. */
typedef struct CrmListing
{
	CrmAnswer  *answer;
	const CrmJson *json;
	const CrmNode **records;
	int			n;
	int			slots;			/* how far the page moves the position: n, unless
								 * the records only come beside the paged array */
	int64		total;			/* -1 = not stated */
	bool		overload;		/* the server could not answer in one piece */
} CrmListing;

/*
 * Sends the list's request with "query" (may be modified) added to its fixed
 * parameters, and takes the answer apart.  With tolerate_overload a server
 * that cannot cope is reported instead of raised.
 */
extern CrmListing *crm_pager_fetch(CrmPager *pager, const char *query, bool tolerate_overload);

/* Adds a record's identity to a set; true if it is new or has none. */
extern bool crm_pager_note(CrmPager *pager, CrmIdSet *set,
						   const CrmListing *listing, const CrmNode *record);

/* True if a record's identity is in the set. */
extern bool crm_pager_noted(const CrmPager *pager, CrmIdSet *set,
							const CrmListing *listing, const CrmNode *record);

/* Hands on the records not seen before; returns how many there were. */
extern int	crm_pager_emit(CrmPager *pager, const CrmListing *listing);

/*
 * HV000 if the list answered "not found" in its middle, unless the parent may
 * have gone meanwhile.
 */
extern void crm_pager_insist(const CrmPager *pager, const CrmListing *listing);

/* HV000: the answer of the current request is not what the API promises. */
crm_noreturn extern void crm_pager_unexpected(const CrmPager *pager,
											  const CrmListing *listing,
											  const char *expected);

/*
 * Asks an asynchronous query again until two totals agree.  True if the listing
 * can be used; waits a moment otherwise.
 */
extern bool crm_pager_settled(const CrmPager *pager, const CrmListing *listing,
							  int *asked, int64 *asked_total);

/*
 * Appends what a page is asked for with: order, bounds (span, may be NULL),
 * size, and position (NULL = the first page).
 */
extern void crm_pager_query(const CrmApi *api, const CrmList *list, const CrmSpan *span,
							int size, const char *position, StringInfo query);

/* Rows to ask for with the first request of a list. */
extern int	crm_pager_first_size(const CrmApi *api, const CrmList *list);

/* Lays a span on top of a stack, in the current memory context. */
extern void crm_spans_push(CrmSpans *stack, int64 from, int64 to);

/* Name of the parameter that carries the position; cursors are named alike. */
extern const char *crm_pager_position_param(const CrmApi *api, const CrmEntity *entity);

/* The window a list is read in when its upper end is open. */
extern CrmSpan crm_pager_span(const CrmList *list);

/* One request of each kind; sets pager->done at the proven end. */
extern void crm_offset_start(CrmPager *pager);
extern void crm_offset_step(CrmPager *pager);
extern void crm_keyset_start(CrmPager *pager);
extern void crm_keyset_step(CrmPager *pager);
extern void crm_number_start(CrmPager *pager);
extern void crm_number_step(CrmPager *pager);
extern void crm_cursor_start(CrmPager *pager);
extern void crm_cursor_step(CrmPager *pager);
extern void crm_slice_start(CrmPager *pager);
extern void crm_slice_step(CrmPager *pager);

#endif							/* CRM_PAGER_H */
