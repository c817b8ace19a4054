/*
 * body.c
 *		Collects the bytes of an answer.
 *
 * Plain C without PostgreSQL: it runs inside libcurl's callback, where nothing
 * may raise an error.
 */
#include "client/body.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ALLOCATION	16384

bool
crm_body_append(CrmBody *body, const char *data, size_t len)
{
	size_t		needed;

	if (len > body->max_len - body->len)
	{
		body->too_large = true;
		return false;
	}
	needed = body->len + len + 1;
	if (needed > body->allocated)
	{
		size_t		allocated = body->allocated ? body->allocated : FIRST_ALLOCATION;
		char	   *grown;

		while (allocated < needed)
			allocated *= 2;
		grown = realloc(body->data, allocated);
		if (grown == NULL)
			return false;
		body->data = grown;
		body->allocated = allocated;
	}
	memcpy(body->data + body->len, data, len);
	body->len += len;
	body->data[body->len] = '\0';
	return true;
}
