/*
 * logd, as a process of its own, and clients of every kind: those that do what
 * they should, those that say nothing, too much, or nonsense.
 */
#include "../../support/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/unixsocket.h"
#include "log/logd.h"
#include "log/remote.h"
#include "log/store.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define WAIT_MS 20000
/* Bytes of a record that needs the second, larger room. */
#define COMMITS 20000u

static char *dir, *state;
static struct buf path = BUF_INIT(107);
static pid_t logd;

/* Serve our own account; ${seconds} for a request. */
static void begin(unsigned connections, unsigned seconds, uid_t uid)
{
	struct logdconf_peer peer = {
		.uid = uid,
		.append = {true, true, true},
		.connections = connections,
		.per_minute = 100000,
		.bytes_per_minute = (uint64_t)1 << 36,
	};
	struct logdconf conf = {.peer = &peer,
		.npeer = 1,
		.connections = 64,
		.seconds = seconds,
		.max_age = 3600};
	struct logd d = {.state = state, .conf = &conf, .nlistener = 1};
	struct logd_count n;
	struct err err = ERR_INIT;
	int fd;

	assert_int_equal(unixsocket_listen(buf_cstr(&path), &fd, &err), 0);
	d.listener = &fd;
	logd = fork();
	assert_true(logd >= 0);
	if (!logd) {
		/* A test that fails leaves nobody behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		_exit(logd_run(&d, &n, &err) ? 1 : 0);
	}
	close(fd);
}

static void stop(void)
{
	int st;

	kill(logd, SIGTERM);
	assert_int_equal(waitpid(logd, &st, 0), logd);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 0);
}

static int setup(void **unused)
{
	(void)unused;
	dir = log_folder();
	state = test_log(dir, 2);
	buf_reset(&path);
	buf_fmt(&path, "%s/sock", dir);
	return path.full ? -1 : 0;
}

static int teardown(void **unused)
{
	(void)unused;
	free(state);
	log_remove(dir);
	return 0;
}

/* A decision of now, with that many commits. */
static void record(unsigned n, unsigned commits, struct buf *out)
{
	struct doc *j = test_decision("accept", REF, n);
	struct doc *list = doc_array();
	char now[CLOCK_TEXT_MAX], hex[OID_HEX + 1];
	unsigned i;

	clock_text(clock_now(), now);
	doc_set(test_predicate(j), "time", doc_of_str(now));
	for (i = 0; i < commits; i++) {
		struct oid o = test_oid(i + 1);
		struct doc *one = doc_object();

		doc_set(one, "id", doc_of_str(oid_hex(&o, hex)));
		doc_add(list, one);
	}
	if (commits)
		doc_set(test_predicate(j), "commits", list);
	else
		doc_free(list);
	test_text(j, out);
}

static struct remote here(unsigned seconds)
{
	return (struct remote){
		.place = {buf_cstr(&path), "us", seconds}, .uid = geteuid()};
}

static uint64_t append(unsigned n, unsigned commits)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct remote r = here(30);
	struct log_receipt receipt;
	struct err err = ERR_INIT;

	record(n, commits, &text);
	if (remote_append(&r, buf_all(&text), &receipt, &err))
		fail_msg("append: %s (%s)", err.text, err.hint);
	buf_free(&text);
	return receipt.index;
}

/* A client that sends these bytes, and ends if ${over}. */
static int client(struct span s, bool over)
{
	struct err err = ERR_INIT;
	uid_t uid;
	int fd;

	assert_int_equal(unixsocket_connect(buf_cstr(&path),
				 clock_ms() + WAIT_MS, &fd, &uid, &err),
		0);
	assert_int_equal(uid, geteuid());
	while (s.n) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		if (n > 0)
			s = span_from(s, (size_t)n);
	}
	if (over)
		shutdown(fd, SHUT_WR);
	return fd;
}

/* What it is told, and then the end. */
static void told(int fd, const char *words)
{
	struct buf out = BUF_INIT(RECEIPT_MAX);
	struct receipt r;
	struct err err = ERR_INIT;
	unsigned char part[512];
	ssize_t n;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		n = recv(fd, part, sizeof(part), 0);
		if (n <= 0)
			break;
		buf_add(&out, part, (size_t)n);
	}
	close(fd);
	if (receipt_parse(buf_all(&out), &r, &err))
		fail_msg("answer: %.*s", (int)out.n, (const char *)out.p);
	if (r.word == RECEIPT_BUSY)
		assert_string_equal(words, "busy");
	else if (r.word != RECEIPT_FAIL || !strstr(r.failure.text, words))
		fail_msg("not '%s': %.*s", words, (int)out.n,
			(const char *)out.p);
	buf_free(&out);
}

static void test_serves(void **unused)
{
	struct remote r = here(10);
	struct buf room = BUF_INIT(RECEIPT_MAX), vkey = BUF_INIT(4096);
	struct receipt a;
	struct err err = ERR_INIT;

	(void)unused;
	begin(10, 10, geteuid());
	assert_int_equal(remote_status(&r, &room, &a, &err), 0);
	assert_int_equal(a.log.size, 2);
	assert_int_equal(a.uid, geteuid());
	assert_int_equal(store_vkey(state, &vkey, &err), 0);
	assert_true(span_eq(a.vkey, buf_all(&vkey)));
	assert_int_equal(append(1, 0), 2);
	/* Past the small room, and past the journal. */
	assert_int_equal(append(2, COMMITS), 3);
	assert_int_equal(append(3, 0), 4);
	stop();
	assert_int_equal(log_whole(state), 5);
	buf_free(&room);
	buf_free(&vkey);
}

static void test_nonsense(void **unused)
{
	struct buf text = BUF_INIT(RECORD_MAX), all = BUF_INIT(RECORD_MAX);
	struct span whole;
	struct doc *j;

	(void)unused;
	begin(10, 10, geteuid());
	told(client(SPAN_LIT("GET / HTTP/1.0\r\n\r\n"), true), "no request");
	told(client(SPAN_LIT("GET"), false), "no request");
	told(client(SPAN_EMPTY, true), "cut short");
	told(client(SPAN_LIT("sluice-logd 1 app"), true), "cut short");
	told(client(SPAN_LIT("sluice-logd 1 append 99999999\n"), false),
		"is more than");
	told(client(SPAN_LIT("sluice-logd 1 append 2\n{}"), true), "record");
	told(client(SPAN_LIT("sluice-logd 1 append 3\n{}"), true),
		"record was cut short");
	told(client(SPAN_LIT("sluice-logd 1 status\nx"), true), "more came");
	told(client(SPAN_LIT("sluice-logd 1 append 2000000\n{}"), true),
		"record was cut short");
	record(1, 0, &text);
	buf_fmt(&all, "sluice-logd 1 append %zu\n", text.n);
	buf_span(&all, buf_all(&text));
	whole = buf_all(&all);
	told(client(span_sub(whole, 0, whole.n - 1), true), "cut short");
	buf_byte(&all, 'x');
	told(client(buf_all(&all), true), "more came");
	/* A record, but of another day, or an outcome of nothing. */
	test_text(test_decision("accept", REF, 1), &text);
	buf_reset(&all);
	buf_fmt(&all, "sluice-logd 1 append %zu\n", text.n);
	buf_span(&all, buf_all(&text));
	told(client(buf_all(&all), true), "not now");
	j = test_outcome(1, REF, 1);
	{
		char now[CLOCK_TEXT_MAX];

		clock_text(clock_now(), now);
		doc_set(test_predicate(j), "time", doc_of_str(now));
	}
	test_text(j, &text);
	buf_reset(&all);
	buf_fmt(&all, "sluice-logd 1 append %zu\n", text.n);
	buf_span(&all, buf_all(&text));
	told(client(buf_all(&all), true), "no decision");
	assert_int_equal(append(1, 0), 2);
	stop();
	assert_int_equal(log_whole(state), 3);
	buf_free(&text);
	buf_free(&all);
}

/* Whether nobody has told it anything. */
static bool untold(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* They hold what they have, for longer than this test runs; nobody waits for
 * them, but who finds no place is told. */
static void test_stuck(void **unused)
{
	static const char *const part[] = {"", "sluice",
		"sluice-logd 1 append 9", "sluice-logd 1 append 900\n",
		"sluice-logd 1 append 900\n{\"a",
		"sluice-logd 1 append 9000000\n{\"",
		"sluice-logd 1 append 9000000\n{\"",
		"sluice-logd 1 append 9000000\n{\"", "sluice-logd 1 status\n"};
	int fd[ARRAY_LEN(part) + 1];
	struct remote r = here(1);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	begin(ARRAY_LEN(fd), 3600, geteuid());
	for (i = 0; i < ARRAY_LEN(part); i++)
		fd[i] = client(span_str(part[i]), false);
	for (i = 0; i < 20; i++)
		assert_int_equal(append((unsigned)i + 1, 0), 2 + i);
	/* One more takes the last place; the next is told to come again. */
	fd[i = ARRAY_LEN(part)] = client(SPAN_EMPTY, false);
	told(client(SPAN_EMPTY, false), "busy");
	record(50, 0, &text);
	assert_int_equal(remote_append(&r, buf_all(&text), &receipt, &err), -1);
	assert_non_null(strstr(err.text, "busy"));
	for (i = 0; i < ARRAY_LEN(fd); i++) {
		assert_true(untold(fd[i]));
		close(fd[i]);
	}
	stop();
	assert_int_equal(log_whole(state), 22);
	buf_free(&text);
}

/* Their time comes to an end, and whoever waited for a place gets it. */
static void test_over(void **unused)
{
	static const char *const part[] = {"", "sluice",
		"sluice-logd 1 append 9", "sluice-logd 1 append 900\n",
		"sluice-logd 1 append 900\n{\"a", "sluice-logd 1 status\n"};
	int fd[ARRAY_LEN(part)];
	size_t i;

	(void)unused;
	begin(ARRAY_LEN(part), 3, geteuid());
	for (i = 0; i < ARRAY_LEN(part); i++)
		fd[i] = client(span_str(part[i]), false);
	assert_int_equal(append(1, 0), 2);
	for (i = 0; i < ARRAY_LEN(part); i++)
		told(fd[i], "not come in time");
	stop();
	assert_int_equal(log_whole(state), 3);
}

/* Large ones have more time, but two alone have a turn: the third, whichever
 * that is, may come again. */
static void test_large(void **unused)
{
	/* Fifteen seconds more, which the test does not wait for. */
	static const char part[] = "sluice-logd 1 append 66000000\n{\"";
	struct pollfd p[3];
	size_t i, busy = 0;

	(void)unused;
	begin(10, 3, geteuid());
	for (i = 0; i < ARRAY_LEN(p); i++)
		p[i] = (struct pollfd){
			.fd = client(SPAN_LIT(part), false), .events = POLLIN};
	assert_int_equal(poll(p, ARRAY_LEN(p), WAIT_MS), 1);
	for (i = 0; i < ARRAY_LEN(p); i++)
		if (p[i].revents) {
			told(p[i].fd, "busy");
			busy++;
		} else {
			close(p[i].fd);
		}
	assert_int_equal(busy, 1);
	stop();
	assert_int_equal(log_whole(state), 2);
}

static void test_stranger(void **unused)
{
	struct remote r = here(10);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;

	(void)unused;
	begin(10, 10, geteuid() + 1);
	record(1, 0, &text);
	assert_int_equal(remote_append(&r, buf_all(&text), &receipt, &err), -1);
	assert_non_null(strstr(err.text, "nobody that logd serves"));
	assert_non_null(strstr(err.hint, "peers"));
	stop();
	assert_int_equal(log_whole(state), 2);
	/* Nobody there, and somebody who says nothing. */
	err_clear(&err);
	assert_int_equal(remote_append(&r, buf_all(&text), &receipt, &err), -1);
	assert_non_null(strstr(err.text, "cannot connect"));
	assert_non_null(strstr(err.hint, "is it up?"));
	{
		int fd;

		err_clear(&err);
		assert_int_equal(
			unixsocket_listen(buf_cstr(&path), &fd, &err), 0);
		r = here(1);
		assert_int_equal(
			remote_append(&r, buf_all(&text), &receipt, &err), -1);
		assert_non_null(strstr(err.text, "in time"));
		close(fd);
	}
	buf_free(&text);
}

/* The processes that take in clients die: their clients are told, no other is
 * touched. */
static void test_dead_child(void **unused)
{
	char name[64], line[256] = "";
	int fd, pid;
	FILE *f;

	(void)unused;
	begin(10, 10, geteuid());
	fd = client(SPAN_LIT("sluice"), false);
	assert_int_equal(append(1, 0), 2);
	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)logd,
		(int)logd);
	f = fopen(name, "re");
	if (!f || !fgets(line, sizeof(line), f) ||
		(pid = (int)strtol(line, NULL, 10)) <= 1) {
		print_message("no list of children here, left out\n");
		close(fd);
	} else {
		kill(pid, SIGKILL);
		told(fd, "died");
	}
	if (f)
		fclose(f);
	assert_int_equal(append(2, 0), 3);
	stop();
	assert_int_equal(log_whole(state), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_serves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nonsense, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stranger, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_dead_child, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
