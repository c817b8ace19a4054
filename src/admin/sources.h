/*
 * sources.h
 *		What a relation reads: foreign tables, their accounts, and what the
 *		catalogue knows of their columns.
 */
#ifndef CRM_SOURCES_H
#define CRM_SOURCES_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "catalog/catalog.h"

/* A foreign table of this wrapper and the role it is read as. */
typedef struct CrmSourceTable
{
	Oid			table;
	Oid			server;
	Oid			reader;
	bool		readable;		/* the reader may SELECT it, and so may those on the way */
} CrmSourceTable;

/*
 * What a view or materialized view reads, through views, partitions and
 * inheritance, but not through other materialized views and tables; or the
 * foreign table itself.  A list of CrmSourceTable.  What only a function reads is
 * not seen.
 */
extern List *crm_sources(Oid relid);

/* True if the relation is a foreign table of this wrapper. */
extern bool crm_is_foreign_table(Oid relid);

/*
 * The request budgets (crm_auth_budget_key) that the sources draw from,
 * ascending, each once; a list of palloc'd uint64.  Raises an error where a
 * reader has no credential.  Sources that are not readable are left out: nobody
 * is to hold up an account that is not his to read.
 */
extern List *crm_source_budgets(List *sources);

/* Requests per minute that the strictest of the sources' servers allows. */
extern double crm_source_rate(List *sources);

/*
 * Columns of a materialized view that show the keys of its sources, of those whose
 * whole key is shown; NIL if there are none.
 */
extern List *crm_view_key(Oid relid, List *sources);

/* A foreign table's columns as a copy of it needs to know them. */
typedef struct CrmShape
{
	const CrmApi *api;
	const CrmEntity *entity;
	List	   *columns;		/* names, in order */
	List	   *key;			/* names; NIL = none, or not all of it is there */
	List	   *fleeting;		/* names of columns that differ at every read */
	const char *raw;			/* the column that holds whole records, or NULL */
	List	   *fleeting_paths;	/* paths ('{a,b}') of such values within raw */
	const char *cursor;			/* moves when a record changes; NULL = none */
	const char *age;			/* column whose old values the API may stop listing; NULL = none */
	bool		bounded;		/* a lower bound on cursor narrows what is asked for */
} CrmShape;

extern CrmShape *crm_shape(Oid table);

/* The entity a foreign table reads. */
extern const CrmEntity *crm_source_entity(Oid table, const CrmApi **api);

#endif							/* CRM_SOURCES_H */
