#include "support/sshblob.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "parse/sshcert.h"
#include "parse/sshwire.h"
#include "port/pubkey.h"

#define APPLICATION "ssh:"
#define ORIGIN "https://example.org"

static const char *type_name(const struct sshpair *p)
{
	return p->type == SSHKEY_SK_ED25519
		? "sk-ssh-ed25519@openssh.com"
		: "sk-ecdsa-sha2-nistp256@openssh.com";
}

static struct span kept(struct buf *b, struct arena *arena)
{
	struct span s = arena_copy(arena, buf_all(b));

	buf_free(b);
	return s;
}

void sshpair_make(struct sshpair *p, enum sshkey_type type, struct arena *arena)
{
	struct buf blob = BUF_INIT(1024);
	unsigned char point[65];
	size_t n = sizeof(point);
	int ok;

	p->type = type;
	if (type == SSHKEY_SK_ED25519) {
		p->secret = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		ok = p->secret &&
			EVP_PKEY_get_raw_public_key(p->secret, point, &n);
	} else {
		p->secret = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		ok = p->secret &&
			EVP_PKEY_get_octet_string_param(p->secret,
				OSSL_PKEY_PARAM_PUB_KEY, point, n, &n);
	}
	if (!ok)
		die("cannot make a key");
	sshwire_put(&blob, span_str(type_name(p)));
	if (type == SSHKEY_SK_P256)
		sshwire_put(&blob, SPAN_LIT("nistp256"));
	sshwire_put(&blob, span_of(point, n));
	sshwire_put(&blob, SPAN_LIT(APPLICATION));
	p->blob = kept(&blob, arena);
}

void sshpair_free(struct sshpair *p)
{
	EVP_PKEY_free(p->secret);
	p->secret = NULL;
}

const char *sshpair_line(
	const struct sshpair *p, const char *comment, struct arena *arena)
{
	struct buf line = BUF_INIT(4096);

	buf_fmt(&line, "%s ", type_name(p));
	text_base64(&line, p->blob);
	buf_fmt(&line, " %s\n", comment);
	return (const char *)kept(&line, arena).p;
}

static void sha256(struct buf *out, struct span s)
{
	unsigned char digest[PUBKEY_HASH_MAX];

	buf_add(out, digest, pubkey_digest(PUBKEY_SHA256, &s, 1, digest));
}

static void put_u32(struct buf *out, uint32_t v)
{
	buf_byte(out, (unsigned char)(v >> 24));
	buf_byte(out, (unsigned char)(v >> 16));
	buf_byte(out, (unsigned char)(v >> 8));
	buf_byte(out, (unsigned char)v);
}

static void put_number(struct buf *out, const BIGNUM *n)
{
	unsigned char raw[34] = {0};
	int len = BN_bn2bin(n, raw + 1);
	bool sign = raw[1] & 0x80;

	sshwire_put(out, span_of(raw + !sign, (size_t)len + sign));
}

/* The library's signature of ${bytes}, as SSH has it. */
static void put_signature(
	struct buf *out, const struct sshpair *p, struct span bytes)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = p->type == SSHKEY_SK_P256 ? EVP_sha256() : NULL;
	unsigned char raw[256];
	const unsigned char *at = raw;
	struct buf pair = BUF_INIT(256);
	size_t n = sizeof(raw);
	ECDSA_SIG *sig;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, md, NULL, p->secret) != 1 ||
		EVP_DigestSign(ctx, raw, &n, bytes.p, bytes.n) != 1)
		die("cannot sign");
	EVP_MD_CTX_free(ctx);
	if (!md) {
		sshwire_put(out, span_of(raw, n));
		return;
	}
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	if (!sig)
		die("cannot sign");
	put_number(&pair, ECDSA_SIG_get0_r(sig));
	put_number(&pair, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
	sshwire_put(out, buf_all(&pair));
	buf_free(&pair);
}

/* PROTOCOL.u2f: string type, string signature, byte flags, uint32 counter; and
 * of a browser string origin, string client data, string extensions. */
static void put_proof(struct buf *out, const struct sshpair *p,
	struct span message, const struct sshtouch *touch)
{
	struct buf inner = BUF_INIT(4096), all = BUF_INIT(4096);
	struct buf client = BUF_INIT(4096);

	if (touch->webauthn) {
		buf_str(&client, "{\"type\":\"webauthn.get\",\"challenge\":\"");
		text_base64(&client, message);
		buf_str(&client, "\",\"origin\":\"" ORIGIN "\"}");
		message = buf_all(&client);
	}
	sha256(&all, SPAN_LIT(APPLICATION));
	buf_byte(&all, touch->flags);
	put_u32(&all, touch->counter);
	sha256(&all, message);
	sshwire_put(&inner,
		touch->webauthn ? SPAN_LIT("webauthn-sk-ecdsa-sha2-nistp256@"
					   "openssh.com")
				: span_str(type_name(p)));
	put_signature(&inner, p, buf_all(&all));
	buf_byte(&inner, touch->flags);
	put_u32(&inner, touch->counter);
	if (touch->webauthn) {
		sshwire_put(&inner, SPAN_LIT(ORIGIN));
		sshwire_put(&inner, buf_all(&client));
		sshwire_put(&inner, SPAN_EMPTY);
	}
	sshwire_put(out, buf_all(&inner));
	buf_free(&inner);
	buf_free(&all);
	buf_free(&client);
}

struct span sshpair_sign(const struct sshpair *p, struct span public,
	const char *space, struct span text, const struct sshtouch *touch,
	struct arena *arena)
{
	struct buf message = BUF_INIT(4096), hash = BUF_INIT(64);
	struct buf out = BUF_INIT(1 << 16);

	sha256(&hash, text);
	buf_str(&message, "SSHSIG");
	sshwire_put(&message, span_str(space));
	sshwire_put(&message, SPAN_EMPTY);
	sshwire_put(&message, SPAN_LIT("sha256"));
	sshwire_put(&message, buf_all(&hash));
	buf_str(&out, "SSHSIG");
	put_u32(&out, 1);
	sshwire_put(&out, public);
	sshwire_put(&out, span_str(space));
	sshwire_put(&out, SPAN_EMPTY);
	sshwire_put(&out, SPAN_LIT("sha256"));
	put_proof(&out, p, buf_all(&message), touch);
	buf_free(&message);
	buf_free(&hash);
	return kept(&out, arena);
}

struct span sshpair_certify(const struct sshpair *p, struct span cert,
	const struct sshtouch *touch, struct arena *arena)
{
	struct buf out = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct sshcert c;

	if (sshcert_read(cert, &c, &err))
		die("%s", err.text);
	/* The authority's key is the last string that is covered. */
	buf_span(&out,
		span_sub(c.covered, 0, c.covered.n - 4 - c.authority.blob.n));
	sshwire_put(&out, p->blob);
	put_proof(&out, p, buf_all(&out), touch);
	return kept(&out, arena);
}

struct span sshblob_armor(struct span bytes, struct arena *arena)
{
	struct buf out = BUF_INIT(1 << 17), digits = BUF_INIT(1 << 16);
	size_t at;

	text_base64(&digits, bytes);
	buf_str(&out, "-----BEGIN SSH SIGNATURE-----\n");
	for (at = 0; at < digits.n; at += 70) {
		buf_span(&out, span_sub(buf_all(&digits), at, 70));
		buf_str(&out, "\n");
	}
	buf_str(&out, "-----END SSH SIGNATURE-----\n");
	buf_free(&digits);
	return kept(&out, arena);
}
