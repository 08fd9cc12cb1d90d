/* SSH key files: every key that is accepted reads back as itself. */
#include "parse/sshkeyline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	struct sshkey again;
	size_t count, i;

	if (!sshkeyline_file(span_of(data, n), arena, &v, &count, &err)) {
		for (i = 0; i < count; i++) {
			if (sshkey_read(v[i].key.blob, &again, &err) ||
				again.type != v[i].key.type ||
				again.bits != v[i].key.bits ||
				!span_eq(again.blob, v[i].key.blob))
				abort();
			if (v[i].options.set && !sshkey_is_sk(&again))
				abort();
		}
	}
	arena_free(arena);
	return 0;
}
