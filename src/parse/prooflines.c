#include "parse/prooflines.h"

#include "base/text.h"

static bool hash_read(struct span line, unsigned char out[HASH_LEN])
{
	struct buf raw = BUF_INIT(HASH_LEN);
	bool ok = text_base64_read(line, &raw) && raw.n == HASH_LEN;

	if (ok)
		memcpy(out, raw.p, HASH_LEN);
	buf_free(&raw);
	return ok;
}

bool prooflines_read(struct span *rest, struct proof *out, const char **why)
{
	struct span line;
	bool lf;

	out->n = 0;
	*why = "no empty line before the checkpoint";
	while (span_line(rest, &line, &lf) && lf) {
		if (!line.n)
			return true;
		if (out->n == PROOF_HASHES_MAX) {
			*why = "too many hashes";
			return false;
		}
		if (!hash_read(line, out->hash[out->n])) {
			*why = "a hash is not 32 bytes of base64";
			return false;
		}
		out->n++;
	}
	return false;
}

void prooflines_write(const struct proof *p, struct buf *out)
{
	unsigned i;

	for (i = 0; i < p->n; i++) {
		text_base64(out, span_of(p->hash[i], HASH_LEN));
		buf_byte(out, '\n');
	}
	buf_byte(out, '\n');
}
