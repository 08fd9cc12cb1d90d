#include "scan/validate.h"

#include "base/text.h"
#include "parse/doc.h"

#define DECODED_MAX ((size_t)1 << 20)

const char *validity_name(enum validity v)
{
	switch (v) {
	case VALIDITY_BAD:
		return "bad";
	case VALIDITY_FORM:
		return "well-formed";
	case VALIDITY_PROVEN:
		return "proven";
	case VALIDITY_UNKNOWN:
		break;
	}
	return "unknown";
}

uint32_t crc32_of(struct span s)
{
	uint32_t crc = 0xffffffff;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* The last six digits are the CRC-32 of what stands between them and the last
 * underscore, in base 62, most significant first. */
static enum validity crc32_base62(struct span s)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	size_t from = s.n;
	uint32_t crc;
	int i;

	while (from && s.p[from - 1] != '_')
		from--;
	if (s.n - from < 7)
		return VALIDITY_BAD;
	crc = crc32_of(span_sub(s, from, s.n - from - 6));
	for (i = 1; i <= 6; i++, crc /= 62) {
		if (s.p[s.n - (size_t)i] != (unsigned char)digits[crc % 62])
			return VALIDITY_BAD;
	}
	return VALIDITY_PROVEN;
}

static enum validity crc32_hex(struct span s)
{
	char want[9];

	if (s.n < 9)
		return VALIDITY_BAD;
	snprintf(want, sizeof(want), "%08X", crc32_of(span_sub(s, 0, s.n - 8)));
	return span_is(span_from(s, s.n - 8), want) ? VALIDITY_PROVEN
						    : VALIDITY_BAD;
}

/* BIP 173: the checksum over the human-readable part and the data is 1. */
static uint32_t bech32_step(uint32_t sum, unsigned v)
{
	static const uint32_t gen[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = sum >> 25;
	int i;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (i = 0; i < 5; i++)
		sum ^= top >> i & 1 ? gen[i] : 0;
	return sum;
}

static enum validity bech32(struct span s)
{
	const struct span digits = SPAN_LIT("qpzry9x8gf2tvdw0s3jn54khce6mua7l");
	uint32_t sum = 1;
	size_t i, one = SIZE_MAX;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '1')
			one = i;
	}
	if (one == SIZE_MAX || s.n - one < 7)
		return VALIDITY_BAD;
	for (i = 0; i < one; i++)
		sum = bech32_step(sum, text_lower(s.p[i]) >> 5);
	sum = bech32_step(sum, 0);
	for (i = 0; i < one; i++)
		sum = bech32_step(sum, text_lower(s.p[i]) & 31);
	for (i = one + 1; i < s.n; i++) {
		size_t v = span_find(digits, text_lower(s.p[i]));

		if (v == SIZE_MAX)
			return VALIDITY_BAD;
		sum = bech32_step(sum, (unsigned)v);
	}
	return sum == 1 ? VALIDITY_PROVEN : VALIDITY_BAD;
}

static int digit64(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

/*
 * Base64 of either alphabet as it is found in files: white space, quotes and
 * commas between pieces, a backslash and a letter where a program's string
 * holds the lines. False at anything else, or past DECODED_MAX.
 */
static bool loose64(struct span s, struct buf *out)
{
	const struct span between = SPAN_LIT(" \t\r\n\"',=");
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		int v;

		if (s.p[i] == '\\') {
			i++;
			continue;
		}
		if (span_find(between, s.p[i]) != SIZE_MAX)
			continue;
		v = digit64(s.p[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (unsigned char)(bits >> have));
		}
	}
	return !out->full;
}

static bool json64(struct span s, struct doc **out)
{
	struct buf text = BUF_INIT(DECODED_MAX);
	struct err err = ERR_INIT;
	bool yes;

	*out = NULL;
	yes = loose64(s, &text) && !doc_parse(buf_all(&text), out, &err);
	buf_wipe(&text);
	return yes;
}

static enum validity jwt(struct span s, int64_t now)
{
	struct doc *head = NULL, *body = NULL;
	struct span rest, alg = SPAN_EMPTY;
	enum validity v = VALIDITY_BAD;
	size_t dot = span_find(s, '.');
	int64_t expires;

	if (dot == SIZE_MAX)
		return VALIDITY_BAD;
	rest = span_from(s, dot + 1);
	if (!json64(span_sub(s, 0, dot), &head))
		goto out;
	if (!doc_text(doc_get(head, "alg"), &alg) ||
		text_same(alg, SPAN_LIT("none")))
		goto out;
	/* The middle of an encrypted token is no JSON; that is well formed. */
	if (json64(span_sub(rest, 0, span_find(rest, '.')), &body) &&
		doc_int(doc_get(body, "exp"), &expires) && expires < now)
		goto out;
	v = VALIDITY_FORM;
out:
	doc_free(head);
	doc_free(body);
	return v;
}

/* SSH's string: four bytes of length, then as many. */
static bool ssh_string(struct span *rest, struct span *out)
{
	size_t n;

	if (rest->n < 4)
		return false;
	n = (size_t)rest->p[0] << 24 | (size_t)rest->p[1] << 16 |
		(size_t)rest->p[2] << 8 | rest->p[3];
	if (n > rest->n - 4)
		return false;
	*out = span_sub(*rest, 4, n);
	*rest = span_from(*rest, 4 + n);
	return true;
}

#define OPENSSH_MAGIC SPAN_LIT("openssh-key-v1\0")

static enum validity openssh(struct span s)
{
	struct span rest = span_from(s, OPENSSH_MAGIC.n), cipher;

	if (!ssh_string(&rest, &cipher))
		return VALIDITY_BAD;
	/* Under a passphrase: worth a warning, no more. */
	return span_is(cipher, "none") ? VALIDITY_PROVEN : VALIDITY_BAD;
}

/* One DER SEQUENCE that fills the bytes, but for padding. */
static enum validity der(struct span s)
{
	size_t n, i = 2, len;

	if (s.n < 16 || s.p[0] != 0x30)
		return VALIDITY_BAD;
	len = s.p[1];
	if (len > 0x80 && len <= 0x84) {
		for (n = len - 0x80, len = 0; n; n--)
			len = len << 8 | s.p[i++];
	} else if (len >= 0x80) {
		return VALIDITY_BAD;
	}
	return len <= s.n - i && s.n - i - len < 4 ? VALIDITY_PROVEN
						   : VALIDITY_BAD;
}

/* The lines between BEGIN and END, without "Name: value" headers. */
static struct span armour_body(struct span s, bool *encrypted)
{
	const struct span dashes = SPAN_LIT("-----");
	struct span body;
	size_t at;

	*encrypted = span_search(s, SPAN_LIT("ENCRYPTED")) != SIZE_MAX;
	if (!span_starts(s, dashes))
		return SPAN_EMPTY;
	body = span_from(s, dashes.n);
	at = span_search(body, dashes);
	if (at == SIZE_MAX)
		return SPAN_EMPTY;
	body = span_from(body, at + dashes.n);
	body = span_sub(body, 0, span_search(body, SPAN_LIT("-----END")));
	while ((at = span_search(body, SPAN_LIT(": "))) != SIZE_MAX) {
		struct span rest = span_from(body, at);
		size_t lf = span_find(rest, '\n');

		if (lf == SIZE_MAX)
			return SPAN_EMPTY;
		body = span_from(rest, lf + 1);
	}
	return body;
}

static enum validity pem(struct span s)
{
	struct buf bytes = BUF_INIT(DECODED_MAX);
	enum validity v = VALIDITY_BAD;
	bool encrypted;
	struct span body = armour_body(s, &encrypted);

	if (!encrypted && body.n && loose64(body, &bytes))
		v = span_starts(buf_all(&bytes), OPENSSH_MAGIC)
			? openssh(buf_all(&bytes))
			: der(buf_all(&bytes));
	buf_wipe(&bytes);
	return v;
}

/* RFC 4880, 6.1. */
static uint32_t crc24_of(struct span s)
{
	uint32_t crc = 0xb704ce;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		crc ^= (uint32_t)s.p[i] << 16;
		for (bit = 0; bit < 8; bit++) {
			crc <<= 1;
			crc ^= crc & 0x1000000 ? 0x1864cfb : 0;
		}
	}
	return crc & 0xffffff;
}

static enum validity pgp(struct span s)
{
	struct buf bytes = BUF_INIT(DECODED_MAX), sum = BUF_INIT(16);
	enum validity v = VALIDITY_BAD;
	bool encrypted;
	struct span body = armour_body(s, &encrypted);
	size_t at = span_search(body, SPAN_LIT("\n="));

	if (!body.n || !loose64(span_sub(body, 0, at), &bytes))
		goto out;
	/* The check line is optional. */
	if (at == SIZE_MAX) {
		v = VALIDITY_FORM;
		goto out;
	}
	if (!loose64(span_sub(body, at + 2, 4), &sum) || sum.n != 3)
		goto out;
	if (crc24_of(buf_all(&bytes)) ==
		((uint32_t)sum.p[0] << 16 | (uint32_t)sum.p[1] << 8 | sum.p[2]))
		v = VALIDITY_PROVEN;
out:
	buf_wipe(&bytes);
	buf_free(&sum);
	return v;
}

/* After the four letters of its kind a key id is base 32. */
static enum validity aws_key_id(struct span s)
{
	size_t i;

	if (s.n != 20)
		return VALIDITY_BAD;
	for (i = 4; i < s.n; i++) {
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
			!(s.p[i] >= '2' && s.p[i] <= '7'))
			return VALIDITY_BAD;
	}
	return VALIDITY_FORM;
}

static enum validity basic_auth(struct span s)
{
	struct buf text = BUF_INIT(DECODED_MAX);
	enum validity v = VALIDITY_BAD;
	size_t i;

	if (loose64(s, &text) && span_find(buf_all(&text), ':') != SIZE_MAX) {
		for (i = 0; i < text.n; i++) {
			if (text.p[i] < ' ' || text.p[i] == 0x7f)
				break;
		}
		v = i == text.n ? VALIDITY_FORM : VALIDITY_BAD;
	}
	buf_wipe(&text);
	return v;
}

enum validity validate(
	enum validator validator, struct span secret, int64_t now)
{
	switch (validator) {
	case VALIDATOR_CRC32_BASE62:
		return crc32_base62(secret);
	case VALIDATOR_CRC32_HEX:
		return crc32_hex(secret);
	case VALIDATOR_BECH32:
		return bech32(secret);
	case VALIDATOR_JWT:
		return jwt(secret, now);
	case VALIDATOR_PEM:
		return pem(secret);
	case VALIDATOR_PGP:
		return pgp(secret);
	case VALIDATOR_AWS_KEY_ID:
		return aws_key_id(secret);
	case VALIDATOR_BASIC_AUTH:
		return basic_auth(secret);
	case VALIDATOR_NONE:
		break;
	}
	return VALIDITY_UNKNOWN;
}
