/*
 * options.c
 *		The table of all options, their validator, and the loop that reads them.
 *
 * An option is one row of a table: name, what it is an option of, kind, range,
 * default, and where its value goes.  Validation parses into a scratch struct
 * with the very code that reads the option later, so that what is accepted is
 * what is understood.
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/report.h"
#include "client/json.h"
#include "client/url.h"
#include "fdw/option_values.h"
#include "fdw/options.h"

PG_FUNCTION_INFO_V1(crm_fdw_validator);

/* What an option can be set on. */
#define ON_SERVER	0x01
#define ON_MAPPING	0x02
#define ON_TABLE	0x04
#define ON_COLUMN	0x08
#define ON_IMPORT	0x10

/* Only a superuser may set it. */
#define OPT_SUPERUSER	0x01
/* Its value never appears in a message. */
#define OPT_SECRET		0x02

typedef struct OptionDef
{
	const char *name;
	int			where;
	CrmOptionKind kind;
	size_t		offset;			/* into the struct of its kind of object */
	double		min;
	double		max;
	const char *fallback;		/* default in option syntax; NULL = zero */
	int			flags;
} OptionDef;

#define SERVER_FIELD(field) offsetof(CrmOptions, field)
#define COLUMN_FIELD(field) offsetof(CrmColumnOptions, field)
#define MAPPING_FIELD(field) offsetof(CrmCredential, field)
#define IMPORT_FIELD(field) offsetof(CrmImportOptions, field)

#define MINUTE_MS	60000.0
#define DAY_MS		86400000.0

static const OptionDef option_defs[] = {
	{"crm", ON_SERVER, CRM_OPT_CRM, SERVER_FIELD(api), 0, 0, NULL, 0},
	{"base_url", ON_SERVER, CRM_OPT_URL, SERVER_FIELD(base_url), 0, 0, NULL, 0},
	{"rate_limit", ON_SERVER, CRM_OPT_RATE, SERVER_FIELD(rate_limit), 1, 100000, NULL, 0},
	{"concurrency", ON_SERVER, CRM_OPT_INT, SERVER_FIELD(concurrency), 1, 64, "4", 0},
	{"page_size", ON_SERVER | ON_TABLE, CRM_OPT_INT, SERVER_FIELD(page_size), 1, 10000, NULL, 0},
	{"connect_timeout", ON_SERVER, CRM_OPT_DURATION, SERVER_FIELD(connect_timeout_ms), 1, 60 * MINUTE_MS, "10s", 0},
	{"request_timeout", ON_SERVER, CRM_OPT_DURATION, SERVER_FIELD(request_timeout_ms), 1, DAY_MS, "60s", 0},
	{"max_retries", ON_SERVER, CRM_OPT_INT, SERVER_FIELD(max_retries), 0, 100, "5", 0},
	{"max_wait", ON_SERVER, CRM_OPT_DURATION, SERVER_FIELD(max_wait_ms), 0, DAY_MS, "5min", 0},
	{"max_response_size", ON_SERVER, CRM_OPT_SIZE, SERVER_FIELD(max_response_size), 1024, 1024.0 * 1024 * 1024, "64MB", 0},
	{"max_requests", ON_SERVER | ON_TABLE, CRM_OPT_INT, SERVER_FIELD(max_requests), 0, PG_INT32_MAX, NULL, 0},
	{"start_date", ON_SERVER | ON_TABLE, CRM_OPT_START_DATE, SERVER_FIELD(start_date), 0, 0, NULL, 0},
	{"on_conversion_error", ON_SERVER | ON_TABLE, CRM_OPT_ERROR_OR_NULL, SERVER_FIELD(null_on_error), 0, 0, NULL, 0},
	{"search_filters", ON_SERVER, CRM_OPT_BOOL, SERVER_FIELD(search_filters), 0, 0, NULL, 0},
	{"updatable", ON_SERVER | ON_TABLE, CRM_OPT_BOOL, SERVER_FIELD(updatable), 0, 0, NULL, 0},
	{"use_remote_estimate", ON_SERVER, CRM_OPT_BOOL, SERVER_FIELD(use_remote_estimate), 0, 0, NULL, 0},
	{"fdw_startup_cost", ON_SERVER, CRM_OPT_REAL, SERVER_FIELD(fdw_startup_cost), 0, 1e30, "100", 0},
	{"fdw_tuple_cost", ON_SERVER, CRM_OPT_REAL, SERVER_FIELD(fdw_tuple_cost), 0, 1e30, "0.01", 0},
	{"async_capable", ON_SERVER | ON_TABLE, CRM_OPT_BOOL, SERVER_FIELD(async_capable), 0, 0, "true", 0},
	{"ca_file", ON_SERVER, CRM_OPT_TEXT, SERVER_FIELD(ca_file), 0, 0, NULL, OPT_SUPERUSER},

	{"api_key", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(api_key), 0, 0, NULL, OPT_SECRET},
	{"email", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(email), 0, 0, NULL, OPT_SECRET},
	{"api_id", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(api_id), 0, 0, NULL, OPT_SECRET},
	{"api_token", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(api_token), 0, 0, NULL, OPT_SECRET},
	{"access_token", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(access_token), 0, 0, NULL, OPT_SECRET},
	{"secret_file", ON_MAPPING, CRM_OPT_TEXT, MAPPING_FIELD(secret_file), 0, 0, NULL, OPT_SUPERUSER},

	{"entity", ON_TABLE, CRM_OPT_ENTITY, SERVER_FIELD(entity), 0, 0, NULL, 0},
	{"path", ON_TABLE, CRM_OPT_PATH, SERVER_FIELD(path), 0, 0, NULL, 0},
	{"rows", ON_TABLE, CRM_OPT_POINTER, SERVER_FIELD(rows), 0, 0, NULL, 0},
	{"paging", ON_TABLE, CRM_OPT_AUTO_OR_NONE, SERVER_FIELD(unpaged), 0, 0, NULL, 0},
	{"fan_out", ON_TABLE, CRM_OPT_BOOL, SERVER_FIELD(fan_out), 0, 0, NULL, 0},

	{"column_name", ON_COLUMN, CRM_OPT_TEXT, COLUMN_FIELD(column_name), 0, 0, NULL, 0},
	{"pointer", ON_COLUMN, CRM_OPT_POINTER, COLUMN_FIELD(pointer), 0, 0, NULL, 0},
	{"constant", ON_COLUMN, CRM_OPT_ANY_TEXT, COLUMN_FIELD(constant), 0, 0, NULL, 0},
	{"format", ON_COLUMN, CRM_OPT_FORMAT, COLUMN_FIELD(format), 0, 0, NULL, 0},
	{"custom_field", ON_COLUMN, CRM_OPT_TEXT, COLUMN_FIELD(custom_field), 0, 0, NULL, 0},

	{"custom_fields", ON_IMPORT, CRM_OPT_BOOL, IMPORT_FIELD(custom_fields), 0, 0, "true", 0},
	{"raw", ON_IMPORT, CRM_OPT_BOOL, IMPORT_FIELD(raw), 0, 0, "true", 0},
};

/* Scratch space wide enough for the target of any option. */
typedef union OptionTarget
{
	CrmOptions	options;
	CrmCredential credential;
	CrmColumnOptions column;
	CrmImportOptions import;
} OptionTarget;

static const OptionDef *
find_option(const char *name, int where)
{
	for (int i = 0; i < lengthof(option_defs); i++)
	{
		if ((option_defs[i].where & where) && strcmp(option_defs[i].name, name) == 0)
			return &option_defs[i];
	}
	return NULL;
}

/* HV00D, with the nearest name or all names that are valid here. */
static void
report_unknown_option(const char *name, int where)
{
	const char *names[lengthof(option_defs)];
	StringInfoData all;
	const char *near;
	int			n = 0;

	initStringInfo(&all);
	for (int i = 0; i < lengthof(option_defs); i++)
	{
		if (option_defs[i].where & where)
		{
			appendStringInfo(&all, "%s%s", n > 0 ? ", " : "", option_defs[i].name);
			names[n++] = option_defs[i].name;
		}
	}
	near = crm_nearest(name, names, n);
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 near ? errhint("Perhaps you meant the option \"%s\".", near) :
			 n > 0 ? errhint("Valid options in this context are: %s.", all.data) :
			 errhint("There are no valid options in this context.")));
}

/* Parses one option into target; HV024 if the value is not acceptable. */
static void
parse_option(const OptionDef *def, DefElem *elem, void *target)
{
	char	   *value = defGetString(elem);
	const char *hint;

	hint = crm_option_parse(def->kind, value, def->min, def->max, (char *) target + def->offset);
	if (hint == NULL)
		return;
	if (def->flags & OPT_SECRET)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("invalid value for option \"%s\"", def->name),
				 errhint("%s", hint)));
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", def->name,
					crm_quote(value, strlen(value), NULL, 0)),
			 errhint("%s", hint)));
}

/* Fills target from the options in list that belong to "where". */
static void
fill(List *list, int where, void *target)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		DefElem    *elem = lfirst_node(DefElem, lc);
		const OptionDef *def = find_option(elem->defname, where);

		if (def != NULL)
			parse_option(def, elem, target);
	}
}

static void
fill_defaults(int where, void *target)
{
	for (int i = 0; i < lengthof(option_defs); i++)
	{
		const OptionDef *def = &option_defs[i];

		if ((def->where & where) && def->fallback != NULL &&
			crm_option_parse(def->kind, def->fallback, def->min, def->max,
							 (char *) target + def->offset) != NULL)
			elog(ERROR, "default of option \"%s\" is not valid", def->name);
	}
}

void
crm_options_default(CrmOptions *options)
{
	memset(options, 0, sizeof(*options));
	fill_defaults(ON_SERVER | ON_TABLE, options);
}

void
crm_options_fill(CrmOptions *options, List *list)
{
	fill(list, ON_SERVER | ON_TABLE, options);
}

void
crm_column_options_fill(CrmColumnOptions *options, List *list)
{
	memset(options, 0, sizeof(*options));
	options->format = -1;
	fill(list, ON_COLUMN, options);
}

void
crm_credential_fill(CrmCredential *credential, List *list)
{
	memset(credential, 0, sizeof(*credential));
	fill(list, ON_MAPPING, credential);
}

void
crm_import_options_fill(CrmImportOptions *options, List *list)
{
	ListCell   *lc;

	fill_defaults(ON_IMPORT, options);
	foreach(lc, list)
	{
		DefElem    *elem = lfirst_node(DefElem, lc);

		if (find_option(elem->defname, ON_IMPORT) == NULL)
			report_unknown_option(elem->defname, ON_IMPORT);
	}
	fill(list, ON_IMPORT, options);
}

static void
report_missing_option(const char *name, const char *hint)
{
	ereport(ERROR,
			(errcode(CRM_ERR_NO_OPTION),
			 errmsg("required option \"%s\" is missing", name),
			 errhint("%s", hint)));
}

/* Options that need each other or exclude each other. */
static void
validate_combination(int where, const OptionTarget *target)
{
	if (where == ON_SERVER)
	{
		const CrmOptions *options = &target->options;
		const char *problem = NULL;

		if (options->api == NULL)
			report_missing_option("crm", psprintf("It names the CRM, for example OPTIONS (crm '%s').",
												  crm_apis[0]->name));
		if (options->base_url != NULL &&
			crm_url_origin(options->base_url, options->api->roots, &problem) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 /* With a user name or a query it may carry a secret. */
					 strpbrk(options->base_url, "@?") ?
					 errmsg("invalid value for option \"%s\"", "base_url") :
					 errmsg("invalid value for option \"%s\": \"%s\"", "base_url",
							crm_quote(options->base_url, strlen(options->base_url), NULL, 0)),
					 errhint("%s", problem)));
	}
	else if (where == ON_TABLE)
	{
		const CrmOptions *options = &target->options;

		if (options->entity == NULL && options->path == NULL)
			report_missing_option("entity", "Name a catalogued entity, or an endpoint with the option \"path\".");
		if (options->entity != NULL && (options->path != NULL || options->rows != NULL || options->unpaged))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("option \"entity\" cannot be combined with \"path\", \"rows\" or \"paging\""),
					 errhint("Use \"entity\" for a catalogued entity, the others for an endpoint the catalogue does not have.")));
	}
}

/*
 * Validator of CREATE and ALTER of servers, user mappings, foreign tables and
 * their columns.
 */
Datum
crm_fdw_validator(PG_FUNCTION_ARGS)
{
	List	   *list = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid			catalog = PG_GETARG_OID(1);
	OptionTarget target;
	ListCell   *lc;
	int			where;

	switch (catalog)
	{
		case ForeignServerRelationId:
			where = ON_SERVER;
			break;
		case UserMappingRelationId:
			where = ON_MAPPING;
			break;
		case ForeignTableRelationId:
			where = ON_TABLE;
			break;
		case AttributeRelationId:
			where = ON_COLUMN;
			break;
		default:
			where = 0;
			break;
	}

	memset(&target, 0, sizeof(target));
	foreach(lc, list)
	{
		DefElem    *elem = lfirst_node(DefElem, lc);
		const OptionDef *def = find_option(elem->defname, where);

		if (def == NULL)
			report_unknown_option(elem->defname, where);
		if ((def->flags & OPT_SUPERUSER) && !superuser())
			ereport(ERROR,
					(errcode(CRM_ERR_FORBIDDEN),
					 errmsg("permission denied to set option \"%s\"", def->name),
					 errhint("Only a superuser may set it, because it names a file of the server.")));
		parse_option(def, elem, &target);
	}
	validate_combination(where, &target);
	PG_RETURN_VOID();
}
