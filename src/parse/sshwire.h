/*
 * The data types of SSH (RFC 4251 section 5). A reader that once failed stays
 * failed and gives zeros, so that one check at the end is enough.
 */
#ifndef PARSE_SSHWIRE_H
#define PARSE_SSHWIRE_H

#include "base/buf.h"
#include "base/span.h"

struct sshwire {
	struct span rest;
	bool bad;
};

uint32_t sshwire_u32(struct sshwire *w);
uint64_t sshwire_u64(struct sshwire *w);
unsigned char sshwire_byte(struct sshwire *w);
struct span sshwire_string(struct sshwire *w);
/* sshwire_number(w): an mpint that is positive and in its shortest form: its
 * bytes without a leading zero. */
struct span sshwire_number(struct sshwire *w);
/* sshwire_end(w): nothing failed and nothing is left. */
MUST_USE bool sshwire_end(const struct sshwire *w);

/* The writer. */
void sshwire_put(struct buf *out, struct span s); /* a string */

#endif
