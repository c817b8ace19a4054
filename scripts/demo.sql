-- A tour of crm_fdw for scripts/demo: three CRMs, served by the sandbox whose
-- address is in the environment variable CRM_SANDBOX_URL.  The sandbox's data
-- ends on 20 November 2026, so the queries name dates instead of asking now().

\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
\getenv sandbox CRM_SANDBOX_URL
\set ECHO queries

\echo
\echo ==== Connecting three CRMs ====

CREATE EXTENSION crm_fdw;

-- The rate limits are far above those of the real APIs, which are the default.
CREATE SERVER ac FOREIGN DATA WRAPPER crm_fdw
	OPTIONS (crm 'activecampaign', base_url :'sandbox', rate_limit '200/s');
CREATE SERVER aircall FOREIGN DATA WRAPPER crm_fdw
	OPTIONS (crm 'aircall', base_url :'sandbox', rate_limit '200/s');
CREATE SERVER agile FOREIGN DATA WRAPPER crm_fdw
	OPTIONS (crm 'agilecrm', base_url :'sandbox', rate_limit '200/s');

CREATE USER MAPPING FOR CURRENT_USER SERVER ac
	OPTIONS (api_key 'sandbox-ac-key-3f9a');
CREATE USER MAPPING FOR CURRENT_USER SERVER aircall
	OPTIONS (api_id 'sandbox-id', api_token 'sandbox-aircall-token-77');
CREATE USER MAPPING FOR CURRENT_USER SERVER agile
	OPTIONS (email 'owner@example.com', api_key 'sandbox-agile-key-b41c');

CREATE SCHEMA ac;
CREATE SCHEMA aircall;
CREATE SCHEMA agile;
IMPORT FOREIGN SCHEMA activecampaign FROM SERVER ac INTO ac;
IMPORT FOREIGN SCHEMA aircall FROM SERVER aircall INTO aircall;
IMPORT FOREIGN SCHEMA agilecrm FROM SERVER agile INTO agile;

SELECT foreign_table_schema AS schema, count(*) AS tables
FROM information_schema.foreign_tables
GROUP BY 1 ORDER BY 1;

\echo
\echo ==== ActiveCampaign: what is in the pipeline? ====
\echo (The sandbox hides a few absurd amounts among its deals; these stay out.)

SELECT p.title AS pipeline, s.title AS stage, count(*) AS open_deals,
	d.currency, sum(d.value) AS amount
FROM ac.deals d
	JOIN ac.deal_stages s ON s.id = d.stage_id
	JOIN ac.deal_pipelines p ON p.id = d.pipeline_id
WHERE d.status_label = 'open' AND d.value < 1000000
GROUP BY 1, 2, d.currency
ORDER BY amount DESC
LIMIT 8;

\echo ==== ActiveCampaign: which mailings do people open? ====

SELECT name, send_amt AS sent, unique_opens, round(100 * open_rate, 1) AS open_pct,
	round(100 * click_rate, 1) AS click_pct
FROM ac.campaigns
WHERE status_label = 'completed' AND send_amt >= 100
ORDER BY open_rate DESC
LIMIT 5;

\echo ==== ActiveCampaign: what a query asks of the API ====

EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT title, value, currency FROM ac.deals WHERE status = 1;

\echo
\echo ==== Aircall: who is on the phone, and who is not reached? ====

SELECT u.name AS agent, count(*) AS calls,
	count(*) FILTER (WHERE c.is_missed) AS missed,
	(sum(c.talking_duration) / 60.0)::numeric(10, 1) AS minutes_talking
FROM aircall.calls c
	JOIN aircall.users u ON u.id = c.user_id
WHERE c.started_at >= '2026-11-13' AND c.started_at < '2026-11-20'
GROUP BY u.name
ORDER BY calls DESC
LIMIT 8;

\echo ==== Aircall: what a query asks of the API ====

EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT count(*) FROM aircall.calls
WHERE started_at >= '2026-11-19' AND started_at < '2026-11-20' AND direction = 'inbound';

\echo
\echo ==== Agile CRM: how does each track stand, milestone by milestone? ====

SELECT m.track_name, m.position, m.name AS milestone, count(d.id) AS deals,
	round(sum(d.expected_value * d.probability / 100)) AS weighted_value
FROM agile.milestones m
	LEFT JOIN agile.deals d ON d.pipeline_id = m.track_id AND d.milestone = m.name
	AND d.expected_value < 1000000
WHERE m.is_default_track
GROUP BY m.track_name, m.position, m.name
ORDER BY m.position;

\echo ==== Agile CRM: what a join asks of the API ====

EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT d.name, c.first_name, c.last_name
FROM agile.deals d, agile.contacts c
WHERE d.id = (SELECT min(id) FROM agile.deals) AND c.id = ANY (d.contact_ids);

\echo
\echo ==== All three: five months of the business ====

WITH
	deals AS (
		SELECT date_trunc('month', created_at)::date AS month, count(*) AS new_deals
		FROM ac.deals
		WHERE created_at >= '2026-06-01' AND created_at < '2026-11-01'
		GROUP BY 1),
	calls AS (
		SELECT date_trunc('month', started_at)::date AS month, count(*) AS calls
		FROM aircall.calls
		WHERE started_at >= '2026-06-01' AND started_at < '2026-11-01'
		GROUP BY 1),
	tasks AS (
		SELECT date_trunc('month', created_at)::date AS month, count(*) AS new_tasks
		FROM agile.tasks
		WHERE created_at >= '2026-06-01' AND created_at < '2026-11-01'
		GROUP BY 1)
SELECT month, new_deals, calls, new_tasks
FROM deals FULL JOIN calls USING (month) FULL JOIN tasks USING (month)
ORDER BY month;

\echo
\echo ==== Copies that dashboards read without asking the API ====

CREATE SCHEMA report;

\echo A report over several tables: any materialized view.
ANALYZE ac.deals, ac.contacts;
CREATE MATERIALIZED VIEW report.open_deals AS
SELECT d.id AS deal_id, d.title, d.value, d.currency, c.email, d.created_at
FROM ac.deals d JOIN ac.contacts c ON c.id = d.contact_id
WHERE d.status_label = 'open';
CREATE UNIQUE INDEX ON report.open_deals (deal_id);

\echo
\echo A small table, read again each time.
SELECT crm_fdw.create_snapshot('ac.deal_stages', 'report.stages');

\echo A large one, of which only changes are read.
SELECT crm_fdw.create_snapshot('ac.contacts', 'report.contacts', mode => 'incremental');

\echo Every version of every row.
SELECT crm_fdw.create_snapshot('ac.deals', 'report.deal_history', mode => 'history');

\echo State after state, where an API tells the present only.
SELECT crm_fdw.create_snapshot('aircall.user_availabilities', 'report.availability',
	mode => 'append');

\echo Meanwhile, in the CRM, a deal changes hands and moves on, and a contact changes.
\echo
\! /usr/bin/python3 src/test/sandbox/mutate.py activecampaign.deals 184 stage_id=2 owner_id=4
CALL crm_fdw.refresh('report.deal_history');
\! /usr/bin/python3 src/test/sandbox/mutate.py activecampaign.deals 184 stage_id=4
\! /usr/bin/python3 src/test/sandbox/mutate.py activecampaign.contacts 7 first_name=Augusta updated_at=2026-11-20T11:30:00Z
CALL crm_fdw.refresh('report.deal_history');
CALL crm_fdw.refresh('report.contacts');
CALL crm_fdw.refresh('report.open_deals');

\echo
\echo ==== Which way did a deal go, and who had it? ====

SELECT h.id, s.title AS stage, u.first_name AS owner, h.is_current,
	h.valid_from::timestamp(0), h.valid_to::timestamp(0)
FROM report.deal_history h
	JOIN report.stages s ON s.id = h.stage_id
	JOIN ac.users u ON u.id = h.owner_id
WHERE h.id IN (SELECT id FROM report.deal_history WHERE NOT is_current)
ORDER BY h.id, h.valid_from;

\echo ==== What the refreshes took ====

SELECT relation, mode, status, complete, requests, rows_after, inserted, updated
FROM crm_fdw.refresh_log
ORDER BY id;

\echo ==== pg_cron keeps them fresh ====

CREATE EXTENSION pg_cron;
SELECT * FROM crm_fdw.schedule_recommended('report');

SELECT relation, schedule, last_status, failures_in_a_row AS failures, is_late,
	next_run_at::timestamp(0)
FROM crm_fdw.refresh_status
ORDER BY next_run_at;
