/*
 * agilecrm_tickets.c
 *		Agile CRM: the help desk.
 *
 * Tickets are listed through a saved filter only.  Every account has one that
 * matches tickets of any status; listing them by every filter would repeat
 * tickets.
 */
#include "catalog/agilecrm.h"

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

#define TICKET_ROWS \
	.name = "tickets", .description = "Help desk tickets of any status", .id = "/id", \
	AGILE_KEY("id"), AGILE_COLUMNS(ticket_columns)

/*
 * The single record is known from an earlier version, without a sample: what
 * the list adds from other records may not be in it.  The tickets of an e-mail
 * address are no route, as nothing says that all of them are sent.
 */
static const CrmEntity ticket_by_id = {
	TICKET_ROWS,
	AGILE_ONE("id", "/dev/api/tickets/{}")
};

static const CrmRoute ticket_routes[] = {
	{.list = &ticket_by_id,
		AGILE_LACKS("html_text", "labels", "attachments_list", "ticket_group", "assignee", "contact",
					"last_ticket_notes", "raw"),
		.flags = CRM_ROUTE_UNCERTAIN},
};

const CrmEntity crm_agile_tickets = {
	TICKET_ROWS,
	.path = "/dev/api/tickets/filter?filter_id={}",
	AGILE_CURSOR_LIST,
	.order = "global_sort_key=-last_updated_time",
	.order_pointer = "/last_updated_time",
	.lookup = &all_tickets,
	.expected_rows = 5000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_ROUTES(ticket_routes),
	AGILE_CHANGES_AT("updated_at"),
	.refresh_every = "1 hour"
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

const CrmEntity crm_agile_ticket_filters = {
	.name = "ticket_filters",
	.description = "Saved filters of tickets",
	.path = "/dev/api/tickets/filters",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 10,
	.flags = CRM_ENTITY_MAIN,
	AGILE_COLUMNS(ticket_filter_columns)
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

const CrmEntity crm_agile_ticket_notes = {
	.name = "ticket_notes",
	.description = "Messages and notes of a ticket",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_PARENTS(ticket_note_parents),
	AGILE_KEY("id"),
	.expected_rows = 20000,
	.refresh_every = "6 hours",
	AGILE_COLUMNS(ticket_note_columns)
};

static const CrmColumn ticket_group_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "group_name", .type = CRM_TEXT},
	{.name = "group_email", .type = CRM_TEXT},
	{.name = "agents_keys", .type = CRM_BIGINT_ARRAY, .description = "ids of users"},
	{.name = "group_users", .type = CRM_JSONB},
};

const CrmEntity crm_agile_ticket_groups = {
	.name = "ticket_groups",
	.description = "Groups of agents that tickets are assigned to",
	.path = "/dev/api/tickets/groups",
	.fallback_path = "/core/api/tickets/groups",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 5,
	.refresh_every = "7 days",
	AGILE_COLUMNS(ticket_group_columns)
};

static const CrmColumn ticket_label_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "label", .type = CRM_TEXT},
};

const CrmEntity crm_agile_ticket_labels = {
	.name = "ticket_labels",
	.description = "Labels for tickets",
	.path = "/dev/api/tickets/labels",
	.fallback_path = "/core/api/tickets/labels",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 10,
	.refresh_every = "7 days",
	AGILE_COLUMNS(ticket_label_columns)
};
