/* Rules of gitleaks: what a match becomes, through the scanner. */
#include "support/unit.h"

#include <math.h>

#include "base/io.h"
#include "scan/leakpack.h"
#include "scan/leaks.h"

struct made {
	struct arena *arena;
	struct pack pack;
	struct scanner *scanner;
};

/* read() that has the configuration in memory. */
static int in_memory(
	void *ctx, const char *path, struct buf *out, struct err *err)
{
	if (!strcmp(path, "gone"))
		return err_set(err, ERR_SYS, "no file");
	buf_str(out, ctx);
	return 0;
}

static void make(struct made *m, const char *toml, bool comments)
{
	char text[4096];
	const struct leakpack_source source = {in_memory, text, NULL};
	struct scanner_setup setup = {
		.packs = &m->pack, .npacks = 1, .obey_comments = comments};
	struct err err = ERR_INIT;

	snprintf(text, sizeof(text), "%s", toml);
	m->arena = arena_new((size_t)64 << 20);
	if (leakpack_read("memory", &source, m->arena, &m->pack, &err) ||
		scanner_new(&setup, &m->scanner, &err))
		fail_msg("%s", err.text);
}

static void unmake(struct made *m)
{
	scanner_free(m->scanner);
	arena_free(m->arena);
}

/* "rule:line:secret …" of what is found. */
static void found(struct made *m, const char *text, const char *path,
	struct scan_result *r, struct buf *out)
{
	struct span bytes = span_str(text);
	struct err err = ERR_INIT;
	size_t i;

	buf_reset(out);
	if (scanner_scan(m->scanner, bytes, path ? span_str(path) : SPAN_EMPTY,
		    m->arena, r, &err))
		fail_msg("%s", err.text);
	assert_int_equal(r->outcome, SCAN_DONE);
	for (i = 0; i < r->nhit; i++)
		buf_fmt(out, "%s%.*s:%zu:%.*s", i ? " " : "",
			SPAN_FMT(r->hit[i].rule->id), r->hit[i].match_line,
			SPAN_FMT(span_sub(bytes, r->hit[i].at, r->hit[i].n)));
}

#define RULE(id, regex) "[[rules]]\nid='" id "'\nregex='''" regex "'''\n"

static const struct {
	const char *toml, *text, *path, *found;
} cases[] = {
	/* A word anywhere in the text lets the rule run. */
	{RULE("a", "x\\d+") "keywords=['KEY']\n", "x1", "f", ""},
	{RULE("a", "x\\d+") "keywords=['KEY']\n", "x1 a key", "f", "a:1:x1"},
	/* Not more than the bound is not enough; runes over bytes. */
	{RULE("a", "x\\w+") "entropy=1.0\n", "xyxy xyz", "f", "a:1:xyz"},
	/* Groups: the one that is named, the first that is not empty, all. */
	{RULE("a", "(x?)y(z)") "secretGroup=2\n", "yz", "f", "a:1:z"},
	{RULE("a", "(x?)y(z)"), "yz", "f", "a:1:z"},
	{RULE("a", "(x?)y"), "y", "f", "a:1:y"},
	{RULE("a", "(?:(x)|y)") "secretGroup=1\n", "y", "f", "a:1:y"},
	/* Asked again of the match alone, the context is gone. */
	{RULE("a", "(k)=(v)\\b|(k)"), "k=vv", "f", "a:1:k"},
	{RULE("a", "\\n+(x)\\n*"), "a\n\nx\n", "f", "a:2:x"},
	/* Allow-lists. */
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nregexes=['^k']\n", "k=v",
		"f", "a:1:v"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nregexes=['^k']\n"
			       "regexTarget='match'\n",
		"k=v", "f", ""},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nregexes=['ok']\n"
			       "regexTarget='line'\n",
		"k=v\nk=w # ok\n ok\n", "f", "a:1:v"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nregexes=['^k']\n"
			       "regexTarget='line'\n",
		"k=v\nk=w\n", "f", "a:2:w"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nstopwords=['AB']\n"
			       "regexTarget='match'\n",
		"k=xabx kab=1 k=ac", "f", "a:1:ac"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\npaths=['^v/']\n", "k=v",
		"v/f", ""},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\npaths=['^v/']\n", "k=v",
		"w/v/f", "a:1:v"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\npaths=['^v/']\n", "k=v",
		NULL, "a:1:v"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\npaths=['^v/']\n"
			       "condition='AND'\nstopwords=['b']\n",
		"k=bb k=cc", "v/f", "a:1:cc"},
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\npaths=['^v/']\n"
			       "condition='AND'\nstopwords=['b']\n",
		"k=bb k=cc", "f", "a:1:bb a:1:cc"},
	{RULE("a", "k=(\\w+)") RULE("b", "k=\\w+") "[allowlist]\n"
						   "stopwords=['v']\n",
		"k=v", "f", ""},
	{RULE("a", "k=(\\w+)")
			RULE("b", "j=\\w+") "[[allowlists]]\ntargetRules=['b']"
					    "\nstopwords=['v']\n",
		"k=v j=v", "f", "a:1:v"},
	/* An expression that matches nothing at all allows everything. */
	{RULE("a", "k=(\\w+)") "[[rules.allowlists]]\nregexes=['x*']\n", "k=v",
		"f", ""},
	/* Path and expression. */
	{RULE("a", "k") "path='\\.c$'\n", "k", "f.c", "a:1:k"},
	{RULE("a", "k") "path='\\.c$'\n", "k", "f.h", ""},
	/* Beside others, not instead of them; generic ones give way. */
	{RULE("a", "k=\\w+") RULE("b", "=(\\w+)"), "k=v", "f", "a:1:k=v b:1:v"},
	{RULE("a", "k=\\w+") RULE("x-Generic", "=(\\w+)"), "k=v\n=v", "f",
		"a:1:k=v x-Generic:2:v"},
	/* Companions. */
	{RULE("a", "k\\d") "[[rules.required]]\nid='b'\nwithinLines=1\n" RULE(
		 "b", "j\\d") "skipReport=true\nkeywords=['never']\n",
		"k1\nj1\n\nk2\n\n\n\nk3", "f", "a:1:k1"},
	{RULE("a", "k\\d") "[[rules.required]]\nid='b'\nwithinColumns=2\n" RULE(
		 "b", "j\\d"),
		"k1    j1\n\n      k2", "f", "b:1:j1 a:3:k2"},
	{RULE("a", "k\\d") "[[rules.required]]\nid='b'\n"
			   "[[rules.required]]\nid='c'\n" RULE("b", "j\\d")
				   RULE("c", "l\\d"),
		"k1 j1", "f", "b:1:j1"},
};

static void what_a_match_becomes(void **state)
{
	struct buf out = BUF_INIT(65536);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct scan_result r;
		struct made m;

		make(&m, cases[i].toml, false);
		found(&m, cases[i].text, cases[i].path, &r, &out);
		if (strcmp(buf_cstr(&out), cases[i].found))
			fail_msg("case %zu: found '%s', not '%s'", i,
				buf_cstr(&out), cases[i].found);
		unmake(&m);
	}
	buf_free(&out);
}

static void open_results_settle_to_the_same(void **state)
{
	struct buf out = BUF_INIT(65536), settled = BUF_INIT(65536);
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct span bytes = span_str(cases[i].text), path;
		struct scan_result r;
		struct err err = ERR_INIT;
		struct made m;

		path = cases[i].path ? span_str(cases[i].path) : SPAN_EMPTY;
		make(&m, cases[i].toml, false);
		assert_int_equal(scanner_scan_open(m.scanner, bytes, NULL,
					 m.arena, &r, &err),
			0);
		assert_int_equal(scanner_settle(m.scanner, path, &r, &err), 0);
		buf_reset(&settled);
		for (k = 0; k < r.nhit; k++)
			buf_fmt(&settled, "%s%.*s:%zu:%.*s", k ? " " : "",
				SPAN_FMT(r.hit[k].rule->id),
				r.hit[k].match_line,
				SPAN_FMT(span_sub(
					bytes, r.hit[k].at, r.hit[k].n)));
		found(&m, cases[i].text, cases[i].path, &r, &out);
		assert_string_equal(buf_cstr(&settled), buf_cstr(&out));
		unmake(&m);
	}
	buf_free(&out);
	buf_free(&settled);
}

/* A word that a delta brings lets a rule find what was there before, and what
 * is new on a line may end its excuse. */
static void deltas_are_read_as_a_whole(void **state)
{
	static const char toml[] = RULE("a", "x\\d+") "keywords=['key']\n" RULE(
		"b", "y\\d+") "[[rules.allowlists]]\n"
			      "regexTarget='line'\n"
			      "regexes=['fine']\n";
	static const char *const tails[] = {
		" a key", " fine", "\n fine", " fine key", " none"};
	struct buf old = BUF_INIT(65536), new = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct made m;
	size_t i;

	(void)state;
	make(&m, toml, false);
	buf_str(&old, "x1 ");
	for (i = 0; i < 4000; i++)
		buf_str(&old, "some text\n");
	buf_str(&old, "y2");
	for (i = 0; i < ARRAY_LEN(tails); i++) {
		const struct scan_copy copy = {0, 0, old.n};
		struct scan_carry *base = scan_carry_new();
		struct scan_result whole, fresh;

		buf_reset(&new);
		buf_span(&new, buf_all(&old));
		buf_str(&new, tails[i]);
		assert_int_equal(scanner_scan_open(m.scanner, buf_all(&old),
					 base, m.arena, &whole, &err),
			0);
		assert_int_equal(whole.nhit, 1);
		assert_int_equal(scanner_scan_open(m.scanner, buf_all(&new),
					 NULL, m.arena, &whole, &err),
			0);
		assert_int_equal(
			scanner_scan_new(m.scanner, buf_all(&new), &copy, 1,
				base, NULL, m.arena, &fresh, &err),
			0);
		assert_int_equal(fresh.nhit, whole.nhit);
		assert_int_equal(whole.nhit,
			(strstr(tails[i], "key") != NULL) +
				(!strstr(tails[i], "fine") ||
					tails[i][0] == '\n'));
		scan_carry_free(base);
	}
	buf_free(&old);
	buf_free(&new);
	unmake(&m);
}

static void commits_and_paths_are_asked_later(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef01234567";
	static const char toml[] =
		RULE("a", "k=(\\w+)") "[[rules.allowlists]]\n"
				      "commits=['0123456789ABCDEF0123456789"
				      "ABCDEF01234567']\n"
				      "[[rules.allowlists]]\npaths=['^v/']\n";
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct scan_result r;
	struct made m;
	bool stands;

	(void)state;
	make(&m, toml, false);
	found(&m, "k=v", NULL, &r, &out);
	assert_int_equal(r.nhit, 1);
	assert_int_equal(scanner_stands(m.scanner, &r.hit[0], SPAN_LIT("f"),
				 NULL, &stands, &err),
		0);
	assert_true(stands);
	assert_int_equal(scanner_stands(m.scanner, &r.hit[0], SPAN_LIT("v/f"),
				 NULL, &stands, &err),
		0);
	assert_false(stands);
	assert_int_equal(scanner_stands(m.scanner, &r.hit[0], SPAN_LIT("f"), id,
				 &stands, &err),
		0);
	assert_false(stands);
	assert_int_equal(scanner_stands(m.scanner, &r.hit[0], SPAN_LIT("f"),
				 id + 1, &stands, &err),
		0);
	assert_true(stands);
	/* Another path may say otherwise. */
	found(&m, "k=v", "v/f", &r, &out);
	assert_int_equal(r.nhit, 0);
	assert_true(r.elsewhere);
	buf_free(&out);
	unmake(&m);
}

static void comments_count_when_told(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct scan_result r;
	struct made m;
	int told;

	(void)state;
	for (told = 0; told < 2; told++) {
		make(&m, RULE("a", "k=(\\w+)"), told);
		found(&m, "k=v # gitleaks:allow\nk=w\n", "f", &r, &out);
		assert_string_equal(
			buf_cstr(&out), told ? "a:2:w" : "a:1:v a:2:w");
		unmake(&m);
	}
	buf_free(&out);
}

static void paths_alone(void **state)
{
	static const char toml[] =
		"[[rules]]\nid='pem'\npath='\\.pem$'\n"
		"[[rules.allowlists]]\npaths=['^test/']\n"
		"[[rules]]\nid='aux'\npath='pem'\nskipReport=true\n";
	struct err err = ERR_INIT;
	struct scan_result r;
	struct made m;

	(void)state;
	make(&m, toml, false);
	assert_int_equal(scanner_scan_path(m.scanner, SPAN_LIT("a.pem"),
				 m.arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 1);
	assert_true(span_is(r.hit[0].rule->id, "pem"));
	assert_int_equal(scanner_scan_path(m.scanner, SPAN_LIT("test/a.pem"),
				 m.arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 0);
	unmake(&m);
}

static void entropy_is_of_characters_a_byte(void **state)
{
	(void)state;
	assert_true(fabs(leaks_entropy(SPAN_LIT("abcd")) - 2) < 1e-9);
	assert_true(fabs(leaks_entropy(SPAN_LIT(""))) < 1e-9);
	assert_true(fabs(leaks_entropy(SPAN_LIT("aaaa"))) < 1e-9);
	/* Two characters of two bytes: each 1 of 4. */
	assert_true(
		fabs(leaks_entropy(SPAN_LIT("\xc3\xa9\xc3\xa8")) - 1) < 1e-9);
	/* Bytes that are no UTF-8 are all the same character. */
	assert_true(fabs(leaks_entropy(SPAN_LIT("\xff\xfe"))) < 1e-9);
}

static void what_is_extended_is_read(void **state)
{
	struct {
		const char *toml, *says;
	} t[] = {
		{"[extend]\npath='gone'\n", "memory: extended: no file"},
		{"[extend]\nuseDefault=true\n",
			"memory: extend.useDefault: the default rules"},
		{"[[rules]]\nid='a'\nregex='('\n",
			"memory: line 1: rule 'a': regex"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		char text[256];
		const struct leakpack_source source = {in_memory, text, NULL};
		struct arena *arena = arena_new(1u << 24);
		struct err err = ERR_INIT;
		struct pack pack;

		snprintf(text, sizeof(text), "%s", t[i].toml);
		assert_int_equal(
			leakpack_read("memory", &source, arena, &pack, &err),
			-1);
		if (!strstr(err.text, t[i].says))
			fail_msg("'%s' does not say '%s'", err.text, t[i].says);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_match_becomes),
		cmocka_unit_test(open_results_settle_to_the_same),
		cmocka_unit_test(deltas_are_read_as_a_whole),
		cmocka_unit_test(commits_and_paths_are_asked_later),
		cmocka_unit_test(comments_count_when_told),
		cmocka_unit_test(paths_alone),
		cmocka_unit_test(entropy_is_of_characters_a_byte),
		cmocka_unit_test(what_is_extended_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
