#include "parse/httprequest.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "parse/httpreply.h"

#define GOOD                                                        \
	"sluice-http/1 request\nmethod POST\nurl https://a/b\n"     \
	"header X-A: b: c\nca-file /etc/ca.pem\nproxy http://p:1\n" \
	"redirects refused\n"                                       \
	"timeout-ms 1000\nmax-bytes 2000\nbody 4\n\na\nb\n"

static void round_trip(void **state)
{
	struct buf text = BUF_INIT(4096);
	struct http_request r;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(http_request_read(span_str(GOOD), &r, &err), 0);
	assert_int_equal(r.method, HTTP_POST);
	assert_int_equal(r.nurl, 1);
	assert_true(span_is(r.url[0], "https://a/b"));
	assert_true(span_is(r.header[0], "X-A: b: c"));
	assert_true(span_is(r.ca_file, "/etc/ca.pem"));
	assert_true(span_is(r.proxy, "http://p:1"));
	assert_true(r.no_redirects);
	assert_int_equal(r.timeout_ms, 1000);
	assert_int_equal(r.max_bytes, 2000);
	assert_true(span_is(r.body, "a\nb\n"));
	assert_int_equal(http_request_write(&r, &text, &err), 0);
	assert_true(span_is(buf_all(&text), GOOD));
	buf_free(&text);
}

/* Cut anywhere, a request is refused, never read as a smaller one. */
static void cut(void **state)
{
	struct span good = span_str(GOOD);
	struct http_request r;
	size_t n;

	(void)state;
	for (n = 0; n < good.n; n++) {
		struct err err = ERR_INIT;

		assert_int_equal(
			http_request_read(span_sub(good, 0, n), &r, &err), -1);
		assert_int_equal(r.nurl, 0);
	}
}

static void bad(void **state)
{
#define HEAD "sluice-http/1 request\nmethod GET\nurl https://a/\n"
#define TAIL "timeout-ms 1\nmax-bytes 1\nbody 0\n\n"
	static const char *const t[] = {
		"sluice-http/2 request\nmethod GET\nurl https://a/\n" TAIL,
		"sluice-http/1 request\nmethod PUT\nurl https://a/\n" TAIL,
		"sluice-http/1 request\nmethod GET\n" TAIL,
		"sluice-http/1 request\nmethod GET\nurl \n" TAIL,
		"sluice-http/1 request\nmethod GET\nurl a\rb\n" TAIL,
		HEAD "header X\n" TAIL,
		HEAD "header : x\n" TAIL,
		HEAD "header A b: x\n" TAIL,
		HEAD "header A:x\n" TAIL,
		HEAD "ca-file ca.pem\n" TAIL,
		HEAD "ca-file \n" TAIL,
		HEAD "proxy \n" TAIL,
		HEAD "redirects followed\n" TAIL,
		HEAD "redirects refused\nproxy http://p:1\n" TAIL,
		HEAD "cookie a\n" TAIL,
		HEAD "timeout-ms 0\nmax-bytes 1\nbody 0\n\n",
		HEAD "timeout-ms 600001\nmax-bytes 1\nbody 0\n\n",
		HEAD "timeout-ms 1\nmax-bytes 0\nbody 0\n\n",
		HEAD "timeout-ms 1\nmax-bytes 268435457\nbody 0\n\n",
		HEAD "timeout-ms 01\nmax-bytes 1\nbody 0\n\n",
		HEAD "timeout-ms 1\nmax-bytes 1\nbody 0\n\nx",
		HEAD "timeout-ms 1\nmax-bytes 1\nbody 1\n\nx",
		HEAD "timeout-ms 1\nmax-bytes 1\nbody 0\n",
	};
	struct http_request r;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		if (!http_request_read(span_str(t[i]), &r, &err))
			fail_msg("taken: %s", t[i]);
	assert_int_equal(http_request_read(span_str(HEAD TAIL), &r, &err), 0);
}

#define ONE                                                             \
	"sluice-http/1 answer\nstatus 200\ntype text/plain\nbody 6\n\n" \
	"hello\n"
#define TWO "sluice-http/1 answer\nstatus 404\nbody 0\n\n"

static void replies(void **state)
{
	struct span rest = span_str(ONE TWO), all = span_str(ONE);
	struct http_reply r;
	struct buf head = BUF_INIT(HTTP_REPLY_HEAD_MAX);
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(http_reply_next(&rest, &r, &err), 0);
	assert_int_equal(r.status, 200);
	assert_true(span_is(r.type, "text/plain"));
	assert_true(span_is(r.body, "hello\n"));
	http_reply_head(&r, &head);
	assert_true(span_eq(buf_all(&head), span_sub(all, 0, all.n - 6)));
	assert_int_equal(http_reply_next(&rest, &r, &err), 0);
	assert_int_equal(r.status, 404);
	assert_int_equal(r.type.n, 0);
	assert_int_equal(rest.n, 0);
	assert_int_equal(http_reply_next(&rest, &r, &err), -1);
	for (n = 0; n < all.n; n++) {
		rest = span_sub(all, 0, n);
		assert_int_equal(http_reply_next(&rest, &r, &err), -1);
	}
	/* the longest type still fits the stated head; an odd one is left out */
	{
		unsigned char type[HTTP_TYPE_MAX];

		memset(type, 'a', sizeof(type));
		r = (struct http_reply){.status = 599,
			.type = span_of(type, sizeof(type)),
			.body = span_of(type, SIZE_MAX)};
		buf_reset(&head);
		http_reply_head(&r, &head);
		assert_false(head.full);
		assert_true(span_search(buf_all(&head), SPAN_LIT("type aa")) !=
			SIZE_MAX);
		r.type = SPAN_LIT("a\nstatus 200");
		buf_reset(&head);
		http_reply_head(&r, &head);
		assert_true(span_search(buf_all(&head), SPAN_LIT("type")) ==
			SIZE_MAX);
	}
	buf_free(&head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(cut),
		cmocka_unit_test(bad),
		cmocka_unit_test(replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
