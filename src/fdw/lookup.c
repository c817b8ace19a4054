/*
 * lookup.c
 *		Finds records by the value of a custom field.
 *
 * The answer is a superset: the list of values may compare without case, and a
 * record may have got another value since.  Where it is long, or the list does
 * not take the values, all records are read instead.
 */
#include "postgres.h"

#include <math.h>

#include "base/texts.h"
#include "client/fields.h"
#include "client/reader.h"
#include "client/scalar.h"
#include "client/url.h"
#include "fdw/custom.h"
#include "fdw/keys.h"
#include "fdw/lookup.h"
#include "fdw/send.h"

/* The filter on ids, or NULL. */
static const CrmFilter *
key_filter(const CrmEntity *entity)
{
	for (int i = 0; i < entity->nfilters; i++)
	{
		const CrmFilter *filter = &entity->filters[i];

		if (filter->match == CRM_MATCH_EQUAL && filter->grade == CRM_GRADE_EXACT &&
			entity->key != NULL && strcmp(filter->column, entity->key[0]) == 0)
			return filter;
	}
	return NULL;
}

bool
crm_lookup_serves(const CrmEntity *entity, const CrmQualColumn *column)
{
	return entity->custom != NULL && entity->custom->by_value != NULL && column->field != NULL &&
		column->kind == CRM_KIND_TEXT && key_filter(entity) != NULL;
}

int
crm_lookup_batch(const CrmEntity *entity)
{
	return Max(key_filter(entity)->most, 1);
}

/* Can every value be sent? */
static bool
may_look_up(const CrmDemand *demand)
{
	ListCell   *lc;

	if (demand == NULL || !demand->has_values)
		return false;
	foreach(lc, demand->values)
	{
		if (!demand->unknown && !crm_send_may(lfirst(lc)))
			return false;
	}
	return true;
}

/* The lists of values to read, one for each text. */
static void
value_lists(const CrmCustomFields *custom, const char *field, const CrmDemand *demand, CrmReadSpec *spec)
{
	ListCell   *lc;

	crm_fields_spec(custom->values, NULL, spec);
	spec->variants = palloc0(sizeof(CrmVariant) * Max(list_length(demand->values), 1));
	foreach(lc, demand->values)
		spec->variants[spec->nvariants++].query =
			psprintf("%s=%s&%s=%s", custom->by_field, crm_url_encode(field),
					 custom->by_value, crm_url_encode(lfirst(lc)));
	spec->nothing = spec->nvariants == 0;
}

List *
crm_lookup_describe(const CrmApi *api, const CrmEntity *entity, const CrmQualColumn *column,
					const CrmDemand *demand)
{
	CrmReadSpec spec;

	if (!may_look_up(demand))
		return NIL;
	value_lists(entity->custom, crm_key_is_number(column->field) ? column->field : psprintf("{%s}", column->field),
				demand, &spec);
	return crm_lists_describe(api, &spec);
}

/* The field's id, or NULL if its values are not just what the column shows. */
static const char *
field_id(CrmAccount *account, const CrmCustomFields *custom, const CrmQualColumn *column)
{
	bool		fresh;
	bool		is_currency;
	const CrmField *field = crm_custom_find(crm_fields_recall(account, custom, &fresh), column->field, &is_currency);

	return field != NULL && !is_currency && field->type->format == CRM_FORMAT_PLAIN ? field->id : NULL;
}

/* Reads the lists of values. */
static void
find_ids(CrmAccount *account, const CrmEntity *entity, const CrmQualColumn *column,
		 const CrmDemand *demand, double most_requests, CrmFound *found)
{
	const CrmCustomFields *custom = entity->custom;
	int			page_size = crm_page_size(account->api, custom->values, 0);
	int			batch = crm_lookup_batch(entity);
	const char *field = may_look_up(demand) ? field_id(account, custom, column) : NULL;
	CrmReadSpec spec;
	CrmReader  *reader;
	const CrmRow *row;

	found->given_up = field == NULL || list_length(demand->values) >= most_requests;
	if (found->given_up)
		return;
	value_lists(custom, field, demand, &spec);
	spec.uncertain = true;
	reader = crm_reader_create(account, &spec);
	while ((row = crm_reader_next(reader)) != NULL)
	{
		const CrmNode *node = crm_fields_member(custom->values, custom->record, row->record);
		const char *id = crm_scalar_text(row->json, node);
		double		n = Max((double) list_length(found->ids) + 1, (double) crm_reader_total(reader));

		if (ceil(n / page_size) + ceil(n / batch) > most_requests)
		{
			found->given_up = true;
			break;
		}
		if (id != NULL)
			found->ids = lappend(found->ids, pstrdup(id));
	}
	found->given_up |= crm_reader_refused(reader);
	crm_reader_free(reader);
}

const CrmFound *
crm_lookup_run(CrmAccount *account, const CrmEntity *entity, const CrmQualColumn *column,
			   const CrmDemand *demand, double most_requests,
			   MemoryContext context, List **found_before)
{
	CrmFound	found = {0};
	CrmFound   *kept;
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, *found_before)
	{
		const CrmFound *before = lfirst(lc);

		if (crm_texts_equal(before->values, demand->values))
			return before;
	}
	find_ids(account, entity, column, demand, most_requests, &found);

	old = MemoryContextSwitchTo(context);
	kept = palloc(sizeof(CrmFound));
	kept->values = crm_texts_copy(demand->values);
	kept->given_up = found.given_up;
	kept->ids = found.given_up ? NIL : crm_texts_copy(found.ids);
	*found_before = lappend(*found_before, kept);
	MemoryContextSwitchTo(old);
	return kept;
}

/* The demand on the entity's key, which moves to the binding's end; a new one if there is none. */
static CrmDemand *
take_key_demand(const CrmEntity *entity, CrmBinding *binding)
{
	CrmDemand **demands = palloc0(sizeof(CrmDemand *) * (binding->natts + 1));
	CrmDemand  *made = palloc0(sizeof(CrmDemand));
	CrmQualColumn *column = palloc0(sizeof(CrmQualColumn));

	column->column = crm_column_find(entity, entity->key[0]);
	column->kind = CRM_KIND_INTEGER;
	made->column = column;
	made->range = CRM_RANGE_ALL;
	for (int i = 0; i < binding->natts; i++)
	{
		const CrmDemand *demand = binding->demands[i];

		demands[i] = binding->demands[i];
		if (demand != NULL && demand->column->column != NULL &&
			strcmp(demand->column->column->name, entity->key[0]) == 0)
		{
			*made = *demand;
			demands[i] = NULL;
		}
	}
	demands[binding->natts++] = made;
	binding->demands = demands;
	return made;
}

void
crm_lookup_bind(const CrmEntity *entity, AttrNumber attnum, const CrmFound *found, CrmBinding *binding)
{
	const CrmDemand *demand = binding->demands[attnum - 1];
	CrmDemand  *key;

	if (!may_look_up(demand) || (found != NULL && found->given_up))
		return;
	key = take_key_demand(entity, binding);
	if (found == NULL)
		key->values = list_make1(psprintf("{%s.%s}", entity->custom->values->name, entity->custom->record));
	else
		key->values = key->has_values ? crm_texts_common(key->values, found->ids) : found->ids;
	key->has_values = true;
	key->unknown = found == NULL;
	key->exact = false;
	key->terms = bms_union(key->terms, demand->terms);
}
