#include "support/unit.h"

#include "base/arena.h"
#include "parse/sshkey.h"
#include "parse/sshwire.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 22);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct span filler(size_t n, unsigned char first)
{
	unsigned char *p = arena_get(arena, n + 1, 1);

	memset(p, 0xa5, n);
	if (n)
		p[0] = first;
	return span_of(p, n);
}

/* A key in wire form from its strings. */
static struct span blob(const struct span *parts, size_t n)
{
	struct buf b = BUF_INIT(1 << 16);
	struct span s;
	size_t i;

	for (i = 0; i < n; i++)
		sshwire_put(&b, parts[i]);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

static struct span ed25519(void)
{
	const struct span parts[] = {SPAN_LIT("ssh-ed25519"), filler(32, 7)};

	return blob(parts, 2);
}

static struct span rsa(size_t bytes, unsigned char first)
{
	struct span n = filler(bytes + 1, 0);
	const struct span parts[] = {
		SPAN_LIT("ssh-rsa"), SPAN_LIT("\x01\x00\x01"), n};
	unsigned char *p = arena_get(arena, bytes + 1, 1);

	memcpy(p, n.p, n.n);
	p[1] = first;
	return blob((const struct span[]){parts[0], parts[1],
			    first & 0x80 ? span_of(p, bytes + 1)
					 : span_of(p + 1, bytes)},
		3);
}

static void test_kinds(void **state)
{
	const struct span p256[] = {SPAN_LIT("ecdsa-sha2-nistp256"),
		SPAN_LIT("nistp256"), filler(65, 4)};
	const struct span other[] = {
		SPAN_LIT("ssh-xmss@openssh.com"), SPAN_LIT("whatever")};
	struct err err = ERR_INIT;
	struct sshkey k;

	(void)state;
	assert_int_equal(sshkey_read(ed25519(), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_ED25519);
	assert_int_equal(k.point.n, 32);
	assert_int_equal(k.bits, 0);
	assert_int_equal(sshkey_read(blob(p256, 3), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_P256);
	assert_int_equal(sshkey_read(rsa(256, 0x80), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_RSA);
	assert_int_equal(k.bits, 2048);
	assert_int_equal(k.e.n, 3);
	assert_int_equal(sshkey_read(rsa(256, 0x40), &k, &err), 0);
	assert_int_equal(k.bits, 2047);
	assert_int_equal(sshkey_read(blob(other, 2), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_UNSUPPORTED);
	unit_span_is(k.name, "ssh-xmss@openssh.com");
	assert_false(sshkey_is_sk(&k));
	assert_false(sshkey_type_known(k.name));
}

static void refused(struct span s)
{
	struct err err = ERR_INIT;
	struct sshkey k;

	assert_int_equal(sshkey_read(s, &k, &err), -1);
	assert_int_equal(k.type, SSHKEY_UNSUPPORTED);
	assert_true(err.code == ERR_INPUT || err.code == ERR_LIMIT);
}

static void test_damaged(void **state)
{
	const struct span wrong_curve[] = {SPAN_LIT("ecdsa-sha2-nistp256"),
		SPAN_LIT("nistp384"), filler(65, 4)};
	const struct span compressed[] = {SPAN_LIT("ecdsa-sha2-nistp256"),
		SPAN_LIT("nistp256"), filler(65, 2)};
	const struct span short_point[] = {
		SPAN_LIT("ssh-ed25519"), filler(31, 7)};
	const struct span negative[] = {SPAN_LIT("ssh-rsa"),
		SPAN_LIT("\x01\x00\x01"), filler(256, 0x80)};
	const struct span padded[] = {SPAN_LIT("ssh-rsa"),
		SPAN_LIT("\x00\x01\x00\x01"), filler(257, 0)};
	struct span s = ed25519();
	struct buf longer = BUF_INIT(1024);
	size_t i;

	(void)state;
	for (i = 0; i < s.n; i++)
		refused(span_sub(s, 0, i));
	buf_span(&longer, s);
	buf_byte(&longer, 0);
	refused(buf_all(&longer));
	buf_free(&longer);
	refused(blob(wrong_curve, 3));
	refused(blob(compressed, 3));
	refused(blob(short_point, 2));
	refused(blob(negative, 3));
	refused(blob(padded, 3));
	refused(rsa(63, 0x80));
	refused(rsa(2049, 0x80));
	refused(filler(SSHKEY_BLOB_MAX + 1, 0));
	/* A length that runs past the end, and one that would wrap around. */
	refused(span_of("\xff\xff\xff\xff", 4));
	refused(span_of("\x00\x00\x00\x05ssh", 7));
}

static void test_security_keys(void **state)
{
	const struct span ed[] = {SPAN_LIT("sk-ssh-ed25519@openssh.com"),
		filler(32, 7), SPAN_LIT("ssh:")};
	const struct span p256[] = {
		SPAN_LIT("sk-ecdsa-sha2-nistp256@openssh.com"),
		SPAN_LIT("nistp256"), filler(65, 4), SPAN_LIT("ssh:work")};
	const struct span nul[] = {ed[0], ed[1], SPAN_LIT("ssh:\0x")};
	const struct span none[] = {ed[0], ed[1], SPAN_EMPTY};
	struct err err = ERR_INIT;
	struct span s;
	struct sshkey k;
	size_t i;

	(void)state;
	assert_int_equal(sshkey_read(blob(ed, 3), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_SK_ED25519);
	assert_true(sshkey_is_sk(&k));
	assert_true(sshkey_type_known(k.name));
	unit_span_is(k.application, "ssh:");
	assert_int_equal(sshkey_read(blob(p256, 4), &k, &err), 0);
	assert_int_equal(k.type, SSHKEY_SK_P256);
	unit_span_is(k.application, "ssh:work");
	refused(blob(nul, 3));
	refused(blob(none, 3));
	s = blob(p256, 4);
	/* Up to its name any prefix could be another kind of key. */
	for (i = 0; i < s.n; i++)
		refused(span_sub(s, 0, i));
	refused(blob((const struct span[]){ed[0], ed[1], ed[2], ed[2]}, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_security_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
