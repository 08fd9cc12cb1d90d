#include "parse/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An item either can be looked up or says why not. */
static void check(const struct deployed_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct deployed *d = &l->v[i];

		if (!d->unfit &&
			(d->digits < REVISION_DIGITS_MIN ||
				d->digits > OID_HEX))
			die("inventory: item %zu is neither fit nor unfit", i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deployed_list l = {.arena = arena_new((size_t)256 << 20)};
	struct err err = ERR_INIT;
	struct doc *objects;

	if (!inventory_parse(span_of(data, size), &l, &objects, &err)) {
		if (doc_count(objects) != l.n)
			die("inventory: an item is missing");
		check(&l);
		doc_free(objects);
	}
	arena_free(l.arena);
	return 0;
}
