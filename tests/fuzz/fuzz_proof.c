#include "base/text.h"
#include "parse/tilepath.h"
#include "parse/tlogproof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Proofs and tile paths; what parses (without an extra line) is written back
 * to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT((size_t)32 << 20);
	struct span in = span_of(data, size);
	struct err err = ERR_INIT;
	char path[TILEPATH_MAX];
	struct tlogproof p;
	struct tilepath t;

	if (!tlogproof_parse(in, &p, &err)) {
		tlogproof_text(&p, &again);
		if (span_search(in, SPAN_LIT("\nextra ")) == SIZE_MAX &&
			!span_eq(buf_all(&again), in))
			abort();
	}
	if (tilepath_read(in, &t) && !span_is(in, tilepath_text(&t, path)))
		abort();
	buf_free(&again);
	return 0;
}
