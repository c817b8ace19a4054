/*
 * aircall_calls.c
 *		Aircall: calls, and the tables made of the arrays in them.
 *
 * A list of calls holds null in "contact" and in the short URLs, and no
 * timeline at all, unless a flag asks for them.  Nothing tells that a call has
 * changed: its costs follow within minutes, its recording within a day, tags
 * and comments at any time.
 */
#include "catalog/aircall.h"

/* What every list of calls, whole or unnested, is read with. */
#define CALL_LIST \
	AIRCALL_LIST("calls"), .order = "order=asc", .order_pointer = "/started_at"

/*
 * A call is complete a day after its end, unless somebody tags or comments it
 * later.  The second day is for long calls, and for tags of the day after.
 */
#define CALL_REFRESH(column_) \
	.cursor_column = (column_), .refresh_every = "1 hour", .lookback = "2 days"

static const CrmWindow call_window = {
	.from = "from",
	.to = "to",
	.pointer = "/started_at",
	.column = "started_at"
};

/* The same window for the rows unnested from calls. */
static const CrmWindow call_part_window = {
	.from = "from",
	.to = "to",
	.pointer = "/started_at",
	.column = "call_started_at"
};

static const char *const call_raw_omit[] = {
	"contact", "recording_short_url", "voicemail_short_url",
	"ivr_options_selected", "ai_voice_agents", NULL
};

static const CrmColumn call_columns[] = {
	{.name = "id", .type = CRM_BIGINT,
		.description = "asked for by its id, a call is found even if the list no longer has it"},
	{.name = "sid", .type = CRM_TEXT,
		.description = "the telephony provider's id"},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "direction", .type = CRM_TEXT, .description = "inbound or outbound"},
	{.name = "status", .type = CRM_TEXT,
		.description = "initial, answered or done; a missed call is done, see is_missed"},
	{.name = "missed_call_reason", .type = CRM_TEXT,
		.description = "of unanswered inbound calls"},
	{.name = "started_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX,
		.description = "may move by a second within minutes after the call"},
	{.name = "answered_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "ended_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX,
		.description = "NULL while the call is live"},
	{.name = "duration", .type = CRM_INTEGER, .description = "seconds, ringing included"},
	{.name = "ringing_duration", .type = CRM_INTEGER, .pointer = "/started_at",
		.format = CRM_FORMAT_SECONDS_UNTIL, .operand = "/answered_at",
		.alternative = "/ended_at",
		.description = "seconds until the call was answered or, failing that, ended"},
	{.name = "talking_duration", .type = CRM_INTEGER, .pointer = "/answered_at",
		.format = CRM_FORMAT_SECONDS_UNTIL, .operand = "/ended_at",
		.description = "seconds between answer and end; NULL if not answered"},
	{.name = "is_missed", .type = CRM_BOOLEAN, .pointer = "/direction",
		.format = CRM_FORMAT_MISSED_CALL, .operand = "/answered_at", .alternative = "/ended_at",
		.description = "inbound, over and not answered"},
	{.name = "archived", .type = CRM_BOOLEAN},
	{.name = "cost", .type = CRM_NUMERIC, .format = CRM_FORMAT_CENTS,
		.description = "US dollars; 0 until the call is billed; deprecated by Aircall"},
	{.name = "pricing_type", .type = CRM_TEXT},
	{.name = "country_code_a2", .type = CRM_TEXT},
	{.name = "raw_digits", .type = CRM_TEXT,
		.description = "the other party, with blanks for reading, or anonymous"},
	{.name = "user_id", .type = CRM_BIGINT, .pointer = "/user/id",
		.format = CRM_FORMAT_REFERENCE, .description = "who made or answered the call"},
	{.name = "number_id", .type = CRM_BIGINT, .pointer = "/number/id",
		.format = CRM_FORMAT_REFERENCE},
	{.name = "contact_id", .type = CRM_BIGINT, .pointer = "/contact/id",
		.format = CRM_FORMAT_REFERENCE, .request_flag = "fetch_contact=true"},
	{.name = "assigned_to_id", .type = CRM_BIGINT, .pointer = "/assigned_to/id",
		.format = CRM_FORMAT_REFERENCE, .description = "a user"},
	{.name = "transferred_by_id", .type = CRM_BIGINT, .pointer = "/transferred_by/id",
		.format = CRM_FORMAT_REFERENCE, .description = "a user"},
	{.name = "transferred_to_id", .type = CRM_BIGINT, .pointer = "/transferred_to/id",
		.format = CRM_FORMAT_REFERENCE,
		.description = "a user; of a team, its first user"},
	{.name = "tag_ids", .type = CRM_BIGINT_ARRAY, .pointer = "/tags",
		.format = CRM_FORMAT_PLUCK, .operand = "/id"},
	{.name = "recording", .type = CRM_TEXT, .flags = CRM_COL_VOLATILE,
		.description = "URL that expires after an hour"},
	{.name = "voicemail", .type = CRM_TEXT, .flags = CRM_COL_VOLATILE,
		.description = "URL that expires after an hour"},
	{.name = "recording_short_url", .type = CRM_TEXT, .flags = CRM_COL_VOLATILE,
		.request_flag = "fetch_short_urls=true",
		.description = "URL that expires after three hours"},
	{.name = "voicemail_short_url", .type = CRM_TEXT, .flags = CRM_COL_VOLATILE,
		.request_flag = "fetch_short_urls=true",
		.description = "URL that expires after three hours"},
	{.name = "asset", .type = CRM_TEXT,
		.description = "page that needs a login to the Aircall dashboard"},
	{.name = "contact", .type = CRM_JSONB, .request_flag = "fetch_contact=true"},
	{.name = "tags", .type = CRM_JSONB},
	{.name = "comments", .type = CRM_JSONB},
	{.name = "teams", .type = CRM_JSONB, .description = "inbound calls only"},
};

#define CALL_ROWS \
	.name = "calls", .raw_omit = call_raw_omit, AIRCALL_KEY("id"), AIRCALL_COLUMNS(call_columns)

/* Every list of calls, searched or not, is put in order and counted alike. */
#define WHOLE_CALL_LIST \
	CALL_ROWS, CALL_LIST, .window = &call_window, \
	.sort_column = "started_at", .order_desc = "order=desc"

/*
 * user_id is documented as the user who made or received the call, and so is
 * the user in a call.  Of a transferred call that may be said of two users, so
 * calls that show another one may come along.
 *
 * Two more parameters can cost calls and are not listed.  phone_number finds a
 * transferred call only by where it went.  How tags are written (tags[], or one
 * text with commas) is not documented, and the wrong way finds nothing.
 */
static const CrmFilter call_filters[] = {
	{.column = "direction", .match = CRM_MATCH_EQUAL, .param = "direction",
		.grade = CRM_GRADE_EXACT},
	{.column = "user_id", .match = CRM_MATCH_EQUAL, .param = "user_id"},
};

static const CrmEntity calls_searched = {
	WHOLE_CALL_LIST,
	.path = "/v1/calls/search",
	AIRCALL_FILTERS(call_filters),
	.expected_rows = 20000,
	.flags = CRM_ENTITY_COUNTABLE
};

static const CrmEntity call_by_id = {
	CALL_ROWS,
	AIRCALL_ONE("call", "id", "/v1/calls/{}")
};

/* A search may refuse a value that no call has, such as a third direction. */
static const CrmRoute call_routes[] = {
	{.list = &call_by_id},
	{.list = &calls_searched, .flags = CRM_ROUTE_NEEDS_FILTER | CRM_ROUTE_UNCERTAIN},
};

const CrmEntity crm_aircall_calls = {
	WHOLE_CALL_LIST,
	.description = "Calls of the months that Aircall keeps, without internal ones",
	.path = "/v1/calls",
	.expected_rows = 50000,
	.flags = CRM_ENTITY_MAIN | CRM_ENTITY_COUNTABLE,
	AIRCALL_ROUTES(call_routes),
	CALL_REFRESH("started_at")
};

/* ---------------------------------------------------------------------------
 * Arrays in calls
 * ---------------------------------------------------------------------------
 */

/* What every row unnested from a call starts with. */
#define CALL_PART_COLUMNS \
	{.name = "call_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER}, \
	{.name = "call_started_at", .type = CRM_TIMESTAMPTZ, .pointer = "/started_at", \
		.format = CRM_FORMAT_UNIX, .source = CRM_FROM_OUTER, \
		.description = "bounds on it limit the calls that are read"}

/* The elements of an array in each call: of all calls, or of one. */
#define CALL_PART_ROWS(table, array, columns_, ...) \
	.name = (table), .unnest = (array), AIRCALL_COLUMNS(columns_), AIRCALL_KEY(__VA_ARGS__)
#define CALL_PARTS(table, array, columns_, flag, ...) \
	CALL_PART_ROWS(table, array, columns_, __VA_ARGS__), \
	.path = "/v1/calls" flag, CALL_LIST, .window = &call_part_window, \
	.routes = (const CrmRoute[]) {{.list = &(const CrmEntity) { \
		CALL_PART_ROWS(table, array, columns_, __VA_ARGS__), \
		AIRCALL_ONE("call", "call_id", "/v1/calls/{}" flag) \
	}}}, \
	.nroutes = 1, \
	CALL_REFRESH("call_started_at")

static const CrmColumn call_comment_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "content", .type = CRM_TEXT},
	{.name = "posted_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "posted_by_id", .type = CRM_BIGINT, .pointer = "/posted_by/id",
		.format = CRM_FORMAT_REFERENCE,
		.description = "a user; NULL for comments made through the API"},
};

const CrmEntity crm_aircall_call_comments = {
	.description = "Comments on calls, at most five each",
	CALL_PARTS("call_comments", "/comments", call_comment_columns, "", "id"),
	.expected_rows = 20000
};

static const CrmColumn call_tag_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "id", .type = CRM_BIGINT, .description = "the tag's id"},
	{.name = "tag_id", .type = CRM_BIGINT, .pointer = "/id", .description = "the same as id"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX,
		.alternative = "/tagged_at"},
	{.name = "tagged_by_id", .type = CRM_BIGINT, .pointer = "/tagged_by/id",
		.format = CRM_FORMAT_REFERENCE, .description = "a user"},
};

const CrmEntity crm_aircall_call_tags = {
	.description = "Which call has which tag",
	CALL_PARTS("call_tags", "/tags", call_tag_columns, "", "call_id", "id"),
	.expected_rows = 50000
};

static const CrmColumn call_team_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "id", .type = CRM_BIGINT, .description = "the team's id"},
	{.name = "team_id", .type = CRM_BIGINT, .pointer = "/id", .description = "the same as id"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

const CrmEntity crm_aircall_call_teams = {
	.description = "Which teams an inbound call rang",
	CALL_PARTS("call_teams", "/teams", call_team_columns, "", "call_id", "id"),
	.expected_rows = 30000
};

static const CrmColumn call_participant_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL},
	{.name = "id", .type = CRM_TEXT, .description = "NULL if type is external"},
	{.name = "type", .type = CRM_TEXT, .description = "user, contact or external"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "phone_number", .type = CRM_TEXT, .description = "NULL if type is user"},
};

const CrmEntity crm_aircall_call_participants = {
	.description = "Participants of conference calls",
	CALL_PARTS("call_participants", "/conference_participants", call_participant_columns, "",
			   "call_id", "position"),
	.expected_rows = 1000
};

static const CrmColumn call_ivr_option_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL},
	{.name = "id", .type = CRM_TEXT},
	{.name = "title", .type = CRM_TEXT},
	{.name = "key", .type = CRM_TEXT, .description = "the key the caller pressed"},
	{.name = "branch", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "transition_started_at", .type = CRM_TIMESTAMPTZ,
		.format = CRM_FORMAT_ISO8601},
	{.name = "transition_ended_at", .type = CRM_TIMESTAMPTZ,
		.format = CRM_FORMAT_ISO8601},
};

const CrmEntity crm_aircall_call_ivr_options = {
	.description = "Menu options chosen by callers, kept for two months",
	CALL_PARTS("call_ivr_options", "/ivr_options_selected", call_ivr_option_columns,
			   "?fetch_call_timeline=true", "call_id", "position"),
	.expected_rows = 20000
};

static const CrmColumn call_ai_voice_agent_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL},
	{.name = "agent_id", .type = CRM_TEXT},
	{.name = "agent_name", .type = CRM_TEXT},
	{.name = "end_reason", .type = CRM_TEXT},
	{.name = "started_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "ended_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "escalation_reason", .type = CRM_TEXT},
	{.name = "escalation_target", .type = CRM_JSONB,
		.description = "type (branch, user, team or external) and destination"},
};

const CrmEntity crm_aircall_call_ai_voice_agents = {
	.description = "Parts of calls that an AI voice agent handled",
	CALL_PARTS("call_ai_voice_agents", "/ai_voice_agents", call_ai_voice_agent_columns,
			   "?fetch_aiva_conv=true", "call_id", "position"),
	.expected_rows = 1000
};
