#include "support/unit.h"

#include "parse/tag.h"
#include "parse/trailer.h"

#define OBJECT "object 1111111111111111111111111111111111111111\n"
#define HEAD OBJECT "type commit\ntag v1\n"
#define TAGGER "tagger Ada <ada@example.org> 1700000000 +0000\n"
#define SIG "-----BEGIN SSH SIGNATURE-----\nAA==\n-----END SSH SIGNATURE-----\n"

struct run {
	struct arena *arena;
	struct tag t;
	int rc;
};

static struct run parse(struct span raw)
{
	static const struct oid id = {{9}};
	struct run r = {.arena = arena_new(1 << 24)};
	unsigned char *copy = malloc(raw.n + !raw.n);
	struct err err = ERR_INIT;

	assert_non_null(copy);
	if (raw.n)
		memcpy(copy, raw.p, raw.n);
	r.rc = tag_parse(span_of(copy, raw.n), &id, r.arena, &r.t, &err);
	assert_int_equal(r.rc, err.code ? -1 : 0);
	memset(copy, 'x', raw.n);
	free(copy);
	return r;
}

static void test_plain(void **state)
{
	struct run r = parse(SPAN_LIT(HEAD TAGGER "\nrelease\n"));

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_null(r.t.malformed);
	assert_int_equal(r.t.target.b[0], 0x11);
	assert_int_equal(r.t.target_type, OBJECT_COMMIT);
	unit_span_is(r.t.name, "v1");
	unit_span_is(r.t.tagger.email, "ada@example.org");
	unit_span_is(r.t.message, "release\n");
	assert_int_equal(r.t.sig.count, 0);
	unit_span_is(r.t.sig.payload, HEAD TAGGER "\nrelease\n");
	arena_free(r.arena);
}

static void test_signed(void **state)
{
	struct run r = parse(SPAN_LIT(HEAD TAGGER
		"gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n AA\n"
		"\nok\n\nSluice: approval\nRepository: payments/api\n"
		"For: refs/heads/main\n" SIG));
	struct span v;

	(void)state;
	assert_null(r.t.malformed);
	assert_int_equal(r.t.sig.kind, SIGNATURE_SSH);
	assert_int_equal(r.t.sig.count, 1);
	unit_span_is(r.t.sig.signature, SIG);
	unit_span_is(r.t.sig.payload,
		HEAD TAGGER
		"\nok\n\nSluice: approval\nRepository: payments/api\n"
		"For: refs/heads/main\n");
	assert_int_equal(r.t.ntrailer, 3);
	assert_true(trailer_find(r.t.trailer, r.t.ntrailer, "for", &v));
	unit_span_is(v, "refs/heads/main");
	assert_false(trailer_find(r.t.trailer, r.t.ntrailer, "nope", &v));
	arena_free(r.arena);
}

static void test_twice(void **state)
{
	struct run r = parse(SPAN_LIT(HEAD "\nFor: a\nFor: b\n"));
	struct span v;

	(void)state;
	assert_null(r.t.malformed);
	unit_span_is(r.t.tagger.email, "");
	assert_false(trailer_find(r.t.trailer, r.t.ntrailer, "For", &v));
	assert_int_equal(v.n, 0);
	arena_free(r.arena);
}

static void test_malformed(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} t[] = {
#define CASE(s, w) {{(const unsigned char *)(s), sizeof(s) - 1}, w}
		CASE(HEAD TAGGER "\nm\0\n", "NUL"),
		CASE(HEAD TAGGER TAGGER "\nm\n", "doubled"),
		CASE(HEAD OBJECT TAGGER "\nm\n", "doubled"),
		CASE(OBJECT "tag v1\ntype commit\n\nm\n", "misplaced"),
		CASE(OBJECT "\nm\n", "missing"),
		CASE(OBJECT "type thing\ntag v\n\nm\n", "unknown object type"),
		CASE(OBJECT "type none\ntag v\n\nm\n", "unknown object type"),
		CASE(HEAD "x y\n" TAGGER "\nm\n", "unknown header"),
		CASE(HEAD " folded\n" TAGGER "\nm\n", "folded"),
		CASE(HEAD "gpgsig x\n" TAGGER "\nm\n", "signature header"),
		CASE(HEAD TAGGER "gpgsig-sha256 x\ngpgsig-sha256 x\n\nm\n",
			"signature header"),
		CASE(HEAD "tagger A <a@x> <b@x> 1 +0000\n\nm\n", "mail"),
		CASE(HEAD TAGGER "\nm\n" SIG "said later\n", "text after"),
		CASE(HEAD TAGGER "\nm\n" SIG "said later\n" SIG, "more than"),
		CASE(HEAD TAGGER "\nm\n" SIG SIG, "more than"),
		CASE("object AAAA111111111111111111111111111111111111\n"
		     "type commit\ntag v\n\nm\n",
			"upper"),
#undef CASE
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r = parse(t[i].text);

		assert_int_equal(r.rc, 0);
		if (!r.t.malformed || !strstr(r.t.malformed, t[i].why))
			fail_msg("case %zu: '%s', wanted '%s'", i,
				r.t.malformed ? r.t.malformed : "(none)",
				t[i].why);
		arena_free(r.arena);
	}
}

static void test_not_a_tag(void **state)
{
	static const char *const t[] = {"", "\n", "object 11\n", " " OBJECT,
		"tree 1111111111111111111111111111111111111111\n"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct run r = parse(span_str(t[i]));

		assert_int_equal(r.rc, -1);
		arena_free(r.arena);
	}
}

static void test_cut(void **state)
{
	static const char whole[] = HEAD TAGGER "\nm\n" SIG;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(whole); n++) {
		struct run r = parse(span_of(whole, n));

		arena_free(r.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_not_a_tag),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
