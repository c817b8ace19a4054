/*
 * analyze.c
 *		Statistics for the planner.
 *
 * Of a long list only some pages are read, spread over it; a short one, or one
 * that cannot be read from its middle, is read as a scan would read it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/vacuum.h"
#include "foreign/foreign.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

#include "client/progress.h"
#include "client/sampler.h"
#include "fdw/fdw.h"
#include "fdw/scan.h"
#include "fdw/server.h"
#include "fdw/totals.h"

/* Pages read of a list that is longer. */
#define SAMPLE_PAGES	50

/* Where the next sampled row goes, by Vitter's reservoir method. */
typedef struct Reservoir
{
	HeapTuple  *rows;
	int			size;			/* room */
	int			n;				/* filled */
	double		seen;
	double		skip;			/* rows still to leave out; -1 = not drawn */
	ReservoirStateData state;
} Reservoir;

/* Decides whether the current row is sampled; returns its place or -1. */
static int
reservoir_place(Reservoir *reservoir)
{
	reservoir->seen++;
	if (reservoir->n < reservoir->size)
		return reservoir->n++;
	if (reservoir->skip < 0)
		reservoir->skip = reservoir_get_next_S(&reservoir->state, reservoir->seen - 1, reservoir->size);
	if (reservoir->skip-- > 0)
		return -1;
	reservoir->skip = -1;
	return (int) (reservoir->size * sampler_random_fract(&reservoir->state.randstate));
}

/* Where the rows come from: pages here and there, or the whole list. */
typedef struct Source
{
	CrmSampler *sampler;		/* NULL = reader */
	const CrmPage *page;
	int			record;
	CrmRow		row;
	CrmReader  *reader;
} Source;

static void
open_source(Source *source, CrmAccount *account, const CrmReadSpec *spec)
{
	memset(source, 0, sizeof(*source));
	if (spec->entity->unnest == NULL)
	{
		CrmList    *list = palloc0(sizeof(CrmList));

		if (spec->entity->nparents == 0)
		{
			crm_lists_prepare(spec, NULL, NULL, NULL, list);
			list->is_all = false;	/* few of its pages will be read */
			source->sampler = crm_sampler_create(account, list, SAMPLE_PAGES);
		}
	}
	if (source->sampler == NULL)
		source->reader = crm_reader_create(account, spec);
}

static const CrmRow *
next_row(Source *source)
{
	if (source->sampler == NULL)
		return crm_reader_next(source->reader);
	while (source->page == NULL || source->record >= source->page->nrecords)
	{
		source->page = crm_sampler_next(source->sampler);
		source->record = 0;
		if (source->page == NULL)
			return NULL;
	}
	source->row.json = source->page->json;
	source->row.values = source->page->values;
	source->row.page_records = source->page->nrecords;
	source->row.record = source->page->records[source->record++];
	return &source->row;
}

/* Reads the rows and keeps some of them, in the result's memory. */
static void
fill_reservoir(Reservoir *reservoir, Source *source, CrmConverter *converter,
			   TupleDesc tupdesc, MemoryContext result)
{
	Datum	   *values = palloc(sizeof(Datum) * tupdesc->natts);
	bool	   *nulls = palloc(sizeof(bool) * tupdesc->natts);
	const CrmRow *row;

	while ((row = next_row(source)) != NULL)
	{
		int			place = reservoir_place(reservoir);
		MemoryContext old;

		if (place < 0)
			continue;
		crm_converter_row(converter, row, tupdesc->natts, values, nulls);
		old = MemoryContextSwitchTo(result);
		if (reservoir->seen > reservoir->size)
			heap_freetuple(reservoir->rows[place]);
		reservoir->rows[place] = heap_form_tuple(tupdesc, values, nulls);
		MemoryContextSwitchTo(old);
	}
}

static int
acquire_sample_rows(Relation relation, int elevel, HeapTuple *rows, int targrows,
					double *totalrows, double *totaldeadrows)
{
	TupleDesc	tupdesc = RelationGetDescr(relation);
	Oid			relid = RelationGetRelid(relation);
	MemoryContext result = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(result, "crm_fdw analyze", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Reservoir	reservoir = {.rows = rows, .size = targrows, .skip = -1};
	CrmOptions	options;
	const CrmEntity *entity;
	CrmAccount *account;
	CrmAttrs   *attrs;
	CrmConverter *converter;
	CrmReadSpec spec;
	Source		source;

	crm_table_options(relid, &options);
	entity = crm_table_entity(&options);
	attrs = crm_attrs_create(relid, tupdesc, entity, NULL);
	crm_scan_spec(&options, entity, attrs, &spec);
	spec.eager = true;
	account = crm_account_create(GetForeignTable(relid)->serverid, relation->rd_rel->relowner, &options);
	converter = crm_converter_create(account, entity, relid, attrs, options.null_on_error);
	reservoir_init_selection_state(&reservoir.state, targrows);
	PG_TRY();
	{
		open_source(&source, account, &spec);
		fill_reservoir(&reservoir, &source, converter, tupdesc, result);
	}
	PG_CATCH();
	{
		crm_progress_failed(account);
		PG_RE_THROW();
	}
	PG_END_TRY();

	*totalrows = source.sampler ? crm_sampler_total(source.sampler) : reservoir.seen;
	*totaldeadrows = 0;
	crm_total_remember(relid, &options, *totalrows);
	crm_converter_finish(converter);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	ereport(elevel,
			(errmsg("\"%s\": table contains %.0f rows; %.0f rows read, %d rows in sample",
					RelationGetRelationName(relation), *totalrows, reservoir.seen, reservoir.n)));
	return reservoir.n;
}

bool
crmAnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *func, BlockNumber *totalpages)
{
	CrmOptions	options;
	const CrmEntity *entity;

	crm_table_options(RelationGetRelid(relation), &options);
	entity = crm_table_entity(&options);

	/* A table that refuses an unfiltered read cannot be sampled either. */
	if (entity->nparents > 0 && entity->parents[0].entity != NULL &&
		!options.fan_out && !(entity->flags & CRM_ENTITY_FEW_PARENTS))
		return false;
	*func = acquire_sample_rows;
	*totalpages = 1;
	return true;
}
