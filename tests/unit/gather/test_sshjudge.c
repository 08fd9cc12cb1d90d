/*
 * SSH signatures made when the test runs, by ssh-keygen or, of security keys,
 * put together by hand; judged by us and by 'ssh-keygen -Y verify'. Where we
 * refuse what it takes, the table says why.
 */
#include "support/unit.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "gather/gather.h"
#include "parse/armor.h"
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

/* Whether it exits with 0; what it says on its output goes to ${out}, if that
 * is not NULL. */
static bool runs(const char *const *argv, struct span in, struct buf *out)
{
	struct proc p = {
		.argv = argv, .in = in, .out = out, .timeout_ms = 60000};
	struct buf talk = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct proc_end end;

	p.talk = &talk;
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	buf_free(&talk);
	return !end.signal && !end.status;
}

/* What ssh-keygen says of a signature by ${who} at the time ${at}. */
static bool ssh_keygen_takes_at(
	const char *allowed, const char *who, struct span armored, int64_t at)
{
	char text[CLOCK_TEXT_MAX];
	const char *argv[] = {"ssh-keygen", "-q", "-Y", "verify", "-f",
		path("allowed"), "-I", who, "-n", "git", "-s", path("sig"),
		"-O", NULL, NULL};

	clock_text(at, text);
	argv[13] = arena_fmt(arena, "verify-time=%.4s%.2s%.2s%.2s%.2s%.2sZ",
		text, text + 5, text + 8, text + 11, text + 14, text + 17);
	put("allowed", span_str(allowed));
	put("sig", armored);
	return runs(argv, PAYLOAD, NULL);
}

static bool ssh_keygen_takes(const char *allowed, struct span armored)
{
	return ssh_keygen_takes_at(
		allowed, "ada@example.org", armored, clock_now());
}

static struct span contents(const char *name)
{
	struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct span s;

	if (io_read_file(path(name), &b, &err))
		fail_msg("%s", err.text);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

static const char *public_line(const char *name)
{
	return arena_str(
		arena, span_trim(contents(arena_fmt(arena, "%s.pub", name))));
}

static const char *filled(const char *form, const char *key)
{
	struct buf text = BUF_INIT(1 << 16);
	const char *c, *s;

	for (c = form; *c; c++)
		if (*c == '$')
			buf_str(&text, key);
		else
			buf_byte(&text, (unsigned char)*c);
	buf_str(&text, "\n");
	s = arena_str(arena, buf_all(&text));
	buf_free(&text);
	return s;
}

/* A new key of ssh-keygen's; the public line, without its end. */
static const char *key_made(const char *name, const char *type)
{
	const char *argv[] = {"ssh-keygen", "-q", "-t", type, "-N", "", "-C",
		name, "-f", path(name), NULL};

	assert_true(runs(argv, SPAN_EMPTY, NULL));
	return public_line(name);
}

/* By the key, or by the certificate, of that name. */
static struct span signed_by(const char *name)
{
	const char *argv[] = {"ssh-keygen", "-q", "-Y", "sign", "-f",
		path(name), "-n", "git", NULL};
	struct buf out = BUF_INIT(1 << 16);
	struct span s;

	if (!runs(argv, PAYLOAD, &out))
		fail_msg("cannot sign with '%s'", name);
	s = arena_copy(arena, buf_all(&out));
	buf_free(&out);
	return s;
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

/* ada and bela, with two addresses each, and what ${text} allows. */
static const struct policy *of_signers(const char *text)
{
	static const char *ada[] = {"ada@example.org", "ada@home.example"};
	static const char *bela[] = {"bela@example.org", "Bela@home.example"};
	struct policy *p = ARENA_NEW(arena, struct policy);

	p->person = arena_get(arena, 2, sizeof(*p->person));
	p->nperson = 2;
	p->person[0] =
		(struct person){.name = "ada", .email = ada, .nemail = 2};
	p->person[1] =
		(struct person){.name = "bela", .email = bela, .nemail = 2};
	p->signers = ARENA_NEW(arena, struct policy_key);
	p->nsigners = 1;
	*p->signers = (struct policy_key){.kind = SIGNATURE_SSH,
		.file = "allowed",
		.data = span_str(text)};
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
		for (bit = 0; bit < sig.n * 8; bit += UNIT_STEP) {
			w[bit / 8] ^= (unsigned char)(1 << bit % 8);
			if (judged(policy,
				    sshblob_armor(span_of(w, sig.n), arena), 1)
					.status == SIGNATURE_GOOD)
				fail_msg("key %zu: good with bit %zu of byte "
					 "%zu flipped",
					k, bit % 8, bit / 8);
			w[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		for (n = 0; n < sig.n; n += UNIT_STEP)
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

#define Y2025 INT64_C(1735689600)

/* Each line with a key that has signed; who it is and what ssh-keygen says at
 * that time of the address. */
static void test_allowed_signers(void **unused)
{
	static const struct {
		const char *line; /* the key stands for '$' */
		int64_t at;
		enum signature_status status;
		const char *who, *why;
		const char *address;
		bool keygen;
	} t[] = {
		{"ada@example.org $", Y2025, SIGNATURE_GOOD, "ada", "",
			"ada@example.org", true},
		{"ada@example.org,ada@home.example $", Y2025, SIGNATURE_GOOD,
			"ada", "", "ada@home.example", true},
		{"\"ada@example.org\" $", Y2025, SIGNATURE_GOOD, "ada", "",
			"ada@example.org", true},
		{"ada@* $", Y2025, SIGNATURE_GOOD, "ada", "",
			"ada@home.example", true},
		{"*@example.org,!bela@* $", Y2025, SIGNATURE_GOOD, "ada", "",
			"ada@example.org", true},
		{"B*@home.example $", Y2025, SIGNATURE_GOOD, "bela", "",
			"Bela@home.example", true},
		{"?ela@*.org,x*,ada@example.orgx* $", Y2025, SIGNATURE_GOOD,
			"bela", "", "bela@example.org", true},
		{"bela@example.org namespaces=\"git\" $", Y2025, SIGNATURE_GOOD,
			"bela", "", "bela@example.org", true},
		{"ada@* namespaces=\"file,g?t\" $", Y2025, SIGNATURE_GOOD,
			"ada", "", "ada@example.org", true},
		{"ada@* namespaces=\"file\" $", Y2025, SIGNATURE_BAD, "",
			"for 'git'", "ada@example.org", false},
		{"ada@* namespaces=\"*,!git\" $", Y2025, SIGNATURE_BAD, "",
			"for 'git'", "ada@example.org", false},
		{"ada@* namespaces=\"\" $", Y2025, SIGNATURE_BAD, "",
			"for 'git'", "ada@example.org", false},
		{"ada@* namespaces=\"GIT\" $", Y2025, SIGNATURE_BAD, "",
			"for 'git'", "ada@example.org", false},
		{"ada@* valid-after=\"20250101Z\" $", Y2025, SIGNATURE_GOOD,
			"ada", "", "ada@example.org", true},
		{"ada@* valid-after=\"20250101Z\" $", Y2025 - 1,
			SIGNATURE_EXPIRED, "ada", "yet", "ada@example.org",
			false},
		{"ada@* valid-before=\"20250101Z\" $", Y2025, SIGNATURE_GOOD,
			"ada", "", "ada@example.org", true},
		{"ada@* valid-before=\"20250101Z\" $", Y2025 + 1,
			SIGNATURE_EXPIRED, "ada", "any more", "ada@example.org",
			false},
		{"ada@* valid-before=\"20250101Z\" $\nada@* $", Y2025 + 1,
			SIGNATURE_GOOD, "ada", "", "ada@example.org", true},
		/* A certificate is asked for, not the key. */
		{"ada@* cert-authority $", Y2025, SIGNATURE_UNKNOWN_KEY, "", "",
			"ada@example.org", false},
		{"", Y2025, SIGNATURE_UNKNOWN_KEY, "", "", "ada@example.org",
			false},
	};
	const char *key = key_made("signer", "ed25519");
	struct span sig = signed_by("signer");
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		const char *allowed_text = filled(t[i].line, key);
		struct signature_fact got =
			judged(of_signers(allowed_text), sig, t[i].at);
		if (got.status != t[i].status ||
			!strstr(got.detail, t[i].why) ||
			strcmp(got.person ? got.person->name : "", t[i].who))
			fail_msg("case %zu: %s by '%s' (%s)", i,
				signature_status_name(got.status),
				got.person ? got.person->name : "", got.detail);
		if (ssh_keygen_takes_at(allowed_text, t[i].address, sig,
			    t[i].at) != t[i].keygen)
			fail_msg("case %zu: ssh-keygen does not agree", i);
	}
}

/* Lines that cannot be taken whole, and principals of nobody or of two. */
static void test_allowed_signers_refused(void **unused)
{
	static const char *const t[][2] = {
		{"carol@example.org", "'carol@example.org' is not an e-mail"},
		{"ada@example.org,carol@x", "'carol@x' is not an e-mail"},
		{"Ada@example.org", "'Ada@example.org' is not an e-mail"},
		{"ada@example.org,", NULL},
		{"ada@example.org,,bela@example.org", "'' is not an e-mail"},
		{"ada@example.org,bela@example.org", "of 'ada' and of 'bela'"},
		{"*@example.org", "of 'ada' and of 'bela'"},
		{"*", "expected one owner"},
		{"*@elsewhere", "fit no e-mail address"},
		{"!ada@example.org", "fit no e-mail address"},
		{"ada", "'ada' is not an e-mail"},
		{"ada@example.org restrict", "found 'restrict'"},
		{"ada@example.org valid-before=\"20250101\"", "zone"},
		{"carol@x cert-authority", "'carol@x' is not an e-mail"},
		{"*@elsewhere cert-authority", NULL},
		{"*,carol@x cert-authority", "'carol@x' is not an e-mail"},
	};
	const char *key = key_made("refused", "ed25519");
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		const struct policy *p = of_signers(
			arena_fmt(arena, "# one\n%s %s\n", t[i][0], key));
		struct err err = ERR_INIT;
		int ret = signers_check(p, arena, &err);

		if (!t[i][1]) {
			if (ret)
				fail_msg("case %zu: '%s'", i, err.text);
			continue;
		}
		assert_int_equal(ret, -1);
		assert_int_equal(err.code, ERR_POLICY);
		if (!strstr(err.text, t[i][1]) ||
			strncmp(err.text,
				"allowed signers 'allowed': line 2: ", 35))
			fail_msg("case %zu: '%s'", i, err.text);
	}
}

/* A key in a person's own file and in one of allowed signers. */
static void test_allowed_signers_twice(void **unused)
{
	const char *key = key_made("twice", "ed25519");
	struct policy_key own = {.kind = SIGNATURE_SSH, .file = "own.pub"};
	struct span sig = signed_by("twice");
	struct err err = ERR_INIT;
	struct policy *p = ARENA_NEW(arena, struct policy);

	(void)unused;
	*p = *of_signers(arena_fmt(arena, "ada@* %s\n", key));
	own.data = span_str(
		arena_fmt(arena, "valid-before=\"20200101Z\" %s\n", key));
	p->person[0].key = &own;
	p->person[0].nkey = 1;
	assert_int_equal(judged(p, sig, Y2025).status, SIGNATURE_GOOD);
	*p = *of_signers(arena_fmt(arena, "bela@* %s\n", key));
	p->person[0].key = &own;
	p->person[0].nkey = 1;
	assert_int_equal(signers_check(p, arena, &err), -1);
	assert_non_null(strstr(err.text, "expected one owner"));
}

/* ${name}-cert.pub beside ${name}.pub, by the key ${ca}; ${options}: words. */
static void certify(const char *ca, const char *name, const char *options)
{
	const char *argv[32] = {
		"ssh-keygen", "-q", "-s", path(ca), "-I", "the id"};
	struct span rest = span_str(options), word;
	size_t n = 6, at;

	while (rest.n) {
		at = span_find(rest, ' ');
		word = span_sub(rest, 0, at);
		rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(rest, at + 1);
		argv[n++] = arena_str(arena, word);
	}
	argv[n++] = arena_fmt(arena, "%s.pub", path(name));
	if (!runs(argv, SPAN_EMPTY, NULL))
		fail_msg("cannot certify '%s' with '%s'", name, options);
}

struct certificate_case {
	const char *options; /* of ssh-keygen -s */
	const char *line;    /* the authority's key stands for '$' */
	int64_t at;
	enum signature_status status;
	const char *who, *why;
	const char *address; /* that ssh-keygen is asked about */
	bool keygen;
	const char *stricter; /* why we refuse what it takes */
};

#define ADA "ada@example.org"
#define VALID "-V 20250101000000Z:20250102000000Z -n ada@example.org"

static void one_certificate(
	size_t i, const struct certificate_case *t, const char *authority)
{
	const char *allowed_text = filled(t->line, authority);
	struct signature_fact got;
	struct span sig;
	bool taken;

	certify("authority", "certified", t->options);
	sig = signed_by("certified-cert.pub");
	got = judged(of_signers(allowed_text), sig, t->at);
	if (got.status != t->status || !strstr(got.detail, t->why) ||
		strcmp(got.person ? got.person->name : "", t->who))
		fail_msg("case %zu: %s by '%s' (%s)", i,
			signature_status_name(got.status),
			got.person ? got.person->name : "", got.detail);
	taken = ssh_keygen_takes_at(allowed_text, t->address, sig, t->at);
	if (taken != t->keygen)
		fail_msg("case %zu: ssh-keygen does not agree", i);
	if ((taken && got.status != SIGNATURE_GOOD) != (t->stricter != NULL))
		fail_msg("case %zu: stricter without a reason", i);
	if (!taken && got.status == SIGNATURE_GOOD)
		fail_msg("case %zu: we take what ssh-keygen refuses", i);
}

static void test_certificates(void **unused)
{
	static const struct certificate_case t[] = {
		{"-n " ADA, ADA " cert-authority $", Y2025, SIGNATURE_GOOD,
			"ada", "", ADA, true, NULL},
		{"-n " ADA, "* cert-authority $", Y2025, SIGNATURE_GOOD, "ada",
			"", ADA, true, NULL},
		{"-n root,ada,ada@home.example,carol@x",
			"* cert-authority,namespaces=\"git\" $", Y2025,
			SIGNATURE_GOOD, "ada", "", "ada@home.example", true,
			NULL},
		{"-n ada@example.org,ada@home.example", "* cert-authority $",
			Y2025, SIGNATURE_GOOD, "ada", "", ADA, true, NULL},
		{"-n Ada@example.org", "* cert-authority $", Y2025,
			SIGNATURE_UNKNOWN_KEY, "", "names nobody", ADA, false,
			NULL},
		{"-n *@example.org", "* cert-authority $", Y2025,
			SIGNATURE_UNKNOWN_KEY, "", "names nobody", ADA, false,
			NULL},
		{"-n bela@example.org", "ada@* cert-authority $", Y2025,
			SIGNATURE_UNKNOWN_KEY, "", "names nobody",
			"bela@example.org", false, NULL},
		{"-n bela@example.org", "*,!bela@* cert-authority $", Y2025,
			SIGNATURE_UNKNOWN_KEY, "", "names nobody",
			"bela@example.org", false, NULL},
		{"-n root", "* cert-authority $", Y2025, SIGNATURE_UNKNOWN_KEY,
			"", "names nobody", ADA, false, NULL},
		{"-n ada@example.org,bela@example.org", "* cert-authority $",
			Y2025, SIGNATURE_UNKNOWN_KEY, "",
			"for 'ada' and for 'bela'", ADA, true,
			"the signer is one person"},
		{"-n ada@example.org,bela@example.org",
			"ada@* cert-authority $", Y2025, SIGNATURE_GOOD, "ada",
			"", ADA, true, NULL},
		{"-n ada@example.org,bela@example.org",
			"ada@* cert-authority $\nbela@* cert-authority $",
			Y2025, SIGNATURE_UNKNOWN_KEY, "",
			"for 'ada' and for 'bela'", ADA, true,
			"the signer is one person"},
		/* Without cert-authority the key is a key. */
		{"-n " ADA, ADA " $", Y2025, SIGNATURE_UNKNOWN_KEY, "",
			"no authority", ADA, false, NULL},
		{"-n " ADA, "", Y2025, SIGNATURE_UNKNOWN_KEY, "",
			"no authority", ADA, false, NULL},
		{"-h -n " ADA, ADA " cert-authority $", Y2025, SIGNATURE_BAD,
			"", "that of a host", ADA, false, NULL},
		{VALID, ADA " cert-authority $", Y2025 - 1, SIGNATURE_EXPIRED,
			"ada", "not valid yet", ADA, false, NULL},
		{VALID, ADA " cert-authority $", Y2025, SIGNATURE_GOOD, "ada",
			"", ADA, true, NULL},
		{VALID, ADA " cert-authority $", Y2025 + 86399, SIGNATURE_GOOD,
			"ada", "", ADA, true, NULL},
		{VALID, ADA " cert-authority $", Y2025 + 86400,
			SIGNATURE_EXPIRED, "ada", "has expired", ADA, false,
			NULL},
		{"-n " ADA, ADA " cert-authority,valid-before=\"20241231Z\" $",
			Y2025, SIGNATURE_EXPIRED, "ada", "any more", ADA, false,
			NULL},
		{"-n " ADA, ADA " cert-authority,valid-after=\"20250102Z\" $",
			Y2025, SIGNATURE_EXPIRED, "ada", "yet", ADA, false,
			NULL},
		{"-n " ADA,
			ADA " cert-authority,valid-before=\"20241231Z\" $\n" ADA
			    " cert-authority $",
			Y2025, SIGNATURE_GOOD, "ada", "", ADA, true, NULL},
		{"-n " ADA, ADA " cert-authority,namespaces=\"file\" $", Y2025,
			SIGNATURE_BAD, "", "for 'git'", ADA, false, NULL},
		{"-n " ADA " -O force-command=true", ADA " cert-authority $",
			Y2025, SIGNATURE_UNSUPPORTED, "", "'force-command'",
			ADA, true, "what must be obeyed is passed over"},
		{"-n " ADA " -O source-address=192.0.2.0/24",
			ADA " cert-authority $", Y2025, SIGNATURE_UNSUPPORTED,
			"", "'source-address'", ADA, true,
			"what must be obeyed is passed over"},
		{"-n " ADA " -O critical:x@example.org=y",
			ADA " cert-authority $", Y2025, SIGNATURE_UNSUPPORTED,
			"", "'x@example.org'", ADA, true,
			"what must be obeyed is passed over"},
		{"-n " ADA " -O extension:x@example.org=y -O clear",
			ADA " cert-authority $", Y2025, SIGNATURE_GOOD, "ada",
			"", ADA, true, NULL},
		{"-n " ADA " -O verify-required", ADA " cert-authority $",
			Y2025, SIGNATURE_BAD, "", "not made with a security",
			ADA, true, "what must be obeyed is passed over"},
		{"-n " ADA, ADA " cert-authority,verify-required $", Y2025,
			SIGNATURE_BAD, "", "not made with a security", ADA,
			false, NULL},
	};
	const char *authority = key_made("authority", "ed25519");
	size_t i;

	(void)unused;
	key_made("certified", "ed25519");
	for (i = 0; i < ARRAY_LEN(t); i++)
		one_certificate(i, &t[i], authority);
}

/* Every kind of key under every kind of authority. */
static void test_certified_kinds(void **unused)
{
	static const char *const types[] = {"ed25519", "ecdsa", "rsa"};
	struct span sig;
	size_t i, k;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(types); i++) {
		const char *ca = arena_fmt(arena, "ca-%s", types[i]);
		const char *line =
			filled(ADA " cert-authority $", key_made(ca, types[i]));

		for (k = 0; k < ARRAY_LEN(types); k++) {
			const char *name =
				arena_fmt(arena, "k-%s-%s", types[i], types[k]);

			key_made(name, types[k]);
			certify(ca, name, "-n " ADA);
			sig = signed_by(arena_fmt(arena, "%s-cert.pub", name));
			assert_int_equal(
				judged(of_signers(line), sig, Y2025).status,
				SIGNATURE_GOOD);
			assert_true(ssh_keygen_takes(line, sig));
		}
	}
	/* SHA-1, which ssh-keygen no longer takes of an authority either. */
	certify("ca-rsa", "k-rsa-rsa", "-t ssh-rsa -n " ADA);
	sig = signed_by("k-rsa-rsa-cert.pub");
	assert_int_equal(judged(of_signers(filled(ADA " cert-authority $",
					key_made("other", "rsa"))),
				 sig, Y2025)
				 .status,
		SIGNATURE_UNKNOWN_KEY);
}

/* Of the blob in an armoured signature. */
static struct span dearmored(struct span armored)
{
	struct err err = ERR_INIT;
	struct span bytes;

	if (armor_read(armored, "SSH SIGNATURE", arena, &bytes, &err))
		fail_msg("%s", err.text);
	return bytes;
}

/* Weak keys, weak digests, and certificates in certificates. */
static void test_certified_badly(void **unused)
{
	const char *weak[] = {"ssh-keygen", "-q", "-t", "rsa", "-b", "1024",
		"-N", "", "-f", path("weak"), NULL};
	const char *line;
	struct signature_fact got;

	(void)unused;
	assert_true(runs(weak, SPAN_EMPTY, NULL));
	line = filled(ADA " cert-authority $", public_line("authority"));
	certify("authority", "weak", "-n " ADA);
	got = judged(of_signers(line), signed_by("weak-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_WEAK);
	assert_string_equal(got.person->name, "ada");
	line = filled(ADA " cert-authority $", public_line("weak"));
	certify("weak", "certified", "-n " ADA);
	got = judged(of_signers(line), signed_by("certified-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_WEAK);
	/* By SHA-1. */
	line = filled(ADA " cert-authority $", public_line("ca-rsa"));
	certify("ca-rsa", "certified", "-t ssh-rsa -n " ADA);
	got = judged(of_signers(line), signed_by("certified-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_WEAK);
	assert_non_null(strstr(got.detail, "SHA-1"));
}

/* The policy gives the key to bela; its certificate is for ada. */
static void test_certified_for_another(void **unused)
{
	const char *line =
		filled("bela@example.org $", public_line("certified"));
	struct signature_fact got;

	(void)unused;
	line = arena_fmt(arena, "%s%s", line,
		filled("* cert-authority $", public_line("authority")));
	certify("authority", "certified", "-n " ADA);
	got = judged(of_signers(line), signed_by("certified-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_UNKNOWN_KEY);
	assert_non_null(strstr(got.detail, "the key is that of 'bela'"));
	assert_string_equal(
		judged(of_signers(line), signed_by("certified"), Y2025)
			.person->name,
		"bela");
	certify("authority", "certified", "-n bela@example.org");
	got = judged(of_signers(line), signed_by("certified-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_GOOD);
}

/* Every bit of a signature with a certificate in it, and every prefix. */
static void test_certificate_flips(void **unused)
{
	const char *line =
		filled("* cert-authority $", public_line("authority"));
	const struct policy *p = of_signers(line);
	struct span sig;
	unsigned char *w;
	size_t bit, n;

	(void)unused;
	certify("authority", "certified",
		"-z 7 -O clear -O permit-pty -n " ADA);
	sig = signed_by("certified-cert.pub");
	assert_non_null(
		strstr(judged(p, sig, Y2025).detail, " as 'the id', serial 7"));
	sig = dearmored(sig);
	w = arena_get(arena, sig.n, 1);
	memcpy(w, sig.p, sig.n);
	for (bit = 0; bit < sig.n * 8; bit += UNIT_STEP) {
		w[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (judged(p, sshblob_armor(span_of(w, sig.n), arena), Y2025)
				.status == SIGNATURE_GOOD)
			fail_msg("good with bit %zu of byte %zu flipped",
				bit % 8, bit / 8);
		w[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (n = 0; n < sig.n; n += UNIT_STEP)
		if (judged(p, sshblob_armor(span_of(w, n), arena), Y2025)
				.status == SIGNATURE_GOOD)
			fail_msg("good at %zu bytes", n);
	assert_int_equal(judged(p, sshblob_armor(sig, arena), Y2025).status,
		SIGNATURE_GOOD);
}

/* The blob in NAME.pub. */
static struct span blob_of(const char *name)
{
	struct span line = span_str(public_line(name));
	struct buf blob = BUF_INIT(1 << 14);
	struct span s;

	line = span_from(line, span_find(line, ' ') + 1);
	line = span_sub(line, 0, span_find(line, ' '));
	assert_true(text_base64_read(line, &blob));
	s = arena_copy(arena, buf_all(&blob));
	buf_free(&blob);
	return s;
}

/* What the key's line and its certificate say of touching it. */
static void test_certified_security_keys(void **unused)
{
	static const struct {
		const char *options, *line;
		unsigned char flags;
		enum signature_status status;
	} t[] = {
		{"-n " ADA, "* cert-authority $", 1, SIGNATURE_GOOD},
		{"-n " ADA, "* cert-authority $", 0, SIGNATURE_BAD},
		{"-n " ADA " -O no-touch-required", "* cert-authority $", 0,
			SIGNATURE_BAD},
		{"-n " ADA, "* cert-authority,no-touch-required $", 0,
			SIGNATURE_BAD},
		{"-n " ADA " -O no-touch-required",
			"* cert-authority,no-touch-required $", 0,
			SIGNATURE_GOOD},
		{"-n " ADA " -O verify-required", "* cert-authority $", 1,
			SIGNATURE_BAD},
		{"-n " ADA " -O verify-required", "* cert-authority $", 5,
			SIGNATURE_GOOD},
		{"-n " ADA, "* cert-authority,verify-required $", 1,
			SIGNATURE_BAD},
		{"-n " ADA, "* cert-authority,verify-required $", 5,
			SIGNATURE_GOOD},
	};
	const struct sshpair *const pairs[] = {&sk_ed25519, &sk_p256};
	const char *authority = public_line("authority");
	struct span sig;
	size_t i, k;

	(void)unused;
	for (k = 0; k < ARRAY_LEN(pairs); k++) {
		put("sk.pub", span_str(sshpair_line(pairs[k], "", arena)));
		for (i = 0; i < ARRAY_LEN(t); i++) {
			struct sshtouch touch = {t[i].flags, 9, false};

			certify("authority", "sk", t[i].options);
			sig = sshblob_armor(
				sshpair_sign(pairs[k], blob_of("sk-cert"),
					"git", PAYLOAD, &touch, arena),
				arena);
			if (judged(of_signers(filled(t[i].line, authority)),
				    sig, Y2025)
					.status != t[i].status)
				fail_msg("key %zu, case %zu", k, i);
			assert_true(ssh_keygen_takes(
				filled("* cert-authority $", authority), sig));
		}
	}
}

/* By a security key, which has to be touched. */
static void test_authority_in_security_key(void **unused)
{
	const struct sshpair *const pairs[] = {&sk_ed25519, &sk_p256};
	size_t i, k;

	(void)unused;
	put("sk.pub", span_str(sshpair_line(&sk_ed25519, "", arena)));
	certify("authority", "sk", "-n " ADA);
	for (k = 0; k < ARRAY_LEN(pairs); k++) {
		const char *line = filled("* cert-authority $",
			sshpair_line(pairs[k], "", arena));

		for (i = 0; i < 3; i++) {
			struct sshtouch own = {1, 9, false};
			struct sshtouch touch = {i != 1, 3, i == 2};
			struct signature_fact got;
			struct span cert, sig;

			if (i == 2 && pairs[k]->type != SSHKEY_SK_P256)
				continue;
			cert = sshpair_certify(
				pairs[k], blob_of("sk-cert"), &touch, arena);
			sig = sshblob_armor(
				sshpair_sign(&sk_ed25519, cert, "git", PAYLOAD,
					&own, arena),
				arena);
			got = judged(of_signers(line), sig, Y2025);
			if (i == 0)
				assert_int_equal(got.status, SIGNATURE_GOOD);
			else if (i == 1)
				assert_non_null(strstr(got.detail,
					"nobody touched the security key "
					"that"));
			else
				assert_int_equal(
					got.status, SIGNATURE_UNSUPPORTED);
			assert_true(i == 0 || got.status != SIGNATURE_GOOD);
			if (i < 2)
				assert_true(ssh_keygen_takes(line, sig));
		}
	}
}

/* The policy of of_signers() with a list of what is revoked. */
static const struct policy *with_revoked(const char *allowed, struct span list)
{
	struct policy *p = ARENA_NEW(arena, struct policy);

	*p = *of_signers(allowed);
	p->revoked = ARENA_NEW(arena, struct policy_key);
	p->nrevoked = 1;
	*p->revoked = (struct policy_key){
		.kind = SIGNATURE_SSH, .file = "gone", .data = list};
	return p;
}

/* A list by ssh-keygen; ${ca}: a key, "none" for any, or NULL. */
static struct span krl_made(const char *spec, const char *ca)
{
	const char *argv[] = {"ssh-keygen", "-q", "-k", "-f", path("krl"),
		path("spec"), NULL, NULL, NULL};

	put("spec", span_str(spec));
	if (ca) {
		argv[5] = "-s";
		argv[6] = strcmp(ca, "none")
			? arena_fmt(arena, "%s.pub", path(ca))
			: ca;
		argv[7] = path("spec");
	}
	if (!runs(argv, SPAN_EMPTY, NULL))
		fail_msg("ssh-keygen does not make a list of '%s'", spec);
	return contents("krl");
}

/* Whether ssh-keygen finds the key or certificate in ${list}: -Q reads KRLs
 * only. */
static bool ssh_keygen_revokes(struct span list, const char *name)
{
	const char *argv[] = {"ssh-keygen", "-Q", "-f", path("krl"),
		arena_fmt(arena, "%s.pub", path(name)), NULL};

	put("krl", list);
	return !runs(argv, SPAN_EMPTY, NULL);
}

/* The same of a signature, which is good without the list. */
static bool ssh_keygen_refuses(
	struct span list, const char *allowed, struct span armored)
{
	const char *argv[] = {"ssh-keygen", "-q", "-Y", "verify", "-f",
		path("allowed"), "-I", ADA, "-n", "git", "-s", path("sig"),
		"-r", path("krl"), NULL};

	assert_true(ssh_keygen_takes(allowed, armored));
	put("krl", list);
	return !runs(argv, PAYLOAD, NULL);
}

/* Expected are a revoked key and a revoked certificate with that key. */
static void revocation(const char *spec, const char *ca, bool key, bool cert)
{
	const char *line = arena_fmt(arena, "%s%s",
		filled("ada@* cert-authority $", public_line("authority")),
		filled("ada@* $", public_line("certified")));
	const bool text = ca && !strcmp(ca, "text");
	struct span list = text ? span_str(spec) : krl_made(spec, ca);
	struct span by_key = signed_by("certified");
	struct span by_cert = signed_by("certified-cert.pub");
	const struct policy *p = with_revoked(line, list);
	struct signature_fact plain, certified;

	plain = judged(p, by_key, Y2025);
	certified = judged(p, by_cert, Y2025);
	if (plain.status != (key ? SIGNATURE_REVOKED : SIGNATURE_GOOD) ||
		certified.status != (cert ? SIGNATURE_REVOKED : SIGNATURE_GOOD))
		fail_msg("'%s': key %s, certificate %s (%s)", spec,
			signature_status_name(plain.status),
			signature_status_name(certified.status),
			certified.detail);
	assert_string_equal(plain.person->name, "ada");
	assert_string_equal(certified.person->name, "ada");
	if (cert && !strstr(certified.detail, "is revoked in 'gone'"))
		fail_msg("'%s'", certified.detail);
	if (ssh_keygen_refuses(list, line, by_key) != key ||
		ssh_keygen_refuses(list, line, by_cert) != cert ||
		(!text &&
			(ssh_keygen_revokes(list, "certified") != key ||
				ssh_keygen_revokes(list, "certified-cert") !=
					cert)))
		fail_msg("'%s': ssh-keygen does not agree", spec);
}

static void test_revoked(void **unused)
{
	const char *key = public_line("certified"), *authority;

	(void)unused;
	authority = public_line("authority");
	certify("authority", "certified", "-z 7 -n " ADA);
	revocation("# nothing\n", NULL, false, false);
	revocation(key, NULL, true, true);
	revocation(arena_fmt(arena, "key: %s", key), NULL, true, true);
	revocation(arena_fmt(arena, "sha1: %s", key), NULL, true, true);
	revocation(arena_fmt(arena, "sha256: %s", key), NULL, true, true);
	revocation(authority, NULL, false, true);
	revocation(arena_fmt(arena, "sha1: %s", authority), NULL, false, true);
	revocation(public_line("certified-cert"), NULL, false, true);
	revocation(public_line("other"), NULL, false, false);
	revocation("serial: 7\n", "authority", false, true);
	revocation("serial: 8\n", "authority", false, false);
	revocation("serial: 7\n", "other", false, false);
	revocation("serial: 7\n", "none", false, true);
	revocation("serial: 1-6\nserial: 8-99\n", "authority", false, false);
	revocation("serial: 1-7\n", "authority", false, true);
	revocation(
		"serial: 7-18446744073709551615\n", "authority", false, true);
	revocation("serial: 1\nserial: 3\nserial: 4\nserial: 6\nserial: 7\n"
		   "serial: 9\nserial: 12\nserial: 17\nserial: 20\n",
		"authority", false, true);
	revocation("serial: 1\nserial: 3\nserial: 4\nserial: 6\nserial: 8\n"
		   "serial: 9\nserial: 12\nserial: 17\nserial: 20\n",
		"authority", false, false);
	revocation("id: the id\n", "authority", false, true);
	revocation("id: the id\n", "none", false, true);
	revocation("id: the i\n", "none", false, false);
	revocation("id: the id\n", "other", false, false);
	certify("authority", "certified", "-n " ADA);
	revocation(
		"serial: 1-18446744073709551615\n", "authority", false, false);
	revocation(public_line("certified-cert"), NULL, false, true);
	/* Texts. */
	revocation("# none\n", "text", false, false);
	revocation(key, "text", true, true);
	revocation(arena_fmt(arena, "# two\n\n%s\n%s x\n", public_line("other"),
			   authority),
		"text", false, true);
	revocation(public_line("certified-cert"), "text", true, true);
}

/* Serials here and there, asked one by one. */
static void test_revoked_serials(void **unused)
{
	struct buf spec = BUF_INIT(1 << 16);
	uint64_t serial, state = 20250101;
	struct span list;
	size_t i, revoked = 0;

	(void)unused;
	for (i = 0; i < 60; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		serial = 1 + (state >> 33) % (i % 3 ? 64 : 100000);
		buf_fmt(&spec, "serial: %llu\n", (unsigned long long)serial);
	}
	buf_str(&spec,
		"serial: 18446744073709551613\n"
		"serial: 18446744073709551615\n");
	list = krl_made(arena_str(arena, buf_all(&spec)), "authority");
	buf_free(&spec);
	for (i = 0; i < 68; i += UNIT_STEP) {
		const char *line =
			filled("* cert-authority $", public_line("authority"));
		bool ours;

		serial = i < 64 ? i + 1 : UINT64_MAX - 67 + i;
		certify("authority", "certified",
			arena_fmt(arena, "-z %llu -n " ADA,
				(unsigned long long)serial));
		ours = judged(with_revoked(line, list),
			       signed_by("certified-cert.pub"), Y2025)
				.status == SIGNATURE_REVOKED;
		if (ssh_keygen_revokes(list, "certified-cert") != ours)
			fail_msg("serial %llu: we say %d",
				(unsigned long long)serial, ours);
		revoked += ours;
	}
	assert_true(revoked > 10 / UNIT_STEP && revoked < 58);
}

/* Revoked and nobody's; revoked and not signed by it; a list that is none. */
static void test_revoked_otherwise(void **unused)
{
	const char *key = public_line("certified");
	struct span sig = signed_by("certified"), bytes;
	const struct policy *p = with_revoked("", span_str(key));
	struct signature_fact got = judged(p, sig, Y2025);
	static const char *const bad[][2] = {
		{"", "the file is empty"},
		{" \n", "the file is empty"},
		{"serial: 7\n", "line 1: expected 'type base64 comment'"},
		{"# x\n\nssh-ed25519 AAAA\n", "line 3: "},
		{"SSHKRL\n", "line 1: "},
	};
	struct err err = ERR_INIT;
	unsigned char *w;
	size_t i;

	(void)unused;
	assert_int_equal(got.status, SIGNATURE_REVOKED);
	assert_null(got.person);
	bytes = dearmored(sig);
	w = arena_get(arena, bytes.n, 1);
	memcpy(w, bytes.p, bytes.n);
	w[bytes.n - 1] ^= 1;
	got = judged(p, sshblob_armor(span_of(w, bytes.n), arena), Y2025);
	assert_int_equal(got.status, SIGNATURE_BAD);
	certify("authority", "certified", "-n " ADA);
	got = judged(p, signed_by("certified-cert.pub"), Y2025);
	assert_int_equal(got.status, SIGNATURE_REVOKED);
	assert_null(got.person);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		p = with_revoked("", span_str(bad[i][0]));
		assert_int_equal(signers_check(p, arena, &err), -1);
		assert_int_equal(err.code, ERR_POLICY);
		if (!strstr(err.text, bad[i][1]) ||
			strncmp(err.text, "revoked keys 'gone': ", 21))
			fail_msg("'%s'", err.text);
	}
	/* A list cut short revokes less: no prefix of one is taken. */
	bytes = krl_made(key, NULL);
	for (i = 0; i < bytes.n; i++) {
		err_clear(&err);
		/* The head alone is a list of nothing. */
		if (i == 44)
			continue;
		p = with_revoked("", span_sub(bytes, 0, i));
		if (!signers_check(p, arena, &err))
			fail_msg("a list cut at %zu was taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_security_keys),
		cmocka_unit_test(test_lines_of_one_key),
		cmocka_unit_test(test_security_key_flips),
		cmocka_unit_test(test_webauthn),
		cmocka_unit_test(test_security_key_elsewhere),
		cmocka_unit_test(test_allowed_signers),
		cmocka_unit_test(test_allowed_signers_refused),
		cmocka_unit_test(test_allowed_signers_twice),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_certified_kinds),
		cmocka_unit_test(test_certified_badly),
		cmocka_unit_test(test_certified_for_another),
		cmocka_unit_test(test_certificate_flips),
		cmocka_unit_test(test_certified_security_keys),
		cmocka_unit_test(test_authority_in_security_key),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_revoked_serials),
		cmocka_unit_test(test_revoked_otherwise),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
