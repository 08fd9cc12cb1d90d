/*
 * The journal: its bytes against damage, and what it is for. A machine that
 * stops is played by taking away or spoiling whatever was not synced, and
 * giving the journal the name of another boot.
 */
#include "../../support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/journal.h"
#include "log/store.h"
#include "parse/record.h"
#include "port/crypto.h"

#define REF "refs/heads/main"

static struct buf path = PATH_BUF_INIT;

static const char *in(const char *state, const char *name)
{
	return store_path(&path, state, name);
}

static void read_all(const char *file, struct buf *out)
{
	struct err err = ERR_INIT;

	buf_reset(out);
	if (io_read_file(file, out, &err))
		fail_msg("%s: %s", file, err.text);
}

static void root_of(unsigned n, struct hash *out)
{
	memset(out->b, (int)n, HASH_LEN);
}

static void open_journal(const char *file, struct journal *j)
{
	struct err err = ERR_INIT;
	bool found;

	if (journal_open(file, j, &found, &err))
		fail_msg("journal: %s", err.text);
	assert_true(found);
}

static void add(
	const char *file, struct journal *j, uint64_t size, struct span record)
{
	struct journal_frame f = {.size = size, .record = record};
	struct err err = ERR_INIT;
	bool written;

	root_of((unsigned)size, &f.root);
	assert_true(journal_fits(j, record.n, true));
	assert_int_equal(journal_add(file, j, &f, 1, &written, &err), 0);
	assert_true(written);
}

static void test_frames(void **unused)
{
	char *dir = log_folder();
	struct buf file = PATH_BUF_INIT;
	struct journal j = JOURNAL_NONE;
	struct err err = ERR_INIT;
	struct hash root;
	static unsigned char big[5000];
	bool found;
	size_t n;

	(void)unused;
	io_join(&file, dir, "journal");
	assert_int_equal(journal_open(buf_cstr(&file), &j, &found, &err), 0);
	assert_false(found);
	root_of(7, &root);
	assert_int_equal(journal_create(buf_cstr(&file), 7, &root, &err), 0);
	open_journal(buf_cstr(&file), &j);
	assert_int_equal(j.synced, 7);
	assert_true(hash_eq(&j.root, &root));
	assert_true(j.same_boot);
	assert_int_equal(j.n, 0);
	assert_false(journal_fits(&j, JOURNAL_LEN, false));
	add(buf_cstr(&file), &j, 8, SPAN_LIT("one"));
	memset(big, 'x', sizeof(big));
	add(buf_cstr(&file), &j, 9, span_of(big, sizeof(big)));
	add(buf_cstr(&file), &j, 10, SPAN_LIT("three"));
	journal_close(&j);
	open_journal(buf_cstr(&file), &j);
	assert_int_equal(j.n, 3);
	unit_span_is(j.frame[0].record, "one");
	assert_int_equal(j.frame[1].record.n, sizeof(big));
	unit_span_is(j.frame[2].record, "three");
	assert_int_equal(j.frame[2].size, 10);
	for (n = 0; n < j.n; n++)
		assert_true(journal_whole(&j.frame[n]));
	/* Begun anew, what is left of the old frames says nothing. */
	root_of(10, &root);
	assert_int_equal(
		journal_restart(buf_cstr(&file), &j, 10, &root, &err), 0);
	add(buf_cstr(&file), &j, 11, SPAN_LIT("four"));
	journal_close(&j);
	open_journal(buf_cstr(&file), &j);
	assert_int_equal(j.synced, 10);
	assert_int_equal(j.n, 1);
	unit_span_is(j.frame[0].record, "four");
	/* To the last block, and no further. */
	for (n = 12; journal_fits(&j, 3000, true); n++)
		add(buf_cstr(&file), &j, n, span_of(big, 3000));
	assert_int_equal(j.n, JOURNAL_LEN / JOURNAL_BLOCK - 1);
	assert_true(journal_fits(&j, 3000, false));
	journal_close(&j);
	open_journal(buf_cstr(&file), &j);
	assert_int_equal(j.n, JOURNAL_LEN / JOURNAL_BLOCK - 1);
	journal_close(&j);
	buf_free(&file);
	log_remove(dir);
}

static void put_zeros(const char *file, off_t at, size_t n)
{
	static const unsigned char zeros[JOURNAL_BLOCK];
	int fd = open(file, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, zeros, n, at), (ssize_t)n);
	close(fd);
}

/* Three frames of one group behind one that came alone. */
static void add_group(const char *file)
{
	static unsigned char record[2000];
	struct journal_frame f[3];
	struct journal j = JOURNAL_NONE;
	struct err err = ERR_INIT;
	struct hash root;
	bool written;
	size_t i;

	memset(record, 'r', sizeof(record));
	root_of(0, &root);
	assert_int_equal(journal_create(file, 0, &root, &err), 0);
	open_journal(file, &j);
	add(file, &j, 1, SPAN_LIT("alone"));
	for (i = 0; i < ARRAY_LEN(f); i++) {
		f[i] = (struct journal_frame){.size = 2 + i,
			.record = span_of(record, sizeof(record))};
		root_of((unsigned)(2 + i), &f[i].root);
	}
	assert_int_equal(journal_fitting(&j, f, ARRAY_LEN(f)), ARRAY_LEN(f));
	assert_int_equal(
		journal_add(file, &j, f, ARRAY_LEN(f), &written, &err), 0);
	assert_int_equal(j.n, 4);
	journal_close(&j);
	open_journal(file, &j);
	assert_int_equal(j.n, 4);
	assert_int_equal(j.frame[1].more, 2);
	assert_int_equal(j.frame[3].more, 0);
	journal_close(&j);
}

/* A group counts whole or not at all, wherever it was cut, and what is left of
 * it is not taken for what follows the frame in its place. */
static void test_groups(void **unused)
{
	/* Blocks 2 to 4 hold the group: a line of theirs, or only the record.
	 */
	static const struct {
		off_t at;
		size_t n;
	} cuts[] = {
		{2 * JOURNAL_BLOCK, 16},
		{2 * JOURNAL_BLOCK + 300, JOURNAL_BLOCK - 300},
		{3 * JOURNAL_BLOCK, JOURNAL_BLOCK},
		{3 * JOURNAL_BLOCK + 300, JOURNAL_BLOCK - 300},
		{4 * JOURNAL_BLOCK, 16},
		{4 * JOURNAL_BLOCK + 2000, JOURNAL_BLOCK - 2000},
	};
	char *dir = log_folder();
	struct buf file = PATH_BUF_INIT;
	struct journal_frame other = {.size = 2, .record = SPAN_LIT("other")};
	struct journal j = JOURNAL_NONE;
	struct err err = ERR_INIT;
	bool written;
	size_t i;

	(void)unused;
	io_join(&file, dir, "journal");
	for (i = 0; i < ARRAY_LEN(cuts); i++) {
		add_group(buf_cstr(&file));
		put_zeros(buf_cstr(&file), cuts[i].at, cuts[i].n);
		open_journal(buf_cstr(&file), &j);
		assert_int_equal(j.n, 1);
		assert_int_equal(j.end, 2 * JOURNAL_BLOCK);
		root_of(99, &other.root);
		assert_int_equal(journal_add(buf_cstr(&file), &j, &other, 1,
					 &written, &err),
			0);
		journal_close(&j);
		open_journal(buf_cstr(&file), &j);
		assert_int_equal(j.n, 2);
		unit_span_is(j.frame[1].record, "other");
		journal_close(&j);
	}
	buf_free(&file);
	log_remove(dir);
}

/* Whatever bit of it turns over, a frame is whole or it is not there. */
static void test_bits(void **unused)
{
	char *dir = log_folder();
	struct buf file = PATH_BUF_INIT, bytes = BUF_INIT(JOURNAL_LEN);
	struct journal j = JOURNAL_NONE;
	struct err err = ERR_INIT;
	struct hash root;
	size_t at, bit, lost = 0, refused = 0;

	(void)unused;
	io_join(&file, dir, "journal");
	root_of(0, &root);
	assert_int_equal(journal_create(buf_cstr(&file), 0, &root, &err), 0);
	open_journal(buf_cstr(&file), &j);
	add(buf_cstr(&file), &j, 1, SPAN_LIT("one"));
	add(buf_cstr(&file), &j, 2, SPAN_LIT("two"));
	journal_close(&j);
	read_all(buf_cstr(&file), &bytes);
	for (at = 0; at < 2 * JOURNAL_BLOCK + 400; at++) {
		size_t within = at % JOURNAL_BLOCK;
		int fd;

		if (within > 250)
			continue;
		bit = at % 8;
		fd = open(buf_cstr(&file), O_WRONLY);
		assert_true(fd >= 0);
		bytes.p[at] ^= (unsigned char)(1u << bit);
		assert_int_equal(pwrite(fd, bytes.p + at, 1, (off_t)at), 1);
		{
			bool found;

			if (journal_open(buf_cstr(&file), &j, &found, &err)) {
				assert_int_equal(err.code, ERR_LOG);
				err_clear(&err);
				refused++;
			} else {
				size_t i;

				for (i = 0; i < j.n; i++) {
					if (!journal_whole(&j.frame[i]))
						break;
					assert_true(span_is(j.frame[i].record,
						i ? "two" : "one"));
				}
				lost += i < 2;
			}
			journal_close(&j);
		}
		bytes.p[at] ^= (unsigned char)(1u << bit);
		assert_int_equal(pwrite(fd, bytes.p + at, 1, (off_t)at), 1);
		close(fd);
	}
	assert_true(refused > 100);
	assert_true(lost > 300);
	buf_free(&bytes);
	buf_free(&file);
	log_remove(dir);
}

static void append(const char *state, struct doc *record, uint64_t index)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(record, &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg(
			"append %llu: %s", (unsigned long long)index, err.text);
	assert_int_equal(r.index, index);
	buf_free(&text);
}

static char said[4096];
static unsigned waiting; /* notes about the journal */

static void tell(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	if (word != CHECK_NOTE)
		snprintf(said, sizeof(said), "%s", what);
	else if (strstr(what, STORE_JOURNAL))
		waiting++;
}

static void check(const char *state, uint64_t size)
{
	struct log_check c = {.state = state, .tell = tell};
	struct buf key = BUF_INIT(4096);
	struct log_check_result r;
	struct err err = ERR_INIT;

	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(in(state, STORE_LOG), &c.src, &err), 0);
	assert_int_equal(log_check_run(&c, &r, &err), 0);
	if (r.damaged || r.unknown)
		fail_msg("damaged: %s", said);
	assert_int_equal(r.size, size);
	assert_int_equal(waiting, 0);
	log_source_close(c.src);
	buf_free(&key);
}

/* Whatever else it says of the log, it says that entries wait. */
static void check_waiting(const char *state)
{
	struct log_check c = {.state = state, .tell = tell};
	struct buf key = BUF_INIT(4096);
	struct log_check_result r;
	struct err err = ERR_INIT;

	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(in(state, STORE_LOG), &c.src, &err), 0);
	if (log_check_run(&c, &r, &err))
		err_clear(&err);
	assert_int_equal(waiting, 1);
	waiting = 0;
	log_source_close(c.src);
	buf_free(&key);
}

/* Another boot's name in the journal's first line. */
static void reboot(const char *state)
{
	struct buf all = BUF_INIT(JOURNAL_LEN), line = BUF_INIT(400);
	unsigned char sum[SHA256_LEN];
	struct span words;
	int fd;
	size_t i;

	read_all(in(state, STORE_JOURNAL), &all);
	words = span_sub(buf_all(&all), 0, span_find(buf_all(&all), '\n'));
	words.n -= 17; /* the digest */
	words.n -= 36; /* the boot */
	buf_span(&line, words);
	buf_str(&line, "00000000-0000-0000-0000-000000000000");
	sha256_of(buf_all(&line), sum);
	buf_byte(&line, ' ');
	for (i = 0; i < 8; i++)
		buf_fmt(&line, "%02x", sum[i]);
	buf_byte(&line, '\n');
	fd = open(in(state, STORE_JOURNAL), O_WRONLY);
	assert_int_equal(pwrite(fd, line.p, line.n, 0), (ssize_t)line.n);
	close(fd);
	buf_free(&all);
	buf_free(&line);
}

/* A copy of the state folder as it is. */
static void copy(const char *from, const char *to)
{
	pid_t pid = fork();
	int st;

	if (!pid) {
		execlp("cp", "cp", "-a", from, to, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_int_equal(st, 0);
}

static void run_sh(const char *script, const char *a, const char *b)
{
	pid_t pid = fork();
	int st;

	if (!pid) {
		execlp("sh", "sh", "-c", script, "sh", a, b, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_int_equal(st, 0);
}

/* How the files that were not synced look afterwards. */
static const char *const losses[] = {
	/* never written: as they were */
	"cd \"$1\" && find log vault -type f | while read -r f; do "
	"if [ -f \"$2/$f\" ]; then cp \"$2/$f\" \"$f\"; else rm \"$f\"; fi; "
	"done; cp \"$2/highwater\" highwater",
	/* names without bytes */
	"cd \"$1\" && find log vault -type f | while read -r f; do "
	"cmp -s \"$f\" \"$2/$f\" || : >\"$f\"; done",
	/* bytes of nothing */
	"cd \"$1\" && find log vault -type f | while read -r f; do "
	"cmp -s \"$f\" \"$2/$f\" || { n=$(wc -c <\"$f\"); "
	"head -c \"$n\" /dev/zero >\"$f\"; }; done",
	/* the checkpoint came through, nothing else did */
	"cd \"$1\" && find log vault -type f ! -name checkpoint | "
	"while read -r f; do [ -f \"$2/$f\" ] || rm \"$f\"; done",
	/* everything came through */
	":",
};

/* ${n} entries from ${start} on, all at once. */
static void append_together(const char *state, unsigned start, unsigned n)
{
	struct append_item v[64] = {{.from = NULL}};
	struct buf text[64];
	unsigned i;

	for (i = 0; i < n; i++) {
		text[i] = (struct buf)BUF_INIT(RECORD_MAX);
		test_text(test_decision("accept", REF, start + i), &text[i]);
		v[i].record = buf_all(&text[i]);
	}
	append_batch(state, NULL, v, n);
	for (i = 0; i < n; i++) {
		if (v[i].err.code != ERR_NONE)
			fail_msg("item %u: %s", i, v[i].err.text);
		assert_int_equal(v[i].receipt.index, start + i);
		append_item_free(&v[i]);
		buf_free(&text[i]);
	}
}

/* ${start} synced entries, ${n} more, one by one or together; the machine
 * stops; one more. */
static void stop(unsigned start, unsigned n, bool together, const char *loss)
{
	char *dir = log_folder(), *state = test_log(dir, start);
	struct buf before = PATH_BUF_INIT;
	unsigned i;

	append(state, test_decision("accept", REF, start), start);
	/* What test_log wrote counts as synced; the first append may not. */
	io_join(&before, dir, "before");
	copy(state, buf_cstr(&before));
	if (together)
		append_together(state, start + 1, n - 1);
	for (i = 1; i < n && !together; i++)
		append(state, test_decision("accept", REF, start + i),
			start + i);
	run_sh(loss, state, buf_cstr(&before));
	reboot(state);
	check_waiting(state);
	append(state, test_decision("reject", REF, start + n), start + n);
	check(state, start + n + 1);
	append(state, test_decision("reject", REF, start + n + 1),
		start + n + 1);
	check(state, start + n + 2);
	buf_free(&before);
	free(state);
	log_remove(dir);
}

static void test_stop(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(losses); i++) {
		stop(0, 5, false, losses[i]);
		stop(3, 1, false, losses[i]);
		stop(100, 40, true, losses[i]);
		stop(250, 4, true, losses[i]);
	}
}

/* An older log under a newer journal is not what the journal continues. */
static void test_rolled_back(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct buf before = PATH_BUF_INIT, text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;
	unsigned i;

	(void)unused;
	io_join(&before, dir, "before");
	copy(state, buf_cstr(&before));
	/* So many that the journal began anew in between. */
	for (i = 3; i < 90; i++)
		append(state, test_decision("accept", REF, i), i);
	run_sh("rm -r \"$1/log\" && cp -a \"$2/log\" \"$1/log\"", state,
		buf_cstr(&before));
	test_text(test_decision("accept", REF, i), &text);
	assert_int_equal(append_run(state, buf_all(&text), &r, &err), -1);
	assert_non_null(strstr(err.text, "rolled back"));
	err_clear(&err);
	reboot(state);
	assert_int_equal(append_run(state, buf_all(&text), &r, &err), -1);
	assert_non_null(strstr(err.text, "rolled back"));
	buf_free(&text);
	buf_free(&before);
	free(state);
	log_remove(dir);
}

/* A file that cannot be synced: the append says so, the next one mends it. */
static void test_lost_file(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;
	unsigned i, size = 0;

	(void)unused;
	for (i = 3; i < 10; i++)
		append(state, test_decision("accept", REF, i), i);
	run_sh("cd \"$1\" && rm \"$(find vault -type f -printf '%T@ %p\\n' | "
	       "sort -n | tail -n 1 | cut -d ' ' -f 2)\"",
		state, state);
	for (; i < 90 && !err.code; i++) {
		test_text(test_decision("accept", REF, i), &text);
		if (append_run(state, buf_all(&text), &r, &err))
			size = i + 1;
	}
	assert_int_equal(err.code, ERR_SYS);
	assert_non_null(strstr(err.text, "vault"));
	err_clear(&err);
	append(state, test_decision("accept", REF, i), size);
	check(state, size + 1);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* A journal that others may write is not believed. */
static void test_others(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 3);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	(void)unused;
	append(state, test_decision("accept", REF, 3), 3);
	assert_int_equal(chmod(in(state, STORE_JOURNAL), 0660), 0);
	test_text(test_decision("accept", REF, 4), &text);
	assert_int_equal(append_run(state, buf_all(&text), &r, &err), -1);
	assert_int_equal(err.code, ERR_LOG);
	err_clear(&err);
	assert_int_equal(chmod(in(state, STORE_JOURNAL), 0600), 0);
	append(state, test_decision("accept", REF, 4), 4);
	check(state, 5);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* Larger than the journal: the long way, and back to it. */
static void test_large(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 2);
	struct journal j = JOURNAL_NONE;

	(void)unused;
	append(state, test_decision("accept", REF, 2), 2);
	append(state, test_adopt(REF, 9000), 3);
	check(state, 4);
	open_journal(in(state, STORE_JOURNAL), &j);
	assert_int_equal(j.synced, 4);
	assert_int_equal(j.n, 0);
	journal_close(&j);
	append(state, test_decision("accept", REF, 3), 4);
	open_journal(in(state, STORE_JOURNAL), &j);
	assert_int_equal(j.n, 1);
	journal_close(&j);
	check(state, 5);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_rolled_back),
		cmocka_unit_test(test_lost_file),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
