/*
 * Signed objects made at test time (tests/support/make-signed), judged by us
 * and by git, gpg and ssh-keygen. Where we refuse what git takes, the table
 * says why.
 */
#include "support/unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "gather/gather.h"
#include "gather/keyring.h"
#include "gather/pgpsig.h"
#include "parse/armor.h"
#include "parse/commit.h"
#include "parse/tag.h"
#include "port/pubkey.h"
#include "support/signer.h"

static char dir[256];

struct expectation {
	const char *name;
	enum signature_status status;
	const char *person;   /* NULL: nobody proven */
	bool git;             /* git verify-commit or verify-tag exits with 0 */
	const char *raw;      /* what git's --raw output holds, or NULL */
	const char *stricter; /* why we refuse what git takes */
};

#define BAD SIGNATURE_BAD
#define MISSING SIGNATURE_MISSING
#define GOOD SIGNATURE_GOOD
#define UNKNOWN SIGNATURE_UNKNOWN_KEY
#define EXPIRED SIGNATURE_EXPIRED
#define COMPROMISED SIGNATURE_COMPROMISED
#define WEAK SIGNATURE_WEAK
#define MALFORMED SIGNATURE_MALFORMED
#define UNSUPPORTED SIGNATURE_UNSUPPORTED

static const struct expectation expected[] = {
	{"unsigned", MISSING, NULL, false, NULL, NULL},
	{"pgp-ada", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-rsa", GOOD, "rsa", true, "GOODSIG", NULL},
	{"pgp-sub", GOOD, "sub", true, "GOODSIG", NULL},
	{"pgp-p256", GOOD, "p256", true, "GOODSIG", NULL},
	{"pgp-SHA224", GOOD, "rsa", true, "GOODSIG", NULL},
	{"pgp-SHA384", GOOD, "rsa", true, "GOODSIG", NULL},
	{"pgp-SHA512", GOOD, "rsa", true, "GOODSIG", NULL},
	{"pgp-p384", GOOD, "p384", true, "GOODSIG", NULL},
	{"pgp-p384own", GOOD, "p384", true, "GOODSIG", NULL},
	{"pgp-p521", GOOD, "p521", true, "GOODSIG", NULL},
	{"pgp-brainpool", GOOD, "brainpool", true, "GOODSIG", NULL},
	{"pgp-brainpool384", GOOD, "brainpool384", true, "GOODSIG", NULL},
	{"pgp-brainpool512", GOOD, "brainpool512", true, "GOODSIG", NULL},
	{"pgp-secp256k1", GOOD, "secp256k1", true, "GOODSIG", NULL},
	{"pgp-dsa2048", GOOD, "dsa2048", true, "GOODSIG", NULL},
	{"pgp-rsa3072", GOOD, "rsa3072", true, "GOODSIG", NULL},
	{"pgp-rsa4096", GOOD, "rsa4096", true, "GOODSIG", NULL},
	{"pgp-subrsa", GOOD, "subrsa", true, "GOODSIG", NULL},
	{"pgp-subp256", GOOD, "subp256", true, "GOODSIG", NULL},
	{"pgp-soon", GOOD, "soon", true, "GOODSIG", NULL},
	{"pgp-soonsub", GOOD, "soonsub", true, "GOODSIG", NULL},
	{"pgp-certed", GOOD, "certed", true, "GOODSIG", NULL},
	{"pgp-usage", BAD, NULL, false, "ERRSIG", NULL},
	{"pgp-note", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-critical", BAD, NULL, false, "BADSIG", NULL},
	{"pgp-url", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-criticalurl", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-keyserver", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-keyblock", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-sigexpires", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-future", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-before", BAD, NULL, false, "ERRSIG", NULL},
	{"pgp-ada224", GOOD, "ada", true, "GOODSIG", NULL},
	{"pgp-small", WEAK, "small", true, "GOODSIG", "RSA of 1024 bits"},
	{"pgp-dsa", WEAK, "dsa", true, "GOODSIG", "DSA of 1024 bits"},
	{"pgp-SHA1", WEAK, NULL, true, "GOODSIG", "collisions are at hand"},
	{"pgp-MD5", WEAK, NULL, false, NULL, NULL},
	{"pgp-RIPEMD160", WEAK, NULL, true, "GOODSIG", "as long as SHA-1"},
	{"pgp-stranger", UNKNOWN, NULL, true, "GOODSIG",
		"git has the key, the policy does not"},
	{"pgp-old", EXPIRED, "old", false, "EXPKEYSIG", NULL},
	{"pgp-oldsub", EXPIRED, "oldsub", false, "EXPKEYSIG", NULL},
	{"pgp-sigexpired", EXPIRED, "late", false, "EXPSIG", NULL},
	{"pgp-revoked", COMPROMISED, "revoked", false, "REVKEYSIG", NULL},
	{"pgp-revsub", COMPROMISED, "revsub", false, "REVKEYSIG", NULL},
	{"pgp-textmode", MALFORMED, NULL, true, "GOODSIG",
		"text mode leaves line ends open"},
	{"pgp-twopackets", MALFORMED, NULL, false, NULL, NULL},
	{"pgp-inline", MALFORMED, NULL, false, NULL, NULL},
	{"pgp-moved", BAD, NULL, false, "BADSIG", NULL},
	{"pgp-twoblocks", MALFORMED, NULL, false, NULL, NULL},
	{"pgp-twoheaders", MALFORMED, NULL, false, NULL, NULL},
	{"pgp-trailing", MALFORMED, NULL, true, "GOODSIG",
		"nobody signed what follows the block"},
	{"pgp-damaged", MALFORMED, NULL, false, NULL, NULL},
	{"pgp-slipped", MALFORMED, NULL, true, "GOODSIG",
		"nobody signed the other header"},
	{"x509", MALFORMED, NULL, false, NULL, NULL},
	{"odd-nul", MALFORMED, NULL, true, "GOODSIG",
		"readers disagree on where the message ends"},
	{"odd-twoauthors", MALFORMED, NULL, true, "GOODSIG",
		"readers disagree on the author"},
	{"odd-upper", MALFORMED, NULL, true, "GOODSIG",
		"two spellings of one commit"},
	{"odd-twomails", MALFORMED, NULL, true, "GOODSIG",
		"readers disagree on the mail address"},
	{"odd-early", MALFORMED, NULL, true, "GOODSIG",
		"readers disagree on the parents"},
	{"ssh-ed25519", GOOD, "ed25519", true, "Good \"git\"", NULL},
	{"ssh-ecdsa256", GOOD, "ecdsa256", true, "Good \"git\"", NULL},
	{"ssh-ecdsa384", GOOD, "ecdsa384", true, "Good \"git\"", NULL},
	{"ssh-ecdsa521", GOOD, "ecdsa521", true, "Good \"git\"", NULL},
	{"ssh-rsa2048", GOOD, "rsa2048", true, "Good \"git\"", NULL},
	{"ssh-sha256", GOOD, "ed25519", true, "Good \"git\"", NULL},
	{"ssh-rsa1024", WEAK, "rsa1024", true, "Good \"git\"",
		"RSA of 1024 bits"},
	{"ssh-stranger", UNKNOWN, NULL, false, NULL, NULL},
	{"ssh-namespace", BAD, NULL, false, NULL, NULL},
	{"ssh-moved", BAD, NULL, false, NULL, NULL},
	{"ssh-twoblocks", MALFORMED, NULL, true, "Good \"git\"",
		"ssh-keygen reads the first block only"},
	{"ssh-trailing", MALFORMED, NULL, true, "Good \"git\"",
		"nobody signed what follows the block"},
	{"ssh-cut", MALFORMED, NULL, false, NULL, NULL},
	{"tag-unsigned", MISSING, NULL, false, NULL, NULL},
	{"tag-pgp", GOOD, "ada", true, "GOODSIG", NULL},
	{"tag-ssh", GOOD, "ed25519", true, "Good \"git\"", NULL},
	{"tag-moved", BAD, NULL, false, "BADSIG", NULL},
	{"tag-after", MALFORMED, NULL, true, "GOODSIG",
		"nobody signed what follows the block"},
	{"tag-two", MALFORMED, NULL, false, NULL, NULL},
	{"tag-both", MALFORMED, NULL, true, "Good \"git\"",
		"one of two signatures is never looked at"},
};

static const char *const pgp_people[] = {"ada", "rsa", "small", "dsa", "old",
	"late", "sub", "oldsub", "revoked", "revsub", "p256", "p384", "p521",
	"brainpool", "brainpool384", "brainpool512", "secp256k1", "dsa2048",
	"rsa3072", "rsa4096", "subrsa", "subp256", "soon", "soonsub", "usage",
	"certed"};
static const char *const ssh_people[] = {
	"ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048", "rsa1024"};

/* ---- the world ---- */

static struct arena *arena;
static struct policy policy;
static struct span raw; /* every object, as git cat-file --batch has them */

static struct span file(const char *fmt, const char *name)
{
	struct buf b = BUF_INIT(1 << 20), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct span s;

	buf_fmt(&path, "%s/", dir);
	buf_str(&path, fmt);
	buf_str(&path, name);
	if (io_read_file(buf_cstr(&path), &b, &err))
		fail_msg("%s", err.text);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	buf_free(&path);
	return s;
}

static void person_add(const char *name, enum signature_kind kind)
{
	struct person *who = &policy.person[policy.nperson++];
	struct buf f = BUF_INIT(64);

	buf_fmt(&f, "%s.%s", name, kind == SIGNATURE_SSH ? "pub" : "asc");
	who->name = name;
	who->key = ARENA_NEW(arena, struct policy_key);
	who->nkey = 1;
	who->key->kind = kind;
	who->key->file = arena_str(arena, buf_all(&f));
	who->key->data = file("keys/", buf_cstr(&f));
	buf_free(&f);
}

static int git(struct span in, struct buf *out, struct buf *talk, const char *a,
	const char *b, const char *c)
{
	char home[300], gnupg[300], repo[300];
	const char *env[] = {home, gnupg, "GIT_CONFIG_NOSYSTEM=1",
		"LC_ALL=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", NULL};
	const char *argv[] = {"git", "-C", repo, a, b, c, NULL};
	struct proc p = {.argv = argv,
		.env = env,
		.in = in,
		.out = out,
		.talk = talk,
		.timeout_ms = 60000};
	struct err err = ERR_INIT;
	struct proc_end end;

	snprintf(home, sizeof(home), "HOME=%s", dir);
	snprintf(gnupg, sizeof(gnupg), "GNUPGHOME=%s/g", dir);
	snprintf(repo, sizeof(repo), "%s/repo", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	return end.signal ? -1 : end.status;
}

/* At once: a git for each object takes longer than what is done with it. */
static void objects_read(void)
{
	struct buf ids = BUF_INIT(1 << 20), all = BUF_INIT(16 << 20);
	struct span rest = file("objects", ""), line;

	while (span_line(&rest, &line, NULL)) {
		buf_span(&ids, span_from(line, line.n - OID_HEX));
		buf_byte(&ids, '\n');
	}
	assert_int_equal(
		git(buf_all(&ids), &all, NULL, "cat-file", "--batch", NULL), 0);
	raw = arena_copy(arena, buf_all(&all));
	buf_free(&ids);
	buf_free(&all);
}

/* "<name> <type> <size>", LF, the bytes, LF. */
static struct span object_bytes(const char *id)
{
	struct span rest = raw, line, size;
	uint64_t n;

	while (span_line(&rest, &line, NULL)) {
		size = span_from(line, OID_HEX + 1);
		size = span_from(size, span_find(size, ' ') + 1);
		assert_true(text_to_u64(size, raw.n, &n));
		if (span_starts(line, span_str(id)))
			return span_sub(rest, 0, n);
		rest = span_from(rest, n + 1);
	}
	fail_msg("no object %s", id);
	return SPAN_EMPTY;
}

static int setup(void **state)
{
	const char *argv[] = {"tests/support/make-signed", dir, NULL};
	struct proc p = {.argv = argv, .timeout_ms = 60000};
	struct buf talk = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct proc_end end;
	size_t i;

	(void)state;
	unit_dir(dir, sizeof(dir));
	arena = arena_new(256u << 20);
	p.talk = &talk;
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("make-signed: %s", buf_cstr(&talk));
	buf_free(&talk);
	objects_read();
	policy.person = arena_get(arena, 64, sizeof(*policy.person));
	for (i = 0; i < ARRAY_LEN(pgp_people); i++)
		person_add(pgp_people[i], SIGNATURE_OPENPGP);
	for (i = 0; i < ARRAY_LEN(ssh_people); i++)
		person_add(ssh_people[i], SIGNATURE_SSH);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	unit_rm(dir);
	return 0;
}

struct object {
	struct commit commit;
	struct tag tag;
	bool is_tag;
	struct signed_text sig;
	const char *malformed;
	char id[OID_HEX + 1];
};

static struct object object(const char *name)
{
	struct span rest = file("objects", ""), line, bytes;
	struct buf want = BUF_INIT(64);
	struct err err = ERR_INIT;
	struct object o = {.is_tag = false};
	struct oid id;

	buf_fmt(&want, "%s ", name);
	while (span_line(&rest, &line, NULL))
		if (span_starts(line, buf_all(&want)))
			break;
	if (!span_starts(line, buf_all(&want)))
		fail_msg("no object '%s'", name);
	snprintf(o.id, sizeof(o.id), "%.*s", OID_HEX,
		(const char *)line.p + line.n - OID_HEX);
	assert_true(oid_read(span_str(o.id), &id));
	line = span_from(line, want.n);
	o.is_tag = span_starts(line, SPAN_LIT("tag "));
	bytes = object_bytes(o.id);
	if (o.is_tag)
		assert_int_equal(tag_parse(bytes, &id, arena, &o.tag, &err), 0);
	else
		assert_int_equal(
			commit_parse(bytes, &id, arena, &o.commit, &err), 0);
	o.sig = o.is_tag ? o.tag.sig : o.commit.sig;
	o.malformed = o.is_tag ? o.tag.malformed : o.commit.malformed;
	buf_free(&want);
	return o;
}

/* As the pipeline does it: one update that asks for signatures. */
static struct signature_fact judged(struct gather *g, const struct object *o)
{
	static const struct rule_signature rule;
	static struct ref_update up;
	static size_t zero;
	struct push push = {.up = &up, .nup = 1, .time = clock_now()};
	struct update_fact uf = {.up = &up, .rules = {.signature = &rule}};
	struct change change = {.commit = o->commit};
	struct tag_change tag = {.tag = o->tag};
	struct facts f = {.push = &push, .policy = &policy, .update = &uf};
	struct err err = ERR_INIT;

	if (o->is_tag) {
		f.tag = &tag;
		f.ntag = uf.ntag = 1;
		uf.tag = &zero;
	} else {
		f.change = &change;
		f.nchange = uf.nchange = 1;
		uf.change = &zero;
	}
	if (gather_signatures(g, &f, &err))
		fail_msg("%s", err.text);
	return o->is_tag ? tag.sig : change.sig;
}

static struct gather gather_new(const char *state)
{
	return (struct gather){.arena = arena, .state = state};
}

/* ---- tests ---- */

static void test_table(void **unused)
{
	struct buf state = PATH_BUF_INIT, talk = BUF_INIT(1 << 20);
	struct gather g;
	size_t i;
	bool failed = false;

	(void)unused;
	buf_fmt(&state, "%s/state", dir);
	g = gather_new(buf_cstr(&state));
	for (i = 0; i < ARRAY_LEN(expected); i++) {
		const struct expectation *e = &expected[i];
		struct object o = object(e->name);
		struct signature_fact got = judged(&g, &o);
		const char *who = got.person ? got.person->name : "";
		bool ok;

		buf_reset(&talk);
		ok = git(SPAN_EMPTY, NULL, &talk,
			     o.is_tag ? "verify-tag" : "verify-commit", "--raw",
			     o.id) == 0;
		if (got.status != e->status ||
			strcmp(who, e->person ? e->person : "") != 0) {
			print_error("%s: %s by '%s' (%s), expected %s by "
				    "'%s'\n",
				e->name, signature_status_name(got.status), who,
				got.detail, signature_status_name(e->status),
				e->person ? e->person : "");
			failed = true;
		}
		if (ok != e->git ||
			(e->raw && !strstr(buf_cstr(&talk), e->raw))) {
			print_error("%s: git says %s:\n%s\n", e->name,
				ok ? "yes" : "no", buf_cstr(&talk));
			failed = true;
		}
		/* Never laxer; every stricter case has its reason. */
		if (got.status == SIGNATURE_GOOD && !ok) {
			print_error("%s: we take what git refuses\n", e->name);
			failed = true;
		}
		if ((got.status != SIGNATURE_GOOD && ok) !=
			(e->stricter != NULL)) {
			print_error(
				"%s: stricter without a reason, or a reason "
				"without need\n",
				e->name);
			failed = true;
		}
	}
	gather_close(&g);
	buf_free(&state);
	buf_free(&talk);
	assert_false(failed);
}

static struct span armored(
	struct span bytes, const char *label, struct arena *to)
{
	struct buf b = BUF_INIT(1 << 16);
	struct span s;

	buf_fmt(&b, "-----BEGIN %s-----\n%s", label,
		strncmp(label, "PGP ", 4) ? "" : "\n");
	text_base64(&b, bytes);
	buf_fmt(&b, "\n-----END %s-----\n", label);
	s = arena_copy(to, buf_all(&b));
	buf_free(&b);
	return s;
}

/* A signature of which single bits are flipped: of its bytes each ${step}th,
 * then of the text. */
struct flips {
	const char *name;
	size_t step, text_step;
};

/* ${arena}: for what a flip leaves behind. Children are started by fork, which
 * takes the longer the more memory there is. */
struct flipping {
	struct signers *signers;
	struct arena *arena;
	struct signed_text text;
	const char *label;
};

static bool passes(const struct flipping *f, struct span bytes)
{
	struct signed_text text = f->text;
	struct signature_fact out;
	struct err err = ERR_INIT;

	if (bytes.n)
		text.signature = armored(bytes, f->label, f->arena);
	if (signature_judge(
		    f->signers, &text, clock_now(), &out, f->arena, &err))
		fail_msg("%s", err.text);
	return out.status == SIGNATURE_GOOD;
}

static unsigned char *copied(struct span s, struct arena *to)
{
	unsigned char *w = arena_get(to, s.n, 1);

	memcpy(w, s.p, s.n);
	return w;
}

static void flip(unsigned char *w, size_t bit)
{
	w[bit / 8] ^= (unsigned char)(1 << bit % 8);
}

static void flip_all(struct flipping *f, const struct flips *t)
{
	struct err err = ERR_INIT;
	struct span bytes, all = f->text.payload;
	unsigned char *w;
	size_t bit;

	assert_int_equal(
		armor_read(f->text.signature, f->label, f->arena, &bytes, &err),
		0);
	assert_true(passes(f, bytes));
	w = copied(bytes, f->arena);
	for (bit = 0; bit < bytes.n * 8; bit += t->step) {
		flip(w, bit);
		if (passes(f, span_of(w, bytes.n)))
			fail_msg("%s: good with bit %zu of byte %zu flipped",
				t->name, bit % 8, bit / 8);
		flip(w, bit);
	}
	w = copied(all, f->arena);
	f->text.payload = span_of(w, all.n);
	for (bit = 0; bit < all.n * 8; bit += t->text_step) {
		flip(w, bit);
		if (passes(f, SPAN_EMPTY))
			fail_msg("%s: good with bit %zu of the text flipped",
				t->name, bit);
		flip(w, bit);
	}
	assert_true(passes(f, SPAN_EMPTY));
	f->text.payload = span_of(w, all.n - 1);
	assert_false(passes(f, SPAN_EMPTY));
}

static void flips(const struct flips *t, size_t n, bool gnupg_alone)
{
	struct flipping f = {.label = NULL};
	struct err err = ERR_INIT;
	struct gather g;
	size_t i;

	for (i = 0; i < n; i++) {
		f.arena = arena_new(64u << 20);
		f.text = object(t[i].name).sig;
		f.label = f.text.kind == SIGNATURE_SSH ? "SSH SIGNATURE"
						       : "PGP SIGNATURE";
		g = (struct gather){.arena = f.arena, .state = dir};
		assert_int_equal(
			signers_open(&g, &policy, &f.signers, &err), 0);
		if (gnupg_alone)
			signers_gnupg_alone(f.signers);
		flip_all(&f, &t[i]);
		signers_close(f.signers);
		gather_close(&g);
		arena_free(f.arena);
	}
}

static void test_flips(void **unused)
{
	/* All of OpenPGP's numbers are flipped in test_pgpsig. */
	static const struct flips here[] = {{"ssh-ed25519", 1, 7},
		{"ssh-ecdsa256", 1, 31}, {"ssh-ecdsa384", 7, 127},
		{"ssh-ecdsa521", 7, 127}, {"ssh-rsa2048", 1, 31},
		{"pgp-ada", 1, 31}, {"pgp-rsa", 1, 127}, {"pgp-p256", 1, 127},
		{"pgp-p384", 1, 511}, {"pgp-p521", 1, 511},
		{"pgp-subrsa", 7, 127}};
	/* A gpg for each flip of the numbers. */
	static const struct flips there[] = {{"pgp-ada", 29, 509},
		{"pgp-rsa", 101, 509}, {"pgp-p256", 29, 509},
		{"pgp-brainpool", 29, 509}, {"pgp-dsa2048", 29, 509}};

	(void)unused;
	flips(here, ARRAY_LEN(here), false);
	flips(there, ARRAY_LEN(there), true);
}

/* ---- in process, and by GnuPG ---- */

/* The keyring that was made under ${state}, or a file in it. */
static const char *ring_path(const char *state, const char *name)
{
	static char path[1024];
	char cache[400];
	struct dirent *e;
	DIR *d;

	snprintf(cache, sizeof(cache), "%s/cache", state);
	d = opendir(cache);
	assert_non_null(d);
	path[0] = '\0';
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "openpgp-", 8))
			snprintf(path, sizeof(path), "%s/%s/%s", cache,
				e->d_name, name);
	closedir(d);
	assert_string_not_equal(path, "");
	return path;
}

static bool fact_same(
	const struct signature_fact *a, const struct signature_fact *b)
{
	return a->status == b->status && a->kind == b->kind &&
		a->person == b->person && strcmp(a->key, b->key) == 0;
}

static void judge_all(const char *state, bool alone, const struct object *o,
	size_t n, int64_t at, struct signature_fact *out)
{
	struct gather g = gather_new(state);
	struct err err = ERR_INIT;
	struct signers *sg;
	size_t i;

	assert_int_equal(signers_open(&g, &policy, &sg, &err), 0);
	if (alone)
		signers_gnupg_alone(sg);
	for (i = 0; i < n; i++)
		if (signature_judge(sg, &o[i].sig, at, &out[i], arena, &err))
			fail_msg("%s", err.text);
	signers_close(sg);
	gather_close(&g);
}

static struct signature_fact judged_by(
	const char *state, bool alone, const struct object *o, int64_t at)
{
	struct signature_fact out;

	judge_all(state, alone, o, 1, at, &out);
	return out;
}

/* What is not common is left to GnuPG. */
static const char *const asked[] = {"pgp-small", "pgp-dsa", "pgp-old",
	"pgp-oldsub", "pgp-sigexpired", "pgp-revoked", "pgp-revsub",
	"pgp-brainpool", "pgp-brainpool384", "pgp-brainpool512",
	"pgp-secp256k1", "pgp-dsa2048", "pgp-certed", "pgp-usage",
	"pgp-critical", "pgp-url", "pgp-criticalurl", "pgp-keyserver",
	"pgp-keyblock", "pgp-sigexpires", "pgp-future", "pgp-before",
	"pgp-ada224"};

/*
 * Every object has the same verdict either way. Then the keyring is emptied
 * behind the table's back: GnuPG knows nobody any more, so who still has a
 * verdict did not get it there.
 */
static void test_same_verdict(void **unused)
{
	struct object o[ARRAY_LEN(expected)];
	struct signature_fact here[ARRAY_LEN(expected)];
	struct signature_fact there[ARRAY_LEN(expected)];
	struct signature_fact emptied[ARRAY_LEN(expected)];
	const size_t n = ARRAY_LEN(expected);
	bool failed = false, was_asked;
	int64_t now = clock_now();
	char state[300];
	size_t i, k, done = 0;

	(void)unused;
	snprintf(state, sizeof(state), "%s/both", dir);
	for (i = 0; i < n; i++)
		o[i] = object(expected[i].name);
	judge_all(state, false, o, n, now, here);
	judge_all(state, true, o, n, now, there);
	assert_int_equal(unlink(ring_path(state, "pubring.kbx")), 0);
	judge_all(state, false, o, n, now, emptied);
	for (i = 0; i < n; i++) {
		if (!fact_same(&here[i], &there[i])) {
			print_error("%s: %s here, %s by gnupg\n",
				expected[i].name,
				signature_status_name(here[i].status),
				signature_status_name(there[i].status));
			failed = true;
		}
		was_asked = false;
		for (k = 0; k < ARRAY_LEN(asked); k++)
			was_asked |= !strcmp(expected[i].name, asked[k]);
		done += !was_asked && emptied[i].status == SIGNATURE_GOOD &&
			emptied[i].kind == SIGNATURE_OPENPGP;
		if (was_asked ? emptied[i].status == SIGNATURE_UNKNOWN_KEY
			      : fact_same(&emptied[i], &here[i]))
			continue;
		print_error("%s: %s without a keyring\n", expected[i].name,
			signature_status_name(emptied[i].status));
		failed = true;
	}
	/* What is good above, less ${asked}, and odd objects well signed. */
	assert_int_equal(done, 24);
	assert_false(failed);
}

/* Over another text, with the hint of its hash that fits: what anybody can write
 * who has one signature. */
static struct object forged(const char *name)
{
	struct object o = object(name);
	unsigned char digest[PUBKEY_HASH_MAX], *w;
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct span bin;

	assert_int_equal(
		armor_read(o.sig.signature, "PGP SIGNATURE", arena, &bin, &err),
		0);
	assert_int_equal(pgp_signature_read(bin, &sig, &err), 0);
	o.sig.payload.n--;
	pgpsig_digest(&sig, &o.sig.payload, 1, digest);
	w = copied(bin, arena);
	memcpy(w + (sig.hint.p - bin.p), digest, 2);
	o.sig.signature = armored(span_of(w, bin.n), "PGP SIGNATURE", arena);
	return o;
}

/* However odd: for a forged one no gpg is run. */
static void test_forged(void **unused)
{
	static const char *const names[] = {"pgp-ada", "pgp-url", "pgp-old",
		"pgp-sigexpired", "pgp-revoked", "pgp-revsub", "pgp-certed",
		"pgp-usage", "pgp-future", "pgp-before", "pgp-ada224",
		"pgp-small", "pgp-brainpool", "pgp-dsa"};
	const size_t n = ARRAY_LEN(names), outside = 3;
	struct signature_fact there[ARRAY_LEN(names)];
	struct signature_fact emptied[ARRAY_LEN(names)];
	struct object o[ARRAY_LEN(names)];
	const int64_t now = clock_now();
	char state[300];
	size_t i;

	(void)unused;
	snprintf(state, sizeof(state), "%s/forged", dir);
	for (i = 0; i < n; i++)
		o[i] = forged(names[i]);
	judge_all(state, true, o, n, now, there);
	assert_int_equal(unlink(ring_path(state, "pubring.kbx")), 0);
	judge_all(state, false, o, n, now, emptied);
	for (i = 0; i < n; i++) {
		assert_int_equal(there[i].status, SIGNATURE_BAD);
		if (emptied[i].status !=
			(i < n - outside ? SIGNATURE_BAD
					 : SIGNATURE_UNKNOWN_KEY))
			fail_msg("%s: %s without a keyring", names[i],
				signature_status_name(emptied[i].status));
	}
}

/* The table is older than the day the key runs out. */
static void test_runs_out(void **unused)
{
	static const char *const names[] = {"soon", "soonsub"};
	const int64_t year = 366 * 86400, now = clock_now();
	struct signature_fact got;
	char state[300], name[32];
	struct object o;
	size_t i;

	(void)unused;
	snprintf(state, sizeof(state), "%s/runs-out", dir);
	for (i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(name, sizeof(name), "pgp-%s", names[i]);
		o = object(name);
		got = judged_by(state, false, &o, now);
		assert_int_equal(got.status, SIGNATURE_GOOD);
		unlink(ring_path(state, "pubring.kbx"));
		got = judged_by(state, false, &o, now + year);
		assert_int_equal(got.status, SIGNATURE_EXPIRED);
		assert_string_equal(got.person->name, names[i]);
		got = judged_by(state, false, &o, now + year - 2 * 86400);
		assert_int_equal(got.status, SIGNATURE_GOOD);
	}
	o = object("pgp-ada");
	got = judged_by(state, false, &o, now + 10 * year);
	assert_int_equal(got.status, SIGNATURE_GOOD);
}

static void put(const char *path, struct span s)
{
	struct err err = ERR_INIT;

	if (io_replace(path, s, 0600, &err))
		fail_msg("%s", err.text);
}

/* With a sum that is right for it. */
static void put_summed(const char *path, struct span body)
{
	unsigned char sum[PUBKEY_HASH_MAX];
	struct buf all = BUF_INIT(1 << 20);

	buf_span(&all, body);
	pubkey_digest(PUBKEY_SHA256, &body, 1, sum);
	keytable_sum(&all, sum);
	put(path, buf_all(&all));
	buf_free(&all);
}

static struct span got(const char *path)
{
	struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct span s;

	if (io_read_file(path, &b, &err))
		fail_msg("%s", err.text);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

/* A table that is not as it was written, or of other keys, is made anew. One
 * that others can write is not believed, and one that cannot be is used. */
static void test_table_kept(void **unused)
{
	const int64_t now = clock_now();
	struct object o = object("pgp-ada");
	struct span good, body;
	struct stat st;
	char state[300], path[1024];
	unsigned char *w;
	size_t i;

	(void)unused;
	snprintf(state, sizeof(state), "%s/kept", dir);
	assert_int_equal(
		judged_by(state, false, &o, now).status, SIGNATURE_GOOD);
	snprintf(path, sizeof(path), "%s", ring_path(state, "signers"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	good = got(path);
	body = span_sub(good, 0, good.n - 4 - 64 - 1);
	w = arena_get(arena, good.n, 1);
	for (i = 0; i < 6; i++) {
		memcpy(w, good.p, good.n);
		switch (i) {
		case 0:
			unlink(path);
			break;
		case 1: /* cut */
			put(path, body);
			break;
		case 2:
			put(path, SPAN_EMPTY);
			break;
		case 3: /* one digit of a time */
			w[body.n - 2] = '1';
			put(path, span_of(w, good.n));
			break;
		case 4: /* another set of keys */
			w[30] = w[30] == '0' ? '1' : '0';
			put_summed(path, span_of(w, body.n));
			break;
		default: /* another version */
			w[23] = '2';
			put_summed(path, span_of(w, body.n));
			break;
		}
		assert_int_equal(judged_by(state, false, &o, now).status,
			SIGNATURE_GOOD);
		if (!span_eq(got(path), good))
			fail_msg("case %zu: not made anew", i);
	}
	/* Summed well and of these keys: believed. */
	put_summed(path, body);
	assert_true(span_eq(got(path), good));
	assert_int_equal(unlink(ring_path(state, "pubring.kbx")), 0);
	assert_int_equal(
		judged_by(state, false, &o, now).status, SIGNATURE_GOOD);
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(
		judged_by(state, false, &o, now).status, SIGNATURE_UNKNOWN_KEY);
	assert_true(span_eq(got(path), good));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(
		judged_by(state, false, &o, now).status, SIGNATURE_GOOD);
}

/* Once made, opening starts nothing. */
static void test_table_alone(void **unused)
{
	char state[300];
	struct keybook book;
	struct keyring ring;
	struct openpgp *gpg;
	struct err err = ERR_INIT;
	int round;

	(void)unused;
	snprintf(state, sizeof(state), "%s/alone", dir);
	assert_int_equal(keybook_make(&policy, arena, &book, &err), 0);
	for (round = 0; round < 2; round++) {
		if (keyring_open(&book, state, arena, &ring, &err))
			fail_msg("%s", err.text);
		assert_null(ring.gpg);
		assert_null(ring.temporary);
		/* ada, rsa, late, sub, p256, p384, p521, rsa3072, rsa4096,
		 * subrsa, subp256, soon, soonsub; revsub's and oldsub's keys
		 * only certify */
		assert_int_equal(ring.table.n, 13);
		if (round == 1) {
			assert_int_equal(keyring_gpg(&ring, &gpg, &err), 0);
			assert_ptr_equal(ring.gpg, gpg);
		}
		keyring_close(&ring);
	}
}

/*
 * A subkey that does not say that it belongs to the key: anybody could have
 * adopted it. The embedded signature stands in the part of the binding that is
 * not signed, so the binding stays good without it.
 */
static void test_adopted_subkey(void **unused)
{
	struct policy was = policy;
	struct person people[1] = {{.name = "sub"}};
	struct object o = object("pgp-sub");
	struct signature_fact here, there;
	struct policy_key key;
	struct err err = ERR_INIT;
	struct span bin;
	unsigned char *w;
	size_t i, at, tries;
	char state[300];

	(void)unused;
	for (i = 0; strcmp(was.person[i].name, "sub") != 0; i++)
		;
	key = *was.person[i].key;
	assert_int_equal(
		armor_read(key.data, "PGP PUBLIC KEY BLOCK", arena, &bin, &err),
		0);
	/* Sub-packet 32: a signature of version 4 and type 0x19. */
	for (at = 0; at + 3 < bin.n; at++)
		if (!memcmp(bin.p + at, "\x20\x04\x19", 3))
			break;
	assert_true(at + 3 < bin.n);
	people[0].key = &key;
	people[0].nkey = 1;
	policy.person = people;
	policy.nperson = 1;
	for (tries = 0; tries < 4; tries++) {
		w = arena_get(arena, bin.n, 1);
		memcpy(w, bin.p, bin.n);
		if (tries == 1)
			w[at] = 100; /* of no known type */
		else if (tries == 2)
			w[at + 60] ^= 1; /* in what it signs, or its numbers */
		else if (tries == 3)
			w[at + 2] = 0x18;
		key.data = span_of(w, bin.n);
		snprintf(state, sizeof(state), "%s/adopted%zu", dir, tries);
		here = judged_by(state, false, &o, clock_now());
		there = judged_by(state, true, &o, clock_now());
		if (!fact_same(&here, &there))
			fail_msg("case %zu: %s here, %s by gnupg", tries,
				signature_status_name(here.status),
				signature_status_name(there.status));
		assert_int_equal(here.status == SIGNATURE_GOOD, tries == 0);
	}
	policy = was;
}

/* Numbers that are the same but for a multiple of the group's order: another
 * spelling of the same signature, and so another name for the commit. GnuPG 2.2
 * takes it. */
static void test_other_spelling(void **unused)
{
	/* The order of Ed25519's group, little-endian. */
	static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,
		0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10};
	struct object o = object("pgp-ada");
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct span bin;
	unsigned char *w, half[32] = {0};
	unsigned carry = 0, bits;
	size_t i, at;

	(void)unused;
	assert_int_equal(
		armor_read(o.sig.signature, "PGP SIGNATURE", arena, &bin, &err),
		0);
	assert_int_equal(pgp_signature_read(bin, &sig, &err), 0);
	at = (size_t)(sig.number[1].p - bin.p);
	memcpy(half + 32 - sig.number[1].n, sig.number[1].p, sig.number[1].n);
	for (i = 0; i < 32; i++) {
		carry += (unsigned)half[i] + order[i];
		half[i] = (unsigned char)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	if (!half[0] || sig.number[1].n != 32)
		skip(); /* one in 128: the packet would change its length */
	for (bits = 8; !(half[0] >> (bits - 1)); bits--)
		;
	w = arena_get(arena, bin.n, 1);
	memcpy(w, bin.p, bin.n);
	w[at - 2] = (unsigned char)((248 + bits) >> 8);
	w[at - 1] = (unsigned char)(248 + bits);
	memcpy(w + at, half, 32);
	o.sig.signature = armored(span_of(w, bin.n), "PGP SIGNATURE", arena);
	assert_int_equal(
		judged_by(dir, false, &o, clock_now()).status, SIGNATURE_BAD);
}

/* Of RSA's number all bytes, also zeros in front: as GitHub signs. */
static void test_padded(void **unused)
{
	static const char *const names[] = {"pgp-rsa", "pgp-SHA224",
		"pgp-SHA384", "pgp-SHA512", "pgp-rsa3072", "pgp-rsa4096",
		"pgp-subrsa"};
	const size_t n = ARRAY_LEN(names);
	struct signature_fact here[ARRAY_LEN(names)];
	struct signature_fact there[ARRAY_LEN(names)];
	struct object o[ARRAY_LEN(names)];
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct span bin, number;
	size_t i, width;
	char state[300];

	(void)unused;
	snprintf(state, sizeof(state), "%s/padded", dir);
	for (i = 0; i < n; i++) {
		struct buf b = BUF_INIT(1 << 16), packet = BUF_INIT(1 << 16);

		o[i] = object(names[i]);
		assert_int_equal(armor_read(o[i].sig.signature, "PGP SIGNATURE",
					 arena, &bin, &err),
			0);
		assert_int_equal(pgp_signature_read(bin, &sig, &err), 0);
		number = sig.number[0];
		width = (number.n + 127) / 128 * 128;
		buf_span(&b, span_sub(bin, 3, (size_t)(number.p - bin.p) - 5));
		buf_byte(&b, (unsigned char)(8 * width >> 8));
		buf_byte(&b, 0);
		for (; width > number.n; width--)
			buf_byte(&b, 0);
		buf_span(&b, number);
		buf_fmt(&packet, "\x89%c%c", (int)(b.n >> 8), (int)(b.n & 255));
		buf_span(&packet, buf_all(&b));
		o[i].sig.signature =
			armored(buf_all(&packet), "PGP SIGNATURE", arena);
		buf_free(&b);
		buf_free(&packet);
	}
	judge_all(state, false, o, n, clock_now(), here);
	judge_all(state, true, o, n, clock_now(), there);
	for (i = 0; i < n; i++) {
		if (!fact_same(&here[i], &there[i]) ||
			here[i].status != SIGNATURE_GOOD)
			fail_msg("%s: %s here, %s by gnupg", names[i],
				signature_status_name(here[i].status),
				signature_status_name(there[i].status));
	}
}

/* Packets of versions that are not 4. GnuPG is not asked, and a key that is
 * not the policy's is told as such where the packet names it. */
static void test_versions(void **unused)
{
	struct object o = object("pgp-ada");
	struct signature_fact got;
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct span bin, keyid;
	unsigned version;

	(void)unused;
	assert_int_equal(
		armor_read(o.sig.signature, "PGP SIGNATURE", arena, &bin, &err),
		0);
	assert_int_equal(pgp_signature_read(bin, &sig, &err), 0);
	keyid = sig.keyid;
	for (version = 2; version < 12; version++) {
		struct buf b = BUF_INIT(256);

		if (version == 4)
			continue;
		/* From 8 on: 2 and 3 by a stranger. */
		buf_fmt(&b, "\x88%c%c%c", 22, (int)(version % 8), 5);
		buf_add(&b, "\0\0\0\0\x10", 5);
		if (version < 8)
			buf_span(&b, keyid);
		else
			buf_add(&b, "\1\2\3\4\5\6\7", 8);
		buf_add(&b, "\x01\x08\xaa\xbb\0\x01\x01", 7);
		o.sig.signature = armored(buf_all(&b), "PGP SIGNATURE", arena);
		got = judged_by(dir, false, &o, clock_now());
		assert_int_equal(got.status,
			version == 10 || version == 11 ? SIGNATURE_UNKNOWN_KEY
						       : SIGNATURE_UNSUPPORTED);
		assert_null(got.person);
		assert_int_equal(strlen(got.key),
			version % 8 == 2 || version % 8 == 3 ? 16 : 0);
		buf_free(&b);
	}
}

static void gpg_import(struct span key)
{
	char home[300];
	const char *env[] = {home, "PATH=/usr/local/bin:/usr/bin:/bin", NULL};
	const char *argv[] = {"gpg", "-q", "--batch", "--import", NULL};
	struct buf talk = BUF_INIT(1 << 16);
	struct proc p = {.argv = argv,
		.env = env,
		.in = key,
		.talk = &talk,
		.timeout_ms = 60000};
	struct err err = ERR_INIT;
	struct proc_end end;

	snprintf(home, sizeof(home), "GNUPGHOME=%s/g", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	assert_int_equal(end.status, 0);
	buf_free(&talk);
}

/* A commit with that signature, in DIR/repo too. */
static struct object committed(struct span payload, struct span signature)
{
	struct span rest = payload, line;
	struct buf b = BUF_INIT(1 << 16), id = BUF_INIT(64);
	struct object o = {.is_tag = false};
	struct err err = ERR_INIT;
	struct oid oid;

	while (span_line(&rest, &line, NULL) && line.n) {
		buf_span(&b, line);
		buf_byte(&b, '\n');
	}
	payload = rest;
	buf_str(&b, "gpgsig");
	for (rest = signature; span_line(&rest, &line, NULL);) {
		buf_byte(&b, ' ');
		buf_span(&b, line);
		buf_byte(&b, '\n');
	}
	buf_byte(&b, '\n');
	buf_span(&b, payload);
	assert_int_equal(git(buf_all(&b), &id, NULL, "hash-object", "-wtcommit",
				 "--stdin"),
		0);
	snprintf(o.id, sizeof(o.id), "%s", buf_cstr(&id));
	assert_true(oid_read(span_str(o.id), &oid));
	assert_int_equal(
		commit_parse(buf_all(&b), &oid, arena, &o.commit, &err), 0);
	o.sig = o.commit.sig;
	buf_free(&b);
	buf_free(&id);
	return o;
}

/* Of version 3 only the type and the time are signed beside the text: gpg takes
 * it, and it has no place in a policy. */
static void test_version3(void **unused)
{
	struct span text = object("pgp-ada").sig.payload;
	struct policy was = policy;
	struct person people[1] = {{.name = "old"}};
	struct policy_key key = {.kind = SIGNATURE_OPENPGP, .file = "k"};
	struct buf armored = BUF_INIT(1 << 16), file = BUF_INIT(1 << 16);
	struct buf talk = BUF_INIT(1 << 16);
	const int64_t now = clock_now();
	struct signature_fact got;
	struct signer signer;
	struct object o;

	(void)unused;
	signer_make(
		&signer, SIGNATURE_OPENPGP, SIGNER_RSA2048, now - 100, arena);
	signer_file(&signer, "old", &file);
	signer_sign_old(&signer, text, now - 50, &armored);
	gpg_import(buf_all(&file));
	o = committed(text, buf_all(&armored));
	assert_int_equal(
		git(SPAN_EMPTY, NULL, &talk, "verify-commit", "--raw", o.id),
		0);
	assert_non_null(strstr(buf_cstr(&talk), "GOODSIG"));
	got = judged_by(dir, false, &o, now);
	assert_int_equal(got.status, SIGNATURE_UNKNOWN_KEY);
	key.data = buf_all(&file);
	people[0].key = &key;
	people[0].nkey = 1;
	policy.person = people;
	policy.nperson = 1;
	got = judged_by(dir, false, &o, now);
	assert_int_equal(got.status, SIGNATURE_UNSUPPORTED);
	assert_null(got.person);
	/* Of version 4 by the same key it is good. */
	buf_reset(&armored);
	signer_sign(&signer, text, now - 50, &armored);
	o = committed(text, buf_all(&armored));
	got = judged_by(dir, false, &o, now);
	assert_int_equal(got.status, SIGNATURE_GOOD);
	policy = was;
	signer_free(&signer);
	buf_free(&armored);
	buf_free(&file);
	buf_free(&talk);
}

/* Opened once a run; a second look at the same signature costs no gpg, and what
 * it answers lives in the arena it was asked with. */
static void test_same_twice(void **unused)
{
	struct gather g = gather_new(dir);
	struct object o = object("pgp-ada");
	struct signers *sg, *again;
	struct err err = ERR_INIT;
	struct signature_fact one, two;
	struct arena *other = arena_new(1 << 20);
	int64_t start;

	(void)unused;
	assert_int_equal(signers_open(&g, &policy, &sg, &err), 0);
	assert_int_equal(signers_open(&g, &policy, &again, &err), 0);
	assert_ptr_equal(sg, again);
	assert_int_equal(signature_judge(sg, &o.sig, 1, &one, other, &err), 0);
	start = clock_us();
	assert_int_equal(signature_judge(sg, &o.sig, 1, &two, arena, &err), 0);
	assert_true(clock_us() - start < 2000);
	assert_string_equal(one.key, two.key);
	arena_free(other);
	assert_int_equal(two.status, SIGNATURE_GOOD);
	assert_string_equal(two.person->name, "ada");
	assert_int_equal(strlen(two.key), 40);
	signers_close(sg);
	signers_close(again);
	gather_close(&g);
	assert_null(g.signers);
}

/* Two people with one key, a file that is no key, a key GnuPG does not take. */
static void test_policy_keys(void **unused)
{
	static const struct {
		enum signature_kind kind;
		const char *data, *why;
	} t[] = {
		{SIGNATURE_SSH, "ssh-ed25519 AAAA\n", "key 'k' of 'eve'"},
		{SIGNATURE_SSH, "", "no SSH public key"},
		{SIGNATURE_OPENPGP, "hello", "key 'k' of 'eve'"},
		{SIGNATURE_SSH, NULL, "expected one owner"},
		{SIGNATURE_OPENPGP, NULL, "expected one owner"},
	};
	struct person people[2] = {{.name = "ada"}, {.name = "eve"}};
	struct policy p = {.person = people, .nperson = 2};
	struct policy_key first, second;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct gather g = gather_new(dir);
		struct err err = ERR_INIT;
		struct signers *sg;

		first = *policy.person[t[i].kind == SIGNATURE_SSH
					       ? ARRAY_LEN(pgp_people)
					       : 0]
				 .key;
		second = first;
		second.file = "k";
		if (t[i].data)
			second.data = span_str(t[i].data);
		people[0].key = &first;
		people[1].key = &second;
		people[0].nkey = people[1].nkey = 1;
		assert_int_equal(signers_open(&g, &p, &sg, &err), -1);
		assert_int_equal(err.code, ERR_POLICY);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
		assert_null(g.signers);
		/* The same person may list a key twice. */
		if (!t[i].data) {
			struct policy_key both[2] = {first, second};

			people[0].key = both;
			people[0].nkey = 2;
			people[1].nkey = 0;
			err_clear(&err);
			assert_int_equal(signers_open(&g, &p, &sg, &err), 0);
			signers_close(sg);
			gather_close(&g);
		}
	}
}

/* A key without a self-signature: GnuPG drops it, and nobody must wonder why
 * the signatures of its owner count for nothing. */
static void test_key_not_taken(void **unused)
{
	struct person people[1] = {{.name = "ada"}};
	struct policy p = {.person = people, .nperson = 1};
	struct policy_key key = *policy.person[0].key;
	struct gather g = gather_new(dir);
	struct object o = object("pgp-ada");
	struct signature_fact out;
	struct err err = ERR_INIT;
	struct signers *sg;
	struct span bin;

	(void)unused;
	assert_int_equal(
		armor_read(key.data, "PGP PUBLIC KEY BLOCK", arena, &bin, &err),
		0);
	/* The first packet alone. */
	key.data = span_sub(bin, 0, 2u + bin.p[1]);
	people[0].key = &key;
	people[0].nkey = 1;
	assert_int_equal(signers_open(&g, &p, &sg, &err), 0);
	assert_int_equal(
		signature_judge(sg, &o.sig, clock_now(), &out, arena, &err),
		-1);
	assert_int_equal(err.code, ERR_POLICY);
	assert_non_null(strstr(err.text, "'ada'"));
	assert_int_not_equal(out.status, SIGNATURE_GOOD);
	signers_close(sg);
	gather_close(&g);
	err_clear(&err);
	assert_int_equal(signers_check(&p, arena, &err), -1);
	assert_non_null(strstr(err.text, "'ada'"));
	err_clear(&err);
	if (signers_check(&policy, arena, &err))
		fail_msg("%s", err.text);
}

static bool folder_empty_of(const char *path, const char *prefix)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool clean = true;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, prefix, strlen(prefix)))
			clean = false;
	if (d)
		closedir(d);
	return clean;
}

/* Where the state cannot be written, or what lies there is not ours alone, the
 * keyring is made for one run and leaves nothing behind. */
static void test_keyring_places(void **unused)
{
	struct object o = object("pgp-ada");
	char state[300], cache[400], tmp[300], glob[700];
	struct stat one, two;
	struct dirent *e;
	DIR *d;
	int round;

	(void)unused;
	snprintf(state, sizeof(state), "%s/places", dir);
	snprintf(cache, sizeof(cache), "%s/cache", state);
	snprintf(tmp, sizeof(tmp), "%s/places-tmp", dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	setenv("TMPDIR", tmp, 1);
	memset(&one, 0, sizeof(one));
	for (round = 0; round < 4; round++) {
		struct gather g = gather_new(round == 3 ? NULL : state);

		assert_int_equal(judged(&g, &o).status, SIGNATURE_GOOD);
		gather_close(&g);
		assert_true(folder_empty_of(tmp, "sluice-"));
		assert_true(folder_empty_of(cache, ".openpgp-"));
		if (round > 1)
			continue;
		d = opendir(cache);
		assert_non_null(d);
		while ((e = readdir(d)))
			if (!strncmp(e->d_name, "openpgp-", 8))
				snprintf(glob, sizeof(glob), "%s/%s", cache,
					e->d_name);
		closedir(d);
		assert_int_equal(stat(glob, &two), 0);
		assert_int_equal(two.st_mode & 0777, 0700);
		/* Made once. */
		if (round == 1) {
			assert_int_equal(one.st_ino, two.st_ino);
			assert_int_equal(chmod(glob, 0777), 0);
		}
		one = two;
	}
	/* A file where the state should be. */
	snprintf(glob, sizeof(glob), "%s/objects", dir);
	{
		struct gather g = gather_new(glob);

		assert_int_equal(judged(&g, &o).status, SIGNATURE_GOOD);
		gather_close(&g);
	}
	assert_true(folder_empty_of(tmp, "sluice-"));
	unsetenv("TMPDIR");
}

/* A merge with these tags in its header, as they stand in DIR/repo. */
static struct commit merge_of(const char *const *names, size_t n)
{
	static const struct oid id = {{1}};
	struct buf b = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	struct span rest, line;
	struct commit c;
	size_t i;

	buf_fmt(&b,
		"tree %040d\nauthor A <a@x> 1 +0000\n"
		"committer A <a@x> 1 +0000\n",
		1);
	for (i = 0; i < n; i++) {
		buf_str(&b, "mergetag");
		rest = names[i] ? object_bytes(object(names[i]).id)
				: SPAN_LIT("no tag\n");
		while (span_line(&rest, &line, NULL)) {
			buf_byte(&b, ' ');
			buf_span(&b, line);
			buf_byte(&b, '\n');
		}
	}
	buf_str(&b, "\nm\n");
	assert_int_equal(commit_parse(buf_all(&b), &id, arena, &c, &err), 0);
	buf_free(&b);
	return c;
}

/* As the tag itself would be, and only where a rule asks. */
static void test_merged_tags(void **unused)
{
	static const char *const names[] = {"tag-pgp", "tag-ssh", "tag-moved",
		"tag-unsigned", "tag-after", NULL};
	static const enum signature_status status[] = {
		GOOD, GOOD, BAD, MISSING, MALFORMED, MALFORMED};
	static struct ref_update up;
	static size_t zero;
	struct rule_signature rule = {.merged_tags = MERGED_TAGS_OFF};
	struct push push = {.up = &up, .nup = 1, .time = clock_now()};
	struct update_fact uf = {.up = &up,
		.rules = {.signature = &rule},
		.change = &zero,
		.nchange = 1};
	struct change change = {.commit = merge_of(names, ARRAY_LEN(names))};
	struct facts f = {.push = &push,
		.policy = &policy,
		.update = &uf,
		.change = &change,
		.nchange = 1};
	struct gather g = gather_new(dir);
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	assert_int_equal(change.commit.nmergetag, ARRAY_LEN(names));
	assert_int_equal(gather_signatures(&g, &f, &err), 0);
	assert_null(change.merged);
	rule.merged_tags = MERGED_TAGS_SIGNED;
	assert_int_equal(gather_signatures(&g, &f, &err), 0);
	for (i = 0; i < ARRAY_LEN(names); i++) {
		const struct merged_tag *m = &change.merged[i];

		assert_int_equal(m->sig.status, status[i]);
		assert_int_equal(m->tag.malformed != NULL, i >= 4);
		assert_int_equal(m->sig.person != NULL, i < 2);
		if (names[i])
			unit_span_is(m->tag.tagger.email, "ada@example.org");
	}
	gather_close(&g);
}

/* Nobody asks: noted, not verified, and never called good or bad. */
static void test_unchecked(void **unused)
{
	static struct ref_update up;
	size_t at[3] = {0, 1, 2};
	struct push push = {.up = &up, .nup = 1, .time = clock_now()};
	struct update_fact uf = {.up = &up, .change = at, .nchange = 3};
	struct change change[3] = {{.commit = object("pgp-moved").commit},
		{.commit = object("unsigned").commit},
		{.commit = object("odd-nul").commit}};
	struct facts f = {.push = &push,
		.policy = &policy,
		.update = &uf,
		.change = change,
		.nchange = 3};
	struct rule_robot robot = {0};
	struct gather g = gather_new(dir);
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(gather_signatures(&g, &f, &err), 0);
	assert_int_equal(change[0].sig.status, SIGNATURE_UNCHECKED);
	assert_int_equal(change[0].sig.kind, SIGNATURE_OPENPGP);
	assert_string_equal(
		signature_status_name(change[0].sig.status), "unchecked");
	assert_int_equal(change[1].sig.status, SIGNATURE_MISSING);
	assert_int_equal(change[2].sig.status, SIGNATURE_MALFORMED);
	assert_null(g.signers);
	/* Which robots may push is not about who signed. */
	uf.rules.robot = &robot;
	robot.push_some = true;
	assert_int_equal(gather_signatures(&g, &f, &err), 0);
	assert_int_equal(change[0].sig.status, SIGNATURE_UNCHECKED);
	robot.commit_some = true;
	assert_int_equal(gather_signatures(&g, &f, &err), 0);
	assert_int_not_equal(change[0].sig.status, SIGNATURE_UNCHECKED);
	gather_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_same_verdict),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_runs_out),
		cmocka_unit_test(test_table_kept),
		cmocka_unit_test(test_table_alone),
		cmocka_unit_test(test_adopted_subkey),
		cmocka_unit_test(test_other_spelling),
		cmocka_unit_test(test_padded),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_version3),
		cmocka_unit_test(test_same_twice),
		cmocka_unit_test(test_policy_keys),
		cmocka_unit_test(test_key_not_taken),
		cmocka_unit_test(test_keyring_places),
		cmocka_unit_test(test_merged_tags),
		cmocka_unit_test(test_unchecked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
