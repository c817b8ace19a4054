/*
 * value.c
 *		Tuples out of rows, and what happens when a value does not fit.
 *
 * Input functions raise errors.  They are caught once per row, not once per
 * value, and raised again with what a user needs to find the culprit, or
 * counted where the user asked for NULL instead.  Catching without a
 * subtransaction is sound for PostgreSQL's own input functions, which hold no
 * resources; errors of any other class, and of types that are not built in, go
 * through untouched.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/report.h"
#include "client/scalar.h"
#include "fdw/cell.h"
#include "fdw/custom.h"
#include "fdw/format.h"
#include "fdw/value.h"

struct CrmConverter
{
	const CrmAccount *account;
	const CrmEntity *entity;
	const char *table;
	CrmAttrs   *attrs;
	CrmCustom  *custom;			/* NULL = no custom field is wanted */
	bool		null_on_error;
	MemoryContext context;		/* values of the current row */
	Datum		raw_omit;		/* text[] of members left out of raw, or 0 */
	int64		nulled;
};

/* The members that raw leaves out, as an array for the jsonb operator. */
static Datum
omitted_members(const CrmEntity *entity)
{
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	if (entity->raw_omit == NULL)
		return (Datum) 0;
	for (const char *const *name = entity->raw_omit; *name; name++)
		state = accumArrayResult(state, CStringGetTextDatum(*name), false, TEXTOID,
								 CurrentMemoryContext);
	return makeArrayResult(state, CurrentMemoryContext);
}

CrmConverter *
crm_converter_create(CrmAccount *account, const CrmEntity *entity,
					 Oid relid, CrmAttrs *attrs, bool null_on_error)
{
	CrmConverter *converter = palloc0(sizeof(CrmConverter));

	converter->account = account;
	converter->entity = entity;
	converter->table = get_rel_name(relid);
	converter->attrs = attrs;
	converter->custom = crm_custom_create(account, entity, relid, attrs);
	converter->null_on_error = null_on_error;
	converter->context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw row",
											   ALLOCSET_DEFAULT_SIZES);
	converter->raw_omit = omitted_members(entity);
	return converter;
}

/* The whole record, from its own text, without what only a flag put there. */
static bool
read_raw(const CrmConverter *converter, CrmAttr *attr, const CrmRow *row, Datum *value)
{
	CrmCell		cell = {.json = row->json, .node = row->record};
	Datum		document;

	if (row->record == NULL)
		cell.text = crm_encode(row->word, strlen(row->word));
	document = DirectFunctionCall1(jsonb_in, CStringGetDatum(crm_cell_json(&cell)));
	if (converter->raw_omit != (Datum) 0 && JB_ROOT_IS_OBJECT(DatumGetJsonbP(document)))
		document = DirectFunctionCall2(jsonb_delete_array, document, converter->raw_omit);
	if (attr->typid != JSONBOID)
		document = InputFunctionCall(&attr->input,
									 DatumGetCString(DirectFunctionCall1(jsonb_out, document)),
									 attr->typioparam, attr->typmod);
	*value = document;
	return true;
}

static bool
read_attr(const CrmConverter *converter, CrmAttr *attr, const CrmRow *row, Datum *value)
{
	switch (attr->kind)
	{
		case CRM_ATTR_RAW:
			return read_raw(converter, attr, row, value);
		case CRM_ATTR_CONSTANT:
			*value = attr->constant;
			return true;
		case CRM_ATTR_COLUMN:
			return crm_format_value(attr, row, value);
		case CRM_ATTR_CUSTOM:
			return crm_custom_value(converter->custom, attr, row, value);
	}
	return false;				/* not reached; keeps the compiler quiet */
}

/* True if the caught error is about a value, from code that is safe to leave. */
static bool
is_conversion_error(const ErrorData *error, const CrmAttr *attr)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION &&
		attr->typid < FirstNormalObjectId;
}

/* Identity of a row for messages. */
static const char *
row_identity(const CrmConverter *converter, const CrmRow *row)
{
	const CrmNode *record = row->outer ? row->outer : row->record;
	const char *id = NULL;

	if (converter->entity->id != NULL)
		id = crm_scalar_text(row->json, crm_json_pointer(record, converter->entity->id));
	return id ? psprintf("record %s", crm_quote(id, strlen(id), NULL, 0)) : "a record without id";
}

/* Raises the caught error again, with the CRM, the place and the way out. */
static void
rethrow(const CrmConverter *converter, CrmAttr *attr, const CrmRow *row, ErrorData *error)
{
	const char *text = attr->kind == CRM_ATTR_COLUMN ? crm_format_source_text(attr, row) :
		attr->kind == CRM_ATTR_CUSTOM ? crm_custom_source_text(converter->custom, attr, row) : NULL;

	error->detail = psprintf("%s%s%s", error->message, error->detail ? ". " : "",
							 error->detail ? error->detail : "");
	error->message = psprintf("%s sent a value of \"%s\" that does not fit column \"%s\" (%s)",
							  converter->account->api->title, converter->entity->name,
							  attr->name, format_type_be(attr->typid));
	error->hint = pstrdup("The option on_conversion_error 'null' reads such values as NULL; "
						  "the column \"raw\" keeps the original, where it can be read itself.");
	error->context = psprintf("server \"%s\", foreign table \"%s\", column \"%s\", %s, value %s",
							  converter->account->server_name, converter->table, attr->name,
							  row_identity(converter, row),
							  text ? crm_quote(text, strlen(text), NULL, 0) : "not a single member");
	ReThrowError(error);
}

void
crm_converter_row(CrmConverter *converter, const CrmRow *row,
				  int natts, Datum *values, bool *isnull)
{
	CrmAttrs   *attrs = converter->attrs;
	MemoryContext old;
	volatile int i = 0;

	MemoryContextReset(converter->context);
	if (converter->custom != NULL)
		crm_custom_prepare(converter->custom, row);
	old = MemoryContextSwitchTo(converter->context);
	memset(values, 0, sizeof(Datum) * natts);
	memset(isnull, true, sizeof(bool) * natts);

	while (i < attrs->n)
	{
		PG_TRY();
		{
			for (; i < attrs->n; i++)
			{
				CrmAttr    *attr = &attrs->attrs[i];

				isnull[attr->index] = !read_attr(converter, attr, row, &values[attr->index]);
			}
		}
		PG_CATCH();
		{
			CrmAttr    *attr = &attrs->attrs[i];
			ErrorData  *error;

			MemoryContextSwitchTo(converter->context);
			error = CopyErrorData();
			if (!is_conversion_error(error, attr))
				PG_RE_THROW();
			FlushErrorState();
			if (!converter->null_on_error)
				rethrow(converter, attr, row, error);
			isnull[attr->index] = true;
			converter->nulled++;
			i++;
		}
		PG_END_TRY();
	}
	MemoryContextSwitchTo(old);
}

void
crm_converter_finish(CrmConverter *converter)
{
	if (converter->nulled == 0)
		return;
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg(INT64_FORMAT " values of foreign table \"%s\" did not fit their columns and were read as NULL",
					converter->nulled, converter->table),
			 errhint("The column \"raw\" keeps the originals, where it can be read itself.")));
	converter->nulled = 0;
}
