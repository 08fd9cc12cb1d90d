/* Tickets: who may leave one, and what is taken of what lies there. */
#include "../../support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "../../support/records.h"
#include "base/io.h"
#include "log/queue.h"
#include "log/store.h"
#include "port/crypto.h"

#define NAME "0000000000000001-00000001"
#define RECORD SPAN_LIT("{\"a\":1}")

static char *dir;
static struct buf folder = PATH_BUF_INIT, path = PATH_BUF_INIT;

static int begin(void **unused)
{
	(void)unused;
	dir = log_folder();
	store_path(&folder, dir, STORE_QUEUE);
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	log_remove(dir);
	return 0;
}

static size_t taken(void)
{
	struct queue_taken t;
	struct queue q;
	size_t n = 0;

	queue_open(&q, dir);
	while (queue_next(&q, &t)) {
		n++;
		queue_drop(&t);
	}
	queue_close(&q);
	return n;
}

static void test_left_and_taken(void **unused)
{
	struct log_receipt r = {.index = 7, .size = 9};
	struct queue_place place;
	struct queue_taken t;
	struct ticket answer;
	struct err err = ERR_INIT;
	struct queue q;
	struct stat st;

	(void)unused;
	assert_int_equal(taken(), 0);
	assert_false(io_exists(buf_cstr(&folder)));
	queue_join(dir, RECORD, &place);
	assert_true(place.fd >= 0);
	assert_int_equal(stat(buf_cstr(&folder), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	queue_open(&q, dir);
	assert_true(queue_next(&q, &t));
	assert_true(span_eq(t.ticket.record, RECORD));
	assert_int_equal(queue_answer(&place, &answer, &err), 0);
	assert_int_equal(answer.word, TICKET_WAITS);
	assert_true(queue_mark(&q, &t, 7));
	assert_int_equal(queue_answer(&place, &answer, &err), 0);
	assert_int_equal(answer.word, TICKET_TAKEN);
	assert_int_equal(answer.index, 7);
	assert_false(queue_next(&q, &t));
	queue_close(&q);
	/* It is taken once. */
	assert_int_equal(taken(), 0);
	sha256_hex(RECORD, r.record);
	queue_tell(&t, &r);
	queue_drop(&t);
	assert_int_equal(queue_answer(&place, &answer, &err), 0);
	assert_int_equal(answer.word, TICKET_DONE);
	assert_int_equal(answer.receipt.index, 7);
	assert_int_equal(answer.receipt.size, 9);
	queue_leave(&place);
	assert_int_equal(rmdir(buf_cstr(&folder)), 0);
}

/* What cannot be told is no "it waits". */
static void test_no_answer(void **unused)
{
	struct queue_place place;
	struct ticket answer;
	struct err err = ERR_INIT;

	(void)unused;
	queue_join(dir, RECORD, &place);
	assert_int_equal(pwrite(place.fd, "taken x\n", 8, 0), 8);
	assert_int_equal(queue_answer(&place, &answer, &err), -1);
	assert_int_equal(ftruncate(place.fd, 3), 0);
	assert_int_equal(queue_answer(&place, &answer, &err), -1);
	queue_leave(&place);
	assert_int_equal(queue_answer(&place, &answer, &err), 0);
	assert_int_equal(answer.word, TICKET_WAITS);
}

/* Whose process is no more waits for nothing. */
static void test_dead(void **unused)
{
	struct queue_place place;
	int st;

	(void)unused;
	if (!fork()) {
		queue_join(dir, RECORD, &place);
		_exit(place.fd < 0);
	}
	assert_true(wait(&st) > 0);
	assert_int_equal(st, 0);
	assert_int_not_equal(rmdir(buf_cstr(&folder)), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(rmdir(buf_cstr(&folder)), 0);
}

static void test_oldest_first(void **unused)
{
	struct queue_place place[3];
	struct queue_taken t;
	struct queue q;
	char text[3][8];
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(place); i++) {
		snprintf(text[i], sizeof(text[i]), "%zu", i);
		queue_join(dir, span_str(text[i]), &place[i]);
		usleep(2); /* names are of microseconds */
	}
	queue_open(&q, dir);
	for (i = 0; i < ARRAY_LEN(place); i++) {
		assert_true(queue_next(&q, &t));
		unit_span_is(t.ticket.record, text[i]);
		queue_drop(&t);
	}
	queue_close(&q);
	for (i = 0; i < ARRAY_LEN(place); i++)
		queue_leave(&place[i]);
}

static void test_too_large(void **unused)
{
	static char large[TICKET_RECORD + 1];
	struct queue_place place[6];
	size_t i;

	(void)unused;
	queue_join(dir, span_of(large, sizeof(large)), &place[0]);
	assert_int_equal(place[0].fd, -1);
	queue_join(dir, SPAN_EMPTY, &place[0]);
	assert_int_equal(place[0].fd, -1);
	/* Together they are bounded too. */
	for (i = 0; i < ARRAY_LEN(place); i++)
		queue_join(dir, span_of(large, TICKET_RECORD), &place[i]);
	assert_int_equal(taken(), QUEUE_BYTES / TICKET_RECORD);
	for (i = 0; i < ARRAY_LEN(place); i++)
		queue_leave(&place[i]);
}

/* A ticket by hand, which is held; its descriptor. */
static int plant(const char *name, const struct ticket *with)
{
	struct buf text = BUF_INIT(TICKET_MAX);
	struct err err = ERR_INIT;
	int fd;

	mkdir(buf_cstr(&folder), 0700);
	io_join(&path, buf_cstr(&folder), name);
	ticket_write(with, &text);
	fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, buf_all(&text), &err), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	buf_free(&text);
	return fd;
}

static struct ticket good(void)
{
	struct ticket t = {.word = TICKET_WAITS, .record = RECORD};

	sha256_hex(RECORD, t.sha256);
	return t;
}

static void unplant(int fd)
{
	close(fd);
	unlink(buf_cstr(&path));
}

/* Planted as it should be it is taken: so each of these is refused for what is
 * said of it. */
static void test_planted(void **unused)
{
	struct ticket t = good();
	struct buf other = PATH_BUF_INIT;
	int fd = plant(NAME, &t);

	(void)unused;
	assert_int_equal(taken(), 1);
	assert_int_equal(fchmod(fd, 0620), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(fchmod(fd, 0602), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(fchmod(fd, 0600), 0);
	io_join(&other, dir, "other");
	assert_int_equal(link(buf_cstr(&path), buf_cstr(&other)), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(unlink(buf_cstr(&path)), 0);
	assert_int_equal(symlink(buf_cstr(&other), buf_cstr(&path)), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(rename(buf_cstr(&other), buf_cstr(&path)), 0);
	assert_int_equal(taken(), 1);
	if (!geteuid()) {
		assert_int_equal(fchown(fd, 1, 1), 0);
		assert_int_equal(taken(), 0);
	}
	unplant(fd);
	assert_int_equal(mkfifo(buf_cstr(&path), 0600), 0);
	assert_int_equal(taken(), 0);
	unlink(buf_cstr(&path));
	buf_free(&other);
}

static void test_planted_bytes(void **unused)
{
	struct ticket t = good();
	int fd;

	(void)unused;
	/* The record is another than the one that was left. */
	t.sha256[0] = t.sha256[0] == '0' ? '1' : '0';
	fd = plant(NAME, &t);
	assert_int_equal(taken(), 0);
	unplant(fd);
	t = good();
	t.word = TICKET_TAKEN;
	fd = plant(NAME, &t);
	assert_int_equal(taken(), 0);
	unplant(fd);
	t = good();
	fd = plant(NAME, &t);
	assert_int_equal(ftruncate(fd, TICKET_ANSWER + 20), 0);
	assert_int_equal(taken(), 0);
	assert_int_equal(ftruncate(fd, TICKET_MAX + 1), 0);
	assert_int_equal(taken(), 0);
	unplant(fd);
	/* Files of other names are none of ours, and stay. */
	fd = plant("notes", &t);
	close(fd);
	assert_int_equal(taken(), 0);
	assert_true(io_exists(buf_cstr(&path)));
	unlink(buf_cstr(&path));
}

static void test_folder_of_others(void **unused)
{
	struct ticket t = good();
	struct queue_place place;
	int fd = plant(NAME, &t);

	(void)unused;
	assert_int_equal(chmod(buf_cstr(&folder), 0770), 0);
	assert_int_equal(taken(), 0);
	queue_join(dir, RECORD, &place);
	assert_int_equal(place.fd, -1);
	assert_int_equal(chmod(buf_cstr(&folder), 0700), 0);
	if (!geteuid()) {
		assert_int_equal(chown(buf_cstr(&folder), 1, 1), 0);
		assert_int_equal(taken(), 0);
	}
	unplant(fd);
	assert_int_equal(rmdir(buf_cstr(&folder)), 0);
	assert_int_equal(symlink("/tmp", buf_cstr(&folder)), 0);
	queue_join(dir, RECORD, &place);
	assert_int_equal(place.fd, -1);
	assert_int_equal(unlink(buf_cstr(&folder)), 0);
	/* In another's state nothing is made that they could not use. */
	if (!geteuid()) {
		assert_int_equal(chown(dir, 1, 1), 0);
		queue_join(dir, RECORD, &place);
		assert_int_equal(place.fd, -1);
		assert_false(io_exists(buf_cstr(&folder)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_left_and_taken, begin, end),
		cmocka_unit_test_setup_teardown(test_no_answer, begin, end),
		cmocka_unit_test_setup_teardown(test_dead, begin, end),
		cmocka_unit_test_setup_teardown(test_oldest_first, begin, end),
		cmocka_unit_test_setup_teardown(test_too_large, begin, end),
		cmocka_unit_test_setup_teardown(test_planted, begin, end),
		cmocka_unit_test_setup_teardown(test_planted_bytes, begin, end),
		cmocka_unit_test_setup_teardown(
			test_folder_of_others, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
