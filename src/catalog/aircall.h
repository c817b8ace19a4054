/*
 * aircall.h
 *		Shared by the files that describe Aircall's entities.
 *
 * Which filters and routes are in the catalogue: a parameter is listed if it is
 * documented and what is left open about it cannot cost a record.  A route to a
 * single record lacks the columns that were seen to differ from the list's, and
 * those that are documented but were never seen in the list.
 */
#ifndef CRM_AIRCALL_H
#define CRM_AIRCALL_H

#include "catalog/catalog.h"

#define AIRCALL_COLUMNS(array)	.columns = (array), .ncolumns = CRM_LENGTH(array)
#define AIRCALL_FILTERS(array)	.filters = (array), .nfilters = CRM_LENGTH(array)
#define AIRCALL_ROUTES(array)	.routes = (array), .nroutes = CRM_LENGTH(array)
#define AIRCALL_KEY(...)		.key = (const char *const[]) {__VA_ARGS__, NULL}
#define AIRCALL_PARENT(...)		.parents = (const CrmParent[]) {{__VA_ARGS__}}, .nparents = 1

/* How lists are read: numbered pages, proven by the total in meta. */
#define AIRCALL_LIST(array) \
	.rows = "/" array, .pager = CRM_PAGER_NUMBER, .completeness = CRM_COMPLETE_COUNTED, \
	.id = "/id"

/* A route's list: the one record that the column names. */
#define AIRCALL_ONE(object, column_, path_) \
	.rows = "/" object, .pager = CRM_PAGER_SINGLE, .completeness = CRM_COMPLETE_KEYSET, \
	.id = "/id", AIRCALL_PARENT(.column = (column_), .path = (path_)), .expected_rows = 1

/* The columns that a route does not answer for. */
#define AIRCALL_LACKS(...)		.lacks = (const char *const[]) {__VA_ARGS__, NULL}

/* aircall_calls.c */
extern const CrmEntity crm_aircall_calls;
extern const CrmEntity crm_aircall_call_comments;
extern const CrmEntity crm_aircall_call_tags;
extern const CrmEntity crm_aircall_call_teams;
extern const CrmEntity crm_aircall_call_participants;
extern const CrmEntity crm_aircall_call_ivr_options;
extern const CrmEntity crm_aircall_call_ai_voice_agents;

/* aircall_insights.c */
extern const CrmEntity crm_aircall_call_transcriptions;
extern const CrmEntity crm_aircall_call_summaries;
extern const CrmEntity crm_aircall_call_sentiments;
extern const CrmEntity crm_aircall_call_topics;
extern const CrmEntity crm_aircall_call_action_items;
extern const CrmEntity crm_aircall_call_evaluations;
extern const CrmEntity crm_aircall_call_predicted_csats;
extern const CrmEntity crm_aircall_call_custom_summary_results;
extern const CrmEntity crm_aircall_call_playbook_results;

/* aircall_users.c */
extern const CrmEntity crm_aircall_users;
extern const CrmEntity crm_aircall_user_availabilities;
extern const CrmEntity crm_aircall_teams;
extern const CrmEntity crm_aircall_team_users;
extern const CrmEntity crm_aircall_numbers;
extern const CrmEntity crm_aircall_user_numbers;
extern const CrmEntity crm_aircall_number_users;
extern const CrmEntity crm_aircall_dialer_campaigns;
extern const CrmEntity crm_aircall_dialer_campaign_numbers;

/* aircall_contacts.c */
extern const CrmEntity crm_aircall_contacts;
extern const CrmEntity crm_aircall_contact_phone_numbers;
extern const CrmEntity crm_aircall_contact_emails;

/* aircall_settings.c */
extern const CrmEntity crm_aircall_tags;
extern const CrmEntity crm_aircall_company;
extern const CrmEntity crm_aircall_webhooks;
extern const CrmEntity crm_aircall_integration;
extern const CrmEntity crm_aircall_a2p_campaign_associations;
extern const CrmEntity crm_aircall_sms_templates;

#endif							/* CRM_AIRCALL_H */
