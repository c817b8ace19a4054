/*
 * body.h
 *		A body that grows as it arrives, up to a limit.
 */
#ifndef CRM_BODY_H
#define CRM_BODY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct CrmBody
{
	char	   *data;			/* malloc'd, NUL-terminated; NULL while empty */
	size_t		len;
	size_t		allocated;
	size_t		max_len;
	bool		too_large;		/* more arrived than max_len; nothing was added */
} CrmBody;

/* False if the data does not fit: too_large is set, or memory is exhausted. */
extern bool crm_body_append(CrmBody *body, const char *data, size_t len);

#endif							/* CRM_BODY_H */
