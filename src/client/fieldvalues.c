/*
 * fieldvalues.c
 *		Finds the values of custom fields: in the record, beside its page, or in
 *		a list of their own.
 *
 * The cheapest source that is known to be complete is used.  That a record has
 * no value for a field is believed only of one: of values beside a page, if
 * they are as many as the record says it has.
 */
#include "postgres.h"

#include "base/idset.h"
#include "client/fieldvalues.h"
#include "client/scalar.h"
#include "utils/memutils.h"

/* A page of so few records holds those that were asked for by a key. */
#define FEW_RECORDS		4

/* A value: of a page as nodes of its answer, of a list as JSON text. */
typedef struct Entry
{
	int64		record;
	int64		field;
	int			place;			/* in the list; the first of equals counts */
	const CrmNode *value;
	const CrmNode *currency;
	const char *value_text;
	const char *currency_text;
} Entry;

typedef struct CrmFieldIndex
{
	Entry	   *entries;		/* sorted, if there are any */
	int			n;
	int			room;
} CrmFieldIndex;

typedef enum ValueSource
{
	VALUES_NOWHERE,				/* the record has no identity */
	VALUES_WITHIN,
	VALUES_BESIDE,
	VALUES_LISTED
} ValueSource;

struct CrmFieldValues
{
	CrmAccount *account;
	const CrmEntity *entity;
	const CrmCustomFields *custom;
	MemoryContext context;
	const CrmField *const *fields;
	int64	   *ids;			/* of the fields */
	int			n;
	bool		complete;		/* the whole list has been read */
	CrmIdSet   *asked;			/* records whose values were read alone */
	CrmFieldIndex listed;
	ValueSource source;			/* of the current row */
	int64		record;
};

/* ------------------------------------------------------------------------
 * Indexes
 * ------------------------------------------------------------------------ */

static int
compare_entries(const void *a, const void *b)
{
	const Entry *left = a;
	const Entry *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	if (left->field != right->field)
		return left->field < right->field ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

/* The first entry that is not before the field of the record. */
static const Entry *
find_entry(const CrmFieldIndex *index, int64 record, int64 field)
{
	int			low = 0;
	int			high = index->n;
	Entry		wanted = {.record = record, .field = field, .place = -1};

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (compare_entries(&index->entries[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return &index->entries[low];
}

static bool
is_behind(const CrmFieldIndex *index, const Entry *entry)
{
	return entry >= index->entries + index->n;
}

/* Room for one more entry, in the memory context. */
static Entry *
add_entry(CrmFieldIndex *index, MemoryContext context)
{
	Entry	   *entry;

	if (index->n == index->room)
	{
		index->room = Max(index->room * 2, 256);
		if (index->entries == NULL)
			index->entries = MemoryContextAlloc(context, sizeof(Entry) * index->room);
		else
			index->entries = repalloc_huge(index->entries, sizeof(Entry) * index->room);
	}
	entry = &index->entries[index->n];
	memset(entry, 0, sizeof(Entry));
	entry->place = index->n++;
	return entry;
}

static bool
read_entry(const CrmCustomFields *custom, const CrmJson *json, const CrmNode *row, Entry *entry)
{
	const CrmEntity *list = custom->values;

	if (!crm_scalar_int64(json, crm_fields_member(list, custom->record, row), &entry->record) ||
		!crm_scalar_int64(json, crm_fields_member(list, custom->field, row), &entry->field))
		return false;
	entry->value = crm_fields_member(list, custom->value, row);
	entry->currency = custom->currency ? crm_fields_member(list, custom->currency, row) : NULL;
	return true;
}

static void
sort_index(CrmFieldIndex *index)
{
	if (index->n > 1)
		qsort(index->entries, index->n, sizeof(Entry), compare_entries);
}

CrmFieldIndex *
crm_field_index(const CrmCustomFields *custom, const CrmJson *json)
{
	const CrmNode *rows = crm_json_pointer(crm_json_root(json), custom->beside);
	CrmFieldIndex *index;

	if (crm_json_type(rows) != CRM_NODE_ARRAY)
		return NULL;
	index = palloc0(sizeof(CrmFieldIndex));
	for (const CrmNode *row = crm_json_first(rows); row; row = crm_json_next(row))
	{
		Entry		entry = {0};

		if (read_entry(custom, json, row, &entry))
		{
			entry.place = index->n;
			*add_entry(index, CurrentMemoryContext) = entry;
		}
	}
	sort_index(index);
	return index;
}

/* Does the record have as many values as it says? */
static bool
is_complete(const CrmFieldValues *values, const CrmRow *row)
{
	const CrmFieldIndex *index = row->values;
	const CrmNode *ids = crm_json_pointer(row->record, values->custom->beside);
	const Entry *entry = find_entry(index, values->record, PG_INT64_MIN);
	int			n = 0;

	if (crm_json_type(ids) != CRM_NODE_ARRAY)
		return true;
	for (; !is_behind(index, entry) && entry->record == values->record; entry++)
		n++;
	return n >= crm_json_count(ids);
}

/* Does the record itself say that it has no values?  Then the page may lack their array. */
static bool
says_none(const CrmFieldValues *values, const CrmRow *row)
{
	const CrmNode *ids = values->custom->beside ? crm_json_pointer(row->record, values->custom->beside) : NULL;

	return crm_json_type(ids) == CRM_NODE_ARRAY && crm_json_count(ids) == 0;
}

/* ------------------------------------------------------------------------
 * Lists
 * ------------------------------------------------------------------------ */

CrmFieldValues *
crm_field_values_create(CrmAccount *account, const CrmEntity *entity,
						const CrmField *const *fields, int n)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw field values",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmFieldValues *values = palloc0(sizeof(CrmFieldValues));

	values->account = account;
	values->entity = entity;
	values->custom = entity->custom;
	values->context = context;
	values->fields = fields;
	values->n = n;
	values->ids = palloc(sizeof(int64) * Max(n, 1));
	for (int i = 0; i < n; i++)
		values->ids[i] = strtoll(fields[i]->id, NULL, 10);
	values->asked = crm_idset_create();
	MemoryContextSwitchTo(old);
	return values;
}

static bool
is_wanted(const CrmFieldValues *values, int64 field)
{
	for (int i = 0; i < values->n; i++)
	{
		if (values->ids[i] == field)
			return true;
	}
	return false;
}

/* What a value says in JSON, or NULL if it says nothing. */
static const char *
keep_text(const CrmFieldValues *values, const CrmJson *json, const CrmNode *node)
{
	const char *source;
	size_t		len;
	char	   *copy;

	if (crm_json_type(node) == CRM_NODE_NULL ||
		(crm_json_type(node) == CRM_NODE_STRING && *crm_json_string(node) == '\0' && !crm_json_has_nul(json, node)))
		return NULL;
	source = crm_json_source(json, node, &len);
	copy = MemoryContextAlloc(values->context, len + 1);
	memcpy(copy, source, len);
	copy[len] = '\0';
	return copy;
}

/* Keeps what the list says of the fields. */
static void
read_list(CrmFieldValues *values, const CrmReadSpec *spec)
{
	CrmReader  *reader = crm_reader_create(values->account, spec);
	const CrmRow *row;

	while ((row = crm_reader_next(reader)) != NULL)
	{
		Entry		entry = {0};
		Entry	   *kept;

		if (!read_entry(values->custom, row->json, row->record, &entry) || !is_wanted(values, entry.field))
			continue;
		entry.value_text = keep_text(values, row->json, entry.value);
		if (entry.value_text == NULL)
			continue;
		entry.currency_text = keep_text(values, row->json, entry.currency);
		entry.value = entry.currency = NULL;
		kept = add_entry(&values->listed, values->context);
		entry.place = kept->place;
		*kept = entry;
	}
	crm_reader_free(reader);
	sort_index(&values->listed);
}

/* Reads the values of one record. */
static void
read_one(CrmFieldValues *values)
{
	const CrmCustomFields *custom = values->custom;
	CrmParent	parent = {.column = custom->record, .path = custom->by_record};
	CrmEntity	list = *custom->values;
	CrmReadSpec spec;

	list.parents = &parent;
	list.nparents = 1;
	crm_fields_spec(&list, psprintf(INT64_FORMAT, values->record), &spec);
	read_list(values, &spec);
	crm_idset_add_int(values->asked, values->record);
}

/* Reads the values of all records: one list, or one for each field. */
static void
read_all(CrmFieldValues *values)
{
	const CrmCustomFields *custom = values->custom;
	CrmReadSpec spec;

	values->listed.n = 0;
	crm_fields_spec(custom->values, NULL, &spec);
	spec.eager = true;
	if (custom->by_field != NULL)
	{
		spec.variants = palloc0(sizeof(CrmVariant) * values->n);
		for (int i = 0; i < values->n; i++)
		{
			bool		repeated = false;

			for (int j = 0; j < i; j++)
				repeated |= values->ids[j] == values->ids[i];
			if (!repeated)
				spec.variants[spec.nvariants++].query = psprintf("%s=%s", custom->by_field, values->fields[i]->id);
		}
	}
	read_list(values, &spec);
	values->complete = true;
}

void
crm_field_values_prepare(CrmFieldValues *values, const CrmRow *row)
{
	MemoryContext context;
	MemoryContext old;

	values->source = VALUES_WITHIN;
	if (values->custom->within != NULL)
		return;
	values->source = VALUES_NOWHERE;
	if (!crm_scalar_int64(row->json, crm_json_pointer(row->record, values->entity->id), &values->record))
		return;
	if (row->values == NULL && says_none(values, row))
		return;
	values->source = VALUES_BESIDE;
	if (!values->complete && row->values != NULL && is_complete(values, row))
		return;
	values->source = VALUES_LISTED;
	if (values->complete || crm_idset_has_int(values->asked, values->record))
		return;

	context = AllocSetContextCreate(values->context, "crm_fdw value list", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	if (row->page_records <= FEW_RECORDS && crm_idset_size(values->asked) < CRM_MOST_SINGLE_VALUES)
		read_one(values);
	else
		read_all(values);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* ------------------------------------------------------------------------
 * Values
 * ------------------------------------------------------------------------ */

/* The value in the record's own list: the first one that is not empty. */
static const CrmNode *
value_within(const CrmFieldValues *values, const CrmRow *row, const char *label)
{
	const CrmNode *list = crm_json_pointer(row->record, values->custom->within);

	for (const CrmNode *entry = crm_json_first(list); entry; entry = crm_json_next(entry))
	{
		const char *name = crm_scalar_text(row->json, crm_json_member(entry, "name"));
		const char *kind = crm_scalar_text(row->json, crm_json_member(entry, "type"));
		const CrmNode *value = crm_json_member(entry, "value");
		const char *text = crm_json_string(value);

		if (name == NULL || strcmp(name, label) != 0 ||
			(values->custom->kind != NULL && (kind == NULL || strcmp(kind, values->custom->kind) != 0)))
			continue;
		if (crm_json_type(value) != CRM_NODE_NULL && (text == NULL || *text != '\0'))
			return value;
	}
	return NULL;
}

static const Entry *
find_value(const CrmFieldIndex *index, int64 record, int64 field)
{
	const Entry *entry = index->n > 0 ? find_entry(index, record, field) : NULL;

	return entry != NULL && !is_behind(index, entry) && entry->record == record && entry->field == field ?
		entry : NULL;
}

const CrmNode *
crm_field_value(CrmFieldValues *values, const CrmRow *row, int i, bool currency, const CrmJson **json)
{
	const Entry *entry;
	const char *text;
	CrmJsonError error;

	*json = row->json;
	switch (values->source)
	{
		case VALUES_NOWHERE:
			return NULL;
		case VALUES_WITHIN:
			return currency ? NULL : value_within(values, row, values->fields[i]->label);
		case VALUES_BESIDE:
			entry = find_value(row->values, values->record, values->ids[i]);
			return entry == NULL ? NULL : currency ? entry->currency : entry->value;
		case VALUES_LISTED:
			entry = find_value(&values->listed, values->record, values->ids[i]);
			text = entry == NULL ? NULL : currency ? entry->currency_text : entry->value_text;
			if (text == NULL)
				return NULL;
			/* It was part of a document, so it is one. */
			*json = crm_json_parse(pstrdup(text), strlen(text), NULL, &error);
			return *json ? crm_json_root(*json) : NULL;
	}
	return NULL;
}
