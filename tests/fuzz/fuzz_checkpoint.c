#include "parse/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses without extensions is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(1u << 20);
	struct span in = span_of(data, size);
	struct err err = ERR_INIT;
	struct checkpoint c;

	if (!checkpoint_parse(in, &c, &err)) {
		checkpoint_text(&c, &again);
		buf_span(&again, c.extensions);
		if (!again.full && !span_eq(buf_all(&again), in))
			abort();
	}
	buf_free(&again);
	return 0;
}
