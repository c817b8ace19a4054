/*
 * aircall_settings.c
 *		Aircall: tags, webhooks and what else describes the account.
 */
#include "catalog/aircall.h"

static const CrmColumn tag_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "color", .type = CRM_TEXT, .description = "#RRGGBB"},
	{.name = "description", .type = CRM_TEXT,
		.description = "a qualifier set by Aircall, e.g. queue_callback"},
	{.name = "direct_link", .type = CRM_TEXT},
};

#define TAG_ROWS \
	.name = "tags", AIRCALL_KEY("id"), AIRCALL_COLUMNS(tag_columns)

static const CrmEntity tag_by_id = {
	TAG_ROWS,
	AIRCALL_ONE("tag", "id", "/v1/tags/{}")
};

/* direct_link is documented, but the list leaves it out. */
static const CrmRoute tag_routes[] = {
	{.list = &tag_by_id, AIRCALL_LACKS("direct_link", "raw")},
};

const CrmEntity crm_aircall_tags = {
	TAG_ROWS,
	.description = "Tags for calls",
	.path = "/v1/tags",
	AIRCALL_LIST("tags"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(tag_routes)
};

static const CrmColumn company_columns[] = {
	{.name = "name", .type = CRM_TEXT},
	{.name = "users_count", .type = CRM_INTEGER},
	{.name = "numbers_count", .type = CRM_INTEGER},
};

const CrmEntity crm_aircall_company = {
	.name = "company",
	.description = "One row: the company the credential belongs to",
	.path = "/v1/company",
	.rows = "/company",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.expected_rows = 1,
	.flags = CRM_ENTITY_MAIN,
	AIRCALL_COLUMNS(company_columns)
};

static const CrmColumn webhook_columns[] = {
	{.name = "webhook_id", .type = CRM_UUID},
	{.name = "id", .type = CRM_BIGINT, .description = "deprecated by Aircall, see webhook_id"},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "url", .type = CRM_TEXT},
	{.name = "custom_name", .type = CRM_TEXT},
	{.name = "active", .type = CRM_BOOLEAN,
		.description = "Aircall switches it off after repeated failures"},
	{.name = "events", .type = CRM_TEXT_ARRAY},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

/*
 * There is no route by id: which webhooks a credential sees differs, and nobody
 * says that a webhook outside of its list cannot be had by its id.
 */
const CrmEntity crm_aircall_webhooks = {
	.name = "webhooks",
	.description = "Webhooks visible to the credential, without their tokens",
	.path = "/v1/webhooks",
	.rows = "/webhooks",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/webhook_id",
	.order = "order=asc",
	AIRCALL_KEY("webhook_id"),
	.expected_rows = 10,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_COLUMNS(webhook_columns)
};

static const CrmColumn integration_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "custom_name", .type = CRM_TEXT},
	{.name = "logo", .type = CRM_TEXT},
	{.name = "company_id", .type = CRM_BIGINT},
	{.name = "status", .type = CRM_TEXT},
	{.name = "active", .type = CRM_BOOLEAN},
	{.name = "number_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "numbers_count", .type = CRM_INTEGER},
	{.name = "user_id", .type = CRM_BIGINT, .pointer = "/user/id",
		.format = CRM_FORMAT_REFERENCE},
};

const CrmEntity crm_aircall_integration = {
	.name = "integration",
	.description = "One row: the integration the credential belongs to (OAuth apps)",
	.path = "/v1/integrations/me",
	.rows = "/integration",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.expected_rows = 1,
	AIRCALL_COLUMNS(integration_columns)
};

static const CrmColumn a2p_campaign_association_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "company_id", .type = CRM_BIGINT},
	{.name = "external_id", .type = CRM_TEXT},
	{.name = "update_status", .type = CRM_TEXT},
	{.name = "update_message", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "number_ids", .type = CRM_BIGINT_ARRAY, .pointer = "/numbers"},
};

const CrmEntity crm_aircall_a2p_campaign_associations = {
	.name = "a2p_campaign_associations",
	.description = "Registrations of numbers for US text messages",
	.path = "/v1/a2p_campaign_associations",
	.rows = "/a2p_campaign_associations",
	.pager = CRM_PAGER_PAGE,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	AIRCALL_KEY("id"),
	.expected_rows = 5,
	AIRCALL_COLUMNS(a2p_campaign_association_columns)
};

static const CrmColumn sms_template_columns[] = {
	{.name = "id", .type = CRM_TEXT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "body", .type = CRM_TEXT},
};

const CrmEntity crm_aircall_sms_templates = {
	.name = "sms_templates",
	.description = "Templates for text messages",
	.path = "/v1/sms/templates",
	AIRCALL_LIST("templates"),
	.max_page_size = 100,
	AIRCALL_KEY("id"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_COUNTABLE,
	AIRCALL_COLUMNS(sms_template_columns)
};
