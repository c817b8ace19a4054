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

/* entity and column may be NULL. */
static inline void
fault(const CrmEntity *entity, const CrmColumn *column, const char *format,...)
{
	va_list		args;

	printf("# %s%s%s: ", entity ? entity->name : "(api)",
		   column ? "." : "", column ? column->name : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	faults++;
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
