/*
 * fuzz_url.c
 *		Any text as base_url, host pattern, path or value: what must hold of
 *		everything accepted.
 */
#include "postgres.h"

#include "client/url.h"
#include "stub.h"

static const char *const roots[] = {"/api/3", "/v1", "/dev/api", NULL};

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "property violated: %s\n", #condition); \
			abort(); \
		} \
	} while (0)

static void
check_origin(const char *text)
{
	const char *problem = NULL;
	char	   *origin = crm_url_origin(text, roots, &problem);
	char	   *host;
	const char *rest;

	CHECK((origin == NULL) == (problem != NULL));
	if (origin == NULL)
		return;

	/* scheme://host[:port], nothing else, and in one spelling only */
	CHECK(strncmp(origin, "https://", 8) == 0 || strncmp(origin, "http://", 7) == 0);
	rest = strstr(origin, "://") + 3;
	CHECK(*rest != '\0' && strpbrk(rest, "/?#@\\% ") == NULL);
	for (const char *c = origin; *c != '\0'; c++)
		CHECK(*c > ' ' && *c < 0x7f);
	CHECK(strcmp(crm_url_origin(origin, roots, &problem), origin) == 0);
	CHECK(crm_url_is_plain(origin) == (strncmp(origin, "http://", 7) == 0));

	host = crm_url_host(origin);
	CHECK(*host != '\0' && strpbrk(host, "[]/@") == NULL);
	for (const char *c = host; *c != '\0'; c++)
		CHECK(*c < 'A' || *c > 'Z');
	if (crm_url_is_plain(origin))
		CHECK(strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
			  strncmp(host, "127.", 4) == 0);
	CHECK(crm_url_host_allowed(host, host));
	CHECK(!crm_url_host_allowed(host, "") && !crm_url_host_allowed(host, psprintf("x%s", host)));
	CHECK(crm_url_host_allowed(psprintf("a.%s", host), psprintf("b.example, *.%s", host)));
	CHECK(!crm_url_host_allowed(host, psprintf("*.%s", host)));
}

static void
check_path(const char *text)
{
	bool		below_root = false;
	char	   *path;

	if (crm_url_path_problem(text, roots) != NULL)
		return;

	/* The part before the query, as a server may read it: decoded once. */
	path = crm_url_readable(pnstrdup(text, strcspn(text, "?")));
	CHECK(path[0] == '/' && strchr(path, '\\') == NULL && strstr(path, "//") == NULL);
	path = psprintf("%s/", path);
	CHECK(strstr(path, "/../") == NULL && strstr(path, "/./") == NULL);
	CHECK(strchr(text, '#') == NULL);
	for (const char *c = text; *c != '\0'; c++)
		CHECK(*c > ' ' && *c < 0x7f);
	for (int i = 0; roots[i] != NULL; i++)
		below_root |= strncmp(text, roots[i], strlen(roots[i])) == 0 &&
			text[strlen(roots[i])] == '/';
	CHECK(below_root);
	CHECK(crm_url_path_problem(psprintf("%s#x", text), roots) != NULL);
}

static void
check_values(const char *text)
{
	char	   *encoded = crm_url_encode(text);
	StringInfoData query;

	CHECK(strspn(encoded, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-._~%") == strlen(encoded));
	initStringInfo(&query);
	crm_url_add(&query, text, text);
	crm_url_add(&query, text, "");
	crm_url_add_int(&query, "n", PG_INT64_MIN);
	CHECK(strcmp(query.data, psprintf("%s=%s&%s=&n=-9223372036854775808",
									  encoded, encoded, encoded)) == 0);
	for (const char *c = crm_url_readable(text); *c != '\0'; c++)
		CHECK((unsigned char) *c >= ' ' && *c != 0x7f);
	for (const char *c = crm_url_readable(encoded); *c != '\0'; c++)
		CHECK((unsigned char) *c >= ' ' && *c != 0x7f);
}

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = pnstrdup((const char *) data, size);
	char	   *rest = strchr(text, '\n');

	check_origin(text);
	check_path(text);
	check_values(text);

	/* Two lines are a host and a list of patterns. */
	if (rest != NULL)
	{
		*rest++ = '\0';
		if (crm_url_host_allowed(text, rest))
			CHECK(*text != '\0');
	}
	stub_reset_memory();
	return 0;
}
