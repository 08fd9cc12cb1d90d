#include "support/unit.h"

#include "parse/commit.h"

#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
#define P1 "parent 1111111111111111111111111111111111111111\n"
#define P2 "parent 2222222222222222222222222222222222222222\n"
#define AUTHOR "author Ada L <ada@example.org> 1700000000 +0100\n"
#define COMMITTER "committer Bela <bela@example.org> 1700000001 -0500\n"
#define SIG                                      \
	"gpgsig -----BEGIN PGP SIGNATURE-----\n" \
	" \n iQ==\n =abcd\n -----END PGP SIGNATURE-----\n"
#define SIG_TEXT                          \
	"-----BEGIN PGP SIGNATURE-----\n" \
	"\niQ==\n=abcd\n-----END PGP SIGNATURE-----\n"

struct run {
	struct arena *arena;
	struct commit c;
	int rc;
};

static struct run parse(struct span raw)
{
	static const struct oid id = {{7}};
	struct run r = {.arena = arena_new(1 << 24)};
	/* A copy of exact size, so that a read past the end shows. */
	unsigned char *copy = malloc(raw.n + !raw.n);
	struct err err = ERR_INIT;

	assert_non_null(copy);
	if (raw.n)
		memcpy(copy, raw.p, raw.n);
	r.rc = commit_parse(span_of(copy, raw.n), &id, r.arena, &r.c, &err);
	assert_int_equal(r.rc, err.code ? -1 : 0);
	memset(copy, 'x', raw.n);
	free(copy);
	return r;
}

static void test_plain(void **state)
{
	struct run r = parse(
		SPAN_LIT(TREE P1 P2 AUTHOR COMMITTER "\nsubject\n\nbody\n"));

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_null(r.c.malformed);
	assert_int_equal(r.c.id.b[0], 7);
	assert_int_equal(r.c.tree.b[0], 0x4b);
	assert_int_equal(r.c.nparent, 2);
	assert_int_equal(r.c.parent[0].b[3], 0x11);
	assert_int_equal(r.c.parent[1].b[3], 0x22);
	unit_span_is(r.c.author.name, "Ada L");
	unit_span_is(r.c.author.email, "ada@example.org");
	assert_int_equal(r.c.author.time, 1700000000);
	unit_span_is(r.c.committer.email, "bela@example.org");
	unit_span_is(r.c.message, "subject\n\nbody\n");
	assert_int_equal(r.c.sig.kind, SIGNATURE_NONE);
	assert_int_equal(r.c.sig.count, 0);
	unit_span_is(r.c.sig.payload,
		TREE P1 P2 AUTHOR COMMITTER "\nsubject\n\nbody\n");
	arena_free(r.arena);
}

static void test_signed(void **state)
{
	static const char payload[] = TREE P1 AUTHOR COMMITTER
		"encoding latin1\nmergetag object 1\n type x\n tagger y\n"
		"change-id z\n\nm\n";
	struct run r = parse(SPAN_LIT(TREE P1 AUTHOR COMMITTER
		"encoding latin1\nmergetag object 1\n type x\n tagger y\n" SIG
		"gpgsig-sha256 -----BEGIN PGP SIGNATURE-----\n more\n"
		"change-id z\n\nm\n"));

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_null(r.c.malformed);
	assert_int_equal(r.c.sig.kind, SIGNATURE_OPENPGP);
	assert_int_equal(r.c.sig.count, 1);
	unit_span_is(r.c.sig.payload, payload);
	unit_span_is(r.c.sig.signature, SIG_TEXT);
	unit_span_is(r.c.message, "m\n");
	assert_int_equal(r.c.nmergetag, 1);
	unit_span_is(r.c.mergetag[0], "object 1\ntype x\ntagger y\n");
	arena_free(r.arena);
}

/* Each in turn; not from the message, nor from a header that starts alike. */
static void test_mergetags(void **state)
{
	struct run r = parse(SPAN_LIT(TREE P1 AUTHOR COMMITTER
		"mergetag object 1\n \n m\n\tx\n" SIG "mergetags a\n"
		"mergetag\nmergetag b\n c\n\nmergetag d\n"));

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.c.nmergetag, 2);
	unit_span_is(r.c.mergetag[0], "object 1\n\nm\n");
	unit_span_is(r.c.mergetag[1], "b\nc\n");
	arena_free(r.arena);
}

/* The kind is told by the first line alone; the message is never looked at. */
static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum signature_kind kind;
	} t[] = {
		{TREE AUTHOR COMMITTER
			"gpgsig -----BEGIN SSH SIGNATURE-----\n x\n\nm\n",
			SIGNATURE_SSH},
		{TREE AUTHOR COMMITTER
			"gpgsig -----BEGIN SIGNED MESSAGE-----\n x\n\nm\n",
			SIGNATURE_X509},
		{TREE AUTHOR COMMITTER
			"gpgsig -----BEGIN PGP MESSAGE-----\n x\n\nm\n",
			SIGNATURE_OPENPGP},
		{TREE AUTHOR COMMITTER "\n" SIG, SIGNATURE_NONE},
		{TREE AUTHOR COMMITTER
			"gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n\nm\n",
			SIGNATURE_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r = parse(span_str(t[i].text));

		assert_int_equal(r.rc, 0);
		assert_null(r.c.malformed);
		assert_int_equal(r.c.sig.kind, t[i].kind);
		arena_free(r.arena);
	}
}

static void test_malformed(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} t[] = {
#define CASE(s, w) {{(const unsigned char *)(s), sizeof(s) - 1}, w}
		CASE(TREE AUTHOR COMMITTER "\nm\0x\n", "NUL"),
		CASE(TREE AUTHOR COMMITTER "x \0\n\nm\n", "NUL"),
		CASE(TREE AUTHOR AUTHOR COMMITTER "\nm", "doubled"),
		CASE(TREE AUTHOR COMMITTER COMMITTER "\nm", "doubled"),
		CASE(TREE TREE AUTHOR COMMITTER "\nm", "doubled"),
		CASE(TREE AUTHOR COMMITTER TREE "\nm", "doubled"),
		CASE(TREE AUTHOR P1 COMMITTER "\nm", "doubled"),
		CASE(TREE AUTHOR COMMITTER P1 "\nm", "doubled"),
		CASE(TREE COMMITTER AUTHOR "\nm", "doubled"),
		CASE(TREE P1 "x y\n" P2 AUTHOR COMMITTER "\nm", "among"),
		CASE(TREE AUTHOR "\nm", "missing"),
		CASE(TREE, "missing"),
		CASE(TREE P1 " fold\n" AUTHOR COMMITTER "\nm", "folded"),
		CASE(TREE AUTHOR " fold\n" COMMITTER "\nm", "folded"),
		CASE(TREE "parent 11\n" AUTHOR COMMITTER "\nm", "parent"),
		CASE("tree 4B825dc642cb6eb9a060e54bf8d69288fbee4904\n" AUTHOR
				COMMITTER "\nm",
			"upper"),
		CASE(TREE SIG P1 AUTHOR COMMITTER "\nm", "before"),
		CASE(TREE AUTHOR SIG COMMITTER "\nm", "before"),
		CASE(TREE AUTHOR COMMITTER SIG SIG "\nm", "more than one"),
		CASE(TREE AUTHOR COMMITTER SIG "x y\n" SIG "\nm",
			"more than one"),
		CASE(TREE AUTHOR COMMITTER
			"gpgsig-sha256 a\ngpgsig-sha256 b\n\nm",
			"more than one"),
		CASE(TREE AUTHOR COMMITTER
			"gpgsig -----BEGIN PGP SIGNATURE-----\n "
			"-----BEGIN SSH SIGNATURE-----\n\nm",
			"more than one"),
		CASE(TREE AUTHOR COMMITTER "gpgsig hello\n\nm", "no known"),
		CASE(TREE AUTHOR COMMITTER
			"gpgsig \n -----BEGIN SSH SIGNATURE-----\n\nm",
			"no known"),
		CASE(TREE AUTHOR COMMITTER "gpgsigx hello\n\nm", "unknown"),
		CASE(TREE AUTHOR COMMITTER "gpgsig\n\nm", "unknown"),
		CASE(TREE "author A <a@x> <b@x> 1 +0000\n" COMMITTER "\nm",
			"more than one mail"),
		CASE(TREE "author A <a@x> 1 +0000 <b@x>\n" COMMITTER "\nm",
			"more than one mail"),
		CASE(TREE "author A >b@x> <a@x> 1 +0000\n" COMMITTER "\nm",
			"more than one mail"),
		CASE(TREE "author A\n" COMMITTER "\nm", "without a mail"),
		CASE(TREE "author A <a@x\n" COMMITTER "\nm", "its end"),
		CASE(TREE "author A <a@x> -5 +0000\n" COMMITTER "\nm", "date"),
		CASE(TREE "author A <a@x> 9999999999999999999 +0000\n" COMMITTER
			  "\nm",
			"date"),
		CASE(TREE " x\n" AUTHOR COMMITTER "\nm", "fold"),
#undef CASE
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r = parse(t[i].text);

		assert_int_equal(r.rc, 0);
		if (!r.c.malformed || !strstr(r.c.malformed, t[i].why))
			fail_msg("case %zu: '%s', wanted '%s'", i,
				r.c.malformed ? r.c.malformed : "(none)",
				t[i].why);
		arena_free(r.arena);
	}
}

static void test_not_a_commit(void **state)
{
	static const char *const t[] = {"", "\n", "tree", "tree \n",
		"tree 4b825dc642cb6eb9a060e54bf8d69288fbee490\n",
		"tree 4b825dc642cb6eb9a060e54bf8d69288fbee49040\n",
		"tree 4b825dc642cb6eb9a060e54bf8d69288fbee490g\n", " " TREE,
		"object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r = parse(span_str(t[i]));

		assert_int_equal(r.rc, -1);
		arena_free(r.arena);
	}
}

static void test_trailers(void **state)
{
	struct run r = parse(SPAN_LIT(TREE AUTHOR COMMITTER
		"\nfix: a thing\n\nNot-Here: x\n\nprose is passed over\n"
		"Signed-off-by: Ada <ada@x>\nco-AUTHORED-by : B <b@x>, "
		"C < c@x >\nNote: one\n  two\n\tthree\r\nCo-authored-by: no "
		"mail\n Co-authored-by: D <d@x>\n\n \n"));

	(void)state;
	assert_null(r.c.malformed);
	assert_int_equal(r.c.ntrailer, 4);
	unit_span_is(r.c.trailer[0].key, "Signed-off-by");
	unit_span_is(r.c.trailer[0].value, "Ada <ada@x>");
	unit_span_is(r.c.trailer[2].value, "one two three");
	assert_int_equal(r.c.ncoauthor, 3);
	unit_span_is(r.c.coauthor[0], "b@x");
	unit_span_is(r.c.coauthor[1], "c@x");
	unit_span_is(r.c.coauthor[2], "d@x");
	arena_free(r.arena);
}

static void test_coauthors(void **state)
{
	static const struct {
		const char *message, *mail;
	} t[] = {
		{"x\nCo-authored-by: A <a@x>", "a@x"},
		{"x\n\nCo-authored-by: A <a@x>\n\nlast words\n", "a@x"},
		{"x\n\nCo-authored-by: A <a@x>\n\n# a comment\n", "a@x"},
		{"x\n\nCO-authored-BY\t:A<a@x>\r\n\r\n---\r\n", "a@x"},
		{"x\n\nCo-authored-by:\n A\n\t<\n a@x >\n\nmore", "a@x"},
		{"x\n\nCo-authored-by:", ""},
		{"x\n\nCo-authored-by: a@x \nmore", "a@x"},
		{"x\n\nCo-authored-by: A <a@x", "A <a@x"},
		{"x\n\nCo-authored-by: <>", ""},
		{"Co-authored-by: A <a@x>", "a@x"},
		{"x\n\nCo-authored-by A <a@x>", NULL},
		{"x\n\nNo-co-authored-by: A <a@x>", NULL},
		{"x\n\nCo-Developed-by: A <a@x>", "a@x"},
		{"x\n\nAssisted-by: Agent:model-3 tool", "Agent:model-3 tool"},
		{"x\n\nassisted-by: A <a@x>\n\nmore", "a@x"},
		{"x\n\nGenerated-by: Agent", "Agent"},
		{"x\n\nReviewed-by: A <a@x>", NULL},
		{"x\n\nSigned-off-by: A <a@x>", NULL},
		{"", NULL},
	};
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r;

		snprintf(text, sizeof(text), TREE AUTHOR COMMITTER "\n%s",
			t[i].message);
		r = parse(span_str(text));
		assert_int_equal(r.c.ncoauthor, t[i].mail ? 1 : 0);
		if (t[i].mail)
			unit_span_is(r.c.coauthor[0], t[i].mail);
		arena_free(r.arena);
	}
}

/* No number of lines hides one. */
static void test_coauthors_behind_many(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i;
	struct run r;

	(void)state;
	buf_str(&b, TREE AUTHOR COMMITTER "\nx\n\n");
	for (i = 0; i < 2000; i++)
		buf_str(&b, "Note: x\n");
	buf_str(&b, "Co-authored-by: A\n");
	for (i = 0; i < 2000; i++)
		buf_str(&b, " x\n");
	buf_str(&b, " <a@x>\n");
	r = parse(buf_all(&b));
	assert_int_equal(r.c.ncoauthor, 1);
	unit_span_is(r.c.coauthor[0], "a@x");
	assert_non_null(r.c.malformed);
	arena_free(r.arena);
	buf_free(&b);
}

static void test_trailer_limit(void **state)
{
	struct buf b = BUF_INIT(1 << 20);
	struct run r;
	size_t i;

	(void)state;
	buf_str(&b, TREE AUTHOR COMMITTER "\ns\n\n");
	for (i = 0; i < 1001; i++)
		buf_str(&b, "A: b\n");
	r = parse(buf_all(&b));
	assert_int_equal(r.rc, 0);
	assert_non_null(r.c.malformed);
	assert_int_equal(r.c.ntrailer, 1000);
	arena_free(r.arena);
	buf_reset(&b);
	buf_str(&b, TREE AUTHOR COMMITTER "\ns\n\nA: b\n");
	for (i = 0; i < 101; i++)
		buf_str(&b, " c\n");
	r = parse(buf_all(&b));
	assert_non_null(r.c.malformed);
	arena_free(r.arena);
	buf_free(&b);
}

/* Cut anywhere, nothing is read past the end and the payload is a prefix. */
static void test_cut(void **state)
{
	static const char whole[] = TREE P1 P2 AUTHOR COMMITTER SIG "\nm\n";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(whole); n++) {
		struct run r = parse(span_of(whole, n));

		if (n < sizeof(TREE) - 2)
			assert_int_equal(r.rc, -1);
		arena_free(r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_mergetags),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_not_a_commit),
		cmocka_unit_test(test_trailers),
		cmocka_unit_test(test_coauthors),
		cmocka_unit_test(test_coauthors_behind_many),
		cmocka_unit_test(test_trailer_limit),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
