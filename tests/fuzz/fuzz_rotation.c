#include "parse/rotation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is signed is written back to the same bytes; and it is one of ten
 * lines, which is how several of them are told apart. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(ROTATION_MAX);
	struct span rest = span_of(data, size), note;
	struct arena *a = arena_new((size_t)8 << 20);
	struct err err = ERR_INIT;
	struct rotation r;

	if (!rotation_parse(rest, a, &r, &err)) {
		rotation_text(&r, &again);
		if (again.full ||
			!span_starts(span_of(data, size), buf_all(&again)) ||
			data[again.n] != '\n')
			abort();
		if (!rotation_next(&rest, &note) || rest.n || note.n != size)
			abort();
	}
	buf_free(&again);
	arena_free(a);
	return 0;
}
