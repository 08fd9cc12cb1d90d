/* Pack indexes: what is found lies where it was found, and nothing is read
 * outside the bytes. */
#include "parse/packidx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	struct packidx idx;
	uint32_t i, at;
	uint64_t place;

	if (packidx_parse(span_of(data, n), &idx, &err))
		return err.text[0] ? 0 : (abort(), 1);
	for (i = 0; i < idx.n; i++) {
		if (packidx_offset(&idx, i, &place) && idx.nwide == 0 &&
			place >> 31)
			abort();
		if (!packidx_find(&idx, &idx.name[i], &at) ||
			!oid_eq(&idx.name[at], &idx.name[i]))
			abort();
	}
	return 0;
}
