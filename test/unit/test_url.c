/*
 * test_url.c
 *		client/url.c: what is accepted as origin, host and path, and how values
 *		are written.
 */
#include "postgres.h"

#include "client/url.h"
#include "stub.h"

static const char *const roots[] = {"/api/3", "/v1", NULL};

typedef struct Pair
{
	const char *given;
	const char *wanted;
} Pair;

static const Pair origins[] = {
	{"https://acme.api-us1.com", "https://acme.api-us1.com"},
	{"https://acme.api-us1.com/", "https://acme.api-us1.com"},
	{"https://acme.api-us1.com/api/3", "https://acme.api-us1.com"},
	{"https://acme.api-us1.com/api/3/", "https://acme.api-us1.com"},
	{"https://api.aircall.io/v1//", "https://api.aircall.io"},
	{"HTTPS://Acme.API-us1.com:443", "https://acme.api-us1.com"},
	{"https://acme.example:8443/v1", "https://acme.example:8443"},
	{"https://192.0.2.1", "https://192.0.2.1"},
	{"https://[2001:DB8::1]:444/", "https://[2001:db8::1]:444"},
	{"http://localhost:8080", "http://localhost:8080"},
	{"http://127.0.0.1", "http://127.0.0.1"},
	{"http://127.8.8.8:80/v1", "http://127.8.8.8"},
	{"http://[::1]:99", "http://[::1]:99"},
	{"http://2130706433", "http://127.0.0.1"},
	{"https://%61cme.example", "https://acme.example"},
};

/* Part of the sentence that says why. */
static const Pair refused_origins[] = {
	{"", "of the form https://host"},
	{"acme.api-us1.com", "of the form https://host"},
	{"https://", "of the form https://host"},
	{"https:// acme.example", "of the form https://host"},
	{"https://acme.example\n", "of the form https://host"},
	{"ftp://acme.example", "scheme must be https"},
	{"file:///etc/passwd", "https"},
	{"https://user@acme.example", "user name"},
	{"https://user:pw@acme.example", "user name"},
	{"https://acme.example?x=1", "query"},
	{"https://acme.example/#top", "fragment"},
	{"https://acme.example/api/4", "without a path"},
	{"https://acme.example/api/3/contacts", "without a path"},
	{"https://m\xC3\xBCller.example", "ASCII"},
	{"https://.example", "host"},
	{"https://acme.example.", "host"},
	{"https://acme..example", "host"},
	{"http://acme.example", "loopback"},
	{"http://127.0.0.1.example", "loopback"},
	{"http://localhost.example", "loopback"},
	{"http://10.0.0.1", "loopback"},
	{"http://[::2]", "loopback"},
};

static void
test_origins(void)
{
	const char *problem;

	for (int i = 0; i < lengthof(origins); i++)
	{
		problem = NULL;
		tap_is_text(crm_url_origin(origins[i].given, roots, &problem), origins[i].wanted,
					"origin of %s", origins[i].given);
	}
	for (int i = 0; i < lengthof(refused_origins); i++)
	{
		const Pair *pair = &refused_origins[i];
		char	   *origin;

		problem = NULL;
		origin = crm_url_origin(pair->given, roots, &problem);
		tap_ok(origin == NULL && problem != NULL && strstr(problem, pair->wanted) != NULL,
			   "origin %d is refused for its %s: %s", i, pair->wanted, problem ? problem : origin);
	}
}

/*
 * Some releases of libcurl take an encoded address for a name, others for an
 * address; an origin that reads differently the next time is refused.
 */
static void
test_encoded_addresses(void)
{
	static const char *const texts[] = {"https://%31", "https://192.0.%32", "http://%31%32%37.1"};

	for (int i = 0; i < lengthof(texts); i++)
	{
		const char *problem = NULL;
		char	   *origin = crm_url_origin(texts[i], roots, &problem);

		if (origin == NULL)
			tap_ok(strstr(problem, "percent-encoding") != NULL, "%s is refused: %s", texts[i], problem);
		else
			tap_is_text(crm_url_origin(origin, roots, &problem), origin, "%s reads the same again", origin);
	}
}

static void
test_hosts(void)
{
	static const char patterns[] = "*.api-us1.com, api.aircall.io,*.agilecrm.com";

	tap_is_text(crm_url_host("https://Acme.example:8443"), "acme.example", "host of an origin");
	tap_is_text(crm_url_host("https://[2001:db8::1]"), "2001:db8::1", "without brackets");
	tap_ok(crm_url_is_plain("http://localhost") && !crm_url_is_plain("https://localhost"), "plain http is known");

	tap_ok(crm_url_host_allowed("acme.api-us1.com", patterns), "one label before a suffix");
	tap_ok(crm_url_host_allowed("a.b.api-us1.com", patterns), "more labels");
	tap_ok(crm_url_host_allowed("ACME.AgileCRM.com", patterns), "whatever the case");
	tap_ok(crm_url_host_allowed("api.aircall.io", patterns), "an exact name");
	tap_ok(!crm_url_host_allowed("api-us1.com", patterns), "not the suffix itself");
	tap_ok(!crm_url_host_allowed(".api-us1.com", patterns), "nor with an empty label");
	tap_ok(!crm_url_host_allowed("evilapi-us1.com", patterns), "nor a name that only ends like it");
	tap_ok(!crm_url_host_allowed("acme.api-us1.com.evil.example", patterns), "nor one that contains it");
	tap_ok(!crm_url_host_allowed("x.api.aircall.io", patterns), "nor a name below an exact one");
	tap_ok(!crm_url_host_allowed("", patterns), "no host");
	tap_ok(!crm_url_host_allowed("acme.example", ""), "no pattern");
	tap_ok(!crm_url_host_allowed("acme.example", NULL), "no list");
	tap_ok(!crm_url_host_allowed("acme.example", "*"), "a lone star is no pattern");
	tap_ok(!crm_url_host_allowed("acme.example", "*.") && !crm_url_host_allowed("acme.", "*."), "nor is a star with a dot");
}

static const char *const good_paths[] = {
	"/api/3/contacts", "/v1/calls", "/api/3/contacts?status=1&x=a%20b", "/v1/a/b-c_d.e~f",
	"/v1/search?q=../x", "/v1/users/a%40b.example", "/api/3/...", "/v1/calls/"
};

static const Pair refused_paths[] = {
	{"", "absolute"},
	{"api/3/contacts", "absolute"},
	{"https://evil.example/api/3/x", "absolute"},
	{"//evil.example/api/3/x", "//"},
	{"/api/3", "below"},
	{"/api/3/", "below"},
	{"/api/30/contacts", "below"},
	{"/admin/api.php", "below"},
	{"/v1?x=/v1/calls", "below"},
	{"/v1/../admin", ".."},
	{"/v1/a/..", ".."},
	{"/v1/./a", ".."},
	{"/v1/%2e%2E/admin", ".."},
	{"/v1/.%2e/admin", ".."},
	{"/v1/a%2fb", "slashes"},
	{"/v1/a\\b", "slashes"},
	{"/v1/a%5Cb", "slashes"},
	{"/v1/a//b", "empty"},
	{"/v1/a#b", "fragment"},
	{"/v1/a?b#c", "fragment"},
	{"/v1/a\r\nHost: evil", "control"},
	{"/v1/a%0d%0aHost", "control"},
	{"/v1/a?b=%00", "control"},
	{"/v1/a\x7f", "control"},
	{"/v1/a b", "percent-encoded"},
	{"/v1/caf\xC3\xA9", "percent-encoded"},
	{"/v1/100%", "percent-encoded"},
	{"/v1/a%4", "percent-encoded"},
};

static void
test_paths(void)
{
	for (int i = 0; i < lengthof(good_paths); i++)
		tap_is_text(crm_url_path_problem(good_paths[i], roots), NULL, "path %s", good_paths[i]);
	for (int i = 0; i < lengthof(refused_paths); i++)
	{
		const char *problem = crm_url_path_problem(refused_paths[i].given, roots);

		tap_ok(problem != NULL && strstr(problem, refused_paths[i].wanted) != NULL,
			   "path %d is refused (%s): %s", i, refused_paths[i].wanted, problem ? problem : "accepted");
	}
}

/* A parameter by its name, whether or not it has a value and is encoded. */
static void
test_parameters(void)
{
	tap_ok(crm_url_has_param("/v1/calls?page=2", "page"), "the only parameter");
	tap_ok(crm_url_has_param("/v1/calls?a=1&p%61ge&b", "page"), "among others, encoded, without a value");
	tap_ok(!crm_url_has_param("/v1/page=2", "page"), "in the path");
	tap_ok(!crm_url_has_param("/v1/calls?pages=2&per_page=3&x=page=1", "page"), "a part of others");
	tap_ok(!crm_url_has_param("/v1/calls?", "page"), "an empty query");
}

static void
test_queries(void)
{
	StringInfoData query;

	initStringInfo(&query);
	crm_url_add(&query, "filters[email]", "a+b@x.example");
	crm_url_add_int(&query, "limit", -5);
	crm_url_add_raw(&query, "orders%5Bid%5D=ASC");
	crm_url_add_raw(&query, "");
	crm_url_add(&query, "q", "");
	tap_is_text(query.data,
				"filters%5Bemail%5D=a%2Bb%40x.example&limit=-5&orders%5Bid%5D=ASC&q=",
				"a query string");
	tap_is_text(crm_url_encode("AZaz09-._~"), "AZaz09-._~", "what needs no encoding");
	tap_is_text(crm_url_encode(" /?#&=%\n\xC3\xA9"), "%20%2F%3F%23%26%3D%25%0A%C3%A9", "what does");
}

static void
test_reading(void)
{
	tap_is_text(crm_url_readable("filters%5Bname%5D=caf%C3%A9%20%26%20co"), "filters[name]=caf\xC3\xA9 & co", "decoded for reading");
	tap_is_text(crm_url_readable("a%0Ab%00c%7F"), "a%0Ab%00c%7F", "control characters stay encoded");
	tap_is_text(crm_url_readable("%FF%C3"), "%FF%C3", "so does what is no UTF-8");
	tap_is_text(crm_url_readable("%C2%85"), "%C2%85", "and C1 controls");
	tap_is_text(crm_url_readable("a\nb\xFF"), "a%0Ab%FF", "raw ones become encoded");
	tap_is_text(crm_url_readable("100%"), "100%", "a lone percent sign stays");
}

int
main(void)
{
	test_origins();
	test_encoded_addresses();
	test_hosts();
	test_paths();
	test_parameters();
	test_queries();
	test_reading();
	return tap_done();
}
