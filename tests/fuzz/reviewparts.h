/* For the targets of forges: an input is what a forge answers, its parts with a
 * NUL between, each with the name of the part on a line before it. The body of
 * the first is also tried as a page of a list. */
#ifndef FUZZ_REVIEWPARTS_H
#define FUZZ_REVIEWPARTS_H

#include "parse/review.h"

#define PARTS_MAX 8

static inline void reviewparts_judge(const struct review_dialect *d,
	const struct review_answer *a, size_t n, struct arena *arena)
{
	const struct review_where where = {.project = SPAN_LIT("team/app"),
		.branch = SPAN_LIT("main"),
		.token = true};
	struct review_request r;
	struct err err = ERR_INIT;
	size_t i;

	if (d->read(&where, a, n, arena, &r, &err)) {
		if (!err.text[0])
			die("review: refused, and does not say why");
		return;
	}
	if (!r.number || oid_is_zero(&r.head))
		die("review: a request without number or head");
	for (i = 0; i < r.nreview; i++)
		if (!r.review[i].fault && !r.review[i].account)
			die("review: an approval by nobody");
}

static inline int reviewparts_run(
	const struct review_dialect *d, const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct review_hits hits = {.arena = arena};
	struct span rest = span_of(data, n), body, name;
	struct review_answer a[PARTS_MAX] = {{.number = 0}};
	struct err err = ERR_INIT;
	size_t parts = 0, at, listed = 0;

	while (parts < PARTS_MAX) {
		at = span_find(rest, '\0');
		body = span_sub(rest, 0, at);
		if (!span_line(&body, &name, NULL))
			break;
		a[parts].part = name;
		a[parts++].body = body;
		if (at == SIZE_MAX)
			break;
		rest = span_from(rest, at + 1);
	}
	reviewparts_judge(d, a, parts, arena);
	if (!d->find_read(a[0].body, &hits, &listed, &err) && hits.n > listed)
		die("review: %zu of %zu requests", hits.n, listed);
	arena_free(arena);
	return 0;
}

#endif
