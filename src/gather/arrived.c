#include "gather/arrived.h"

#include <string.h>

bool arrived_packed(const struct arrived *a, const struct oid *id)
{
	return !oid_set_has(&a->again, id);
}

static bool in_packs(const struct arrived *a, const struct oid *id)
{
	uint32_t at;
	size_t i;

	for (i = 0; a->packs && i < a->packs->n; i++)
		if (packidx_find(&a->packs->v[i].idx, id, &at))
			return true;
	return false;
}

bool arrived_has(const struct arrived *a, const struct oid *id)
{
	if (oid_set_has(&a->loose, id))
		return true;
	return in_packs(a, id) && arrived_packed(a, id);
}

void arrived_free(struct arrived *a)
{
	oid_set_free(&a->again);
	oid_set_free(&a->loose);
	memset(a, 0, sizeof(*a));
}
