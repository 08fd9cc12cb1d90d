#include "parse/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is written back to the same bytes: the form is unambiguous. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct buf again = BUF_INIT(REQUEST_MAX);
	struct err err = ERR_INIT;
	struct push push;

	if (!request_parse(span_of(data, size), arena, &push, &err)) {
		request_write(&push, &again);
		if (!span_eq(buf_all(&again), span_of(data, size)))
			die("request: read and written differ");
	}
	buf_free(&again);
	arena_free(arena);
	return 0;
}
