/*
 * The power goes in the middle of appends, at each call in turn, and the disk
 * has what was synced and any part of the rest. Whatever it has, the next
 * append goes through, the log verifies, every decision that was acknowledged
 * is in it, and it continues every checkpoint that a reader may have seen.
 */
#include "../../support/unit.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "../../support/disk.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/journal.h"
#include "log/reader.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/checkpoint.h"
#include "parse/entry.h"
#include "parse/record.h"
#include "port/crypto.h"

#define REF "refs/heads/main"
#define APPENDS_MAX 80
#define END UINT_MAX
/* In place of a number of commits. */
#define KILLED (UINT_MAX - 1)
#define MANY (UINT_MAX - 2) /* TOGETHER of them */
#define TOGETHER 3
#define NEVER SIZE_MAX

/* Appends that were recorded, and when each was acknowledged. */
struct story {
	const char *state;
	struct disk *disk;
	struct buf record[APPENDS_MAX];
	size_t acked[APPENDS_MAX];
	uint64_t index[APPENDS_MAX];
	uint64_t start; /* entries of before */
	size_t n;
};

/* What must hold after a cut. */
struct promise {
	uint64_t size;                /* so many were acknowledged */
	struct buf seen;              /* the newest checkpoint shown */
	char record[APPENDS_MAX][65]; /* of each, from ${start} on */
	uint64_t start;
	size_t n;
};

struct one {
	const char *state;
	struct span record;
};

static int append_one(void *ctx)
{
	const struct one *o = ctx;
	struct log_receipt r;
	struct err err = ERR_INIT;

	return append_run(o->state, o->record, &r, &err) ? 1 : 0;
}

/* On a file system in memory, where syncs cost nothing. */
static char *fast_folder(void)
{
	char path[] = "/dev/shm/sluice-unit-XXXXXX";

	return mkdtemp(path) ? strdup(path) : log_folder();
}

/* With so many commits more: of more than one block, or larger than the journal
 * is. */
static void make_record(unsigned n, unsigned more, struct buf *out)
{
	struct doc *j = test_decision("accept", REF, n), *c;
	struct doc *commits =
		(struct doc *)(uintptr_t)doc_get(test_predicate(j), "commits");
	char hex[OID_HEX + 1];
	struct oid oid;
	unsigned i;

	for (i = 0; i < more; i++) {
		oid = test_oid(n * 10000 + i);
		c = doc_object();
		doc_set(c, "id", doc_of_str(oid_hex(&oid, hex)));
		doc_add(commits, c);
	}
	test_text(j, out);
}

static void add_record(struct story *s, unsigned more)
{
	struct buf *record = &s->record[s->n];

	assert_true(s->n < APPENDS_MAX);
	*record = (struct buf)BUF_INIT(RECORD_MAX);
	make_record(1000 + (unsigned)s->n, more, record);
	s->acked[s->n++] = NEVER;
}

/* What went before in vain is before it in the log, so as good as
 * acknowledged. */
static bool acknowledge(struct story *s, int status)
{
	size_t i;

	if (status < 0) {
		print_message("no tracing here, left out\n");
		return false;
	}
	assert_int_equal(status, 0);
	for (i = s->n; i && s->acked[i - 1] == NEVER; i--)
		s->acked[i - 1] = disk_now(s->disk);
	return true;
}

static bool story_add(struct story *s, unsigned more)
{
	struct one one = {.state = s->state};

	add_record(s, more);
	one.record = buf_all(&s->record[s->n - 1]);
	return acknowledge(s, disk_run(s->disk, append_one, &one));
}

/* The process is killed when all is written and nothing synced. */
static bool story_killed(struct story *s)
{
	struct one one = {.state = s->state};
	int status;

	add_record(s, 0);
	one.record = buf_all(&s->record[s->n - 1]);
	status = disk_run_killed(s->disk, append_one, &one);
	if (status >= 0)
		assert_int_equal(status, 128 + SIGKILL);
	return status >= 0;
}

struct some {
	const char *state;
	const struct buf *record;
};

static int append_some(void *ctx)
{
	struct append_item v[TOGETHER] = {{.from = NULL}};
	const struct some *s = ctx;
	size_t i, failed = 0;

	for (i = 0; i < TOGETHER; i++)
		v[i].record = buf_all(&s->record[i]);
	append_batch(s->state, NULL, v, TOGETHER);
	for (i = 0; i < TOGETHER; i++)
		failed += v[i].err.code != ERR_NONE;
	return failed ? 1 : 0;
}

static bool story_together(struct story *s)
{
	struct some some = {s->state, &s->record[s->n]};
	size_t i;

	for (i = 0; i < TOGETHER; i++)
		add_record(s, i == 1 ? 40 : 0);
	return acknowledge(s, disk_run(s->disk, append_some, &some));
}

static void story_free(struct story *s)
{
	while (s->n)
		buf_free(&s->record[--s->n]);
	disk_free(s->disk);
}

static void promise_at(
	const struct story *s, size_t moment, struct promise *out)
{
	size_t i;

	*out = (struct promise){.size = s->start, .start = s->start};
	out->seen = (struct buf)BUF_INIT(CHECKPOINT_MAX);
	for (i = 0; i < s->n && s->acked[i] <= moment; i++) {
		sha256_hex(buf_all(&s->record[i]), out->record[i]);
		out->size++;
	}
	out->n = i;
	assert_true(disk_file(s->disk, moment, STORE_CHECKPOINT, &out->seen));
}

static void check_entry(struct log_reader *log, uint64_t n, const char *record)
{
	struct arena *a = arena_new(1u << 20);
	struct buf text = BUF_INIT(BUNDLE_MAX);
	struct err err = ERR_INIT;
	struct entry e;

	assert_int_equal(log_entry(log, n, &text, &err), 0);
	assert_int_equal(entry_parse(buf_all(&text), a, &e, &err), 0);
	assert_string_equal(e.record, record);
	buf_free(&text);
	arena_free(a);
}

static void check_promise(const char *state, const struct promise *p)
{
	struct log_reader *log;
	struct err err = ERR_INIT;
	size_t i;

	assert_true(log_whole(state) > p->size);
	if (log_open_state(state, &log, &err))
		fail_msg("%s", err.text);
	assert_true(log_holds(log, buf_all(&p->seen)));
	for (i = 0; i < p->n; i++)
		check_entry(log, p->start + i, p->record[i]);
	log_close(log);
}

/* After a cut: the next append goes through and all promises are kept. */
static void go_on(const char *state, const struct promise *p)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	make_record(5000, 0, &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("after the cut: %s", err.text);
	log_aside(state);
	check_promise(state, p);
	buf_free(&text);
}

/* The power goes again while the log is being mended. */
static void cut_again(const char *dir, const char *state,
	const struct promise *p, unsigned seed)
{
	struct buf text = BUF_INIT(RECORD_MAX), again = PATH_BUF_INIT;
	struct disk *d = disk_new(state);
	struct one one = {.state = state};
	size_t moment, syncs = 0;

	make_record(4000, 0, &text);
	one.record = buf_all(&text);
	assert_int_equal(disk_run(d, append_one, &one), 0);
	io_join(&again, dir, "again");
	for (moment = 0; moment <= disk_now(d); moment++) {
		if (!disk_before_sync(d, moment) || ++syncs % 4 != seed % 4)
			continue;
		disk_build(d, moment, DISK_SOME, seed + (unsigned)moment,
			buf_cstr(&again));
		log_reboot(buf_cstr(&again));
		go_on(buf_cstr(&again), p);
		unit_rm(buf_cstr(&again));
	}
	disk_free(d);
	buf_free(&text);
	buf_free(&again);
}

/* Before each sync from the ${first}th append on, in ${ways} ways; more
 * with SLUICE_TEST_CUTS=10. */
static void cut_each(
	const char *dir, const struct story *s, size_t first, unsigned ways)
{
	struct buf state = PATH_BUF_INIT;
	size_t moment = first ? s->acked[first - 1] : 0;
	const char *times = getenv("SLUICE_TEST_CUTS");
	unsigned way, cuts = 0;

	if (times)
		ways *= (unsigned)strtoul(times, NULL, 10);
	io_join(&state, dir, "cut");
	for (; moment <= disk_now(s->disk); moment++) {
		for (way = 0; way < ways; way++) {
			unsigned seed = (unsigned)moment * 31 + way;
			enum disk_left left = way < DISK_SOME
				? (enum disk_left)way
				: DISK_SOME;
			struct promise p;

			if (!disk_before_sync(s->disk, moment) ||
				way % UNIT_STEP)
				continue;
			promise_at(s, moment, &p);
			disk_build(
				s->disk, moment, left, seed, buf_cstr(&state));
			log_reboot(buf_cstr(&state));
			if (++cuts % 24 == 0)
				cut_again(dir, buf_cstr(&state), &p, seed);
			else
				go_on(buf_cstr(&state), &p);
			unit_rm(buf_cstr(&state));
			buf_free(&p.seen);
		}
	}
	print_message("%u cuts\n", cuts);
	buf_free(&state);
}

/* The record itself must be right, or nothing is shown. */
static void check_record(const char *dir, const struct story *s)
{
	struct buf script = BUF_INIT(2048), copy = PATH_BUF_INIT;

	io_join(&copy, dir, "copy");
	disk_build(s->disk, disk_now(s->disk), DISK_ALL, 0, buf_cstr(&copy));
	buf_fmt(&script, "diff -r '%s' '%s'", s->state, buf_cstr(&copy));
	unit_shell(dir, buf_cstr(&script));
	unit_rm(buf_cstr(&copy));
	buf_free(&script);
	buf_free(&copy);
}

static bool story_go_on(struct story *s, unsigned more)
{
	if (more == KILLED)
		return story_killed(s);
	return more == MANY ? story_together(s) : story_add(s, more);
}

/* ${more}: so many commits more in each record. */
static void cut(
	unsigned start, const unsigned *more, size_t first, unsigned ways)
{
	char *dir = fast_folder(), *state = test_log(dir, start);
	struct story s = {.state = state, .start = start};
	bool traced = true;
	size_t i;

	s.disk = disk_new(state);
	for (i = 0; more[i] != END && traced; i++)
		traced = story_go_on(&s, more[i]);
	if (traced) {
		check_record(dir, &s);
		cut_each(dir, &s, first, ways);
	}
	story_free(&s);
	free(state);
	log_remove(dir);
}

/* Into a journal that is made, used, and used again. */
static void test_small(void **unused)
{
	static const unsigned more[] = {0, 100, 0, END};

	(void)unused;
	cut(3, more, 0, 5);
}

/* A tile becomes full, so all is synced; then a record that goes the long way,
 * and one after it. */
static void test_full_tile(void **unused)
{
	static const unsigned more[] = {0, 0, 0, 6000, 0, END};

	(void)unused;
	cut(254, more, 1, 3);
}

/* The journal is full of small ones before the cuts begin. */
static void test_full_journal(void **unused)
{
	static unsigned more[66];
	size_t i;

	(void)unused;
	for (i = 0; i < 64; i++)
		more[i] = i % 8 ? 0 : 20;
	more[i] = END;
	cut(3, more, 60, 4);
}

/* The first append to a new log. */
static void test_new_log(void **unused)
{
	static const unsigned more[] = {0, END};

	(void)unused;
	cut(0, more, 0, 5);
}

/* Some that come together, into a journal that is there. */
static void test_together(void **unused)
{
	static const unsigned more[] = {0, MANY, 0, END};

	(void)unused;
	cut(3, more, 1, 5);
}

/* One was killed before the sync: the next makes it last before anybody sees a
 * checkpoint with it. */
static void test_killed(void **unused)
{
	static const unsigned more[] = {0, KILLED, 0, END};

	(void)unused;
	cut(3, more, 1, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_log),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_full_tile),
		cmocka_unit_test(test_full_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
