/*
 * activecampaign.c
 *		ActiveCampaign (API v3): how to talk to it, and the list of its entities.
 *
 * The entities themselves stand in activecampaign_*.c, beside their columns.
 * Facts that shape many of them:
 *
 * - Lists take limit and offset; only contacts can be read by ascending id.
 *   Few lists have a documented order, and no list promises one unasked.
 * - Unknown parameters are ignored, so a misspelt one reads everything.
 * - A record that does not exist is answered with 404 or 403, depending on the
 *   endpoint; the text of the body tells it from a refusal.
 * - The rate limit holds for the whole account, not for a key.
 */
#include "catalog/activecampaign.h"

const char *const crm_ac_key[] = {"id", NULL};

static const char *const roots[] = {"/api/3", NULL};

/*
 * Feed tokens of calendars, social network sessions of lists, and what forms
 * or connections of third parties may carry.
 */
static const char *const secret_keys[] = {
	"token",
	"twitter_token",
	"twitter_token_secret",
	"facebook_session",
	"password",
	"api_key",
	NULL
};

static const CrmEntity *const entities[] = {
	/* The tables users start with */
	&crm_ac_contacts,
	&crm_ac_deals,
	&crm_ac_campaigns,
	&crm_ac_lists,
	&crm_ac_segments,
	&crm_ac_forms,

	/* Companies and the sales process */
	&crm_ac_accounts,
	&crm_ac_account_contacts,
	&crm_ac_account_custom_fields,
	&crm_ac_account_field_values,
	&crm_ac_deal_pipelines,
	&crm_ac_deal_stages,
	&crm_ac_deal_tasks,
	&crm_ac_task_types,
	&crm_ac_task_outcomes,
	&crm_ac_tasktype_outcome_rels,
	&crm_ac_deal_activities,
	&crm_ac_deal_roles,
	&crm_ac_deal_custom_fields,
	&crm_ac_deal_field_values,

	/* What contacts belong to */
	&crm_ac_contact_lists,
	&crm_ac_contact_tags,
	&crm_ac_contact_deals,
	&crm_ac_contact_automations,
	&crm_ac_contact_field_values,
	&crm_ac_list_members,
	&crm_ac_tag_members,
	&crm_ac_segment_members,
	&crm_ac_automation_members,

	/* What happened to contacts */
	&crm_ac_notes,
	&crm_ac_activities,
	&crm_ac_email_activities,
	&crm_ac_bounce_logs,
	&crm_ac_contact_tracking_logs,
	&crm_ac_contact_logs,
	&crm_ac_contact_score_values,
	&crm_ac_contact_goals,
	&crm_ac_contact_geo_ips,
	&crm_ac_automation_entry_counts,

	/* Marketing */
	&crm_ac_campaign_links,
	&crm_ac_messages,
	&crm_ac_templates,
	&crm_ac_personalizations,
	&crm_ac_automations,
	&crm_ac_list_exclusions,
	&crm_ac_audiences,
	&crm_ac_tags,
	&crm_ac_scores,
	&crm_ac_saved_responses,

	/* Shops */
	&crm_ac_ecommerce_connections,
	&crm_ac_ecommerce_customers,
	&crm_ac_ecommerce_orders,
	&crm_ac_ecommerce_order_products,

	/* The account's own set-up */
	&crm_ac_users,
	&crm_ac_groups,
	&crm_ac_group_limits,
	&crm_ac_custom_fields,
	&crm_ac_field_options,
	&crm_ac_field_rels,
	&crm_ac_group_definitions,
	&crm_ac_group_members,
	&crm_ac_addresses,
	&crm_ac_brandings,
	&crm_ac_calendars,
	&crm_ac_webhooks,
	&crm_ac_webhook_events,
	&crm_ac_event_tracking_events,
	&crm_ac_url_whitelistings,
	&crm_ac_custom_object_schemas,
	&crm_ac_custom_object_records,
};

const CrmApi crm_api_activecampaign = {
	.name = "activecampaign",
	.title = "ActiveCampaign",
	.hosts = "*.api-us1.com, *.activehosted.com, *.api-ac.com",
	.roots = roots,
	.auth = CRM_AUTH_HEADER,
	.auth_header = "Api-Token",
	.probe_path = "/api/3/users/me",
	.key_facts = {
		.sign = "/user/id",
		.owner = (const char *const[]) {"/user/firstName", "/user/lastName", "/user/username", "/user/email", NULL},
		.admin_path = "/api/3/settings/account",
		.admin_advice = "Use the key of a user in the Admin group; each user finds an own key in Settings > Developer.",
		.withheld_entity = "deals",
		.withheld_pointer = "/isDisabled",
		.withheld_advice = "Use the key of a user who may see all pipelines; deals of deleted pipelines look the same.",
	},
	.rate_limit = "5/s",
	.block_seconds = 5,			/* a 429 names its own time; this is for a proxy's */
	.remaining_header = "RateLimit-Remaining",
	.pager = CRM_PAGER_OFFSET,
	.max_page_size = 100,
	.default_page_size = 20,
	.size_param = "limit",
	.position_param = "offset",
	.keyset_param = "id_greater",
	.keyset_desc_param = "id_less",
	.total_pointer = "/meta/total",
	.not_found_text = "No Result found",
	.secret_keys = secret_keys,
	.entities = entities,
	.nentities = CRM_LENGTH(entities),
};
