/* The fast readers of our own documents: they know the usual ones, and never
 * take what the others refuse. */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "parse/bundle.h"
#include "port/crypto.h"
#include "support/entries.h"

#define REF "refs/heads/main"
#define DIGEST                             \
	"2cf24dba5fb0a30e26e83b2ac5b9e29e" \
	"1b161e5c1fa7425e73043362938b9824"

static struct arena *arena;

/* What the long way says of a record, and whether the short one agrees. */
static bool taken(struct span bytes, struct entry_text *t)
{
	struct err err = ERR_INIT;
	struct doc *j;
	bool good = !record_parse(bytes, &j, &err) &&
		!entry_derive(j, bytes, sha256_of, t, &err);

	doc_free(j);
	return good;
}

static void agree(struct span bytes)
{
	struct entry_text t = {.nlists = 0};
	bool good = taken(bytes, &t);

	if (!records_agree(bytes, good, &t))
		fail_msg("%s: %.*s", good ? "taken" : "refused",
			SPAN_FMT(bytes));
	entry_text_free(&t);
}

static void agree_entry(struct span bytes)
{
	if (!entries_agree(bytes, arena))
		fail_msg("%.*s", SPAN_FMT(bytes));
	arena_reset(arena);
}

/* Cut short at every byte, and every byte another. */
static void mutate(const struct buf *b, void (*held)(struct span bytes))
{
	static const unsigned char other[] = {'"', '\\', ',', ':', '0', '1',
		'}', ']', '{', '[', 'a', 't', ' ', '\n', 0, 0x7f, 0x80, 0xff};
	struct buf copy = BUF_INIT(RECORD_MAX);
	size_t i, k;

	buf_span(&copy, buf_all(b));
	for (i = 0; i < b->n; i += UNIT_STEP) {
		held(span_of(copy.p, i));
		for (k = 0; k < ARRAY_LEN(other) + 8; k++) {
			copy.p[i] = b->p[i];
			if (k < 8)
				copy.p[i] ^= (unsigned char)(1u << k);
			else
				copy.p[i] = other[k - 8];
			held(buf_all(&copy));
		}
		copy.p[i] = b->p[i];
	}
	/* A byte more, and a byte left out. */
	for (i = 0; i < b->n; i += UNIT_STEP) {
		buf_reset(&copy);
		buf_add(&copy, b->p, i);
		buf_byte(&copy, b->p[i]);
		buf_add(&copy, b->p + i, b->n - i);
		held(buf_all(&copy));
		buf_reset(&copy);
		buf_add(&copy, b->p, i);
		buf_add(&copy, b->p + i + 1, b->n - i - 1);
		held(buf_all(&copy));
	}
	buf_free(&copy);
}

/* A document of the usual sort: known to both, whole and mutated. */
static void usual(struct doc *j)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct entry_text t = {.nlists = 0};
	struct entry e;

	test_text(j, &text);
	if (!taken(buf_all(&text), &t))
		fail_msg("refused: %s", buf_cstr(&text));
	if (!record_gives(
		    buf_all(&text), span_str(t.record), buf_all(&t.entry), 8))
		fail_msg("not known: %s", buf_cstr(&text));
	if (!entry_scan(buf_all(&t.entry), arena, &e))
		fail_msg("not known: %s", buf_cstr(&t.entry));
	mutate(&text, agree);
	mutate(&t.entry, agree_entry);
	entry_text_free(&t);
	buf_free(&text);
}

static struct doc *with(struct doc *j, const char *key, struct doc *value)
{
	doc_set(test_predicate(j), key, value);
	return j;
}

static struct doc *list_of(struct doc *one)
{
	struct doc *list = doc_array();

	doc_add(list, one);
	return list;
}

static struct doc *read_doc(const char *text)
{
	struct err err = ERR_INIT;
	struct doc *j;

	if (doc_parse(span_str(text), &j, &err))
		fail_msg("%s", err.text);
	return j;
}

static void test_usual(void **unused)
{
	(void)unused;
	usual(test_decision("accept", REF, 3));
	usual(test_decision("reject", REF, 0));
	usual(test_decision("undecided", "refs/tags/v1", 70000));
	usual(test_adopt(REF, 12));
	usual(test_outcome(7, REF, 3));
	usual(test_observed(7, REF, 3));
	usual(test_observed(UINT64_MAX, REF, 3));
}

/* All that a record may have and this way knows. */
static void test_full(void **unused)
{
	struct doc *j =
		test_decision("accept", "refs/heads/\\\\x01\"\xc3\xa9", 3);

	(void)unused;
	with(j, "pusher",
		read_doc("{\"name\":\"Ada\",\"pseudonym\":\"p-1\","
			 "\"transport\":\"web\",\"address\":\"::1\"}"));
	with(j, "commits",
		read_doc(
			"[{\"id\":\"ffffffffffffffffffffffffffffffffffffffff\","
			"\"author\":\"A \\\"b\\\" \\\\ \\t <a@b>\"},"
			"{\"id\":\"0fffffffffffffffffffffffffffffffffffffff\"},"
			"{\"id\":\"0fffffffffffffffffffffffffffffffffffffff\"}"
			"]"));
	with(j, "findings",
		read_doc("[{\"id\":\"b.c\",\"severity\":\"warn\"},"
			 "{\"id\":\"b\",\"severity\":\"warn\",\"ref\":\"\","
			 "\"observed\":true,\"detail\":\"\xe2\x82\xac\\n\"},"
			 "{\"id\":\"b.c\",\"severity\":\"warn\"}]"));
	with(j, "counts", read_doc("{\"blobs\":12,\"commits\":0}"));
	with(j, "durations_us", read_doc("{}"));
	with(j, "push_options", list_of(doc_of_str("a=b")));
	with(j, "facts",
		read_doc("{\"people\":\"ab\",\"updates\":[{\"movement\":\"x\","
			 "\"sections\":{\"ref\":\"\"},\"type\":\"commit\"}],"
			 "\"version\":1}"));
	with(j, "push_certificate",
		read_doc("{\"base64\":\"aGVsbG8=\",\"blob\":"
			 "\"c47840381ad2c111a36e1b9875a1a7f9d3c4e985\","
			 "\"nonce_age\":7,\"nonce_status\":\"slop\","
			 "\"sha256\":\"" DIGEST "\","
			 "\"signed_sha256\":\"" DIGEST "\"}"));
	usual(j);
}

/* Written as it should be, and at odds with itself: refused by both. */
static void odd(struct doc *j, bool entry, const char *key, struct doc *value)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct entry_text t = {.nlists = 0};
	struct err err = ERR_INIT;
	struct entry e;

	if (entry) {
		test_text(j, &text);
		assert_true(taken(buf_all(&text), &t));
		j = read_doc(buf_cstr(&t.entry));
	}
	with(j, key, value);
	test_text(j, &text);
	if (entry ? entry_scan(buf_all(&text), arena, &e)
		  : record_scans(buf_all(&text)))
		fail_msg("taken: %s", buf_cstr(&text));
	assert_int_equal(entry ? entry_read(buf_all(&text), arena, &e, &err)
			       : taken(buf_all(&text), &t),
		entry ? -1 : 0);
	entry_text_free(&t);
	buf_free(&text);
}

#define LIST "{\"count\":1,\"sha256\":\"" DIGEST "\"}"

static void test_odd(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		odd(test_adopt(REF, 3), i, "kind", doc_of_str("outcome"));
		odd(test_outcome(7, REF, 3), i, "kind", doc_of_str("adopt"));
		odd(test_outcome(7, REF, 3), i, "verdict",
			doc_of_str("accept"));
	}
	odd(test_decision("accept", REF, 3), true, "updates_list",
		read_doc(LIST));
	odd(test_decision("accept", REF, 3), true, "commits_list",
		read_doc(LIST));
}

/* What settles an entry comes behind it. */
static void test_order(void **unused)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct entry_text t = {.nlists = 0};
	struct span sha256;

	(void)unused;
	test_text(test_outcome(7, REF, 3), &text);
	assert_true(taken(buf_all(&text), &t));
	assert_true(record_named(buf_all(&t.entry), &sha256));
	assert_true(record_gives(buf_all(&text), sha256, buf_all(&t.entry), 8));
	assert_false(
		record_gives(buf_all(&text), sha256, buf_all(&t.entry), 7));
	/* By another digest it is another entry. */
	assert_false(record_gives(
		buf_all(&text), SPAN_LIT(DIGEST), buf_all(&t.entry), 8));
	entry_text_free(&t);
	buf_free(&text);
}

/* Observed: refused, and let in all the same. */
static void test_observing(void **unused)
{
	struct doc *j = test_decision("reject", REF, 3);

	(void)unused;
	with(j, "mode", doc_of_str("observe"));
	with(j, "admitted", doc_of_bool(true));
	with(j, "findings",
		read_doc("[{\"id\":\"a\",\"severity\":\"block\","
			 "\"observed\":true}]"));
	usual(j);
}

static struct doc *many(size_t updates, size_t subjects)
{
	struct doc *j = test_decision("accept", REF, 3);
	struct doc *u = doc_array(), *s = doc_array();
	size_t i;

	for (i = 0; i < updates; i++) {
		struct doc *one =
			read_doc("{\"old\":"
				 "\"0000000000000000000000000000000000000000\","
				 "\"new\":"
				 "\"1111111111111111111111111111111111111111"
				 "\"}");
		char ref[40];

		snprintf(ref, sizeof(ref), "refs/heads/b%zu", i);
		doc_set(one, "ref", doc_of_str(ref));
		doc_add(u, one);
		if (i >= subjects)
			continue;
		one = read_doc("{\"digest\":{\"gitCommit\":"
			       "\"1111111111111111111111111111111111111111"
			       "\"}}");
		doc_set(one, "name", doc_of_str(ref));
		doc_add(s, one);
	}
	doc_set(j, "subject", s);
	return with(j, "updates", u);
}

/* At the sizes from which on the long way is taken. */
static void test_sizes(void **unused)
{
	static const struct {
		size_t updates, subjects;
		bool known;
	} cases[] = {{200, 64, true}, {201, 64, false}, {200, 65, false}};
	struct buf text = BUF_INIT(RECORD_MAX);
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		test_text(many(cases[i].updates, cases[i].subjects), &text);
		assert_int_equal(record_scans(buf_all(&text)), cases[i].known);
		agree(buf_all(&text));
	}
	test_text(test_adopt(REF, 500), &text);
	assert_true(record_scans(buf_all(&text)));
	agree(buf_all(&text));
	test_text(test_adopt(REF, 501), &text);
	assert_false(record_scans(buf_all(&text)));
	agree(buf_all(&text));
	buf_free(&text);
}

/* An entry that stands beside lists. */
static void test_lists(void **unused)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct entry_text t = {.nlists = 0};
	struct entry e;

	(void)unused;
	test_text(test_adopt(REF, 501), &text);
	assert_true(taken(buf_all(&text), &t));
	assert_int_equal(t.nlists, 1);
	assert_true(entry_scan(buf_all(&t.entry), arena, &e));
	assert_int_equal(e.commits_list.count, 501);
	mutate(&t.entry, agree_entry);
	entry_text_free(&t);
	buf_free(&text);
}

static int begin(void **unused)
{
	(void)unused;
	arena = arena_new(1u << 28);
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_observing),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
