/*
 * demand.c
 *		Intersects the terms on each column.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "base/texts.h"
#include "fdw/demand.h"

/* A shorter piece of a pattern says too little, or is refused by APIs. */
#define SHORTEST_FRAGMENT	3

/* The values of a term, arrays taken apart. */
typedef struct Element
{
	Datum		value;
	bool		isnull;
	Oid			type;
} Element;

static List *
add_element(List *elements, Datum value, bool isnull, Oid type)
{
	Element    *element = palloc(sizeof(Element));

	element->value = value;
	element->isnull = isnull;
	element->type = type;
	return lappend(elements, element);
}

/* *null is set if a value, or the array itself, is NULL. */
static List *
elements_of(const CrmBoundTerm *term, bool *null)
{
	List	   *elements = NIL;

	*null = false;
	for (int i = 0; i < term->nvalues; i++)
	{
		const CrmValue *value = &term->values[i];
		Oid			type = value->is_array ? get_element_type(value->type) : value->type;
		Datum	   *datums;
		bool	   *nulls;
		int			n;
		int16		len;
		bool		byval;
		char		align;

		if (value->isnull)
		{
			*null = true;
			continue;
		}
		if (!value->is_array)
		{
			elements = add_element(elements, value->value, false, type);
			continue;
		}
		get_typlenbyvalalign(type, &len, &byval, &align);
		deconstruct_array(DatumGetArrayTypeP(value->value), type, len, byval, align,
						  &datums, &nulls, &n);
		for (int j = 0; j < n; j++)
		{
			if (nulls[j])
				*null = true;
			else
				elements = add_element(elements, datums[j], false, type);
		}
	}
	return elements;
}

/* As APIs write it: in UTF-8, unless nobody knows what the database's texts are written in. */
static char *
text_of(const Element *element)
{
	Oid			output;
	bool		varlena;
	char	   *text;

	if (element->type == BOOLOID)
		return pstrdup(DatumGetBool(element->value) ? "true" : "false");
	getTypeOutputInfo(element->type, &output, &varlena);
	text = OidOutputFunctionCall(output, element->value);
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return text;
	return pg_server_to_any(text, strlen(text), PG_UTF8);
}

static List *
texts_of(const List *elements)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, elements)
		texts = lappend(texts, text_of(lfirst(lc)));
	return texts;
}

static void
intersect_values(CrmDemand *demand, List *values)
{
	demand->values = demand->has_values ? crm_texts_common(values, demand->values) : values;
	demand->has_values = true;
}

/* The range a term leaves; several values leave the hull of theirs. */
static CrmRange
range_of(CrmDemand *demand, const CrmBoundTerm *term, const List *elements)
{
	bool		fractions = term->steps != NIL &&
		((const CrmStep *) linitial(term->steps))->kind == CRM_STEP_EPOCH;
	CrmRange	range = {1, 0};
	ListCell   *lc;

	if (list_length(elements) > 1 || term->steps != NIL)
		demand->exact = false;
	foreach(lc, elements)
	{
		const Element *element = lfirst(lc);
		CrmRange	one = crm_range_of(term->comparison, term->type, element->type,
									   element->value, fractions, &demand->exact);

		if (one.low > one.high)
			continue;
		one = crm_range_invert(one, term->steps);
		range = range.low > range.high ? one : crm_range_hull(range, one);
	}
	return range;
}

static void
apply_numeric(CrmDemand *demand, CrmComparison comparison, Datum low, Datum high)
{
	if (comparison >= CRM_EQUAL &&
		(!demand->has_low || DatumGetBool(DirectFunctionCall2(numeric_gt, low, demand->low))))
	{
		demand->has_low = true;
		demand->low = low;
	}
	if (comparison <= CRM_EQUAL &&
		(!demand->has_high || DatumGetBool(DirectFunctionCall2(numeric_lt, high, demand->high))))
	{
		demand->has_high = true;
		demand->high = high;
	}
}

static void
apply_numerics(CrmDemand *demand, CrmComparison comparison, const List *elements)
{
	Datum		low = ((const Element *) linitial(elements))->value;
	Datum		high = low;
	ListCell   *lc;

	foreach(lc, elements)
	{
		Datum		value = ((const Element *) lfirst(lc))->value;

		low = DirectFunctionCall2(numeric_smaller, low, value);
		high = DirectFunctionCall2(numeric_larger, high, value);
	}
	apply_numeric(demand, comparison, low, high);
}

/* Names in place of values that are not known. */
static void
apply_names(CrmDemand *demand, const CrmBoundTerm *term)
{
	const char *name = term->values[0].name;
	CrmKind		kind = demand->column->kind;

	demand->unknown = true;
	if (term->op == CRM_TERM_CONTAINS)
		demand->elements = lappend(demand->elements, (char *) name);
	else if (term->op != CRM_TERM_COMPARE)
		return;
	else if (kind == CRM_KIND_TIME || kind == CRM_KIND_NUMERIC || term->comparison != CRM_EQUAL)
	{
		if (term->comparison >= CRM_EQUAL)
			demand->low_name = name;
		if (term->comparison <= CRM_EQUAL)
			demand->high_name = name;
	}
	else if (!demand->has_values)
	{
		demand->has_values = true;
		for (int i = 0; i < term->nvalues; i++)
		{
			if (term->values[i].name != NULL)
				demand->values = lappend(demand->values, (char *) term->values[i].name);
		}
	}
}

/* Values compared with: false if none of them can be met. */
static bool
apply_comparison(CrmDemand *demand, const CrmBoundTerm *term, const List *elements)
{
	if (elements == NIL)
		return false;			/* compared with NULL, or with no value */
	switch (demand->column->kind)
	{
		case CRM_KIND_INTEGER:
			demand->range = crm_range_intersect(demand->range, range_of(demand, term, elements));
			if (term->comparison == CRM_EQUAL && term->steps == NIL)
				intersect_values(demand, texts_of(elements));
			break;
		case CRM_KIND_TIME:
			demand->range = crm_range_intersect(demand->range, range_of(demand, term, elements));
			break;
		case CRM_KIND_NUMERIC:
			apply_numerics(demand, term->comparison, elements);
			break;
		case CRM_KIND_TEXT:
		case CRM_KIND_BOOLEAN:
			intersect_values(demand, texts_of(elements));
			break;
		case CRM_KIND_ARRAY:
		case CRM_KIND_OTHER:
			break;
	}
	return true;
}

/*
 * Letters have a case and signs have meanings; with "any_case" only what has
 * neither can be looked for.
 */
static bool
is_searchable(const char *text, bool any_case)
{
	size_t		len = strlen(text);

	if (len < SHORTEST_FRAGMENT || text[0] == ' ' || text[len - 1] == ' ')
		return false;
	for (const char *p = text; *p; p++)
	{
		if ((unsigned char) *p < ' ' || strchr("\\\"'", *p) != NULL ||
			(any_case && (isalpha((unsigned char) *p) || IS_HIGHBIT_SET(*p))))
			return false;
	}
	return true;
}

static void
add_fragment(CrmDemand *demand, const char *text, bool is_prefix, bool any_case)
{
	CrmFragment *fragment;

	if (!is_searchable(text, any_case))
		return;
	fragment = palloc(sizeof(CrmFragment));
	fragment->text = pstrdup(text);
	fragment->is_prefix = is_prefix;
	demand->fragments = lappend(demand->fragments, fragment);
}

/* The literal pieces of a LIKE pattern. */
static void
apply_pattern(CrmDemand *demand, const char *pattern, bool any_case)
{
	StringInfoData piece;
	bool		is_prefix = true;

	initStringInfo(&piece);
	for (const char *p = pattern;; p++)
	{
		if (*p == '\\' && p[1] != '\0')
			appendStringInfoChar(&piece, *++p);
		else if (*p == '%' || *p == '_' || *p == '\0')
		{
			add_fragment(demand, piece.data, is_prefix, any_case);
			resetStringInfo(&piece);
			is_prefix = false;
		}
		else
			appendStringInfoChar(&piece, *p);
		if (*p == '\0')
			break;
	}
}

/* False if no row can meet the term. */
static bool
apply_term(CrmDemand *demand, const CrmBoundTerm *term)
{
	List	   *elements;
	bool		null;
	ListCell   *lc;

	for (int i = 0; i < term->nvalues; i++)
	{
		if (term->values[i].name != NULL)
		{
			apply_names(demand, term);
			return true;
		}
	}
	elements = elements_of(term, &null);
	switch (term->op)
	{
		case CRM_TERM_COMPARE:
			return apply_comparison(demand, term, elements);
		case CRM_TERM_CONTAINS:
			foreach(lc, elements)
				demand->elements = lappend(demand->elements, text_of(lfirst(lc)));
			return !null;
		case CRM_TERM_LIKE:
		case CRM_TERM_ILIKE:
			if (null)
				return false;
			apply_pattern(demand, text_of(linitial(elements)), term->op == CRM_TERM_ILIKE);
			return true;
		case CRM_TERM_IS_NULL:
			demand->is_null = true;
			return true;
	}
	return true;
}

/* Values outside of the range cannot be met. */
static void
drop_values_outside(CrmDemand *demand)
{
	List	   *inside = NIL;
	ListCell   *lc;

	foreach(lc, demand->values)
	{
		int64		value = DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(lfirst(lc))));

		if (value >= demand->range.low && value <= demand->range.high)
			inside = lappend(inside, lfirst(lc));
	}
	demand->values = inside;
}

/* Does the value every row has in this column meet the demand? */
static bool
constant_meets(const CrmDemand *demand)
{
	const CrmQualColumn *column = demand->column;
	Oid			input;
	Oid			ioparam;
	Element		constant = {.type = column->type};
	bool		exact;
	CrmRange	range;

	if (demand->is_null)
		return false;
	getTypeInputInfo(column->type, &input, &ioparam);
	constant.value = OidInputFunctionCall(input, pstrdup(column->constant), ioparam, -1);
	if (demand->has_values && !demand->unknown && !crm_texts_have(demand->values, text_of(&constant)))
		return false;
	if (column->kind != CRM_KIND_INTEGER && column->kind != CRM_KIND_TIME)
		return true;
	range = crm_range_of(CRM_EQUAL, column->type, column->type, constant.value, false, &exact);
	range = crm_range_intersect(range, demand->range);
	return range.low <= range.high;
}

static bool
is_possible(CrmDemand *demand)
{
	bool		compared = demand->has_values || demand->range.low != PG_INT64_MIN ||
		demand->range.high != PG_INT64_MAX || demand->has_low || demand->has_high ||
		demand->elements != NIL;

	if (demand->has_values && !demand->unknown && demand->column->kind == CRM_KIND_INTEGER)
		drop_values_outside(demand);
	return !(demand->is_null && compared) &&
		!(demand->has_values && demand->values == NIL) &&
		demand->range.low <= demand->range.high &&
		!(demand->has_low && demand->has_high &&
		  DatumGetBool(DirectFunctionCall2(numeric_gt, demand->low, demand->high))) &&
		(demand->column->constant == NULL || constant_meets(demand));
}

CrmDemand **
crm_demands(const CrmQualColumn *columns, int natts,
			const CrmBoundTerm *terms, int nterms, bool *impossible)
{
	CrmDemand **demands = palloc0(sizeof(CrmDemand *) * Max(natts, 1));

	*impossible = false;
	for (int i = 0; i < nterms; i++)
	{
		CrmDemand **demand = &demands[terms[i].attnum - 1];

		if (*demand == NULL)
		{
			*demand = palloc0(sizeof(CrmDemand));
			(*demand)->column = &columns[terms[i].attnum - 1];
			(*demand)->range = CRM_RANGE_ALL;
			(*demand)->exact = true;
		}
		(*demand)->terms = bms_add_member((*demand)->terms, i);
		if (terms[i].op == CRM_TERM_COMPARE && terms[i].comparison >= CRM_EQUAL)
			(*demand)->lower_terms = bms_add_member((*demand)->lower_terms, i);
		if (!apply_term(*demand, &terms[i]))
			*impossible = true;
	}
	for (int i = 0; i < natts; i++)
	{
		if (demands[i] != NULL && !is_possible(demands[i]))
			*impossible = true;
	}
	return demands;
}
