--
-- Options: names, syntax and ranges are checked when the DDL runs; what the
-- validator cannot see is checked at use.  Nothing here sends a request.
--
CREATE EXTENSION crm_fdw;

CREATE FUNCTION attempt(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
	detail text;
BEGIN
	EXECUTE command;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN replace(concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, 'DETAIL: ' || nullif(detail, ''), 'HINT: ' || nullif(hint, '')),
				   session_user, '<me>');
END
$$;
\pset format unaligned
\pset tuples_only on

-- servers
SELECT attempt('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw');
SELECT attempt('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircal'')');
SELECT attempt('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'', rate_limt ''5/s'')');
SELECT attempt('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'', entity ''calls'')');
SELECT attempt('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'', qqq ''1'')');
SELECT name, value, attempt(format('CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'', %I %L)', name, value)) AS result
FROM (VALUES
	('base_url', 'api.aircall.io'),
	('base_url', 'ftp://api.aircall.io'),
	('base_url', 'http://api.aircall.io'),
	('base_url', 'https://user:secret@api.aircall.io'),
	('base_url', 'https://api.aircall.io/v1?x=1'),
	('base_url', 'https://api.aircall.io/v1#x'),
	('base_url', 'https://api.aircall.io/other'),
	('base_url', ''),
	('rate_limit', '0/s'), ('rate_limit', '5'), ('rate_limit', '5/day'), ('rate_limit', '-1/s'),
	('concurrency', '0'), ('concurrency', '65'), ('concurrency', 'four'),
	('page_size', '0'), ('page_size', '1.5'),
	('connect_timeout', '0'), ('connect_timeout', '-1s'), ('connect_timeout', '10 parsecs'),
	('request_timeout', '25h'),
	('max_retries', '-1'), ('max_retries', '101'),
	('max_wait', 'soon'),
	('max_response_size', '1 B'), ('max_response_size', '2 GB'),
	('max_requests', '-1'),
	('start_date', 'yesterday'), ('start_date', '2025-13-01'), ('start_date', 'infinity'), ('start_date', '-90 days'),
	('on_conversion_error', 'ignore'),
	('search_filters', 'maybe'), ('updatable', ''), ('use_remote_estimate', '2'), ('async_capable', 'x'),
	('fdw_startup_cost', '-1'), ('fdw_tuple_cost', 'NaN'),
	('ca_file', '')
) AS bad(name, value);

CREATE SERVER s FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall',
	base_url 'https://api.aircall.io/v1/', rate_limit '120/min', concurrency '8', page_size '25',
	connect_timeout '500ms', request_timeout '2 min', max_retries '0', max_wait '0', max_response_size '1MB',
	max_requests '100', start_date '90 days', on_conversion_error 'null', search_filters 'on', updatable 'off',
	use_remote_estimate 'true', fdw_startup_cost '1', fdw_tuple_cost '0.5', async_capable 'false', ca_file '/no/such/file');
ALTER SERVER s OPTIONS (SET start_date '2025-01-01');
ALTER SERVER s OPTIONS (SET base_url 'http://127.0.0.1:1/');
ALTER SERVER s OPTIONS (SET base_url 'http://localhost:1');
ALTER SERVER s OPTIONS (SET base_url 'http://[::1]:1');
SELECT attempt('ALTER SERVER s OPTIONS (DROP crm)');

-- user mappings: a value is never repeated in a message
SELECT attempt('CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (api_tokn ''x'')');
SELECT attempt('CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (api_token '''')');
SELECT attempt(E'CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (api_token E''hush\\r\\nX: y'')');
SELECT attempt('CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (password ''x'')');

-- foreign tables
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (entity ''cals'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (entity ''qqqqqqqqqqqq'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (entity ''calls'', path ''/v1/calls'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (entity ''calls'', crm ''aircall'')');
SELECT value, attempt(format('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (path %L)', value))
FROM (VALUES ('v1/calls'), ('//evil.example/v1'), ('/v1/../v2/users'), ('/v1/%2e%2e/users'), ('/v3/calls'), ('/v1/calls#x'),
	(E'/v1/ca\nlls'), ('https://evil.example/v1'), ('/v1@evil.example/')) AS bad(value);
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (path ''/v1/calls'', rows ''calls'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (path ''/v1/calls'', paging ''some'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint) SERVER s OPTIONS (entity ''calls'', fan_out ''perhaps'')');

-- columns
SELECT attempt('CREATE FOREIGN TABLE t (id bigint OPTIONS (pointer ''id'')) SERVER s OPTIONS (entity ''calls'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint OPTIONS (pointer ''/a~2b'')) SERVER s OPTIONS (entity ''calls'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint OPTIONS (format ''epoch'')) SERVER s OPTIONS (entity ''calls'')');
SELECT attempt('CREATE FOREIGN TABLE t (id bigint OPTIONS (colum_name ''id'')) SERVER s OPTIONS (entity ''calls'')');

-- the wrapper itself has no options
SELECT attempt('ALTER FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'')');

-- found out at use
CREATE SERVER bare FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign');
CREATE FOREIGN TABLE no_mapping (id bigint) SERVER bare OPTIONS (entity 'deals');
SELECT attempt('SELECT * FROM no_mapping');
ALTER SERVER bare OPTIONS (ADD base_url 'http://127.0.0.1:1');
SELECT attempt('SELECT * FROM no_mapping');
CREATE USER MAPPING FOR CURRENT_USER SERVER bare;
SELECT attempt('SELECT * FROM no_mapping');
CREATE FOREIGN TABLE other_crm (id bigint) SERVER bare OPTIONS (entity 'calls');
SELECT attempt('SELECT * FROM other_crm');
CREATE FOREIGN TABLE bad_column (id bigint, titel text) SERVER bare OPTIONS (entity 'deals');
SELECT attempt('SELECT * FROM bad_column');
ALTER FOREIGN TABLE bad_column ALTER titel OPTIONS (column_name 'title');
EXPLAIN (COSTS OFF) SELECT * FROM bad_column;

-- an ordinary role
CREATE ROLE regress_crm_user;
GRANT USAGE ON FOREIGN DATA WRAPPER crm_fdw TO regress_crm_user;
SET ROLE regress_crm_user;
SELECT attempt('CREATE SERVER s2 FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm ''aircall'', ca_file ''/etc/passwd'')');
CREATE SERVER s2 FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url 'https://evil.example');
SELECT attempt('CREATE USER MAPPING FOR CURRENT_USER SERVER s2 OPTIONS (secret_file ''/etc/passwd'')');
CREATE USER MAPPING FOR CURRENT_USER SERVER s2 OPTIONS (api_id 'a', api_token 'b1b1');
RESET ROLE;
CREATE FOREIGN TABLE not_allowed (name text) SERVER s2 OPTIONS (entity 'company');
GRANT SELECT ON not_allowed TO regress_crm_user;
SET ROLE regress_crm_user;
SELECT attempt('SELECT * FROM not_allowed');
ALTER SERVER s2 OPTIONS (SET base_url 'http://127.0.0.1:1');
SELECT attempt('SELECT * FROM not_allowed');
RESET ROLE;
-- what a superuser set is not used for another owner
ALTER SERVER s2 OPTIONS (SET base_url 'https://api.aircall.io', ADD ca_file '/etc/passwd');
SET ROLE regress_crm_user;
SELECT attempt('SELECT * FROM not_allowed');
RESET ROLE;
ALTER SERVER s2 OPTIONS (DROP ca_file);
ALTER USER MAPPING FOR regress_crm_user SERVER s2 OPTIONS (DROP api_id, DROP api_token, ADD secret_file '/etc/passwd');
SET ROLE regress_crm_user;
SELECT attempt('SELECT * FROM not_allowed');
RESET ROLE;

-- settings
SHOW crm_fdw.enable_pushdown;
SHOW crm_fdw.allowed_hosts;
SELECT attempt('SET crm_fdw.no_such_setting = 1');
SET ROLE regress_crm_user;
SELECT attempt('SET crm_fdw.allowed_hosts = ''*''');
SELECT attempt('SET crm_fdw.log_requests = on');
SELECT attempt('SET crm_fdw.max_requests = -1');
RESET ROLE;

DROP FOREIGN TABLE no_mapping, other_crm, bad_column, not_allowed;
DROP SERVER s CASCADE;
DROP SERVER bare CASCADE;
DROP SERVER s2 CASCADE;
REVOKE USAGE ON FOREIGN DATA WRAPPER crm_fdw FROM regress_crm_user;
DROP ROLE regress_crm_user;
DROP FUNCTION attempt(text);
DROP EXTENSION crm_fdw;
