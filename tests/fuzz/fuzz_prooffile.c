#include "log/prooffile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A verifier key on the first line and a proof file after it. One that is good
 * is asked what it says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), vkey;
	struct arena *a = arena_new((size_t)256 << 20);
	const struct proof_item *item;
	enum proof_verdict verdict;
	struct err err = ERR_INIT;
	struct proof_file p;

	if (span_line(&rest, &vkey, NULL) &&
		!proof_file_open(rest, vkey, a, &p, &verdict, &err)) {
		if (verdict == PROOF_GOOD) {
			const struct proof_question q = {
				SPAN_LIT("refs/heads/main"), SPAN_EMPTY};

			if (!p.nitem)
				abort();
			(void)proof_file_answer(&p, &item);
			(void)proof_file_answer_to(&p, &q, &item);
		} else if (p.nitem) {
			abort();
		}
		proof_file_free(&p);
	}
	arena_free(a);
	return 0;
}
