/*
 * The log goes over to another key: who trusted the old one follows, the old
 * one signs nothing any more; and killed or without power at any point of it,
 * the log verifies, appends, and goes over the next time.
 */
#include "../../support/unit.h"

#include "../../support/disk.h"
#include "../../support/killed.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/index.h"
#include "log/keyaside.h"
#include "log/keyholder.h"
#include "log/reader.h"
#include "log/rotate.h"
#include "log/store.h"
#include "log/vault.h"
#include "parse/entry.h"

#define REF "refs/heads/main"
#define NOW 1795766400
#define CALLS_MAX 3000

static int append(const char *state, unsigned n, struct log_receipt *r)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	int ret;

	test_text(test_decision("reject", REF, n), &text);
	ret = append_run(state, buf_all(&text), r, &err);
	if (ret)
		print_message("append: %s\n", err.text);
	buf_free(&text);
	return ret;
}

static int rotate(const char *state, bool compromised, bool *earlier)
{
	const struct rotate_ask ask = {.now = NOW, .compromised = compromised};
	struct rotate_result r;
	struct err err = ERR_INIT;
	int ret = rotate_run(state, &ask, &r, &err);

	if (ret)
		print_message("rotate: %s\n", err.text);
	*earlier = r.earlier;
	buf_free(&r.old);
	buf_free(&r.new);
	return ret;
}

static int rotate_child(void *ctx)
{
	bool earlier;

	return rotate(ctx, false, &earlier) ? 1 : 0;
}

static void vkey_of(const char *state, struct buf *out)
{
	struct err err = ERR_INIT;

	assert_int_equal(store_vkey(state, out, &err), 0);
}

/* The log as whoever has that key alone reads it; NULL: refused. */
static struct log_reader *open_as(const char *state, const struct buf *vkey)
{
	struct buf path = PATH_BUF_INIT;
	struct log_reader *log;
	struct log_source *src;
	struct err err = ERR_INIT;

	assert_int_equal(
		log_source_dir(store_path(&path, state, STORE_LOG), &src, &err),
		0);
	buf_free(&path);
	return log_open(src, buf_all(vkey), &log, &err) ? NULL : log;
}

static void tell(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	if (word != CHECK_NOTE)
		print_message("%s\n", what);
}

/* 'log verify' of the folder with that key alone: how much is damaged. */
static size_t damage_as(const char *state, const struct buf *vkey)
{
	struct log_check c = {.vkey = buf_all(vkey), .tell = tell};
	struct buf path = PATH_BUF_INIT;
	struct log_check_result r;
	struct err err = ERR_INIT;

	assert_int_equal(log_source_dir(store_path(&path, state, STORE_LOG),
				 &c.src, &err),
		0);
	assert_int_equal(log_check_run(&c, &r, &err), 0);
	log_source_close(c.src);
	buf_free(&path);
	return r.damaged + r.unknown;
}

static bool exists(const char *state, const char *name)
{
	struct buf path = PATH_BUF_INIT;
	bool there = io_exists(store_path(&path, state, name));

	buf_free(&path);
	return there;
}

/* Bytes in place of a file of the state folder. */
static void put(const char *state, const char *name, struct span s)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(
		io_replace(store_path(&path, state, name), s, 0600, &err), 0);
	buf_free(&path);
}

static void get(const char *state, const char *name, struct buf *out)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	buf_reset(out);
	assert_int_equal(
		io_read_file(store_path(&path, state, name), out, &err), 0);
	buf_free(&path);
}

/* A log of ${n} entries that went over to another key, and its old one. */
struct gone {
	char *dir, *state;
	struct buf vkey[2], secret;
};

static struct gone gone_over(unsigned n, bool compromised)
{
	struct gone g = {.dir = log_folder()};
	bool earlier;

	g.state = test_log(g.dir, n);
	g.vkey[0] = g.vkey[1] = (struct buf)BUF_INIT(4096);
	g.secret = (struct buf)BUF_INIT(4096);
	vkey_of(g.state, &g.vkey[0]);
	get(g.state, STORE_KEY, &g.secret);
	assert_int_equal(rotate(g.state, compromised, &earlier), 0);
	assert_false(earlier);
	vkey_of(g.state, &g.vkey[1]);
	return g;
}

static void gone_free(struct gone *g)
{
	buf_free(&g->vkey[0]);
	buf_free(&g->vkey[1]);
	buf_free(&g->secret);
	free(g->state);
	log_remove(g->dir);
}

static size_t signatures(const char *state)
{
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct arena *a = arena_new((size_t)1 << 20);
	struct err err = ERR_INIT;
	struct note n;
	size_t count;

	get(state, STORE_CHECKPOINT, &note);
	assert_int_equal(note_parse(buf_all(&note), a, &n, &err), 0);
	count = n.nsigs;
	buf_free(&note);
	arena_free(a);
	return count;
}

static void test_goes_over(void **unused)
{
	static const unsigned sizes[] = {0, 1, 3, 255, 256, 257};
	size_t i, k;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		struct gone g = gone_over(sizes[i], false);
		struct log_reader *log;
		struct log_receipt r;

		assert_true(strcmp(buf_cstr(&g.vkey[0]),
				    buf_cstr(&g.vkey[1])) != 0);
		assert_int_equal(log_whole(g.state), sizes[i] + 1);
		/* The entry's checkpoint is of both, the next of one. */
		assert_int_equal(signatures(g.state), 2);
		assert_false(exists(g.state, STORE_KEY_NEXT));
		assert_false(exists(g.state, STORE_ROTATION));
		for (k = 0; k < 2; k++) {
			log = open_as(g.state, &g.vkey[k]);
			assert_non_null(log);
			assert_int_equal(log_signer(log), k);
			log_close(log);
		}
		assert_int_equal(append(g.state, 7, &r), 0);
		assert_int_equal(r.index, sizes[i] + 1);
		assert_int_equal(signatures(g.state), 1);
		assert_int_equal(log_whole(g.state), sizes[i] + 2);
		for (k = 0; k < 2; k++) {
			log = open_as(g.state, &g.vkey[k]);
			assert_non_null(log);
			assert_int_equal(log_signer(log), 1);
			log_close(log);
			assert_int_equal(damage_as(g.state, &g.vkey[k]), 0);
		}
		gone_free(&g);
	}
}

/* Several times; who trusted the first still follows. */
static void test_again(void **unused)
{
	struct gone g = gone_over(2, false);
	struct log_reader *log;
	struct log_receipt r;
	bool earlier;
	unsigned i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		if (i)
			assert_int_equal(append(g.state, i, &r), 0);
		assert_int_equal(rotate(g.state, false, &earlier), 0);
	}
	assert_int_equal(log_whole(g.state), 2 + 4 + 2);
	log = open_as(g.state, &g.vkey[0]);
	assert_non_null(log);
	assert_int_equal(log_keys(log)->n, 4);
	log_close(log);
	assert_int_equal(damage_as(g.state, &g.vkey[0]), 0);
	gone_free(&g);
}

/* The old key goes on signing: nobody who knows of the change takes it. */
static void test_retired(void **unused)
{
	struct gone g = gone_over(3, false);
	struct buf keys = BUF_INIT(ROTATIONS_TEXT_MAX);
	struct log_receipt r;

	(void)unused;
	get(g.state, STORE_LOG "/" KEYCHAIN_FILE, &keys);
	put(g.state, STORE_KEY, buf_all(&g.secret));
	/* Its own machine's append takes it for what it is: not the one that
	 * signed; but right after the change, both did. */
	assert_int_equal(append(g.state, 5, &r), 0);
	assert_null(open_as(g.state, &g.vkey[0]));
	assert_null(open_as(g.state, &g.vkey[1]));
	assert_int_not_equal(damage_as(g.state, &g.vkey[0]), 0);
	assert_int_not_equal(damage_as(g.state, &g.vkey[1]), 0);
	buf_byte(&keys, 'x');
	put(g.state, STORE_LOG "/" KEYCHAIN_FILE, buf_all(&keys));
	assert_null(open_as(g.state, &g.vkey[0]));
	/* Nor when the folder keeps quiet about the change: it is an entry. */
	put(g.state, STORE_LOG "/" KEYCHAIN_FILE, SPAN_LIT("not found\n"));
	assert_int_not_equal(damage_as(g.state, &g.vkey[0]), 0);
	unit_shell(g.state, "rm log/" KEYCHAIN_FILE);
	assert_int_not_equal(damage_as(g.state, &g.vkey[0]), 0);
	buf_free(&keys);
	gone_free(&g);
}

static void test_compromised(void **unused)
{
	struct gone g = gone_over(3, true);
	struct log_receipt r;

	(void)unused;
	assert_int_equal(log_whole(g.state), 4);
	assert_null(open_as(g.state, &g.vkey[0]));
	assert_int_equal(append(g.state, 5, &r), 0);
	assert_null(open_as(g.state, &g.vkey[0]));
	log_close(open_as(g.state, &g.vkey[1]));
	assert_int_equal(damage_as(g.state, &g.vkey[1]), 0);
	gone_free(&g);
}

/* The changes of another log of the same name, or none where there was one. */
static void test_other_folder(void **unused)
{
	struct gone g = gone_over(3, false), h = gone_over(3, false);
	struct buf ours = BUF_INIT(ROTATIONS_TEXT_MAX);
	struct buf theirs = BUF_INIT(ROTATIONS_TEXT_MAX);

	(void)unused;
	get(g.state, STORE_LOG "/" KEYCHAIN_FILE, &ours);
	get(h.state, STORE_LOG "/" KEYCHAIN_FILE, &theirs);
	put(g.state, STORE_LOG "/" KEYCHAIN_FILE, buf_all(&theirs));
	assert_null(open_as(g.state, &g.vkey[0]));
	assert_null(open_as(g.state, &g.vkey[1]));
	put(g.state, STORE_LOG "/" KEYCHAIN_FILE, buf_all(&ours));
	log_close(open_as(g.state, &g.vkey[0]));
	assert_int_equal(damage_as(g.state, &g.vkey[0]), 0);
	buf_free(&ours);
	buf_free(&theirs);
	gone_free(&g);
	gone_free(&h);
}

/* Who sends records has no say in it. */
static void test_not_by_record(void **unused)
{
	struct gone g = gone_over(2, false);
	struct buf record = BUF_INIT(RECORD_MAX), text = BUF_INIT(65536);
	struct arena *a = arena_new((size_t)4 << 20);
	struct log_reader *log = open_as(g.state, &g.vkey[0]);
	struct log_receipt r;
	struct err err = ERR_INIT;
	struct entry e;
	bool found;

	(void)unused;
	assert_int_equal(log_entry(log, 2, &text, &err), 0);
	assert_int_equal(entry_parse(buf_all(&text), a, &e, &err), 0);
	assert_int_equal(e.kind, RECORD_KEY);
	assert_int_equal(
		vault_read(g.state, 2, e.record, &record, &found, &err), 0);
	assert_true(found);
	assert_int_equal(
		keyholder_append(g.state, buf_all(&record), &r, &err), -1);
	assert_non_null(strstr(err.text, "change of the log's key"));
	assert_int_equal(log_whole(g.state), 3);
	log_close(log);
	buf_free(&record);
	buf_free(&text);
	arena_free(a);
	gone_free(&g);
}

/* What the index knows stays: it is the same log. */
static void test_index(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct arena *a = arena_new((size_t)16 << 20);
	struct index_filter f = {.since = 0};
	struct index_rows rows;
	struct err err = ERR_INIT;
	struct index *ix;
	bool earlier, differs;

	(void)unused;
	assert_int_equal(index_open(state, &ix, &err), 0);
	index_close(ix);
	assert_int_equal(rotate(state, false, &earlier), 0);
	assert_int_equal(index_open(state, &ix, &err), 0);
	assert_int_equal(index_list(ix, &f, a, &rows, &err), 0);
	assert_int_equal(rows.n, 4);
	assert_int_equal(rows.v[3].kind, RECORD_KEY);
	assert_int_equal(rows.v[3].repository.n, 0);
	index_close(ix);
	assert_int_equal(index_check(state, &differs, &err), 0);
	assert_false(differs);
	arena_free(a);
	free(state);
	log_remove(dir);
}

/* Whatever was cut short: the log appends, is whole for both, and goes over. */
static void go_on(const char *state, const struct buf *old)
{
	struct log_receipt r;
	bool earlier;

	assert_int_equal(append(state, 9, &r), 0);
	log_aside(state);
	assert_true(r.index == 2 || r.index == 3);
	assert_int_equal(log_whole(state), r.size);
	assert_int_equal(damage_as(state, old), 0);
	assert_false(exists(state, STORE_ROTATION));
	assert_int_equal(rotate(state, false, &earlier), 0);
	assert_false(earlier);
	assert_int_equal(append(state, 10, &r), 0);
	assert_int_equal(log_whole(state), r.size);
	assert_int_equal(damage_as(state, old), 0);
}

static void test_killed(void **unused)
{
	unsigned before = 0, after = 0;
	int at, r = 1;

	(void)unused;
	for (at = 1; r > 0 && at < CALLS_MAX; at += UNIT_STEP) {
		char *dir = log_folder(), *state = test_log(dir, 2);
		struct buf vkey = BUF_INIT(4096);

		vkey_of(state, &vkey);
		r = killed_at(rotate_child, state, at);
		if (r >= 0) {
			if (log_whole(state) == 2)
				before++;
			else
				after++;
			assert_int_equal(damage_as(state, &vkey), 0);
			log_aside(state);
			go_on(state, &vkey);
		} else {
			print_message("no tracing here, left out\n");
		}
		buf_free(&vkey);
		free(state);
		log_remove(dir);
	}
	print_message("%u before, %u after\n", before, after);
	if (r >= 0) {
		assert_true(at < CALLS_MAX);
		assert_true(before && after > 1);
	}
}

/* Whether a file is left that a key was written to aside. */
static bool left_aside(const char *state)
{
	struct buf name = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	bool found;

	assert_int_equal(keyaside_find(state, &name, &found, &err), 0);
	buf_free(&name);
	return found;
}

/* And run again at once, without an append between: nothing of a key is left
 * that nobody knows of. */
static void test_killed_again(void **unused)
{
	unsigned left = 0;
	int at, r = 1;

	(void)unused;
	for (at = 10; r > 0 && at < CALLS_MAX; at += 3 * UNIT_STEP) {
		char *dir = log_folder(), *state = test_log(dir, 2);
		struct buf vkey = BUF_INIT(4096);
		bool earlier, done;

		vkey_of(state, &vkey);
		r = killed_at(rotate_child, state, at);
		if (r >= 0) {
			left += left_aside(state);
			done = log_whole(state) == 3 &&
				!exists(state, STORE_KEY_NEXT);
			assert_int_equal(rotate(state, false, &earlier), 0);
			assert_false(done && earlier);
			assert_false(left_aside(state));
			assert_int_equal(log_whole(state), done ? 4 : 3);
			assert_int_equal(damage_as(state, &vkey), 0);
		}
		buf_free(&vkey);
		free(state);
		log_remove(dir);
	}
	print_message("%u left aside\n", left);
	assert_true(r < 0 || UNIT_STEP > 1 || left > 0);
}

static void test_power(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 2);
	struct buf cut = PATH_BUF_INIT, vkey = BUF_INIT(4096);
	struct disk *d = disk_new(state);
	unsigned way, cuts = 0;
	size_t moment;

	(void)unused;
	vkey_of(state, &vkey);
	io_join(&cut, dir, "cut");
	if (disk_run(d, rotate_child, state) < 0) {
		print_message("no tracing here, left out\n");
		goto out;
	}
	for (moment = 0; moment <= disk_now(d); moment++) {
		if (!disk_before_sync(d, moment))
			continue;
		for (way = 0; way < 5; way += UNIT_STEP) {
			disk_build(d, moment,
				way < DISK_SOME ? (enum disk_left)way
						: DISK_SOME,
				(unsigned)moment * 31 + way, buf_cstr(&cut));
			log_reboot(buf_cstr(&cut));
			go_on(buf_cstr(&cut), &vkey);
			unit_rm(buf_cstr(&cut));
			cuts++;
		}
	}
	print_message("%u cuts\n", cuts);
	assert_true(cuts > 5);
out:
	disk_free(d);
	buf_free(&cut);
	buf_free(&vkey);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_over),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_retired),
		cmocka_unit_test(test_compromised),
		cmocka_unit_test(test_other_folder),
		cmocka_unit_test(test_not_by_record),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_again),
		cmocka_unit_test(test_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
