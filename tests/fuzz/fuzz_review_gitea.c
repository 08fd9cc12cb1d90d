/* What Gitea answers, its parts with a NUL between: the request, then pages of
 * reviews. And the first of them as a page of a list. */
#include "parse/review.h"

#define PARTS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void request(struct review_answer *a, size_t n, struct arena *arena)
{
	const struct review_where where = {.project = SPAN_LIT("team/app"),
		.branch = SPAN_LIT("main"),
		.token = true};
	struct err err = ERR_INIT;
	struct review_request r;
	size_t i;

	if (review_gitea.read(&where, a, n, arena, &r, &err))
		return;
	for (i = 0; i < r.nreview; i++)
		if (!r.review[i].fault && !r.review[i].id)
			die("review: an approval without a number");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct review_hits hits = {.arena = arena};
	struct span rest = span_of(data, n), body;
	struct review_answer a[PARTS_MAX];
	struct err err = ERR_INIT;
	size_t parts = 0, at, listed;

	while (parts < PARTS_MAX) {
		at = span_find(rest, '\0');
		body = span_sub(rest, 0, at);
		a[parts] = (struct review_answer){
			.part = parts ? SPAN_LIT("reviews")
				      : SPAN_LIT("request"),
			.body = body,
		};
		parts++;
		if (at == SIZE_MAX)
			break;
		rest = span_from(rest, at + 1);
	}
	request(a, parts, arena);
	if (!review_gitea.find_read(a[0].body, &hits, &listed, &err) &&
		hits.n != listed)
		die("review: %zu of %zu requests", hits.n, listed);
	arena_free(arena);
	return 0;
}
