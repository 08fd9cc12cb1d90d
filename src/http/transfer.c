#include "http/transfer.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* All header bytes of one answer together. */
#define HEAD_MAX ((size_t)64 << 10)

struct transfer {
	const struct http_request *request;
	CURL *easy;
	struct curl_slist *headers;
	CURLU *first; /* the address that all others must share a server with */
	int64_t until_ms;
	uint64_t left; /* bytes */
	bool here;     /* plain http: this host only */

	/* of the transfer under way */
	struct buf *body;
	size_t head;
	bool headed; /* the empty line after the head has come */
	bool large, wordy, abroad;
	char why[CURL_ERROR_SIZE];
	char type[HTTP_TYPE_MAX + 1];
};

/* A copy of one part of an address, to be given to curl_free; or NULL. */
static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *s = NULL;

	return curl_url_get(u, what, &s, flags) ? NULL : s;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart what, unsigned flags)
{
	char *x = part(a, what, flags), *y = part(b, what, flags);
	bool same = x && y && text_same(span_str(x), span_str(y));

	curl_free(x);
	curl_free(y);
	return same;
}

static bool same_server(CURLU *a, CURLU *b)
{
	return same_part(a, b, CURLUPART_SCHEME, 0) &&
		same_part(a, b, CURLUPART_HOST, 0) &&
		same_part(a, b, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

/*
 * A name that can only mean this host. What it resolves to is looked at again
 * when the socket is made.
 */
static bool names_this_host(const char *host)
{
	struct span h = span_str(host);

	return text_same(h, SPAN_LIT("localhost")) || span_is(h, "[::1]") ||
		span_starts(h, SPAN_LIT("127."));
}

static bool has_part(CURLU *u, CURLUPart what)
{
	char *s = part(u, what, 0);
	bool has = s != NULL;

	curl_free(s);
	return has;
}

/* The address as curl reads it, so that what was checked is what is asked. */
static CURLU *read_address(struct span text, struct err *err)
{
	struct buf copy = BUF_INIT(HTTP_URL_MAX + 1);
	CURLU *u = curl_url(), *ret = NULL;
	char *scheme = NULL, *host = NULL;

	if (!u)
		die("no memory for an address");
	buf_span(&copy, text);
	if (curl_url_set(u, CURLUPART_URL, buf_cstr(&copy), 0)) {
		err_set(err, ERR_INPUT, "not a web address");
		goto out;
	}
	scheme = part(u, CURLUPART_SCHEME, 0);
	host = part(u, CURLUPART_HOST, 0);
	if (!scheme || !host) {
		err_set(err, ERR_INPUT, "not a web address");
		goto out;
	}
	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD)) {
		err_set(err, ERR_INPUT,
			"a user name or password does not belong into an "
			"address");
		goto out;
	}
	if (has_part(u, CURLUPART_FRAGMENT)) {
		err_set(err, ERR_INPUT, "the address has a '#' part");
		goto out;
	}
	if (strcmp(scheme, "https") &&
		(strcmp(scheme, "http") || !names_this_host(host))) {
		err_set(err, ERR_INPUT,
			"only https addresses are fetched, and http from this "
			"host");
		goto out;
	}
	ret = u;
	u = NULL;
out:
	if (!ret)
		err_in(err, "'%.*s'", (int)(text.n > 200 ? 200 : text.n),
			(const char *)text.p);
	curl_url_cleanup(u);
	curl_free(scheme);
	curl_free(host);
	buf_free(&copy);
	return ret;
}

static size_t on_body(char *bytes, size_t each, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= each;
	if (n > t->left || t->body->n > t->left - n) {
		t->large = true;
		return 0;
	}
	buf_add(t->body, bytes, n);
	return n;
}

static size_t on_head(char *bytes, size_t each, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	struct span line;

	n *= each;
	line = span_of(bytes, n);
	if (span_starts(line, SPAN_LIT("HTTP/")))
		t->headed = false;
	else if (!span_trim(line).n)
		t->headed = true;
	t->head += n;
	if (t->head > HEAD_MAX) {
		t->wordy = true;
		return 0;
	}
	return n;
}

static bool is_this_host(const struct curl_sockaddr *a)
{
	const void *p = &a->addr;

	if (a->family == AF_INET) {
		const struct sockaddr_in *in = p;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	if (a->family == AF_INET6) {
		const struct sockaddr_in6 *in6 = p;

		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
	return false;
}

/* Plain http never leaves this host, whatever "localhost" resolves to. */
static curl_socket_t on_socket(
	void *ctx, curlsocktype use, struct curl_sockaddr *a)
{
	struct transfer *t = ctx;

	if (use != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	if (t->here && !is_this_host(a)) {
		t->abroad = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void set(CURLcode rc)
{
	if (rc)
		die("libcurl lacks an option: %s", curl_easy_strerror(rc));
}

static void set_fixed(struct transfer *t)
{
	CURL *e = t->easy;

	set(curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L));
	set(curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L));
	set(curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L));
	set(curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L));
	set(curl_easy_setopt(
		e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
	set(curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED));
	set(curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L));
	/* An empty proxy also turns off what the environment says. */
	set(curl_easy_setopt(e, CURLOPT_PROXY, ""));
	set(curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L));
	/* Static servers may send gzip without being asked. */
	set(curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip"));
	set(curl_easy_setopt(e, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION));
	set(curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->why));
	set(curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body));
	set(curl_easy_setopt(e, CURLOPT_WRITEDATA, t));
	set(curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head));
	set(curl_easy_setopt(e, CURLOPT_HEADERDATA, t));
	set(curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket));
	set(curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t));
}

static void add_header(struct transfer *t, const char *text)
{
	struct curl_slist *more = curl_slist_append(t->headers, text);

	if (!more)
		die("no memory for headers");
	t->headers = more;
}

static enum http_exit set_asked(struct transfer *t, struct err *err)
{
	const struct http_request *r = t->request;
	struct buf text = BUF_INIT(HTTP_HEADER_MAX + 1);
	size_t i;

	for (i = 0; i < r->nheader; i++) {
		buf_reset(&text);
		buf_span(&text, r->header[i]);
		add_header(t, buf_cstr(&text));
	}
	/* A header may carry a token. */
	buf_wipe(&text);
	if (r->method == HTTP_POST) {
		/* No "100 Continue" dance: half of the servers lack it. */
		add_header(t, "Expect:");
		set(curl_easy_setopt(t->easy, CURLOPT_POST, 1L));
		set(curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS,
			r->body.n ? (const char *)r->body.p : ""));
		set(curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)r->body.n));
	}
	set(curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers));
	if (r->ca_file.n) {
		buf_span(&text, r->ca_file);
		if (access(buf_cstr(&text), R_OK)) {
			err_sys(err, "file of authorities '%s'",
				buf_cstr(&text));
			buf_free(&text);
			return HTTP_REFUSED;
		}
		set(curl_easy_setopt(t->easy, CURLOPT_CAINFO, buf_cstr(&text)));
		/* Only these: not the system's beside them. */
		set(curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL));
		buf_reset(&text);
	}
	if (r->proxy.n && !t->here) {
		buf_span(&text, r->proxy);
		if (!span_starts(r->proxy, SPAN_LIT("http://")) &&
			!span_starts(r->proxy, SPAN_LIT("https://"))) {
			buf_free(&text);
			err_set(err, ERR_INPUT,
				"a proxy is an http or https address");
			return HTTP_REFUSED;
		}
		set(curl_easy_setopt(t->easy, CURLOPT_PROXY, buf_cstr(&text)));
		set(curl_easy_setopt(t->easy, CURLOPT_NOPROXY, ""));
	}
	buf_free(&text);
	return HTTP_DONE;
}

static enum http_exit check_addresses(struct transfer *t, struct err *err)
{
	const struct http_request *r = t->request;
	size_t i;

	t->first = read_address(r->url[0], err);
	if (!t->first)
		return HTTP_REFUSED;
	for (i = 1; i < r->nurl; i++) {
		CURLU *u = read_address(r->url[i], err);
		bool same;

		if (!u)
			return HTTP_REFUSED;
		same = same_server(t->first, u);
		curl_url_cleanup(u);
		if (!same) {
			err_set(err, ERR_INPUT,
				"address %zu is on another server than the "
				"first",
				i + 1);
			return HTTP_REFUSED;
		}
	}
	return HTTP_DONE;
}

enum http_exit transfer_open(const struct http_request *request,
	struct transfer **out, struct err *err)
{
	struct transfer *t = calloc(1, sizeof(*t));
	enum http_exit ret = HTTP_BROKEN;
	char *scheme;

	*out = NULL;
	if (!t)
		die("no memory for a transfer");
	t->request = request;
	t->until_ms = clock_ms() + (int64_t)request->timeout_ms;
	t->left = request->max_bytes;
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, ERR_NET, "libcurl does not start");
		goto out;
	}
	ret = check_addresses(t, err);
	if (ret)
		goto out;
	scheme = part(t->first, CURLUPART_SCHEME, 0);
	t->here = !scheme || strcmp(scheme, "https") != 0;
	curl_free(scheme);
	t->easy = curl_easy_init();
	if (!t->easy)
		die("no memory for libcurl");
	set_fixed(t);
	ret = set_asked(t, err);
	if (ret)
		goto out;
	*out = t;
	t = NULL;
out:
	transfer_close(t);
	return ret;
}

void transfer_close(struct transfer *t)
{
	if (!t)
		return;
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_url_cleanup(t->first);
	curl_global_cleanup();
	free(t);
}

/* Which of our few ways to fail a failure of libcurl is. */
static enum http_exit kind_of(CURLcode rc)
{
	switch ((int)rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_RESOLVE;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return HTTP_TLS;
	case CURLE_FILESIZE_EXCEEDED:
		return HTTP_LARGE;
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer like HTTP/0.9 */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return HTTP_GARBLED;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
		return HTTP_BROKEN;
	default:
		return HTTP_CONNECT;
	}
}

static enum http_exit perform(struct transfer *t, CURLU *at, struct err *err)
{
	int64_t left = t->until_ms - clock_ms();
	CURLcode rc;

	if (left <= 0) {
		err_set(err, ERR_NET, "took longer than %u ms",
			(unsigned)t->request->timeout_ms);
		return HTTP_TIMEOUT;
	}
	t->head = 0;
	t->large = t->wordy = t->abroad = t->headed = false;
	t->why[0] = '\0';
	buf_reset(t->body);
	set(curl_easy_setopt(t->easy, CURLOPT_CURLU, at));
	set(curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)left));
	set(curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)left));
	set(curl_easy_setopt(t->easy, CURLOPT_MAXFILESIZE_LARGE,
		(curl_off_t)(t->left ? t->left : 1)));
	rc = curl_easy_perform(t->easy);
	if (t->large || rc == CURLE_FILESIZE_EXCEEDED) {
		err_set(err, ERR_LIMIT,
			"the answer is larger than the %llu bytes allowed",
			(unsigned long long)t->request->max_bytes);
		return HTTP_LARGE;
	}
	/* "Out of memory" is how libcurl calls a line past its own maximum. */
	if (t->wordy || (rc == CURLE_OUT_OF_MEMORY && !t->headed)) {
		err_set(err, ERR_NET, "the head of the answer is too large");
		return HTTP_GARBLED;
	}
	if (t->abroad) {
		err_set(err, ERR_NET,
			"plain http, and the name does not mean this host");
		return HTTP_REFUSED;
	}
	if (rc == CURLE_OPERATION_TIMEDOUT) {
		err_set(err, ERR_NET, "took longer than %u ms",
			(unsigned)t->request->timeout_ms);
		return HTTP_TIMEOUT;
	}
	if (rc) {
		err_set(err, ERR_NET, "%s",
			t->why[0] ? t->why : curl_easy_strerror(rc));
		return kind_of(rc);
	}
	/* libcurl takes a head that breaks off for a whole answer. */
	if (!t->headed) {
		err_set(err, ERR_NET, "the head of the answer is cut short");
		return HTTP_GARBLED;
	}
	return HTTP_DONE;
}

/* Where the answer sends us, if it may: NULL and HTTP_DONE when it does not. */
static enum http_exit next_hop(
	struct transfer *t, long status, CURLU **out, struct err *err)
{
	char *to = NULL;
	CURLU *u;

	*out = NULL;
	if (status < 301 || status > 308 || (status > 303 && status < 307))
		return HTTP_DONE;
	if (curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to) || !to)
		return HTTP_DONE;
	if (t->request->method == HTTP_POST || t->request->no_redirects) {
		err_set(err, ERR_NET, "the server redirects %s request",
			t->request->method == HTTP_POST ? "a POST" : "the");
		return HTTP_AWAY;
	}
	u = read_address(span_str(to), err);
	if (!u) {
		err_in(err, "redirected to");
		return HTTP_AWAY;
	}
	if (!same_server(t->first, u)) {
		curl_url_cleanup(u);
		err_set(err, ERR_NET, "redirected to another server: '%.200s'",
			to);
		return HTTP_AWAY;
	}
	*out = u;
	return HTTP_DONE;
}

static enum http_exit follow(
	struct transfer *t, CURLU *at, long *status, struct err *err)
{
	enum http_exit ret = HTTP_BROKEN;
	CURLU *next = NULL;
	int hops = 0;

	for (;;) {
		ret = perform(t, at, err);
		if (ret)
			break;
		if (curl_easy_getinfo(
			    t->easy, CURLINFO_RESPONSE_CODE, status) ||
			*status < 200 || *status > 599) {
			err_set(err, ERR_NET, "the answer has no status");
			ret = HTTP_GARBLED;
			break;
		}
		ret = next_hop(t, *status, &next, err);
		if (ret || !next)
			break;
		curl_url_cleanup(at);
		at = next;
		next = NULL;
		if (++hops > HTTP_HOPS_MAX) {
			err_set(err, ERR_NET, "redirected more than %d times",
				HTTP_HOPS_MAX);
			ret = HTTP_AWAY;
			break;
		}
	}
	/* libcurl keeps a pointer to the address it was given last. */
	set(curl_easy_setopt(t->easy, CURLOPT_CURLU, NULL));
	curl_url_cleanup(at);
	return ret;
}

static void keep_type(struct transfer *t)
{
	char *type = NULL;

	t->type[0] = '\0';
	if (!curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type) && type &&
		strlen(type) <= HTTP_TYPE_MAX)
		snprintf(t->type, sizeof(t->type), "%s", type);
}

enum http_exit transfer_run(struct transfer *t, size_t i, struct buf *body,
	struct http_reply *reply, struct err *err)
{
	CURLU *at = read_address(t->request->url[i], err);
	enum http_exit ret;
	long status = 0;

	memset(reply, 0, sizeof(*reply));
	t->body = body;
	if (!at)
		return HTTP_REFUSED;
	ret = follow(t, at, &status, err);
	if (ret)
		return ret;
	keep_type(t);
	t->left -= body->n;
	reply->status = (unsigned)status;
	reply->type = span_str(t->type);
	reply->body = buf_all(body);
	return HTTP_DONE;
}
