#include "parse/addcheckpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT((size_t)32 << 20);
	struct span in = span_of(data, size);
	struct addcheckpoint a;
	struct err err = ERR_INIT;

	if (!addcheckpoint_parse(in, &a, &err)) {
		addcheckpoint_text(&a, &again);
		if (!span_eq(buf_all(&again), in))
			abort();
	}
	buf_free(&again);
	return 0;
}
