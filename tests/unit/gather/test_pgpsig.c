/*
 * The arithmetic of OpenPGP signatures, with keys and signatures that are put
 * together here (tests/support/signer.h); those of gpg are in test_signatures.
 */
#include "support/unit.h"

#include "gather/pgpsig.h"
#include "parse/armor.h"
#include "support/signer.h"

#define MADE 1700000000
#define TEXT SPAN_LIT("some text\n")

struct made {
	struct signer signer;
	struct pgpkey key;
	struct span packet;
	struct pgp_signature sig;
};

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

static void make(struct made *m, enum signer_key type, int64_t at)
{
	struct buf armored = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;

	signer_make(&m->signer, SIGNATURE_OPENPGP, type, MADE, arena);
	signer_sign(&m->signer, TEXT, at, &armored);
	assert_int_equal(armor_read(buf_all(&armored), "PGP SIGNATURE", arena,
				 &m->packet, &err),
		0);
	assert_int_equal(pgp_signature_read(m->packet, &m->sig, &err), 0);
	pgpkey_read(m->signer.public, &m->key);
	buf_free(&armored);
}

static enum pgpsig_verdict verdict(const struct pgp_signature *sig,
	const struct pgpkey *key, struct span text)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	size_t n = pgpsig_digest(sig, &text, 1, digest);

	return pgpsig_verify(sig, key, span_of(digest, n));
}

static void test_good(void **state)
{
	static const enum pgpkey_kind kind[] = {
		[SIGNER_ED25519] = PGPKEY_ED25519,
		[SIGNER_RSA2048] = PGPKEY_RSA,
		[SIGNER_P256] = PGPKEY_P256};
	struct made m, odd;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(kind); i++) {
		make(&m, (enum signer_key)i, MADE);
		assert_int_equal(m.key.kind, kind[i]);
		assert_int_equal(verdict(&m.sig, &m.key, TEXT), PGPSIG_GOOD);
		assert_int_equal(
			verdict(&m.sig, &m.key, SPAN_LIT("other")), PGPSIG_BAD);
		/* Older than its key: it matches, and is for GnuPG. */
		make(&odd, (enum signer_key)i, MADE - 1);
		assert_int_equal(verdict(&odd.sig, &odd.key, TEXT), PGPSIG_ODD);
		/* Not its key, of the same kind. */
		assert_int_equal(verdict(&odd.sig, &m.key, TEXT), PGPSIG_BAD);
		m.sig.common = false;
		assert_int_equal(verdict(&m.sig, &m.key, TEXT), PGPSIG_ODD);
		assert_int_equal(
			verdict(&m.sig, &m.key, SPAN_LIT("other")), PGPSIG_BAD);
		m.sig.version = 5;
		assert_int_equal(verdict(&m.sig, &m.key, TEXT), PGPSIG_UNABLE);
		m.sig.version = 4;
		m.key.kind = PGPKEY_OTHER;
		assert_int_equal(verdict(&m.sig, &m.key, TEXT), PGPSIG_UNABLE);
		signer_free(&m.signer);
		signer_free(&odd.signer);
	}
}

/* A signature that names another algorithm than its key's. */
static void test_algorithm(void **state)
{
	struct made ed, p256;

	(void)state;
	make(&ed, SIGNER_ED25519, MADE);
	make(&p256, SIGNER_P256, MADE);
	assert_int_equal(verdict(&ed.sig, &p256.key, TEXT), PGPSIG_BAD);
	assert_int_equal(verdict(&p256.sig, &ed.key, TEXT), PGPSIG_BAD);
	signer_free(&ed.signer);
	signer_free(&p256.signer);
}

/* More keys than are kept ready, in turns: none stands in for another. */
static void test_many_keys(void **state)
{
	static struct made m[160];
	size_t i, round, other;

	(void)state;
	for (i = 0; i < ARRAY_LEN(m); i++)
		make(&m[i], SIGNER_P256, MADE);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_LEN(m); i++) {
			other = (i + round + 1) % ARRAY_LEN(m);
			assert_int_equal(verdict(&m[i].sig, &m[i].key, TEXT),
				PGPSIG_GOOD);
			assert_int_equal(
				verdict(&m[i].sig, &m[other].key, TEXT),
				PGPSIG_BAD);
		}
	}
	for (i = 0; i < ARRAY_LEN(m); i++)
		signer_free(&m[i].signer);
}

/* Whether ${packet} would count as ${m}'s, or GnuPG be asked about it. */
static bool passes(struct span packet, const struct made *m)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	const struct span text = TEXT;
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	size_t n;

	if (pgp_signature_read(packet, &sig, &err)) {
		err_clear(&err);
		return false;
	}
	if (sig.version != 4 || sig.type || pgp_hash_weak(sig.hash) ||
		!span_eq(sig.issuer, span_of(m->signer.name, PGP_FPR)))
		return false;
	n = pgpsig_digest(&sig, &text, 1, digest);
	return memcmp(digest, sig.hint.p, 2) == 0 &&
		pgpsig_verify(&sig, &m->key, span_of(digest, n)) != PGPSIG_BAD;
}

static unsigned char *copy(struct span s)
{
	unsigned char *w = arena_get(arena, s.n, 1);

	memcpy(w, s.p, s.n);
	return w;
}

static void flip(unsigned char *w, size_t bit)
{
	w[bit / 8] ^= (unsigned char)(1 << bit % 8);
}

static void flip_all(struct span packet, const struct made *m)
{
	unsigned char *w = copy(packet);
	size_t bit;

	assert_true(passes(packet, m));
	for (bit = 0; bit < packet.n * 8; bit++) {
		flip(w, bit);
		if (passes(span_of(w, packet.n), m))
			fail_msg("bit %zu", bit);
		flip(w, bit);
	}
}

/* Every bit of the packet, and every bit of the key behind its algorithm. */
static void test_flips(void **state)
{
	struct pgpkey key;
	struct made m;
	unsigned char *w;
	size_t type, bit, n;

	(void)state;
	for (type = 0; type <= SIGNER_P256; type++) {
		make(&m, (enum signer_key)type, MADE);
		flip_all(m.packet, &m);
		w = copy(m.signer.public);
		n = m.signer.public.n;
		for (bit = 48; bit < n * 8; bit++) {
			flip(w, bit);
			pgpkey_read(span_of(w, n), &key);
			if (verdict(&m.sig, &key, TEXT) >= PGPSIG_ODD)
				fail_msg("kind %zu: bit %zu of the key", type,
					bit);
			flip(w, bit);
		}
		signer_free(&m.signer);
	}
}

/* ${m}'s signature with its number written in ${n} bytes. */
static struct span widened(const struct made *m, size_t n)
{
	const struct span number = m->sig.number[0];
	struct buf body = BUF_INIT(1 << 16), all = BUF_INIT(1 << 16);
	struct span packet;

	/* A header of three bytes, and two that count the number's bits. */
	buf_span(&body,
		span_sub(m->packet, 3, (size_t)(number.p - m->packet.p) - 5));
	buf_byte(&body, (unsigned char)(8 * n >> 8));
	buf_byte(&body, (unsigned char)(8 * n));
	while (n-- > number.n)
		buf_byte(&body, 0);
	buf_span(&body, number);
	buf_byte(&all, 0x89);
	buf_byte(&all, (unsigned char)(body.n >> 8));
	buf_byte(&all, (unsigned char)body.n);
	buf_span(&all, buf_all(&body));
	packet = arena_copy(arena, buf_all(&all));
	buf_free(&body);
	buf_free(&all);
	return packet;
}

/* GitHub writes a number of RSA as long as the key, whatever it starts with. */
static void test_padded(void **state)
{
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct made m;
	size_t i;

	(void)state;
	make(&m, SIGNER_RSA2048, MADE);
	/* Half of them start with a bit that is not set. */
	while (m.sig.number[0].n == 256 && m.sig.number[0].p[0] & 0x80) {
		signer_free(&m.signer);
		make(&m, SIGNER_RSA2048, MADE);
	}
	assert_int_equal(m.sig.padded, 0);
	/* Any other width would be one more spelling. */
	for (i = 256; i < 262; i++) {
		assert_int_equal(
			pgp_signature_read(widened(&m, i), &sig, &err), 0);
		assert_int_equal(sig.padded, i);
		assert_true(span_eq(sig.number[0], m.sig.number[0]));
		assert_int_equal(verdict(&sig, &m.key, TEXT),
			i == 256 ? PGPSIG_GOOD : PGPSIG_BAD);
	}
	flip_all(widened(&m, 256), &m);
	signer_free(&m.signer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_algorithm),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_padded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
