#include "parse/cosignature.h"

bool cosignature_read(struct span bytes, struct cosignature *out)
{
	size_t i;

	*out = (struct cosignature){0};
	if (bytes.n != COSIGNATURE_LEN)
		return false;
	for (i = 0; i < 8; i++)
		out->time = out->time << 8 | bytes.p[i];
	out->sig = span_from(bytes, 8);
	return out->time <= INT64_MAX;
}

void cosignature_write(const struct cosignature *c, struct buf *out)
{
	int shift;

	for (shift = 56; shift >= 0; shift -= 8)
		buf_byte(out, (unsigned char)(c->time >> shift));
	buf_span(out, c->sig);
}

void cosignature_text(uint64_t time, struct span text, struct buf *out)
{
	buf_fmt(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	buf_span(out, text);
}
