/*
 * pager.h
 *		Inside of a pager: shared by page.c and the files of the single kinds.
 */
#ifndef CRM_PAGER_H
#define CRM_PAGER_H

#include "postgres.h"

#include "lib/ilist.h"
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
	int			repeats;		/* pages without a new record in a row */
	char	   *first_id;		/* identity of the list's first record, or NULL */
	int			longest_page;	/* so far */
	int			cut_size;		/* rows of the pages of a server that cuts them; 0 = it does not */
	int			overlap;		/* rows that consecutive pages have in common */
	int			depth;			/* how far ahead pages are asked for */
	bool		joined;			/* every page so far joined its predecessor */
	char	   *last_order;		/* sort value of the last record read */
	CrmIdSet   *pass_seen;		/* identities of this pass */
	int64		previous_size;	/* distinct records of the pass before */
	int			asked;			/* times an asynchronous query was asked */
	int64		asked_total;	/* what it answered last; -1 = not asked */
} CrmOffsetState;

/* A range of ids that is read on its own. */
typedef struct CrmKeyRange
{
	CrmSpan		rest;			/* ids still to read */
	int64		received;
	int64		beyond;			/* first id of a page that had none of them; 0 = none */
} CrmKeyRange;

typedef enum CrmSplit
{
	CRM_SPLIT_NONE,				/* the list is one range */
	CRM_SPLIT_TOP,				/* its last page comes next */
	CRM_SPLIT_DONE				/* ranges end where others begin */
} CrmSplit;

/* State of the keyset pager (page_keyset.c). */
typedef struct CrmKeysetState
{
	CrmKeyRange *ranges;		/* still to read, at most one per request under way */
	int			nranges;
	int			turn;			/* the one whose page comes next */
	CrmSplit	split;
	double		density;		/* records per id, where it is split */
	int			found;			/* of the ids asked for */
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
	int			longest;		/* page of this pass, in records; of a list without a total: */
	bool		found_new;		/* this pass has handed on records */
	CrmIdSet   *window_seen;
} CrmNumberState;

/* State of the cursor pager (page_cursor.c). */
typedef struct CrmCursorState
{
	char	   *cursor;			/* of the next request; NULL = first page */
	int			page_size;		/* shrinks when the server cannot cope */
	int			pages;
	bool		doubted;		/* the first page is read again, with fewer records */
	bool		has_head;		/* newest first: */
	int64		head;			/* sort value of the first record of all */
	bool		rechecking;		/* reading the head a second time */
} CrmCursorState;

/* State of the slice pager (page_slices.c). */
typedef struct CrmSliceState
{
	CrmSpans	slices;			/* still to read */
} CrmSliceState;

/* State of the walk (page_walk.c). */
typedef struct CrmWalkState
{
	int			page;			/* 1-based, of the next request */
	int			probe;			/* page that is to prove the order; 0 = none */
	int			page_size;		/* really applied */
	int64		total;			/* as the answer before said; -1 = none yet */
	int			breaks;			/* in a row without a new record */
	int			pass;			/* 0 = down to the bound, then down to the head of before */
	int64		stop;			/* a page that ends before it is the last one of the pass */
	int			farthest;		/* last page of this pass that was read */
	int			doubted;		/* page of this pass that is read twice; 0 = none */
	CrmIdSet   *pass_seen;		/* identities of this pass */
	int64		head;			/* time of the first record of this pass; 0 = none yet */
	int64		began;			/* the server's clock then; -1 = unknown */
	int64		last_time;		/* of the last record of this pass; 0 = none */
	int64		last_other;		/* what an unsorted list would go by, of the same record */
	bool		time_fell;		/* what was seen of both from one record to the next */
	bool		other_fell;
	bool		other_rose;
} CrmWalkState;

struct CrmPager
{
	CrmAccount *account;
	const CrmList *list;
	MemoryContext context;		/* the pager */
	MemoryContext page_context; /* the current answer, or NULL */
	bool		started;
	bool		done;
	int			steps;			/* answers taken */
	int64		emitted;		/* records handed on */
	bool		surprised;		/* what was sent ahead is not what comes next */
	dlist_head	ahead;			/* requests sent before their answers are needed */
	const char *path;			/* list's path, or its fallback */
	int			page_size;
	CrmIdSet   *seen;			/* identities handed on */
	int64		total;			/* as the first page said; -1 = unknown */
	bool		refused;		/* see crm_pager_refused */
	bool		accepted;		/* an uncertain endpoint took the filter */
	bool		named;			/* a record had an identity */
	bool		anonymous;		/* a record had no identity: nothing to count or join by */
	uint64		sent;			/* hash of the records of the page before, if it is unlisted */
	CrmRequest	request;		/* of the current answer, for messages */
	CrmPage		page;
	union
	{
		CrmOffsetState offset;
		CrmKeysetState keyset;
		CrmNumberState number;
		CrmCursorState cursor;
		CrmSliceState slice;
		CrmWalkState walk;
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

/* A request that a pager is going to send: what is added to the list's own query. */
typedef struct CrmForeseen
{
	StringInfoData query;
	bool		tolerate_overload;	/* a server that cannot cope is reported */
} CrmForeseen;

/*
 * Sends the list's request with "query" added to its fixed parameters, unless it
 * was sent ahead, and takes the answer apart.  With tolerate_overload a server
 * that cannot cope is reported instead of raised.  NULL if an uncertain endpoint
 * did not take the list's filter.
 */
extern CrmListing *crm_pager_fetch(CrmPager *pager, const char *query, bool tolerate_overload);

/* Fills in the request for a query, in the current memory context. */
extern void crm_pager_request(const CrmPager *pager, const char *query, bool tolerate_overload,
							  CrmRequest *request);

/* A request that was sent; it lives in its context, as does its answer. */
typedef struct CrmAhead
{
	dlist_node	node;			/* in the pager's list */
	MemoryContext context;
	CrmAccount *account;
	MemoryContextCallback on_reset;
	const char *query;			/* without the list's fixed parameters */
	bool		wanted;			/* is still foreseen */
	CrmRequest	request;
	CrmFetch   *fetch;
} CrmAhead;

/* The request with this query, or NULL if it was not sent ahead. */
extern CrmAhead *crm_ahead_find(CrmPager *pager, const char *query);

/* Sends a request. */
extern CrmAhead *crm_ahead_send(CrmPager *pager, const char *query, bool tolerate_overload);

/* Takes a request out of the list; its context is the caller's from now on. */
extern void crm_ahead_take(CrmAhead *ahead);

/* Gives up the requests that are no longer wanted. */
extern void crm_ahead_tidy(CrmPager *pager);

/* Gives up all requests: what they were to answer has changed. */
extern void crm_ahead_drop(CrmPager *pager);

/* Adds a record's identity to a set; true if it is new or has none. */
extern bool crm_pager_note(CrmPager *pager, CrmIdSet *set,
						   const CrmListing *listing, const CrmNode *record);

/* True if a record's identity is in the set. */
extern bool crm_pager_noted(const CrmPager *pager, CrmIdSet *set,
							const CrmListing *listing, const CrmNode *record);

/* Hands on the records not seen before; returns how many there were. */
extern int	crm_pager_emit(CrmPager *pager, const CrmListing *listing);

/* Finds the values of custom fields that came with the page. */
extern void crm_pager_index(CrmPager *pager);

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

/* Rows per page that a numbered list really has, as its first answer says. */
extern int	crm_pager_applied_size(const CrmPager *pager, const CrmListing *listing);

/* Lays a span on top of a stack, in the current memory context. */
extern void crm_spans_push(CrmSpans *stack, int64 from, int64 to);

/* Name of the parameter that carries the position; cursors are named alike. */
extern const char *crm_pager_position_param(const CrmApi *api, const CrmEntity *entity);

/* The window a list is read in when its upper end is open. */
extern CrmSpan crm_pager_span(const CrmList *list);

/*
 * Each kind of paging: sets up its state; tells the i-th request from here, 0 =
 * the next one, false if that is not known (yet); takes the answer to the next
 * one, and sets pager->done at the proven end.
 */
extern void crm_single_take(CrmPager *pager, const CrmListing *listing);
extern void crm_offset_start(CrmPager *pager);
extern bool crm_offset_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_offset_take(CrmPager *pager, const CrmListing *listing);
extern void crm_keyset_start(CrmPager *pager);
extern bool crm_keyset_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_keyset_take(CrmPager *pager, const CrmListing *listing);
extern void crm_number_start(CrmPager *pager);
extern bool crm_number_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_number_take(CrmPager *pager, const CrmListing *listing);
extern void crm_cursor_start(CrmPager *pager);
extern bool crm_cursor_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_cursor_take(CrmPager *pager, const CrmListing *listing);
extern void crm_slice_start(CrmPager *pager);
extern bool crm_slice_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_slice_take(CrmPager *pager, const CrmListing *listing);
extern void crm_walk_start(CrmPager *pager);
extern bool crm_walk_foresee(const CrmPager *pager, int i, CrmForeseen *next);
extern void crm_walk_take(CrmPager *pager, const CrmListing *listing);

#endif							/* CRM_PAGER_H */
