/*
 * activecampaign_marketing.c
 *		ActiveCampaign: campaigns and their material, automations, and what
 *		contacts are sorted into.
 */
#include "catalog/activecampaign.h"

/* Campaigns --------------------------------------------------------------- */

/* A mail of a running automation has status 1, although nothing is scheduled. */
static const CrmLabel campaign_status[] = {
	{"0", "draft"},
	{"1+", "automation"},
	{"1", "scheduled"},
	{"2", "sending"},
	{"3", "paused"},
	{"4", "stopped"},
	{"5", "completed"},
	{"6", "disabled"},
	{"7", "pending_approval"},
	{NULL, NULL}
};

/* A share of the mails sent; NULL when nothing was sent. */
#define SHARE_OF_SENT(sqlname, path, ...) \
	AC_NUMERIC(sqlname, path, .format = CRM_FORMAT_RATIO, .operand = "/send_amt", __VA_ARGS__)

static const CrmColumn campaigns_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("type", "/type",
			.description = "single, recurring, split, responder, reminder, special, activerss or text"),
	AC_SMALLINT("status", "/status",
				.description = "0 draft, 1 scheduled or automation, 2 sending, 3 paused, 4 stopped, "
				"5 completed, 6 disabled, 7 pending approval"),
	AC_LABEL("status_label", "/status", campaign_status, .operand = "/seriesid"),
	AC_REF2("automation_id", "/seriesid", "/automation"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_TEXT("segment_id", "/segmentid", .description = "a number, or for newer segments a text"),
	AC_INTEGER("send_amt", "/send_amt", .description = "sent so far"),
	AC_INTEGER("total_amt", "/total_amt", .description = "planned"),
	AC_INTEGER("opens", "/opens", .description = "with openings by Apple Mail Privacy Protection"),
	AC_INTEGER("unique_opens", "/uniqueopens",
			   .description = "with openings by Apple Mail Privacy Protection"),
	AC_INTEGER("verified_opens", "/verified_opens",
			   .description = "without openings by Apple Mail Privacy Protection"),
	AC_INTEGER("verified_unique_opens", "/verified_unique_opens",
			   .description = "without openings by Apple Mail Privacy Protection"),
	AC_INTEGER("link_clicks", "/linkclicks"),
	AC_INTEGER("unique_link_clicks", "/uniquelinkclicks",
			   .description = "each link counted once per recipient"),
	AC_INTEGER("subscriber_clicks", "/subscriberclicks", .description = "contacts who clicked"),
	AC_INTEGER("forwards", "/forwards"),
	AC_INTEGER("unique_forwards", "/uniqueforwards"),
	AC_INTEGER("hard_bounces", "/hardbounces"),
	AC_INTEGER("soft_bounces", "/softbounces"),
	AC_INTEGER("unsubscribes", "/unsubscribes"),
	AC_INTEGER("replies", "/replies"),
	AC_INTEGER("unique_replies", "/uniquereplies"),
	AC_INTEGER("social_shares", "/socialshares"),
	SHARE_OF_SENT("open_rate", "/uniqueopens", .description = "unique_opens / send_amt"),
	SHARE_OF_SENT("verified_open_rate", "/verified_unique_opens",
				  .description = "verified_unique_opens / send_amt"),
	SHARE_OF_SENT("click_rate", "/uniquelinkclicks",
				  .description = "unique_link_clicks / send_amt"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("modified_at", "/mdate", .description = "last change by a user"),
	AC_TIME("updated_at", "/updated_timestamp", .description = "moves with the counters"),
	AC_TIME("sent_at", "/sdate"),
	AC_TIME("last_sent_at", "/ldate"),

	AC_INTEGER("unsubreasons", "/unsubreasons", .description = "unsubscribed with a reason"),
	AC_INTEGER("updates", "/updates", .description = "profile updates"),
	AC_TEXT("source", "/source", .description = "web, api, copy, recurr, system or ai"),
	AC_TEXT("format", "/format"),
	AC_REF("form_id", "/formid"),
	AC_REF("address_id", "/addressid"),
	AC_REF("message_id", "/message_id"),
	AC_REF("campaign_message_id", "/campaign_message_id"),
	AC_REF("base_message_id", "/basemessageid"),
	AC_TEXT("base_template_id", "/basetemplateid"),
	AC_BIGINT("bounce_id", "/bounceid", .description = "-1 is the default"),
	AC_REF("realcid", "/realcid"),
	AC_REF("send_id", "/sendid"),
	AC_REF("thread_id", "/threadid"),
	AC_TEXT("segmentname", "/segmentname"),
	AC_BOOLEAN("schedule", "/schedule"),
	AC_TIME("scheduleddate", "/scheduleddate"),
	AC_BOOLEAN("predictive_send", "/predictive_send"),
	AC_TIME("deletestamp", "/deletestamp", .description = "set: the campaign was deleted"),
	AC_BOOLEAN("public", "/public"),
	AC_TEXT("recurring", "/recurring"),
	AC_BOOLEAN("willrecur", "/willrecur"),
	AC_TEXT("split_type", "/split_type"),
	AC_BOOLEAN("split_content", "/split_content"),
	AC_INTEGER("split_offset", "/split_offset"),
	AC_TEXT("split_offset_type", "/split_offset_type"),
	AC_REF("split_winner_message_id", "/split_winner_messageid"),
	AC_BOOLEAN("split_winner_awaiting", "/split_winner_awaiting"),
	AC_INTEGER("responder_offset", "/responder_offset"),
	AC_TEXT("responder_type", "/responder_type"),
	AC_BOOLEAN("responder_existing", "/responder_existing"),
	AC_TEXT("reminder_field", "/reminder_field"),
	AC_TEXT("reminder_format", "/reminder_format"),
	AC_TEXT("reminder_type", "/reminder_type"),
	AC_INTEGER("reminder_offset", "/reminder_offset"),
	AC_TEXT("reminder_offset_type", "/reminder_offset_type"),
	AC_TEXT("reminder_offset_sign", "/reminder_offset_sign"),
	AC_TEXT("reminder_last_cron_run", "/reminder_last_cron_run"),
	AC_TEXT("activerss_interval", "/activerss_interval"),
	AC_TEXT("activerss_url", "/activerss_url"),
	AC_INTEGER("activerss_items", "/activerss_items"),
	AC_TEXT("tracklinks", "/tracklinks"),
	AC_BOOLEAN("tracklinksanalytics", "/tracklinksanalytics"),
	AC_BOOLEAN("trackreads", "/trackreads"),
	AC_BOOLEAN("trackreadsanalytics", "/trackreadsanalytics"),
	AC_TEXT("analytics_campaign_name", "/analytics_campaign_name"),
	AC_BOOLEAN("tweet", "/tweet"),
	AC_BOOLEAN("facebook", "/facebook"),
	AC_TEXT("survey", "/survey"),
	AC_BOOLEAN("embed_images", "/embed_images"),
	AC_BOOLEAN("htmlunsub", "/htmlunsub"),
	AC_BOOLEAN("textunsub", "/textunsub"),
	AC_TEXT("htmlunsubdata", "/htmlunsubdata"),
	AC_TEXT("textunsubdata", "/textunsubdata"),
	AC_INTEGER("mail_transfer", "/mail_transfer"),
	AC_INTEGER("mail_send", "/mail_send"),
	AC_INTEGER("mail_cleanup", "/mail_cleanup"),
	AC_INTEGER("mailer_log_file", "/mailer_log_file"),
	AC_INET("ip", "/ip"),
	AC_INET("ip4", "/ip4"),
	AC_TEXT("laststep", "/laststep"),
	AC_BOOLEAN("managetext", "/managetext"),
	AC_BOOLEAN("waitpreview", "/waitpreview"),
	AC_BOOLEAN("replysys", "/replysys"),
	AC_TIME("series_send_lock_time", "/series_send_lock_time"),
	AC_BOOLEAN("can_skip_approval", "/can_skip_approval"),
	AC_BOOLEAN("use_quartz_scheduler", "/use_quartz_scheduler"),
	AC_TIME("repair_timestamp", "/repair_timestamp"),
	AC_BOOLEAN("repair_by_pydex", "/repair_by_pydex"),
	AC_BOOLEAN("has_outdated_translations", "/has_outdated_translations"),
	AC_BOOLEAN("has_translations", "/hasTranslations"),
	AC_BOOLEAN("has_predictive_content", "/has_predictive_content"),
	AC_TEXT("additional_data", "/additional_data"),
	AC_SMALLINT("moderation_status", "/moderation_status"),
	AC_INTEGER("number_of_messages", "/numberOfMessages"),
	AC_BOOLEAN("campaign_is_text", "/campaignIsText"),
	AC_SMALLINT("ed_version", "/ed_version"),
	AC_TEXT("screenshot", "/screenshot"),
	AC_TEXT("type_text", "/typeText", .description = "the application's words for the type"),
	AC_TEXT("status_string", "/statusString",
			.description = "the application's word for the status"),
	AC_TEXT("status_tool_tip", "/statusToolTip"),
	AC_BOOLEAN("group_limit_violation", "/groupLimitViolation"),
	AC_AUTHORS
};

static const CrmFilter campaigns_filters[] = {
	AC_EXACT("automation_id", "filters[seriesid]"),
};

/*
 * The two documented orders sort by the first and the last send, which are
 * null for every draft and every automation mail: no order to page by.
 */
const CrmEntity crm_ac_campaigns = {
	.name = "campaigns",
	.description = "Campaigns and automation mails with their counters",
	AC_LIST("campaigns"),
	AC_UNORDERED,
	.expected_rows = 500,
	.flags = CRM_ENTITY_MAIN,
	AC_COLUMNS(campaigns_columns),
	AC_FILTERS(campaigns_filters),
	.cursor_column = "updated_at",
	.lookback = "30 days"
};

static const CrmColumn campaign_links_columns[] = {
	AC_PARENT("campaign_id", CRM_BIGINT),
	AC_ID,
	AC_REF2("message_id", "/messageid", "/message"),
	AC_TEXT("link", "/link", .description = "the word open stands for the read tracker"),
	AC_TEXT("name", "/name"),
	AC_TEXT("ref", "/ref"),
	AC_BOOLEAN("tracked", "/tracked"),
	AC_INTEGER("link_clicks", "/linkclicks"),
	AC_INTEGER("unique_link_clicks", "/uniquelinkclicks"),
};

static const CrmParent campaign_links_parents[] = {
	{.entity = "campaigns", .column = "campaign_id", .path = "/api/3/campaigns/{}/links"},
};

static const char *const campaign_links_key[] = {"campaign_id", "id", NULL};

const CrmEntity crm_ac_campaign_links = {
	.name = "campaign_links",
	.description = "Links in a campaign",
	AC_BELOW("links", campaign_links_parents, campaign_links_key),
	.expected_rows = 5000,
	AC_COLUMNS(campaign_links_columns)
};

/* Material ---------------------------------------------------------------- */

static const CrmColumn messages_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("subject", "/subject"),
	AC_TEXT("preheader_text", "/preheader_text"),
	AC_TEXT("fromname", "/fromname"),
	AC_TEXT("fromemail", "/fromemail"),
	AC_TEXT("reply2", "/reply2"),
	AC_TEXT("text", "/text"),
	AC_TEXT("html", "/html"),
	AC_TEXT("format", "/format", .description = "html, text or mime"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_REF("ed_instance_id", "/ed_instanceid"),
	AC_SMALLINT("ed_version", "/ed_version"),
	AC_INTEGER("priority", "/priority"),
	AC_TEXT("charset", "/charset"),
	AC_TEXT("encoding", "/encoding"),
	AC_TEXT("htmlfetch", "/htmlfetch"),
	AC_TEXT("textfetch", "/textfetch"),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_TEXT("preview_mime", "/preview_mime"),
	AC_TEXT("preview_data", "/preview_data"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute messages_routes[] = {
	AC_SINGLE("messages", messages_columns, "messages", "message"),
};

/* Messages and templates hold whole mails, so a page holds few of them. */
const CrmEntity crm_ac_messages = {
	.name = "messages",
	.description = "Texts of mails",
	AC_LIST("messages"),
	AC_UNORDERED,
	.max_page_size = 20,
	.expected_rows = 500,
	AC_COLUMNS(messages_columns),
	AC_ROUTES(messages_routes),
	.cursor_column = "updated_at"
};

static const CrmColumn templates_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("subject", "/subject"),
	AC_TEXT("content", "/content"),
	AC_TEXT("preview_content", "/preview_content"),
	AC_REF("user_id", "/userid"),
	AC_REF("category_id", "/categoryid"),
	AC_REF("ed_instance_id", "/ed_instanceid"),
	AC_BIGINT("ed_version", "/ed_version"),
	AC_BOOLEAN("used", "/used"),
	AC_BOOLEAN("modified", "/modified"),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_BOOLEAN("waitpreview", "/waitpreview"),
	AC_INTEGER("importnum", "/importnum"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute templates_routes[] = {
	AC_SINGLE("templates", templates_columns, "templates", "template"),
};

const CrmEntity crm_ac_templates = {
	.name = "templates",
	.description = "Templates of mails",
	AC_LIST("templates"),
	AC_UNORDERED,
	.max_page_size = 20,
	.expected_rows = 50,
	AC_COLUMNS(templates_columns),
	AC_ROUTES(templates_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

static const CrmColumn personalizations_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("tag", "/tag", .description = "what stands for the content in a message"),
	AC_TEXT("format", "/format", .description = "html or text"),
	AC_TEXT("content", "/content"),
	AC_REFS("list_ids", "/listIds", .format = CRM_FORMAT_SPLIT_COMMA),
	AC_TEXT("list_names", "/listNames", .description = "separated by commas"),
	AC_INTEGER("lists_count", "/listsCount"),
	AC_BOOLEAN("is_locked", "/isLocked"),
};

static const CrmFilter personalizations_filters[] = {
	AC_EQUAL("name", "filter[name]"),
	AC_EQUAL("tag", "filter[tag]"),
	AC_EQUAL("format", "filter[format]"),
};

static const CrmRoute personalizations_routes[] = {
	AC_SINGLE("personalizations", personalizations_columns, "personalizations", "personalization"),
};

const CrmEntity crm_ac_personalizations = {
	.name = "personalizations",
	.description = "Variables for messages",
	AC_LIST("personalizations"),
	AC_COUNTED("orders%5Btag%5D=ASC", "/tag"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_COUNTABLE,
	AC_COLUMNS(personalizations_columns),
	AC_FILTERS(personalizations_filters),
	AC_ROUTES(personalizations_routes),
	AC_WEEKLY
};

static const CrmColumn saved_responses_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("subject", "/subject"),
	AC_TEXT("body", "/body"),
	AC_TIME("ldate", "/ldate", .description = "when it was sent last"),
	AC_REF("last_sent_user_id", "/last_sent_user_id"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute saved_responses_routes[] = {
	AC_SINGLE("saved_responses", saved_responses_columns, "savedResponses", "savedResponse"),
};

const CrmEntity crm_ac_saved_responses = {
	.name = "saved_responses",
	.description = "Prepared answers to e-mails; not in every plan",
	AC_LIST("savedResponses"),
	AC_UNORDERED,
	.expected_rows = 50,
	AC_COLUMNS(saved_responses_columns),
	AC_ROUTES(saved_responses_routes),
	AC_WEEKLY
};

static const CrmColumn forms_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("title", "/title"),
	AC_INTEGER("entries", "/entries"),
	AC_INTEGER("contacts", "/contacts"),
	AC_INTEGER("deals", "/deals"),
	AC_TEXT("url", "/url"),
	AC_TEXT("action", "/action"),
	AC_JSONB("actiondata", "/actiondata"),
	AC_TEXT("submit", "/submit"),
	AC_JSONB("submitdata", "/submitdata"),
	AC_TEXT("layout", "/layout"),
	AC_TEXT("body", "/body"),
	AC_TEXT("button", "/button"),
	AC_TEXT("thanks", "/thanks"),
	AC_JSONB("style", "/style"),
	AC_JSONB("options", "/options"),
	AC_JSONB("cfields", "/cfields"),
	AC_JSONB("recent", "/recent"),
	AC_TEXT("source", "/source"),
	AC_TEXT("defaultscreenshot", "/defaultscreenshot"),
	AC_REF("parent_form_id", "/parentformid"),
	AC_REF2("address_id", "/addressid", "/address"),
	AC_REF("aid", "/aid"),
	AC_REF("user_id", "/userid"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmRoute forms_routes[] = {
	AC_SINGLE("forms", forms_columns, "forms", "form", "contacts", "deals", "defaultscreenshot", "recent"),
};

const CrmEntity crm_ac_forms = {
	.name = "forms",
	.description = "Forms by which contacts subscribe",
	AC_LIST("forms"),
	AC_UNORDERED,
	.expected_rows = 20,
	.flags = CRM_ENTITY_MAIN,
	AC_COLUMNS(forms_columns),
	AC_ROUTES(forms_routes),
	AC_WEEKLY
};

/* Automations ------------------------------------------------------------- */

const CrmLabel crm_ac_automation_status[] = {
	{"0", "draft"},
	{"1", "active"},
	{"2", "inactive"},
	{NULL, NULL}
};

static const CrmColumn automations_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("description", "/description"),
	AC_SMALLINT("status", "/status", .description = "0 draft, 1 active, 2 inactive"),
	AC_LABEL("status_label", "/status", crm_ac_automation_status),
	AC_INTEGER("entered", "/entered", .description = "number of contacts that entered"),
	AC_INTEGER("exited", "/exited", .description = "number of contacts that left"),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_BOOLEAN("multientry", "/multientry"),
	AC_BOOLEAN("exit_on_unsubscribe", "/exit_on_unsubscribe"),
	AC_BOOLEAN("exit_on_conversion", "/exit_on_conversion"),
	AC_BOOLEAN("entitlements_violation", "/entitlements_violation"),
	AC_SMALLINT("source", "/source"),
	AC_TEXT("screenshot", "/screenshot"),
	AC_TEXT("defaultscreenshot", "/defaultscreenshot"),
	AC_REF("user_id", "/userid"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute automations_routes[] = {
	AC_SINGLE("automations", automations_columns, "automations", "automation", "screenshot",
			  "defaultscreenshot"),
};

const CrmEntity crm_ac_automations = {
	.name = "automations",
	.description = "Automations",
	AC_LIST("automations"),
	AC_UNORDERED,
	.expected_rows = 100,
	AC_COLUMNS(automations_columns),
	AC_ROUTES(automations_routes)
};

/* What contacts are sorted into ------------------------------------------- */

/* The tokens of a list's social network accounts are secrets: no columns. */
static const CrmColumn lists_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("stringid", "/stringid"),
	AC_TEXT("description", "/description"),
	AC_TEXT("channel", "/channel", .description = "email or sms"),
	AC_INTEGER("active_subscribers", "/active_subscribers"),
	AC_INTEGER("non_deleted_subscribers", "/non_deleted_subscribers"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_BOOLEAN("private", "/private"),
	AC_TEXT("to_name", "/to_name"),
	AC_TEXT("sender_name", "/sender_name"),
	AC_TEXT("sender_addr1", "/sender_addr1"),
	AC_TEXT("sender_addr2", "/sender_addr2"),
	AC_TEXT("sender_city", "/sender_city"),
	AC_TEXT("sender_state", "/sender_state"),
	AC_TEXT("sender_zip", "/sender_zip"),
	AC_TEXT("sender_country", "/sender_country"),
	AC_TEXT("sender_phone", "/sender_phone"),
	AC_TEXT("sender_url", "/sender_url"),
	AC_TEXT("sender_reminder", "/sender_reminder",
			.description = "why the contact receives mails of this list"),
	AC_TEXT("fulladdress", "/fulladdress"),
	AC_TEXT("carboncopy", "/carboncopy"),
	AC_TEXT("subscription_notify", "/subscription_notify"),
	AC_TEXT("unsubscription_notify", "/unsubscription_notify"),
	AC_BOOLEAN("send_last_broadcast", "/send_last_broadcast"),
	AC_BOOLEAN("require_name", "/require_name"),
	AC_BOOLEAN("get_unsubscribe_reason", "/get_unsubscribe_reason"),
	AC_INTEGER("optinoptout", "/optinoptout"),
	AC_REF("optin_message_id", "/optinmessageid"),
	AC_INTEGER("optoutconf", "/optoutconf"),
	AC_BOOLEAN("p_use_tracking", "/p_use_tracking"),
	AC_BOOLEAN("p_use_analytics_read", "/p_use_analytics_read"),
	AC_BOOLEAN("p_use_analytics_link", "/p_use_analytics_link"),
	AC_BOOLEAN("p_use_twitter", "/p_use_twitter"),
	AC_BOOLEAN("p_use_facebook", "/p_use_facebook"),
	AC_BOOLEAN("p_embed_image", "/p_embed_image"),
	AC_BOOLEAN("p_use_captcha", "/p_use_captcha"),
	AC_TEXT("analytics_domains", "/analytics_domains"),
	AC_TEXT("analytics_source", "/analytics_source"),
	AC_TEXT("analytics_ua", "/analytics_ua"),
	AC_TIME("deletestamp", "/deletestamp", .description = "set: the list was removed"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
	AC_AUTHORS
};

static const CrmFilter lists_filters[] = {
	AC_TEXT_OPERATORS("name", "filters[name]"),
};

const CrmEntity crm_ac_lists = {
	.name = "lists",
	.description = "Lists contacts subscribe to",
	AC_LIST("lists"),
	AC_ORDERED("orders%5Bname%5D=asc", "/name"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_MAIN,
	AC_COLUMNS(lists_columns),
	AC_FILTERS(lists_filters),
	AC_WEEKLY
};

static const CrmColumn list_exclusions_columns[] = {
	AC_ID,
	AC_TEXT("match_phrase", "/matchPhrase"),
	AC_TEXT("match_type", "/matchType", .description = "exact, end, ..."),
	AC_TEXT("channel", "/channel", .description = "all, allEmail, allSms or several"),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_REFS("list_ids", "/lists"),
};

static const CrmFilter list_exclusions_filters[] = {
	AC_EQUAL("match_phrase", "filters[matchPhrase]"),
	AC_FILTER("list_ids", CRM_MATCH_ELEMENT, "filters[lists][]"),
};

/* Alone an exclusion is the whole document. */
static const CrmRoute list_exclusions_routes[] = {
	{AC_ROUTE("list_exclusions", list_exclusions_columns, "", CRM_PAGER_SINGLE, CRM_COMPLETE_KEYSET,
			  "id", "/api/3/lists/exclusions/{}")},
};

const CrmEntity crm_ac_list_exclusions = {
	.name = "list_exclusions",
	.description = "Addresses and phrases left out of mailings",
	.path = "/api/3/lists/exclusions",
	.rows = "/exclusions",
	.pager = CRM_PAGER_OFFSET,
	AC_COUNTED("orders%5BmatchPhrase%5D=ASC", "/matchPhrase"),
	.id = "/id",
	.key = crm_ac_key,
	.expected_rows = 50,
	.flags = CRM_ENTITY_COUNTABLE,
	AC_COLUMNS(list_exclusions_columns),
	AC_FILTERS(list_exclusions_filters),
	AC_ROUTES(list_exclusions_routes),
	AC_WEEKLY
};

static const CrmColumn segments_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("logic", "/logic", .description = "and or or"),
	AC_BOOLEAN("hidden", "/hidden"),
	AC_REF("automation_id", "/seriesid"),
	AC_TEXT("segmentid_v2", "/segmentid_v2", .description = "joins audiences.segment_id"),
	AC_TIME("created_at", "/created_timestamp"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

const CrmEntity crm_ac_segments = {
	.name = "segments",
	.description = "List segments",
	AC_LIST("segments"),
	AC_UNORDERED,
	.expected_rows = 100,
	.flags = CRM_ENTITY_MAIN,
	AC_COLUMNS(segments_columns),
	AC_WEEKLY
};

/*
 * Ids of the new segments look like a UUID but can be longer, so they are
 * texts.
 */
static const CrmColumn audiences_columns[] = {
	AC_TEXT("id", "/id"),
	AC_TEXT("type", "/type"),
	AC_TEXT("segment_id", "/attributes/segment_id", .description = "joins segments.segmentid_v2"),
	AC_TEXT("category", "/attributes/category"),
	AC_TEXT("name", "/attributes/name"),
	AC_INTEGER("last_total", "/attributes/counts/last_total/count",
			   .description = "contacts at the last count"),
	AC_INTEGER("last_active_total", "/attributes/counts/last_active_total/count",
			   .description = "active contacts at the last count"),
	AC_JSONB("counts", "/attributes/counts"),
	AC_UTC("last_used_date", "/attributes/last_used_date"),
	AC_UTC("created_at", "/attributes/created_date"),
	AC_UTC("updated_at", "/attributes/updated_date"),
};

/*
 * The list of a newer service: numbered pages of up to 10,000 and no total.
 * A thousand at once keeps nearly every account on one page.
 */
const CrmEntity crm_ac_audiences = {
	.name = "audiences",
	.description = "Saved segments with their last counts",
	.path = "/api/3/audiences",
	.rows = "/data",
	.pager = CRM_PAGER_PAGE,
	AC_ORDERED("sort=name", "/attributes/name"),
	.max_page_size = 1000,
	.size_param = "page_size",
	.position_param = "page",
	.id = "/id",
	.key = crm_ac_key,
	.expected_rows = 100,
	AC_COLUMNS(audiences_columns),
	AC_WEEKLY
};

static const CrmColumn tags_columns[] = {
	AC_ID,
	AC_TEXT("tag", "/tag"),
	AC_TEXT("description", "/description"),
	AC_TEXT("tag_type", "/tagType", .description = "contact or template"),
	AC_INTEGER("subscriber_count", "/subscriber_count",
			   .description = "number of contacts with the tag"),
	AC_BOOLEAN("deleted", "/deleted"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmFilter tags_filters[] = {
	AC_TEXT_OPERATORS("tag", "filters[search]"),
};

static const CrmRoute tags_routes[] = {
	AC_SINGLE("tags", tags_columns, "tags", "tag"),
};

const CrmEntity crm_ac_tags = {
	.name = "tags",
	.description = "Tags for contacts and templates",
	AC_LIST("tags"),
	AC_UNORDERED,
	.expected_rows = 200,
	AC_COLUMNS(tags_columns),
	AC_FILTERS(tags_filters),
	AC_ROUTES(tags_routes)
};

static const CrmColumn scores_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("descript", "/descript"),
	AC_TEXT("rel_type", "/reltype", .description = "contact or deal"),
	AC_SMALLINT("status", "/status"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute scores_routes[] = {
	AC_SINGLE("scores", scores_columns, "scores", "score"),
};

const CrmEntity crm_ac_scores = {
	.name = "scores",
	.description = "Definitions of scores",
	AC_LIST("scores"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(scores_columns),
	AC_ROUTES(scores_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};
