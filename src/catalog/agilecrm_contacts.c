/*
 * agilecrm_contacts.c
 *		Agile CRM: contacts and companies, the same record told apart by its type.
 *
 * Names, addresses and custom fields are entries of the list "properties",
 * which may hold several entries of one name.
 */
#include "catalog/agilecrm.h"

#define ADDRESS_COLUMN(part) \
	{.name = part, .type = CRM_TEXT, .pointer = "address", \
		.source = CRM_FROM_PROPERTY_PART, .operand = part}

#define CONTACT_COLUMNS \
	{.name = "company_name", .type = CRM_TEXT, .pointer = "company", \
		.source = CRM_FROM_PROPERTY_FIRST}, \
	{.name = "company_id", .type = CRM_BIGINT, .pointer = "/contact_company_id", \
		.format = CRM_FORMAT_REFERENCE}, \
	{.name = "title", .type = CRM_TEXT, .pointer = "title", \
		.source = CRM_FROM_PROPERTY_FIRST}, \
	{.name = "email", .type = CRM_TEXT, .pointer = "email", \
		.source = CRM_FROM_PROPERTY_FIRST, .description = "the first of emails"}, \
	{.name = "emails", .type = CRM_TEXT_ARRAY, .pointer = "email", \
		.source = CRM_FROM_PROPERTY_ALL}, \
	{.name = "phone", .type = CRM_TEXT, .pointer = "phone", \
		.source = CRM_FROM_PROPERTY_FIRST, .description = "the first of phones"}, \
	{.name = "phones", .type = CRM_TEXT_ARRAY, .pointer = "phone", \
		.source = CRM_FROM_PROPERTY_ALL}, \
	{.name = "website", .type = CRM_TEXT, .pointer = "website", \
		.source = CRM_FROM_PROPERTY_FIRST, \
		.description = "the first one; social network accounts are websites too"}, \
	ADDRESS_COLUMN("address"), \
	ADDRESS_COLUMN("city"), \
	ADDRESS_COLUMN("state"), \
	ADDRESS_COLUMN("zip"), \
	ADDRESS_COLUMN("country"), \
	{.name = "lead_score", .type = CRM_INTEGER}, \
	{.name = "star_value", .type = CRM_SMALLINT, .description = "0 to 5"}, \
	{.name = "tags", .type = CRM_TEXT_ARRAY}, \
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/owner/id", \
		.format = CRM_FORMAT_REFERENCE}, \
	AGILE_OWNER_COLUMNS("/owner"), \
	{.name = "source", .type = CRM_TEXT}, \
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .pointer = "/updated_time", \
		.format = CRM_FORMAT_UNIX_ANY, .description = "NULL if never updated"}, \
	{.name = "last_contacted_at", .type = CRM_TIMESTAMPTZ, .pointer = "/last_contacted", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "last_emailed_at", .type = CRM_TIMESTAMPTZ, .pointer = "/last_emailed", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "last_called_at", .type = CRM_TIMESTAMPTZ, .pointer = "/last_called", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "properties", .type = CRM_JSONB, \
		.description = "type, name, subtype and value of each"}, \
	{.name = "last_campaign_emaild", .type = CRM_TIMESTAMPTZ, \
		.format = CRM_FORMAT_UNIX_ANY, .description = "spelt as in the API"}, \
	{.name = "viewed_at", .type = CRM_TIMESTAMPTZ, .pointer = "/viewed/viewed_time", \
		.format = CRM_FORMAT_UNIX_MS, .alternative = "/viewed_time"}, \
	{.name = "viewed", .type = CRM_JSONB}, \
	{.name = "image", .type = CRM_TEXT, .pointer = "image", \
		.source = CRM_FROM_PROPERTY_FIRST}, \
	{.name = "tags_with_time", .type = CRM_JSONB, .pointer = "/tagsWithTime", \
		.description = "createdTime is in milliseconds"}, \
	{.name = "campaign_status", .type = CRM_JSONB, .pointer = "/campaignStatus", \
		.description = "times are in milliseconds"}, \
	{.name = "unsubscribe_status", .type = CRM_JSONB, .pointer = "/unsubscribeStatus"}, \
	{.name = "email_bounce_status", .type = CRM_JSONB, .pointer = "/emailBounceStatus"}, \
	{.name = "entity_type", .type = CRM_TEXT}, \
	{.name = "klout_score", .type = CRM_TEXT}, \
	{.name = "form_id", .type = CRM_BIGINT, .pointer = "/formId", \
		.format = CRM_FORMAT_REFERENCE}, \
	{.name = "lead_source_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE}, \
	{.name = "lead_status_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE}, \
	{.name = "browser_id", .type = CRM_JSONB, .pointer = "/browserId"}, \
	{.name = "is_lead_converted", .type = CRM_BOOLEAN}, \
	{.name = "lead_converted_at", .type = CRM_TIMESTAMPTZ, \
		.pointer = "/lead_converted_time", .format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "trashed_at", .type = CRM_TIMESTAMPTZ, .pointer = "/trashed_time", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "restored_at", .type = CRM_TIMESTAMPTZ, .pointer = "/restored_time", \
		.format = CRM_FORMAT_UNIX_ANY}, \
	{.name = "is_duplicate_existed", .type = CRM_BOOLEAN}, \
	{.name = "is_duplicate_verification_failed", .type = CRM_BOOLEAN}, \
	{.name = "is_client_import", .type = CRM_BOOLEAN}, \
	{.name = "concurrent_save_allowed", .type = CRM_BOOLEAN}, \
	{.name = "geo_point", .type = CRM_JSONB}, \
	{.name = "owner", .type = CRM_JSONB}

/* A property; "type" may be missing, and so may "subtype". */
#define PROPERTY_COLUMNS \
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL}, \
	{.name = "type", .type = CRM_TEXT, .description = "SYSTEM or CUSTOM; NULL is SYSTEM"}, \
	{.name = "name", .type = CRM_TEXT, \
		.description = "of a custom field, its label"}, \
	{.name = "subtype", .type = CRM_TEXT, .description = "e.g. work, home"}, \
	{.name = "value", .type = CRM_TEXT, \
		.description = "dates are unix seconds; addresses and lists are JSON"}

/* What a row of each table is, however it is read. */
#define CONTACT_ROWS \
	.name = "contacts", .description = "Persons, with the account's custom fields", \
	.id = "/id", AGILE_KEY("id"), \
	AGILE_COLUMNS(contact_columns)
#define COMPANY_ROWS \
	.name = "companies", .description = "Companies, with the account's custom fields", \
	.id = "/id", AGILE_KEY("id"), \
	AGILE_COLUMNS(company_columns)
#define CONTACT_PROPERTY_ROWS \
	.name = "contact_properties", .id = "/id", \
	.description = "Every property of every person, one row each", \
	.unnest = "/properties", AGILE_KEY("contact_id", "position"), \
	AGILE_COLUMNS(contact_property_columns)
#define COMPANY_PROPERTY_ROWS \
	.name = "company_properties", .id = "/id", \
	.description = "Every property of every company, one row each", \
	.unnest = "/properties", AGILE_KEY("company_id", "position"), \
	AGILE_COLUMNS(company_property_columns)

#define CONTACT_LIST \
	.path = "/dev/api/contacts", AGILE_CURSOR_LIST

/*
 * Without the sort key companies would come in an order that nobody documents;
 * the creation time never changes, and what is new comes before the cursor.
 */
#define COMPANY_LIST \
	.path = "/dev/api/contacts/companies/list", .post_form = true, AGILE_CURSOR_LIST, \
	.order = "global_sort_key=-created_time"

/* A single record, person or company, by the column that holds its id. */
#define BY_ID(column_)	AGILE_ONE(column_, "/dev/api/contacts/{}")

/*
 * The search index.  Its own order changes with the records, so that one might
 * move past the cursor; the creation time does not.
 */
#define SEARCHED_LIST(type_) \
	.path = "/dev/api/filters/filter/dynamic-filter", .post_form = true, AGILE_CURSOR_LIST, \
	.order = "global_sort_key=-created_time", AGILE_FILTERS(search_rules), \
	.rules_param = "filterJson", .rules_fixed = "\"contact_type\":\"" type_ "\"", \
	.expected_rows = 500

#define ONLY_PERSONS	.guard_pointer = "/type", .guard_value = "PERSON"
#define ONLY_COMPANIES	.guard_pointer = "/type", .guard_value = "COMPANY"

/* Both bounds of updated_time leave out what was never changed: SQL has NULL there. */
static const CrmFilter search_rules[] = {
	{.column = "tags", .match = CRM_MATCH_ELEMENT, .param = "tags", .condition = "EQUALS", .most = 10},
	AGILE_TIME_RULES("created_at", "created_time"),
	AGILE_TIME_RULES("updated_at", "updated_time"),
};

static const CrmColumn contact_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "type", .type = CRM_TEXT, .description = "PERSON"},
	{.name = "first_name", .type = CRM_TEXT, .pointer = "first_name",
		.source = CRM_FROM_PROPERTY_FIRST},
	{.name = "last_name", .type = CRM_TEXT, .pointer = "last_name",
		.source = CRM_FROM_PROPERTY_FIRST},
	CONTACT_COLUMNS,
};

static const CrmEntity contact_by_id = {CONTACT_ROWS, BY_ID("id")};

static const CrmEntity contacts_of_company = {
	CONTACT_ROWS,
	AGILE_CURSOR_LIST,
	AGILE_BELOW("company_id", "/dev/api/contacts/related/{}"),
	.expected_rows = 10
};

static const CrmEntity contacts_searched = {CONTACT_ROWS, SEARCHED_LIST("PERSON")};

/*
 * The look-ups by e-mail address and by telephone number are no routes: they
 * answer with the first match, and persons may share an address.
 */
static const CrmRoute contact_routes[] = {
	{.list = &contact_by_id, ONLY_PERSONS, .flags = CRM_ROUTE_UNCERTAIN},
	{.list = &contacts_of_company, ONLY_PERSONS, .flags = CRM_ROUTE_UNCERTAIN},
	{.list = &contacts_searched, ONLY_PERSONS,
		.flags = CRM_ROUTE_SEARCH_INDEX | CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER},
};

#define PROPERTIES(scope_) \
	AGILE_CUSTOM(scope_), .types = crm_agile_field_types, .rules = crm_agile_field_rules, \
	.within = "/properties", .kind = "CUSTOM"

static const CrmCustomFields contact_custom = {PROPERTIES("CONTACT")};

const CrmEntity crm_agile_contacts = {
	CONTACT_ROWS,
	CONTACT_LIST,
	.custom = &contact_custom,
	.expected_rows = 10000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_ROUTES(contact_routes),
	.count_path = "/dev/api/contacts/list/count",
	AGILE_CHANGES_AT("updated_at"),
	.refresh_every = "6 hours"
};

static const CrmColumn company_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "type", .type = CRM_TEXT, .description = "COMPANY"},
	{.name = "name", .type = CRM_TEXT, .pointer = "name",
		.source = CRM_FROM_PROPERTY_FIRST},
	CONTACT_COLUMNS,
	{.name = "url", .type = CRM_TEXT, .pointer = "url",
		.source = CRM_FROM_PROPERTY_FIRST},
};

static const CrmEntity company_by_id = {COMPANY_ROWS, BY_ID("id")};

static const CrmEntity companies_searched = {COMPANY_ROWS, SEARCHED_LIST("COMPANY")};

static const CrmRoute company_routes[] = {
	{.list = &company_by_id, ONLY_COMPANIES, .flags = CRM_ROUTE_UNCERTAIN},
	{.list = &companies_searched, ONLY_COMPANIES,
		.flags = CRM_ROUTE_SEARCH_INDEX | CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER},
};

static const CrmCustomFields company_custom = {PROPERTIES("COMPANY")};

/* A count of companies is known from an earlier version only, too little to show as count(*). */
const CrmEntity crm_agile_companies = {
	COMPANY_ROWS,
	COMPANY_LIST,
	.custom = &company_custom,
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_ROUTES(company_routes),
	AGILE_CHANGES_AT("updated_at")
};

static const CrmColumn contact_property_columns[] = {
	{.name = "contact_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	PROPERTY_COLUMNS,
};

static const CrmEntity properties_of_contact = {CONTACT_PROPERTY_ROWS, BY_ID("contact_id")};

static const CrmRoute contact_property_routes[] = {
	{.list = &properties_of_contact, ONLY_PERSONS, .flags = CRM_ROUTE_UNCERTAIN},
};

const CrmEntity crm_agile_contact_properties = {
	CONTACT_PROPERTY_ROWS,
	CONTACT_LIST,
	.expected_rows = 80000,
	AGILE_ROUTES(contact_property_routes),
	.refresh_every = "6 hours"
};

static const CrmColumn company_property_columns[] = {
	{.name = "company_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	PROPERTY_COLUMNS,
};

static const CrmEntity properties_of_company = {COMPANY_PROPERTY_ROWS, BY_ID("company_id")};

static const CrmRoute company_property_routes[] = {
	{.list = &properties_of_company, ONLY_COMPANIES, .flags = CRM_ROUTE_UNCERTAIN},
};

const CrmEntity crm_agile_company_properties = {
	COMPANY_PROPERTY_ROWS,
	COMPANY_LIST,
	.expected_rows = 12000,
	AGILE_ROUTES(company_property_routes)
};
