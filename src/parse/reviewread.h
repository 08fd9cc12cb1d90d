/* What the readers of forges' answers share. */
#ifndef PARSE_REVIEWREAD_H
#define PARSE_REVIEWREAD_H

#include "parse/doc.h"
#include "parse/review.h"

/* review_escape(out, s, slash): percent-encoded for a path or query of a URL;
 * slashes are left alone if ${slash}. */
void review_escape(struct buf *out, struct span s, bool slash);

/* review_list(body, out, n, err): a JSON array; free ${out} with doc_free. */
MUST_USE int review_list(
	struct span body, struct doc **out, size_t *n, struct err *err);
/* review_each(body, each, ctx, n, err): such an array, item by item; *${n} is
 * how many there are, if it is not NULL. */
MUST_USE int review_each(struct span body,
	int (*each)(void *ctx, const struct doc *item, struct err *err),
	void *ctx, size_t *n, struct err *err);
/* review_hit_new(hits): a further one, all zero, to be filled. */
struct review_hit *review_hit_new(struct review_hits *hits);
/* review_hit_request(hit, out): what both know. */
void review_hit_request(
	const struct review_hit *hit, struct review_request *out);
/* review_object(body, out, err): a JSON object. */
MUST_USE int review_object(struct span body, struct doc **out, struct err *err);

/* Members that must be there and of their type; the error names ${key}. */
MUST_USE int review_text(const struct doc *object, const char *key,
	struct arena *arena, struct span *out, struct err *err);
MUST_USE int review_number(const struct doc *object, const char *key,
	uint64_t *out, struct err *err);
MUST_USE int review_flag(
	const struct doc *object, const char *key, bool *out, struct err *err);
MUST_USE int review_oid(const struct doc *object, const char *key,
	struct oid *out, struct err *err);
MUST_USE int review_member(const struct doc *object, const char *key,
	const struct doc **out, struct err *err);

/* review_state(object, opinions, n, out, err): what the "state" of a review
 * says of the request; ERR_INPUT for one that is not in the table. */
enum opinion {
	OPINION_NONE,
	OPINION_FOR,
	OPINION_AGAINST,
	OPINION_DISMISSED,
};
struct review_opinion {
	const char *state;
	enum opinion opinion;
};
MUST_USE int review_state(const struct doc *object,
	const struct review_opinion *opinions, size_t n, enum opinion *out,
	struct err *err);

/* review_missing(key, err): ERR_INPUT, "… has no '<key>' …". */
int review_missing(const char *key, struct err *err);

/* What one person said of a request, in the order of its numbers. */
struct review_event {
	struct span login;
	uint64_t account, id;
	const char *fault; /* NULL: approves, and it counts */
	bool against;
};
struct review_events {
	struct review_event *v;
	size_t n, cap;
	struct arena *arena;
};
MUST_USE int review_event_add(struct review_events *e,
	const struct review_event *one, struct err *err);

/* review_latest(e, out): of each account what it said last, by number. */
void review_latest(struct review_events *e, struct review_request *out);

/* review_append(e, out): all of them, behind those that are there. */
void review_append(const struct review_events *e, struct review_request *out);

/* The only answer of that part, or NULL if there is none or more than one. */
const struct review_answer *review_part_of(
	const struct review_answer *a, size_t n, const char *part);

#endif
