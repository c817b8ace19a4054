/*
 * activecampaign_contacts.c
 *		ActiveCampaign: contacts, what they belong to and what happened to them.
 *
 * Lists below one contact carry no total and no order.  They are short, so
 * that one page holds all of it nearly always.
 */
#include "catalog/activecampaign.h"

/* Contacts ---------------------------------------------------------------- */

/*
 * The columns of a contact, shared by contacts and by the tables that hold
 * the contacts of one list, tag, segment or automation.
 *
 * Left out, and to be found in raw only: the deprecated organization of a
 * contact, and second copies of its record times.
 */
#define CONTACT_COLUMNS \
	AC_ID, \
	AC_TEXT("email", "/email"), \
	AC_TEXT("first_name", "/firstName"), \
	AC_TEXT("last_name", "/lastName"), \
	AC_TEXT("phone", "/phone"), \
	AC_TIME("created_at", "/cdate"), \
	AC_TIME("updated_at", "/udate"), \
	AC_BOOLEAN("deleted", "/deleted"), \
	AC_TIME("deleted_at", "/deleted_at"), \
	AC_BOOLEAN("anonymized", "/anonymized"), \
	AC_INTEGER("bounced_hard", "/bounced_hard", .description = "number of hard bounces"), \
	AC_INTEGER("bounced_soft", "/bounced_soft", .description = "number of soft bounces"), \
	AC_TIME("bounced_date", "/bounced_date"), \
	AC_INET("ip", "/ip"), \
	AC_TEXT("email_local", "/email_local"), \
	AC_TEXT("email_domain", "/email_domain"), \
	AC_INTEGER("sentcnt", "/sentcnt", .description = "number of messages sent to the contact"), \
	AC_TIME("last_activity_at", "/adate"), \
	AC_TIME("engaged_at", "/edate"), \
	AC_TIME("last_open_date", "/last_open_date"), \
	AC_TIME("last_click_date", "/last_click_date"), \
	AC_SMALLINT("best_send_hour", "/best_send_hour"), \
	AC_SMALLINT("sms_consent", "/sms_consent"), \
	AC_TIME("sms_consent_updated_at", "/sms_consent_updated_at"), \
	AC_TIME("last_mpp_open_date", "/last_mpp_open_date", \
			.description = "last opening by Apple Mail Privacy Protection"), \
	AC_BOOLEAN("mpp_tracking", "/mpp_tracking", \
			   .description = "uses Apple Mail Privacy Protection"), \
	AC_BOOLEAN("email_empty", "/email_empty"), \
	AC_TEXT("whatsapp_id", "/whatsapp_id"), \
	AC_TEXT("whatsapp_username", "/whatsapp_username"), \
	AC_BOOLEAN("gravatar", "/gravatar"), \
	AC_TEXT("hash", "/hash"), \
	AC_TEXT("ua", "/ua", .description = "user agent"), \
	AC_TEXT("segmentio_id", "/segmentio_id"), \
	AC_TIME("socialdata_lastcheck", "/socialdata_lastcheck"), \
	AC_TIME("rating_tstamp", "/rating_tstamp"), \
	AC_JSONB("score_values", "/scoreValues"), \
	AC_REFS("account_contact_ids", "/accountContacts"), \
	AC_AUTHORS

/* Reading contacts by ascending id cannot miss or repeat one. */
#define CONTACT_PAGING \
	.rows = "/contacts", \
	.pager = CRM_PAGER_KEYSET, \
	.completeness = CRM_COMPLETE_KEYSET, \
	.id = "/id", \
	.order = "orders%5Bid%5D=ASC", \
	.order_pointer = "/id"

static const CrmColumn contacts_columns[] = {
	CONTACT_COLUMNS
};

/* Addresses may be compared without case, so email is not exact. */
static const CrmFilter contacts_filters[] = {
	AC_EXACT("id", "ids[]", .most = 100),
	AC_EQUAL("email", "email"),
	AC_SUBSTRING("email", "email_like"),
	AC_PREFIX("phone", "phone"),
	AC_TIMES("created_at", "filters[created_after]", "filters[created_before]"),
	AC_TIMES("updated_at", "filters[updated_after]", "filters[updated_before]"),
};

static const CrmCustomFields contacts_custom = {
	.definitions = &crm_ac_custom_fields,
	.label = "title",
	.type = "type",
	.types = crm_ac_contact_field_types,
	AC_FIELD_VALUES(crm_ac_contact_field_values, "contact_id", "value"),
	.by_field = "filters%5Bfieldid%5D",
	.by_value = "filters%5Bval%5D",
	.by_record = "/api/3/contacts/{}/fieldValues",
	AC_BESIDE("fieldValues")
};

/* In a list only the request for their values brings these. */
static const char *const contacts_raw_omit[] = {"fieldValues", NULL};

const CrmEntity crm_ac_contacts = {
	.name = "contacts",
	.description = "People, with the account's custom fields",
	.path = "/api/3/contacts",
	CONTACT_PAGING,
	.sort_column = "id",
	.order_desc = "orders%5Bid%5D=DESC",
	.key = crm_ac_key,
	.expected_rows = 20000,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	.raw_omit = contacts_raw_omit,
	AC_COLUMNS(contacts_columns),
	.custom = &contacts_custom,
	AC_FILTERS(contacts_filters),
	.cursor_column = "updated_at"
};

static const CrmColumn list_members_columns[] = {
	AC_PARENT("list_id", CRM_BIGINT),
	CONTACT_COLUMNS
};

/* Status -1 asks for members of any standing, not only active ones. */
static const CrmParent list_members_parents[] = {
	{.entity = "lists", .column = "list_id", .path = "/api/3/contacts?listid={}&status=-1"},
};

static const char *const list_members_key[] = {"list_id", "id", NULL};

const CrmEntity crm_ac_list_members = {
	.name = "list_members",
	.description = "Contacts of each list, whatever their status on it",
	CONTACT_PAGING,
	.parents = list_members_parents,
	.nparents = CRM_LENGTH(list_members_parents),
	.key = list_members_key,
	.expected_rows = 20000,
	.flags = CRM_ENTITY_FEW_PARENTS,
	AC_COLUMNS(list_members_columns)
};

static const CrmColumn tag_members_columns[] = {
	AC_PARENT("tag_id", CRM_BIGINT),
	CONTACT_COLUMNS
};

static const CrmParent tag_members_parents[] = {
	{.entity = "tags", .column = "tag_id", .path = "/api/3/contacts?tagid={}"},
};

static const char *const tag_members_key[] = {"tag_id", "id", NULL};

const CrmEntity crm_ac_tag_members = {
	.name = "tag_members",
	.description = "Contacts that carry a tag",
	CONTACT_PAGING,
	.parents = tag_members_parents,
	.nparents = CRM_LENGTH(tag_members_parents),
	.key = tag_members_key,
	.expected_rows = 20000,
	AC_COLUMNS(tag_members_columns)
};

static const CrmColumn segment_members_columns[] = {
	AC_PARENT("segment_id", CRM_BIGINT),
	CONTACT_COLUMNS
};

static const CrmParent segment_members_parents[] = {
	{.entity = "segments", .column = "segment_id", .path = "/api/3/contacts?segmentid={}"},
};

static const char *const segment_members_key[] = {"segment_id", "id", NULL};

const CrmEntity crm_ac_segment_members = {
	.name = "segment_members",
	.description = "Contacts that match a list segment; the API caches the match for an hour",
	CONTACT_PAGING,
	.parents = segment_members_parents,
	.nparents = CRM_LENGTH(segment_members_parents),
	.key = segment_members_key,
	.expected_rows = 5000,
	.flags = CRM_ENTITY_FEW_PARENTS | CRM_ENTITY_ASYNC,
	AC_COLUMNS(segment_members_columns)
};

static const CrmColumn automation_members_columns[] = {
	AC_PARENT("automation_id", CRM_BIGINT),
	CONTACT_COLUMNS
};

static const CrmParent automation_members_parents[] = {
	{.entity = "automations", .column = "automation_id", .path = "/api/3/contacts?seriesid={}"},
};

static const char *const automation_members_key[] = {"automation_id", "id", NULL};

const CrmEntity crm_ac_automation_members = {
	.name = "automation_members",
	.description = "Contacts that are or were in an automation",
	CONTACT_PAGING,
	.parents = automation_members_parents,
	.nparents = CRM_LENGTH(automation_members_parents),
	.key = automation_members_key,
	.expected_rows = 20000,
	AC_COLUMNS(automation_members_columns)
};

/* Memberships ------------------------------------------------------------- */

static const CrmLabel membership_status[] = {
	{"0", "unconfirmed"},
	{"1", "active"},
	{"2", "unsubscribed"},
	{"3", "bounced"},
	{NULL, NULL}
};

static const CrmColumn contact_lists_columns[] = {
	AC_ID,
	AC_REF("contact_id", "/contact"),
	AC_REF("list_id", "/list"),
	AC_SMALLINT("status", "/status",
				.description = "0 unconfirmed, 1 active, 2 unsubscribed, 3 bounced"),
	AC_LABEL("status_label", "/status", membership_status),
	AC_TIME("subscribed_at", "/sdate"),
	AC_TIME("unsubscribed_at", "/udate"),
	AC_REF("form_id", "/form"),
	AC_REF2("automation_id", "/seriesid", "/automation"),
	AC_REF("campaign_id", "/campaign"),
	AC_REF("message_id", "/message"),
	AC_REF("unsubscribe_automation_id", "/unsubscribeAutomation"),
	AC_TEXT("unsubreason", "/unsubreason"),
	AC_TEXT("first_name", "/first_name"),
	AC_TEXT("last_name", "/last_name"),
	AC_TEXT("channel", "/channel", .description = "email or sms"),
	AC_BOOLEAN("responder", "/responder"),
	AC_BOOLEAN("sync", "/sync"),
	AC_BIGINT("sourceid", "/sourceid",
			  .description = "code of how the membership came about; 4 is the API"),
	AC_REF("autosync_log_id", "/autosyncLog"),
	AC_INET("ip4_sub", "/ip4Sub"),
	AC_INET("ip4_last", "/ip4_last"),
	AC_INET("ip4_unsub", "/ip4Unsub"),
	AC_TIME("created_at", "/created_timestamp"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmRoute contact_lists_routes[] = {
	AC_OF_CONTACT("contact_lists", contact_lists_columns, "contactLists", "channel"),
};

const CrmEntity crm_ac_contact_lists = {
	.name = "contact_lists",
	.description = "Membership of contacts in lists; a row survives the unsubscription",
	AC_LIST("contactLists"),
	AC_UNORDERED,
	.expected_rows = 30000,
	AC_COLUMNS(contact_lists_columns),
	AC_ROUTES(contact_lists_routes),
	.cursor_column = "updated_at"
};

static const CrmColumn contact_tags_columns[] = {
	AC_ID,
	AC_REF("contact_id", "/contact"),
	AC_REF("tag_id", "/tag"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmRoute contact_tags_routes[] = {
	AC_SINGLE_UNCERTAIN("contact_tags", contact_tags_columns, "contactTags", "contactTag"),
	AC_OF_CONTACT("contact_tags", contact_tags_columns, "contactTags"),
};

const CrmEntity crm_ac_contact_tags = {
	.name = "contact_tags",
	.description = "Tags given to contacts",
	AC_LIST("contactTags"),
	AC_UNORDERED,
	.expected_rows = 40000,
	AC_COLUMNS(contact_tags_columns),
	AC_ROUTES(contact_tags_routes),
	.cursor_column = "updated_at"
};

static const CrmLabel run_status[] = {
	{"1", "active"},
	{"2", "completed"},
	{NULL, NULL}
};

static const CrmColumn contact_automations_columns[] = {
	AC_ID,
	AC_REF("contact_id", "/contact"),
	AC_REF2("automation_id", "/seriesid", "/automation"),
	AC_SMALLINT("status", "/status", .description = "1 in the automation, 2 completed or removed"),
	AC_LABEL("status_label", "/status", run_status),
	AC_TIME("added_at", "/adddate", .description = "when the contact entered"),
	AC_TIME("remdate", "/remdate", .description = "when the contact left"),
	AC_BIGINT("timespan", "/timespan", .description = "seconds"),
	AC_REF("start_id", "/startid"),
	AC_BIGINT("lastblock", "/lastblock"),
	AC_TIME("lastdate", "/lastdate"),
	AC_REF("last_log_id", "/lastlogid"),
	AC_INTEGER("completed_elements", "/completedElements"),
	AC_INTEGER("total_elements", "/totalElements"),
	AC_BOOLEAN("completed", "/completed"),
	AC_INTEGER("complete_value", "/completeValue", .description = "per cent"),
	AC_TEXT("batchid", "/batchid"),
	AC_SMALLINT("in_als", "/in_als"),
};

static const CrmRoute contact_automations_routes[] = {
	AC_SINGLE("contact_automations", contact_automations_columns, "contactAutomations", "contactAutomation"),
	AC_OF_CONTACT("contact_automations", contact_automations_columns, "contactAutomations", "in_als"),
};

const CrmEntity crm_ac_contact_automations = {
	.name = "contact_automations",
	.description = "Runs of contacts through automations",
	AC_LIST("contactAutomations"),
	AC_UNORDERED,
	.expected_rows = 40000,
	AC_COLUMNS(contact_automations_columns),
	AC_ROUTES(contact_automations_routes)
};

static const CrmColumn contact_field_values_columns[] = {
	AC_ID,
	AC_REF2("contact_id", "/contact", "/owner"),
	AC_REF("field_id", "/field", .description = "joins custom_fields"),
	AC_TEXT("value", "/value", .description = "several choices are written ||one||two||"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
	AC_AUTHORS
};

static const CrmFilter contact_field_values_filters[] = {
	AC_EXACT("field_id", "filters[fieldid]"),
	AC_EQUAL("value", "filters[val]"),
};

static const CrmRoute contact_field_values_routes[] = {
	AC_SINGLE("contact_field_values", contact_field_values_columns, "fieldValues", "fieldValue"),
	AC_OF_CONTACT("contact_field_values", contact_field_values_columns, "fieldValues"),
};

const CrmEntity crm_ac_contact_field_values = {
	.name = "contact_field_values",
	.description = "Custom field values of contacts, one row per contact and field",
	AC_LIST("fieldValues"),
	AC_UNORDERED,
	.expected_rows = 100000,
	AC_COLUMNS(contact_field_values_columns),
	AC_FILTERS(contact_field_values_filters),
	AC_ROUTES(contact_field_values_routes),
	.cursor_column = "updated_at"
};

/* What happened ----------------------------------------------------------- */

static const CrmColumn notes_columns[] = {
	AC_ID,
	AC_TEXT("note", "/note"),
	AC_TEXT("rel_type", "/reltype",
			.description = "Subscriber (contact), Deal, DealTask, CustomerAccount (account) or Activity"),
	AC_REF("rel_id", "/relid", .description = "id of the record that rel_type names"),
	AC_REF("owner_id", "/owner/id", .description = "id of the record the note is shown at"),
	AC_TEXT("owner_type", "/owner/type"),
	AC_JSONB("owner", "/owner"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_BOOLEAN("is_draft", "/is_draft"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute notes_routes[] = {
	AC_SINGLE("notes", notes_columns, "notes", "note"),
};

const CrmEntity crm_ac_notes = {
	.name = "notes",
	.description = "Notes on contacts, deals, tasks and accounts",
	AC_LIST("notes"),
	AC_UNORDERED,
	.expected_rows = 5000,
	AC_COLUMNS(notes_columns),
	AC_ROUTES(notes_routes),
	.cursor_column = "updated_at"
};

static const char *const contact_child_key[] = {"contact_id", "id", NULL};

static const CrmColumn activities_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_TIME("tstamp", "/tstamp"),
	AC_TEXT("reference_type", "/reference_type"),
	AC_BIGINT("reference_id", "/reference_id",
			  .description = "id of the record that reference_type names"),
	AC_TEXT("reference_action", "/reference_action"),
	AC_TEXT("reference_model_name", "/referenceModelName"),
	AC_JSONB("reference", "/reference"),
	AC_JSONB("json_data", "/jsonData"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_TEXT("permission", "/permission"),
	AC_JSONB("notes", "/notes"),
	AC_JSONB("recipients", "/recipients"),
};

static const CrmParent activities_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/activities?contact={}"},
};

const CrmEntity crm_ac_activities = {
	.name = "activities",
	.description = "Activity feed of a contact; made when the contact is looked at, so not complete",
	.rows = "/activities",
	.pager = CRM_PAGER_OFFSET,
	AC_COUNTED("orders%5Btstamp%5D=ASC", "/tstamp"),
	.parents = activities_parents,
	.nparents = CRM_LENGTH(activities_parents),
	.id = "/id",
	.key = contact_child_key,
	.expected_rows = 100000,
	AC_COLUMNS(activities_columns)
};

/*
 * The documentation names this list without a sample.  The names are known
 * from clients that rewrite them to snake_case, so both spellings are looked
 * for.
 */
static const CrmColumn email_activities_columns[] = {
	AC_ID,
	AC_REF2("contact_id", "/subscriberid", "/contact"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_REF2("deal_id", "/d_id", "/deal"),
	AC_REF("account_id", "/account"),
	AC_TEXT("rel_type", "/reltype"),
	AC_REF("rel_id", "/relid"),
	AC_TEXT("from_name", "/fromName", .alternative = "/from_name"),
	AC_TEXT("from_address", "/fromAddress", .alternative = "/from_address"),
	AC_TEXT("to_address", "/toAddress", .alternative = "/to_address"),
	AC_TEXT("cc_address", "/ccAddress", .alternative = "/cc_address"),
	AC_TEXT("subject", "/subject"),
	AC_TEXT("message", "/message"),
	AC_TEXT("message_html", "/messageHtml", .alternative = "/message_html"),
	AC_TIME("tstamp", "/tstamp"),
	AC_JSONB("reference", "/reference"),
};

static const CrmFilter email_activities_filters[] = {
	AC_EQUAL("contact_id", "filters[subscriberid]"),
	AC_EQUAL("deal_id", "filters[dealId]"),
};

const CrmEntity crm_ac_email_activities = {
	.name = "email_activities",
	.description = "One-to-one e-mails synchronised with or sent from the CRM, not campaigns",
	AC_LIST("emailActivities"),
	AC_UNORDERED,
	.expected_rows = 5000,
	AC_COLUMNS(email_activities_columns),
	AC_FILTERS(email_activities_filters)
};

static const CrmColumn bounce_logs_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_REF2("campaign_id", "/campaignid", "/campaign"),
	AC_REF2("message_id", "/messageid", "/message"),
	AC_REF2("bounce_id", "/bounceid", "/bounce"),
	AC_TEXT("code", "/codeid", .alternative = "/code",
			.description = "bounce code, a number or an enhanced status such as 5.1.1"),
	AC_TEXT("email", "/email"),
	AC_TEXT("error", "/error"),
	AC_TEXT("source", "/source"),
	AC_TIME("tstamp", "/tstamp"),
	AC_TIME("created_at", "/created_timestamp"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmParent bounce_logs_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/bounceLogs"},
};

const CrmEntity crm_ac_bounce_logs = {
	.name = "bounce_logs",
	.description = "Bounces of a contact",
	AC_BELOW("bounceLogs", bounce_logs_parents, contact_child_key),
	.expected_rows = 2000,
	AC_COLUMNS(bounce_logs_columns)
};

static const CrmColumn contact_tracking_logs_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_TEXT("type", "/type"),
	AC_TEXT("value", "/value"),
	AC_TIME("tstamp", "/tstamp"),
	AC_TEXT("hash", "/hash"),
};

static const CrmParent contact_tracking_logs_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/trackingLogs"},
};

const CrmEntity crm_ac_contact_tracking_logs = {
	.name = "contact_tracking_logs",
	.description = "Site visits and tracked events of a contact",
	AC_BELOW("trackingLogs", contact_tracking_logs_parents, contact_child_key),
	.expected_rows = 100000,
	AC_COLUMNS(contact_tracking_logs_columns)
};

/* Only the envelope is documented; what a row holds is found in raw. */
static const CrmColumn contact_logs_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
};

static const CrmParent contact_logs_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/contactLogs"},
};

const CrmEntity crm_ac_contact_logs = {
	.name = "contact_logs",
	.description = "Log entries of a contact; their members are in raw",
	AC_BELOW("contactLogs", contact_logs_parents, contact_child_key),
	.expected_rows = 20000,
	AC_COLUMNS(contact_logs_columns)
};

static const CrmColumn contact_score_values_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_REF("score_id", "/score"),
	AC_REF("deal_id", "/deal"),
	AC_INTEGER("score_value", "/scoreValue"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmParent contact_score_values_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/scoreValues"},
};

const CrmEntity crm_ac_contact_score_values = {
	.name = "contact_score_values",
	.description = "Scores a contact has reached",
	AC_BELOW("scoreValues", contact_score_values_parents, contact_child_key),
	.expected_rows = 20000,
	AC_COLUMNS(contact_score_values_columns)
};

static const CrmColumn contact_goals_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_REF2("goal_id", "/goalid", "/goal"),
	AC_REF2("automation_id", "/seriesid", "/automation"),
	AC_REF2("contact_automation_id", "/subscriberseriesid", "/contactAutomation"),
	AC_INTEGER("timespan", "/timespan"),
	AC_TIME("tstamp", "/tstamp"),
};

static const CrmParent contact_goals_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/contactGoals"},
};

const CrmEntity crm_ac_contact_goals = {
	.name = "contact_goals",
	.description = "Automation goals a contact has reached",
	AC_BELOW("contactGoals", contact_goals_parents, contact_child_key),
	.expected_rows = 5000,
	AC_COLUMNS(contact_goals_columns)
};

static const CrmColumn contact_geo_ips_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_ID,
	AC_REF2("geo_address_id", "/geoaddrid", "/geoAddress"),
	AC_REF("campaign_id", "/campaignid"),
	AC_REF("message_id", "/messageid"),
	AC_INET("ip4", "/ip4"),
	AC_TIME("tstamp", "/tstamp"),
};

static const CrmParent contact_geo_ips_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/geoIps"},
};

const CrmEntity crm_ac_contact_geo_ips = {
	.name = "contact_geo_ips",
	.description = "Addresses on the internet a contact was seen at",
	AC_BELOW("geoIps", contact_geo_ips_parents, contact_child_key),
	.expected_rows = 20000,
	AC_COLUMNS(contact_geo_ips_columns)
};

static const CrmColumn automation_entry_counts_columns[] = {
	AC_PARENT("contact_id", CRM_BIGINT),
	AC_BIGINT("id", "/id", .description = "id of the automation"),
	AC_TEXT("name", "/name", .description = "name of the automation"),
	AC_SMALLINT("status", "/status",
				.description = "of the automation: 0 draft, 1 active, 2 inactive"),
	AC_LABEL("status_label", "/status", crm_ac_automation_status),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_INTEGER("contact_entry_count", "/contactEntryCount",
			   .description = "how often the contact entered"),
};

static const CrmParent automation_entry_counts_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/api/3/contacts/{}/automationEntryCounts"},
};

const CrmEntity crm_ac_automation_entry_counts = {
	.name = "automation_entry_counts",
	.description = "How often a contact entered each automation",
	AC_BELOW("automationEntryCounts", automation_entry_counts_parents, contact_child_key),
	.expected_rows = 40000,
	AC_COLUMNS(automation_entry_counts_columns)
};
