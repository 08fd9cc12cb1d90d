/*
 * Old records taken out of the vault: told first, and only what may go; what
 * nobody told of is still missing.
 */
#include "../../support/unit.h"

#include "../../support/killed.h"
#include "../../support/logbook.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "gate/gate.h"
#include "log/append.h"
#include "log/check.h"
#include "log/packing.h"
#include "log/prune.h"
#include "log/pruned.h"
#include "log/store.h"
#include "log/vault.h"

#define REF "refs/heads/main"
#define TILE 256u
/* Records are of 2026-11-23T08:00:00Z. */
#define THEN INT64_C(1795420800)
#define AFTER (THEN + 1)

static int tell(void *ctx, struct span entries, uint64_t count, uint64_t *entry,
	struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	int ret;

	test_text(evidence_pruned(NULL, AFTER, AFTER, "ada", entries, count),
		&text);
	ret = append_run(ctx, buf_all(&text), &receipt, err);
	*entry = receipt.index;
	buf_free(&text);
	return ret;
}

static struct prune_result prune(char *state, struct prune_ask ask)
{
	struct prune_result r;
	struct err err = ERR_INIT;

	ask.tell = tell;
	ask.ctx = state;
	if (prune_run(state, &ask, &r, &err))
		fail_msg("prune: %s", err.text);
	return r;
}

/* Whether the record of an entry is there; and who tells that it is not. */
static bool there(const char *state, uint64_t n, uint64_t *told)
{
	struct arena *a = arena_new(1u << 20);
	struct buf text = BUF_INIT(RECORD_MAX);
	const struct pruned_entry *e;
	struct err err = ERR_INIT;
	struct index_row row;
	struct pruned p;
	struct index *ix;
	bool found;

	assert_int_equal(index_open(state, &ix, &err), 0);
	assert_int_equal(index_entry(ix, n, a, &row, &err), 0);
	assert_int_equal(pruned_read(ix, a, &p, &err), 0);
	assert_int_equal(
		vault_read(state, n, row.record, &text, &found, &err), 0);
	e = pruned_find(&p, n);
	*told = e ? e->entry : ENTRY_NONE;
	index_close(ix);
	buf_free(&text);
	arena_free(a);
	return found;
}

static void stays(const char *state, uint64_t n)
{
	uint64_t told;

	if (!there(state, n, &told) || told != ENTRY_NONE)
		fail_msg("record %llu should be there", (unsigned long long)n);
}

static void gone(const char *state, uint64_t n, uint64_t by)
{
	uint64_t told;

	if (there(state, n, &told) || told != by)
		fail_msg("record %llu: told by %llu", (unsigned long long)n,
			(unsigned long long)told);
}

static struct {
	size_t damaged, notes;
	char last[600], note[600];
} heard;

static void hear(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	heard.damaged += word != CHECK_NOTE;
	heard.notes += word == CHECK_NOTE;
	snprintf(word == CHECK_NOTE ? heard.note : heard.last,
		sizeof(heard.last), "%s", what);
}

static void check(const char *state)
{
	struct log_check c = {.state = state, .tell = hear};
	struct buf key = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct log_check_result r;
	struct err err = ERR_INIT;

	memset(&heard, 0, sizeof(heard));
	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(store_path(&path, state, STORE_LOG),
				 &c.src, &err),
		0);
	assert_int_equal(log_check_run(&c, &r, &err), 0);
	log_source_close(c.src);
	buf_free(&key);
	buf_free(&path);
}

static void remove_record(const char *state, uint64_t n)
{
	struct arena *a = arena_new(1u << 20);
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct index_row row;
	struct index *ix;

	assert_int_equal(index_open(state, &ix, &err), 0);
	assert_int_equal(index_entry(ix, n, a, &row, &err), 0);
	assert_int_equal(unlink(store_vault_path(&path, state, row.record)), 0);
	index_close(ix);
	buf_free(&path);
	arena_free(a);
}

static void append(const char *state, struct doc *j)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;

	test_text(j, &text);
	if (append_run(state, buf_all(&text), &receipt, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
}

/* Packed ones and files; the log tells, and verifies. */
static void test_pruned(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE + 9);
	struct packing_result packed;
	struct prune_result r;
	struct err err = ERR_INIT;
	const uint64_t n = TILE + 9;

	(void)unused;
	assert_int_equal(packing_run(state, &packed, &err), 0);
	r = prune(state, (struct prune_ask){.before = THEN});
	assert_int_equal(r.pruned + r.told + r.removed, 0);
	r = prune(state, (struct prune_ask){.before = AFTER, .dry = true});
	assert_int_equal(r.pruned, n);
	assert_int_equal(r.told + r.removed, 0);
	stays(state, 0);
	stays(state, n - 1);
	assert_int_equal(log_whole(state), n);
	r = prune(state,
		(struct prune_ask){.before = AFTER, .repository = "other"});
	assert_int_equal(r.pruned, 0);
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.pruned, n);
	assert_int_equal(r.removed, n);
	assert_int_equal(r.told, 1);
	assert_int_equal(r.entry, n);
	assert_int_equal(r.first, 0);
	assert_int_equal(r.last, n - 1);
	gone(state, 0, n);
	gone(state, n - 1, n);
	stays(state, n);
	check(state);
	assert_int_equal(heard.damaged, 0);
	assert_int_equal(heard.notes, 1);
	assert_string_equal(heard.note,
		"265 records of entries 0 to 264 were pruned on "
		"2026-11-23T08:00:01Z by 'ada' (entry 265)");
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.pruned + r.told + r.removed, 0);
	assert_int_equal(packing_run(state, &packed, &err), 0);
	assert_int_equal(log_whole(state), n + 1);
	free(state);
	log_remove(dir);
}

/* What tells of what stands now stays, and what was let in since. */
static void test_standing(void **unused)
{
	static const char a[] = "1111111111111111111111111111111111111111";
	static const char b[] = "2222222222222222222222222222222222222222";
	static const char c[] = "3333333333333333333333333333333333333333";
	static const char zeros[] = LOGBOOK_ZEROS;
	char *dir = log_folder(), *state = test_log(dir, 0);
	const struct logbook main = {state, "r/a", REF},
			     gone_ref = {state, "r/a", "refs/heads/gone"},
			     old = {state, "r/b", REF};
	const char *const commits[] = {a};
	struct prune_result r;
	uint64_t i, n = 0;

	(void)unused;
	logbook_adopt(&main, a, commits, 1);           /* 0: was moved */
	logbook_decide(&main, "accept", a, b);         /* 1: it stands */
	logbook_outcome(&main, 1, a, b);               /* 2 */
	logbook_decide(&main, "reject", b, c);         /* 3 */
	logbook_decide(&main, "accept", b, c);         /* 4: not applied yet */
	logbook_decide(&gone_ref, "accept", zeros, a); /* 5 */
	logbook_outcome(&gone_ref, 5, zeros, a);       /* 6 */
	logbook_decide(&gone_ref, "accept", a, zeros); /* 7: deleted */
	logbook_outcome(&gone_ref, 7, a, zeros);       /* 8 */
	logbook_adopt(&old, a, commits, 1);            /* 9: it stands */
	/* More than the journal has room for. */
	for (n = 10; n < 110; n++)
		append(state,
			test_decision("reject", "refs/heads/x", (unsigned)n));
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.standing, 4);
	for (i = 0; i < 10; i++) {
		if (i == 1 || i == 2 || i == 4 || i == 9)
			stays(state, i);
		else
			gone(state, i, r.entry);
	}
	assert_int_equal(r.last, n - 1);
	check(state);
	assert_int_equal(heard.damaged, 0);
	free(state);
	log_remove(dir);
}

/* What was lost is not pruned, and is still told as lost. */
static void test_lost(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 5);
	struct prune_result r;

	(void)unused;
	remove_record(state, 2);
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.lost, 1);
	assert_int_equal(r.pruned, 4);
	check(state);
	assert_int_equal(heard.damaged, 1);
	assert_non_null(strstr(heard.last, "record of entry 2 is missing"));
	free(state);
	log_remove(dir);
}

/* The same record as that of an entry that keeps it. */
static void test_shared(void **unused)
{
	static const char a[] = "1111111111111111111111111111111111111111";
	char *dir = log_folder(), *state = test_log(dir, 2);
	const struct logbook main = {state, "r/a", REF};
	struct prune_result r;

	(void)unused;
	logbook_decide(&main, "accept", LOGBOOK_ZEROS, a);
	logbook_decide(&main, "accept", LOGBOOK_ZEROS, a);
	logbook_outcome(&main, 3, LOGBOOK_ZEROS, a);
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.pruned, 2);
	gone(state, 1, r.entry);
	stays(state, 2);
	stays(state, 3);
	assert_int_equal(log_whole(state), 6);
	free(state);
	log_remove(dir);
}

/* An entry excuses nothing that comes after it. */
static void test_beforehand(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 5);
	struct buf all = BUF_INIT(100);

	(void)unused;
	ranges_add(&all, (struct range){4, 6});
	append(state,
		evidence_pruned(NULL, AFTER, AFTER, "eve", buf_all(&all), 3));
	append(state, test_decision("reject", REF, 7));
	check(state);
	assert_int_equal(heard.damaged, 0);
	remove_record(state, 6);
	check(state);
	assert_int_equal(heard.damaged, 1);
	assert_non_null(strstr(heard.last, "record of entry 6 is missing"));
	buf_free(&all);
	free(state);
	log_remove(dir);
}

/* Many ranges need several entries to tell of. */
static void test_many_ranges(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 14000);
	struct prune_result r;
	unsigned i;

	(void)unused;
	for (i = 0; i < 14000; i += 2)
		remove_record(state, i);
	r = prune(state, (struct prune_ask){.before = AFTER});
	assert_int_equal(r.pruned, 7000);
	assert_int_equal(r.lost, 7000);
	assert_int_equal(r.told, 2);
	gone(state, 1, 14000);
	gone(state, 13999, 14001);
	free(state);
	log_remove(dir);
}

static int prune_quietly(void *ctx)
{
	struct prune_ask ask = {.before = AFTER, .tell = tell, .ctx = ctx};
	struct prune_result r;
	struct err err = ERR_INIT;

	return prune_run(ctx, &ask, &r, &err);
}

/* Killed before any call: each record is there, or was told of; the next run
 * ends it. */
static void test_killed(void **unused)
{
	struct packing_result packed;
	struct err err = ERR_INIT;
	unsigned half = 0;
	int at, r = 1;
	uint64_t told;

	(void)unused;
	for (at = 1; r > 0; at += 37 * UNIT_STEP) {
		char *dir = log_folder(), *state = test_log(dir, TILE + 60);

		assert_int_equal(packing_run(state, &packed, &err), 0);
		r = killed_at(prune_quietly, state, at);
		if (r < 0)
			print_message("no tracing here, left out\n");
		check(state);
		if (heard.damaged)
			fail_msg("call %d: %s", at, heard.last);
		half += r > 0 && strstr(heard.note, "still in the vault");
		prune(state, (struct prune_ask){.before = AFTER});
		assert_false(there(state, 0, &told));
		assert_false(there(state, TILE + 59, &told));
		check(state);
		assert_int_equal(heard.damaged, 0);
		assert_null(strstr(heard.note, "still"));
		free(state);
		log_remove(dir);
	}
	if (r >= 0)
		assert_true(half > 0);
}

static void test_of_logd(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 5);
	struct prune_ask ask = {.before = AFTER, .tell = tell, .ctx = state};
	struct buf path = PATH_BUF_INIT;
	struct prune_result r;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(io_replace(store_path(&path, state, STORE_SOCKET),
				 SPAN_LIT("{}"), 0600, &err),
		0);
	assert_int_equal(prune_run(state, &ask, &r, &err), -1);
	assert_non_null(strstr(err.text, "logd"));
	stays(state, 0);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pruned),
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_beforehand),
		cmocka_unit_test(test_many_ranges),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_of_logd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
