/*
 * activecampaign.h
 *		Shared by the files that describe ActiveCampaign's entities.
 *
 * The API writes nearly every scalar as a string ("42", "0"/"1"), uses 0 for
 * "no such record", and gives its times either with the offset of Chicago or
 * as Chicago's wall clock without one.  The macros below name these habits, so
 * that a column is one line: SQL name, JSON Pointer, then anything else as
 * designated initialisers.  So are a filter and a route.
 */
#ifndef CRM_ACTIVECAMPAIGN_H
#define CRM_ACTIVECAMPAIGN_H

#include "catalog/catalog.h"

/* Columns ---------------------------------------------------------------- */

#define AC_COLUMN(sqlname, sqltype, path, ...) \
	{.name = (sqlname), .type = (sqltype), .pointer = (path), __VA_ARGS__}

#define AC_BIGINT(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_BIGINT, path, __VA_ARGS__)
#define AC_INTEGER(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_INTEGER, path, __VA_ARGS__)
#define AC_SMALLINT(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_SMALLINT, path, __VA_ARGS__)
#define AC_NUMERIC(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_NUMERIC, path, __VA_ARGS__)
#define AC_BOOLEAN(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_BOOLEAN, path, __VA_ARGS__)
#define AC_TEXT(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_TEXT, path, __VA_ARGS__)
#define AC_JSONB(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_JSONB, path, __VA_ARGS__)
#define AC_TEXTS(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_TEXT_ARRAY, path, __VA_ARGS__)

/* A time; one without offset is Chicago's wall clock. */
#define AC_TIME(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_TIMESTAMPTZ, path, .format = CRM_FORMAT_CHICAGO, __VA_ARGS__)

/* A time of the newer services, where one without offset is UTC. */
#define AC_UTC(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_TIMESTAMPTZ, path, .format = CRM_FORMAT_ISO8601, __VA_ARGS__)

/* Another record's id; AC_REF2 where the API sends it under two names. */
#define AC_REF(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_BIGINT, path, .format = CRM_FORMAT_REFERENCE, __VA_ARGS__)
#define AC_REF2(sqlname, path, second, ...) \
	AC_REF(sqlname, path, .alternative = (second), __VA_ARGS__)
#define AC_REFS(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_BIGINT_ARRAY, path, __VA_ARGS__)

/* Money, sent in hundredths of its currency, and the currency's code. */
#define AC_MONEY(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_NUMERIC, path, .format = CRM_FORMAT_CENTS, __VA_ARGS__)
#define AC_CURRENCY(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_TEXT, path, .format = CRM_FORMAT_UPPER, __VA_ARGS__)

/* An IPv4 address, sent as a number. */
#define AC_INET(sqlname, path, ...) \
	AC_COLUMN(sqlname, CRM_INET, path, .format = CRM_FORMAT_IPV4, __VA_ARGS__)

/* The word for the code at path. */
#define AC_LABEL(sqlname, path, words, ...) \
	AC_COLUMN(sqlname, CRM_TEXT, path, .format = CRM_FORMAT_LABEL, .labels = (words), __VA_ARGS__)

/* The id of the record the list was asked below. */
#define AC_PARENT(sqlname, sqltype, ...) \
	AC_COLUMN(sqlname, sqltype, NULL, .source = CRM_FROM_PARENT_KEY, __VA_ARGS__)

/* The record's own id, and who made and changed it (NULL: the system). */
#define AC_ID			AC_BIGINT("id", "/id")
#define AC_AUTHORS \
	AC_REF("created_by", "/created_by"), \
	AC_REF("updated_by", "/updated_by")

/* Entities --------------------------------------------------------------- */

/* A list whose path and array have the same name. */
#define AC_LIST(resource) \
	.path = "/api/3/" resource, \
	.rows = "/" resource, \
	.pager = CRM_PAGER_OFFSET, \
	.id = "/id", \
	.key = crm_ac_key

/* A list that exists only below the given parents. */
#define AC_BELOW(array, above, keycolumns) \
	.rows = "/" array, \
	.pager = CRM_PAGER_OFFSET, \
	.completeness = CRM_COMPLETE_BEST_EFFORT, \
	.parents = (above), \
	.nparents = CRM_LENGTH(above), \
	.id = "/id", \
	.key = (keycolumns)

/*
 * How a full read is proven.  COUNTED: the API gives a total and takes an
 * order.  ORDERED: it does, but the total may count records that this key is
 * not shown.  UNORDERED: no order is documented that holds for every record.
 */
#define AC_COUNTED(query, path) \
	.completeness = CRM_COMPLETE_COUNTED, \
	.order = (query), \
	.order_pointer = (path)
#define AC_ORDERED(query, path) \
	.completeness = CRM_COMPLETE_BEST_EFFORT, \
	.order = (query), \
	.order_pointer = (path)
#define AC_UNORDERED \
	.completeness = CRM_COMPLETE_BEST_EFFORT

/*
 * Custom fields.  The values of a page's records come beside them, in one more
 * array, if the list is asked for it: known from clients, not documented, so an
 * answer without that array must be expected.
 */
#define AC_FIELD_VALUES(table, owner, text) \
	.values = &(table), \
	.record = (owner), \
	.field = "field_id", \
	.value = (text)
#define AC_BESIDE(array) \
	.include = "include=" array, \
	.beside = "/" array

#define AC_COLUMNS(table) \
	.columns = (table), \
	.ncolumns = CRM_LENGTH(table)

/* What belongs to the set-up of an account and is hardly ever touched. */
#define AC_WEEKLY		.refresh_every = "7 days"

/* What changes with the deals. */
#define AC_TWICE_A_DAY	.refresh_every = "12 hours"

/* Filters ---------------------------------------------------------------- */

/*
 * Which parameters are listed: those the documentation names and that, whatever
 * it leaves open about them, cannot cost a record for which SQL says true.
 *
 * Lists below a record that is named by a parameter ("contacts?listid=1") have
 * no filters at all.  Nobody says that the API keeps to that parameter when it
 * is given another one, and no column of the record could tell.
 */
#define AC_FILTER(sqlname, kind, parameter, ...) \
	{.column = (sqlname), .match = (kind), .param = (parameter), __VA_ARGS__}

/*
 * Column = value.  Most parameters for texts are documented as "filter by the
 * name" without a word on whether that means the whole name or a part of it,
 * nor on upper and lower case; for equality both readings do.
 */
#define AC_EQUAL(sqlname, parameter, ...) \
	AC_FILTER(sqlname, CRM_MATCH_EQUAL, parameter, __VA_ARGS__)

/* The same where the parameter is documented as just that id. */
#define AC_EXACT(sqlname, parameter, ...) \
	AC_EQUAL(sqlname, parameter, .grade = CRM_GRADE_EXACT, __VA_ARGS__)

/* The word for a code; stands beside the filter by the code. */
#define AC_WORD(sqlname, parameter, ...) \
	AC_EQUAL(sqlname, parameter, .send = CRM_SEND_CODE, __VA_ARGS__)

/* Texts that begin with or contain the value, where that is documented. */
#define AC_PREFIX(sqlname, parameter) \
	AC_FILTER(sqlname, CRM_MATCH_PREFIX, parameter)
#define AC_SUBSTRING(sqlname, parameter) \
	AC_FILTER(sqlname, CRM_MATCH_SUBSTRING, parameter)

/* A text whose parameter takes an operator. */
#define AC_TEXT_OPERATORS(sqlname, parameter) \
	AC_EQUAL(sqlname, parameter "[eq]"), \
	AC_PREFIX(sqlname, parameter "[starts_with]"), \
	AC_SUBSTRING(sqlname, parameter "[contains]")

/*
 * Both bounds of a time.  They are declared as dates, and what the API makes of
 * a time is known only in part: whether it cuts it to its day, whether "after"
 * a day leaves that day out, and in which zone all of that is meant.  For a lower
 * bound that can cost a day, and the seven hours by which a zone can be west of
 * Chicago; an upper one is cut at a midnight besides.
 */
#define AC_AFTER_MARGIN		((24 + 7) * 3600)
#define AC_BEFORE_MARGIN	(2 * 86400)
#define AC_TIMES(sqlname, after, before) \
	AC_FILTER(sqlname, CRM_MATCH_AFTER, after, .send = CRM_SEND_CHICAGO, .widen = AC_AFTER_MARGIN), \
	AC_FILTER(sqlname, CRM_MATCH_BEFORE, before, .send = CRM_SEND_CHICAGO, .widen = AC_BEFORE_MARGIN)

#define AC_FILTERS(table) \
	.filters = (table), \
	.nfilters = CRM_LENGTH(table)

/* Routes ----------------------------------------------------------------- */

/*
 * A route reads the records of the table "sqltable" with its columns, from the
 * array or object at "at", below the one parent that the column names.  What
 * follows are columns that it may show otherwise than the list does; raw is
 * always one of them.
 */
#define AC_ROUTE(sqltable, itscolumns, at, how, complete, by, location, ...) \
	.list = &(const CrmEntity) { \
		.name = (sqltable), \
		.rows = (at), \
		.pager = (how), \
		.completeness = (complete), \
		.parents = (const CrmParent[]) {{.column = (by), .path = (location)}}, \
		.nparents = 1, \
		.id = "/id", \
		.key = crm_ac_key, \
		.flags = (how) == CRM_PAGER_SINGLE ? CRM_ENTITY_RECORD : 0, \
		.expected_rows = (how) == CRM_PAGER_SINGLE ? 1 : 5, \
		AC_COLUMNS(itscolumns) \
	}, \
	.lacks = (const char *const[]) {"raw", ##__VA_ARGS__, NULL}

/*
 * A record by its id.  Campaigns and lists have no such route: they can be marked
 * as deleted, and it may still find one that the list no longer shows.
 */
#define AC_BY_ID(sqltable, itscolumns, resource, singular, ...) \
	AC_ROUTE(sqltable, itscolumns, "/" singular, CRM_PAGER_SINGLE, CRM_COMPLETE_KEYSET, \
			 "id", "/api/3/" resource "/{}", ##__VA_ARGS__)
#define AC_SINGLE(...) \
	{AC_BY_ID(__VA_ARGS__)}

/* The same where the path was seen to work but is not documented. */
#define AC_SINGLE_UNCERTAIN(...) \
	{AC_BY_ID(__VA_ARGS__), .flags = CRM_ROUTE_UNCERTAIN}

/*
 * The records of one parent.  Records outlive a parent that is deleted: then
 * this list is gone (404) and the whole one still has them.
 */
#define AC_NESTED(sqltable, itscolumns, by, location, array, ...) \
	{AC_ROUTE(sqltable, itscolumns, "/" array, CRM_PAGER_OFFSET, CRM_COMPLETE_BEST_EFFORT, \
			  by, location, ##__VA_ARGS__), \
		.flags = CRM_ROUTE_UNCERTAIN}
#define AC_OF_CONTACT(sqltable, itscolumns, array, ...) \
	AC_NESTED(sqltable, itscolumns, "contact_id", "/api/3/contacts/{}/" array, array, ##__VA_ARGS__)

#define AC_ROUTES(table) \
	.routes = (table), \
	.nroutes = CRM_LENGTH(table)

/* Shared rows ------------------------------------------------------------ */

/* The key of every entity that does not live below a parent: its id. */
extern const char *const crm_ac_key[];

/* What the words for kinds of custom fields mean; times without offset are UTC in one. */
extern const CrmFieldType crm_ac_contact_field_types[];
extern const CrmFieldType crm_ac_field_types[];

/* The states of an automation. */
extern const CrmLabel crm_ac_automation_status[];

/* activecampaign_contacts.c */
extern const CrmEntity crm_ac_contacts;
extern const CrmEntity crm_ac_list_members;
extern const CrmEntity crm_ac_tag_members;
extern const CrmEntity crm_ac_segment_members;
extern const CrmEntity crm_ac_automation_members;
extern const CrmEntity crm_ac_contact_lists;
extern const CrmEntity crm_ac_contact_tags;
extern const CrmEntity crm_ac_contact_automations;
extern const CrmEntity crm_ac_contact_field_values;
extern const CrmEntity crm_ac_notes;
extern const CrmEntity crm_ac_activities;
extern const CrmEntity crm_ac_email_activities;
extern const CrmEntity crm_ac_bounce_logs;
extern const CrmEntity crm_ac_contact_tracking_logs;
extern const CrmEntity crm_ac_contact_logs;
extern const CrmEntity crm_ac_contact_score_values;
extern const CrmEntity crm_ac_contact_goals;
extern const CrmEntity crm_ac_contact_geo_ips;
extern const CrmEntity crm_ac_automation_entry_counts;

/* activecampaign_deals.c */
extern const CrmEntity crm_ac_deals;
extern const CrmEntity crm_ac_deal_pipelines;
extern const CrmEntity crm_ac_deal_stages;
extern const CrmEntity crm_ac_deal_tasks;
extern const CrmEntity crm_ac_task_types;
extern const CrmEntity crm_ac_task_outcomes;
extern const CrmEntity crm_ac_tasktype_outcome_rels;
extern const CrmEntity crm_ac_deal_activities;
extern const CrmEntity crm_ac_contact_deals;
extern const CrmEntity crm_ac_deal_roles;
extern const CrmEntity crm_ac_deal_custom_fields;
extern const CrmEntity crm_ac_deal_field_values;
extern const CrmEntity crm_ac_accounts;
extern const CrmEntity crm_ac_account_contacts;
extern const CrmEntity crm_ac_account_custom_fields;
extern const CrmEntity crm_ac_account_field_values;

/* activecampaign_marketing.c */
extern const CrmEntity crm_ac_campaigns;
extern const CrmEntity crm_ac_campaign_links;
extern const CrmEntity crm_ac_messages;
extern const CrmEntity crm_ac_templates;
extern const CrmEntity crm_ac_personalizations;
extern const CrmEntity crm_ac_automations;
extern const CrmEntity crm_ac_lists;
extern const CrmEntity crm_ac_list_exclusions;
extern const CrmEntity crm_ac_segments;
extern const CrmEntity crm_ac_audiences;
extern const CrmEntity crm_ac_forms;
extern const CrmEntity crm_ac_tags;
extern const CrmEntity crm_ac_scores;
extern const CrmEntity crm_ac_saved_responses;

/* activecampaign_ecommerce.c */
extern const CrmEntity crm_ac_ecommerce_connections;
extern const CrmEntity crm_ac_ecommerce_customers;
extern const CrmEntity crm_ac_ecommerce_orders;
extern const CrmEntity crm_ac_ecommerce_order_products;

/* activecampaign_settings.c */
extern const CrmEntity crm_ac_users;
extern const CrmEntity crm_ac_groups;
extern const CrmEntity crm_ac_group_limits;
extern const CrmEntity crm_ac_custom_fields;
extern const CrmEntity crm_ac_field_options;
extern const CrmEntity crm_ac_field_rels;
extern const CrmEntity crm_ac_group_definitions;
extern const CrmEntity crm_ac_group_members;
extern const CrmEntity crm_ac_addresses;
extern const CrmEntity crm_ac_brandings;
extern const CrmEntity crm_ac_calendars;
extern const CrmEntity crm_ac_webhooks;
extern const CrmEntity crm_ac_webhook_events;
extern const CrmEntity crm_ac_event_tracking_events;
extern const CrmEntity crm_ac_url_whitelistings;
extern const CrmEntity crm_ac_custom_object_schemas;
extern const CrmEntity crm_ac_custom_object_records;

#endif							/* CRM_ACTIVECAMPAIGN_H */
