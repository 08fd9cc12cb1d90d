/* The built-in rules against their own examples. */
#include "support/unit.h"

#include "port/pattern.h"
#include "scan/scanner.h"

struct setting {
	struct arena *arena;
	struct pack pack;
	struct scanner *scanner;
};

static int setup(void **state)
{
	static struct setting it;
	struct err err = ERR_INIT;
	struct scanner_setup s = {.packs = &it.pack, .npacks = 1};

	it.arena = arena_new(256u << 20);
	if (pack_read("builtin", it.arena, &it.pack, &err) ||
		scanner_new(&s, &it.scanner, &err))
		fail_msg("%s", err.text);
	*state = &it;
	return 0;
}

static int teardown(void **state)
{
	struct setting *it = *state;

	scanner_free(it->scanner);
	arena_free(it->arena);
	return 0;
}

static void expressions_compile(void **state)
{
	const struct setting *it = *state;
	size_t i;

	for (i = 0; i < it->pack.rules->n; i++) {
		const struct rule *rule = &it->pack.rules->rules[i];
		struct pattern *p = NULL;
		struct err err = ERR_INIT;

		if (rule->regex.n) {
			if (pattern_new(rule->regex, &p, &err))
				fail_msg("%.*s: %s", SPAN_FMT(rule->id),
					err.text);
			if (rule->group > pattern_groups(p))
				fail_msg("%.*s: no group %u",
					SPAN_FMT(rule->id), rule->group);
			pattern_free(p);
		}
		if (rule->path.n) {
			if (pattern_new(rule->path, &p, &err))
				fail_msg("%.*s: %s", SPAN_FMT(rule->id),
					err.text);
			pattern_free(p);
		}
	}
}

static bool reports(
	struct setting *it, const struct rule *rule, struct span text, bool any)
{
	struct scan_result r;
	struct err err = ERR_INIT;
	size_t i;
	int bad;

	if (rule->regex.n)
		bad = scanner_scan(it->scanner, text,
			rule->example_path.n ? rule->example_path
					     : SPAN_LIT("notes"),
			it->arena, &r, &err);
	else
		bad = scanner_scan_path(it->scanner, text, it->arena, &r, &err);
	if (bad)
		fail_msg("%s", err.text);
	assert_int_equal(r.outcome, SCAN_DONE);
	for (i = 0; i < r.nhit; i++) {
		if (any || r.hit[i].rule == rule)
			return true;
	}
	return false;
}

/* Every example is found by its own rule, alone and inside other text. */
static void examples_match(void **state)
{
	struct setting *it = *state;
	size_t i, j, bad = 0;

	for (i = 0; i < it->pack.rules->n; i++) {
		const struct rule *rule = &it->pack.rules->rules[i];

		for (j = 0; j < rule->match.n; j++) {
			if (reports(it, rule, rule->match.v[j], false))
				continue;
			print_error("%.*s: example %zu is not found%s\n",
				SPAN_FMT(rule->id), j,
				reports(it, rule, rule->match.v[j], true)
					? " (another rule reports it)"
					: "");
			bad++;
		}
		for (j = 0; j < rule->no_match.n; j++) {
			if (!reports(it, rule, rule->no_match.v[j], false))
				continue;
			print_error("%.*s: counter-example %zu is found\n",
				SPAN_FMT(rule->id), j);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void every_rule_is_complete(void **state)
{
	const struct setting *it = *state;
	size_t i;

	assert_true(it->pack.rules->n >= 60);
	for (i = 0; i < it->pack.rules->n; i++) {
		const struct rule *rule = &it->pack.rules->rules[i];

		if (!rule->no_match.n)
			fail_msg(
				"%.*s: no counter-example", SPAN_FMT(rule->id));
		if (rule->generic && rule->confidence != CONFIDENCE_LOW)
			fail_msg("%.*s: generic, yet it blocks",
				SPAN_FMT(rule->id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_compile),
		cmocka_unit_test(every_rule_is_complete),
		cmocka_unit_test(examples_match),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
