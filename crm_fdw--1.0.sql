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
