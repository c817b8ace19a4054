/*
 * aircall_insights.c
 *		Aircall: conversation intelligence, one object per call, a paid add-on.
 *
 * Sources disagree about the envelope: {"summary": {...}} or the bare object.
 * CRM_ENTITY_RECORD covers both, because a document whose only member is an
 * object is unwrapped; pointers start inside.
 * A bare object always has several members ("content" or "playbook" beside
 * its ids), so it stays as it is.
 */
#include "catalog/aircall.h"

#define CALL_LEAF(leaf) \
	AIRCALL_PARENT(.entity = "calls", .column = "call_id", .path = "/v1/calls/{}/" leaf), \
	.rows = "", .pager = CRM_PAGER_SINGLE, .completeness = CRM_COMPLETE_KEYSET, \
	AIRCALL_KEY("call_id"), .flags = CRM_ENTITY_RECORD, .expected_rows = 10000

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

const CrmEntity crm_aircall_call_transcriptions = {
	.name = "call_transcriptions",
	.description = "Transcript of a call or voicemail (add-on)",
	CALL_LEAF("transcription"),
	AIRCALL_COLUMNS(call_transcription_columns)
};

static const CrmColumn call_summary_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "content", .type = CRM_TEXT},
};

const CrmEntity crm_aircall_call_summaries = {
	.name = "call_summaries",
	.description = "Summary of a call (add-on)",
	CALL_LEAF("summary"),
	AIRCALL_COLUMNS(call_summary_columns)
};

static const CrmColumn call_sentiment_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "participants", .type = CRM_JSONB,
		.description = "value is POSITIVE, NEUTRAL or NEGATIVE"},
};

const CrmEntity crm_aircall_call_sentiments = {
	.name = "call_sentiments",
	.description = "Sentiment of each participant of a call (add-on)",
	CALL_LEAF("sentiments"),
	AIRCALL_COLUMNS(call_sentiment_columns)
};

static const CrmColumn call_topic_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "created_at", .type = CRM_TIMESTAMPTZ, .format = CRM_FORMAT_ISO8601},
	{.name = "content", .type = CRM_TEXT_ARRAY},
};

const CrmEntity crm_aircall_call_topics = {
	.name = "call_topics",
	.description = "Topics of a call (add-on)",
	CALL_LEAF("topics"),
	AIRCALL_COLUMNS(call_topic_columns)
};

/* The items come as a list or as one text; nobody documents when. */
static const CrmColumn call_action_item_columns[] = {
	CALL_LEAF_KEY,
	{.name = "action_items", .type = CRM_JSONB,
		.description = "a list of objects with the member content"},
	{.name = "content", .type = CRM_TEXT, .description = "the items as one text"},
};

const CrmEntity crm_aircall_call_action_items = {
	.name = "call_action_items",
	.description = "Follow-ups agreed in a call (add-on)",
	CALL_LEAF("action_items"),
	AIRCALL_COLUMNS(call_action_item_columns)
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

const CrmEntity crm_aircall_call_evaluations = {
	.name = "call_evaluations",
	.description = "Scorecards of a call (add-on)",
	CALL_LEAF("evaluations"),
	AIRCALL_COLUMNS(call_evaluation_columns)
};

static const CrmColumn call_predicted_csat_columns[] = {
	CALL_LEAF_KEY,
	{.name = "call_uuid", .type = CRM_TEXT},
	{.name = "score", .type = CRM_INTEGER, .description = "0 to 100"},
	{.name = "drivers", .type = CRM_JSONB, .description = "polarity and label of each"},
};

const CrmEntity crm_aircall_call_predicted_csats = {
	.name = "call_predicted_csats",
	.description = "Predicted customer satisfaction of a call (add-on)",
	CALL_LEAF("predicted_csat"),
	AIRCALL_COLUMNS(call_predicted_csat_columns)
};

static const CrmColumn call_custom_summary_result_columns[] = {
	CALL_LEAF_KEY,
	{.name = "id", .type = CRM_BIGINT},
	{.name = "number_id", .type = CRM_BIGINT, .format = CRM_FORMAT_REFERENCE},
	{.name = "language", .type = CRM_TEXT},
	{.name = "custom_summary", .type = CRM_JSONB},
};

const CrmEntity crm_aircall_call_custom_summary_results = {
	.name = "call_custom_summary_results",
	.description = "Summary of a call by the company's own template (add-on)",
	CALL_LEAF("custom_summary_result"),
	AIRCALL_COLUMNS(call_custom_summary_result_columns)
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

const CrmEntity crm_aircall_call_playbook_results = {
	.name = "call_playbook_results",
	.description = "How well a call followed its playbook (add-on)",
	CALL_LEAF("playbook_result"),
	.raw_omit = (const char *const[]) {"playbook", NULL},
	AIRCALL_COLUMNS(call_playbook_result_columns)
};
