/* The index is found to be the log's by the short way exactly when the long way
 * finds it so: whatever the log holds, and whatever is changed in a table. */
#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/index.h"
#include "log/index_same.h"
#include "log/store.h"
#include "parse/record.h"
#include "port/database.h"

static const char *const refs[] = {
	"refs/heads/main", "refs/heads/side", "refs/sluice/waivers/x/1"};

/* What was decided, to be settled later. */
struct decided {
	uint64_t entry;
	const char *ref;
	unsigned n;
	bool elsewhere;
};

static uint32_t seed;

static unsigned chance(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % n;
}

static void set(struct doc *j, const char *key, struct doc *value)
{
	doc_set(test_predicate(j), key, value);
}

static struct doc *read_doc(const char *text)
{
	struct err err = ERR_INIT;
	struct doc *j;

	if (doc_parse(span_str(text), &j, &err))
		fail_msg("%s", err.text);
	return j;
}

#define W1 "\"1111111111111111111111111111111111111111\""
#define D1                                   \
	"\"2cf24dba5fb0a30e26e83b2ac5b9e29e" \
	"1b161e5c1fa7425e73043362938b9824\""

static struct doc *decision(const char *ref, unsigned n)
{
	static const char *const verdicts[] = {
		"accept", "accept", "reject", "undecided"};
	const char *verdict = verdicts[chance(4)];
	struct doc *j = test_decision(verdict, ref, n);

	if (strcmp(verdict, "accept") && chance(2)) {
		set(j, "mode", doc_of_str("observe"));
		set(j, "admitted", doc_of_bool(true));
	}
	if (!chance(3))
		set(j, "waivers",
			read_doc("[{\"commit\":" W1 ",\"finding\":\"a\","
				 "\"object\":" W1 ",\"person\":\"b\","
				 "\"reason\":\"c\",\"ref\":\"d\","
				 "\"status\":\"valid\",\"until\":\"e\","
				 "\"used\":true}]"));
	if (!chance(3))
		set(j, "push_certificate",
			read_doc("{\"blob\":" W1 ",\"nonce_status\":\"ok\","
				 "\"signed_sha256\":" D1 "}"));
	return j;
}

static struct doc *settled(const struct decided *d)
{
	/* Now and then with an update that was never decided on. */
	unsigned n = chance(5) ? d->n : d->n + 1;

	return chance(3) ? test_outcome(d->entry, d->ref, n)
			 : test_observed(d->entry, d->ref, n);
}

static struct doc *deletion(struct doc *j)
{
	const struct doc *list = doc_get(test_predicate(j), "updates");

	doc_set((struct doc *)(uintptr_t)doc_at(list, 0), "new",
		doc_of_str("0000000000000000000000000000000000000000"));
	doc_set(j, "subject", doc_array());
	return j;
}

static void event(const char *state, struct decided *d, size_t *n)
{
	bool elsewhere = !chance(3);
	const char *ref = refs[chance(ARRAY_LEN(refs))];
	unsigned kind = chance(10), at = chance(4);
	struct doc *j;
	uint64_t entry;

	if (kind < 3 && *n) {
		const struct decided *old = &d[chance((unsigned)*n)];

		elsewhere = old->elsewhere;
		j = settled(old);
	} else if (kind == 3) {
		j = test_adopt(ref, chance(2) ? 4 : 520);
	} else if (kind == 4) {
		j = test_observed(UINT64_MAX, ref, at);
	} else if (kind == 5) {
		j = deletion(decision(ref, at));
		kind = 9;
	} else {
		j = decision(ref, at);
		kind = 9;
	}
	if (elsewhere)
		set(j, "repository", doc_of_str("r/b"));
	entry = log_append(state, j);
	if (kind == 9)
		d[(*n)++] = (struct decided){entry, ref, at, elsewhere};
}

/* The same answer by both. */
static void agree(const char *state, bool good, const char *what)
{
	struct err err = ERR_INIT;
	bool differs;

	if (index_is_same(state) != good)
		fail_msg("%s: found %s", what, good ? "other" : "the same");
	if (index_check(state, &differs, &err))
		fail_msg("%s: %s", what, err.text);
	if (differs == good)
		fail_msg("%s: the long way finds %s", what,
			good ? "another" : "the same");
}

static void current(const char *state)
{
	struct err err = ERR_INIT;
	struct index *ix;

	if (index_open(state, &ix, &err))
		fail_msg("index: %s", err.text);
	index_close(ix);
}

static void make(const char *state, unsigned from, size_t events)
{
	struct decided d[200];
	size_t n = 0, i;

	seed = from;
	for (i = 0; i < events; i++) {
		event(state, d, &n);
		if (i % 7)
			continue;
		if (i && !index_is_same(state))
			fail_msg("behind the log it is another");
		current(state);
		agree(state, true, "as it grows");
	}
	current(state);
	agree(state, true, "as it has grown");
}

/* As it grew, and built at once. */
static void test_grown(void **unused)
{
	unsigned i;

	(void)unused;
	for (i = 0; i < 6; i++) {
		char *dir = log_folder(), *state = test_log(dir, 0);
		struct err err = ERR_INIT;

		make(state, i + 1, 120);
		assert_int_equal(index_rebuild(state, &err), 0);
		agree(state, true, "built at once");
		free(state);
		log_remove(dir);
	}
}

static void run(const char *state, const char *sql)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct db *db;

	if (db_open(store_path(&path, state, STORE_INDEX), &db, &err) ||
		db_run(db, sql, &err))
		fail_msg("%s: %s", sql, err.text);
	db_close(db);
	buf_free(&path);
}

/* Each column of each table, rows too many and too few. */
static void test_changed(void **unused)
{
	static const char *const changes[] = {
		"UPDATE entry SET kind = kind + 1 WHERE n = 100",
		"UPDATE entry SET repo = 77 WHERE n = 100",
		"UPDATE entry SET time = '2026-11-23T08:00:01Z' WHERE n = 3",
		"UPDATE entry SET verdict = 1 - verdict WHERE n = 100",
		"UPDATE entry SET observe = 1 - observe WHERE n = 100",
		"UPDATE entry SET admitted = 1 - admitted WHERE n = 100",
		"UPDATE entry SET admitted = NULL WHERE n = 100",
		"UPDATE entry SET admitted = admitted + 0.5 WHERE n = 100",
		"UPDATE entry SET pusher = 1 WHERE pusher IS NULL",
		"UPDATE entry SET pusher = NULL WHERE pusher IS NOT NULL",
		"UPDATE entry SET decision = 0 WHERE decision IS NULL",
		"UPDATE entry SET decision = decision + 1",
		"UPDATE entry SET outcome = 0 WHERE outcome IS NULL",
		"UPDATE entry SET outcome = outcome + 1",
		"UPDATE entry SET applied = 1 - applied WHERE n = 50",
		"UPDATE entry SET record = zeroblob(32) WHERE n = 50",
		"UPDATE entry SET record = substr(record, 1, 31) WHERE n = 5",
		"UPDATE entry SET n = 5000 WHERE n = 119",
		"DELETE FROM entry WHERE n = 119",
		"DELETE FROM entry WHERE n = 60",
		"INSERT INTO entry SELECT 120, kind, repo, time, verdict,"
		" observe, admitted, pusher, decision, outcome, applied,"
		" record FROM entry WHERE n = 1",
		"UPDATE moved SET repo = repo + 1 WHERE entry = 30",
		"UPDATE moved SET ref = ref + 1 WHERE entry = 30",
		"UPDATE moved SET old = zeroblob(21) WHERE entry = 30",
		"UPDATE moved SET new = old WHERE entry = 30",
		"UPDATE moved SET good = 1 - good WHERE entry = 30",
		"UPDATE moved SET applied = 1 - applied WHERE entry = 30",
		"UPDATE moved SET at = 1 WHERE entry = 30",
		"DELETE FROM moved WHERE entry = 119",
		"INSERT INTO moved SELECT 5000, at, repo, ref, old, new, good,"
		" applied FROM moved WHERE entry = 1",
		"DELETE FROM object WHERE oid = (SELECT max(oid) FROM object)",
		"DELETE FROM object WHERE oid = (SELECT min(oid) FROM object)",
		"INSERT INTO object VALUES (zeroblob(20), 5000)",
		"INSERT INTO object VALUES (x'ff', 1)",
		"UPDATE OR REPLACE object SET entry = entry + 1",
		"DELETE FROM object",
		"DELETE FROM waiver WHERE entry = (SELECT max(entry)"
		" FROM waiver)",
		"INSERT INTO waiver VALUES (1, zeroblob(20), 5)",
		"INSERT INTO withdrawn VALUES (1, zeroblob(20), 5)",
		"DELETE FROM withdrawn WHERE entry = (SELECT max(entry)"
		" FROM withdrawn)",
		"UPDATE waived SET old = new",
		"UPDATE OR REPLACE waived SET ref = ref + 1",
		"DELETE FROM waived WHERE entry = (SELECT max(entry)"
		" FROM waived)",
		"UPDATE tip SET applied = 1 - applied",
		"UPDATE tip SET oid = zeroblob(20)",
		"UPDATE OR REPLACE tip SET entry = entry + 1",
		"DELETE FROM tip WHERE entry = (SELECT max(entry) FROM tip)",
		"INSERT INTO tip VALUES (1, 1, 5000, zeroblob(20), 0)",
		"UPDATE certificate SET sha256 = upper(sha256)",
		"UPDATE OR REPLACE certificate SET entry = entry + 1",
		"DELETE FROM certificate WHERE entry = (SELECT max(entry)"
		" FROM certificate)",
		"UPDATE name SET text = text || 'x' WHERE id = 1",
		"UPDATE name SET id = id + 1000",
		"DELETE FROM name WHERE text = 'ada'",
	};
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	make(state, 7, 120);
	for (i = 0; i < ARRAY_LEN(changes); i++) {
		run(state, changes[i]);
		agree(state, false, changes[i]);
		assert_int_equal(index_rebuild(state, &err), 0);
	}
	agree(state, true, "built again");
	free(state);
	log_remove(dir);
}

/* What is missing, of less, or no database is for the long way. */
static void test_not_known(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	(void)unused;
	assert_false(index_is_same(state));
	assert_false(io_exists(store_path(&path, state, STORE_INDEX)));
	make(state, 3, 10);
	assert_true(index_is_same(state));
	/* Behind the log it is still right. */
	log_append(state, test_decision("accept", refs[0], 1));
	assert_true(index_is_same(state));
	run(state, "UPDATE meta SET size = size + 1");
	assert_false(index_is_same(state));
	run(state, "UPDATE meta SET size = size + 100");
	assert_false(index_is_same(state));
	run(state, "UPDATE meta SET size = NULL");
	assert_false(index_is_same(state));
	run(state, "UPDATE meta SET size = 10");
	assert_true(index_is_same(state));
	current(state);
	assert_true(index_is_same(state));
	run(state, "UPDATE meta SET root = zeroblob(32)");
	assert_false(index_is_same(state));
	assert_int_equal(index_rebuild(state, &err), 0);
	run(state, "UPDATE meta SET vkey = 'other'");
	assert_false(index_is_same(state));
	run(state, "DROP TABLE tip");
	assert_false(index_is_same(state));
	buf_free(&path);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grown),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
