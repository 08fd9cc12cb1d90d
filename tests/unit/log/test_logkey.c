/* The file of a log's key, plain and under a passphrase. */
#include "../../support/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "log/logkey.h"
#include "parse/sealedkey.h"
#include "port/sodium.h"

static char dir[512];

static const char *at(const char *name)
{
	static char path[4][600];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, 600, "%s/%s", dir, name);
	return p;
}

static void put(const char *name, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;

	assert_int_equal(io_replace(at(name), span_str(text), mode, &err), 0);
}

static void get(const char *name, struct buf *out)
{
	struct err err = ERR_INIT;

	buf_reset(out);
	assert_int_equal(io_read_file(at(name), out, &err), 0);
}

static int setup(void **state)
{
	struct note_key key;
	struct err err = ERR_INIT;

	(void)state;
	unit_dir(dir, sizeof(dir));
	assert_int_equal(
		key_new(SPAN_LIT("log.example"), NOTE_ED25519, &key, &err), 0);
	assert_int_equal(key_secret_write(at("key"), &key, &err), 0);
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unit_rm(dir);
	return 0;
}

static int rewrite(bool sealed, const char *passphrase, struct err *err)
{
	return logkey_rewrite(dir, at("key"), sealed, passphrase, err);
}

/* What it signs is by the key that it says. */
static void check_signs(const struct logkey *s)
{
	unsigned char sig[LOGKEY_SIG];
	struct err err = ERR_INIT;

	assert_int_equal(logkey_sign(s, SPAN_LIT("text"), sig, &err), 0);
	assert_int_equal(ed25519_verify(s->public.key, SPAN_LIT("text"),
				 span_of(sig, sizeof(sig))),
		ED25519_GOOD);
}

static void test_there_and_back(void **unused)
{
	struct buf was = BUF_INIT(KEY_FILE_MAX), now = BUF_INIT(KEY_FILE_MAX);
	struct buf again = BUF_INIT(KEY_FILE_MAX);
	struct logkey plain, sealed;
	struct err err = ERR_INIT;
	struct note_key public;
	struct stat st;

	(void)unused;
	get("key", &was);
	assert_int_equal(logkey_open(dir, at("key"), &plain, &err), 0);
	assert_false(plain.sealed);
	check_signs(&plain);
	assert_int_equal(rewrite(true, NULL, &err), 0);
	get("key", &now);
	assert_true(sealedkey_is(buf_all(&now)));
	assert_int_equal(stat(at("key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(logkey_open(dir, at("key"), &sealed, &err), 0);
	assert_true(sealed.sealed);
	check_signs(&sealed);
	assert_memory_equal(sealed.public.key, plain.public.key, 32);
	/* Never the same twice. */
	assert_int_equal(rewrite(true, NULL, &err), 0);
	get("key", &again);
	assert_false(span_eq(buf_all(&now), buf_all(&again)));
	/* The public half needs no passphrase. */
	assert_int_equal(remove(at(LOGKEY_PASSPHRASE)), 0);
	assert_int_equal(logkey_peek(at("key"), &public, &err), 0);
	assert_memory_equal(public.key, plain.public.key, 32);
	assert_int_equal(logkey_open(dir, at("key"), &sealed, &err), -1);
	assert_non_null(strstr(err.hint, LOGKEY_PASSPHRASE));
	put(LOGKEY_PASSPHRASE, "correct horse", 0600);
	assert_int_equal(rewrite(false, NULL, &err), 0);
	get("key", &again);
	assert_true(span_eq(buf_all(&was), buf_all(&again)));
	logkey_close(&plain);
	logkey_close(&sealed);
	buf_free(&was);
	buf_free(&now);
	buf_free(&again);
}

static void test_passphrases(void **unused)
{
	static const char *const bad[] = {"", "\n", "correct horse \n",
		"Correct horse\n", "correct hors"};
	struct logkey s;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	assert_int_equal(rewrite(true, NULL, &err), 0);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		put(LOGKEY_PASSPHRASE, bad[i], 0600);
		assert_int_equal(logkey_open(dir, at("key"), &s, &err), -1);
		assert_null(strstr(err.text, "orrect"));
	}
	/* Open to others. */
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	assert_int_equal(chmod(at(LOGKEY_PASSPHRASE), 0644), 0);
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), -1);
	assert_int_equal(chmod(at(LOGKEY_PASSPHRASE), 0600), 0);
	/* Another, from a file that is named; and credentials come first. */
	assert_int_equal(mkdir(at("c"), 0700), 0);
	put("c/" LOGKEY_PASSPHRASE, "another\n", 0400);
	assert_int_equal(rewrite(true, at("c/" LOGKEY_PASSPHRASE), &err), 0);
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), -1);
	logkey_credentials(at("c"));
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), 0);
	check_signs(&s);
	logkey_close(&s);
	logkey_credentials(NULL);
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), -1);
	logkey_credentials(at("c"));
	assert_int_equal(rewrite(false, NULL, &err), 0);
	logkey_credentials(NULL);
}

/* Any byte of it; every bit would be hundreds of Argon2. Cheap ones. */
static void test_changed(void **unused)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct err err = ERR_INIT;
	struct sealedkey k = {.passes = 1, .kib = SEALEDKEY_KIB_MIN};
	struct buf head = BUF_INIT(KEY_FILE_MAX);
	struct logkey s;
	struct seal seal = {.passphrase = SPAN_LIT("correct horse"),
		.passes = 1,
		.kib = SEALEDKEY_KIB_MIN,
		.salt = k.salt,
		.nonce = k.nonce};
	size_t i;

	(void)unused;
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), 0);
	k.public = s.public;
	sealedkey_head(&k, &head);
	seal.head = buf_all(&head);
	assert_int_equal(
		seal_close(&seal, s.secret.key, ED25519_SEED, k.sealed, &err),
		0);
	sealedkey_text(&k, &text);
	buf_cstr(&text);
	logkey_close(&s);
	put("sealed", (const char *)text.p, 0600);
	assert_int_equal(logkey_open(dir, at("sealed"), &s, &err), 0);
	check_signs(&s);
	logkey_close(&s);
	for (i = 0; i < text.n; i += UNIT_STEP) {
		unsigned char was = text.p[i];

		text.p[i] ^= was == '\n' ? 1 : 3;
		put("sealed", (const char *)text.p, 0600);
		if (!logkey_open(dir, at("sealed"), &s, &err))
			fail_msg("taken with byte %zu changed", i);
		text.p[i] = was;
	}
	buf_free(&head);
	buf_free(&text);
}

/* A key that is looked at alone: the file is named, and nothing is taken. */
static void test_cut(void **unused)
{
	static const char good[] = "sluice encrypted key v1\nx+0+y\n";
	const struct note_key none = {.type = 0};
	struct note_key public;
	struct err err;
	size_t n;

	(void)unused;
	for (n = 0; n < sizeof(good); n++) {
		char cut[sizeof(good)];

		snprintf(cut, n + 1, "%s", good);
		put("cut", cut, 0600);
		memset(&public, 0xff, sizeof(public));
		err = (struct err)ERR_INIT;
		assert_int_equal(logkey_peek(at("cut"), &public, &err), -1);
		assert_non_null(strstr(err.text, at("cut")));
		assert_memory_equal(&public, &none, sizeof(none));
	}
}

/* Kept: found out once; not by a child, which has to find it out again. */
static int child_opens(void *ctx)
{
	struct err err = ERR_INIT;
	struct logkey s;

	(void)ctx;
	return logkey_open(dir, at("key"), &s, &err) ? 1 : 0;
}

static void test_kept(void **unused)
{
	struct err err = ERR_INIT;
	struct logkey s;
	int64_t start, first;
	pid_t pid;
	int st;

	(void)unused;
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	assert_int_equal(rewrite(true, NULL, &err), 0);
	assert_int_equal(logkey_keep(&err), 0);
	start = clock_us();
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), 0);
	first = clock_us() - start;
	logkey_close(&s);
	assert_int_equal(remove(at(LOGKEY_PASSPHRASE)), 0);
	start = clock_us();
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), 0);
	print_message("%lld us, kept %lld us\n", (long long)first,
		(long long)(clock_us() - start));
	check_signs(&s);
	logkey_close(&s);
	pid = fork();
	if (!pid)
		_exit(child_opens(NULL));
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st) && WEXITSTATUS(st) == 1);
	/* Another file is another key. */
	put(LOGKEY_PASSPHRASE, "correct horse\n", 0600);
	assert_int_equal(rewrite(true, NULL, &err), 0);
	assert_int_equal(remove(at(LOGKEY_PASSPHRASE)), 0);
	assert_int_equal(logkey_open(dir, at("key"), &s, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_passphrases),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
