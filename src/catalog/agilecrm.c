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
#include "catalog/agilecrm.h"

const char *const crm_agile_paging_artefacts[] = {"cursor", "count", NULL};

/* In the order in which users see them. */
static const CrmEntity *const entities[] = {
	&crm_agile_contacts,
	&crm_agile_companies,
	&crm_agile_deals,
	&crm_agile_tasks,
	&crm_agile_tickets,
	&crm_agile_ticket_filters,
	&crm_agile_documents,
	&crm_agile_milestones,
	&crm_agile_tracks,
	&crm_agile_events,
	&crm_agile_notes,
	&crm_agile_campaigns,
	&crm_agile_tags,
	&crm_agile_users,
	&crm_agile_custom_fields,
	&crm_agile_deal_sources,
	&crm_agile_lost_reasons,
	&crm_agile_ticket_notes,
	&crm_agile_ticket_groups,
	&crm_agile_ticket_labels,
	&crm_agile_contact_properties,
	&crm_agile_company_properties,
};

const CrmApi crm_api_agilecrm = {
	.name = "agilecrm",
	.title = "Agile CRM",
	.hosts = "*.agilecrm.com",
	.roots = (const char *const[]) {"/dev/api", "/core/api", NULL},
	.auth = CRM_AUTH_EMAIL_KEY,
	.probe_path = "/dev/api/users/current-user",
	.key_facts = {
		.sign = "/id",
		.owner = (const char *const[]) {"/name", "/email", NULL},
		.admin_pointer = "/is_admin",
		.admin_advice = "Use the e-mail and REST key of an administrator: another user's key may leave records out without a word.",
	},
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
