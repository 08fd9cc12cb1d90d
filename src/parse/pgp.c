#include "parse/pgp.h"

#include "base/buf.h"
#include "parse/armor.h"

#define KEYS_MAX 4096 /* keys and subkeys in one file */

static const char *const hash_names[] = {[PGP_MD5] = "MD5",
	[PGP_SHA1] = "SHA-1",
	[PGP_RIPEMD160] = "RIPEMD-160",
	[PGP_SHA256] = "SHA-256",
	[PGP_SHA384] = "SHA-384",
	[PGP_SHA512] = "SHA-512",
	[PGP_SHA224] = "SHA-224"};

const char *pgp_hash_name(unsigned n)
{
	return n < ARRAY_LEN(hash_names) ? hash_names[n] : NULL;
}

bool pgp_hash_weak(unsigned n)
{
	return n != PGP_SHA256 && n != PGP_SHA384 && n != PGP_SHA512 &&
		n != PGP_SHA224;
}

uint32_t pgp_number(const unsigned char *p, size_t n)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* The two- and five-byte lengths that new packets and sub-packets share; the
 * first byte is at hand. False when cut, or for a partial length. */
static bool length_take(struct span *s, size_t *len)
{
	unsigned char first;

	if (s->n == 0)
		return false;
	first = s->p[0];
	if (first < 192) {
		*len = first;
		*s = span_from(*s, 1);
	} else if (first < 224) {
		if (s->n < 2)
			return false;
		*len = ((size_t)(first - 192) << 8) + s->p[1] + 192;
		*s = span_from(*s, 2);
	} else if (first == 255) {
		if (s->n < 5)
			return false;
		*len = pgp_number(s->p + 1, 4);
		*s = span_from(*s, 5);
	} else {
		return false;
	}
	return *len <= s->n;
}

/* Section 4.2. Lengths that are not told (old type 3, new partial) belong to
 * streams of data and have no place in a key or a signature. */
bool pgp_packet_take(struct span *s, unsigned *tag, struct span *body)
{
	unsigned char c;
	size_t len;

	if (s->n == 0 || !(s->p[0] & 0x80))
		return false;
	c = s->p[0];
	*s = span_from(*s, 1);
	if (c & 0x40) {
		*tag = c & 0x3f;
		if (!length_take(s, &len))
			return false;
	} else {
		size_t width = (size_t)1 << (c & 3);

		*tag = c >> 2 & 0xf;
		if (width == 8 || s->n < width)
			return false;
		len = pgp_number(s->p, width);
		*s = span_from(*s, width);
	}
	if (len > s->n)
		return false;
	*body = span_sub(*s, 0, len);
	*s = span_from(*s, len);
	return true;
}

bool pgp_subpacket_take(struct span *s, struct pgp_subpacket *out)
{
	size_t len;

	if (!length_take(s, &len) || len == 0)
		return false;
	out->type = s->p[0] & 0x7f;
	out->critical = s->p[0] & 0x80;
	out->value = span_sub(*s, 1, len - 1);
	*s = span_from(*s, len);
	return true;
}

static bool is_fingerprint(const struct pgp_subpacket *sub)
{
	return sub->type == PGP_SUB_ISSUER && sub->value.n == 1 + PGP_FPR &&
		sub->value.p[0] == 4;
}

/* Sub-packets of the signed area. */
static bool hashed_read(struct span s, struct pgp_signature *out)
{
	struct pgp_subpacket sub;
	unsigned made = 0;

	out->common = true;
	while (s.n) {
		if (!pgp_subpacket_take(&s, &sub))
			return false;
		if (sub.critical)
			out->common = false;
		switch (sub.type) {
		case PGP_SUB_CREATED:
			if (sub.value.n != 4)
				return false;
			out->created = pgp_number(sub.value.p, 4);
			made++;
			break;
		case PGP_SUB_KEYID:
			if (sub.value.n != PGP_KEYID)
				return false;
			if (out->keyid.n)
				out->common = false;
			out->keyid = sub.value;
			break;
		case PGP_SUB_ISSUER:
			if (out->issuer.n || !is_fingerprint(&sub))
				out->common = false;
			if (is_fingerprint(&sub))
				out->issuer = span_from(sub.value, 1);
			break;
		case PGP_SUB_NOTATION:
		case PGP_SUB_SIGNER:
			break;
		default:
			out->common = false;
			break;
		}
	}
	if (made != 1)
		out->common = false;
	return true;
}

/* The unsigned area: anybody can write there. It may name the key, if the
 * signed area does not or names the same, and hold nothing else. */
static bool plain_read(struct span s, struct pgp_signature *out)
{
	struct pgp_subpacket sub;
	struct span name;

	while (s.n) {
		if (!pgp_subpacket_take(&s, &sub) || sub.critical)
			return false;
		if (is_fingerprint(&sub)) {
			name = span_from(sub.value, 1);
			if (out->issuer.n && !span_eq(out->issuer, name))
				return false;
			out->issuer = name;
		} else if (sub.type == PGP_SUB_KEYID &&
			sub.value.n == PGP_KEYID) {
			name = sub.value;
			if (out->keyid.n && !span_eq(out->keyid, name))
				return false;
			out->keyid = name;
		} else {
			return false;
		}
	}
	return !out->issuer.n || !out->keyid.n ||
		span_ends(out->issuer, out->keyid);
}

static bool area_take(struct span *s, struct span *area)
{
	size_t len;

	if (s->n < 2)
		return false;
	len = pgp_number(s->p, 2);
	*s = span_from(*s, 2);
	if (len > s->n)
		return false;
	*area = span_sub(*s, 0, len);
	*s = span_from(*s, len);
	return true;
}

bool pgp_areas_take(struct span *rest, struct span *hashed, struct span *plain)
{
	return area_take(rest, hashed) && area_take(rest, plain);
}

bool pgp_mpi_take(struct span *s, struct span *out)
{
	size_t bits, bytes;

	if (s->n < 2)
		return false;
	bits = pgp_number(s->p, 2);
	bytes = (bits + 7) / 8;
	*s = span_from(*s, 2);
	if (!bits || bytes > s->n || s->p[0] >> ((bits - 1) % 8) != 1)
		return false;
	*out = span_sub(*s, 0, bytes);
	*s = span_from(*s, bytes);
	return true;
}

/* One of RSA, in its shortest form or with zeros in front and all of its bytes
 * counted: Go's library writes it as long as the key, and so does GitHub. */
static bool rsa_number_take(struct span *s, struct pgp_signature *out)
{
	struct span one = *s;

	if (pgp_mpi_take(s, &out->number[0]))
		return true;
	if (one.n < 2 || one.p[1] & 7)
		return false;
	out->padded = pgp_number(one.p, 2) / 8;
	one = span_from(one, 2);
	if (out->padded > one.n)
		return false;
	*s = span_from(one, out->padded);
	one = span_sub(one, 0, out->padded);
	while (one.n && !one.p[0])
		one = span_from(one, 1);
	out->number[0] = one;
	return one.n > 0;
}

/* The numbers of the signature proper. */
static bool numbers_read(struct span s, struct pgp_signature *out)
{
	static const unsigned char count[] = {
		[1] = 1, [3] = 1, [17] = 2, [19] = 2, [22] = 2};
	size_t i,
		n = out->key_algorithm < sizeof(count)
		? count[out->key_algorithm]
		: 0;

	if (n == 1)
		return rsa_number_take(&s, out) && s.n == 0;
	for (i = 0; i < n; i++)
		if (!pgp_mpi_take(&s, &out->number[i]))
			return false;
	return n && s.n == 0;
}

void pgp_trailer(
	const struct pgp_signature *sig, unsigned char out[PGP_TRAILER])
{
	const size_t n = sig->signed_head.n;

	out[0] = 4;
	out[1] = 0xff;
	out[2] = (unsigned char)(n >> 24);
	out[3] = (unsigned char)(n >> 16);
	out[4] = (unsigned char)(n >> 8);
	out[5] = (unsigned char)n;
}

/* Section 5.2.2: five bytes are hashed, and the key is named beside them. */
static int old_read(
	struct span body, struct pgp_signature *out, struct err *err)
{
	if (body.n < 19 || body.p[1] != 5)
		return err_set(err, ERR_INPUT, "the signature packet is cut");
	out->type = body.p[2];
	out->created = pgp_number(body.p + 3, 4);
	out->keyid = span_sub(body, 7, PGP_KEYID);
	out->key_algorithm = body.p[15];
	out->hash = body.p[16];
	return 0;
}

int pgp_signature_body(
	struct span body, struct pgp_signature *out, struct err *err)
{
	struct span rest, hashed, plain;

	memset(out, 0, sizeof(*out));
	if (body.n < 6)
		return err_set(err, ERR_INPUT, "the signature packet is cut");
	out->version = body.p[0];
	if (out->version == 2 || out->version == 3)
		return old_read(body, out, err);
	if (out->version != 4)
		return 0;
	out->type = body.p[1];
	out->key_algorithm = body.p[2];
	out->hash = body.p[3];
	rest = span_from(body, 4);
	if (!pgp_areas_take(&rest, &hashed, &plain) ||
		!hashed_read(hashed, out) || rest.n < 3)
		return err_set(err, ERR_INPUT, "the signature packet is cut");
	out->signed_head = span_sub(body, 0, 6 + hashed.n);
	out->hint = span_sub(rest, 0, 2);
	if (!numbers_read(span_from(rest, 2), out))
		return err_set(err, ERR_INPUT,
			"the signature's numbers are not as its algorithm's");
	if (!plain_read(plain, out))
		return err_set(err, ERR_INPUT,
			"the signature's unsigned part says more than it may");
	if (out->issuer.n && !out->keyid.n)
		out->keyid = span_from(out->issuer, PGP_FPR - PGP_KEYID);
	return 0;
}

int pgp_signature_read(
	struct span s, struct pgp_signature *out, struct err *err)
{
	struct span body;
	unsigned tag;

	memset(out, 0, sizeof(*out));
	if (!pgp_packet_take(&s, &tag, &body))
		return err_set(err, ERR_INPUT, "not an OpenPGP packet");
	if (tag != PGP_TAG_SIGNATURE)
		return err_set(
			err, ERR_INPUT, "not a detached OpenPGP signature");
	if (s.n)
		return err_set(err, ERR_INPUT,
			"more than one packet in the OpenPGP signature");
	return pgp_signature_body(body, out, err);
}

/* RSA 1 to 3 and DSA 17 start with the number whose size counts. */
static bool key_read(struct span body, struct pgp_key *out)
{
	if (body.n < 8 || body.n > 0xffff || body.p[0] != 4)
		return false;
	out->body = body;
	out->algorithm = body.p[5];
	if ((out->algorithm >= 1 && out->algorithm <= 3) ||
		out->algorithm == 17)
		out->bits = pgp_number(body.p + 6, 2);
	return true;
}

static int dearmor(struct span s, struct arena *arena, struct span *binary,
	struct err *err)
{
	struct buf all = BUF_INIT(s.n);
	struct span block;
	int ret = -1;

	do {
		if (armor_next(&s, "PGP PUBLIC KEY BLOCK", arena, &block, err))
			goto out;
		buf_span(&all, block);
	} while (span_trim(s).n);
	*binary = arena_copy(arena, buf_all(&all));
	ret = 0;
out:
	buf_free(&all);
	return ret;
}

int pgp_keys_read(struct span s, struct arena *arena, struct pgp_key **out,
	size_t *n, struct span *binary, struct err *err)
{
	struct pgp_key *v = NULL, one;
	struct span body;
	size_t cap = 0, count = 0;
	unsigned tag;

	*out = NULL;
	*n = 0;
	*binary = s;
	if (s.n && !(s.p[0] & 0x80) && dearmor(s, arena, binary, err))
		return -1;
	for (s = *binary; s.n;) {
		if (!pgp_packet_take(&s, &tag, &body))
			return err_set(err, ERR_INPUT,
				"not a file of OpenPGP public keys");
		if (tag == PGP_TAG_SECRET_KEY || tag == PGP_TAG_SECRET_SUBKEY)
			return err_set(err, ERR_INPUT, "it holds a secret key");
		if (tag != PGP_TAG_PUBLIC_KEY && tag != PGP_TAG_PUBLIC_SUBKEY)
			continue;
		memset(&one, 0, sizeof(one));
		one.primary = tag == PGP_TAG_PUBLIC_KEY;
		if (!key_read(body, &one))
			return err_set(err, ERR_INPUT,
				"an OpenPGP key that is not of version 4");
		if (count == KEYS_MAX)
			return err_set(
				err, ERR_LIMIT, "more than %d keys", KEYS_MAX);
		if (!count && !one.primary)
			break;
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		v[count++] = one;
	}
	if (!count)
		return err_set(err, ERR_INPUT, "no OpenPGP public key in it");
	*out = v;
	*n = count;
	return 0;
}

const char *pgp_key_weak(const struct pgp_key *k)
{
	if (k->bits == 0 || k->bits >= 2048)
		return NULL;
	return k->algorithm == 17 ? "a DSA key of less than 2048 bits"
				  : "an RSA key of less than 2048 bits";
}
