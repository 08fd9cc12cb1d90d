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
			"found 'cert-authority'"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
