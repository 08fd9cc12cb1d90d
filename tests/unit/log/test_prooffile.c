#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/prooffile.h"
#include "log/store.h"

#define MAIN "refs/heads/main"

/*
 * 0 adopt main at 3; 1 reject main 3→4; 2 accept main 3→4; 3 its outcome;
 * 4 undecided main 4→5; 5 observed main 4→5 and 6 its outcome; 7 accept main
 * 5→6, nothing moved
 */
static char *made(const char *dir)
{
	char *state = test_log(dir, 0);
	struct doc *observed = test_decision("reject", MAIN, 4);

	doc_set(test_predicate(observed), "mode", doc_of_str("observe"));
	doc_set(test_predicate(observed), "admitted", doc_of_bool(true));
	log_append(state, test_adopt(MAIN, 3));
	log_append(state, test_decision("reject", MAIN, 3));
	log_append(state, test_decision("accept", MAIN, 3));
	log_append(state, test_outcome(2, MAIN, 3));
	log_append(state, test_decision("undecided", MAIN, 4));
	log_append(state, observed);
	log_append(state, test_outcome(5, MAIN, 4));
	log_append(state, test_decision("accept", MAIN, 5));
	return state;
}

static void write_proof(const char *state, const uint64_t *n, size_t count,
	const struct oid *subject, struct buf *out)
{
	struct log_reader *log;
	struct err err = ERR_INIT;

	buf_reset(out);
	assert_int_equal(log_open_state(state, &log, &err), 0);
	if (proof_file_write(log, state, n, count, subject, out, &err))
		fail_msg("%s", err.text);
	log_close(log);
}

static void write_short(
	const char *state, const uint64_t *n, size_t count, struct buf *out)
{
	struct log_reader *log;
	struct err err = ERR_INIT;

	buf_reset(out);
	assert_int_equal(log_open_state(state, &log, &err), 0);
	if (proof_file_short(log, n, count, out, &err))
		fail_msg("%s", err.text);
	log_close(log);
}

/* What a file comes to with a key: -1 unreadable, -2 false, else the answer. */
static int answer(struct span text, struct span vkey)
{
	struct arena *a = arena_new(64u << 20);
	enum proof_verdict verdict;
	const struct proof_item *item;
	struct proof_file p;
	struct err err = ERR_INIT;
	int ret;

	if (proof_file_open(text, vkey, a, &p, &verdict, &err)) {
		ret = -1;
		assert_true(verdict == PROOF_BAD);
	} else if (verdict != PROOF_GOOD) {
		ret = -2;
		assert_int_equal(err.code, ERR_LOG);
		assert_int_equal(p.nitem, 0);
	} else {
		ret = (int)proof_file_answer(&p, &item);
		assert_true((ret == ANSWER_NOTHING) == !item);
	}
	proof_file_free(&p);
	arena_free(a);
	return ret;
}

static void test_answers(void **unused)
{
	static const struct {
		uint64_t n[3];
		size_t count;
		unsigned subject; /* 0: none */
		enum proof_answer want;
	} v[] = {
		{{0}, 1, 3, ANSWER_ADOPTED},
		{{0}, 1, 2, ANSWER_ADOPTED},
		{{0}, 1, 9, ANSWER_NOTHING},
		{{0}, 1, 0, ANSWER_ADOPTED},
		{{1}, 1, 4, ANSWER_REJECTED},
		{{2}, 1, 4, ANSWER_NOT_APPLIED},
		{{2, 3}, 2, 4, ANSWER_ACCEPTED},
		{{2, 3}, 2, 0, ANSWER_ACCEPTED},
		{{3, 2}, 2, 4, ANSWER_ACCEPTED},
		{{2, 3}, 2, 5, ANSWER_NOTHING},
		{{3}, 1, 4, ANSWER_NOTHING},
		{{3}, 1, 0, ANSWER_NOTHING},
		{{2, 6}, 2, 4, ANSWER_NOT_APPLIED}, /* of another decision */
		{{1, 3}, 2, 4, ANSWER_REJECTED},
		{{1, 2, 3}, 3, 4, ANSWER_ACCEPTED},
		{{4}, 1, 5, ANSWER_UNDECIDED},
		{{5, 6}, 2, 5, ANSWER_OBSERVED},
		{{7}, 1, 6, ANSWER_NOT_APPLIED},
	};
	char *dir = log_folder(), *state = made(dir);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	for (i = 0; i < ARRAY_LEN(v); i++) {
		struct oid o = test_oid(v[i].subject);
		int got;

		write_proof(state, v[i].n, v[i].count, v[i].subject ? &o : NULL,
			&text);
		got = answer(buf_all(&text), buf_all(&key));
		if (got != (int)v[i].want)
			fail_msg("%zu: %d, not %d", i, got, (int)v[i].want);
	}
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* One bit of every byte; cut after every byte; the key of another log. */
static void test_spoilt(void **unused)
{
	static const uint64_t n[] = {2, 3};
	char *dir = log_folder(), *state = made(dir);
	char *dir2 = log_folder(), *other = test_log(dir2, 0);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct oid o = test_oid(4);
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	write_proof(state, n, 2, &o, &text);
	assert_int_equal(store_vkey(other, &key, &err), 0);
	assert_int_equal(answer(buf_all(&text), buf_all(&key)), -2);
	assert_int_equal(store_vkey(state, &key, &err), 0);
	assert_int_equal(
		answer(buf_all(&text), buf_all(&key)), ANSWER_ACCEPTED);
	for (i = 0; i < text.n; i++) {
		unsigned char bit = (unsigned char)(1 << i % 7);

		text.p[i] ^= bit;
		if (answer(buf_all(&text), buf_all(&key)) == ANSWER_ACCEPTED)
			fail_msg("byte %zu went unseen", i);
		text.p[i] ^= bit;
	}
	for (i = 0; i + 2 < text.n; i++)
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

/* Another text for a member of item ${i}. */
static void replace(struct doc *j, size_t i, const char *key, struct span text)
{
	const struct doc *item = doc_at(doc_get(j, "items"), i);

	doc_set((struct doc *)(uintptr_t)item, key, doc_of_text(text));
}

static struct span member(const struct doc *j, size_t i, const char *key)
{
	return doc_get_text(doc_at(doc_get(j, "items"), i), key);
}

static int answer_doc(struct doc *j, struct span vkey)
{
	struct buf text = BUF_INIT(PROOF_FILE_MAX);
	int ret;

	doc_canonical(j, &text);
	doc_free(j);
	ret = answer(buf_all(&text), vkey);
	buf_free(&text);
	return ret;
}

/* Every bit; no record; what it says of refs and repositories. */
static void test_short(void **unused)
{
	static const uint64_t n[] = {2, 3};
	static const struct {
		const char *ref, *repository;
		unsigned subject;
		enum proof_answer want;
	} v[] = {
		{"", "", 4, ANSWER_ACCEPTED},
		{MAIN, "", 4, ANSWER_ACCEPTED},
		{MAIN, "r/a", 4, ANSWER_ACCEPTED},
		{"", "r/a", 0, ANSWER_ACCEPTED},
		{MAIN, "", 0, ANSWER_ACCEPTED},
		{"refs/heads/mai", "", 4, ANSWER_NOTHING},
		{"refs/heads/mai", "", 0, ANSWER_NOTHING},
		{MAIN, "r/b", 4, ANSWER_NOTHING},
		{MAIN, "", 3, ANSWER_NOTHING},
		{"", "", 3, ANSWER_NOTHING},
	};
	char *dir = log_folder(), *state = made(dir);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct arena *a = arena_new(64u << 20);
	enum proof_verdict verdict;
	struct err err = ERR_INIT;
	struct proof_file p;
	size_t i, bit;

	(void)unused;
	write_short(state, n, 2, &text);
	assert_int_equal(store_vkey(state, &key, &err), 0);
	assert_true(
		span_search(buf_all(&text), SPAN_LIT("durations")) == SIZE_MAX);
	assert_true(text.n < 4096);
	assert_int_equal(proof_file_open(buf_all(&text), buf_all(&key), a, &p,
				 &verdict, &err),
		0);
	assert_true(verdict == PROOF_GOOD);
	assert_null(p.item[0].predicate);
	for (i = 0; i < ARRAY_LEN(v); i++) {
		const struct proof_question q = {
			span_str(v[i].ref), span_str(v[i].repository)};
		const struct proof_item *item;

		p.has_subject = v[i].subject > 0;
		p.subject = test_oid(v[i].subject);
		if (proof_file_answer_to(&p, &q, &item) != v[i].want)
			fail_msg("%zu", i);
	}
	proof_file_free(&p);
	arena_free(a);
	for (i = 0; i < text.n; i += UNIT_STEP) {
		for (bit = 0; bit < 8; bit++) {
			int got;

			text.p[i] ^= (unsigned char)(1 << bit);
			got = answer(buf_all(&text), buf_all(&key));
			text.p[i] ^= (unsigned char)(1 << bit);
			if (got >= 0)
				fail_msg("byte %zu, bit %zu: %d", i, bit, got);
		}
		if (answer(span_sub(buf_all(&text), 0, i), buf_all(&key)) >= 0)
			fail_msg("cut at %zu", i);
	}
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* More refs and commits than an entry holds: lists beside it. */
static void test_lists(void **unused)
{
	static const uint64_t n[] = {0};
	struct doc *adopt = test_adopt(MAIN, 600), *good;
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct buf lie = BUF_INIT(1 << 20);
	struct oid o = test_oid(17);
	struct err err = ERR_INIT;
	struct doc *j;
	char hex[OID_HEX + 1];

	(void)unused;
	log_append(state, adopt);
	assert_int_equal(store_vkey(state, &key, &err), 0);
	write_short(state, n, 1, &text);
	assert_int_equal(doc_parse(buf_all(&text), &good, &err), 0);
	doc_set(good, "subject", doc_of_str(oid_hex(&o, hex)));
	assert_true(member(good, 0, "commits_list").n > 600 * OID_HEX);
	assert_int_equal(
		answer_doc(doc_copy(good), buf_all(&key)), ANSWER_ADOPTED);
	/* A list with a line too many, and none. */
	buf_span(&lie, member(good, 0, "commits_list"));
	buf_str(&lie, "ffffffffffffffffffffffffffffffffffffffff\n");
	j = doc_copy(good);
	replace(j, 0, "commits_list", buf_all(&lie));
	assert_int_equal(answer_doc(j, buf_all(&key)), -2);
	j = doc_copy(good);
	replace(j, 0, "commits_list", SPAN_EMPTY);
	assert_int_equal(answer_doc(j, buf_all(&key)), -2);
	/* With the record the list is made of it. */
	write_proof(state, n, 1, &o, &text);
	assert_int_equal(answer(buf_all(&text), buf_all(&key)), ANSWER_ADOPTED);
	doc_free(good);
	buf_free(&lie);
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* Pieces that are true, put together to a lie. */
static void test_forged(void **unused)
{
	static const uint64_t n[] = {1, 2, 3};
	char *dir = log_folder(), *state = made(dir);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct buf old = BUF_INIT(PROOF_FILE_MAX), lie = BUF_INIT(RECORD_MAX);
	struct oid o = test_oid(4);
	struct doc *good, *late, *j, *record;
	struct err err = ERR_INIT;
	struct span vkey;
	size_t at;

	(void)unused;
	write_proof(state, n, 3, &o, &old);
	log_append(state, test_decision("reject", MAIN, 6));
	write_proof(state, n, 3, &o, &text);
	assert_int_equal(store_vkey(state, &key, &err), 0);
	vkey = buf_all(&key);
	assert_int_equal(doc_parse(buf_all(&text), &good, &err), 0);
	assert_int_equal(doc_parse(buf_all(&old), &late, &err), 0);
	assert_int_equal(answer_doc(doc_copy(good), vkey), ANSWER_ACCEPTED);
	/* The record, the entry or the proof of another item. */
	j = doc_copy(good);
	replace(j, 0, "record", member(good, 1, "record"));
	assert_int_equal(answer_doc(j, vkey), -2);
	j = doc_copy(good);
	replace(j, 0, "entry", member(good, 1, "entry"));
	assert_int_equal(answer_doc(j, vkey), -2);
	j = doc_copy(good);
	replace(j, 0, "tlog_proof", member(good, 1, "tlog_proof"));
	assert_int_equal(answer_doc(j, vkey), -2);
	/* Two checkpoints, each well signed. */
	j = doc_copy(good);
	replace(j, 2, "tlog_proof", member(late, 2, "tlog_proof"));
	assert_int_equal(answer_doc(j, vkey), -2);
	/* An entry and record that say what we would like, well-formed. */
	j = doc_copy(good);
	test_text(test_decision("accept", MAIN, 8), &lie);
	replace(j, 1, "record", buf_all(&lie));
	assert_int_equal(answer_doc(j, vkey), -2);
	/* A record that is whole, with an entry that does not follow from it
	 * though it names it. */
	assert_int_equal(doc_parse(member(good, 0, "entry"), &record, &err), 0);
	doc_set((struct doc *)(uintptr_t)doc_get(record, "predicate"),
		"repository", doc_of_str("r/other"));
	buf_reset(&lie);
	doc_canonical(record, &lie);
	doc_free(record);
	j = doc_copy(good);
	replace(j, 0, "entry", buf_all(&lie));
	assert_int_equal(answer_doc(j, vkey), -2);
	/* Another index in front of the right path. */
	buf_reset(&lie);
	buf_span(&lie, member(good, 1, "tlog_proof"));
	at = span_search(buf_all(&lie), SPAN_LIT("index 2"));
	assert_true(at != SIZE_MAX);
	lie.p[at + 6] = '3';
	j = doc_copy(good);
	replace(j, 1, "tlog_proof", buf_all(&lie));
	assert_int_equal(answer_doc(j, vkey), -2);
	/* No items; unknown keys; another format. */
	j = doc_copy(good);
	doc_set(j, "items", doc_array());
	assert_int_equal(answer_doc(j, vkey), -1);
	j = doc_copy(good);
	doc_set(j, "more", doc_of_int(1));
	assert_int_equal(answer_doc(j, vkey), -1);
	j = doc_copy(good);
	doc_set(j, "format", doc_of_str("sluice proof v2"));
	assert_int_equal(answer_doc(j, vkey), -1);
	assert_int_equal(answer_doc(doc_copy(good), SPAN_LIT("nokey")), -1);
	doc_free(good);
	doc_free(late);
	buf_free(&old);
	buf_free(&lie);
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* A decision with one approval. */
static struct doc *approved(const char *verdict, unsigned n, unsigned commit,
	const char *person, const char *status)
{
	struct doc *j = test_decision(verdict, MAIN, n), *a = doc_object();
	struct doc *list = doc_array();
	struct oid tag = test_oid(99), of = test_oid(commit);
	char hex[OID_HEX + 1];

	doc_set(a, "object", doc_of_str(oid_hex(&tag, hex)));
	doc_set(a, "commit", doc_of_str(oid_hex(&of, hex)));
	doc_set(a, "person", doc_of_str(person));
	doc_set(a, "status", doc_of_str(status));
	doc_add(list, a);
	doc_set(test_predicate(j), "approvals", list);
	return j;
}

static void test_approval(void **unused)
{
	static const struct {
		const char *verdict;
		unsigned commit;
		const char *person, *status;
		bool moved, is_short, want;
	} v[] = {
		{"accept", 4, "bela", "valid", true, false, true},
		{"accept", 4, "bela", "stranger", true, false, false},
		{"accept", 4, "bela", "withdrawn", true, false, false},
		{"accept", 4, "bel", "valid", true, false, false},
		{"accept", 3, "bela", "valid", true, false, false},
		{"accept", 4, "bela", "valid", false, false, false},
		{"accept", 4, "bela", "valid", true, true, false},
		{"reject", 4, "bela", "valid", false, false, false},
	};
	const struct proof_question any = {.ref = SPAN_EMPTY};
	const struct proof_question other = {.repository = SPAN_LIT("r/b")};
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct buf text = BUF_INIT(PROOF_FILE_MAX), key = BUF_INIT(4096);
	struct arena *a = arena_new(64u << 20);
	enum proof_verdict verdict;
	struct err err = ERR_INIT;
	struct proof_file p;
	uint64_t n[2] = {0, 1};
	size_t i;

	(void)unused;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	for (i = 0; i < ARRAY_LEN(v); i++) {
		log_append(state,
			approved(v[i].verdict, 3, v[i].commit, v[i].person,
				v[i].status));
		if (v[i].moved)
			log_append(state, test_outcome(n[0], MAIN, 3));
		n[1] = n[0] + 1;
		if (v[i].is_short)
			write_short(state, n, 2, &text);
		else
			write_proof(state, n, v[i].moved ? 2 : 1, NULL, &text);
		assert_int_equal(proof_file_open(buf_all(&text), buf_all(&key),
					 a, &p, &verdict, &err),
			0);
		assert_true(verdict == PROOF_GOOD);
		assert_null(proof_file_approval(&p, &any, SPAN_LIT("bela")));
		p.has_subject = true;
		p.subject = test_oid(4);
		if (!!proof_file_approval(&p, &any, SPAN_LIT("bela")) !=
			v[i].want)
			fail_msg("%zu", i);
		assert_null(proof_file_approval(&p, &other, SPAN_LIT("bela")));
		proof_file_free(&p);
		n[0] += v[i].moved ? 2 : 1;
	}
	arena_free(a);
	buf_free(&key);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_approval),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
