#include "parse/keytable.h"

#include "base/text.h"
#include "parse/keyline.h"

#define HEAD "sluice openpgp signers 1\n"
#define LATEST INT64_C(0x1ffffffff) /* two numbers of 32 bits added up */

void keytable_write(const struct keytable *t, struct buf *out)
{
	size_t i;

	buf_str(out, HEAD "keys ");
	text_hex(out, span_of(t->keys, sizeof(t->keys)));
	buf_byte(out, '\n');
	for (i = 0; i < t->n; i++) {
		text_hex(out, span_of(t->v[i].fingerprint, PGP_FPR));
		buf_fmt(out, " %lld\n", (long long)t->v[i].expires);
	}
}

void keytable_sum(struct buf *out, const unsigned char sum[KEYTABLE_HASH])
{
	buf_str(out, "sum ");
	text_hex(out, span_of(sum, KEYTABLE_HASH));
	buf_byte(out, '\n');
}

static bool entry_read(struct span line, struct keytable_entry *out)
{
	uint64_t expires;

	if (line.n < 2 * PGP_FPR + 2 || line.p[2 * PGP_FPR] != ' ' ||
		!text_hex_read(span_sub(line, 0, 2 * PGP_FPR), out->fingerprint,
			PGP_FPR) ||
		!text_to_u64(
			span_from(line, 2 * PGP_FPR + 1), LATEST, &expires))
		return false;
	out->expires = (int64_t)expires;
	return true;
}

static bool table_read(struct span s, struct arena *arena, struct keytable *out,
	struct span *summed, unsigned char sum[KEYTABLE_HASH])
{
	struct span rest = s, line, value;
	struct keytable_entry one;
	size_t cap = 0;
	bool lf;

	if (!span_starts(s, SPAN_LIT(HEAD)))
		return false;
	rest = span_from(rest, sizeof(HEAD) - 1);
	if (!keyline_take(&rest, "keys", &value) ||
		!text_hex_read(value, out->keys, sizeof(out->keys)))
		return false;
	for (;;) {
		*summed = span_sub(s, 0, s.n - rest.n);
		if (keyline_take(&rest, "sum", &value))
			break;
		if (!span_line(&rest, &line, &lf) || !lf ||
			!entry_read(line, &one) || out->n == KEYTABLE_MAX)
			return false;
		if (out->n &&
			memcmp(out->v[out->n - 1].fingerprint, one.fingerprint,
				PGP_FPR) >= 0)
			return false;
		out->v = arena_grow(
			arena, out->v, out->n, &cap, sizeof(*out->v));
		out->v[out->n++] = one;
	}
	return rest.n == 0 && text_hex_read(value, sum, KEYTABLE_HASH);
}

int keytable_read(struct span s, struct arena *arena, struct keytable *out,
	struct span *summed, unsigned char sum[KEYTABLE_HASH], struct err *err)
{
	memset(out, 0, sizeof(*out));
	*summed = SPAN_EMPTY;
	memset(sum, 0, KEYTABLE_HASH);
	if (s.n <= KEYTABLE_BYTES_MAX && table_read(s, arena, out, summed, sum))
		return 0;
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_INPUT, "not a table of openpgp signers");
}

static int by_fingerprint(const void *key, const void *entry)
{
	const struct keytable_entry *e = entry;

	return memcmp(key, e->fingerprint, PGP_FPR);
}

const struct keytable_entry *keytable_find(
	const struct keytable *t, struct span fingerprint)
{
	if (!t->n || fingerprint.n != PGP_FPR)
		return NULL;
	return bsearch(
		fingerprint.p, t->v, t->n, sizeof(*t->v), by_fingerprint);
}
