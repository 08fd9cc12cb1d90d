/* The built-in rules against their own examples. */
#include "support/unit.h"

#include "base/io.h"
#include "port/pattern.h"
#include "scan/scanner.h"
#include "scan/state.h"

/* Tests run in the folder of the Makefile. */
#define PACK "policies/secrets/builtin.json"

struct setting {
	struct arena *arena;
	struct pack pack;
	struct scanner *scanner;
};

static int setup(void **state)
{
	static struct setting it;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT(RULEPACK_TEXT_MAX);
	struct scanner_setup s = {.packs = &it.pack,
		.npacks = 1,
		.cache = getenv("SLUICE_TEST_CACHE")};

	it.arena = arena_new(256u << 20);
	if (io_read_file(PACK, &text, &err) ||
		pack_of(buf_all(&text), it.arena, &it.pack, &err) ||
		scanner_new(&s, &it.scanner, &err))
		fail_msg("%s", err.text);
	buf_free(&text);
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

	assert_true(it->pack.rules->n >= 300);
	for (i = 0; i < it->pack.rules->n; i++) {
		const struct rule *rule = &it->pack.rules->rules[i];

		if (!rule->no_match.n)
			fail_msg(
				"%.*s: no counter-example", SPAN_FMT(rule->id));
		/* What blocks by a name alone asks for a value of chance. */
		if (rule->generic && rule->confidence != CONFIDENCE_LOW &&
			rule->entropy < 3.5)
			fail_msg("%.*s: generic, yet it blocks any value",
				SPAN_FMT(rule->id));
	}
}

static void same(struct span a, struct span b)
{
	assert_true(span_eq(a, b));
}

static void same_list(const struct word_list *a, const struct word_list *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++)
		same(a->v[i], b->v[i]);
}

/* What is built into the program is what the file says. */
static void built_in_equals_file(void **state)
{
	struct setting *it = *state;
	struct pack built;
	struct err err = ERR_INIT;
	size_t i, j;

	assert_int_equal(pack_read("builtin", it->arena, &built, &err), 0);
	assert_string_equal(built.digest, it->pack.digest);
	assert_int_equal(built.rules->n, it->pack.rules->n);
	for (i = 0; i < built.rules->n; i++) {
		const struct rule *a = &built.rules->rules[i],
				  *b = &it->pack.rules->rules[i];

		same(a->id, b->id);
		same(a->description, b->description);
		same(a->remediation, b->remediation);
		same(a->regex, b->regex);
		same(a->path, b->path);
		same_list(&a->keywords, &b->keywords);
		assert_int_equal(a->group, b->group);
		assert_true(!(a->entropy < b->entropy) &&
			!(a->entropy > b->entropy));
		assert_int_equal(a->validator, b->validator);
		assert_int_equal(a->confidence, b->confidence);
		assert_int_equal(a->generic, b->generic);
		assert_int_equal(a->nallow, b->nallow);
		for (j = 0; j < a->nallow; j++) {
			same(a->allow[j]->name, b->allow[j]->name);
			same_list(&a->allow[j]->secret, &b->allow[j]->secret);
			same_list(&a->allow[j]->match, &b->allow[j]->match);
			same_list(&a->allow[j]->words, &b->allow[j]->words);
		}
	}
}

/* A rule whose longest match is past the engine's bound is searched for near
 * every edit of a file that holds one of its words: they have to be rare. */
static void long_rules_have_rare_words(void **state)
{
	static const char *const common[] = {"api", "apikey", "auth", "basic",
		"bearer", "client", "cred", "credential", "curl", "host",
		"http", "https", "key", "login", "machine", "name", "pass",
		"passwd", "password", "private", "pwd", "secret", "session",
		"sign", "test", "token", "user", "value", "_auth"};
	const struct setting *it = *state;
	const struct scanner *sc = it->scanner;
	size_t i, j, k, seen = 0;

	for (i = 0; i < sc->n; i++) {
		const struct word_list *words = &sc->worker[i].rule->keywords;

		if (multi_kind(sc->multi, i) != MULTI_WORDS)
			continue;
		seen++;
		for (j = 0; j < words->n; j++)
			for (k = 0; k < ARRAY_LEN(common); k++)
				if (span_eq(words->v[j], span_str(common[k])))
					fail_msg("%.*s is longer than the "
						 "engine takes and has '%s'",
						SPAN_FMT(
							sc->worker[i].rule->id),
						common[k]);
	}
	/* Or the test would say nothing. */
	assert_true(seen > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_compile),
		cmocka_unit_test(every_rule_is_complete),
		cmocka_unit_test(examples_match),
		cmocka_unit_test(built_in_equals_file),
		cmocka_unit_test(long_rules_have_rare_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
