#include "log/spanfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A verifier key on the first line and a proof of continuity after it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), vkey;
	struct arena *a = arena_new((size_t)256 << 20);
	enum proof_verdict verdict;
	struct err err = ERR_INIT;
	struct continuity c;
	struct spanfile f;

	if (span_line(&rest, &vkey, NULL) &&
		!spanfile_open(rest, vkey, a, &f, &verdict, &err)) {
		if (verdict == PROOF_GOOD) {
			if (!f.ask.n || !spanfile_is(rest))
				abort();
			continuity_find(&f.ask, a, &c);
			if ((c.verdict == CONTINUITY_WHOLE) != !c.why)
				abort();
		} else if (f.ask.n) {
			abort();
		}
	}
	arena_free(a);
	return 0;
}
