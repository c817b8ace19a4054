/*
 * agilecrm_settings.c
 *		Agile CRM: campaigns, tags, users and custom fields.
 */
#include "catalog/agilecrm.h"

static const CrmColumn campaign_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "creator_name", .type = CRM_TEXT, .pointer = "/creatorName"},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .pointer = "/updated_time",
		.format = CRM_FORMAT_UNIX_ANY, .description = "NULL if never updated"},
	{.name = "rules", .type = CRM_TEXT,
		.description = "the workflow as a JSON document, can be hundreds of kilobytes"},
	{.name = "domain_user_id", .type = CRM_BIGINT, .pointer = "/domainUserId",
		.format = CRM_FORMAT_REFERENCE, .description = "the user who made it"},
	{.name = "access_level", .type = CRM_BIGINT},
	{.name = "category", .type = CRM_BIGINT},
	{.name = "is_disabled", .type = CRM_BOOLEAN},
	{.name = "backup_exists", .type = CRM_BOOLEAN, .pointer = "/backupExists"},
	{.name = "updated_time_update", .type = CRM_BOOLEAN},
	{.name = "trigger", .type = CRM_JSONB},
	{.name = "unsubscribe", .type = CRM_JSONB},
};

/* Small pages: one campaign can take hundreds of kilobytes. */
const CrmEntity crm_agile_campaigns = {
	.name = "campaigns",
	.description = "Workflows; a contact's progress is in contacts.campaign_status",
	.path = "/dev/api/workflows",
	AGILE_CURSOR_LIST,
	.max_page_size = 20,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 50,
	AGILE_CHANGES_AT("updated_at"),
	AGILE_COLUMNS(campaign_columns)
};

static const CrmColumn tag_columns[] = {
	{.name = "tag", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/createdTime",
		.format = CRM_FORMAT_UNIX_MS, .description = "mostly not sent"},
	{.name = "available_count", .type = CRM_INTEGER, .pointer = "/availableCount"},
	{.name = "entity_type", .type = CRM_TEXT},
};

const CrmEntity crm_agile_tags = {
	.name = "tags",
	.description = "Tags in use",
	.path = "/dev/api/tags",
	AGILE_WHOLE_LIST,
	.id = "/tag",
	AGILE_KEY("tag"),
	.expected_rows = 100,
	AGILE_COLUMNS(tag_columns)
};

static const CrmColumn user_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "email", .type = CRM_TEXT},
	{.name = "domain", .type = CRM_TEXT},
	{.name = "phone", .type = CRM_TEXT},
	{.name = "pic", .type = CRM_TEXT, .description = "URL of the picture"},
	{.name = "schedule_id", .type = CRM_TEXT},
	{.name = "calendar_url", .type = CRM_TEXT},
	{.name = "gadget_id", .type = CRM_TEXT},
	{.name = "role", .type = CRM_TEXT},
	{.name = "is_admin", .type = CRM_BOOLEAN},
	{.name = "is_account_owner", .type = CRM_BOOLEAN},
	{.name = "is_disabled", .type = CRM_BOOLEAN},
	{.name = "scopes", .type = CRM_TEXT_ARRAY},
	{.name = "newscopes", .type = CRM_TEXT_ARRAY},
	{.name = "menu_scopes", .type = CRM_TEXT_ARRAY},
	{.name = "new_menu_scopes", .type = CRM_TEXT_ARRAY, .pointer = "/newMenuScopes"},
	{.name = "restricted_menu_scopes", .type = CRM_TEXT_ARRAY},
	{.name = "info_json_string", .type = CRM_JSONB, .format = CRM_FORMAT_JSON_TEXT,
		.description = "last login: time in seconds, place, address"},
};

const CrmEntity crm_agile_users = {
	.name = "users",
	.description = "Users of the account",
	.path = "/dev/api/users",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 20,
	AGILE_COLUMNS(user_columns)
};

#define FIELD_TYPES \
	{"NUMBER", CRM_NUMERIC, CRM_FORMAT_PLAIN}, \
	{"CHECKBOX", CRM_BOOLEAN, CRM_FORMAT_PLAIN}, \
	{"CONTACT", CRM_BIGINT_ARRAY, CRM_FORMAT_JSON_LIST}, \
	{"COMPANY", CRM_BIGINT_ARRAY, CRM_FORMAT_JSON_LIST}, \
	{NULL, CRM_TEXT, CRM_FORMAT_PLAIN}

const CrmFieldType crm_agile_field_types[] = {
	{"DATE", CRM_TIMESTAMPTZ, CRM_FORMAT_UNIX_ANY},
	FIELD_TYPES
};

const CrmFieldType crm_agile_deal_field_types[] = {
	{"DATE", CRM_DATE, CRM_FORMAT_US_DATE},
	FIELD_TYPES
};

/*
 * Known from an earlier version of the service only: under which names the
 * index holds these fields, that a name with one of some words in it is taken
 * for a time, that numbers are compared strictly, and times as numbers of
 * seconds.  Numbers that do not fit into 32 bits are not in the index, nor are
 * dates from 2038 on, so that only a range with both ends finds all that is in
 * it.  The dates of deals are texts, and nobody knows what the index makes of
 * them.
 */
static const char *const taken_for_times[] = {
	"time", "last_contacted", "last_emailed", "last_called", "last_campaign_emaild", NULL
};

#define NUMBER_RULE \
	{.word = "NUMBER", .suffix = "_number", \
		.after = {.match = CRM_MATCH_AFTER, .condition = "IS_GREATER_THAN", \
			.send = CRM_SEND_NUMBER, .widen = 1, .closed = true}, \
		.before = {.match = CRM_MATCH_BEFORE, .condition = "IS_LESS_THAN", \
			.send = CRM_SEND_NUMBER, .widen = 1, .closed = true}, \
		.least = "-2147483647", .misread = taken_for_times}

/* The service's own times; whether case counts in names is not known. */
static const char *const own_times[] = {
	"created", "updated", "tags", "viewed", "lead_converted", "trashed", "restored", NULL
};

const CrmFieldRule crm_agile_field_rules[] = {
	NUMBER_RULE,
	{.word = "DATE", .suffix = "_time",
		.after = {AGILE_AFTER, .closed = true}, .before = {AGILE_BEFORE, .closed = true}, .least = "0",
		.taken = own_times},
	{NULL}
};

const CrmFieldRule crm_agile_deal_field_rules[] = {
	NUMBER_RULE,
	{NULL}
};

/*
 * One list per kind of record.  The first path is the one that the vendor's
 * maintainers name, the second the one that its own client library uses.
 */
static const char *const custom_field_scopes[] = {"CONTACT", "COMPANY", "DEAL", NULL};

static const CrmParent custom_field_parents[] = {
	{.column = "scope", .path = "/core/api/custom-fields/scope?scope={}",
	.values = custom_field_scopes},
};

static const CrmColumn custom_field_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "scope", .type = CRM_TEXT, .source = CRM_FROM_PARENT_KEY,
		.description = "CONTACT, COMPANY or DEAL"},
	{.name = "field_label", .type = CRM_TEXT,
		.description = "also the name of the property that holds the value"},
	{.name = "field_type", .type = CRM_TEXT,
		.description = "TEXT, TEXTAREA, DATE, CHECKBOX, LIST, NUMBER, CONTACT, COMPANY or FORMULA"},
	{.name = "field_description", .type = CRM_TEXT},
	{.name = "field_data", .type = CRM_TEXT, .description = "the choices of a LIST"},
	{.name = "version", .type = CRM_TEXT},
	{.name = "is_required", .type = CRM_BOOLEAN},
	{.name = "searchable", .type = CRM_BOOLEAN},
	{.name = "show_in_filter", .type = CRM_BOOLEAN, .pointer = "/showInFilter"},
	{.name = "search_key", .type = CRM_TEXT},
	{.name = "position", .type = CRM_INTEGER},
};

const CrmEntity crm_agile_custom_fields = {
	.name = "custom_fields",
	.description = "Definitions of custom fields",
	.fallback_path = "/dev/api/custom-fields/scope/position?scope={}",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_PARENTS(custom_field_parents),
	AGILE_KEY("id"),
	.expected_rows = 30,
	.flags = CRM_ENTITY_FEW_PARENTS,
	.refresh_every = "7 days",
	AGILE_COLUMNS(custom_field_columns)
};
