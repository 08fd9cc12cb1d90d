/* Heads of packs and of their entries. */
#include "parse/packfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	struct packfile_entry e;
	uint32_t objects;
	int bad = packfile_head(span_of(data, n), &objects, &err);

	if (bad && !err.text[0])
		abort();
	if (packfile_entry(span_of(data, n), &e, &err))
		return 0;
	if (!e.n || e.n > n)
		abort();
	if ((e.kind == PACKFILE_WHOLE) != (e.type != OBJECT_NONE))
		abort();
	if ((e.kind == PACKFILE_BY_PLACE) != (e.back != 0))
		abort();
	return 0;
}
