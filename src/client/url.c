/*
 * url.c
 *		Origins, allow-lists, paths and query strings.
 *
 * Only libcurl's parser takes a URL apart, because what it understands is what
 * it will connect to; the checks here look at its parts and put a new URL
 * together from them.
 */
#include "postgres.h"

#include "client/http.h"
#include "client/url.h"
#include "mb/pg_wchar.h"

#define HTTPS	"https"
#define HTTP	"http"

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Decodes the byte at text: "%41" or any other character.  Returns how many
 * characters it took.
 */
static int
decode_byte(const char *text, unsigned char *byte)
{
	if (text[0] == '%' && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0)
	{
		*byte = (unsigned char) (hex_value(text[1]) << 4 | hex_value(text[2]));
		return 3;
	}
	*byte = (unsigned char) text[0];
	return 1;
}

/* A DNS name, an IPv4 address or a bracketed IPv6 address, all in ASCII. */
static bool
host_is_plain(const char *host)
{
	size_t		len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return strspn(host + 1, "0123456789abcdefABCDEF:.") == len - 2;
	for (const char *c = host; *c != '\0'; c++)
	{
		if (!is_unreserved((unsigned char) *c) || *c == '~')
			return false;
	}

	/* One spelling for each host: no empty labels, no dot at the end. */
	return len > 0 && host[0] != '.' && host[len - 1] != '.' && strstr(host, "..") == NULL;
}

static bool
host_is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
		(strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* Cuts trailing slashes off a path. */
static void
cut_slashes(char *path)
{
	size_t		len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		path[--len] = '\0';
}

static void
lower_case(char *name)
{
	for (; *name != '\0'; name++)
		*name = pg_ascii_tolower((unsigned char) *name);
}

/* The host in lower case and without the brackets of an IPv6 address. */
static char *
bare_host(const CrmUrlParts *parts)
{
	size_t		len = strlen(parts->host);
	char	   *host = len > 2 && parts->host[0] == '[' ?
		pnstrdup(parts->host + 1, len - 2) : pstrdup(parts->host);

	lower_case(host);
	return host;
}

static bool
is_root(const char *path, const char *const *roots)
{
	for (; *roots != NULL; roots++)
	{
		if (strcmp(path, *roots) == 0)
			return true;
	}
	return false;
}

/* Why the parts are no acceptable origin, or NULL. */
static const char *
origin_problem(const CrmUrlParts *parts, const char *const *roots)
{
	if (strcmp(parts->scheme, HTTPS) != 0 && strcmp(parts->scheme, HTTP) != 0)
		return "The scheme must be https.";
	if (parts->user != NULL || parts->password != NULL)
		return "It must not carry a user name or password; credentials belong into the user mapping.";
	if (parts->query != NULL)
		return "It must not carry a query.";
	if (parts->fragment != NULL)
		return "It must not carry a fragment.";
	if (!host_is_plain(parts->host))
		return "It must name a host; international names are written in their ASCII form (xn--...).";
	if (parts->path[0] != '\0' && !is_root(parts->path, roots))
		return "It must be the account's origin, without a path.";
	if (strcmp(parts->scheme, HTTP) == 0 && !host_is_loopback(parts->host))
		return "Plain http is accepted for a loopback address only; use https.";
	return NULL;
}

char *
crm_url_origin(const char *base_url, const char *const *roots, const char **problem)
{
	CrmUrlParts parts;
	char	   *origin;

	if (!crm_http_split_url(base_url, &parts))
	{
		*problem = "It must be a URL of the form https://host.";
		return NULL;
	}
	lower_case(parts.host);
	cut_slashes(parts.path);

	*problem = origin_problem(&parts, roots);
	if (*problem != NULL)
		return NULL;
	origin = parts.port != NULL ?
		psprintf("%s://%s:%s", parts.scheme, parts.host, parts.port) :
		psprintf("%s://%s", parts.scheme, parts.host);

	/*
	 * The parser decodes "%31" to the name "1", which it would read as the
	 * address 0.0.0.1 the next time: another host than the one checked here.
	 */
	if (strcmp(crm_url_host(origin), bare_host(&parts)) != 0)
	{
		*problem = "The host must be written without percent-encoding.";
		return NULL;
	}
	return origin;
}

char *
crm_url_host(const char *origin)
{
	CrmUrlParts parts;

	return crm_http_split_url(origin, &parts) ? bare_host(&parts) : pstrdup("");
}

bool
crm_url_is_plain(const char *origin)
{
	return pg_strncasecmp(origin, HTTP "://", strlen(HTTP "://")) == 0;
}

/* One pattern of the allow-list, given by its bounds. */
static bool
pattern_matches(const char *host, const char *pattern, size_t pattern_len)
{
	size_t		host_len = strlen(host);
	size_t		suffix_len;

	if (pattern_len > 2 && pattern[0] == '*' && pattern[1] == '.')
	{
		suffix_len = pattern_len - 1;	/* with its dot */
		return host_len > suffix_len && host[0] != '.' &&
			pg_strncasecmp(host + host_len - suffix_len, pattern + 1, suffix_len) == 0;
	}
	return host_len == pattern_len && host_len > 0 &&
		pg_strncasecmp(host, pattern, pattern_len) == 0;
}

bool
crm_url_host_allowed(const char *host, const char *patterns)
{
	static const char separators[] = ", \t\r\n";

	while (patterns != NULL && *patterns != '\0')
	{
		size_t		len = strcspn(patterns, separators);

		if (pattern_matches(host, patterns, len))
			return true;
		patterns += len;
		patterns += strspn(patterns, separators);
	}
	return false;
}

/* Why a path (without its query) must not be sent, or NULL. */
static const char *
path_part_problem(const char *path, size_t len)
{
	size_t		segment_len = 0;
	bool		only_dots = true;
	int			taken;

	for (size_t i = 0; i <= len; i += taken)
	{
		unsigned char byte = '/';

		taken = i < len ? decode_byte(path + i, &byte) : 1;
		if (i == len || (byte == '/' && taken == 1))
		{
			if (only_dots && (segment_len == 1 || segment_len == 2))
				return "It must not contain \".\" or \"..\" segments.";
			if (i > 0 && i < len && segment_len == 0)
				return "It must not contain empty segments.";
			segment_len = 0;
			only_dots = true;
			continue;
		}
		if (byte == '/' || byte == '\\')
			return "It must not contain backslashes or encoded slashes.";
		segment_len++;
		only_dots = only_dots && byte == '.';
	}
	return NULL;
}

const char *
crm_url_path_problem(const char *path, const char *const *roots)
{
	size_t		path_len = strcspn(path, "?");
	bool		below_root = false;
	int			taken;

	if (path[0] != '/')
		return "It must be an absolute path such as /api/3/contacts, without host.";
	if (path[1] == '/')
		return "It must not start with \"//\": the host is the server's.";

	for (const char *c = path; *c != '\0'; c += taken)
	{
		unsigned char byte;

		taken = decode_byte(c, &byte);
		if (byte < 0x20 || byte == 0x7f)
			return "It must not contain control characters.";
		if (taken == 1 && byte == '#')
			return "It must not contain a fragment.";
		if (taken == 1 && (byte == ' ' || byte >= 0x80 || byte == '%'))
			return "Blanks, percent signs and characters beyond ASCII must be percent-encoded.";
	}

	for (int i = 0; roots[i] != NULL; i++)
	{
		size_t		len = strlen(roots[i]);

		if (path_len > len + 1 && strncmp(path, roots[i], len) == 0 && path[len] == '/')
			below_root = true;
	}
	if (!below_root)
		return "It must be below the API's root, for example /api/3, /v1 or /dev/api.";
	return path_part_problem(path, path_len);
}

/* Is this the name of a parameter that begins at text? */
static bool
begins_with_name(const char *text, const char *name)
{
	for (; *name != '\0'; name++)
	{
		unsigned char byte;

		text += decode_byte(text, &byte);
		if (byte != (unsigned char) *name)
			return false;
	}
	return *text == '=' || *text == '&' || *text == '\0';
}

bool
crm_url_has_param(const char *path, const char *name)
{
	const char *query = strchr(path, '?');

	while (query != NULL)
	{
		if (begins_with_name(query + 1, name))
			return true;
		query = strchr(query + 1, '&');
	}
	return false;
}

static void
append_encoded(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (is_unreserved((unsigned char) *c))
			appendStringInfoChar(out, *c);
		else
			appendStringInfo(out, "%%%02X", (unsigned char) *c);
	}
}

static void
append_separator(StringInfo query)
{
	if (query->len > 0)
		appendStringInfoChar(query, '&');
}

void
crm_url_add(StringInfo query, const char *name, const char *value)
{
	append_separator(query);
	append_encoded(query, name);
	appendStringInfoChar(query, '=');
	append_encoded(query, value);
}

void
crm_url_add_int(StringInfo query, const char *name, int64 value)
{
	append_separator(query);
	append_encoded(query, name);
	appendStringInfo(query, "=" INT64_FORMAT, value);
}

void
crm_url_add_raw(StringInfo query, const char *encoded)
{
	if (encoded == NULL || encoded[0] == '\0')
		return;
	append_separator(query);
	appendStringInfoString(query, encoded);
}

char *
crm_url_encode(const char *text)
{
	StringInfoData out;

	initStringInfo(&out);
	append_encoded(&out, text);
	return out.data;
}

/*
 * Number of characters of an encoded text that together form one character
 * fit for reading, which is stored in decoded (at least 4 bytes, *len used);
 * 0 if they should stay as they are.
 */
static int
readable_character(const char *encoded, char *decoded, int *len)
{
	unsigned char byte;
	int			taken = decode_byte(encoded, &byte);
	int			size;

	decoded[0] = (char) byte;
	*len = 1;
	if (byte < 0x80)
		return byte < 0x20 || byte == 0x7f ? 0 : taken;

	size = pg_utf_mblen((unsigned char *) decoded);
	if (size < 2 || size > 4 || GetDatabaseEncoding() != PG_UTF8)
		return 0;
	for (; *len < size; (*len)++)
	{
		if (encoded[taken] == '\0')
			return 0;
		taken += decode_byte(encoded + taken, &byte);
		decoded[*len] = (char) byte;
	}
	if (!pg_utf8_islegal((unsigned char *) decoded, size) ||
		utf8_to_unicode((unsigned char *) decoded) <= 0x9f)
		return 0;
	return taken;
}

char *
crm_url_readable(const char *encoded)
{
	StringInfoData out;

	initStringInfo(&out);
	while (*encoded != '\0')
	{
		char		decoded[4];
		int			len;
		int			taken = readable_character(encoded, decoded, &len);

		if (taken > 0)
			appendBinaryStringInfo(&out, decoded, len);
		else if ((unsigned char) *encoded < 0x20 || (unsigned char) *encoded >= 0x7f)
		{
			appendStringInfo(&out, "%%%02X", (unsigned char) *encoded);
			taken = 1;
		}
		else
		{
			appendStringInfoChar(&out, *encoded);
			taken = 1;
		}
		encoded += taken;
	}
	return out.data;
}
