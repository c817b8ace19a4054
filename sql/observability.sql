--
-- The views of counters and of running scans: what they are and who may use
-- them.  What they show is tested elsewhere, with several sessions.
--
CREATE EXTENSION crm_fdw;
SELECT table_name, column_name, data_type
	FROM information_schema.columns
	WHERE table_schema = 'crm_fdw' AND table_name IN ('stats', 'activity') ORDER BY table_name, ordinal_position;

-- everything is described
SELECT c.relname, a.attname
	FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'crm_fdw'::regnamespace AND c.relkind = 'v'
		AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT oid::regprocedure FROM pg_proc
	WHERE pronamespace = 'crm_fdw'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL;

-- all may read, none may write, only superusers reset
CREATE ROLE regress_observer;
SELECT v AS view, has_table_privilege('regress_observer', v, 'SELECT') AS read,
	   has_table_privilege('regress_observer', v, 'INSERT, UPDATE, DELETE') AS write
	FROM unnest('{crm_fdw.stats,crm_fdw.activity}'::regclass[]) v;
SELECT p.oid::regprocedure AS function, has_function_privilege('regress_observer', p.oid, 'EXECUTE') AS "for all"
	FROM pg_proc p
	WHERE pronamespace = 'crm_fdw'::regnamespace AND proname IN ('stats_data', 'activity_data', 'stats_reset')
	ORDER BY p.oid::regprocedure::text;
SET ROLE regress_observer;
SELECT crm_fdw.stats_reset();
SELECT count(*) FROM crm_fdw.activity;
RESET ROLE;

-- nothing runs; after a reset nothing was counted
SELECT crm_fdw.stats_reset();
SELECT * FROM crm_fdw.stats;
SELECT * FROM crm_fdw.activity;
DROP ROLE regress_observer;
DROP EXTENSION crm_fdw;
