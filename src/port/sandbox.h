/*
 * What a process may still do that hostile bytes reach: the judge, and the
 * unpacker of archives. No core dumps, no new privileges, no network, bounded
 * memory, processor time and file size.
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

/* sandbox_bound(limits, err): the same, and the network stays: for who asks by
 * way of sluice-http. */
MUST_USE int sandbox_bound(
	const struct sandbox_limits *limits, struct err *err);

/*
 * sandbox_seal(limits, err):
 * For a process that only computes, for good: it may read from and write to
 * descriptors 0 to 2, which are all it keeps, get memory that is not to be
 * executed, and end. It can open no file, make no socket, start nothing; an
 * attempt at anything but a file ends it. limits->memory bounds its whole
 * address space here, and limits->file is taken for 0. -1 when any part could
 * not be put in place, or when there is no such filter for this processor.
 */
MUST_USE int sandbox_seal(const struct sandbox_limits *limits, struct err *err);

#endif
