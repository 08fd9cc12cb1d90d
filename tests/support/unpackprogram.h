/* The sluice-unpack that was built with the test. */
#ifndef SUPPORT_UNPACKPROGRAM_H
#define SUPPORT_UNPACKPROGRAM_H

#include "support/unit.h"

/* unpack_program(out): its path, NUL-terminated. */
static inline void unpack_program(struct buf *out)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	struct span dir = span_of(self, n > 0 ? (size_t)n : 0);
	size_t at = span_search(dir, SPAN_LIT("/tests/unit/"));

	if (at == SIZE_MAX)
		fail_msg("a test that lies elsewhere");
	buf_add(out, self, at);
	buf_str(out, "/sluice-unpack");
	if (access(buf_cstr(out), X_OK))
		fail_msg("'make all' first: no %s", buf_cstr(out));
}

#endif
