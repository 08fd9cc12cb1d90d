#include "parse/tilepath.h"

#include "base/text.h"
#include "parse/checkpoint.h"

/* "x001/x234/067": groups of three digits, an 'x' before all but the last. */
static const char *groups(uint64_t n, char room[40])
{
	char *p = room + 39;
	bool last = true;
	int i;

	*p = '\0';
	do {
		if (!last)
			*--p = '/';
		for (i = 0; i < 3; i++, n /= 10)
			*--p = (char)('0' + n % 10);
		if (!last)
			*--p = 'x';
		last = false;
	} while (n);
	return p;
}

const char *tilepath_text(const struct tilepath *t, char out[TILEPATH_MAX])
{
	char level[12], room[40];

	snprintf(level, sizeof(level), "%u", t->level);
	snprintf(out, TILEPATH_MAX, "tile/%s/%s",
		t->entries ? "entries" : level, groups(t->n, room));
	if (t->width < TILE_WIDTH)
		snprintf(out + strlen(out), TILEPATH_MAX - strlen(out), ".p/%u",
			t->width);
	return out;
}

/* One path component, taken off. */
static struct span component(struct span *rest)
{
	size_t at = span_find(*rest, '/');
	struct span part = span_sub(*rest, 0, at);

	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return part;
}

static bool three_digits(struct span s, uint64_t *n)
{
	size_t i;

	if (s.n != 3 || *n > LOG_SIZE_MAX / 1000)
		return false;
	for (i = 0; i < 3; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*n = *n * 10 + (uint64_t)(s.p[i] - '0');
	}
	return true;
}

bool tilepath_read(struct span s, struct tilepath *out)
{
	struct tilepath t = {.width = TILE_WIDTH};
	struct span rest = s, part;
	char again[TILEPATH_MAX];
	uint64_t v;

	if (!span_is(component(&rest), "tile"))
		return false;
	part = component(&rest);
	if (span_is(part, "entries"))
		t.entries = true;
	else if (!text_to_u64(part, TILE_LEVEL_MAX, &v))
		return false;
	else
		t.level = (unsigned)v;
	for (part = component(&rest); part.n && part.p[0] == 'x';
		part = component(&rest))
		if (!three_digits(span_from(part, 1), &t.n))
			return false;
	if (span_ends(part, SPAN_LIT(".p"))) {
		part.n -= 2;
		if (!text_to_u64(rest, TILE_WIDTH - 1, &v) || !v)
			return false;
		t.width = (unsigned)v;
		rest = SPAN_EMPTY;
	}
	if (rest.n || !three_digits(part, &t.n))
		return false;
	/* One spelling only: "x000/001" is not tile 1. */
	if (!span_is(s, tilepath_text(&t, again)))
		return false;
	*out = t;
	return true;
}

unsigned tile_width(unsigned level, uint64_t n, uint64_t size)
{
	uint64_t have = level * 8 >= 64 ? 0 : size >> (level * 8);

	if (n >= have / TILE_WIDTH)
		return n == have / TILE_WIDTH ? (unsigned)(have % TILE_WIDTH)
					      : 0;
	return TILE_WIDTH;
}
