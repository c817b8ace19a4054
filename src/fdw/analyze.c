/*
 * analyze.c
 *		Statistics for the planner.
 *
 * The list is read once, as a scan would read it, and sampled on the way.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/vacuum.h"
#include "foreign/foreign.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

#include "fdw/cost.h"
#include "fdw/fdw.h"
#include "fdw/scan.h"
#include "fdw/server.h"

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
	Datum	   *values = palloc(sizeof(Datum) * tupdesc->natts);
	bool	   *nulls = palloc(sizeof(bool) * tupdesc->natts);
	CrmOptions	options;
	const CrmEntity *entity;
	CrmAccount *account;
	CrmAttrs   *attrs;
	CrmConverter *converter;
	CrmReadSpec spec;
	CrmReader  *reader;
	const CrmRow *row;

	crm_table_options(relid, &options);
	entity = crm_table_entity(&options);
	attrs = crm_attrs_create(relid, tupdesc, entity, NULL);
	crm_scan_spec(&options, entity, attrs, &spec);
	account = crm_account_create(GetForeignTable(relid)->serverid, relation->rd_rel->relowner, &options);
	converter = crm_converter_create(account, entity, relid, attrs, options.null_on_error);
	reader = crm_reader_create(account, &spec);
	reservoir_init_selection_state(&reservoir.state, targrows);

	while ((row = crm_reader_next(reader)) != NULL)
	{
		int			place = reservoir_place(&reservoir);

		if (place < 0)
			continue;
		crm_converter_row(converter, row, tupdesc->natts, values, nulls);
		MemoryContextSwitchTo(result);
		if (reservoir.seen > targrows)
			heap_freetuple(rows[place]);
		rows[place] = heap_form_tuple(tupdesc, values, nulls);
		MemoryContextSwitchTo(context);
	}

	crm_converter_finish(converter);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	*totalrows = reservoir.seen;
	*totaldeadrows = 0;
	ereport(elevel,
			(errmsg("\"%s\": table contains %.0f rows; %d rows in sample",
					RelationGetRelationName(relation), reservoir.seen, reservoir.n)));
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
