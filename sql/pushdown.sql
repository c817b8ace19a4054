-- Which requests a query's clauses become. Results are compared with
-- pushed-down clauses against none by test/differential; this is about what is sent.
\getenv sandbox CRM_SANDBOX_URL
SET TimeZone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION crm_fdw;
CREATE SERVER ac FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url :'sandbox', rate_limit '100000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (api_key 'sandbox-ac-key-3f9a');
CREATE SERVER air FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url :'sandbox', rate_limit '100000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER air OPTIONS (api_id 'sandbox-id', api_token 'sandbox-aircall-token-77');
CREATE SERVER agile FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'agilecrm', base_url :'sandbox', rate_limit '100000/s');
CREATE USER MAPPING FOR CURRENT_USER SERVER agile OPTIONS (email 'owner@example.com', api_key 'sandbox-agile-key-b41c');
CREATE SCHEMA ac;
CREATE SCHEMA air;
CREATE SCHEMA agile;
IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (contacts, deals, deal_stages, list_members, contact_tags, contact_lists) FROM SERVER ac INTO ac OPTIONS (custom_fields 'false');
IMPORT FOREIGN SCHEMA aircall LIMIT TO (calls, users, contacts, call_summaries) FROM SERVER air INTO air;
IMPORT FOREIGN SCHEMA agilecrm LIMIT TO (contacts, companies, deals, tasks, tickets, events) FROM SERVER agile INTO agile OPTIONS (custom_fields 'false');

-- The requests of a query, and what of it they do; nothing is sent.
CREATE FUNCTION asks(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'CRM Request|CRM Pushed' THEN
			RETURN NEXT regexp_replace(ltrim(line), 'CRM (Request|Pushed Down): ', CASE WHEN line ~ 'Pushed' THEN '  = ' ELSE '' END);
		END IF;
	END LOOP;
END $$;

-- equality, sets, OR
SELECT asks('SELECT id FROM ac.contacts WHERE id = 7');
SELECT asks('SELECT id FROM ac.contacts WHERE 7 = id');
SELECT asks('SELECT id FROM ac.contacts WHERE id IN (9, 7, 9)');
SELECT asks('SELECT id FROM ac.contacts WHERE id = 9 OR id = 7 OR id IN (1, 2)');
SELECT asks('SELECT id FROM ac.contacts WHERE id = ANY (''{}'')');
SELECT asks('SELECT id FROM ac.contacts WHERE id = 1 OR email = ''a@example.org''');
SELECT asks('SELECT id FROM ac.deals WHERE stage_id = 3 AND owner_id = 1');
SELECT asks('SELECT id FROM ac.deals WHERE stage_id IN (3, 4) AND pipeline_id = 1');
SELECT asks('SELECT id FROM ac.deals WHERE stage_id = 0');
SELECT asks('SELECT id FROM ac.deals WHERE stage_id = 3.5');
SELECT asks('SELECT id FROM ac.contacts WHERE email = '' padded@example.org''');
SELECT asks('SELECT id FROM ac.contacts WHERE email = ''''');

-- bounds are intersected, contradictions send nothing
SELECT asks('SELECT id FROM ac.contacts WHERE id > 100 AND id <= 250 AND id BETWEEN 50 AND 200');
SELECT asks('SELECT id FROM ac.contacts WHERE id > 10 AND id < 5');
SELECT asks('SELECT id FROM ac.contacts WHERE id IN (1, 2) AND id > 5');
SELECT asks('SELECT id FROM ac.contacts WHERE id IS NULL');
SELECT asks('SELECT id FROM air.calls WHERE started_at > ''2026-11-03'' AND started_at::date = ''2026-11-02''');

-- labels, flags, money
SELECT asks('SELECT id FROM ac.deals WHERE status_label = ''won''');
SELECT asks('SELECT id FROM ac.deals WHERE status = 1 AND status_label = ''lost''');
SELECT asks('SELECT id FROM ac.deals WHERE status_label = ''no such word''');
SELECT asks('SELECT id FROM ac.deals WHERE status = 0');
SELECT asks('SELECT id FROM ac.deals WHERE status = 0 AND NOT is_disabled');
SELECT asks('SELECT id FROM ac.deals WHERE value >= 1500.50 AND value < 3000 AND currency = ''USD''');
SELECT asks('SELECT id FROM ac.deals WHERE value >= 1500.50 AND currency = ''EUR''');
SELECT asks('SELECT id FROM agile.deals WHERE pipeline_id = 5900000000000041 AND NOT archived');

-- time, as BI tools write it
SELECT asks('SELECT id FROM air.calls WHERE started_at::date = ''2026-11-02''');
SELECT asks('SELECT id FROM air.calls WHERE CAST(started_at AS date) BETWEEN ''2026-11-02'' AND ''2026-11-08''');
SELECT asks('SELECT id FROM air.calls WHERE date_trunc(''month'', started_at) = ''2026-10-01''');
SELECT asks('SELECT id FROM air.calls WHERE date_trunc(''month'', started_at) = ''2026-10-02''');
SELECT asks('SELECT id FROM air.calls WHERE date_trunc(''week'', started_at) BETWEEN ''2026-10-05'' AND ''2026-10-19''');
SELECT asks('SELECT id FROM air.calls WHERE date_trunc(''day'', started_at, ''Asia/Tokyo'') = ''2026-10-05 15:00+00''');
SELECT asks('SELECT id FROM air.calls WHERE date_trunc(''day'', started_at AT TIME ZONE ''Asia/Tokyo'') = ''2026-10-06''');
SELECT asks('SELECT id FROM air.calls WHERE extract(year FROM started_at) = 2026');
SELECT asks('SELECT id FROM air.calls WHERE date_part(''year'', started_at) >= 2026');
SELECT asks('SELECT id FROM air.calls WHERE extract(epoch FROM started_at) >= 1793577600');
SELECT asks('SELECT id FROM air.calls WHERE started_at AT TIME ZONE ''Asia/Tokyo'' >= ''2026-10-06''');
SELECT asks('SELECT id FROM air.calls WHERE (started_at AT TIME ZONE ''Asia/Tokyo'')::date = ''2026-10-06''');
SELECT asks('SELECT id FROM air.calls WHERE started_at >= timestamp ''2026-10-06 12:00'' AND started_at < date ''2026-10-07''');
SELECT asks('SELECT id FROM air.calls WHERE extract(month FROM started_at) = 10');
SET TimeZone = 'America/New_York';
SELECT asks('SELECT id FROM air.calls WHERE started_at::date = ''2026-10-05''');
-- clocks are set back on that day: a day more on either side
SELECT asks('SELECT id FROM air.calls WHERE started_at::date = ''2026-11-01''');
SET TimeZone = 'UTC';
SELECT asks('SELECT id FROM ac.contacts WHERE updated_at >= ''2026-10-01 12:00''');
SELECT asks('SELECT id FROM ac.deals WHERE created_at BETWEEN ''2026-10-01'' AND ''2026-10-05''');
-- which events a bound selects is not known
SELECT asks('SELECT id FROM agile.events WHERE start_at >= ''2026-10-01''');

-- text, arrays
SELECT asks('SELECT id FROM ac.contacts WHERE email LIKE ''%@example.org''');
SELECT asks('SELECT id FROM ac.contacts WHERE email LIKE ''a_b%''');
SELECT asks('SELECT id FROM ac.contacts WHERE email ILIKE ''%@EXAMPLE.org''');
SELECT asks('SELECT id FROM ac.contacts WHERE phone LIKE ''+1555%''');
SELECT asks('SELECT id FROM agile.contacts WHERE ''vip'' = ANY (tags)');
ALTER SERVER agile OPTIONS (ADD search_filters 'true');
SELECT asks('SELECT id FROM agile.contacts WHERE ''vip'' = ANY (tags)');
SELECT asks('SELECT id FROM agile.contacts WHERE tags @> ARRAY[''vip'', ''lead''] AND created_at >= ''2026-01-01''');
SELECT asks('SELECT id FROM agile.companies WHERE updated_at >= ''2026-10-01''');

-- other ways to the records: only where every needed column is there
SELECT asks('SELECT id, direction FROM air.calls WHERE id = 4186780376');
SELECT asks('SELECT id FROM air.calls WHERE user_id = 3 AND direction = ''inbound''');
SELECT asks('SELECT id FROM air.users WHERE email = ''ada@example.org''');
SELECT asks('SELECT id, title FROM ac.deals WHERE id IN (3, 4)');
SELECT asks('SELECT id, raw FROM ac.deals WHERE id = 3');
SELECT asks('SELECT * FROM ac.contact_tags WHERE contact_id = 5');
SELECT asks('SELECT id FROM agile.tasks WHERE status = ''COMPLETED''');
SELECT asks('SELECT id FROM agile.contacts WHERE id = 5900000000000001');

-- order, limit, count
SELECT asks('SELECT id FROM ac.contacts ORDER BY id DESC LIMIT 10');
SELECT asks('SELECT id FROM ac.contacts WHERE id > 50 ORDER BY id LIMIT 10 OFFSET 5');
SELECT asks('SELECT id FROM ac.contacts WHERE first_name = ''Ada'' ORDER BY id LIMIT 10');
SELECT asks('SELECT id FROM ac.contacts ORDER BY email LIMIT 10');
SELECT asks('SELECT max(id) FROM ac.contacts');
SELECT asks('SELECT id FROM air.calls ORDER BY started_at DESC LIMIT 10');
SELECT asks('SELECT count(*) FROM ac.contacts');
SELECT asks('SELECT count(id), count(*) FROM ac.contacts');
SELECT asks('SELECT count(email) FROM ac.contacts');
SELECT asks('SELECT count(*) FROM ac.deals');
SELECT asks('SELECT count(*) FROM agile.contacts');
SELECT asks('SELECT count(*) FROM agile.companies');
SELECT asks('SELECT count(*) FROM air.calls WHERE started_at >= ''2026-11-01''');
SELECT asks('SELECT count(*) FROM air.calls WHERE direction = ''inbound''');

-- joins deliver values
SELECT asks('SELECT c.email FROM (SELECT * FROM ac.deals LIMIT 5) AS d JOIN ac.contacts c ON c.id = d.contact_id');
SELECT asks('SELECT s.content FROM (SELECT id FROM air.calls ORDER BY started_at DESC LIMIT 10) AS c JOIN air.call_summaries s ON s.call_id = c.id');
SELECT asks('SELECT 1 FROM ac.contacts WHERE id = ANY (ARRAY(SELECT generate_series(1, 3)))');

-- columns that are not what the catalogue says
CREATE FOREIGN TABLE ac.renamed (key bigint OPTIONS (column_name 'id'), account text OPTIONS (constant 'acme'), email varchar, created_at date) SERVER ac OPTIONS (entity 'contacts');
SELECT asks('SELECT key FROM ac.renamed WHERE key = 7');
SELECT asks('SELECT key FROM ac.renamed WHERE account = ''other''');
SELECT asks('SELECT key FROM ac.renamed WHERE account = ''acme'' AND email = ''a@example.org''');
SELECT asks('SELECT key FROM ac.renamed WHERE created_at >= ''2026-01-01''');

-- off: only what an entity cannot be read without
SET crm_fdw.enable_pushdown = off;
SELECT asks('SELECT id FROM ac.contacts WHERE id = 7 ORDER BY id LIMIT 1');
SELECT asks('SELECT id FROM ac.list_members WHERE list_id = 2 AND email = ''a@example.org''');
SELECT asks('SELECT count(*) FROM ac.contacts');
RESET crm_fdw.enable_pushdown;

DROP FUNCTION asks;
SET client_min_messages = warning;
DROP SCHEMA ac, air, agile CASCADE;
DROP EXTENSION crm_fdw CASCADE;
