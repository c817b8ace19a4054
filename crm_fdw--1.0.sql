/* crm_fdw--1.0.sql */

-- Fed to psql directly this must stop at once: MODULE_PATHNAME is unknown there.
\echo Use "CREATE EXTENSION crm_fdw" to load this file. \quit

-- The control file names the schema, so CREATE EXTENSION has made it and the
-- extension owns it.
GRANT USAGE ON SCHEMA crm_fdw TO PUBLIC;
COMMENT ON SCHEMA crm_fdw IS
	'functions and views of the crm_fdw extension';

CREATE FUNCTION crm_fdw.crm_fdw_handler()
RETURNS fdw_handler
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

COMMENT ON FUNCTION crm_fdw.crm_fdw_handler() IS
	'entry point of the foreign data wrapper crm_fdw';

CREATE FUNCTION crm_fdw.crm_fdw_validator(options text[], catalog oid)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

COMMENT ON FUNCTION crm_fdw.crm_fdw_validator(text[], oid) IS
	'checks names, syntax and ranges of the options of crm_fdw objects';

CREATE FOREIGN DATA WRAPPER crm_fdw
	HANDLER crm_fdw.crm_fdw_handler
	VALIDATOR crm_fdw.crm_fdw_validator;

COMMENT ON FOREIGN DATA WRAPPER crm_fdw IS
	'CRM APIs as tables: ActiveCampaign, Aircall, Agile CRM';

-- The catalogue.  STABLE, not IMMUTABLE: another version of the library may
-- know more.
CREATE FUNCTION crm_fdw.entities(crm text)
RETURNS TABLE (
	entity text,
	key_columns text[],
	cursor_column text,
	completeness text,
	recommended_every interval,
	lookback interval,
	needs_filter text[],
	writable boolean,
	description text)
AS 'MODULE_PATHNAME', 'crm_fdw_entities'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 50;

COMMENT ON FUNCTION crm_fdw.entities(text) IS
	'entities of a CRM, which are its tables: keys, how a read is known to be complete, how a copy is best refreshed';

CREATE FUNCTION crm_fdw.entities()
RETURNS TABLE (
	crm text,
	entity text,
	key_columns text[],
	cursor_column text,
	completeness text,
	recommended_every interval,
	lookback interval,
	needs_filter text[],
	writable boolean,
	description text)
AS 'MODULE_PATHNAME', 'crm_fdw_entities'
LANGUAGE C STABLE PARALLEL SAFE ROWS 150;

COMMENT ON FUNCTION crm_fdw.entities() IS
	'entities of all CRMs; the CRM stands in front';

CREATE FUNCTION crm_fdw.columns(crm text, entity text)
RETURNS TABLE (
	column_name text,
	data_type text,
	pushable_operators text[],
	sortable boolean,
	description text)
AS 'MODULE_PATHNAME', 'crm_fdw_columns'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION crm_fdw.columns(text, text) IS
	'columns of an entity: types, and the operators that narrow what is asked of the API';

CREATE FUNCTION crm_fdw.schema_drift(foreign_table regclass)
RETURNS TABLE (
	column_name text,
	change text,
	suggested_ddl text)
AS 'MODULE_PATHNAME', 'crm_fdw_schema_drift'
LANGUAGE C VOLATILE STRICT ROWS 5;

COMMENT ON FUNCTION crm_fdw.schema_drift(regclass) IS
	'custom fields that were added, removed, renamed or retyped since the import of a table, and the statements that follow them; asks the API';

-- What reading costs, and what runs now.  The functions read shared memory and
-- hide what is not for the role that calls them; the views add names.
CREATE FUNCTION crm_fdw.stats_data()
RETURNS TABLE (
	server_oid oid,
	entity text,
	scans bigint,
	requests bigint,
	retries bigint,
	throttled_ms bigint,
	errors bigint,
	rows bigint,
	bytes bigint,
	last_request_at timestamptz,
	last_error text)
AS 'MODULE_PATHNAME', 'crm_fdw_stats'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE ROWS 50;

COMMENT ON FUNCTION crm_fdw.stats_data() IS
	'what the view crm_fdw.stats shows, by the oids of servers';

CREATE VIEW crm_fdw.stats AS
	SELECT s.srvname AS server, d.entity, d.scans, d.requests, d.retries, d.throttled_ms, d.errors,
		d.rows, d.bytes, d.last_request_at, d.last_error
	FROM crm_fdw.stats_data() d
	JOIN pg_catalog.pg_foreign_server s ON s.oid = d.server_oid;

COMMENT ON VIEW crm_fdw.stats IS
	'what reading has cost, per server and entity: all sessions of this database since the server started';
COMMENT ON COLUMN crm_fdw.stats.server IS 'foreign server';
COMMENT ON COLUMN crm_fdw.stats.entity IS 'entity that the table reads, or its path';
COMMENT ON COLUMN crm_fdw.stats.scans IS 'scans that sent a request or tried to';
COMMENT ON COLUMN crm_fdw.stats.requests IS 'requests sent, including retries and those of ANALYZE and of estimates';
COMMENT ON COLUMN crm_fdw.stats.retries IS 'requests that were sent again';
COMMENT ON COLUMN crm_fdw.stats.throttled_ms IS 'milliseconds that requests waited for the rate limit';
COMMENT ON COLUMN crm_fdw.stats.errors IS 'scans, ANALYZEs and estimates that failed; cancelled queries do not count';
COMMENT ON COLUMN crm_fdw.stats.rows IS 'records received';
COMMENT ON COLUMN crm_fdw.stats.bytes IS 'bytes of the answers, unpacked';
COMMENT ON COLUMN crm_fdw.stats.last_request_at IS 'when the last request was answered or given up';
COMMENT ON COLUMN crm_fdw.stats.last_error IS
	'SQLSTATE and beginning of the last error message; for the role it happened to and members of pg_read_all_stats';

GRANT SELECT ON crm_fdw.stats TO PUBLIC;

CREATE FUNCTION crm_fdw.stats_reset()
RETURNS void
AS 'MODULE_PATHNAME', 'crm_fdw_stats_reset'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION crm_fdw.stats_reset() IS
	'sets all counters of crm_fdw.stats in this database to zero';

REVOKE ALL ON FUNCTION crm_fdw.stats_reset() FROM PUBLIC;

CREATE FUNCTION crm_fdw.activity_data()
RETURNS TABLE (
	pid integer,
	server_oid oid,
	entity text,
	pages_done bigint,
	pages_total bigint,
	rows bigint,
	state text,
	started_at timestamptz,
	request text)
AS 'MODULE_PATHNAME', 'crm_fdw_activity'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE ROWS 10;

COMMENT ON FUNCTION crm_fdw.activity_data() IS
	'what the view crm_fdw.activity shows, by the oids of servers';

CREATE VIEW crm_fdw.activity AS
	SELECT d.pid, s.srvname AS server, d.entity, d.pages_done, d.pages_total, d.rows, d.state,
		d.started_at, d.request
	FROM crm_fdw.activity_data() d
	JOIN pg_catalog.pg_foreign_server s ON s.oid = d.server_oid;

COMMENT ON VIEW crm_fdw.activity IS
	'scans that run now in this database';
COMMENT ON COLUMN crm_fdw.activity.pid IS 'process, as in pg_stat_activity; one that joins CRM tables runs several scans';
COMMENT ON COLUMN crm_fdw.activity.server IS 'foreign server';
COMMENT ON COLUMN crm_fdw.activity.entity IS 'entity that the table reads, or its path';
COMMENT ON COLUMN crm_fdw.activity.pages_done IS 'pages received';
COMMENT ON COLUMN crm_fdw.activity.pages_total IS 'pages there will be, as far as the list tells; NULL = unknown';
COMMENT ON COLUMN crm_fdw.activity.rows IS 'records received';
COMMENT ON COLUMN crm_fdw.activity.state IS
	'requesting, waiting for rate limit, backing off (before a request is sent again) or processing rows';
COMMENT ON COLUMN crm_fdw.activity.started_at IS 'when the scan sent its first request';
COMMENT ON COLUMN crm_fdw.activity.request IS
	'the last request, decoded for reading; for the role that runs the scan and members of pg_read_all_stats';

GRANT SELECT ON crm_fdw.activity TO PUBLIC;

-- The request budgets, which the sessions of the whole cluster share.
CREATE FUNCTION crm_fdw.rate_limit_states()
RETURNS TABLE (
	server_oid oid,
	limit_text text,
	available integer,
	in_flight integer,
	waiting integer,
	blocked_until timestamptz)
AS 'MODULE_PATHNAME', 'crm_fdw_rate_limits'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE ROWS 10;

COMMENT ON FUNCTION crm_fdw.rate_limit_states() IS
	'request budgets by the oid of the server; crm_fdw.rate_limits shows them by name';

CREATE VIEW crm_fdw.rate_limits AS
	SELECT s.srvname AS server, l.limit_text, l.available, l.in_flight, l.waiting, l.blocked_until
	FROM crm_fdw.rate_limit_states() AS l
	JOIN pg_catalog.pg_foreign_server AS s ON s.oid = l.server_oid;

COMMENT ON VIEW crm_fdw.rate_limits IS
	'request budgets of the accounts that servers of this database read, as shared by all sessions of the cluster';
COMMENT ON COLUMN crm_fdw.rate_limits.server IS 'foreign server';
COMMENT ON COLUMN crm_fdw.rate_limits.limit_text IS
	'the strictest rate_limit in use within the last minute';
COMMENT ON COLUMN crm_fdw.rate_limits.available IS
	'requests that could be sent at once';
COMMENT ON COLUMN crm_fdw.rate_limits.in_flight IS
	'requests sent and not answered yet';
COMMENT ON COLUMN crm_fdw.rate_limits.waiting IS
	'requests waiting for their turn';
COMMENT ON COLUMN crm_fdw.rate_limits.blocked_until IS
	'no request is sent before, because the API asked for it; NULL = not blocked';

GRANT SELECT ON crm_fdw.rate_limits TO PUBLIC;

-- It sends requests and catches their errors, so it must not run in a worker.
CREATE FUNCTION crm_fdw.check_server(server name)
RETURNS TABLE (
	check_name text,
	ok boolean,
	detail text,
	hint text)
AS 'MODULE_PATHNAME', 'crm_fdw_check_server'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 100000 ROWS 50;

COMMENT ON FUNCTION crm_fdw.check_server(name) IS
	'what a new key needs: options, reachability, certificate, credential, rights, clock, request budget, and whether each entity is readable; sends at most one request per row, ok is NULL where nothing was found out';

-- Copies of CRM tables.  Settings, state and log are written by the functions
-- below alone, as the extension's owner, and belong to a dump.
CREATE TABLE crm_fdw.refresh_settings (
	relation regclass PRIMARY KEY,
	mode text NOT NULL CHECK (mode IN ('replace', 'incremental', 'append', 'history')),
	source regclass,
	view regclass,
	filtered boolean NOT NULL,
	bounded boolean NOT NULL,
	cursor_column text,
	age_column text,
	fleeting text[] NOT NULL,
	raw_column text,
	fleeting_paths text[] NOT NULL,
	best_effort boolean NOT NULL,
	lookback interval,
	full_every interval,
	max_shrink real,
	min_rows bigint,
	retries integer NOT NULL DEFAULT 1,
	every interval,
	custom_schedule boolean NOT NULL DEFAULT false,
	schedule text,
	time_zone text,
	off_peak_start time,
	off_peak_end time,
	job_id bigint,
	scheduled_at timestamptz
);

COMMENT ON TABLE crm_fdw.refresh_settings IS
	'how copies are kept up to date; written by create_snapshot() and schedule_refresh()';

CREATE TABLE crm_fdw.refresh_states (
	relation regclass PRIMARY KEY,
	watermark timestamptz,
	last_moment timestamptz,
	complete_at timestamptz,
	complete_rows bigint,
	rows bigint
);

COMMENT ON TABLE crm_fdw.refresh_states IS
	'how far copies are up to date; written in the transaction that changes the copy';

CREATE SEQUENCE crm_fdw.refresh_runs_id_seq;

COMMENT ON SEQUENCE crm_fdw.refresh_runs_id_seq IS
	'numbers of runs';

CREATE TABLE crm_fdw.refresh_runs (
	id bigint PRIMARY KEY,
	relation regclass NOT NULL,
	mode text NOT NULL,
	complete boolean,
	status text NOT NULL CHECK (status IN ('waiting', 'running', 'ok', 'failed', 'rejected', 'skipped')),
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	pid integer,
	rows_before bigint,
	rows_after bigint,
	inserted bigint,
	updated bigint,
	deleted bigint,
	requests bigint,
	bytes bigint,
	rate_limit_wait interval,
	sqlstate text,
	message text,
	hint text
);
CREATE INDEX ON crm_fdw.refresh_runs (relation, id);

COMMENT ON TABLE crm_fdw.refresh_runs IS
	'what the view crm_fdw.refresh_log shows';

-- Rows about relations that are gone would be about others after a restore.
SELECT pg_catalog.pg_extension_config_dump('crm_fdw.refresh_settings',
	'WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation)');
SELECT pg_catalog.pg_extension_config_dump('crm_fdw.refresh_states',
	'WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation)');
SELECT pg_catalog.pg_extension_config_dump('crm_fdw.refresh_runs',
	'WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation)');
SELECT pg_catalog.pg_extension_config_dump('crm_fdw.refresh_runs_id_seq', '');

CREATE FUNCTION crm_fdw.create_snapshot(
	source regclass,
	target text,
	mode text DEFAULT 'replace',
	columns text[] DEFAULT NULL,
	filter text DEFAULT NULL,
	since timestamptz DEFAULT NULL,
	lookback interval DEFAULT NULL,
	full_every interval DEFAULT NULL,
	with_data boolean DEFAULT true)
RETURNS regclass
AS 'MODULE_PATHNAME', 'crm_fdw_create_snapshot'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.create_snapshot(regclass, text, text, text[], text, timestamptz, interval, interval, boolean) IS
	'makes a copy of a CRM table that crm_fdw.refresh keeps up to date: replace (a materialized view), incremental (by key), append (state after state) or history (versions)';

CREATE FUNCTION crm_fdw.drop_snapshot(relation regclass)
RETURNS void
AS 'MODULE_PATHNAME', 'crm_fdw_drop_snapshot'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.drop_snapshot(regclass) IS
	'drops a snapshot, its job, settings, state and log';

-- Commits, so it can have no SET clause: the C code restricts the search path.
CREATE PROCEDURE crm_fdw.refresh(relation regclass, force_full boolean DEFAULT false)
AS 'MODULE_PATHNAME', 'crm_fdw_refresh'
LANGUAGE C;

COMMENT ON PROCEDURE crm_fdw.refresh(regclass, boolean) IS
	'brings a snapshot, or a materialized view over CRM tables, up to date; force_full reads everything and accepts whatever comes';

CREATE FUNCTION crm_fdw.schedule_refresh(
	relation regclass,
	every interval DEFAULT NULL,
	schedule text DEFAULT NULL,
	off_peak_start time DEFAULT '01:00',
	off_peak_end time DEFAULT '05:00',
	max_shrink real DEFAULT NULL,
	min_rows bigint DEFAULT NULL,
	retries integer DEFAULT 3)
RETURNS bigint
AS 'MODULE_PATHNAME', 'crm_fdw_schedule_refresh'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.schedule_refresh(regclass, interval, text, time, time, real, bigint, integer) IS
	'makes or changes the pg_cron job that refreshes a copy and returns its id; without every and schedule as often as the catalogue recommends';

CREATE FUNCTION crm_fdw.unschedule_refresh(relation regclass)
RETURNS boolean
AS 'MODULE_PATHNAME', 'crm_fdw_unschedule_refresh'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.unschedule_refresh(regclass) IS
	'removes the job that refreshes a copy; false if there was none';

CREATE FUNCTION crm_fdw.schedule_recommended(schema_name name)
RETURNS TABLE (relation regclass, schedule text, reason text)
AS 'MODULE_PATHNAME', 'crm_fdw_schedule_recommended'
LANGUAGE C VOLATILE STRICT ROWS 20
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.schedule_recommended(name) IS
	'schedules every snapshot and materialized view of a schema that reads a CRM; keeps what was chosen before';

CREATE FUNCTION crm_fdw.next_run(schedule text, after timestamptz)
RETURNS timestamptz
AS 'MODULE_PATHNAME', 'crm_fdw_next_run'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION crm_fdw.next_run(text, timestamptz) IS
	'the first moment after another at which pg_cron starts a job with this schedule; NULL if never';

CREATE FUNCTION crm_fdw.cron_failures()
RETURNS TABLE (relation regclass, failed_at timestamptz, message text)
AS 'MODULE_PATHNAME', 'crm_fdw_cron_failures'
LANGUAGE C STABLE STRICT ROWS 10
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION crm_fdw.cron_failures() IS
	'refresh jobs that pg_cron failed to start, which are not in crm_fdw.refresh_log; messages for the owner of the copy and members of pg_read_all_stats';

CREATE VIEW crm_fdw.snapshots AS
	SELECT s.relation, s.source, s.mode, t.watermark, t.rows,
		pg_catalog.pg_total_relation_size(s.relation) AS size, s.schedule
	FROM crm_fdw.refresh_settings s
		JOIN pg_catalog.pg_class c ON c.oid = s.relation
		LEFT JOIN crm_fdw.refresh_states t ON t.relation = s.relation
	WHERE s.source IS NOT NULL;

COMMENT ON VIEW crm_fdw.snapshots IS
	'copies made by crm_fdw.create_snapshot()';
COMMENT ON COLUMN crm_fdw.snapshots.relation IS 'the copy';
COMMENT ON COLUMN crm_fdw.snapshots.source IS 'foreign table that it copies';
COMMENT ON COLUMN crm_fdw.snapshots.mode IS 'replace, incremental, append or history';
COMMENT ON COLUMN crm_fdw.snapshots.watermark IS
	'largest change time that was read; incremental reads go on from there; NULL = everything is read each time';
COMMENT ON COLUMN crm_fdw.snapshots.rows IS 'rows after the last refresh; of a history: current versions';
COMMENT ON COLUMN crm_fdw.snapshots.size IS 'bytes on disk, indexes included';
COMMENT ON COLUMN crm_fdw.snapshots.schedule IS 'of its pg_cron job; NULL = none';

GRANT SELECT ON crm_fdw.snapshots TO PUBLIC;

-- A run that did not end although its process is gone counts as failed; its
-- process held the advisory lock with its number.  A standby sees no such locks.
CREATE VIEW crm_fdw.refresh_log AS
	SELECT r.relation, r.mode, r.started_at, r.finished_at,
		CASE WHEN l.dead THEN 'failed' ELSE r.status END AS status,
		r.rows_before, r.rows_after, r.inserted, r.updated, r.deleted, r.requests, r.bytes,
		r.rate_limit_wait,
		CASE WHEN l.dead THEN '57P02' ELSE r.sqlstate END AS sqlstate,
		CASE WHEN l.dead THEN 'the process that refreshed ended before it was done'
			WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			THEN r.message END AS message,
		CASE WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			THEN r.hint END AS hint,
		r.complete, r.pid, r.id
	FROM crm_fdw.refresh_runs r
		LEFT JOIN pg_catalog.pg_class c ON c.oid = r.relation
		CROSS JOIN LATERAL (SELECT r.status IN ('waiting', 'running') AND NOT pg_catalog.pg_is_in_recovery() AND NOT EXISTS (
			SELECT FROM pg_catalog.pg_locks k
			WHERE k.locktype = 'advisory' AND k.objsubid = 17234
				AND k.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
				AND k.classid::bigint = r.id >> 32 AND k.objid::bigint = r.id & 4294967295) AS dead) l;

COMMENT ON VIEW crm_fdw.refresh_log IS
	'every run of crm_fdw.refresh: what it read, what it changed, how it ended';
COMMENT ON COLUMN crm_fdw.refresh_log.relation IS 'the copy; a number if it was dropped';
COMMENT ON COLUMN crm_fdw.refresh_log.mode IS 'of the copy; replace for materialized views';
COMMENT ON COLUMN crm_fdw.refresh_log.started_at IS 'when it was called; valid_from and snapshot_at are when it began to read';
COMMENT ON COLUMN crm_fdw.refresh_log.finished_at IS 'NULL = not yet, or its process died';
COMMENT ON COLUMN crm_fdw.refresh_log.status IS
	'waiting (for another refresh of the account), running, ok, failed, rejected (the result was not believed) or skipped (others took too long)';
COMMENT ON COLUMN crm_fdw.refresh_log.rows_before IS 'rows of the copy, of a history: current versions';
COMMENT ON COLUMN crm_fdw.refresh_log.rows_after IS 'the same at the end';
COMMENT ON COLUMN crm_fdw.refresh_log.inserted IS
	'rows that were added; a materialized view changes a row by deleting and inserting it; NULL = unknown';
COMMENT ON COLUMN crm_fdw.refresh_log.updated IS 'rows that were changed, of a history: that got another version; NULL = unknown';
COMMENT ON COLUMN crm_fdw.refresh_log.deleted IS 'rows that were removed, of a history: closed';
COMMENT ON COLUMN crm_fdw.refresh_log.requests IS 'requests sent, including retries';
COMMENT ON COLUMN crm_fdw.refresh_log.bytes IS 'bytes of the answers, unpacked';
COMMENT ON COLUMN crm_fdw.refresh_log.rate_limit_wait IS 'time that requests waited for the rate limit, added up';
COMMENT ON COLUMN crm_fdw.refresh_log.sqlstate IS 'of the error that ended it';
COMMENT ON COLUMN crm_fdw.refresh_log.message IS
	'why it failed; for the owner of the copy and members of pg_read_all_stats';
COMMENT ON COLUMN crm_fdw.refresh_log.hint IS 'what to do about it; for the same roles';
COMMENT ON COLUMN crm_fdw.refresh_log.complete IS 'everything was read; otherwise what had changed';
COMMENT ON COLUMN crm_fdw.refresh_log.pid IS 'process that refreshed, as in pg_stat_activity';
COMMENT ON COLUMN crm_fdw.refresh_log.id IS 'number of the run';

GRANT SELECT ON crm_fdw.refresh_log TO PUBLIC;

-- Jobs that pg_cron could not start leave no run: they are told by its own log.
CREATE VIEW crm_fdw.refresh_status AS
	WITH failures AS MATERIALIZED (
		SELECT f.relation, f.failed_at, f.message FROM crm_fdw.cron_failures() f),
	ended AS NOT MATERIALIZED (
		SELECT r.relation, r.started_at, r.finished_at, r.status, r.requests, r.message
		FROM crm_fdw.refresh_log r
		WHERE r.status NOT IN ('waiting', 'running')
		UNION ALL
		SELECT f.relation, f.failed_at, f.failed_at, 'failed', NULL, 'pg_cron: ' || f.message
		FROM failures f)
	SELECT s.relation, s.schedule, ok.finished_at AS last_success_at,
		pg_catalog.now() - ok.finished_at AS age,
		CASE WHEN s.schedule IS NOT NULL THEN coalesce(pg_catalog.now() > due.first + 1.5 * (due.second - due.first), false) END AS is_late,
		last.status AS last_status,
		(SELECT pg_catalog.count(*) FROM ended e
			WHERE e.relation = s.relation AND e.status IN ('failed', 'rejected')
				AND (ok.finished_at IS NULL OR e.started_at >= ok.finished_at)) AS failures_in_a_row,
		crm_fdw.next_run(s.schedule, pg_catalog.now()) AS next_run_at,
		usual.duration AS avg_duration, usual.requests AS avg_requests,
		CASE WHEN last.status IN ('failed', 'rejected') THEN last.message END AS last_error
	FROM crm_fdw.refresh_settings s
		JOIN pg_catalog.pg_class c ON c.oid = s.relation
		LEFT JOIN LATERAL (
			SELECT e.started_at, e.finished_at FROM ended e
			WHERE e.relation = s.relation AND e.status = 'ok'
			ORDER BY e.started_at DESC LIMIT 1) ok ON true
		LEFT JOIN LATERAL (
			SELECT e.status, e.message FROM ended e
			WHERE e.relation = s.relation
			ORDER BY e.started_at DESC LIMIT 1) last ON true
		LEFT JOIN LATERAL (
			SELECT pg_catalog.avg(e.finished_at - e.started_at) AS duration, pg_catalog.round(pg_catalog.avg(e.requests), 1) AS requests
			FROM (SELECT * FROM ended e WHERE e.relation = s.relation AND e.status = 'ok'
				ORDER BY e.started_at DESC LIMIT 10) e) usual ON true
		LEFT JOIN LATERAL (
			SELECT d.first, crm_fdw.next_run(s.schedule, d.first) AS second
			FROM (SELECT crm_fdw.next_run(s.schedule, greatest(ok.started_at, s.scheduled_at)) AS first) d) due ON true;

COMMENT ON VIEW crm_fdw.refresh_status IS
	'how fresh each copy is, and whether its schedule works';
COMMENT ON COLUMN crm_fdw.refresh_status.relation IS 'the copy';
COMMENT ON COLUMN crm_fdw.refresh_status.last_success_at IS 'end of the last refresh that succeeded';
COMMENT ON COLUMN crm_fdw.refresh_status.schedule IS 'of its pg_cron job; NULL = none';
COMMENT ON COLUMN crm_fdw.refresh_status.age IS 'time since the last refresh that succeeded';
COMMENT ON COLUMN crm_fdw.refresh_status.is_late IS
	'no success one and a half periods after a run was due; NULL without a schedule';
COMMENT ON COLUMN crm_fdw.refresh_status.last_status IS 'of the last run that ended: ok, failed, rejected or skipped';
COMMENT ON COLUMN crm_fdw.refresh_status.failures_in_a_row IS
	'runs that failed or were rejected since the last success, also those that pg_cron could not start';
COMMENT ON COLUMN crm_fdw.refresh_status.next_run_at IS 'when pg_cron starts it next';
COMMENT ON COLUMN crm_fdw.refresh_status.avg_duration IS 'of the last ten runs that succeeded';
COMMENT ON COLUMN crm_fdw.refresh_status.avg_requests IS 'of the last ten runs that succeeded';
COMMENT ON COLUMN crm_fdw.refresh_status.last_error IS
	'message of the last run, if it failed; for the owner of the copy and members of pg_read_all_stats';

GRANT SELECT ON crm_fdw.refresh_status TO PUBLIC;
