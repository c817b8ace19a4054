/*
 * aircall_users.c
 *		Aircall: users, teams, numbers, and who belongs to which.
 *
 * Users are read by v2: v1 announced the end of its user list.  These lists
 * take from and to, but what that compares is only documented loosely and the
 * lists are short, so they have no window.
 */
#include "catalog/aircall.h"

static const CrmColumn user_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "email", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "available", .type = CRM_BOOLEAN, .description = "now, by working hours"},
	{.name = "availability_status", .type = CRM_TEXT,
		.description = "available, custom or unavailable"},
	{.name = "substatus", .type = CRM_TEXT,
		.description = "always_opened, always_closed or a reason"},
	{.name = "state", .type = CRM_TEXT},
	{.name = "time_zone", .type = CRM_TEXT},
	{.name = "language", .type = CRM_TEXT},
	{.name = "wrap_up_time", .type = CRM_INTEGER, .description = "seconds"},
	{.name = "extension", .type = CRM_TEXT, .description = "with leading zeros"},
	{.name = "default_number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
};

#define USER_ROWS \
	.name = "users", AIRCALL_KEY("id"), AIRCALL_COLUMNS(user_columns)

static const CrmEntity user_by_id = {
	USER_ROWS,
	AIRCALL_ONE("user", "id", "/v2/users/{}")
};

static const CrmEntity user_by_email = {
	USER_ROWS,
	AIRCALL_ONE("user", "email", "/v2/users/{}")
};

/* An address that is not found may be one that is written differently: the list tells. */
static const CrmRoute user_routes[] = {
	{.list = &user_by_id},
	{.list = &user_by_email, .flags = CRM_ROUTE_UNCERTAIN},
};

const CrmEntity crm_aircall_users = {
	USER_ROWS,
	.description = "Agents and admins",
	.path = "/v2/users",
	AIRCALL_LIST("users"),
	.order = "order=asc",
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(user_routes)
};

/* The abridged user inside a team or a number. */
#define MEMBER_COLUMNS \
	{.name = "id", .type = CRM_BIGINT, .description = "the user's id"}, \
	{.name = "user_id", .type = CRM_BIGINT, .pointer = "/id", \
		.description = "the same as id"}, \
	{.name = "direct_link", .type = CRM_TEXT}, \
	{.name = "name", .type = CRM_TEXT}, \
	{.name = "email", .type = CRM_TEXT}, \
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601}, \
	{.name = "availability_status", .type = CRM_TEXT}, \
	{.name = "time_zone", .type = CRM_TEXT}, \
	{.name = "language", .type = CRM_TEXT}, \
	{.name = "wrap_up_time", .type = CRM_INTEGER, .description = "seconds"}

static const CrmColumn team_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "users", .type = CRM_JSONB},
};

#define TEAM_ROWS \
	.name = "teams", AIRCALL_KEY("id"), AIRCALL_COLUMNS(team_columns)

static const CrmEntity team_by_id = {
	TEAM_ROWS,
	AIRCALL_ONE("team", "id", "/v1/teams/{}")
};

/* The members of a single team lack two members of the list's. */
static const CrmRoute team_routes[] = {
	{.list = &team_by_id, AIRCALL_LACKS("users", "raw")},
};

const CrmEntity crm_aircall_teams = {
	TEAM_ROWS,
	.description = "Teams of users",
	.path = "/v1/teams",
	AIRCALL_LIST("teams"),
	.order = "order=asc",
	.expected_rows = 20,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(team_routes)
};

static const CrmColumn team_user_columns[] = {
	{.name = "team_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	MEMBER_COLUMNS,
	{.name = "default_number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
};

const CrmEntity crm_aircall_team_users = {
	.name = "team_users",
	.description = "Which user is in which team",
	.path = "/v1/teams",
	AIRCALL_LIST("teams"),
	.order = "order=asc",
	.unnest = "/users",
	AIRCALL_KEY("team_id", "id"),
	.expected_rows = 100,
	AIRCALL_COLUMNS(team_user_columns)
};

static const CrmColumn user_availability_columns[] = {
	{.name = "id", .type = CRM_BIGINT, .description = "the user's id"},
	{.name = "availability", .type = CRM_TEXT,
		.description = "at the moment of the request: available, offline, do_not_disturb, "
		"in_call or after_call_work"},
};

/* The answer for one user is {"availability": "..."}, without the id. */
static const CrmColumn availability_of_user_columns[] = {
	{.name = "id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "availability", .type = CRM_TEXT},
};

static const CrmEntity availability_of_user = {
	.name = "user_availabilities",
	.rows = "",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	AIRCALL_PARENT(.column = "id", .path = "/v1/users/{}/availability"),
	AIRCALL_KEY("id"),
	.flags = CRM_ENTITY_RECORD,
	.expected_rows = 1,
	AIRCALL_COLUMNS(availability_of_user_columns)
};

static const CrmRoute user_availability_routes[] = {
	{.list = &availability_of_user, AIRCALL_LACKS("raw")},
};

const CrmEntity crm_aircall_user_availabilities = {
	.name = "user_availabilities",
	.description = "What each user is doing now; there is no history",
	.path = "/v1/users/availabilities",
	AIRCALL_LIST("users"),
	.order = "order=asc",
	AIRCALL_KEY("id"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_COLUMNS(user_availability_columns),
	AIRCALL_ROUTES(user_availability_routes),
	.refresh_every = "15 minutes"
};

#define NUMBER_COLUMNS \
	{.name = "direct_link", .type = CRM_TEXT}, \
	{.name = "name", .type = CRM_TEXT}, \
	{.name = "digits", .type = CRM_TEXT, .description = "with blanks for reading"}, \
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601}, \
	{.name = "country", .type = CRM_TEXT, .description = "ISO code of two letters"}, \
	{.name = "time_zone", .type = CRM_TEXT}, \
	{.name = "open", .type = CRM_BOOLEAN, \
		.description = "deprecated by Aircall, stale on numbers with a Smartflow"}, \
	{.name = "availability_status", .type = CRM_TEXT, \
		.description = "open, custom or closed"}, \
	{.name = "is_ivr", .type = CRM_BOOLEAN, .description = "deprecated by Aircall"}, \
	{.name = "live_recording_activated", .type = CRM_BOOLEAN}, \
	{.name = "priority", .type = CRM_INTEGER, .description = "NULL, 0 or 1"}, \
	{.name = "messages", .type = CRM_JSONB, .description = "URLs of the audio files"}

static const CrmColumn number_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	NUMBER_COLUMNS,
};

#define NUMBER_ROWS \
	.name = "numbers", AIRCALL_KEY("id"), AIRCALL_COLUMNS(number_columns)

static const CrmEntity number_by_id = {
	NUMBER_ROWS,
	AIRCALL_ONE("number", "id", "/v1/numbers/{}")
};

/*
 * A single number has its users.  Numbers inside of calls were seen with another
 * priority and other messages than in the list; a single one may be like them.
 */
static const CrmRoute number_routes[] = {
	{.list = &number_by_id, AIRCALL_LACKS("priority", "messages", "raw")},
};

const CrmEntity crm_aircall_numbers = {
	NUMBER_ROWS,
	.description = "The company's phone numbers",
	.path = "/v1/numbers",
	AIRCALL_LIST("numbers"),
	.order = "order=asc",
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(number_routes)
};

static const CrmColumn user_number_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT, .description = "the number's id"},
	{.name = "number_id", .type = CRM_BIGINT, .pointer = "/id",
		.description = "the same as id"},
	NUMBER_COLUMNS,
	{.name = "flow_editor_enabled", .type = CRM_BOOLEAN},
};

const CrmEntity crm_aircall_user_numbers = {
	.name = "user_numbers",
	.description = "Which user answers which number",
	AIRCALL_LIST("numbers"),
	AIRCALL_PARENT(.entity = "users", .column = "user_id", .path = "/v2/users/{}/numbers"),
	AIRCALL_KEY("user_id", "id"),
	.expected_rows = 100,
	.flags = CRM_ENTITY_FEW_PARENTS,
	AIRCALL_COLUMNS(user_number_columns)
};

static const CrmColumn number_user_columns[] = {
	{.name = "number_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	MEMBER_COLUMNS,
};

/* The list of numbers leaves the users out, the single record has them. */
const CrmEntity crm_aircall_number_users = {
	.name = "number_users",
	.description = "Which number rings which user",
	.rows = "/number/users",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.id = "/id",
	AIRCALL_PARENT(.entity = "numbers", .column = "number_id", .path = "/v1/numbers/{}"),
	AIRCALL_KEY("number_id", "id"),
	.expected_rows = 100,
	.flags = CRM_ENTITY_FEW_PARENTS,
	AIRCALL_COLUMNS(number_user_columns)
};

static const CrmColumn dialer_campaign_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

/* Seen with and without the envelope "dialer_campaign", like the leaves of calls. */
const CrmEntity crm_aircall_dialer_campaigns = {
	.name = "dialer_campaigns",
	.description = "A user's dialer campaign, if there is one",
	.rows = "",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.id = "/id",
	AIRCALL_PARENT(.entity = "users", .column = "user_id", .path = "/v1/users/{}/dialer_campaign"),
	AIRCALL_KEY("user_id"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_FEW_PARENTS | CRM_ENTITY_RECORD,
	AIRCALL_COLUMNS(dialer_campaign_columns)
};

static const CrmColumn dialer_campaign_number_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number", .type = CRM_TEXT, .description = "a phone number"},
	{.name = "called", .type = CRM_BOOLEAN},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

/* No total is documented; were the list unpaged, page 2 would repeat page 1. */
const CrmEntity crm_aircall_dialer_campaign_numbers = {
	.name = "dialer_campaign_numbers",
	.description = "Phone numbers queued in a user's dialer campaign",
	.rows = "/numbers",
	.pager = CRM_PAGER_PAGE,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	AIRCALL_PARENT(.entity = "users", .column = "user_id",
		   .path = "/v1/users/{}/dialer_campaign/phone_numbers"),
	AIRCALL_KEY("user_id", "id"),
	.expected_rows = 500,
	.flags = CRM_ENTITY_FEW_PARENTS,
	AIRCALL_COLUMNS(dialer_campaign_number_columns)
};
