/*
 * columns.c
 *		Matches the columns of a foreign table with the catalogue.
 *
 * A column is known by its option column_name or else by its own name; the
 * options custom_field, pointer, format and constant override what the catalogue says.
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "utils/lsyscache.h"

#include "base/report.h"
#include "client/url.h"
#include "fdw/columns.h"
#include "fdw/options.h"

#define RAW_COLUMN	"raw"

/* HV005, with the nearest column of the entity. */
static void
report_unknown_column(const CrmEntity *entity, const char *name)
{
	const char **names = palloc(sizeof(char *) * Max(entity->ncolumns, 1));
	const char *near;

	for (int i = 0; i < entity->ncolumns; i++)
		names[i] = entity->columns[i].name;
	near = crm_nearest(name, names, entity->ncolumns);
	ereport(ERROR,
			(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			 errmsg("entity \"%s\" has no column \"%s\"", entity->name, name),
			 near ? errhint("Perhaps you meant the column \"%s\"; the column option column_name names it.", near) :
			 errhint("The column option \"pointer\" reads any member of the record.")));
}

/* A column that only the options describe. */
static CrmColumn *
made_column(const char *name, const CrmColumnOptions *options)
{
	CrmColumn  *column = palloc0(sizeof(CrmColumn));

	column->name = name;
	column->type = CRM_TEXT;
	column->pointer = options->pointer;
	column->format = options->format >= 0 ? (CrmFormat) options->format : CRM_FORMAT_PLAIN;
	return column;
}

/* A custom field; which one is known once the definitions are. */
static void
resolve_custom(CrmAttr *attr, const CrmEntity *entity, const CrmColumnOptions *options)
{
	CrmColumn  *column = made_column(attr->name, options);

	if (entity->custom == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
				 errmsg("column \"%s\" names a custom field, but \"%s\" has none", attr->name, entity->name),
				 errhint("Drop the column option \"custom_field\".")));
	column->request_flag = entity->custom->include;
	attr->kind = CRM_ATTR_CUSTOM;
	attr->column = column;
	attr->custom_field = options->custom_field;
	attr->has_format = options->format >= 0;
}

static void
resolve(CrmAttr *attr, const CrmEntity *entity, const CrmColumnOptions *options)
{
	const char *name = options->column_name ? options->column_name : attr->name;
	const CrmColumn *found = crm_column_find(entity, name);

	if (options->custom_field != NULL)
		resolve_custom(attr, entity, options);
	else if (options->constant != NULL)
	{
		attr->kind = CRM_ATTR_CONSTANT;
		attr->constant = InputFunctionCall(&attr->input, (char *) options->constant,
										   attr->typioparam, attr->typmod);
	}
	else if (options->pointer != NULL)
		attr->column = made_column(name, options);
	else if (found != NULL && options->format >= 0)
	{
		CrmColumn  *copy = palloc(sizeof(CrmColumn));

		memcpy(copy, found, sizeof(CrmColumn));
		copy->format = (CrmFormat) options->format;
		attr->column = copy;
	}
	else if (found != NULL)
		attr->column = found;
	else if (strcmp(name, RAW_COLUMN) == 0)
		attr->kind = CRM_ATTR_RAW;
	else if (entity->ncolumns == 0)
		attr->column = made_column(name, options);	/* unlisted endpoint */
	else
		report_unknown_column(entity, name);
}

CrmAttrs *
crm_attrs_create(Oid relid, TupleDesc tupdesc, const CrmEntity *entity, const Bitmapset *needed)
{
	CrmAttrs   *result = palloc0(sizeof(CrmAttrs));

	result->attrs = palloc0(sizeof(CrmAttr) * Max(tupdesc->natts, 1));
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute form = TupleDescAttr(tupdesc, i);
		CrmAttr    *attr = &result->attrs[result->n];
		CrmColumnOptions options;
		Oid			input;

		if (form->attisdropped)
			continue;
		memset(attr, 0, sizeof(CrmAttr));
		attr->index = i;
		attr->name = pstrdup(NameStr(form->attname));
		attr->typid = form->atttypid;
		attr->typmod = form->atttypmod;
		getTypeInputInfo(form->atttypid, &input, &attr->typioparam);
		fmgr_info(input, &attr->input);
		crm_column_options_fill(&options, GetForeignColumnOptions(relid, i + 1));
		resolve(attr, entity, &options);
		if (needed == NULL || bms_is_member(i + 1, needed))
			result->n++;
	}
	return result;
}

bool
crm_attrs_use_custom(const CrmAttrs *attrs)
{
	for (int i = 0; i < attrs->n; i++)
	{
		if (attrs->attrs[i].kind == CRM_ATTR_CUSTOM)
			return true;
	}
	return false;
}

const char *
crm_attrs_flags(const CrmAttrs *attrs)
{
	StringInfoData flags;

	initStringInfo(&flags);
	for (int i = 0; i < attrs->n; i++)
	{
		const CrmColumn *column = attrs->attrs[i].column;

		if (column != NULL && column->request_flag != NULL &&
			strstr(flags.data, column->request_flag) == NULL)
			crm_url_add_raw(&flags, column->request_flag);
	}
	return flags.data;
}

const CrmColumn *
crm_column_catalogued(const CrmEntity *entity, const char *name, const CrmColumnOptions *options)
{
	if (options->constant != NULL || options->pointer != NULL || options->custom_field != NULL ||
		options->format >= 0)
		return NULL;
	return crm_column_find(entity, options->column_name ? options->column_name : name);
}
