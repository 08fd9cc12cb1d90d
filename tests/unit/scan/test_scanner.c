/* The scanner: the same as plain PCRE2, limits, the cache, overlaps. */
#include "support/unit.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/text.h"
#include "port/multipattern.h"
#include "port/pattern.h"
#include "scan/scanner.h"
#include "support/chance.h"

static struct arena *arena;
static struct pack builtin;

static int setup(void **state)
{
	struct buf text = BUF_INIT(RULEPACK_TEXT_MAX);
	struct err err = ERR_INIT;

	(void)state;
	arena = arena_new(1u << 30);
	/* With its examples, which the program does not carry. */
	if (io_read_file("policies/secrets/builtin.json", &text, &err) ||
		pack_of(buf_all(&text), arena, &builtin, &err))
		fail_msg("%s", err.text);
	buf_free(&text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Examples, halves of examples, and what stands between them. */
static void mix(struct buf *out, const struct rule *only)
{
	static const char *const between[] = {"\n", " ", "\"", "", "=", ": ",
		"\r\n", "x", "_", "-", "\0", "\xff", "key = ", "\t"};
	size_t pieces = 1 + below(12), i;

	buf_reset(out);
	for (i = 0; i < pieces; i++) {
		const struct rule *r = only && below(3)
			? only
			: &builtin.rules->rules[below(builtin.rules->n)];
		struct span s = below(4) || !r->no_match.n
			? r->match.v[below(r->match.n)]
			: r->no_match.v[below(r->no_match.n)];

		switch (below(6)) {
		case 0:
			s = span_from(s, below(s.n));
			break;
		case 1:
			s = span_sub(s, 0, below(s.n) + 1);
			break;
		default:
			break;
		}
		buf_span(out, s);
		buf_str(out, between[below(ARRAY_LEN(between))]);
	}
}

struct ends {
	size_t n, cap;
	struct {
		size_t item, end;
	} * v;
};

static void note(void *ctx, size_t item, size_t end)
{
	struct ends *e = ctx;

	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 64;
		e->v = realloc(e->v, e->cap * sizeof(*e->v));
		assert_non_null(e->v);
	}
	e->v[e->n].item = item;
	e->v[e->n++].end = end;
}

/* Behind ${from}, not past ${to}. */
static bool noted(const struct ends *e, size_t item, size_t from, size_t to)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		if (e->v[i].item == item && e->v[i].end > from &&
			e->v[i].end <= to)
			return true;
	}
	return false;
}

/* What is promised of one match. */
static bool held(const struct multi *m, const struct ends *e, size_t item,
	size_t from, size_t to)
{
	size_t last = from + multi_width(m, item);

	if (multi_kind(m, item) != MULTI_EXACT)
		return noted(e, item, 0, SIZE_MAX);
	if (to - from > multi_reach(m, item))
		return false;
	/* All of it, or the names that it begins with. */
	return multi_width(m, item) == multi_reach(m, item)
		? noted(e, item, to - 1, to)
		: noted(e, item, from, to < last ? to : last);
}

/* What multipattern.h promises, for all rules at once. */
static void candidates_miss_nothing(void **state)
{
	struct multi_item *items;
	struct pattern **plain;
	struct buf text = BUF_INIT(1u << 20);
	struct multi *m = NULL;
	struct err err = ERR_INIT;
	size_t i, n = 0, round, matches = 0;

	(void)state;
	items = calloc(builtin.rules->n, sizeof(*items));
	plain = calloc(builtin.rules->n, sizeof(struct pattern *));
	assert_true(items && plain);
	for (i = 0; i < builtin.rules->n; i++) {
		const struct rule *r = &builtin.rules->rules[i];

		if (!r->regex.n)
			continue;
		items[n] = (struct multi_item){
			r->regex, r->keywords.v, r->keywords.n};
		assert_int_equal(pattern_new(r->regex, &plain[n], &err), 0);
		n++;
	}
	if (multi_new(items, n, &m, &err))
		fail_msg("%s", err.text);
	for (round = 0; round < 400; round += UNIT_STEP) {
		struct ends ends = {0};
		struct span s;

		mix(&text, NULL);
		s = buf_all(&text);
		assert_int_equal(multi_scan(m, s, note, &ends, &err), 0);
		for (i = 0; i < n; i++) {
			struct pattern_match f;
			size_t pos = 0;

			while (pos < s.n &&
				pattern_find(plain[i], s, pos, SIZE_MAX, &f) ==
					PATTERN_MATCH) {
				matches++;
				pos = f.at[0].to;
				if (multi_kind(m, i) == MULTI_ALWAYS)
					continue;
				assert_true(
					held(m, &ends, i, f.at[0].from, pos));
			}
		}
		free(ends.v);
	}
	/* Or the test would say nothing. */
	assert_true(matches > 1000 / UNIT_STEP);
	multi_free(m);
	for (i = 0; i < n; i++)
		pattern_free(plain[i]);
	free(plain);
	free(items);
	buf_free(&text);
}

static bool keyword_in(struct span s, const struct rule *r)
{
	size_t i, j;

	for (i = 0; i < r->keywords.n; i++) {
		for (j = 0; j + r->keywords.v[i].n <= s.n; j++) {
			if (text_same(span_sub(s, j, r->keywords.v[i].n),
				    r->keywords.v[i]))
				return true;
		}
	}
	return !r->keywords.n;
}

/* One rule without its filters, against the definition: search, go on. */
static size_t compare(struct scanner *s, const struct rule *rule,
	struct span text, struct pattern *plain)
{
	struct pattern_match f;
	struct scan_result r;
	struct err err = ERR_INIT;
	size_t pos = 0, n = 0;

	assert_int_equal(scanner_scan(s, text, SPAN_EMPTY, arena, &r, &err), 0);
	assert_int_equal(r.outcome, SCAN_DONE);
	while (pos < text.n &&
		pattern_find(plain, text, pos, SIZE_MAX, &f) == PATTERN_MATCH) {
		size_t g = rule->group;

		pos = f.at[0].to;
		if (!keyword_in(span_sub(text, f.at[0].from,
					f.at[0].to - f.at[0].from),
			    rule))
			continue;
		if (g >= f.n || f.at[g].from == SIZE_MAX) {
			for (g = 1; g < f.n && f.at[g].from == SIZE_MAX; g++)
				;
			g = g < f.n ? g : 0;
		}
		if (n >= r.nhit || r.hit[n].at != f.at[g].from ||
			r.hit[n].n != f.at[g].to - f.at[g].from)
			fail_msg("%.*s: match %zu at %zu differs",
				SPAN_FMT(rule->id), n, f.at[g].from);
		n++;
	}
	if (n != r.nhit)
		fail_msg("%.*s: %zu hits, expected %zu", SPAN_FMT(rule->id),
			r.nhit, n);
	return n;
}

static void scan_is_plain_search(void **state)
{
	struct buf text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	size_t i, round;

	(void)state;
	for (i = 0; i < builtin.rules->n; i += UNIT_STEP) {
		struct rule rule = builtin.rules->rules[i];
		struct rulepack one = {
			.name = SPAN_LIT("one"), .rules = &rule, .n = 1};
		struct pack pack = {&one, "one"};
		struct scanner_setup s = {.packs = &pack, .npacks = 1};
		struct scanner *scanner = NULL;
		struct pattern *plain = NULL;
		size_t matches = 0;

		if (!rule.regex.n)
			continue;
		rule.nallow = 0;
		rule.entropy = 0;
		rule.validator = VALIDATOR_NONE;
		assert_int_equal(scanner_new(&s, &scanner, &err), 0);
		assert_int_equal(pattern_new(rule.regex, &plain, &err), 0);
		for (round = 0; round < 12; round++) {
			mix(&text, &rule);
			matches +=
				compare(scanner, &rule, buf_all(&text), plain);
		}
		/* Alone too: some rules are tied to the ends of the file. */
		for (round = 0; round < rule.match.n; round++)
			matches += compare(
				scanner, &rule, rule.match.v[round], plain);
		if (!matches)
			fail_msg("%.*s: nothing matches", SPAN_FMT(rule.id));
		pattern_free(plain);
		scanner_free(scanner);
	}
	buf_free(&text);
}

/* A pack from JSON text, and a scanner of it. */
static struct scanner *made(const char *json, struct pack *pack, size_t max,
	const unsigned char *key)
{
	struct scanner_setup s = {
		.packs = pack, .npacks = 1, .max = max, .key = key};
	struct scanner *scanner = NULL;
	struct err err = ERR_INIT;

	*pack = (struct pack){0};
	if (rulepack_parse(span_str(json), arena, &pack->rules, &err) ||
		scanner_new(&s, &scanner, &err))
		fail_msg("%s", err.text);
	return scanner;
}

#define REST                                           \
	"\"description\":\"d\",\"remediation\":\"r\"," \
	"\"examples\":{\"match\":[\"x\"]}"

static void scan(struct scanner *s, const char *text, struct scan_result *r)
{
	struct err err = ERR_INIT;

	if (scanner_scan(s, span_str(text), SPAN_LIT("f"), arena, r, &err))
		fail_msg("%s", err.text);
}

static void limits_are_not_clean(void **state)
{
	struct pack pack;
	struct scan_result r;
	struct buf text = BUF_INIT(1u << 20);
	struct scanner *s = made("{\"name\":\"n\",\"rules\":[{\"id\":\"a\","
				 "\"regex\":\"(?:a+)+(?=b)\","
				 "\"confidence\":\"high\"," REST "}]}",
		&pack, 2000, NULL);
	size_t i;

	(void)state;
	/* Catastrophic backtracking: nothing is known afterwards. */
	for (i = 0; i < 64; i++)
		buf_byte(&text, 'a');
	scan(s, buf_cstr(&text), &r);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_non_null(strstr(r.why, "limit"));
	/* And the scanner still works. */
	scan(s, "aab", &r);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(r.nhit, 1);
	for (i = 0; i < 2001; i++)
		buf_byte(&text, 'c');
	scan(s, buf_cstr(&text), &r);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_string_equal(r.why, "larger than 2000 bytes");
	scanner_free(s);
	buf_free(&text);
}

/* A little at each of a million starts, in loops that no step counts: it would
 * take minutes. */
static void slow_is_not_clean(void **state)
{
	struct pack pack;
	struct scan_result r;
	struct buf text = BUF_INIT(2u << 20);
	struct scanner *s = made("{\"name\":\"n\",\"rules\":[{\"id\":\"a\","
				 "\"regex\":\"x[^\\n]{0,60000}?y\","
				 "\"keywords\":[\"x\"],"
				 "\"confidence\":\"high\"," REST "}]}",
		&pack, 0, NULL);

	(void)state;
	while (text.n < 1u << 20)
		buf_byte(&text, 'x');
	scan(s, buf_cstr(&text), &r);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_non_null(strstr(r.why, "'a': gave up at the limit of time"));
	/* The next input has its own time. */
	scan(s, "xxxx xy", &r);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(r.nhit, 1);
	scanner_free(s);
	buf_free(&text);
}

static void too_many_is_not_clean(void **state)
{
	struct pack pack;
	struct scan_result r;
	struct buf text = BUF_INIT(1u << 20);
	struct scanner *s = made("{\"name\":\"n\",\"rules\":[{\"id\":\"a\","
				 "\"regex\":\"K[0-9]\","
				 "\"confidence\":\"low\"," REST "}]}",
		&pack, 0, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < SCAN_HITS_MAX; i++)
		buf_str(&text, "K1 ");
	scan(s, buf_cstr(&text), &r);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(r.nhit, SCAN_HITS_MAX);
	buf_str(&text, "K1");
	scan(s, buf_cstr(&text), &r);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	scanner_free(s);
	buf_free(&text);
}

static void places_and_redaction(void **state)
{
	static const unsigned char key[FINGERPRINT_KEY] = {1};
	struct pack pack;
	struct scan_result r;
	struct scanner *s = made("{\"name\":\"n\",\"rules\":[{\"id\":\"a\","
				 "\"regex\":\"key=([A-Z0-9]{4,})\",\"group\":1,"
				 "\"confidence\":\"high\"," REST "}]}",
		&pack, 0, key);

	(void)state;
	scan(s, "\n\n key=FAKE0123456789FAKE0123456789\nkey=FAKE key=FAKE", &r);
	assert_int_equal(r.nhit, 3);
	assert_int_equal(r.hit[0].line, 3);
	assert_int_equal(r.hit[0].column, 6);
	assert_string_equal(r.hit[0].redacted, "FAKE…89");
	assert_int_equal(r.hit[1].line, 4);
	assert_int_equal(r.hit[1].column, 5);
	assert_string_equal(r.hit[1].redacted, "F…");
	assert_int_equal(r.hit[2].column, 14);
	/* Equal secrets have equal names, others do not. */
	assert_string_equal(r.hit[1].fingerprint, r.hit[2].fingerprint);
	assert_string_not_equal(r.hit[0].fingerprint, r.hit[1].fingerprint);
	assert_int_equal(strlen(r.hit[0].fingerprint), FINGERPRINT_HEX);
	scanner_free(s);
}

static void one_hit_a_secret(void **state)
{
	struct pack pack;
	struct scan_result r;
	struct scanner *s =
		made("{\"name\":\"n\",\"rules\":["
		     "{\"id\":\"wide\",\"regex\":\"[A-Z]+_[A-Z0-9]{4,}\","
		     "\"generic\":true,\"confidence\":\"low\"," REST "},"
		     "{\"id\":\"exact\",\"regex\":\"TOK_[0-9]{4}\","
		     "\"confidence\":\"low\"," REST "},"
		     "{\"id\":\"inner\",\"regex\":\"[0-9]{4}Z\","
		     "\"confidence\":\"high\"," REST "}]}",
			&pack, 0, NULL);

	(void)state;
	/* The specific one, not the generic one. */
	scan(s, "TOK_1234", &r);
	assert_int_equal(r.nhit, 1);
	unit_span_is(r.hit[0].rule->id, "exact");
	/* What blocks is never hidden by what warns. */
	scan(s, "TOK_1234Z", &r);
	assert_int_equal(r.nhit, 1);
	unit_span_is(r.hit[0].rule->id, "inner");
	/* Side by side both count. */
	scan(s, "AB_CDEF TOK_1234", &r);
	assert_int_equal(r.nhit, 2);
	scanner_free(s);
}

static void paths(void **state)
{
	struct pack pack;
	struct scan_result r;
	struct err err = ERR_INIT;
	bool fits;
	struct scanner *s = made(
		"{\"name\":\"n\",\"rules\":["
		"{\"id\":\"file\",\"path\":\"[.]p12$\","
		"\"confidence\":\"low\"," REST "},"
		"{\"id\":\"tf\",\"regex\":\"pw=[a-z]+\",\"path\":\"[.]tf$\","
		"\"confidence\":\"high\"," REST "}]}",
		&pack, 0, NULL);

	(void)state;
	assert_int_equal(scanner_scan(s, SPAN_LIT("pw=abc"), SPAN_LIT("a.tf"),
				 arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 1);
	assert_int_equal(scanner_scan(s, SPAN_LIT("pw=abc"), SPAN_LIT("a.c"),
				 arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 0);
	/* Not known yet: it applies, and the caller asks. */
	assert_int_equal(scanner_scan(s, SPAN_LIT("pw=abc"), SPAN_EMPTY, arena,
				 &r, &err),
		0);
	assert_int_equal(r.nhit, 1);
	assert_int_equal(scanner_path_fits(s, r.hit[0].rule, SPAN_LIT("x.tf"),
				 &fits, &err),
		0);
	assert_true(fits);
	assert_int_equal(scanner_path_fits(s, r.hit[0].rule, SPAN_LIT("x.go"),
				 &fits, &err),
		0);
	assert_false(fits);
	assert_int_equal(
		scanner_scan_path(s, SPAN_LIT("d/a.p12"), arena, &r, &err), 0);
	assert_int_equal(r.nhit, 1);
	unit_span_is(r.hit[0].rule->id, "file");
	assert_int_equal(r.hit[0].line, 0);
	assert_int_equal(
		scanner_scan_path(s, SPAN_LIT("d/pw=abc.tf"), arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 1);
	unit_span_is(r.hit[0].rule->id, "tf");
	scanner_free(s);
}

/* The one file in a folder. */
static void only_file(const char *dir, struct buf *path)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		io_join(path, dir, e->d_name);
		n++;
	}
	closedir(d);
	assert_int_equal(n, 1);
}

/* Opens with a cache, finds the token, and says whether the file was made
 * anew. */
static bool remade(const struct pack *pack, const char *dir, const char *file)
{
	struct scanner_setup setup = {.packs = pack, .npacks = 1, .cache = dir};
	struct scanner *s = NULL;
	struct scan_result r;
	struct err err = ERR_INIT;
	struct stat before = {0}, after = {0};

	if (file)
		assert_int_equal(stat(file, &before), 0);
	if (scanner_new(&setup, &s, &err))
		fail_msg("%s", err.text);
	scan(s, "..TOK_1234..", &r);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(r.nhit, 1);
	scanner_free(s);
	if (file)
		assert_int_equal(stat(file, &after), 0);
	return before.st_ino != after.st_ino;
}

static void cache_is_checked(void **state)
{
	char tmp[200], dir[220];
	struct buf path = PATH_BUF_INIT, good = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct pack pack;
	size_t i, at;

	(void)state;
	unit_dir(tmp, sizeof(tmp));
	snprintf(dir, sizeof(dir), "%s/cache", tmp);
	scanner_free(made("{\"name\":\"n\",\"rules\":[{\"id\":\"exact\","
			  "\"regex\":\"TOK_[0-9]{4}\","
			  "\"confidence\":\"low\"," REST "}]}",
		&pack, 0, NULL));
	remade(&pack, dir, NULL);
	only_file(dir, &path);
	assert_false(remade(&pack, dir, buf_cstr(&path)));
	assert_int_equal(io_read_file(buf_cstr(&path), &good, &err), 0);
	assert_true(good.n > 100);

	/* Changed anywhere, cut anywhere: compiled again, and right. */
	for (i = 0; i < 200; i++) {
		struct buf bad = BUF_INIT(1u << 20);

		at = i < 120 ? i : below(good.n);
		buf_span(&bad, buf_all(&good));
		bad.p[at] ^= (unsigned char)(1u << below(8));
		assert_int_equal(
			io_replace(buf_cstr(&path), buf_all(&bad), 0600, &err),
			0);
		if (!remade(&pack, dir, buf_cstr(&path)))
			fail_msg("byte %zu changed and nobody saw", at);
		buf_free(&bad);
	}
	for (i = 0; i < 40; i++) {
		assert_int_equal(
			io_replace(buf_cstr(&path),
				span_sub(buf_all(&good), 0, below(good.n)),
				0600, &err),
			0);
		assert_true(remade(&pack, dir, buf_cstr(&path)));
	}
	/* Others may write it: not trusted. */
	assert_int_equal(chmod(buf_cstr(&path), 0620), 0);
	assert_true(remade(&pack, dir, buf_cstr(&path)));
	/* A link is not followed. */
	io_join(&good, tmp, "moved");
	assert_int_equal(rename(buf_cstr(&path), buf_cstr(&good)), 0);
	assert_int_equal(symlink(buf_cstr(&good), buf_cstr(&path)), 0);
	assert_true(remade(&pack, dir, buf_cstr(&path)));
	/* A folder that cannot be made costs time only. */
	assert_false(remade(&pack, "/dev/null/x", NULL));
	unit_rm(tmp);
	buf_free(&good);
	buf_free(&path);
}

static void fingerprint_keys(void **state)
{
	unsigned char a[FINGERPRINT_KEY], b[FINGERPRINT_KEY];
	struct err err = ERR_INIT;
	char tmp[200], path[240];

	(void)state;
	unit_dir(tmp, sizeof(tmp));
	snprintf(path, sizeof(path), "%s/fingerprint.key", tmp);
	assert_int_equal(fingerprint_key(tmp, false, a, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	err_clear(&err);
	assert_int_equal(fingerprint_key(tmp, true, a, &err), 0);
	assert_int_equal(fingerprint_key(tmp, true, b, &err), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(fingerprint_key(tmp, true, b, &err), -1);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(fingerprint_key(tmp, true, b, &err), -1);
	unit_rm(tmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_miss_nothing),
		cmocka_unit_test(scan_is_plain_search),
		cmocka_unit_test(limits_are_not_clean),
		cmocka_unit_test(slow_is_not_clean),
		cmocka_unit_test(too_many_is_not_clean),
		cmocka_unit_test(places_and_redaction),
		cmocka_unit_test(one_hit_a_secret),
		cmocka_unit_test(paths),
		cmocka_unit_test(cache_is_checked),
		cmocka_unit_test(fingerprint_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
