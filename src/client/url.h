/*
 * url.h
 *		Origins, hosts and query strings.  URLs are taken apart by libcurl's
 *		URL API only (through http.c), never by hand.
 */
#ifndef CRM_URL_H
#define CRM_URL_H

#include "postgres.h"

#include "lib/stringinfo.h"

/*
 * Normalises what a user pasted as base_url to an origin ("https://host",
 * port only if not the default).  A trailing "/" and one of the API's own
 * roots (NULL-terminated) are cut off.  Returns NULL and sets *problem (a
 * constant sentence fit for an error hint) if it is not acceptable: no scheme
 * or host, user name, query, fragment, another path, a scheme other than
 * https, http to a host that is not loopback.
 */
extern char *crm_url_origin(const char *base_url, const char *const *roots,
							const char **problem);

/* The host of an origin, lower case, without brackets; palloc'd. */
extern char *crm_url_host(const char *origin);

/* True if an origin uses plain http. */
extern bool crm_url_is_plain(const char *origin);

/*
 * True if host matches one of the comma separated patterns: exact names, or
 * "*.suffix" for one label or more before the suffix.  Case-insensitive.
 */
extern bool crm_url_host_allowed(const char *host, const char *patterns);

/*
 * Checks the table option path: absolute, below one of the roots, without
 * authority, "..", control characters or fragment.  NULL = fine, else a
 * constant sentence for a hint.
 */
extern const char *crm_url_path_problem(const char *path, const char *const *roots);

/* True if the query of a path has a parameter of that name, encoded or not. */
extern bool crm_url_has_param(const char *path, const char *name);

/* Appends "name=value" with "&" where needed, both percent-encoded. */
extern void crm_url_add(StringInfo query, const char *name, const char *value);
extern void crm_url_add_int(StringInfo query, const char *name, int64 value);

/* Appends an already encoded "a=b&c=d". */
extern void crm_url_add_raw(StringInfo query, const char *encoded);

/* Percent-encodes one path segment or value; palloc'd. */
extern char *crm_url_encode(const char *text);

/* Percent-decoded for reading in EXPLAIN; control characters stay encoded. */
extern char *crm_url_readable(const char *encoded);

#endif							/* CRM_URL_H */
