/*
 * answer.c
 *		Turns status, body and transport trouble into verdicts and messages.
 *
 * The body is looked at before the status where an API is known to say "no
 * such record" with more than one code, and Content-Type is not looked at at
 * all: JSON arrives as text/html and HTML as application/json.
 */
#include "postgres.h"

#include "client/answer.h"
#include "client/auth.h"
#include "client/url.h"
#include "client/words.h"

/* "Aircall answered 404 to a read of "calls"" */
static char *
answered(const CrmAccount *account, const CrmRequest *request, int status)
{
	return psprintf("%s answered %d to a read of \"%s\"",
					account->api->title, status, request->entity);
}

static CrmVerdict
failed(int sqlstate, char *message, char *detail, const char *hint)
{
	CrmVerdict	verdict = {
		.kind = CRM_VERDICT_FAILED,
		.retry = CRM_RETRY_NEVER,
		.failure = {
			.sqlstate = sqlstate,
			.message = message,
			.detail = detail,
			.hint = hint
		}
	};

	return verdict;
}

/* A failure for which only the status stands. */
static CrmVerdict
failed_with_status(const CrmAccount *account, const CrmRequest *request,
				   const CrmHttpResponse *response, int sqlstate, const char *hint)
{
	return failed(sqlstate, answered(account, request, response->status),
				  crm_words_of_body(account, response->body, response->body_len), hint);
}

/* The transfer was ended by a rule of ours. */
static CrmVerdict
judge_own_refusal(const CrmAccount *account, const CrmRequest *request,
				  const CrmHttpResponse *response, const char *host)
{
	CrmVerdict	verdict;

	if (response->outcome == CRM_HTTP_ADDRESS_REFUSED)
		return failed(CRM_ERR_FORBIDDEN,
					  psprintf("the address of host \"%s\" is refused; \"%s\" of %s was not read",
							   host, request->entity, account->api->title),
					  NULL,
					  account->trusted ?
					  "Plain http is used for loopback addresses only." :
					  "Loopback, link-local and private addresses are open only to servers that a superuser owns.");

	verdict = failed(CRM_ERR_LIMIT,
					 psprintf("the answer of %s to a read of \"%s\" is larger than " INT64_FORMAT " bytes",
							  account->api->title, request->entity, account->max_response_size),
					 NULL, "A smaller page_size or a larger max_response_size may help.");
	verdict.overload = true;
	return verdict;
}

/* No complete answer arrived. */
static CrmVerdict
judge_transport(const CrmAccount *account, const CrmRequest *request,
				const CrmHttpResponse *response)
{
	const char *title = account->api->title;
	const char *entity = request->entity;
	char	   *words = crm_auth_quote(account, response->error, strlen(response->error));
	char	   *host = crm_url_host(account->origin);
	CrmVerdict	verdict = failed(CRM_ERR_UNREACHABLE, NULL, words, NULL);
	CrmFailure *failure = &verdict.failure;

	verdict.retry = CRM_RETRY_TRANSIENT;
	switch (response->outcome)
	{
		case CRM_HTTP_ANSWERED:
			break;
		case CRM_HTTP_ADDRESS_REFUSED:
		case CRM_HTTP_TOO_LARGE:
			return judge_own_refusal(account, request, response, host);
		case CRM_HTTP_DNS:
			verdict.retry = CRM_RETRY_NAME;
			failure->message = psprintf("could not resolve host \"%s\" to read \"%s\" of %s",
										host, entity, title);
			failure->hint = psprintf("Check the option \"base_url\" of server \"%s\".",
									 account->server_name);
			break;
		case CRM_HTTP_CONNECT:
			failure->message = psprintf("could not connect to \"%s\" to read \"%s\" of %s",
										host, entity, title);
			failure->hint = psprintf("Check the option \"base_url\" of server \"%s\" and the network.",
									 account->server_name);
			break;
		case CRM_HTTP_TLS:
			verdict.retry = CRM_RETRY_NEVER;
			failure->message = psprintf("the certificate of \"%s\" cannot be trusted; \"%s\" of %s was not read",
										host, entity, title);
			failure->hint = "If the server has a certificate of its own authority, the option \"ca_file\" can name it.";
			break;
		case CRM_HTTP_TIMEOUT:
			verdict.overload = true;
			verdict.retry = request->tolerate_overload ? CRM_RETRY_SLOW : CRM_RETRY_TRANSIENT;
			failure->message = psprintf("%s did not finish its answer to a read of \"%s\" within %g s",
										title, entity, account->request_timeout_ms / 1000.0);
			failure->hint = "A smaller page_size or a longer request_timeout may help.";
			break;
		case CRM_HTTP_BROKEN:
			failure->message = psprintf("%s broke off its answer to a read of \"%s\"", title, entity);
			failure->hint = "The server or the network had trouble; run the query again.";
			break;
		case CRM_HTTP_FAILED:
			verdict.retry = CRM_RETRY_NEVER;
			failure->message = psprintf("could not send a request to %s to read \"%s\"", title, entity);
			failure->hint = account->ca_file ?
				psprintf("Check the option \"ca_file\" of server \"%s\".", account->server_name) :
				"The system's certificates may be missing (on Debian: the package ca-certificates).";
			break;
	}
	return verdict;
}

/* A success status with a body that is not the JSON it should be. */
static CrmVerdict
judge_bad_json(const CrmAccount *account, const CrmRequest *request,
			   const CrmHttpResponse *response, const CrmJsonError *error)
{
	char	   *message = answered(account, request, response->status);
	char	   *excerpt = NULL;
	CrmVerdict	verdict;

	switch (error->fault)
	{
		case CRM_JSON_OK:
		case CRM_JSON_NOT_JSON:
		case CRM_JSON_TRUNCATED:
			break;
		case CRM_JSON_BAD_UTF8:
			return failed(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
						  psprintf("%s with text that is no valid UTF-8 at byte %zu", message, error->offset),
						  NULL, "A record holds a damaged text, which has to be mended in the CRM.");
		case CRM_JSON_TOO_DEEP:
			return failed(CRM_ERR_LIMIT,
						  psprintf("%s with JSON nested deeper than %d levels", message, CRM_JSON_MAX_DEPTH),
						  NULL, "The answer is unlike any that this API documents; check the option \"base_url\".");
		case CRM_JSON_TOO_MANY:
			return failed(CRM_ERR_LIMIT,
						  psprintf("%s with more than %d JSON values", message, CRM_JSON_MAX_VALUES),
						  NULL, "A smaller page_size may help.");
		case CRM_JSON_NUMBER_TOO_LONG:
			return failed(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
						  psprintf("%s with a number of too many digits at byte %zu", message, error->offset),
						  NULL, "A record holds a number that has to be mended in the CRM.");
		case CRM_JSON_NO_MEMORY:
			return failed(ERRCODE_OUT_OF_MEMORY, pstrdup("out of memory"), NULL, NULL);
	}

	if (response->body_len > 0)
		excerpt = crm_auth_quote(account, response->body, response->body_len);
	verdict = failed(CRM_ERR_ANSWER,
					 psprintf("%s: expected JSON, got %s", message,
							  error->fault == CRM_JSON_TRUNCATED && response->body_len > 0 ?
							  "truncated JSON" : crm_words_kind(response->body, response->body_len)),
					 excerpt,
					 "Something between here and the API may answer in its place; check the option \"base_url\".");
	verdict.retry = CRM_RETRY_TRANSIENT;
	return verdict;
}

/* True if the body says that there is no such record. */
static bool
says_not_found(const CrmAccount *account, const CrmHttpResponse *response)
{
	const char *text = account->api->not_found_text;

	return text != NULL && strstr(response->body, text) != NULL;
}

static CrmVerdict
judge_success(const CrmAccount *account, const CrmRequest *request, CrmHttpResponse *response)
{
	CrmVerdict	verdict = {.kind = CRM_VERDICT_NOTHING};
	CrmJsonError error = {.fault = CRM_JSON_TRUNCATED};

	/*
	 * Only a status that promises no content makes an empty list of an empty
	 * body: anywhere else it is an answer that got lost.
	 */
	if (response->body_len == 0)
	{
		if (response->status == 204 || response->status == 205)
			return verdict;
		return judge_bad_json(account, request, response, &error);
	}

	verdict.json = crm_json_parse(response->body, response->body_len,
								  account->api->secret_keys, &error);
	if (verdict.json == NULL)
	{
		if (says_not_found(account, response))
			return verdict;
		return judge_bad_json(account, request, response, &error);
	}

	if (crm_words_is_failure(verdict.json))
	{
		if (says_not_found(account, response))
		{
			verdict.json = NULL;
			return verdict;
		}
		return failed(CRM_ERR_ANSWER,
					  psprintf("%s, but with a failure", answered(account, request, response->status)),
					  crm_words_of_json(account, verdict.json),
					  "The API refused the request in its own words; run the query again.");
	}
	verdict.kind = CRM_VERDICT_JSON;
	return verdict;
}

static CrmVerdict
judge_redirect(const CrmAccount *account, const CrmRequest *request,
			   const CrmHttpResponse *response)
{
	char	   *target = crm_auth_quote(account, response->location, strlen(response->location));

	return failed(CRM_ERR_ANSWER,
				  psprintf("%s: redirect refused", answered(account, request, response->status)),
				  target[0] != '\0' ? psprintf("It points to %s", target) : NULL,
				  "Check the option \"base_url\": a wrong account name or host often answers like this.");
}

/* 404, and what else an endpoint that does not exist may answer. */
static CrmVerdict
judge_missing(const CrmAccount *account, const CrmRequest *request,
			  const CrmHttpResponse *response)
{
	CrmVerdict	verdict = {0};

	if (response->status == 404 && request->absent_is_empty)
	{
		verdict.kind = CRM_VERDICT_NOTHING;
		return verdict;
	}
	if (response->status != 410 && request->tolerate_missing)
	{
		verdict.kind = CRM_VERDICT_NO_ENDPOINT;
		return verdict;
	}
	if (request->unlisted)
		return failed_with_status(account, request, response, CRM_ERR_NO_ENTITY,
								  "The API does not offer this, or not to this account; check the table option \"path\".");
	if (response->status == 404 || response->status == 410)
		return failed_with_status(account, request, response, CRM_ERR_NO_ENTITY,
								  "The API does not offer this, or not to this account; check the option \"base_url\" too.");
	return failed_with_status(account, request, response, CRM_ERR_ANSWER,
							  "The API does not take this request; check the option \"base_url\".");
}

static CrmVerdict
judge_server_error(const CrmAccount *account, const CrmRequest *request,
				   const CrmHttpResponse *response)
{
	CrmVerdict	verdict = failed_with_status(account, request, response, CRM_ERR_UNREACHABLE,
											 "The API has trouble; try again later.");

	verdict.retry = CRM_RETRY_TRANSIENT;
	verdict.overload = response->status >= 500;
	return verdict;
}

/* Gives a failure the kind that the fetch has to decide about. */
static CrmVerdict
undecided(CrmVerdict verdict, CrmVerdictKind kind)
{
	verdict.kind = kind;
	return verdict;
}

CrmVerdict
crm_answer_judge(const CrmAccount *account, const CrmRequest *request,
				 CrmHttpResponse *response)
{
	int			status = response->status;
	CrmVerdict	nothing = {.kind = CRM_VERDICT_NOTHING};
	CrmVerdict	no_endpoint = {.kind = CRM_VERDICT_NO_ENDPOINT};

	if (response->outcome != CRM_HTTP_ANSWERED)
		return judge_transport(account, request, response);
	if (status >= 200 && status < 300)
		return judge_success(account, request, response);
	if (status >= 300 && status < 400)
		return judge_redirect(account, request, response);
	if (request->uncertain &&
		(status == 400 || status == 404 || status == 405 || status == 415 || status == 422 ||
		 (status == 500 && !request->proven_endpoint)))
		return no_endpoint;
	if (status != 429 && says_not_found(account, response))
		return nothing;

	switch (status)
	{
		case 401:
			return undecided(failed_with_status(account, request, response, CRM_ERR_CREDENTIAL, NULL),
							 CRM_VERDICT_UNAUTHORIZED);
		case 402:
			return failed_with_status(account, request, response, CRM_ERR_FORBIDDEN,
									  "Check the billing and the plan of the account.");
		case 403:
			return undecided(failed_with_status(account, request, response, CRM_ERR_FORBIDDEN, NULL),
							 CRM_VERDICT_FORBIDDEN);
		case 404:
		case 405:
		case 410:
		case 415:
			return judge_missing(account, request, response);
		case 429:
			return undecided(failed_with_status(account, request, response, CRM_ERR_THROTTLED, NULL),
							 CRM_VERDICT_THROTTLED);
		case 408:
		case 425:
			return judge_server_error(account, request, response);
		default:
			if (status >= 500)
				return judge_server_error(account, request, response);
			return failed_with_status(account, request, response, CRM_ERR_ANSWER,
									  "If the detail names a parameter, check the options of the table.");
	}
}
