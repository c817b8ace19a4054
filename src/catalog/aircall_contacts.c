/*
 * aircall_contacts.c
 *		Aircall: contacts, their phone numbers and e-mail addresses.
 *
 * The search for contacts is not used.  It compares with single numbers and
 * addresses, and how is not documented: in upper and lower case, with blanks in
 * a number as some are stored, or all numbers of a contact or only its first.
 */
#include "catalog/aircall.h"

/* What every list of contacts, whole or unnested, is read with. */
#define CONTACT_LIST \
	.path = "/v1/contacts", AIRCALL_LIST("contacts"), \
	.order = "order_by=created_at&order=asc", .order_pointer = "/created_at"

static const CrmWindow contact_window = {
	.from = "from",
	.to = "to",
	.pointer = "/created_at",
	.column = "created_at"
};

static const CrmWindow contact_part_window = {
	.from = "from",
	.to = "to",
	.pointer = "/created_at",
	.column = "contact_created_at"
};

static const CrmColumn contact_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "first_name", .type = CRM_TEXT},
	{.name = "last_name", .type = CRM_TEXT},
	{.name = "company_name", .type = CRM_TEXT},
	{.name = "information", .type = CRM_TEXT},
	{.name = "description", .type = CRM_TEXT},
	{.name = "is_shared", .type = CRM_BOOLEAN},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "phone_numbers", .type = CRM_JSONB},
	{.name = "emails", .type = CRM_JSONB},
	{.name = "urls", .type = CRM_JSONB},
};

#define CONTACT_ROWS \
	.name = "contacts", AIRCALL_KEY("id"), AIRCALL_COLUMNS(contact_columns)

static const CrmEntity contact_by_id = {
	CONTACT_ROWS,
	AIRCALL_ONE("contact", "id", "/v1/contacts/{}")
};

/*
 * No parameter takes bounds of updated_at, whatever the list is sorted by.  What
 * changed is found by reading the contacts changed last, down to the bound.
 */
static const CrmEntity contacts_by_change = {
	CONTACT_ROWS,
	.path = "/v1/contacts", .rows = "/contacts", .id = "/id",
	.pager = CRM_PAGER_WALK, .completeness = CRM_COMPLETE_COUNTED,
	.order = "order_by=updated_at&order=desc", .order_pointer = "/updated_at",
	.sort_column = "updated_at", .unsorted_pointer = "/created_at",
	.expected_rows = 10000
};

static const CrmRoute contact_routes[] = {
	{.list = &contact_by_id},
	{.list = &contacts_by_change, .flags = CRM_ROUTE_UNCERTAIN},
};

/*
 * lookback is for contacts that change while the plain list is read, on pages
 * already read.
 */
const CrmEntity crm_aircall_contacts = {
	CONTACT_ROWS,
	.description = "Shared contacts; those synchronised from integrations are not visible",
	CONTACT_LIST,
	.window = &contact_window,
	.expected_rows = 10000,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(contact_routes),
	.cursor_column = "updated_at",
	.refresh_every = "6 hours",
	.lookback = "1 day"
};

/* Rows unnested from a contact: its phone numbers and its addresses. */
static const CrmColumn contact_detail_columns[] = {
	{.name = "contact_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	{.name = "contact_created_at", .type = CRM_TIMESTAMPTZ, .pointer = "/created_at",
		.format = CRM_FORMAT_UNIX, .source = CRM_FROM_OUTER,
		.description = "bounds on it limit the contacts that are read"},
	{.name = "id", .type = CRM_BIGINT},
	{.name = "label", .type = CRM_TEXT},
	{.name = "value", .type = CRM_TEXT},
};

/*
 * The elements of an array in each contact: of all contacts, or of one.  None
 * of their columns moves when a contact gets another number.
 */
#define CONTACT_PART_ROWS(table, array) \
	.name = (table), .unnest = (array), AIRCALL_KEY("id"), AIRCALL_COLUMNS(contact_detail_columns)
#define CONTACT_PARTS(table, array) \
	CONTACT_PART_ROWS(table, array), \
	CONTACT_LIST, .window = &contact_part_window, \
	.routes = (const CrmRoute[]) {{.list = &(const CrmEntity) { \
		CONTACT_PART_ROWS(table, array), \
		AIRCALL_ONE("contact", "contact_id", "/v1/contacts/{}") \
	}}}, \
	.nroutes = 1, \
	.refresh_every = "6 hours"

const CrmEntity crm_aircall_contact_phone_numbers = {
	.description = "Phone numbers of contacts",
	CONTACT_PARTS("contact_phone_numbers", "/phone_numbers"),
	.expected_rows = 12000
};

const CrmEntity crm_aircall_contact_emails = {
	.description = "E-mail addresses of contacts",
	CONTACT_PARTS("contact_emails", "/emails"),
	.expected_rows = 8000
};
