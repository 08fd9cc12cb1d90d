#include "parse/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how many entries are wanted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(BUNDLE_MAX);
	struct err err = ERR_INIT;
	struct bundle b;
	struct span in;
	unsigned i;

	if (!size)
		return 0;
	in = span_of(data + 1, size - 1);
	if (!bundle_read(in, data[0] + 1u, &b, &err)) {
		if (b.n != data[0] + 1u)
			abort();
		for (i = 0; i < b.n; i++)
			bundle_add(&again, b.entry[i]);
		if (!span_eq(buf_all(&again), in))
			abort();
	}
	buf_free(&again);
	return 0;
}
