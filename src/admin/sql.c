/*
 * sql.c
 *		SQL from C: arguments, roles and the search path.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "admin/sql.h"
#include "base/compat.h"

void
crm_args_add(CrmArgs *args, Oid type, Datum value, bool isnull)
{
	Assert(args->n < CRM_MAX_ARGS);
	args->types[args->n] = type;
	args->values[args->n] = value;
	args->nulls[args->n++] = isnull ? 'n' : ' ';
}

void
crm_args_relation(CrmArgs *args, Oid relid)
{
	crm_args_add(args, REGCLASSOID, ObjectIdGetDatum(relid), !OidIsValid(relid));
}

void
crm_args_text(CrmArgs *args, const char *text)
{
	crm_args_add(args, TEXTOID, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

void
crm_args_bigint(CrmArgs *args, int64 value)
{
	crm_args_add(args, INT8OID, Int64GetDatum(value), false);
}

void
crm_args_count(CrmArgs *args, int64 count)
{
	crm_args_add(args, INT8OID, Int64GetDatum(count), count < 0);
}

void
crm_args_boolean(CrmArgs *args, bool value)
{
	crm_args_add(args, BOOLOID, BoolGetDatum(value), false);
}

void
crm_args_time(CrmArgs *args, TimestampTz value)
{
	crm_args_add(args, TIMESTAMPTZOID, TimestampTzGetDatum(value), value == CRM_NO_TIME);
}

void
crm_args_interval(CrmArgs *args, const Interval *value)
{
	crm_args_add(args, INTERVALOID, PointerGetDatum(value), value == NULL);
}

void
crm_args_texts(CrmArgs *args, List *texts)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(texts), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, texts)
		elements[n++] = CStringGetTextDatum((const char *) lfirst(lc));
	crm_args_add(args, TEXTARRAYOID,
				 PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT)), false);
}

uint64
crm_sql(const char *statement, const CrmArgs *args)
{
	CrmArgs		none = {.n = 0};
	const CrmArgs *given = args ? args : &none;
	int			result = SPI_execute_with_args(statement, given->n, (Oid *) given->types,
											   (Datum *) given->values, given->nulls, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	return SPI_processed;
}

void
crm_sql_check(const char *statement)
{
	SPIPlanPtr	plan = SPI_prepare(statement, 0, NULL);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s", SPI_result_code_string(SPI_result));
	SPI_freeplan(plan);
}

Datum
crm_sql_value(int row, int column, bool *isnull)
{
	bool		unused;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column,
						 isnull ? isnull : &unused);
}

char *
crm_sql_text(int row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

int64
crm_sql_bigint(int row, int column, int64 otherwise)
{
	bool		isnull;
	Datum		value = crm_sql_value(row, column, &isnull);

	return isnull ? otherwise : DatumGetInt64(value);
}

int64
crm_sql_number(const char *statement, const CrmArgs *args)
{
	if (crm_sql(statement, args) != 1)
		elog(ERROR, "expected one row from: %s", statement);
	return crm_sql_bigint(0, 1, 0);
}

int
crm_sql_enter(void)
{
	int			nest_level = NewGUCNestLevel();

	set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
					  GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

void
crm_sql_leave(int nest_level)
{
	AtEOXact_GUC(false, nest_level);
}

void
crm_role_assume(CrmRole *before, Oid role, bool restricted)
{
	GetUserIdAndSecContext(&before->user, &before->context);
	SetUserIdAndSecContext(role, before->context | SECURITY_LOCAL_USERID_CHANGE |
						   (restricted ? SECURITY_RESTRICTED_OPERATION : 0));
	before->nest_level = crm_sql_enter();
}

void
crm_role_resume(const CrmRole *before)
{
	crm_sql_leave(before->nest_level);
	SetUserIdAndSecContext(before->user, before->context);
}

ErrorData *
crm_guarded(CrmStep step, void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		step(arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}

char *
crm_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		return NULL;
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name);
}

char *
crm_join(List *texts, const char *separator, bool quote)
{
	StringInfoData joined;
	ListCell   *lc;

	initStringInfo(&joined);
	foreach(lc, texts)
	{
		const char *text = lfirst(lc);

		appendStringInfo(&joined, "%s%s", foreach_current_index(lc) > 0 ? separator : "",
						 quote ? quote_identifier(text) : text);
	}
	return joined.data;
}

void
crm_check_owner(Oid relid)
{
	if (!crm_may_maintain(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
}
