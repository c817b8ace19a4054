/*
 * aircall.c
 *		The Aircall Public API (v1, and v2 for users): how to talk to it, and the
 *		list of its entities.
 *
 * The entities themselves stand in aircall_*.c, beside their columns.
 *
 * Lists answer {"<plural>": [...], "meta": {...}} and are paged by number; the
 * position page * per_page must not exceed 10,000, whatever the list.  A
 * per_page above the maximum is clamped in silence, so the page size that
 * counts is the one in meta.
 *
 * Times are unix seconds on calls, comments, call tags and contacts, and ISO
 * 8601 texts on everything else.
 */
#include "catalog/aircall.h"

/* In the order in which users see them. */
static const CrmEntity *const entities[] = {
	&crm_aircall_calls,
	&crm_aircall_users,
	&crm_aircall_teams,
	&crm_aircall_contacts,
	&crm_aircall_numbers,
	&crm_aircall_tags,
	&crm_aircall_company,
	&crm_aircall_user_availabilities,
	&crm_aircall_webhooks,
	&crm_aircall_call_comments,
	&crm_aircall_call_tags,
	&crm_aircall_call_teams,
	&crm_aircall_call_participants,
	&crm_aircall_call_ivr_options,
	&crm_aircall_call_ai_voice_agents,
	&crm_aircall_contact_phone_numbers,
	&crm_aircall_contact_emails,
	&crm_aircall_team_users,
	&crm_aircall_user_numbers,
	&crm_aircall_number_users,
	&crm_aircall_call_transcriptions,
	&crm_aircall_call_summaries,
	&crm_aircall_call_sentiments,
	&crm_aircall_call_topics,
	&crm_aircall_call_action_items,
	&crm_aircall_call_evaluations,
	&crm_aircall_call_predicted_csats,
	&crm_aircall_call_custom_summary_results,
	&crm_aircall_call_playbook_results,
	&crm_aircall_dialer_campaigns,
	&crm_aircall_dialer_campaign_numbers,
	&crm_aircall_sms_templates,
	&crm_aircall_a2p_campaign_associations,
	&crm_aircall_integration,
};

const CrmApi crm_api_aircall = {
	.name = "aircall",
	.title = "Aircall",
	.hosts = "api.aircall.io",
	.default_origin = "https://api.aircall.io",
	.roots = (const char *const[]) {"/v1", "/v2", NULL},
	.auth = CRM_AUTH_ID_TOKEN,
	.probe_path = "/v1/ping",
	.key_facts = {
		.sign = "/ping",
		.owner_entity = "company",
		.owner = (const char *const[]) {"/name", NULL},
		.sees_everything = "keys are made by administrators and see the whole company",
	},
	.rate_limit = "60/min",
	.block_seconds = 60,
	.reset_header = "X-AircallApi-Reset",
	.remaining_header = "X-AircallApi-Remaining",	/* once the limit is reached */
	.pager = CRM_PAGER_NUMBER,
	.max_page_size = 50,
	.size_param = "per_page",
	.position_param = "page",
	.total_pointer = "/meta/total",
	.page_size_pointer = "/meta/per_page",
	.position_cap = 10000,
	.secret_keys = (const char *const[]) {
		"token", "api_token", "access_token", "password", NULL
	},
	.entities = entities,
	.nentities = CRM_LENGTH(entities)
};
