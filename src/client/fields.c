/*
 * fields.c
 *		Reads the definitions of custom fields, and remembers them for a while.
 *
 * Labels and kinds of fields change seldom, and a session that looks at many
 * records one by one should not ask for them each time.  What is remembered is
 * found by a hash of account and credential; no credential is kept here.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "client/auth.h"
#include "client/fields.h"
#include "client/ratelimit.h"
#include "client/reader.h"
#include "client/scalar.h"

/*
 * How long definitions are believed.  Where values are found by their field's
 * label, one that was just renamed must not read as NULL; an id stays.
 */
#define LABELS_MS	5000
#define IDS_MS		60000

#define MEMORIES	16

typedef struct FieldMemory
{
	uint64		fingerprint;
	const CrmCustomFields *custom;
	int64		until;			/* by crm_rate_clock(); 0 = unused */
	MemoryContext context;
	CrmFieldList *list;
} FieldMemory;

static FieldMemory memories[MEMORIES];

void
crm_fields_spec(const CrmEntity *entity, const char *scope, CrmReadSpec *spec)
{
	crm_lists_all(entity, spec);
	spec->for_keys = true;
	if (scope != NULL)
	{
		spec->parent_keys = palloc(sizeof(char **));
		spec->parent_keys[0] = palloc(sizeof(char *));
		spec->parent_keys[0][0] = scope;
		spec->nparent_keys = palloc(sizeof(int));
		spec->nparent_keys[0] = 1;
	}
}

const CrmNode *
crm_fields_member(const CrmEntity *entity, const char *name, const CrmNode *record)
{
	const CrmColumn *column = crm_column_find(entity, name);
	const CrmNode *node = column->pointer ? crm_json_pointer(record, column->pointer) :
		crm_json_member(record, name);

	if (crm_json_type(node) == CRM_NODE_NULL && column->alternative != NULL)
		node = crm_json_pointer(record, column->alternative);
	return node;
}

static const CrmFieldType *
find_type(const CrmFieldType *types, const char *word)
{
	while (types->word != NULL && (word == NULL || strcmp(types->word, word) != 0))
		types++;
	return types;
}

static bool
is_true(const CrmJson *json, const CrmNode *node)
{
	const char *text = crm_scalar_text(json, node);

	return text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

static CrmFieldList *
copy_list(const CrmFieldList *list)
{
	CrmFieldList *copy = palloc(sizeof(CrmFieldList));

	copy->n = list->n;
	copy->fields = palloc(sizeof(CrmField) * Max(list->n, 1));
	for (int i = 0; i < list->n; i++)
	{
		copy->fields[i].id = pstrdup(list->fields[i].id);
		copy->fields[i].label = pstrdup(list->fields[i].label);
		copy->fields[i].type = list->fields[i].type;
		copy->fields[i].ruled = list->fields[i].ruled;
	}
	return copy;
}

static void
remember(uint64 fingerprint, const CrmCustomFields *custom, const CrmFieldList *list)
{
	FieldMemory *place = &memories[0];
	MemoryContext context = AllocSetContextCreate(CacheMemoryContext, "crm_fdw custom fields",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmFieldList *copy = copy_list(list);

	MemoryContextSwitchTo(old);
	/* The old entry, else the one that is or was over first. */
	for (int i = 0; i < MEMORIES; i++)
	{
		if (memories[i].fingerprint == fingerprint && memories[i].custom == custom)
		{
			place = &memories[i];
			break;
		}
		if (memories[i].until < place->until)
			place = &memories[i];
	}
	if (place->context != NULL)
		MemoryContextDelete(place->context);
	place->fingerprint = fingerprint;
	place->custom = custom;
	place->until = crm_rate_clock() + (custom->within != NULL ? LABELS_MS : IDS_MS);
	place->context = context;
	place->list = copy;
}

CrmFieldList *
crm_fields_read(CrmAccount *account, const CrmCustomFields *custom)
{
	const CrmEntity *entity = custom->definitions;
	CrmFieldList *list = palloc(sizeof(CrmFieldList));
	int			room = 32;
	CrmReadSpec spec;
	CrmReader  *reader;
	const CrmRow *row;

	list->n = 0;
	list->fields = palloc(sizeof(CrmField) * room);
	crm_fields_spec(entity, custom->scope, &spec);
	reader = crm_reader_create(account, &spec);
	while ((row = crm_reader_next(reader)) != NULL)
	{
		const char *id = crm_scalar_text(row->json, crm_json_pointer(row->record, entity->id));
		const char *label = crm_scalar_text(row->json, crm_fields_member(entity, custom->label, row->record));
		const char *type = crm_scalar_text(row->json, crm_fields_member(entity, custom->type, row->record));
		CrmField   *field;

		if (id == NULL || *id == '\0')
			continue;
		if (list->n == room)
		{
			room *= 2;
			list->fields = repalloc(list->fields, sizeof(CrmField) * room);
		}
		field = &list->fields[list->n++];
		field->id = pstrdup(id);
		field->label = pstrdup(label ? label : "");
		field->type = find_type(custom->types, type);
		field->ruled = custom->ruled != NULL && is_true(row->json, crm_fields_member(entity, custom->ruled, row->record));
	}
	crm_reader_free(reader);
	remember(crm_auth_fingerprint(account), custom, list);
	return list;
}

CrmFieldList *
crm_fields_recall(CrmAccount *account, const CrmCustomFields *custom, bool *fresh)
{
	uint64		fingerprint;

	crm_auth_prepare(account);
	fingerprint = crm_auth_fingerprint(account);
	*fresh = false;
	for (int i = 0; i < MEMORIES; i++)
	{
		if (memories[i].fingerprint == fingerprint && memories[i].custom == custom &&
			memories[i].until > crm_rate_clock())
			return copy_list(memories[i].list);
	}
	*fresh = true;
	return crm_fields_read(account, custom);
}
