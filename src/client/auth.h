/*
 * auth.h
 *		Credentials: which one a request carries, whether it is complete, and
 *		what must never be shown because of it.
 */
#ifndef CRM_AUTH_H
#define CRM_AUTH_H

#include "postgres.h"

#include "client/account.h"

/*
 * Makes the credential ready for use: reads secret_file if it is not read yet
 * and raises an error if the API's kind of authentication lacks something, or
 * if the account's host is not one that its server's owner may name.
 * From then on the credential is wiped when the account's context goes away.
 */
extern void crm_auth_prepare(CrmAccount *account);

/*
 * After a refusal: reads secret_file again.  True if it holds another secret
 * than before, so that another attempt makes sense.
 */
extern bool crm_auth_reload(CrmAccount *account);

/*
 * The header line that authorizes a request of a prepared account.  palloc'd;
 * the caller wipes it.
 */
extern char *crm_auth_header(const CrmAccount *account);

/*
 * Texts that crm_quote() has to hide: the secrets and the forms in which they
 * travel.  palloc'd; crm_auth_forget_secrets() wipes and frees them.
 */
typedef struct CrmSecrets
{
	int			count;
	const char **texts;
} CrmSecrets;

extern CrmSecrets crm_auth_secrets(const CrmAccount *account);
extern void crm_auth_forget_secrets(CrmSecrets *secrets);

/* crm_quote() with the account's secrets. */
extern char *crm_auth_quote(const CrmAccount *account, const char *text, size_t len);

/* Identifies the account's request budget. */
extern uint64 crm_auth_budget_key(const CrmAccount *account);

/* Identifies account and credential; changes when the credential does. */
extern uint64 crm_auth_fingerprint(const CrmAccount *account);

#endif							/* CRM_AUTH_H */
