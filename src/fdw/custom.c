/*
 * custom.c
 *		The custom fields of a scan: which ones the columns mean, and their values.
 *
 * Columns name a field by its id, and what the API calls it, and how it writes
 * its values, is a matter of its definition.  Definitions are asked for before
 * the first row is made, once.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/report.h"
#include "fdw/custom.h"
#include "fdw/format.h"

struct CrmCustom
{
	CrmAccount *account;
	const CrmEntity *entity;
	Oid			relid;
	CrmAttrs   *attrs;
	MemoryContext context;
	CrmFieldValues *values;		/* NULL until the first row */
};

CrmCustom *
crm_custom_create(CrmAccount *account, const CrmEntity *entity, Oid relid, CrmAttrs *attrs)
{
	CrmCustom  *custom;

	if (!crm_attrs_use_custom(attrs))
		return NULL;
	custom = palloc0(sizeof(CrmCustom));
	custom->account = account;
	custom->entity = entity;
	custom->relid = relid;
	custom->attrs = attrs;
	custom->context = CurrentMemoryContext;
	return custom;
}

/* ------------------------------------------------------------------------
 * Which field
 * ------------------------------------------------------------------------ */

static const CrmField *
find_field(const CrmFieldList *list, const char *name)
{
	for (int i = 0; i < list->n; i++)
	{
		if (strcmp(list->fields[i].id, name) == 0)
			return &list->fields[i];
	}
	for (int i = 0; i < list->n; i++)
	{
		if (strcmp(list->fields[i].label, name) == 0)
			return &list->fields[i];
	}
	return NULL;
}

const CrmField *
crm_custom_find(const CrmFieldList *list, const char *option, bool *is_currency)
{
	const char *name = pg_server_to_any(option, strlen(option), PG_UTF8);
	size_t		length = strlen(name);
	size_t		suffix = strlen(CRM_CURRENCY_SUFFIX);
	const CrmField *field = find_field(list, name);

	*is_currency = false;
	if (field == NULL && length > suffix && strcmp(name + length - suffix, CRM_CURRENCY_SUFFIX) == 0)
	{
		field = find_field(list, pnstrdup(name, length - suffix));
		*is_currency = field != NULL;
	}
	return field;
}

/* HV005: the account has no such field (any more). */
static void
report_unknown_field(const CrmCustom *custom, const CrmAttr *attr)
{
	char	   *table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(custom->relid)),
												   get_rel_name(custom->relid));

	ereport(ERROR,
			(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			 errmsg("%s has no custom field %s for column \"%s\" of foreign table \"%s\"",
					custom->account->api->title, crm_quote(attr->custom_field, strlen(attr->custom_field), NULL, 0),
					attr->name, get_rel_name(custom->relid)),
			 errdetail("It was deleted, or this credential may not see it."),
			 errhint("SELECT * FROM crm_fdw.schema_drift('%s') tells what has changed and how to follow it.", table)));
}

/* The first attribute whose field is not in the list, or NULL; fields[] gets those found. */
static CrmAttr *
find_fields(const CrmCustom *custom, const CrmFieldList *list, const CrmField **fields, int *n)
{
	*n = 0;
	for (int i = 0; i < custom->attrs->n; i++)
	{
		CrmAttr    *attr = &custom->attrs->attrs[i];

		if (attr->kind != CRM_ATTR_CUSTOM)
			continue;
		fields[*n] = crm_custom_find(list, attr->custom_field, &attr->is_currency);
		if (fields[*n] == NULL)
			return attr;
		attr->field = (*n)++;
	}
	return NULL;
}

/* How the attribute's value is written, unless an option says it. */
static void
set_format(CrmAttr *attr, const CrmField *field)
{
	CrmColumn  *column = palloc(sizeof(CrmColumn));

	if (attr->has_format)
		return;
	memcpy(column, attr->column, sizeof(CrmColumn));
	column->format = attr->is_currency ? CRM_FORMAT_UPPER : field->type->format;
	attr->column = column;
}

static void
open_values(CrmCustom *custom)
{
	const CrmField **fields = palloc(sizeof(CrmField *) * custom->attrs->n);
	bool		fresh;
	CrmFieldList *list = crm_fields_recall(custom->account, custom->entity->custom, &fresh);
	CrmAttr    *missing;
	int			n;

	missing = find_fields(custom, list, fields, &n);
	if (missing != NULL && !fresh)
	{
		list = crm_fields_read(custom->account, custom->entity->custom);
		missing = find_fields(custom, list, fields, &n);
	}
	if (missing != NULL)
		report_unknown_field(custom, missing);
	for (int i = 0; i < custom->attrs->n; i++)
	{
		if (custom->attrs->attrs[i].kind == CRM_ATTR_CUSTOM)
			set_format(&custom->attrs->attrs[i], fields[custom->attrs->attrs[i].field]);
	}
	custom->values = crm_field_values_create(custom->account, custom->entity, fields, n);
}

List *
crm_custom_describe(const CrmApi *api, const CrmCustomFields *custom)
{
	CrmReadSpec spec;
	List	   *lines;

	crm_fields_spec(custom->definitions, custom->scope, &spec);
	lines = crm_lists_describe(api, &spec);
	if (custom->within == NULL && custom->include == NULL)
	{
		crm_fields_spec(custom->values, NULL, &spec);
		lines = list_concat(lines, crm_lists_describe(api, &spec));
	}
	return lines;
}

/* ------------------------------------------------------------------------
 * Values
 * ------------------------------------------------------------------------ */

void
crm_custom_prepare(CrmCustom *custom, const CrmRow *row)
{
	if (custom->values == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(custom->context);

		open_values(custom);
		MemoryContextSwitchTo(old);
	}
	crm_field_values_prepare(custom->values, row);
}

static CrmCell
find_cell(CrmCustom *custom, const CrmAttr *attr, const CrmRow *row)
{
	CrmCell		cell = {0};

	cell.node = crm_field_value(custom->values, row, attr->field, attr->is_currency, &cell.json);
	return cell;
}

/* Users cannot tell an empty field from one that was never filled. */
static bool
is_empty(const CrmCell *cell)
{
	switch (crm_json_type(cell->node))
	{
		case CRM_NODE_NULL:
			return true;
		case CRM_NODE_STRING:
			return *crm_json_string(cell->node) == '\0' && !crm_json_has_nul(cell->json, cell->node);
		case CRM_NODE_ARRAY:
			return crm_json_count(cell->node) == 0;
		default:
			return false;
	}
}

bool
crm_custom_value(CrmCustom *custom, CrmAttr *attr, const CrmRow *row, Datum *value)
{
	CrmCell		cell = find_cell(custom, attr, row);

	return !is_empty(&cell) && crm_format_cell(attr, row, &cell, value);
}

const char *
crm_custom_source_text(CrmCustom *custom, const CrmAttr *attr, const CrmRow *row)
{
	CrmCell		cell = find_cell(custom, attr, row);
	const char *source;
	size_t		len;

	if (cell.node == NULL)
		return NULL;
	source = crm_json_source(cell.json, cell.node, &len);
	return pnstrdup(source, len);
}
