/*
 * format.c
 *		One switch over the formats of the catalogue: from a member of a record
 *		to a value of the column's type.
 *
 * Values go through the input function of the column's declared type, so a
 * user may declare another type than the catalogue's.  Numbers travel as text.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "client/scalar.h"
#include "fdw/cell.h"
#include "fdw/fieldtext.h"
#include "fdw/format.h"

const char *
crm_format_source_text(const CrmAttr *attr, const CrmRow *row)
{
	CrmCell		cell;
	const char *source;
	size_t		len;

	if (attr->kind != CRM_ATTR_COLUMN || attr->column->source == CRM_FROM_PROPERTY_ALL)
		return NULL;
	cell = crm_cell_find(attr->column, row);
	if (cell.text != NULL || cell.node == NULL)
		return cell.text;
	source = crm_json_source(cell.json, cell.node, &len);
	return pnstrdup(source, len);
}

static bool
from_text(CrmAttr *attr, const char *text, Datum *value)
{
	if (text == NULL)
		return false;
	*value = InputFunctionCall(&attr->input, (char *) text, attr->typioparam, attr->typmod);
	return true;
}

/* A value of another type, by way of its text unless the types agree. */
static bool
from_datum(CrmAttr *attr, Datum datum, Oid typid, Datum *value)
{
	Oid			output;
	bool		varlena;

	if (attr->typid == typid && attr->typmod < 0)
	{
		*value = datum;
		return true;
	}
	/* The session's DateStyle may name the zone by a word that reads as another. */
	if (typid == TIMESTAMPTZOID)
		return from_text(attr, timestamptz_to_str(DatumGetTimestampTz(datum)), value);
	getTypeOutputInfo(typid, &output, &varlena);
	return from_text(attr, OidOutputFunctionCall(output, datum), value);
}

static Numeric
read_numeric(const char *text)
{
	/* Words that numeric_in would take (NaN, Infinity) are no numbers here. */
	if (strspn(text, "+-0123456789.eE") != strlen(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "numeric", text)));
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/*
 * A whole number may be written "5.0" or "1.0E10"; anything with a fraction is
 * left for the input function to refuse.
 */
static const char *
whole_number(const char *text)
{
	Numeric		number;
	Numeric		whole;

	if (strpbrk(text, ".eE") == NULL || strspn(text, "+-0123456789.eE") != strlen(text))
		return text;
	number = read_numeric(text);
	whole = DatumGetNumeric(DirectFunctionCall2(numeric_trunc, NumericGetDatum(number), Int32GetDatum(0)));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(number), NumericGetDatum(whole))))
		return text;
	return numeric_normalize(whole);
}

static const char *
read_boolean(const char *text)
{
	static const char *const yes[] = {"1", "true", "on", "yes"};
	static const char *const no[] = {"0", "false", "off", "no"};

	for (int i = 0; i < lengthof(yes); i++)
	{
		if (pg_strcasecmp(text, yes[i]) == 0)
			return "true";
		if (pg_strcasecmp(text, no[i]) == 0)
			return "false";
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", "boolean", text)));
}

/* Builds text[] or bigint[] (or whatever array the column is) from texts. */
static bool
from_texts(CrmAttr *attr, List *texts, Datum *value)
{
	Oid			element = get_element_type(attr->typid);
	ArrayBuildState *state;
	Oid			input;
	Oid			ioparam;
	ListCell   *lc;

	if (!OidIsValid(element))
	{
		/* Not an array: show the list as JSON. */
		StringInfoData buf;

		initStringInfo(&buf);
		appendStringInfoChar(&buf, '[');
		foreach(lc, texts)
		{
			if (foreach_current_index(lc) > 0)
				appendStringInfoString(&buf, ", ");
			escape_json(&buf, (char *) lfirst(lc));
		}
		appendStringInfoChar(&buf, ']');
		return from_text(attr, buf.data, value);
	}
	getTypeInputInfo(element, &input, &ioparam);
	state = initArrayResult(element, CurrentMemoryContext, false);
	foreach(lc, texts)
	{
		char	   *text = lfirst(lc);

		if (element != TEXTOID)
			text = (char *) whole_number(text);
		state = accumArrayResult(state, OidInputFunctionCall(input, text, ioparam, attr->typmod),
								 false, element, CurrentMemoryContext);
	}
	*value = makeArrayResult(state, CurrentMemoryContext);
	return true;
}

/*
 * Elements of a JSON array as texts; with "member", that member of those that
 * are objects.  Nulls are left out.
 */
static List *
array_texts(const CrmCell *cell, const char *member)
{
	List	   *texts = NIL;

	for (const CrmNode *node = crm_json_first(cell->node); node; node = crm_json_next(node))
	{
		CrmCell		element = {.json = cell->json};
		const char *text;

		element.node = member && crm_json_type(node) == CRM_NODE_OBJECT ? crm_json_pointer(node, member) : node;
		text = crm_cell_is_null(&element) ? NULL : crm_cell_text(&element);
		if (text == NULL && !crm_cell_is_null(&element))
			text = crm_cell_json(&element);
		if (text != NULL)
			texts = lappend(texts, (void *) text);
	}
	return texts;
}

static bool
read_array(CrmAttr *attr, const CrmCell *cell, const char *member, Datum *value)
{
	const char *text;

	if (cell->node != NULL && crm_json_type(cell->node) == CRM_NODE_ARRAY)
		return from_texts(attr, array_texts(cell, member), value);
	text = crm_cell_text(cell);
	if (text != NULL && *text == '\0')
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("expected a list, got: %s", text ? text : "an object")));
}

/* CRM_FORMAT_PLAIN: the natural reading of the column's type. */
static bool
read_plain(CrmAttr *attr, const CrmCell *cell, Datum *value)
{
	const char *text;
	TimestampTz time;

	if (OidIsValid(get_element_type(attr->typid)))
		return read_array(attr, cell, NULL, value);
	if (attr->typid == JSONBOID || attr->typid == JSONOID)
		return from_text(attr, crm_cell_json(cell), value);
	text = crm_cell_text(cell);
	if (text == NULL)
		text = crm_cell_json(cell);
	if (attr->typid == TEXTOID || attr->typid == VARCHAROID || attr->typid == BPCHAROID)
		return from_text(attr, text, value);
	if (*text == '\0')
		return false;
	switch (attr->typid)
	{
		case INT8OID:
		case INT4OID:
		case INT2OID:
			return from_text(attr, whole_number(text), value);
		case NUMERICOID:
			return from_datum(attr, NumericGetDatum(read_numeric(text)), NUMERICOID, value);
		case BOOLOID:
			return from_text(attr, read_boolean(text), value);
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
			return crm_format_time(CRM_FORMAT_ISO8601, text, &time) &&
				from_datum(attr, TimestampTzGetDatum(time), TIMESTAMPTZOID, value);
		case DATEOID:
			return strncmp(text, "0000-00-00", 10) != 0 && from_text(attr, text, value);
		default:
			return from_text(attr, text, value);
	}
}

static bool
read_cents(CrmAttr *attr, const char *text, Datum *value)
{
	if (text == NULL || *text == '\0')
		return false;
	return from_datum(attr,
					  DirectFunctionCall2(numeric_mul, NumericGetDatum(read_numeric(text)),
										  NumericGetDatum(read_numeric("0.01"))),
					  NUMERICOID, value);
}

static bool
read_ipv4(CrmAttr *attr, const char *text, Datum *value)
{
	unsigned long address;

	if (text == NULL || *text == '\0' || strcmp(text, "0") == 0)
		return false;
	if (text[strspn(text, "0123456789")] != '\0' || strlen(text) > 10)
		return from_text(attr, text, value);
	address = strtoul(text, NULL, 10);
	if (address > PG_UINT32_MAX)
		return from_text(attr, text, value);
	return from_text(attr, psprintf("%lu.%lu.%lu.%lu", address >> 24, (address >> 16) & 255,
									(address >> 8) & 255, address & 255), value);
}

static char *
upper_case(const char *text)
{
	char	   *upper = pstrdup(text);

	for (char *p = upper; *p; p++)
		*p = pg_ascii_toupper((unsigned char) *p);
	return upper;
}

static List *
split_comma(const char *text)
{
	List	   *words = NIL;
	char	   *rest = pstrdup(text);
	char	   *word;

	while ((word = strsep(&rest, ",")) != NULL)
	{
		word += strspn(word, " ");
		for (char *end = word + strlen(word); end > word && end[-1] == ' '; end--)
			end[-1] = '\0';
		if (*word != '\0')
			words = lappend(words, word);
	}
	return words;
}

static const char *
find_label(const CrmColumn *column, const char *code, const CrmCell *operand)
{
	bool		set = operand->node != NULL && !crm_scalar_is_none(operand->json, operand->node);
	char	   *with_operand = psprintf("%s+", code);

	for (const CrmLabel *label = column->labels; set && label->code; label++)
	{
		if (strcmp(label->code, with_operand) == 0)
			return label->label;
	}
	for (const CrmLabel *label = column->labels; label->code; label++)
	{
		if (strcmp(label->code, code) == 0)
			return label->label;
	}
	return NULL;
}

static bool
read_ratio(CrmAttr *attr, const char *part, const char *whole, Datum *value)
{
	Numeric		divisor;

	if (part == NULL || whole == NULL || *part == '\0' || *whole == '\0')
		return false;
	divisor = read_numeric(whole);
	if (DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(divisor),
										 NumericGetDatum(int64_to_numeric(0)))))
		return false;
	return from_datum(attr, DirectFunctionCall2(numeric_div, NumericGetDatum(read_numeric(part)),
												NumericGetDatum(divisor)), NUMERICOID, value);
}

static bool
read_seconds_until(CrmAttr *attr, const char *start, const char *end, Datum *value)
{
	if (start == NULL || end == NULL || *start == '\0' || *end == '\0')
		return false;
	return from_text(attr, numeric_normalize(DatumGetNumeric(DirectFunctionCall2(numeric_sub,
																				 NumericGetDatum(read_numeric(end)),
																				 NumericGetDatum(read_numeric(start))))),
					 value);
}

/* Formats that compute a value from two members. */
static bool
read_computed(CrmAttr *attr, const CrmRow *row, const CrmCell *cell, Datum *value)
{
	const CrmColumn *column = attr->column;
	const char *text = crm_cell_text(cell);
	CrmCell		operand = {0};

	if (column->operand != NULL)
		operand = crm_cell_operand(column, row);
	switch (column->format)
	{
		case CRM_FORMAT_LABEL:
			return text != NULL && from_text(attr, find_label(column, text, &operand), value);
		case CRM_FORMAT_RATIO:
			return read_ratio(attr, text, crm_cell_text(&operand), value);
		case CRM_FORMAT_SECONDS_UNTIL:
			return read_seconds_until(attr, text, crm_cell_text(&operand), value);
		case CRM_FORMAT_MISSED_CALL:
			{
				CrmCell		end = crm_cell_alternative(column, row);
				bool		missed = text != NULL && strcmp(text, "inbound") == 0 &&
					crm_cell_is_null(&operand) && !crm_cell_is_null(&end);

				return text != NULL && from_text(attr, missed ? "true" : "false", value);
			}
		case CRM_FORMAT_EQUALS:
			{
				const char *other = crm_cell_text(&operand);

				return text != NULL &&
					from_text(attr, other != NULL && strcmp(text, other) == 0 ? "true" : "false", value);
			}
		default:
			elog(ERROR, "format %d is not computed", (int) column->format);
	}
}

/* CRM_FORMAT_US_DATE: no other order of day and month is guessed. */
static bool
read_us_date(CrmAttr *attr, const char *text, Datum *value)
{
	const char *day = crm_field_day(text);

	if (attr->typid == TEXTOID || attr->typid == VARCHAROID || attr->typid == BPCHAROID)
		return from_text(attr, text, value);
	if (day == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid input syntax for type %s: \"%s\"", "date", text),
				 errdetail("Dates are understood as month/day/year and as year-month-day.")));
	return from_text(attr, day, value);
}

/* Text formats; text is NULL for structure. */
static bool
read_text_format(CrmAttr *attr, const char *text, Datum *value)
{
	TimestampTz time;

	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("expected a scalar, got a list or an object")));
	switch (attr->column->format)
	{
		case CRM_FORMAT_CENTS:
			return read_cents(attr, text, value);
		case CRM_FORMAT_REFERENCE:
			return *text != '\0' && strcmp(text, "0") != 0 && from_text(attr, whole_number(text), value);
		case CRM_FORMAT_IPV4:
			return read_ipv4(attr, text, value);
		case CRM_FORMAT_UPPER:
			return from_text(attr, upper_case(text), value);
		case CRM_FORMAT_JSON_TEXT:
			return *text != '\0' && from_text(attr, text, value);
		case CRM_FORMAT_SPLIT_COMMA:
			return from_texts(attr, split_comma(text), value);
		case CRM_FORMAT_US_DATE:
			return read_us_date(attr, text, value);
		default:
			return crm_format_time(attr->column->format, text, &time) &&
				from_datum(attr, TimestampTzGetDatum(time), TIMESTAMPTZOID, value);
	}
}

/* CRM_FORMAT_PLUCK: an empty or absent list falls back to the alternative. */
static bool
read_pluck(CrmAttr *attr, const CrmRow *row, const CrmCell *cell, Datum *value)
{
	const CrmColumn *column = attr->column;

	if (column->alternative != NULL && crm_json_first(cell->node) == NULL)
	{
		CrmCell		other = crm_cell_alternative(column, row);

		if (!crm_cell_is_null(&other))
			return read_array(attr, &other, NULL, value);
	}
	return read_array(attr, cell, column->operand, value);
}

/* Texts for a column that holds a list, or just one of them if it does not. */
static bool
read_some(CrmAttr *attr, List *texts, Datum *value)
{
	bool		is_text = attr->typid == TEXTOID || attr->typid == VARCHAROID || attr->typid == BPCHAROID ||
		attr->typid == JSONBOID || attr->typid == JSONOID;

	if (texts == NIL)
		return false;
	if (!is_text && !OidIsValid(get_element_type(attr->typid)) && list_length(texts) == 1)
		return from_text(attr, whole_number(linitial(texts)), value);
	return from_texts(attr, texts, value);
}

/* CRM_FORMAT_CHOICES and CRM_FORMAT_JSON_LIST. */
static bool
read_list(CrmAttr *attr, const CrmCell *cell, Datum *value)
{
	const char *text = crm_cell_text(cell);
	CrmCell		inner = {0};
	CrmJsonError error;

	if (text == NULL)
		return read_some(attr, array_texts(cell, NULL), value);
	if (attr->column->format == CRM_FORMAT_CHOICES)
	{
		List	   *choices = NIL;
		char	   *choice;

		while ((choice = crm_field_next_choice(&text)) != NULL)
			choices = lappend(choices, choice);
		return read_some(attr, choices, value);
	}
	if (*text != '[')
		return *text != '\0' && read_some(attr, list_make1((char *) text), value);
	text = crm_json_string(cell->node);
	inner.json = crm_json_parse(pstrdup(text), strlen(text), NULL, &error);
	if (inner.json == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("expected a list in JSON, got: %s", text)));
	inner.node = crm_json_root(inner.json);
	return read_some(attr, array_texts(&inner, NULL), value);
}

bool
crm_format_value(CrmAttr *attr, const CrmRow *row, Datum *value)
{
	const CrmColumn *column = attr->column;
	CrmCell		cell;

	if (column->source == CRM_FROM_PROPERTY_ALL)
		return from_texts(attr, crm_cell_properties(column, row), value);

	cell = crm_cell_find(column, row);
	return crm_format_cell(attr, row, &cell, value);
}

bool
crm_format_cell(CrmAttr *attr, const CrmRow *row, const CrmCell *cell, Datum *value)
{
	if (crm_cell_is_null(cell))
		return false;
	switch (attr->column->format)
	{
		case CRM_FORMAT_PLAIN:
			return read_plain(attr, cell, value);
		case CRM_FORMAT_PLUCK:
			return read_pluck(attr, row, cell, value);
		case CRM_FORMAT_CHOICES:
		case CRM_FORMAT_JSON_LIST:
			return read_list(attr, cell, value);
		case CRM_FORMAT_LABEL:
		case CRM_FORMAT_RATIO:
		case CRM_FORMAT_SECONDS_UNTIL:
		case CRM_FORMAT_MISSED_CALL:
		case CRM_FORMAT_EQUALS:
			return read_computed(attr, row, cell, value);
		case CRM_FORMAT_ISO8601:
		case CRM_FORMAT_CHICAGO:
		case CRM_FORMAT_UNIX:
		case CRM_FORMAT_UNIX_MS:
		case CRM_FORMAT_UNIX_ANY:
		case CRM_FORMAT_CENTS:
		case CRM_FORMAT_REFERENCE:
		case CRM_FORMAT_IPV4:
		case CRM_FORMAT_UPPER:
		case CRM_FORMAT_JSON_TEXT:
		case CRM_FORMAT_SPLIT_COMMA:
		case CRM_FORMAT_US_DATE:
			return read_text_format(attr, crm_cell_text(cell), value);
	}
	return false;				/* not reached; keeps the compiler quiet */
}
