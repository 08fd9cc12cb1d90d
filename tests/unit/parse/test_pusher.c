#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parse/pusher.h"

/* An environment of pairs, for one reading. */
static const char *const *environment;

static const char *get(const char *name)
{
	const char *const *e;

	for (e = environment; *e; e += 2)
		if (!strcmp(*e, name))
			return e[1];
	return NULL;
}

struct expected {
	const char *env[12];
	const char *name, *source, *address, *email;
	enum transport transport;
};

static void each_server_names_its_pusher(void **state)
{
	static const struct expected cases[] = {
		{{NULL}, "gituser", "unix", "", "", TRANSPORT_LOCAL},
		{{"SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22", NULL},
			"gituser", "unix", "192.0.2.7", "", TRANSPORT_SSH},
		{{"REMOTE_USER", "ada", "REMOTE_ADDR", "192.0.2.8",
			 "REQUEST_METHOD", "POST", NULL},
			"ada", "REMOTE_USER", "192.0.2.8", "", TRANSPORT_HTTP},
		{{"GL_USER", "bela", "GL_REPO", "x", "SSH_CONNECTION",
			 "192.0.2.9 1 2 3", "SSH_ORIGINAL_COMMAND",
			 "git-receive-pack 'x'", NULL},
			"bela", "GL_USER", "192.0.2.9", "", TRANSPORT_SSH},
		{{"GL_USERNAME", "cleo", "GL_ID", "user-4", "GL_PROTOCOL",
			 "ssh", NULL},
			"cleo", "GL_USERNAME", "", "", TRANSPORT_SSH},
		{{"GL_USERNAME", "cleo", "GL_PROTOCOL", "web", NULL}, "cleo",
			"GL_USERNAME", "", "", TRANSPORT_WEB},
		{{"GL_USERNAME", "cleo", "GL_PROTOCOL", "http", NULL}, "cleo",
			"GL_USERNAME", "", "", TRANSPORT_HTTP},
		{{"GITEA_PUSHER_NAME", "dora", "GITEA_PUSHER_EMAIL",
			 "dora@example.org", "SSH_ORIGINAL_COMMAND",
			 "gitea-internal", NULL},
			"dora", "GITEA_PUSHER_NAME", "", "dora@example.org",
			TRANSPORT_WEB},
		{{"GITEA_PUSHER_NAME", "dora", "SSH_ORIGINAL_COMMAND",
			 "receive-pack", NULL},
			"dora", "GITEA_PUSHER_NAME", "", "", TRANSPORT_HTTP},
		/* An empty variable names nobody. */
		{{"REMOTE_USER", "", NULL}, "gituser", "unix", "", "",
			TRANSPORT_LOCAL},
	};
	struct arena *arena = arena_new(1u << 20);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct expected *c = &cases[i];
		struct pusher p;

		environment = c->env;
		pusher_read(get, "gituser", arena, &p);
		assert_string_equal(c->name, p.name);
		assert_string_equal(c->source, p.source);
		assert_string_equal(c->address, p.address);
		assert_string_equal(c->email, p.email);
		assert_int_equal(c->transport, p.transport);
	}
	arena_free(arena);
}

static void names_are_made_printable_and_cut(void **state)
{
	struct arena *arena = arena_new(1u << 20);
	const char *env[3] = {"REMOTE_USER", NULL, NULL};
	struct pusher p;
	char big[5001];

	(void)state;
	environment = env;
	env[1] = "ada\x1b[2J\n\xff";
	pusher_read(get, "gituser", arena, &p);
	assert_string_equal("ada\\x1b[2J\\x0a\\xff", p.name);
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	env[1] = big;
	pusher_read(get, "gituser", arena, &p);
	assert_true(strlen(p.name) < 210);
	arena_free(arena);
}

static void options_are_read_and_bounded(void **state)
{
	struct arena *arena = arena_new(1u << 20);
	static const char *const two[] = {"GIT_PUSH_OPTION_COUNT", "2",
		"GIT_PUSH_OPTION_0", "ticket=7", "GIT_PUSH_OPTION_1",
		"a\x1b"
		"b",
		NULL};
	static const char *const many[] = {
		"GIT_PUSH_OPTION_COUNT", "99999", NULL};
	static const char *const junk[] = {"GIT_PUSH_OPTION_COUNT", "-1", NULL};
	const char **option;
	size_t n;

	(void)state;
	environment = two;
	push_options_read(get, arena, &option, &n);
	assert_int_equal(2, n);
	assert_string_equal("ticket=7", option[0]);
	assert_string_equal("a\\x1bb", option[1]);
	environment = many;
	push_options_read(get, arena, &option, &n);
	assert_int_equal(64, n);
	environment = junk;
	push_options_read(get, arena, &option, &n);
	assert_int_equal(0, n);
	arena_free(arena);
}

#define BLOB "c47840381ad2c111a36e1b9875a1a7f9d3c4e985"

static void what_git_says_of_a_certificate_is_read(void **state)
{
	static const struct {
		const char *env[12];
		bool given, blob, known;
		enum nonce_status status;
		uint64_t slop;
		size_t noption;
	} rows[] = {
		{{NULL}, false, false, false, NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT", "", NULL}, false, false, false,
			NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT_NONCE_STATUS", "OK", NULL}, false, false,
			false, NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, NULL}, true, true, true,
			NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT", "HEAD", NULL}, true, false, true,
			NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "OK",
			 NULL},
			true, true, true, NONCE_OK, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "ok",
			 NULL},
			true, true, true, NONCE_UNCHECKED, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "BAD",
			 "GIT_PUSH_CERT_NONCE_SLOP", "3", NULL},
			true, true, true, NONCE_BAD, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS",
			 "UNSOLICITED", NULL},
			true, true, true, NONCE_UNSOLICITED, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS",
			 "MISSING", NULL},
			true, true, true, NONCE_MISSING, 0, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "SLOP",
			 "GIT_PUSH_CERT_NONCE_SLOP", "12", NULL},
			true, true, true, NONCE_SLOP, 12, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "SLOP",
			 "GIT_PUSH_CERT_NONCE_SLOP", "-12", NULL},
			true, true, true, NONCE_SLOP, 12, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "SLOP",
			 NULL},
			true, true, true, NONCE_SLOP, INT64_MAX, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_CERT_NONCE_STATUS", "SLOP",
			 "GIT_PUSH_CERT_NONCE_SLOP", "soon", NULL},
			true, true, true, NONCE_SLOP, INT64_MAX, 0},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_OPTION_COUNT", "1",
			 "GIT_PUSH_OPTION_0", "a\x1b", NULL},
			true, true, true, NONCE_UNCHECKED, 0, 1},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_OPTION_COUNT", "2",
			 "GIT_PUSH_OPTION_0", "a", NULL},
			true, true, false, NONCE_UNCHECKED, 0, 1},
		{{"GIT_PUSH_CERT", BLOB, "GIT_PUSH_OPTION_COUNT", "many", NULL},
			true, true, false, NONCE_UNCHECKED, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new(1u << 20);
		struct push_signed s;

		environment = rows[i].env;
		push_signed_read(get, arena, &s);
		assert_int_equal(rows[i].given, s.given);
		assert_int_equal(rows[i].blob, !oid_is_zero(&s.blob));
		assert_int_equal(rows[i].known, s.options_known);
		assert_int_equal(rows[i].status, s.nonce_status);
		assert_int_equal(rows[i].slop, s.slop);
		assert_int_equal(rows[i].noption, s.noption);
		if (s.noption)
			assert_true(span_is(s.option[0],
				rows[i].env[5])); /* bytes, not for people */
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_names_its_pusher),
		cmocka_unit_test(names_are_made_printable_and_cut),
		cmocka_unit_test(options_are_read_and_bounded),
		cmocka_unit_test(what_git_says_of_a_certificate_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
