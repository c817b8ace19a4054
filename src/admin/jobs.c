/*
 * jobs.c
 *		pg_cron: the jobs that refresh copies.
 *
 * pg_cron records who made a job and lets only that role see it, so jobs are made
 * and removed as the caller, and looked for as the extension's owner.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/dbcommands.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "admin/jobs.h"
#include "admin/sql.h"
#include "base/compat.h"

PG_FUNCTION_INFO_V1(crm_fdw_cron_failures);

bool
crm_jobs_available(void)
{
	return OidIsValid(get_extension_oid("pg_cron", true));
}

const char *
crm_jobs_time_zone(void)
{
	/* Before 1.5 there was no such setting. */
	const char *zone = GetConfigOption("cron.timezone", true, false);

	return zone != NULL && *zone != '\0' ? zone : "GMT";
}

/* One CALL, by OID: so that a renamed relation keeps its job. */
static char *
command_for(Oid relid)
{
	return psprintf("CALL crm_fdw.refresh(%u)", relid);
}

/* A name to recognise it by, as long as a name can be. */
static char *
job_name(Oid relid)
{
	char	   *name = psprintf("crm_fdw %u %s", relid, crm_relation_name(relid));

	name[pg_mbcliplen(name, strlen(name), NAMEDATALEN - 1)] = '\0';
	return name;
}

static void
check_usable(Oid relid, const char *schedule)
{
	/* Its setting may be there without it, and its extension after it has gone elsewhere. */
	const char *loaded = GetConfigOption("shared_preload_libraries", false, false);
	const char *home = GetConfigOption("cron.database_name", true, false);
	const char *here = get_database_name(MyDatabaseId);

	if (home == NULL || strstr(loaded, "pg_cron") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_cron, which runs scheduled refreshes, is not loaded"),
				 errhint("Install it, add pg_cron to shared_preload_libraries and set cron.database_name = '%s' "
						 "in postgresql.conf, restart the server, and run CREATE EXTENSION pg_cron.", here)));
	if (strcmp(home, here) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_cron keeps its jobs in database \"%s\"", home),
				 errhint("Set cron.database_name = '%s' in postgresql.conf and restart the server, or run in "
						 "\"%s\": SELECT cron.schedule_in_database(%s, %s, %s, %s);",
						 here, home, quote_literal_cstr(job_name(relid)), quote_literal_cstr(schedule),
						 quote_literal_cstr(command_for(relid)), quote_literal_cstr(here))));
	if (!crm_jobs_available())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension pg_cron, which runs scheduled refreshes, is not there"),
				 errhint("CREATE EXTENSION pg_cron makes it.")));
	if (!crm_may_use_schema(get_namespace_oid("cron", false)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema cron"),
				 errhint("A superuser can grant it: GRANT USAGE ON SCHEMA cron TO %s.",
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

/* Who made the job, and what it is called; false if there is no such job. */
static bool
find_job(const CrmSettings *settings, char **role, char **name)
{
	CrmArgs		args = {.n = 0};
	CrmRole		before;
	bool		found;

	/*
	 * After a restore, the job may name a relation by the number it had before; or
	 * the id may be that of another copy's new job.
	 */
	crm_args_bigint(&args, settings->job_id);
	crm_args_text(&args, command_for(settings->relation));
	crm_ledger_assume_owner(&before);
	found = crm_sql("SELECT j.username, j.jobname FROM cron.job j WHERE j.jobid = $1"
					" AND j.database = current_database() AND j.command LIKE 'CALL crm_fdw.refresh(%)'"
					" AND (j.command = $2 OR NOT EXISTS (SELECT FROM pg_catalog.pg_class c"
					" WHERE j.command = 'CALL crm_fdw.refresh(' || c.oid || ')'))", &args) > 0;
	if (found)
	{
		*role = crm_sql_text(0, 1);
		*name = crm_sql_text(0, 2);
	}
	crm_role_resume(&before);
	return found;
}

/* Removes the job, unless it is the caller's and has the name that is to be kept. */
static bool
remove_job(const CrmSettings *settings, const char *keep)
{
	const char *caller = GetUserNameFromId(GetUserId(), false);
	CrmArgs		args = {.n = 0};
	char	   *role;
	char	   *name;

	if (!crm_jobs_available() || !settings->scheduled || !find_job(settings, &role, &name))
		return false;
	if (strcmp(role, caller) == 0)
	{
		if (keep != NULL && name != NULL && strcmp(name, keep) == 0)
			return false;
	}
	else if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("job " INT64_FORMAT " of %s belongs to role \"%s\"", settings->job_id,
						crm_relation_name(settings->relation), role),
				 errhint("That role or a superuser can change it.")));
	crm_args_bigint(&args, settings->job_id);
	crm_sql("SELECT cron.unschedule($1)", &args);
	return true;
}

bool
crm_job_remove(const CrmSettings *settings)
{
	return remove_job(settings, NULL);
}

int64
crm_job_put(const CrmSettings *settings, const char *schedule)
{
	CrmArgs		args = {.n = 0};
	char	   *name = job_name(settings->relation);

	check_usable(settings->relation, schedule);
	/* pg_cron changes the job of that name and role; any other would be a second one. */
	remove_job(settings, name);
	crm_args_text(&args, name);
	crm_args_text(&args, schedule);
	crm_args_text(&args, command_for(settings->relation));
	return crm_sql_number("SELECT cron.schedule($1, $2, $3)", &args);
}

int
crm_job_remove_for(Oid relid)
{
	CrmArgs		args = {.n = 0};

	if (!crm_jobs_available() || !crm_may_use_schema(get_namespace_oid("cron", false)))
		return 0;
	crm_args_text(&args, command_for(relid));
	return (int) crm_sql("SELECT cron.unschedule(jobid) FROM cron.job"
						 " WHERE command = $1 AND username = current_user AND database = current_database()", &args);
}

/*
 * Jobs that pg_cron failed to start have no row in refresh_runs.  A run that has
 * one is known by its process: the times that pg_cron 1.4 notes for background
 * workers need not enclose it.  Where nothing connected, there are no times at all;
 * then it was after what is known of the runs before.
 */
static const char *const failures_query =
	"SELECT s.relation, coalesce(d.end_time, d.start_time, greatest(d.known, s.scheduled_at)),"
	" CASE WHEN pg_has_role($1, c.relowner, 'USAGE') OR pg_has_role($1, 'pg_read_all_stats', 'USAGE')"
	" THEN d.return_message END"
	" FROM (SELECT d.jobid, d.status, d.start_time, d.end_time, d.return_message, r.id AS run,"
	"  greatest(max(d.start_time) OVER (ORDER BY d.runid),"
	"   max(greatest(d.end_time, r.finished_at)) OVER (PARTITION BY d.jobid ORDER BY d.runid)) AS known"
	"  FROM cron.job_run_details d LEFT JOIN crm_fdw.refresh_runs r ON r.pid = d.job_pid"
	"  AND r.started_at BETWEEN d.start_time - interval '1 minute' AND d.start_time + interval '1 hour') d"
	" JOIN crm_fdw.refresh_settings s ON s.job_id = d.jobid"
	" JOIN pg_catalog.pg_class c ON c.oid = s.relation"
	" WHERE d.status = 'failed' AND d.run IS NULL"
	" AND coalesce(d.end_time, d.start_time, s.scheduled_at) >= s.scheduled_at";

/* Empty without pg_cron. */
Datum
crm_fdw_cron_failures(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CrmArgs		args = {.n = 0};
	Oid			caller = GetUserId();
	CrmRole		before;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	if (!crm_jobs_available())
		return (Datum) 0;
	SPI_connect();
	crm_args_add(&args, OIDOID, ObjectIdGetDatum(caller), false);
	crm_ledger_assume_owner(&before);
	n = (int) crm_sql(failures_query, &args);
	crm_role_resume(&before);
	for (int i = 0; i < n; i++)
	{
		Datum		values[3];
		bool		nulls[3];

		for (int column = 0; column < 3; column++)
			values[column] = crm_sql_value(i, column + 1, &nulls[column]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
