/*
 * fieldrules.c
 *		Makes filters of the catalogue's rules for custom fields.
 *
 * How an index spells the name of a field is known in part only: blanks and
 * signs are replaced, case may not count.  A field that could be taken for
 * another one has no filter.
 */
#include "postgres.h"

#include <ctype.h>

#include "fdw/bind.h"
#include "fdw/custom.h"
#include "fdw/fieldrules.h"

/* A label without what an index may not tell apart; palloc'd. */
static char *
plain_label(const char *label)
{
	char	   *plain = palloc(strlen(label) + 1);
	int			n = 0;

	for (const unsigned char *p = (const unsigned char *) label; *p; p++)
	{
		if (isascii(*p) && isalnum(*p))
			plain[n++] = (char) tolower(*p);
		else if (*p != ' ' && (n == 0 || plain[n - 1] != '_'))
			plain[n++] = '_';
	}
	plain[n] = '\0';
	return plain;
}

static bool
is_misread(const CrmFieldRule *rule, const char *label)
{
	for (const char *const *word = rule->misread; word != NULL && *word != NULL; word++)
	{
		if (strstr(label, *word) != NULL)
			return true;
	}
	return false;
}

static bool
is_taken(const CrmFieldRule *rule, const char *plain)
{
	for (const char *const *label = rule->taken; label != NULL && *label != NULL; label++)
	{
		if (strcmp(*label, plain) == 0)
			return true;
	}
	return false;
}

/* Can a rule mean this field and no other? */
static bool
may_be_named(const CrmFieldRule *rule, const CrmFieldList *fields, const CrmField *field)
{
	char	   *plain = plain_label(field->label);

	if (!field->ruled || field->type->word == NULL || strcmp(field->type->word, rule->word) != 0 ||
		*plain == '\0' || is_misread(rule, field->label) || is_taken(rule, plain))
		return false;
	for (int i = 0; i < fields->n; i++)
	{
		if (&fields->fields[i] != field && strcmp(plain_label(fields->fields[i].label), plain) == 0)
			return false;
	}
	return true;
}

/* The rule for what a column holds, or NULL. */
static const CrmFieldRule *
find_rule(const CrmCustomFields *custom, const CrmQualColumn *column)
{
	for (const CrmFieldRule *rule = custom->rules; rule->word != NULL; rule++)
	{
		const CrmFieldType *type = custom->types;

		while (type->word != NULL && strcmp(type->word, rule->word) != 0)
			type++;
		if (column->column->type == type->type)
			return rule;
	}
	return NULL;
}

/* What rules call the column's field; NULL if they cannot name it. */
static const char *
rule_name(const CrmFieldRule *rule, const CrmFieldList *fields, const CrmQualColumn *column)
{
	const CrmField *field;
	bool		is_currency;

	if (fields == NULL)
		return psprintf("{%s}%s", column->field, rule->suffix);
	field = crm_custom_find(fields, column->field, &is_currency);
	if (field == NULL || is_currency || !may_be_named(rule, fields, field))
		return NULL;
	return psprintf("%s%s", field->label, rule->suffix);
}

const CrmEntity *
crm_field_rules(const CrmEntity *entity, const CrmQualColumn *columns, int natts, const CrmFieldList *fields)
{
	const CrmCustomFields *custom = entity->custom;
	CrmFilter  *filters;
	int			n = 0;
	CrmEntity  *extended;
	CrmRoute   *routes;

	if (custom == NULL || custom->rules == NULL)
		return entity;
	filters = palloc(sizeof(CrmFilter) * 2 * Max(natts, 1));
	for (int i = 0; i < natts; i++)
	{
		const CrmFieldRule *rule = columns[i].field ? find_rule(custom, &columns[i]) : NULL;
		const char *name = rule ? rule_name(rule, fields, &columns[i]) : NULL;

		if (name == NULL)
			continue;
		filters[n] = rule->after;
		filters[n + 1] = rule->before;
		for (int end = n + 2; n < end; n++)
		{
			filters[n].column = columns[i].column->name;
			filters[n].param = name;
		}
	}
	if (n == 0)
		return entity;

	extended = palloc(sizeof(CrmEntity));
	*extended = *entity;
	routes = palloc(sizeof(CrmRoute) * Max(entity->nroutes, 1));
	for (int i = 0; i < entity->nroutes; i++)
	{
		const CrmEntity *list = entity->routes[i].list;

		routes[i] = entity->routes[i];
		if (list->rules_param != NULL)
		{
			CrmEntity  *copy = palloc(sizeof(CrmEntity));
			CrmFilter  *both = palloc(sizeof(CrmFilter) * (list->nfilters + n));

			memcpy(both, list->filters, sizeof(CrmFilter) * list->nfilters);
			memcpy(both + list->nfilters, filters, sizeof(CrmFilter) * n);
			*copy = *list;
			copy->filters = both;
			copy->nfilters = list->nfilters + n;
			routes[i].list = copy;
		}
	}
	extended->routes = routes;
	return extended;
}

List *
crm_field_witnesses(const CrmEntity *list, const CrmCustomFields *custom,
					const CrmQualColumn *columns, const Bitmapset *attnums)
{
	List	   *queries = NIL;
	int			attnum = -1;

	while ((attnum = bms_next_member(attnums, attnum)) >= 0)
	{
		const CrmQualColumn *column = &columns[attnum - 1];

		for (int i = 0; i < list->nfilters && column->field != NULL; i++)
		{
			const CrmFilter *filter = &list->filters[i];

			if (strcmp(filter->column, column->column->name) == 0 && filter->match == CRM_MATCH_AFTER)
				queries = lappend(queries, crm_bind_rule(list, filter, find_rule(custom, column)->least));
		}
	}
	return queries;
}
