#include "log/remote.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/unixsocket.h"
#include "log/store.h"
#include "parse/logdrequest.h"
#include "port/crypto.h"
#include "port/trustfile.h"

#define ARENA_MAX ((size_t)1 << 20)
#define BUSY_FIRST_NS (10 * 1000 * 1000)
#define BUSY_MOST_NS (320 * 1000 * 1000)

static int find_user(struct remote *r, struct err *err)
{
	struct passwd *pw = getpwnam(r->place.user);

	if (!pw)
		return err_set(
			err, ERR_POLICY, "no account '%s'", r->place.user);
	r->uid = pw->pw_uid;
	return 0;
}

int remote_find(
	const char *state, struct remote *out, bool *named, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(LOGDPLACE_FILE_MAX);
	const char *file = store_path(&path, state, STORE_SOCKET);
	struct stat st;
	int ret = 0;

	*out = (struct remote){.arena = NULL};
	*named = false;
	if (lstat(file, &st) && errno == ENOENT)
		goto out;
	out->arena = arena_new(ARENA_MAX);
	ret = -1;
	if (trustfile_read(file, &text, err) ||
		logdplace_parse(buf_all(&text), out->arena, &out->place, err) ||
		find_user(out, err)) {
		err_in(err, "'%s'", file);
		remote_free(out);
		goto out;
	}
	*named = true;
	ret = 0;
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}

void remote_free(struct remote *r)
{
	arena_free(r->arena);
	r->arena = NULL;
}

/* Wait for one of ${events}, no longer than the deadline. */
static int wait_for(int fd, short events, int64_t until, struct err *err)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t left = until - clock_ms();
		int n;

		if (left <= 0)
			return err_set(
				err, ERR_LIMIT, "logd did not answer in time");
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, "cannot poll");
	}
}

/* All of it, or as much as the other end wants: its answer says why. */
static int give(
	int fd, struct span s, int64_t until, bool *taken, struct err *err)
{
	while (s.n && *taken) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n >= 0)
			s = span_from(s, (size_t)n);
		else if (errno == EPIPE || errno == ECONNRESET)
			*taken = false;
		else if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, "cannot write to logd");
		else if (wait_for(fd, POLLOUT, until, err))
			return -1;
	}
	return 0;
}

static int take(int fd, int64_t until, struct buf *out, struct err *err)
{
	unsigned char part[RECEIPT_MAX];
	ssize_t n;

	for (;;) {
		n = recv(fd, part, sizeof(part), 0);
		if (n > 0)
			buf_add(out, part, (size_t)n);
		else if (!n || errno == ECONNRESET)
			break;
		else if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, "cannot read from logd");
		else if (wait_for(fd, POLLIN, until, err))
			return -1;
		if (buf_check(out, "the answer of logd", err))
			return -1;
	}
	if (!out->n)
		return err_set(err, ERR_LOG, "logd ended without an answer");
	return 0;
}

static int check_peer(const struct remote *r, uid_t uid, struct err *err)
{
	if (uid == r->uid || uid == 0)
		return 0;
	err_set(err, ERR_LOG, "user %lu answers at '%s', not '%s'",
		(unsigned long)uid, r->place.socket, r->place.user);
	return err_hint(err, "find out who put a socket there");
}

/* One request on a connection of its own. */
static int ask(const struct remote *r, const struct logdrequest *q,
	struct span record, int64_t until, struct buf *answer,
	struct receipt *out, struct err *err)
{
	struct buf line = BUF_INIT(LOGDREQUEST_LINE_MAX);
	bool taken = true;
	uid_t uid;
	int fd = -1, ret = -1;

	buf_reset(answer);
	logdrequest_write(q, &line);
	if (unixsocket_connect(r->place.socket, until, &fd, &uid, err) ||
		check_peer(r, uid, err) ||
		give(fd, buf_all(&line), until, &taken, err) ||
		give(fd, record, until, &taken, err))
		goto out;
	if (taken && shutdown(fd, SHUT_WR) && errno != ENOTCONN) {
		err_sys(err, "cannot end what is sent to logd");
		goto out;
	}
	if (take(fd, until, answer, err) ||
		receipt_parse(buf_all(answer), out, err))
		goto out;
	ret = 0;
out:
	if (ret)
		err_hint(err,
			"logd keeps the evidence: is it up? see 'systemctl "
			"status sluice-logd.socket' and 'sluice doctor'");
	io_close(fd);
	buf_free(&line);
	return ret;
}

/* Until it has time for us, or we have none left. */
static int ask_patiently(const struct remote *r, const struct logdrequest *q,
	struct span record, struct buf *answer, struct receipt *out,
	struct err *err)
{
	int64_t until = clock_ms() + (int64_t)r->place.seconds * 1000;
	struct timespec pause = {0, BUSY_FIRST_NS};

	for (;;) {
		if (ask(r, q, record, until, answer, out, err))
			return -1;
		if (out->word != RECEIPT_BUSY)
			break;
		if (clock_ms() + pause.tv_nsec / 1000000 >= until) {
			err_set(err, ERR_LIMIT, "logd was busy for %u seconds",
				r->place.seconds);
			return err_hint(err,
				"push again later; the limits of this gate are "
				"in logd's configuration");
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < BUSY_MOST_NS)
			pause.tv_nsec *= 2;
	}
	if (out->word != RECEIPT_FAIL)
		return 0;
	*err = out->failure;
	return err_in(err, "logd");
}

int remote_append(const struct remote *r, struct span record,
	struct log_receipt *out, struct err *err)
{
	const struct logdrequest q = {
		.verb = LOGDREQUEST_APPEND, .length = record.n};
	struct buf answer = BUF_INIT(RECEIPT_MAX);
	char sum[SHA256_HEX + 1];
	struct receipt got;
	int ret = -1;

	if (ask_patiently(r, &q, record, &answer, &got, err))
		goto out;
	if (got.word != RECEIPT_OK ||
		strcmp(got.log.record, sha256_hex(record, sum))) {
		err_set(err, ERR_LOG,
			"logd answered something else than it was asked");
		goto out;
	}
	*out = got.log;
	ret = 0;
out:
	buf_free(&answer);
	return ret;
}

int remote_status(const struct remote *r, struct buf *room, struct receipt *out,
	struct err *err)
{
	const struct logdrequest q = {.verb = LOGDREQUEST_STATUS};

	if (ask_patiently(r, &q, SPAN_EMPTY, room, out, err))
		return -1;
	if (out->word != RECEIPT_LOG)
		return err_set(err, ERR_LOG,
			"logd answered something else than it was asked");
	return 0;
}
