/*
 * kinds.c
 *		Which columns hold what the catalogue says they do.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "utils/lsyscache.h"

#include "fdw/columns.h"
#include "fdw/kinds.h"

CrmKind
crm_kind_of_type(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return CRM_KIND_INTEGER;
		case NUMERICOID:
			return CRM_KIND_NUMERIC;
		case TEXTOID:
		case VARCHAROID:
		case UUIDOID:
			return CRM_KIND_TEXT;
		case BOOLOID:
			return CRM_KIND_BOOLEAN;
		case TIMESTAMPTZOID:
			return CRM_KIND_TIME;
		case TEXTARRAYOID:
		case INT8ARRAYOID:
			return CRM_KIND_ARRAY;
		default:
			return CRM_KIND_OTHER;
	}
}

static CrmKind
kind_of_column(const CrmColumn *column)
{
	switch (column->type)
	{
		case CRM_BIGINT:
		case CRM_INTEGER:
		case CRM_SMALLINT:
			return CRM_KIND_INTEGER;
		case CRM_NUMERIC:
			return CRM_KIND_NUMERIC;
		case CRM_TEXT:
		case CRM_UUID:
			return CRM_KIND_TEXT;
		case CRM_BOOLEAN:
			return CRM_KIND_BOOLEAN;
		case CRM_TIMESTAMPTZ:
			return CRM_KIND_TIME;
		case CRM_TEXT_ARRAY:
		case CRM_BIGINT_ARRAY:
			return CRM_KIND_ARRAY;
		case CRM_DATE:
		case CRM_JSONB:
		case CRM_INET:
			break;
	}
	return CRM_KIND_OTHER;
}

/*
 * A custom field as a column of the catalogue, which has a name that no other
 * column has, unless options or a type modifier change its values.
 */
static void
set_custom(CrmQualColumn *column, const CrmEntity *entity, const CrmColumnOptions *options, int32 typmod)
{
	CrmColumn  *made;

	if (entity->custom == NULL || options->constant != NULL || options->pointer != NULL ||
		options->format >= 0 || typmod >= 0)
		return;
	made = palloc0(sizeof(CrmColumn));
	switch (column->type)
	{
		case NUMERICOID:
			made->type = CRM_NUMERIC;
			break;
		case TIMESTAMPTZOID:
			made->type = CRM_TIMESTAMPTZ;
			break;
		case TEXTOID:
		case VARCHAROID:
			made->type = CRM_TEXT;
			break;
		default:
			return;
	}
	made->name = psprintf("custom field %s", options->custom_field);
	column->field = pstrdup(options->custom_field);
	column->column = made;
}

CrmQualColumn *
crm_qual_columns(Oid relid, int natts, const CrmEntity *entity)
{
	CrmQualColumn *columns = palloc0(sizeof(CrmQualColumn) * Max(natts, 1));

	for (int i = 0; i < natts; i++)
	{
		CrmQualColumn *column = &columns[i];
		char	   *name = get_attname(relid, i + 1, true);
		CrmColumnOptions options;
		CrmKind		expected;
		int32		typmod;
		Oid			collation;

		get_atttypetypmodcoll(relid, i + 1, &column->type, &typmod, &collation);
		if (name == NULL || !OidIsValid(column->type))
			continue;			/* dropped */
		column->kind = crm_kind_of_type(column->type);
		crm_column_options_fill(&options, GetForeignColumnOptions(relid, i + 1));
		column->constant = options.constant;
		/* The values of custom fields are found whatever way a record is read. */
		if (options.constant != NULL || options.custom_field != NULL)
			column->source = "";
		else if (options.pointer == NULL)
			column->source = options.column_name ? pstrdup(options.column_name) : name;
		if (options.custom_field != NULL)
		{
			column->is_custom = true;
			set_custom(column, entity, &options, typmod);
			continue;
		}
		column->column = crm_column_catalogued(entity, name, &options);
		if (column->column == NULL)
			continue;

		/*
		 * A column of another type than the catalogue's converts what it reads;
		 * a type modifier may round it, or cut blanks off.
		 */
		expected = kind_of_column(column->column);
		if ((column->kind != expected &&
			 !(column->kind == CRM_KIND_TEXT && expected == CRM_KIND_INTEGER)) || typmod >= 0)
			column->column = NULL;
	}
	return columns;
}
