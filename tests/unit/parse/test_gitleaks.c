/* gitleaks.toml: mistakes are named by line and rule; files are merged. */
#include "support/unit.h"

#include "parse/gitleaks.h"

#define RULE "[[rules]]\nid = 'a'\n"

static const struct {
	const char *text, *says;
} refused[] = {
	{"[[rules]\n", "line 1: expected ']'"},
	{"", "there are no rules in it"},
	{"rules = 1\n", "line 1: rules: expected tables"},
	{"[[rules]]\nregex = 'x'\n", "line 1: a rule without 'id'"},
	{RULE, "line 1: rule 'a': 'regex' and 'path' are both missing"},
	{RULE "regex = '''a(?=b)'''\n",
		"line 1: rule 'a': regex: byte 1: RE2 has no group"},
	{RULE "path = '*'\n", "rule 'a': path: byte 0: a repetition"},
	{RULE "regex = 'x'\nsecretGroup = 1\n",
		"rule 'a': secretGroup: the regex has not so many groups"},
	{RULE "regex = 'x'\nsecretGroup = -1\n",
		"line 4: rule 'a': secretGroup: expected a number from 0"},
	{RULE "regex = 'x'\nentropy = 'much'\n",
		"line 4: rule 'a': entropy: expected a number"},
	{RULE "regex = 'x'\nkeywords = [1]\n",
		"line 4: rule 'a': keywords: expected strings"},
	{RULE "regex = 'x'\nkeywords = ['']\n",
		"rule 'a': keywords: an empty string"},
	{RULE "regex = 'x'\nRegex = 'y'\n",
		"rule 'a': regex: there twice, in different case"},
	{RULE "path = 'x'\nkeywords = ['k']\n",
		"keywords of a rule on the path alone cannot be carried"},
	{RULE "regex = 'x'\n[[rules.allowlists]]\ndescription = 'd'\n",
		"line 4: rule 'a': allowlist: empty"},
	{RULE "regex = 'x'\n[[rules.allowlists]]\npaths = ['(']\n",
		"line 4: rule 'a': paths: byte 1: ')' is missing"},
	{RULE "regex = 'x'\n[[rules.allowlists]]\npaths = ['x']\n"
	      "condition = 'XOR'\n",
		"line 4: rule 'a': condition: expected \"and\" or \"or\""},
	{RULE "regex = 'x'\n[[rules.allowlists]]\npaths = ['x']\n"
	      "regexTarget = 'file'\n",
		"line 4: rule 'a': regexTarget: expected"},
	{RULE "regex = 'x'\n[rules.allowlist]\npaths = ['x']\n"
	      "[[rules.allowlists]]\npaths = ['x']\n",
		"rule 'a': allowlist: cannot be used beside"},
	{RULE "regex = 'x'\n[[rules.required]]\nid = 'b'\n",
		"line 1: rule 'a': required: no rule of that 'id'"},
	{RULE "regex = 'x'\n[[rules.required]]\nwithinLines = 1\n",
		"line 4: rule 'a': required: 'id' is missing"},
	{RULE "regex = 'x'\n[[allowlists]]\ntargetRules = ['b']\n"
	      "paths = ['x']\n",
		"line 4: targetRules: no rule of that id"},
	{"[extend]\npath = 'x'\nuseDefault = true\n" RULE "regex = 'x'\n",
		"line 1: extend: 'path' and 'useDefault' exclude"},
	{"[[rules]]\nid = \"a\\u0007\"\nregex = 'x'\n",
		"rule 'a\\x07': id: expected printable ASCII"},
};

static int make(const char *text, struct arena *arena,
	const struct rulepack **out, struct err *err)
{
	struct gitleaks_file *f;

	if (gitleaks_parse(span_str(text), 0, arena, &f, err))
		return -1;
	return gitleaks_finish(f, arena, out, err);
}

static void mistakes_are_named(void **state)
{
	const struct rulepack *pack;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct arena *arena = arena_new(1u << 24);
		struct err err = ERR_INIT;

		if (!make(refused[i].text, arena, &pack, &err))
			fail_msg("accepted: %s", refused[i].text);
		if (!strstr(err.text, refused[i].says))
			fail_msg("'%s' does not say '%s'", err.text,
				refused[i].says);
		assert_int_equal(err.code, ERR_POLICY);
		arena_free(arena);
	}
}

static const struct rule *find(const struct rulepack *pack, const char *id)
{
	size_t i;

	for (i = 0; i < pack->n; i++) {
		if (span_is(pack->rules[i].id, id))
			return &pack->rules[i];
	}
	fail_msg("no rule '%s'", id);
	return NULL;
}

/* Keys in any case, unknown ones, numbers as strings, one string as a list, a
 * table where a list is expected, the later of two rules. */
static void its_loader_is_loose(void **state)
{
	static const char text[] =
		"title = 't'\nminVersion = 'v9'\nfuture = {a = [1]}\n"
		"[[rules]]\nid = 'a'\nregex = 'first'\n"
		"[[rules]]\nID = 'a'\nREGEX = '(x)y'\nSecretGroup = '1'\n"
		"Entropy = '3.5'\nkeywords = 'One,Two'\nnew = true\n"
		"[rules.allowlists]\nStopWords = ['UP']\nCommits = [' AB ']\n"
		"[[rules]]\nid = 'Generic-b'\nregex = 'z'\nskipReport = true\n"
		"entropy = 2\n"
		"[allowlist]\npaths = ['(?i)a', 'b']\n"
		"[allowlist.more]\n";
	struct arena *arena = arena_new(1u << 24);
	const struct rulepack *pack;
	const struct gitleaks_allow *list;
	const struct rule *r;
	struct err err = ERR_INIT;

	(void)state;
	if (make(text, arena, &pack, &err))
		fail_msg("%s", err.text);
	assert_int_equal(pack->n, 2);
	assert_int_equal(pack->nleak, 2);
	r = find(pack, "a");
	assert_true(span_is(r->regex, "(x)y"));
	assert_int_equal(r->group, 1);
	assert_true(r->entropy > 3.4 && r->entropy < 3.6);
	assert_int_equal(r->keywords.n, 2);
	assert_true(span_is(r->keywords.v[1], "two"));
	assert_true(span_is(r->description, "a"));
	assert_false(r->leak->generic);
	assert_int_equal(r->leak->nallow, 2);
	/* (?i) goes on into the next: so gitleaks joins them. */
	list = r->leak->allow[0];
	assert_true(span_is(list->paths, "(?:(?i)a|b)"));
	list = r->leak->allow[1];
	assert_true(span_is(list->stopwords.v[0], "up"));
	assert_true(span_is(list->commits.v[0], "ab"));
	r = find(pack, "Generic-b");
	assert_true(r->leak->generic && r->leak->skip_report);
	assert_int_equal(r->leak->nallow, 1);
	arena_free(arena);
}

static void extended_files_are_merged(void **state)
{
	static const char base_text[] =
		"[[rules]]\nid = 'both'\ndescription = 'base'\nregex = 'b(.)'\n"
		"entropy = 1\nkeywords = ['kb']\nskipReport = true\n"
		"[[rules.allowlists]]\nstopwords = ['sb']\n"
		"[[rules.required]]\nid = 'off'\n"
		"[[rules]]\nid = 'off'\nregex = 'x'\n"
		"[[rules]]\nid = 'only'\nregex = 'o'\n"
		"[[allowlists]]\npaths = ['gb']\n"
		"[[allowlists]]\ntargetRules = ['only']\npaths = ['lost']\n";
	static const char text[] =
		"[extend]\npath = 'base.toml'\ndisabledRules = ['off', 'no']\n"
		"[[rules]]\nid = 'both'\nentropy = 2\nsecretGroup = 1\n"
		"keywords = ['kt']\n[[rules.allowlists]]\nstopwords = ['st']\n"
		"[[rules]]\nid = 'top'\nregex = 't'\n"
		"[[allowlists]]\npaths = ['gt']\n";
	struct arena *arena = arena_new(1u << 24);
	struct gitleaks_file *f, *base;
	const struct rulepack *pack;
	const struct rule *r;
	struct span path = SPAN_EMPTY;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(gitleaks_parse(span_str(text), 0, arena, &f, &err), 0);
	assert_int_equal(gitleaks_base(f, &path), GITLEAKS_PATH);
	assert_true(span_is(path, "base.toml"));
	assert_int_equal(
		gitleaks_parse(span_str(base_text), 1, arena, &base, &err), 0);
	assert_int_equal(gitleaks_base(base, &path), GITLEAKS_ALONE);
	gitleaks_extend(f, base, arena);
	assert_int_equal(gitleaks_finish(f, arena, &pack, &err), 0);
	assert_int_equal(pack->n, 3);
	r = find(pack, "both");
	assert_true(span_is(r->regex, "b(.)"));
	assert_true(span_is(r->description, "base"));
	assert_true(r->entropy > 1.9);
	assert_int_equal(r->group, 1);
	assert_int_equal(r->keywords.n, 2);
	/* Two global ones, then the base's before the other's. */
	assert_int_equal(r->leak->nallow, 4);
	assert_true(span_is(r->leak->allow[0]->paths, "(?:gt)"));
	assert_true(span_is(r->leak->allow[1]->paths, "(?:gb)"));
	assert_true(span_is(r->leak->allow[2]->stopwords.v[0], "sb"));
	assert_true(span_is(r->leak->allow[3]->stopwords.v[0], "st"));
	assert_true(r->leak->skip_report);
	assert_int_equal(r->leak->nrequired, 1);
	/* What an extended file aims at rules is lost on the way. */
	assert_int_equal(find(pack, "only")->leak->nallow, 2);
	arena_free(arena);
}

static void files_are_followed_twice(void **state)
{
	static const char text[] = "[extend]\nuseDefault = true\n";
	struct arena *arena = arena_new(1u << 20);
	struct gitleaks_file *f;
	struct span path = SPAN_EMPTY;
	struct err err = ERR_INIT;
	unsigned depth;

	(void)state;
	for (depth = 0; depth <= GITLEAKS_DEPTH_MAX; depth++) {
		assert_int_equal(
			gitleaks_parse(span_str(text), depth, arena, &f, &err),
			0);
		assert_int_equal(gitleaks_base(f, &path),
			depth < GITLEAKS_DEPTH_MAX ? GITLEAKS_DEFAULT
						   : GITLEAKS_ALONE);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(its_loader_is_loose),
		cmocka_unit_test(extended_files_are_merged),
		cmocka_unit_test(files_are_followed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
