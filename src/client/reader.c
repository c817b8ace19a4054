/*
 * reader.c
 *		Rows of an entity: walks parents, reads their lists, unnests records.
 *
 * An entity without parents is one list.  Below parents there is one list per
 * parent; the parents are those the query names or, where that is allowed, all
 * rows of the parent entity, which another reader delivers while its children
 * are read.
 *
 * Lists are handed on one after the other.  When the one being read leaves some
 * of the account's concurrency unused, the next ones are opened and their first
 * pages asked for.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/report.h"
#include "client/fetch.h"
#include "client/lists.h"
#include "client/reader.h"
#include "client/requestlog.h"
#include "client/scalar.h"
#include "client/url.h"

/* A list that is open. */
typedef struct OpenList
{
	MemoryContext context;		/* holds this */
	CrmList		list;
	CrmPager   *pager;
	const CrmParent *parent;	/* NULL if the entity has none */
	const char *parent_key;
} OpenList;

struct CrmReader
{
	CrmAccount *account;
	const CrmReadSpec *spec;
	MemoryContext context;		/* the reader */
	MemoryContext row_context;	/* of unnested text */
	List	   *lists;			/* of OpenList; the first is being read */
	int			pages;			/* received, of all lists */

	/* Which list is opened next: */
	int			parent;			/* index of the current parent */
	int			next_key;		/* next of its given keys or fixed values */
	CrmReader  *parents;		/* delivers keys when all parents are read */
	CrmReadSpec parents_spec;
	int			next_variant;
	bool		no_more_lists;
	bool		refused;
	CrmIdSet   *seen;			/* records of all lists, where one may be in several */

	/* Where in the list being read: */
	const CrmPage *page;
	int			record;			/* index of the current record */
	const CrmNode *element;		/* current element of its nested array */
	char	   *words;			/* rest of a comma separated text */
	CrmRow		row;
};

static const CrmParent *
current_parent(const CrmReader *reader)
{
	return &reader->spec->entity->parents[reader->parent];
}

CrmReader *
crm_reader_create(CrmAccount *account, const CrmReadSpec *spec)
{
	MemoryContext context;
	CrmReader  *reader;

	crm_lists_check(account, spec);
	if (spec->eager)
		crm_requestlog_foresee(account, spec->entity->name, crm_lists_known(spec));
	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw reader", ALLOCSET_SMALL_SIZES);
	reader = MemoryContextAllocZero(context, sizeof(CrmReader));
	reader->account = account;
	reader->spec = spec;
	reader->context = context;
	reader->row_context = AllocSetContextCreate(context, "crm_fdw words", ALLOCSET_SMALL_SIZES);
	reader->no_more_lists = spec->nothing;
	reader->seen = spec->seen;
	if (spec->nvariants > 1 && reader->seen == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		reader->seen = crm_idset_create();
		MemoryContextSwitchTo(old);
	}
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

static void
open_list(CrmReader *reader, const CrmParent *parent, const char *key)
{
	const CrmReadSpec *spec = reader->spec;
	MemoryContext context = AllocSetContextCreate(reader->context, "crm_fdw list", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	OpenList   *open = palloc0(sizeof(OpenList));

	open->context = context;
	open->parent = parent;
	open->parent_key = spec->entity->lookup ? look_up(reader, spec->entity->lookup) : key ? pstrdup(key) : NULL;
	crm_lists_prepare(spec, parent, open->parent_key,
					  spec->variants ? &spec->variants[reader->next_variant++] : NULL, &open->list);
	open->pager = crm_pager_create(reader->account, &open->list);
	MemoryContextSwitchTo(reader->context);
	reader->lists = lappend(reader->lists, open);
	MemoryContextSwitchTo(old);
}

static OpenList *
current_list(const CrmReader *reader)
{
	return reader->lists ? linitial(reader->lists) : NULL;
}

/* The list being read has ended. */
static void
close_list(CrmReader *reader)
{
	MemoryContextDelete(current_list(reader)->context);
	reader->lists = list_delete_first(reader->lists);
	reader->page = NULL;
}

/* Can a text be a value of the id's column? */
static bool
is_id(const CrmColumn *column, const char *text)
{
	char	   *end;

	if (column->type != CRM_BIGINT)
		return *text != '\0';
	errno = 0;
	(void) strtoll(text, &end, 10);
	return errno == 0 && *text != '\0' && *end == '\0';
}

/* The next id from the rows of the parent entity, or NULL at their end. */
static const char *
next_walked_key(CrmReader *reader)
{
	const CrmParent *parent = current_parent(reader);
	const CrmColumn *id;
	const CrmRow *row;
	const char *key;
	MemoryContext old;

	if (reader->parents == NULL)
	{
		CrmReadSpec *spec = &reader->parents_spec;

		crm_lists_all(crm_entity_find(reader->account->api, parent->entity), spec);
		spec->for_keys = true;
		/* The table's bound, if it has one, holds for the rows it hangs on. */
		if (spec->entity->window != NULL)
		{
			spec->from = reader->spec->from;
			spec->start_window = reader->spec->start_window;
			spec->start = reader->spec->start;
		}
		old = MemoryContextSwitchTo(reader->context);
		reader->parents = crm_reader_create(reader->account, spec);
		MemoryContextSwitchTo(old);
	}
	row = crm_reader_next(reader->parents);
	if (row == NULL)
		return NULL;
	id = crm_column_find(reader->parents_spec.entity, "id");
	key = crm_scalar_text(row->json, crm_json_pointer(row->record, id->pointer ? id->pointer : "/id"));
	if (key == NULL || !is_id(id, key))
		ereport(ERROR,
				(errcode(CRM_ERR_ANSWER),
				 errmsg("%s lists a record of \"%s\" without a usable id, so what is below it cannot be read",
						reader->account->api->title, parent->entity),
				 errhint("Run the query again; if this persists, name the ids in a filter on \"%s\".", parent->column)));
	return key;
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

/* Would finding out the next key take a request? */
static bool
key_is_known(const CrmReader *reader)
{
	const CrmReadSpec *spec = reader->spec;

	if (spec->entity->nparents == 0 || reader->parent >= spec->entity->nparents ||
		current_parent(reader)->values != NULL ||
		(spec->parent_keys != NULL && spec->parent_keys[reader->parent] != NULL))
		return true;
	return reader->parents != NULL && crm_reader_buffered(reader->parents);
}

/* Opens the next list of the entity; false when there is none. */
static bool
open_next_list(CrmReader *reader)
{
	const CrmEntity *entity = reader->spec->entity;

	if (reader->no_more_lists)
		return false;
	if (entity->nparents == 0)
	{
		open_list(reader, NULL, NULL);
		reader->no_more_lists = reader->next_variant >= reader->spec->nvariants;
		return true;
	}
	while (reader->parent < entity->nparents)
	{
		const char *key = crm_lists_ruled_out(reader->spec, reader->parent) ? NULL : next_key(reader);

		if (key != NULL)
		{
			open_list(reader, current_parent(reader), key);
			return true;
		}
		reader->parent++;
		reader->next_key = 0;
		if (reader->parents != NULL)
			crm_reader_free(reader->parents);
		reader->parents = NULL;
	}
	reader->no_more_lists = true;
	return false;
}

/*
 * Opens lists ahead, once it is likely that they are wanted: from the first page
 * on.  Where an endpoint may turn out not to exist, the first list has to be
 * answered first.
 */
static void
open_ahead(CrmReader *reader)
{
	const CrmAccount *account = reader->account;
	const CrmReadSpec *spec = reader->spec;
	bool		certain = !spec->uncertain && spec->entity->fallback_path == NULL;

	if (reader->pages == 0 && !(spec->eager && certain))
		return;
	while (account->ahead < account->concurrency && !reader->no_more_lists && key_is_known(reader) &&
		   open_next_list(reader))
		crm_pager_send(((OpenList *) llast(reader->lists))->pager);
}

/* Is a record that came along a row of the table, and not handed on before? */
static bool
is_wanted(CrmReader *reader, const CrmNode *record)
{
	const CrmReadSpec *spec = reader->spec;
	const CrmJson *json = reader->page->json;
	int64		second;

	/*
	 * The start is the table's bound, not only the request's: which records an
	 * API selects by it is not always documented.
	 */
	if (spec->start_window != NULL &&
		crm_scalar_int64(json, crm_json_pointer(record, spec->start_window->pointer), &second) &&
		second < spec->start)
		return false;
	if (spec->strict && spec->entity->window != NULL &&
		crm_scalar_int64(json, crm_json_pointer(record, spec->entity->window->pointer), &second) &&
		(second < spec->from || second > spec->to))
		return false;
	if (spec->guard_pointer != NULL)
	{
		const char *text = crm_scalar_text(json, crm_json_pointer(record, spec->guard_pointer));

		if (text == NULL || strcmp(text, spec->guard_value) != 0)
			return false;
	}
	if (reader->seen != NULL && spec->entity->id != NULL)
	{
		const char *id = crm_scalar_text(json, crm_json_pointer(record, spec->entity->id));

		if (id != NULL && !crm_idset_add_text(reader->seen, id, strlen(id)))
			return false;
	}
	return true;
}

/*
 * Makes a list the current one, if there is one left, and sends what it needs.
 */
static bool
advance_list(CrmReader *reader)
{
	if (reader->lists == NIL && !open_next_list(reader))
		return false;
	crm_pager_release(current_list(reader)->pager);
	crm_pager_send(current_list(reader)->pager);
	open_ahead(reader);
	return true;
}

/* Reads the next page; false at the end. */
static bool
next_page(CrmReader *reader)
{
	OpenList   *open;

	if (!advance_list(reader))
		return false;
	open = current_list(reader);
	reader->page = crm_pager_next(open->pager);
	reader->record = -1;
	reader->row.parent = open->parent;
	reader->row.parent_key = open->parent_key;
	reader->pages++;
	if (crm_pager_refused(open->pager))
	{
		reader->refused = reader->no_more_lists = true;
		while (reader->lists != NIL)
			close_list(reader);
		return false;
	}
	if (reader->page == NULL)
		close_list(reader);
	else
	{
		reader->row.values = reader->page->values;
		reader->row.page_records = reader->page->nrecords;
	}
	return true;
}

/* Moves to the next record; false at the end. */
static bool
next_record(CrmReader *reader)
{
	for (;;)
	{
		if (reader->page != NULL && ++reader->record < reader->page->nrecords)
		{
			if (is_wanted(reader, reader->page->records[reader->record]))
				return true;
			continue;
		}
		if (!next_page(reader))
			return false;
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

/* Is the list being read the last one, as far as is known without asking? */
static bool
no_list_left(const CrmReader *reader)
{
	const CrmReadSpec *spec = reader->spec;
	int			next_key = reader->next_key;

	if (list_length(reader->lists) > 1)
		return false;
	if (reader->no_more_lists || spec->entity->nparents == 0)
		return reader->no_more_lists;
	for (int i = reader->parent; i < spec->entity->nparents; i++)
	{
		if (!crm_lists_ruled_out(spec, i) &&
			(spec->parent_keys == NULL || spec->parent_keys[i] == NULL ||
			 next_key < spec->nparent_keys[i]))
			return false;
		next_key = 0;
	}
	return true;
}

/* Are there rows left of the current page? */
static bool
has_rows(const CrmReader *reader)
{
	return reader->element != NULL || reader->words != NULL ||
		(reader->page != NULL && reader->record + 1 < reader->page->nrecords);
}

bool
crm_reader_buffered(const CrmReader *reader)
{
	const OpenList *open = current_list(reader);

	if (has_rows(reader))
		return true;
	return (open == NULL || crm_pager_done(open->pager)) && no_list_left(reader);
}

bool
crm_reader_ready(CrmReader *reader)
{
	while (!has_rows(reader))
	{
		OpenList   *open = current_list(reader);

		if (open != NULL && crm_pager_done(open->pager))
			close_list(reader);
		else if (open == NULL && !key_is_known(reader) && reader->parents != NULL &&
				 !crm_reader_ready(reader->parents))
			return false;
		else if (!advance_list(reader))
			return true;
		else if (!crm_pager_ready(current_list(reader)->pager))
			return false;
		else if (!next_page(reader))
			return true;
	}
	return true;
}

int64
crm_reader_total(const CrmReader *reader)
{
	return reader->lists ? crm_pager_total(current_list(reader)->pager) : -1;
}

bool
crm_reader_refused(const CrmReader *reader)
{
	return reader->refused;
}
