/* ALLOWED SIGNERS files: what is taken has principals and a supported key, in
 * the order of the lines, and no two options that contradict each other. */
#include "parse/sshkeyline.h"
#include "parse/sshpattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const unsigned both = SSHOPTION_AFTER | SSHOPTION_BEFORE;
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	size_t count, i;

	if (sshkeyline_signers(span_of(data, n), arena, &v, &count, &err)) {
		if (!err.text[0])
			abort();
		count = 0;
	}
	for (i = 0; i < count; i++) {
		const struct sshoptions *o = &v[i].options;

		if (!v[i].principals.n || v[i].key.type == SSHKEY_UNSUPPORTED ||
			(i && v[i].number <= v[i - 1].number))
			abort();
		if ((o->set & both) == both && o->before <= o->after)
			abort();
		if (sshpattern_list(v[i].principals, v[i].comment) ==
				SSHPATTERN_YES &&
			sshpattern_list(SPAN_LIT("!*"), v[i].comment) !=
				SSHPATTERN_DENIED)
			abort();
	}
	arena_free(arena);
	return 0;
}
