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
