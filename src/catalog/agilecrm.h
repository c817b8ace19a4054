/*
 * agilecrm.h
 *		Shared by the files that describe Agile CRM's entities.
 *
 * Which filters are in the catalogue: the vendor's documentation is old and
 * short, and much is known only from an earlier version of the service.  A
 * parameter is listed if the vendor documents it and what is left open about
 * it cannot cost a record.  Paths that may be gone, or that may dislike a
 * value, are CRM_ROUTE_UNCERTAIN.  What the search index answers is left to
 * the option search_filters, and even there only fields are listed that it is
 * documented to know and that it cannot miss for another reason than its lag:
 * tags and times, but no text (it compares tokens) and no numbers, of which it
 * cannot hold large ones.  Of an account's own fields it knows those marked
 * searchable; see crm_agile_field_rules.
 */
#ifndef CRM_AGILECRM_H
#define CRM_AGILECRM_H

#include "catalog/catalog.h"

#define AGILE_COLUMNS(array)	.columns = (array), .ncolumns = CRM_LENGTH(array)
#define AGILE_FILTERS(array)	.filters = (array), .nfilters = CRM_LENGTH(array)
#define AGILE_ROUTES(array)		.routes = (array), .nroutes = CRM_LENGTH(array)
#define AGILE_PARENTS(array)	.parents = (array), .nparents = CRM_LENGTH(array)
#define AGILE_KEY(...)			.key = (const char *const[]) {__VA_ARGS__, NULL}

/* How the lists of this API are read: page by page, or in one answer. */
#define AGILE_CURSOR_LIST \
	.rows = "", .pager = CRM_PAGER_CURSOR, .completeness = CRM_COMPLETE_KEYSET, \
	.raw_omit = crm_agile_paging_artefacts
#define AGILE_WHOLE_LIST \
	.rows = "", .pager = CRM_PAGER_SINGLE, .completeness = CRM_COMPLETE_KEYSET

/* A route's list: the one record that the column names. */
#define AGILE_ONE(column_, path_) \
	AGILE_WHOLE_LIST, AGILE_BELOW(column_, path_), .flags = CRM_ENTITY_RECORD, .expected_rows = 1

/* The user a record belongs to: columns for the object at pointer_. */
#define AGILE_OWNER_COLUMNS(pointer_) \
	{.name = "owner_email", .type = CRM_TEXT, .pointer = pointer_ "/email"}, \
	{.name = "owner_name", .type = CRM_TEXT, .pointer = pointer_ "/name"}

/* A route's only parent: the column whose value fills the path. */
#define AGILE_BELOW(column_, path_) \
	.parents = (const CrmParent[]) {{.column = (column_), .path = (path_)}}, .nparents = 1

/* The columns that a route does not answer for. */
#define AGILE_LACKS(...)		.lacks = (const char *const[]) {__VA_ARGS__, NULL}

/*
 * A rule of a dynamic filter for both bounds of a time.  Bounds travel in
 * milliseconds whatever the unit of the field.  They are compared by the
 * second; an earlier version compared calendar days, and its AFTER left out
 * the whole day of the bound.  A day has up to 25 hours.
 */
#define AGILE_TIME_RULES(column_, field) \
	{.column = (column_), .param = (field), AGILE_AFTER}, \
	{.column = (column_), .param = (field), AGILE_BEFORE}
#define AGILE_AFTER \
	.match = CRM_MATCH_AFTER, .condition = "AFTER", .send = CRM_SEND_UNIX_MS, .widen = 25 * 3600
#define AGILE_BEFORE \
	.match = CRM_MATCH_BEFORE, .condition = "BEFORE", .send = CRM_SEND_UNIX_MS, .widen = 25 * 3600

/*
 * How copies are kept up to date.  Except for tickets, the time of the last
 * change is NULL, not the time of creation, until a record is changed for the
 * first time.  Lists and above all the search index show a change with a delay
 * that nobody documents; a day is ample.
 */
#define AGILE_CHANGES_AT(column_) \
	.cursor_column = (column_), .lookback = "1 day"

/*
 * Custom fields.  Their values stand in the record, under the label that the
 * definition has now.  Dates are moments, the start of the day in a time zone
 * that the API does not tell, except in deals, where they are text.
 */
#define AGILE_CUSTOM(scope_) \
	.definitions = &crm_agile_custom_fields, .scope = (scope_), \
	.label = "field_label", .type = "field_type", \
	.ruled = "searchable"

/* Members of a record that belong to the page it came with. */
extern const char *const crm_agile_paging_artefacts[];

/* What the words for kinds of custom fields mean; dates are text in deals. */
extern const CrmFieldType crm_agile_field_types[];
extern const CrmFieldType crm_agile_deal_field_types[];

/* The account's own numbers and dates as the search index knows them; of deals only numbers. */
extern const CrmFieldRule crm_agile_field_rules[];
extern const CrmFieldRule crm_agile_deal_field_rules[];

/* agilecrm_contacts.c */
extern const CrmEntity crm_agile_contacts;
extern const CrmEntity crm_agile_companies;
extern const CrmEntity crm_agile_contact_properties;
extern const CrmEntity crm_agile_company_properties;

/* agilecrm_deals.c */
extern const CrmEntity crm_agile_deals;
extern const CrmEntity crm_agile_tracks;
extern const CrmEntity crm_agile_milestones;
extern const CrmEntity crm_agile_deal_sources;
extern const CrmEntity crm_agile_lost_reasons;

/* agilecrm_activities.c */
extern const CrmEntity crm_agile_tasks;
extern const CrmEntity crm_agile_events;
extern const CrmEntity crm_agile_notes;
extern const CrmEntity crm_agile_documents;

/* agilecrm_tickets.c */
extern const CrmEntity crm_agile_tickets;
extern const CrmEntity crm_agile_ticket_filters;
extern const CrmEntity crm_agile_ticket_notes;
extern const CrmEntity crm_agile_ticket_groups;
extern const CrmEntity crm_agile_ticket_labels;

/* agilecrm_settings.c */
extern const CrmEntity crm_agile_campaigns;
extern const CrmEntity crm_agile_tags;
extern const CrmEntity crm_agile_users;
extern const CrmEntity crm_agile_custom_fields;

#endif							/* CRM_AGILECRM_H */
