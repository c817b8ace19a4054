/*
 * catalog_functions.c
 *		crm_fdw.entities() and crm_fdw.columns(): the catalogue as SQL.
 *
 * They send no request and need no server.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "admin/describe.h"
#include "base/report.h"
#include "catalog/catalog.h"

PG_FUNCTION_INFO_V1(crm_fdw_entities);
PG_FUNCTION_INFO_V1(crm_fdw_columns);

/* The CRM of that name; 22023 if there is none. */
static const CrmApi *
get_api(const char *name)
{
	const CrmApi *api = crm_api_find(name);
	const char **names;
	const char *near;
	StringInfoData all;
	int			n = 0;

	if (api != NULL)
		return api;

	while (crm_apis[n] != NULL)
		n++;
	names = palloc(sizeof(char *) * n);
	initStringInfo(&all);
	for (int i = 0; i < n; i++)
	{
		names[i] = crm_apis[i]->name;
		appendStringInfo(&all, "%s\"%s\"", i > 0 ? ", " : "", names[i]);
	}
	near = crm_nearest(name, names, n);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no CRM \"%s\"", name),
			 near ? errhint("Perhaps you meant \"%s\".", near) :
			 errhint("These are known: %s.", all.data)));
}

/* The CRM's entity of that name; HV00R if it has none. */
static const CrmEntity *
get_entity(const CrmApi *api, const char *name)
{
	const CrmEntity *entity = crm_entity_find(api, name);
	const char **names;
	const char *near;

	if (entity != NULL)
		return entity;

	names = palloc(sizeof(char *) * api->nentities);
	for (int i = 0; i < api->nentities; i++)
		names[i] = api->entities[i]->name;
	near = crm_nearest(name, names, api->nentities);
	ereport(ERROR,
			(errcode(CRM_ERR_NO_ENTITY),
			 errmsg("%s has no entity \"%s\"", api->title, name),
			 near ? errhint("Perhaps you meant the entity \"%s\".", near) :
			 errhint("crm_fdw.entities('%s') lists them.", api->name)));
}

static Datum
text_array_datum(const char *const *texts, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		elements[i] = CStringGetTextDatum(texts[i]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static Datum
interval_datum(const char *text)
{
	return DirectFunctionCall3(interval_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* Room for the widest result. */
#define MAX_VALUES	10

/* A row under construction, filled from left to right. */
typedef struct Row
{
	Datum		values[MAX_VALUES];
	bool		nulls[MAX_VALUES];
	int			n;
} Row;

static void
add_value(Row *row, Datum value)
{
	row->values[row->n] = value;
	row->nulls[row->n++] = false;
}

static void
add_null(Row *row)
{
	row->values[row->n] = (Datum) 0;
	row->nulls[row->n++] = true;
}

/* A NULL text is an SQL NULL. */
static void
add_text(Row *row, const char *text)
{
	if (text != NULL)
		add_value(row, CStringGetTextDatum(text));
	else
		add_null(row);
}

static void
put_row(FunctionCallInfo fcinfo, const Row *row)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	Assert(row->n == result->setDesc->natts);
	tuplestore_putvalues(result->setResult, result->setDesc,
						 (Datum *) row->values, (bool *) row->nulls);
}

/* api is shown only where the CRM is not an argument; else it is NULL. */
static void
put_entity(FunctionCallInfo fcinfo, const CrmApi *api, const CrmEntity *entity)
{
	Row			row = {.n = 0};
	const char **needed = palloc(sizeof(char *) * Max(entity->nparents, 1));
	int			nkeys = 0;

	while (entity->key != NULL && entity->key[nkeys] != NULL)
		nkeys++;

	if (api != NULL)
		add_text(&row, api->name);
	add_text(&row, entity->name);
	add_value(&row, text_array_datum(entity->key, nkeys));
	add_text(&row, entity->cursor_column);
	add_text(&row, crm_completeness_name(entity->completeness));
	add_value(&row, interval_datum(crm_refresh_every(entity)));
	if (entity->lookback != NULL)
		add_value(&row, interval_datum(entity->lookback));
	else
		add_null(&row);
	add_value(&row, text_array_datum(needed, crm_needed_filters(entity, needed)));
	add_value(&row, BoolGetDatum(false));	/* nothing can be written yet */
	add_text(&row, entity->description);
	put_row(fcinfo, &row);
}

/*
 * entities(crm) lists one CRM's entities; entities() those of all, with the
 * CRM's name in front.
 */
Datum
crm_fdw_entities(PG_FUNCTION_ARGS)
{
	bool		all = PG_NARGS() == 0;
	const CrmApi *wanted = all ? NULL : get_api(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		if (!all && api != wanted)
			continue;
		for (int k = 0; k < api->nentities; k++)
			put_entity(fcinfo, all ? api : NULL, api->entities[k]);
	}
	return (Datum) 0;
}

static void
put_column(FunctionCallInfo fcinfo, const CrmEntity *entity, const CrmColumn *column)
{
	Row			row = {.n = 0};
	CrmOperators operators = crm_pushable_operators(entity, column);
	const char *names[CRM_OPERATORS];
	StringInfoData description;
	int			n = 0;

	for (int op = 0; op < CRM_OPERATORS; op++)
	{
		if (operators & CRM_OPERATOR_SET(op))
			names[n++] = crm_operator_name(op);
	}
	initStringInfo(&description);
	crm_describe_column(entity, column, &description);

	add_text(&row, column->name);
	add_text(&row, crm_type_name(column->type));
	add_value(&row, text_array_datum(names, n));
	add_value(&row, BoolGetDatum(crm_column_sortable(entity, column)));
	add_text(&row, description.len > 0 ? description.data : NULL);
	put_row(fcinfo, &row);
}

/* columns(crm, entity): the columns IMPORT FOREIGN SCHEMA declares, in order. */
Datum
crm_fdw_columns(PG_FUNCTION_ARGS)
{
	const CrmApi *api = get_api(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	const CrmEntity *entity = get_entity(api, text_to_cstring(PG_GETARG_TEXT_PP(1)));

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < entity->ncolumns; i++)
		put_column(fcinfo, entity, &entity->columns[i]);
	put_column(fcinfo, entity, &crm_raw_column);
	return (Datum) 0;
}
