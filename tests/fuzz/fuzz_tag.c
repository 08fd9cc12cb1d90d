/* Tags: as commits, and the message never holds the start of a signature. */
#include "parse/header.h"
#include "parse/tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct oid id;
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct span rest;
	struct header h;
	struct tag t;

	if (!tag_parse(span_of(data, n), &id, arena, &t, &err)) {
		rest = t.sig.payload;
		while (header_next(&rest, &h))
			if (header_is_signature(&h))
				abort();
		if (t.sig.payload.n + t.sig.signature.n > n)
			abort();
		if (!t.malformed && signature_count(t.message))
			abort();
	}
	arena_free(arena);
	return 0;
}
