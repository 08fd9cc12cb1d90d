/*
 * Certificates made at test time, kept in a repository as git keeps them, and
 * judged against a push that they are about, or are not.
 */
#include "support/unit.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "gather/gather.h"
#include "parse/pushcert.h"

#define NONCE "1700000000-00ff"
#define OLD "1111111111111111111111111111111111111111"
#define NEW "2222222222222222222222222222222222222222"

/* Keys of ada and gus, and one certificate signed by each. */
static const char script[] =
	"set -eu; umask 077; cd \"$1\"; export GNUPGHOME=$1/g; mkdir g\n"
	"ssh-keygen -q -t ed25519 -N '' -C ada -f ada\n"
	"gpg -q --batch --passphrase '' --quick-gen-key "
	"'gus <gus@example.org>' ed25519 sign never\n"
	"gpg -q --batch --armor --export >gus.asc\n"
	"git init -q --bare repo.git\n"
	"printf 'certificate version 0.1\\npusher ada 1700000000 +0000\\n"
	"pushee https://git.example.org/team/app.git\\nnonce " NONCE "\\n"
	"push-option one\\npush-option \\n\\n" OLD " " NEW
	" refs/heads/a\\n" NEW " " OLD " refs/heads/b\\n' >payload\n"
	"ssh-keygen -q -Y sign -n git -f ada <payload >ssh.sig 2>/dev/null\n"
	"gpg -q --batch -a --detach-sign <payload >pgp.sig\n"
	"cat payload ssh.sig >ssh; cat payload pgp.sig >pgp\n"
	"gpgconf --kill all\n";

static char dir[256];
static struct arena *arena;
static struct gather g;
static struct policy_key keys[2];
static struct person person[2];
static struct repository_rules repository;
static struct policy policy = {.person = person, .nperson = 2};
static const char *any[] = {"**"};

/* The push that the certificates are about. */
struct world {
	struct rule_signature rule;
	struct ref_update up[3];
	struct update_fact update[3];
	struct span option[3];
	struct push push;
	struct facts facts;
};

static struct span file(const char *name)
{
	struct buf b = BUF_INIT(1 << 20), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct span s;

	io_join(&path, dir, name);
	if (io_read_file(buf_cstr(&path), &b, &err))
		fail_msg("%s", err.text);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	buf_free(&path);
	return s;
}

static void run(const char *const *argv, struct span in)
{
	char home[300];
	const char *env[] = {home, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin", NULL};
	struct buf talk = BUF_INIT(1 << 20);
	struct proc p = {.argv = argv,
		.env = env,
		.in = in,
		.talk = &talk,
		.timeout_ms = 60000};
	struct err err = ERR_INIT;
	struct proc_end end;

	snprintf(home, sizeof(home), "HOME=%s", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("%s: %s", argv[0], buf_cstr(&talk));
	buf_free(&talk);
}

static const char *below(const char *name)
{
	return arena_fmt(arena, "%s/%s", dir, name);
}

static int setup(void **state)
{
	static const char *const names[] = {"ada", "gus"};
	const char *argv[] = {"sh", "-c", script, "sh", dir, NULL};
	size_t i;

	(void)state;
	unit_dir(dir, sizeof(dir));
	arena = arena_new((size_t)1 << 30);
	run(argv, SPAN_EMPTY);
	for (i = 0; i < 2; i++) {
		keys[i].kind = i ? SIGNATURE_OPENPGP : SIGNATURE_SSH;
		keys[i].file = i ? "gus.asc" : "ada.pub";
		keys[i].data = file(keys[i].file);
		person[i].name = names[i];
		person[i].key = &keys[i];
		person[i].nkey = 1;
	}
	repository.match = any;
	repository.nmatch = 1;
	policy.repository = &repository;
	policy.nrepository = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	unit_rm(dir);
	return 0;
}

/* Blobs of ${n} texts into the repository, in one go. */
static void store(const struct span *text, size_t n, struct oid *out)
{
	const char *git_dir = arena_fmt(arena, "--git-dir=%s/repo.git", dir);
	const char *marks = below("marks");
	const char *argv[] = {"git", git_dir, "fast-import", "--quiet",
		arena_fmt(arena, "--export-marks=%s", marks), NULL};
	struct buf in = BUF_INIT(256u << 20);
	struct span rest, line;
	size_t i, at;

	for (i = 0; i < n; i++) {
		buf_fmt(&in, "blob\nmark :%zu\ndata %zu\n", i + 1, text[i].n);
		buf_span(&in, text[i]);
		buf_byte(&in, '\n');
	}
	run(argv, buf_all(&in));
	buf_free(&in);
	for (i = 0, rest = file("marks"); span_line(&rest, &line, NULL); i++) {
		at = (size_t)strtoul((const char *)line.p + 1, NULL, 10);
		assert_in_range(at, 1, n);
		assert_true(oid_read(
			span_from(line, line.n - OID_HEX), &out[at - 1]));
	}
	assert_int_equal(n, i);
}

static void gather_start(void)
{
	struct err err = ERR_INIT;

	if (gather_open(
		    &g, below("repo.git"), NULL, below("state"), arena, &err))
		fail_msg("%s", err.text);
}

static struct world *world(const struct oid *blob)
{
	struct world *w = ARENA_NEW(arena, struct world);
	size_t i;

	assert_true(oid_read(SPAN_LIT(OLD), &w->up[0].old));
	assert_true(oid_read(SPAN_LIT(NEW), &w->up[0].new));
	w->up[1].old = w->up[0].new;
	w->up[1].new = w->up[0].old;
	w->up[2] = w->up[0];
	w->up[0].ref = SPAN_LIT("refs/heads/a");
	w->up[1].ref = SPAN_LIT("refs/heads/b");
	w->up[2].ref = SPAN_LIT("refs/heads/c");
	w->option[0] = SPAN_LIT("one");
	for (i = 0; i < 3; i++)
		w->update[i].rules.signature = &w->rule;
	w->push.repository = "team/app";
	w->push.up = w->up;
	w->push.nup = 2;
	w->push.time = clock_now();
	w->push.sign.given = true;
	w->push.sign.blob = *blob;
	w->push.sign.nonce_status = NONCE_OK;
	w->push.sign.nonce = NONCE;
	w->push.sign.options_known = true;
	w->push.sign.option = w->option;
	w->push.sign.noption = 2;
	w->facts.push = &w->push;
	w->facts.policy = &policy;
	w->facts.update = w->update;
	return w;
}

static const struct certificate_fact *gathered(struct world *w)
{
	struct err err = ERR_INIT;

	memset(&w->facts.certificate, 0, sizeof(w->facts.certificate));
	if (gather_certificate(&g, &w->facts, &err))
		fail_msg("%s", err.text);
	return &w->facts.certificate;
}

static bool holds(struct world *w)
{
	return certificate_holds(gathered(w), 0);
}

static void a_good_one_holds(void **state)
{
	struct span text[] = {file("ssh"), file("pgp")};
	const struct certificate_fact *c;
	struct oid blob[2];
	size_t i;

	(void)state;
	store(text, 2, blob);
	gather_start();
	for (i = 0; i < 2; i++) {
		c = gathered(world(&blob[i]));
		assert_true(certificate_holds(c, 0));
		assert_null(c->malformed);
		assert_ptr_equal(&person[i], c->sig.person);
		assert_int_equal(
			i ? SIGNATURE_OPENPGP : SIGNATURE_SSH, c->sig.kind);
		assert_true(span_eq(text[i], c->text));
		assert_int_equal(64, strlen(c->sha256));
		unit_span_is(c->pusher, "ada");
		unit_span_is(c->nonce, NONCE);
	}
	gather_close(&g);
}

/* One thing about the push is other than was signed. */
static void another_push_is_not_what_was_signed(void **state)
{
	struct span text = file("ssh");
	struct oid blob;
	struct world *w;

	(void)state;
	store(&text, 1, &blob);
	gather_start();

	w = world(&blob);
	w->push.nup = 1;
	assert_false(gathered(w)->commands.shown);
	assert_non_null(strstr(w->facts.certificate.commands.detail,
		"it has 'refs/heads/b', which is not pushed"));
	w->push.nup = 3;
	assert_false(gathered(w)->commands.shown);
	assert_non_null(strstr(w->facts.certificate.commands.detail,
		"nothing of 'refs/heads/c'"));
	w->push.nup = 0;
	assert_false(gathered(w)->commands.shown);
	w = world(&blob);
	w->up[1].new.b[19] ^= 1;
	assert_false(gathered(w)->commands.shown);
	assert_non_null(strstr(w->facts.certificate.commands.detail,
		"other values for 'refs/heads/b'"));
	w = world(&blob);
	w->up[0].old.b[0] ^= 0x80;
	assert_false(gathered(w)->commands.shown);
	w = world(&blob);
	w->up[0].ref = SPAN_LIT("refs/heads/A");
	assert_false(gathered(w)->commands.shown);
	/* In whatever order. */
	w = world(&blob);
	w->up[2] = w->up[0];
	w->up[0] = w->up[1];
	w->up[1] = w->up[2];
	assert_true(holds(w));

	w = world(&blob);
	w->push.sign.noption = 1;
	assert_false(gathered(w)->options.shown);
	w->push.sign.noption = 3;
	assert_false(gathered(w)->options.shown);
	w->push.sign.noption = 0;
	assert_false(gathered(w)->options.shown);
	w = world(&blob);
	w->option[1] = w->option[0];
	w->option[0] = SPAN_EMPTY;
	assert_false(gathered(w)->options.shown);
	w = world(&blob);
	w->push.sign.options_known = false;
	assert_false(gathered(w)->options.shown);

	w = world(&blob);
	w->push.repository = "team/api";
	assert_false(gathered(w)->pushed_to.shown);
	assert_false(holds(w));
	gather_close(&g);
}

static void the_nonce_is_the_one_that_git_checked(void **state)
{
	static const enum nonce_status bad[] = {
		NONCE_UNCHECKED, NONCE_UNSOLICITED, NONCE_MISSING, NONCE_BAD};
	struct span text = file("ssh");
	struct world *w;
	struct oid blob;
	size_t i;

	(void)state;
	store(&text, 1, &blob);
	gather_start();
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		w = world(&blob);
		w->push.sign.nonce_status = bad[i];
		assert_false(gathered(w)->fresh.shown);
		assert_non_null(w->facts.certificate.fresh.detail);
	}
	w = world(&blob);
	w->push.sign.nonce = "1700000001-00ff";
	assert_false(gathered(w)->fresh.shown);
	w->push.sign.nonce = "";
	assert_false(gathered(w)->fresh.shown);
	/* With slop git names the one that it would give now. */
	w->push.sign.nonce = "1700000007-00aa";
	w->push.sign.nonce_status = NONCE_SLOP;
	w->push.sign.slop = 7;
	assert_true(gathered(w)->fresh.shown);
	assert_int_equal(7, w->facts.certificate.slop);
	assert_false(certificate_holds(&w->facts.certificate, 6));
	assert_true(certificate_holds(&w->facts.certificate, 7));
	gather_close(&g);
}

static void one_that_was_used_is_used_up(void **state)
{
	struct span text = file("ssh");
	struct certificate_use uses[2] = {{.entry = 7}, {.entry = 3}};
	struct world *w;
	struct oid blob;
	char whole[65], other[65];

	(void)state;
	store(&text, 1, &blob);
	gather_start();
	w = world(&blob);
	assert_true(holds(w));
	snprintf(
		whole, sizeof(whole), "%s", w->facts.certificate.signed_sha256);
	assert_string_not_equal(whole, w->facts.certificate.sha256);
	snprintf(other, sizeof(other), "%s", whole);
	other[63] = other[63] == '0' ? '1' : '0';
	uses[0].sha256 = other;
	uses[1].sha256 = whole;
	w->push.sign.used = uses;
	w->push.sign.nused = 1;
	assert_true(holds(w));
	w->push.sign.nused = 2;
	assert_false(holds(w));
	assert_string_equal("it got a push in before: entry 3",
		w->facts.certificate.unused.detail);
	gather_close(&g);
}

static void what_is_no_certificate_says_nothing(void **state)
{
	struct buf large = BUF_INIT(PUSHCERT_MAX + 1);
	struct span text[4] = {
		file("payload"), SPAN_LIT("hello\n"), SPAN_EMPTY, SPAN_EMPTY};
	const struct certificate_fact *c;
	struct oid blob[4], none = {{0}};
	size_t i;

	(void)state;
	while (large.n <= PUSHCERT_MAX)
		buf_byte(&large, 'x');
	text[3] = buf_all(&large);
	store(text, 4, blob);
	buf_free(&large);
	gather_start();
	for (i = 0; i < 5; i++) {
		c = gathered(world(i < 4 ? &blob[i] : &none));
		assert_true(c->given);
		assert_non_null(c->malformed);
		assert_null(c->sig.person);
		assert_false(certificate_holds(c, UINT64_MAX));
		/* What could be read is kept. */
		assert_int_equal(i < 3 ? 64 : 0, strlen(c->sha256));
		assert_int_equal(i < 3 ? text[i].n : 0, c->text.n);
	}
	gather_close(&g);
}

static void nobody_is_asked_where_no_rule_is_about_people(void **state)
{
	struct span text = file("ssh");
	struct oid blob;
	struct world *w;

	(void)state;
	store(&text, 1, &blob);
	gather_start();
	w = world(&blob);
	w->update[0].rules.signature = w->update[1].rules.signature = NULL;
	assert_int_equal(SIGNATURE_UNCHECKED, gathered(w)->sig.status);
	assert_false(holds(w));
	assert_int_equal(64, strlen(w->facts.certificate.sha256));
	w->push.sign.given = false;
	assert_false(gathered(w)->given);
	gather_close(&g);
}

/* Every bit of a certificate that holds turned round, and every front part of
 * it: none of them holds. */
static void nothing_of_it_can_be_changed(const char *name)
{
	const struct span whole = file(name);
	const size_t n = whole.n * 8 + whole.n;
	struct span *text = arena_get(arena, n, sizeof(*text));
	struct oid *blob = arena_get(arena, n, sizeof(*blob));
	unsigned char *w;
	size_t i;

	for (i = 0; i < whole.n * 8; i++) {
		text[i] = arena_copy(arena, whole);
		w = (unsigned char *)(uintptr_t)text[i].p;
		w[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (i = 0; i < whole.n; i++)
		text[whole.n * 8 + i] = span_sub(whole, 0, i);
	store(text, n, blob);
	gather_start();
	for (i = 0; i < n; i++) {
		struct world *one = world(&blob[i]);

		if (!holds(one))
			continue;
		if (i < whole.n * 8)
			fail_msg("%s: holds with bit %zu of byte %zu flipped",
				name, i % 8, i / 8);
		/* The last end of line is not among what is signed. */
		if (i - whole.n * 8 != whole.n - 1)
			fail_msg("%s: holds with %zu bytes of it", name,
				i - whole.n * 8);
	}
	gather_close(&g);
}

static void every_bit_counts(void **state)
{
	(void)state;
	nothing_of_it_can_be_changed("ssh");
	nothing_of_it_can_be_changed("pgp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_holds),
		cmocka_unit_test(another_push_is_not_what_was_signed),
		cmocka_unit_test(the_nonce_is_the_one_that_git_checked),
		cmocka_unit_test(one_that_was_used_is_used_up),
		cmocka_unit_test(what_is_no_certificate_says_nothing),
		cmocka_unit_test(nobody_is_asked_where_no_rule_is_about_people),
		cmocka_unit_test(every_bit_counts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
