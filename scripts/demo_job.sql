-- The end of the tour, for scripts/demo: waits until pg_cron has run a job.

\set ON_ERROR_STOP on
\pset footer off
\pset null '-'

\echo ==== A job at work: pg_cron runs it when the next minute begins ====

\set ECHO queries
SELECT crm_fdw.schedule_refresh('report.availability', every => '1 minute') AS job;
\set ECHO none

-- The procedure's process is the one that pg_cron started.
DO $$
BEGIN
	FOR second IN 1 .. 75 LOOP
		IF EXISTS (
			SELECT FROM crm_fdw.refresh_log l JOIN cron.job_run_details d ON d.job_pid = l.pid
			WHERE l.relation = 'report.availability'::regclass AND d.status = 'succeeded')
		THEN
			RETURN;
		END IF;
		PERFORM pg_sleep(1);
		COMMIT;
	END LOOP;
	RAISE EXCEPTION 'pg_cron has not refreshed report.availability within 75 seconds';
END $$;

\set ECHO queries
SELECT l.relation, l.started_at::timestamp(0), l.status, l.rows_before, l.rows_after,
	l.requests, d.jobid AS job, d.status AS pg_cron_says
FROM crm_fdw.refresh_log l LEFT JOIN cron.job_run_details d ON d.job_pid = l.pid
WHERE l.relation = 'report.availability'::regclass
ORDER BY l.id;

\echo From here on as often as it is recommended.
SELECT crm_fdw.schedule_refresh('report.availability') AS job;
