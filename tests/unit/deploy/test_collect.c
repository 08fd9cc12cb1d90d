/* One log, read whole, by its index and over the network: the same history;
 * and whatever a server or a disk does to it is noticed. */
#include "deploy/collect.h"

#include "../../support/logbook.h"
#include "../../support/unit.h"
#include "../../support/webserver.h"
#include "base/io.h"
#include "base/text.h"
#include "deploy/match.h"
#include "log/source_http.h"
#include "log/store.h"
#include "parse/revision.h"

#define PUSHES 160u
#define MANY 700u /* commits of the adoption: past what an entry holds */

static char state[256], folder[300], program[PATH_BUF_MAX];
static struct buf vkey = BUF_INIT(4096);
static struct arena *arena;

/* The commit number ${n} of this test. */
static const char *commit(unsigned n)
{
	char *hex = arena_get(arena, OID_HEX + 1, 1);

	snprintf(hex, OID_HEX + 1, "%08x%032x", n * 2654435761u, n);
	return hex;
}

static const struct logbook book = {state, "payments/api", "refs/heads/main"};

static void adopt(void)
{
	const char *commits[MANY];
	unsigned i;

	for (i = 0; i < MANY; i++)
		commits[i] = commit(i + 1);
	logbook_adopt(&book, commit(MANY), commits, MANY);
}

/* Commits 1 to MANY adopted; then one push each: every fifth refused, every
 * seventh of the others never applied. */
static enum deploy_verdict meant(unsigned n)
{
	if (n <= MANY)
		return DEPLOY_ADOPTED;
	if (n > MANY + PUSHES)
		return DEPLOY_UNKNOWN;
	if (n % 5 == 0)
		return DEPLOY_REJECTED;
	return n % 7 == 0 ? DEPLOY_NOT_APPLIED : DEPLOY_GATED;
}

static int start(void **ctx)
{
	struct err err = ERR_INIT;
	char *at;
	unsigned n;

	(void)ctx;
	arena = arena_new((size_t)512 << 20);
	unit_dir(state, sizeof(state));
	snprintf(folder, sizeof(folder), "%s/log", state);
	if (readlink("/proc/self/exe", program, sizeof(program) - 20) < 0)
		return -1;
	at = strstr(program, "/tests/unit/");
	if (!at)
		return -1;
	snprintf(at, 20, "/sluice-http");
	if (store_create(state, SPAN_LIT("example.org/log"), &vkey, &err)) {
		fail_msg("%s", err.text);
	}
	adopt();
	for (n = MANY + 1; n <= MANY + PUSHES; n++) {
		uint64_t d = logbook_decide(&book, n % 5 ? "accept" : "reject",
			commit(n - 1), commit(n));

		if (meant(n) == DEPLOY_GATED)
			logbook_outcome(&book, d, commit(n - 1), commit(n));
	}
	return 0;
}

static int stop(void **ctx)
{
	(void)ctx;
	unit_rm(state);
	buf_free(&vkey);
	arena_free(arena);
	return 0;
}

static void items(struct deployed_list *l)
{
	unsigned n;

	*l = (struct deployed_list){.arena = arena};
	for (n = 1; n <= MANY + PUSHES + 20; n++)
		revision_read(span_str(commit(n)), arena, deployed_add(l));
	/* the same again, and by its beginning */
	revision_read(span_str(commit(MANY + 1)), arena, deployed_add(l));
	revision_read(span_of(commit(MANY + 1), 12), arena, deployed_add(l));
}

static void check(const struct history *h, const struct deployed_list *l)
{
	const struct deploy_wish any = {SPAN_EMPTY, SPAN_EMPTY};
	struct deploy_answer a;
	unsigned n;

	for (n = 1; n <= MANY + PUSHES + 20; n++) {
		deploy_match(h, &any, &l->v[n - 1], arena, &a);
		if (a.verdict != meant(n))
			fail_msg("commit %u: %s: %s", n,
				deploy_verdict_name(a.verdict), a.why);
	}
	for (; n <= l->n; n++) {
		deploy_match(h, &any, &l->v[n - 1], arena, &a);
		assert_int_equal(a.verdict, DEPLOY_GATED);
		assert_int_equal(a.entry, 1);
	}
}

/* Everything out of a source, or why not. */
static int read_all(struct log_source *src, struct history *h, struct err *err)
{
	struct deployed_list *l = ARENA_NEW(arena, struct deployed_list);
	struct log_reader *log;
	int ret;

	if (log_open(src, span_trim(buf_all(&vkey)), &log, err))
		return -1;
	items(l);
	ret = collect_all(log, l, arena, h, err);
	log_close(log);
	if (!ret)
		check(h, l);
	return ret;
}

static int from_folder(const char *dir, struct err *err)
{
	struct log_source *src;
	struct history h;

	if (log_source_dir(dir, &src, err))
		return -1;
	return read_all(src, &h, err);
}

static int from_web(
	const struct web_server *server, const char *path, struct err *err)
{
	char url[128];
	const struct log_http how = {
		.url = url, .program = program, .timeout_ms = 30000};
	struct log_source *src;
	struct history h;

	snprintf(
		url, sizeof(url), "http://127.0.0.1:%d/%s", server->port, path);
	if (log_source_http(&how, &src, err))
		return -1;
	return read_all(src, &h, err);
}

static void whole(void **ctx)
{
	struct err err = ERR_INIT;

	(void)ctx;
	if (from_folder(folder, &err))
		fail_msg("%s", err.text);
}

static void indexed(void **ctx)
{
	struct err err = ERR_INIT;
	struct deployed_list l;
	struct index *ix;
	struct history h;

	(void)ctx;
	if (index_open(state, &ix, &err))
		fail_msg("%s", err.text);
	items(&l);
	if (collect_indexed(ix, &l, arena, &h, &err))
		fail_msg("%s", err.text);
	check(&h, &l);
	index_close(ix);
}

#define REPLY(path_, text)                                              \
	{                                                               \
		.path = (path_), .reply = (text), .n = sizeof(text) - 1 \
	}
#define EMPTY "Content-Length: 0\r\nConnection: close\r\n\r\n"

static void web(void **ctx)
{
	const struct web_page page = {.path = "/a/log/", .folder = folder};
	struct web_server server = web_start(&page, 1);
	struct err err = ERR_INIT;

	(void)ctx;
	if (from_web(&server, "a/log", &err))
		fail_msg("%s", err.text);
	if (from_web(&server, "a/log//", &err))
		fail_msg("%s", err.text);
	assert_int_equal(from_web(&server, "a", &err), -1);
	assert_int_equal(from_web(&server, "a/log?x", &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	web_stop(&server);
}

/* A server that answers one file its own way. */
static void bad_web(void **ctx)
{
	static const struct {
		struct web_page page;
		const char *says;
	} t[] = {
		{REPLY("/checkpoint", "HTTP/1.1 401 No\r\n" EMPTY),
			"answers 401"},
		{REPLY("/checkpoint", "HTTP/1.1 403 No\r\n" EMPTY),
			"answers 403"},
		{REPLY("/checkpoint", "HTTP/1.1 404 No\r\n" EMPTY), ""},
		{REPLY("/checkpoint", "HTTP/1.1 500 No\r\n" EMPTY),
			"answers 500"},
		{REPLY("/checkpoint",
			 "HTTP/1.1 302 Go\r\n"
			 "Location: https://example.invalid/\r\n" EMPTY),
			"another server"},
		{REPLY("/checkpoint",
			 "HTTP/1.1 200 OK\r\n"
			 "Content-Length: 3\r\n"
			 "Connection: close\r\n\r\nhi\n"),
			""},
		{REPLY("/tile/entries/000", "HTTP/1.1 404 No\r\n" EMPTY),
			"missing"},
		{REPLY("/tile/entries/000", "HTTP/1.1 500 No\r\n" EMPTY),
			"answers 500"},
		{REPLY("/tile/entries/000", "HTTP/1.1 200 OK\r\n" EMPTY), ""},
		{REPLY("/tile/entries/000",
			 "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
			""},
		{{.path = "/tile/entries/000",
			 .reply = "HTTP/1.1 200 OK\r\n\r\n",
			 .n = 19,
			 .repeat = 32768},
			"larger"},
	};
	size_t i;

	(void)ctx;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		const struct web_page pages[] = {
			t[i].page, {.path = "/", .folder = folder}};
		struct web_server server = web_start(pages, 2);
		struct err err = ERR_INIT;

		if (!from_web(&server, "", &err))
			fail_msg("%s: taken", t[i].page.path);
		if (!strstr(err.text, t[i].says))
			fail_msg("%s: %s", t[i].page.path, err.text);
		web_stop(&server);
	}
}

/* One byte changed in any file of the log, or the file gone. */
static void damaged(void **ctx)
{
	static const char *const names[] = {
		"checkpoint", "tile/entries/000", "list"};
	char copy[400], path[1024], script[2048];
	size_t i, k;

	(void)ctx;
	snprintf(copy, sizeof(copy), "%s/copy", state);
	for (i = 0; i < ARRAY_LEN(names); i++) {
		for (k = 0; k < 4; k++) {
			struct buf bytes = BUF_INIT((size_t)64 << 20);
			struct err err = ERR_INIT;
			pid_t pid;

			snprintf(script, sizeof(script),
				"rm -rf %s; cp -r %s %s; cd %s;"
				"mv lists/* list; ln -s ../list lists/$(ls "
				"../log/lists)",
				copy, folder, copy, copy);
			pid = fork();
			if (!pid) {
				execl("/bin/sh", "sh", "-ec", script,
					(char *)NULL);
				_exit(127);
			}
			waitpid(pid, NULL, 0);
			snprintf(path, sizeof(path), "%s/%s", copy, names[i]);
			if (k == 3) {
				assert_int_equal(unlink(path), 0);
			} else {
				if (io_read_file(path, &bytes, &err))
					fail_msg("%s", err.text);
				bytes.p[(bytes.n - 1) * k / 2] ^= 1;
				if (io_replace(
					    path, buf_all(&bytes), 0644, &err))
					fail_msg("%s", err.text);
			}
			err_clear(&err);
			if (!from_folder(copy, &err))
				fail_msg("%s, way %zu: taken", names[i], k);
			buf_free(&bytes);
		}
	}
}

static void other_key(void **ctx)
{
	struct err err = ERR_INIT;
	struct log_source *src;
	struct log_reader *log;
	struct buf key = BUF_INIT(4096);
	char other[400];

	(void)ctx;
	snprintf(other, sizeof(other), "%s/other", state);
	assert_int_equal(
		store_create(other, SPAN_LIT("example.org/log"), &key, &err),
		0);
	assert_int_equal(log_source_dir(folder, &src, &err), 0);
	assert_int_equal(
		log_open(src, span_trim(buf_all(&key)), &log, &err), -1);
	buf_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(indexed),
		cmocka_unit_test(web),
		cmocka_unit_test(bad_web),
		cmocka_unit_test(damaged),
		cmocka_unit_test(other_key),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
