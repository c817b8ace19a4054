/*
 * reader.h
 *		All rows of an entity: below which parents, from which lists, out of
 *		which nested arrays.
 */
#ifndef CRM_READER_H
#define CRM_READER_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "client/page.h"

/* What to read of an entity.  Must live as long as the reader. */
typedef struct CrmReadSpec
{
	const CrmEntity *entity;
	int			page_size;		/* wish; 0 = the most the API allows */
	const char *flags;			/* request flags of used columns, encoded; "" = none */
	int64		from;			/* bounds of entity->window, in seconds */
	int64		to;
	bool		fan_out;		/* may go through all parents */

	/*
	 * Per parent of the entity: its ids as text, or NULL = not restricted.  A
	 * parent that is ruled out has an empty, non-null array.
	 */
	const char ***parent_keys;
	int		   *nparent_keys;
} CrmReadSpec;

/* One row, as JSON.  Valid until the next call. */
typedef struct CrmRow
{
	const CrmJson *json;
	const CrmNode *record;		/* NULL for a word of a comma separated text */
	const CrmNode *outer;		/* enclosing record of an unnested row */
	const char *word;			/* see record */
	int			ordinal;		/* 1-based position in the nested array */
	const CrmParent *parent;	/* NULL if the entity has none */
	const char *parent_key;
} CrmRow;

typedef struct CrmReader CrmReader;

/*
 * A reader in the current memory context.  Raises HV00L if the entity cannot
 * be read without a parent's id and none is given.
 */
extern CrmReader *crm_reader_create(CrmAccount *account, const CrmReadSpec *spec);

/* The next row, or NULL at the end. */
extern const CrmRow *crm_reader_next(CrmReader *reader);

extern void crm_reader_free(CrmReader *reader);

/*
 * The requests a reader would start with, as text for EXPLAIN: one per list,
 * first page only.  Sends nothing.
 */
extern List *crm_reader_describe(const CrmApi *api, const CrmReadSpec *spec);

#endif							/* CRM_READER_H */
