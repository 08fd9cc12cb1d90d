#include "support/signer.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/text.h"
#include "parse/pgp.h"
#include "parse/sshwire.h"
#include "port/pubkey.h"

#define BYTES_MAX (1 << 16)

static const struct {
	const char *type, *group, *ssh, *ssh_signature;
	unsigned pgp;
	const char *curve; /* OpenPGP's name of it, with its length in front */
	enum pubkey_hash hash;
	unsigned pgp_hash;
} kinds[] = {
	[SIGNER_ED25519] = {"ED25519", NULL, "ssh-ed25519", "ssh-ed25519", 22,
		"\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01", PUBKEY_SHA256,
		PGP_SHA256},
	[SIGNER_RSA2048] = {"RSA", NULL, "ssh-rsa", "rsa-sha2-512", 1, NULL,
		PUBKEY_SHA512, PGP_SHA512},
	[SIGNER_P256] = {"EC", "P-256", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp256", 19,
		"\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", PUBKEY_SHA256,
		PGP_SHA256},
};

static void put_u16(struct buf *out, size_t v)
{
	buf_byte(out, (unsigned char)(v >> 8));
	buf_byte(out, (unsigned char)v);
}

static void put_u32(struct buf *out, uint64_t v)
{
	put_u16(out, (size_t)(v >> 16 & 0xffff));
	put_u16(out, (size_t)(v & 0xffff));
}

/* A number of OpenPGP: its bits, then no more bytes than they fill. */
static void put_mpi(struct buf *out, struct span s)
{
	size_t bits;

	while (s.n && !s.p[0])
		s = span_from(s, 1);
	bits = s.n * 8;
	while (bits && !(s.p[0] >> (bits - 1) % 8))
		bits--;
	put_u16(out, bits);
	buf_span(out, s);
}

/* A number of SSH: a zero in front where it would look negative. */
static void put_number(struct buf *out, struct span s)
{
	struct buf n = BUF_INIT(BYTES_MAX);

	while (s.n && !s.p[0])
		s = span_from(s, 1);
	if (s.n && s.p[0] & 0x80)
		buf_byte(&n, 0);
	buf_span(&n, s);
	sshwire_put(out, buf_all(&n));
	buf_free(&n);
}

/* What is public of the key: a point, or a modulus and an exponent. */
static void numbers(const struct signer *s, struct buf *one, struct buf *two)
{
	BIGNUM *n = NULL, *e = NULL;
	unsigned char *room = buf_room(one, 512);
	size_t len = 512;
	int ok;

	if (s->type == SIGNER_RSA2048) {
		ok = EVP_PKEY_get_bn_param(
			     s->secret, OSSL_PKEY_PARAM_RSA_N, &n) &&
			EVP_PKEY_get_bn_param(
				s->secret, OSSL_PKEY_PARAM_RSA_E, &e);
		len = ok ? (size_t)BN_bn2bin(n, room) : 0;
		two->n += ok ? (size_t)BN_bn2bin(e, buf_room(two, 16)) : 0;
	} else if (s->type == SIGNER_P256) {
		ok = EVP_PKEY_get_octet_string_param(
			s->secret, OSSL_PKEY_PARAM_PUB_KEY, room, len, &len);
	} else {
		ok = EVP_PKEY_get_raw_public_key(s->secret, room, &len);
	}
	if (!ok)
		die("cannot read a key");
	one->n += len;
	BN_free(n);
	BN_free(e);
}

static void public_pgp(const struct signer *s, struct buf *out)
{
	struct buf one = BUF_INIT(1024), two = BUF_INIT(64);
	const char *curve = kinds[s->type].curve;

	if (s->type == SIGNER_ED25519)
		buf_byte(&one, 0x40);
	numbers(s, &one, &two);
	buf_byte(out, 4);
	put_u32(out, (uint64_t)s->made);
	buf_byte(out, (unsigned char)kinds[s->type].pgp);
	if (curve)
		buf_add(out, curve, 1 + (size_t)curve[0]);
	put_mpi(out, buf_all(&one));
	if (two.n)
		put_mpi(out, buf_all(&two));
	buf_free(&one);
	buf_free(&two);
}

static void public_ssh(const struct signer *s, struct buf *out)
{
	struct buf one = BUF_INIT(1024), two = BUF_INIT(64);

	numbers(s, &one, &two);
	sshwire_put(out, span_str(kinds[s->type].ssh));
	if (s->type == SIGNER_RSA2048) {
		put_number(out, buf_all(&two));
		put_number(out, buf_all(&one));
	} else {
		if (s->type == SIGNER_P256)
			sshwire_put(out, SPAN_LIT("nistp256"));
		sshwire_put(out, buf_all(&one));
	}
	buf_free(&one);
	buf_free(&two);
}

/* What of the key goes into hashes: 0x99, the length, the packet's body. */
static void put_key(struct buf *out, const struct signer *s)
{
	buf_byte(out, 0x99);
	put_u16(out, s->public.n);
	buf_span(out, s->public);
}

void signer_make(struct signer *s, enum signature_kind kind,
	enum signer_key type, int64_t made, struct arena *arena)
{
	struct buf b = BUF_INIT(BYTES_MAX);
	unsigned char digest[PUBKEY_HASH_MAX];
	struct span all;

	*s = (struct signer){.kind = kind, .type = type, .made = made};
	if (type == SIGNER_RSA2048)
		s->secret = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	else if (kinds[type].group)
		s->secret = EVP_PKEY_Q_keygen(
			NULL, NULL, kinds[type].type, kinds[type].group);
	else
		s->secret = EVP_PKEY_Q_keygen(NULL, NULL, kinds[type].type);
	if (!s->secret)
		die("cannot make a key");
	if (kind == SIGNATURE_SSH)
		public_ssh(s, &b);
	else
		public_pgp(s, &b);
	s->public = arena_copy(arena, buf_all(&b));
	buf_reset(&b);
	put_key(&b, s);
	all = buf_all(&b);
	pubkey_digest(PUBKEY_SHA1, &all, 1, digest);
	memcpy(s->name, digest, sizeof(s->name));
	buf_free(&b);
}

void signer_free(struct signer *s)
{
	EVP_PKEY_free(s->secret);
	s->secret = NULL;
}

/* The two halves of an ECDSA signature in DER. */
static void halves(struct span der, struct buf *one, struct buf *two)
{
	const unsigned char *at = der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.n);

	if (!sig)
		die("cannot sign");
	one->n += (size_t)BN_bn2bin(ECDSA_SIG_get0_r(sig), buf_room(one, 66));
	two->n += (size_t)BN_bn2bin(ECDSA_SIG_get0_s(sig), buf_room(two, 66));
	ECDSA_SIG_free(sig);
}

/* Of ${bytes}: RSA and ECDSA hash them, Ed25519 signs them as they are. */
static void arithmetic(const struct signer *s, struct span bytes,
	struct buf *one, struct buf *two)
{
	static const char *const hash[] = {
		[SIGNER_RSA2048] = "SHA512", [SIGNER_P256] = "SHA256"};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char raw[512];
	size_t n = sizeof(raw);

	if (!ctx ||
		EVP_DigestSignInit_ex(ctx, NULL,
			s->type == SIGNER_ED25519 ? NULL : hash[s->type], NULL,
			NULL, s->secret, NULL) != 1 ||
		EVP_DigestSign(ctx, raw, &n, bytes.p, bytes.n) != 1)
		die("cannot sign");
	EVP_MD_CTX_free(ctx);
	if (s->type == SIGNER_P256) {
		halves(span_of(raw, n), one, two);
	} else if (s->type == SIGNER_RSA2048 || s->kind == SIGNATURE_SSH) {
		buf_add(one, raw, n);
	} else {
		buf_add(one, raw, 32);
		buf_add(two, raw + 32, 32);
	}
}

/* The body of a signature packet over ${text}. ${flags}: what the key may do,
 * for a signature over a key; else negative. */
static void pgp_body(const struct signer *s, struct span text, unsigned type,
	int flags, int64_t at, struct buf *out)
{
	struct buf head = BUF_INIT(BYTES_MAX), all = BUF_INIT(text.n + 512);
	struct buf one = BUF_INIT(1024), two = BUF_INIT(1024);
	unsigned char digest[PUBKEY_HASH_MAX];
	struct span hashed;
	size_t n;

	buf_byte(&head, 4);
	buf_byte(&head, (unsigned char)type);
	buf_byte(&head, (unsigned char)kinds[s->type].pgp);
	buf_byte(&head, (unsigned char)kinds[s->type].pgp_hash);
	put_u16(&head, flags < 0 ? 29 : 32);
	buf_add(&head, "\x16\x21\x04", 3);
	buf_add(&head, s->name, sizeof(s->name));
	buf_add(&head, "\x05\x02", 2);
	put_u32(&head, (uint64_t)at);
	if (flags >= 0) {
		buf_add(&head, "\x02\x1b", 2);
		buf_byte(&head, (unsigned char)flags);
	}
	buf_span(&all, text);
	buf_span(&all, buf_all(&head));
	buf_add(&all, "\x04\xff", 2);
	put_u32(&all, head.n);
	hashed = buf_all(&all);
	n = pubkey_digest(kinds[s->type].hash, &hashed, 1, digest);
	/* OpenPGP's EdDSA signs the hash. */
	arithmetic(s, s->type == SIGNER_ED25519 ? span_of(digest, n) : hashed,
		&one, &two);
	buf_span(out, buf_all(&head));
	put_u16(out, 10);
	buf_add(out, "\x09\x10", 2);
	buf_add(out, s->name + 12, 8);
	buf_add(out, digest, 2);
	put_mpi(out, buf_all(&one));
	if (two.n)
		put_mpi(out, buf_all(&two));
	buf_free(&head);
	buf_free(&all);
	buf_free(&one);
	buf_free(&two);
}

static void put_packet(struct buf *out, unsigned tag, struct span body)
{
	buf_byte(out, (unsigned char)(0x80 | tag << 2 | 1));
	put_u16(out, body.n);
	buf_span(out, body);
}

/* RFC 4880 section 6.1. GnuPG 2.2 wants it where nothing fills up the base64. */
static void put_crc(struct buf *out, struct span s)
{
	unsigned char b[3];
	uint32_t crc = 0xb704ce;
	size_t i, k;

	for (i = 0; i < s.n; i++) {
		crc ^= (uint32_t)s.p[i] << 16;
		for (k = 0; k < 8; k++) {
			crc <<= 1;
			if (crc & 0x1000000)
				crc ^= 0x1864cfb;
		}
	}
	b[0] = (unsigned char)(crc >> 16);
	b[1] = (unsigned char)(crc >> 8);
	b[2] = (unsigned char)crc;
	buf_byte(out, '=');
	text_base64(out, span_of(b, sizeof(b)));
	buf_byte(out, '\n');
}

static void put_armor(struct buf *out, const char *label, struct span bytes)
{
	struct buf text = BUF_INIT(2 * bytes.n + 64);
	struct span rest;
	const size_t width = 64;
	const bool pgp = span_starts(span_str(label), SPAN_LIT("PGP "));

	text_base64(&text, bytes);
	buf_fmt(out, "-----BEGIN %s-----\n%s", label, pgp ? "\n" : "");
	for (rest = buf_all(&text); rest.n; rest = span_from(rest, width)) {
		buf_span(out, span_sub(rest, 0, width));
		buf_byte(out, '\n');
	}
	if (pgp)
		put_crc(out, bytes);
	buf_fmt(out, "-----END %s-----\n", label);
	buf_free(&text);
}

static void certificate(
	const struct signer *s, const char *who, struct buf *out)
{
	struct buf all = BUF_INIT(BYTES_MAX), b = BUF_INIT(BYTES_MAX);
	struct buf sig = BUF_INIT(BYTES_MAX);
	char name[128];

	snprintf(name, sizeof(name), "%s <%s@example.org>", who, who);
	put_key(&b, s);
	buf_byte(&b, 0xb4);
	put_u32(&b, strlen(name));
	buf_str(&b, name);
	pgp_body(s, buf_all(&b), 0x13, 3, s->made, &sig);
	put_packet(&all, PGP_TAG_PUBLIC_KEY, s->public);
	put_packet(&all, 13, span_str(name));
	put_packet(&all, PGP_TAG_SIGNATURE, buf_all(&sig));
	put_armor(out, "PGP PUBLIC KEY BLOCK", buf_all(&all));
	buf_free(&all);
	buf_free(&b);
	buf_free(&sig);
}

void signer_file(const struct signer *s, const char *who, struct buf *out)
{
	if (s->kind == SIGNATURE_OPENPGP) {
		certificate(s, who, out);
		return;
	}
	buf_fmt(out, "%s ", kinds[s->type].ssh);
	text_base64(out, s->public);
	buf_fmt(out, " %s\n", who);
}

static void put_words(struct buf *out)
{
	sshwire_put(out, SPAN_LIT("git"));
	sshwire_put(out, SPAN_EMPTY);
	sshwire_put(out, SPAN_LIT("sha512"));
}

static void ssh_blob(const struct signer *s, struct span text, struct buf *out)
{
	struct buf message = BUF_INIT(1024), one = BUF_INIT(1024);
	struct buf two = BUF_INIT(1024), pair = BUF_INIT(1024);
	struct buf proof = BUF_INIT(2048);
	unsigned char digest[PUBKEY_HASH_MAX];

	buf_str(&message, "SSHSIG");
	put_words(&message);
	sshwire_put(&message,
		span_of(digest,
			pubkey_digest(PUBKEY_SHA512, &text, 1, digest)));
	arithmetic(s, buf_all(&message), &one, &two);
	sshwire_put(&proof, span_str(kinds[s->type].ssh_signature));
	if (two.n) {
		put_number(&pair, buf_all(&one));
		put_number(&pair, buf_all(&two));
		sshwire_put(&proof, buf_all(&pair));
	} else {
		sshwire_put(&proof, buf_all(&one));
	}
	buf_str(out, "SSHSIG");
	put_u32(out, 1);
	sshwire_put(out, s->public);
	put_words(out);
	sshwire_put(out, buf_all(&proof));
	buf_free(&message);
	buf_free(&one);
	buf_free(&two);
	buf_free(&pair);
	buf_free(&proof);
}

void signer_sign(
	const struct signer *s, struct span text, int64_t at, struct buf *out)
{
	struct buf bytes = BUF_INIT(BYTES_MAX), packet = BUF_INIT(BYTES_MAX);

	if (s->kind == SIGNATURE_SSH) {
		ssh_blob(s, text, &bytes);
		put_armor(out, "SSH SIGNATURE", buf_all(&bytes));
	} else {
		pgp_body(s, text, 0, -1, at, &bytes);
		put_packet(&packet, PGP_TAG_SIGNATURE, buf_all(&bytes));
		put_armor(out, "PGP SIGNATURE", buf_all(&packet));
	}
	buf_free(&bytes);
	buf_free(&packet);
}

/* RFC 4880 section 5.2.2: only the type and the time are hashed. */
void signer_sign_old(
	const struct signer *s, struct span text, int64_t at, struct buf *out)
{
	struct buf body = BUF_INIT(BYTES_MAX), all = BUF_INIT(text.n + 5);
	struct buf number = BUF_INIT(1024), packet = BUF_INIT(BYTES_MAX);
	unsigned char digest[PUBKEY_HASH_MAX];
	struct span hashed;

	if (s->type != SIGNER_RSA2048)
		die("not a key for an old signature");
	buf_span(&all, text);
	buf_byte(&all, 0);
	put_u32(&all, (uint64_t)at);
	hashed = buf_all(&all);
	pubkey_digest(kinds[s->type].hash, &hashed, 1, digest);
	buf_add(&body, "\3\5\0", 3);
	put_u32(&body, (uint64_t)at);
	buf_add(&body, s->name + 12, 8);
	buf_byte(&body, (unsigned char)kinds[s->type].pgp);
	buf_byte(&body, (unsigned char)kinds[s->type].pgp_hash);
	buf_add(&body, digest, 2);
	arithmetic(s, hashed, &number, NULL);
	put_mpi(&body, buf_all(&number));
	put_packet(&packet, PGP_TAG_SIGNATURE, buf_all(&body));
	put_armor(out, "PGP SIGNATURE", buf_all(&packet));
	buf_free(&body);
	buf_free(&all);
	buf_free(&number);
	buf_free(&packet);
}
