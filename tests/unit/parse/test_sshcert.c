#include "support/unit.h"

#include "base/arena.h"
#include "base/text.h"
#include "parse/sshcert.h"
#include "parse/sshkeyline.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* A certificate as strings, so that each test can bend one of them. */
struct draft {
	const char *name;
	size_t point;
	uint32_t type;
	struct span key_id, principals, critical, extensions, reserved;
	struct span authority, proof, after;
};

static struct span kept(struct buf *b)
{
	struct span s = arena_copy(arena, buf_all(b));

	buf_free(b);
	return s;
}

static struct span strings(const char *const *v, size_t n)
{
	struct buf b = BUF_INIT(1 << 16);
	size_t i;

	for (i = 0; i < n; i++)
		sshwire_put(&b, span_str(v[i]));
	return kept(&b);
}
#define STRINGS(...)                                         \
	strings((const char *const[]){__VA_ARGS__},          \
		sizeof((const char *const[]){__VA_ARGS__}) / \
			sizeof(const char *))

static const char *filler(size_t n)
{
	char *s = arena_get(arena, n + 1, 1);

	memset(s, 0x5a, n);
	return s;
}

static struct draft plain(void)
{
	return (struct draft){.name = "ssh-ed25519-cert-v01@openssh.com",
		.point = 32,
		.type = 1,
		.key_id = SPAN_LIT("id"),
		.principals = STRINGS("ada@example.org", "ada"),
		.critical = SPAN_EMPTY,
		.extensions = STRINGS("permit-pty", "", "permit-user-rc", ""),
		.authority = STRINGS("ssh-ed25519", filler(32)),
		.proof = STRINGS("ssh-ed25519", filler(64))};
}

static void number(struct buf *b, uint64_t v, unsigned bytes)
{
	while (bytes--)
		buf_byte(b, (unsigned char)(v >> bytes * 8));
}

static struct span written(const struct draft *d)
{
	struct buf b = BUF_INIT(1 << 17);

	sshwire_put(&b, span_str(d->name));
	sshwire_put(&b, SPAN_LIT("a nonce"));
	sshwire_put(&b, span_str(filler(d->point)));
	number(&b, 0x0102030405060708, 8);
	number(&b, d->type, 4);
	sshwire_put(&b, d->key_id);
	sshwire_put(&b, d->principals);
	number(&b, 1000, 8);
	number(&b, UINT64_MAX, 8);
	sshwire_put(&b, d->critical);
	sshwire_put(&b, d->extensions);
	sshwire_put(&b, d->reserved);
	sshwire_put(&b, d->authority);
	sshwire_put(&b, d->proof);
	buf_span(&b, d->after);
	return kept(&b);
}

static void test_good(void **state)
{
	struct draft d = plain();
	struct span s = written(&d), rest, one;
	struct buf key = BUF_INIT(1024);
	struct err err = ERR_INIT;
	struct sshcert c;
	size_t i;

	(void)state;
	assert_true(sshcert_named(s));
	if (sshcert_read(s, &c, &err))
		fail_msg("%s", err.text);
	assert_int_equal(c.key.type, SSHKEY_ED25519);
	assert_int_equal(c.key.blob.n, 0);
	sshcert_plain(&c, &key);
	assert_true(span_eq(buf_all(&key), STRINGS("ssh-ed25519", filler(32))));
	buf_free(&key);
	assert_true(c.serial == 0x0102030405060708);
	assert_true(c.user);
	unit_span_is(c.key_id, "id");
	rest = c.principals;
	assert_true(sshcert_principal(&rest, &one));
	unit_span_is(one, "ada@example.org");
	assert_true(sshcert_principal(&rest, &one));
	unit_span_is(one, "ada");
	assert_false(sshcert_principal(&rest, &one));
	assert_true(c.after == 1000 && c.before == UINT64_MAX);
	assert_false(c.verify || c.no_touch || c.critical.n);
	assert_int_equal(c.authority.type, SSHKEY_ED25519);
	/* All but the last string. */
	assert_int_equal(c.covered.n + 4 + d.proof.n, s.n);
	for (i = 0; i < s.n; i++)
		assert_int_equal(sshcert_read(span_sub(s, 0, i), &c, &err), -1);
}

static void test_options(void **state)
{
	struct draft d = plain();
	struct err err = ERR_INIT;
	struct sshcert c;

	(void)state;
	d.type = 2;
	d.critical = STRINGS(
		"force-command", "true", "verify-required", "", "zz", "");
	d.extensions = STRINGS("no-touch-required", "");
	assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	assert_false(c.user);
	assert_true(c.verify && c.no_touch);
	unit_span_is(c.critical, "force-command");
	/* With contents they are something else. */
	d.critical = STRINGS("verify-required", "x");
	d.extensions = STRINGS("no-touch-required", "x");
	assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	assert_false(c.verify || c.no_touch);
	unit_span_is(c.critical, "verify-required");
	/* Each in its own list. */
	d.critical = STRINGS("no-touch-required", "");
	d.extensions = STRINGS("verify-required", "");
	assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	assert_false(c.verify || c.no_touch);
	unit_span_is(c.critical, "no-touch-required");
}

/* One that is itself a certificate, and one of a kind that is not known. */
static void test_authority(void **state)
{
	struct draft d = plain();
	struct err err = ERR_INIT;
	struct sshcert c;

	(void)state;
	d.authority = written(&d);
	assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	assert_int_equal(c.authority.type, SSHKEY_UNSUPPORTED);
	assert_int_equal(c.proof.sig.n, 0);
	unit_span_is(c.authority.name, "ssh-ed25519-cert-v01@openssh.com");
	d.authority = STRINGS("ssh-dss", "x");
	assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	assert_int_equal(c.authority.type, SSHKEY_UNSUPPORTED);
}

static void refused(const struct draft *d, const char *why)
{
	struct err err = ERR_INIT;
	struct sshcert c;

	if (!sshcert_read(written(d), &c, &err))
		fail_msg("taken, and not '%s'", why);
	if (!strstr(err.text, why))
		fail_msg("'%s' and not '%s'", err.text, why);
	assert_int_equal(c.key.type, SSHKEY_UNSUPPORTED);
}

static void test_refused(void **state)
{
	struct buf many = BUF_INIT(1 << 16);
	struct draft d;
	size_t i;

	(void)state;
#define BENT(field, value, why)   \
	do {                      \
		d = plain();      \
		d.field = value;  \
		refused(&d, why); \
	} while (0)
	BENT(name, "ssh-ed25519", "not an SSH certificate");
	BENT(name, "ssh-ed25519-cert-v00@openssh.com", "not an SSH cert");
	BENT(name, "ssh-rsa-cert-v01@openssh.com", "damaged");
	BENT(point, 31, "damaged");
	BENT(type, 0, "damaged");
	BENT(type, 3, "damaged");
	BENT(key_id, span_of("i\0d", 3), "damaged");
	BENT(principals, SPAN_LIT("\0\0\0\5ada"), "damaged");
	BENT(principals, span_of("\0\0\0\3a\0b", 7), "damaged");
	BENT(critical, STRINGS("a"), "damaged");
	BENT(critical, STRINGS("b", "", "a", ""), "damaged");
	BENT(critical, STRINGS("a", "", "a", ""), "damaged");
	BENT(critical, STRINGS("", ""), "damaged");
	BENT(extensions, STRINGS("b", "", "a", ""), "damaged");
	BENT(extensions, SPAN_LIT("x"), "damaged");
	BENT(reserved, SPAN_LIT("x"), "damaged");
	BENT(authority, STRINGS("ssh-ed25519", "x"), "authority");
	BENT(authority, SPAN_EMPTY, "authority");
	BENT(proof, STRINGS("ssh-ed25519", filler(63)), "damaged");
	BENT(proof, STRINGS("ssh-rsa", filler(64)), "damaged");
	BENT(proof, SPAN_EMPTY, "damaged");
	BENT(after, SPAN_LIT("x"), "damaged");
	BENT(key_id, span_str(filler(SSHKEY_BLOB_MAX)), "more than");
	for (i = 0; i < SSHCERT_PRINCIPALS_MAX; i++)
		sshwire_put(&many, SPAN_LIT("p"));
	d = plain();
	d.principals = buf_all(&many);
	{
		struct err err = ERR_INIT;
		struct sshcert c;

		assert_int_equal(sshcert_read(written(&d), &c, &err), 0);
	}
	sshwire_put(&many, SPAN_LIT("p"));
	d.principals = buf_all(&many);
	refused(&d, "damaged");
	buf_free(&many);
}

/* In a file of keys, with a hint of where its authority belongs. */
static void test_no_key(void **state)
{
	struct draft d = plain();
	struct buf line = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	size_t n;

	(void)state;
	buf_fmt(&line, "%s ", d.name);
	text_base64(&line, written(&d));
	assert_int_equal(
		sshkeyline_file(buf_all(&line), arena, &v, &n, &err), -1);
	assert_non_null(strstr(err.text, "line 1: keys of type"));
	assert_non_null(strstr(err.hint, "cert-authority"));
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_authority),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
