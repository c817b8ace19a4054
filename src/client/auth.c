/*
 * auth.c
 *		Chooses, completes, hides and wipes credentials.
 *
 * A secret stands in memory in three places: the account (wiped with its
 * context), the lists made for redaction (wiped by their users) and libcurl's
 * own copies, which libcurl frees with the transfer.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/report.h"
#include "base/settings.h"
#include "client/auth.h"
#include "client/fetch.h"
#include "client/url.h"
#include "common/base64.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* Longest first line of a secret_file. */
#define SECRET_MAX	4096

/* How often, and after how long, an empty secret_file is looked at again. */
#define EMPTY_TRIES		20
#define EMPTY_PAUSE_MS	100

/* Variants of one secret: as it is, percent-encoded, with JSON's "\/". */
#define FORMS_PER_SECRET	3
/* api_key, api_token, access_token, api_id and the Basic header. */
#define SECRETS_PER_ACCOUNT	5
/* A former secret and its Basic header. */
#define SECRETS_PER_FORMER	2

typedef enum AuthScheme
{
	AUTHORIZE_HEADER,			/* header "name" with the secret */
	AUTHORIZE_BASIC,			/* user "name", the secret as password */
	AUTHORIZE_BEARER
} AuthScheme;

/* What a request says about who asks.  Points into account and catalogue. */
typedef struct Authorization
{
	AuthScheme	scheme;
	const char *name;
	const char *secret;
} Authorization;

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
}

static void
wipe_credential(void *arg)
{
	CrmCredential *credential = arg;
	ListCell   *lc;

	wipe(credential->api_key);
	wipe(credential->api_id);
	wipe(credential->api_token);
	wipe(credential->access_token);
	foreach(lc, credential->former)
		wipe(lfirst(lc));
}

/* The place in the credential that the content of secret_file goes to. */
static char **
secret_place(CrmAccount *account)
{
	CrmCredential *credential = &account->credential;

	if (account->api->auth != CRM_AUTH_ID_TOKEN)
		return &credential->api_key;
	return credential->api_id ? &credential->api_token : &credential->access_token;
}

static void
check_printable(const CrmAccount *account, const char *option, const char *value)
{
	for (const char *c = value; c != NULL && *c != '\0'; c++)
	{
		if ((unsigned char) *c < 0x20 || *c == 0x7f)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("option \"%s\" of the user mapping for server \"%s\" holds a control character",
							option, account->server_name)));
	}
}

static const char *const empty_file = "its first line is empty";

/*
 * Reads the first line of an open file into buffer (SECRET_MAX + 1 bytes).
 * Returns a problem fit for a message, or NULL.
 */
static const char *
read_first_line(int fd, char *buffer)
{
	struct stat status;
	ssize_t		len = 0;
	ssize_t		n;
	char	   *end;

	if (fstat(fd, &status) < 0)
		return "it cannot be examined";
	if (!S_ISREG(status.st_mode))
		return "it is not a regular file";
	while (len <= SECRET_MAX &&
		   (n = read(fd, buffer + len, SECRET_MAX + 1 - len)) != 0)
	{
		if (n > 0)
			len += n;
		else if (errno != EINTR)
			return "it cannot be read";
	}
	end = memchr(buffer, '\n', len);
	if (end == NULL)
	{
		if (len > SECRET_MAX)
			return "its first line is longer than 4 kB";
		end = buffer + len;
	}
	if (end > buffer && end[-1] == '\r')
		end--;
	if (end == buffer)
		return empty_file;
	*end = '\0';
	for (char *c = buffer; c < end; c++)
	{
		if ((unsigned char) *c < 0x20 || *c == 0x7f)
			return "its first line holds a control character";
	}
	return NULL;
}

/* The secret in secret_file, in the account's context; returns a problem, or NULL. */
static const char *
read_secret_file(CrmAccount *account, char **secret)
{
	char		buffer[SECRET_MAX + 1];
	const char *problem = "it cannot be opened";
	int			fd;

	/* Not to block on a pipe that nobody writes to. */
	fd = OpenTransientFile(account->credential.secret_file,
						   O_RDONLY | O_NONBLOCK | PG_BINARY);
	if (fd >= 0)
	{
		problem = read_first_line(fd, buffer);
		CloseTransientFile(fd);
		if (problem == NULL)
			*secret = MemoryContextStrdup(GetMemoryChunkContext(account), buffer);
		explicit_bzero(buffer, sizeof(buffer));
	}
	return problem;
}

/*
 * The secret for a scan.  A file that is rewritten in place is empty for a
 * moment, which is waited for.  The path is not shown: the options of a user
 * mapping are not everybody's business.
 */
static char *
load_secret_file(CrmAccount *account)
{
	char	   *secret = NULL;
	const char *problem = read_secret_file(account, &secret);

	for (int i = 0; problem == empty_file && i < EMPTY_TRIES; i++)
	{
		crm_fetch_pause(account, EMPTY_PAUSE_MS, CRM_ACTIVITY_BACKOFF);
		problem = read_secret_file(account, &secret);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("the secret_file of the user mapping for server \"%s\" is not usable: %s",
						account->server_name, problem),
				 errhint("It must be a regular file that the server process can read; its first line is the secret.")));
	return secret;
}

/* Raises the error for what the credential lacks. */
static void
report_missing(const CrmAccount *account, const char *missing)
{
	char	   *role = OidIsValid(account->user_oid) ?
		GetUserNameFromId(account->user_oid, true) : NULL;

	ereport(ERROR,
			(errcode(CRM_ERR_NO_OPTION),
			 errmsg("%s needs the option \"%s\" in the user mapping for server \"%s\"",
					account->api->title, missing, account->server_name),
			 errhint("ALTER USER MAPPING FOR %s SERVER %s OPTIONS (ADD %s '...') stores it.",
					 role ? quote_identifier(role) : "PUBLIC",
					 quote_identifier(account->server_name), missing)));
}

static void
check_complete(const CrmAccount *account)
{
	const CrmCredential *credential = &account->credential;

	switch (account->api->auth)
	{
		case CRM_AUTH_EMAIL_KEY:
			if (credential->email == NULL)
				report_missing(account, "email");
			/* FALLTHROUGH */
		case CRM_AUTH_HEADER:
			if (credential->api_key == NULL)
				report_missing(account, "api_key");
			break;
		case CRM_AUTH_ID_TOKEN:
			if (credential->api_id != NULL && credential->api_token == NULL)
				report_missing(account, "api_token");
			if (credential->api_id == NULL && credential->access_token == NULL)
				report_missing(account, credential->api_token ? "api_id" : "api_token");
			break;
	}
}

/* A credential is sent only where its owner, or a superuser, may send it. */
static void
check_host(const CrmAccount *account)
{
	char	   *host;

	if (account->trusted)
		return;
	host = crm_url_host(account->origin);
	if (!crm_url_host_allowed(host, crm_allowed_hosts))
		ereport(ERROR,
				(errcode(CRM_ERR_FORBIDDEN),
				 errmsg("host \"%s\" of server \"%s\" is not allowed", host, account->server_name),
				 errhint("A superuser can add it to \"crm_fdw.allowed_hosts\", or own the server.")));
	pfree(host);
}

void
crm_auth_prepare(CrmAccount *account)
{
	CrmCredential *credential = &account->credential;
	MemoryContext context = GetMemoryChunkContext(account);
	MemoryContextCallback *callback;

	check_host(account);
	if (credential->prepared)
		return;

	callback = MemoryContextAllocZero(context, sizeof(*callback));
	callback->func = wipe_credential;
	callback->arg = credential;
	MemoryContextRegisterResetCallback(context, callback);
	credential->prepared = true;

	if (credential->secret_file != NULL)
	{
		if (!account->trusted)
			ereport(ERROR,
					(errcode(CRM_ERR_FORBIDDEN),
					 errmsg("option \"secret_file\" of the user mapping for server \"%s\" may not be used",
							account->server_name),
					 errhint("It is used only while a superuser owns the server.")));
		*secret_place(account) = load_secret_file(account);
	}

	check_printable(account, "api_key", credential->api_key);
	check_printable(account, "email", credential->email);
	check_printable(account, "api_id", credential->api_id);
	check_printable(account, "api_token", credential->api_token);
	check_printable(account, "access_token", credential->access_token);
	check_complete(account);
}

bool
crm_auth_reload(CrmAccount *account)
{
	CrmCredential *credential = &account->credential;
	char	  **place = secret_place(account);
	char	   *secret;
	MemoryContext old;

	/*
	 * Its time stamp tells nothing: what was read may have been half of what was
	 * being written in the same moment.
	 */
	if (credential->secret_file == NULL || read_secret_file(account, &secret) != NULL)
		return false;
	if (strcmp(secret, *place) == 0)
	{
		wipe(secret);
		pfree(secret);
		return false;
	}
	old = MemoryContextSwitchTo(GetMemoryChunkContext(account));
	credential->former = lappend(credential->former, *place);
	MemoryContextSwitchTo(old);
	*place = secret;
	return true;
}

static Authorization
choose_authorization(const CrmAccount *account)
{
	const CrmCredential *credential = &account->credential;
	Authorization authorization = {.scheme = AUTHORIZE_BASIC};

	switch (account->api->auth)
	{
		case CRM_AUTH_HEADER:
			authorization.scheme = AUTHORIZE_HEADER;
			authorization.name = account->api->auth_header;
			authorization.secret = credential->api_key;
			break;
		case CRM_AUTH_EMAIL_KEY:
			authorization.name = credential->email;
			authorization.secret = credential->api_key;
			break;
		case CRM_AUTH_ID_TOKEN:
			if (credential->api_id != NULL)
			{
				authorization.name = credential->api_id;
				authorization.secret = credential->api_token;
			}
			else
			{
				authorization.scheme = AUTHORIZE_BEARER;
				authorization.secret = credential->access_token;
			}
			break;
	}
	return authorization;
}

/* What Basic sends: base64 of "name:secret". */
static char *
basic_token(const Authorization *authorization)
{
	char	   *plain = psprintf("%s:%s", authorization->name, authorization->secret);
	int			size = pg_b64_enc_len(strlen(plain)) + 1;
	char	   *encoded = palloc0(size);
	int			written = crm_base64_encode(plain, strlen(plain), encoded, size - 1);

	wipe(plain);
	pfree(plain);
	if (written < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg_internal("base64 does not fit into %d bytes", size - 1)));
	return encoded;
}

char *
crm_auth_header(const CrmAccount *account)
{
	Authorization authorization = choose_authorization(account);
	char	   *token;
	char	   *line;

	switch (authorization.scheme)
	{
		case AUTHORIZE_HEADER:
			return psprintf("%s: %s", authorization.name, authorization.secret);
		case AUTHORIZE_BEARER:
			return psprintf("Authorization: Bearer %s", authorization.secret);
		case AUTHORIZE_BASIC:
			break;
	}
	token = basic_token(&authorization);
	line = psprintf("Authorization: Basic %s", token);
	wipe(token);
	pfree(token);
	return line;
}

static void
add_secret(CrmSecrets *secrets, const char *secret)
{
	StringInfoData escaped;

	if (secret == NULL)
		return;
	secrets->texts[secrets->count++] = pstrdup(secret);
	secrets->texts[secrets->count++] = crm_url_encode(secret);

	if (strchr(secret, '/') == NULL)
		return;
	initStringInfo(&escaped);
	for (const char *c = secret; *c != '\0'; c++)
	{
		if (*c == '/')
			appendStringInfoChar(&escaped, '\\');
		appendStringInfoChar(&escaped, *c);
	}
	secrets->texts[secrets->count++] = escaped.data;
}

/* A secret's Basic header, if it travels in one. */
static void
add_basic(CrmSecrets *secrets, const Authorization *authorization)
{
	char	   *token;

	if (authorization->scheme != AUTHORIZE_BASIC)
		return;
	token = basic_token(authorization);
	/* The padding need not be quoted with the rest. */
	token[strcspn(token, "=")] = '\0';
	add_secret(secrets, token);
	wipe(token);
	pfree(token);
}

CrmSecrets
crm_auth_secrets(const CrmAccount *account)
{
	const CrmCredential *credential = &account->credential;
	Authorization authorization = choose_authorization(account);
	CrmSecrets	secrets = {
		.texts = palloc(sizeof(char *) * FORMS_PER_SECRET *
						(SECRETS_PER_ACCOUNT + SECRETS_PER_FORMER * list_length(credential->former)))
	};
	ListCell   *lc;

	add_secret(&secrets, credential->api_key);
	add_secret(&secrets, credential->api_id);
	add_secret(&secrets, credential->api_token);
	add_secret(&secrets, credential->access_token);
	add_basic(&secrets, &authorization);
	foreach(lc, credential->former)
	{
		authorization.secret = lfirst(lc);
		add_secret(&secrets, authorization.secret);
		add_basic(&secrets, &authorization);
	}
	return secrets;
}

void
crm_auth_forget_secrets(CrmSecrets *secrets)
{
	for (int i = 0; i < secrets->count; i++)
	{
		char	   *text = unconstify(char *, secrets->texts[i]);

		wipe(text);
		pfree(text);
	}
	pfree(secrets->texts);
	secrets->texts = NULL;
	secrets->count = 0;
}

char *
crm_auth_quote(const CrmAccount *account, const char *text, size_t len)
{
	CrmSecrets	secrets = crm_auth_secrets(account);
	char	   *quoted = crm_quote(text, len, secrets.texts, secrets.count);

	crm_auth_forget_secrets(&secrets);
	return quoted;
}

/* Mixes a text (NULL allowed, and different from "") into a hash. */
static uint64
mix(uint64 hash, const char *text)
{
	if (text == NULL)
		return hash_combine64(hash, 0);
	return hash_bytes_extended((const unsigned char *) text, strlen(text), hash);
}

uint64
crm_auth_budget_key(const CrmAccount *account)
{
	const CrmCredential *credential = &account->credential;
	uint64		hash = mix(0, account->api->name);

	hash = mix(hash, account->origin);

	/*
	 * Where all customers share an origin, the account is known by its
	 * credential only; the id stays the same when the token is rotated.
	 */
	if (account->api->default_origin != NULL)
		hash = mix(hash, credential->api_id ? credential->api_id : credential->access_token);
	return hash;
}

uint64
crm_auth_fingerprint(const CrmAccount *account)
{
	Authorization authorization = choose_authorization(account);
	uint64		hash = mix(0, account->api->name);

	hash = mix(hash, account->origin);
	hash = mix(hash, authorization.name);
	return mix(hash, authorization.secret);
}
