#include "base/accents.h"

#define MARK 0x300u /* the first of the marks that are sorted */
#define MARKS 0x70u
#define HANGUL 0xac00u
#define HANGUL_END 0xd7a3u

/* ${b} is 0 for another code point of the same letter. */
struct split {
	uint16_t c, a, b;
};

#include "base/accents.inc"

#define NSPLIT (sizeof(splits) / sizeof(*splits))

static const struct split *find(uint32_t c)
{
	size_t from = 0, to = NSPLIT, at;

	while (from < to) {
		at = from + (to - from) / 2;
		if (splits[at].c == c)
			return &splits[at];
		if (splits[at].c < c)
			from = at + 1;
		else
			to = at;
	}
	return NULL;
}

/* A syllable is two or three parts, by number (Unicode, chapter 3.12). */
static size_t syllable(uint32_t c, uint32_t out[ACCENTS_MAX])
{
	const uint32_t at = c - HANGUL, parts = 28, vowels = 21;

	out[0] = 0x1100 + at / (vowels * parts);
	out[1] = 0x1161 + at % (vowels * parts) / parts;
	out[2] = 0x11a7 + at % parts;
	return at % parts ? 3 : 2;
}

size_t accents_split(uint32_t c, uint32_t out[ACCENTS_MAX])
{
	uint32_t marks[ACCENTS_MAX];
	size_t n = 0, i;
	const struct split *s;

	if (c >= HANGUL && c <= HANGUL_END)
		return syllable(c, out);
	/* The front may come apart further; what is behind does not. */
	while (n < ACCENTS_MAX - 1 && (s = find(c))) {
		c = s->a;
		if (s->b)
			marks[n++] = s->b;
	}
	out[0] = c;
	for (i = 0; i < n; i++)
		out[1 + i] = marks[n - 1 - i];
	return n + 1;
}

static unsigned class_of(uint32_t c)
{
	return c >= MARK && c < MARK + MARKS ? classes[c - MARK] : 0;
}

void accents_sort(uint32_t *v, size_t n)
{
	size_t i, k;

	for (i = 1; i < n; i++) {
		uint32_t c = v[i];
		unsigned class = class_of(c);

		for (k = i; class && k && class_of(v[k - 1]) > class; k--)
			v[k] = v[k - 1];
		v[k] = c;
	}
}
