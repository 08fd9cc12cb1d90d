#include "parse/reviewpull.h"

int review_pull(const struct doc *j, struct arena *arena,
	struct review_hit *out, struct err *err)
{
	const struct doc *side;
	struct span state;

	if (review_number(j, "number", &out->number, err) ||
		review_text(j, "state", arena, &state, err) ||
		review_member(j, "base", &side, err) ||
		review_text(side, "ref", arena, &out->branch, err) ||
		review_member(j, "head", &side, err) ||
		review_oid(side, "sha", &out->head, err))
		return -1;
	out->open = span_is(state, "open");
	return 0;
}

static int hit_read(void *ctx, const struct doc *item, struct err *err)
{
	struct review_hits *hits = ctx;

	return review_pull(item, hits->arena, review_hit_new(hits), err);
}

int review_pulls(
	struct span body, struct review_hits *out, size_t *n, struct err *err)
{
	return review_each(body, hit_read, out, n, err);
}
