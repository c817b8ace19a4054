/*
 * test_catalog_custom.c
 *		What the catalogue says of custom fields fits the lists it names.
 */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "catalog_check.h"

static void
need_column(const CrmEntity *entity, const CrmEntity *list, const char *column, const char *what)
{
	if (column == NULL || crm_column_find(list, column) == NULL)
		fault(entity, NULL, "%s: \"%s\" is no column of %s", what, column ? column : "(none)", list->name);
}

static bool
is_omitted(const CrmEntity *entity, const char *pointer)
{
	for (const char *const *name = entity->raw_omit; name != NULL && *name != NULL; name++)
	{
		if (strcmp(*name, pointer + 1) == 0)
			return true;
	}
	return false;
}

static void
check_definitions(const CrmEntity *entity)
{
	const CrmCustomFields *custom = entity->custom;
	const CrmEntity *list = custom->definitions;
	bool		known = custom->scope == NULL;

	if (list == NULL || list->id == NULL)
	{
		fault(entity, NULL, "no definitions with ids");
		return;
	}
	need_column(entity, list, custom->label, "label");
	need_column(entity, list, custom->type, "type");
	if ((custom->scope == NULL) != (list->nparents == 0) || list->nparents > 1)
		fault(entity, NULL, "a scope is for definitions below one parent");
	for (const char *const *value = list->nparents > 0 ? list->parents[0].values : NULL;
		 value != NULL && *value != NULL; value++)
		known |= custom->scope != NULL && strcmp(*value, custom->scope) == 0;
	if (!known)
		fault(entity, NULL, "unknown scope");
}

static void
check_types(const CrmEntity *entity)
{
	const CrmFieldType *type = entity->custom->types;
	bool		has_money = false;

	for (; type->word != NULL; type++)
	{
		has_money |= type->has_currency;
		if (type->has_currency && (type->type != CRM_NUMERIC || type->format != CRM_FORMAT_CENTS))
			fault(entity, NULL, "%s: only money has a currency", type->word);
		if (type->format == CRM_FORMAT_PLAIN && type->type == CRM_TIMESTAMPTZ)
			fault(entity, NULL, "%s: a time needs a format", type->word);
	}
	if (type->type != CRM_TEXT || type->format != CRM_FORMAT_PLAIN)
		fault(entity, NULL, "other kinds of fields must be text");
	if (has_money && entity->custom->within != NULL)
		fault(entity, NULL, "values within a record have no currency");
}

static void
check_values(const CrmApi *api, const CrmEntity *entity)
{
	const CrmCustomFields *custom = entity->custom;

	if ((custom->within == NULL) == (custom->values == NULL))
		fault(entity, NULL, "values stand either in the record or in a list");
	if (custom->within != NULL && !is_pointer(custom->within))
		fault(entity, NULL, "\"%s\" is no pointer", custom->within);
	if (custom->values == NULL)
		return;
	need_column(entity, custom->values, custom->record, "record");
	need_column(entity, custom->values, custom->field, "field");
	need_column(entity, custom->values, custom->value, "value");
	if (custom->currency != NULL)
		need_column(entity, custom->values, custom->currency, "currency");
	if (custom->values->nparents > 0 || entity->id == NULL)
		fault(entity, NULL, "values must be one list, and records have an id");
	if (custom->by_record == NULL || !is_path(api, custom->by_record) ||
		count_slots(custom->by_record) != 1)
		fault(entity, NULL, "no path to one record's values");
	if (custom->by_field != NULL && !is_encoded(custom->by_field))
		fault(entity, NULL, "\"%s\" is not encoded", custom->by_field);
	if ((custom->include == NULL) != (custom->beside == NULL))
		fault(entity, NULL, "what is asked for must be found");
	if (custom->include != NULL && !is_query(custom->include, false))
		fault(entity, NULL, "\"%s\" is no parameter", custom->include);
	if (custom->beside != NULL && (!is_pointer(custom->beside) || !is_omitted(entity, custom->beside)))
		fault(entity, NULL, "raw must leave out the ids of values");
}

static void
check_rule(const CrmEntity *entity, const CrmFieldRule *rule)
{
	const CrmFieldType *type = entity->custom->types;

	while (type->word != NULL && strcmp(type->word, rule->word) != 0)
		type++;
	if (type->word == NULL)
		fault(entity, NULL, "%s: a rule for fields that there are not", rule->word);
	if (rule->after.match != CRM_MATCH_AFTER || rule->before.match != CRM_MATCH_BEFORE ||
		rule->after.condition == NULL || rule->before.condition == NULL || rule->least == NULL)
		fault(entity, NULL, "%s: a rule has two bounds", rule->word);
	if (rule->after.grade != CRM_GRADE_SUPERSET || rule->before.grade != CRM_GRADE_SUPERSET ||
		rule->after.widen < 1 || rule->before.widen < 1)
		fault(entity, NULL, "%s: what an index finds is at best more than is wanted", rule->word);
	if ((type->type == CRM_NUMERIC) != (rule->after.send == CRM_SEND_NUMBER && rule->after.closed && rule->before.closed))
		fault(entity, NULL, "%s: numbers are sent as ranges", rule->word);
}

/* What narrows lists: by values that are records, or by rules of an index that is asked for. */
static void
check_filters(const CrmEntity *entity)
{
	const CrmCustomFields *custom = entity->custom;
	bool		searched = false;

	if (custom->by_value != NULL &&
		(custom->by_field == NULL || custom->values == NULL || !is_encoded(custom->by_value)))
		fault(entity, NULL, "values are found beside a field");
	if (custom->rules == NULL)
		return;
	need_column(entity, custom->definitions, custom->ruled, "whether rules know the field");
	for (const CrmFieldRule *rule = custom->rules; rule->word != NULL; rule++)
		check_rule(entity, rule);
	for (int i = 0; i < entity->nroutes; i++)
	{
		const CrmRoute *route = &entity->routes[i];

		if (route->list->rules_param == NULL)
			continue;
		searched = true;
		if (!(route->flags & CRM_ROUTE_SEARCH_INDEX) || !(route->flags & CRM_ROUTE_UNCERTAIN) ||
			!(route->flags & CRM_ROUTE_NEEDS_FILTER))
			fault(entity, NULL, "a field that the index does not know must not lose a row");
	}
	if (!searched)
		fault(entity, NULL, "no list takes the rules");
}

int
main(void)
{
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		const CrmApi *api = crm_apis[i];

		for (int j = 0; j < api->nentities; j++)
		{
			const CrmEntity *entity = api->entities[j];

			if (entity->custom == NULL)
				continue;
			check_definitions(entity);
			check_types(entity);
			check_values(api, entity);
			check_filters(entity);
			if (entity->unnest != NULL || entity->nparents > 0)
				fault(entity, NULL, "only records of a list have custom fields");
			for (int k = 0; k < entity->nroutes; k++)
			{
				if (entity->routes[k].list->columns != entity->columns)
					fault(entity, NULL, "a route has columns of its own");
			}
		}
		finish_check(api->name, "custom fields");
	}
	return finish_checks();
}
