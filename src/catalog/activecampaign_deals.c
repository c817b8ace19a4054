/*
 * activecampaign_deals.c
 *		ActiveCampaign: deals, pipelines, tasks, and the companies ("accounts")
 *		they are made with.
 *
 * A deal the key's user may not see is not left out of a list: it arrives as a
 * stub of id, title and is_disabled, and the total counts it.  Newer stubs also
 * have the status 0, whatever the deal's is.
 */
#include "catalog/activecampaign.h"

/* Deals ------------------------------------------------------------------- */

static const CrmLabel deal_status[] = {
	{"0", "open"},
	{"1", "won"},
	{"2", "lost"},
	{NULL, NULL}
};

static const CrmColumn deals_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("description", "/description"),
	AC_MONEY("value", "/value", .description = "in major units of currency"),
	AC_CURRENCY("currency", "/currency"),
	AC_SMALLINT("status", "/status", .description = "0 open, 1 won, 2 lost"),
	AC_LABEL("status_label", "/status", deal_status),
	AC_REF("stage_id", "/stage", .description = "joins deal_stages"),
	AC_REF("pipeline_id", "/group", .description = "joins deal_pipelines"),
	AC_REF("owner_id", "/owner", .description = "joins users"),
	AC_REF("contact_id", "/contact",
		   .description = "primary contact; contact_deals has the others"),
	AC_REF2("account_id", "/account", "/customerAccount"),
	AC_INTEGER("percent", "/percent"),
	AC_INTEGER("win_probability", "/winProbability",
			   .description = "predicted, in per cent; depends on the plan"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/mdate"),
	AC_TIME("next_date", "/nextdate", .description = "when the next task is due"),
	AC_REF2("next_task_id", "/nextTask", "/nexttaskid", .description = "joins deal_tasks"),
	AC_INTEGER("activity_count", "/activitycount"),
	AC_BOOLEAN("is_disabled", "/isDisabled",
			   .description = "true: a stub, hidden from this key or without a pipeline; most columns are NULL"),
	AC_TEXT("hash", "/hash"),
	AC_TIME("win_probability_mdate", "/winProbabilityMdate"),
	AC_BIGINT("nextdealid", "/nextdealid"),
	AC_TIME("edate", "/edate"),
};

/*
 * A filter looks at what a stub hides.  That costs nothing where the stub's
 * column is NULL, and the title it shows is the deal's, but a stub that shows
 * status 0 can be missing among the deals with this status.
 */
#define NO_STUBS \
	.only_column = "is_disabled", .only_value = "false"

/* Whole US dollars; deals in other currencies are converted. */
#define WHOLE_DOLLARS \
	.send = CRM_SEND_WHOLE, .widen = 1, .only_column = "currency", .only_value = "USD"

static const CrmFilter deals_filters[] = {
	AC_EQUAL("stage_id", "filters[stage]"),
	AC_EQUAL("pipeline_id", "filters[group]"),
	AC_EQUAL("owner_id", "filters[owner]"),
	AC_EQUAL("status", "filters[status]", .except = "0"),
	AC_EQUAL("status", "filters[status]", NO_STUBS),
	AC_WORD("status_label", "filters[status]", .except = "0"),
	AC_WORD("status_label", "filters[status]", NO_STUBS),
	AC_EQUAL("title", "filters[title]"),
	AC_TIMES("created_at", "filters[created_after]", "filters[created_before]"),
	AC_TIMES("updated_at", "filters[updated_after]", "filters[updated_before]"),
	AC_FILTER("value", CRM_MATCH_AFTER, "filters[minimum_value]", WHOLE_DOLLARS),
	AC_FILTER("value", CRM_MATCH_BEFORE, "filters[maximum_value]", WHOLE_DOLLARS),
};

static const CrmRoute deals_routes[] = {
	AC_SINGLE("deals", deals_columns, "deals", "deal"),
	AC_OF_CONTACT("deals", deals_columns, "deals"),
};

static const CrmCustomFields deals_custom = {
	.definitions = &crm_ac_deal_custom_fields,
	.label = "field_label",
	.type = "field_type",
	.types = crm_ac_field_types,
	AC_FIELD_VALUES(crm_ac_deal_field_values, "deal_id", "field_value"),
	.currency = "field_currency",
	.by_record = "/api/3/dealCustomFieldData?filters%5BdealId%5D={}",
	AC_BESIDE("dealCustomFieldData")
};

/* Only the request for their values brings these. */
static const char *const deals_raw_omit[] = {"dealCustomFieldData", NULL};

const CrmEntity crm_ac_deals = {
	.name = "deals",
	.description = "Deals, with the account's custom fields",
	AC_LIST("deals"),
	AC_COUNTED("orders%5Bcdate%5D=ASC", "/cdate"),
	.expected_rows = 3000,
	.flags = CRM_ENTITY_MAIN,
	.raw_omit = deals_raw_omit,
	AC_COLUMNS(deals_columns),
	.custom = &deals_custom,
	AC_FILTERS(deals_filters),
	AC_ROUTES(deals_routes),
	.cursor_column = "updated_at",
	AC_TWICE_A_DAY
};

static const CrmLabel autoassign_mode[] = {
	{"0", "none"},
	{"1", "round_robin"},
	{"2", "deal_value"},
	{NULL, NULL}
};

static const CrmColumn deal_pipelines_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_CURRENCY("currency", "/currency", .description = "default for new deals"),
	AC_BOOLEAN("allgroups", "/allgroups", .description = "open to every group of users"),
	AC_BOOLEAN("allusers", "/allusers", .description = "open to every user"),
	AC_SMALLINT("autoassign", "/autoassign",
				.description = "how owners are found: 0 none, 1 round robin, 2 by deal value"),
	AC_LABEL("autoassign_label", "/autoassign", autoassign_mode),
	AC_REFS("stage_ids", "/stages"),
	AC_INTEGER("count", "/count", .description = "number of deals"),
	AC_TEXT("source", "/source"),
	AC_TIME("win_probability_initialize_date", "/win_probability_initialize_date"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmFilter deal_pipelines_filters[] = {
	AC_SUBSTRING("title", "filters[title]"),
};

static const CrmRoute deal_pipelines_routes[] = {
	AC_SINGLE("deal_pipelines", deal_pipelines_columns, "dealGroups", "dealGroup", "count"),
};

const CrmEntity crm_ac_deal_pipelines = {
	.name = "deal_pipelines",
	.description = "Pipelines of deals",
	AC_LIST("dealGroups"),
	AC_ORDERED("orders%5Btitle%5D=ASC", "/title"),
	.expected_rows = 10,
	AC_COLUMNS(deal_pipelines_columns),
	AC_FILTERS(deal_pipelines_filters),
	AC_ROUTES(deal_pipelines_routes)
};

/*
 * Stages of different pipelines often share their titles; the pager copes with
 * runs of equal values.
 */
static const CrmColumn deal_stages_columns[] = {
	AC_ID,
	AC_REF("pipeline_id", "/group", .description = "joins deal_pipelines"),
	AC_TEXT("title", "/title"),
	AC_INTEGER("display_order", "/order", .description = "position in the pipeline"),
	AC_TEXT("deal_order", "/dealOrder"),
	AC_TEXT("color", "/color"),
	AC_INTEGER("width", "/width"),
	AC_TEXT("card_region1", "/cardRegion1"),
	AC_TEXT("card_region2", "/cardRegion2"),
	AC_TEXT("card_region3", "/cardRegion3"),
	AC_TEXT("card_region4", "/cardRegion4"),
	AC_TEXT("card_region5", "/cardRegion5"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmFilter deal_stages_filters[] = {
	AC_EXACT("pipeline_id", "filters[d_groupid]"),
	AC_SUBSTRING("title", "filters[title]"),
};

static const CrmRoute deal_stages_routes[] = {
	AC_SINGLE("deal_stages", deal_stages_columns, "dealStages", "dealStage"),
};

const CrmEntity crm_ac_deal_stages = {
	.name = "deal_stages",
	.description = "Stages of pipelines",
	AC_LIST("dealStages"),
	AC_ORDERED("orders%5Btitle%5D=ASC", "/title"),
	.expected_rows = 40,
	AC_COLUMNS(deal_stages_columns),
	AC_FILTERS(deal_stages_filters),
	AC_ROUTES(deal_stages_routes)
};

static const CrmColumn deal_activities_columns[] = {
	AC_ID,
	AC_REF2("deal_id", "/d_id", "/deal"),
	AC_REF2("stage_id", "/d_stageid", "/stage"),
	AC_REF2("user_id", "/userid", "/user"),
	AC_TEXT("data_type", "/dataType",
			.description = "what was changed, e.g. contact, task, note, userid"),
	AC_REF("data_id", "/dataId", .description = "id of the record that data_type names"),
	AC_TEXT("data_action", "/dataAction"),
	AC_TEXT("data_oldval", "/dataOldval", .description = "value before the change"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("sortdate", "/sortdate"),
	AC_BOOLEAN("is_addtask", "/isAddtask"),
	AC_BOOLEAN("deleted", "/deleted"),
	AC_REF2("automation_id", "/seriesid", "/automation"),
};

static const CrmFilter deal_activities_filters[] = {
	AC_EXACT("deal_id", "deal"),
	AC_EQUAL("data_type", "filters[data_type]"),
	AC_EQUAL("data_id", "filters[data_id]"),
};

const CrmEntity crm_ac_deal_activities = {
	.name = "deal_activities",
	.description = "History of deals: what was changed when and by whom",
	AC_LIST("dealActivities"),
	AC_UNORDERED,
	.expected_rows = 50000,
	AC_COLUMNS(deal_activities_columns),
	AC_FILTERS(deal_activities_filters),
	AC_TWICE_A_DAY
};

static const CrmColumn contact_deals_columns[] = {
	AC_ID,
	AC_REF("contact_id", "/contact"),
	AC_REF("deal_id", "/deal"),
	AC_REF("role_id", "/role", .description = "joins deal_roles"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/updated_timestamp"),
	AC_AUTHORS
};

static const CrmRoute contact_deals_routes[] = {
	AC_SINGLE("contact_deals", contact_deals_columns, "contactDeals", "contactDeal"),
	AC_OF_CONTACT("contact_deals", contact_deals_columns, "contactDeals", "role_id", "updated_at",
				  "created_by", "updated_by"),
};

const CrmEntity crm_ac_contact_deals = {
	.name = "contact_deals",
	.description = "Secondary contacts of deals",
	AC_LIST("contactDeals"),
	AC_UNORDERED,
	.expected_rows = 2000,
	AC_COLUMNS(contact_deals_columns),
	AC_ROUTES(contact_deals_routes),
	.cursor_column = "updated_at",
	AC_TWICE_A_DAY
};

static const CrmColumn deal_roles_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TIME("created_at", "/created_timestamp"),
	AC_TIME("updated_at", "/updated_timestamp"),
};

const CrmEntity crm_ac_deal_roles = {
	.name = "deal_roles",
	.description = "Roles a secondary contact can have in a deal",
	AC_LIST("dealRoles"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(deal_roles_columns),
	AC_WEEKLY
};

/* Tasks ------------------------------------------------------------------- */

static const CrmLabel task_status[] = {
	{"0", "open"},
	{"1", "done"},
	{NULL, NULL}
};

static const CrmColumn deal_tasks_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title", .description = "mostly empty; the text is in note"),
	AC_TEXT("note", "/note"),
	AC_SMALLINT("status", "/status", .description = "0 open, 1 done"),
	AC_LABEL("status_label", "/status", task_status),
	AC_TIME("duedate", "/duedate", .description = "start of the task"),
	AC_TIME("edate", "/edate", .description = "end of the task"),
	AC_TIME("donedate", "/donedate"),
	AC_INTEGER("duration", "/duration"),
	AC_REF("task_type_id", "/dealTasktype"),
	AC_TEXT("rel_type", "/reltype", .description = "Deal or Subscriber (contact)"),
	AC_REF("rel_id", "/relid", .description = "id of the deal or contact"),
	AC_REF("owner_id", "/owner/id", .description = "id of the deal or contact"),
	AC_TEXT("owner_type", "/owner/type", .description = "deal or contact"),
	AC_JSONB("owner", "/owner"),
	AC_REF("user_id", "/user"),
	AC_REF("assignee_id", "/assignee", .description = "joins users"),
	AC_REF("outcome_id", "/outcomeId", .description = "joins task_outcomes"),
	AC_TEXT("outcome_info", "/outcomeInfo"),
	AC_REF("automation_id", "/automation"),
	AC_REF("done_automation_id", "/doneAutomation"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmFilter deal_tasks_filters[] = {
	AC_EQUAL("title", "filters[title]"),
	AC_EQUAL("rel_type", "filters[reltype]"),
	AC_EXACT("rel_id", "filters[relid]"),
	AC_EQUAL("status", "filters[status]"),
	AC_WORD("status_label", "filters[status]"),
	AC_EXACT("task_type_id", "filters[d_tasktypeid]"),
	AC_EXACT("user_id", "filters[userid]"),
	AC_EXACT("assignee_id", "filters[assignee_userid]"),
	AC_EXACT("outcome_id", "filters[outcome_id]"),
	AC_TIMES("duedate", "filters[due_after]", "filters[due_before]"),
};

static const CrmRoute deal_tasks_routes[] = {
	AC_SINGLE("deal_tasks", deal_tasks_columns, "dealTasks", "dealTask", "donedate", "duration"),
};

const CrmEntity crm_ac_deal_tasks = {
	.name = "deal_tasks",
	.description = "Tasks on deals and contacts",
	AC_LIST("dealTasks"),
	AC_UNORDERED,
	.expected_rows = 5000,
	AC_COLUMNS(deal_tasks_columns),
	AC_FILTERS(deal_tasks_filters),
	AC_ROUTES(deal_tasks_routes),
	.cursor_column = "updated_at",
	AC_TWICE_A_DAY
};

static const CrmLabel task_type_status[] = {
	{"0", "active"},
	{"1", "disabled"},
	{NULL, NULL}
};

static const CrmColumn task_types_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_SMALLINT("status", "/status", .description = "0 active, 1 disabled"),
	AC_LABEL("status_label", "/status", task_type_status),
	AC_INTEGER("defduration", "/defduration", .description = "default duration"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmRoute task_types_routes[] = {
	AC_SINGLE("task_types", task_types_columns, "dealTasktypes", "dealTasktype"),
};

const CrmEntity crm_ac_task_types = {
	.name = "task_types",
	.description = "Kinds of tasks",
	AC_LIST("dealTasktypes"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(task_types_columns),
	AC_ROUTES(task_types_routes),
	AC_WEEKLY
};

static const CrmColumn task_outcomes_columns[] = {
	AC_ID,
	AC_TEXT("title", "/title"),
	AC_TEXT("sentiment", "/sentiment", .description = "NEGATIVE, NEUTRAL or POSITIVE"),
	AC_BOOLEAN("disabled", "/disabled"),
	AC_REFS("task_type_ids", "/dealTasktype_ids"),
	AC_TIME("created_at", "/created_utc_timestamp"),
	AC_TIME("updated_at", "/updated_utc_timestamp"),
	AC_AUTHORS
};

static const CrmRoute task_outcomes_routes[] = {
	AC_SINGLE("task_outcomes", task_outcomes_columns, "taskOutcomes", "taskOutcome"),
};

const CrmEntity crm_ac_task_outcomes = {
	.name = "task_outcomes",
	.description = "Results a task can end with",
	AC_LIST("taskOutcomes"),
	AC_UNORDERED,
	.expected_rows = 10,
	AC_COLUMNS(task_outcomes_columns),
	AC_ROUTES(task_outcomes_routes),
	AC_WEEKLY
};

static const CrmColumn tasktype_outcome_rels_columns[] = {
	AC_ID,
	AC_REF2("task_type_id", "/tasktype_id", "/tasktype"),
	AC_REF2("outcome_id", "/outcome_id", "/outcome", .description = "joins task_outcomes"),
	AC_INTEGER("display_order", "/display_order"),
	AC_TIME("created_at", "/created_utc_timestamp"),
	AC_TIME("updated_at", "/updated_utc_timestamp"),
	AC_REF2("created_by", "/created_by", "/createdBy"),
	AC_REF("updated_by", "/updated_by"),
};

static const CrmRoute tasktype_outcome_rels_routes[] = {
	AC_SINGLE("tasktype_outcome_rels", tasktype_outcome_rels_columns, "tasktypeOutcomeRels",
			  "tasktypeOutcomeRel"),
};

const CrmEntity crm_ac_tasktype_outcome_rels = {
	.name = "tasktype_outcome_rels",
	.description = "Which results are offered for which kind of task",
	AC_LIST("tasktypeOutcomeRels"),
	AC_UNORDERED,
	.expected_rows = 20,
	AC_COLUMNS(tasktype_outcome_rels_columns),
	AC_ROUTES(tasktype_outcome_rels_routes),
	AC_WEEKLY
};

/* Custom fields of deals and accounts ------------------------------------- */

/*
 * Deals and accounts define their custom fields alike.  Unlike everything
 * else here, the times of these four lists are UTC.
 */
#define FIELD_DEFINITION_COLUMNS \
	AC_ID, \
	AC_TEXT("field_label", "/fieldLabel"), \
	AC_TEXT("field_type", "/fieldType", .description = "text, textarea, date, datetime, " \
			"dropdown, multiselect, radio, checkbox, hidden, currency or number"), \
	AC_JSONB("field_options", "/fieldOptions", .description = "choices, an array of texts"), \
	AC_TEXT("field_default", "/fieldDefault", .description = "a list of defaults is JSON text"), \
	AC_CURRENCY("field_default_currency", "/fieldDefaultCurrency"), \
	AC_BOOLEAN("is_form_visible", "/isFormVisible"), \
	AC_BOOLEAN("is_required", "/isRequired"), \
	AC_INTEGER("display_order", "/displayOrder"), \
	AC_TEXT("personalization", "/personalization"), \
	AC_REF("known_field_id", "/knownFieldId"), \
	AC_BOOLEAN("hide_field_flag", "/hideFieldFlag"), \
	AC_UTC("created_at", "/createdTimestamp"), \
	AC_UTC("updated_at", "/updatedTimestamp")

#define FIELD_VALUE_DESCRIPTION \
	"Several choices are a JSON array; money is in hundredths of field_currency"

static const CrmColumn deal_custom_fields_columns[] = {
	FIELD_DEFINITION_COLUMNS
};

static const CrmRoute deal_custom_fields_routes[] = {
	AC_SINGLE("deal_custom_fields", deal_custom_fields_columns, "dealCustomFieldMeta",
			  "dealCustomFieldMetum"),
};

const CrmEntity crm_ac_deal_custom_fields = {
	.name = "deal_custom_fields",
	.description = "Definitions of the custom fields of deals",
	AC_LIST("dealCustomFieldMeta"),
	AC_UNORDERED,
	.expected_rows = 20,
	AC_COLUMNS(deal_custom_fields_columns),
	AC_ROUTES(deal_custom_fields_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

static const CrmColumn deal_field_values_columns[] = {
	AC_ID,
	AC_REF("deal_id", "/dealId"),
	AC_REF2("field_id", "/customFieldId", "/dealCustomFieldMetumId",
			.description = "joins deal_custom_fields"),
	AC_TEXT("field_value", "/fieldValue", .description = FIELD_VALUE_DESCRIPTION),
	AC_CURRENCY("field_currency", "/fieldCurrency"),
	AC_UTC("created_at", "/createdTimestamp"),
	AC_UTC("updated_at", "/updatedTimestamp"),
};

static const CrmFilter deal_field_values_filters[] = {
	AC_EXACT("deal_id", "filters[dealId]"),
};

static const CrmRoute deal_field_values_routes[] = {
	AC_SINGLE("deal_field_values", deal_field_values_columns, "dealCustomFieldData", "dealCustomFieldDatum"),
};

const CrmEntity crm_ac_deal_field_values = {
	.name = "deal_field_values",
	.description = "Custom field values of deals, one row per deal and field",
	AC_LIST("dealCustomFieldData"),
	AC_UNORDERED,
	.expected_rows = 10000,
	AC_COLUMNS(deal_field_values_columns),
	AC_FILTERS(deal_field_values_filters),
	AC_ROUTES(deal_field_values_routes),
	.cursor_column = "updated_at",
	AC_TWICE_A_DAY
};

static const CrmColumn account_custom_fields_columns[] = {
	FIELD_DEFINITION_COLUMNS
};

static const CrmRoute account_custom_fields_routes[] = {
	AC_SINGLE("account_custom_fields", account_custom_fields_columns, "accountCustomFieldMeta",
			  "accountCustomFieldMetum", "field_default_currency", "personalization",
			  "known_field_id", "hide_field_flag"),
};

const CrmEntity crm_ac_account_custom_fields = {
	.name = "account_custom_fields",
	.description = "Definitions of the custom fields of accounts",
	AC_LIST("accountCustomFieldMeta"),
	AC_UNORDERED,
	.expected_rows = 20,
	AC_COLUMNS(account_custom_fields_columns),
	AC_ROUTES(account_custom_fields_routes),
	.cursor_column = "updated_at",
	AC_WEEKLY
};

static const CrmColumn account_field_values_columns[] = {
	AC_ID,
	AC_REF("account_id", "/accountId"),
	AC_REF2("field_id", "/customFieldId", "/accountCustomFieldMetumId",
			.description = "joins account_custom_fields"),
	AC_TEXT("field_value", "/fieldValue", .description = FIELD_VALUE_DESCRIPTION),
	AC_CURRENCY("field_currency", "/fieldCurrency"),
	AC_UTC("created_at", "/createdTimestamp"),
	AC_UTC("updated_at", "/updatedTimestamp"),
};

static const CrmFilter account_field_values_filters[] = {
	AC_EXACT("account_id", "filters[customerAccountId]"),
};

static const CrmRoute account_field_values_routes[] = {
	AC_SINGLE("account_field_values", account_field_values_columns, "accountCustomFieldData",
			  "accountCustomFieldDatum"),
};

const CrmEntity crm_ac_account_field_values = {
	.name = "account_field_values",
	.description = "Custom field values of accounts, one row per account and field",
	AC_LIST("accountCustomFieldData"),
	AC_UNORDERED,
	.expected_rows = 5000,
	AC_COLUMNS(account_field_values_columns),
	AC_FILTERS(account_field_values_filters),
	AC_ROUTES(account_field_values_routes),
	.cursor_column = "updated_at"
};

/* Accounts ---------------------------------------------------------------- */

static const CrmColumn accounts_columns[] = {
	AC_ID,
	AC_TEXT("name", "/name"),
	AC_TEXT("account_url", "/accountUrl"),
	AC_REF("owner_id", "/owner", .description = "joins users"),
	AC_INTEGER("contact_count", "/contactCount"),
	AC_INTEGER("deal_count", "/dealCount"),
	AC_TIME("created_at", "/createdTimestamp"),
	AC_TIME("updated_at", "/updatedTimestamp"),
};

static const CrmRoute accounts_routes[] = {
	AC_SINGLE("accounts", accounts_columns, "accounts", "account", "contact_count", "deal_count"),
};

/* Nobody was seen to ask for these values beside the accounts. */
static const CrmCustomFields accounts_custom = {
	.definitions = &crm_ac_account_custom_fields,
	.label = "field_label",
	.type = "field_type",
	.types = crm_ac_field_types,
	AC_FIELD_VALUES(crm_ac_account_field_values, "account_id", "field_value"),
	.currency = "field_currency",
	.by_record = "/api/3/accountCustomFieldData?filters%5BcustomerAccountId%5D={}"
};

/* Without count_deals both counts are 0 whatever the account holds. */
const CrmEntity crm_ac_accounts = {
	.name = "accounts",
	.description = "Companies, with the account's custom fields",
	.path = "/api/3/accounts?count_deals=true",
	.rows = "/accounts",
	.pager = CRM_PAGER_OFFSET,
	AC_UNORDERED,
	.id = "/id",
	.key = crm_ac_key,
	.expected_rows = 2000,
	AC_COLUMNS(accounts_columns),
	.custom = &accounts_custom,
	AC_ROUTES(accounts_routes)
};

static const CrmColumn account_contacts_columns[] = {
	AC_ID,
	AC_REF("account_id", "/account"),
	AC_REF("contact_id", "/contact"),
	AC_TEXT("job_title", "/jobTitle"),
	AC_TIME("created_at", "/createdTimestamp"),
	AC_TIME("updated_at", "/updatedTimestamp"),
};

static const CrmFilter account_contacts_filters[] = {
	AC_EXACT("account_id", "filters[account]"),
	AC_EXACT("contact_id", "filters[contact]"),
};

static const CrmRoute account_contacts_routes[] = {
	AC_SINGLE("account_contacts", account_contacts_columns, "accountContacts", "accountContact"),
};

const CrmEntity crm_ac_account_contacts = {
	.name = "account_contacts",
	.description = "Which contacts belong to which accounts",
	AC_LIST("accountContacts"),
	AC_UNORDERED,
	.expected_rows = 5000,
	AC_COLUMNS(account_contacts_columns),
	AC_FILTERS(account_contacts_filters),
	AC_ROUTES(account_contacts_routes),
	.cursor_column = "updated_at"
};
