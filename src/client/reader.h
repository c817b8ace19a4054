/*
 * reader.h
 *		All rows of an entity: below which parents, from which lists, out of
 *		which nested arrays.
 */
#ifndef CRM_READER_H
#define CRM_READER_H

#include "postgres.h"

#include "client/lists.h"

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
	const struct CrmFieldIndex *values; /* of custom fields, as they came with the page; or NULL */
	int			page_records;	/* of the page */
} CrmRow;

typedef struct CrmReader CrmReader;

/*
 * A reader in the current memory context.  Raises HV00L if the entity cannot
 * be read without a parent's id and none is given.
 */
extern CrmReader *crm_reader_create(CrmAccount *account, const CrmReadSpec *spec);

/* The next row, or NULL at the end. */
extern const CrmRow *crm_reader_next(CrmReader *reader);

/* True if crm_reader_next would not need another answer. */
extern bool crm_reader_buffered(const CrmReader *reader);

/* Sends requests; true if crm_reader_next would hardly wait for their answers. */
extern bool crm_reader_ready(CrmReader *reader);

/* What the list being read said it holds in all; -1 = unknown. */
extern int64 crm_reader_total(const CrmReader *reader);

/* True if the end came because an uncertain endpoint did not take the filters. */
extern bool crm_reader_refused(const CrmReader *reader);

extern void crm_reader_free(CrmReader *reader);

#endif							/* CRM_READER_H */
