/*
 * scalar.c
 *		JSON scalars as text and integers.
 */
#include "postgres.h"

#include "client/scalar.h"

const char *
crm_scalar_text(const CrmJson *json, const CrmNode *node)
{
	const char *source;
	size_t		len;

	if (node == NULL)
		return NULL;
	switch (crm_json_type(node))
	{
		case CRM_NODE_STRING:
			return crm_json_string(node);
		case CRM_NODE_NUMBER:
			source = crm_json_source(json, node, &len);
			return pnstrdup(source, len);
		case CRM_NODE_TRUE:
			return "true";
		case CRM_NODE_FALSE:
			return "false";
		case CRM_NODE_NULL:
		case CRM_NODE_ARRAY:
		case CRM_NODE_OBJECT:
			return NULL;
	}
	return NULL;
}

bool
crm_scalar_int64(const CrmJson *json, const CrmNode *node, int64 *value)
{
	const char *text = crm_scalar_text(json, node);
	char	   *end;

	if (text == NULL || *text == '\0')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

bool
crm_scalar_is_none(const CrmJson *json, const CrmNode *node)
{
	const char *text = crm_scalar_text(json, node);

	return text == NULL || *text == '\0' || strcmp(text, "0") == 0;
}
