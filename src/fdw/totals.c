/*
 * totals.c
 *		Totals of lists, remembered for the planner.
 *
 * Without statistics the planner would have to guess.  Every list that tells
 * its total, or is read to its end, is noted here, for all sessions; without
 * shared memory, for this one.  When there is no room left, the total that was
 * seen longest ago gives way.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "client/progress.h"
#include "client/sample.h"
#include "fdw/server.h"
#include "fdw/totals.h"

/* How long a total the API was asked for is good enough for planning. */
#define FRESH_MS	60000

/* Totals that all sessions share. */
#define SHARED_TOTALS	1024

typedef struct TotalKey
{
	Oid			database;		/* InvalidOid = no total */
	Oid			relid;
} TotalKey;

typedef struct Total
{
	TotalKey	key;
	Oid			server;			/* the total is another one if these change */
	uint32		source;
	double		rows;
	TimestampTz seen_at;
} Total;

static Size
shared_size(void)
{
	return mul_size(sizeof(Total), SHARED_TOTALS);
}

CrmSharedPart crm_totals_part = {.size = shared_size};

/* The totals of a session that shares none. */
static HTAB *own_totals = NULL;

static uint32
hash_text(uint32 hash, const char *text)
{
	return text == NULL ? hash_combine(hash, 0) :
		hash_combine(hash, hash_bytes((const unsigned char *) text, strlen(text)));
}

/* What there is to count, as the options say. */
static uint32
source_of(const CrmOptions *options)
{
	const CrmStartDate *start = &options->start_date;
	uint32		hash = hash_text(0, options->base_url);

	hash = hash_text(hash, options->api->name);
	hash = hash_text(hash, options->entity);
	hash = hash_text(hash, options->path);
	hash = hash_text(hash, options->rows);
	if (start->set && start->rolling)
		hash = hash_combine(hash, hash_bytes((const unsigned char *) start->age, sizeof(Interval)));
	else if (start->set)
		hash = hash_combine(hash, hash_bytes((const unsigned char *) &start->moment, sizeof(TimestampTz)));
	return hash;
}

static Total
new_total(Oid relid, const CrmOptions *options)
{
	return (Total)
	{
		.key = {.database = MyDatabaseId, .relid = relid},
		.server = GetForeignServerIdByRelId(relid),
		.source = source_of(options)
	};
}

/* The place of a table's total, or where a new one goes. */
static Total *
find_place(Total *totals, const TotalKey *key)
{
	Total	   *place = &totals[0];

	for (int i = 0; i < SHARED_TOTALS; i++)
	{
		Total	   *total = &totals[i];

		if (total->key.relid == key->relid && total->key.database == key->database)
			return total;
		/* Those never used were seen before all others. */
		if (total->seen_at < place->seen_at)
			place = total;
	}
	return place;
}

static Total *
find_own(const TotalKey *key, HASHACTION action)
{
	if (own_totals == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(TotalKey), .entrysize = sizeof(Total), .hcxt = TopMemoryContext};

		own_totals = hash_create("crm_fdw totals", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	return hash_search(own_totals, key, action, NULL);
}

void
crm_total_remember(Oid relid, const CrmOptions *options, double rows)
{
	Total	   *shared = crm_shared_part_quietly(&crm_totals_part);
	Total		total = new_total(relid, options);

	total.rows = rows;
	total.seen_at = GetCurrentTimestamp();
	if (shared == NULL)
	{
		*find_own(&total.key, HASH_ENTER) = total;
		return;
	}
	LWLockAcquire(crm_shared_lock(), LW_EXCLUSIVE);
	*find_place(shared, &total.key) = total;
	LWLockRelease(crm_shared_lock());
}

/* False if none is known. */
static bool
recall(Oid relid, const CrmOptions *options, Total *total)
{
	Total	   *shared = crm_shared_part_quietly(&crm_totals_part);
	Total		wanted = new_total(relid, options);
	const Total *found;

	memset(total, 0, sizeof(*total));
	if (shared != NULL)
	{
		LWLockAcquire(crm_shared_lock(), LW_SHARED);
		*total = *find_place(shared, &wanted.key);
		LWLockRelease(crm_shared_lock());
	}
	else if ((found = find_own(&wanted.key, HASH_FIND)) != NULL)
		*total = *found;
	return total->key.database == wanted.key.database && total->key.relid == relid &&
		total->server == wanted.server && total->source == wanted.source;
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
	volatile int64 total = -1;

	if (entity->nparents > 0 || entity->lookup != NULL || entity->unnest != NULL ||
		(info->options.api->total_pointer == NULL && entity->count_path == NULL))
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw estimate", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	account = crm_account_create(GetForeignTable(relid)->serverid, userid, &info->options);
	account->is_estimate = true;
	PG_TRY();
	{
		total = crm_sample_total(account, entity);
	}
	PG_CATCH();
	{
		crm_progress_failed(account);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	if (total >= 0)
		crm_total_remember(relid, &info->options, total);
}

void
crm_total_estimate(PlannerInfo *root, RelOptInfo *baserel, CrmRelInfo *info)
{
	Oid			relid = planner_rt_fetch(baserel->relid, root)->relid;
	Total		total;
	bool		known = recall(relid, &info->options, &total);

	info->analyzed = baserel->tuples > 0;
	if (info->options.use_remote_estimate)
	{
		if (!known || TimestampDifferenceExceeds(total.seen_at, GetCurrentTimestamp(), FRESH_MS))
		{
			ask(root, baserel, info, relid);
			known = recall(relid, &info->options, &total);
		}
		if (known)
			baserel->tuples = total.rows;
	}
	if (baserel->tuples <= 0)
		baserel->tuples = known ? total.rows : info->entity->expected_rows;
	baserel->tuples = Max(baserel->tuples, 1);
}
