#include "support/unit.h"

#include "parse/sshsig.h"
#include "parse/sshwire.h"

/* A signature as strings, so that each test can bend one of them. */
struct draft {
	const char *magic;
	unsigned char version;
	const char *key_name;
	const char *space, *reserved, *hash, *sig_name;
	size_t point, sig;
	const char *after, *inner_after;
};

/* Of a security key, or NULL. */
static const char *application;

static const struct draft plain = {"SSHSIG", 1, "ssh-ed25519", "git", "",
	"sha512", "ssh-ed25519", 32, 64, "", ""};

static void fill(struct buf *b, size_t n)
{
	while (n--)
		buf_byte(b, 0x5a);
}

static void write_draft(const struct draft *d, struct buf *out)
{
	struct buf key = BUF_INIT(4096), sig = BUF_INIT(4096);
	struct buf part = BUF_INIT(4096);

	sshwire_put(&key, span_str(d->key_name));
	fill(&part, d->point);
	sshwire_put(&key, buf_all(&part));
	if (application)
		sshwire_put(&key, span_str(application));
	buf_reset(&part);
	sshwire_put(&sig, span_str(d->sig_name));
	fill(&part, d->sig);
	sshwire_put(&sig, buf_all(&part));
	buf_str(&sig, d->inner_after);
	buf_str(out, d->magic);
	buf_add(out, "\0\0\0", 3);
	buf_byte(out, d->version);
	sshwire_put(out, buf_all(&key));
	sshwire_put(out, span_str(d->space));
	sshwire_put(out, span_str(d->reserved));
	sshwire_put(out, span_str(d->hash));
	sshwire_put(out, buf_all(&sig));
	buf_str(out, d->after);
	buf_free(&key);
	buf_free(&sig);
	buf_free(&part);
}

static int read_draft(const struct draft *d, struct err *err)
{
	struct buf b = BUF_INIT(16384);
	struct sshsig sig;
	int ret;

	write_draft(d, &b);
	ret = sshsig_read(buf_all(&b), &sig, err);
	buf_free(&b);
	return ret;
}

static void test_good(void **state)
{
	static const char want[] = "SSHSIG\0\0\0\3git\0\0\0\0\0\0\0\6sha512"
				   "\0\0\0\2hh";
	struct buf b = BUF_INIT(16384), text = BUF_INIT(1024);
	struct err err = ERR_INIT;
	struct sshsig sig;

	(void)state;
	write_draft(&plain, &b);
	assert_int_equal(sshsig_read(buf_all(&b), &sig, &err), 0);
	assert_int_equal(sig.key.type, SSHKEY_ED25519);
	assert_int_equal(sig.message_hash, SSH_SHA512);
	assert_int_equal(sig.proof.sig.n, 64);
	unit_span_is(sig.space, "git");
	sshsig_signed(&sig, SPAN_LIT("hh"), &text);
	assert_int_equal(text.n, sizeof(want) - 1);
	assert_memory_equal(text.p, want, text.n);
	buf_free(&b);
	buf_free(&text);
}

static void test_cut(void **state)
{
	struct buf b = BUF_INIT(16384);
	struct sshsig sig;
	size_t i;

	(void)state;
	write_draft(&plain, &b);
	for (i = 0; i < b.n; i++) {
		struct err err = ERR_INIT;

		assert_int_equal(sshsig_read(span_of(b.p, i), &sig, &err), -1);
	}
	buf_free(&b);
}

static void test_refused(void **state)
{
	static const struct {
		struct draft d;
		const char *why;
	} t[] = {
#define ALL "ssh-ed25519", "git", "", "sha512", "ssh-ed25519", 32, 64, "", ""
		{{"SSHSIX", 1, ALL}, "not an SSH"},
		{{"SSHSIG", 0, ALL}, "version"},
		{{"SSHSIG", 2, ALL}, "version"},
#undef ALL
#define HEAD "SSHSIG", 1, "ssh-ed25519"
		{{HEAD, "", "", "sha512", "ssh-ed25519", 32, 64, "", ""},
			"namespace"},
		{{HEAD, "git", "x", "sha512", "ssh-ed25519", 32, 64, "", ""},
			"reserved"},
		{{HEAD, "git", "", "sha1", "ssh-ed25519", 32, 64, "", ""},
			"hash"},
		{{HEAD, "git", "", "SHA512", "ssh-ed25519", 32, 64, "", ""},
			"hash"},
		{{HEAD, "git", "", "", "ssh-ed25519", 32, 64, "", ""}, "hash"},
		{{HEAD, "git", "", "sha512", "ssh-rsa", 32, 64, "", ""}, "fit"},
		{{HEAD, "git", "", "sha512", "rsa-sha2-512", 32, 64, "", ""},
			"fit"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 32, 63, "", ""},
			"fit"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 32, 65, "", ""},
			"fit"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 32, 0, "", ""},
			"fit"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 31, 64, "", ""},
			"key"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 32, 64, "x", ""},
			"after"},
		{{HEAD, "git", "", "sha512", "ssh-ed25519", 32, 64, "", "x"},
			"fit"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(read_draft(&t[i].d, &err), -1);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
	}
}

/* What cannot be verified here is still told apart from what is damaged. */
static void test_unsupported(void **state)
{
	struct draft d = plain;
	struct buf b = BUF_INIT(16384);
	struct err err = ERR_INIT;
	struct sshsig sig;

	(void)state;
	d.key_name = d.sig_name = "ssh-xmss@openssh.com";
	write_draft(&d, &b);
	assert_int_equal(sshsig_read(buf_all(&b), &sig, &err), 0);
	assert_int_equal(sig.key.type, SSHKEY_UNSUPPORTED);
	buf_free(&b);
}

#define SK "sk-ssh-ed25519@openssh.com"

/* A byte of flags and four of a counter follow the numbers. */
static void test_security_key(void **state)
{
	static const struct {
		const char *sig_name, *inner_after;
		bool good;
	} t[] = {
		{SK, "\5\1\2\3\4", true},
		{SK, "\5\1\2\3", false},
		{SK, "", false},
		{SK, "\5\1\2\3\4\5", false},
		{"ssh-ed25519", "\5\1\2\3\4", false},
		{"ssh-ed25519", "", false},
		{"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "\5\1\2\3\4",
			false},
	};
	struct draft d = plain;
	struct sshsig sig;
	size_t i;

	(void)state;
	d.key_name = SK;
	application = "ssh:";
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct buf b = BUF_INIT(16384);
		struct err err = ERR_INIT;

		d.sig_name = t[i].sig_name;
		d.inner_after = t[i].inner_after;
		write_draft(&d, &b);
		if ((sshsig_read(buf_all(&b), &sig, &err) == 0) != t[i].good)
			fail_msg("case %zu: '%s'", i, err.text);
		if (t[i].good) {
			assert_int_equal(sig.key.type, SSHKEY_SK_ED25519);
			assert_int_equal(sig.proof.flags, 5);
			assert_int_equal(sig.proof.counter, 0x01020304);
			assert_false(sig.proof.webauthn);
		}
		buf_free(&b);
	}
	application = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unsupported),
		cmocka_unit_test(test_security_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
