#include "log/tipbook.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/grow.h"

/* Finalizer of splitmix64: the numbers are small and close together. */
static uint64_t hash_of(uint32_t repo, uint32_t ref)
{
	uint64_t h = (uint64_t)repo << 32 | ref;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	return h ^ h >> 31;
}

/* Its slot, or the free one that it would have; there is always one. */
static uint32_t *slot_of(const struct tipbook *b, uint32_t repo, uint32_t ref)
{
	size_t at = (size_t)hash_of(repo, ref) & (b->slots - 1);

	while (b->slot[at]) {
		const struct tipbook_ref *r = &b->v[b->slot[at] - 1];

		if (r->repo == repo && r->ref == ref)
			break;
		at = (at + 1) & (b->slots - 1);
	}
	return &b->slot[at];
}

static void widen(struct tipbook *b)
{
	size_t i;

	if (b->n + 1 < b->slots / 2)
		return;
	free(b->slot);
	b->slots = b->slots ? 2 * b->slots : 64;
	b->slot = calloc(b->slots, sizeof(*b->slot));
	if (!b->slot)
		die("out of memory");
	for (i = 0; i < b->n; i++)
		*slot_of(b, b->v[i].repo, b->v[i].ref) = (uint32_t)i + 1;
}

static struct tipbook_ref *ref_of(
	struct tipbook *b, uint32_t repo, uint32_t ref)
{
	uint32_t *slot;

	widen(b);
	slot = slot_of(b, repo, ref);
	if (!*slot) {
		if (b->n == UINT32_MAX - 1)
			die("tipbook: too many refs");
		b->v = grow(b->v, b->n, &b->cap, sizeof(*b->v));
		b->v[b->n++] = (struct tipbook_ref){.repo = repo, .ref = ref};
		*slot = (uint32_t)b->n;
	}
	return &b->v[*slot - 1];
}

const struct tipbook_ref *tipbook_find(
	const struct tipbook *b, uint32_t repo, uint32_t ref)
{
	uint32_t slot = b->slots ? *slot_of(b, repo, ref) : 0;

	return slot ? &b->v[slot - 1] : NULL;
}

void tipbook_free(struct tipbook *b)
{
	free(b->v);
	free(b->slot);
	*b = TIPBOOK_NONE;
}

/* Older than the newest two and not the newest that was applied: gone. */
static void trim(struct tipbook_ref *r)
{
	unsigned i, kept = 0, applied = TIPBOOK_KEPT;

	for (i = 0; i < r->n; i++)
		if (r->tip[i].applied)
			applied = i;
	for (i = 0; i < r->n; i++)
		if (i + 2 >= r->n || i == applied)
			r->tip[kept++] = r->tip[i];
	r->n = kept;
}

static void put(struct tipbook *b, uint32_t repo, uint32_t ref,
	const struct tipbook_tip *tip, bool replace)
{
	struct tipbook_ref *r = ref_of(b, repo, ref);
	unsigned at = 0, i;

	while (at < r->n && r->tip[at].entry < tip->entry)
		at++;
	if (at < r->n && r->tip[at].entry == tip->entry) {
		if (replace)
			r->tip[at] = *tip;
	} else {
		for (i = r->n++; i > at; i--)
			r->tip[i] = r->tip[i - 1];
		r->tip[at] = *tip;
	}
	trim(r);
}

void tipbook_add(struct tipbook *b, uint32_t repo, uint32_t ref,
	const struct tipbook_tip *tip)
{
	put(b, repo, ref, tip, false);
}

void tipbook_apply(struct tipbook *b, uint32_t repo, uint32_t ref,
	const struct tipbook_tip *tip)
{
	put(b, repo, ref, tip, true);
}
