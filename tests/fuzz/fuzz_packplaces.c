/* Places in indexes of packs: the first byte says how large the packs are. */
#include "parse/packplaces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint64_t size_of(void *ctx, struct span name)
{
	return name.n ? *(const uint64_t *)ctx : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	uint64_t size;

	if (!n)
		return 0;
	size = UINT64_C(1) << (data[0] % 64);
	if (packplaces_index(span_of(data + 1, n - 1), size, &err) &&
		!err.text[0])
		abort();
	err_clear(&err);
	if (packplaces_multi(span_of(data + 1, n - 1), size_of, &size, &err) &&
		!err.text[0])
		abort();
	return 0;
}
