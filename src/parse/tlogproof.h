/*
 * Inclusion proofs as text (C2SP tlog-proof):
 *	c2sp.org/tlog-proof@v1
 *	extra <base64>          (optional, proves nothing)
 *	index <decimal>
 *	<base64 hash>           (0 to 63, the leaf's sibling first)
 *
 *	<checkpoint as it stands>
 */
#ifndef PARSE_TLOGPROOF_H
#define PARSE_TLOGPROOF_H

#include "parse/prooflines.h"

struct tlogproof {
	uint64_t index;
	struct proof path;
	struct span checkpoint; /* a signed note */
};

MUST_USE int tlogproof_parse(
	struct span in, struct tlogproof *out, struct err *err);
void tlogproof_text(const struct tlogproof *p, struct buf *out);

#endif
