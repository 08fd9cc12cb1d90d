/*
 * What is written beside an append: a mirror, the recovery of a log that was
 * put back or has lost its high-water mark, the index. Each is killed or fails
 * at its system calls in turn: what it leaves verifies, what it acknowledged is
 * so, and the next go does it.
 */
#include "../../support/unit.h"

#include "../../support/fault.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/index.h"
#include "log/mirror.h"
#include "log/monitor.h"
#include "log/recover.h"
#include "log/store.h"

#define REF "refs/heads/main"
#define CALLS_MAX 4000
#define OLD 3u
#define NEW 6u

/*
 * In a folder: full/, a log of NEW entries; old/, the same with OLD entries;
 * mirror/, a copy of the former; now/, what is worked on, a copy of base.
 */
struct scene {
	const char *base;
	int (*run)(void *ctx);
	void (*after)(const struct fault_end *o);
};

static char *dir;
static char full[600], now[600], copy[600];

static int mirrored(const char *state, const char *to)
{
	struct log_reader *log;
	struct mirror_result r;
	struct err err = ERR_INIT;
	int ret = -1;

	if (!log_open_state(state, &log, &err) &&
		!mirror_run(log, to, &r, &err) && r.answer == MIRROR_CURRENT)
		ret = 0;
	log_close(log);
	return ret;
}

static int setup(void **unused)
{
	char *made;
	unsigned i;

	(void)unused;
	dir = log_folder();
	snprintf(full, sizeof(full), "%s/full", dir);
	snprintf(now, sizeof(now), "%s/now", dir);
	snprintf(copy, sizeof(copy), "%s/mirror", dir);
	made = test_log(dir, OLD);
	unit_shell(dir, "cp -a s old; mv s full");
	free(made);
	for (i = OLD; i < NEW; i++)
		log_append(full, test_decision("accept", REF, i));
	assert_int_equal(mirrored(full, copy), 0);
	/* Log and journal put back, but not the mark; all, without it; a mirror
	 * of before in the place of a log. */
	unit_shell(dir,
		"cp -a full behind; rm -r behind/log behind/journal;"
		"cp -a old/log behind;"
		"cp -a old lost; rm lost/highwater;"
		"cp -a old copied; rm -r copied/log; cp -a old/log copied/m");
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	log_remove(dir);
	return 0;
}

static void each_fault(const struct scene *s)
{
	char script[100];
	int f, at, tried = 0;

	snprintf(script, sizeof(script), "rm -rf now; cp -a %s now", s->base);
	for (f = 0; f < FAULTS; f++) {
		/* Every call is killed at; of the others a third each. */
		int step = (f == FAULT_KILL ? 1 : 3) * UNIT_STEP;

		if (!fault_possible((enum fault)f))
			continue;
		for (at = 1 + f % step; at < CALLS_MAX; at += step) {
			struct fault_end o;

			unit_shell(dir, script);
			o = fault_run(s->run, NULL, at, (enum fault)f);
			if (!o.traced) {
				print_message("no tracing here, left out\n");
				return;
			}
			s->after(&o);
			tried += o.struck;
			if (o.nr < 0)
				break;
		}
		assert_true(at < CALLS_MAX);
	}
	assert_true(tried > 50 / UNIT_STEP);
}

static const char *below(const char *name)
{
	static struct buf path = PATH_BUF_INIT;

	io_join(&path, now, name);
	return buf_cstr(&path);
}

static int run_mirror(void *unused)
{
	(void)unused;
	return mirrored(full, below("m"));
}

/* The copy is whole at one size or the other. */
static uint64_t copy_size(void)
{
	struct log_source *src = NULL;
	struct buf vkey = BUF_INIT(4096);
	struct log_reader *log = NULL;
	struct err err = ERR_INIT;
	uint64_t size;

	if (store_vkey(full, &vkey, &err) ||
		log_source_dir(below("m"), &src, &err) ||
		log_open(src, buf_all(&vkey), &log, &err) ||
		log_each(log, 0, NULL, NULL, NULL, &err))
		fail_msg("the copy: %s", err.text);
	size = log_size(log);
	log_close(log);
	buf_free(&vkey);
	return size;
}

static void after_mirror(const struct fault_end *o)
{
	uint64_t size = copy_size();

	assert_true(size == OLD || size == NEW);
	if (!o->status)
		assert_int_equal(size, NEW);
	assert_int_equal(run_mirror(NULL), 0);
	assert_int_equal(copy_size(), NEW);
}

static void test_mirror(void **unused)
{
	(void)unused;
	each_fault(&(struct scene){"copied", run_mirror, after_mirror});
}

static int run_recover(void *unused)
{
	struct recover_ask ask = {.now = 1790000000};
	struct buf vkey = BUF_INIT(4096);
	struct log_source *src = NULL;
	struct recover_result r;
	struct err err = ERR_INIT;
	int ret = -1;

	(void)unused;
	if (!store_vkey(full, &vkey, &err) &&
		!log_source_dir(copy, &src, &err) &&
		!log_open(src, buf_all(&vkey), &ask.mirror, &err))
		ret = recover_run(now, &ask, &r, &err);
	log_close(ask.mirror);
	buf_free(&vkey);
	return ret;
}

static void after_recover(const struct fault_end *o)
{
	if (!o->status)
		assert_int_equal(log_whole(now), NEW);
	/* Until it is done nothing is appended to what is behind: that would be
	 * a second history. */
	if (run_recover(NULL))
		fail_msg("after call %ld", o->nr);
	assert_int_equal(log_whole(now), NEW);
	log_append(now, test_decision("reject", REF, NEW));
	assert_int_equal(log_whole(now), NEW + 1);
}

static void test_recover(void **unused)
{
	(void)unused;
	each_fault(&(struct scene){"behind", run_recover, after_recover});
}

/* As long as it is not done no push gets in; one that does stands behind all
 * that the mirror has. */
static void after_lost(const struct fault_end *o)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(test_decision("reject", REF, 70), &text);
	if (!append_run(now, buf_all(&text), &r, &err))
		assert_int_equal(r.index, NEW);
	else
		after_recover(o);
	buf_free(&text);
}

static void test_lost_mark(void **unused)
{
	(void)unused;
	each_fault(&(struct scene){"lost", run_recover, after_lost});
}

static int run_index(void *unused)
{
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	int ret;

	(void)unused;
	ret = index_open(now, &ix, &err);
	index_close(ix);
	return ret;
}

static void after_index(const struct fault_end *o)
{
	const struct index_filter all = {.last = 0};
	struct arena *a = arena_new(1u << 24);
	struct index *ix = NULL;
	struct index_rows rows;
	struct err err = ERR_INIT;
	uint64_t i;

	if (index_open(now, &ix, &err) || index_list(ix, &all, a, &rows, &err))
		fail_msg("after call %ld: %s", o->nr, err.text);
	assert_int_equal(rows.n, NEW);
	for (i = 0; i < NEW; i++)
		assert_int_equal(rows.v[i].entry, i);
	index_close(ix);
	arena_free(a);
}

static void test_index(void **unused)
{
	(void)unused;
	each_fault(&(struct scene){"full", run_index, after_index});
}

static int run_monitor(void *unused)
{
	struct log_reader *log = NULL;
	struct monitor *m = NULL;
	struct err err = ERR_INIT;
	size_t n;
	int ret = -1;

	(void)unused;
	if (!monitor_open(below("watch"), 1800000000, &m, &err) &&
		!log_open_state(now, &log, &err) &&
		!monitor_look(m, log, 3600, &err)) {
		(void)monitor_alerts(m, 0, &n);
		/* What happened is told once it is kept that it was. */
		ret = n != NEW - OLD || monitor_keep(m, &err);
	}
	log_close(log);
	monitor_close(m);
	return ret;
}

static void after_monitor(const struct fault_end *o)
{
	int again = run_monitor(NULL);

	if (!o->status)
		assert_int_not_equal(again, 0);
	/* Not told, or told and perhaps not kept: told again, or not at all when
	 * that was the last thing to be done. */
	else if (again)
		assert_true(io_exists(below("watch/" MONITOR_STATE)));
}

static void test_monitor(void **unused)
{
	(void)unused;
	each_fault(&(struct scene){"full", run_monitor, after_monitor});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mirror),
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_lost_mark),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_monitor),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
