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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_names_its_pusher),
		cmocka_unit_test(names_are_made_printable_and_cut),
		cmocka_unit_test(options_are_read_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
