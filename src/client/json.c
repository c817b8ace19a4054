/*
 * json.c
 *		The parsed tree, its look-ups and the way back to the source text.
 *
 * The only file that sees cJSON.h.  Every node carries the ordinal of its
 * value in document order, which is its index among the spans of the scan.
 * It is kept in valueint, a field of cJSON that holds a number's value cut to
 * int: nobody may read that anyway, numbers are read from their source.
 *
 * cJSON's allocation hooks are global to the library.  They are ours during a
 * parse only and then back at malloc, so that another user of the library in
 * this backend never frees with one allocator what came from the other.
 */
#include "postgres.h"

#include <cjson/cJSON.h>

#include "client/json.h"
#include "client/jsonscan.h"
#include "utils/memutils.h"

struct CrmJson
{
	const char *text;
	cJSON	   *root;
	CrmJsonSpans spans;
};

/* An error must not be thrown through cJSON: NULL makes it give up. */
static void *
hook_alloc(size_t size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
hook_free(void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

static cJSON *
parse_tree(const char *text, size_t len)
{
	cJSON_Hooks hooks = {hook_alloc, hook_free};
	cJSON	   *root;

	cJSON_InitHooks(&hooks);
	root = cJSON_ParseWithLengthOpts(text, len, NULL, false);
	cJSON_InitHooks(NULL);
	return root;
}

/*
 * Numbers the nodes in document order.  False if the tree does not have as
 * many nodes as the scan saw values.
 */
static bool
number_nodes(cJSON *root, uint32 count)
{
	cJSON	   *parents[CRM_JSON_MAX_DEPTH];
	cJSON	   *node = root;
	uint32		ordinal = 0;
	int			depth = 0;

	for (;;)
	{
		node->valueint = (int) ordinal++;
		if (node->child != NULL)
		{
			parents[depth++] = node;
			node = node->child;
			continue;
		}
		while (node->next == NULL && depth > 0)
			node = parents[--depth];
		if (node->next == NULL)
			return ordinal == count;
		node = node->next;
	}
}

CrmJson *
crm_json_parse(char *text, size_t len, const char *const *secret_keys,
			   CrmJsonError *error)
{
	CrmJson    *json;
	size_t		start;

	error->fault = CRM_JSON_OK;
	error->offset = 0;

	json = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(CrmJson),
									  MCXT_ALLOC_NO_OOM);
	if (json == NULL)
	{
		error->fault = CRM_JSON_NO_MEMORY;
		return NULL;
	}
	if (!crm_json_scan(text, len, secret_keys, &json->spans, error))
		return NULL;

	/* Skips a byte order mark as well, which cJSON does not do everywhere. */
	start = json->spans.items[0].start;
	json->text = text;
	json->root = parse_tree(text + start, len - start);
	if (json->root == NULL || !number_nodes(json->root, json->spans.count))
	{
		/* The scan lets through only what cJSON takes: memory is what is left. */
		error->fault = CRM_JSON_NO_MEMORY;
		error->offset = start;
		return NULL;
	}
	return json;
}

const CrmNode *
crm_json_root(const CrmJson *json)
{
	return json->root;
}

CrmNodeType
crm_json_type(const CrmNode *node)
{
	if (cJSON_IsFalse(node))
		return CRM_NODE_FALSE;
	if (cJSON_IsTrue(node))
		return CRM_NODE_TRUE;
	if (cJSON_IsNumber(node))
		return CRM_NODE_NUMBER;
	if (cJSON_IsString(node))
		return CRM_NODE_STRING;
	if (cJSON_IsArray(node))
		return CRM_NODE_ARRAY;
	if (cJSON_IsObject(node))
		return CRM_NODE_OBJECT;
	return CRM_NODE_NULL;
}

/*
 * True if a pointer's token, which ends at a slash or with the string, spells
 * name.
 */
static bool
token_is(const char *token, const char *name)
{
	for (;; token++, name++)
	{
		char		c = *token;

		if (c == '\0' || c == '/')
			return *name == '\0';
		if (c == '~')
			c = (*++token == '0') ? '~' : '/';
		if (c != *name)
			return false;
	}
}

static bool
string_is(const char *wanted, const char *name)
{
	return strcmp(wanted, name) == 0;
}

/*
 * The last of the members with this name, as jsonb and browsers read repeated
 * names.  cJSON keeps the last child in the first one's prev.
 */
static const CrmNode *
find_member(const CrmNode *object, const char *wanted,
			bool (*matches) (const char *wanted, const char *name))
{
	const CrmNode *first;
	const CrmNode *member;

	if (!cJSON_IsObject(object) || object->child == NULL)
		return NULL;
	first = object->child;
	for (member = first->prev;; member = member->prev)
	{
		if (matches(wanted, member->string))
			return member;
		if (member == first)
			return NULL;
	}
}

const CrmNode *
crm_json_member(const CrmNode *node, const char *name)
{
	return find_member(node, name, string_is);
}

/* The element a pointer's token names: digits without a leading zero. */
static const CrmNode *
find_element(const CrmNode *array, const char *token)
{
	const CrmNode *element = array->child;
	uint64		index = 0;
	const char *p = token;

	while (*p >= '0' && *p <= '9')
	{
		index = index * 10 + (*p++ - '0');
		if (index > CRM_JSON_MAX_VALUES)
			return NULL;
	}
	if (p == token || (*p != '\0' && *p != '/') || (*token == '0' && p - token > 1))
		return NULL;
	while (element != NULL && index-- > 0)
		element = element->next;
	return element;
}

const CrmNode *
crm_json_pointer(const CrmNode *node, const char *pointer)
{
	if (!crm_json_pointer_valid(pointer))
		return NULL;
	while (*pointer == '/' && node != NULL)
	{
		pointer++;
		if (cJSON_IsArray(node))
			node = find_element(node, pointer);
		else
			node = find_member(node, pointer, token_is);
		pointer += strcspn(pointer, "/");
	}
	return node;
}

bool
crm_json_pointer_valid(const char *pointer)
{
	if (*pointer != '\0' && *pointer != '/')
		return false;
	for (; *pointer != '\0'; pointer++)
	{
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return false;
	}
	return true;
}

const CrmNode *
crm_json_first(const CrmNode *node)
{
	return node != NULL ? node->child : NULL;
}

const CrmNode *
crm_json_next(const CrmNode *child)
{
	return child->next;
}

int
crm_json_count(const CrmNode *node)
{
	return cJSON_GetArraySize(node);
}

const char *
crm_json_name(const CrmNode *member)
{
	return member->string;
}

const char *
crm_json_source(const CrmJson *json, const CrmNode *node, size_t *len)
{
	const CrmJsonSpan *span = &json->spans.items[node->valueint];

	*len = span->len;
	return json->text + span->start;
}

bool
crm_json_has_nul(const CrmJson *json, const CrmNode *node)
{
	return json->spans.items[node->valueint].has_nul;
}

const char *
crm_json_string(const CrmNode *node)
{
	return cJSON_GetStringValue(node);
}
