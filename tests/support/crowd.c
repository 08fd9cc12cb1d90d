#include "crowd.h"

#include "unit.h"

#include <dirent.h>
#include <time.h>

#include "base/io.h"
#include "log/append.h"
#include "log/queue.h"
#include "log/reader.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "port/crypto.h"

/* A process that is stuck shall end the test, not hang it. */
#define SECONDS_MAX 120
#define ANSWER 3 /* descriptor of the child */

void crowd_start(struct crowd_one *c, const char *state, struct span record)
{
	struct log_receipt r;
	struct err err = ERR_INIT;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid) {
		close(ends[1]);
		c->answer = ends[0];
		return;
	}
	/* Not the lock, if the test has it. */
	if (dup2(ends[1], ANSWER) != ANSWER)
		_exit(3);
	closefrom(ANSWER + 1);
	alarm(SECONDS_MAX);
	if (append_run(state, record, &r, &err))
		_exit(1);
	_exit(write(ANSWER, &r, sizeof(r)) == sizeof(r) ? 0 : 2);
}

bool crowd_end(struct crowd_one *c, struct log_receipt *out)
{
	int st;

	assert_int_equal(waitpid(c->pid, &st, 0), c->pid);
	if (WIFSIGNALED(st) && WTERMSIG(st) == SIGALRM)
		fail_msg("a process waits for ever");
	if (!WIFEXITED(st) || WEXITSTATUS(st)) {
		close(c->answer);
		return false;
	}
	assert_int_equal(read(c->answer, out, sizeof(*out)), sizeof(*out));
	close(c->answer);
	return true;
}

static bool waits(const char *folder, const char *name)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(TICKET_MAX);
	struct err ignored = ERR_INIT;
	struct ticket t;
	bool is;

	io_join(&path, folder, name);
	is = !io_read_file(buf_cstr(&path), &text, &ignored) &&
		!ticket_parse(buf_all(&text), &t, &ignored) &&
		t.word == TICKET_WAITS;
	buf_free(&text);
	buf_free(&path);
	return is;
}

size_t crowd_waiting(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	const char *folder = store_path(&path, state, STORE_QUEUE);
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.' && waits(folder, e->d_name);
	if (dir)
		closedir(dir);
	buf_free(&path);
	return n;
}

void crowd_waits(const char *state, size_t n)
{
	const struct timespec pause = {0, 1000000};
	unsigned i;

	for (i = 0; crowd_waiting(state) < n; i++) {
		assert_true(i < SECONDS_MAX * 1000);
		nanosleep(&pause, NULL);
	}
}

unsigned crowd_count(const char *state, struct span record, uint64_t *last)
{
	struct buf text = BUF_INIT(BUNDLE_MAX);
	struct log_reader *log;
	struct err err = ERR_INIT;
	char sum[SHA256_HEX + 1];
	unsigned n = 0;
	uint64_t i;

	sha256_hex(record, sum);
	if (log_open_state(state, &log, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < log_size(log); i++) {
		assert_int_equal(log_entry(log, i, &text, &err), 0);
		if (span_search(buf_all(&text), span_str(sum)) == SIZE_MAX)
			continue;
		n++;
		*last = i;
	}
	log_close(log);
	buf_free(&text);
	return n;
}

void crowd_once(
	const char *state, struct span record, const struct log_receipt *r)
{
	char sum[SHA256_HEX + 1];
	uint64_t at = UINT64_MAX;

	assert_int_equal(crowd_count(state, record, &at), 1);
	assert_int_equal(at, r->index);
	assert_true(r->size > r->index);
	assert_string_equal(r->record, sha256_hex(record, sum));
}
