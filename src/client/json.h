/*
 * json.h
 *		A parsed answer, with exact numbers and the source text of every value.
 *
 * json.c is the only file that sees cJSON.h.  cJSON turns numbers into
 * doubles, cuts strings at \u0000 and forgets the source; one pass over the
 * text before the parse notes where every value stands, so that numbers, raw
 * records and damaged strings are read from the text itself.  The same pass
 * erases members that hold secrets.
 *
 * Look-ups are case-sensitive.  A node is valid as long as its document.
 */
#ifndef CRM_JSON_H
#define CRM_JSON_H

#include "postgres.h"

typedef struct CrmJson CrmJson;
typedef struct cJSON CrmNode;

typedef enum CrmJsonFault
{
	CRM_JSON_OK,
	CRM_JSON_NOT_JSON,			/* HTML, XML, plain text, broken syntax */
	CRM_JSON_TRUNCATED,			/* ends in the middle */
	CRM_JSON_BAD_UTF8,
	CRM_JSON_TOO_DEEP,			/* more than CRM_JSON_MAX_DEPTH levels */
	CRM_JSON_TOO_MANY,			/* more than CRM_JSON_MAX_VALUES values */
	CRM_JSON_NUMBER_TOO_LONG,	/* more digits than cJSON can take (63) */
	CRM_JSON_NO_MEMORY
} CrmJsonFault;

#define CRM_JSON_MAX_DEPTH	200
#define CRM_JSON_MAX_VALUES	8000000

typedef struct CrmJsonError
{
	CrmJsonFault fault;
	size_t		offset;			/* byte where it was noticed */
} CrmJsonError;

typedef enum CrmNodeType
{
	CRM_NODE_NULL,
	CRM_NODE_FALSE,
	CRM_NODE_TRUE,
	CRM_NODE_NUMBER,
	CRM_NODE_STRING,
	CRM_NODE_ARRAY,
	CRM_NODE_OBJECT
} CrmNodeType;

/*
 * Parses text (NUL-terminated at text[len]) in the current memory context,
 * which then owns the document.  The text is modified (secrets are blanked,
 * half surrogate pairs become U+FFFD) and must outlive the document.  Members named in secret_keys
 * (NULL-terminated, may be NULL) vanish at any depth.  Returns NULL and fills
 * *error on a fault, when the text may still hold secrets; never raises an
 * error.
 */
extern CrmJson *crm_json_parse(char *text, size_t len,
							   const char *const *secret_keys,
							   CrmJsonError *error);

extern const CrmNode *crm_json_root(const CrmJson *json);

/* CRM_NODE_NULL for an absent node (NULL) too. */
extern CrmNodeType crm_json_type(const CrmNode *node);

/*
 * Object member by exact name, or NULL; of repeated names the last, as jsonb
 * does.  node may be NULL or any type.
 */
extern const CrmNode *crm_json_member(const CrmNode *node, const char *name);

/*
 * RFC 6901 ("" = the node itself), or NULL if nothing is there or the pointer
 * is malformed.  node may be NULL.
 */
extern const CrmNode *crm_json_pointer(const CrmNode *node, const char *pointer);

/* True if the text is a well-formed RFC 6901 pointer. */
extern bool crm_json_pointer_valid(const char *pointer);

/* Children of an array or object, in order: first, next, and how many. */
extern const CrmNode *crm_json_first(const CrmNode *node);
extern const CrmNode *crm_json_next(const CrmNode *child);
extern int	crm_json_count(const CrmNode *node);

/* Name of an object member, cut at \u0000; NULL for any other node. */
extern const char *crm_json_name(const CrmNode *member);

/* The value's exact source text, not terminated. */
extern const char *crm_json_source(const CrmJson *json, const CrmNode *node,
								   size_t *len);

/* True if a string value (or a key or string inside a container) has \u0000. */
extern bool crm_json_has_nul(const CrmJson *json, const CrmNode *node);

/*
 * Decoded text of a string, UTF-8, terminated; cut at \u0000 if it has one.
 * NULL if the node is not a string.
 */
extern const char *crm_json_string(const CrmNode *node);

#endif							/* CRM_JSON_H */
