/* The table of signers: what is taken is written back byte for byte. */
#include "parse/keytable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct buf again = BUF_INIT(KEYTABLE_BYTES_MAX);
	unsigned char sum[KEYTABLE_HASH];
	struct err err = ERR_INIT;
	struct span summed;
	struct keytable t;
	size_t i;

	if (keytable_read(span_of(data, n), arena, &t, &summed, sum, &err))
		goto out;
	keytable_write(&t, &again);
	if (!span_eq(buf_all(&again), summed))
		abort();
	keytable_sum(&again, sum);
	if (!span_eq(buf_all(&again), span_of(data, n)))
		abort();
	for (i = 0; i < t.n; i++)
		if (keytable_find(&t, span_of(t.v[i].fingerprint, PGP_FPR)) !=
			&t.v[i])
			abort();
out:
	buf_free(&again);
	arena_free(arena);
	return 0;
}
