/* sluice-http and its client against a server that means ill. */
#include "port/httpclient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/webserver.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"
#define BYTES(text) .reply = (text), .n = sizeof(text) - 1
#define PAGE(path_, text)                    \
	{                                    \
		.path = (path_), BYTES(text) \
	}

static const char gzipped[] =
	OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 26\r\n\r\n"
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9"
		"\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00";

static const struct web_page pages[] = {
	PAGE("/plain",
		OK_HEAD "Content-Type: text/plain\r\n"
			"Content-Length: 6\r\n\r\nhello\n"),
	PAGE("/second", OK_HEAD "Content-Length: 7\r\n\r\nsecond\n"),
	PAGE("/empty", OK_HEAD "Content-Length: 0\r\n\r\n"),
	PAGE("/chunked",
		OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
	PAGE("/chunked-cut",
		OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n20\r\nde"),
	{.path = "/gzip", BYTES(gzipped)},
	PAGE("/gzip-bad",
		OK_HEAD "Content-Encoding: gzip\r\n"
			"Content-Length: 5\r\n\r\nplain"),
	PAGE("/short", OK_HEAD "Content-Length: 100\r\n\r\nnot all"),
	PAGE("/401",
		"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n"
		"WWW-Authenticate: Basic realm=\"x\"\r\n"
		"Content-Length: 0\r\n\r\n"),
	PAGE("/403",
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n"
		"Connection: close\r\n\r\nno\n"),
	PAGE("/500",
		"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n"),
	PAGE("/junk", "\x01\x02 what is this\r\n\r\n"),
	PAGE("/nothing", ""),
	PAGE("/status",
		"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n"),
	PAGE("/type",
		OK_HEAD "Content-Type: a\x1b[31mred\r\n"
			"Content-Length: 1\r\n\r\nx"),
	PAGE("/there",
		"HTTP/1.1 302 Found\r\nLocation: /plain\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/again",
		"HTTP/1.1 301 Moved\r\n"
		"Location: http://127.0.0.1:%PORT%/there\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/round",
		"HTTP/1.1 302 Found\r\nLocation: /round\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/other-port",
		"HTTP/1.1 302 Found\r\n"
		"Location: http://127.0.0.1:1/plain\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/other-name",
		"HTTP/1.1 302 Found\r\n"
		"Location: http://localhost:%PORT%/plain\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/to-file",
		"HTTP/1.1 302 Found\r\n"
		"Location: file:///etc/passwd\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	PAGE("/to-user",
		"HTTP/1.1 302 Found\r\n"
		"Location: http://a:b@127.0.0.1:%PORT%/plain\r\n"
		"Connection: close\r\nContent-Length: 0\r\n\r\n"),
	{.path = "/slow",
		BYTES(OK_HEAD "Content-Length: 6\r\n\r\nhello\n"),
		.drip_ms = 50},
	{.path = "/hang", BYTES(OK_HEAD), .hang = true},
	{.path = "/large", BYTES(OK_HEAD "\r\n"), .repeat = 64},
	{.path = "/large-said",
		BYTES(OK_HEAD "Content-Length: 999999\r\n\r\n")},
	{.path = "/head-long", BYTES("HTTP/1.1 200 OK\r\nX: "), .repeat = 120},
	{.path = "/head-much",
		BYTES("HTTP/1.1 200 OK\r\n"),
		.repeat = 70,
		.filler = "X: 3456789abcd\r\n"},
	PAGE("/cut-status", "HTTP/1.1 200 OK\r\n"),
	PAGE("/cut-head", "HTTP/1.1 200 OK\r\nContent-Type: text/pl"),
	PAGE("/cut-end", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"),
	{.path = "/echo", .echo = true},
};

static struct web_server server;
static struct buf program = PATH_BUF_INIT;

static int start(void **state)
{
	char self[PATH_BUF_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	struct span dir = span_of(self, n > 0 ? (size_t)n : 0);
	size_t at = span_search(dir, SPAN_LIT("/tests/unit/"));

	(void)state;
	if (at == SIZE_MAX)
		return -1;
	buf_add(&program, self, at);
	buf_str(&program, "/sluice-http");
	if (access(buf_cstr(&program), X_OK))
		fail_msg("'make all' first: no %s", buf_cstr(&program));
	server = web_start(pages, ARRAY_LEN(pages));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	web_stop(&server);
	buf_free(&program);
	return 0;
}

/* One GET of http://127.0.0.1:port/path, with limits for a test. */
static int get(const char *path, struct http_answers *out, struct err *err)
{
	struct http_request r = {.timeout_ms = 30000, .max_bytes = 16384};
	char url[256];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port, path);
	r.url[0] = span_str(url);
	r.nurl = 1;
	return http_ask(buf_cstr(&program), &r, out, err);
}

static int get_url(const char *url, struct http_answers *out, struct err *err)
{
	struct http_request r = {.timeout_ms = 30000, .max_bytes = 16384};

	r.url[0] = span_str(url);
	r.nurl = 1;
	return http_ask(buf_cstr(&program), &r, out, err);
}

static void answers(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *type, *body;
	} t[] = {
		{"/plain", 200, "text/plain", "hello\n"},
		{"/empty", 200, "", ""},
		{"/chunked", 200, "", "abcde"},
		{"/gzip", 200, "", "hello\n"},
		{"/401", 401, "", ""},
		{"/403", 403, "", "no\n"},
		{"/no-such", 404, "", "none\n"},
		{"/500", 500, "", ""},
		{"/there", 200, "text/plain", "hello\n"},
		{"/again", 200, "text/plain", "hello\n"},
		{"/type", 200, "", "x"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct http_answers a;
		struct err err = ERR_INIT;

		if (get(t[i].path, &a, &err))
			fail_msg("%s: %s", t[i].path, err.text);
		assert_int_equal(a.n, 1);
		assert_int_equal(a.v[0].status, t[i].status);
		assert_true(span_is(a.v[0].type, t[i].type));
		assert_true(span_is(a.v[0].body, t[i].body));
		http_answers_free(&a);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *path, *says;
	} t[] = {
		{"/short", "transfer closed"},
		{"/chunked-cut", "transfer closed"},
		{"/gzip-bad", ""},
		{"/junk", "HTTP/0.9"},
		{"/nothing", "Empty reply"},
		{"/status", "status"},
		{"/round", "more than 3 times"},
		{"/other-port", "another server"},
		{"/other-name", "another server"},
		{"/to-file", "not a web address"},
		{"/to-user", "user name"},
		{"/large", "larger than"},
		{"/large-said", "larger than"},
		{"/head-long", "head of the answer is too"},
		{"/head-much", "head of the answer is too"},
		{"/cut-status", "cut short"},
		{"/cut-head", "cut short"},
		{"/cut-end", "cut short"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct http_answers a;
		struct err err = ERR_INIT;

		if (!get(t[i].path, &a, &err))
			fail_msg("%s was answered", t[i].path);
		if (!strstr(err.text, t[i].says))
			fail_msg("%s: %s", t[i].path, err.text);
		assert_int_equal(err.code,
			strstr(t[i].path, "large") ? ERR_LIMIT : ERR_NET);
		assert_int_equal(a.n, 0);
		assert_null(a.raw.p);
	}
}

/* Also those that would be followed. */
static void no_redirects(void **state)
{
	static const char *const paths[] = {"/there", "/other-port"};
	struct http_request r = {
		.timeout_ms = 30000, .max_bytes = 16384, .no_redirects = true};
	struct http_answers a;
	char url[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(paths); i++) {
		struct err err = ERR_INIT;

		snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port,
			paths[i]);
		r.url[0] = span_str(url);
		r.nurl = 1;
		if (!http_ask(buf_cstr(&program), &r, &a, &err))
			fail_msg("%s was answered", paths[i]);
		assert_non_null(strstr(err.text, "redirects the request"));
	}
}

static void deadline(void **state)
{
	static const char *const paths[] = {"/slow", "/hang"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(paths); i++) {
		struct http_request r = {.timeout_ms = 300, .max_bytes = 100};
		struct http_answers a;
		struct err err = ERR_INIT;
		int64_t since = clock_ms();
		char url[256];

		snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port,
			paths[i]);
		r.url[0] = span_str(url);
		r.nurl = 1;
		assert_int_equal(
			http_ask(buf_cstr(&program), &r, &a, &err), -1);
		assert_non_null(strstr(err.text, "longer than 300 ms"));
		assert_true(clock_ms() - since >= 250);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *url, *says;
	} t[] = {
		{"http://192.0.2.1/", "only https"},
		{"http://example.invalid/", "only https"},
		{"http://127.0.0.1.example.invalid/", ""},
		{"ftp://127.0.0.1/x", "only https"},
		{"file:///etc/passwd", "not a web address"},
		{"gopher://127.0.0.1/", "only https"},
		{"https://user@127.0.0.1/", "user name"},
		{"https://user:pw@127.0.0.1/", "user name"},
		{"https://127.0.0.1/#x", "'#'"},
		{"/etc/passwd", "not a web address"},
		{"127.0.0.1/x", "not a web address"},
		{"https://", "not a web address"},
		{"https://no.such.host.invalid/", ""},
		{"http://127.0.0.1:1/", "onnect"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct http_answers a;
		struct err err = ERR_INIT;

		if (!get_url(t[i].url, &a, &err))
			fail_msg("%s was answered", t[i].url);
		if (!strstr(err.text, t[i].says))
			fail_msg("%s: %s", t[i].url, err.text);
		assert_int_equal(err.code, ERR_NET);
	}
}

static void several(void **state)
{
	struct http_request r = {.timeout_ms = 30000, .max_bytes = 18};
	struct http_answers a;
	struct err err = ERR_INIT;
	char url[3][128];
	size_t i;

	(void)state;
	snprintf(url[0], 128, "http://127.0.0.1:%d/plain", server.port);
	snprintf(url[1], 128, "http://127.0.0.1:%d/gone", server.port);
	snprintf(url[2], 128, "http://127.0.0.1:%d/second", server.port);
	for (i = 0; i < 3; i++)
		r.url[r.nurl++] = span_str(url[i]);
	assert_int_equal(http_ask(buf_cstr(&program), &r, &a, &err), 0);
	assert_int_equal(a.n, 3);
	assert_true(span_is(a.v[0].body, "hello\n"));
	assert_int_equal(a.v[1].status, 404);
	assert_true(span_is(a.v[2].body, "second\n"));
	http_answers_free(&a);

	/* the limit is for all of them */
	r.max_bytes = 17;
	assert_int_equal(http_ask(buf_cstr(&program), &r, &a, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);

	/* and they share one server */
	r.max_bytes = 100;
	snprintf(url[1], 128, "http://127.0.0.1:%d/gone", server.port + 1);
	r.url[1] = span_str(url[1]);
	assert_int_equal(http_ask(buf_cstr(&program), &r, &a, &err), -1);
	assert_non_null(strstr(err.text, "another server"));
}

static void post_and_headers(void **state)
{
	struct http_request r = {
		.method = HTTP_POST, .timeout_ms = 30000, .max_bytes = 4096};
	struct http_answers a;
	struct err err = ERR_INIT;
	char url[128];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/echo", server.port);
	r.url[r.nurl++] = span_str(url);
	r.header[r.nheader++] = SPAN_LIT("Authorization: Bearer t0ken");
	r.body = SPAN_LIT("the body");
	assert_int_equal(http_ask(buf_cstr(&program), &r, &a, &err), 0);
	assert_true(span_starts(a.v[0].body, SPAN_LIT("POST /echo HTTP/1.1")));
	assert_true(span_search(a.v[0].body,
			    SPAN_LIT("\r\nAuthorization: Bearer t0ken\r\n")) !=
		SIZE_MAX);
	assert_true(span_ends(a.v[0].body, SPAN_LIT("\r\n\r\nthe body")));
	assert_true(span_search(a.v[0].body, SPAN_LIT("Cookie")) == SIZE_MAX);
	http_answers_free(&a);

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/there", server.port);
	r.url[0] = span_str(url);
	assert_int_equal(http_ask(buf_cstr(&program), &r, &a, &err), -1);
	assert_non_null(strstr(err.text, "redirects a POST"));
}

/* A proxy in the environment is not asked: it would see all we fetch. */
static void no_proxy(void **state)
{
	struct http_answers a;
	struct err err = ERR_INIT;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(get("/plain", &a, &err), 0);
	http_answers_free(&a);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
}

/* Programs that answer nonsense in place of sluice-http. */
static void bad_child(void **state)
{
	struct http_request r = {.timeout_ms = 30000, .max_bytes = 100};
	struct http_answers a;
	struct err err = ERR_INIT;

	(void)state;
	r.url[r.nurl++] = SPAN_LIT("https://example.invalid/");
	assert_int_equal(http_ask("/bin/true", &r, &a, &err), -1);
	assert_int_equal(err.code, ERR_NET);
	assert_int_equal(http_ask("/bin/false", &r, &a, &err), -1);
	assert_non_null(strstr(err.text, "exit status 1"));
	/* cat gives the request back, which is no answer */
	assert_int_equal(http_ask("/bin/cat", &r, &a, &err), -1);
	assert_non_null(strstr(err.text, "not an answer"));
	assert_int_equal(http_ask("/nonexistent", &r, &a, &err), -1);
	/* a line feed in an address would be another key */
	r.url[0] = SPAN_LIT("https://a/\nproxy http://b/");
	assert_int_equal(http_ask("/bin/true", &r, &a, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(refusals),
		cmocka_unit_test(no_redirects),
		cmocka_unit_test(deadline),
		cmocka_unit_test(addresses),
		cmocka_unit_test(several),
		cmocka_unit_test(post_and_headers),
		cmocka_unit_test(no_proxy),
		cmocka_unit_test(bad_child),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
