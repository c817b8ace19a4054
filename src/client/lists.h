/*
 * lists.h
 *		What is to be read of an entity, and the lists that hold it: one, one per
 *		parent, one per value of a filter.
 */
#ifndef CRM_LISTS_H
#define CRM_LISTS_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "base/idset.h"
#include "client/page.h"

/* One of several lists that together hold the records. */
typedef struct CrmVariant
{
	const char *query;			/* parameters of this list, encoded */
	const int64 *ids;			/* of its records, ascending; NULL = unknown */
	int			nids;
} CrmVariant;

/* What to read of an entity.  Must live as long as the reader. */
typedef struct CrmReadSpec
{
	const CrmEntity *entity;	/* the list, or another way to its records */
	bool		nothing;		/* no record can match: send nothing */
	int			page_size;		/* wish; 0 = the most the API allows */
	int			first_page;		/* rows the query is content with, or 0 = unknown */
	bool		peek;			/* see CrmList */
	bool		descending;		/* the other way round than the list's order */
	bool		in_order;		/* see CrmList */
	bool		eager;			/* all rows are wanted: reads ahead from the start */
	const char *flags;			/* request flags of used columns, encoded; "" = none */
	const char *query;			/* filters, encoded; "" = none */
	CrmVariant *variants;		/* NULL = one list; not below parents */
	int			nvariants;
	int64		from;			/* bounds as in CrmList; CRM_NO_LOWER, ... */
	int64		to;
	const char *from_name;		/* EXPLAIN: bounds that are not known go by a name */
	const char *to_name;
	bool		fan_out;		/* may go through all parents */
	bool		for_keys;		/* read for the lists below its records */
	bool		uncertain;		/* see crm_reader_refused */
	const CrmCustomFields *custom;	/* see CrmList */
	bool		strict;			/* records outside of from and to are no rows */
	CrmIdSet   *seen;			/* records in it are no rows; those handed on are added;
								 * NULL = the reader's own, if it needs one */

	/* Records whose member at guard_pointer is not guard_value are no rows. */
	const char *guard_pointer;	/* or NULL */
	const char *guard_value;

	/* Records whose time at the window's pointer is before start are no rows. */
	const CrmWindow *start_window;	/* or NULL */
	int64		start;

	/*
	 * Per parent of the entity: its ids as text, or NULL = not restricted.  A
	 * parent that is ruled out has an empty, non-null array.
	 */
	const char ***parent_keys;
	int		   *nparent_keys;
} CrmReadSpec;

/* All records of an entity, as far as nobody adds to the spec. */
extern void crm_lists_all(const CrmEntity *entity, CrmReadSpec *spec);

/* A text that is the same for specs of an entity that read the same. */
extern char *crm_lists_key(const CrmReadSpec *spec);

/* HV00L unless each parent is restricted, fixed, or may be walked. */
extern void crm_lists_check(const CrmAccount *account, const CrmReadSpec *spec);

/* Lists that a read of the spec is known to consist of; there may be more. */
extern int	crm_lists_known(const CrmReadSpec *spec);

/* True if the rows below a parent cannot match the query. */
extern bool crm_lists_ruled_out(const CrmReadSpec *spec, int parent);

/*
 * Describes the list at the parent's path, or the entity's own (parent NULL);
 * key fills its hole, variant (may be NULL) adds its filters.
 */
extern void crm_lists_prepare(const CrmReadSpec *spec, const CrmParent *parent, const char *key,
							  const CrmVariant *variant, CrmList *list);

/*
 * The requests a read of the spec would start with, as text for EXPLAIN: one
 * per list, first page only.  Sends nothing.
 */
extern List *crm_lists_describe(const CrmApi *api, const CrmReadSpec *spec);

#endif							/* CRM_LISTS_H */
