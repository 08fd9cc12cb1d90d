/* Commits: what is signed has no signature left in its header, nothing is
 * invented, and a commit without one is signed text as it stands. */
#include "parse/commit.h"
#include "parse/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct oid id;
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct span rest;
	struct header h;
	struct commit c;

	if (!commit_parse(span_of(data, n), &id, arena, &c, &err)) {
		rest = c.sig.payload;
		while (header_next(&rest, &h))
			if (header_is_signature(&h))
				abort();
		if (c.sig.payload.n + c.sig.signature.n > n)
			abort();
		if (c.sig.count > 1 && !c.malformed)
			abort();
		if (!span_ends(c.sig.payload, c.message))
			abort();
	}
	arena_free(arena);
	return 0;
}
