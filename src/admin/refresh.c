/*
 * refresh.c
 *		What one refresh does within its transaction: read, compare with what was
 *		there before, keep or refuse.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "admin/copy.h"
#include "admin/refresh.h"
#include "admin/sources.h"
#include "admin/sql.h"

/* Largest loss of rows that is believed of a copy of a whole entity. */
#define DEFAULT_MAX_SHRINK	0.5

void
crm_refresh_settings(Oid relid, CrmSettings *settings)
{
	char		relkind = get_rel_relkind(relid);
	bool		known;

	/* It may have gone while this refresh waited. */
	if (relkind == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	crm_check_owner(relid);
	known = crm_ledger_load(relid, settings);
	if (crm_is_foreign_table(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("foreign table %s is not a copy: it is read anew by every query",
						crm_relation_name(relid)),
				 errhint("SELECT crm_fdw.create_snapshot(%s, 'schema.name') makes a copy of it.",
						 quote_literal_cstr(crm_relation_name(relid)))));
	if (relkind != RELKIND_MATVIEW && !known)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is neither a materialized view nor a snapshot", crm_relation_name(relid)),
				 errhint("crm_fdw.create_snapshot() makes snapshots.")));
}

CrmCounts
crm_cost_since(const CrmCounts *before)
{
	CrmCounts	cost = crm_stats_session();

	cost.requests -= before->requests;
	cost.bytes -= before->bytes;
	cost.throttled_ms -= before->throttled_ms;
	return cost;
}

/* A percentage for a message. */
static int
percent(double share)
{
	return (int) (share * 100 + 0.5);
}

/*
 * Is the copy to lose more than is believed?  Read whole, it is compared with the
 * last whole read; rows that came since then count, too.
 */
static bool
shrinks(const CrmSettings *settings, const CrmOutcome *outcome, double max_shrink)
{
	bool		by_key = settings->mode == CRM_MODE_INCREMENTAL || settings->mode == CRM_MODE_HISTORY;

	return (outcome->seen >= 0 && settings->complete_rows > 0 &&
			outcome->seen < settings->complete_rows * (1 - max_shrink)) ||
		(by_key && outcome->rows_after < outcome->rows_before * (1 - max_shrink));
}

/* 55000 if the rows look as if something had kept others away. */
static void
check_result(const CrmSettings *settings, const CrmOutcome *outcome, bool *rejected)
{
	int64		rows = outcome->seen >= 0 ? outcome->seen : outcome->rows_after;
	double		max_shrink = settings->max_shrink;
	const char *name = crm_relation_name(settings->relation);

	if (settings->min_rows >= 0 && rows < settings->min_rows)
	{
		*rejected = true;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of %s rejected: " INT64_FORMAT " rows came, at least "
						INT64_FORMAT " are expected", name, rows, settings->min_rows),
				 errhint("The copy is as it was. The key may have lost admin rights, or the source rows; "
						 "CALL crm_fdw.refresh(%s, force_full => true) accepts the result.",
						 quote_literal_cstr(name))));
	}
	if (max_shrink < 0)
		max_shrink = OidIsValid(settings->source) && !settings->filtered ? DEFAULT_MAX_SHRINK : 1;
	if (shrinks(settings, outcome, max_shrink))
	{
		int64		before = settings->mode == CRM_MODE_APPEND ? settings->complete_rows :
			Max(settings->complete_rows, outcome->rows_before);

		*rejected = true;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of %s rejected: " INT64_FORMAT " rows came, " INT64_FORMAT
						" the time before", name, rows, before),
				 errdetail("A loss of more than %d %% is not believed (max_shrink).", percent(max_shrink)),
				 errhint("The copy is as it was. The key may have lost admin rights, or the source rows; "
						 "CALL crm_fdw.refresh(%s, force_full => true) accepts the result.",
						 quote_literal_cstr(name))));
	}
}

void
crm_refresh_work(const CrmSettings *settings, bool force_full, CrmOutcome *outcome, bool *rejected)
{
	int			nest_level = crm_sql_enter();
	bool		complete = force_full || !settings->bounded || settings->from == CRM_NO_TIME ||
		settings->complete_due;

	set_config_option("crm_fdw.session_kind", "refresh", PGC_USERSET, PGC_S_SESSION,
					  GUC_ACTION_SAVE, true, 0, false);
	crm_copy_refresh(settings, GetCurrentTimestamp(), complete, outcome);
	if (!force_full)
		check_result(settings, outcome, rejected);
	crm_ledger_keep(settings->relation, outcome);
	crm_sql_leave(nest_level);
}
