--
-- Reading tables: results, EXPLAIN, joins, parents, ANALYZE.
-- The rows are the sandbox's, which are the same every time.
--
\getenv sandbox CRM_SANDBOX_URL
CREATE EXTENSION crm_fdw;
SET timezone = 'UTC';
CREATE SERVER air FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url :'sandbox', rate_limit '1000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER air OPTIONS (api_id 'sandbox-id', api_token 'sandbox-aircall-token-77');
CREATE SERVER ac FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url :'sandbox', rate_limit '1000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (api_key 'sandbox-ac-key-3f9a');
CREATE SERVER agile FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'agilecrm', base_url :'sandbox', rate_limit '1000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER agile OPTIONS (email 'owner@example.com', api_key 'sandbox-agile-key-b41c');
CREATE SCHEMA air;
CREATE SCHEMA ac;
CREATE SCHEMA agile;
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO air;
IMPORT FOREIGN SCHEMA activecampaign FROM SERVER ac INTO ac OPTIONS (custom_fields 'false');
IMPORT FOREIGN SCHEMA agilecrm FROM SERVER agile INTO agile OPTIONS (custom_fields 'false');

SELECT * FROM air.company;
SELECT id, direction, status, started_at, duration, cost, is_missed FROM air.calls ORDER BY id LIMIT 3;
SELECT count(*), count(DISTINCT id) FROM ac.contacts;
SELECT status_label, count(*) FROM ac.deals GROUP BY 1 ORDER BY 1;
SELECT track_name, position, name, is_won, is_lost FROM agile.milestones ORDER BY track_id, position LIMIT 6;
-- joins over references, and over CRMs
SELECT count(*) FROM ac.deals d JOIN ac.deal_stages s ON s.id = d.stage_id JOIN ac.deal_pipelines p ON p.id = s.pipeline_id;
SELECT count(*) FROM air.call_tags ct JOIN air.tags t ON t.id = ct.tag_id;
SELECT count(*) FROM ac.contacts c JOIN agile.contacts a ON lower(a.email) = c.email;
-- system columns and whole rows
SELECT tableoid::regclass, t.name FROM air.teams t ORDER BY id LIMIT 1;
SELECT (t).name FROM (SELECT t FROM air.teams t ORDER BY t.id LIMIT 1) AS x;
SELECT count(t) FROM air.teams t;

-- EXPLAIN without what differs between PostgreSQL versions
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line !~ '^ *(Filter|InitPlan)' THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION plan_json(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result jsonb;
BEGIN
	EXECUTE 'EXPLAIN (COSTS OFF, FORMAT json) ' || query INTO result;
	RETURN result;
END
$$;

-- what is asked of the API
EXPLAIN (COSTS OFF) SELECT * FROM ac.contacts;
EXPLAIN (COSTS OFF) SELECT * FROM ac.deals WHERE status = 1;
EXPLAIN (COSTS OFF) SELECT * FROM air.users;
EXPLAIN (COSTS OFF) SELECT * FROM agile.companies;
EXPLAIN (COSTS OFF) SELECT * FROM agile.events;
EXPLAIN (COSTS OFF) SELECT * FROM agile.tickets;
EXPLAIN (COSTS OFF) SELECT * FROM agile.custom_fields;
SELECT jsonb_pretty((plan_json('SELECT * FROM air.tags') #> '{0,Plan}') - 'Disabled') AS plan;
-- flags only where their columns are used
EXPLAIN (COSTS OFF) SELECT id FROM air.calls;
EXPLAIN (COSTS OFF) SELECT id, contact_id, contact FROM air.calls;
EXPLAIN (COSTS OFF) SELECT raw FROM air.calls;
SELECT count(*) FILTER (WHERE contact_id IS NOT NULL) > 0 AS filled, count(*) FILTER (WHERE raw ? 'contact') AS in_raw FROM air.calls;

-- below parents: refused, asked for by key, joined, or meant
SELECT * FROM agile.notes;
EXPLAIN (COSTS OFF) SELECT * FROM agile.notes WHERE contact_id = 5900000000000001;
EXPLAIN (COSTS OFF) SELECT * FROM agile.notes WHERE deal_id IN (1, 2, 2, NULL);
EXPLAIN (COSTS OFF) SELECT * FROM agile.notes WHERE contact_id = 1 AND deal_id = 2;
SELECT plan('SELECT * FROM agile.notes WHERE contact_id = ANY (ARRAY(SELECT generate_series(1, 3)))');
EXPLAIN (COSTS OFF) SELECT * FROM agile.notes WHERE contact_id IN (1,2,3,4,5,6,7,8,9,10,11,12,13);
EXPLAIN (COSTS OFF) SELECT * FROM agile.notes WHERE contact_id = NULL;
SELECT plan($$SELECT n.* FROM agile.deals d JOIN agile.notes n ON n.deal_id = d.id WHERE d.milestone = 'Won'$$);
EXPLAIN (COSTS OFF) SELECT * FROM agile.deals d, LATERAL (SELECT * FROM agile.notes n WHERE n.deal_id = d.id LIMIT 1) AS n;
EXPLAIN (COSTS OFF) SELECT * FROM ac.list_members;
SELECT count(*) = (SELECT count(*) FROM ac.contact_lists) AS all_members FROM ac.list_members;
SELECT count(*) > 0 AS some, bool_and(n.deal_id = d.id AND n.contact_id IS NULL) AS of_the_deal
FROM agile.deals d JOIN agile.notes n ON n.deal_id = d.id WHERE d.milestone = 'Won';
PREPARE notes_of(bigint) AS SELECT count(*) FROM agile.notes WHERE deal_id = $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE notes_of(1);
EXECUTE notes_of(1);
EXECUTE notes_of(NULL);
RESET plan_cache_mode;
ALTER FOREIGN TABLE agile.notes OPTIONS (ADD fan_out 'true');
SELECT count(*) > 100 AS many FROM agile.notes;
-- what cannot be an id is not asked for: a filter on 0 would be ignored, a word compared without case
SELECT list_id, count(*) > 0 AS some FROM ac.list_members WHERE list_id IN (0, -1, 1) GROUP BY 1;
EXPLAIN (COSTS OFF) SELECT * FROM ac.list_members WHERE list_id = 0;
SELECT count(*) FROM agile.custom_fields WHERE scope = 'contact';
EXPLAIN (COSTS OFF) SELECT * FROM ac.custom_object_records WHERE schema_id IN ('', '..');
-- equal numerics can be written differently: no key
CREATE FOREIGN TABLE agile.numeric_notes (deal_id numeric) SERVER agile OPTIONS (entity 'notes', fan_out 'true');
EXPLAIN (COSTS OFF) SELECT * FROM agile.numeric_notes WHERE deal_id = 5.0;

-- an endpoint the catalogue does not have
CREATE FOREIGN TABLE ac.endpoint (id bigint, name text, stringid text) SERVER ac OPTIONS (path '/api/3/lists', rows '/lists');
SELECT count(*) = (SELECT count(*) FROM ac.lists) AS same FROM ac.endpoint;
EXPLAIN (COSTS OFF) SELECT * FROM ac.endpoint;

-- bounds a user sets
SELECT count(*) FROM air.calls WHERE started_at >= '2026-11-01';
ALTER FOREIGN TABLE air.calls OPTIONS (ADD start_date '2026-11-01');
EXPLAIN (COSTS OFF) SELECT id FROM air.calls;
SELECT count(*) FROM air.calls;
ALTER FOREIGN TABLE air.calls OPTIONS (DROP start_date);
SELECT count(*) AS expected FROM agile.events WHERE start_at >= '2026-01-01' \gset
ALTER FOREIGN TABLE agile.events OPTIONS (ADD start_date '2026-01-01');
SELECT count(*) = :expected AS same, min(start_at) >= '2026-01-01' AS bounded FROM agile.events;
ALTER FOREIGN TABLE air.calls OPTIONS (ADD page_size '10');
EXPLAIN (COSTS OFF) SELECT id FROM air.calls;
ALTER FOREIGN TABLE air.calls OPTIONS (DROP page_size);

-- statistics
ANALYZE air.teams;
SELECT reltuples FROM pg_class WHERE oid = 'air.teams'::regclass;
SELECT n_distinct FROM pg_stats WHERE schemaname = 'air' AND tablename = 'teams' AND attname = 'id';
ANALYZE ac.deals;
SELECT reltuples FROM pg_class WHERE oid = 'ac.deals'::regclass;
ANALYZE air.call_summaries;

-- views and SECURITY DEFINER functions read with their owner's key
CREATE ROLE regress_crm_reader;
CREATE VIEW ac.pipelines AS SELECT id, title FROM ac.deal_pipelines;
GRANT USAGE ON SCHEMA ac TO regress_crm_reader;
GRANT SELECT ON ac.pipelines, ac.deal_pipelines TO regress_crm_reader;
CREATE FUNCTION ac.count_pipelines() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM ac.deal_pipelines';
SET ROLE regress_crm_reader;
SELECT count(*) FROM ac.pipelines;
SELECT ac.count_pipelines();
SELECT count(*) FROM ac.deal_pipelines;
RESET ROLE;

-- writes are refused
INSERT INTO air.teams (name) VALUES ('x');
UPDATE air.teams SET name = 'x';
DELETE FROM air.teams;
COPY air.teams TO '/dev/null';

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA air, ac, agile CASCADE;
DROP FUNCTION plan(text), plan_json(text);
DROP EXTENSION crm_fdw CASCADE;
DROP ROLE regress_crm_reader;
