/*
 * probe.c
 *		Remembers the answers of credential probes in this backend.
 *
 * Entries are found by a hash of account and credential, so a changed
 * credential is a new one.  No credential is kept here.
 */
#include "postgres.h"

#include "client/auth.h"
#include "client/probe.h"
#include "client/ratelimit.h"

#define MEMORY_MS	60000
#define MEMORIES	16

typedef struct ProbeMemory
{
	uint64		fingerprint;
	int64		until;			/* by crm_rate_clock(); 0 = unused */
	bool		accepted;
} ProbeMemory;

static ProbeMemory memories[MEMORIES];

bool
crm_probe_recall(const CrmAccount *account, bool *accepted)
{
	uint64		fingerprint = crm_auth_fingerprint(account);

	for (int i = 0; i < MEMORIES; i++)
	{
		if (memories[i].fingerprint == fingerprint && memories[i].until > crm_rate_clock())
		{
			*accepted = memories[i].accepted;
			return true;
		}
	}
	return false;
}

void
crm_probe_remember(const CrmAccount *account, bool accepted)
{
	uint64		fingerprint = crm_auth_fingerprint(account);
	ProbeMemory *place = &memories[0];

	/* The account's old entry, else the one that is or was over first. */
	for (int i = 0; i < MEMORIES; i++)
	{
		if (memories[i].fingerprint == fingerprint)
		{
			place = &memories[i];
			break;
		}
		if (memories[i].until < place->until)
			place = &memories[i];
	}
	place->fingerprint = fingerprint;
	place->until = crm_rate_clock() + MEMORY_MS;
	place->accepted = accepted;
}
