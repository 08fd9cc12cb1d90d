#include "scan/overlap.h"

#include <stdlib.h>

#include "scan/leaks.h"

static int by_place(const void *x, const void *y)
{
	const struct scan_hit *a = x, *b = y;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return span_cmp(a->rule->id, b->rule->id);
}

/* Whether ${a} is the better account of the same bytes. Confidence comes
 * first: nothing that blocks may hide behind something that only warns. */
static bool better(const struct scan_hit *a, const struct scan_hit *b)
{
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence;
	if (a->rule->generic != b->rule->generic)
		return b->rule->generic;
	return a->n > b->n;
}

void hits_order(struct scan_hit *hit, size_t n)
{
	if (n)
		qsort(hit, n, sizeof(*hit), by_place);
}

/* Those kept never overlap, so comparing with the last one kept is enough. */
size_t hits_sort_out(struct scan_hit *hit, size_t n)
{
	struct scan_hit *last = NULL;
	size_t i, kept = 0, leaks = 0;

	for (i = 0; i < n; i++) {
		if (hit[i].rule->leak) {
			leaks++;
			hit[kept++] = hit[i];
			continue;
		}
		if (last && hit[i].at < last->at + last->n) {
			if (better(&hit[i], last))
				*last = hit[i];
			continue;
		}
		last = &hit[kept];
		hit[kept++] = hit[i];
	}
	if (!leaks)
		return kept;
	kept = leaks_give_way(hit, kept);
	hits_order(hit, kept);
	return kept;
}
