/*
 * requestlog.c
 *		Request limits per scan and per statement, and crm_fdw.log_requests.
 *
 * What users filter on may be confidential even where the credential is not
 * involved, so the log shows the shape of a request and no value.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/settings.h"
#include "client/requestlog.h"
#include "client/url.h"
#include "lib/stringinfo.h"

/* A statement is known by the time at which it arrived. */
static TimestampTz counted_statement = 0;
static int64 statement_requests = 0;

/* Begins to count anew when another statement runs. */
static void
look_at_statement(void)
{
	if (counted_statement != GetCurrentStatementStartTimestamp())
	{
		counted_statement = GetCurrentStatementStartTimestamp();
		statement_requests = 0;
	}
}

void
crm_requestlog_foresee(const CrmAccount *account, const char *entity, int64 more)
{
	look_at_statement();
	if (account->max_requests > 0 && account->counters.requests + more > account->max_requests)
		ereport(ERROR,
				(errcode(CRM_ERR_LIMIT),
				 errmsg("reading \"%s\" of %s needs about " INT64_FORMAT " requests, of which " INT64_FORMAT " are allowed",
						entity, account->api->title, account->counters.requests + more, account->max_requests),
				 errhint("Filter more narrowly, or raise the option \"max_requests\".")));
	if (crm_max_requests > 0 && statement_requests + more > crm_max_requests)
		ereport(ERROR,
				(errcode(CRM_ERR_LIMIT),
				 errmsg("the statement needs " INT64_FORMAT " requests or more, of which %d are allowed; it was about to read \"%s\" of %s",
						statement_requests + more, crm_max_requests, entity, account->api->title),
				 errhint("Filter more narrowly, or raise \"crm_fdw.max_requests\".")));
}

bool
crm_requestlog_admit(CrmAccount *account, const CrmRequest *request, CrmFailure *failure)
{
	CrmCounters *counters = &account->counters;

	look_at_statement();
	memset(failure, 0, sizeof(*failure));
	failure->sqlstate = CRM_ERR_LIMIT;
	if (account->max_requests > 0 && counters->requests >= account->max_requests)
	{
		failure->message = psprintf("reading \"%s\" of %s needs more than " INT64_FORMAT " requests",
									request->entity, account->api->title, account->max_requests);
		failure->hint = "Filter more narrowly, or raise the option \"max_requests\".";
		return false;
	}
	if (crm_max_requests > 0 && statement_requests >= crm_max_requests)
	{
		failure->message = psprintf("the statement needs more than %d requests; the last one was to read \"%s\" of %s",
									crm_max_requests, request->entity, account->api->title);
		failure->hint = "Filter more narrowly, or raise \"crm_fdw.max_requests\".";
		return false;
	}
	counters->requests++;
	statement_requests++;
	return true;
}

/*
 * Appends a path with its identifiers hidden: below the API's root, only
 * segments written in letters are names.
 */
static void
append_path(StringInfo out, const CrmAccount *account, const char *path, size_t len)
{
	static const char name_characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
	const char *end = path + len;

	for (const char *const *root = account->api->roots; *root != NULL; root++)
	{
		size_t		root_len = strlen(*root);

		if (len > root_len && strncmp(path, *root, root_len) == 0 && path[root_len] == '/')
		{
			appendStringInfoString(out, *root);
			path += root_len;
			break;
		}
	}
	while (path < end)
	{
		size_t		segment_len;

		if (*path == '/')
		{
			appendStringInfoChar(out, *path++);
			continue;
		}
		segment_len = Min(strcspn(path, "/"), (size_t) (end - path));
		if (strspn(path, name_characters) >= segment_len)
			appendBinaryStringInfo(out, path, (int) segment_len);
		else
			appendStringInfoChar(out, '*');
		path += segment_len;
	}
}

/* Appends the names of "a=b&c=d". */
static void
append_names(StringInfo out, const char *query)
{
	const char *separator = "?";

	if (strchr(out->data, '?') != NULL)
		separator = "&";
	while (query != NULL && *query != '\0')
	{
		size_t		len = strcspn(query, "&");

		appendStringInfoString(out, separator);
		appendBinaryStringInfo(out, query, (int) Min(strcspn(query, "="), len));
		appendStringInfoString(out, "=*");
		separator = "&";
		query += len;
		query += strspn(query, "&");
	}
}

char *
crm_requestlog_target(const CrmAccount *account, const CrmRequest *request)
{
	StringInfoData out;
	size_t		path_len = strcspn(request->path, "?");

	initStringInfo(&out);
	append_path(&out, account, request->path, path_len);
	if (request->path[path_len] == '?')
		append_names(&out, request->path + path_len + 1);
	append_names(&out, request->query);
	return crm_url_readable(out.data);
}

void
crm_requestlog_answered(CrmAccount *account, const CrmRequest *request,
						const CrmHttpResponse *response)
{
	char	   *target;

	account->counters.bytes += response->body_len;
	if (!crm_log_requests)
		return;

	target = crm_requestlog_target(account, request);
	ereport(LOG,
			(errmsg("crm_fdw request to server \"%s\": %s %s: status %d, %zu bytes, %d ms",
					account->server_name, request->post_form ? "POST" : "GET", target,
					response->status, response->body_len, response->took_ms),
			 errhidestmt(true), errhidecontext(true)));
	pfree(target);
}
