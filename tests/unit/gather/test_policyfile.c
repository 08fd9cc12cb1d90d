#include <sys/stat.h>

#include "base/io.h"
#include "gather/gather.h"
#include "support/unit.h"

static const char text[] =
	"{\"people\": {\"ada\": {\"email\": [\"a@x\"], \"openpgp\": "
	"[\"keys/a.asc\"]}, \"bela\": {\"email\": [\"b@x\"], \"ssh\": "
	"[\"keys/b.pub\"]}}, \"repositories\": [{\"match\": [\"**\"], "
	"\"refs\": [{\"match\": [\"**\"], \"signature\": {\"by\": [\"ada\", "
	"\"bela\"]}, \"message\": {\"require\": [\"^x\"]}}]}]}";

struct fixture {
	char dir[300], policy[400];
	struct arena *arena;
	struct policy *p;
	struct err err;
};

static void put(struct fixture *f, const char *name, const char *bytes)
{
	char path[700];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(io_replace(path, span_str(bytes), 0644, &err), 0);
}

static void mode(struct fixture *f, const char *name, mode_t to)
{
	char path[700];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(chmod(path, to), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char keys[700];

	assert_non_null(f);
	umask(022);
	unit_dir(f->dir, sizeof(f->dir));
	snprintf(keys, sizeof(keys), "%s/keys", f->dir);
	assert_int_equal(mkdir(keys, 0755), 0);
	snprintf(f->policy, sizeof(f->policy), "%s/policy.json", f->dir);
	put(f, "policy.json", text);
	put(f, "keys/a.asc", "the key of ada\n");
	put(f, "keys/b.pub", "the key of bela\n");
	f->arena = arena_new(64u << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rm(f->dir);
	arena_free(f->arena);
	free(f);
	return 0;
}

static const struct policy *good(struct fixture *f)
{
	err_clear(&f->err);
	if (policy_load(f->policy, f->arena, &f->p, &f->err))
		fail_msg("%s", f->err.text);
	return f->p;
}

static void bad(struct fixture *f, const char *want)
{
	err_clear(&f->err);
	assert_int_equal(policy_load(f->policy, f->arena, &f->p, &f->err), -1);
	assert_null(f->p);
	if (!strstr(f->err.text, want))
		fail_msg("said '%s', expected '%s'", f->err.text, want);
	if (!strstr(f->err.text, f->policy))
		fail_msg("'%s' does not name the policy", f->err.text);
}

static void keys_and_digests(void **state)
{
	struct fixture *f = *state;
	const struct policy *p = good(f);
	char keys[65], file[65], commented[sizeof(text) + 40];

	unit_span_is(p->person[0].key[0].data, "the key of ada\n");
	unit_span_is(p->person[1].key[0].data, "the key of bela\n");
	assert_int_equal(strlen(p->digest), 64);
	assert_int_equal(strlen(p->keys_digest), 64);
	assert_string_not_equal(p->digest, p->keys_digest);

	/* The digest of the keys follows the keys and nothing else. */
	memcpy(keys, p->keys_digest, sizeof(keys));
	memcpy(file, p->digest, sizeof(file));
	put(f, "keys/b.pub", "another key of bela\n");
	assert_string_not_equal(good(f)->keys_digest, keys);
	assert_string_equal(good(f)->digest, file);
	put(f, "keys/b.pub", "the key of bela\n");
	commented[0] = '{';
	snprintf(commented + 1, sizeof(commented) - 1, "\"comment\": \"x\", %s",
		text + 1);
	put(f, "policy.json", commented);
	assert_string_equal(good(f)->keys_digest, keys);
	assert_string_not_equal(good(f)->digest, file);
}

static void allowed_signers_are_read(void **state)
{
	struct fixture *f = *state;
	char with[sizeof(text) + 60], keys[65];
	const struct policy *p;

	memcpy(keys, good(f)->keys_digest, sizeof(keys));
	snprintf(with, sizeof(with), "{\"allowed_signers\": [\"keys/s\"], %s",
		text + 1);
	put(f, "policy.json", with);
	bad(f, "allowed signers 'keys/s': cannot open");
	/* A file that admits nobody is another thing than none. */
	put(f, "keys/s", "");
	p = good(f);
	assert_int_equal(p->signers[0].data.n, 0);
	assert_string_not_equal(p->keys_digest, keys);
	memcpy(keys, p->keys_digest, sizeof(keys));
	put(f, "keys/s", "x\n");
	p = good(f);
	unit_span_is(p->signers[0].data, "x\n");
	assert_string_not_equal(p->keys_digest, keys);
	mode(f, "keys/s", 0666);
	bad(f, "can be written");
}

static void revoked_keys_are_read(void **state)
{
	struct fixture *f = *state;
	char with[sizeof(text) + 60], keys[65];

	memcpy(keys, good(f)->keys_digest, sizeof(keys));
	snprintf(with, sizeof(with), "{\"ssh_revoked\": [\"keys/s\"], %s",
		text + 1);
	put(f, "policy.json", with);
	bad(f, "revoked keys 'keys/s': cannot open");
	put(f, "keys/s", "# none\n");
	assert_string_not_equal(good(f)->keys_digest, keys);
	memcpy(keys, f->p->keys_digest, sizeof(keys));
	unit_span_is(f->p->revoked[0].data, "# none\n");
	/* The same bytes with another meaning. */
	snprintf(with, sizeof(with), "{\"ssh_compromised\": [\"keys/s\"], %s",
		text + 1);
	put(f, "policy.json", with);
	assert_string_not_equal(good(f)->keys_digest, keys);
	unit_span_is(f->p->compromised[0].data, "# none\n");
	snprintf(with, sizeof(with), "{\"allowed_signers\": [\"keys/s\"], %s",
		text + 1);
	put(f, "policy.json", with);
	assert_string_not_equal(good(f)->keys_digest, keys);
}

static void the_digest_is_what_sha256sum_says(void **state)
{
	struct fixture *f = *state;
	char command[500], said[65] = {0};
	FILE *out;
	int fd[2];
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	snprintf(command, sizeof(command), "%s", f->policy);
	pid = fork();
	if (!pid) {
		dup2(fd[1], 1);
		execlp("sha256sum", "sha256sum", command, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	out = fdopen(fd[0], "r");
	assert_non_null(out);
	assert_int_equal(fread(said, 1, 64, out), 64);
	fclose(out);
	waitpid(pid, NULL, 0);
	assert_string_equal(good(f)->digest, said);
}

static void what_others_may_change_is_refused(void **state)
{
	struct fixture *f = *state;

	mode(f, "policy.json", 0666);
	bad(f, "can be written by others");
	assert_non_null(strstr(f->err.hint, "chmod go-w"));
	mode(f, "policy.json", 0644);
	mode(f, "keys/a.asc", 0664);
	bad(f, "key 'keys/a.asc' of 'ada': the file");
	mode(f, "keys/a.asc", 0644);
	mode(f, "keys", 0777);
	bad(f, "the folder");
	mode(f, "keys", 0755);
	good(f);
}

static void keys_must_be_there(void **state)
{
	struct fixture *f = *state;
	char path[700];

	put(f, "keys/b.pub", " \n");
	bad(f, "key 'keys/b.pub' of 'bela': the file is empty");
	snprintf(path, sizeof(path), "%s/keys/b.pub", f->dir);
	assert_int_equal(unlink(path), 0);
	bad(f, "key 'keys/b.pub' of 'bela': cannot open");
}

static void expressions_are_compiled(void **state)
{
	struct fixture *f = *state;
	char wrong[sizeof(text)], *at;

	memcpy(wrong, text, sizeof(text));
	at = strstr(wrong, "^x");
	assert_non_null(at);
	at[0] = '(';
	put(f, "policy.json", wrong);
	bad(f, "repositories[0].refs[0].message.require[0]: '(x': bad regular");
}

static void mistakes_name_the_file(void **state)
{
	struct fixture *f = *state;

	put(f, "policy.json", "{");
	bad(f, "not valid JSON");
	put(f, "policy.json", "{}");
	bad(f, "repositories: expected");
	assert_int_equal(unlink(f->policy), 0);
	bad(f, "cannot open");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_and_digests),
		TEST(allowed_signers_are_read),
		TEST(revoked_keys_are_read),
		TEST(the_digest_is_what_sha256sum_says),
		TEST(what_others_may_change_is_refused),
		TEST(keys_must_be_there),
		TEST(expressions_are_compiled),
		TEST(mistakes_name_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
