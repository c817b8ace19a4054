/*
 * refusal.c
 *		What a 401 or 403 means, and what is done about it.
 *
 * A 403 may mean a bad credential or a missing permission.  A probe, a fetch
 * of the API's cheapest path, tells which; its answer is remembered for a
 * while.
 */
#include "postgres.h"

#include "client/auth.h"
#include "client/fetching.h"
#include "client/probe.h"

static void
fail_credential(CrmFetch *fetch, const CrmVerdict *verdict)
{
	CrmFailure	failure = verdict->failure;

	failure.sqlstate = CRM_ERR_CREDENTIAL;
	failure.message = psprintf("%s: the credential is refused", failure.message);
	failure.hint = psprintf(fetch->account->credential.secret_file ?
							"It was read again from the secret_file of the user mapping for server \"%s\": check its first line." :
							"Check the options of the user mapping for server \"%s\".",
							fetch->account->server_name);
	crm_fetching_fail(fetch, &failure);
}

/* The credential is good, yet the request was refused. */
static void
fail_permission(CrmFetch *fetch)
{
	CrmFailure	failure = fetch->refusal.failure;

	failure.message = psprintf("%s: signed in, but may not read it", failure.message);
	failure.hint = psprintf("The account's plan or add-ons, or the permissions of the key's user, do not cover \"%s\".",
							fetch->request.entity);
	crm_fetching_fail(fetch, &failure);
}

/* What a refused request does once it is known whether the credential is good. */
static void
settle_refusal(CrmFetch *fetch, bool credential_accepted)
{
	if (!credential_accepted)
		fail_credential(fetch, &fetch->refusal);
	else if (fetch->forbidden_again)
		fail_permission(fetch);
	else
	{
		/* APIs refuse in error at times: once more. */
		fetch->forbidden_again = true;
		crm_fetching_send_again(fetch);
	}
}

void
crm_refusal_heed(CrmFetch *fetch, const CrmVerdict *verdict)
{
	CrmAccount *account = fetch->account;
	bool		accepted;
	CrmRequest	probe_request = {
		.entity = fetch->request.entity,
		.path = account->api->probe_path,
		.is_probe = true
	};

	fetch->refusal = *verdict;
	if (!fetch->credential_reloaded && !fetch->request.is_probe && !account->try_once)
	{
		fetch->credential_reloaded = true;

		/* Another fetch may have come first and reloaded it. */
		if (fetch->sent_with != crm_auth_fingerprint(account) || crm_auth_reload(account))
		{
			crm_fetching_send_again(fetch);
			return;
		}
	}
	if (verdict->kind == CRM_VERDICT_UNAUTHORIZED || fetch->request.is_probe)
	{
		fail_credential(fetch, verdict);
		return;
	}

	if (account->try_once)
	{
		/* Whoever asks like this has probed the credential before. */
		fail_permission(fetch);
		return;
	}
	if (crm_probe_recall(account, &accepted))
	{
		settle_refusal(fetch, accepted);
		return;
	}
	crm_fetching_release(fetch);
	fetch->probe = crm_fetching_start(account, &probe_request);
	fetch->state = FETCH_PROBING;
}

void
crm_refusal_conclude(CrmFetch *fetch)
{
	CrmFetch   *probe = fetch->probe;

	fetch->probe = NULL;
	if (!probe->failed)
	{
		crm_probe_remember(fetch->account, true);
		settle_refusal(fetch, true);
	}
	else if (probe->failure.sqlstate == CRM_ERR_CREDENTIAL)
	{
		crm_probe_remember(fetch->account, false);
		settle_refusal(fetch, false);
	}
	else
	{
		CrmFailure	failure = fetch->refusal.failure;

		failure.hint = psprintf("Whether the credential is good could not be found out: %s",
								probe->failure.message);
		crm_fetching_fail(fetch, &failure);
	}
}
