/*
 * The text of a refusal, as somebody copied it from a terminal: the commands
 * "sluice waive …" that it asks for. Lines may begin with what git puts before
 * what a server says.
 */
#ifndef PARSE_REFUSAL_H
#define PARSE_REFUSAL_H

#include "base/arena.h"
#include "model/oid.h"

#define REFUSAL_MAX (1u << 20) /* bytes of text */
#define REFUSAL_ASKS_MAX 100

/* One command. Empty: not named. */
struct waiver_ask {
	struct span finding, ref, repository, fingerprint, path;
	struct oid commit;
};

/*
 * refusal_read(text, arena, out, n):
 * The commands in it, each once, at most REFUSAL_ASKS_MAX; false when there are
 * more. What is not whole is passed over: an option that is doubled, unknown or
 * without its value, a commit that is not a full name, a quote without its end.
 */
MUST_USE bool refusal_read(struct span text, struct arena *arena,
	struct waiver_ask **out, size_t *n);

#endif
