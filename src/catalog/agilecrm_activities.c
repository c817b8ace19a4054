/*
 * agilecrm_activities.c
 *		Agile CRM: tasks, events, notes and documents.
 */
#include "catalog/agilecrm.h"

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
	AGILE_OWNER_COLUMNS("/taskOwner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "owner_pic", .type = CRM_TEXT, .pointer = "/ownerPic"},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
	{.name = "notes", .type = CRM_JSONB},
	{.name = "task_owner", .type = CRM_JSONB, .pointer = "/taskOwner"},
};

#define TASK_ROWS \
	.name = "tasks", .description = "Tasks of all users", .id = "/id", AGILE_KEY("id"), \
	AGILE_COLUMNS(task_columns)

/* The vendor shows no sample of the list: what is nested in a task may differ. */
#define TASK_LACKS \
	AGILE_LACKS("contacts", "deals", "notes", "task_owner", "owner_pic", "raw")

static const CrmEntity task_by_id = {
	TASK_ROWS,
	AGILE_ONE("id", "/dev/api/tasks/{}")
};

/*
 * The selection takes one criterion and, as "type", its value: exactly, and in
 * upper case.  What it makes of another word than the documented ones (a
 * category of the account's own) is not known, so it is asked for these only.
 */
#define TASK_FILTER(column_, word) \
	{.column = (column_), .match = CRM_MATCH_EQUAL, .param = "type", \
		.only_column = (column_), .only_value = (word)}
#define SELECTED_TASKS(criterion, filters_) \
	TASK_ROWS, .path = "/dev/api/tasks/based?criteria=" criterion, AGILE_CURSOR_LIST, \
	AGILE_FILTERS(filters_), .expected_rows = 1500

static const CrmFilter task_type_filters[] = {
	TASK_FILTER("type", "CALL"),
	TASK_FILTER("type", "EMAIL"),
	TASK_FILTER("type", "FOLLOW_UP"),
	TASK_FILTER("type", "MEETING"),
	TASK_FILTER("type", "MILESTONE"),
	TASK_FILTER("type", "SEND"),
	TASK_FILTER("type", "TWEET"),
	TASK_FILTER("type", "OTHER"),
};

static const CrmFilter task_status_filters[] = {
	TASK_FILTER("status", "YET_TO_START"),
	TASK_FILTER("status", "IN_PROGRESS"),
	TASK_FILTER("status", "COMPLETED"),
};

static const CrmFilter task_priority_filters[] = {
	TASK_FILTER("priority_type", "HIGH"),
	TASK_FILTER("priority_type", "NORMAL"),
	TASK_FILTER("priority_type", "LOW"),
};

static const CrmEntity tasks_of_type = {SELECTED_TASKS("CATEGORY", task_type_filters)};
static const CrmEntity tasks_of_status = {SELECTED_TASKS("STATUS", task_status_filters)};
static const CrmEntity tasks_of_priority = {SELECTED_TASKS("PRIORITY", task_priority_filters)};

#define TASK_SELECTION	TASK_LACKS, .flags = CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER

static const CrmRoute task_routes[] = {
	{.list = &task_by_id, TASK_LACKS, .flags = CRM_ROUTE_UNCERTAIN},
	{.list = &tasks_of_type, TASK_SELECTION},
	{.list = &tasks_of_status, TASK_SELECTION},
	{.list = &tasks_of_priority, TASK_SELECTION},
};

/* Whether the list is paged is not documented; a list without cursor is whole. */
const CrmEntity crm_agile_tasks = {
	TASK_ROWS,
	.path = "/dev/api/tasks",
	AGILE_CURSOR_LIST,
	.expected_rows = 5000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_ROUTES(task_routes),
	.refresh_every = "1 hour"
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
		.format = CRM_FORMAT_UNIX_ANY, .description = "the option start_date applies to it"},
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
	AGILE_OWNER_COLUMNS("/owner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
	{.name = "search_range", .type = CRM_JSONB},
};

/*
 * Both bounds are mandatory; an event in two slices comes twice, so id counts.
 * Which events a bound selects (those that begin, end or last in between) is
 * not documented: start_date makes it narrower, a query must not.
 */
const CrmEntity crm_agile_events = {
	.name = "events",
	.description = "Appointments",
	.path = "/dev/api/events",
	.rows = "",
	.pager = CRM_PAGER_SLICES,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	.window = &event_window,
	AGILE_KEY("id"),
	.expected_rows = 2000,
	.refresh_every = "6 hours",
	AGILE_COLUMNS(event_columns)
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
	AGILE_OWNER_COLUMNS("/domainOwner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
};

/* Asked without a page size, both lists are whole; "count" comes all the same. */
const CrmEntity crm_agile_notes = {
	.name = "notes",
	.description = "Notes on a contact, company or deal",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_PARENTS(note_parents),
	.raw_omit = crm_agile_paging_artefacts,
	AGILE_KEY("id", "contact_id", "deal_id"),
	.expected_rows = 20000,
	.refresh_every = "6 hours",
	AGILE_COLUMNS(note_columns)
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
	AGILE_OWNER_COLUMNS("/owner"),
	{.name = "entity_type", .type = CRM_TEXT},
	{.name = "update", .type = CRM_BIGINT},
	{.name = "related_contacts", .type = CRM_JSONB, .pointer = "/relatedContacts"},
	{.name = "contacts", .type = CRM_JSONB, .description = "abridged, names in lower case"},
	{.name = "deals", .type = CRM_JSONB},
};

const CrmEntity crm_agile_documents = {
	.name = "documents",
	.description = "Documents of a contact or company",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_PARENTS(document_parents),
	AGILE_KEY("id", "contact_id"),
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_COLUMNS(document_columns)
};
