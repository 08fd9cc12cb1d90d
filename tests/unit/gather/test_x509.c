/*
 * X.509 signatures made at test time by openssl and gpgsm
 * (tests/support/make-x509), judged by us, and by both of them where they
 * answer the same question.
 */
#include "support/unit.h"

#include "base/clock.h"
#include "base/text.h"
#include "gather/suspect.h"
#include "gather/x509judge.h"
#include "parse/armor.h"
#include "support/made.h"

#define DAY 86400

static char dir[256];
static struct arena *arena;

static struct span file(const char *name, const char *end)
{
	return made_file(dir, name, end, arena);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new((size_t)4 << 30);
	made_by("tests/support/make-x509", dir, sizeof(dir));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unit_shell(dir, "GNUPGHOME=$PWD/g gpgconf --kill all");
	arena_free(arena);
	unit_rm(dir);
	return 0;
}

static struct policy_key *files(const char *name, const char *end)
{
	struct policy_key *k = ARENA_NEW(arena, struct policy_key);

	*k = (struct policy_key){SIGNATURE_X509, name, file(name, end)};
	return k;
}

/* ada and bela by their addresses, the test's root; gus by a certificate. */
static struct policy *policy_new(void)
{
	static const char *ada[] = {"ada@example.org"};
	static const char *bela[] = {"bela@example.org"};
	static const char *gus[] = {"gus@example.org"};
	struct policy *p = ARENA_NEW(arena, struct policy);

	p->person = arena_get(arena, 3, sizeof(*p->person));
	p->nperson = 3;
	p->person[0] =
		(struct person){.name = "ada", .email = ada, .nemail = 1};
	p->person[1] =
		(struct person){.name = "bela", .email = bela, .nemail = 1};
	p->person[2] = (struct person){.name = "gus",
		.email = gus,
		.nemail = 1,
		.key = files("gus", ".crt"),
		.nkey = 1};
	p->x509.root = files("root", ".crt");
	p->x509.nroot = 1;
	return p;
}

static struct policy *with_list(const char *name)
{
	struct policy *p = policy_new();

	p->x509.crl = files(name, ".crl");
	p->x509.ncrl = 1;
	p->x509.between = files("inter", ".crt");
	p->x509.nbetween = 1;
	return p;
}

static struct signature_fact judged_text(const struct policy *p,
	struct span sig, const char *payload, int64_t at)
{
	struct gather g = {.arena = arena};
	struct signed_text text = {.kind = SIGNATURE_X509,
		.signature = sig,
		.payload = span_str(payload),
		.count = 1};
	struct signature_fact out = {.status = SIGNATURE_BAD};
	struct signers *s;
	struct err err = ERR_INIT;

	if (signers_open(&g, p, &s, &err) ||
		signature_judge(s, &text, at, &out, arena, &err))
		fail_msg("%s", err.text);
	signers_close(s);
	signers_close(g.signers);
	return out;
}

static struct signature_fact judged(
	const struct policy *p, const char *name, int64_t at)
{
	return judged_text(p, file(name, ".sig"), "text", at);
}

static bool openssl_takes(const char *name)
{
	const char *script = arena_fmt(arena,
		"sed '/^-----/d' %s.sig | base64 -d | OPENSSL_CONF=/dev/null "
		"openssl cms -verify -binary -inform DER -content text "
		"-CAfile root.crt >/dev/null 2>&1",
		name);
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct proc p = {.argv = argv, .dir = dir, .timeout_ms = 60000};
	struct err err = ERR_INIT;
	struct proc_end end;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	return end.status == 0;
}

static void expect(const struct policy *p, const char *name, int64_t at,
	enum signature_status status, const char *who, const char *detail)
{
	struct signature_fact f = judged(p, name, at);

	if (f.status != status ||
		strcmp(f.person ? f.person->name : "", who ? who : "") != 0 ||
		(detail && !strstr(f.detail, detail)))
		fail_msg("%s: %s by %s (%s)", name,
			signature_status_name(f.status),
			f.person ? f.person->name : "nobody", f.detail);
	assert_int_equal(f.kind, SIGNATURE_X509);
}

static void each_case(void **state)
{
	static const struct {
		const char *name;
		enum signature_status status;
		const char *who, *detail;
		bool openssl; /* takes it */
	} rows[] = {
		{"ada", SIGNATURE_GOOD, "ada", "certified as 'CN=ada'", true},
		{"gpgsm", SIGNATURE_GOOD, "ada", NULL, true},
		{"keyid", SIGNATURE_GOOD, "ada", NULL, true},
		{"withroot", SIGNATURE_GOOD, "ada", NULL, true},
		{"below-inter", SIGNATURE_GOOD, "ada", NULL, true},
		{"plain", SIGNATURE_GOOD, "ada", NULL, true},
		{"gus", SIGNATURE_GOOD, "gus", "", false},
		{"alone", SIGNATURE_UNKNOWN_KEY, NULL, "no root", false},
		{"fake-ada", SIGNATURE_UNKNOWN_KEY, NULL, "no root", false},
		{"nocerts", SIGNATURE_UNKNOWN_KEY, NULL, "does not bring",
			false},
		{"two", SIGNATURE_UNKNOWN_KEY, NULL, "'ada' and for 'bela'",
			true},
		{"nobody", SIGNATURE_UNKNOWN_KEY, NULL, "address", true},
		{"by-noca", SIGNATURE_BAD, NULL, "CA", false},
		{"by-below", SIGNATURE_BAD, NULL, "path length", false},
		{"by-narrow", SIGNATURE_BAD, NULL, "subtree", false},
		{"nousage", SIGNATURE_BAD, NULL, "purpose", false},
		{"code", SIGNATURE_BAD, NULL, "purpose", false},
		{"odd", SIGNATURE_BAD, NULL, "critical", false},
		{"anca", SIGNATURE_BAD, NULL, "authority", true},
		{"other", SIGNATURE_BAD, NULL, "does not match", false},
		{"small", SIGNATURE_WEAK, NULL, "too weak", true},
		{"sha1", SIGNATURE_WEAK, NULL, "too weak", true},
		{"weak", SIGNATURE_WEAK, NULL, "SHA-1", true},
		{"extra", SIGNATURE_MALFORMED, NULL, "nothing vouches", true},
		{"noattr", SIGNATURE_MALFORMED, NULL, "signed attributes",
			true},
		{"attached", SIGNATURE_MALFORMED, NULL, "content", true},
		{"pss", SIGNATURE_MALFORMED, NULL, "parameters", true},
		{"twosigners", SIGNATURE_MALFORMED, NULL, "signer", true},
	};
	const struct policy *p = policy_new();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		expect(p, rows[i].name, clock_now(), rows[i].status,
			rows[i].who, rows[i].detail);
		if (openssl_takes(rows[i].name) != rows[i].openssl)
			fail_msg("%s: openssl does not agree", rows[i].name);
	}
}

/* By the gate's clock, wherever in the chain. */
static void time_is_the_gates(void **state)
{
	const struct policy *p = policy_new();
	int64_t now = clock_now();

	(void)state;
	expect(p, "ada", now + 19 * DAY, SIGNATURE_GOOD, "ada", NULL);
	expect(p, "ada", now + 21 * DAY, SIGNATURE_EXPIRED, "ada", "expired");
	expect(p, "ada", now - DAY, SIGNATURE_EXPIRED, "ada", "not yet valid");
	expect(p, "below-inter", now + 21 * DAY, SIGNATURE_EXPIRED, "ada",
		"expired");
	expect(p, "gus", now + 29 * DAY, SIGNATURE_GOOD, "gus", NULL);
	expect(p, "gus", now + 31 * DAY, SIGNATURE_EXPIRED, "gus", "expired");
	/* Who is not trusted is not expired. */
	expect(p, "fake-ada", now + 21 * DAY, SIGNATURE_UNKNOWN_KEY, NULL,
		NULL);
}

static void lists_of_revoked(void **state)
{
	struct policy *p = with_list("some");
	int64_t now = clock_now();
	struct keybook book;
	struct err err = ERR_INIT;

	(void)state;
	expect(p, "ada", now, SIGNATURE_GOOD, "ada", NULL);
	expect(p, "replaced", now, SIGNATURE_REVOKED, "ada", "'some'");
	expect(p, "held", now, SIGNATURE_REVOKED, "ada", "'some'");
	expect(p, "stolen", now, SIGNATURE_COMPROMISED, "ada", "not as merely");
	/* What a list says stays true when it is out of date. */
	expect(p, "replaced", now + 15 * DAY, SIGNATURE_REVOKED, "ada", NULL);
	expect(p, "ada", now + 15 * DAY, SIGNATURE_GOOD, "ada", NULL);
	p->x509.need_crl = true;
	expect(p, "ada", now, SIGNATURE_GOOD, "ada", NULL);
	expect(p, "ada", now + 15 * DAY, SIGNATURE_EXPIRED, "ada",
		"no revocation list");
	expect(p, "below-inter", now, SIGNATURE_EXPIRED, "ada",
		"the certificate of 'CN=below-inter'");
	expect(with_list("unspecified"), "replaced", now, SIGNATURE_COMPROMISED,
		"ada", NULL);
	p = with_list("inter");
	expect(p, "underrevoked", now, SIGNATURE_COMPROMISED, "ada",
		"'CN=inter'");
	/* By somebody who has the issuer's name only. */
	p = with_list("fake");
	assert_int_equal(keybook_make(p, arena, &book, &err), -1);
	assert_int_equal(err.code, ERR_POLICY);
	assert_non_null(strstr(err.text, "no root or intermediate"));
}

/* What a compromised certificate, or one above it, let in is looked at again. */
static void claims(void **state)
{
	static const struct {
		const char *list, *name;
		bool claimed;
	} rows[] = {{"some", "stolen", true}, {"some", "replaced", false},
		{"some", "ada", false}, {"inter", "underrevoked", true},
		{"inter", "alone", true}, {"inter", "ada", false},
		{"nothing", "stolen", false}};
	struct suspect_key key;
	struct signed_text text = {.kind = SIGNATURE_X509, .count = 1};
	struct keybook book;
	struct policy *p;
	struct err err = ERR_INIT;
	bool sure;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(keybook_make(with_list(rows[i].list), arena,
					 &book, &err),
			0);
		text.signature = file(rows[i].name, ".sig");
		if (suspect_claim(&book, &text, arena, &key) != rows[i].claimed)
			fail_msg("%s, %s", rows[i].list, rows[i].name);
		if (rows[i].claimed)
			assert_int_equal(strlen(key.key), 64);
		assert_false(suspect_named(
			&book, SIGNATURE_X509, "00", false, &sure));
		assert_int_equal(sure, !strcmp(rows[i].list, "nothing"));
	}
	p = policy_new();
	p->x509.compromised = files("gus", ".crt");
	p->x509.ncompromised = 1;
	expect(p, "gus", clock_now(), SIGNATURE_COMPROMISED, "gus", "'gus'");
	expect(p, "ada", clock_now(), SIGNATURE_GOOD, "ada", NULL);
}

static void owners(void **state)
{
	struct policy *p = policy_new();
	struct keybook book;
	struct err err = ERR_INIT;

	(void)state;
	/* One key, two people: by certificate, and by an address in another. */
	p->person[0].key = files("gus", ".crt");
	p->person[0].nkey = 1;
	assert_int_equal(keybook_make(p, arena, &book, &err), -1);
	assert_non_null(strstr(err.text, "expected one owner"));
	p = policy_new();
	p->person[2].key = files("replaced", ".crt");
	expect(p, "replaced", clock_now(), SIGNATURE_GOOD, "gus", NULL);
	expect(p, "held", clock_now(), SIGNATURE_UNKNOWN_KEY, NULL,
		"the key is that of 'gus'");
	/* A certificate of one's own vouches for nothing below it. */
	p->x509.nroot = 0;
	p->person[2].key = files("inter", ".crt");
	expect(p, "below-inter", clock_now(), SIGNATURE_UNKNOWN_KEY, NULL,
		NULL);
	/* Without any root it does; and needs to be brought by nobody. */
	p->person[2].key = files("ada", ".crt");
	expect(p, "nocerts", clock_now(), SIGNATURE_GOOD, "gus", NULL);
	expect(p, "withroot", clock_now(), SIGNATURE_MALFORMED, NULL, NULL);
	/* A file that is none. */
	p->person[2].key->data = SPAN_LIT("text");
	assert_int_equal(keybook_make(p, arena, &book, &err), -1);
	assert_int_equal(err.code, ERR_POLICY);
}

static struct span armored(struct span der)
{
	struct buf b = BUF_INIT(1 << 16);
	struct span s;

	buf_str(&b, "-----BEGIN SIGNED MESSAGE-----\n");
	for (; der.n; der = span_from(der, 48)) {
		text_base64(&b, span_sub(der, 0, 48));
		buf_byte(&b, '\n');
	}
	buf_str(&b, "-----END SIGNED MESSAGE-----\n");
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

/* Whether the bit is one to leave out: in certificates, which take longer, one
 * in ${every} bytes is turned, each at another place. */
static bool is_left_out(const struct cms *sig, const unsigned char *at,
	size_t bit, size_t every)
{
	size_t i;

	for (i = 0; i < sig->ncert; i++) {
		const unsigned char *start = sig->cert[i].p;

		if (at >= start && at < start + sig->cert[i].n)
			return (size_t)(at - start) % every != 0 ||
				bit != (size_t)(at - start) / every % 8;
	}
	return false;
}

/* Every bit has a meaning, and no front of it will do. */
static void every_bit(const char *name, size_t every)
{
	struct x509judge *j;
	struct keybook book;
	struct policy *p = policy_new();
	struct signed_text text = {.kind = SIGNATURE_X509,
		.payload = SPAN_LIT("text"),
		.count = 1};
	struct arena *run = arena_new((size_t)1 << 30);
	unsigned char bytes[8192];
	const int64_t now = clock_now();
	struct signature_fact out;
	struct err err = ERR_INIT;
	struct span der;
	struct cms sig;
	size_t i;

	if (armor_read(
		    file(name, ".sig"), "SIGNED MESSAGE", arena, &der, &err) ||
		cms_read(der, &sig, &err) ||
		keybook_make(p, arena, &book, &err) ||
		x509judge_new(&book.x509, p, run, &j, &err))
		fail_msg("%s", err.text);
	assert_true(der.n < sizeof(bytes));
	for (i = 0; i <= 9 * der.n; i++) {
		struct span s = span_sub(der, 0, i < der.n ? i : der.n);

		if (i >= der.n && i < 9 * der.n &&
			is_left_out(&sig, der.p + (i - der.n) / 8,
				(i - der.n) % 8, every))
			continue;
		memcpy(bytes, s.p, s.n);
		if (i >= der.n && i < 9 * der.n)
			bytes[(i - der.n) / 8] ^=
				(unsigned char)(1u << ((i - der.n) % 8));
		memset(&out, 0, sizeof(out));
		out.key = out.detail = "";
		text.signature = armored(span_of(bytes, s.n));
		x509judge(j, &text, now, &out, run);
		if ((out.status == SIGNATURE_GOOD) != (i == 9 * der.n))
			fail_msg("%s: %s at %zu", name,
				signature_status_name(out.status), i);
		if (i < 9 * der.n && out.person)
			fail_msg("%s: %s at %zu", name, out.person->name, i);
	}
	x509judge_free(j);
	arena_free(run);
}

static void no_bit_is_without_meaning(void **state)
{
	(void)state;
	every_bit("gpgsm", UNIT_STEP);
	every_bit("below-inter", 4 * UNIT_STEP);
}

static void gpgsm_agrees(void **state)
{
	(void)state;
	unit_shell(dir,
		"export GNUPGHOME=$PWD/g; v() { gpgsm --batch "
		"--disable-crl-checks --disable-dirmngr --verify $1.sig text "
		">/dev/null 2>&1; }; v gpgsm; v ada; v withroot; "
		"if v other || v fake-ada; then exit 1; fi");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(time_is_the_gates),
		cmocka_unit_test(lists_of_revoked),
		cmocka_unit_test(claims),
		cmocka_unit_test(owners),
		cmocka_unit_test(no_bit_is_without_meaning),
		cmocka_unit_test(gpgsm_agrees),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
