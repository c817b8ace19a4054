/*
 * agilecrm.c
 *		The Agile CRM REST API as data.
 *
 * Lists are bare JSON arrays.  A list that is paged puts "cursor" into its last
 * element and sometimes "count" into the first or last: artefacts of paging,
 * kept out of raw.  Lists come in the order of the records' keys unless they
 * are told otherwise.  Paths live below /dev/api; a few are only known below
 * /core/api, and the other root is their fallback.
 *
 * The unit of a time depends on the entity: seconds on contacts, deals, tasks,
 * events, notes, documents and campaigns; milliseconds on tickets, tags and
 * views.  Some dates of deals are stored in milliseconds among seconds.  0
 * means "never", and updated_time stays 0 until the first update.
 *
 * Records of other entities nested in a record are abridged, and the names of
 * contacts in them are in lower case: only their ids are worth a column.
 */
#include "catalog/catalog.h"

#define COLUMNS(array)	.columns = (array), .ncolumns = CRM_LENGTH(array)
#define KEY(...)		.key = (const char *const[]) {__VA_ARGS__, NULL}
#define PARENTS(array)	.parents = (array), .nparents = CRM_LENGTH(array)

/* How the lists of this API are read: page by page, or in one answer. */
#define CURSOR_LIST \
	.rows = "", .pager = CRM_PAGER_CURSOR, .completeness = CRM_COMPLETE_KEYSET, \
	.raw_omit = paging_artefacts
#define WHOLE_LIST \
	.rows = "", .pager = CRM_PAGER_SINGLE, .completeness = CRM_COMPLETE_KEYSET

static const char *const paging_artefacts[] = {"cursor", "count", NULL};

/* The user a record belongs to: columns for the object at pointer_. */
#define OWNER_COLUMNS(pointer_) \
	{.name = "owner_email", .type = CRM_TEXT, .pointer = pointer_ "/email"}, \
	{.name = "owner_name", .type = CRM_TEXT, .pointer = pointer_ "/name"}

/* ---------------------------------------------------------------------------
 * Contacts and companies: the same record, told apart by its type
 *
 * Names, addresses and custom fields are entries of the list "properties",
 * which may hold several entries of one name.
 * ---------------------------------------------------------------------------
 */

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
	OWNER_COLUMNS("/owner"), \
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

#define CONTACT_LIST \
	.path = "/dev/api/contacts", CURSOR_LIST, .id = "/id"

/*
 * Without the sort key companies would come in an order that nobody documents;
 * the creation time never changes, and what is new comes before the cursor.
 */
#define COMPANY_LIST \
	.path = "/dev/api/contacts/companies/list", .post_form = true, CURSOR_LIST, \
	.id = "/id", .order = "global_sort_key=-created_time", .order_pointer = "/created_time"

static const CrmColumn contact_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "type", .type = CRM_TEXT, .description = "PERSON"},
	{.name = "first_name", .type = CRM_TEXT, .pointer = "first_name",
		.source = CRM_FROM_PROPERTY_FIRST},
	{.name = "last_name", .type = CRM_TEXT, .pointer = "last_name",
		.source = CRM_FROM_PROPERTY_FIRST},
	CONTACT_COLUMNS,
};

static const CrmEntity contacts = {
	.name = "contacts",
	.description = "Persons",
	CONTACT_LIST,
	KEY("id"),
	.expected_rows = 10000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(contact_columns)
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

static const CrmEntity companies = {
	.name = "companies",
	.description = "Companies",
	COMPANY_LIST,
	KEY("id"),
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(company_columns)
};

static const CrmColumn contact_property_columns[] = {
	{.name = "contact_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	PROPERTY_COLUMNS,
};

static const CrmEntity contact_properties = {
	.name = "contact_properties",
	.description = "Every property of every person, one row each",
	CONTACT_LIST,
	.unnest = "/properties",
	KEY("contact_id", "position"),
	.expected_rows = 80000,
	COLUMNS(contact_property_columns)
};

static const CrmColumn company_property_columns[] = {
	{.name = "company_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	PROPERTY_COLUMNS,
};

static const CrmEntity company_properties = {
	.name = "company_properties",
	.description = "Every property of every company, one row each",
	COMPANY_LIST,
	.unnest = "/properties",
	KEY("company_id", "position"),
	.expected_rows = 12000,
	COLUMNS(company_property_columns)
};

/* ---------------------------------------------------------------------------
 * Deals and their tracks
 * ---------------------------------------------------------------------------
 */

static const CrmColumn deal_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "description", .type = CRM_TEXT},
	{.name = "expected_value", .type = CRM_NUMERIC},
	{.name = "currency_type", .type = CRM_TEXT},
	{.name = "pipeline_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE,
		.description = "a track"},
	{.name = "milestone", .type = CRM_TEXT,
		.description = "a name; the API does not check that the track has it"},
	{.name = "probability", .type = CRM_INTEGER, .description = "percent"},
	{.name = "close_date", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX_ANY},
	{.name = "won_date", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX_ANY},
	{.name = "milestone_changed_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/milestone_changed_time", .format = CRM_FORMAT_UNIX_ANY},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .pointer = "/updated_time",
		.format = CRM_FORMAT_UNIX_ANY, .description = "NULL if never updated"},
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/owner/id",
		.format = CRM_FORMAT_REFERENCE, .alternative = "/owner_id"},
	OWNER_COLUMNS("/owner"),
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY},
	/* "tags" can be empty although the deal has tags */
	{.name = "tags", .type = CRM_TEXT_ARRAY, .pointer = "/tagsWithTime",
		.format = CRM_FORMAT_PLUCK, .operand = "/tag", .alternative = "/tags"},
	{.name = "archived", .type = CRM_BOOLEAN},
	{.name = "lost_reason_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "deal_source_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "custom_data", .type = CRM_JSONB,
		.description = "name and value of each custom field; dates as the account displays them"},
	{.name = "currency_conversion_value", .type = CRM_NUMERIC},
	{.name = "is_currency_update_required", .type = CRM_BOOLEAN,
		.pointer = "/isCurrencyUpdateRequired"},
	{.name = "note_created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/note_created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "apply_discount", .type = CRM_BOOLEAN},
	{.name = "discount_type", .type = CRM_TEXT, .description = "Value or Percent"},
	{.name = "discount_value", .type = CRM_NUMERIC},
	{.name = "discount_amt", .type = CRM_NUMERIC},
	{.name = "total_deal_value", .type = CRM_NUMERIC},
	{.name = "color_name", .type = CRM_TEXT, .pointer = "/colorName"},
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "note_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "tags_with_time", .type = CRM_JSONB, .pointer = "/tagsWithTime",
		.description = "createdTime is in milliseconds"},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "products", .type = CRM_JSONB},
	{.name = "notes", .type = CRM_JSONB},
	{.name = "owner", .type = CRM_JSONB},
};

static const CrmEntity deals = {
	.name = "deals",
	.description = "Deals of all tracks",
	.path = "/dev/api/opportunity",
	CURSOR_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(deal_columns)
};

static const CrmColumn track_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "milestones", .type = CRM_TEXT_ARRAY, .format = CRM_FORMAT_SPLIT_COMMA,
		.description = "in their order"},
	{.name = "is_default", .type = CRM_BOOLEAN, .pointer = "/isDefault"},
	{.name = "won_milestone", .type = CRM_TEXT},
	{.name = "lost_milestone", .type = CRM_TEXT},
	{.name = "deals_exist", .type = CRM_BOOLEAN},
};

#define TRACK_LIST \
	.path = "/dev/api/milestone/pipelines", WHOLE_LIST, .id = "/id"

static const CrmEntity tracks = {
	.name = "tracks",
	.description = "Pipelines of deals",
	TRACK_LIST,
	KEY("id"),
	.expected_rows = 3,
	COLUMNS(track_columns)
};

/* A milestone is no record: a track lists the names of its own in one text. */
static const CrmColumn milestone_columns[] = {
	{.name = "track_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	{.name = "track_name", .type = CRM_TEXT, .pointer = "/name", .source = CRM_FROM_OUTER},
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL},
	{.name = "name", .type = CRM_TEXT, .pointer = ""},
	{.name = "is_won", .type = CRM_BOOLEAN, .pointer = "", .format = CRM_FORMAT_EQUALS,
		.operand = "/won_milestone"},
	{.name = "is_lost", .type = CRM_BOOLEAN, .pointer = "", .format = CRM_FORMAT_EQUALS,
		.operand = "/lost_milestone"},
	{.name = "is_default_track", .type = CRM_BOOLEAN, .pointer = "/isDefault",
		.source = CRM_FROM_OUTER},
};

static const CrmEntity milestones = {
	.name = "milestones",
	.description = "Stages of each track",
	TRACK_LIST,
	.unnest = "/milestones",
	KEY("track_id", "position"),
	.expected_rows = 15,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(milestone_columns)
};

static const CrmColumn category_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT, .description = "encoded; label is for people"},
	{.name = "label", .type = CRM_TEXT},
	{.name = "sort_order", .type = CRM_INTEGER, .pointer = "/order"},
	{.name = "entity_type", .type = CRM_TEXT},
};

static const CrmEntity deal_sources = {
	.name = "deal_sources",
	.description = "Where deals come from",
	.path = "/dev/api/categories?entity_type=DEAL_SOURCE",
	.fallback_path = "/core/api/categories?entity_type=DEAL_SOURCE",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 10,
	COLUMNS(category_columns)
};

static const CrmEntity lost_reasons = {
	.name = "lost_reasons",
	.description = "Why deals were lost",
	.path = "/dev/api/categories?entity_type=DEAL_LOST_REASON",
	.fallback_path = "/core/api/categories?entity_type=DEAL_LOST_REASON",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 10,
	COLUMNS(category_columns)
};

/* ---------------------------------------------------------------------------
 * Activities
 * ---------------------------------------------------------------------------
 */

static const CrmColumn task_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "type", .type = CRM_TEXT,
		.description = "CALL, EMAIL, FOLLOW_UP, MEETING, MILESTONE, SEND, TWEET or OTHER"},
	{.name = "priority_type", .type = CRM_TEXT, .description = "HIGH, NORMAL or LOW"},
	{.name = "status", .type = CRM_TEXT,
		.description = "YET_TO_START, IN_PROGRESS or COMPLETED"},
	{.name = "subject", .type = CRM_TEXT},
	{.name = "task_description", .type = CRM_TEXT, .pointer = "/taskDescription"},
	{.name = "due_at", .type = CRM_TIMESTAMPTZ, .pointer = "/due",
		.format = CRM_FORMAT_UNIX_ANY,
		.description = "a date left empty, which arrives as one within a day of 1970-01-01, is NULL"},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "task_start_at", .type = CRM_TIMESTAMPTZ, .pointer = "/task_start_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "task_completed_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/task_completed_time", .format = CRM_FORMAT_UNIX_ANY},
	{.name = "task_ending_time", .type = CRM_TEXT, .description = "time of day, e.g. 12:00"},
	{.name = "is_complete", .type = CRM_BOOLEAN},
	{.name = "progress", .type = CRM_INTEGER, .description = "percent"},
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY, .pointer = "/contacts",
		.format = CRM_FORMAT_PLUCK, .operand = "/id"},
	{.name = "deal_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "note_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/taskOwner/id",
		.format = CRM_FORMAT_REFERENCE},
	OWNER_COLUMNS("/taskOwner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "owner_pic", .type = CRM_TEXT, .pointer = "/ownerPic"},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
	{.name = "notes", .type = CRM_JSONB},
	{.name = "task_owner", .type = CRM_JSONB, .pointer = "/taskOwner"},
};

/* Whether the list is paged is not documented; a list without cursor is whole. */
static const CrmEntity tasks = {
	.name = "tasks",
	.description = "Tasks of all users",
	.path = "/dev/api/tasks",
	CURSOR_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 5000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(task_columns)
};

static const CrmWindow event_window = {
	.from = "start",
	.to = "end",
	.pointer = "/start",
	.column = "start_at"
};

static const CrmColumn event_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "title", .type = CRM_TEXT},
	{.name = "description", .type = CRM_TEXT},
	{.name = "start_at", .type = CRM_TIMESTAMPTZ, .pointer = "/start",
		.format = CRM_FORMAT_UNIX_ANY, .description = "bounds on it limit the events that are read"},
	{.name = "end_at", .type = CRM_TIMESTAMPTZ, .pointer = "/end",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "all_day", .type = CRM_BOOLEAN, .pointer = "/allDay"},
	{.name = "is_event_starred", .type = CRM_BOOLEAN},
	{.name = "send_invite", .type = CRM_BOOLEAN, .pointer = "/sendInvite"},
	{.name = "color", .type = CRM_TEXT,
		.description = "the priority: red is high, #36C normal, green low"},
	{.name = "background_color", .type = CRM_TEXT, .pointer = "/backgroundColor"},
	{.name = "type", .type = CRM_TEXT},
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY, .pointer = "/contacts",
		.format = CRM_FORMAT_PLUCK, .operand = "/id"},
	{.name = "deal_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/owner/id",
		.format = CRM_FORMAT_REFERENCE},
	OWNER_COLUMNS("/owner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
	{.name = "search_range", .type = CRM_JSONB},
};

/* Both bounds are mandatory; an event in two slices comes twice, so id counts. */
static const CrmEntity events = {
	.name = "events",
	.description = "Appointments",
	.path = "/dev/api/events",
	.rows = "",
	.pager = CRM_PAGER_SLICES,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	.window = &event_window,
	KEY("id"),
	.expected_rows = 2000,
	COLUMNS(event_columns)
};

/*
 * There is no list of all notes.  A row is a note together with the record
 * that it was read below: a note on two contacts is two rows.
 */
static const CrmParent note_parents[] = {
	{.entity = "contacts", .column = "contact_id", .path = "/dev/api/contacts/{}/notes"},
	{.entity = "companies", .column = "contact_id", .path = "/dev/api/contacts/{}/notes"},
	{.entity = "deals", .column = "deal_id", .path = "/dev/api/opportunity/{}/notes"},
};

static const CrmColumn note_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "contact_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY,
		.description = "the contact or company that the note was read below, else NULL"},
	{.name = "deal_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY,
		.description = "the deal that the note was read below, else NULL"},
	{.name = "subject", .type = CRM_TEXT},
	{.name = "description", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY,
		.description = "all contacts and companies of the note"},
	{.name = "deal_ids", .type = CRM_BIGINT_ARRAY, .description = "all deals of the note"},
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/domainOwner/id",
		.format = CRM_FORMAT_REFERENCE},
	OWNER_COLUMNS("/domainOwner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
};

/* Asked without a page size, both lists are whole; "count" comes all the same. */
static const CrmEntity notes = {
	.name = "notes",
	.description = "Notes on a contact, company or deal",
	WHOLE_LIST,
	.id = "/id",
	PARENTS(note_parents),
	.raw_omit = paging_artefacts,
	KEY("id", "contact_id", "deal_id"),
	.expected_rows = 20000,
	COLUMNS(note_columns)
};

static const CrmParent document_parents[] = {
	{.entity = "contacts", .column = "contact_id",
	.path = "/dev/api/documents/contact/{}/docs"},
	{.entity = "companies", .column = "contact_id",
	.path = "/dev/api/documents/contact/{}/docs"},
};

static const CrmColumn document_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "contact_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY,
		.description = "the contact or company that the document was read below"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "dummy_name", .type = CRM_TEXT, .description = "the name in lower case"},
	{.name = "extension", .type = CRM_TEXT, .description = "the file's name"},
	{.name = "doc_type", .type = CRM_TEXT},
	{.name = "text", .type = CRM_TEXT},
	{.name = "template_type", .type = CRM_TEXT},
	{.name = "network_type", .type = CRM_TEXT, .description = "where the file lies, e.g. S3"},
	{.name = "url", .type = CRM_TEXT},
	{.name = "uploaded_at", .type = CRM_TIMESTAMPTZ, .pointer = "/uploaded_time",
		.format = CRM_FORMAT_UNIX_ANY},
	{.name = "size", .type = CRM_BIGINT, .description = "bytes"},
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY,
		.description = "all contacts and companies of the document"},
	{.name = "case_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "deal_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "owner_id", .type = CRM_BIGINT, .pointer = "/owner/id",
		.format = CRM_FORMAT_REFERENCE},
	OWNER_COLUMNS("/owner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "update", .type = CRM_BIGINT},
	{.name = "related_contacts", .type = CRM_JSONB, .pointer = "/relatedContacts"},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
};

static const CrmEntity documents = {
	.name = "documents",
	.description = "Documents of a contact or company",
	WHOLE_LIST,
	.id = "/id",
	PARENTS(document_parents),
	KEY("id", "contact_id"),
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(document_columns)
};

/* ---------------------------------------------------------------------------
 * Tickets
 *
 * They are listed through a saved filter only.  Every account has one that
 * matches tickets of any status; listing them by every filter would repeat
 * tickets.
 * ---------------------------------------------------------------------------
 */

static const CrmLookup all_tickets = {
	.path = "/dev/api/tickets/filters",
	.rows = "",
	.match = "/name",
	.value = "All Tickets",
	.take = "/id"
};

static const CrmColumn ticket_columns[] = {
	{.name = "id", .type = CRM_BIGINT, .description = "counts from 1 in each account"},
	{.name = "subject", .type = CRM_TEXT},
	{.name = "status", .type = CRM_TEXT, .description = "NEW, OPEN, PENDING or CLOSED"},
	{.name = "type", .type = CRM_TEXT,
		.description = "PROBLEM, INCIDENT, QUESTION or TASK"},
	{.name = "priority", .type = CRM_TEXT, .description = "LOW, MEDIUM, HIGH or URGENT"},
	{.name = "source", .type = CRM_TEXT},
	{.name = "requester_name", .type = CRM_TEXT},
	{.name = "requester_email", .type = CRM_TEXT},
	{.name = "requester_ip_address", .type = CRM_INET},
	{.name = "last_requester_name", .type = CRM_TEXT},
	{.name = "group_id", .type = CRM_BIGINT, .pointer = "/groupID",
		.format = CRM_FORMAT_REFERENCE, .alternative = "/group/id"},
	{.name = "assignee_id", .type = CRM_BIGINT, .pointer = "/assigneeID",
		.format = CRM_FORMAT_REFERENCE, .alternative = "/assignee/id",
		.description = "a user"},
	{.name = "contact_id", .type = CRM_BIGINT, .pointer = "/contactID",
		.format = CRM_FORMAT_REFERENCE, .alternative = "/contact/id"},
	{.name = "contact_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "created_by", .type = CRM_TEXT, .description = "CUSTOMER or AGENT"},
	{.name = "last_updated_by", .type = CRM_TEXT, .description = "REQUESTER or AGENT"},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .pointer = "/last_updated_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "assigned_at", .type = CRM_TIMESTAMPTZ, .pointer = "/assigned_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "first_replied_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/first_replied_time", .format = CRM_FORMAT_UNIX_MS},
	{.name = "last_agent_replied_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/last_agent_replied_time", .format = CRM_FORMAT_UNIX_MS},
	{.name = "last_customer_replied_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/last_customer_replied_time", .format = CRM_FORMAT_UNIX_MS},
	{.name = "closed_at", .type = CRM_TIMESTAMPTZ, .pointer = "/closed_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "due_at", .type = CRM_TIMESTAMPTZ, .pointer = "/due_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "assigned_to_group", .type = CRM_BOOLEAN},
	{.name = "attachments_exists", .type = CRM_BOOLEAN},
	{.name = "is_favorite", .type = CRM_BOOLEAN},
	{.name = "is_spam", .type = CRM_BOOLEAN},
	{.name = "is_compressed", .type = CRM_BOOLEAN},
	{.name = "is_private", .type = CRM_BOOLEAN, .pointer = "/isPrivate"},
	{.name = "user_replies_count", .type = CRM_INTEGER},
	{.name = "no_of_reopens", .type = CRM_INTEGER},
	{.name = "cc_emails", .type = CRM_TEXT_ARRAY},
	{.name = "first_notes_text", .type = CRM_TEXT},
	{.name = "last_reply_text", .type = CRM_TEXT},
	{.name = "html_text", .type = CRM_TEXT},
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "labels", .type = CRM_JSONB},
	{.name = "attachments_list", .type = CRM_JSONB},
	{.name = "ticket_group", .type = CRM_JSONB, .pointer = "/group"},
	{.name = "assignee", .type = CRM_JSONB},
	{.name = "contact", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "last_ticket_notes", .type = CRM_JSONB},
};

static const CrmEntity tickets = {
	.name = "tickets",
	.description = "Help desk tickets of any status",
	.path = "/dev/api/tickets/filter?filter_id={}&global_sort_key=-last_updated_time",
	CURSOR_LIST,
	.id = "/id",
	.lookup = &all_tickets,
	KEY("id"),
	.expected_rows = 5000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(ticket_columns)
};

static const CrmColumn ticket_filter_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "conditions", .type = CRM_JSONB, .description = "LHS, CONDITION and RHS of each"},
	{.name = "owner_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .pointer = "/updated_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "is_default_filter", .type = CRM_BOOLEAN},
	{.name = "ticket_groups", .type = CRM_JSONB, .pointer = "/ticketGroups"},
};

static const CrmEntity ticket_filters = {
	.name = "ticket_filters",
	.description = "Saved filters of tickets",
	.path = "/dev/api/tickets/filters",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 10,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(ticket_filter_columns)
};

static const CrmParent ticket_note_parents[] = {
	{.entity = "tickets", .column = "ticket_id", .path = "/dev/api/tickets/notes/{}"},
};

static const CrmColumn ticket_note_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "ticket_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "group_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "assignee_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE,
		.description = "a user"},
	{.name = "domain_user_id", .type = CRM_BIGINT, .pointer = "/domain_user/id",
		.format = CRM_FORMAT_REFERENCE, .description = "the user who wrote it"},
	{.name = "note_type", .type = CRM_TEXT, .description = "PUBLIC or PRIVATE"},
	{.name = "created_by", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "requester_name", .type = CRM_TEXT},
	{.name = "requester_email", .type = CRM_TEXT},
	{.name = "requester_viewed_at", .type = CRM_TIMESTAMPTZ,
		.pointer = "/requester_viewed_time", .format = CRM_FORMAT_UNIX_MS},
	{.name = "requester_viewed_email", .type = CRM_BOOLEAN},
	{.name = "plain_text", .type = CRM_TEXT},
	{.name = "html_text", .type = CRM_TEXT},
	{.name = "mime_object", .type = CRM_TEXT},
	{.name = "event_description", .type = CRM_TEXT},
	{.name = "feedback_flag", .type = CRM_BOOLEAN},
	{.name = "feedback_comment", .type = CRM_TEXT},
	{.name = "feedback_at", .type = CRM_TIMESTAMPTZ, .pointer = "/feedback_time",
		.format = CRM_FORMAT_UNIX_MS},
	{.name = "close_ticket", .type = CRM_BOOLEAN},
	{.name = "is_compressed", .type = CRM_BOOLEAN},
	{.name = "cc_emails", .type = CRM_TEXT_ARRAY},
	{.name = "attachments_list", .type = CRM_JSONB},
};

static const CrmEntity ticket_notes = {
	.name = "ticket_notes",
	.description = "Messages and notes of a ticket",
	WHOLE_LIST,
	.id = "/id",
	PARENTS(ticket_note_parents),
	KEY("id"),
	.expected_rows = 20000,
	COLUMNS(ticket_note_columns)
};

static const CrmColumn ticket_group_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "group_name", .type = CRM_TEXT},
	{.name = "group_email", .type = CRM_TEXT},
	{.name = "agents_keys", .type = CRM_BIGINT_ARRAY, .description = "ids of users"},
	{.name = "group_users", .type = CRM_JSONB},
};

static const CrmEntity ticket_groups = {
	.name = "ticket_groups",
	.description = "Groups of agents that tickets are assigned to",
	.path = "/dev/api/tickets/groups",
	.fallback_path = "/core/api/tickets/groups",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 5,
	COLUMNS(ticket_group_columns)
};

static const CrmColumn ticket_label_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "label", .type = CRM_TEXT},
};

static const CrmEntity ticket_labels = {
	.name = "ticket_labels",
	.description = "Labels for tickets",
	.path = "/dev/api/tickets/labels",
	.fallback_path = "/core/api/tickets/labels",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 10,
	COLUMNS(ticket_label_columns)
};

/* ---------------------------------------------------------------------------
 * The account
 * ---------------------------------------------------------------------------
 */

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
static const CrmEntity campaigns = {
	.name = "campaigns",
	.description = "Workflows; a contact's progress is in contacts.campaign_status",
	.path = "/dev/api/workflows",
	CURSOR_LIST,
	.max_page_size = 20,
	.id = "/id",
	KEY("id"),
	.expected_rows = 50,
	COLUMNS(campaign_columns)
};

static const CrmColumn tag_columns[] = {
	{.name = "tag", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/createdTime",
		.format = CRM_FORMAT_UNIX_MS, .description = "mostly not sent"},
	{.name = "available_count", .type = CRM_INTEGER, .pointer = "/availableCount"},
	{.name = "entity_type", .type = CRM_TEXT},
};

static const CrmEntity tags = {
	.name = "tags",
	.description = "Tags in use",
	.path = "/dev/api/tags",
	WHOLE_LIST,
	.id = "/tag",
	KEY("tag"),
	.expected_rows = 100,
	COLUMNS(tag_columns)
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

static const CrmEntity users = {
	.name = "users",
	.description = "Users of the account",
	.path = "/dev/api/users",
	WHOLE_LIST,
	.id = "/id",
	KEY("id"),
	.expected_rows = 20,
	COLUMNS(user_columns)
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

static const CrmEntity custom_fields = {
	.name = "custom_fields",
	.description = "Definitions of custom fields",
	.fallback_path = "/dev/api/custom-fields/scope/position?scope={}",
	WHOLE_LIST,
	.id = "/id",
	PARENTS(custom_field_parents),
	KEY("id"),
	.expected_rows = 30,
	.flags = CRM_ENTITY_FEW_PARENTS,
	COLUMNS(custom_field_columns)
};

/* In the order in which users see them. */
static const CrmEntity *const entities[] = {
	&contacts,
	&companies,
	&deals,
	&tasks,
	&tickets,
	&ticket_filters,
	&documents,
	&milestones,
	&tracks,
	&events,
	&notes,
	&campaigns,
	&tags,
	&users,
	&custom_fields,
	&deal_sources,
	&lost_reasons,
	&ticket_notes,
	&ticket_groups,
	&ticket_labels,
	&contact_properties,
	&company_properties,
};

const CrmApi crm_api_agilecrm = {
	.name = "agilecrm",
	.title = "Agile CRM",
	.hosts = "*.agilecrm.com",
	.roots = (const char *const[]) {"/dev/api", "/core/api", NULL},
	.auth = CRM_AUTH_EMAIL_KEY,
	.probe_path = "/dev/api/users/current-user",
	.rate_limit = "4/s",
	.block_seconds = 10,
	.pager = CRM_PAGER_CURSOR,
	.max_page_size = 200,
	.size_param = "page_size",
	.position_param = "cursor",
	.secret_keys = (const char *const[]) {
		"password", "api_key", "token", "access_token", NULL
	},
	.entities = entities,
	.nentities = CRM_LENGTH(entities)
};
