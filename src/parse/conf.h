/*
 * A strict reading view of a JSON document that people write by hand. Asking
 * for a member marks its key as known; conf_done refuses every key that nobody
 * asked for, so a misspelt rule can never pass for a rule. Every error names
 * the place as a JSON path ("repositories[0].refs[2].approval.count"), what was
 * expected there and what was found.
 *
 * In any object the key "comment" is allowed and passed over; its value must be
 * a string.
 */
#ifndef PARSE_CONF_H
#define PARSE_CONF_H

#include "base/arena.h"
#include "parse/doc.h"

/* One value and where it stands. Lives in the arena; the document must outlive
 * it. */
struct conf;

/* conf_open(root, arena): a view of the whole document. */
struct conf *conf_open(const struct doc *root, struct arena *arena);

/*
 * conf_read(text, arena, whole, out, size, err):
 * A document of its own: ${whole} fills ${out}, of ${size} bytes, which is all
 * zero before, and after an error.
 */
MUST_USE int conf_read(struct span text, struct arena *arena,
	int (*whole)(struct conf *c, struct arena *arena, void *out,
		struct err *err),
	void *out, size_t size, struct err *err);

/* conf_path(c): its JSON path; "the document" for the whole. */
const char *conf_path(const struct conf *c);

/*
 * conf_fail(c, err, fmt, ...):
 * An error about this value: "<path>: <text>". Returns -1. For what only the
 * caller can know, such as a name that refers to nobody.
 */
int conf_fail(const struct conf *c, struct err *err, const char *fmt, ...)
	PRINTF(3, 4);
/* conf_fail_type(c, expected, err): "<path>: expected X, found a string". */
int conf_fail_type(const struct conf *c, const char *expected, struct err *err);

/* Objects with keys of ours. conf_get is NULL when the member is not there;
 * conf_need fails then. ${c} must have passed conf_object. */
MUST_USE int conf_object(const struct conf *c, struct err *err);
struct conf *conf_get(struct conf *object, const char *key);
MUST_USE int conf_need(struct conf *object, const char *key,
	const char *expected, struct conf **out, struct err *err);
MUST_USE int conf_done(const struct conf *object, struct err *err);

/* Objects with keys of the writer's: each member but "comment", in order. Start
 * with *${pos} NULL; *${out} is NULL after the last. */
MUST_USE int conf_next(struct conf *object, const void **pos, const char **key,
	struct conf **out, struct err *err);

/* conf_list(c, min, what, n, err): an array of at least ${min} items; ${what}
 * names them: "a list of people". */
MUST_USE int conf_list(const struct conf *c, size_t min, const char *what,
	size_t *n, struct err *err);
struct conf *conf_item(struct conf *list, size_t i);

/* Single values. Strings are not empty and hold no control characters. */
bool conf_is_null(const struct conf *c);
bool conf_is_object(const struct conf *c);
MUST_USE int conf_text(const struct conf *c, const char *expected,
	const char **out, struct err *err);
MUST_USE int conf_bool(const struct conf *c, bool *out, struct err *err);
MUST_USE int conf_count(const struct conf *c, unsigned lo, unsigned hi,
	unsigned *out, struct err *err);
/* conf_size(c, out, err): bytes, above 0: a number, or a string of a number and
 * "KiB", "MiB" or "GiB". */
MUST_USE int conf_size(const struct conf *c, uint64_t *out, struct err *err);
/* conf_choice(c, names, n, out, err): the index of one of ${n} words. */
MUST_USE int conf_choice(const struct conf *c, const char *const *names,
	size_t n, size_t *out, struct err *err);

/* conf_texts(c, what, expected, out, n, err): a list of at least one string. */
MUST_USE int conf_texts(struct conf *c, const char *what, const char *expected,
	const char ***out, size_t *n, struct err *err);

#endif
