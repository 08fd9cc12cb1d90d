#include "parse/ranges.h"

#include "base/err.h"

#define MAX 5000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is what would be written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 20);
	struct span text = span_of(data, size);
	struct buf again = BUF_INIT(1 << 20);
	struct range *r;
	size_t i, n, *v;

	if (ranges_read(text, MAX, a, &v, &n)) {
		ranges_put(&again, v, n);
		if (!span_eq(buf_all(&again), text))
			die("ranges: another text for the same list");
	}
	buf_reset(&again);
	if (ranges_ascending(text, INT64_MAX, a, &r, &n)) {
		for (i = 0; i < n; i++)
			ranges_add(&again, r[i]);
		if (!span_eq(buf_all(&again), text))
			die("ranges: another text for the same ranges");
	}
	buf_free(&again);
	arena_free(a);
	return 0;
}
