/* What a scanned blob leaves for those made from it. */
#ifndef SCAN_CARRY_H
#define SCAN_CARRY_H

#include "scan/state.h"

/* carry_reset(c, n, rules): empty, for a blob of ${n} bytes. */
void carry_reset(struct scan_carry *c, size_t n, size_t rules);
/* carry_spot(c, rule, lo, hi): a match covers [lo, hi]. Too many: c->whole. */
void carry_spot(struct scan_carry *c, size_t rule, size_t lo, size_t hi);

/* carry_word(c, rule): whether one of the rule's words may be in the blob;
 * carry_word_set(c, rule): it may. */
bool carry_word(const struct scan_carry *c, size_t rule);
void carry_word_set(struct scan_carry *c, size_t rule);

/*
 * carry_marks(base, c, rule, secret): whether ${base} has this secret from the
 * repository; notes it in ${c} too. Both may be NULL. Secrets past a few
 * hundred in one blob are not noted, and so count as new later.
 */
bool carry_marks(const struct scan_carry *base, struct scan_carry *c,
	size_t rule, struct span secret);

#endif
