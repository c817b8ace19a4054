--
-- Copies and their refresh: what there is, who may do what, what is refused, and
-- one snapshot of each mode.  Times, numbers of runs and pg_cron are tested
-- elsewhere.
--
\getenv sandbox CRM_SANDBOX_URL
CREATE EXTENSION crm_fdw;
SET timezone = 'UTC';
\pset format unaligned
SELECT p.proname, p.prokind AS kind, pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result
	FROM pg_proc p
	WHERE pronamespace = 'crm_fdw'::regnamespace AND proname IN
		('create_snapshot', 'drop_snapshot', 'refresh', 'schedule_refresh', 'unschedule_refresh', 'schedule_recommended', 'next_run', 'cron_failures')
	ORDER BY proname COLLATE "C";
\pset format aligned
SELECT table_name, column_name, data_type
	FROM information_schema.columns
	WHERE table_schema = 'crm_fdw' AND table_name IN ('snapshots', 'refresh_status', 'refresh_log') ORDER BY table_name COLLATE "C", ordinal_position;
SELECT relname AS "not described" FROM pg_class
	WHERE relnamespace = 'crm_fdw'::regnamespace AND relkind = 'r' AND obj_description(oid, 'pg_class') IS NULL;

-- all may read what the views show, and call; nobody writes
CREATE ROLE regress_reader;
SELECT c.relname, c.relkind AS kind, has_table_privilege('regress_reader', c.oid, 'SELECT') AS read,
	   has_table_privilege('regress_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') AS write
	FROM pg_class c
	WHERE relnamespace = 'crm_fdw'::regnamespace AND relkind IN ('r', 'v', 'S') AND (relname LIKE 'refresh%' OR relname = 'snapshots')
	ORDER BY relname COLLATE "C";
SELECT p.proname FROM pg_proc p
	WHERE pronamespace = 'crm_fdw'::regnamespace AND proname ~ 'refresh|snapshot|schedule|next_run|cron'
		AND NOT has_function_privilege('regress_reader', p.oid, 'EXECUTE');
-- only the procedure, which commits, has no search path of its own
SELECT p.proname, p.proconfig, p.prosecdef FROM pg_proc p
	WHERE pronamespace = 'crm_fdw'::regnamespace AND proname ~ 'refresh|snapshot|schedule|cron' ORDER BY proname COLLATE "C";

CREATE SERVER air FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url :'sandbox', rate_limit '1000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER air OPTIONS (api_id 'sandbox-id', api_token 'sandbox-aircall-token-77');
CREATE SCHEMA air;
CREATE SCHEMA report;
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO air;
CREATE FOREIGN TABLE air.names (name text) SERVER air OPTIONS (entity 'tags');

-- what create_snapshot refuses
SELECT crm_fdw.create_snapshot('air.tags', 'tags');
SELECT crm_fdw.create_snapshot('air.tags', 'a.b.c');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', mode => 'instant');
SELECT crm_fdw.create_snapshot('pg_class', 'report.tags');
SELECT crm_fdw.create_snapshot(NULL, 'report.tags');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', columns => '{name}');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', columns => '{id,nmae}');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', columns => '{}');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', columns => '{id,NULL}');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', filter => 'name IS NOT NULL ORDER BY 1');
SELECT crm_fdw.create_snapshot('air.names', 'report.tags', mode => 'incremental');
SELECT crm_fdw.create_snapshot('air.names', 'report.tags', mode => 'history');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', since => '2026-01-01');
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', lookback => '1 day');
SELECT crm_fdw.create_snapshot('air.calls', 'report.calls', mode => 'incremental', lookback => '-1 day');
SELECT count(*) FROM pg_class WHERE relnamespace = 'report'::regnamespace;

-- one of each mode
SELECT crm_fdw.create_snapshot('air.tags', 'report.tags', columns => '{id,name}');
SELECT crm_fdw.create_snapshot('air.calls', 'report.calls', mode => 'incremental', columns => '{id,direction,started_at}', since => '2026-11-10');
SELECT crm_fdw.create_snapshot('air.teams', 'report.teams', mode => 'append', columns => '{id,name}');
SELECT crm_fdw.create_snapshot('air.users', 'report.users', mode => 'history', columns => '{id,email}', filter => 'id IS NOT NULL', with_data => false);
SELECT relation, source, mode, watermark, rows, size > 0 AS size, schedule FROM crm_fdw.snapshots ORDER BY relation::text COLLATE "C";
SELECT c.relname, c.relkind AS kind, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'report'::regnamespace AND c.relkind <> 'i' GROUP BY c.oid ORDER BY relname COLLATE "C";
SELECT indrelid::regclass AS relation, indisprimary AS "primary", pg_get_expr(indpred, indrelid) AS condition,
	   (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ', ' ORDER BY n) FROM generate_series(1, indnatts) n) AS columns
	FROM pg_index WHERE indrelid IN (SELECT relation FROM crm_fdw.snapshots) AND indisunique
	ORDER BY indrelid::regclass::text COLLATE "C", indisprimary DESC;

CALL crm_fdw.refresh('report.tags');
CALL crm_fdw.refresh('report.calls');
CALL crm_fdw.refresh('report.teams');
CALL crm_fdw.refresh('report.users');
CALL crm_fdw.refresh('report.users', force_full => true);
CREATE MATERIALIZED VIEW report.companies AS SELECT name FROM air.company WITH NO DATA;
CALL crm_fdw.refresh('report.companies');
SELECT relation, mode, status, complete, rows_before, rows_after, inserted, updated, deleted, sqlstate, message,
	   finished_at >= started_at AS ended, requests > 0 AS requests, bytes > 0 AS bytes
	FROM crm_fdw.refresh_log ORDER BY relation::text COLLATE "C", id;
SELECT relation, schedule, last_success_at IS NOT NULL AS success, is_late, last_status, failures_in_a_row, next_run_at, avg_duration > '0' AS duration, last_error
	FROM crm_fdw.refresh_status ORDER BY relation::text COLLATE "C";
SELECT count(*), count(DISTINCT id), count(DISTINCT snapshot_at) FROM report.teams;
SELECT count(*), count(*) FILTER (WHERE is_current), count(valid_to) FROM report.users;
SELECT (SELECT count(*) FROM report.calls) = count(*) AS complete FROM air.calls WHERE started_at >= '2026-11-10';

-- what refresh refuses
BEGIN;
CALL crm_fdw.refresh('report.tags');
ROLLBACK;
DO $$ BEGIN PERFORM 1; EXECUTE 'CALL crm_fdw.refresh(''report.tags'')'; EXCEPTION WHEN active_sql_transaction THEN RAISE NOTICE 'not here'; END $$;
CALL crm_fdw.refresh(NULL);
CALL crm_fdw.refresh('report.tags', NULL);
CALL crm_fdw.refresh('air.tags');
CALL crm_fdw.refresh('pg_class');
CALL crm_fdw.refresh(1);
SELECT crm_fdw.drop_snapshot('report.companies');
SELECT crm_fdw.drop_snapshot(1);
SELECT crm_fdw.unschedule_refresh('report.tags');

-- other roles see the log, and do nothing with the copies
GRANT USAGE ON SCHEMA report TO regress_reader;
SET ROLE regress_reader;
SELECT count(*) FROM crm_fdw.snapshots;
SELECT count(*), count(message) FROM crm_fdw.refresh_log;
SELECT count(*) FROM crm_fdw.refresh_settings;
CALL crm_fdw.refresh('report.tags');
SELECT crm_fdw.schedule_refresh('report.tags');
SELECT crm_fdw.unschedule_refresh('report.tags');
SELECT crm_fdw.drop_snapshot('report.tags');
SELECT crm_fdw.drop_snapshot('report.calls');
RESET ROLE;

-- schedules are understood without pg_cron
SET timezone = 'UTC';
SELECT s AS schedule, crm_fdw.next_run(s, '2026-11-21 12:00+00') FROM unnest('{5 * * * *,17 3-23/6 * * *,0 2 * * 0,@daily,@reboot,nonsense}'::text[]) s;

SELECT crm_fdw.drop_snapshot(relation) FROM crm_fdw.snapshots ORDER BY relation::text COLLATE "C";
SELECT count(*) FROM crm_fdw.snapshots;
SELECT relation::text, status FROM crm_fdw.refresh_log;
SELECT relname FROM pg_class WHERE relnamespace = 'report'::regnamespace;
DROP MATERIALIZED VIEW report.companies;
DROP SCHEMA report;
SET client_min_messages = warning;
DROP SCHEMA air CASCADE;
DROP EXTENSION crm_fdw CASCADE;
DROP ROLE regress_reader;
