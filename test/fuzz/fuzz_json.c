/*
 * fuzz_json.c
 *		Any bytes as an answer: what must hold of every document accepted.
 *
 * The names of secrets are short, so that the fuzzer meets them often.
 */
#include "postgres.h"

#include "client/json.h"
#include "stub.h"

static const char *const secrets[] = {"s", "token", NULL};

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "property violated: %s\n", #condition); \
			abort(); \
		} \
	} while (0)

/* A copy that ends where the text ends, so that an overrun is seen. */
static CrmJson *
parse_copy(const char *text, size_t len, const char *const *keys)
{
	CrmJsonError error;
	char	   *copy = palloc(len + 1);
	CrmJson    *json;

	memcpy(copy, text, len);
	copy[len] = '\0';
	json = crm_json_parse(copy, len, keys, &error);
	CHECK((json == NULL) == (error.fault != CRM_JSON_OK));
	CHECK(error.offset <= len);

	/* Memory never runs out here: it would mean that only cJSON refused. */
	CHECK(error.fault != CRM_JSON_NO_MEMORY);
	return json;
}

static void
check_same(const CrmJson *json, const CrmNode *node,
		   const CrmJson *other_json, const CrmNode *other)
{
	size_t		len;
	size_t		other_len;
	const char *text = crm_json_source(json, node, &len);
	const char *other_text = crm_json_source(other_json, other, &other_len);

	CHECK(len == other_len && memcmp(text, other_text, len) == 0);
	CHECK(crm_json_type(node) == crm_json_type(other));
	CHECK(crm_json_count(node) == crm_json_count(other));
	CHECK(crm_json_has_nul(json, node) == crm_json_has_nul(other_json, other));
	if (crm_json_type(node) == CRM_NODE_STRING)
		CHECK(strcmp(crm_json_string(node), crm_json_string(other)) == 0);
}

static void
check_name(const CrmNode *object, const CrmNode *member)
{
	const char *name = crm_json_name(member);
	const CrmNode *found = crm_json_member(object, name);

	for (int i = 0; secrets[i] != NULL; i++)
		CHECK(strcmp(name, secrets[i]) != 0);
	CHECK(found != NULL && strcmp(crm_json_name(found), name) == 0);
	for (const CrmNode *later = crm_json_next(found); later != NULL; later = crm_json_next(later))
		CHECK(strcmp(crm_json_name(later), name) != 0);
}

/* What a value's first character says it is. */
static CrmNodeType
type_by_source(char first)
{
	switch (first)
	{
		case 'n':
			return CRM_NODE_NULL;
		case 'f':
			return CRM_NODE_FALSE;
		case 't':
			return CRM_NODE_TRUE;
		case '"':
			return CRM_NODE_STRING;
		case '[':
			return CRM_NODE_ARRAY;
		case '{':
			return CRM_NODE_OBJECT;
		default:
			return CRM_NODE_NUMBER;
	}
}

/* The node and all below it; parents' sources enclose their children's. */
static void
check_tree(const CrmJson *json, const CrmNode *node, const char *from, const char *to)
{
	size_t		len;
	const char *text = crm_json_source(json, node, &len);
	const CrmJson *alone = parse_copy(text, len, NULL);
	int			children = 0;

	CHECK(len > 0 && text >= from && text + len <= to);
	CHECK(crm_json_type(node) == type_by_source(*text));
	CHECK(alone != NULL);
	check_same(json, node, alone, crm_json_root(alone));

	for (const CrmNode *child = crm_json_first(node); child != NULL; child = crm_json_next(child))
	{
		check_tree(json, child, from, to);
		if (crm_json_type(node) == CRM_NODE_OBJECT)
			check_name(node, child);
		crm_json_source(json, child, &len);
		from = crm_json_source(json, child, &len) + len;
		children++;
	}
	CHECK(children == crm_json_count(node));
}

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data;
	CrmJson    *json = parse_copy(text, size, secrets);
	bool		plain = (parse_copy(text, size, NULL) != NULL);
	char	   *pointer = pnstrdup(text, Min(size, 40));

	CHECK((json != NULL) == plain);
	if (json != NULL)
	{
		const CrmNode *root = crm_json_root(json);
		size_t		len;
		const char *source = crm_json_source(json, root, &len);

		check_tree(json, root, source, source + len);
		if (crm_json_pointer(root, pointer) != NULL)
			CHECK(crm_json_pointer_valid(pointer));
	}
	stub_reset_memory();
	return 0;
}
