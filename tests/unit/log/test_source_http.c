/* Reading ahead: in order, out of order, past the end and over a hole, every
 * file is the one that was asked for. */
#include "log/source_http.h"

#include "../../support/unit.h"
#include "../../support/webserver.h"
#include "base/io.h"
#include "parse/tilepath.h"

#define FILES 90u

static char dir[256], program[PATH_BUF_MAX];
static struct web_server server;
static struct web_page pages[] = {
	{.path = "/log/tile/entries/070",
		.reply = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
		.n = 41},
	{.path = "/log/", .folder = dir},
};

static void put(const char *name, const char *text)
{
	struct buf path = PATH_BUF_INIT, up = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t n;

	buf_fmt(&path, "%s/%s", dir, name);
	n = (size_t)(strrchr(buf_cstr(&path), '/') - buf_cstr(&path));
	buf_add(&up, path.p, n);
	if (io_mkdirs(buf_cstr(&up), 0755, &err) ||
		io_replace(buf_cstr(&path), span_str(text), 0644, &err))
		fail_msg("%s", err.text);
	buf_free(&up);
	buf_free(&path);
}

static const char *name_of(bool entries, unsigned n, char out[TILEPATH_MAX])
{
	struct tilepath t = {entries, 0, n, TILE_WIDTH};

	return tilepath_text(&t, out);
}

static int start(void **ctx)
{
	char name[TILEPATH_MAX], text[64], *at;
	unsigned i;

	(void)ctx;
	unit_dir(dir, sizeof(dir));
	if (readlink("/proc/self/exe", program, sizeof(program) - 20) < 0)
		return -1;
	at = strstr(program, "/tests/unit/");
	if (!at)
		return -1;
	snprintf(at, 20, "/sluice-http");
	snprintf(text, sizeof(text), "o\n%u\nroot\n", FILES * TILE_WIDTH + 3);
	put("checkpoint", text);
	put("tile/entries/090.p/3", "partial");
	put("lists/abc", "list");
	for (i = 0; i < FILES; i++) {
		snprintf(text, sizeof(text), "bundle %u", i);
		if (i != 50)
			put(name_of(true, i, name), text);
		snprintf(text, sizeof(text), "tile %u", i);
		put(name_of(false, i, name), text);
	}
	server = web_start(pages, ARRAY_LEN(pages));
	return 0;
}

static int stop(void **ctx)
{
	(void)ctx;
	web_stop(&server);
	unit_rm(dir);
	return 0;
}

static struct log_source *open_log(void)
{
	char url[64];
	const struct log_http how = {
		.url = url, .program = program, .timeout_ms = 30000};
	struct log_source *src;
	struct err err = ERR_INIT;

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/log/", server.port);
	if (log_source_http(&how, &src, &err))
		fail_msg("%s", err.text);
	return src;
}

static int get(
	struct log_source *src, const char *path, struct buf *out, bool *found)
{
	struct err err = ERR_INIT;

	return log_source_get(src, path, 1000, out, found, &err);
}

static void expect(struct log_source *src, bool entries, unsigned n)
{
	struct buf out = BUF_INIT(1000);
	char path[TILEPATH_MAX], text[64];
	bool found;
	int r = get(src, name_of(entries, n, path), &out, &found);

	snprintf(text, sizeof(text), "%s %u", entries ? "bundle" : "tile", n);
	if (entries && n == 70) {
		assert_int_equal(r, -1);
	} else if (n >= FILES || (entries && n == 50)) {
		assert_int_equal(r, 0);
		assert_false(found);
	} else {
		assert_int_equal(r, 0);
		assert_true(found);
		unit_span_is(buf_all(&out), text);
	}
	buf_free(&out);
}

static void in_order(void **ctx)
{
	struct log_source *src = open_log();
	struct buf out = BUF_INIT(1000);
	bool found;
	unsigned i;

	(void)ctx;
	assert_int_equal(get(src, "checkpoint", &out, &found), 0);
	assert_true(found);
	for (i = 0; i < FILES; i++) {
		expect(src, true, i);
		expect(src, false, i);
	}
	assert_int_equal(get(src, "tile/entries/090.p/3", &out, &found), 0);
	assert_true(found);
	unit_span_is(buf_all(&out), "partial");
	assert_int_equal(get(src, "lists/abc", &out, &found), 0);
	assert_true(found);
	assert_int_equal(get(src, "lists/abd", &out, &found), 0);
	assert_false(found);
	buf_free(&out);
	log_source_close(src);
}

static void out_of_order(void **ctx)
{
	static const unsigned order[] = {0, 1, 2, 3, 40, 41, 42, 43, 44, 3, 2,
		1, 89, 88, 90, 91, 5, 5, 6, 7, 8, 9, 10, 4, 69, 70, 71, 72, 49,
		50, 51};
	struct log_source *src = open_log();
	struct buf out = BUF_INIT(1000);
	bool found;
	size_t i;

	(void)ctx;
	assert_int_equal(get(src, "checkpoint", &out, &found), 0);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		expect(src, true, order[i]);
		if (i % 3 == 0)
			expect(src, false, order[i]);
	}
	buf_free(&out);
	log_source_close(src);
}

/* Without a checkpoint nothing is known of the size: nothing is read ahead. */
static void unknown_size(void **ctx)
{
	struct log_source *src = open_log();
	unsigned i;

	(void)ctx;
	for (i = 0; i < 5; i++)
		expect(src, true, i);
	expect(src, true, FILES);
	log_source_close(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(unknown_size),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
