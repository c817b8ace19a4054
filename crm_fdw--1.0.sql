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
