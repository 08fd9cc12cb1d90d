#include "../../support/unit.h"

#include "../../support/records.h"
#include "parse/bundle.h"
#include "port/crypto.h"
#include "support/entries.h"

#define REF "refs/heads/main"

/* record_parse; and all ways of reading must say the same. */
static int parse_bytes(struct span bytes, struct err *err)
{
	struct entry_text slow = {.nlists = 0}, fast = {.nlists = 0};
	struct err other = ERR_INIT;
	struct arena *a = arena_new(1u << 28);
	struct doc *out;
	size_t i;
	int ret, rc;

	ret = record_parse(bytes, &out, err);
	rc = ret ? ret : entry_derive(out, bytes, sha256_of, &slow, &other);
	assert_int_equal(record_entry(bytes, sha256_of, &fast, &other), rc);
	if (ret)
		assert_string_equal(other.text, err->text);
	if (!rc) {
		assert_true(
			span_eq(buf_all(&slow.entry), buf_all(&fast.entry)));
		assert_string_equal(slow.record, fast.record);
		assert_int_equal(slow.nlists, fast.nlists);
		for (i = 0; i < slow.nlists; i++)
			assert_true(span_eq(buf_all(&slow.list[i]),
				buf_all(&fast.list[i])));
		assert_true(entries_agree(buf_all(&fast.entry), a));
	}
	assert_true(records_agree(bytes, !rc, &slow));
	arena_free(a);
	entry_text_free(&slow);
	entry_text_free(&fast);
	doc_free(out);
	return ret;
}

/* The document is freed. */
static int parse(struct doc *j, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	int ret;

	test_text(j, &text);
	ret = parse_bytes(buf_all(&text), err);
	buf_free(&text);
	return ret;
}

static void refused(struct doc *j, const char *place)
{
	struct err err = ERR_INIT;

	if (!parse(j, &err))
		fail_msg("taken, expected to fail at %s", place);
	assert_int_equal(err.code, ERR_INPUT);
	if (!strstr(err.text, place))
		fail_msg("'%s' does not name %s", err.text, place);
}

static struct doc *with(struct doc *j, const char *key, struct doc *value)
{
	doc_set(test_predicate(j), key, value);
	return j;
}

static struct doc *accepted(void)
{
	return test_decision("accept", REF, 3);
}

static struct doc *pruned(const char *entries, int64_t count)
{
	struct doc *j = test_observed(UINT64_MAX, REF, 3);

	with(j, "kind", doc_of_str("pruned"));
	with(j, "updates", doc_array());
	with(j, "before", doc_of_str("2026-11-01T00:00:00Z"));
	with(j, "by", doc_of_str("ada"));
	with(j, "count", doc_of_int(count));
	with(j, "entries", doc_of_str(entries));
	doc_set(j, "subject", doc_array());
	return j;
}

static void test_pruned(void **unused)
{
	static const char *const bad[] = {"0-3,7", "", "3-0", "0-3,4-8", "7,3",
		"0-8 ", "01", "0-9223372036854775807"};
	struct buf text = BUF_INIT(RECORD_MAX);
	struct arena *a = arena_new(1u << 20);
	struct entry_text t;
	struct entry e;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		refused(pruned(bad[i], 9), i == 1 ? "entries" : "predicate");
	refused(with(pruned("3", 1), "by", doc_of_str("")), "predicate.by");
	refused(with(pruned("3", 1), "before", doc_of_str("now")),
		"predicate.before");
	refused(with(pruned("3", 1), "decision", doc_of_int(3)), "unknown key");
	refused(with(test_observed(7, REF, 3), "entries", doc_of_str("3")),
		"unknown key");
	/* It moves no ref. */
	refused(with(test_observed(UINT64_MAX, REF, 3), "kind",
			doc_of_str("pruned")),
		"predicate");
	test_text(pruned("0-3,7", 5), &text);
	assert_int_equal(record_entry(buf_all(&text), sha256_of, &t, &err), 0);
	assert_int_equal(entry_parse(buf_all(&t.entry), a, &e, &err), 0);
	assert_int_equal(e.kind, RECORD_PRUNED);
	unit_span_is(e.pruned, "0-3,7");
	unit_span_is(e.pruned_by, "ada");
	unit_span_is(e.pruned_before, "2026-11-01T00:00:00Z");
	assert_false(e.settles);
	assert_false(e.admitted);
	assert_int_equal(e.nupdate, 0);
	entry_text_free(&t);
	buf_free(&text);
	arena_free(a);
}

static void test_good(void **unused)
{
	static const char *const verdicts[] = {"accept", "reject", "undecided"};
	struct err err = ERR_INIT;
	struct doc *j;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(verdicts); i++)
		assert_int_equal(
			parse(test_decision(verdicts[i], REF, 3), &err), 0);
	assert_int_equal(parse(test_adopt(REF, 3), &err), 0);
	assert_int_equal(parse(test_outcome(7, REF, 3), &err), 0);
	assert_int_equal(parse(test_observed(7, REF, 3), &err), 0);
	assert_int_equal(parse(test_observed(UINT64_MAX, REF, 3), &err), 0);
	assert_int_equal(parse(pruned("0-3,7", 5), &err), 0);
	assert_int_equal(parse(pruned("9", 1), &err), 0);
	/* Observed: judged against, and let in. */
	j = with(
		test_decision("reject", REF, 3), "mode", doc_of_str("observe"));
	assert_int_equal(
		parse(with(j, "admitted", doc_of_bool(true)), &err), 0);
}

static void test_shape(void **unused)
{
	struct doc *j;

	(void)unused;
	refused(with(accepted(), "kind", doc_of_str("decree")), "kind");
	refused(with(accepted(), "extra", doc_of_int(1)), "predicate");
	refused(with(accepted(), "repository", doc_of_int(1)), "repository");
	refused(with(accepted(), "repository", doc_of_str("")), "repository");
	refused(with(accepted(), "repository", doc_of_str("a\nb")),
		"repository");
	refused(with(accepted(), "time", doc_of_str("2026-11-23 08:00:00Z")),
		"time");
	refused(with(accepted(), "time", doc_of_str("2026-11-23T08:00:00")),
		"time");
	refused(with(accepted(), "policy", doc_of_str("abc")), "policy");
	refused(with(accepted(), "mode", doc_of_str("dream")), "mode");
	refused(with(accepted(), "verdict", doc_of_str("yes")), "verdict");
	refused(with(accepted(), "admitted", doc_of_int(1)), "admitted");
	refused(with(accepted(), "pusher", doc_of_str("ada")), "pusher");
	refused(with(accepted(), "commits", doc_of_null()), "commits");
	refused(with(accepted(), "updates", doc_object()), "updates");
	refused(with(accepted(), "counts", doc_of_int(1)), "counts");
	refused(with(test_outcome(7, REF, 3), "decision", doc_of_int(-1)),
		"decision");
	/* Of another kind. */
	refused(with(test_outcome(7, REF, 3), "verdict", doc_of_str("accept")),
		"predicate");
	refused(with(accepted(), "decision", doc_of_int(1)), "predicate");
	j = accepted();
	doc_set((struct doc *)(uintptr_t)doc_get(test_predicate(j), "pusher"),
		"pseudonym", doc_of_str(""));
	refused(j, "pusher.pseudonym");
	refused(with(test_observed(7, REF, 3), "admitted", doc_of_bool(true)),
		"predicate");
	refused(with(test_observed(7, REF, 3), "policy", doc_of_str("ab")),
		"policy");
	j = accepted();
	doc_set(j, "predicateType", doc_of_str(ENTRY_TYPE));
	refused(j, "predicateType");
	j = accepted();
	doc_set(j, "extra", doc_of_int(1));
	refused(j, "record");
	refused(doc_array(), "kind");
}

static struct doc *certificate(void)
{
	struct doc *c = doc_object(), *sig = doc_object(),
		   *faults = doc_array();

	doc_set(c, "blob",
		doc_of_str("c47840381ad2c111a36e1b9875a1a7f9d3c4e985"));
	doc_set(c, "nonce_status", doc_of_str("slop"));
	doc_set(c, "nonce_age", doc_of_int(7));
	doc_set(c, "sha256",
		doc_of_str("2cf24dba5fb0a30e26e83b2ac5b9e29e"
			   "1b161e5c1fa7425e73043362938b9824"));
	doc_set(c, "base64", doc_of_str("aGVsbG8="));
	doc_set(c, "pusher", doc_of_str("Ada <ada@example.org>"));
	doc_set(c, "pushee", doc_of_str(""));
	doc_set(c, "nonce", doc_of_str("1-ff"));
	doc_set(sig, "status", doc_of_str("good"));
	doc_set(c, "signature", sig);
	doc_add(faults, doc_of_str("it has no nonce"));
	doc_set(c, "faults", faults);
	return c;
}

static struct doc *with_certificate(const char *key, struct doc *value)
{
	struct doc *c = certificate();

	doc_set(c, key, value);
	return with(accepted(), "push_certificate", c);
}

#define DIGEST                             \
	"2cf24dba5fb0a30e26e83b2ac5b9e29e" \
	"1b161e5c1fa7425e73043362938b9824"

/* The policy that a push brought, with one member otherwise. */
static struct doc *policy_change(const char *key, struct doc *value)
{
	struct doc *c = doc_object(), *files = doc_array(),
		   *signers = doc_array(), *file = doc_object();

	doc_set(file, "name", doc_of_str("keys/a.pub"));
	doc_set(file, "base64", doc_of_str("aGVsbG8="));
	doc_add(files, file);
	doc_add(signers, doc_of_str("ada"));
	doc_set(c, "version", doc_of_int(3));
	doc_set(c, "policy", doc_of_str(DIGEST));
	doc_set(c, "keys", doc_of_str(DIGEST));
	doc_set(c, "signers", signers);
	doc_set(c, "files", files);
	if (key)
		doc_set(c, key, value);
	return with(accepted(), "policy_change", c);
}

static void test_policy_change(void **unused)
{
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(parse(policy_change(NULL, NULL), &err), 0);
	refused(policy_change("version", doc_of_int(-1)), "version");
	refused(policy_change("policy", doc_of_str("c4")), "policy");
	refused(policy_change("signers", doc_of_str("ada")), "signers");
	refused(policy_change("files", doc_of_int(1)), "files");
	refused(policy_change("extra", doc_of_int(1)), "policy_change");
}

static void test_certificate(void **unused)
{
	struct buf bytes = BUF_INIT(100);
	struct err err = ERR_INIT;
	struct doc *j = with(accepted(), "push_certificate", certificate()), *c;

	(void)unused;
	assert_true(record_certificate(j, &bytes));
	unit_span_is(buf_all(&bytes), "hello");
	assert_int_equal(parse(j, &err), 0);
	j = accepted();
	assert_false(record_certificate(j, &bytes));
	doc_free(j);
	/* What could not be read has no bytes. */
	c = doc_object();
	doc_set(c, "blob",
		doc_of_str("0000000000000000000000000000000000000000"));
	doc_set(c, "nonce_status", doc_of_str("unchecked"));
	doc_set(c, "malformed", doc_of_str("not there"));
	assert_int_equal(
		parse(with(accepted(), "push_certificate", c), &err), 0);
	refused(with_certificate("blob", doc_of_str("c4")), "blob");
	refused(with_certificate("nonce_status", doc_of_str("OK")),
		"nonce_status");
	refused(with_certificate("nonce_age", doc_of_int(-7)), "nonce_age");
	refused(with_certificate("sha256", doc_of_str("c4")), "sha256");
	refused(with_certificate("base64", doc_of_str("aGVsbG8")), "base64");
	refused(with_certificate("base64", doc_of_str("aGVsbG9=")), "base64");
	refused(with_certificate("base64", doc_of_int(1)), "base64");
	refused(with_certificate("signed_sha256", doc_of_str("c4")),
		"signed_sha256");
	refused(with_certificate("trusted", doc_of_bool(true)),
		"push_certificate");
	c = certificate();
	j = doc_object();
	doc_set(j, "blob", doc_copy(doc_get(c, "blob")));
	doc_set(j, "nonce_status", doc_of_str("ok"));
	doc_set(j, "base64", doc_of_str("aGVsbG8="));
	doc_free(c);
	refused(with(accepted(), "push_certificate", j), "base64");
	refused(with(test_outcome(7, REF, 3), "push_certificate",
			certificate()),
		"predicate");
	buf_free(&bytes);
}

static struct doc *change_update(const char *key, const char *value)
{
	struct doc *j = accepted();
	const struct doc *list = doc_get(test_predicate(j), "updates");

	doc_set((struct doc *)(uintptr_t)doc_at(list, 0), key,
		doc_of_str(value));
	return j;
}

static struct doc *finding(const char *severity)
{
	struct doc *list = doc_array(), *f = doc_object();

	doc_set(f, "id", doc_of_str("signature.missing"));
	doc_set(f, "severity", doc_of_str(severity));
	doc_add(list, f);
	return list;
}

/* Parts that are well-formed and contradict each other. */
static void test_at_odds(void **unused)
{
	struct err err = ERR_INIT;
	struct doc *j, *list;

	(void)unused;
	refused(with(test_decision("reject", REF, 3), "admitted",
			doc_of_bool(true)),
		"admitted");
	refused(with(test_decision("undecided", REF, 3), "admitted",
			doc_of_bool(true)),
		"admitted");
	refused(with(accepted(), "admitted", doc_of_bool(false)), "admitted");
	refused(with(accepted(), "cause", doc_of_str("x")), "cause");
	refused(with(accepted(), "findings", finding("block")), "findings[0]");
	assert_int_equal(
		parse(with(accepted(), "findings", finding("warn")), &err), 0);
	refused(change_update(
			"new", "1111111111111111111111111111111111111111"),
		"subject[0]");
	refused(change_update("new", "11"), "updates[0].new");
	refused(change_update("ref", "refs/heads/other"), "subject[0]");
	refused(change_update("ref", "refs/heads/a\nb"), "updates[0].ref");
	refused(change_update("extra", "x"), "updates[0]");
	/* The same ref twice. */
	j = accepted();
	list = (struct doc *)(uintptr_t)doc_get(test_predicate(j), "updates");
	doc_add(list, doc_copy(doc_at(list, 0)));
	refused(j, "updates");
	/* The same subject twice. */
	j = accepted();
	list = (struct doc *)(uintptr_t)doc_get(j, "subject");
	doc_add(list, doc_copy(doc_at(list, 0)));
	refused(j, "subject[1]");
	/* Two digests in one subject. */
	j = accepted();
	list = (struct doc *)(uintptr_t)doc_get(
		doc_at(doc_get(j, "subject"), 0), "digest");
	doc_set(list, "gitTag",
		doc_of_str("1111111111111111111111111111111111111111"));
	refused(j, "subject[0]");
	/* Adopting what was not there, or over something. */
	j = test_adopt(REF, 3);
	list = (struct doc *)(uintptr_t)doc_at(
		doc_get(test_predicate(j), "updates"), 0);
	doc_set(list, "old",
		doc_of_str("1111111111111111111111111111111111111111"));
	refused(j, "updates[0]");
}

#define W1 "1111111111111111111111111111111111111111"

static struct doc *waiver(const char *finding, const char *ref,
	const char *person, const char *status, bool used)
{
	struct doc *list = doc_array(), *w = doc_object();

	doc_set(w, "object", doc_of_str(W1));
	doc_set(w, "commit", doc_of_str(W1));
	doc_set(w, "ref", doc_of_str(ref));
	doc_set(w, "finding", doc_of_str(finding));
	doc_set(w, "reason", doc_of_str("why"));
	doc_set(w, "until", doc_of_str("2026-12-01T12:00:00Z"));
	doc_set(w, "person", doc_of_str(person));
	doc_set(w, "status", doc_of_str(status));
	doc_set(w, "used", doc_of_bool(used));
	doc_add(list, w);
	return list;
}

/* An accepted push with one finding and perhaps what waives it. */
static struct doc *waived(
	const char *severity, const char *by, struct doc *waivers)
{
	struct doc *list = finding(severity), *names = doc_array();
	struct doc *one = (struct doc *)(uintptr_t)doc_at(list, 0), *j;

	doc_set(one, "ref", doc_of_str(REF));
	doc_set(one, "id", doc_of_str("file.name"));
	if (by) {
		doc_add(names, doc_of_str(by));
		doc_set(one, "waivers", names);
	} else {
		doc_free(names);
	}
	j = with(accepted(), "findings", list);
	return waivers ? with(j, "waivers", waivers) : j;
}

/* What was said at a forge, with one member otherwise. */
static struct doc *reviewed(
	const char *list, const char *key, struct doc *value)
{
	struct doc *all = doc_array(), *one = doc_object();

	doc_set(one, "forge", doc_of_str("git"));
	doc_set(one, "request", doc_of_int(7));
	if (!strcmp(list, "reviews")) {
		doc_set(one, "commit", doc_of_str(W1));
		doc_set(one, "ref", doc_of_str(REF));
		doc_set(one, "login", doc_of_str("bela-l"));
		doc_set(one, "person", doc_of_str("bela"));
		doc_set(one, "status", doc_of_str("valid"));
	} else {
		doc_set(one, "part", doc_of_str("request"));
		doc_set(one, "path", doc_of_str("/api"));
		doc_set(one, "status", doc_of_int(200));
		doc_set(one, "sha256", doc_of_str(DIGEST));
		doc_set(one, "base64", doc_of_str("aGVsbG8="));
	}
	if (key)
		doc_set(one, key, value);
	doc_add(all, one);
	return with(accepted(), list, all);
}

static void test_reviews(void **unused)
{
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(parse(reviewed("reviews", NULL, NULL), &err), 0);
	assert_int_equal(
		parse(reviewed("review_answers", NULL, NULL), &err), 0);
	refused(reviewed("reviews", "commit", doc_of_str("12")),
		"reviews[0].commit");
	refused(reviewed("reviews", "request", doc_of_str("7")),
		"reviews[0].request");
	refused(reviewed("reviews", "token", doc_of_str("a")), "reviews[0]");
	refused(reviewed("review_answers", "sha256", doc_of_str("12")),
		"review_answers[0].sha256");
	refused(reviewed("review_answers", "status", doc_of_int(-1)),
		"review_answers[0].status");
	refused(reviewed("review_answers", "headers", doc_of_str("a")),
		"review_answers[0]");
}

/* That something was waived is not believed without the waiver. */
static void test_waived(void **unused)
{
	struct err err = ERR_INIT;
	struct entry_text out;
	struct doc *j, *record = NULL;
	struct buf text = BUF_INIT(RECORD_MAX);
	struct arena *a = arena_new(1 << 20);
	struct entry e;

	(void)unused;
	assert_int_equal(
		parse(waived("waived", W1,
			      waiver("file.name", REF, "ada", "valid", true)),
			&err),
		0);
	refused(waived("waived", NULL, NULL), "findings[0].waivers");
	refused(waived("waived", W1, NULL), "findings[0].waivers[0]");
	refused(waived("warn", W1,
			waiver("file.name", REF, "ada", "valid", true)),
		"findings[0].waivers");
	refused(waived("waived", W1,
			waiver("file.size", REF, "ada", "valid", true)),
		"findings[0].waivers[0]");
	refused(waived("waived", W1,
			waiver("file.name", "refs/heads/x", "ada", "valid",
				true)),
		"findings[0].waivers[0]");
	refused(waived("waived", W1,
			waiver("file.name", REF, "", "valid", true)),
		"findings[0].waivers[0]");
	refused(waived("waived", W1,
			waiver("file.name", REF, "ada", "expired", true)),
		"findings[0].waivers[0]");
	refused(waived("waived", W1,
			waiver("file.name", REF, "ada", "valid", false)),
		"findings[0].waivers[0]");
	/* The entry names it. */
	j = waived(
		"waived", W1, waiver("file.name", REF, "ada", "valid", true));
	test_text(j, &text);
	assert_int_equal(record_parse(buf_all(&text), &record, &err), 0);
	assert_int_equal(
		entry_derive(record, buf_all(&text), sha256_of, &out, &err), 0);
	assert_int_equal(entry_parse(buf_all(&out.entry), a, &e, &err), 0);
	assert_int_equal(e.nwaiver, 1);
	assert_int_equal(e.waiver[0].b[0], 0x11);
	entry_text_free(&out);
	doc_free(record);
	buf_free(&text);
	arena_free(a);
}

static void test_bytes(void **unused)
{
	static const char *const bad[] = {
		"", "{}", "[]", "null", "{\"a\":1}", "{\"_type\":1}"};
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	struct doc *out;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			record_parse(span_str(bad[i]), &out, &err), -1);
	/* The same document, written otherwise. */
	test_text(accepted(), &text);
	buf_byte(&text, '\n');
	assert_int_equal(record_parse(buf_all(&text), &out, &err), -1);
	assert_non_null(strstr(err.text, "canonical"));
	test_text(accepted(), &text);
	for (i = 0; i < text.n; i++) {
		struct err ignored = ERR_INIT;

		assert_int_equal(record_parse(span_sub(buf_all(&text), 0, i),
					 &out, &ignored),
			-1);
	}
	buf_free(&text);
}

static void derive(
	struct doc *j, struct entry_text *t, struct entry *e, struct arena *a)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	struct doc *record;

	test_text(j, &text);
	if (record_parse(buf_all(&text), &record, &err) ||
		entry_derive(record, buf_all(&text), sha256_of, t, &err) ||
		entry_parse(buf_all(&t->entry), a, e, &err))
		fail_msg("%s", err.text);
	doc_free(record);
	buf_free(&text);
}

static void test_entry(void **unused)
{
	struct arena *a = arena_new(64u << 20);
	struct entry_text t;
	struct entry e;
	struct oid o;
	struct doc *j;

	(void)unused;
	derive(test_decision("reject", REF, 3), &t, &e, a);
	assert_int_equal(e.kind, RECORD_DECISION);
	unit_span_is(e.repository, "r/a");
	unit_span_is(e.time, "2026-11-23T08:00:00Z");
	unit_span_is(e.pusher, "ada");
	assert_int_equal(e.verdict, VERDICT_REJECT);
	assert_false(e.admitted);
	assert_false(e.observe);
	assert_int_equal(e.nupdate, 1);
	unit_span_is(e.update[0].ref, REF);
	o = test_oid(4);
	assert_true(oid_eq(&e.update[0].new, &o));
	assert_int_equal(e.ncommit, 1);
	assert_true(oid_eq(&e.commit[0], &o));
	assert_int_equal(e.nfinding, 1);
	unit_span_is(e.finding[0].id, "signature.missing");
	assert_int_equal(e.finding[0].count, 1);
	assert_string_equal(e.record, t.record);
	assert_int_equal(t.nlists, 0);
	entry_text_free(&t);
	j = test_decision("reject", REF, 3);
	doc_set((struct doc *)(uintptr_t)doc_get(test_predicate(j), "pusher"),
		"pseudonym", doc_of_str("redacted:1"));
	derive(j, &t, &e, a);
	unit_span_is(e.pusher, "redacted:1");
	assert_true(span_search(buf_all(&t.entry), SPAN_LIT("\"ada\"")) ==
		SIZE_MAX);
	entry_text_free(&t);
	derive(test_outcome(17, REF, 3), &t, &e, a);
	assert_int_equal(e.kind, RECORD_OUTCOME);
	assert_true(e.settles);
	assert_int_equal(e.decision, 17);
	assert_int_equal(e.ncommit, 0);
	entry_text_free(&t);
	derive(test_adopt(REF, 3), &t, &e, a);
	assert_int_equal(e.kind, RECORD_ADOPT);
	assert_true(e.admitted);
	assert_int_equal(e.ncommit, 3);
	entry_text_free(&t);
	arena_free(a);
}

#define ROTATION(word)                                                        \
	"sluice key rotation v1\nlog.example\n"                               \
	"log.example+01020304+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n" \
	"log.example+05060708+AR8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA\n" \
	"12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n" word             \
	"\n\n\xe2\x80\x94 log.example AQIDBAAA\n\xe2\x80\x94 log.example "    \
	"BQYHCAAA\n"

static struct doc *key_record(const char *rotation)
{
	struct doc *j = test_outcome(1, REF, 1), *p = doc_object();

	doc_set(p, "kind", doc_of_str("key"));
	doc_set(p, "time", doc_of_str("2026-11-23T08:00:00Z"));
	doc_set(p, "program", doc_of_str("sluice test"));
	if (rotation)
		doc_set(p, "rotation", doc_of_str(rotation));
	doc_set(j, "subject", doc_array());
	doc_set(j, "predicate", p);
	return j;
}

/* A change of the log's key is of no repository, and nothing else. */
static void test_key(void **unused)
{
	static const char *const bad[] = {NULL, "", "sluice key rotation v1\n",
		ROTATION("gone"), ROTATION("retired") "\n"};
	struct buf text = BUF_INIT(RECORD_MAX);
	struct arena *a = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct entry_text t;
	struct doc *j;
	struct entry e;
	size_t i;

	(void)unused;
	derive(key_record(ROTATION("retired")), &t, &e, a);
	assert_int_equal(t.kind, RECORD_KEY);
	assert_int_equal(e.kind, RECORD_KEY);
	assert_int_equal(e.repository.n, 0);
	assert_int_equal(e.nupdate, 0);
	assert_false(e.admitted);
	assert_int_equal(e.verdict, VERDICT_UNDECIDED);
	unit_span_is(e.rotation, ROTATION("retired"));
	entry_text_free(&t);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		test_text(key_record(bad[i]), &text);
		assert_int_equal(record_parse(buf_all(&text), &j, &err), -1);
		assert_non_null(strstr(err.text, "rotation"));
	}
	j = key_record(ROTATION("retired"));
	doc_set(test_predicate(j), "repository", doc_of_str("r/a"));
	test_text(j, &text);
	assert_int_equal(record_parse(buf_all(&text), &j, &err), -1);
	buf_free(&text);
	arena_free(a);
}

/* A push of ${n} refs whose names are ${fill} bytes long. */
static struct doc *many(unsigned n, size_t fill)
{
	struct doc *j = accepted(), *p = test_predicate(j);
	struct doc *updates = doc_array(), *subjects = doc_array();
	char *name = malloc(fill + 64), hex[OID_HEX + 1];
	unsigned i;

	for (i = 0; i < n; i++) {
		struct doc *u = doc_object(), *s = doc_object();
		struct doc *d = doc_object();
		struct oid o = test_oid(i + 1);
		int at = snprintf(name, 64, "refs/heads/%u/", n - i);

		memset(name + at, 'x', fill);
		name[(size_t)at + fill] = '\0';
		doc_set(u, "ref", doc_of_str(name));
		doc_set(u, "old",
			doc_of_str("00000000000000000000"
				   "00000000000000000000"));
		doc_set(u, "new", doc_of_str(oid_hex(&o, hex)));
		doc_add(updates, u);
		doc_set(d, "gitCommit", doc_of_str(hex));
		doc_set(s, "name", doc_of_str(name));
		doc_set(s, "digest", d);
		doc_add(subjects, s);
	}
	doc_set(p, "updates", updates);
	doc_set(j, "subject", subjects);
	free(name);
	return j;
}

static void test_lists(void **unused)
{
	struct arena *a = arena_new(256u << 20);
	struct entry_update *u;
	struct entry_text t;
	struct err err = ERR_INIT;
	struct entry e;
	struct oid *o;
	size_t i;
	char sum[65];

	(void)unused;
	derive(many(200, 1), &t, &e, a);
	assert_int_equal(e.nupdate, 200);
	assert_int_equal(t.nlists, 0);
	entry_text_free(&t);
	derive(many(201, 1), &t, &e, a);
	assert_int_equal(e.nupdate, 0);
	assert_int_equal(e.updates_list.count, 201);
	assert_int_equal(t.nlists, 1);
	assert_string_equal(e.updates_list.sha256, t.list_name[0]);
	assert_string_equal(
		sha256_hex(buf_all(&t.list[0]), sum), t.list_name[0]);
	assert_int_equal(entry_list_updates(buf_all(&t.list[0]),
				 &e.updates_list, a, &u, &err),
		0);
	assert_int_equal(u[0].new.b[1], 0xab);
	/* Cut at every byte, and with another count. */
	for (i = 0; i < t.list[0].n; i += 7)
		assert_int_equal(
			entry_list_updates(span_sub(buf_all(&t.list[0]), 0, i),
				&e.updates_list, a, &u, &err),
			-1);
	e.updates_list.count = 200;
	assert_int_equal(entry_list_updates(buf_all(&t.list[0]),
				 &e.updates_list, a, &u, &err),
		-1);
	e.updates_list.count = UINT64_MAX;
	assert_int_equal(entry_list_updates(buf_all(&t.list[0]),
				 &e.updates_list, a, &u, &err),
		-1);
	entry_text_free(&t);
	/* Few, but too long to fit. */
	derive(many(60, 4000), &t, &e, a);
	assert_true(t.entry.n <= ENTRY_MAX);
	assert_int_equal(e.updates_list.count, 60);
	entry_text_free(&t);
	/* Commits. */
	derive(test_adopt(REF, 500), &t, &e, a);
	assert_int_equal(e.ncommit, 500);
	entry_text_free(&t);
	derive(test_adopt(REF, 501), &t, &e, a);
	assert_int_equal(e.ncommit, 0);
	assert_int_equal(e.commits_list.count, 501);
	assert_int_equal(entry_list_commits(buf_all(&t.list[0]),
				 &e.commits_list, a, &o, &err),
		0);
	for (i = 1; i < 501; i++)
		assert_true(oid_cmp(&o[i - 1], &o[i]) < 0);
	t.list[0].p[0] ^= 1;
	assert_int_equal(entry_list_commits(buf_all(&t.list[0]),
				 &e.commits_list, a, &o, &err),
		-1);
	entry_text_free(&t);
	arena_free(a);
}

/* Entries are strict as well: a log may come from anywhere. */
static void test_entry_refused(void **unused)
{
	static const char *const edits[][2] = {
		{"\"urn:sluice:entry:v1\"", "\"urn:sluice:entry:v2\""},
		{"\"admitted\":false", "\"admitted\":0"},
		{"\"verdict\":\"reject\"", "\"verdict\":\"rejecT\""},
		{"\"kind\":\"decision\"", "\"kind\":\"outcome\""},
		{"\"pusher\":\"ada\"", "\"pusher\":[]"},
		{"{\"_type\"", "{ \"_type\""},
		{"\"record\":\"", "\"record\":\"0"},
		{"\"updates\":[", "\"updatez\":["},
	};
	struct arena *a = arena_new(64u << 20);
	struct entry_text t;
	struct entry e;
	size_t i;

	(void)unused;
	derive(test_decision("reject", REF, 3), &t, &e, a);
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		struct buf b = BUF_INIT(ENTRY_MAX);
		struct span all = buf_all(&t.entry);
		size_t at = span_search(all, span_str(edits[i][0]));
		struct err err = ERR_INIT;

		assert_true(at != SIZE_MAX);
		buf_span(&b, span_sub(all, 0, at));
		buf_str(&b, edits[i][1]);
		buf_span(&b, span_from(all, at + strlen(edits[i][0])));
		if (!entry_parse(buf_all(&b), a, &e, &err))
			fail_msg("taken: %s", edits[i][1]);
		buf_free(&b);
	}
	entry_text_free(&t);
	arena_free(a);
}

static struct doc *commit(const char *author, const char *id)
{
	struct doc *c = doc_object(), *sig = doc_object();

	doc_set(c, "id", doc_of_str(id));
	if (author)
		doc_set(c, "author", doc_of_str(author));
	doc_set(c, "committer", doc_of_str("c@example.org"));
	doc_set(sig, "status", doc_of_str("good"));
	if (author)
		doc_set(sig, "key", doc_of_str("SHA256:x"));
	doc_set(c, "signature", sig);
	return c;
}

#define ID "0123456789abcdef0123456789abcdef01234567"
#define OTHER "1123456789abcdef0123456789abcdef01234567"

static struct doc *facts_with(struct doc *parents)
{
	struct doc *facts = doc_object();

	doc_set(facts, "version", doc_of_int(2));
	doc_set(facts, "people", doc_of_str("ab"));
	doc_set(facts, "updates", doc_array());
	if (parents)
		doc_set(facts, "parents", parents);
	return facts;
}

static struct doc *parents_of(int64_t at, const char *id)
{
	struct doc *d = doc_object(), *of = doc_array(), *list = doc_array();

	doc_add(of, doc_of_str(id));
	doc_set(d, "at", doc_of_int(at));
	doc_set(d, "of", of);
	doc_add(list, d);
	return list;
}

/* A byte of the lists, or around them, is another one: both ways of reading say
 * the same. */
static void test_every_byte(void **unused)
{
	static const unsigned char values[] = {'"', '\\', ',', '{', '}', '[',
		']', ':', '0', 'a', 'n', '\n', 0x7f, 0x80, 0xff, '\0'};
	struct doc *j = accepted(), *list = doc_array();
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	size_t i, k, taken = 0;

	(void)unused;
	doc_add(list, commit("\"A\\ \xc3\xa9,\"commits\":[{", ID));
	doc_add(list, commit(NULL, OTHER));
	doc_add(list, commit("b", ID));
	with(j, "commits", list);
	with(j, "facts", facts_with(parents_of(2, ID)));
	test_text(j, &text);
	assert_int_equal(parse_bytes(buf_all(&text), &err), 0);
	for (i = 0; i < text.n; i++) {
		unsigned char was = text.p[i];

		for (k = 0; k < sizeof(values); k++) {
			text.p[i] = values[k];
			err_clear(&err);
			taken += !parse_bytes(buf_all(&text), &err);
		}
		text.p[i] = was;
	}
	/* A digit of a name for another, mostly. */
	assert_in_range(taken, 100, text.n * sizeof(values) / 2);
	buf_free(&text);
}

/* What stands where the list may be. */
static void test_other_lists(void **unused)
{
	static const char *const lists[] = {"[]", "{}", "[{}]", "[[]]", "null",
		"[{\"id\":\"" ID "\"}]", "[{\"id\":\"" ID "\"},]",
		"[{\"id\":\"" ID "\",\"id\":\"" ID "\"}]",
		"[{\"id\":\"" ID "\"}{\"id\":\"" ID "\"}]",
		"[{\"id\":\"" ID "\",\"signature\":{}}]",
		"[{\"id\":\"" ID "\",\"signature\":{\"status\":\"\"}}]",
		"[{\"id\":\"" ID "\",\"tagger\":\"t\"}]",
		"[{\"committer\":\"a\",\"author\":\"b\",\"id\":\"" ID "\"}]",
		"[{\"author\":\"\\u0041\",\"id\":\"" ID "\"}]",
		"[{\"author\":\"\\n\",\"id\":\"" ID "\"}]",
		"[{\"author\":\"\\/\",\"id\":\"" ID "\"}]", "[\"" ID "\"]"};
	static const char *const records[] = {"decision", "adopt", "outcome"};
	struct buf text = BUF_INIT(RECORD_MAX),
		   with_list = BUF_INIT(RECORD_MAX);
	size_t i, k, taken = 0, at;
	struct err err = ERR_INIT;

	(void)unused;
	for (k = 0; k < ARRAY_LEN(records); k++) {
		struct doc *j = k == 0 ? accepted()
			: k == 1       ? test_adopt(REF, 3)
				       : test_outcome(7, REF, 3);

		buf_reset(&text);
		with(j, "commits", doc_array());
		test_text(j, &text);
		/* In an adoption it is the first key. */
		at = span_search(buf_all(&text), SPAN_LIT("\"commits\":[]"));
		assert_true(at != SIZE_MAX);
		at += strlen("\"commits\":");
		for (i = 0; i < ARRAY_LEN(lists); i++) {
			buf_reset(&with_list);
			buf_span(&with_list, span_sub(buf_all(&text), 0, at));
			buf_str(&with_list, lists[i]);
			buf_span(&with_list, span_from(buf_all(&text), at + 2));
			err_clear(&err);
			taken += !parse_bytes(buf_all(&with_list), &err);
		}
	}
	/* Of a decision [], one with an id, with a tagger, and "\n", which is
	 * left to the slower way; of an adoption [] and names. */
	assert_int_equal(taken, 6);
	buf_free(&text);
	buf_free(&with_list);
}

/* Parents stand in the facts of a decision, and nowhere else. */
static void test_parents(void **unused)
{
	struct doc *j, *finding = doc_object(), *list = doc_array();
	struct err err = ERR_INIT;

	(void)unused;
	j = with(accepted(), "facts", facts_with(parents_of(0, ID)));
	assert_int_equal(parse(j, &err), 0);
	j = with(accepted(), "facts", facts_with(doc_array()));
	assert_int_equal(parse(j, &err), 0);
	refused(with(accepted(), "facts", facts_with(parents_of(0, "ab"))),
		"parents");
	refused(with(accepted(), "facts", facts_with(parents_of(-1, ID))),
		"parents");
	refused(with(test_outcome(7, REF, 3), "facts",
			facts_with(parents_of(0, ID))),
		"unknown key");

	j = with(accepted(), "facts", facts_with(doc_array()));
	refused(with(j, "parents", parents_of(0, ID)), "unknown key");
	doc_set(finding, "parents", parents_of(0, ID));
	doc_add(list, finding);
	j = with(accepted(), "facts", facts_with(doc_array()));
	refused(with(j, "findings", list), "findings[0]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_pruned),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_policy_change),
		cmocka_unit_test(test_at_odds),
		cmocka_unit_test(test_reviews),
		cmocka_unit_test(test_waived),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_entry_refused),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_other_lists),
		cmocka_unit_test(test_parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
