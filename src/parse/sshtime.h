/* Times as OpenSSH's key options have them. */
#ifndef PARSE_SSHTIME_H
#define PARSE_SSHTIME_H

#include <stdint.h>

#include "base/span.h"

/*
 * sshtime_read(s, out):
 * YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, and then "Z" or "UTC", in any case:
 * seconds since 1970, more than 0. Without that end it would be a time of
 * whatever zone the reader is in, and one file would mean different things.
 */
enum sshtime {
	SSHTIME_BAD,  /* no such time */
	SSHTIME_ZONE, /* a time that does not say its zone */
	SSHTIME_GOOD,
};
enum sshtime sshtime_read(struct span s, int64_t *out);

#endif
