/*
 * check_entities.c
 *		Which entities a key may read: one record of each is asked for.
 *
 * What exists only below another record is asked for below the first one that
 * an earlier answer showed, so the entities are gone through until nothing new
 * becomes known.  Rows that are parts of another entity's records are not asked
 * for: they come with these.
 */
#include "postgres.h"

#include <time.h>

#include "utils/memutils.h"

#include "admin/check.h"
#include "base/report.h"
#include "client/auth.h"
#include "client/lists.h"
#include "client/sample.h"
#include "client/scalar.h"

/* Lists that must be asked for by a span of time: of the last day. */
#define SPAN	86400

typedef enum TargetState
{
	TARGET_OPEN,
	TARGET_READ,
	TARGET_FAILED
} TargetState;

/* An entity on the way to its row. */
typedef struct Target
{
	const CrmEntity *entity;
	int			row;
	TargetState state;
	const char *first_id;		/* of the first record; NULL = not known */
	const char *looked_up;		/* what its lookup takes; NULL = not known */
} Target;

typedef struct Targets
{
	CrmCheck   *check;
	Target	   *targets;
	int			n;
} Targets;

/* What crm_check_ask() hands on. */
typedef struct Errand
{
	Targets    *all;
	Target	   *target;
	const CrmParent *parent;	/* NULL if it has none */
	const char *key;			/* that fills the hole in its path; NULL = there is none */
} Errand;

static Target *
find_target(const Targets *all, const char *name)
{
	for (int i = 0; i < all->n; i++)
	{
		if (strcmp(all->targets[i].entity->name, name) == 0)
			return &all->targets[i];
	}
	return NULL;
}

/*
 * The entity whose answers hold this one's rows, inside of its records or beside
 * them; NULL if it is read by itself.
 */
static Target *
enclosing(const Targets *all, const CrmEntity *entity)
{
	const char *rows = entity->paged_rows ? entity->paged_rows : entity->rows;
	size_t		len;

	if (entity->path == NULL || (entity->unnest == NULL && entity->paged_rows == NULL))
		return NULL;
	len = strcspn(entity->path, "?");
	for (int i = 0; i < all->n; i++)
	{
		const CrmEntity *other = all->targets[i].entity;

		if (other->unnest == NULL && other->paged_rows == NULL && other->path != NULL &&
			strcspn(other->path, "?") == len && strncmp(other->path, entity->path, len) == 0 &&
			strcmp(other->rows, rows) == 0)
			return &all->targets[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------------
 * Asking
 * ------------------------------------------------------------------------ */

/* Records in one request: one, unless more of them are looked at. */
static int
sample_size(const CrmCheck *check, const CrmEntity *entity)
{
	const char *withheld = check->api->key_facts.withheld_entity;

	if (withheld != NULL && strcmp(withheld, entity->name) == 0)
		return crm_page_size(check->api, entity, 0);
	return 1;
}

static void
prepare_spec(const CrmEntity *entity, CrmReadSpec *spec)
{
	crm_lists_all(entity, spec);
	if (entity->pager == CRM_PAGER_SLICES)
	{
		spec->to = (int64) time(NULL);
		spec->from = spec->to - SPAN;
	}
}

/* Remembers the first record's id, for the lists below it. */
static void
take_first_id(const CrmCheck *check, Target *target, const CrmSample *sample)
{
	const CrmColumn *id = crm_column_find(target->entity, "id");
	const char *text;

	if (id == NULL || sample->record == NULL || target->entity->unnest != NULL)
		return;
	text = crm_scalar_text(sample->json, crm_json_pointer(sample->record, id->pointer ? id->pointer : "/id"));
	if (text != NULL && *text != '\0')
		target->first_id = MemoryContextStrdup(check->context, text);
}

/* Finds in this list what other entities look up in it. */
static void
take_lookups(Targets *all, const Target *source, const CrmSample *sample)
{
	for (int i = 0; i < all->n; i++)
	{
		const CrmLookup *lookup = all->targets[i].entity->lookup;

		if (lookup == NULL || source->entity->path == NULL || strcmp(lookup->path, source->entity->path) != 0)
			continue;
		for (int j = 0; j < sample->n; j++)
		{
			const CrmNode *record = sample->records[j];
			const char *name = crm_scalar_text(sample->json, crm_json_pointer(record, lookup->match));
			const char *value = crm_scalar_text(sample->json, crm_json_pointer(record, lookup->take));

			if (name != NULL && value != NULL && strcmp(name, lookup->value) == 0)
				all->targets[i].looked_up = MemoryContextStrdup(all->check->context, value);
		}
	}
}

/* What the records say about the key. */
static void
take_key_facts(const CrmQuestion *question, const Target *target, const CrmSample *sample)
{
	CrmCheck   *check = question->check;
	const CrmKeyFacts *facts = &check->api->key_facts;
	const char *name = target->entity->name;

	if (facts->owner_entity != NULL && strcmp(facts->owner_entity, name) == 0 && sample->record != NULL)
		check->owner = crm_check_quote(question, sample->json, sample->record, facts->owner);
	if (facts->withheld_entity == NULL || strcmp(facts->withheld_entity, name) != 0)
		return;
	check->looked_at = sample->n;
	for (int i = 0; i < sample->n; i++)
	{
		if (crm_check_says_yes(sample->json, crm_json_pointer(sample->records[i], facts->withheld_pointer)))
			check->withheld++;
	}
}

/* "readable below calls 42, 3 records" */
static void
note_readable(const CrmQuestion *question, const Errand *errand, const CrmSample *sample)
{
	const CrmParent *parent = errand->parent;
	StringInfoData detail;

	initStringInfo(&detail);
	appendStringInfoString(&detail, "readable");
	if (parent != NULL)
		appendStringInfo(&detail, parent->values ? " with %s %s" : " below %s %s",
						 parent->values ? parent->column : parent->entity,
						 crm_auth_quote(question->account, errand->key, strlen(errand->key)));
	if (sample->total > 0)
		appendStringInfo(&detail, ", " INT64_FORMAT " record%s", sample->total, sample->total == 1 ? "" : "s");
	else if (sample->n == 0 && errand->target->entity->pager != CRM_PAGER_SLICES)
		appendStringInfoString(&detail, ", no records");
	crm_check_note(question->check, errand->target->row, CRM_GOOD, detail.data, NULL);
}

static void
ask_entity(CrmQuestion *question)
{
	const Errand *errand = question->arg;
	Target	   *target = errand->target;
	CrmReadSpec spec;
	CrmList		list;
	CrmSample	sample;

	prepare_spec(target->entity, &spec);
	crm_lists_prepare(&spec, errand->parent, errand->key, NULL, &list);
	crm_sample_page(question->account, &list, sample_size(question->check, target->entity), &sample);
	take_first_id(question->check, target, &sample);
	take_lookups(errand->all, target, &sample);
	take_key_facts(question, target, &sample);
	note_readable(question, errand, &sample);
}

static void
ask_for(Targets *all, Target *target, const CrmParent *parent, const char *key)
{
	CrmCheck   *check = all->check;
	Errand		errand = {.all = all, .target = target, .parent = parent, .key = key};
	CrmQuestion question = {
		.check = check,
		.subject = target->entity->name,
		.ask = ask_entity,
		.arg = &errand
	};
	ErrorData  *error = crm_check_ask(&question);

	target->state = error == NULL ? TARGET_READ : TARGET_FAILED;
	if (!crm_check_is_own(&question, error) || error == NULL)
		return;
	if (error->sqlerrcode == CRM_ERR_NO_ENTITY)
		error->hint = psprintf("The account's plan or add-ons may not include \"%s\"; the API answers otherwise.",
							   target->entity->name);
	crm_check_note_error(check, target->row, error);
}

/* ------------------------------------------------------------------------
 * What may be asked now
 * ------------------------------------------------------------------------ */

/* Rows inside of another entity's records: true if their row is filled in. */
static bool
settle_enclosed(Targets *all, Target *target, const Target *source)
{
	if (source->state == TARGET_OPEN)
		return false;
	target->state = source->state;
	if (source->state == TARGET_READ)
		crm_check_note(all->check, target->row, CRM_GOOD,
					   psprintf("comes with \"%s\"", source->entity->name), NULL);
	else
		crm_check_note(all->check, target->row, CRM_NOT_CHECKED,
					   psprintf("not checked: comes with \"%s\"", source->entity->name), NULL);
	return true;
}

/* Asks for an entity if all is known that it takes; true if its state changed. */
static bool
try_target(Targets *all, Target *target)
{
	const CrmEntity *entity = target->entity;
	const Target *source = enclosing(all, entity);

	if (source != NULL)
		return settle_enclosed(all, target, source);
	if (entity->nparents == 0 && (entity->lookup == NULL || target->looked_up != NULL))
	{
		ask_for(all, target, NULL, target->looked_up);
		return true;
	}
	for (int i = 0; i < entity->nparents; i++)
	{
		const CrmParent *parent = &entity->parents[i];
		const Target *above = parent->entity ? find_target(all, parent->entity) : NULL;
		const char *key = parent->values ? parent->values[0] : above ? above->first_id : NULL;

		if (key != NULL)
		{
			ask_for(all, target, parent, key);
			return true;
		}
	}
	return false;
}

/* Says of an entity that could not be asked for what it would have taken. */
static void
note_needs(const Targets *all, const Target *target)
{
	const CrmEntity *entity = target->entity;
	StringInfoData needs;

	initStringInfo(&needs);
	if (entity->lookup != NULL)
		appendStringInfo(&needs, "needs \"%s\" at %s", entity->lookup->value, entity->lookup->path);
	for (int i = 0; i < entity->nparents; i++)
	{
		const char *name = entity->parents[i].entity;
		const Target *above = find_target(all, name);

		appendStringInfo(&needs, "%sa record of \"%s\"", i > 0 ? " or " : "needs ", name);
		if (above != NULL && above->state == TARGET_READ)
			appendStringInfoString(&needs, ", which shows none");
	}
	if (needs.len > 0)
		crm_check_note(all->check, target->row, CRM_NOT_KNOWN, needs.data, NULL);
}

void
crm_check_entities(CrmCheck *check)
{
	Targets		all = {.check = check, .n = check->api->nentities};
	bool		changed;

	all.targets = palloc0(sizeof(Target) * all.n);
	for (int i = 0; i < all.n; i++)
	{
		all.targets[i].entity = check->api->entities[i];
		all.targets[i].row = CRM_CHECK_ENTITIES + i;
	}
	do
	{
		changed = false;
		for (int i = 0; i < all.n && !check->stopped; i++)
		{
			if (all.targets[i].state == TARGET_OPEN && try_target(&all, &all.targets[i]))
				changed = true;
		}
	} while (changed && !check->stopped);
	for (int i = 0; i < all.n && !check->stopped; i++)
	{
		if (all.targets[i].state == TARGET_OPEN)
			note_needs(&all, &all.targets[i]);
	}
}
