/*
 * Many processes append to one log: each record is in it once, each is told its
 * own entry, and those who wait share one sync.
 */
#include "../../support/unit.h"

#include <stdio.h>

#include "../../support/crowd.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/journal.h"
#include "log/queue.h"
#include "log/store.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define START 3
#define CROWD 40
#define EACH 12

static char *dir, *state;
static struct buf record[CROWD * EACH];

static int begin(void **unused)
{
	size_t i;

	(void)unused;
	dir = log_folder();
	state = test_log(dir, START);
	for (i = 0; i < ARRAY_LEN(record); i++) {
		record[i] = (struct buf)BUF_INIT(RECORD_MAX);
		test_text(test_decision("accept", REF, 1000 + (unsigned)i),
			&record[i]);
	}
	return 0;
}

static int end(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(record); i++)
		buf_free(&record[i]);
	free(state);
	log_remove(dir);
	return 0;
}

/* How many syncs the frames of the journal took: one a group. */
static unsigned groups(size_t *frames)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct journal j;
	unsigned n = 0;
	bool found;
	size_t i;

	assert_int_equal(journal_open(store_path(&path, state, STORE_JOURNAL),
				 &j, &found, &err),
		0);
	assert_true(found);
	for (i = 0; i < j.n; i++)
		n += !j.frame[i].more;
	*frames = j.n;
	journal_close(&j);
	buf_free(&path);
	return n;
}

static int lock(void)
{
	struct err err = ERR_INIT;
	int fd;

	assert_int_equal(store_lock(state, &fd, &err), 0);
	return fd;
}

static void nothing_left(void)
{
	struct buf path = PATH_BUF_INIT;

	assert_int_equal(crowd_waiting(state), 0);
	/* The folder is empty, then. */
	assert_int_equal(rmdir(store_path(&path, state, STORE_QUEUE)), 0);
	buf_free(&path);
}

/* While one has the lock, all others come; the first of them takes the rest. */
static void test_shared(void **unused)
{
	struct crowd_one c[CROWD];
	struct log_receipt r;
	bool seen[CROWD] = {false};
	size_t i, frames;
	int fd = lock();

	(void)unused;
	for (i = 0; i < CROWD; i++)
		crowd_start(&c[i], state, buf_all(&record[i]));
	crowd_waits(state, CROWD);
	io_close(fd);
	for (i = 0; i < CROWD; i++) {
		assert_true(crowd_end(&c[i], &r));
		assert_in_range(r.index, START, START + CROWD - 1);
		assert_false(seen[r.index - START]);
		seen[r.index - START] = true;
		/* One checkpoint. */
		assert_int_equal(r.size, START + CROWD);
		crowd_once(state, buf_all(&record[i]), &r);
	}
	assert_int_equal(log_whole(state), START + CROWD);
	assert_int_equal(groups(&frames), 1);
	assert_int_equal(frames, CROWD);
	nothing_left();
}

/* Each process one after the other, as it comes. */
static int appends(size_t from, int out)
{
	struct log_receipt r;
	struct err err = ERR_INIT;
	size_t i;

	for (i = from; i < from + EACH; i++)
		if (append_run(state, buf_all(&record[i]), &r, &err) ||
			write(out, &r, sizeof(r)) != sizeof(r))
			return 1;
	return 0;
}

static void test_as_they_come(void **unused)
{
	const size_t processes = 8;
	struct log_receipt r, last;
	int ends[CROWD][2], st;
	size_t i, k;

	(void)unused;
	for (i = 0; i < processes; i++) {
		assert_int_equal(pipe(ends[i]), 0);
		if (!fork())
			_exit(appends(i * EACH, ends[i][1]));
		close(ends[i][1]);
	}
	for (i = 0; i < processes; i++) {
		last.index = 0;
		for (k = i * EACH; k < (i + 1) * EACH; k++) {
			assert_int_equal(
				read(ends[i][0], &r, sizeof(r)), sizeof(r));
			crowd_once(state, buf_all(&record[k]), &r);
			/* What one does first comes first. */
			assert_true(r.index > last.index);
			last = r;
		}
		close(ends[i][0]);
		assert_true(wait(&st) > 0);
		assert_int_equal(st, 0);
	}
	assert_int_equal(log_whole(state), START + processes * EACH);
}

/* Nobody else there: not a file more, and as many syncs as records. */
static void test_alone(void **unused)
{
	struct buf path = PATH_BUF_INIT;
	struct log_receipt r;
	struct err err = ERR_INIT;
	size_t i, frames;

	(void)unused;
	for (i = 0; i < 3; i++)
		assert_int_equal(
			append_run(state, buf_all(&record[i]), &r, &err), 0);
	assert_false(io_exists(store_path(&path, state, STORE_QUEUE)));
	assert_int_equal(groups(&frames), 3);
	buf_free(&path);
}

/* One that cannot be appended is refused, in its own words, and costs the
 * others nothing. */
static void test_bad_one(void **unused)
{
	struct queue_place place;
	struct crowd_one c[2], bad;
	struct log_receipt r;
	struct err err = ERR_INIT;
	struct ticket t;
	size_t i;
	int fd = lock();

	(void)unused;
	/* A ticket of what is no record; as nobody can leave it who derives an
	 * entry first. */
	queue_join(state, SPAN_LIT("{\"no\":\"record\"}"), &place);
	assert_true(place.fd >= 0);
	crowd_start(&bad, state, SPAN_LIT("{\"no\":\"record\"}"));
	for (i = 0; i < ARRAY_LEN(c); i++)
		crowd_start(&c[i], state, buf_all(&record[i]));
	crowd_waits(state, 1 + ARRAY_LEN(c));
	io_close(fd);
	for (i = 0; i < ARRAY_LEN(c); i++) {
		assert_true(crowd_end(&c[i], &r));
		crowd_once(state, buf_all(&record[i]), &r);
	}
	assert_false(crowd_end(&bad, &r));
	assert_int_equal(queue_answer(&place, &t, &err), 0);
	assert_int_equal(t.word, TICKET_WAITS);
	queue_leave(&place);
	assert_int_equal(log_whole(state), START + ARRAY_LEN(c));
	nothing_left();
}

/* The lock's holder has died between the log and the answers, or before the
 * log: who was marked looks, and appends what is not there. */
static void test_marked(void **unused)
{
	static const bool there[] = {true, false};
	struct crowd_one c;
	struct log_receipt r;
	struct queue_taken taken;
	struct queue q;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(there); i++) {
		struct err err = ERR_INIT;
		int fd = lock();

		crowd_start(&c, state, buf_all(&record[i]));
		crowd_waits(state, 1);
		queue_open(&q, state);
		assert_true(queue_next(&q, &taken));
		assert_true(queue_mark(&q, &taken, START + i));
		queue_drop(&taken);
		queue_close(&q);
		if (there[i])
			assert_int_equal(append_holding(state, fd,
						 buf_all(&record[i]), &r, &err),
				0);
		else
			io_close(fd);
		assert_true(crowd_end(&c, &r));
		assert_int_equal(r.index, START + i);
		crowd_once(state, buf_all(&record[i]), &r);
	}
}

/* The place it was marked for is another's by now. */
static void test_marked_elsewhere(void **unused)
{
	struct crowd_one c;
	struct log_receipt r;
	struct queue_taken taken;
	struct queue q;
	struct err err = ERR_INIT;
	int fd = lock();

	(void)unused;
	crowd_start(&c, state, buf_all(&record[0]));
	crowd_waits(state, 1);
	queue_open(&q, state);
	assert_true(queue_next(&q, &taken));
	assert_true(queue_mark(&q, &taken, START));
	queue_drop(&taken);
	queue_close(&q);
	assert_int_equal(
		append_holding(state, fd, buf_all(&record[1]), &r, &err), 0);
	assert_int_equal(r.index, START);
	assert_true(crowd_end(&c, &r));
	assert_int_equal(r.index, START + 1);
	crowd_once(state, buf_all(&record[0]), &r);
	assert_int_equal(log_whole(state), START + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alone, begin, end),
		cmocka_unit_test_setup_teardown(test_shared, begin, end),
		cmocka_unit_test_setup_teardown(test_as_they_come, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_one, begin, end),
		cmocka_unit_test_setup_teardown(test_marked, begin, end),
		cmocka_unit_test_setup_teardown(
			test_marked_elsewhere, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
