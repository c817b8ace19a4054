/*
 * fieldcolumns.c
 *		Names columns after custom fields.
 *
 * A label that makes a name of its own is that name.  Where two would be the
 * same, or one that is taken, all of these fields carry their id behind it: the
 * next import must not give the names the other way round.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"

#include "base/identifier.h"
#include "base/texts.h"
#include "fdw/custom.h"
#include "fdw/fieldcolumns.h"

#define CURRENCY_ENDING	"_currency"

/* What a table cannot call a column, beside its other columns. */
static const char *const reserved[] = {"raw", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};

/* A name in the database's encoding, or NULL if it cannot be said in it. */
static const char *
to_server(char *name)
{
	int			encoding = GetDatabaseEncoding();
	int			length = (int) strlen(name);
	int			room = length * MAX_CONVERSION_GROWTH + 1;
	char	   *converted;
	Oid			function;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return name;
	function = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(function))
		return NULL;
	converted = palloc0(room);
	return pg_do_encoding_conversion_buf(function, PG_UTF8, encoding, (unsigned char *) name, length,
										 (unsigned char *) converted, room, true) == length ? converted : NULL;
}

/* The name of a field's column with its id so many times behind it. */
static const char *
field_name(const CrmField *field, int ids, bool is_currency)
{
	int			most = NAMEDATALEN - 1 - (field->type->has_currency ? strlen(CURRENCY_ENDING) : 0) -
		ids * (1 + (int) strlen(field->id));
	char	   *label = crm_identifier(field->label, Max(most, 1));
	const char *base = *label == '\0' ? NULL : to_server(label);
	StringInfoData name;

	initStringInfo(&name);
	appendStringInfoString(&name, base ? base : "custom_field");
	for (int i = base ? 0 : -1; i < ids; i++)
		appendStringInfo(&name, "_%s", field->id);
	if (is_currency)
		appendStringInfoString(&name, CURRENCY_ENDING);
	return name.data;
}

bool
crm_field_name_fits(const CrmFieldColumn *column, const char *name)
{
	for (int ids = 0; ids <= 2; ids++)
	{
		if (strcmp(field_name(column->field, ids, column->is_currency), name) == 0)
			return true;
	}
	return false;
}

/* Is it a name that no field may have? */
static bool
is_taken(const CrmEntity *entity, const List *taken, const char *name)
{
	for (int i = 0; i < lengthof(reserved); i++)
	{
		if (strcmp(reserved[i], name) == 0)
			return true;
	}
	return crm_texts_have(taken, name) || crm_column_find(entity, name) != NULL;
}

/* Would another field be called this, or its currency, by its label alone? */
static bool
is_label_of_other(const CrmFieldList *list, const char **names, int self, const char *name)
{
	for (int i = 0; i < list->n; i++)
	{
		if (i == self)
			continue;
		if (strcmp(names[i], name) == 0 ||
			(list->fields[i].type->has_currency && strcmp(field_name(&list->fields[i], 0, true), name) == 0))
			return true;
	}
	return false;
}

static CrmFieldColumn *
new_column(const CrmField *field, int ids, bool is_currency)
{
	CrmFieldColumn *column = palloc0(sizeof(CrmFieldColumn));

	column->name = field_name(field, ids, is_currency);
	column->type = is_currency ? "text" : crm_type_name(field->type->type);
	column->option = is_currency ? psprintf("%s%s", field->id, CRM_CURRENCY_SUFFIX) : pstrdup(field->id);
	column->field = field;
	column->is_currency = is_currency;
	return column;
}

List *
crm_field_columns(const CrmEntity *entity, const CrmFieldList *list, const List *taken)
{
	const char **names = palloc(sizeof(char *) * Max(list->n, 1));
	List	   *columns = NIL;

	for (int i = 0; i < list->n; i++)
		names[i] = field_name(&list->fields[i], 0, false);
	for (int i = 0; i < list->n; i++)
	{
		const CrmField *field = &list->fields[i];
		bool		clash = true;
		int			ids;

		/* Ids differ, so that names which end with one differ among themselves. */
		for (ids = 0; clash; ids++)
		{
			clash = false;
			for (int currency = 0; currency <= (field->type->has_currency ? 1 : 0); currency++)
			{
				const char *name = field_name(field, ids, currency != 0);

				clash |= is_taken(entity, taken, name) || is_label_of_other(list, names, i, name);
			}
			if (!clash)
				break;
		}
		columns = lappend(columns, new_column(field, ids, false));
		if (field->type->has_currency)
			columns = lappend(columns, new_column(field, ids, true));
	}
	return columns;
}
