/* Against the gpg program: what one writes the other reads. */
#include "support/unit.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/proc.h"
#include "port/openpgp.h"

static char dir[256];
static char fingerprint[64];

static int gpg(struct span in, struct buf *out, const char *const *args)
{
	char home[300], tmp[300];
	const char *env[] = {home, "PATH=/usr/local/bin:/usr/bin:/bin",
		"LC_ALL=C.UTF-8", tmp, NULL};
	const char *argv[32] = {"gpg", "--batch", "--quiet", "--pinentry-mode",
		"loopback", "--passphrase", ""};
	struct proc p = {.argv = argv,
		.env = env,
		.in = in,
		.out = out,
		.timeout_ms = 60000};
	struct buf talk = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct proc_end end;
	size_t n = 7;

	while (*args)
		argv[n++] = *args++;
	argv[n] = NULL;
	p.talk = &talk;
	snprintf(home, sizeof(home), "GNUPGHOME=%s/own", dir);
	snprintf(tmp, sizeof(tmp), "HOME=%s", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	buf_free(&talk);
	return end.signal ? -1 : end.status;
}
#define GPG(in, out, ...) gpg(in, out, (const char *const[]){__VA_ARGS__, NULL})

static int setup(void **state)
{
	struct buf out = BUF_INIT(1 << 16);
	char path[300];
	struct span rest, line;

	(void)state;
	unit_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/own", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(
		GPG(SPAN_EMPTY, NULL, "--quick-gen-key",
			"Log <log@example.org>", "ed25519", "sign", "never"),
		0);
	assert_int_equal(
		GPG(SPAN_EMPTY, &out, "--with-colons", "--list-keys"), 0);
	rest = buf_all(&out);
	while (span_line(&rest, &line, NULL))
		if (span_starts(line, SPAN_LIT("fpr:::::::::")))
			snprintf(fingerprint, sizeof(fingerprint), "%.40s",
				(const char *)line.p + 12);
	assert_int_equal(strlen(fingerprint), 40);
	buf_free(&out);
	return 0;
}

static int teardown(void **state)
{
	const char *argv[] = {
		"gpgconf", "--homedir", NULL, "--kill", "gpg-agent", NULL};
	struct proc p = {.argv = argv};
	struct err err = ERR_INIT;
	struct proc_end end;
	char own[300];

	(void)state;
	snprintf(own, sizeof(own), "%s/own", dir);
	argv[2] = own;
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	unit_rm(dir);
	return 0;
}

static void home_of(char *out, size_t n, const char *name)
{
	snprintf(out, n, "%s/%s", dir, name);
}

static void test_sign(void **state)
{
	struct buf sig = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	char own[300], data[300], file[300];

	(void)state;
	home_of(own, sizeof(own), "own");
	home_of(data, sizeof(data), "data");
	home_of(file, sizeof(file), "data.asc");
	if (openpgp_sign_detached(
		    own, fingerprint, SPAN_LIT("a checkpoint\n"), &sig, &err))
		fail_msg("%s", err.text);
	assert_true(span_starts(
		buf_all(&sig), SPAN_LIT("-----BEGIN PGP SIGNATURE-----\n")));
	assert_int_equal(
		io_replace(data, SPAN_LIT("a checkpoint\n"), 0600, &err), 0);
	assert_int_equal(io_replace(file, buf_all(&sig), 0600, &err), 0);
	assert_int_equal(GPG(SPAN_EMPTY, NULL, "--verify", file, data), 0);
	assert_int_equal(
		io_replace(data, SPAN_LIT("another checkpoint\n"), 0600, &err),
		0);
	assert_int_not_equal(GPG(SPAN_EMPTY, NULL, "--verify", file, data), 0);
	buf_free(&sig);
}

static void test_sign_refused(void **state)
{
	struct buf sig = BUF_INIT(1 << 16), small = BUF_INIT(16);
	struct err err = ERR_INIT;
	char own[300];

	(void)state;
	home_of(own, sizeof(own), "own");
	assert_int_equal(openpgp_sign_detached(own,
				 "0000000000000000000000000000000000000000",
				 SPAN_LIT("x"), &sig, &err),
		-1);
	assert_int_equal(err.code, ERR_CRYPTO);
	assert_int_not_equal(err.hint[0], 0);
	assert_int_equal(sig.n, 0);
	err_clear(&err);
	assert_int_equal(openpgp_sign_detached(
				 own, fingerprint, SPAN_LIT("x"), &small, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&sig);
	buf_free(&small);
}

struct seen {
	size_t n;
	char first[64];
};

static void see(void *ctx, const char *fpr)
{
	struct seen *s = ctx;

	s->n++;
	snprintf(s->first, sizeof(s->first), "%s", fpr);
}

#define LARGE (8u << 20)

static void test_verify(void **state)
{
	struct buf keys = BUF_INIT(1 << 16), sig = BUF_INIT(1 << 16);
	struct buf twice = BUF_INIT(1 << 16);
	struct openpgp_result res;
	struct openpgp *o = NULL;
	struct err err = ERR_INIT;
	struct seen seen = {0};
	char home[300], before[64];
	unsigned char *large = calloc(1, LARGE);
	size_t i;

	(void)state;
	assert_non_null(large);
	signal(SIGPIPE, SIG_DFL);
	setenv("GNUPGHOME", "/nonexistent", 1);
	snprintf(before, sizeof(before), "%s", getenv("GNUPGHOME"));
	assert_int_equal(GPG(SPAN_EMPTY, &keys, "--export", fingerprint), 0);
	assert_int_equal(GPG(SPAN_LIT("text"), &sig, "--detach-sign"), 0);
	home_of(home, sizeof(home), "ring");
	assert_int_equal(openpgp_home(home, &err), 0);
	assert_int_equal(openpgp_home(home, &err), -1);
	err_clear(&err);
	if (openpgp_open(home, &o, &err))
		fail_msg("%s", err.text);
	/* Nobody is known yet. */
	assert_int_equal(
		openpgp_verify(o, buf_all(&sig), SPAN_LIT("text"), &res, &err),
		0);
	assert_int_equal(res.status, OPENPGP_UNKNOWN_KEY);
	assert_int_equal(
		openpgp_import(o, SPAN_LIT("garbage"), see, &seen, &err), 0);
	assert_int_equal(seen.n, 0);
	if (openpgp_import(o, buf_all(&keys), see, &seen, &err))
		fail_msg("%s", err.text);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.first, fingerprint);
	for (i = 0; i < 3; i++) {
		assert_int_equal(openpgp_verify(o, buf_all(&sig),
					 SPAN_LIT("text"), &res, &err),
			0);
		assert_int_equal(res.status, OPENPGP_GOOD);
		assert_int_equal(res.count, 1);
		assert_string_equal(res.fingerprint, fingerprint);
		assert_true(res.created > 1700000000);
		assert_int_equal(res.expires, 0);
		assert_int_equal(openpgp_verify(o, buf_all(&sig),
					 SPAN_LIT("texT"), &res, &err),
			0);
		assert_int_equal(res.status, OPENPGP_BAD);
	}
	assert_int_equal(openpgp_verify(o, SPAN_LIT("garbage"),
				 SPAN_LIT("text"), &res, &err),
		0);
	assert_int_equal(res.status, OPENPGP_BAD);
	assert_int_equal(
		openpgp_verify(o, SPAN_EMPTY, SPAN_LIT("text"), &res, &err), 0);
	assert_int_equal(res.status, OPENPGP_BAD);
	/* gpg ends before it has read everything: no signal may end us. */
	assert_int_equal(openpgp_verify(o, SPAN_LIT("garbage"),
				 span_of(large, LARGE), &res, &err),
		0);
	assert_int_equal(res.status, OPENPGP_BAD);
	/* Twice the packet is two signatures. */
	buf_span(&twice, buf_all(&sig));
	buf_span(&twice, buf_all(&sig));
	assert_int_equal(openpgp_verify(o, buf_all(&twice), SPAN_LIT("text"),
				 &res, &err),
		0);
	assert_int_equal(res.status, OPENPGP_BAD);
	buf_free(&twice);
	openpgp_close(o);
	assert_string_equal(getenv("GNUPGHOME"), before);
	unsetenv("GNUPGHOME");
	free(large);
	buf_free(&keys);
	buf_free(&sig);
}

struct signer_list {
	size_t n;
	char fingerprint[4][64], primary[4][64];
	int64_t created[4], expires[4];
};

static void list(void *ctx, const struct openpgp_signer *one)
{
	struct signer_list *l = ctx;

	assert_true(l->n < 4);
	snprintf(l->fingerprint[l->n], 64, "%s", one->fingerprint);
	snprintf(l->primary[l->n], 64, "%s", one->primary);
	l->created[l->n] = one->created;
	l->expires[l->n++] = one->expires;
}

/* The key that signs, and another's subkey that does; not the one that only
 * certifies, not the one for encryption, and nobody who has expired. A subkey
 * lasts no longer than its key. */
static void test_signers(void **state)
{
	struct buf keys = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
	const int64_t day = 86400;
	struct signer_list l = {0};
	struct seen seen = {0};
	struct openpgp *o = NULL;
	struct err err = ERR_INIT;
	char home[300], two[64] = "";
	struct span rest, line;
	size_t i, sub;

	(void)state;
	assert_int_equal(
		GPG(SPAN_EMPTY, NULL, "--quick-gen-key",
			"Two <two@example.org>", "ed25519", "cert", "10d"),
		0);
	assert_int_equal(GPG(SPAN_EMPTY, &out, "--with-colons", "--list-keys",
				 "two@example.org"),
		0);
	rest = buf_all(&out);
	while (span_line(&rest, &line, NULL))
		if (span_starts(line, SPAN_LIT("fpr:::::::::")))
			snprintf(two, sizeof(two), "%.40s",
				(const char *)line.p + 12);
	assert_int_equal(GPG(SPAN_EMPTY, NULL, "--quick-add-key", two,
				 "ed25519", "sign", "30d"),
		0);
	assert_int_equal(GPG(SPAN_EMPTY, NULL, "--quick-add-key", two,
				 "cv25519", "encr", "never"),
		0);
	assert_int_equal(
		GPG(SPAN_EMPTY, NULL, "--faked-system-time", "20200101T000000",
			"--quick-gen-key", "Old <old@example.org>", "ed25519",
			"sign", "1d"),
		0);
	assert_int_equal(GPG(SPAN_EMPTY, &keys, "--export"), 0);
	home_of(home, sizeof(home), "signers");
	if (openpgp_home(home, &err) || openpgp_open(home, &o, &err))
		fail_msg("%s", err.text);
	assert_int_equal(openpgp_signers(o, list, &l, &err), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(
		openpgp_import(o, buf_all(&keys), see, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	if (openpgp_signers(o, list, &l, &err))
		fail_msg("%s", err.text);
	openpgp_close(o);
	assert_int_equal(l.n, 2);
	sub = strcmp(l.primary[0], two) != 0;
	i = !sub;
	assert_string_equal(l.fingerprint[i], fingerprint);
	assert_string_equal(l.primary[i], fingerprint);
	assert_int_equal(l.expires[i], 0);
	assert_string_equal(l.primary[sub], two);
	assert_string_not_equal(l.fingerprint[sub], two);
	assert_true(l.expires[sub] > l.created[sub] + 9 * day);
	assert_true(l.expires[sub] < l.created[sub] + 11 * day);
	buf_free(&keys);
	buf_free(&out);
}

/* Without gpg nothing is good and nothing is bad: it could not be judged. */
static void no_gpg(void)
{
	struct openpgp *o = NULL;
	struct openpgp_result res;
	struct err err = ERR_INIT;
	char home[300];

	setenv("PATH", "/nonexistent", 1);
	home_of(home, sizeof(home), "ring");
	if (openpgp_open(home, &o, &err) ||
		openpgp_verify(o, SPAN_LIT("x"), SPAN_LIT("y"), &res, &err))
		_exit(err.code == ERR_CRYPTO ? 42 : 1);
	_exit(0);
}

/* Before any other: GPGME looks for gpg once a process, the child included. */
static void test_no_gpg(void **state)
{
	(void)state;
	assert_int_equal(unit_status(no_gpg), 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_gpg),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_sign_refused),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_signers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
