#include "base/proc.h"
#include "parse/gitmodules.h"
#include "support/unit.h"

struct fixture {
	struct arena *arena;
	struct submodule_setting *v;
	size_t n;
	struct err err;
	struct buf told;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(64u << 20);
	f->told = (struct buf)BUF_INIT(1u << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	buf_free(&f->told);
	arena_free(f->arena);
	free(f);
	return 0;
}

/* "submodule.NAME.KEY\nVALUE\0" for each, as git config -z --list has it. */
static const char *told(struct fixture *f, struct span text)
{
	static const char *const keys[] = {"url", "path", "update"};
	size_t i;

	buf_reset(&f->told);
	err_clear(&f->err);
	if (gitmodules_parse(text, f->arena, &f->v, &f->n, &f->err)) {
		assert_true(f->err.text[0]);
		return NULL;
	}
	for (i = 0; i < f->n; i++) {
		buf_str(&f->told, "submodule.");
		if (f->v[i].name.n) {
			buf_span(&f->told, f->v[i].name);
			buf_byte(&f->told, '.');
		}
		buf_fmt(&f->told, "%s\n", keys[f->v[i].key]);
		buf_span(&f->told, f->v[i].value);
		buf_byte(&f->told, 0);
	}
	return buf_cstr(&f->told);
}

#define URL(value) "submodule.a.url\n" value
#define IN(value) "[submodule \"a\"]\n\turl = " value "\n"

static void values_are_read(void **state)
{
	static const char *const rows[][2] = {
		{IN("https://x/y"), URL("https://x/y")},
		{IN("  two words  "), URL("two words")},
		{IN("\"  kept  \"  "), URL("  kept  ")},
		{IN("a ; comment"), URL("a")},
		{IN("a # comment"), URL("a")},
		{IN("\"a # no comment\""), URL("a # no comment")},
		{IN("a\\tb\\\\c\\\"d\\n"), URL("a\tb\\c\"d\n")},
		{IN("one\\\n two"), URL("one two")},
		{IN("\"x\"y\"z\""), URL("xyz")},
		{IN("x\r"), URL("x")},
		{IN("\"x\r\""), URL("x\r")},
		{IN(""), URL("")},
		{"[submodule \"a\"] url = x", URL("x")},
		{"[SubModule \"a\"]\nURL=x", URL("x")},
		{"[submodule.A]\nurl=x", URL("x")},
		{"[submodule \"a\"]\nurl", URL("")},
		{"\xef\xbb\xbf[submodule \"a\"]\r\nurl=x\r\n", URL("x")},
		{"[submodule \"a\\\"b\\\\\"]\nurl=x",
			"submodule.a\"b\\.url\nx"},
		{"# c\n; c\n[core]\nurl=no\n[submodule \"a\"]\nbranch=b\n"
		 "url=yes\n[other \"a\"]\nurl=no",
			URL("yes")},
		{"[submodule]\nurl=x", "submodule.url\nx"},
		{"[submodule \"a\"]\npath=p\n", "submodule.a.path\np"},
		{"[submodule \"a\"]\nupdate=!rm\n", "submodule.a.update\n!rm"},
		{"", ""},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = told(f, span_str(rows[i][0]));

		if (!got || strcmp(got, rows[i][1]))
			fail_msg("row %zu: '%s', %s", i, got ? got : "refused",
				f->err.text);
	}
	/* Of several all are told. */
	assert_non_null(told(f, SPAN_LIT(IN("a") IN("b"))));
	assert_int_equal(f->n, 2);
}

static void broken_files_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{"[submodule", "line 1: an odd character in a heading"},
		{"[submodule \"a", "line 1: the name in a heading ends"},
		{"[submodule \"a\n\"]", "the name in a heading ends"},
		{"[submodule \"a\"", "does not end in ']'"},
		{"[submodule a]", "a heading without a quote"},
		{"[]", "a heading without a name"},
		{"[sub_module]", "an odd character in a heading"},
		{"\n\n=x", "line 3: an odd character"},
		{"[a]\nkey value", "line 2: a name without a '='"},
		{IN("\"open"), "a quote that does not end"},
		{IN("\\q"), "line 2: an unknown escape"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (told(f, span_str(rows[i][0])))
			fail_msg("row %zu was read", i);
		if (!strstr(f->err.text, rows[i][1]))
			fail_msg("row %zu: %s", i, f->err.text);
	}
}

/* What git itself reads in a file; false when it refuses. */
static bool git_reads(const char *path, struct buf *out)
{
	const char *const argv[] = {"git", "config", "-z", "--no-includes",
		"--file", path, "--get-regexp",
		"^submodule\\.(.*\\.)?(url|path|update)$", NULL};
	struct err err = ERR_INIT;
	struct proc_end end;
	struct buf talk = BUF_INIT(10000);
	const struct proc p = {
		.argv = argv, .out = out, .talk = &talk, .timeout_ms = 60000};

	buf_reset(out);
	assert_int_equal(proc_run(&p, &end, &err), 0);
	buf_free(&talk);
	return end.status <= 1; /* 1: nothing there */
}

/* Some versions of git make a blank of a tab within a value. */
static void blanks(struct buf *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->p[i] == '\t' || b->p[i] == '\r')
			b->p[i] = ' ';
}

/* git tells a name without a value without the end of line. */
static void lines_end(struct span git, struct buf *out)
{
	buf_reset(out);
	while (git.n) {
		size_t end = span_find(git, 0);
		struct span one = span_sub(git, 0, end);

		buf_span(out, one);
		if (span_find(one, '\n') == SIZE_MAX)
			buf_byte(out, '\n');
		buf_byte(out, 0);
		git = span_from(git, end + 1);
	}
}

/* Texts put together of what matters, read by git and by us. */
static void git_reads_the_same(void **state)
{
	static const char *const parts[] = {"[submodule \"a\"]", "[submodule]",
		"[submodule.x]", "[core]", "[submodule \"b\\\"\\\\c\"]", "\n",
		"\r\n", "\r", "url", "path", " = ", "=", "x", " ", "\t", "\"",
		"\\", "\\n", "\\t", "#", ";", "!y", "../z", "-o",
		"\nurl=", "\nupdate = ", "[", "]",
		"\n[submodule \"d\"]\n\turl = "};
	struct fixture *f = *state;
	struct buf text = BUF_INIT(10000), git = BUF_INIT(100000);
	unsigned seed = 7, round, i, n, read = 0;
	char dir[300], path[400];

	unit_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/modules", dir);
	for (round = 0; round < 300; round++) {
		FILE *out = fopen(path, "wb");
		const char *ours;
		bool good;

		assert_non_null(out);
		buf_reset(&text);
		if (round % 2)
			buf_str(&text, "[submodule \"a\"]\nurl = ");
		n = 1 + round % 9;
		for (i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			buf_str(&text, parts[(seed >> 16) % ARRAY_LEN(parts)]);
		}
		fwrite(text.p, 1, text.n, out);
		fclose(out);
		good = git_reads(path, &git);
		ours = told(f, buf_all(&text));
		read += good;
		/* To refuse what git reads would be safe, but it should not
		 * happen; to read what git does not is harmless but wrong. */
		if (good != (ours != NULL))
			fail_msg("git %s: '%s' (%s)",
				good ? "reads" : "refuses", buf_cstr(&text),
				f->err.text);
		lines_end(buf_all(&git), &text);
		blanks(&text);
		blanks(&f->told);
		if (good && !span_eq(buf_all(&text), buf_all(&f->told)))
			fail_msg("round %u: git has '%s', we '%s'", round,
				buf_cstr(&git), ours);
	}
	assert_in_range(read, 50, 290);
	unit_rm(dir);
	buf_free(&text);
	buf_free(&git);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_read),
		TEST(broken_files_are_refused),
		TEST(git_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
