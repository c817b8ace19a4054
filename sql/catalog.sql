--
-- The catalogue as SQL.  Sends no request.
--
CREATE EXTENSION crm_fdw;
SELECT oid::regprocedure AS function, provolatile, proparallel, proisstrict,
	   has_function_privilege('public', oid, 'EXECUTE') AS "for all", obj_description(oid) IS NOT NULL AS described
	FROM pg_proc WHERE pronamespace = 'crm_fdw'::regnamespace AND proname IN ('entities', 'columns')
	ORDER BY oid::regprocedure::text;

-- entities that users start with
SELECT entity, key_columns, cursor_column, completeness, needs_filter, writable
	FROM crm_fdw.entities('activecampaign') WHERE entity IN ('contacts', 'deals', 'tag_members') ORDER BY entity;
SELECT entity, key_columns, completeness, needs_filter, writable
	FROM crm_fdw.entities('aircall') WHERE entity IN ('calls', 'call_tags', 'call_summaries', 'company') ORDER BY entity;
SELECT entity, key_columns, completeness, needs_filter, writable
	FROM crm_fdw.entities('agilecrm') WHERE entity IN ('contacts', 'milestones', 'notes') ORDER BY entity;

-- without an argument: all CRMs, the same rows
SELECT crm, count(*) > 20 AS many, count(*) = count(DISTINCT entity) AS distinct FROM crm_fdw.entities() GROUP BY crm ORDER BY crm;
(SELECT c.crm, e.* FROM (SELECT DISTINCT crm FROM crm_fdw.entities()) c, crm_fdw.entities(c.crm) e
 EXCEPT ALL SELECT * FROM crm_fdw.entities())
UNION ALL
(SELECT * FROM crm_fdw.entities()
 EXCEPT ALL SELECT c.crm, e.* FROM (SELECT DISTINCT crm FROM crm_fdw.entities()) c, crm_fdw.entities(c.crm) e);

-- what holds for every entity
SELECT DISTINCT completeness FROM crm_fdw.entities() ORDER BY 1;
SELECT bool_and(recommended_every >= '1 minute') AS refreshed, bool_and(lookback > '0') AS "looks back",
	   bool_and(description <> '') AS described, bool_or(writable) AS writable,
	   bool_and(key_columns IS NOT NULL AND needs_filter IS NOT NULL) AS "arrays are there"
	FROM crm_fdw.entities();
SELECT crm, entity FROM crm_fdw.entities() WHERE lookback IS NOT NULL AND cursor_column IS NULL;

-- and for every column
CREATE VIEW cataloged AS
	SELECT e.crm, e.entity, c.*
	FROM crm_fdw.entities() e, crm_fdw.columns(e.crm, e.entity) WITH ORDINALITY c;
SELECT e.crm, e.entity, name
	FROM crm_fdw.entities() e, unnest(key_columns || needs_filter || coalesce(ARRAY[cursor_column], '{}')) AS name
	WHERE name IS NOT NULL AND NOT EXISTS
		(SELECT FROM cataloged c WHERE (c.crm, c.entity, c.column_name) = (e.crm, e.entity, name));
SELECT DISTINCT data_type FROM cataloged
	WHERE data_type NOT IN ('bigint', 'integer', 'smallint', 'numeric', 'boolean', 'text', 'timestamptz', 'date', 'jsonb', 'uuid', 'inet', 'text[]', 'bigint[]');
-- operators stand in one order, and fit the type
SELECT * FROM cataloged
	WHERE pushable_operators <> ARRAY(SELECT o FROM unnest('{=,IN,<,<=,>,>=,LIKE,@>}'::text[]) o WHERE o = ANY (pushable_operators));
SELECT crm, entity, column_name FROM cataloged WHERE ('@>' = ANY (pushable_operators)) AND data_type NOT LIKE '%[]';
SELECT crm, entity, column_name FROM cataloged WHERE ('LIKE' = ANY (pushable_operators)) AND data_type <> 'text';
SELECT crm, entity, column_name FROM cataloged WHERE sortable AND NOT pushable_operators @> '{<,>}';
-- a parent's id is always of use
SELECT e.crm, e.entity, c.column_name FROM crm_fdw.entities() e JOIN cataloged c USING (crm, entity)
	WHERE c.column_name = ANY (needs_filter) AND NOT pushable_operators @> '{=,IN}';
-- raw is the last one, and local
SELECT DISTINCT last.column_name, data_type, pushable_operators, sortable, description
	FROM (SELECT DISTINCT ON (crm, entity) * FROM cataloged ORDER BY crm, entity, ordinality DESC) last;

-- columns that users filter by
SELECT column_name, pushable_operators, sortable FROM crm_fdw.columns('activecampaign', 'contacts') WHERE column_name IN ('id', 'email', 'first_name');
SELECT column_name, pushable_operators, description FROM crm_fdw.columns('activecampaign', 'deals') WHERE column_name IN ('status', 'status_label', 'value');
SELECT column_name, pushable_operators, sortable FROM crm_fdw.columns('aircall', 'calls') WHERE column_name IN ('started_at', 'duration');
SELECT column_name, pushable_operators, description FROM crm_fdw.columns('agilecrm', 'contacts') WHERE column_name IN ('id', 'tags');

-- tables are imported with just these columns
CREATE SERVER ac FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url 'http://127.0.0.1:1');
CREATE SERVER air FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url 'http://127.0.0.1:1');
CREATE SERVER agile FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'agilecrm', base_url 'http://127.0.0.1:1');
CREATE SCHEMA activecampaign;
CREATE SCHEMA aircall;
CREATE SCHEMA agilecrm;
IMPORT FOREIGN SCHEMA activecampaign FROM SERVER ac INTO activecampaign OPTIONS (custom_fields 'false');
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO aircall OPTIONS (custom_fields 'false');
IMPORT FOREIGN SCHEMA agilecrm FROM SERVER agile INTO agilecrm OPTIONS (custom_fields 'false');
SELECT * FROM (SELECT crm, entity, column_name, ordinality, data_type::regtype FROM cataloged) c
	FULL JOIN (SELECT relnamespace::regnamespace::text AS crm, relname::text AS entity, attname::text AS column_name,
					  attnum::bigint AS ordinality, atttypid::regtype AS data_type
			   FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
			   WHERE relkind = 'f' AND attnum > 0
				   AND relnamespace::regnamespace::text IN (SELECT crm FROM crm_fdw.entities())) i
	USING (crm, entity, column_name, ordinality, data_type)
	WHERE c IS NULL OR i IS NULL;

-- NULL is no CRM; other names that are none are errors
SELECT count(*) FROM crm_fdw.entities(NULL);
SELECT count(*) FROM crm_fdw.columns('aircall', NULL);
SELECT * FROM crm_fdw.entities('Aircall');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm_fdw.entities('hubspot');
SELECT * FROM crm_fdw.columns('hubspot', 'contacts');
SELECT * FROM crm_fdw.columns('aircall', 'call');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm_fdw.columns('aircall', 'opportunities');

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA activecampaign, aircall, agilecrm CASCADE;
DROP EXTENSION crm_fdw CASCADE;
