#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "log/append.h"
#include "log/index.h"
#include "log/keyholder.h"
#include "log/reader.h"
#include "log/store.h"
#include "parse/record.h"
#include "parse/tilepath.h"

#define REF "refs/heads/main"

static void append(const char *state, struct doc *j, struct log_receipt *r)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;

	test_text(j, &text);
	if (append_run(state, buf_all(&text), r, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
}

static int count(void *ctx, uint64_t n, struct span entry, struct err *err)
{
	uint64_t *seen = ctx;

	(void)entry;
	(void)err;
	assert_int_equal(n, *seen);
	(*seen)++;
	return 0;
}

/* The whole log reads back, and each entry by itself. */
static void check_log(const char *state, uint64_t size)
{
	struct buf one = BUF_INIT(65535);
	struct log_reader *log;
	struct err err = ERR_INIT;
	uint64_t seen = 0, n;

	if (log_open_state(state, &log, &err))
		fail_msg("open: %s", err.text);
	assert_int_equal(log_size(log), size);
	if (log_each(log, 0, NULL, count, &seen, &err))
		fail_msg("each: %s", err.text);
	assert_int_equal(seen, size);
	for (n = 0; n < size; n += size < 20 ? 1 : size / 17)
		assert_int_equal(log_entry(log, n, &one, &err), 0);
	log_close(log);
	buf_free(&one);
}

static bool exists(const char *state, const char *name)
{
	struct buf path = PATH_BUF_INIT;
	bool there = io_exists(store_path(&path, state, name));

	buf_free(&path);
	return there;
}

/* Across the edges of tiles: the same files as the definition demands. */
static void test_sizes(void **unused)
{
	static const unsigned starts[] = {
		0, 1, 2, 254, 255, 256, 257, 510, 511, 512, 513};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(starts); i++) {
		char *dir = log_folder(), *state, *again, *dir2;
		struct buf vkey = BUF_INIT(4096);
		struct log_reader *a, *b;
		struct log_receipt r;
		struct err err = ERR_INIT;
		unsigned n = starts[i];

		state = test_log(dir, n);
		check_log(state, n);
		append(state, test_decision("reject", REF, n), &r);
		assert_int_equal(r.index, n);
		assert_int_equal(r.size, n + 1);
		append(state, test_decision("reject", REF, n + 1), &r);
		check_log(state, n + 2);
		/* One built straight to that size has the same root. */
		dir2 = log_folder();
		again = test_log(dir2, n + 2);
		assert_int_equal(log_open_state(state, &a, &err), 0);
		assert_int_equal(log_open_state(again, &b, &err), 0);
		assert_true(hash_eq(log_root(a), log_root(b)));
		assert_int_equal(store_vkey(state, &vkey, &err), 0);
		assert_string_equal(log_vkey(a), buf_cstr(&vkey));
		buf_free(&vkey);
		log_close(a);
		log_close(b);
		free(state);
		free(again);
		log_remove(dir);
		log_remove(dir2);
	}
}

/* From nothing over a full tile, one by one, through the key holder. */
static void test_many(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;
	int64_t start = clock_us();
	unsigned n;

	(void)unused;
	for (n = 0; n < 260; n++) {
		test_text(test_decision("accept", REF, n), &text);
		if (keyholder_append(state, buf_all(&text), &r, &err))
			fail_msg("append %u: %s", n, err.text);
		assert_int_equal(r.index, n);
		if (n == 100) {
			assert_true(exists(state, "log/tile/0/000.p/7"));
			assert_true(exists(state, "log/tile/entries/000.p/7"));
		}
	}
	print_message("append: %lld us each\n",
		(long long)(clock_us() - start) / 260);
	check_log(state, 260);
	/* The partial files of the full tile are gone. */
	assert_false(exists(state, "log/tile/0/000.p"));
	assert_false(exists(state, "log/tile/entries/000.p"));
	assert_true(exists(state, "log/tile/0/000"));
	assert_true(exists(state, "log/tile/1/000.p/1"));
	assert_true(exists(state, "log/tile/0/001.p/4"));
	buf_free(&text);
	free(state);
	log_remove(dir);
}

#define BATCH 80

static int no_fifth(void *ctx, const struct append_item *item,
	struct log_source *src, uint64_t size, struct err *err)
{
	unsigned *asked = ctx;

	(void)src;
	(void)size;
	++*asked;
	assert_true(item->entry.entry.n > 0);
	return item->from ? err_set(err, ERR_LOG, "not this one") : 0;
}

/* Many at once, over the end of a tile and of the journal, one too large for
 * it: all in, in order, but what is no record and what the rules forbid. */
static void test_batch(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 230);
	struct buf text[BATCH];
	struct append_item v[BATCH] = {{.from = NULL}};
	unsigned asked = 0;
	const struct append_rules rules = {no_fifth, &asked};
	uint64_t next = 230;
	size_t i;

	(void)unused;
	for (i = 0; i < BATCH; i++) {
		struct doc *j = test_decision("accept", REF, (unsigned)i + 1);
		struct doc *commits = doc_array();
		unsigned k;

		text[i] = (struct buf)BUF_INIT(RECORD_MAX);
		for (k = 0; i == 40 && k < 6000; k++) {
			struct doc *one = doc_object();
			char hex[OID_HEX + 1];
			struct oid o = test_oid(k + 1);

			doc_set(one, "id", doc_of_str(oid_hex(&o, hex)));
			doc_add(commits, one);
		}
		if (i == 40)
			doc_set(test_predicate(j), "commits", commits);
		else
			doc_free(commits);
		test_text(j, &text[i]);
		v[i].record = i == 7 ? SPAN_LIT("{}") : buf_all(&text[i]);
		v[i].from = i == 5 ? &v[i] : NULL;
	}
	assert_true(text[40].n > 256u << 10);
	append_batch(state, &rules, v, BATCH);
	for (i = 0; i < BATCH; i++) {
		if (i == 5 || i == 7) {
			assert_int_equal(
				v[i].err.code, i == 5 ? ERR_LOG : ERR_INPUT);
			assert_int_equal(v[i].receipt.size, 0);
		} else {
			if (v[i].err.code != ERR_NONE)
				fail_msg("item %zu: %s", i, v[i].err.text);
			assert_int_equal(v[i].receipt.index, next);
			next++;
			assert_true(v[i].receipt.size >= next);
			assert_string_equal(
				v[i].receipt.record, v[i].entry.record);
		}
		append_item_free(&v[i]);
		buf_free(&text[i]);
	}
	assert_int_equal(asked, BATCH - 1);
	assert_int_equal(next, 230 + BATCH - 2);
	check_log(state, next);
	assert_int_equal(log_whole(state), next);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
