/*
 * server.c
 *		From catalog rows to what the client room needs: options, entity,
 *		account and credential.
 */
#include "postgres.h"

#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "base/report.h"
#include "client/url.h"
#include "fdw/option_values.h"
#include "fdw/server.h"

void
crm_server_options(Oid serverid, CrmOptions *options)
{
	crm_options_default(options);
	crm_options_fill(options, GetForeignServer(serverid)->options);
}

void
crm_table_options(Oid relid, CrmOptions *options)
{
	ForeignTable *table = GetForeignTable(relid);

	crm_server_options(table->serverid, options);
	crm_options_fill(options, table->options);
}

/*
 * HV024 if the path's own query says which page to read: sent beside what the
 * pager says, either might count.
 */
static void
check_paging_parameters(const CrmOptions *options)
{
	const char *const params[] = {options->api->size_param, options->api->position_param};

	for (int i = 0; i < lengthof(params); i++)
	{
		if (crm_url_has_param(options->path, params[i]))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("path \"%s\" sets the parameter \"%s\", which reading page by page needs itself",
							options->path, params[i]),
					 errhint("Leave it out: the option page_size sets the size of a page. "
							 "With paging 'none' the path is sent as it is.")));
	}
}

/* An entity for an endpoint that the catalogue does not have. */
static const CrmEntity *
unlisted_entity(const CrmOptions *options)
{
	CrmEntity  *entity = palloc0(sizeof(CrmEntity));
	const char *problem = crm_url_path_problem(options->path, options->api->roots);
	const char **artefacts;

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("path \"%s\" is not an endpoint of %s", options->path, options->api->title),
				 errhint("%s", problem)));
	entity->name = options->path;
	entity->path = options->path;
	entity->rows = options->rows ? options->rows : "";
	entity->pager = options->unpaged ? CRM_PAGER_SINGLE : options->api->pager;
	entity->completeness = CRM_COMPLETE_COUNTED;
	entity->id = "/id";
	entity->expected_rows = 1000;
	entity->flags = CRM_ENTITY_UNLISTED;
	if (entity->pager != CRM_PAGER_SINGLE)
		check_paging_parameters(options);
	if (entity->pager == CRM_PAGER_CURSOR)
	{
		/* The last record of a page carries it: what raw is must not depend on that. */
		artefacts = palloc0(sizeof(char *) * 2);
		artefacts[0] = options->api->position_param;
		entity->raw_omit = artefacts;
	}
	return entity;
}

const CrmEntity *
crm_table_entity(const CrmOptions *options)
{
	const CrmApi *api = options->api;
	const CrmEntity *entity;
	const char **names;
	const char *near;

	if (options->path != NULL)
		return unlisted_entity(options);

	entity = crm_entity_find(api, options->entity);
	if (entity != NULL)
		return entity;

	names = palloc(sizeof(char *) * api->nentities);
	for (int i = 0; i < api->nentities; i++)
		names[i] = api->entities[i]->name;
	near = crm_nearest(options->entity, names, api->nentities);
	ereport(ERROR,
			(errcode(CRM_ERR_NO_ENTITY),
			 errmsg("%s has no entity \"%s\"", api->title, options->entity),
			 near ? errhint("Perhaps you meant the entity \"%s\".", near) :
			 errhint("The table's option \"entity\" must name an entity of the server's CRM.")));
}

/*
 * GetUserMapping raises "undefined object" when there is no mapping; users
 * need to hear that they have no credential.
 */
static UserMapping *
find_user_mapping(const ForeignServer *server, Oid userid)
{
	if (!SearchSysCacheExists2(USERMAPPINGUSERSERVER,
							   ObjectIdGetDatum(userid), ObjectIdGetDatum(server->serverid)) &&
		!SearchSysCacheExists2(USERMAPPINGUSERSERVER,
							   ObjectIdGetDatum(InvalidOid), ObjectIdGetDatum(server->serverid)))
	{
		char	   *role = GetUserNameFromId(userid, true);

		ereport(ERROR,
				(errcode(CRM_ERR_CREDENTIAL),
				 errmsg("role \"%s\" has no user mapping for server \"%s\"",
						role ? role : "unknown", server->servername),
				 errhint("CREATE USER MAPPING FOR %s SERVER %s OPTIONS (...) stores its credential.",
						 role ? quote_identifier(role) : "...", quote_identifier(server->servername))));
	}
	return GetUserMapping(userid, server->serverid);
}

static const char *
resolve_origin(const ForeignServer *server, const CrmOptions *options)
{
	const char *base_url = options->base_url ? options->base_url : options->api->default_origin;
	const char *problem = NULL;
	char	   *origin;

	if (base_url == NULL)
		ereport(ERROR,
				(errcode(CRM_ERR_NO_OPTION),
				 errmsg("server \"%s\" lacks the option \"base_url\", which %s needs",
						server->servername, options->api->title),
				 errhint("ALTER SERVER %s OPTIONS (ADD base_url 'https://...') sets it.",
						 quote_identifier(server->servername))));
	origin = crm_url_origin(base_url, options->api->roots, &problem);
	if (origin == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("server \"%s\" has an invalid base_url", server->servername),
				 errhint("%s", problem)));
	return origin;
}

CrmRate
crm_server_rate(const CrmOptions *options)
{
	CrmRate		rate = options->rate_limit;

	if (rate.count == 0)
		crm_option_parse(CRM_OPT_RATE, options->api->rate_limit, 1, 100000, &rate);
	return rate;
}

CrmAccount *
crm_account_create(Oid serverid, Oid userid, const CrmOptions *options)
{
	ForeignServer *server = GetForeignServer(serverid);
	CrmAccount *account = palloc0(sizeof(CrmAccount));
	CrmRate		rate;
	UserMapping *mapping;

	if (options->api == NULL)
		ereport(ERROR,
				(errcode(CRM_ERR_NO_OPTION),
				 errmsg("server \"%s\" lacks the option \"crm\"", server->servername)));
	rate = crm_server_rate(options);
	account->api = options->api;
	account->server_oid = serverid;
	account->user_oid = userid;
	account->server_name = server->servername;
	account->entity = options->path ? options->path : options->entity ? options->entity : "";
	account->origin = resolve_origin(server, options);
	account->trusted = superuser_arg(server->owner);
	account->ca_file = options->ca_file;
	account->rate_count = rate.count;
	account->rate_window_ms = rate.window_ms;
	account->concurrency = options->concurrency;
	account->connect_timeout_ms = options->connect_timeout_ms;
	account->request_timeout_ms = options->request_timeout_ms;
	account->max_retries = options->max_retries;
	account->max_wait_ms = options->max_wait_ms;
	account->max_response_size = options->max_response_size;
	account->max_requests = options->max_requests;

	if (account->ca_file != NULL && !account->trusted)
		ereport(ERROR,
				(errcode(CRM_ERR_FORBIDDEN),
				 errmsg("option \"ca_file\" of server \"%s\" may not be used", server->servername),
				 errhint("It is used only while a superuser owns the server.")));

	mapping = find_user_mapping(server, userid);
	crm_credential_fill(&account->credential, mapping->options);
	return account;
}
