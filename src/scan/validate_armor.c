#include "parse/armor.h"
#include "parse/sshwire.h"
#include "scan/loose64.h"
#include "scan/validators.h"

#define OPENSSH_MAGIC SPAN_LIT("openssh-key-v1\0")

static enum validity openssh(struct span s)
{
	struct sshwire w = {.rest = span_from(s, OPENSSH_MAGIC.n)};

	/* Under a passphrase: worth a warning, no more. */
	return span_is(sshwire_string(&w), "none") ? VALIDITY_PROVEN
						   : VALIDITY_BAD;
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

enum validity validate_pem(struct span s)
{
	struct buf bytes = BUF_INIT(LOOSE64_MAX);
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

enum validity validate_pgp(struct span s)
{
	struct buf bytes = BUF_INIT(LOOSE64_MAX), sum = BUF_INIT(16);
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
	if (armor_crc24(buf_all(&bytes)) ==
		((uint32_t)sum.p[0] << 16 | (uint32_t)sum.p[1] << 8 | sum.p[2]))
		v = VALIDITY_PROVEN;
out:
	buf_wipe(&bytes);
	buf_free(&sum);
	return v;
}
