#include "scan/pairmap.h"

#include "base/err.h"

static uint32_t find(const struct pairmap *m, uint64_t key)
{
	uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t i = (uint32_t)(h >> 32) & (m->cap - 1);

	while (m->key[i] && m->key[i] != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static void grow(struct pairmap *m)
{
	struct pairmap big = {.n = m->n, .cap = m->cap ? m->cap * 2 : 1024};
	uint32_t i, at;

	big.key = calloc(big.cap, sizeof(*big.key));
	big.value = calloc(big.cap, sizeof(*big.value));
	if (!big.cap || !big.key || !big.value)
		die("out of memory");
	for (i = 0; i < m->cap; i++) {
		if (!m->key[i])
			continue;
		at = find(&big, m->key[i]);
		big.key[at] = m->key[i];
		big.value[at] = m->value[i];
	}
	pairmap_free(m);
	*m = big;
}

static uint64_t key_of(uint32_t a, uint32_t b)
{
	return ((uint64_t)a << 32 | b) + 1;
}

uint32_t *pairmap_at(struct pairmap *m, uint32_t a, uint32_t b)
{
	uint64_t key = key_of(a, b);
	uint32_t i;

	if (m->n >= m->cap / 4 * 3)
		grow(m);
	i = find(m, key);
	if (!m->key[i]) {
		m->key[i] = key;
		m->value[i] = PAIRMAP_NONE;
		m->n++;
	}
	return &m->value[i];
}

uint32_t pairmap_get(const struct pairmap *m, uint32_t a, uint32_t b)
{
	uint32_t i;

	if (!m->n)
		return PAIRMAP_NONE;
	i = find(m, key_of(a, b));
	return m->key[i] ? m->value[i] : PAIRMAP_NONE;
}

void pairmap_free(struct pairmap *m)
{
	free(m->key);
	free(m->value);
	memset(m, 0, sizeof(*m));
}
