#include "../../support/unit.h"

#include <sys/stat.h>

#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/highwater.h"
#include "log/key.h"
#include "log/keyholder.h"
#include "log/reader.h"
#include "log/store.h"
#include "parse/record.h"

#define REF "refs/heads/main"

static int append(const char *state, struct doc *j, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	int ret;

	test_text(j, &text);
	ret = keyholder_append(state, buf_all(&text), &r, err);
	buf_free(&text);
	return ret;
}

static void refused(const char *state, enum err_code code, const char *words)
{
	struct err err = ERR_INIT;

	assert_int_equal(
		append(state, test_decision("reject", REF, 1), &err), -1);
	if (err.code != code || !strstr(err.text, words))
		fail_msg("expected %d '%s', got %d '%s'", (int)code, words,
			(int)err.code, err.text);
}

static uint64_t size_of(const char *state)
{
	struct log_reader *log;
	struct err err = ERR_INIT;
	uint64_t size;

	assert_int_equal(log_open_state(state, &log, &err), 0);
	size = log_size(log);
	log_close(log);
	return size;
}

/* Who may read the key is checked on the file that is read. */
static void test_key_file(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 1);
	struct buf key = PATH_BUF_INIT, other = PATH_BUF_INIT;
	struct buf text = BUF_INIT(4096);
	struct note_key k;
	struct err err = ERR_INIT;

	(void)unused;
	store_path(&key, state, STORE_KEY);
	store_path(&other, state, "other");
	buf_cstr(&other);
	assert_int_equal(chmod(buf_cstr(&key), 0640), 0);
	refused(state, ERR_LOG, "open to others (mode 0640)");
	assert_int_equal(chmod(buf_cstr(&key), 0604), 0);
	refused(state, ERR_LOG, "open to others");
	assert_int_equal(chmod(buf_cstr(&key), 0400), 0);
	assert_int_equal(
		append(state, test_decision("reject", REF, 1), &err), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(buf_cstr(&key), 12345, 12345), 0);
		refused(state, ERR_LOG, "belongs to another account");
		assert_int_equal(chown(buf_cstr(&key), 0, 0), 0);
	}
	assert_int_equal(rename(buf_cstr(&key), buf_cstr(&other)), 0);
	refused(state, ERR_SYS, "log key");
	assert_int_equal(symlink("other", buf_cstr(&key)), 0);
	refused(state, ERR_SYS, "log key");
	assert_int_equal(unlink(buf_cstr(&key)), 0);
	assert_int_equal(mkdir(buf_cstr(&key), 0700), 0);
	refused(state, ERR_LOG, "not a regular file");
	assert_int_equal(rmdir(buf_cstr(&key)), 0);
	/* Of another log: the checkpoint is not signed by it. */
	assert_int_equal(
		key_new(SPAN_LIT("test.example/log"), NOTE_ED25519, &k, &err),
		0);
	note_secret_text(&k, &text);
	assert_int_equal(
		io_replace(buf_cstr(&key), buf_all(&text), 0600, &err), 0);
	refused(state, ERR_LOG, "not signed by the key");
	/* Damaged: the id does not fit; nothing of it is in the message. */
	text.p[text.n - 3] ^= 1;
	assert_int_equal(
		io_replace(buf_cstr(&key), buf_all(&text), 0600, &err), 0);
	refused(state, ERR_LOG, "is damaged");
	assert_int_equal(io_replace(buf_cstr(&key), SPAN_LIT("PRIVATE+KEY+x"),
				 0600, &err),
		0);
	refused(state, ERR_LOG, "is damaged");
	assert_int_equal(rename(buf_cstr(&other), buf_cstr(&key)), 0);
	assert_int_equal(
		append(state, test_decision("reject", REF, 2), &err), 0);
	assert_int_equal(size_of(state), 3);
	buf_free(&text);
	buf_free(&key);
	buf_free(&other);
	free(state);
	log_remove(dir);
}

/* What is no record is not signed, whoever sends it. */
static void test_not_a_record(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 1);
	struct log_receipt r;
	struct buf big = BUF_INIT(RECORD_MAX + 1);
	struct err err = ERR_INIT;
	struct doc *j;

	(void)unused;
	assert_int_equal(keyholder_append(state, SPAN_EMPTY, &r, &err), -1);
	assert_int_equal(keyholder_append(state, SPAN_LIT("{}"), &r, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(buf_room(&big, RECORD_MAX + 1));
	memset(big.p, ' ', RECORD_MAX + 1);
	big.n = RECORD_MAX + 1;
	assert_int_equal(keyholder_append(state, buf_all(&big), &r, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&big);
	/* An enforced rejection that was let in. */
	j = test_decision("reject", REF, 1);
	doc_set(test_predicate(j), "admitted", doc_of_bool(true));
	assert_int_equal(append(state, j, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "admitted"));
	assert_int_equal(size_of(state), 1);
	free(state);
	log_remove(dir);
}

static void test_no_state(void **unused)
{
	char *dir = log_folder();

	(void)unused;
	refused(dir, ERR_SYS, "log key");
	log_remove(dir);
}

/* Several at once: every entry is there, each with its own number. */
static void test_together(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 250);
	int i, st;

	(void)unused;
	for (i = 0; i < 4; i++) {
		pid_t pid = fork();
		unsigned k;

		if (pid)
			continue;
		for (k = 0; k < 5; k++) {
			struct err err = ERR_INIT;

			if (append(state,
				    test_decision("reject", REF,
					    (unsigned)i * 100 + k),
				    &err))
				_exit(1);
		}
		free(state);
		free(dir);
		_exit(0);
	}
	for (i = 0; i < 4; i++) {
		assert_true(wait(&st) > 0);
		assert_int_equal(st, 0);
	}
	assert_int_equal(size_of(state), 270);
	free(state);
	log_remove(dir);
}

/* The same record twice: two entries, one file. */
static void test_twice(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(
		append(state, test_decision("reject", REF, 1), &err), 0);
	assert_int_equal(
		append(state, test_decision("reject", REF, 1), &err), 0);
	assert_int_equal(size_of(state), 2);
	free(state);
	log_remove(dir);
}

static void test_create(void **unused)
{
	static const char *const bad[] = {"", "a b", "a+b", "a\n", "\xc3\xa9"};
	static const struct {
		const char *name;
		mode_t mode;
	} modes[] = {{STORE_KEY, 0600}, {STORE_VKEY, 0644},
		{STORE_CHECKPOINT, 0644}, {STORE_HIGHWATER, 0600},
		{STORE_VAULT, 0700}, {STORE_CACHE, 0700}, {STORE_LOG, 0755}};
	char *dir = log_folder();
	struct buf vkey = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct note_key k;
	struct err err = ERR_INIT;
	struct stat st;
	mode_t was = umask(0);
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			store_create(dir, span_str(bad[i]), &vkey, &err), -1);
	assert_int_equal(
		store_create(dir, SPAN_LIT("a.example"), &vkey, &err), 0);
	umask(was);
	assert_int_equal(key_read(buf_all(&vkey), NOTE_ED25519, &k, &err), 0);
	assert_string_equal(k.name, "a.example");
	for (i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(
			stat(store_path(&path, dir, modes[i].name), &st), 0);
		if ((st.st_mode & 0777) != modes[i].mode)
			fail_msg("%s has mode %o", modes[i].name,
				(unsigned)st.st_mode & 0777u);
	}
	assert_int_equal(
		store_create(dir, SPAN_LIT("a.example"), &vkey, &err), -1);
	assert_non_null(strstr(err.text, "holds a log already"));
	/* A log whose key is gone is not written over either. */
	assert_int_equal(append(dir, test_decision("reject", REF, 1), &err), 0);
	assert_int_equal(unlink(store_path(&path, dir, STORE_KEY)), 0);
	assert_int_equal(
		store_create(dir, SPAN_LIT("a.example"), &vkey, &err), -1);
	buf_free(&vkey);
	buf_free(&path);
	log_remove(dir);
}

static void test_highwater(void **unused)
{
	char *dir = log_folder();
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(8192);
	struct highwater a, b;
	struct hash root = {{1, 2, 3}};
	struct err err = ERR_INIT;
	uint64_t n;
	size_t i;

	(void)unused;
	store_path(&path, dir, STORE_HIGHWATER);
	assert_int_equal(highwater_create(buf_cstr(&path), &err), 0);
	assert_int_equal(highwater_read(buf_cstr(&path), &a, &err), 0);
	assert_int_equal(a.size, 0);
	assert_false(a.pending);
	for (n = 1; n < 6; n++) {
		root.b[0] = (unsigned char)n;
		assert_int_equal(highwater_raise(buf_cstr(&path), &a, n, &root,
					 true, &err),
			0);
		assert_int_equal(highwater_read(buf_cstr(&path), &b, &err), 0);
		assert_int_equal(b.size, n);
		assert_true(b.pending);
		assert_true(hash_eq(&b.root, &root));
		assert_int_equal(
			highwater_settle(buf_cstr(&path), &a, &err), 0);
		assert_int_equal(highwater_read(buf_cstr(&path), &b, &err), 0);
		assert_false(b.pending);
	}
	/* The newer slot torn at any byte: the older one stands. */
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	for (i = 0; i < 120; i++) {
		unsigned char *p = text.p + (b.slot ? 4096 : 0) + i;

		*p ^= 0x20;
		assert_int_equal(
			io_replace(buf_cstr(&path), buf_all(&text), 0600, &err),
			0);
		assert_int_equal(highwater_read(buf_cstr(&path), &a, &err), 0);
		assert_int_equal(a.size, 4);
		*p ^= 0x20;
	}
	buf_free(&text);
	buf_free(&path);
	log_remove(dir);
}

/* A file that somebody else may have made is not what was signed. */
static void test_highwater_file(void **unused)
{
	static const struct {
		const char *make, *why;
		bool lost;
	} t[] = {
		{"rm highwater", "missing", true},
		{": >highwater", "damaged", true},
		{"head -c 8192 /dev/zero >highwater", "damaged", true},
		{"echo highwater 1 >highwater", "damaged", true},
		{"head -c 9000 /dev/zero | tr '\\0' x >highwater", "damaged",
			true},
		{"mv highwater h; ln -s h highwater", "symbolic link", false},
		{"ln -s nothing h; mv h highwater", "symbolic link", false},
		{"rm highwater; mkdir highwater", "not a regular file", false},
		{"rm highwater; mkfifo highwater", "not a regular file", false},
		{"chmod 620 highwater", "written by others", false},
		{"chmod 602 highwater", "written by others", false},
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		char *dir = log_folder(), *state = test_log(dir, 3);
		struct buf path = PATH_BUF_INIT, text = BUF_INIT(RECORD_MAX);
		struct log_receipt r;
		struct highwater hw;
		struct err err = ERR_INIT;

		store_path(&path, state, STORE_HIGHWATER);
		assert_int_equal(highwater_read(buf_cstr(&path), &hw, &err), 0);
		unit_shell(state, t[i].make);
		assert_int_equal(
			highwater_read(buf_cstr(&path), &hw, &err), -1);
		if (!strstr(err.text, t[i].why) || hw.lost != t[i].lost)
			fail_msg("%zu: %s", i, err.text);
		assert_non_null(strstr(err.hint, "sluice log recover"));
		/* Nothing is appended, and nothing made in its place. */
		test_text(test_decision("reject", "refs/heads/x", 3), &text);
		err_clear(&err);
		assert_int_equal(
			append_run(state, buf_all(&text), &r, &err), -1);
		assert_non_null(strstr(err.text, t[i].why));
		assert_int_equal(
			highwater_read(buf_cstr(&path), &hw, &err), -1);
		buf_free(&text);
		buf_free(&path);
		free(state);
		log_remove(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_file),
		cmocka_unit_test(test_not_a_record),
		cmocka_unit_test(test_no_state),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_highwater),
		cmocka_unit_test(test_highwater_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
