/*
 * texts.c
 *		What PostgreSQL's lists do for nodes, for C strings.
 */
#include "postgres.h"

#include "base/texts.h"

bool
crm_texts_have(const List *texts, const char *text)
{
	ListCell   *lc;

	foreach(lc, texts)
	{
		if (strcmp(lfirst(lc), text) == 0)
			return true;
	}
	return false;
}

bool
crm_texts_equal(const List *a, const List *b)
{
	ListCell   *la;
	ListCell   *lb;

	if (list_length(a) != list_length(b))
		return false;
	forboth(la, a, lb, b)
	{
		if (strcmp(lfirst(la), lfirst(lb)) != 0)
			return false;
	}
	return true;
}

List *
crm_texts_common(const List *a, const List *b)
{
	List	   *common = NIL;
	ListCell   *lc;

	foreach(lc, a)
	{
		if (crm_texts_have(b, lfirst(lc)))
			common = lappend(common, lfirst(lc));
	}
	return common;
}

List *
crm_texts_copy(const List *texts)
{
	List	   *copy = NIL;
	ListCell   *lc;

	foreach(lc, texts)
		copy = lappend(copy, pstrdup(lfirst(lc)));
	return copy;
}
