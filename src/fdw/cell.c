/*
 * cell.c
 *		Finds the value of a column in a row.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "client/scalar.h"
#include "fdw/cell.h"

CrmCell
crm_cell_of_node(const CrmRow *row, const CrmNode *node)
{
	CrmCell		cell = {.json = row->json, .node = node};

	return cell;
}

static CrmCell
cell_of_text(const char *text)
{
	CrmCell		cell = {.text = text};

	return cell;
}

bool
crm_cell_is_null(const CrmCell *cell)
{
	return cell->text == NULL &&
		(cell->node == NULL || crm_json_type(cell->node) == CRM_NODE_NULL);
}

const char *
crm_cell_text(const CrmCell *cell)
{
	const char *text;

	if (cell->text != NULL)
		return cell->text;
	if (cell->node == NULL)
		return NULL;
	if (crm_json_type(cell->node) != CRM_NODE_STRING)
		return crm_scalar_text(cell->json, cell->node);
	if (crm_json_has_nul(cell->json, cell->node))
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("unsupported Unicode escape sequence"),
				 errdetail("\\u0000 cannot be converted to text.")));
	text = crm_json_string(cell->node);
	return crm_encode(text, strlen(text));
}

char *
crm_encode(const char *utf8, size_t len)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return pnstrdup(utf8, len);
	return pg_any_to_server(pnstrdup(utf8, len), len, PG_UTF8);
}

static const CrmNode *
base_node(const CrmColumn *column, const CrmRow *row)
{
	return column->source == CRM_FROM_OUTER ? row->outer : row->record;
}

/* Values, null ones aside, of the entries of /properties with a name. */
static List *
properties(const CrmRow *row, const char *wanted)
{
	const CrmNode *list = crm_json_member(row->record, "properties");
	List	   *values = NIL;

	for (const CrmNode *entry = crm_json_first(list); entry; entry = crm_json_next(entry))
	{
		const char *name = crm_scalar_text(row->json, crm_json_member(entry, "name"));
		const CrmNode *value = crm_json_member(entry, "value");
		const char *text = crm_scalar_text(row->json, value);

		if (name != NULL && text != NULL && strcmp(name, wanted) == 0)
			values = lappend(values, (void *) value);
	}
	return values;
}

/* Member "operand" of the JSON text in the first matching property. */
static CrmCell
property_part(const CrmColumn *column, const CrmRow *row)
{
	List	   *values = properties(row, column->pointer);
	const char *text = values ? crm_scalar_text(row->json, linitial(values)) : NULL;
	CrmJsonError error;
	CrmCell		cell = {0};

	if (text == NULL)
		return cell;
	cell.json = crm_json_parse(pstrdup(text), strlen(text), NULL, &error);
	if (cell.json == NULL)
		return cell;			/* free text where an address was meant */
	cell.node = crm_json_member(crm_json_root(cell.json), column->operand);
	return cell;
}

CrmCell
crm_cell_find(const CrmColumn *column, const CrmRow *row)
{
	const char *pointer = column->pointer ? column->pointer : psprintf("/%s", column->name);
	const CrmNode *node;

	switch (column->source)
	{
		case CRM_FROM_RECORD:
		case CRM_FROM_OUTER:
			if (column->source == CRM_FROM_RECORD && row->record == NULL)
				return cell_of_text(*pointer == '\0' ? crm_encode(row->word, strlen(row->word)) : NULL);
			node = crm_json_pointer(base_node(column, row), pointer);
			if ((node == NULL || crm_json_type(node) == CRM_NODE_NULL) && column->alternative != NULL &&
				column->format != CRM_FORMAT_SECONDS_UNTIL && column->format != CRM_FORMAT_MISSED_CALL)
				node = crm_json_pointer(base_node(column, row), column->alternative);
			return crm_cell_of_node(row, node);
		case CRM_FROM_PARENT_KEY:
			if (row->parent != NULL && row->parent->column != NULL &&
				strcmp(row->parent->column, column->name) == 0)
				return cell_of_text(row->parent_key);
			return cell_of_text(NULL);
		case CRM_FROM_ORDINAL:
			return cell_of_text(psprintf("%d", row->ordinal));
		case CRM_FROM_PROPERTY_FIRST:
			{
				List	   *values = properties(row, column->pointer);

				return crm_cell_of_node(row, values ? linitial(values) : NULL);
			}
		case CRM_FROM_PROPERTY_PART:
			return property_part(column, row);
		case CRM_FROM_PROPERTY_ALL:
			break;				/* not one cell, see crm_format_value */
	}
	return cell_of_text(NULL);
}

CrmCell
crm_cell_operand(const CrmColumn *column, const CrmRow *row)
{
	/* Words and nested elements are compared with their enclosing record. */
	const CrmNode *base = row->outer != NULL ? row->outer : row->record;
	const CrmNode *node = crm_json_pointer(base, column->operand);

	if (column->format == CRM_FORMAT_SECONDS_UNTIL && column->alternative != NULL &&
		(node == NULL || crm_json_type(node) == CRM_NODE_NULL))
		node = crm_json_pointer(base, column->alternative);
	return crm_cell_of_node(row, node);
}

CrmCell
crm_cell_alternative(const CrmColumn *column, const CrmRow *row)
{
	return crm_cell_of_node(row, crm_json_pointer(base_node(column, row), column->alternative));
}

List *
crm_cell_properties(const CrmColumn *column, const CrmRow *row)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, properties(row, column->pointer))
	{
		CrmCell		entry = crm_cell_of_node(row, lfirst(lc));
		const char *text = crm_cell_text(&entry);

		if (text != NULL && *text != '\0')
			texts = lappend(texts, (void *) text);
	}
	return texts;
}

const char *
crm_cell_json(const CrmCell *cell)
{
	const char *source;
	size_t		len;

	if (cell->node == NULL)
	{
		StringInfoData buf;

		initStringInfo(&buf);
		escape_json(&buf, cell->text);
		return buf.data;
	}
	source = crm_json_source(cell->json, cell->node, &len);
	return crm_encode(source, len);
}
