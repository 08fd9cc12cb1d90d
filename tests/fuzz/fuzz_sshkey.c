/* SSH key files: every key that is accepted reads back as itself. */
#include "parse/sshkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct sshkey *v, again;
	size_t count, i;

	if (!sshkey_file(span_of(data, n), arena, &v, &count, &err)) {
		for (i = 0; i < count; i++) {
			if (sshkey_read(v[i].blob, &again, &err) ||
				again.type != v[i].type ||
				again.bits != v[i].bits ||
				!span_eq(again.blob, v[i].blob))
				abort();
		}
	}
	arena_free(arena);
	return 0;
}
