/*
 * catalog_check.h
 *		What the tests of the catalogue share: TAP lines and a few predicates.
 *
 * A check reports each fault as "# entity.column: ..." and then closes with
 * one line, "ok" if there was none.  No server, no network, no PostgreSQL.
 */
#ifndef CATALOG_CHECK_H
#define CATALOG_CHECK_H

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"

/* Longest identifier PostgreSQL keeps, in bytes. */
#define MAX_NAME_BYTES	63

static int	tests_run;
static int	tests_failed;
static int	faults;				/* of the check under way */
static int	faults_before;		/* a row was made for the check, see begin_plant */
static bool muted;				/* such a row is being checked */

/* entity and column may be NULL. */
static inline void
fault(const CrmEntity *entity, const CrmColumn *column, const char *format,...)
{
	va_list		args;

	faults++;
	if (muted)
		return;
	printf("# %s%s%s: ", entity ? entity->name : "(api)",
		   column ? "." : "", column ? column->name : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/*
 * Between the two, a check sees a row made for it, and must find one fault.
 */
static inline void
begin_plant(void)
{
	faults_before = faults;
	muted = true;
}

static inline void
end_plant(const char *what)
{
	int			found = faults - faults_before;

	faults = faults_before;
	muted = false;
	if (found != 1)
		fault(NULL, NULL, "%s: %d faults found instead of one", what, found);
}

/* Closes a check: one line, counted. */
static inline void
finish_check(const char *subject, const char *what)
{
	tests_run++;
	if (faults > 0)
		tests_failed++;
	printf("%s %d - %s: %s\n", faults > 0 ? "not ok" : "ok", tests_run, subject, what);
	faults = 0;
}

/* Prints the plan; the program's exit status. */
static inline int
finish_checks(void)
{
	printf("1..%d\n", tests_run);
	return tests_failed > 0 ? 1 : 0;
}

static inline bool
is_integer_type(CrmType type)
{
	return type == CRM_BIGINT || type == CRM_INTEGER || type == CRM_SMALLINT;
}

/* RFC 6901: "" or a sequence of "/token", where "~" is only "~0" or "~1". */
static inline bool
is_pointer(const char *text)
{
	if (text[0] != '\0' && text[0] != '/')
		return false;
	for (const char *p = text; *p; p++)
	{
		if (*p == '~' && p[1] != '0' && p[1] != '1')
			return false;
	}
	return true;
}

/* Already percent-encoded: nothing a request line could not carry. */
static inline bool
is_encoded(const char *text)
{
	for (const char *p = text; *p; p++)
	{
		if (!isalnum((unsigned char) *p) && strchr("-._~%/?&=,:+", *p) == NULL)
			return false;
	}
	return true;
}

/* "name=value", or with allow_more several joined by "&", all encoded. */
static inline bool
is_query(const char *text, bool allow_more)
{
	const char *part = text;

	if (!is_encoded(text))
		return false;
	for (;;)
	{
		size_t		length = strcspn(part, "&");
		const char *equals = memchr(part, '=', length);

		if (equals == NULL || equals == part || equals == part + length - 1)
			return false;
		if (memchr(equals + 1, '=', length - (size_t) (equals - part) - 1) != NULL)
			return false;
		if (part[length] == '\0')
			return true;
		if (!allow_more)
			return false;
		part += length + 1;
	}
}

/* Places in a path that a value fills. */
static inline int
count_slots(const char *path)
{
	int			n = 0;

	for (const char *p = path; (p = strstr(p, "{}")) != NULL; p += 2)
		n++;
	return n;
}

/* Encoded apart from its "{}", and below one of the CRM's roots. */
static inline bool
is_path(const CrmApi *api, const char *path)
{
	char		plain[512];
	size_t		length = 0;

	for (const char *p = path; *p; p++)
	{
		if (p[0] == '{' && p[1] == '}')
			p++;
		else if (length < sizeof(plain) - 1)
			plain[length++] = *p;
	}
	plain[length] = '\0';
	if (!is_encoded(plain))
		return false;
	for (int i = 0; api->roots[i] != NULL; i++)
	{
		size_t		root = strlen(api->roots[i]);

		if (strncmp(path, api->roots[i], root) == 0 && path[root] == '/')
			return true;
	}
	return false;
}

#endif							/* CATALOG_CHECK_H */
