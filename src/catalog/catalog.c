/*
 * catalog.c
 *		The registry of CRMs, and the words for its enums.
 *
 * Look-ups are linear: the longest table has about a hundred rows and is
 * searched while planning, never per row.
 */
#include "catalog/catalog.h"

#include <string.h>

const CrmApi *const crm_apis[] = {
	&crm_api_activecampaign,
	&crm_api_aircall,
	&crm_api_agilecrm,
	NULL
};

/* The CRM of that name, or NULL. */
const CrmApi *
crm_api_find(const char *name)
{
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		if (strcmp(crm_apis[i]->name, name) == 0)
			return crm_apis[i];
	}
	return NULL;
}

/* The CRM's entity of that name, or NULL. */
const CrmEntity *
crm_entity_find(const CrmApi *api, const char *name)
{
	for (int i = 0; i < api->nentities; i++)
	{
		if (strcmp(api->entities[i]->name, name) == 0)
			return api->entities[i];
	}
	return NULL;
}

/* The entity's column of that name, or NULL; "raw" is not one of them. */
const CrmColumn *
crm_column_find(const CrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->ncolumns; i++)
	{
		if (strcmp(entity->columns[i].name, name) == 0)
			return &entity->columns[i];
	}
	return NULL;
}

/*
 * The type as DDL spells it.  The switch has no default, so that the compiler
 * names the place when a type is added.
 */
const char *
crm_type_name(CrmType type)
{
	switch (type)
	{
		case CRM_BIGINT:
			return "bigint";
		case CRM_INTEGER:
			return "integer";
		case CRM_SMALLINT:
			return "smallint";
		case CRM_NUMERIC:
			return "numeric";
		case CRM_BOOLEAN:
			return "boolean";
		case CRM_TEXT:
			return "text";
		case CRM_TIMESTAMPTZ:
			return "timestamptz";
		case CRM_DATE:
			return "date";
		case CRM_JSONB:
			return "jsonb";
		case CRM_UUID:
			return "uuid";
		case CRM_INET:
			return "inet";
		case CRM_TEXT_ARRAY:
			return "text[]";
		case CRM_BIGINT_ARRAY:
			return "bigint[]";
	}
	return NULL;
}

/* The word for a proof of completeness, as entities() shows it. */
const char *
crm_completeness_name(CrmCompleteness completeness)
{
	switch (completeness)
	{
		case CRM_COMPLETE_KEYSET:
			return "keyset";
		case CRM_COMPLETE_COUNTED:
			return "counted";
		case CRM_COMPLETE_BEST_EFFORT:
			return "best effort";
	}
	return NULL;
}

/*
 * The column whose bounds the pager takes: the id of a keyset, the time of a
 * window; the time of a walk, whose upper bound it ignores.  Which records the
 * bounds of a slice select is not known.
 */
const char *
crm_span_column(const CrmEntity *entity)
{
	switch (entity->pager)
	{
		case CRM_PAGER_KEYSET:
		case CRM_PAGER_WALK:
			return entity->sort_column;
		case CRM_PAGER_NUMBER:
		case CRM_PAGER_PAGE:
			return entity->window ? entity->window->column : NULL;
		case CRM_PAGER_SINGLE:
		case CRM_PAGER_OFFSET:
		case CRM_PAGER_CURSOR:
		case CRM_PAGER_SLICES:
			break;
	}
	return NULL;
}

/* The interval at which a copy is best refreshed, as SQL reads it. */
const char *
crm_refresh_every(const CrmEntity *entity)
{
	return entity->refresh_every ? entity->refresh_every : "1 day";
}
