#include "log/logd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "base/unixsocket.h"
#include "log/append.h"
#include "log/intake.h"
#include "log/logdrules.h"
#include "log/logkey.h"
#include "log/meter.h"
#include "log/reader.h"
#include "log/store.h"

#define OVERFLOW_FILE "/proc/sys/kernel/overflowuid"
#define OVERFLOW_UID 65534
#define LISTENERS_MAX 16
#define TOGETHER_MAX 64 /* records in one go */
/* Records above INTAKE_SMALL at a time: what they may take of memory. */
#define LARGE_MAX 2
/* A large record has this many bytes a second at least. */
#define LARGE_PACE ((size_t)4 << 20)
#define QUIET_MS 1000 /* between two lines about refusals */

/* A peer of the configuration, and what it has had. */
struct peer {
	const struct logdconf_peer *conf;
	uid_t uid;
	unsigned connections;
	struct meter requests, bytes;
};

enum client_state {
	CLIENT_COMING,  /* its process reads */
	CLIENT_WAITING, /* large, and there are enough of those */
	CLIENT_READY,
	CLIENT_OVER,
};

struct client {
	enum client_state state;
	int fd;
	struct peer *peer;
	struct intake intake;
	bool large;
	int64_t until; /* ms */
};

struct server {
	const struct logd *d;
	struct logd_count *count;
	struct peer peer[LOGDCONF_PEERS_MAX];
	struct client client[LOGDCONF_CONNECTIONS_MAX];
	size_t nclient, large;
	int signals;
	bool stopping;
	int64_t said;
};

static void PRINTF(2, 3) say(const struct server *s, const char *fmt, ...)
{
	struct err line = ERR_INIT;
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&line, ERR_LOG, "%s", text);
	if (s->d->say)
		s->d->say(line.text);
}

/* Somebody who is refused may come again and again: not each time a line. */
static void say_refused(
	struct server *s, unsigned long uid, const struct err *why)
{
	int64_t now = clock_ms();

	s->count->refused++;
	if (s->said && now - s->said < QUIET_MS)
		return;
	s->said = now;
	say(s, "user %lu: %s", uid, why->text);
}

/* It has room for an answer, or its client does not want one. */
static void answer(int fd, const struct receipt *r)
{
	struct buf text = BUF_INIT(RECEIPT_MAX);
	ssize_t n;

	receipt_write(r, &text);
	n = send(fd, text.p, text.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)n;
	buf_free(&text);
}

static void answer_err(int fd, const struct err *err)
{
	const struct receipt r = {.word = RECEIPT_FAIL, .failure = *err};

	answer(fd, &r);
}

static void answer_busy(struct server *s, int fd)
{
	const struct receipt r = {.word = RECEIPT_BUSY};

	s->count->busy++;
	answer(fd, &r);
}

static void answer_status(const struct server *s, int fd)
{
	struct receipt r = {.word = RECEIPT_LOG, .uid = geteuid()};
	struct log_reader *log = NULL;
	struct err err = ERR_INIT;

	if (log_open_state(s->d->state, &log, &err)) {
		answer_err(fd, &err);
		return;
	}
	r.log.size = log_size(log);
	r.vkey = span_str(log_vkey(log));
	answer(fd, &r);
	log_close(log);
}

static void end(struct server *s, struct client *c)
{
	intake_free(&c->intake);
	io_close(c->fd);
	c->fd = -1;
	c->peer->connections--;
	if (c->large)
		s->large--;
	c->state = CLIENT_OVER;
}

static void refuse(struct server *s, struct client *c, const struct err *why)
{
	answer_err(c->fd, why);
	say_refused(s, c->peer->uid, why);
	end(s, c);
}

static struct peer *peer_of(struct server *s, uid_t uid)
{
	size_t i;

	for (i = 0; i < s->d->conf->npeer; i++)
		if (s->peer[i].uid == uid)
			return &s->peer[i];
	return NULL;
}

static void refuse_stranger(struct server *s, int fd, uid_t uid)
{
	struct err why = ERR_INIT;

	err_set(&why, ERR_LOG, "this account is nobody that logd serves");
	err_hint(&why, "name it in \"peers\" of logd's configuration");
	answer_err(fd, &why);
	say_refused(s, uid, &why);
}

/* Begin with a client, or tell it why not. ${fd} is handed over. */
static void greet(struct server *s, int fd, uid_t uid)
{
	struct peer *p = peer_of(s, uid);
	struct client *c = &s->client[s->nclient];
	int64_t now = clock_ms();
	struct err err = ERR_INIT;

	if (!p) {
		refuse_stranger(s, fd, uid);
		io_close(fd);
		return;
	}
	if (s->nclient == s->d->conf->connections ||
		p->connections == p->conf->connections ||
		!meter_open(&p->requests, now) || !meter_open(&p->bytes, now)) {
		answer_busy(s, fd);
		io_close(fd);
		return;
	}
	*c = (struct client){
		.state = CLIENT_COMING,
		.fd = fd,
		.peer = p,
		.intake = INTAKE_NONE,
		.until = now + (int64_t)s->d->conf->seconds * 1000,
	};
	s->nclient++;
	p->connections++;
	meter_charge(&p->requests, 1, now);
	if (intake_start(&c->intake, fd, INTAKE_SMALL, &err))
		refuse(s, c, &err);
}

static int greet_all(struct server *s, int listener, struct err *err)
{
	uid_t uid;
	int fd, i;

	/* Not for ever: others wait to be appended. */
	for (i = 0; i < TOGETHER_MAX; i++) {
		if (unixsocket_accept(listener, &fd, &uid, err)) {
			/* No descriptor now; there will be. */
			if (err->sys != EMFILE && err->sys != ENFILE)
				return -1;
			say(s, "%s", err->text);
			err_clear(err);
			return 0;
		}
		if (fd < 0)
			return 0;
		greet(s, fd, uid);
	}
	return 0;
}

/* A large record has more time, and room that only few may have. */
static void begin_large(struct server *s, struct client *c)
{
	size_t length = intake_length(&c->intake);
	struct err err = ERR_INIT;

	if (s->large == LARGE_MAX) {
		c->state = CLIENT_WAITING;
		return;
	}
	s->large++;
	c->large = true;
	c->state = CLIENT_COMING;
	c->until = clock_ms() + (int64_t)s->d->conf->seconds * 1000 +
		(int64_t)(length / LARGE_PACE) * 1000;
	if (intake_start(&c->intake, c->fd, length, &err))
		refuse(s, c, &err);
}

/* The process of a client has ended. */
static void arrived(struct server *s, struct client *c, enum intake_end how)
{
	struct err err = ERR_INIT;

	switch (how) {
	case INTAKE_RECORD:
		meter_charge(
			&c->peer->bytes, intake_length(&c->intake), clock_ms());
		c->state = CLIENT_READY;
		return;
	case INTAKE_LARGE:
		begin_large(s, c);
		return;
	case INTAKE_STATUS:
		answer_status(s, c->fd);
		end(s, c);
		return;
	case INTAKE_REFUSED:
		intake_why(&c->intake, &err);
		break;
	case INTAKE_DIED:
		err_set(&err, ERR_LIMIT,
			"the process that took in the record died");
		err_hint(&err, "the record may be too large for logd's limits");
		break;
	}
	refuse(s, c, &err);
}

static void look_after(struct server *s, struct client *c)
{
	struct err err = ERR_INIT;
	enum intake_end how;

	if (c->state == CLIENT_WAITING && s->large < LARGE_MAX)
		begin_large(s, c);
	if (c->state == CLIENT_COMING && intake_done(&c->intake, &how))
		arrived(s, c, how);
	if (c->state == CLIENT_WAITING && clock_ms() >= c->until) {
		/* Others are to blame, who may be stuck: it may come again. */
		answer_busy(s, c->fd);
		end(s, c);
	}
	if (c->state == CLIENT_COMING && clock_ms() >= c->until) {
		err_set(&err, ERR_LIMIT, "the request did not come in time");
		refuse(s, c, &err);
	}
}

/* Those that are over make room; the others keep their order. */
static void tidy(struct server *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nclient; i++) {
		if (s->client[i].state == CLIENT_OVER)
			continue;
		if (i != n)
			s->client[n] = s->client[i];
		n++;
	}
	s->nclient = n;
}

struct asking {
	const struct server *s;
	struct logdrules rules;
};

static int may(void *ctx, const struct append_item *item,
	struct log_source *src, uint64_t size, struct err *err)
{
	const struct asking *a = ctx;
	const struct client *c = item->from;

	return logdrules_may(&a->rules, c->peer->conf,
		buf_all(&item->entry.entry), src, size, err);
}

static void conclude(
	struct server *s, struct client *c, const struct append_item *item)
{
	const struct receipt r = {.word = RECEIPT_OK, .log = item->receipt};

	if (item->err.code != ERR_NONE) {
		refuse(s, c, &item->err);
		return;
	}
	s->count->appended++;
	answer(c->fd, &r);
	end(s, c);
}

/* What is ready, in the order in which it was let in. */
static void append_ready(struct server *s)
{
	struct asking a = {s, {clock_now(), s->d->conf->max_age}};
	const struct append_rules rules = {may, &a};
	struct append_item v[TOGETHER_MAX];
	size_t i, n = 0;

	for (i = 0; i < s->nclient && n < TOGETHER_MAX; i++) {
		struct client *c = &s->client[i];

		if (c->state != CLIENT_READY)
			continue;
		v[n++] = (struct append_item){
			.record = intake_record(&c->intake), .from = c};
	}
	if (!n)
		return;
	append_batch(s->d->state, &rules, v, n);
	for (i = 0; i < n; i++) {
		conclude(s, v[i].from, &v[i]);
		append_item_free(&v[i]);
	}
	s->count->together++;
}

static void take_signals(struct server *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			s->stopping = true;
}

/* How long nothing has to be done unless something comes. More than go together
 * may be ready. */
static int idle_ms(const struct server *s)
{
	int64_t first = INT64_MAX, now = clock_ms();
	size_t i;

	for (i = 0; i < s->nclient; i++) {
		if (s->client[i].state == CLIENT_READY)
			return 0;
		if (s->client[i].until < first)
			first = s->client[i].until;
	}
	if (first == INT64_MAX)
		return -1;
	return first <= now ? 0 : (int)(first - now) + 1;
}

static int wait_and_greet(struct server *s, struct err *err)
{
	struct pollfd p[1 + LISTENERS_MAX];
	size_t i, n = s->stopping ? 0 : s->d->nlistener;

	p[0] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	for (i = 0; i < n; i++)
		p[1 + i] = (struct pollfd){
			.fd = s->d->listener[i], .events = POLLIN};
	if (poll(p, 1 + n, idle_ms(s)) < 0)
		return errno == EINTR ? 0 : err_sys(err, "cannot poll");
	if (p[0].revents)
		take_signals(s);
	for (i = 0; i < n; i++)
		if (p[1 + i].revents && greet_all(s, s->d->listener[i], err))
			return -1;
	return 0;
}

static int serve(struct server *s, struct err *err)
{
	size_t i;

	while (!s->stopping || s->nclient) {
		if (wait_and_greet(s, err))
			return -1;
		for (i = 0; i < s->nclient; i++)
			look_after(s, &s->client[i]);
		append_ready(s);
		tidy(s);
	}
	return 0;
}

/* Whom the system shows where it has no number for an account: everybody from
 * other user namespaces, so nobody in particular. */
static uid_t overflow_uid(void)
{
	struct buf text = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	int fd = open(OVERFLOW_FILE, O_RDONLY | O_CLOEXEC);
	uint64_t uid;

	if (fd < 0 || io_read(fd, &text, &ignored) ||
		!text_to_u64(span_trim(buf_all(&text)), UINT32_MAX, &uid))
		uid = OVERFLOW_UID;
	io_close(fd);
	buf_free(&text);
	return (uid_t)uid;
}

static int know_peers(struct server *s, struct err *err)
{
	uid_t anybody = overflow_uid();
	int64_t now = clock_ms();
	size_t i, k;

	for (i = 0; i < s->d->conf->npeer; i++) {
		const struct logdconf_peer *c = &s->d->conf->peer[i];
		struct passwd *pw = c->user ? getpwnam(c->user) : NULL;
		struct peer *p = &s->peer[i];

		if (c->user && !pw)
			return err_set(err, ERR_POLICY,
				"peers[%zu]: no account '%s'", i, c->user);
		*p = (struct peer){
			.conf = c,
			.uid = pw ? pw->pw_uid : (uid_t)c->uid,
			.requests = meter_begin(c->per_minute, now),
			.bytes = meter_begin(c->bytes_per_minute, now),
		};
		if (p->uid == anybody)
			return err_set(err, ERR_POLICY,
				"peers[%zu]: user %lu stands for every account "
				"that this system has no number for",
				i, (unsigned long)p->uid);
		for (k = 0; k < i; k++)
			if (s->peer[k].uid == p->uid)
				return err_set(err, ERR_POLICY,
					"peers[%zu]: the account of peers[%zu]",
					i, k);
	}
	return 0;
}

/* What would make every append fail is told at once. */
static int check_log(const struct server *s, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct log_reader *log = NULL;
	struct logkey key;
	int ret;

	ret = logkey_open(s->d->state,
		      store_path(&path, s->d->state, STORE_KEY), &key, err) ||
			log_open_state(s->d->state, &log, err)
		? -1
		: 0;
	logkey_close(&key);
	log_close(log);
	buf_free(&path);
	return ret;
}

static int take_over_signals(struct server *s, sigset_t *was, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, was))
		return err_sys(err, "cannot block signals");
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? err_sys(err, "cannot take signals") : 0;
}

int logd_run(const struct logd *d, struct logd_count *out, struct err *err)
{
	struct server *s = calloc(1, sizeof(*s));
	sigset_t was;
	size_t i;
	int ret = -1;

	if (!s)
		die("out of memory");
	memset(out, 0, sizeof(*out));
	s->d = d;
	s->count = out;
	s->signals = -1;
	sigprocmask(SIG_BLOCK, NULL, &was);
	if (d->nlistener > LISTENERS_MAX) {
		err_set(err, ERR_USAGE, "more than %d sockets", LISTENERS_MAX);
		goto out;
	}
	if (know_peers(s, err) || check_log(s, err) ||
		take_over_signals(s, &was, err))
		goto out;
	ret = serve(s, err);
out:
	for (i = 0; i < s->nclient; i++)
		if (s->client[i].state != CLIENT_OVER)
			end(s, &s->client[i]);
	io_close(s->signals);
	sigprocmask(SIG_SETMASK, &was, NULL);
	free(s);
	return ret;
}
