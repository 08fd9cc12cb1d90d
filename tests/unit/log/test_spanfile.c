#include "../../support/unit.h"

#include "../../support/records.h"
#include "log/append.h"
#include "log/spanfile.h"
#include "log/store.h"

#define MAIN "refs/heads/main"
#define BEFORE 11u /* entries of others, so that three nodes stand before */

static unsigned second;

static void append(const char *state, struct doc *j)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;
	char when[32];

	snprintf(when, sizeof(when), "2026-11-23T08:00:%02uZ", second++);
	doc_set(test_predicate(j), "time", doc_of_str(when));
	test_text(j, &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
}

static struct doc *elsewhere(void)
{
	struct doc *j = test_adopt(MAIN, 9);

	doc_set(test_predicate(j), "repository", doc_of_str("r/b"));
	return j;
}

/* +0 adopt main at 3; +1 +2 main 3→4; +3 other's; +4 +5 main 4→5; +6 other's;
 * +7 an audit finds main 5→6; +8 other's. Each a second later. */
static char *made(const char *dir)
{
	char *state = test_log(dir, BEFORE);

	second = 0;
	append(state, test_adopt(MAIN, 3));
	append(state, test_decision("accept", MAIN, 3));
	append(state, test_outcome(BEFORE + 1, MAIN, 3));
	append(state, elsewhere());
	append(state, test_decision("accept", MAIN, 4));
	append(state, test_outcome(BEFORE + 4, MAIN, 4));
	append(state, elsewhere());
	append(state, test_observed(UINT64_MAX, MAIN, 5));
	append(state, elsewhere());
	return state;
}

#define AT(s) (1795420800 + (s)) /* 2026-11-23T08:00:00Z */

static void write_span(const char *state, const char *ref, uint64_t start,
	size_t n, int64_t to, struct buf *out)
{
	const struct continuity_ask ask = {.repository = SPAN_LIT("r/a"),
		.ref = span_str(ref),
		.from = AT(0),
		.to = to,
		.start = start,
		.n = n};
	struct log_reader *log;
	struct err err = ERR_INIT;

	buf_reset(out);
	assert_int_equal(log_open_state(state, &log, &err), 0);
	if (spanfile_write(log, &ask, out, &err))
		fail_msg("%s", err.text);
	log_close(log);
}

/* -1 unreadable, -2 false, else the verdict. */
static int answer(struct span text, struct span vkey)
{
	struct arena *a = arena_new(64u << 20);
	enum proof_verdict verdict;
	struct continuity c;
	struct spanfile f;
	struct err err = ERR_INIT;
	int ret;

	if (spanfile_open(text, vkey, a, &f, &verdict, &err)) {
		ret = -1;
		assert_true(verdict == PROOF_BAD);
	} else if (verdict != PROOF_GOOD) {
		ret = -2;
		assert_int_equal(err.code, ERR_LOG);
		assert_int_equal(f.ask.n, 0);
	} else {
		continuity_find(&f.ask, a, &c);
		ret = (int)c.verdict;
	}
	arena_free(a);
	return ret;
}

static void test_spans(void **unused)
{
	static const struct {
		const char *ref;
		unsigned start, n, to;
		enum continuity_verdict want;
	} v[] = {
		{MAIN, BEFORE, 7, 6, CONTINUITY_WHOLE},
		{MAIN, BEFORE, 6, 5, CONTINUITY_WHOLE},
		{MAIN, 0, BEFORE + 7, 6, CONTINUITY_WHOLE},
		{MAIN, BEFORE, 6, 6, CONTINUITY_UNKNOWN},
		{MAIN, BEFORE, 5, 4, CONTINUITY_OPEN},
		{MAIN, BEFORE, 9, 8, CONTINUITY_BROKEN},
		{MAIN, BEFORE, 9, 5, CONTINUITY_BROKEN},
		{MAIN, BEFORE + 1, 6, 6, CONTINUITY_UNKNOWN},
		{MAIN "x", BEFORE, 7, 6, CONTINUITY_UNKNOWN},
	};
	char *dir = log_folder(), *state = made(dir);
	struct buf text = BUF_INIT(SPANFILE_MAX), key = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	for (i = 0; i < ARRAY_LEN(v); i++) {
		int got;

		write_span(state, v[i].ref, v[i].start, v[i].n, AT(v[i].to),
			&text);
		assert_true(spanfile_is(buf_all(&text)));
		got = answer(buf_all(&text), buf_all(&key));
		if (got != (int)v[i].want)
			fail_msg("%zu: %d, not %d", i, got, (int)v[i].want);
	}
	assert_false(spanfile_is(SPAN_LIT(
		"{\"format\": \"x\", \"x\": \"sluice continuity proof v1\"}")));
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* One bit of every byte; cut after every byte; the key of another log. What is
 * not under the signature is what is claimed: another claim is another proof,
 * and shown only if it is true. */
static void test_spoilt(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	char *dir2 = log_folder(), *other = test_log(dir2, 0);
	struct buf text = BUF_INIT(SPANFILE_MAX), key = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t i, begin;

	(void)unused;
	write_span(state, MAIN, BEFORE, 7, AT(6), &text);
	assert_int_equal(store_vkey(other, &key, &err), 0);
	assert_int_equal(answer(buf_all(&text), buf_all(&key)), -2);
	assert_int_equal(store_vkey(state, &key, &err), 0);
	assert_int_equal(
		answer(buf_all(&text), buf_all(&key)), CONTINUITY_WHOLE);
	begin = span_search(buf_all(&text), SPAN_LIT("\"start\""));
	assert_true(begin < text.n);
	for (i = 0; i < text.n; i += UNIT_STEP) {
		unsigned char bit = (unsigned char)(1 << i % 7);
		int got;

		text.p[i] ^= bit;
		got = answer(buf_all(&text), buf_all(&key));
		/* White space of JSON may change into other white space. */
		if (got == CONTINUITY_WHOLE && i >= begin &&
			!strchr("\t\n\r ", text.p[i]))
			fail_msg("byte %zu went unseen", i);
		text.p[i] ^= bit;
	}
	for (i = 0; i + 2 < text.n; i += UNIT_STEP)
		assert_int_equal(
			answer(span_sub(buf_all(&text), 0, i), buf_all(&key)),
			-1);
	buf_free(&key);
	buf_free(&text);
	free(state);
	free(other);
	log_remove(dir);
	log_remove(dir2);
}

/* Entries left out, twice, swapped, of elsewhere; another start; claims of more
 * than the entries show. */
static struct doc *forged(const struct doc *good, unsigned how)
{
	struct doc *j = doc_copy(good), *list = doc_array();
	const struct doc *from = doc_get(good, "entries");
	size_t i, n = doc_count(from);

	for (i = 0; i < n; i++) {
		size_t k = i;

		if ((how == 0 && i == 3) || (how == 1 && i == 0) ||
			(how == 2 && i + 1 == n) ||
			(how == 3 && (i == 1 || i == 2)))
			continue;
		if (how == 4 && (i == 2 || i == 3))
			k = 5 - i;
		if (how == 5 && i == 6)
			k = 3;
		doc_add(list, doc_copy(doc_at(from, k)));
		if (how == 6 && i == 3)
			doc_add(list, doc_copy(doc_at(from, k)));
	}
	doc_set(j, "entries", list);
	if (how == 7)
		doc_set(j, "start", doc_of_int(BEFORE + 1));
	if (how == 8)
		doc_set(j, "start", doc_of_int(INT64_MAX));
	if (how == 9)
		doc_set(j, "before", doc_of_str("\n"));
	if (how == 10)
		doc_set(j, "after", doc_of_str("\n"));
	if (how == 11)
		doc_set(j, "entries", doc_array());
	if (how == 12)
		doc_set(j, "ref", doc_of_str("refs/heads/other"));
	if (how == 13)
		doc_set(j, "repository", doc_of_str("r/b"));
	if (how == 14)
		doc_set(j, "to", doc_of_str("2026-11-23T08:00:07Z"));
	if (how == 15)
		doc_set(j, "from", doc_of_str("2026-11-23T07:59:59Z"));
	return j;
}
#define FORGERIES 16

static void test_forged(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct buf text = BUF_INIT(SPANFILE_MAX), key = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct doc *good;
	unsigned how;

	(void)unused;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	write_span(state, MAIN, BEFORE, 7, AT(6), &text);
	assert_int_equal(doc_parse(buf_all(&text), &good, &err), 0);
	for (how = 0; how < FORGERIES; how++) {
		int want = how < 12 ? -2 : (int)CONTINUITY_UNKNOWN;

		test_text(forged(good, how), &text);
		if (answer(buf_all(&text), buf_all(&key)) != want)
			fail_msg("%u", how);
	}
	doc_free(good);
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* A push of so many refs that the entry has only the digest of their list. */
static void test_list(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct buf text = BUF_INIT(SPANFILE_MAX), key = BUF_INIT(4096);
	struct doc *adopt = test_adopt(MAIN, 3), *good, *item;
	struct doc *list, *subjects, *u, *s;
	struct err err = ERR_INIT;
	char name[64];
	unsigned i;

	(void)unused;
	list = (struct doc *)(uintptr_t)doc_get(
		test_predicate(adopt), "updates");
	subjects = (struct doc *)(uintptr_t)doc_get(adopt, "subject");
	for (i = 0; i < ENTRY_UPDATES_MAX; i++) {
		snprintf(name, sizeof(name), "refs/heads/n%03u", i);
		u = doc_copy(doc_at(list, 0));
		doc_set(u, "ref", doc_of_str(name));
		doc_add(list, u);
		s = doc_copy(doc_at(subjects, 0));
		doc_set(s, "name", doc_of_str(name));
		doc_add(subjects, s);
	}
	second = 0;
	append(state, adopt);
	append(state, elsewhere());
	assert_int_equal(store_vkey(state, &key, &err), 0);
	write_span(state, "refs/heads/n007", 0, 2, AT(1), &text);
	assert_int_equal(
		answer(buf_all(&text), buf_all(&key)), CONTINUITY_WHOLE);
	assert_int_equal(doc_parse(buf_all(&text), &good, &err), 0);
	/* Given to who does not name one, and another to who does. */
	for (i = 2; i-- > 0;) {
		item = (struct doc *)(uintptr_t)doc_at(
			doc_get(good, "entries"), i);
		doc_set(item, "updates_list", doc_of_str("x"));
		test_text(doc_copy(good), &text);
		assert_int_equal(answer(buf_all(&text), buf_all(&key)), -2);
	}
	doc_free(good);
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
