/*
 * test_catalog_names.c
 *		Checks the registry, each CRM's own row, and the names users rely on.
 *
 * Tables and columns that queries and dashboards use are repeated here, so
 * that they cannot be renamed or dropped by accident.  Links with
 * src/catalog/[a-z]*.c only.
 */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "catalog_check.h"

/* Names that users rely on ------------------------------------------------ */

typedef struct Promise
{
	const char *api;
	const char *entity;
	const char *columns;		/* in this order; others may stand between */
} Promise;

static const Promise promises[] = {
	{"activecampaign", "contacts",
		"id email first_name last_name phone created_at updated_at deleted deleted_at "
		"anonymized bounced_hard bounced_soft bounced_date ip email_local email_domain "
		"sentcnt last_activity_at engaged_at last_open_date last_click_date "
	"best_send_hour sms_consent"},
	{"activecampaign", "deals",
		"id title description value currency status status_label stage_id pipeline_id "
		"owner_id contact_id account_id percent win_probability created_at updated_at "
	"next_date next_task_id activity_count is_disabled hash"},
	{"activecampaign", "campaigns",
		"id name type status status_label automation_id user_id segment_id send_amt "
		"total_amt opens unique_opens verified_opens verified_unique_opens link_clicks "
		"unique_link_clicks subscriber_clicks forwards unique_forwards hard_bounces "
		"soft_bounces unsubscribes replies unique_replies social_shares open_rate "
		"verified_open_rate click_rate created_at modified_at updated_at sent_at "
	"last_sent_at"},
	{"aircall", "calls",
		"id sid direct_link direction status missed_call_reason started_at answered_at "
		"ended_at duration ringing_duration talking_duration is_missed archived cost "
		"pricing_type country_code_a2 raw_digits user_id number_id contact_id "
		"assigned_to_id transferred_by_id transferred_to_id tag_ids recording voicemail "
	"recording_short_url voicemail_short_url asset contact tags comments teams"},
	{"aircall", "user_availabilities", "id availability"},
	{"agilecrm", "contacts",
		"id type first_name last_name company_name company_id title email emails phone "
		"phones website address city state zip country lead_score star_value tags "
		"owner_id owner_email owner_name source created_at updated_at last_contacted_at "
	"last_emailed_at last_called_at properties"},
	{"agilecrm", "deals",
		"id name description expected_value currency_type pipeline_id milestone "
		"probability close_date won_date milestone_changed_at created_at updated_at "
		"owner_id owner_email contact_ids tags archived lost_reason_id deal_source_id "
	"custom_data"},
	{"agilecrm", "milestones",
	"track_id track_name position name is_won is_lost is_default_track"},
};

/* Every table the interface names, by CRM. */
static const char *const promised_tables[][2] = {
	{"activecampaign",
		"contacts deals campaigns lists segments forms accounts deal_pipelines "
		"deal_stages deal_tasks task_types deal_activities contact_lists contact_tags "
		"list_members tag_members segment_members automation_members contact_deals "
		"contact_automations account_contacts tags notes automations messages users "
		"groups scores custom_fields contact_field_values deal_custom_fields "
		"deal_field_values account_custom_fields account_field_values "
		"ecommerce_connections ecommerce_customers ecommerce_orders "
	"ecommerce_order_products addresses saved_responses bounce_logs webhooks"},
	{"aircall",
		"calls users teams contacts numbers tags company user_availabilities webhooks "
		"call_comments call_tags call_teams call_participants call_ivr_options "
		"call_ai_voice_agents contact_phone_numbers contact_emails team_users "
		"user_numbers number_users call_transcriptions call_summaries call_sentiments "
	"call_topics call_action_items call_evaluations dialer_campaign_numbers"},
	{"agilecrm",
		"contacts companies deals tasks tickets ticket_filters documents milestones "
		"tracks events notes campaigns tags users custom_fields deal_sources "
		"lost_reasons ticket_notes ticket_groups ticket_labels contact_properties "
	"company_properties"},
};

/* Cuts the next word off *list; false at its end. */
static bool
next_word(const char **list, char *word, size_t size)
{
	size_t		length;

	*list += strspn(*list, " ");
	length = strcspn(*list, " ");
	if (length == 0 || length >= size)
		return false;
	memcpy(word, *list, length);
	word[length] = '\0';
	*list += length;
	return true;
}

static void
check_promised_columns(const CrmEntity *entity, const char *columns)
{
	char		word[MAX_NAME_BYTES + 1];
	const CrmColumn *previous = NULL;

	while (next_word(&columns, word, sizeof(word)))
	{
		const CrmColumn *column = crm_column_find(entity, word);

		if (column == NULL)
			fault(entity, NULL, "column \"%s\" is missing", word);
		else if (previous != NULL && column < previous)
			fault(entity, column, "stands before %s", previous->name);
		previous = column ? column : previous;
	}
}

static void
check_promises(const CrmApi *api)
{
	char		word[MAX_NAME_BYTES + 1];

	for (int i = 0; i < CRM_LENGTH(promised_tables); i++)
	{
		const char *tables = promised_tables[i][1];

		if (strcmp(promised_tables[i][0], api->name) != 0)
			continue;
		while (next_word(&tables, word, sizeof(word)))
		{
			if (crm_entity_find(api, word) == NULL)
				fault(NULL, NULL, "table \"%s\" is missing", word);
		}
	}
	for (int i = 0; i < CRM_LENGTH(promises); i++)
	{
		const CrmEntity *entity;

		if (strcmp(promises[i].api, api->name) != 0)
			continue;
		entity = crm_entity_find(api, promises[i].entity);
		if (entity == NULL)
			fault(NULL, NULL, "table \"%s\" is missing", promises[i].entity);
		else
			check_promised_columns(entity, promises[i].columns);
	}
	finish_check(api->name, "names users rely on are there");
}

/* The registry ------------------------------------------------------------ */

/* What a check of a server relies on. */
static void
check_key_facts(const CrmApi *api)
{
	const CrmKeyFacts *facts = &api->key_facts;

	if (facts->sign == NULL || !is_pointer(facts->sign))
		fault(NULL, NULL, "no sign of an answer to the probe");
	if (facts->owner_entity != NULL && crm_entity_find(api, facts->owner_entity) == NULL)
		fault(NULL, NULL, "owner entity \"%s\"", facts->owner_entity);
	for (const char *const *owner = facts->owner; *owner != NULL; owner++)
	{
		if (!is_pointer(*owner))
			fault(NULL, NULL, "owner \"%s\"", *owner);
	}
	if (facts->admin_pointer != NULL && !is_pointer(facts->admin_pointer))
		fault(NULL, NULL, "admin pointer \"%s\"", facts->admin_pointer);
	if (facts->admin_path != NULL && !is_path(api, facts->admin_path))
		fault(NULL, NULL, "admin path \"%s\"", facts->admin_path);
	if ((facts->admin_pointer != NULL || facts->admin_path != NULL) != (facts->admin_advice != NULL))
		fault(NULL, NULL, "advice about administrators and how to tell one need each other");
	if ((facts->admin_advice != NULL) == (facts->sees_everything != NULL))
		fault(NULL, NULL, "either some keys see less, or none does");
	if (facts->withheld_entity != NULL &&
		(crm_entity_find(api, facts->withheld_entity) == NULL || facts->withheld_advice == NULL ||
		 facts->withheld_pointer == NULL || !is_pointer(facts->withheld_pointer)))
		fault(NULL, NULL, "withheld entity \"%s\"", facts->withheld_entity);
	finish_check(api->name, "what keys may see");
}

static void
check_api(const CrmApi *api)
{
	int			amount = 0;
	char		unit[8] = "";

	if (crm_api_find(api->name) != api)
		fault(NULL, NULL, "name is not unique");
	if (api->title == NULL || api->title[0] == '\0')
		fault(NULL, NULL, "no title");
	if (api->roots[0] == NULL)
		fault(NULL, NULL, "no root");
	else if (!is_path(api, api->probe_path))
		fault(NULL, NULL, "probe path \"%s\"", api->probe_path);
	if ((api->auth == CRM_AUTH_HEADER) != (api->auth_header != NULL))
		fault(NULL, NULL, "auth_header and its scheme need each other");
	if (sscanf(api->rate_limit, "%d/%7s", &amount, unit) != 2 || amount <= 0 ||
		(strcmp(unit, "s") != 0 && strcmp(unit, "min") != 0))
		fault(NULL, NULL, "rate limit \"%s\"", api->rate_limit);
	if (api->max_page_size <= 0 || api->block_seconds <= 0)
		fault(NULL, NULL, "page size or block time");
	if (api->default_page_size > api->max_page_size)
		fault(NULL, NULL, "default page size above the maximum");
	if (api->total_pointer != NULL && !is_pointer(api->total_pointer))
		fault(NULL, NULL, "total pointer \"%s\"", api->total_pointer);
	if (api->page_size_pointer != NULL && !is_pointer(api->page_size_pointer))
		fault(NULL, NULL, "page size pointer \"%s\"", api->page_size_pointer);
	if (api->secret_keys == NULL || api->secret_keys[0] == NULL)
		fault(NULL, NULL, "no secret keys");
	if (crm_entity_find(api, "no_such_entity") != NULL)
		fault(NULL, NULL, "finds entities that do not exist");
	finish_check(api->name, "the CRM's own row");
	check_key_facts(api);
}

static void
check_registry(void)
{
	static const char *const names[] = {"activecampaign", "aircall", "agilecrm"};

	for (int i = 0; i < CRM_LENGTH(names); i++)
	{
		const CrmApi *api = crm_api_find(names[i]);

		if (api == NULL || strcmp(api->name, names[i]) != 0)
			fault(NULL, NULL, "\"%s\" is not registered", names[i]);
	}
	if (crm_api_find("ActiveCampaign") != NULL)
		fault(NULL, NULL, "look-ups ignore case");
	finish_check("registry", "CRMs are found by name");
}

int
main(void)
{
	check_registry();
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		check_api(crm_apis[i]);
		check_promises(crm_apis[i]);
	}
	return finish_checks();
}
