/*
 * check_server.c
 *		crm_fdw.check_server(): what somebody who has just stored a key needs to
 *		know.
 *
 * One request to the API's cheapest path answers most of it.  A failure ends
 * what depends on it: the rows behind it say that they were not checked, and
 * nothing more is sent.  No request is sent twice.
 */
#include "postgres.h"

#include "catalog/pg_foreign_server.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include <time.h>

#include "admin/check.h"
#include "admin/sql.h"
#include "base/compat.h"
#include "base/report.h"
#include "client/auth.h"
#include "client/budget.h"
#include "client/fetch.h"
#include "client/probe.h"
#include "client/progress.h"
#include "client/scalar.h"
#include "client/url.h"

PG_FUNCTION_INFO_V1(crm_fdw_check_server);

/* A difference of clocks that nobody needs to care about; answers take a while. */
#define CLOCK_TOLERANCE		5

/* A server that left so many requests in a row without an answer is gone. */
#define MOST_UNANSWERED		2

static const char *const row_names[] = {
	[CRM_CHECK_OPTIONS] = "options",
	[CRM_CHECK_REACHABILITY] = "reachability",
	[CRM_CHECK_TLS] = "TLS",
	[CRM_CHECK_CREDENTIAL] = "credential",
	[CRM_CHECK_ACCOUNT] = "account",
	[CRM_CHECK_ADMIN] = "admin rights",
	[CRM_CHECK_CLOCK] = "clock",
	[CRM_CHECK_BUDGET] = "rate budget"
};

/* ------------------------------------------------------------------------
 * Rows
 * ------------------------------------------------------------------------ */

/* A copy on one line, in the check's context. */
static char *
one_line(const CrmCheck *check, const char *text)
{
	char	   *copy = text ? MemoryContextStrdup(check->context, text) : NULL;

	for (char *c = copy; c != NULL && *c != '\0'; c++)
	{
		if ((unsigned char) *c < 0x20)
			*c = ' ';
	}
	return copy;
}

void
crm_check_note(CrmCheck *check, int row, CrmFinding finding, const char *detail, const char *hint)
{
	check->rows[row].finding = finding;
	check->rows[row].detail = one_line(check, detail);
	check->rows[row].hint = one_line(check, hint);
}

void
crm_check_note_error(CrmCheck *check, int row, const ErrorData *error)
{
	crm_check_note(check, row, CRM_BAD,
				   error->detail ? psprintf("%s (%s)", error->message, error->detail) : error->message,
				   error->hint);
}

char *
crm_check_quote(const CrmQuestion *question, const CrmJson *json, const CrmNode *node,
				const char *const *pointers)
{
	StringInfoData all;
	char	   *quoted;

	initStringInfo(&all);
	for (; *pointers != NULL; pointers++)
	{
		const char *text = crm_scalar_text(json, crm_json_pointer(node, *pointers));

		if (text != NULL && *text != '\0')
			appendStringInfo(&all, "%s%s", all.len > 0 ? " " : "", text);
	}
	quoted = crm_auth_quote(question->account, all.data, all.len);
	return *quoted ? MemoryContextStrdup(question->check->context, quoted) : NULL;
}

bool
crm_check_says_yes(const CrmJson *json, const CrmNode *node)
{
	const char *text = crm_scalar_text(json, node);

	return text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

/* ------------------------------------------------------------------------
 * Asking
 * ------------------------------------------------------------------------ */

/* An account that sends each request once; options that it points into must stay. */
static CrmAccount *
make_account(const CrmCheck *check, CrmOptions *options, const char *subject)
{
	CrmAccount *account;

	*options = check->options;
	options->entity = subject;
	account = crm_account_create(check->server, check->user, options);
	account->max_retries = 0;
	account->try_once = true;
	return account;
}

/* What crm_guarded() runs. */
static void
ask(void *arg)
{
	CrmQuestion *question = arg;
	CrmOptions	options;

	question->account = make_account(question->check, &options, question->subject);
	PG_TRY();
	{
		question->ask(question);
	}
	PG_CATCH();
	{
		crm_progress_failed(question->account);
		question->exchange = question->account->exchange;
		PG_RE_THROW();
	}
	PG_END_TRY();
	question->exchange = question->account->exchange;
}

/* crm_guarded(), except that what the user or the server asks for is obeyed. */
static ErrorData *
guarded(CrmStep step, void *arg)
{
	ErrorData  *error = crm_guarded(step, arg);

	if (error != NULL && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	return error;
}

/* A step, and the memory it may use. */
typedef struct Errand
{
	CrmStep		step;
	void	   *arg;
	MemoryContext context;
} Errand;

static void
run_errand(void *arg)
{
	const Errand *errand = arg;

	MemoryContextSwitchTo(errand->context);
	errand->step(errand->arg);
}

/* Runs a step in memory of its own, which is what wipes credentials. */
static ErrorData *
run_apart(const CrmCheck *check, CrmStep step, void *arg)
{
	Errand		errand = {.step = step, .arg = arg};
	ErrorData  *error;

	errand.context = AllocSetContextCreate(check->context, "crm_fdw check", ALLOCSET_DEFAULT_SIZES);
	error = guarded(run_errand, &errand);
	MemoryContextDelete(errand.context);
	return error;
}

ErrorData *
crm_check_ask(CrmQuestion *question)
{
	question->exchange.over = false;
	return run_apart(question->check, ask, question);
}

bool
crm_check_is_own(const CrmQuestion *question, const ErrorData *error)
{
	CrmCheck   *check = question->check;

	if (error != NULL && error->sqlerrcode == CRM_ERR_THROTTLED)
	{
		check->stopped = true;
		crm_check_note_error(check, CRM_CHECK_BUDGET, error);
		return false;
	}
	if (question->exchange.over && question->exchange.status > 0)
		check->unanswered = 0;
	else if (question->exchange.over)
		check->stopped = ++check->unanswered >= MOST_UNANSWERED;
	else if (error != NULL)
		/* Nothing could be sent, which is not going to change. */
		check->stopped = true;
	return true;
}

/* ------------------------------------------------------------------------
 * Options
 * ------------------------------------------------------------------------ */

static void
look_at_options(void *arg)
{
	CrmCheck   *check = arg;
	CrmOptions	options;
	CrmAccount *account = make_account(check, &options, NULL);

	crm_auth_prepare(account);
	check->origin = MemoryContextStrdup(check->context, account->origin);
	crm_check_note(check, CRM_CHECK_OPTIONS, CRM_GOOD,
				   psprintf("complete: %s at %s", check->api->title, account->origin), NULL);
}

static bool
check_options(CrmCheck *check)
{
	ErrorData  *error = run_apart(check, look_at_options, check);

	if (error != NULL)
		crm_check_note_error(check, CRM_CHECK_OPTIONS, error);
	return error == NULL;
}

/* ------------------------------------------------------------------------
 * The probe
 * ------------------------------------------------------------------------ */

static void
ask_probe(CrmQuestion *question)
{
	CrmCheck   *check = question->check;
	const CrmKeyFacts *facts = &check->api->key_facts;
	CrmRequest	request = {
		.entity = question->subject,
		.path = check->api->probe_path,
		.is_probe = true
	};
	CrmAnswer  *answer = crm_fetch_finish(crm_fetch_start(question->account, &request));
	const CrmNode *root = answer->json ? crm_json_root(answer->json) : NULL;
	const CrmNode *admin;

	if (crm_json_pointer(root, facts->sign) == NULL)
		ereport(ERROR,
				(errcode(CRM_ERR_ANSWER),
				 errmsg("\"%s\" answered %d to a read of \"%s\", but not as %s does: expected a value at \"%s\"",
						crm_url_host(question->account->origin), answer->status, request.path,
						check->api->title, facts->sign),
				 errhint("Check the options \"base_url\" and \"crm\" of server \"%s\".",
						 question->account->server_name)));
	crm_probe_remember(question->account, true);
	if (facts->owner_entity == NULL)
		check->owner = crm_check_quote(question, answer->json, root, facts->owner);
	if (facts->admin_pointer == NULL)
		return;
	admin = crm_json_pointer(root, facts->admin_pointer);
	check->admin_told = crm_scalar_text(answer->json, admin) != NULL;
	check->is_admin = crm_check_says_yes(answer->json, admin);
}

/* The row that a failure of the probe belongs to. */
static CrmCheckNumber
row_of_failure(const CrmExchange *exchange, bool plain, const ErrorData *error)
{
	if (error->sqlerrcode == CRM_ERR_THROTTLED)
		return CRM_CHECK_BUDGET;
	/* A limit of our own forbids requests. */
	if (error->sqlerrcode == CRM_ERR_LIMIT && !exchange->over)
		return CRM_CHECK_BUDGET;
	if (exchange->outcome == CRM_HTTP_TLS || (exchange->outcome == CRM_HTTP_FAILED && !plain))
		return CRM_CHECK_TLS;
	if (error->sqlerrcode == CRM_ERR_CREDENTIAL)
		return CRM_CHECK_CREDENTIAL;
	if (exchange->status == 402)
		return CRM_CHECK_ACCOUNT;
	return CRM_CHECK_REACHABILITY;
}

static void
note_connection(CrmCheck *check, const CrmExchange *exchange, const char *origin)
{
	char	   *host = crm_url_host(origin);

	if (exchange->outcome == CRM_HTTP_TLS)
	{
		crm_check_note(check, CRM_CHECK_REACHABILITY, CRM_GOOD, psprintf("connected to \"%s\"", host), NULL);
		return;
	}
	crm_check_note(check, CRM_CHECK_REACHABILITY, CRM_GOOD,
				   psprintf("\"%s\" answered with status %d in %d ms", host, exchange->status, exchange->took_ms),
				   NULL);
	crm_check_note(check, CRM_CHECK_TLS, CRM_GOOD,
				   crm_url_is_plain(origin) ? "not used: the address is this machine's own" :
				   "the certificate is trusted", NULL);
}

/*
 * The Date header has whole seconds and was written before the answer was on
 * its way.
 */
static void
note_clock(CrmCheck *check, const CrmExchange *exchange)
{
	int64		ahead = exchange->date - (int64) time(NULL);
	bool		good = ahead <= CLOCK_TOLERANCE && -ahead <= CLOCK_TOLERANCE + exchange->took_ms / 1000;

	if (exchange->date < 0)
		crm_check_note(check, CRM_CHECK_CLOCK, CRM_NOT_KNOWN, "the API does not say what time it is", NULL);
	else if (good)
		crm_check_note(check, CRM_CHECK_CLOCK, CRM_GOOD,
					   psprintf("agrees with the API's, give or take %d s", CLOCK_TOLERANCE), NULL);
	else
		crm_check_note(check, CRM_CHECK_CLOCK, CRM_BAD,
					   psprintf("the API's clock is " INT64_FORMAT " s %s this server's",
								ahead > 0 ? ahead : -ahead, ahead > 0 ? "ahead of" : "behind"),
					   "Set the clock of this server (NTP): queries with now() and refreshes of what has changed miss records otherwise.");
}

/* What guarded code finds out about the budget. */
static void
look_at_budget(void *arg)
{
	CrmCheck   *check = arg;
	CrmOptions	options;
	CrmAccount *account = make_account(check, &options, NULL);
	CrmBudgetState state;
	StringInfoData detail;
	bool		shared;

	crm_auth_prepare(account);
	shared = crm_budget_state(account, &state);
	initStringInfo(&detail);
	appendStringInfo(&detail, "%s%s, %d available", crm_budget_limit_text(&state),
					 check->options.rate_limit.count == 0 ? " by default" : "", state.available);
	if (state.blocked_ms > 0)
		appendStringInfo(&detail, ", closed for " INT64_FORMAT " s", (state.blocked_ms + 999) / 1000);
	if (check->remaining >= 0)
		appendStringInfo(&detail, "; the API says that " INT64_FORMAT " are left", check->remaining);
	appendStringInfoString(&detail, shared ? "; shared by all sessions" : "; of this session only");
	crm_check_note(check, CRM_CHECK_BUDGET, CRM_GOOD, detail.data, shared ? NULL :
				   "Add crm_fdw to \"shared_preload_libraries\" and restart the server, so that sessions do not exceed the limit together.");
}

/* Asks the API's cheapest path; false if that ends the check. */
static bool
check_probe(CrmCheck *check)
{
	CrmQuestion question = {.check = check, .subject = check->api->probe_path, .ask = ask_probe};
	const char *origin = check->origin;
	ErrorData  *error = crm_check_ask(&question);
	CrmCheckNumber failed = CRM_CHECK_ENTITIES;

	if (error != NULL)
		failed = row_of_failure(&question.exchange, crm_url_is_plain(origin), error);
	if (question.exchange.over && failed > CRM_CHECK_REACHABILITY && question.exchange.outcome != CRM_HTTP_FAILED)
		note_connection(check, &question.exchange, origin);
	if (question.exchange.over && failed >= CRM_CHECK_BUDGET)
		note_clock(check, &question.exchange);
	if (error != NULL)
	{
		crm_check_note_error(check, failed, error);
		return false;
	}
	check->remaining = question.exchange.remaining;
	crm_check_note(check, CRM_CHECK_CREDENTIAL, CRM_GOOD,
				   psprintf("accepted by %s", check->api->probe_path), NULL);
	error = run_apart(check, look_at_budget, check);
	if (error != NULL)
		crm_check_note_error(check, CRM_CHECK_BUDGET, error);
	return true;
}

/* ------------------------------------------------------------------------
 * What the key may see
 * ------------------------------------------------------------------------ */

static void
ask_admin_path(CrmQuestion *question)
{
	CrmRequest	request = {.entity = question->subject, .path = question->subject};
	CrmAnswer  *answer = crm_fetch_finish(crm_fetch_start(question->account, &request));

	if (answer->kind == CRM_ANSWER_JSON)
		question->check->admin_told = question->check->is_admin = true;
}

static void
check_admin_path(CrmCheck *check)
{
	CrmQuestion question = {
		.check = check,
		.subject = check->api->key_facts.admin_path,
		.ask = ask_admin_path
	};
	ErrorData  *error;

	if (question.subject == NULL)
		return;
	error = crm_check_ask(&question);
	if (crm_check_is_own(&question, error) && error != NULL && question.exchange.status == 403)
		check->admin_told = true;
}

/* Draws the conclusions, once the entities were read. */
static void
note_key(CrmCheck *check)
{
	const CrmKeyFacts *facts = &check->api->key_facts;

	if (check->owner != NULL)
		crm_check_note(check, CRM_CHECK_ACCOUNT, CRM_GOOD, psprintf("the key belongs to %s", check->owner), NULL);
	else if (!check->stopped)
		crm_check_note(check, CRM_CHECK_ACCOUNT, CRM_NOT_KNOWN, "the API does not tell whom the key belongs to", NULL);

	if (facts->sees_everything != NULL)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_GOOD, facts->sees_everything, NULL);
	else if (check->withheld > 0)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_BAD,
					   psprintf("%d of the first %d records of \"%s\" are restricted: the API shows little more than their ids%s",
								check->withheld, check->looked_at, facts->withheld_entity,
								!check->admin_told ? "" : check->is_admin ? " (the key is an administrator's)" :
								" (the key is no administrator's)"),
					   facts->withheld_advice);
	else if (check->admin_told && !check->is_admin)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_BAD, "the key is no administrator's: what its user may not see is left out",
					   facts->admin_advice);
	else if (check->admin_told)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_GOOD, "the key is an administrator's", NULL);
	else if (check->looked_at > 0)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_GOOD,
					   psprintf("none of the first %d records of \"%s\" is restricted; whether the key is an administrator's the API does not tell",
								check->looked_at, facts->withheld_entity), facts->admin_advice);
	else if (!check->stopped)
		crm_check_note(check, CRM_CHECK_ADMIN, CRM_NOT_KNOWN, "the API does not tell whether the key is an administrator's",
					   facts->admin_advice);
}

/* ------------------------------------------------------------------------
 * The function
 * ------------------------------------------------------------------------ */

/* The server of that name, if it is ours and the caller may use it. */
static ForeignServer *
find_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, false);
	Oid			handler = LookupFuncName(list_make2(makeString("crm_fdw"), makeString("crm_fdw_handler")),
										 0, NULL, true);
	AclResult	permitted;

	if (!OidIsValid(handler) || GetForeignDataWrapper(server->fdwid)->fdwhandler != handler)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("server \"%s\" is not one of crm_fdw", name),
				 errhint("CREATE SERVER ... FOREIGN DATA WRAPPER crm_fdw makes one.")));
	permitted = crm_check_server_usage(server->serverid);
	if (permitted != ACLCHECK_OK)
		aclcheck_error(permitted, OBJECT_FOREIGN_SERVER, name);
	return server;
}

static CrmCheck *
new_check(const ForeignServer *server)
{
	CrmCheck   *check = palloc0(sizeof(CrmCheck));

	check->context = CurrentMemoryContext;
	check->server = server->serverid;
	check->user = GetUserId();
	crm_server_options(server->serverid, &check->options);
	check->api = check->options.api;
	check->nrows = CRM_CHECK_ENTITIES + (check->api ? check->api->nentities : 0);
	check->rows = palloc0(sizeof(CrmCheckRow) * check->nrows);
	for (int i = 0; i < check->nrows; i++)
		check->rows[i].name = i < CRM_CHECK_ENTITIES ? row_names[i] :
			psprintf("entity %s", check->api->entities[i - CRM_CHECK_ENTITIES]->name);
	return check;
}

static void
put_row(ReturnSetInfo *result, const CrmCheckRow *row)
{
	const char *detail = row->finding == CRM_NOT_CHECKED && row->detail == NULL ? "not checked" : row->detail;
	Datum		values[4] = {
		CStringGetTextDatum(row->name),
		BoolGetDatum(row->finding == CRM_GOOD),
		detail ? CStringGetTextDatum(detail) : (Datum) 0,
		row->hint ? CStringGetTextDatum(row->hint) : (Datum) 0
	};
	bool		nulls[4] = {
		false,
		row->finding != CRM_GOOD && row->finding != CRM_BAD,
		detail == NULL,
		row->hint == NULL
	};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
crm_fdw_check_server(PG_FUNCTION_ARGS)
{
	ForeignServer *server = find_server(NameStr(*PG_GETARG_NAME(0)));
	MemoryContext context;
	MemoryContext old;
	CrmCheck   *check;

	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "crm_fdw check_server", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	check = new_check(server);
	if (check_options(check) && check_probe(check))
	{
		check_admin_path(check);
		crm_check_entities(check);
		note_key(check);
	}
	for (int i = 0; i < check->nrows; i++)
		put_row((ReturnSetInfo *) fcinfo->resultinfo, &check->rows[i]);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
