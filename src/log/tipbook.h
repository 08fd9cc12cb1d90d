/*
 * Which tips a ref keeps in the index (log/index_build.c), by the same rules
 * and without SQL: the newest two, and the newest that was applied.
 */
#ifndef LOG_TIPBOOK_H
#define LOG_TIPBOOK_H

#include "model/oid.h"

#define TIPBOOK_KEPT 4 /* three, and one more before it is trimmed */

struct tipbook_tip {
	uint64_t entry;
	struct oid oid;
	bool applied;
};
struct tipbook_ref {
	uint32_t repo, ref; /* the caller's numbers */
	unsigned n;
	struct tipbook_tip tip[TIPBOOK_KEPT]; /* the oldest first */
};

struct tipbook {
	struct tipbook_ref *v;
	size_t n, cap;
	uint32_t *slot; /* by hash: number in v, and one */
	size_t slots;
};
#define TIPBOOK_NONE ((struct tipbook){.n = 0})

void tipbook_free(struct tipbook *b);

/* tipbook_find(b, repo, ref): what is kept of a ref, or NULL. */
const struct tipbook_ref *tipbook_find(
	const struct tipbook *b, uint32_t repo, uint32_t ref);

/* tipbook_add(b, repo, ref, tip): an entry's tip, unless that entry has given
 * it one. */
void tipbook_add(struct tipbook *b, uint32_t repo, uint32_t ref,
	const struct tipbook_tip *tip);
/* tipbook_apply(b, repo, ref, tip): the same for one that an outcome confirms,
 * in place of what is there of that entry. */
void tipbook_apply(struct tipbook *b, uint32_t repo, uint32_t ref,
	const struct tipbook_tip *tip);

#endif
