/*
 * keys.c
 *		Ids of parents: which texts can be one, sorted, each once.
 */
#include "postgres.h"

#include "fdw/keys.h"

/* Ids are short; a longer text only makes a URL that servers refuse. */
#define LONGEST_ID	255

bool
crm_key_is_number(const char *text)
{
	return text[0] != '0' && text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

void
crm_keys_open(CrmReadSpec *spec)
{
	int			n = Max(spec->entity->nparents, 1);

	spec->parent_keys = palloc0(sizeof(char **) * n);
	spec->nparent_keys = palloc0(sizeof(int) * n);
}

/* Shorter ids first, so that numbers ascend. */
static int
compare_ids(const void *a, const void *b)
{
	const char *left = *(const char *const *) a;
	const char *right = *(const char *const *) b;
	size_t		left_len = strlen(left);
	size_t		right_len = strlen(right);

	if (left_len != right_len)
		return left_len < right_len ? -1 : 1;
	return strcmp(left, right);
}

const char **
crm_keys_sort(const List *texts, int *n)
{
	const char **sorted = palloc(sizeof(char *) * Max(list_length(texts), 1));
	int			kept = 0;
	ListCell   *lc;

	foreach(lc, texts)
		sorted[foreach_current_index(lc)] = lfirst(lc);
	qsort(sorted, list_length(texts), sizeof(char *), compare_ids);
	for (int i = 0; i < list_length(texts); i++)
	{
		if (kept == 0 || strcmp(sorted[kept - 1], sorted[i]) != 0)
			sorted[kept++] = sorted[i];
	}
	*n = kept;
	return sorted;
}

/*
 * Can a parent have this id?  What cannot be one is not sent: APIs ignore a
 * filter on 0 or on nothing and answer with everything, compare words without
 * case, or understand the path differently.
 */
static bool
may_be_id(const CrmEntity *entity, const CrmParent *parent, const char *text)
{
	const CrmColumn *column;

	if (parent->values != NULL)
	{
		for (const char *const *value = parent->values; *value; value++)
		{
			if (strcmp(*value, text) == 0)
				return true;
		}
		return false;
	}
	column = crm_column_find(entity, parent->column);
	if (column != NULL && column->type == CRM_BIGINT)
		return crm_key_is_number(text);
	return text[0] != '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
		strlen(text) <= LONGEST_ID;
}

void
crm_keys_restrict(CrmReadSpec *spec, int parent, const List *ids, bool names)
{
	const char **before = spec->parent_keys[parent];
	int			nids;
	const char **sorted = crm_keys_sort(ids, &nids);
	int			n = 0;

	for (int i = 0; i < nids; i++)
	{
		if ((!names && !may_be_id(spec->entity, &spec->entity->parents[parent], sorted[i])) ||
			(before != NULL && bsearch(&sorted[i], before, spec->nparent_keys[parent],
									   sizeof(char *), compare_ids) == NULL))
			continue;
		sorted[n++] = sorted[i];
	}
	spec->parent_keys[parent] = sorted;
	spec->nparent_keys[parent] = n;
}
