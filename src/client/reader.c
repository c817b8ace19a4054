/*
 * reader.c
 *		Rows of an entity: walks parents, reads their lists, unnests records.
 *
 * An entity without parents is one list.  Below parents there is one list per
 * parent; the parents are those the query names or, where that is allowed, all
 * rows of the parent entity, which another reader delivers while its children
 * are read.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/report.h"
#include "client/fetch.h"
#include "client/reader.h"
#include "client/scalar.h"
#include "client/url.h"

struct CrmReader
{
	CrmAccount *account;
	const CrmReadSpec *spec;
	MemoryContext context;		/* the reader */
	MemoryContext list_context; /* the list being read; reset per list */
	MemoryContext row_context;	/* of unnested text */

	/* Which list: */
	int			parent;			/* index of the current parent */
	int			next_key;		/* next of its given keys or fixed values */
	CrmReader  *parents;		/* delivers keys when all parents are read */
	CrmReadSpec parents_spec;
	bool		no_more_lists;
	CrmList		list;
	CrmPager   *pager;			/* NULL = between two lists */

	/* Where in it: */
	const CrmPage *page;
	int			record;			/* index of the current record */
	const CrmNode *element;		/* current element of its nested array */
	char	   *words;			/* rest of a comma separated text */
	CrmRow		row;
};

/* "{}" replaced by the encoded key; path and fixed query apart. */
static void
expand_path(const char *pattern, const char *key, char **path, char **query)
{
	StringInfoData buf;
	const char *hole = strstr(pattern, "{}");
	char	   *question;

	initStringInfo(&buf);
	if (hole != NULL && key != NULL)
	{
		appendBinaryStringInfo(&buf, pattern, hole - pattern);
		appendStringInfoString(&buf, crm_url_encode(key));
		appendStringInfoString(&buf, hole + 2);
	}
	else
		appendStringInfoString(&buf, pattern);

	question = strchr(buf.data, '?');
	if (question != NULL)
		*question = '\0';
	*path = buf.data;
	*query = question ? question + 1 : "";
}

static const CrmParent *
current_parent(const CrmReader *reader)
{
	return &reader->spec->entity->parents[reader->parent];
}

/*
 * Two parents that offer the same list under the same column are alternatives
 * only when all parents are walked; a given key asks the list once.
 */
static bool
repeats_earlier_parent(const CrmEntity *entity, int parent)
{
	for (int i = 0; i < parent; i++)
	{
		if (strcmp(entity->parents[i].path, entity->parents[parent].path) == 0)
			return true;
	}
	return false;
}

/* HV00L unless each parent is restricted, fixed, or may be walked. */
static void
check_parents(const CrmAccount *account, const CrmReadSpec *spec)
{
	const CrmEntity *entity = spec->entity;
	StringInfoData columns;

	if (entity->nparents == 0 || spec->fan_out || (entity->flags & CRM_ENTITY_FEW_PARENTS))
		return;
	for (int i = 0; i < entity->nparents; i++)
	{
		/* One restricted parent rules out the rows of the others. */
		if (entity->parents[i].values != NULL ||
			(spec->parent_keys != NULL && spec->parent_keys[i] != NULL))
			return;
	}
	initStringInfo(&columns);
	for (int i = 0; i < entity->nparents; i++)
	{
		if (!repeats_earlier_parent(entity, i))
			appendStringInfo(&columns, "%s\"%s\"", i > 0 ? " or " : "", entity->parents[i].column);
	}
	ereport(ERROR,
			(errcode(CRM_ERR_NEEDS_FILTER),
			 errmsg("%s offers \"%s\" only below a parent record",
					account->api->title, entity->name),
			 errhint("Filter or join on %s, or set the table option fan_out 'true' to send one request or more per parent.",
					 columns.data)));
}

CrmReader *
crm_reader_create(CrmAccount *account, const CrmReadSpec *spec)
{
	MemoryContext context;
	CrmReader  *reader;

	check_parents(account, spec);
	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw reader", ALLOCSET_SMALL_SIZES);
	reader = MemoryContextAllocZero(context, sizeof(CrmReader));
	reader->account = account;
	reader->spec = spec;
	reader->context = context;
	reader->list_context = AllocSetContextCreate(context, "crm_fdw list", ALLOCSET_SMALL_SIZES);
	reader->row_context = AllocSetContextCreate(context, "crm_fdw words", ALLOCSET_SMALL_SIZES);
	return reader;
}

void
crm_reader_free(CrmReader *reader)
{
	MemoryContextDelete(reader->context);
}

/*
 * The value a list's path needs before it can be asked for: a member of the
 * element that carries a certain name.
 */
static const char *
look_up(CrmReader *reader, const CrmLookup *lookup)
{
	const CrmEntity *entity = reader->spec->entity;
	CrmRequest	request = {.entity = entity->name, .path = lookup->path};
	CrmAnswer  *answer = crm_fetch_finish(crm_fetch_start(reader->account, &request));
	const CrmNode *rows = NULL;

	if (answer->kind == CRM_ANSWER_JSON)
		rows = crm_json_pointer(crm_json_root(answer->json), lookup->rows);
	for (const CrmNode *row = crm_json_first(rows); row; row = crm_json_next(row))
	{
		const char *name = crm_scalar_text(answer->json, crm_json_pointer(row, lookup->match));

		if (name != NULL && strcmp(name, lookup->value) == 0)
			return crm_scalar_text(answer->json, crm_json_pointer(row, lookup->take));
	}
	ereport(ERROR,
			(errcode(CRM_ERR_ANSWER),
			 errmsg("%s has no \"%s\" at %s, which a read of \"%s\" goes through",
					reader->account->api->title, lookup->value, lookup->path, entity->name),
			 errhint("Restore it in the CRM, or read another endpoint with the table option \"path\".")));
}

/* Describes the list at the parent's path, or the entity's own; key fills its hole. */
static void
prepare_list(const CrmReadSpec *spec, const CrmParent *parent, const char *key, CrmList *list)
{
	const CrmEntity *entity = spec->entity;
	StringInfoData query;
	char	   *path;
	char	   *fixed;
	char	   *unused;

	expand_path(parent ? parent->path : entity->path, key, &path, &fixed);
	initStringInfo(&query);
	crm_url_add_raw(&query, fixed);
	crm_url_add_raw(&query, spec->flags);

	memset(list, 0, sizeof(*list));
	list->entity = entity;
	list->path = path;
	list->query = query.data;
	list->below_parent = parent != NULL && parent->values == NULL;
	list->page_size = spec->page_size;
	list->from = spec->from;
	list->to = spec->to;
	if (entity->fallback_path != NULL)
	{
		expand_path(entity->fallback_path, key, &path, &unused);
		list->fallback_path = path;
	}
}

static void
open_list(CrmReader *reader, const CrmParent *parent, const char *key)
{
	const CrmEntity *entity = reader->spec->entity;

	if (entity->lookup != NULL)
		key = look_up(reader, entity->lookup);
	prepare_list(reader->spec, parent, key, &reader->list);
	reader->row.parent = parent;
	reader->row.parent_key = key;
	reader->pager = crm_pager_create(reader->account, &reader->list);
}

/* The next id from the rows of the parent entity, or NULL. */
static const char *
next_walked_key(CrmReader *reader)
{
	const CrmParent *parent = current_parent(reader);
	const CrmColumn *id;
	const CrmRow *row;
	MemoryContext old;

	if (reader->parents == NULL)
	{
		CrmReadSpec *spec = &reader->parents_spec;

		memset(spec, 0, sizeof(*spec));
		spec->entity = crm_entity_find(reader->account->api, parent->entity);
		spec->flags = "";
		spec->from = CRM_NO_LOWER;
		spec->to = CRM_NO_UPPER;
		/* The table's bound, if it has one, holds for the rows it hangs on. */
		if (spec->entity->window != NULL)
			spec->from = reader->spec->from;
		old = MemoryContextSwitchTo(reader->context);
		reader->parents = crm_reader_create(reader->account, spec);
		MemoryContextSwitchTo(old);
	}
	row = crm_reader_next(reader->parents);
	if (row == NULL)
		return NULL;
	id = crm_column_find(reader->parents_spec.entity, "id");
	return crm_scalar_text(row->json, crm_json_pointer(row->record, id->pointer ? id->pointer : "/id"));
}

/* The next key of the current parent, or NULL when it has no more. */
static const char *
next_key(CrmReader *reader)
{
	const CrmReadSpec *spec = reader->spec;
	const CrmParent *parent = current_parent(reader);

	if (spec->parent_keys != NULL && spec->parent_keys[reader->parent] != NULL)
	{
		if (reader->next_key < spec->nparent_keys[reader->parent])
			return spec->parent_keys[reader->parent][reader->next_key++];
		return NULL;
	}
	if (parent->values != NULL)
		return parent->values[reader->next_key] ? parent->values[reader->next_key++] : NULL;
	return next_walked_key(reader);
}

/* True if the rows below a parent cannot match the query. */
static bool
parent_ruled_out(const CrmReadSpec *spec, int parent)
{

	const CrmEntity *entity = spec->entity;

	if (spec->parent_keys == NULL)
		return false;
	/* A row hangs on one parent: another's id, if restricted, is NULL in it. */
	for (int i = 0; i < entity->nparents; i++)
	{
		if (spec->parent_keys[i] != NULL &&
			strcmp(entity->parents[i].column, entity->parents[parent].column) != 0)
			return true;
	}
	return spec->parent_keys[parent] != NULL && repeats_earlier_parent(entity, parent);
}

/* Opens the next list of the entity; false when there is none. */
static bool
open_next_list(CrmReader *reader)
{
	const CrmEntity *entity = reader->spec->entity;
	MemoryContext old;
	bool		opened = false;

	if (reader->no_more_lists)
		return false;
	MemoryContextReset(reader->list_context);
	old = MemoryContextSwitchTo(reader->list_context);
	if (entity->nparents == 0)
	{
		open_list(reader, NULL, NULL);
		reader->no_more_lists = true;
		opened = true;
	}
	while (!opened && reader->parent < entity->nparents)
	{
		const char *key = parent_ruled_out(reader->spec, reader->parent) ? NULL : next_key(reader);

		if (key != NULL)
		{
			open_list(reader, current_parent(reader), pstrdup(key));
			opened = true;
			break;
		}
		reader->parent++;
		reader->next_key = 0;
		if (reader->parents != NULL)
			crm_reader_free(reader->parents);
		reader->parents = NULL;
	}
	MemoryContextSwitchTo(old);
	return opened;
}

/*
 * Bounds are the table's, not only the request's: which records an API selects
 * by them is not always documented.
 */
static bool
is_before_start(const CrmReader *reader, const CrmNode *record)
{
	const CrmWindow *window = reader->spec->entity->window;
	int64		second;

	return window != NULL && reader->spec->from != CRM_NO_LOWER &&
		crm_scalar_int64(reader->page->json, crm_json_pointer(record, window->pointer), &second) &&
		second < reader->spec->from;
}

/* Moves to the next record; false at the end. */
static bool
next_record(CrmReader *reader)
{
	for (;;)
	{
		if (reader->page != NULL && ++reader->record < reader->page->nrecords)
		{
			if (is_before_start(reader, reader->page->records[reader->record]))
				continue;
			return true;
		}
		if (reader->pager == NULL && !open_next_list(reader))
			return false;
		reader->page = crm_pager_next(reader->pager);
		reader->record = -1;
		if (reader->page == NULL)
			reader->pager = NULL;	/* its memory goes with the list context */
	}
}

/* The next word of a comma separated text, trimmed; NULL at its end. */
static const char *
next_word(char **rest)
{
	char	   *word = *rest;
	char	   *comma;
	char	   *end;

	if (word == NULL)
		return NULL;
	comma = strchr(word, ',');
	*rest = comma ? comma + 1 : NULL;
	end = comma ? comma : word + strlen(word);
	while (word < end && *word == ' ')
		word++;
	while (end > word && end[-1] == ' ')
		end--;
	*end = '\0';
	return word;
}

/* The next element inside the current record, or NULL. */
static const CrmRow *
next_nested(CrmReader *reader)
{
	CrmRow	   *row = &reader->row;

	if (reader->element != NULL)
	{
		row->record = reader->element;
		reader->element = crm_json_next(reader->element);
	}
	else
	{
		row->record = NULL;
		row->word = next_word(&reader->words);
		if (row->word == NULL)
			return NULL;
	}
	row->ordinal++;
	return row;
}

/* Starts on the nested rows of the current record. */
static void
open_nested(CrmReader *reader)
{
	const CrmNode *nested;

	reader->row.outer = reader->page->records[reader->record];
	reader->row.json = reader->page->json;
	reader->row.ordinal = 0;
	reader->element = NULL;
	reader->words = NULL;
	nested = crm_json_pointer(reader->row.outer, reader->spec->entity->unnest);
	if (nested == NULL)
		return;
	if (crm_json_type(nested) == CRM_NODE_ARRAY)
		reader->element = crm_json_first(nested);
	else if (crm_json_type(nested) == CRM_NODE_STRING && *crm_json_string(nested) != '\0')
	{
		MemoryContextReset(reader->row_context);
		reader->words = MemoryContextStrdup(reader->row_context, crm_json_string(nested));
	}
}

const CrmRow *
crm_reader_next(CrmReader *reader)
{
	const CrmRow *row;

	if (reader->spec->entity->unnest == NULL)
	{
		if (!next_record(reader))
			return NULL;
		reader->row.json = reader->page->json;
		reader->row.record = reader->page->records[reader->record];
		return &reader->row;
	}
	while ((row = next_nested(reader)) == NULL)
	{
		if (!next_record(reader))
			return NULL;
		open_nested(reader);
	}
	return row;
}

/* One request in words, decoded for reading. */
static char *
describe_request(const CrmApi *api, const CrmReadSpec *spec, const CrmParent *parent, const char *key)
{
	CrmList		list;
	StringInfoData query;

	prepare_list(spec, parent, key, &list);
	initStringInfo(&query);
	crm_url_add_raw(&query, list.query);
	crm_page_first_query(api, &list, &query);
	return psprintf("%s %s%s%s", spec->entity->post_form ? "POST" : "GET",
					crm_url_readable(list.path), query.len > 0 ? "?" : "",
					crm_url_readable(query.data));
}

/* Requests below one parent of an entity. */
static List *
describe_parent(const CrmApi *api, const CrmReadSpec *spec, int index)
{
	const CrmParent *parent = &spec->entity->parents[index];
	List	   *lines = NIL;

	if (spec->parent_keys != NULL && spec->parent_keys[index] != NULL)
	{
		for (int i = 0; i < spec->nparent_keys[index]; i++)
			lines = lappend(lines, describe_request(api, spec, parent, spec->parent_keys[index][i]));
	}
	else if (parent->values != NULL)
	{
		for (const char *const *value = parent->values; *value; value++)
			lines = lappend(lines, describe_request(api, spec, parent, *value));
	}
	else
		lines = lappend(lines, describe_request(api, spec, parent,
												psprintf("{%s.id}", parent->entity)));
	return lines;
}

List *
crm_reader_describe(const CrmApi *api, const CrmReadSpec *spec)
{
	const CrmEntity *entity = spec->entity;
	List	   *lines = NIL;

	if (entity->nparents == 0)
		return list_make1(describe_request(api, spec, NULL,
										   entity->lookup ? psprintf("{%s}", entity->lookup->value) : NULL));
	for (int i = 0; i < entity->nparents; i++)
	{
		if (!parent_ruled_out(spec, i))
			lines = list_concat(lines, describe_parent(api, spec, i));
	}
	return lines;
}
