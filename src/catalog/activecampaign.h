/*
 * activecampaign.h
 *		Shared by the files that describe ActiveCampaign's entities.
 *
 * The API writes nearly every scalar as a string ("42", "0"/"1"), uses 0 for
 * "no such record", and gives its times either with the offset of Chicago or
 * as Chicago's wall clock without one.  The macros below name these habits, so
 * that a column is one line: SQL name, JSON Pointer, then anything else as
 * designated initialisers.
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

#define AC_COLUMNS(table) \
	.columns = (table), \
	.ncolumns = CRM_LENGTH(table)

/* The key of every entity that does not live below a parent: its id. */
extern const char *const crm_ac_key[];

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
