#include "parse/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is written back to the same bytes: the form is unambiguous. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(RECEIPT_MAX);
	struct err err = ERR_INIT;
	struct receipt r;

	if (!receipt_parse(span_of(data, size), &r, &err)) {
		receipt_write(&r, &again);
		if (!span_eq(buf_all(&again), span_of(data, size)))
			die("receipt: read and written differ");
	}
	buf_free(&again);
	return 0;
}
