#include "log/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "log/store.h"
#include "port/crypto.h"

static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* The folder, or -1. Made by the account of the state alone: of another's hands
 * that account could not use it. */
static int folder_open(const char *state, bool make)
{
	struct buf path = PATH_BUF_INIT;
	struct stat st;
	int fd;

	if (make && !stat(state, &st) && st.st_uid == geteuid())
		mkdir(store_path(&path, state, STORE_QUEUE), 0700);
	fd = open(store_path(&path, state, STORE_QUEUE),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) || !is_ours(&st))) {
		io_close(fd);
		fd = -1;
	}
	buf_free(&path);
	return fd;
}

static bool lock(int fd)
{
	return !flock(fd, LOCK_EX | LOCK_NB);
}

static bool fill(const struct queue_place *p, struct span record)
{
	struct ticket t = {.word = TICKET_WAITS, .record = record};
	struct buf text = BUF_INIT(TICKET_MAX);
	struct err ignored = ERR_INIT;
	bool done;

	sha256_hex(record, t.sha256);
	ticket_write(&t, &text);
	done = !text.full && !io_write(p->fd, buf_all(&text), &ignored);
	buf_free(&text);
	return done;
}

void queue_join(const char *state, struct span record, struct queue_place *out)
{
	int folder;

	*out = QUEUE_NOWHERE;
	if (!record.n || record.n > TICKET_RECORD)
		return;
	folder = folder_open(state, true);
	if (folder < 0)
		return;
	snprintf(out->name, sizeof(out->name), "%016llx-%08lx",
		(unsigned long long)clock_us(), (unsigned long)getpid());
	out->folder = folder;
	out->fd = openat(folder, out->name,
		O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Between the two others may think that it is nobody's, and remove it:
	 * then nobody takes it, and no harm is done. */
	if (out->fd < 0 || !lock(out->fd) || !fill(out, record))
		queue_leave(out);
}

int queue_answer(
	const struct queue_place *p, struct ticket *out, struct err *err)
{
	unsigned char b[TICKET_ANSWER];
	ssize_t n;

	*out = (struct ticket){.word = TICKET_WAITS};
	if (p->fd < 0)
		return 0;
	do
		n = pread(p->fd, b, sizeof(b), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(
			err, "cannot read '" STORE_QUEUE "/%s'", p->name);
	return ticket_answer_parse(span_of(b, (size_t)n), out, err);
}

void queue_leave(struct queue_place *p)
{
	if (p->fd >= 0)
		unlinkat(p->folder, p->name, 0);
	io_close(p->fd);
	io_close(p->folder);
	*p = QUEUE_NOWHERE;
}

static int by_age(const void *a, const void *b)
{
	return memcmp(a, b, QUEUE_NAME);
}

static bool is_name(const char *s)
{
	struct span all = span_str(s);

	return all.n == QUEUE_NAME && s[16] == '-' &&
		text_is_hex(span_sub(all, 0, 16)) &&
		text_is_hex(span_from(all, 17));
}

static void list(struct queue *q, DIR *dir)
{
	const struct dirent *e;
	size_t looked;

	for (looked = 0; looked < QUEUE_LOOKED_AT && (e = readdir(dir));
		looked++)
		if (is_name(e->d_name))
			memcpy(q->name[q->n++].text, e->d_name, QUEUE_NAME + 1);
	qsort(q->name, q->n, sizeof(*q->name), by_age);
}

void queue_open(struct queue *q, const char *state)
{
	DIR *dir;
	int fd;

	q->n = q->at = 0;
	q->bytes = QUEUE_BYTES;
	q->folder = folder_open(state, false);
	if (q->folder < 0)
		return;
	fd = dup(q->folder);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir) {
		list(q, dir);
		closedir(dir);
	} else {
		io_close(fd);
	}
}

void queue_close(struct queue *q)
{
	io_close(q->folder);
	q->folder = -1;
}

/* One that somebody waits for, as it was left. */
static bool open_ticket(const struct queue *q, struct queue_taken *t)
{
	struct err ignored = ERR_INIT;
	char sum[SHA256_HEX + 1];
	struct stat st;

	t->text = (struct buf)BUF_INIT(TICKET_MAX);
	t->fd = openat(q->folder, t->name.text,
		O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (t->fd < 0 || fstat(t->fd, &st) || !S_ISREG(st.st_mode) ||
		!is_ours(&st) || st.st_nlink != 1)
		return false;
	if (lock(t->fd)) {
		unlinkat(q->folder, t->name.text, 0);
		return false;
	}
	return errno == EWOULDBLOCK && !io_read(t->fd, &t->text, &ignored) &&
		!ticket_parse(buf_all(&t->text), &t->ticket, &ignored) &&
		t->ticket.word == TICKET_WAITS &&
		!strcmp(sha256_hex(t->ticket.record, sum), t->ticket.sha256);
}

bool queue_next(struct queue *q, struct queue_taken *out)
{
	while (q->at < q->n) {
		out->name = q->name[q->at++];
		if (open_ticket(q, out) && out->ticket.record.n <= q->bytes) {
			q->bytes -= out->ticket.record.n;
			return true;
		}
		queue_drop(out);
	}
	return false;
}

/* Into its first bytes, which are there: no room is needed for it. */
static bool answer(struct queue_taken *t, const struct ticket *with)
{
	struct buf text = BUF_INIT(TICKET_ANSWER);
	bool done;

	ticket_answer_write(with, &text);
	done = pwrite(t->fd, text.p, text.n, 0) == (ssize_t)text.n;
	buf_free(&text);
	return done;
}

bool queue_mark(const struct queue *q, struct queue_taken *t, uint64_t index)
{
	const struct ticket taken = {.word = TICKET_TAKEN, .index = index};

	if (!answer(t, &taken))
		return false;
	/* Who waits has it open; others need not look at it any more. */
	unlinkat(q->folder, t->name.text, 0);
	return true;
}

void queue_tell(struct queue_taken *t, const struct log_receipt *receipt)
{
	const struct ticket done = {.word = TICKET_DONE, .receipt = *receipt};

	/* Else whose it is finds it in the log. */
	(void)answer(t, &done);
}

void queue_drop(struct queue_taken *t)
{
	io_close(t->fd);
	buf_free(&t->text);
}
