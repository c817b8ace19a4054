/*
 * agilecrm_deals.c
 *		Agile CRM: deals, their tracks and what they are sorted by.
 */
#include "catalog/agilecrm.h"

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
	AGILE_OWNER_COLUMNS("/owner"),
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

#define DEAL_ROWS \
	.name = "deals", .description = "Deals of all tracks, with the account's custom fields", \
	.id = "/id", AGILE_KEY("id"), \
	AGILE_COLUMNS(deal_columns)

/*
 * A deal that is read in another way than by the list may nest other records
 * in another length: in the vendor's samples a single deal's owner has more
 * members, and the deals of a track have members of their own.
 */
#define DEAL_LACKS	AGILE_LACKS("contacts", "notes", "owner", "raw")

static const CrmEntity deal_by_id = {
	DEAL_ROWS,
	AGILE_ONE("id", "/dev/api/opportunity/{}")
};

/*
 * The list of a track; the ids 0 and 1 ask for the default track and for all.
 * Whether it has archived deals is not documented, so it is not read for them.
 * It also takes a milestone, an owner and a contact, but that is known from an
 * earlier version only.
 */
static const CrmFilter track_filters[] = {
	{.column = "pipeline_id", .match = CRM_MATCH_EQUAL, .param = "pipeline_id",
		.only_column = "archived", .only_value = "false"},
};

static const CrmEntity deals_of_track = {
	DEAL_ROWS,
	.path = "/dev/api/opportunity/based",
	AGILE_CURSOR_LIST,
	AGILE_FILTERS(track_filters),
	.expected_rows = 700
};

/*
 * The other times of a deal are stored in two units, and whether the index
 * knows which one is not documented.
 */
static const CrmFilter search_rules[] = {
	AGILE_TIME_RULES("created_at", "created_time"),
	AGILE_TIME_RULES("updated_at", "updated_time"),
};

static const CrmEntity deals_searched = {
	DEAL_ROWS,
	.path = "/dev/api/deal/filters/filter/dynamic-filter",
	.post_form = true,
	AGILE_CURSOR_LIST,
	AGILE_FILTERS(search_rules),
	.rules_param = "filterJson",
	.expected_rows = 200
};

static const CrmRoute deal_routes[] = {
	{.list = &deal_by_id, DEAL_LACKS, .flags = CRM_ROUTE_UNCERTAIN},
	{.list = &deals_of_track, DEAL_LACKS,
		.flags = CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER},
	{.list = &deals_searched, DEAL_LACKS,
		.flags = CRM_ROUTE_SEARCH_INDEX | CRM_ROUTE_UNCERTAIN | CRM_ROUTE_NEEDS_FILTER},
};

static const CrmCustomFields deal_custom = {
	AGILE_CUSTOM("DEAL"),
	.types = crm_agile_deal_field_types,
	.rules = crm_agile_deal_field_rules,
	.within = "/custom_data"
};

const CrmEntity crm_agile_deals = {
	DEAL_ROWS,
	.custom = &deal_custom,
	.path = "/dev/api/opportunity",
	AGILE_CURSOR_LIST,
	.expected_rows = 2000,
	.flags = CRM_ENTITY_MAIN,
	AGILE_ROUTES(deal_routes),
	AGILE_CHANGES_AT("updated_at"),
	.refresh_every = "6 hours"
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
	.path = "/dev/api/milestone/pipelines", AGILE_WHOLE_LIST, .id = "/id"

const CrmEntity crm_agile_tracks = {
	.name = "tracks",
	.description = "Pipelines of deals",
	TRACK_LIST,
	AGILE_KEY("id"),
	.expected_rows = 3,
	AGILE_COLUMNS(track_columns)
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

const CrmEntity crm_agile_milestones = {
	.name = "milestones",
	.description = "Stages of each track",
	TRACK_LIST,
	.unnest = "/milestones",
	AGILE_KEY("track_id", "position"),
	.expected_rows = 15,
	.flags = CRM_ENTITY_MAIN,
	AGILE_COLUMNS(milestone_columns)
};

static const CrmColumn category_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT, .description = "encoded; label is for people"},
	{.name = "label", .type = CRM_TEXT},
	{.name = "sort_order", .type = CRM_INTEGER, .pointer = "/order"},
	{.name = "entity_type", .type = CRM_TEXT},
};

const CrmEntity crm_agile_deal_sources = {
	.name = "deal_sources",
	.description = "Where deals come from",
	.path = "/dev/api/categories?entity_type=DEAL_SOURCE",
	.fallback_path = "/core/api/categories?entity_type=DEAL_SOURCE",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 10,
	.refresh_every = "7 days",
	AGILE_COLUMNS(category_columns)
};

const CrmEntity crm_agile_lost_reasons = {
	.name = "lost_reasons",
	.description = "Why deals were lost",
	.path = "/dev/api/categories?entity_type=DEAL_LOST_REASON",
	.fallback_path = "/core/api/categories?entity_type=DEAL_LOST_REASON",
	AGILE_WHOLE_LIST,
	.id = "/id",
	AGILE_KEY("id"),
	.expected_rows = 10,
	.refresh_every = "7 days",
	AGILE_COLUMNS(category_columns)
};
