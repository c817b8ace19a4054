/*
 * words.c
 *		Reads error bodies.
 *
 * The APIs, and the gateways before them, write errors in at least eight
 * shapes: {"message": text}, {"error": text, "troubleshoot": text}, "errors"
 * as text, as a list of {title, detail}, as an object of lists per field,
 * {"exception message": text}, plain text and HTML.  All texts found are
 * joined, without those that only repeat another.
 */
#include "postgres.h"

#include "client/auth.h"
#include "client/words.h"
#include "lib/stringinfo.h"

/* A longer body is data, not an error. */
#define LONGEST_ERROR	65536

/* Lists of errors name the same thing many times; a few suffice. */
#define MOST_TEXTS	8

static const char *const text_members[] = {
	"error", "errors", "message", "troubleshoot", "title", "detail",
	"exception message"
};

/* Members that an object which is only an error may have. */
static const char *const error_members[] = {
	"error", "errors", "message", "troubleshoot", "success", "succeeded",
	"status", "code", "data", "exception message"
};

/* Members that make it one. */
static const char *const telling_members[] = {
	"error", "errors", "message", "exception message"
};

typedef struct Texts
{
	int			count;
	const char *texts[MOST_TEXTS];
} Texts;

static bool
is_one_of(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Compares as people read: "BAD_REQUEST" says no more than "Bad Request". */
static bool
says_the_same(const char *a, const char *b)
{
	for (;; a++, b++)
	{
		unsigned char ca = *a == '_' ? ' ' : pg_ascii_tolower((unsigned char) *a);
		unsigned char cb = *b == '_' ? ' ' : pg_ascii_tolower((unsigned char) *b);

		if (ca != cb)
			return false;
		if (ca == '\0')
			return true;
	}
}

static void
add_text(Texts *found, const char *text)
{
	if (text[0] == '\0' || found->count == MOST_TEXTS)
		return;
	for (int i = 0; i < found->count; i++)
	{
		if (says_the_same(found->texts[i], text))
			return;
	}
	found->texts[found->count++] = text;
}

/* All texts below a node: of an error the shape does not matter. */
static void
collect_all(Texts *found, const CrmNode *node, int depth)
{
	const CrmNode *child;

	if (crm_json_type(node) == CRM_NODE_STRING)
		add_text(found, crm_json_string(node));
	if (depth == 0 || found->count == MOST_TEXTS)
		return;
	for (child = crm_json_first(node); child != NULL; child = crm_json_next(child))
		collect_all(found, child, depth - 1);
}

/*
 * Texts of one error object: its known members in order.  "errors" may hold
 * objects of the same kind, or texts per field.
 */
static void
collect_error(Texts *found, const CrmNode *node)
{
	for (int i = 0; i < lengthof(text_members); i++)
	{
		const CrmNode *member = crm_json_member(node, text_members[i]);
		const CrmNode *child;

		if (member == NULL)
			continue;
		if (crm_json_type(member) != CRM_NODE_ARRAY)
		{
			collect_all(found, member, 2);
			continue;
		}
		for (child = crm_json_first(member); child != NULL; child = crm_json_next(child))
		{
			if (crm_json_member(child, "title") != NULL || crm_json_member(child, "detail") != NULL)
			{
				const CrmNode *title = crm_json_member(child, "title");
				const CrmNode *detail = crm_json_member(child, "detail");

				collect_all(found, title ? title : detail, 0);
				collect_all(found, detail ? detail : title, 0);
			}
			else
				collect_all(found, child, 2);
		}
	}
}

char *
crm_words_of_json(const CrmAccount *account, const CrmJson *json)
{
	const CrmNode *root = crm_json_root(json);
	Texts		found = {0};
	StringInfoData joined;

	if (crm_json_type(root) == CRM_NODE_OBJECT)
		collect_error(&found, root);
	else
		collect_all(&found, root, 1);
	if (found.count == 0)
		return NULL;

	initStringInfo(&joined);
	for (int i = 0; i < found.count; i++)
		appendStringInfo(&joined, "%s%s", i > 0 ? "; " : "", found.texts[i]);
	return crm_auth_quote(account, joined.data, joined.len);
}

char *
crm_words_of_body(const CrmAccount *account, const char *body, size_t len)
{
	char	   *words;

	if (len <= LONGEST_ERROR)
	{
		CrmJsonError error;
		char	   *copy = palloc(len + 1);
		CrmJson    *json;

		memcpy(copy, body, len);
		copy[len] = '\0';
		json = crm_json_parse(copy, len, account->api->secret_keys, &error);
		if (json != NULL)
			return crm_words_of_json(account, json);
	}
	words = crm_auth_quote(account, body, len);
	return words[0] != '\0' ? words : NULL;
}

/* False, 0 and "0". */
static bool
is_false(const CrmJson *json, const CrmNode *node)
{
	const char *source;
	size_t		len;

	if (node == NULL)
		return false;
	switch (crm_json_type(node))
	{
		case CRM_NODE_FALSE:
			return true;
		case CRM_NODE_NUMBER:
			source = crm_json_source(json, node, &len);
			return len == 1 && source[0] == '0';
		case CRM_NODE_STRING:
			return strcmp(crm_json_string(node), "0") == 0;
		default:
			return false;
	}
}

bool
crm_words_is_failure(const CrmJson *json)
{
	const CrmNode *root = crm_json_root(json);
	const CrmNode *member;
	bool		tells = false;

	if (crm_json_type(root) != CRM_NODE_OBJECT)
		return false;
	if (is_false(json, crm_json_member(root, "succeeded")) ||
		is_false(json, crm_json_member(root, "success")))
		return true;

	for (member = crm_json_first(root); member != NULL; member = crm_json_next(member))
	{
		const char *name = crm_json_name(member);
		bool		telling = is_one_of(name, telling_members, lengthof(telling_members));

		if (!is_one_of(name, error_members, lengthof(error_members)))
			return false;
		if (strcmp(name, "data") == 0 && crm_json_type(member) != CRM_NODE_NULL)
			return false;
		/* An entity may be called "message": its record is an object. */
		if (strcmp(name, "message") == 0 && crm_json_type(member) != CRM_NODE_STRING)
			return false;
		if (telling && crm_json_type(member) != CRM_NODE_NULL &&
			(crm_json_type(member) != CRM_NODE_ARRAY || crm_json_count(member) > 0))
			tells = true;
	}
	return tells;
}

/* True if the text holds the word near its beginning, whatever the case. */
static bool
starts_with_word(const char *text, size_t len, const char *word)
{
	size_t		word_len = strlen(word);

	return len >= word_len && pg_strncasecmp(text, word, word_len) == 0;
}

const char *
crm_words_kind(const char *body, size_t len)
{
	while (len > 0 && (*body == ' ' || *body == '\t' || *body == '\r' || *body == '\n'))
	{
		body++;
		len--;
	}
	if (len == 0)
		return "an empty body";
	if (starts_with_word(body, len, "<!doctype html") || starts_with_word(body, len, "<html") ||
		starts_with_word(body, len, "<head") || starts_with_word(body, len, "<body"))
		return "HTML";
	if (body[0] == '<')
		return "XML";
	if (body[0] == '{' || body[0] == '[')
		return "broken JSON";
	return "plain text";
}
