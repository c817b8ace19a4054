/*
 * sql.h
 *		SQL from C: arguments, roles and the search path.
 *
 * Statements run through SPI, which the caller has connected.  They name every
 * table with its schema; functions and operators are those of pg_catalog as
 * long as the search path is the one of crm_sql_enter() or of a SET clause.
 */
#ifndef CRM_SQL_H
#define CRM_SQL_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"

#define CRM_MAX_ARGS	20

/* Arguments $1, $2, ... of a statement; zero it, then add from left to right. */
typedef struct CrmArgs
{
	int			n;
	Oid			types[CRM_MAX_ARGS];
	Datum		values[CRM_MAX_ARGS];
	char		nulls[CRM_MAX_ARGS];
} CrmArgs;

extern void crm_args_add(CrmArgs *args, Oid type, Datum value, bool isnull);
extern void crm_args_relation(CrmArgs *args, Oid relid);	/* InvalidOid = NULL */
extern void crm_args_text(CrmArgs *args, const char *text);	/* NULL = NULL */
extern void crm_args_bigint(CrmArgs *args, int64 value);
extern void crm_args_count(CrmArgs *args, int64 count); /* negative = NULL */
extern void crm_args_boolean(CrmArgs *args, bool value);
extern void crm_args_time(CrmArgs *args, TimestampTz value);	/* CRM_NO_TIME = NULL */
extern void crm_args_interval(CrmArgs *args, const Interval *value);	/* NULL = NULL */
extern void crm_args_texts(CrmArgs *args, List *texts); /* of char *, as text[] */

/* Stands for a time that is not known. */
#define CRM_NO_TIME		DT_NOBEGIN

/*
 * Runs one statement; args may be NULL.  Returns the number of rows that came
 * or were changed; rows are in SPI_tuptable.
 */
extern uint64 crm_sql(const char *statement, const CrmArgs *args);

/* Raises the error that one statement, if it were run, would raise before it begins. */
extern void crm_sql_check(const char *statement);

/* Columns of row "row" of SPI_tuptable; *isnull may be NULL where NULL reads 0. */
extern Datum crm_sql_value(int row, int column, bool *isnull);
extern char *crm_sql_text(int row, int column); /* NULL = NULL; palloc'd by SPI's rules */
extern int64 crm_sql_bigint(int row, int column, int64 otherwise);

/* The statement's single value as bigint. */
extern int64 crm_sql_number(const char *statement, const CrmArgs *args);

/*
 * Restricts the search path to pg_catalog until crm_sql_leave() or the end of
 * the (sub)transaction.  crm_sql_leave() undoes whatever was set in between, by
 * whomever.
 */
extern int	crm_sql_enter(void);
extern void crm_sql_leave(int nest_level);

/* Who the session was before it took another role. */
typedef struct CrmRole
{
	Oid			user;
	int			context;
	int			nest_level;		/* of settings */
} CrmRole;

/*
 * Goes on as the role, until crm_role_resume() or the (sub)transaction is rolled
 * back.  What a role other than the caller has written may only run
 * "restricted", as REFRESH MATERIALIZED VIEW does.
 *
 * In between the search path is that of crm_sql_enter(), and no setting made
 * then outlives it: a trigger of one role could else choose the functions that
 * are called as the next.
 */
extern void crm_role_assume(CrmRole *before, Oid role, bool restricted);
extern void crm_role_resume(const CrmRole *before);

/*
 * Runs a step in a subtransaction.  Returns the error that rolled it back, in
 * the current memory context, or NULL.
 */
typedef void (*CrmStep) (void *arg);

extern ErrorData *crm_guarded(CrmStep step, void *arg);

/* "schema"."name" of a relation, quoted where needed; NULL if it is gone. */
extern char *crm_relation_name(Oid relid);

/* The texts, each quoted as an identifier if asked for, with a separator between. */
extern char *crm_join(List *texts, const char *separator, bool quote);

/* Raises 42501 unless the role may maintain the relation. */
extern void crm_check_owner(Oid relid);

#endif							/* CRM_SQL_H */
