#include "support/unit.h"

#include "base/text.h"
#include "parse/sshkeyline.h"
#include "support/sshblob.h"

static struct arena *arena;
static struct sshpair sk;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 22);
	sshpair_make(&sk, SSHKEY_SK_ED25519, arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sshpair_free(&sk);
	arena_free(arena);
	return 0;
}

/* "ssh-ed25519" and a point that is no secret's. */
static const char ed[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"
			 "KWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWl";
static const char dss[] = "ssh-dss AAAAB3NzaC1kc3MAAAABAQ==";

static const char *of_sk(const char *options)
{
	return arena_fmt(
		arena, "%s%s", options, sshpair_line(&sk, "mine", arena));
}

static void test_file(void **state)
{
	const char *text =
		arena_fmt(arena, "# keys\n\n \t\n%s ada at home\r\n\t%s%s\n",
			ed, of_sk("Verify-Required,no-touch-required \t"), ed);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	size_t n;

	(void)state;
	assert_int_equal(
		sshkeyline_file(span_str(text), arena, &v, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(v[0].key.type, SSHKEY_ED25519);
	assert_int_equal(v[0].number, 4);
	assert_int_equal(v[0].options.set, 0);
	unit_span_is(v[0].comment, "ada at home");
	assert_int_equal(v[1].key.type, SSHKEY_SK_ED25519);
	assert_true(span_eq(v[1].key.blob, sk.blob));
	assert_int_equal(v[1].number, 5);
	assert_int_equal(
		v[1].options.set, SSHOPTION_NO_TOUCH | SSHOPTION_VERIFY);
	unit_span_is(v[1].comment, "mine");
	assert_int_equal(v[2].comment.n, 0);
}

static void test_file_refused(void **state)
{
	const struct {
		const char *text, *why;
	} t[] = {
		{"", "no SSH public key"},
		{"# nothing\n", "no SSH public key"},
		{arena_fmt(arena, "%s\nssh-ed25519\n", ed), "line 2"},
		{arena_fmt(arena, "%s\nssh-ed25519 !!!\n", ed), "line 2"},
		{arena_fmt(arena, "ssh-rsa %s", ed + 12), "not of the type"},
		{arena_fmt(arena, "ssh-dsa %s", ed + 12), "found 'ssh-dsa'"},
		{dss, "'ssh-dss' are not supported"},
		{arena_fmt(arena, "ada@example.org %s", ed),
			"found 'ada@example.org'"},
		{arena_fmt(arena, "cert-authority %s", ed),
			"'cert-authority' has no place here"},
		{arena_fmt(arena, "from=\"10.0.0.1\" %s", ed), "found 'from'"},
		{arena_fmt(arena, "verify-required %s", ed),
			"an option for security keys"},
		{of_sk("verify-required,"), "found 'sk-ssh-ed25519@"},
		{of_sk("verify-required, "), "found ''"},
		{of_sk(", "), "found ''"},
		{of_sk("verify-required,verify-required "), "twice"},
		{of_sk("verify-required=\"yes\" "), "takes no value"},
		{of_sk("verify-requiredx "), "found 'verify-requiredx'"},
		{of_sk("no-verify-required "), "found 'no-verify-required'"},
		{of_sk("verify-required,pty "), "found 'pty'"},
		{"verify-required", "expected 'type base64 comment'"},
		{of_sk("verify-required verify-required "),
			"expected 'type base64 comment'"},
		{"-----BEGIN OPENSSH PRIVATE KEY-----\n", "'-----BEGIN'"},
	};
	struct sshkeyline *v;
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;

		if (!sshkeyline_file(span_str(t[i].text), arena, &v, &n, &err))
			fail_msg("case %zu was taken", i);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
		assert_int_equal(n, 0);
	}
}

/* Values of options, and what is taken of them. */
static void test_options(void **state)
{
	const char *text = arena_fmt(arena,
		"namespaces=\"git,!fi\\\"le\" %s\n"
		"valid-after=\"20200229Z\",VALID-BEFORE=\"202512312359utc\" "
		"%s\n"
		"valid-before=\"20380119031408z\",namespaces=\"\" %s\n",
		ed, ed, ed);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	size_t n;

	(void)state;
	if (sshkeyline_file(span_str(text), arena, &v, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, 3);
	assert_int_equal(v[0].options.set, SSHOPTION_NAMESPACES);
	unit_span_is(v[0].options.namespaces, "git,!fi\"le");
	assert_int_equal(v[1].options.set, SSHOPTION_AFTER | SSHOPTION_BEFORE);
	assert_int_equal(v[1].options.after, 1582934400);
	assert_int_equal(v[1].options.before, 1767225540);
	assert_int_equal(
		v[2].options.set, SSHOPTION_BEFORE | SSHOPTION_NAMESPACES);
	assert_int_equal(v[2].options.before, INT64_C(0x80000000));
	assert_int_equal(v[2].options.namespaces.n, 0);
}

static void test_options_refused(void **state)
{
	static const char *const values[][2] = {
		{"namespaces", "needs a value in quotes"},
		{"namespaces=git", "needs a value in quotes"},
		{"namespaces=", "needs a value in quotes"},
		{"namespaces=\"git", "does not end"},
		{"namespaces=\"git\\\"", "does not end"},
		{"namespaces=\"git\"x", "expected a comma"},
		{"namespaces=\"git\",", "found ''"},
		{"namespaces=\"git\",namespaces=\"git\"", "twice"},
		{"valid-after=\"20250101\"", "does not say its zone"},
		{"valid-before=\"202501012359\"", "does not say its zone"},
		{"valid-before=\"Z\"", "is given no time"},
		{"valid-before=\"\"", "is given no time"},
		{"valid-before=\"never\"", "is given no time"},
		{"valid-before=\"20250229Z\"", "is given no time"},
		{"valid-before=\"20250431Z\"", "is given no time"},
		{"valid-before=\"20251301Z\"", "is given no time"},
		{"valid-before=\"20250100Z\"", "is given no time"},
		{"valid-before=\"202501012460Z\"", "is given no time"},
		{"valid-before=\"20250101236060Z\"", "is given no time"},
		{"valid-before=\"2025-1-1Z\"", "is given no time"},
		{"valid-before=\"19700101Z\"", "is given no time"},
		{"valid-before=\"19691231Z\"", "is given no time"},
		{"valid-after=\"20250101Z\",valid-before=\"20250101Z\"",
			"is not later"},
	};
	struct sshkeyline *v;
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(values); i++) {
		struct err err = ERR_INIT;

		if (!sshkeyline_file(span_str(arena_fmt(arena, "%s\n%s %s", ed,
					     values[i][0], ed)),
			    arena, &v, &n, &err))
			fail_msg("%s was taken", values[i][0]);
		if (!strstr(err.text, values[i][1]) ||
			!strstr(err.text, "line 2"))
			fail_msg("%s: '%s'", values[i][0], err.text);
	}
}

static void test_signers(void **state)
{
	const char *text = arena_fmt(arena,
		"# who may sign\n"
		"ada@x,ada@y %s ada\n"
		"\"a b,!c\"\tcert-authority,namespaces=\"git\" %s\n"
		" * cert-authority,no-touch-required %s\n",
		ed, ed, ed);
	struct err err = ERR_INIT;
	struct sshkeyline *v;
	size_t n;

	(void)state;
	if (sshkeyline_signers(span_str(text), arena, &v, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, 3);
	unit_span_is(v[0].principals, "ada@x,ada@y");
	assert_int_equal(v[0].options.set, 0);
	assert_int_equal(v[0].number, 2);
	unit_span_is(v[1].principals, "a b,!c");
	assert_int_equal(
		v[1].options.set, SSHOPTION_AUTHORITY | SSHOPTION_NAMESPACES);
	unit_span_is(v[2].principals, "*");
	assert_int_equal(
		v[2].options.set, SSHOPTION_AUTHORITY | SSHOPTION_NO_TOUCH);
	assert_int_equal(
		sshkeyline_signers(SPAN_LIT("# none\n"), arena, &v, &n, &err),
		0);
	assert_int_equal(n, 0);
}

static void test_signers_refused(void **state)
{
	const struct {
		const char *text, *why;
	} t[] = {
		{ed, "expected 'type base64 comment' or an option"},
		{"ada@x", "expected 'principals type base64'"},
		{"ada@x ssh-ed25519", "expected 'type base64 comment'"},
		{arena_fmt(arena, "\"ada@x %s", ed), "is not closed"},
		{arena_fmt(arena, "\"\" %s", ed), "expected 'principals"},
		{arena_fmt(arena, "\"ada@x\"x %s", ed), "white space"},
		{arena_fmt(arena, "a\"da@x\" %s", ed), "a quote among"},
		{arena_fmt(arena, "ada@x no-touch-required %s", ed),
			"an option for security keys"},
		{arena_fmt(arena, "ada@x restrict %s", ed), "found 'restrict'"},
		{arena_fmt(arena, "ada@x %01001d %s", 0, ed), "found '000"},
		{arena_fmt(arena, "%01001d %s", 0, ed), "more than 1000"},
		{arena_fmt(arena, "ada@x %s", dss), "'ssh-dss'"},
	};
	struct span nul;
	struct sshkeyline *v;
	struct err err = ERR_INIT;
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		err_clear(&err);
		if (!sshkeyline_signers(
			    span_str(t[i].text), arena, &v, &n, &err))
			fail_msg("case %zu was taken", i);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
		assert_int_equal(n, 0);
	}
	nul = span_str(arena_fmt(arena, "ada@x %s x", ed));
	nul.n++;
	err_clear(&err);
	assert_int_equal(sshkeyline_signers(nul, arena, &v, &n, &err), -1);
	assert_non_null(strstr(err.text, "NUL"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_refused),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_refused),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_signers_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
