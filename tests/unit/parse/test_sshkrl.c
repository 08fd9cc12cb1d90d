#include "support/unit.h"

#include "parse/sshkrl.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(16u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void number(struct buf *b, uint64_t v, unsigned bytes)
{
	while (bytes--)
		buf_byte(b, (unsigned char)(v >> bytes * 8));
}

static void head(
	struct buf *b, uint32_t version, uint64_t flags, struct span reserved)
{
	buf_add(b, "SSHKRL\n\0", 8);
	number(b, version, 4);
	number(b, 3, 8);
	number(b, 1700000000, 8);
	number(b, flags, 8);
	sshwire_put(b, reserved);
	sshwire_put(b, SPAN_LIT("a comment"));
}

/* "ssh-ed25519" and a point of ${c}s. */
static struct span key(char c)
{
	struct buf b = BUF_INIT(256);
	char point[32];
	struct span s;

	memset(point, c, sizeof(point));
	sshwire_put(&b, SPAN_LIT("ssh-ed25519"));
	sshwire_put(&b, span_of(point, sizeof(point)));
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

static struct span kept(struct buf *b)
{
	struct span s = arena_copy(arena, buf_all(b));

	buf_free(b);
	return s;
}

/* A list of one section. */
static struct span list(unsigned char type, struct span data)
{
	struct buf b = BUF_INIT(1 << 16);

	head(&b, 1, 0, SPAN_EMPTY);
	buf_byte(&b, type);
	sshwire_put(&b, data);
	return kept(&b);
}

/* About certificates by ${authority}, of one part. */
static struct span certs(
	struct span authority, unsigned char type, struct span data)
{
	struct buf b = BUF_INIT(1 << 16);

	sshwire_put(&b, authority);
	sshwire_put(&b, SPAN_EMPTY);
	buf_byte(&b, type);
	sshwire_put(&b, data);
	return list(1, kept(&b));
}

static struct span string(struct span s)
{
	struct buf b = BUF_INIT(1 << 16);

	sshwire_put(&b, s);
	return kept(&b);
}

static struct span numbers(uint64_t a, uint64_t b)
{
	struct buf out = BUF_INIT(64);

	number(&out, a, 8);
	number(&out, b, 8);
	return kept(&out);
}

static struct span bitmap(uint64_t first, struct span bits)
{
	struct buf out = BUF_INIT(1024);

	number(&out, first, 8);
	sshwire_put(&out, bits);
	return kept(&out);
}

static struct sshkrl taken(struct span s)
{
	struct err err = ERR_INIT;
	struct sshkrl k;

	if (sshkrl_read(s, arena, &k, &err))
		fail_msg("%s", err.text);
	return k;
}

static bool has(
	struct sshkrl k, char authority, uint64_t serial, const char *key_id)
{
	struct sshcert c = {.serial = serial, .key_id = span_str(key_id)};

	c.authority.blob = key(authority);
	return sshkrl_has_cert(&k, &c);
}

static void test_keys(void **state)
{
	unsigned char sha1[20], sha256[32];
	struct sshkrl k;

	(void)state;
	memset(sha1, 1, sizeof(sha1));
	memset(sha256, 2, sizeof(sha256));
	k = taken(list(2, string(key('a'))));
	assert_true(sshkrl_has_key(&k, key('a'), sha1, sha256));
	assert_false(sshkrl_has_key(&k, key('b'), sha1, sha256));
	k = taken(list(3, string(span_of(sha1, 20))));
	assert_true(sshkrl_has_key(&k, key('b'), sha1, sha256));
	sha1[19] ^= 1;
	assert_false(sshkrl_has_key(&k, key('b'), sha1, sha256));
	k = taken(list(5, string(span_of(sha256, 32))));
	assert_true(sshkrl_has_key(&k, key('b'), sha1, sha256));
	sha256[0] ^= 1;
	assert_false(sshkrl_has_key(&k, key('b'), sha1, sha256));
}

static void test_certificates(void **state)
{
	struct sshkrl k = taken(certs(key('a'), 0x21, numbers(5, 9)));

	(void)state;
	assert_true(has(k, 'a', 5, "") && has(k, 'a', 9, ""));
	assert_false(has(k, 'a', 4, "") || has(k, 'a', 10, ""));
	assert_false(has(k, 'b', 5, ""));
	k = taken(certs(SPAN_EMPTY, 0x20, numbers(7, UINT64_MAX)));
	assert_true(has(k, 'b', 7, "") && has(k, 'a', UINT64_MAX, ""));
	assert_false(has(k, 'b', 8, ""));
	k = taken(certs(key('a'), 0x22, bitmap(100, span_of("\x01\x05", 2))));
	assert_true(has(k, 'a', 100, "") && has(k, 'a', 102, "") &&
		has(k, 'a', 108, ""));
	assert_false(has(k, 'a', 99, "") || has(k, 'a', 101, "") ||
		has(k, 'a', 109, "") || has(k, 'a', 0, "") ||
		has(k, 'a', UINT64_MAX, ""));
	k = taken(certs(key('a'), 0x22,
		bitmap(UINT64_MAX - 8, span_of("\x01\x01", 2))));
	assert_true(has(k, 'a', UINT64_MAX, ""));
	k = taken(certs(key('a'), 0x23, string(SPAN_LIT("x"))));
	assert_true(has(k, 'a', 0, "x"));
	assert_false(has(k, 'a', 0, "y") || has(k, 'b', 0, "x") ||
		has(k, 'a', 1, ""));
}

static void test_refused(void **state)
{
	const struct span not_critical =
		SPAN_LIT("\0\0\0\1x\0\0\0\0\1y"); /* name, false, contents */
	const struct span critical = SPAN_LIT("\0\0\0\1x\1\0\0\0\1y");
	const struct {
		struct span s;
		const char *why;
	} t[] = {
		{list(0, SPAN_EMPTY), "unknown part"},
		{list(6, SPAN_EMPTY), "unknown part"},
		{list(4, SPAN_EMPTY), "signed"},
		{list(255, critical), "critical"},
		{list(255, SPAN_LIT("x")), "extension"},
		{list(2, string(SPAN_LIT("x"))), "a key"},
		{list(2, SPAN_LIT("\0\0\0\2x")), "a key"},
		{list(3, string(SPAN_LIT("short"))), "a hash"},
		{list(5, string(span_sub(key('a'), 0, 20))), "a hash"},
		{list(1, SPAN_EMPTY), "an authority"},
		{list(1, SPAN_LIT("\0\0\0\0\0\0\0\1x")), "an authority"},
		{certs(SPAN_LIT("x"), 0x20, SPAN_EMPTY), "an authority"},
		{certs(key('a'), 0x24, SPAN_EMPTY), "unknown part about"},
		{certs(key('a'), 0x20, SPAN_LIT("1234567")), "a serial"},
		{certs(key('a'), 0x20, numbers(1, 0)), "a serial"},
		{certs(key('a'), 0x21, numbers(0, 1)), "a serial"},
		{certs(key('a'), 0x21, numbers(2, 1)), "a serial"},
		{certs(key('a'), 0x21, SPAN_LIT("12345678")), "a range"},
		{certs(key('a'), 0x22, bitmap(1, SPAN_EMPTY)), "a bitmap"},
		{certs(key('a'), 0x22, bitmap(0, SPAN_LIT("\1"))), "a bitmap"},
		{certs(key('a'), 0x22,
			 bitmap(UINT64_MAX - 7, span_of("\x01\x01", 2))),
			"a bitmap"},
		{certs(key('a'), 0x23, string(span_of("a\0b", 3))), "a key id"},
		{certs(key('a'), 0x23, SPAN_LIT("\0\0\0\2x")), "a key id"},
		{certs(key('a'), 0x39, critical), "critical"},
	};
	struct buf b = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct sshkrl k;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		err_clear(&err);
		if (!sshkrl_read(t[i].s, arena, &k, &err))
			fail_msg("case %zu was taken", i);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
		assert_int_equal(k.ncerts + k.key.n, 0);
	}
	taken(list(255, not_critical));
	taken(certs(key('a'), 0x39, not_critical));
	for (i = 0; i < 4; i++) {
		buf_reset(&b);
		head(&b, i == 0 ? 2 : 1, i == 1,
			i == 2 ? SPAN_LIT("x") : SPAN_EMPTY);
		assert_int_equal(
			sshkrl_read(buf_all(&b), arena, &k, &err) == 0, i == 3);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
