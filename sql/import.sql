--
-- IMPORT FOREIGN SCHEMA, from servers that do not answer.
--
CREATE EXTENSION crm_fdw;
CREATE SERVER air FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url 'http://127.0.0.1:1');
CREATE SERVER ac FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url 'http://127.0.0.1:1');
CREATE SERVER agile FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'agilecrm', base_url 'http://127.0.0.1:1');
CREATE SCHEMA i;

-- the remote schema is the CRM
IMPORT FOREIGN SCHEMA public FROM SERVER air INTO i;
IMPORT FOREIGN SCHEMA agilecrm FROM SERVER air INTO i;
-- options
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO i OPTIONS (custom_feilds 'false');
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO i OPTIONS (raw 'maybe');

IMPORT FOREIGN SCHEMA aircall LIMIT TO (tags, company) FROM SERVER air INTO i OPTIONS (raw 'false', custom_fields 'false');
\d i.*
DROP FOREIGN TABLE i.tags, i.company;

IMPORT FOREIGN SCHEMA aircall EXCEPT (calls) FROM SERVER air INTO i;
SELECT relname FROM pg_class WHERE relnamespace = 'i'::regnamespace AND relkind = 'f' ORDER BY 1;
SET client_min_messages = warning;
DROP SCHEMA i CASCADE;
RESET client_min_messages;

-- a server that cannot be asked for custom fields: one warning, and the import goes on
CREATE SCHEMA i;
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (contacts, accounts) FROM SERVER ac INTO i;
\set VERBOSITY sqlstate
CREATE USER MAPPING FOR CURRENT_USER SERVER agile OPTIONS (email 'owner@example.com', api_key 'none');
IMPORT FOREIGN SCHEMA agilecrm LIMIT TO (companies, deals) FROM SERVER agile INTO i;
IMPORT FOREIGN SCHEMA agilecrm LIMIT TO (tasks) FROM SERVER agile INTO i;
\set VERBOSITY default
DROP USER MAPPING FOR CURRENT_USER SERVER agile;
SELECT relname, count(*) > 8 AS has_columns FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'i'::regnamespace AND attnum > 0 GROUP BY 1 ORDER BY 1;
SET client_min_messages = warning;
DROP SCHEMA i CASCADE;
RESET client_min_messages;

-- everything, and the rules every table keeps
CREATE SCHEMA ac;
CREATE SCHEMA aircall;
CREATE SCHEMA agile;
IMPORT FOREIGN SCHEMA activecampaign FROM SERVER ac INTO ac OPTIONS (custom_fields 'false');
IMPORT FOREIGN SCHEMA aircall FROM SERVER air INTO aircall;
IMPORT FOREIGN SCHEMA agilecrm FROM SERVER agile INTO agile OPTIONS (custom_fields 'false');
CREATE VIEW imported AS
	SELECT relnamespace::regnamespace::text AS schema, relname::text AS "table", attname::text AS "column", atttypid::regtype::text AS type, attnum,
		   max(attnum) OVER (PARTITION BY attrelid) AS last
	FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
	WHERE relkind = 'f' AND relnamespace::regnamespace::text IN ('ac', 'aircall', 'agile') AND attnum > 0;
SELECT schema, count(DISTINCT "table") AS tables FROM imported GROUP BY 1 ORDER BY 1;
-- raw is the last column, record times have one type, references are numbers
SELECT * FROM imported WHERE ("column" = 'raw') <> (attnum = last) OR ("column" = 'raw' AND type <> 'jsonb');
SELECT * FROM imported WHERE "column" IN ('created_at', 'updated_at') AND type <> 'timestamp with time zone';
SELECT schema, "table", "column", type FROM imported WHERE "column" LIKE '%\_ids' AND type <> 'bigint[]' ORDER BY 1, 2, 3;
-- the contract's columns of the tables that users start with
SELECT "column", type FROM imported WHERE schema = 'ac' AND "table" = 'deals' ORDER BY attnum;
SELECT "column", type FROM imported WHERE schema = 'aircall' AND "table" = 'calls' ORDER BY attnum;
SELECT "column", type FROM imported WHERE schema = 'agile' AND "table" = 'contacts' ORDER BY attnum;

-- a dump of a table is what IMPORT made
SELECT attname, attfdwoptions FROM pg_attribute WHERE attrelid = 'aircall.company'::regclass AND attnum > 0 ORDER BY attnum;
SELECT ftoptions FROM pg_foreign_table WHERE ftrelid = 'aircall.company'::regclass;

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA ac, aircall, agile CASCADE;
DROP EXTENSION crm_fdw CASCADE;
