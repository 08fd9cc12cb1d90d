#include "parse/tokenkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(TOKENKEY_MAX);
	struct span in = span_of(data, size);
	struct err err = ERR_INIT;
	struct tokenkey k;

	if (!tokenkey_parse(in, &k, &err)) {
		tokenkey_text(&k, &again);
		if (again.full || !span_eq(buf_all(&again), in) ||
			!tokenkey_is(in))
			abort();
	}
	buf_free(&again);
	return 0;
}
