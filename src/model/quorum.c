#include "model/quorum.h"

#include "base/err.h"

static unsigned bits(unsigned set)
{
	unsigned n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* By Hall's theorem everybody can be given one demand so that all are met
 * exactly when no set of demands asks for more people than may serve any of
 * it. That needs no search, so no order of the people can change the answer. */
bool quorum_short(const unsigned *count, size_t n, const unsigned *mask,
	size_t nmask, bool shared, struct quorum_gap *out)
{
	unsigned serving[1u << QUORUM_MAX] = {0}, all, set, i, first = 0;
	bool alone; /* the first is short by itself: sets with it say no more */
	size_t k;

	if (n > QUORUM_MAX)
		die("quorum: %zu demands", n);
	all = (1u << n) - 1;
	*out = (struct quorum_gap){0};
	for (k = 0; k < nmask; k++)
		serving[mask[k] & all]++;
	for (i = 1; i <= all; i += 2)
		first += serving[i];
	alone = first < count[0];
	for (set = 2; set <= all; set++) {
		unsigned want = 0, have = 0;

		if ((shared && bits(set) > 1) || (alone && (set & 1)))
			continue;
		for (i = 0; i < n; i++)
			if (set & (1u << i))
				want += count[i];
		for (i = 1; i <= all; i++)
			if (i & set)
				have += serving[i];
		if (have >= want || (out->set && bits(set) >= bits(out->set)))
			continue;
		*out = (struct quorum_gap){set, want, have};
	}
	return out->set != 0;
}
