/*
 * lists.c
 *		The lists of an API that together hold the records a spec wants.
 */
#include "postgres.h"

#include "base/report.h"
#include "client/lists.h"
#include "client/url.h"

void
crm_lists_all(const CrmEntity *entity, CrmReadSpec *spec)
{
	memset(spec, 0, sizeof(*spec));
	spec->entity = entity;
	spec->flags = "";
	spec->query = "";
	spec->from = CRM_NO_LOWER;
	spec->to = CRM_NO_UPPER;
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
void
crm_lists_check(const CrmAccount *account, const CrmReadSpec *spec)
{
	const CrmEntity *entity = spec->entity;
	StringInfoData columns;

	if (spec->nothing || entity->nparents == 0 || spec->fan_out || (entity->flags & CRM_ENTITY_FEW_PARENTS))
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

/* True if the rows below a parent cannot match the query. */
bool
crm_lists_ruled_out(const CrmReadSpec *spec, int parent)
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

int
crm_lists_known(const CrmReadSpec *spec)
{
	int			known = spec->nothing ? 0 : spec->nvariants;

	for (int i = 0; i < spec->entity->nparents && !spec->nothing; i++)
	{
		if (spec->parent_keys != NULL && spec->parent_keys[i] != NULL && !crm_lists_ruled_out(spec, i))
			known += spec->nparent_keys[i];
	}
	return known;
}

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

/* Describes the list at the parent's path, or the entity's own; key fills its hole. */
void
crm_lists_prepare(const CrmReadSpec *spec, const CrmParent *parent, const char *key,
			 const CrmVariant *variant, CrmList *list)
{
	const CrmEntity *entity = spec->entity;
	StringInfoData query;
	char	   *path;
	char	   *fixed;
	char	   *unused;

	expand_path(parent ? parent->path : entity->path, key, &path, &fixed);
	initStringInfo(&query);
	crm_url_add_raw(&query, fixed);
	crm_url_add_raw(&query, spec->query);
	if (variant != NULL)
		crm_url_add_raw(&query, variant->query);
	crm_url_add_raw(&query, spec->flags);

	memset(list, 0, sizeof(*list));
	list->entity = entity;
	list->path = path;
	list->query = query.data;
	list->below_parent = parent != NULL && parent->values == NULL;
	list->is_all = parent == NULL && spec->nvariants <= 1 && !spec->strict && !spec->for_keys &&
		entity->pager != CRM_PAGER_WALK;
	list->page_size = spec->page_size;
	list->first_page = spec->first_page;
	list->peek = spec->peek;
	list->descending = spec->descending;
	list->in_order = spec->in_order;
	list->eager = spec->eager;
	list->custom = spec->custom;
	list->ids = variant ? variant->ids : NULL;
	list->nids = variant ? variant->nids : 0;
	list->uncertain = spec->uncertain;
	list->from = spec->from;
	list->to = spec->to;
	list->from_name = spec->from_name;
	list->to_name = spec->to_name;
	if (entity->fallback_path != NULL)
	{
		expand_path(entity->fallback_path, key, &path, &unused);
		list->fallback_path = path;
	}
}

/* One request in words, decoded for reading. */
static char *
describe_request(const CrmApi *api, const CrmReadSpec *spec, const CrmParent *parent, const char *key,
				 const CrmVariant *variant)
{
	CrmList		list;
	StringInfoData query;

	crm_lists_prepare(spec, parent, key, variant, &list);
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
			lines = lappend(lines, describe_request(api, spec, parent, spec->parent_keys[index][i], NULL));
	}
	else if (parent->values != NULL)
	{
		for (const char *const *value = parent->values; *value; value++)
			lines = lappend(lines, describe_request(api, spec, parent, *value, NULL));
	}
	else
		lines = lappend(lines, describe_request(api, spec, parent,
												psprintf("{%s.id}", parent->entity), NULL));
	return lines;
}

List *
crm_lists_describe(const CrmApi *api, const CrmReadSpec *spec)
{
	const CrmEntity *entity = spec->entity;
	const char *looked_up = entity->lookup ? psprintf("{%s}", entity->lookup->value) : NULL;
	List	   *lines = NIL;

	if (spec->nothing)
		return NIL;
	if (entity->nparents == 0 && spec->nvariants == 0)
		return list_make1(describe_request(api, spec, NULL, looked_up, NULL));
	for (int i = 0; i < spec->nvariants; i++)
		lines = lappend(lines, describe_request(api, spec, NULL, looked_up, &spec->variants[i]));
	for (int i = 0; i < entity->nparents; i++)
	{
		if (!crm_lists_ruled_out(spec, i))
			lines = list_concat(lines, describe_parent(api, spec, i));
	}
	return lines;
}

/* Lengths keep the parts apart. */
static void
add_key_part(StringInfo key, const char *part)
{
	appendStringInfo(key, "%zu:%s", strlen(part), part);
}

char *
crm_lists_key(const CrmReadSpec *spec)
{
	StringInfoData key;

	initStringInfo(&key);
	appendStringInfo(&key, "%d " INT64_FORMAT " " INT64_FORMAT " ", spec->nothing, spec->from, spec->to);
	add_key_part(&key, spec->entity->path ? spec->entity->path : "");
	add_key_part(&key, spec->query);
	/* The same bounds may be of another column. */
	add_key_part(&key, spec->entity->order ? spec->entity->order : "");
	for (int i = 0; i < spec->nvariants; i++)
		add_key_part(&key, spec->variants[i].query);
	for (int i = 0; i < spec->entity->nparents; i++)
	{
		appendStringInfo(&key, " %s ", spec->entity->parents[i].path);
		if (spec->parent_keys == NULL || spec->parent_keys[i] == NULL)
			continue;
		appendStringInfo(&key, "%d ", spec->nparent_keys[i]);
		for (int j = 0; j < spec->nparent_keys[i]; j++)
			add_key_part(&key, spec->parent_keys[i][j]);
	}
	return key.data;
}
