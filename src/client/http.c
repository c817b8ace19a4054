/*
 * http.c
 *		Transfers with libcurl's multi interface, driven by one descriptor.
 *
 * Every server this backend talks to has a pool: a multi handle, which keeps
 * connections open between scans, and a poller, the one descriptor PostgreSQL
 * waits on together with its latch.
 *
 * - Callbacks of libcurl call nothing of PostgreSQL: an error would jump
 *   through libcurl's frames.  They store, and what they store is malloc'd.
 * - All signals are blocked while libcurl runs, because its resolver threads
 *   inherit the mask and PostgreSQL's handlers must run in the main thread.
 * - A transfer is released by its memory context's reset callback, so an error
 *   anywhere closes it.  CURLOPT_QUICK_EXIT keeps that from waiting for a
 *   resolver thread that hangs; the thread ends by itself.
 * - Pools are told apart by server and trust: a connection opened while a
 *   superuser owned the server must not serve another owner.
 */
#include "postgres.h"

#include <curl/curl.h>
#include <signal.h>

#include "base/compat.h"
#include "base/settings.h"
#include "client/address.h"
#include "client/auth.h"
#include "client/body.h"
#include "client/http.h"
#include "client/poller.h"
#include "client/retry.h"
#include "client/url.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/memutils.h"

/* Pools kept; more are possible while all are in use. */
#define MAX_POOLS		16
/* Idle connections kept open in one pool. */
#define MAX_CONNECTIONS	16L

typedef struct HttpPool
{
	dlist_node	node;			/* in pools, latest use first */
	Oid			server_oid;
	bool		trusted;
	CURLM	   *multi;
	CrmPoller	poller;
	int			active;			/* transfers under way */
} HttpPool;

struct CrmHttpTransfer
{
	HttpPool   *pool;
	CURL	   *easy;			/* NULL once finished or aborted */
	struct curl_slist *headers;
	const CrmApi *api;
	CrmBody		body;
	bool		trusted;
	bool		plain;
	bool		address_accepted;
	bool		address_refused;
	bool		done;
	CrmHttpResponse response;
	MemoryContextCallback on_reset;
};

static dlist_head pools = DLIST_STATIC_INIT(pools);

/* libcurl's code runs between these two. */
static void
enter_curl(sigset_t *saved)
{
	sigset_t	all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, saved);
}

static void
leave_curl(const sigset_t *saved)
{
	sigprocmask(SIG_SETMASK, saved, NULL);
}

crm_noreturn static void
report_no_memory(void)
{
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	HttpPool   *pool = arg;

	if (what == CURL_POLL_REMOVE)
	{
		crm_poller_forget(&pool->poller, fd);
		return 0;
	}
	return crm_poller_watch(&pool->poller, fd,
							what == CURL_POLL_IN || what == CURL_POLL_INOUT,
							what == CURL_POLL_OUT || what == CURL_POLL_INOUT);
}

static int
set_deadline(CURLM *multi, long wait_ms, void *arg)
{
	HttpPool   *pool = arg;

	return crm_poller_set_deadline(&pool->poller, wait_ms);
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	CrmHttpTransfer *transfer = arg;

	if (!crm_address_permitted(&address->addr, transfer->trusted, transfer->plain))
	{
		transfer->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	transfer->address_accepted = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
store_body(char *data, size_t size, size_t count, void *arg)
{
	CrmHttpTransfer *transfer = arg;

	return crm_body_append(&transfer->body, data, size * count) ? size * count : 0;
}

static void
close_pool(HttpPool *pool)
{
	sigset_t	saved;

	dlist_delete(&pool->node);
	enter_curl(&saved);
	curl_multi_cleanup(pool->multi);
	leave_curl(&saved);
	crm_poller_close(&pool->poller);
	pfree(pool);
}

/* Closes the idle pools that others were used after. */
static void
close_idle_pools(void)
{
	dlist_mutable_iter iter;
	int			count = 0;

	dlist_foreach_modify(iter, &pools)
	{
		HttpPool   *pool = dlist_container(HttpPool, node, iter.cur);

		if (++count >= MAX_POOLS && pool->active == 0)
			close_pool(pool);
	}
}

static HttpPool *
open_pool(const CrmAccount *account)
{
	static bool initialized = false;
	HttpPool   *pool;

	if (!initialized && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		report_no_memory();
	initialized = true;

	close_idle_pools();
	pool = MemoryContextAllocZero(TopMemoryContext, sizeof(HttpPool));
	pool->server_oid = account->server_oid;
	pool->trusted = account->trusted;
	if (!crm_poller_open(&pool->poller))
	{
		pfree(pool);
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not open the descriptors that a connection needs: %m")));
	}
	dlist_push_head(&pools, &pool->node);
	pool->multi = curl_multi_init();
	if (pool->multi == NULL)
	{
		close_pool(pool);
		report_no_memory();
	}
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, set_deadline);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
	return pool;
}

static HttpPool *
pool_of(const CrmAccount *account)
{
	dlist_iter	iter;

	dlist_foreach(iter, &pools)
	{
		HttpPool   *pool = dlist_container(HttpPool, node, iter.cur);

		if (pool->server_oid == account->server_oid && pool->trusted == account->trusted)
		{
			dlist_move_head(&pools, &pool->node);
			return pool;
		}
	}
	return open_pool(account);
}

/* Ends the transfer's use of libcurl; a connection in mid-answer is closed. */
static void
release_easy(CrmHttpTransfer *transfer)
{
	sigset_t	saved;

	if (transfer->easy == NULL)
		return;
	enter_curl(&saved);
	curl_multi_remove_handle(transfer->pool->multi, transfer->easy);
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	leave_curl(&saved);
	transfer->easy = NULL;
	transfer->headers = NULL;
	transfer->pool->active--;
}

static void
transfer_reset(void *arg)
{
	CrmHttpTransfer *transfer = arg;

	release_easy(transfer);
	free(transfer->body.data);
	transfer->body.data = NULL;
}

void
crm_http_free(CrmHttpTransfer *transfer)
{
	transfer_reset(transfer);
}

static void
add_header(CrmHttpTransfer *transfer, const char *line)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);

	if (longer == NULL)
		report_no_memory();
	transfer->headers = longer;
}

static void
add_authorization(CrmHttpTransfer *transfer, const CrmAccount *account)
{
	char	   *line = crm_auth_header(account);

	add_header(transfer, line);
	explicit_bzero(line, strlen(line));
	pfree(line);
}

/* What may be talked to, and how. */
static void
set_connection_options(CURL *easy, const CrmAccount *account, CrmHttpTransfer *transfer)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
	/*
	 * A second request waits for the first one's handshake to share it.  Without
	 * TLS it would wait for the first one's answer to find that it cannot.
	 */
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, transfer->plain ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (account->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, account->ca_file);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) account->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) account->request_timeout_ms);
}

static void
set_request_options(CURL *easy, const CrmAccount *account, CrmHttpTransfer *transfer,
					const CrmHttpRequest *request)
{
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	if (request->form != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->form);
		add_header(transfer, "Expect:");
	}
	add_header(transfer, "Accept: application/json");
	add_authorization(transfer, account);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "crm_fdw/" CRM_VERSION);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, store_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) account->max_response_size);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->response.error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

CrmHttpTransfer *
crm_http_start(const CrmAccount *account, const CrmHttpRequest *request)
{
	CrmHttpTransfer *transfer = palloc0(sizeof(CrmHttpTransfer));
	sigset_t	saved;
	CURLMcode	result;

	StaticAssertStmt(sizeof(transfer->response.error) >= CURL_ERROR_SIZE,
					 "libcurl's error text must fit");
	StaticAssertStmt(CRM_POLLER_DEADLINE == CURL_SOCKET_TIMEOUT,
					 "the poller's name for a deadline is libcurl's");
	transfer->pool = pool_of(account);
	transfer->trusted = account->trusted;
	transfer->plain = crm_url_is_plain(account->origin);
	transfer->body.max_len = account->max_response_size;
	transfer->api = account->api;
	transfer->on_reset.func = transfer_reset;
	transfer->on_reset.arg = transfer;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &transfer->on_reset);

	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		report_no_memory();
	transfer->pool->active++;
	set_connection_options(transfer->easy, account, transfer);
	set_request_options(transfer->easy, account, transfer, request);

	enter_curl(&saved);
	result = curl_multi_add_handle(transfer->pool->multi, transfer->easy);
	leave_curl(&saved);
	if (result != CURLM_OK)
		elog(ERROR, "could not start a request: %s", curl_multi_strerror(result));
	return transfer;
}

bool
crm_http_done(const CrmHttpTransfer *transfer)
{
	return transfer->done;
}

CrmHttpResponse *
crm_http_response(CrmHttpTransfer *transfer)
{
	return &transfer->response;
}

/* How far a transfer got before its time was over tells what was too slow. */
static CrmHttpOutcome
timeout_outcome(CURL *easy)
{
	curl_off_t	resolved = 0;
	curl_off_t	sent = 0;

	curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
	curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	if (sent > 0)
		return CRM_HTTP_TIMEOUT;
	return resolved > 0 ? CRM_HTTP_CONNECT : CRM_HTTP_DNS;
}

static CrmHttpOutcome
outcome_of(const CrmHttpTransfer *transfer, CURLcode code)
{
	switch (code)
	{
		case CURLE_OK:
			return CRM_HTTP_ANSWERED;
		case CURLE_COULDNT_RESOLVE_HOST:
			return CRM_HTTP_DNS;
		case CURLE_COULDNT_CONNECT:
		case CURLE_SSL_CONNECT_ERROR:
			if (transfer->address_refused && !transfer->address_accepted)
				return CRM_HTTP_ADDRESS_REFUSED;
			return CRM_HTTP_CONNECT;
		case CURLE_OPERATION_TIMEDOUT:
			return timeout_outcome(transfer->easy);
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_INVALIDCERTSTATUS:
		case CURLE_SSL_ISSUER_ERROR:
			return CRM_HTTP_TLS;
		case CURLE_WRITE_ERROR:
			return transfer->body.too_large ? CRM_HTTP_TOO_LARGE : CRM_HTTP_FAILED;
		case CURLE_FILESIZE_EXCEEDED:
			return CRM_HTTP_TOO_LARGE;
		case CURLE_PARTIAL_FILE:
		case CURLE_RECV_ERROR:
		case CURLE_SEND_ERROR:
		case CURLE_GOT_NOTHING:
		case CURLE_BAD_CONTENT_ENCODING:
		case CURLE_WEIRD_SERVER_REPLY:
		case CURLE_UNSUPPORTED_PROTOCOL:
		case CURLE_HTTP2:
		case CURLE_HTTP2_STREAM:
			return CRM_HTTP_BROKEN;
		default:
			return CRM_HTTP_FAILED;
	}
}

/* NULL if there is no such header, or no name. */
static const char *
header_value(CURL *easy, const char *name)
{
	struct curl_header *header;

	if (name == NULL || curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}

static void
read_headers(CrmHttpTransfer *transfer)
{
	CrmHttpResponse *response = &transfer->response;
	CURL	   *easy = transfer->easy;
	char	   *text = NULL;
	const char *header;
	long		status = 0;
	curl_off_t	took = 0;
	curl_off_t	seconds = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int) status;
	curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took);
	response->took_ms = (int) (took / 1000);
	if (curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text != NULL)
	{
		strlcpy(response->location, text, sizeof(response->location));
		response->location[strcspn(response->location, "?#")] = '\0';
	}

	/* libcurl understands both forms of this header. */
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	response->retry_after = header_value(easy, "Retry-After") ? (int) Min(seconds, PG_INT32_MAX) : -1;
	response->reset_at = crm_retry_number(header_value(easy, transfer->api->reset_header));
	response->remaining = crm_retry_number(header_value(easy, transfer->api->remaining_header));
	header = header_value(easy, "Date");
	response->date = header ? (int64) curl_getdate(header, NULL) : -1;
}

static void
finish_transfer(CrmHttpTransfer *transfer, CURLcode code)
{
	CrmHttpResponse *response = &transfer->response;

	response->outcome = outcome_of(transfer, code);
	if (code != CURLE_OK && response->error[0] == '\0')
		strlcpy(response->error, curl_easy_strerror(code), sizeof(response->error));
	read_headers(transfer);
	release_easy(transfer);
	if (transfer->body.data == NULL && !crm_body_append(&transfer->body, "", 0))
		response->outcome = CRM_HTTP_FAILED;
	response->body = transfer->body.data;
	response->body_len = transfer->body.len;
	transfer->done = true;
}

/* Tells libcurl what happened on one of its sockets or to its timer. */
static void
dispatch_event(HttpPool *pool, const CrmPollerEvent *event)
{
	int			flags = 0;
	int			running;
	sigset_t	saved;

	if (event->readable)
		flags |= CURL_CSELECT_IN;
	if (event->writable)
		flags |= CURL_CSELECT_OUT;
	if (event->broken)
		flags |= CURL_CSELECT_ERR;
	enter_curl(&saved);
	curl_multi_socket_action(pool->multi, event->fd, flags, &running);
	leave_curl(&saved);
}

static void
collect_finished(HttpPool *pool)
{
	CURLMsg    *message;
	int			left;

	while ((message = curl_multi_info_read(pool->multi, &left)) != NULL)
	{
		CURLcode	code = message->data.result;
		CrmHttpTransfer *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &transfer);
		finish_transfer(transfer, code);
	}
}

static void
drive_pool(HttpPool *pool)
{
	CrmPollerEvent events[CRM_POLLER_EVENTS];
	int			n = crm_poller_events(&pool->poller, events);

	for (int i = 0; i < n; i++)
		dispatch_event(pool, &events[i]);
	collect_finished(pool);
}

void
crm_http_drive(const CrmAccount *account)
{
	drive_pool(pool_of(account));
}

void
crm_http_alarm(const CrmAccount *account, int64 wait_ms)
{
	crm_poller_set_alarm(&pool_of(account)->poller, wait_ms);
}

void
crm_http_wait(const CrmAccount *account, uint32 wait_event)
{
	HttpPool   *pool = pool_of(account);
	int			events;

	events = WaitLatchOrSocket(MyLatch,
							   WL_LATCH_SET | WL_SOCKET_READABLE | WL_EXIT_ON_PM_DEATH,
							   pool->poller.epoll_fd, -1, wait_event);
	if (events & WL_LATCH_SET)
		ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	drive_pool(pool);
}

int
crm_http_fd(const CrmAccount *account)
{
	return pool_of(account)->poller.epoll_fd;
}

/* One part, palloc'd; NULL if the URL has none. */
static char *
url_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char	   *text = NULL;
	char	   *copy;

	if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == NULL)
		return NULL;
	copy = pstrdup(text);
	curl_free(text);
	return copy;
}

bool
crm_http_split_url(const char *text, CrmUrlParts *parts)
{
	CURLU	   *url = curl_url();

	memset(parts, 0, sizeof(*parts));
	if (url == NULL)
		return false;
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
	{
		parts->scheme = url_part(url, CURLUPART_SCHEME, 0);
		parts->host = url_part(url, CURLUPART_HOST, 0);
		parts->path = url_part(url, CURLUPART_PATH, 0);
		parts->user = url_part(url, CURLUPART_USER, 0);
		parts->password = url_part(url, CURLUPART_PASSWORD, 0);
		parts->port = url_part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
		parts->query = url_part(url, CURLUPART_QUERY, 0);
		parts->fragment = url_part(url, CURLUPART_FRAGMENT, 0);
	}
	curl_url_cleanup(url);
	return parts->scheme != NULL && parts->host != NULL && parts->path != NULL;
}
