/*
 * What the judge may still do once it is forked: no core dumps, no new
 * privileges, no network, bounded memory, processor time and file size.
 */
#ifndef PORT_SANDBOX_H
#define PORT_SANDBOX_H

#include <stdint.h>

#include "base/err.h"

struct sandbox_limits {
	uint64_t memory;  /* bytes of private memory; 0: none */
	uint64_t seconds; /* of processor time; 0: none */
	uint64_t file;    /* bytes of the largest file written; 0: none */
};

/*
 * sandbox_enter(limits, err):
 * For the calling process and its children, for good. Sockets of the internet
 * families are refused with EACCES; Unix sockets stay (gpg's agent). -1 when
 * any part could not be put in place.
 */
MUST_USE int sandbox_enter(
	const struct sandbox_limits *limits, struct err *err);

#endif
