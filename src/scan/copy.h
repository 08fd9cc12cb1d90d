/* What a delta takes over from its base. */
#ifndef SCAN_COPY_H
#define SCAN_COPY_H

#include <stddef.h>

/* bytes[at, at + n) are the base's [from, from + n). */
struct scan_copy {
	size_t at, from, n;
};

#endif
