/*
 * aircall.c
 *		The Aircall Public API (v1, and v2 for users) as data.
 *
 * Lists answer {"<plural>": [...], "meta": {...}} and are paged by number; the
 * position page * per_page must not exceed 10,000, whatever the list.  A
 * per_page above the maximum is clamped in silence, so the page size that
 * counts is the one in meta.
 *
 * The bounds of calls and contacts are measured: on calls "from" excludes the
 * second it names, everything else includes it.  Users, numbers and
 * availabilities take the same parameters, but what these compare is only
 * documented loosely, so they have no window here.
 *
 * Times are unix seconds on calls, comments, call tags and contacts, and ISO
 * 8601 texts on everything else.
 */
#include "catalog/catalog.h"

#define COLUMNS(array)	.columns = (array), .ncolumns = CRM_LENGTH(array)
#define KEY(...)		.key = (const char *const[]) {__VA_ARGS__, NULL}
#define PARENT(...)		.parents = (const CrmParent[]) {{__VA_ARGS__}}, .nparents = 1

/* ---------------------------------------------------------------------------
 * Calls
 *
 * A list of calls holds null in "contact" and in the short URLs, and no
 * timeline at all, unless a flag asks for them.
 * ---------------------------------------------------------------------------
 */

/* What every list of calls, whole or unnested, is read with. */
#define CALL_LIST \
	.rows = "/calls", .pager = CRM_PAGER_NUMBER, .completeness = CRM_COMPLETE_COUNTED, \
	.id = "/id", .order = "order=asc", .order_pointer = "/started_at"

static const CrmWindow call_window = {
	.from = "from",
	.to = "to",
	.from_exclusive = true,
	.pointer = "/started_at",
	.column = "started_at"
};

/* The same window for the rows unnested from calls. */
static const CrmWindow call_part_window = {
	.from = "from",
	.to = "to",
	.from_exclusive = true,
	.pointer = "/started_at",
	.column = "call_started_at"
};

static const char *const call_raw_omit[] = {
	"contact", "recording_short_url", "voicemail_short_url",
	"ivr_options_selected", "ai_voice_agents", NULL
};

static const CrmColumn call_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
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
		.format = CRM_FORMAT_REFERENCE},
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

static const CrmEntity calls = {
	.name = "calls",
	.description = "Calls of the months that Aircall keeps, without internal ones",
	.path = "/v1/calls",
	CALL_LIST,
	.window = &call_window,
	.raw_omit = call_raw_omit,
	KEY("id"),
	.expected_rows = 50000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(call_columns)
};

/* What every row unnested from a call starts with. */
#define CALL_PART_COLUMNS \
	{.name = "call_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER}, \
	{.name = "call_started_at", .type = CRM_TIMESTAMPTZ, .pointer = "/started_at", \
		.format = CRM_FORMAT_UNIX, .source = CRM_FROM_OUTER, \
		.description = "bounds on it limit the calls that are read"}

static const CrmColumn call_comment_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "content", .type = CRM_TEXT},
	{.name = "posted_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_UNIX},
	{.name = "posted_by_id", .type = CRM_BIGINT, .pointer = "/posted_by/id",
		.format = CRM_FORMAT_REFERENCE,
		.description = "a user; NULL for comments made through the API"},
};

static const CrmEntity call_comments = {
	.name = "call_comments",
	.description = "Comments on calls, at most five each",
	.path = "/v1/calls",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/comments",
	KEY("id"),
	.expected_rows = 20000,
	COLUMNS(call_comment_columns)
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

static const CrmEntity call_tags = {
	.name = "call_tags",
	.description = "Which call has which tag",
	.path = "/v1/calls",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/tags",
	KEY("call_id", "id"),
	.expected_rows = 50000,
	COLUMNS(call_tag_columns)
};

static const CrmColumn call_team_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "id", .type = CRM_BIGINT, .description = "the team's id"},
	{.name = "team_id", .type = CRM_BIGINT, .pointer = "/id", .description = "the same as id"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

static const CrmEntity call_teams = {
	.name = "call_teams",
	.description = "Which teams an inbound call rang",
	.path = "/v1/calls",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/teams",
	KEY("call_id", "id"),
	.expected_rows = 30000,
	COLUMNS(call_team_columns)
};

static const CrmColumn call_participant_columns[] = {
	CALL_PART_COLUMNS,
	{.name = "position", .type = CRM_INTEGER, .source = CRM_FROM_ORDINAL},
	{.name = "id", .type = CRM_TEXT, .description = "NULL if type is external"},
	{.name = "type", .type = CRM_TEXT, .description = "user, contact or external"},
	{.name = "name", .type = CRM_TEXT},
	{.name = "phone_number", .type = CRM_TEXT, .description = "NULL if type is user"},
};

static const CrmEntity call_participants = {
	.name = "call_participants",
	.description = "Participants of conference calls",
	.path = "/v1/calls",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/conference_participants",
	KEY("call_id", "position"),
	.expected_rows = 1000,
	COLUMNS(call_participant_columns)
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

static const CrmEntity call_ivr_options = {
	.name = "call_ivr_options",
	.description = "Menu options chosen by callers, kept for two months",
	.path = "/v1/calls?fetch_call_timeline=true",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/ivr_options_selected",
	KEY("call_id", "position"),
	.expected_rows = 20000,
	COLUMNS(call_ivr_option_columns)
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

static const CrmEntity call_ai_voice_agents = {
	.name = "call_ai_voice_agents",
	.description = "Parts of calls that an AI voice agent handled",
	.path = "/v1/calls?fetch_aiva_conv=true",
	CALL_LIST,
	.window = &call_part_window,
	.unnest = "/ai_voice_agents",
	KEY("call_id", "position"),
	.expected_rows = 1000,
	COLUMNS(call_ai_voice_agent_columns)
};

/* ---------------------------------------------------------------------------
 * Conversation intelligence: one object per call, a paid add-on
 *
 * Sources disagree about the envelope: {"summary": {...}} or the bare object.
 * rows = "" with CRM_PAGER_SINGLE below a parent covers both, because there a
 * document whose only member is an object is unwrapped; pointers start inside.
 * A bare object always has several members ("content" or "playbook" beside
 * its ids), so it stays as it is.
 * ---------------------------------------------------------------------------
 */

#define CALL_LEAF(leaf) \
	PARENT(.entity = "calls", .column = "call_id", .path = "/v1/calls/{}/" leaf), \
	.rows = "", .pager = CRM_PAGER_SINGLE, .completeness = CRM_COMPLETE_KEYSET, \
	KEY("call_id"), .expected_rows = 10000

/* call_id arrives as a number or as a text, so the request's own is taken. */
#define CALL_LEAF_KEY \
	{.name = "call_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY}

static const CrmColumn call_transcription_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "call_uuid", .type = CRM_TEXT},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "type", .type = CRM_TEXT, .description = "call or voicemail"},
	{.name = "call_created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "content", .type = CRM_JSONB,
		.description = "language and utterances; their times are seconds into the call"},
};

static const CrmEntity call_transcriptions = {
	.name = "call_transcriptions",
	.description = "Transcript of a call or voicemail (add-on)",
	CALL_LEAF("transcription"),
	COLUMNS(call_transcription_columns)
};

static const CrmColumn call_summary_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "content", .type = CRM_TEXT},
};

static const CrmEntity call_summaries = {
	.name = "call_summaries",
	.description = "Summary of a call (add-on)",
	CALL_LEAF("summary"),
	COLUMNS(call_summary_columns)
};

static const CrmColumn call_sentiment_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "participants", .type = CRM_JSONB,
		.description = "value is POSITIVE, NEUTRAL or NEGATIVE"},
};

static const CrmEntity call_sentiments = {
	.name = "call_sentiments",
	.description = "Sentiment of each participant of a call (add-on)",
	CALL_LEAF("sentiments"),
	COLUMNS(call_sentiment_columns)
};

static const CrmColumn call_topic_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "content", .type = CRM_TEXT_ARRAY},
};

static const CrmEntity call_topics = {
	.name = "call_topics",
	.description = "Topics of a call (add-on)",
	CALL_LEAF("topics"),
	COLUMNS(call_topic_columns)
};

/* The items come as a list or as one text; nobody documents when. */
static const CrmColumn call_action_item_columns[] = {
	CALL_LEAF_KEY,
	{.name = "action_items", .type = CRM_JSONB,
		.description = "a list of objects with the member content"},
	{.name = "content", .type = CRM_TEXT, .description = "the items as one text"},
};

static const CrmEntity call_action_items = {
	.name = "call_action_items",
	.description = "Follow-ups agreed in a call (add-on)",
	CALL_LEAF("action_items"),
	COLUMNS(call_action_item_columns)
};

static const CrmColumn call_evaluation_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "ai_generated", .type = CRM_BOOLEAN},
	{.name = "reviewed_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "evaluations", .type = CRM_JSONB, .description = "scores, categories, questions"},
};

static const CrmEntity call_evaluations = {
	.name = "call_evaluations",
	.description = "Scorecards of a call (add-on)",
	CALL_LEAF("evaluations"),
	COLUMNS(call_evaluation_columns)
};

static const CrmColumn call_predicted_csat_columns[] = {
	CALL_LEAF_KEY,
	{.name = "call_uuid", .type = CRM_TEXT},
	{.name = "score", .type = CRM_INTEGER, .description = "0 to 100"},
	{.name = "drivers", .type = CRM_JSONB, .description = "polarity and label of each"},
};

static const CrmEntity call_predicted_csats = {
	.name = "call_predicted_csats",
	.description = "Predicted customer satisfaction of a call (add-on)",
	CALL_LEAF("predicted_csat"),
	COLUMNS(call_predicted_csat_columns)
};

static const CrmColumn call_custom_summary_result_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "language", .type = CRM_TEXT},
	{.name = "custom_summary", .type = CRM_JSONB},
};

static const CrmEntity call_custom_summary_results = {
	.name = "call_custom_summary_results",
	.description = "Summary of a call by the company's own template (add-on)",
	CALL_LEAF("custom_summary_result"),
	COLUMNS(call_custom_summary_result_columns)
};

static const CrmColumn call_playbook_result_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "user_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "adherence_score", .type = CRM_NUMERIC},
	{.name = "ai_generated", .type = CRM_BOOLEAN},
	{.name = "playbook_id", .type = CRM_TEXT, .pointer = "/playbook/id",
		.request_flag = "fetch_playbook=true"},
	{.name = "playbook", .type = CRM_JSONB, .request_flag = "fetch_playbook=true"},
	{.name = "playbook_result_topics", .type = CRM_JSONB},
};

static const CrmEntity call_playbook_results = {
	.name = "call_playbook_results",
	.description = "How well a call followed its playbook (add-on)",
	CALL_LEAF("playbook_result"),
	.raw_omit = (const char *const[]) {"playbook", NULL},
	COLUMNS(call_playbook_result_columns)
};

/* ---------------------------------------------------------------------------
 * Users, teams, numbers
 *
 * Users are read by v2: v1 announced the end of its user list.
 * ---------------------------------------------------------------------------
 */

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

static const CrmEntity users = {
	.name = "users",
	.description = "Agents and admins",
	.path = "/v2/users",
	.rows = "/users",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	.order = "order=asc",
	KEY("id"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(user_columns)
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

static const CrmEntity teams = {
	.name = "teams",
	.description = "Teams of users",
	.path = "/v1/teams",
	.rows = "/teams",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	.order = "order=asc",
	KEY("id"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(team_columns)
};

static const CrmColumn team_user_columns[] = {
	{.name = "team_id", .type = CRM_BIGINT, .pointer = "/id", .source = CRM_FROM_OUTER},
	MEMBER_COLUMNS,
	{.name = "default_number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
};

static const CrmEntity team_users = {
	.name = "team_users",
	.description = "Which user is in which team",
	.path = "/v1/teams",
	.rows = "/teams",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	.order = "order=asc",
	.unnest = "/users",
	KEY("team_id", "id"),
	.expected_rows = 100,
	COLUMNS(team_user_columns)
};

static const CrmColumn user_availability_columns[] = {
	{.name = "id", .type = CRM_BIGINT, .description = "the user's id"},
	{.name = "availability", .type = CRM_TEXT,
		.description = "at the moment of the request: available, offline, do_not_disturb, "
		"in_call or after_call_work"},
};

static const CrmEntity user_availabilities = {
	.name = "user_availabilities",
	.description = "What each user is doing now; there is no history",
	.path = "/v1/users/availabilities",
	.rows = "/users",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	.order = "order=asc",
	KEY("id"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(user_availability_columns)
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

static const CrmEntity numbers = {
	.name = "numbers",
	.description = "The company's phone numbers",
	.path = "/v1/numbers",
	.rows = "/numbers",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	.order = "order=asc",
	KEY("id"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(number_columns)
};

static const CrmColumn user_number_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT, .description = "the number's id"},
	{.name = "number_id", .type = CRM_BIGINT, .pointer = "/id",
		.description = "the same as id"},
	NUMBER_COLUMNS,
	{.name = "flow_editor_enabled", .type = CRM_BOOLEAN},
};

static const CrmEntity user_numbers = {
	.name = "user_numbers",
	.description = "Which user answers which number",
	.rows = "/numbers",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	PARENT(.entity = "users", .column = "user_id", .path = "/v2/users/{}/numbers"),
	KEY("user_id", "id"),
	.expected_rows = 100,
	.flags = CRM_ENTITY_FEW_PARENTS,
	COLUMNS(user_number_columns)
};

static const CrmColumn number_user_columns[] = {
	{.name = "number_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	MEMBER_COLUMNS,
};

/* The list of numbers leaves the users out, the single record has them. */
static const CrmEntity number_users = {
	.name = "number_users",
	.description = "Which number rings which user",
	.rows = "/number/users",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.id = "/id",
	PARENT(.entity = "numbers", .column = "number_id", .path = "/v1/numbers/{}"),
	KEY("number_id", "id"),
	.expected_rows = 100,
	.flags = CRM_ENTITY_FEW_PARENTS,
	COLUMNS(number_user_columns)
};

static const CrmColumn dialer_campaign_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

/* Seen with and without the envelope "dialer_campaign", like the leaves of calls. */
static const CrmEntity dialer_campaigns = {
	.name = "dialer_campaigns",
	.description = "A user's dialer campaign, if there is one",
	.rows = "",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.id = "/id",
	PARENT(.entity = "users", .column = "user_id", .path = "/v1/users/{}/dialer_campaign"),
	KEY("user_id"),
	.expected_rows = 20,
	.flags = CRM_ENTITY_FEW_PARENTS,
	COLUMNS(dialer_campaign_columns)
};

static const CrmColumn dialer_campaign_number_columns[] = {
	{.name = "user_id", .type = CRM_BIGINT, .source = CRM_FROM_PARENT_KEY},
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number", .type = CRM_TEXT, .description = "a phone number"},
	{.name = "called", .type = CRM_BOOLEAN},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

/* No total is documented; were the list unpaged, page 2 would repeat page 1. */
static const CrmEntity dialer_campaign_numbers = {
	.name = "dialer_campaign_numbers",
	.description = "Phone numbers queued in a user's dialer campaign",
	.rows = "/numbers",
	.pager = CRM_PAGER_PAGE,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	PARENT(.entity = "users", .column = "user_id",
		   .path = "/v1/users/{}/dialer_campaign/phone_numbers"),
	KEY("user_id", "id"),
	.expected_rows = 500,
	.flags = CRM_ENTITY_FEW_PARENTS,
	COLUMNS(dialer_campaign_number_columns)
};

/* ---------------------------------------------------------------------------
 * Contacts
 * ---------------------------------------------------------------------------
 */

/* What every list of contacts, whole or unnested, is read with. */
#define CONTACT_LIST \
	.path = "/v1/contacts", .rows = "/contacts", .pager = CRM_PAGER_NUMBER, \
	.completeness = CRM_COMPLETE_COUNTED, .id = "/id", \
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

static const CrmEntity contacts = {
	.name = "contacts",
	.description = "Shared contacts; those synchronised from integrations are not visible",
	CONTACT_LIST,
	.window = &contact_window,
	KEY("id"),
	.expected_rows = 10000,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(contact_columns)
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

static const CrmEntity contact_phone_numbers = {
	.name = "contact_phone_numbers",
	.description = "Phone numbers of contacts",
	CONTACT_LIST,
	.window = &contact_part_window,
	.unnest = "/phone_numbers",
	KEY("id"),
	.expected_rows = 12000,
	COLUMNS(contact_detail_columns)
};

static const CrmEntity contact_emails = {
	.name = "contact_emails",
	.description = "E-mail addresses of contacts",
	CONTACT_LIST,
	.window = &contact_part_window,
	.unnest = "/emails",
	KEY("id"),
	.expected_rows = 8000,
	COLUMNS(contact_detail_columns)
};

/* ---------------------------------------------------------------------------
 * The account itself
 * ---------------------------------------------------------------------------
 */

static const CrmColumn tag_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "color", .type = CRM_TEXT, .description = "#RRGGBB"},
	{.name = "description", .type = CRM_TEXT,
		.description = "a qualifier set by Aircall, e.g. queue_callback"},
	{.name = "direct_link", .type = CRM_TEXT},
};

static const CrmEntity tags = {
	.name = "tags",
	.description = "Tags for calls",
	.path = "/v1/tags",
	.rows = "/tags",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/id",
	KEY("id"),
	.expected_rows = 50,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(tag_columns)
};

static const CrmColumn company_columns[] = {
	{.name = "name", .type = CRM_TEXT},
	{.name = "users_count", .type = CRM_INTEGER},
	{.name = "numbers_count", .type = CRM_INTEGER},
};

static const CrmEntity company = {
	.name = "company",
	.description = "One row: the company the credential belongs to",
	.path = "/v1/company",
	.rows = "/company",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.expected_rows = 1,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(company_columns)
};

static const CrmColumn webhook_columns[] = {
	{.name = "webhook_id", .type = CRM_UUID},
	{.name = "id", .type = CRM_BIGINT, .description = "deprecated by Aircall, see webhook_id"},
	{.name = "direct_link", .type = CRM_TEXT},
	{.name = "url", .type = CRM_TEXT},
	{.name = "custom_name", .type = CRM_TEXT},
	{.name = "active", .type = CRM_BOOLEAN,
		.description = "Aircall switches it off after repeated failures"},
	{.name = "events", .type = CRM_TEXT_ARRAY},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
};

static const CrmEntity webhooks = {
	.name = "webhooks",
	.description = "Webhooks visible to the credential, without their tokens",
	.path = "/v1/webhooks",
	.rows = "/webhooks",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.id = "/webhook_id",
	.order = "order=asc",
	KEY("webhook_id"),
	.expected_rows = 10,
	.flags = CRM_ENTITY_MAIN,
	COLUMNS(webhook_columns)
};

static const CrmColumn integration_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "custom_name", .type = CRM_TEXT},
	{.name = "logo", .type = CRM_TEXT},
	{.name = "company_id", .type = CRM_BIGINT},
	{.name = "status", .type = CRM_TEXT},
	{.name = "active", .type = CRM_BOOLEAN},
	{.name = "number_ids", .type = CRM_BIGINT_ARRAY},
	{.name = "numbers_count", .type = CRM_INTEGER},
	{.name = "user_id", .type = CRM_BIGINT, .pointer = "/user/id",
		.format = CRM_FORMAT_REFERENCE},
};

static const CrmEntity integration = {
	.name = "integration",
	.description = "One row: the integration the credential belongs to (OAuth apps)",
	.path = "/v1/integrations/me",
	.rows = "/integration",
	.pager = CRM_PAGER_SINGLE,
	.completeness = CRM_COMPLETE_KEYSET,
	.expected_rows = 1,
	COLUMNS(integration_columns)
};

static const CrmColumn a2p_campaign_association_columns[] = {
	{.name = "id", .type = CRM_BIGINT},
	{.name = "company_id", .type = CRM_BIGINT},
	{.name = "external_id", .type = CRM_TEXT},
	{.name = "update_status", .type = CRM_TEXT},
	{.name = "update_message", .type = CRM_TEXT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "updated_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "number_ids", .type = CRM_BIGINT_ARRAY, .pointer = "/numbers"},
};

static const CrmEntity a2p_campaign_associations = {
	.name = "a2p_campaign_associations",
	.description = "Registrations of numbers for US text messages",
	.path = "/v1/a2p_campaign_associations",
	.rows = "/a2p_campaign_associations",
	.pager = CRM_PAGER_PAGE,
	.completeness = CRM_COMPLETE_BEST_EFFORT,
	.id = "/id",
	KEY("id"),
	.expected_rows = 5,
	COLUMNS(a2p_campaign_association_columns)
};

static const CrmColumn sms_template_columns[] = {
	{.name = "id", .type = CRM_TEXT},
	{.name = "name", .type = CRM_TEXT},
	{.name = "body", .type = CRM_TEXT},
};

static const CrmEntity sms_templates = {
	.name = "sms_templates",
	.description = "Templates for text messages",
	.path = "/v1/sms/templates",
	.rows = "/templates",
	.pager = CRM_PAGER_NUMBER,
	.completeness = CRM_COMPLETE_COUNTED,
	.max_page_size = 100,
	.id = "/id",
	KEY("id"),
	.expected_rows = 20,
	COLUMNS(sms_template_columns)
};

/* In the order in which users see them. */
static const CrmEntity *const entities[] = {
	&calls,
	&users,
	&teams,
	&contacts,
	&numbers,
	&tags,
	&company,
	&user_availabilities,
	&webhooks,
	&call_comments,
	&call_tags,
	&call_teams,
	&call_participants,
	&call_ivr_options,
	&call_ai_voice_agents,
	&contact_phone_numbers,
	&contact_emails,
	&team_users,
	&user_numbers,
	&number_users,
	&call_transcriptions,
	&call_summaries,
	&call_sentiments,
	&call_topics,
	&call_action_items,
	&call_evaluations,
	&call_predicted_csats,
	&call_custom_summary_results,
	&call_playbook_results,
	&dialer_campaigns,
	&dialer_campaign_numbers,
	&sms_templates,
	&a2p_campaign_associations,
	&integration,
};

const CrmApi crm_api_aircall = {
	.name = "aircall",
	.title = "Aircall",
	.hosts = "api.aircall.io",
	.default_origin = "https://api.aircall.io",
	.roots = (const char *const[]) {"/v1", "/v2", NULL},
	.auth = CRM_AUTH_ID_TOKEN,
	.probe_path = "/v1/ping",
	.rate_limit = "60/min",
	.block_seconds = 60,
	.reset_header = "X-AircallApi-Reset",
	.pager = CRM_PAGER_NUMBER,
	.max_page_size = 50,
	.size_param = "per_page",
	.position_param = "page",
	.total_pointer = "/meta/total",
	.page_size_pointer = "/meta/per_page",
	.position_cap = 10000,
	.secret_keys = (const char *const[]) {
		"token", "api_token", "access_token", "password", NULL
	},
	.entities = entities,
	.nentities = CRM_LENGTH(entities)
};
