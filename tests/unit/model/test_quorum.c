#include "model/quorum.h"

#include "support/unit.h"

#define PEOPLE_MAX 5

static void sets_that_lack_people_are_told(void **state)
{
	static const struct {
		unsigned count[3], mask[4];
		size_t n, nmask;
		bool shared, is_short;
		unsigned set, want, have;
	} rows[] = {
		/* Two maintainers and one of security. */
		{{2, 1}, {1, 1, 2}, 2, 3, false, false, 0, 0, 0},
		{{2, 1}, {1, 1, 3}, 2, 3, false, false, 0, 0, 0},
		{{2, 1}, {1, 3}, 2, 2, false, true, 3, 3, 2},
		{{2, 1}, {1, 3}, 2, 2, true, false, 0, 0, 0},
		{{2, 1}, {1, 1, 1}, 2, 3, false, true, 2, 1, 0},
		{{2, 1}, {1, 1, 1}, 2, 3, true, true, 2, 1, 0},
		/* The first alone is the caller's. */
		{{2, 1}, {2}, 2, 1, true, false, 0, 0, 0},
		{{9}, {0}, 1, 0, false, false, 0, 0, 0},
		{{2, 1}, {3}, 2, 1, false, false, 0, 0, 0},
		/* One person in two groups, nobody else. */
		{{0, 1, 1}, {6, 1}, 3, 2, false, true, 6, 2, 1},
		{{0, 1, 1}, {6, 6}, 3, 2, false, false, 0, 0, 0},
		{{1, 1, 1}, {7, 7}, 3, 2, false, true, 7, 3, 2},
	};
	struct quorum_gap gap;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (quorum_short(rows[i].count, rows[i].n, rows[i].mask,
			    rows[i].nmask, rows[i].shared,
			    &gap) != rows[i].is_short ||
			gap.set != rows[i].set || gap.want != rows[i].want ||
			gap.have != rows[i].have)
			fail_msg("row %zu: set %u, %u of %u", i, gap.set,
				gap.have, gap.want);
	}
}

/* Whether the people from ${k} on can be given what is still asked for. */
static bool can_be_given(
	unsigned count[3], const unsigned *mask, size_t k, size_t n)
{
	bool done = !count[0] && !count[1] && !count[2];
	size_t i;

	if (done || k == n)
		return done;
	if (can_be_given(count, mask, k + 1, n))
		return true;
	for (i = 0; i < 3 && !done; i++) {
		if (!count[i] || !(mask[k] & (1u << i)))
			continue;
		count[i]--;
		done = can_be_given(count, mask, k + 1, n);
		count[i]++;
	}
	return done;
}

/* All ways in which three demands and up to five people can stand to each
 * other, in every order of the people. */
static void it_is_what_trying_everything_finds(void **state)
{
	unsigned asked, who, mask[PEOPLE_MAX], count[3], seen = 0;
	struct quorum_gap gap;
	size_t n, i;

	(void)state;
	for (n = 0; n <= PEOPLE_MAX; n++) {
		for (who = 0; who < 1u << (3 * n); who++) {
			for (i = 0; i < n; i++)
				mask[i] = who >> (3 * i) & 7;
			for (asked = 0; asked < 9; asked++) {
				count[0] = 0;
				count[1] = asked % 3;
				count[2] = asked / 3;
				if (quorum_short(
					    count, 3, mask, n, false, &gap) ==
					can_be_given(count, mask, 0, n))
					fail_msg("%zu people %o: %u %u", n, who,
						count[1], count[2]);
				seen += gap.set != 0;
			}
		}
	}
	assert_true(seen > 1000);
}

/* With a number for the first as well, unless it is short by itself. */
static void the_first_demand_takes_people_too(void **state)
{
	unsigned who, mask[4], count[3] = {1, 1, 1};
	struct quorum_gap gap;
	size_t i;

	(void)state;
	for (who = 0; who < 1u << 12; who++) {
		bool some = false;

		for (i = 0; i < 4; i++) {
			mask[i] = who >> (3 * i) & 7;
			some |= mask[i] & 1;
		}
		if (some &&
			quorum_short(count, 3, mask, 4, false, &gap) ==
				can_be_given(count, mask, 0, 4))
			fail_msg("people %o", who);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_that_lack_people_are_told),
		cmocka_unit_test(it_is_what_trying_everything_finds),
		cmocka_unit_test(the_first_demand_takes_people_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
