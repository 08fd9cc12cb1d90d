#include "parse/sealedkey.h"

#include "base/text.h"
#include "parse/keyline.h"

#define HEAD "sluice encrypted key v1"
#define KDF "argon2id"

bool sealedkey_is(struct span text)
{
	return span_starts(text, SPAN_LIT(HEAD "\n"));
}

static bool bytes_line(struct span line, unsigned char *out, size_t n)
{
	struct buf raw = BUF_INIT(SEALEDKEY_MAX);
	bool ok = text_base64_read(line, &raw) && raw.n == n;

	if (ok)
		memcpy(out, raw.p, n);
	buf_free(&raw);
	return ok;
}

static bool costs(struct span line, struct sealedkey *out)
{
	size_t at = span_find(line, ' ');

	return at != SIZE_MAX &&
		text_to_u64(span_sub(line, 0, at), SEALEDKEY_PASSES_MAX,
			&out->passes) &&
		text_to_u64(span_from(line, at + 1), SEALEDKEY_KIB_MAX,
			&out->kib) &&
		out->passes && out->kib >= SEALEDKEY_KIB_MIN;
}

static const char *read_lines(struct span rest, struct sealedkey *out)
{
	unsigned char last[SEALEDKEY_NONCE + SEALEDKEY_SEALED];
	struct err none = ERR_INIT;
	struct span line;
	bool lf;

	if (!span_line(&rest, &line, &lf) || !lf || !span_is(line, HEAD))
		return "another first line than '" HEAD "'";
	if (!span_line(&rest, &line, &lf) || !lf ||
		note_key_parse(line, &out->public, &none))
		return "no verifier key";
	if (!keyline_take(&rest, KDF, &line) || !costs(line, out))
		return "no costs of " KDF " within their bounds";
	if (!span_line(&rest, &line, &lf) || !lf ||
		!bytes_line(line, out->salt, sizeof(out->salt)))
		return "no salt";
	if (!span_line(&rest, &line, &lf) || !lf ||
		!bytes_line(line, last, sizeof(last)))
		return "no nonce and sealed key";
	if (rest.n)
		return "something follows";
	memcpy(out->nonce, last, sizeof(out->nonce));
	memcpy(out->sealed, last + sizeof(out->nonce), sizeof(out->sealed));
	return NULL;
}

int sealedkey_parse(struct span text, struct sealedkey *out, struct err *err)
{
	struct buf again = BUF_INIT(SEALEDKEY_MAX);
	struct sealedkey k = {.passes = 0};
	const char *why =
		text.n > SEALEDKEY_MAX ? "too long" : read_lines(text, &k);

	memset(out, 0, sizeof(*out));
	/* No second way of writing the same one. */
	if (!why) {
		sealedkey_text(&k, &again);
		if (!span_eq(buf_all(&again), text))
			why = "not as it is written";
	}
	buf_free(&again);
	if (why)
		return err_set(err, ERR_INPUT, "not an encrypted key: %s", why);
	*out = k;
	return 0;
}

void sealedkey_head(const struct sealedkey *k, struct buf *out)
{
	buf_str(out, HEAD "\n");
	note_key_text(&k->public, out);
	buf_fmt(out, "\n" KDF " %llu %llu\n", (unsigned long long)k->passes,
		(unsigned long long)k->kib);
	text_base64(out, span_of(k->salt, sizeof(k->salt)));
	buf_byte(out, '\n');
}

void sealedkey_text(const struct sealedkey *k, struct buf *out)
{
	unsigned char last[SEALEDKEY_NONCE + SEALEDKEY_SEALED];

	sealedkey_head(k, out);
	memcpy(last, k->nonce, sizeof(k->nonce));
	memcpy(last + sizeof(k->nonce), k->sealed, sizeof(k->sealed));
	text_base64(out, span_of(last, sizeof(last)));
	buf_byte(out, '\n');
}
