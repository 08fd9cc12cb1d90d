/* A whole log is found whole; each damage is named, and nothing else. */
#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/index.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/record.h"
#include "port/database.h"

#define REF "refs/heads/main"

struct heard {
	char text[8][400];
	enum check_word word[8];
	size_t n;
};

static void tell(void *ctx, enum check_word word, const char *what)
{
	struct heard *h = ctx;

	if (h->n < ARRAY_LEN(h->text)) {
		h->word[h->n] = word;
		snprintf(h->text[h->n], sizeof(h->text[0]), "%s", what);
	}
	h->n++;
}

static void run(const char *state, bool alone, struct heard *h,
	struct log_check_result *r)
{
	struct log_check c = {.tell = tell, .ctx = h};
	struct buf key = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	memset(h, 0, sizeof(*h));
	c.state = alone ? NULL : state;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(store_path(&path, state, STORE_LOG),
				 &c.src, &err),
		0);
	if (log_check_run(&c, r, &err))
		fail_msg("check: %s", err.text);
	log_source_close(c.src);
	buf_free(&key);
	buf_free(&path);
}

static void whole(const char *state, uint64_t size)
{
	struct log_check_result r;
	struct heard h;

	run(state, false, &h, &r);
	if (r.damaged || r.unknown)
		fail_msg("%s", h.text[0]);
	assert_int_equal(r.size, size);
	assert_int_equal(r.records, size);
}

/* Exactly one damage, that has these words in it. */
static void named(const char *state, bool alone, const char *words)
{
	struct log_check_result r;
	struct heard h;

	run(state, alone, &h, &r);
	if (r.damaged != 1 || r.unknown || !strstr(h.text[0], words))
		fail_msg("expected '%s', was told %zu: '%s', '%s'", words, h.n,
			h.text[0], h.text[1]);
}

static void read_all(const char *state, const char *name, struct buf *out)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	buf_reset(out);
	if (io_read_file(store_path(&path, state, name), out, &err))
		fail_msg("%s", err.text);
	buf_free(&path);
}

static void write_all(const char *state, const char *name, struct span s)
{
	struct buf path = PATH_BUF_INIT;
	FILE *f = fopen(store_path(&path, state, name), "w");

	assert_non_null(f);
	if (s.n)
		assert_int_equal(fwrite(s.p, s.n, 1, f), 1);
	assert_int_equal(fclose(f), 0);
	buf_free(&path);
}

static void remove_one(const char *state, const char *name)
{
	struct buf path = PATH_BUF_INIT;

	assert_int_equal(unlink(store_path(&path, state, name)), 0);
	buf_free(&path);
}

/* Flip a bit, cut short, lengthen, remove: each is named; then put back. */
static void damage_file(const char *state, const char *name, const char *words)
{
	struct buf was = BUF_INIT(64u << 20), now = BUF_INIT(64u << 20);
	size_t at[4], i;

	read_all(state, name, &was);
	at[0] = 2;
	at[1] = was.n / 3;
	at[2] = was.n / 2;
	at[3] = was.n - 1;
	for (i = 0; i < ARRAY_LEN(at); i++) {
		buf_reset(&now);
		buf_span(&now, buf_all(&was));
		now.p[at[i]] ^= 0x10;
		write_all(state, name, buf_all(&now));
		named(state, false, words);
		named(state, true, words);
	}
	write_all(state, name, span_sub(buf_all(&was), 0, was.n - 5));
	named(state, false, words);
	buf_reset(&now);
	buf_span(&now, buf_all(&was));
	buf_byte(&now, 0);
	write_all(state, name, buf_all(&now));
	named(state, false, words);
	remove_one(state, name);
	named(state, false, words);
	named(state, true, words);
	write_all(state, name, buf_all(&was));
	buf_free(&was);
	buf_free(&now);
}

static void test_whole(void **unused)
{
	static const unsigned sizes[] = {0, 1, 255, 256, 257, 513};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		char *dir = log_folder(), *state = test_log(dir, sizes[i]);

		whole(state, sizes[i]);
		free(state);
		log_remove(dir);
	}
}

static void test_tiles(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 515);

	(void)unused;
	damage_file(state, "log/tile/entries/000", "'tile/entries/000'");
	damage_file(state, "log/tile/entries/002.p/3", "'tile/entries/002");
	damage_file(state, "log/tile/0/001", "'tile/0/001'");
	damage_file(state, "log/tile/0/002.p/3", "'tile/0/002");
	damage_file(state, "log/tile/1/000.p/2", "'tile/1/000");
	whole(state, 515);
	free(state);
	log_remove(dir);
}

/* Two at once are two, and the right two. */
static void test_both(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 515);
	struct log_check_result r;
	struct heard h;
	struct buf b = BUF_INIT(64u << 20);

	(void)unused;
	read_all(state, "log/tile/0/000", &b);
	b.p[100] ^= 1;
	write_all(state, "log/tile/0/000", buf_all(&b));
	read_all(state, "log/tile/entries/002.p/3", &b);
	b.p[20] ^= 1;
	write_all(state, "log/tile/entries/002.p/3", buf_all(&b));
	run(state, false, &h, &r);
	assert_int_equal(r.damaged, 2);
	assert_non_null(strstr(h.text[0], "'tile/0/000'"));
	assert_non_null(strstr(h.text[1], "'tile/entries/002.p/3'"));
	assert_non_null(strstr(h.text[1], "entry 512"));
	buf_free(&b);
	free(state);
	log_remove(dir);
}

/* Every bit of a checkpoint: of its text and of its signature line. */
static void test_checkpoint(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 2);
	struct buf was = BUF_INIT(65536), now = BUF_INIT(65536);
	struct log_check_result r;
	struct heard h;
	size_t bit;

	(void)unused;
	read_all(state, STORE_CHECKPOINT, &was);
	for (bit = 0; bit < was.n * 8; bit++) {
		buf_reset(&now);
		buf_span(&now, buf_all(&was));
		now.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		write_all(state, STORE_CHECKPOINT, buf_all(&now));
		run(state, true, &h, &r);
		if (!r.damaged)
			fail_msg("bit %zu went unseen", bit);
	}
	for (bit = 0; bit < was.n; bit++) {
		write_all(state, STORE_CHECKPOINT,
			span_sub(buf_all(&was), 0, bit));
		run(state, true, &h, &r);
		assert_true(r.damaged > 0);
	}
	remove_one(state, STORE_CHECKPOINT);
	named(state, false, "'checkpoint' is missing");
	write_all(state, STORE_CHECKPOINT, buf_all(&was));
	whole(state, 2);
	buf_free(&was);
	buf_free(&now);
	free(state);
	log_remove(dir);
}

static void refuses(const char *state, const char *words)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(test_decision("reject", REF, 99), &text);
	assert_int_equal(append_run(state, buf_all(&text), &r, &err), -1);
	assert_int_equal(err.code, ERR_LOG);
	if (!strstr(err.text, words))
		fail_msg("expected '%s': %s", words, err.text);
	assert_true(err.hint[0] != '\0');
	buf_free(&text);
}

/* Roll back to an old checkpoint, and to a whole old log. */
static void test_rolled_back(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 5);
	struct buf old = BUF_INIT(65536), new = BUF_INIT(65536);
	struct buf b = BUF_INIT(65536);
	struct log_check_result r;
	struct heard h;
	struct index *ix;
	struct err err = ERR_INIT;
	unsigned i;

	(void)unused;
	assert_int_equal(index_open(state, &ix, &err), 0);
	index_close(ix);
	read_all(state, STORE_CHECKPOINT, &old);
	for (i = 0; i < 4; i++)
		log_append(state, test_decision("reject", REF, 10 + i));
	whole(state, 9);
	assert_int_equal(index_open(state, &ix, &err), 0);
	index_close(ix);
	read_all(state, STORE_CHECKPOINT, &new);
	write_all(state, STORE_CHECKPOINT, buf_all(&old));
	named(state, false,
		"checkpoint has size 5, but 9 entries were signed before");
	refuses(state, "5, but 9 entries");
	/* So does whoever looks something up. */
	assert_int_equal(index_open(state, &ix, &err), -1);
	assert_int_equal(err.code, ERR_LOG);
	/* One behind is a rollback as well: it was published. */
	write_all(state, STORE_CHECKPOINT, buf_all(&new));
	log_append(state, test_decision("reject", REF, 30));
	write_all(state, STORE_CHECKPOINT, buf_all(&new));
	named(state, false, "checkpoint has size 9, but 10 entries");
	refuses(state, "rolled back");
	free(state);
	/* The high-water mark alone put back from a backup: the log goes on. */
	log_remove(dir);
	dir = log_folder();
	state = test_log(dir, 5);
	read_all(state, STORE_HIGHWATER, &b);
	log_append(state, test_decision("reject", REF, 40));
	log_append(state, test_decision("reject", REF, 41));
	write_all(state, STORE_HIGHWATER, buf_all(&b));
	run(state, false, &h, &r);
	assert_int_equal(r.damaged + r.unknown, 0);
	assert_int_equal(h.word[0], CHECK_NOTE);
	log_append(state, test_decision("reject", REF, 42));
	whole(state, 8);
	remove_one(state, STORE_HIGHWATER);
	run(state, false, &h, &r);
	assert_int_equal(r.unknown, 1);
	buf_free(&b);
	buf_free(&old);
	buf_free(&new);
	free(state);
	log_remove(dir);
}

static void record_name(const char *state, uint64_t n, char *name, size_t room)
{
	struct arena *a = arena_new(1u << 20);
	struct index_row row;
	struct index *ix;
	struct err err = ERR_INIT;

	assert_int_equal(index_open(state, &ix, &err), 0);
	assert_int_equal(index_entry(ix, n, a, &row, &err), 0);
	snprintf(name, room, STORE_VAULT "/%.2s/%s", row.record, row.record);
	index_close(ix);
	arena_free(a);
}

static void test_vault(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3), name[128];
	struct buf b = BUF_INIT(RECORD_MAX);
	struct log_check_result r;
	unsigned char *program;
	struct heard h;

	(void)unused;
	record_name(state, 1, name, sizeof(name));
	read_all(state, name, &b);
	b.p[30] ^= 1;
	write_all(state, name, buf_all(&b));
	named(state, false, "does not have the digest it is named by");
	b.p[30] ^= 1;
	/* Where the entry has nothing of it, it is a record all the same. */
	program = memmem(b.p, b.n, "sluice 0.1.0", 12);
	assert_non_null(program);
	program[11] = '1';
	write_all(state, name, buf_all(&b));
	named(state, false, "does not have the digest it is named by");
	program[11] = '0';
	remove_one(state, name);
	named(state, false, "the record of entry 1 is missing");
	write_all(state, name, buf_all(&b));
	whole(state, 3);
	/* A copy of the log alone does not miss its vault. */
	remove_one(state, name);
	run(state, true, &h, &r);
	assert_int_equal(r.damaged + r.unknown, 0);
	write_all(state, name, buf_all(&b));
	/* What no entry names is what a killed append leaves. */
	snprintf(name + strlen(STORE_VAULT) + 4, 65, "%064d", 7);
	write_all(state, name, SPAN_LIT("{}"));
	run(state, false, &h, &r);
	assert_int_equal(r.damaged + r.unknown, 0);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.word[0], CHECK_NOTE);
	buf_free(&b);
	free(state);
	log_remove(dir);
}

/* Two entries, each of which follows from its record, in each other's place. */
static void test_swapped(void **unused)
{
	static const char path[] = "log/tile/entries/000.p/6";
	char *dir = log_folder(), *state = test_log(dir, 6);
	struct buf was = BUF_INIT(BUNDLE_MAX), now = BUF_INIT(BUNDLE_MAX);
	struct log_check_result r;
	struct err err = ERR_INIT;
	struct bundle bundle;
	struct heard h;
	size_t i;

	(void)unused;
	read_all(state, path, &was);
	assert_int_equal(bundle_read(buf_all(&was), 6, &bundle, &err), 0);
	for (i = 0; i < 6; i++)
		bundle_add(&now, bundle.entry[i < 2 || i > 3 ? i : 5 - i]);
	write_all(state, path, buf_all(&now));
	run(state, false, &h, &r);
	assert_int_equal(r.damaged, 2);
	assert_non_null(strstr(h.text[0], "does not have entry 2 that"));
	assert_non_null(strstr(h.text[1], "does not have entry 3 that"));
	buf_free(&was);
	buf_free(&now);
	free(state);
	log_remove(dir);
}

/* A log that several threads share: what is told is in order, and the rest is
 * counted. */
static void test_many(void **unused)
{
	static const uint64_t gone[] = {0, 255, 256, 1500, 2599};
	static const char bundle[] = "log/tile/entries/003";
	char *dir = log_folder(), *state = test_log(dir, 2600), name[128];
	struct buf b = BUF_INIT(BUNDLE_MAX);
	struct log_check_result r;
	char words[80];
	struct heard h;
	size_t i;

	(void)unused;
	whole(state, 2600);
	for (i = 0; i < ARRAY_LEN(gone); i++) {
		record_name(state, gone[i], name, sizeof(name));
		remove_one(state, name);
	}
	read_all(state, bundle, &b);
	b.p[b.n - 3] ^= 1;
	write_all(state, bundle, buf_all(&b));
	run(state, false, &h, &r);
	assert_int_equal(r.damaged, ARRAY_LEN(gone) + 1);
	assert_int_equal(r.unknown, 0);
	assert_int_equal(r.records, 2600 - ARRAY_LEN(gone) - 1);
	/* A later entry might have told that a record was pruned. */
	assert_non_null(strstr(h.text[0], "does not have entry 1023"));
	for (i = 0; i < ARRAY_LEN(gone); i++) {
		snprintf(words, sizeof(words), "the record of entry %d is",
			(int)gone[i]);
		assert_non_null(strstr(h.text[i + 1], words));
	}
	/* A bundle that is not there, and what one thread alone would find. */
	remove_one(state, bundle);
	run(state, true, &h, &r);
	assert_int_equal(r.damaged, 1);
	assert_non_null(strstr(h.text[0], "'tile/entries/003' is missing"));
	buf_free(&b);
	free(state);
	log_remove(dir);
}

static void test_lists(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0), name[128];
	struct buf b = BUF_INIT(RECORD_MAX);
	const char *digest;

	(void)unused;
	log_append(state, test_adopt(REF, 600));
	whole(state, 1);
	read_all(state, "log/tile/entries/000.p/1", &b);
	digest = memmem(b.p, b.n, "\"sha256\":\"", 10);
	assert_non_null(digest);
	snprintf(name, sizeof(name), STORE_LISTS "/%.64s", digest + 10);
	read_all(state, name, &b);
	b.p[3] ^= 1;
	write_all(state, name, buf_all(&b));
	named(state, false, "does not have the digest it is named by");
	remove_one(state, name);
	named(state, false, "is missing, which entry 0 names");
	b.p[3] ^= 1;
	write_all(state, name, buf_all(&b));
	whole(state, 1);
	buf_free(&b);
	free(state);
	log_remove(dir);
}

/* A key file that is not the one of log.vkey; a high-water mark that is gone,
 * torn in one slot, torn in both. */
static void test_state(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct buf was = BUF_INIT(65536), b = BUF_INIT(65536);

	(void)unused;
	read_all(state, STORE_HIGHWATER, &was);
	buf_span(&b, buf_all(&was));
	memset(b.p + 4096, 'x', 20);
	write_all(state, STORE_HIGHWATER, buf_all(&b));
	memset(b.p, 'x', 20);
	write_all(state, STORE_HIGHWATER, buf_all(&b));
	named(state, false, "high-water mark");
	refuses(state, "high-water mark");
	write_all(state, STORE_HIGHWATER, buf_all(&was));
	whole(state, 3);
	read_all(state, STORE_VKEY, &was);
	buf_reset(&b);
	buf_span(&b, buf_all(&was));
	b.p[b.n - 8] = b.p[b.n - 8] == 'A' ? 'B' : 'A';
	write_all(state, STORE_VKEY, buf_all(&b));
	{
		struct index *ix;
		struct err err = ERR_INIT;

		assert_int_equal(index_open(state, &ix, &err), -1);
	}
	write_all(state, STORE_VKEY, buf_all(&was));
	whole(state, 3);
	buf_free(&b);
	buf_free(&was);
	free(state);
	log_remove(dir);
}

/* Says otherwise; is no database; is gone. */
static void test_index(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct buf path = PATH_BUF_INIT;
	struct index *ix;
	struct db *db;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(index_open(state, &ix, &err), 0);
	index_close(ix);
	whole(state, 3);
	assert_int_equal(
		db_open(store_path(&path, state, STORE_INDEX), &db, &err), 0);
	assert_int_equal(
		db_run(db, "UPDATE entry SET admitted = 1 WHERE n = 2", &err),
		0);
	db_close(db);
	named(state, false, "'index.db' does not say what the log says");
	assert_int_equal(index_rebuild(state, &err), 0);
	whole(state, 3);
	write_all(state, STORE_INDEX,
		SPAN_LIT(
			"some text that is no database, not even a small one"));
	whole(state, 3);
	remove_one(state, STORE_INDEX);
	whole(state, 3);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_tiles),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_rolled_back),
		cmocka_unit_test(test_vault),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
