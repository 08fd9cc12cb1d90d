/* Trees: entries follow each other and cover all of it. */
#include "parse/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span rest = span_of(data, n);
	struct err err = ERR_INIT;
	struct tree_entry e;
	const unsigned char *at = data;
	int more;

	while ((more = tree_next(&rest, &e, &err)) == 1) {
		if (!e.name.n || span_find(e.name, 0) != SIZE_MAX ||
			e.name.p <= at || e.id->b != e.name.p + e.name.n + 1 ||
			e.id->b + OID_RAW + rest.n != data + n)
			abort();
		at = e.id->b + OID_RAW;
	}
	if (more ? !err.text[0] : rest.n != 0)
		abort();
	return 0;
}
