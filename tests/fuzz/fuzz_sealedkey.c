#include "parse/sealedkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(SEALEDKEY_MAX);
	struct span in = span_of(data, size);
	struct err err = ERR_INIT;
	struct sealedkey k;

	if (!sealedkey_parse(in, &k, &err)) {
		sealedkey_text(&k, &again);
		if (again.full || !span_eq(buf_all(&again), in) ||
			!sealedkey_is(in))
			abort();
	}
	buf_free(&again);
	return 0;
}
