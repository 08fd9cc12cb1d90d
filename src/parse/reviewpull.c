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

int review_pulls(
	struct span body, struct review_hits *out, size_t *n, struct err *err)
{
	struct doc *list;
	size_t i;
	int ret = -1;

	if (review_list(body, &list, n, err))
		return -1;
	for (i = 0; i < *n; i++) {
		out->v = arena_grow(
			out->arena, out->v, out->n, &out->cap, sizeof(*out->v));
		if (review_pull(
			    doc_at(list, i), out->arena, &out->v[out->n], err))
			goto out;
		out->n++;
	}
	ret = 0;
out:
	doc_free(list);
	return ret;
}

void review_pull_request(
	const struct review_hit *hit, struct review_request *out)
{
	out->number = hit->number;
	out->branch = hit->branch;
	out->head = hit->head;
	out->open = hit->open;
}
