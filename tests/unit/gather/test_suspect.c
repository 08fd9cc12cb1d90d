/*
 * Why keys are revoked, as gpg and ssh-keygen write it at test time
 * (tests/support/make-revoked), and what follows for what they signed.
 */
#include "support/unit.h"

#include "base/clock.h"
#include "gather/suspect.h"
#include "model/signer.h"
#include "support/made.h"

static char dir[256];
static struct arena *arena;

static struct span file(const char *name, const char *end)
{
	return made_file(dir, name, end, arena);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
	made_by("tests/support/make-revoked", dir, sizeof(dir));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	unit_rm(dir);
	return 0;
}

/* A policy in which this is the only key, of ada. */
static struct policy *policy_of(enum signature_kind kind, struct span key)
{
	struct policy *p = ARENA_NEW(arena, struct policy);

	p->person = ARENA_NEW(arena, struct person);
	p->nperson = 1;
	p->person->name = "ada";
	p->person->key = ARENA_NEW(arena, struct policy_key);
	p->person->nkey = 1;
	*p->person->key =
		(struct policy_key){.kind = kind, .file = "key", .data = key};
	return p;
}

static struct span joined(struct span a, struct span b)
{
	struct buf all = BUF_INIT(1 << 20);
	struct span s;

	buf_span(&all, a);
	buf_span(&all, b);
	s = arena_copy(arena, buf_all(&all));
	buf_free(&all);
	return s;
}

static void made(const struct policy *p, struct keybook *book)
{
	struct err err = ERR_INIT;

	if (keybook_make(p, arena, book, &err))
		fail_msg("%s", err.text);
}

static struct signature_fact judged(
	const struct policy *p, enum signature_kind kind, struct span sig)
{
	struct gather g = {.arena = arena};
	struct signed_text text = {.kind = kind,
		.signature = sig,
		.payload = SPAN_LIT("text"),
		.count = 1};
	struct signature_fact out = {.status = SIGNATURE_BAD};
	struct signers *s;
	struct err err = ERR_INIT;

	if (signers_open(&g, p, &s, &err) ||
		signature_judge(s, &text, clock_now(), &out, arena, &err))
		fail_msg("%s", err.text);
	signers_close(s);
	signers_close(g.signers);
	return out;
}

/* What the file says, what comes of it for a signature, and whether the gate
 * would look at what such a signature let in before. */
static void expect(const char *name, struct span key, struct span sig,
	enum keybook_revoked revoked, enum signature_status status)
{
	const struct policy *p = policy_of(SIGNATURE_OPENPGP, key);
	const struct signed_text text = {
		.kind = SIGNATURE_OPENPGP, .signature = sig, .count = 1};
	struct signature_fact got = judged(p, SIGNATURE_OPENPGP, sig);
	struct suspect_key claim;
	struct keybook book;
	bool sure, named;

	made(p, &book);
	if (book.pgp[0].revoked != revoked && book.npgp == 1)
		fail_msg("%s: revoked %d", name, (int)book.pgp[0].revoked);
	if (got.status != status)
		fail_msg("%s: %s (%s)", name, signature_status_name(got.status),
			got.detail);
	if (status != SIGNATURE_BAD)
		assert_string_equal(got.person->name, "ada");
	named = status == SIGNATURE_COMPROMISED;
	assert_int_equal(suspects_any(&book), named);
	assert_int_equal(suspect_claim(&book, &text, arena, &claim), named);
	assert_int_equal(
		suspect_named(&book, SIGNATURE_OPENPGP, got.key, false, &sure),
		named);
	assert_true(sure);
	if (!named)
		return;
	assert_string_equal(claim.key, got.key);
	assert_ptr_equal(claim.who, p->person);
	assert_string_equal(signer_fingerprint(arena, claim.key), got.key);
}

static void expect_file(const char *name, enum keybook_revoked revoked,
	enum signature_status status)
{
	expect(name, file(name, ".asc"), file(name, ".sig"), revoked, status);
}

static void each_reason(void **state)
{
	(void)state;
	expect_file("kept", KEYBOOK_KEPT, SIGNATURE_GOOD);
	expect_file("none", KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
	expect_file("compromised", KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
	expect_file("replaced", KEYBOOK_REPLACED, SIGNATURE_REVOKED);
	expect_file("retired", KEYBOOK_REPLACED, SIGNATURE_REVOKED);
	/* Verified by GnuPG alone. */
	expect_file("dsa", KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
	expect_file("sub", KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
}

/* Put behind the key by whoever keeps the policy. */
static void revocations_of_their_own(void **state)
{
	struct span both = file("both", ".asc"), sig = file("both", ".sig");
	struct span soft = joined(both, file("both", ".soft"));
	struct span kept = file("kept", ".asc");

	(void)state;
	expect("both", both, sig, KEYBOOK_KEPT, SIGNATURE_GOOD);
	expect("soft", soft, sig, KEYBOOK_REPLACED, SIGNATURE_REVOKED);
	expect("hard", joined(both, file("both", ".hard")), sig,
		KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
	expect("both reasons", joined(soft, file("both", ".hard")), sig,
		KEYBOOK_COMPROMISED, SIGNATURE_COMPROMISED);
	/* That of another key says nothing about this one. */
	expect("another's", joined(kept, file("other", ".rev")),
		file("kept", ".sig"), KEYBOOK_KEPT, SIGNATURE_GOOD);
}

/* No bit of a revocation can be turned so that a compromised key becomes one
 * that was merely replaced; one that no longer verifies is nobody's. */
static void no_bit_makes_it_soft(void **state)
{
	struct span whole, binary;
	struct pgp_key *keys;
	struct keybook book;
	struct err err = ERR_INIT;
	unsigned char *bytes;
	struct policy *p;
	size_t n, i, at, kept = 0;

	(void)state;
	whole = joined(file("both", ".asc"), file("both", ".hard"));
	if (pgp_keys_read(whole, arena, &keys, &n, &binary, &err))
		fail_msg("%s", err.text);
	at = binary.n - 120;
	for (i = at * 8; i < binary.n * 8; i++) {
		bytes = arena_get(arena, binary.n, 1);
		memcpy(bytes, binary.p, binary.n);
		bytes[i / 8] ^= (unsigned char)(1u << (i % 8));
		p = policy_of(SIGNATURE_OPENPGP, span_of(bytes, binary.n));
		if (keybook_make(p, arena, &book, &err)) {
			err_clear(&err);
			continue;
		}
		if (book.pgp[0].revoked == KEYBOOK_REPLACED)
			fail_msg("bit %zu makes it soft", i);
		kept += book.pgp[0].revoked == KEYBOOK_KEPT;
	}
	assert_true(kept > 400);
}

/* An SSH key is compromised if the policy lists it as that, however it does. */
static void ssh_lists(void **state)
{
	static const char *const spec[] = {"cat key.pub >krl",
		"ssh-keygen -q -k -f krl key.pub",
		"(printf 'sha1: '; cat key.pub) >spec; "
		"ssh-keygen -q -k -f krl spec",
		"(printf 'sha256: '; cat key.pub) >spec; "
		"ssh-keygen -q -k -f krl spec"};
	struct signed_text text = {.kind = SIGNATURE_SSH, .count = 1};
	struct signature_fact got;
	struct suspect_key claim;
	struct keybook book;
	struct policy *p;
	bool sure, soft;
	size_t i;

	(void)state;
	unit_shell(dir,
		"ssh-keygen -q -t ed25519 -N '' -f key; printf text >text; "
		"ssh-keygen -q -Y sign -f key -n git text 2>/dev/null");
	text.signature = file("text", ".sig");
	for (i = 0; i < 2 * ARRAY_LEN(spec); i++) {
		soft = i >= ARRAY_LEN(spec);
		unit_shell(dir, spec[i % ARRAY_LEN(spec)]);
		p = policy_of(SIGNATURE_SSH, file("key", ".pub"));
		p->compromised = p->revoked =
			ARENA_NEW(arena, struct policy_key);
		*p->revoked = (struct policy_key){
			SIGNATURE_SSH, "gone", file("krl", "")};
		p->nrevoked = 1;
		p->ncompromised = !soft;
		made(p, &book);
		got = judged(p, SIGNATURE_SSH, text.signature);
		assert_int_equal(got.status,
			soft ? SIGNATURE_REVOKED : SIGNATURE_COMPROMISED);
		assert_string_equal(got.detail,
			soft ? "the key is revoked in 'gone'"
			     : "the key is listed as compromised in 'gone'");
		assert_int_equal(suspects_any(&book), !soft);
		assert_int_equal(
			suspect_claim(&book, &text, arena, &claim), !soft);
		/* By a SHA-1 alone the name does not tell. */
		assert_int_equal(suspect_named(&book, SIGNATURE_SSH, got.key,
					 false, &sure),
			!soft && i != 2);
		assert_int_equal(sure, i != 2);
		assert_int_equal(
			strlen(signer_fingerprint(arena, got.key)), 64);
		assert_false(suspect_named(
			&book, SIGNATURE_SSH, "SHA256:x", true, &sure));
		assert_int_equal(sure, soft);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason),
		cmocka_unit_test(revocations_of_their_own),
		cmocka_unit_test(no_bit_makes_it_soft),
		cmocka_unit_test(ssh_lists),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
