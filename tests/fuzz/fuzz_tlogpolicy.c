#include "parse/tlogpolicy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken can be asked, and more cosignatures never make less of it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64u << 20);
	bool by[TLOGPOLICY_NODES_MAX] = {false};
	struct err err = ERR_INIT;
	struct tlogpolicy p;
	bool met;
	size_t i;

	if (!tlogpolicy_parse(span_of(data, size), a, &p, &err)) {
		met = tlogpolicy_met(&p, by);
		for (i = 0; i < p.nnode; i++) {
			by[i] = true;
			if (met && !tlogpolicy_met(&p, by))
				abort();
			met = tlogpolicy_met(&p, by);
		}
	}
	arena_free(a);
	return 0;
}
