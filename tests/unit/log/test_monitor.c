/* What a monitor tells of a log in its turns, and when. */
#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "log/monitor.h"

#define REF "refs/heads/main"
#define SETTLE 60
/* Of every record of the tests. */
#define THEN "2026-11-23T08:00:00Z"

static char *dir, *state;
static struct buf to, seen;
static int64_t now;
static bool calm;

static int setup(void **unused)
{
	(void)unused;
	dir = log_folder();
	to = (struct buf)PATH_BUF_INIT;
	seen = (struct buf)BUF_INIT(1 << 20);
	io_join(&to, dir, "monitor");
	return !clock_read(span_str(THEN), &now);
}

static int teardown(void **unused)
{
	(void)unused;
	buf_free(&to);
	buf_free(&seen);
	free(state);
	state = NULL;
	log_remove(dir);
	return 0;
}

/* A turn: "kind entry", or "!kind" for what is over, a line each; in seen. */
static const char *turn(int64_t silence, bool keep)
{
	struct log_reader *log = NULL;
	const struct monitor_alert *v;
	struct monitor *m;
	struct err err = ERR_INIT;
	size_t i, n;

	buf_reset(&seen);
	if (monitor_open(buf_cstr(&to), now, &m, &err))
		fail_msg("%s", err.text);
	if (log_open_state(state, &log, &err) ||
		monitor_look(m, log, SETTLE, &err))
		assert_true(monitor_fail(m, &err));
	v = monitor_alerts(m, silence, &n);
	for (i = 0; i < n; i++) {
		buf_fmt(&seen, "%s%s", v[i].over ? "!" : "",
			monitor_kind_name(v[i].kind));
		if (v[i].entry != UINT64_MAX)
			buf_fmt(&seen, " %llu", (unsigned long long)v[i].entry);
		buf_byte(&seen, '\n');
	}
	calm = monitor_calm(m);
	err_clear(&err);
	if (keep && monitor_keep(m, &err))
		fail_msg("%s", err.text);
	log_close(log);
	monitor_close(m);
	return buf_cstr(&seen);
}

static void test_entries(void **unused)
{
	(void)unused;
	state = test_log(dir, 3);
	assert_string_equal(turn(0, true), "");
	log_append(state, test_decision("accept", REF, 3));              /* 3 */
	log_append(state, test_observed(UINT64_MAX, "refs/heads/x", 4)); /* 4 */
	log_append(state, test_decision("accept", REF, 5));              /* 5 */
	log_append(state, test_outcome(5, REF, 5));                      /* 6 */
	log_append(state, test_decision("accept", REF, 6));              /* 7 */
	log_append(state, test_observed(7, REF, 6));                     /* 8 */
	/* Told again as long as nobody kept that it was. */
	assert_string_equal(turn(0, false), "ungated 4\n");
	assert_string_equal(turn(0, true), "ungated 4\n");
	assert_false(calm);
	now += SETTLE - 1;
	assert_string_equal(turn(0, true), "");
	assert_true(calm);
	now++;
	assert_string_equal(turn(0, true), "unapplied 3\n");
	now++;
	assert_string_equal(turn(0, true), "");
	/* What comes in time, in a later turn. */
	log_append(state, test_decision("accept", REF, 7)); /* 9 */
	now -= SETTLE + 1;
	assert_string_equal(turn(0, true), "");
	log_append(state, test_outcome(9, REF, 7));
	now += SETTLE + 1;
	assert_string_equal(turn(0, true), "");
}

/* A push that was let in and carried out. */
static void push(const char *ref, unsigned n, uint64_t decision)
{
	log_append(state, test_decision("accept", ref, n));
	log_append(state, test_outcome(decision, ref, n));
}

static const char *later(void)
{
	now += SETTLE;
	turn(0, true);
	now -= SETTLE;
	return buf_cstr(&seen);
}

/* Moves of a ref that follow from each other, and such that do not. */
static void test_chain(void **unused)
{
	(void)unused;
	state = test_log(dir, 0);
	log_append(state, test_adopt(REF, 1)); /* 0 */
	push(REF, 1, 1);
	push("refs/heads/x", 0, 3);
	assert_string_equal(later(), "");
	/* 5, 6: from where nothing has led. */
	push(REF, 3, 5);
	assert_string_equal(turn(0, true), "");
	assert_string_equal(later(), "broken 6\n");
	assert_string_equal(later(), "");
	/* It is known again. */
	push(REF, 4, 7);
	assert_string_equal(later(), "");
	/* Two outcomes in the other order, in two turns. */
	log_append(state, test_decision("accept", REF, 5)); /* 9 */
	log_append(state, test_decision("accept", REF, 6)); /* 10 */
	log_append(state, test_outcome(10, REF, 6));
	assert_string_equal(turn(0, true), "");
	log_append(state, test_outcome(9, REF, 5));
	assert_string_equal(later(), "");
	push(REF, 7, 13);
	assert_string_equal(later(), "");
	/* Not if the first was decided after the second was done. */
	log_append(state, test_decision("accept", REF, 9)); /* 15 */
	log_append(state, test_outcome(15, REF, 9));
	push(REF, 8, 17);
	assert_string_equal(later(), "broken 16\n");
	assert_string_equal(later(), "");
	push(REF, 10, 19);
	assert_string_equal(later(), "");
}

/* Outcomes of what no decision let. */
static void test_undecided(void **unused)
{
	(void)unused;
	state = test_log(dir, 0);
	log_append(state, test_adopt(REF, 1));
	log_append(state, test_decision("reject", REF, 1)); /* 1 */
	log_append(state, test_outcome(1, REF, 1));
	log_append(state, test_decision("accept", REF, 2)); /* 3 */
	log_append(state, test_outcome(3, "refs/heads/y", 0));
	log_append(state, test_outcome(99, "refs/heads/z", 0));
	log_append(state, test_outcome(0, "refs/heads/w", 0));
	assert_string_equal(
		turn(0, true), "broken 2\nbroken 4\nbroken 5\nbroken 6\n");
	assert_string_equal(turn(0, true), "");
	/* Read again after that. */
	push("refs/heads/y", 1, 7);
	push("refs/heads/z", 1, 9);
	assert_string_equal(later(), "");
}

/* What says where a ref is without a push. */
static void test_stands(void **unused)
{
	(void)unused;
	state = test_log(dir, 0);
	log_append(state, test_adopt(REF, 1)); /* 0 */
	/* All refs were named: this one was not there. */
	push("refs/heads/x", 5, 1);
	assert_string_equal(later(), "broken 2\n");
	log_append(state, test_observed(UINT64_MAX, "refs/heads/x", 8)); /* 3 */
	push("refs/heads/x", 9, 4);
	assert_string_equal(later(), "ungated 3\n");
	/* The gate was away, and what happened then was taken over. */
	log_append(state, test_adopt(REF, 1));
	log_append(state, test_adopt(REF, 7)); /* 7 */
	log_append(state, test_adopt("refs/pull/1/head", 1));
	log_append(state, test_adopt("refs/pull/1/head", 2));
	log_append(state, test_adopt("refs/sluice/proofs", 1));
	log_append(state, test_adopt("refs/sluice/proofs", 2));
	push(REF, 7, 12);
	assert_string_equal(later(), "broken 7\n");
	/* An outcome that comes late, after that of the next. */
	log_append(state, test_decision("accept", REF, 8)); /* 14 */
	push(REF, 9, 15);
	assert_string_equal(later(), "unapplied 14\nbroken 16\n");
	log_append(state, test_observed(14, REF, 8));
	push(REF, 10, 18);
	assert_string_equal(later(), "");
}

/* What doctor asks of a gate that only observes. */
static void test_probe(void **unused)
{
	struct doc *j, *u, *gone;

	(void)unused;
	state = test_log(dir, 0);
	j = test_decision("accept", "refs/heads/sluice-doctor-1", 0);
	u = (struct doc *)(uintptr_t)doc_at(
		doc_get(test_predicate(j), "updates"), 0);
	gone = doc_of_str("0000000000000000000000000000000000000000");
	doc_set(u, "new", gone);
	doc_set(j, "subject", doc_array());
	log_append(state, j);
	assert_string_equal(later(), "");
}

/* An entry of that time. */
static void at(const char *time, unsigned n)
{
	struct doc *j = test_decision("reject", REF, n);

	doc_set(test_predicate(j), "time", doc_of_str(time));
	log_append(state, j);
}

static void test_clock(void **unused)
{
	(void)unused;
	state = test_log(dir, 3);
	/* As far as pushes at once may differ, either way. */
	at("2026-11-23T07:59:00Z", 3); /* 3 */
	at("2026-11-23T08:01:00Z", 4); /* 4 */
	assert_string_equal(turn(0, true), "");
	/* Told once for each time that it is set back. */
	now += 3600;
	at("2026-11-23T09:00:00Z", 5); /* 5 */
	at("2026-11-23T08:58:59Z", 6); /* 6 */
	at("2026-11-23T08:58:59Z", 7); /* 7 */
	assert_string_equal(turn(0, false), "clock 6\n");
	assert_string_equal(turn(0, true), "clock 6\n");
	assert_false(calm);
	assert_string_equal(turn(0, true), "");
	/* Also where the one before was read in an earlier turn. */
	at("2026-10-23T08:00:00Z", 8); /* 8 */
	assert_string_equal(turn(0, true), "clock 8\n");
	/* Still to come; and back again. */
	at("2026-11-23T09:00:00Z", 9);  /* 9 */
	at("2026-11-23T09:01:01Z", 10); /* 10 */
	at("2026-11-23T09:00:01Z", 11); /* 11 */
	assert_string_equal(turn(0, true), "clock 10\n");
}

static void test_silence(void **unused)
{
	(void)unused;
	state = test_log(dir, 1);
	assert_string_equal(turn(60, true), "");
	now += 61;
	assert_string_equal(turn(0, true), "");
	assert_string_equal(turn(62, true), "");
	assert_string_equal(turn(61, true), "silence\n");
	assert_string_equal(turn(61, true), "");
	assert_false(calm);
	now -= 61;
	assert_string_equal(turn(60, true), "!silence\n");
	assert_true(calm);
	/* Entries of the future keep nothing quiet. */
	now -= 1000000;
	unit_rm(buf_cstr(&to));
	assert_string_equal(turn(60, true), "clock 0\n");
	now += 61;
	assert_string_equal(turn(60, true), "silence\n");
}

static void test_old_damage(void **unused)
{
	static const char *const harm[] = {
		"printf X | dd of=tile/entries/000 bs=1 seek=40 conv=notrunc "
		"status=none",
		"rm tile/0/001",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(harm); i++) {
		struct buf log = PATH_BUF_INIT;

		free(state);
		state = test_log(dir, 520);
		unit_rm(buf_cstr(&to));
		io_join(&log, state, "log");
		assert_string_equal(turn(0, true), "");
		unit_shell(dir, "cp -a s kept");
		unit_shell(buf_cstr(&log), harm[i]);
		assert_string_equal(turn(0, true), "damage\n");
		assert_string_equal(turn(0, true), "");
		assert_false(calm);
		unit_shell(dir, "rm -r s; mv kept s");
		assert_string_equal(turn(0, true), "!damage\n");
		unit_shell(dir, "rm -r s");
		buf_free(&log);
	}
}

/* Its copy was lost, or put back: the state knows better. */
static void test_copy(void **unused)
{
	(void)unused;
	state = test_log(dir, 3);
	unit_shell(dir, "cp -a s kept");
	log_append(state, test_decision("reject", REF, 3));
	assert_string_equal(turn(0, true), "");
	unit_shell(dir, "rm -r monitor/copy s; cp -a kept s");
	assert_string_equal(turn(0, true), "rollback\n");
	/* As long as the other, but not the same. */
	log_append(state, test_decision("reject", REF, 77));
	assert_string_equal(turn(0, true), "!rollback\ndamage\n");
	assert_string_equal(turn(0, true), "");
	/* With the copy it is the proof of a fork. */
	unit_shell(dir, "rm -r monitor s; cp -a kept s");
	log_append(state, test_decision("reject", REF, 3));
	assert_string_equal(turn(0, true), "");
	unit_shell(dir, "rm -r s; cp -a kept s");
	log_append(state, test_decision("reject", REF, 77));
	assert_string_equal(turn(0, true), "fork\n");
	/* Even if nothing but its checkpoint is shown. */
	unit_shell(dir, "rm -r monitor/copy/fork s/log/tile");
	assert_string_equal(turn(0, true), "");
	assert_false(calm);
	unit_shell(dir, "test -s monitor/copy/fork");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_undecided, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_old_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
