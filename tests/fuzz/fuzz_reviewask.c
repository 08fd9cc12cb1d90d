/* The question about reviews and the bundle of answers: what is read can be
 * written, and gives the same bytes. */
#include "parse/reviewask.h"

#include "parse/reviewbundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void question(struct span text, struct arena *arena, struct buf *again)
{
	struct err err = ERR_INIT;
	struct reviewask q;

	if (reviewask_read(text, arena, &q, &err))
		return;
	reviewask_write(&q, again);
	if (!span_eq(buf_all(again), text))
		die("reviewask: not the same");
}

static void answers(struct span text, struct arena *arena, struct buf *again)
{
	struct err err = ERR_INIT;
	struct review_answer *a;
	size_t i, n;

	if (reviewbundle_read(text, arena, &a, &n, &err))
		return;
	reviewbundle_start(again);
	for (i = 0; i < n; i++)
		reviewbundle_add(&a[i], again);
	reviewbundle_end(again);
	if (!span_eq(buf_all(again), text))
		die("reviewbundle: not the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct buf again = BUF_INIT(REVIEWBUNDLE_MAX + REVIEWASK_MAX);

	question(span_of(data, n), arena, &again);
	answers(span_of(data, n), arena, &again);
	buf_free(&again);
	arena_free(arena);
	return 0;
}
