#include "parse/codeowners.h"
#include "support/unit.h"

struct fixture {
	struct arena *arena;
	struct codeowners c;
	struct err err;
	struct buf told;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(256u << 20);
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

/* "name*count{line!pattern>owner,owner ...}", and "?line" of a fault. */
static const char *told(
	struct fixture *f, enum codeowners_dialect d, const char *text)
{
	size_t i, k, n;

	buf_reset(&f->told);
	err_clear(&f->err);
	if (codeowners_parse(span_str(text), d, f->arena, &f->c, &f->err))
		return NULL;
	for (i = 0; i < f->c.n; i++) {
		const struct owner_section *s = &f->c.section[i];

		if (i || s->n) {
			buf_span(&f->told, s->name);
			buf_fmt(&f->told, "*%u{", s->count);
		}
		for (k = 0; k < s->n; k++) {
			buf_fmt(&f->told, "%s%u%s", k ? " " : "",
				s->rule[k].line,
				s->rule[k].negated ? "!" : ":");
			buf_span(&f->told, s->rule[k].pattern);
			for (n = 0; n < s->rule[k].nowner; n++) {
				buf_str(&f->told, n ? "," : ">");
				buf_span(&f->told, s->rule[k].owner[n]);
			}
		}
		if (i || s->n)
			buf_str(&f->told, "}");
	}
	if (f->c.fault)
		buf_fmt(&f->told, "?%u", f->c.fault_line);
	return buf_cstr(&f->told);
}

#define GITHUB(text) told(f, CODEOWNERS_GITHUB, text)
#define GITLAB(text) told(f, CODEOWNERS_GITLAB, text)
#define GITEA(text) told(f, CODEOWNERS_GITEA, text)

static void githubs_lines(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(GITHUB(""), "");
	assert_string_equal(
		GITHUB("\xef\xbb\xbf# all\r\n\r\n* @a @o/t\tmail@x.example\r\n"
		       "  /docs/\n*.js @js # not @this\n"),
		"*1{3:*>@a,@o/t,mail@x.example 4:/docs/ 5:*.js>@js}");
	assert_string_equal(
		GITHUB("a\\ b @x\n[x] @y\n"), "*1{1:a\\ b>@x 2:[x]>@y}");
	/* What it does not understand is told, not passed over. */
	assert_string_equal(GITHUB("* @a\n!x @b\n"), "*1{1:*>@a}?2");
	assert_string_equal(GITHUB("\\#x @a\n//x @a\n"), "?1");
	assert_string_equal(GITHUB("/ @a\n"), "?1");
	assert_string_equal(GITHUB("a/***/b @a\n"), "?1");
}

static void gitlabs_sections(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(
		GITLAB("* @a\n[Doc s][2] @d @e\ndocs/\nREADME @r\n!docs/x\n"
		       "^[Opt] @o\n*.rb\n[doc S]\nmore\n[Zero][0]\nz @z\n"),
		"*1{1:*>@a}Doc s*2{3:docs/>@d,@e 4:README>@r 5!docs/x "
		"9:more}Opt*0{7:*.rb>@o}Zero*1{11:z>@z}");
	/* The stricter of two headings with one name. */
	assert_string_equal(GITLAB("^[A] @a\nx\n[A][3] @b\ny\n^[a]\nz\n"),
		"A*3{2:x>@a 4:y>@b 6:z}");
	assert_string_equal(GITLAB("\\#x @a\n"), "*1{1:\\#x>@a}");
	assert_string_equal(GITLAB("[open\n"), "?1");
	assert_string_equal(GITLAB("[]\n"), "?1");
	assert_string_equal(GITLAB("[a][b]\n"), "?1");
	assert_string_equal(GITLAB("[a][101]\n"), "?1");
	assert_string_equal(GITLAB("[a]b\n"), "?1");
	assert_string_equal(GITLAB("! @a\n"), "?1");
}

static void giteas_lines(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(GITEA("# c\n.*\\\\.go user @o/t#c\n!docs/.* @d\n"),
		"*1{2:.*\\.go>user,@o/t 3!docs/.*>@d}");
	assert_string_equal(GITEA("a\\ b\\#c @x\n"), "*1{1:a b#c>@x}");
	assert_string_equal(GITEA("alone\n"), "?1");
	assert_string_equal(GITEA("alone # @x\n"), "?1");
}

static void limits_hold(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT(8u << 20);
	size_t i;

	for (i = 0; i < CODEOWNERS_RULES_MAX; i++)
		buf_str(&text, "a @a\n");
	assert_non_null(GITHUB(buf_cstr(&text)));
	buf_str(&text, "a @a\n");
	assert_null(GITHUB(buf_cstr(&text)));
	assert_int_equal(f->c.n, 0);
	buf_reset(&text);
	buf_str(&text, "a");
	for (i = 0; i < CODEOWNERS_OWNERS_MAX; i++)
		buf_str(&text, " @a");
	assert_non_null(GITLAB(buf_cstr(&text)));
	assert_non_null(GITEA(buf_cstr(&text)));
	buf_str(&text, " @a");
	assert_null(GITLAB(buf_cstr(&text)));
	assert_null(GITEA(buf_cstr(&text)));
	buf_reset(&text);
	for (i = 0; i < CODEOWNERS_PATTERN_MAX; i++)
		buf_byte(&text, 'p');
	assert_non_null(GITHUB(buf_cstr(&text)));
	assert_null(f->c.fault);
	buf_byte(&text, 'p');
	assert_non_null(GITHUB(buf_cstr(&text)));
	assert_non_null(f->c.fault);
	buf_reset(&text);
	for (i = 0; i < CODEOWNERS_SECTIONS_MAX; i++)
		buf_fmt(&text, "[s%zu]\n", i);
	assert_null(GITLAB(buf_cstr(&text)));
	buf_reset(&text);
	while (text.n <= CODEOWNERS_MAX)
		buf_str(&text, "#\n");
	assert_null(GITHUB(buf_cstr(&text)));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(githubs_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(
			gitlabs_sections, setup, teardown),
		cmocka_unit_test_setup_teardown(giteas_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_hold, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
