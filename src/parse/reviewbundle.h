/*
 * What forges answered, each answer as it was received, on its way from who
 * asked to the judge:
 *
 *	sluice-reviews/1 answers
 *	forge gitea-main
 *	number 12			(of the request there)
 *	part reviews
 *	path /api/v1/repos/…		(what was asked for)
 *	status 200			(0: it was not asked by HTTP)
 *	body 1234
 *	(empty line)
 *	(the bytes of the body, and LF)
 *	forge …				(any number of these)
 *	end
 *
 * The parts of one request stand together, pages in their order.
 */
#ifndef PARSE_REVIEWBUNDLE_H
#define PARSE_REVIEWBUNDLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/review.h"

#define REVIEWBUNDLE_MAX ((size_t)8 << 20)
#define REVIEWBUNDLE_ANSWERS_MAX 2000

/* reviewbundle_start(out), then reviewbundle_add(a, out) for each answer, then
 * reviewbundle_end(out). Values are printable and short; whoever adds them sees
 * to it. */
void reviewbundle_start(struct buf *out);
void reviewbundle_add(const struct review_answer *a, struct buf *out);
void reviewbundle_end(struct buf *out);

/* reviewbundle_read(text, arena, out, n, err): strict; spans point into
 * ${text}. */
MUST_USE int reviewbundle_read(struct span text, struct arena *arena,
	struct review_answer **out, size_t *n, struct err *err);

#endif
