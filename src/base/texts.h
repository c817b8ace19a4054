/*
 * texts.h
 *		Lists of C strings as sets.
 */
#ifndef CRM_TEXTS_H
#define CRM_TEXTS_H

#include "postgres.h"

#include "nodes/pg_list.h"

extern bool crm_texts_have(const List *texts, const char *text);

/* The same texts in the same order? */
extern bool crm_texts_equal(const List *a, const List *b);

/* Those of the first list that the second one has; the texts are not copied. */
extern List *crm_texts_common(const List *a, const List *b);

/* A copy in the current memory context. */
extern List *crm_texts_copy(const List *texts);

#endif							/* CRM_TEXTS_H */
