/*
 * totals.c
 *		Totals of lists, remembered for the planner.
 *
 * Without statistics the planner would have to guess.  Every list that tells
 * its total, or is read to its end, is noted here, per session.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "foreign/foreign.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "client/sample.h"
#include "fdw/server.h"
#include "fdw/totals.h"

/* How long a total the API was asked for is good enough for planning. */
#define FRESH_MS	60000

typedef struct Total
{
	Oid			relid;			/* hash key */
	double		rows;
	TimestampTz seen_at;
} Total;

static HTAB *totals = NULL;

void
crm_total_remember(Oid relid, double rows)
{
	Total	   *total;

	if (totals == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(Total), .hcxt = TopMemoryContext};

		totals = hash_create("crm_fdw totals", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	total = hash_search(totals, &relid, HASH_ENTER, NULL);
	total->rows = rows;
	total->seen_at = GetCurrentTimestamp();
}

static const Total *
recall(Oid relid)
{
	return totals ? hash_search(totals, &relid, HASH_FIND, NULL) : NULL;
}

/* Asks the API, if its list can tell. */
static void
ask(PlannerInfo *root, const RelOptInfo *baserel, const CrmRelInfo *info, Oid relid)
{
	const CrmEntity *entity = info->entity;
	Oid			userid = OidIsValid(baserel->userid) ? baserel->userid : GetUserId();
	MemoryContext context;
	MemoryContext old;
	CrmAccount *account;
	int64		total;

	if (entity->nparents > 0 || entity->lookup != NULL || entity->unnest != NULL ||
		(info->options.api->total_pointer == NULL && entity->count_path == NULL))
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw estimate", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	account = crm_account_create(GetForeignTable(relid)->serverid, userid, &info->options);
	total = crm_sample_total(account, entity);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	if (total >= 0)
		crm_total_remember(relid, total);
}

void
crm_total_estimate(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info)
{
	Oid			relid = planner_rt_fetch(baserel->relid, root)->relid;
	const Total *total = recall(relid);

	info->analyzed = baserel->tuples > 0;
	if (info->options.use_remote_estimate)
	{
		if (total == NULL || TimestampDifferenceExceeds(total->seen_at, GetCurrentTimestamp(), FRESH_MS))
			ask(root, baserel, info, relid);
		total = recall(relid);
		if (total != NULL)
			baserel->tuples = total->rows;
	}
	if (baserel->tuples <= 0)
		baserel->tuples = total != NULL ? total->rows : info->entity->expected_rows;
	baserel->tuples = Max(baserel->tuples, 1);
}
