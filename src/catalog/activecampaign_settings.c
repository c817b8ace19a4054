/*
 * activecampaign_settings.c
 *		ActiveCampaign: users, custom fields, custom objects and the account's
 *		other settings.
 */
#include "catalog/activecampaign.h"

/* Users ------------------------------------------------------------------- */

static const CrmColumn users_columns[] = {
	AC_ID,
	AC_TEXT("username", "/username"),
	AC_TEXT("email", "/email"),
	AC_TEXT("first_name", "/firstName"),
	AC_TEXT("last_name", "/lastName"),
	AC_TEXT("phone", "/phone"),
	AC_TEXT("signature", "/signature"),
	AC_TEXT("local_zoneid", "/localZoneid", .description = "the user's time zone"),
	AC_BOOLEAN("mfa_enabled", "/mfaEnabled"),
	AC_TIME("password_updated_utc_timestamp", "/password_updated_utc_timestamp"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmRoute users_routes[] = {
	AC_SINGLE("users", users_columns, "users", "user"),
};

const CrmEntity crm_ac_users = {
	.name = "users",
	.description = "Users of the account",
	AC_LIST("users"),
	AC_UNORDERED,
	.expected_rows = 20,
	AC_COLUMNS(users_columns),
	AC_ROUTES(users_routes)
};

/* About 70 permission flags (pg...) have no column of their own. */
static const CrmColumn groups_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("descript", "/descript"),
	AC_BOOLEAN("p_admin", "/p_admin"),
	AC_BOOLEAN("unsubscribelink", "/unsubscribelink"),
	AC_BOOLEAN("optinconfirm", "/optinconfirm"),
	AC_TIME("sdate", "/sdate"),
	AC_BOOLEAN("req_approval", "/reqApproval"),
	AC_SMALLINT("req_approval1st", "/reqApproval1st"),
	AC_TEXT("req_approval_notify", "/reqApprovalNotify"),
	AC_BOOLEAN("socialdata", "/socialdata"),
};

static const CrmRoute groups_routes[] = {
	AC_SINGLE("groups", groups_columns, "groups", "group"),
};

const CrmEntity crm_ac_groups = {
	.name = "groups",
	.description = "Groups of users; their permissions are in raw",
	AC_LIST("groups"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(groups_columns),
	AC_ROUTES(groups_routes),
	AC_WEEKLY
};

static const CrmColumn group_limits_columns[] = {
	AC_ID,
	AC_REF2("group_id", "/groupid", "/group"),
	AC_BIGINT("limit_mail", "/limitMail"),
	AC_TEXT("limit_mail_type", "/limitMailType", .description = "period of limit_mail, e.g. month"),
	AC_BIGINT("limit_contact", "/limitContact"),
	AC_BIGINT("limit_list", "/limitList"),
	AC_BIGINT("limit_campaign", "/limitCampaign"),
	AC_TEXT("limit_campaign_type", "/limitCampaignType",
			.description = "period of limit_campaign, e.g. month"),
	AC_BIGINT("limit_attachment", "/limitAttachment"),
	AC_BIGINT("limit_user", "/limitUser"),
	AC_NUMERIC("abuse_ratio", "/abuseRatio"),
	AC_BOOLEAN("force_sender_info", "/forceSenderInfo"),
};

const CrmEntity crm_ac_group_limits = {
	.name = "group_limits",
	.description = "Limits of groups of users",
	AC_LIST("groupLimits"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(group_limits_columns),
	AC_WEEKLY
};

/* Custom fields of contacts ----------------------------------------------- */

#define FIELD_TYPES(time) \
	{"date", CRM_DATE, CRM_FORMAT_PLAIN}, \
	{"datetime", CRM_TIMESTAMPTZ, time}, \
	{"number", CRM_NUMERIC, CRM_FORMAT_PLAIN}, \
	{"currency", CRM_NUMERIC, CRM_FORMAT_CENTS, .has_currency = true}, \
	{"checkbox", CRM_TEXT_ARRAY, CRM_FORMAT_CHOICES}, \
	{"listbox", CRM_TEXT_ARRAY, CRM_FORMAT_CHOICES}, \
	{"multiselect", CRM_TEXT_ARRAY, CRM_FORMAT_CHOICES}, \
	{NULL, CRM_TEXT, CRM_FORMAT_PLAIN}

const CrmFieldType crm_ac_contact_field_types[] = {FIELD_TYPES(CRM_FORMAT_CHICAGO)};
const CrmFieldType crm_ac_field_types[] = {FIELD_TYPES(CRM_FORMAT_ISO8601)};

static const CrmColumn custom_fields_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("descript", "/descript"),
	AC_TEXT("type", "/type",
			.description = "dropdown, hidden, checkbox, date, datetime, text, textarea, listbox or radio"),
	AC_TEXT("perstag", "/perstag", .description = "what stands for the value in a message"),
	AC_TEXT("defval", "/defval", .description = "default"),
	AC_BOOLEAN("isrequired", "/isrequired"),
	AC_BOOLEAN("visible", "/visible"),
	AC_BOOLEAN("show_in_list", "/show_in_list"),
	AC_INTEGER("rows", "/rows"),
	AC_INTEGER("cols", "/cols"),
	AC_INTEGER("ordernum", "/ordernum"),
	AC_TEXT("service", "/service"),
	AC_REFS("option_ids", "/options", .description = "ids of field_options"),
	AC_REFS("relation_ids", "/relations", .description = "ids of field_rels"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
	AC_AUTHORS
};

static const CrmFilter custom_fields_filters[] = {
	AC_EQUAL("perstag", "filters[perstag]"),
};

static const CrmRoute custom_fields_routes[] = {
	AC_SINGLE("custom_fields", custom_fields_columns, "fields", "field"),
};

const CrmEntity crm_ac_custom_fields = {
	.name = "custom_fields",
	.description = "Definitions of the custom fields of contacts",
	AC_LIST("fields"),
	AC_UNORDERED,
	.expected_rows = 30,
	AC_COLUMNS(custom_fields_columns),
	AC_FILTERS(custom_fields_filters),
	AC_ROUTES(custom_fields_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

/*
 * Options and relations have no list of their own.  The list of fields carries
 * those of the fields on the page beside them.
 */
#define BESIDE_FIELDS(array) \
	.path = "/api/3/fields", \
	.rows = "/" array, \
	.paged_rows = "/fields", \
	.pager = CRM_PAGER_OFFSET, \
	AC_UNORDERED, \
	.id = "/id", \
	.key = crm_ac_key

static const CrmColumn field_options_columns[] = {
	AC_ID,
	AC_REF("field_id", "/field", .description = "joins custom_fields"),
	AC_TEXT("value", "/value"),
	AC_TEXT("label", "/label"),
	AC_BIGINT("orderid", "/orderid", .description = "position among the options"),
	AC_BOOLEAN("isdefault", "/isdefault"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmRoute field_options_routes[] = {
	AC_SINGLE_UNCERTAIN("field_options", field_options_columns, "fieldOptions", "fieldOption"),
};

const CrmEntity crm_ac_field_options = {
	.name = "field_options",
	.description = "Choices of custom fields of contacts",
	BESIDE_FIELDS("fieldOptions"),
	.expected_rows = 100,
	AC_COLUMNS(field_options_columns),
	AC_ROUTES(field_options_routes),
	AC_WEEKLY
};

static const CrmColumn field_rels_columns[] = {
	AC_ID,
	AC_REF("field_id", "/field", .description = "joins custom_fields"),
	AC_BIGINT("rel_id", "/relid", .description = "id of the list; 0 means every list"),
	AC_INTEGER("dorder", "/dorder"),
	AC_TIME("created_at", "/cdate"),
};

static const CrmRoute field_rels_routes[] = {
	AC_SINGLE_UNCERTAIN("field_rels", field_rels_columns, "fieldRels", "fieldRel"),
};

const CrmEntity crm_ac_field_rels = {
	.name = "field_rels",
	.description = "Lists in which custom fields of contacts are used",
	BESIDE_FIELDS("fieldRels"),
	.expected_rows = 30,
	AC_COLUMNS(field_rels_columns),
	AC_ROUTES(field_rels_routes),
	AC_WEEKLY
};

static const CrmColumn group_definitions_columns[] = {
	AC_ID,
	AC_BIGINT("type_id", "/type_id",
			  .description = "1 fields of contacts, 2 of deals, 3 of accounts"),
	AC_TEXT("label", "/label"),
	AC_INTEGER("ordernum", "/ordernum"),
};

/*
 * Records link to the first path; the documentation describes the same answer
 * under the second.
 */
const CrmEntity crm_ac_group_definitions = {
	.name = "group_definitions",
	.description = "Groups of custom fields",
	AC_LIST("groupDefinitions"),
	.fallback_path = "/api/3/groupMembers",
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(group_definitions_columns),
	AC_WEEKLY
};

static const CrmColumn group_members_columns[] = {
	AC_ID,
	AC_REF("group_id", "/group_id", .description = "joins group_definitions"),
	AC_REF("rel_id", "/rel_id", .description = "id of the custom field"),
	AC_INTEGER("ordernum", "/ordernum"),
	AC_AUTHORS
};

const CrmEntity crm_ac_group_members = {
	.name = "group_members",
	.description = "Custom fields in groups of custom fields",
	AC_LIST("groupMembers"),
	AC_UNORDERED,
	.expected_rows = 50,
	AC_COLUMNS(group_members_columns),
	AC_WEEKLY
};

/* The account ------------------------------------------------------------- */

static const CrmColumn addresses_columns[] = {
	AC_ID,
	AC_TEXT("company_name", "/companyName"),
	AC_TEXT("address1", "/address1"),
	AC_TEXT("address2", "/address2"),
	AC_TEXT("city", "/city"),
	AC_TEXT("state", "/state"),
	AC_TEXT("district", "/district"),
	AC_TEXT("zip", "/zip"),
	AC_TEXT("country", "/country"),
	AC_BOOLEAN("allgroup", "/allgroup"),
	AC_BOOLEAN("is_default", "/isDefault"),
	AC_TIME("created_at", "/created_timestamp"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmRoute addresses_routes[] = {
	AC_SINGLE("addresses", addresses_columns, "addresses", "address"),
};

const CrmEntity crm_ac_addresses = {
	.name = "addresses",
	.description = "The account's own postal addresses, shown in campaigns and forms",
	AC_LIST("addresses"),
	AC_UNORDERED,
	.expected_rows = 5,
	AC_COLUMNS(addresses_columns),
	AC_ROUTES(addresses_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

/* Only here "links" is a flag; elsewhere it is an object of URLs. */
static const CrmColumn brandings_columns[] = {
	AC_ID,
	AC_REF("group_id", "/groupid"),
	AC_TEXT("site_name", "/siteName"),
	AC_TEXT("site_logo", "/siteLogo"),
	AC_TEXT("site_logo_small", "/siteLogoSmall"),
	AC_TEXT("header_text_value", "/headerTextValue"),
	AC_TEXT("header_html_value", "/headerHtmlValue"),
	AC_TEXT("footer_text_value", "/footerTextValue"),
	AC_TEXT("footer_html_value", "/footerHtmlValue"),
	AC_BOOLEAN("copyright", "/copyright"),
	AC_BOOLEAN("version", "/version"),
	AC_BOOLEAN("license", "/license"),
	AC_BOOLEAN("links", "/links"),
	AC_BOOLEAN("help", "/help"),
	AC_TEXT("admin_template_htm", "/adminTemplateHtm"),
	AC_TEXT("admin_template_css", "/adminTemplateCss"),
	AC_TEXT("public_template_htm", "/publicTemplateHtm"),
	AC_TEXT("public_template_css", "/publicTemplateCss"),
	AC_TEXT("favicon", "/favicon"),
};

static const CrmRoute brandings_routes[] = {
	AC_SINGLE("brandings", brandings_columns, "brandings", "branding"),
};

const CrmEntity crm_ac_brandings = {
	.name = "brandings",
	.description = "How the application looks for groups of users",
	AC_LIST("brandings"),
	AC_UNORDERED,
	.expected_rows = 5,
	AC_COLUMNS(brandings_columns),
	AC_ROUTES(brandings_routes),
	AC_WEEKLY
};

/* The token of a feed is a secret: no column. */
static const CrmColumn calendars_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("type", "/type", .description = "All, Deals or Contacts"),
	AC_REF("user_id", "/userid"),
	AC_BOOLEAN("notification", "/notification"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
};

static const CrmRoute calendars_routes[] = {
	AC_SINGLE("calendars", calendars_columns, "calendars", "calendar"),
};

const CrmEntity crm_ac_calendars = {
	.name = "calendars",
	.description = "Calendar feeds of tasks",
	AC_LIST("calendars"),
	AC_UNORDERED,
	.expected_rows = 5,
	AC_COLUMNS(calendars_columns),
	AC_ROUTES(calendars_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

static const CrmColumn webhooks_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("url", "/url"),
	AC_TEXTS("events", "/events"),
	AC_TEXTS("sources", "/sources", .description = "public, admin, api, system"),
	AC_REF("list_id", "/listid", .description = "NULL: for all lists"),
	AC_TIME("created_at", "/cdate"),
};

static const CrmFilter webhooks_filters[] = {
	AC_EQUAL("name", "filters[name]"),
	AC_EQUAL("url", "filters[url]"),
	AC_EQUAL("list_id", "filters[listid]"),
};

static const CrmRoute webhooks_routes[] = {
	AC_SINGLE("webhooks", webhooks_columns, "webhooks", "webhook"),
};

const CrmEntity crm_ac_webhooks = {
	.name = "webhooks",
	.description = "Webhooks",
	AC_LIST("webhooks"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(webhooks_columns),
	AC_FILTERS(webhooks_filters),
	AC_ROUTES(webhooks_routes),
	AC_WEEKLY
};

static const char *const name_key[] = {"name", NULL};

/* The records are plain texts. */
static const CrmColumn webhook_events_columns[] = {
	AC_TEXT("name", ""),
};

const CrmEntity crm_ac_webhook_events = {
	.name = "webhook_events",
	.description = "Events a webhook can be told of",
	.path = "/api/3/webhook/events",
	.rows = "/webhookEvents",
	.pager = CRM_PAGER_OFFSET,
	AC_UNORDERED,
	.id = "",
	.key = name_key,
	.expected_rows = 25,
	AC_COLUMNS(webhook_events_columns),
	AC_WEEKLY
};

static const CrmColumn event_tracking_events_columns[] = {
	AC_TEXT("name", "/name"),
};

const CrmEntity crm_ac_event_tracking_events = {
	.name = "event_tracking_events",
	.description = "Names of tracked events",
	.path = "/api/3/eventTrackingEvents",
	.rows = "/eventTrackingEvents",
	.pager = CRM_PAGER_OFFSET,
	AC_UNORDERED,
	.id = "/name",
	.key = name_key,
	.expected_rows = 20,
	AC_COLUMNS(event_tracking_events_columns),
	AC_WEEKLY
};

static const CrmColumn url_whitelistings_columns[] = {
	AC_ID,
	AC_TEXT("whitelisted_domain", "/attributes/whitelisted_domain"),
	AC_TEXT("whitelisted_page", "/attributes/whitelisted_page"),
	AC_TEXT("url_regex", "/attributes/url_regex"),
	AC_BOOLEAN("tracking_enabled", "/attributes/tracking_enabled"),
	AC_BOOLEAN("conversations_enabled", "/attributes/conversations_enabled"),
	AC_BOOLEAN("wp_enabled", "/attributes/wp_enabled"),
	AC_UTC("created_at", "/attributes/created_at"),
	AC_UTC("updated_at", "/attributes/updated_at"),
};

const CrmEntity crm_ac_url_whitelistings = {
	.name = "url_whitelistings",
	.description = "Sites whose visits are tracked",
	.path = "/api/3/prism/urlWhitelistings",
	.rows = "/data",
	.pager = CRM_PAGER_OFFSET,
	AC_UNORDERED,
	.id = "/id",
	.key = crm_ac_key,
	.expected_rows = 5,
	AC_COLUMNS(url_whitelistings_columns),
	AC_WEEKLY
};

/* Custom objects ---------------------------------------------------------- */

static const CrmColumn custom_object_schemas_columns[] = {
	AC_TEXT("id", "/id"),
	AC_TEXT("slug", "/slug"),
	AC_TEXT("visibility", "/visibility", .description = "private or public"),
	AC_TEXT("description", "/description"),
	AC_JSONB("labels", "/labels"),
	AC_JSONB("fields", "/fields", .description = "definitions of the fields, an array"),
	AC_JSONB("icons", "/icons"),
	AC_JSONB("relationships", "/relationships",
			 .description = "to contacts, accounts or deals, an array"),
	AC_UTC("created_at", "/createdTimestamp"),
	AC_UTC("updated_at", "/updatedTimestamp"),
};

const CrmEntity crm_ac_custom_object_schemas = {
	.name = "custom_object_schemas",
	.description = "Kinds of custom objects",
	.path = "/api/3/customObjects/schemas",
	.rows = "/schemas",
	.pager = CRM_PAGER_OFFSET,
	AC_UNORDERED,
	.id = "/id",
	.key = crm_ac_key,
	.expected_rows = 5,
	AC_COLUMNS(custom_object_schemas_columns),
	AC_WEEKLY
};

static const CrmColumn custom_object_records_columns[] = {
	AC_PARENT("schema_id", CRM_TEXT, .description = "joins custom_object_schemas"),
	AC_TEXT("id", "/id"),
	AC_TEXT("external_id", "/externalId"),
	AC_JSONB("fields", "/fields", .description = "an array of {id, value}"),
	AC_JSONB("relationships", "/relationships",
			 .description = "ids of contacts, accounts or deals, by name of the relationship"),
	AC_UTC("created_at", "/createdTimestamp"),
	AC_UTC("updated_at", "/updatedTimestamp"),
};

static const CrmParent custom_object_records_parents[] = {
	{.entity = "custom_object_schemas", .column = "schema_id", .path = "/api/3/customObjects/records/{}"},
};

static const char *const custom_object_records_key[] = {"schema_id", "id", NULL};

const CrmEntity crm_ac_custom_object_records = {
	.name = "custom_object_records",
	.description = "Custom objects",
	AC_BELOW("records", custom_object_records_parents, custom_object_records_key),
	.expected_rows = 5000,
	.flags = CRM_ENTITY_FEW_PARENTS,
	AC_COLUMNS(custom_object_records_columns)
};
