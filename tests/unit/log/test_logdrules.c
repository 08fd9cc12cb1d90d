/* What logd puts its name to: by the entry that it made itself. */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "log/append.h"
#include "log/logdrules.h"
#include "log/store.h"
#include "port/crypto.h"

#define REF "refs/heads/main"
#define NOW 1795420800 /* 2026-11-23T08:00:00Z, of the records */

static char *dir, *state;
static struct log_source *src;
static struct logdconf_peer peer;

static int setup(void **unused)
{
	struct append_item v[3] = {{.from = NULL}};
	struct buf text[3], path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	dir = log_folder();
	state = test_log(dir, 0);
	for (i = 0; i < 3; i++) {
		text[i] = (struct buf)BUF_INIT(RECORD_MAX);
		test_text(i == 2 ? test_adopt(REF, 9)
				 : test_decision(i ? "reject" : "accept", REF,
					   (unsigned)i + 1),
			&text[i]);
		v[i].record = buf_all(&text[i]);
	}
	append_batch(state, NULL, v, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(v[i].err.code, ERR_NONE);
		append_item_free(&v[i]);
		buf_free(&text[i]);
	}
	assert_int_equal(
		log_source_dir(store_path(&path, state, STORE_LOG), &src, &err),
		0);
	buf_free(&path);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	log_source_close(src);
	free(state);
	log_remove(dir);
	return 0;
}

/* The document is freed. NULL: it may; else why not. */
static const char *asked(struct doc *j, int64_t now)
{
	static struct err err;
	const struct logdrules rules = {.now = now, .max_age = 600};
	struct buf text = BUF_INIT(RECORD_MAX);
	struct entry_text e = {.nlists = 0};
	bool may;

	err = (struct err)ERR_INIT;
	test_text(j, &text);
	if (record_entry(buf_all(&text), sha256_of, &e, &err))
		fail_msg("record: %s", err.text);
	may = !logdrules_may(&rules, &peer, buf_all(&e.entry), src, 3, &err);
	entry_text_free(&e);
	buf_free(&text);
	return may ? NULL : err.text;
}

#define REFUSED(j, now, words)                                         \
	do {                                                           \
		const char *said = asked(j, now);                      \
		if (!said || !strstr(said, words))                     \
			fail_msg("'%s': %s", words, said ? said : ""); \
	} while (0)

static void all_kinds(void)
{
	peer = (struct logdconf_peer){.append = {true, true, true}};
}

static void test_kinds(void **unused)
{
	unsigned k;

	(void)unused;
	for (k = 0; k < 8; k++) {
		peer = (struct logdconf_peer){.append = {k & 1, k & 2, k & 4}};
		if (k & 1)
			assert_null(asked(test_adopt(REF, 3), NOW));
		else
			REFUSED(test_adopt(REF, 3), NOW, "append 'adopt'");
		if (k & 2)
			assert_null(
				asked(test_decision("accept", REF, 1), NOW));
		else
			REFUSED(test_decision("accept", REF, 1), NOW,
				"append 'decision'");
		if (k & 4)
			assert_null(asked(test_outcome(0, REF, 1), NOW));
		else
			REFUSED(test_outcome(0, REF, 1), NOW,
				"append 'outcome'");
	}
}

/* A gate does not say that records are pruned, whatever it may. */
static void test_pruned(void **unused)
{
	struct doc *j = test_observed(UINT64_MAX, REF, 1);
	struct doc *p = test_predicate(j);

	(void)unused;
	memset(&peer, 0, sizeof(peer));
	memset(peer.append, true, sizeof(peer.append));
	assert_null(asked(test_observed(UINT64_MAX, REF, 1), NOW));
	doc_set(j, "subject", doc_array());
	doc_set(p, "kind", doc_of_str("pruned"));
	doc_set(p, "updates", doc_array());
	doc_set(p, "before", doc_of_str("2026-11-01T00:00:00Z"));
	doc_set(p, "by", doc_of_str("eve"));
	doc_set(p, "count", doc_of_int(1));
	doc_set(p, "entries", doc_of_str("0"));
	REFUSED(j, NOW, "append 'pruned'");
}

static void test_repositories(void **unused)
{
	static const char *one[] = {"x/*", "r/*"}, *other[] = {"r", "x/**"};

	(void)unused;
	all_kinds();
	peer.repository = one;
	peer.nrepository = 2;
	assert_null(asked(test_decision("accept", REF, 1), NOW));
	peer.repository = other;
	REFUSED(test_decision("accept", REF, 1), NOW, "does not gate 'r/a'");
}

static void test_time(void **unused)
{
	(void)unused;
	all_kinds();
	assert_null(asked(test_decision("accept", REF, 1), NOW + 600));
	assert_null(asked(test_decision("accept", REF, 1), NOW - 5));
	REFUSED(test_decision("accept", REF, 1), NOW + 601, "not now");
	REFUSED(test_decision("accept", REF, 1), NOW - 6, "not now");
	REFUSED(test_adopt(REF, 1), NOW + 601, "not now");
}

/* An outcome is of a decision in the log that let exactly this in. */
static void test_outcome_of(void **unused)
{
	struct doc *j;

	(void)unused;
	all_kinds();
	assert_null(asked(test_outcome(0, REF, 1), NOW));
	REFUSED(test_outcome(0, REF, 2), NOW, "entry 0 is no decision");
	REFUSED(test_outcome(0, "refs/heads/x", 1), NOW, "no decision");
	REFUSED(test_outcome(1, REF, 2), NOW, "entry 1 is no decision");
	REFUSED(test_outcome(2, REF, 8), NOW, "entry 2 is no decision");
	REFUSED(test_outcome(3, REF, 1), NOW, "entry 3 is no decision");
	REFUSED(test_outcome(INT64_MAX, REF, 1), NOW, "no decision");
	j = test_outcome(0, REF, 1);
	doc_set(test_predicate(j), "repository", doc_of_str("r/b"));
	REFUSED(j, NOW, "no decision");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_pruned),
		cmocka_unit_test(test_repositories),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_outcome_of),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
