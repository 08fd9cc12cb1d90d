/*
 * The hashes of a proof as lines of base64, ended by an empty line: the form
 * they have in tlog-proof and in a request to a witness (C2SP).
 */
#ifndef PARSE_PROOFLINES_H
#define PARSE_PROOFLINES_H

#include "base/buf.h"
#include "parse/checkpoint.h"

#define PROOF_HASHES_MAX 63

/* The hashes of an inclusion or consistency proof, in their order. */
struct proof {
	unsigned char hash[PROOF_HASHES_MAX][HASH_LEN];
	unsigned n;
};

/*
 * prooflines_read(rest, out, why):
 * Take the lines up to and with the empty one off ${rest}. False when one is
 * not 32 bytes in canonical base64, when there are too many, or when no empty
 * line comes; *${why} is then what to say of it.
 */
MUST_USE bool prooflines_read(
	struct span *rest, struct proof *out, const char **why);
/* With the empty line. */
void prooflines_write(const struct proof *p, struct buf *out);

#endif
