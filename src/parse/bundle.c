#include "parse/bundle.h"

int bundle_read(
	struct span in, unsigned want, struct bundle *out, struct err *err)
{
	out->n = 0;
	if (want > TILE_WIDTH)
		return err_set(err, ERR_INPUT, "a bundle of %u entries", want);
	while (in.n) {
		size_t n;

		if (out->n == want)
			return err_set(err, ERR_INPUT,
				"holds more than %u entries", want);
		if (in.n < 2)
			return err_set(err, ERR_INPUT,
				"cut short in the length of entry %u of %u",
				out->n, want);
		n = (size_t)in.p[0] << 8 | in.p[1];
		if (in.n - 2 < n)
			return err_set(err, ERR_INPUT,
				"cut short in entry %u of %u", out->n, want);
		out->entry[out->n++] = span_of(in.p + 2, n);
		in = span_from(in, 2 + n);
	}
	if (out->n != want)
		return err_set(err, ERR_INPUT, "cut short: %u entries of %u",
			out->n, want);
	return 0;
}

void bundle_add(struct buf *out, struct span entry)
{
	if (entry.n > ENTRY_MAX)
		die("bundle_add: an entry of %zu bytes", entry.n);
	buf_byte(out, (unsigned char)(entry.n >> 8));
	buf_byte(out, (unsigned char)(entry.n & 0xff));
	buf_span(out, entry);
}
