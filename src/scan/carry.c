#include "scan/carry.h"

#include <stdlib.h>

#include "base/grow.h"
#include "port/crypto.h"

#define SPOTS_MAX 1024
#define MARKS_MAX 512

struct scan_carry *scan_carry_new(void)
{
	struct scan_carry *c = calloc(1, sizeof(*c));

	if (!c)
		die("no memory for the scanner");
	c->whole = true;
	return c;
}

void scan_carry_free(struct scan_carry *c)
{
	if (!c)
		return;
	free(c->word);
	free(c->spot);
	free(c->mark);
	free(c);
}

void scan_carry_old(struct scan_carry *c)
{
	size_t i;

	for (i = 0; i < c->nmark; i++)
		c->mark[i].old = true;
}

void carry_reset(struct scan_carry *c, size_t n, size_t rules)
{
	size_t words = (rules + 63) / 64;

	if (c->nword < words) {
		c->word = reallocarray(c->word, words, sizeof(*c->word));
		if (!c->word)
			die("no memory for the scanner");
		c->nword = words;
	}
	if (c->nword)
		memset(c->word, 0, c->nword * sizeof(*c->word));
	c->n = n;
	c->whole = false;
	c->nspot = c->nmark = 0;
}

void carry_spot(struct scan_carry *c, size_t rule, size_t lo, size_t hi)
{
	if (c->whole)
		return;
	if (c->nspot == SPOTS_MAX || hi > UINT32_MAX) {
		c->whole = true;
		c->nspot = 0;
		return;
	}
	c->spot = grow(c->spot, c->nspot, &c->spotcap, sizeof(*c->spot));
	c->spot[c->nspot++] =
		(struct spot){(uint32_t)rule, (uint32_t)lo, (uint32_t)hi};
}

bool carry_word(const struct scan_carry *c, size_t rule)
{
	return c->word[rule / 64] >> rule % 64 & 1;
}

void carry_word_set(struct scan_carry *c, size_t rule)
{
	c->word[rule / 64] |= UINT64_C(1) << rule % 64;
}

static bool is_old(const struct scan_carry *c, const struct mark *mark)
{
	size_t i;

	for (i = 0; i < c->nmark; i++) {
		if (c->mark[i].old && c->mark[i].rule == mark->rule &&
			!memcmp(c->mark[i].hash, mark->hash,
				sizeof(mark->hash)))
			return true;
	}
	return false;
}

static void mark_add(struct scan_carry *c, const struct mark *mark)
{
	if (c->nmark == MARKS_MAX)
		return;
	c->mark = grow(c->mark, c->nmark, &c->markcap, sizeof(*c->mark));
	c->mark[c->nmark++] = *mark;
}

void scan_carry_join(struct scan_carry *c, const struct scan_carry *with)
{
	size_t i;

	for (i = 0; i < with->nmark; i++)
		mark_add(c, &with->mark[i]);
}

bool carry_marks(const struct scan_carry *base, struct scan_carry *c,
	size_t rule, struct span secret)
{
	struct mark mark = {.rule = (uint32_t)rule};
	unsigned char hash[SHA256_LEN];

	if (!c && (!base || !base->nmark))
		return false;
	sha256_of(secret, hash);
	memcpy(mark.hash, hash, sizeof(mark.hash));
	mark.old = base && is_old(base, &mark);
	if (c)
		mark_add(c, &mark);
	return mark.old;
}
