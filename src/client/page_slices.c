/*
 * page_slices.c
 *		Lists that are not paged but must be asked for by a span of time.
 *
 * One request for the whole span is both the cheapest read and the only one
 * that does not depend on how the API treats records at the edges.  Only when
 * the server cannot answer it in one piece is the span cut in two; the halves
 * overlap, because which records a bound selects is not documented, and
 * records seen twice are handed on once.
 */
#include "postgres.h"

#include <time.h>

#include "utils/memutils.h"

#include "client/pager.h"
#include "client/url.h"

#define DAY		((int64) 86400)
#define OVERLAP (31 * DAY)

/* A span is not cut below this. */
#define SHORTEST (4 * OVERLAP)

/* The years in which nearly all records lie, seen from now. */
#define YEARS_BACK	(20 * 366 * DAY)
#define YEARS_AHEAD (5 * 366 * DAY)

void
crm_slice_start(CrmPager *pager)
{
	CrmSpan		span = crm_pager_span(pager->list);

	crm_spans_push(&pager->state.slice.slices, span.from, span.to);
}

/* Cuts a span in two, if it can where records are likely to be dense. */
static void
cut_span(CrmPager *pager, CrmSpan span)
{
	int64		now = (int64) time(NULL);
	int64		low = Max(span.from, now - YEARS_BACK);
	int64		high = Min(span.to, now + YEARS_AHEAD);
	int64		middle;

	if (high - low <= SHORTEST)
	{
		low = span.from;
		high = span.to;
	}
	middle = low + (high - low) / 2;
	crm_spans_push(&pager->state.slice.slices, middle - OVERLAP, span.to);
	crm_spans_push(&pager->state.slice.slices, span.from, middle + OVERLAP);
}

bool
crm_slice_foresee(const CrmPager *pager, int i, CrmForeseen *next)
{
	const CrmSpans *slices = &pager->state.slice.slices;
	const CrmSpan *span;

	if (i >= slices->n)
		return false;
	span = &slices->spans[slices->n - 1 - i];
	crm_pager_query(pager->account->api, pager->list, span, 0, NULL, &next->query);
	next->tolerate_overload = span->to - span->from > SHORTEST;
	return true;
}

void
crm_slice_take(CrmPager *pager, const CrmListing *listing)
{
	CrmSpans   *slices = &pager->state.slice.slices;
	CrmSpan		span = slices->spans[--slices->n];

	if (listing->overload)
		cut_span(pager, span);
	else
		crm_pager_emit(pager, listing);
	pager->done = slices->n == 0;
}
