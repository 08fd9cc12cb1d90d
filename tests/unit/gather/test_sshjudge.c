/*
 * SSH signatures made when the test runs, by ssh-keygen or, of security keys,
 * put together by hand; judged by us and by 'ssh-keygen -Y verify'. Where we
 * refuse what it takes, the table says why.
 */
#include "support/unit.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "gather/gather.h"
#include "support/sshblob.h"

static char dir[256];
static struct arena *arena;
static struct sshpair sk_ed25519, sk_p256;

#define PAYLOAD SPAN_LIT("tree\nauthor\n\nwhat is signed\n")

static const char *path(const char *name)
{
	return arena_fmt(arena, "%s/%s", dir, name);
}

static void put(const char *name, struct span s)
{
	struct err err = ERR_INIT;

	if (io_replace(path(name), s, 0600, &err))
		fail_msg("%s", err.text);
}

/* Whether it exits with 0. */
static bool runs(const char *const *argv, struct span in)
{
	struct proc p = {.argv = argv, .in = in, .timeout_ms = 60000};
	struct buf talk = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct proc_end end;

	p.talk = &talk;
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	buf_free(&talk);
	return !end.signal && !end.status;
}

/* What ssh-keygen says of a signature by ada. */
static bool ssh_keygen_takes(const char *allowed, struct span armored)
{
	const char *argv[] = {"ssh-keygen", "-q", "-Y", "verify", "-f",
		path("allowed"), "-I", "ada@example.org", "-n", "git", "-s",
		path("sig"), NULL};

	put("allowed", span_str(allowed));
	put("sig", armored);
	return runs(argv, PAYLOAD);
}

static struct signature_fact judged(
	const struct policy *p, struct span armored, int64_t at)
{
	struct signed_text text = {.kind = SIGNATURE_SSH,
		.count = 1,
		.signature = armored,
		.payload = PAYLOAD};
	struct gather g = {.arena = arena};
	struct signature_fact out;
	struct err err = ERR_INIT;
	struct signers *sg;

	if (signers_open(&g, p, &sg, &err) ||
		signature_judge(sg, &text, at, &out, arena, &err))
		fail_msg("%s", err.text);
	signers_close(sg);
	gather_close(&g);
	return out;
}

/* A policy in which ${line} is ada's only key. */
static const struct policy *of_ada(const char *line)
{
	struct policy *p = ARENA_NEW(arena, struct policy);

	p->person = ARENA_NEW(arena, struct person);
	p->nperson = 1;
	p->person->name = "ada";
	p->person->email = ARENA_NEW(arena, const char *);
	p->person->email[0] = "ada@example.org";
	p->person->nemail = 1;
	p->person->key = ARENA_NEW(arena, struct policy_key);
	p->person->nkey = 1;
	*p->person->key = (struct policy_key){.kind = SIGNATURE_SSH,
		.file = "ada.pub",
		.data = span_str(line)};
	return p;
}

static int setup(void **state)
{
	(void)state;
	unit_dir(dir, sizeof(dir));
	arena = arena_new(512u << 20);
	sshpair_make(&sk_ed25519, SSHKEY_SK_ED25519, arena);
	sshpair_make(&sk_p256, SSHKEY_SK_P256, arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sshpair_free(&sk_ed25519);
	sshpair_free(&sk_p256);
	arena_free(arena);
	unit_rm(dir);
	return 0;
}

static const char *allowed(const struct sshpair *p)
{
	return arena_fmt(
		arena, "ada@example.org %s", sshpair_line(p, "", arena));
}

/* Flags and options; ssh-keygen looks at neither. */
static void test_security_keys(void **unused)
{
	static const struct {
		const char *options;
		unsigned char flags;
		enum signature_status status;
		const char *why;
	} t[] = {
		{"", 1, SIGNATURE_GOOD, ""},
		{"", 5, SIGNATURE_GOOD, ""},
		{"", 0x1d, SIGNATURE_GOOD, ""},
		{"", 0, SIGNATURE_BAD, "nobody touched"},
		{"", 4, SIGNATURE_BAD, "nobody touched"},
		{"no-touch-required ", 0, SIGNATURE_GOOD, ""},
		{"no-touch-required ", 1, SIGNATURE_GOOD, ""},
		{"verify-required ", 1, SIGNATURE_BAD, "PIN"},
		{"verify-required ", 4, SIGNATURE_BAD, "nobody touched"},
		{"verify-required ", 5, SIGNATURE_GOOD, ""},
		{"no-touch-required,verify-required ", 0, SIGNATURE_BAD, "PIN"},
		{"no-touch-required,verify-required ", 4, SIGNATURE_GOOD, ""},
	};
	const struct sshpair *const pairs[] = {&sk_ed25519, &sk_p256};
	size_t i, k;

	(void)unused;
	for (k = 0; k < ARRAY_LEN(pairs); k++) {
		const struct sshpair *p = pairs[k];
		const char *line = sshpair_line(p, "ada", arena);

		for (i = 0; i < ARRAY_LEN(t); i++) {
			struct sshtouch touch = {t[i].flags, 0x01020384, false};
			struct span sig =
				sshblob_armor(sshpair_sign(p, p->blob, "git",
						      PAYLOAD, &touch, arena),
					arena);
			struct signature_fact got =
				judged(of_ada(arena_fmt(arena, "%s%s",
					       t[i].options, line)),
					sig, clock_now());

			if (got.status != t[i].status ||
				!strstr(got.detail, t[i].why))
				fail_msg("key %zu, case %zu: %s (%s)", k, i,
					signature_status_name(got.status),
					got.detail);
			assert_int_equal(got.person != NULL,
				got.status == SIGNATURE_GOOD);
			assert_true(ssh_keygen_takes(allowed(p), sig));
		}
	}
}

/* Two lines of one person: any of them will do. */
static void test_lines_of_one_key(void **unused)
{
	const char *line = sshpair_line(&sk_p256, "ada", arena);
	struct sshtouch touch = {0, 1, false};
	struct span sig = sshblob_armor(sshpair_sign(&sk_p256, sk_p256.blob,
						"git", PAYLOAD, &touch, arena),
		arena);

	(void)unused;
	assert_int_equal(judged(of_ada(arena_fmt(arena,
					"%sno-touch-required %s", line, line)),
				 sig, 1)
				 .status,
		SIGNATURE_GOOD);
	assert_int_equal(judged(of_ada(arena_fmt(arena,
					"no-touch-required %s%s", line, line)),
				 sig, 1)
				 .status,
		SIGNATURE_GOOD);
	assert_int_equal(
		judged(of_ada(arena_fmt(arena, "%s%s", line, line)), sig, 1)
			.status,
		SIGNATURE_BAD);
}

/* Every bit of it, the flags and the counter among them. */
static void test_security_key_flips(void **unused)
{
	const struct sshpair *const pairs[] = {&sk_ed25519, &sk_p256};
	struct sshtouch touch = {1, 77, false};
	size_t k, bit, n;

	(void)unused;
	for (k = 0; k < ARRAY_LEN(pairs); k++) {
		const struct sshpair *p = pairs[k];
		const struct policy *policy = of_ada(arena_fmt(arena,
			"no-touch-required %s", sshpair_line(p, "", arena)));
		struct span sig =
			sshpair_sign(p, p->blob, "git", PAYLOAD, &touch, arena);
		unsigned char *w = arena_get(arena, sig.n, 1);

		memcpy(w, sig.p, sig.n);
		for (bit = 0; bit < sig.n * 8; bit++) {
			w[bit / 8] ^= (unsigned char)(1 << bit % 8);
			if (judged(policy,
				    sshblob_armor(span_of(w, sig.n), arena), 1)
					.status == SIGNATURE_GOOD)
				fail_msg("key %zu: good with bit %zu of byte "
					 "%zu flipped",
					k, bit % 8, bit / 8);
			w[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		for (n = 0; n < sig.n; n++)
			if (judged(policy, sshblob_armor(span_of(w, n), arena),
				    1)
					.status == SIGNATURE_GOOD)
				fail_msg("key %zu: good at %zu bytes", k, n);
		assert_int_equal(
			judged(policy, sshblob_armor(sig, arena), 1).status,
			SIGNATURE_GOOD);
	}
}

/* A browser signs what a page gives it. */
static void test_webauthn(void **unused)
{
	struct sshtouch touch = {1, 1, true};
	struct span sig = sshblob_armor(sshpair_sign(&sk_p256, sk_p256.blob,
						"git", PAYLOAD, &touch, arena),
		arena);
	struct signature_fact got =
		judged(of_ada(sshpair_line(&sk_p256, "", arena)), sig, 1);

	(void)unused;
	assert_int_equal(got.status, SIGNATURE_UNSUPPORTED);
	assert_non_null(strstr(got.detail, "webauthn"));
	assert_null(got.person);
}

/* The namespace and the owner count as for other keys. */
static void test_security_key_elsewhere(void **unused)
{
	struct sshtouch touch = {1, 1, false};
	struct span sig = sshblob_armor(sshpair_sign(&sk_p256, sk_p256.blob,
						"file", PAYLOAD, &touch, arena),
		arena);

	(void)unused;
	assert_int_equal(
		judged(of_ada(sshpair_line(&sk_p256, "", arena)), sig, 1)
			.status,
		SIGNATURE_BAD);
	sig = sshblob_armor(sshpair_sign(&sk_p256, sk_p256.blob, "git", PAYLOAD,
				    &touch, arena),
		arena);
	assert_int_equal(
		judged(of_ada(sshpair_line(&sk_ed25519, "", arena)), sig, 1)
			.status,
		SIGNATURE_UNKNOWN_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_security_keys),
		cmocka_unit_test(test_lines_of_one_key),
		cmocka_unit_test(test_security_key_flips),
		cmocka_unit_test(test_webauthn),
		cmocka_unit_test(test_security_key_elsewhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
