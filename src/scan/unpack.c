#include "scan/unpack.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"

/* What the child needs besides what it holds of the archive. */
#define CHILD_MEMORY ((uint64_t)256 << 20)
/* The child has a maximum of processor time; before it comes near that, it is
 * replaced. */
#define CHILD_WAIT_MS 300000
/* Kept from one member to the next; what is more is given back. */
#define KEPT_MAX ((size_t)4 << 20)

struct unpacker {
	struct unpack_setup setup;
	struct proc_job job;
	struct buf name, body;
	size_t most;    /* bytes that were in ${body} */
	int64_t waited; /* for this child, ms */
	int64_t left;   /* for this archive, ms */
};

struct unpacker *unpacker_new(const struct unpack_setup *setup)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (!u)
		die("out of memory");
	u->setup = *setup;
	if (!u->setup.depth)
		u->setup.depth = UNPACK_DEPTH;
	if (u->setup.depth > UNPACK_DEPTH_MAX)
		u->setup.depth = UNPACK_DEPTH_MAX;
	if (!u->setup.total)
		u->setup.total = UNPACK_TOTAL;
	if (u->setup.total > UNPACK_TOTAL_MAX)
		u->setup.total = UNPACK_TOTAL_MAX;
	if (!u->setup.member || u->setup.member > (uint64_t)1 << 30)
		u->setup.member = (uint64_t)1 << 30;
	if (!u->setup.members || u->setup.members > UNPACK_MEMBERS)
		u->setup.members = UNPACK_MEMBERS;
	if (!u->setup.wait_ms)
		u->setup.wait_ms = UNPACK_WAIT_MS;
	u->job = (struct proc_job)PROC_JOB_NONE;
	u->name.max = UNPACK_NAME_MAX;
	u->body.max = u->setup.member;
	return u;
}

/* Not all of what was set aside for it: that is memory never touched. */
static void forget(struct unpacker *u)
{
	if (u->body.p)
		explicit_bzero(u->body.p, u->most);
	buf_free(&u->body);
	u->most = 0;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	proc_abandon(&u->job);
	forget(u);
	buf_free(&u->name);
	free(u);
}

const struct unpack_setup *unpacker_setup(const struct unpacker *u)
{
	return &u->setup;
}

/* The most that the archive and all its unpacked levels can take, buffers that
 * grow by doubling. */
static uint64_t child_memory(const struct unpack_setup *s)
{
	uint64_t levels = s->depth * s->member;

	return CHILD_MEMORY + s->member +
		2 * (levels < s->total ? levels : s->total);
}

static int start(struct unpacker *u, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	char memory[24];
	const char *argv[] = {u->setup.program, memory, NULL};
	int ret = -1;

	if (u->job.pid && u->waited < CHILD_WAIT_MS)
		return 0;
	proc_abandon(&u->job);
	u->waited = 0;
	snprintf(memory, sizeof(memory), "%llu",
		(unsigned long long)child_memory(&u->setup));
	if (!argv[0]) {
		if (program_find(PROGRAM_UNPACK, &path, err))
			goto out;
		argv[0] = buf_cstr(&path);
	}
	ret = proc_converse(argv, &u->job, err);
out:
	buf_free(&path);
	return ret;
}

static int wait_for(struct unpacker *u, short what, struct err *err)
{
	struct pollfd f = {.fd = u->job.in, .events = what};
	int64_t before = clock_ms(), spent;
	int r = 0;

	if (u->left > 0)
		r = poll(&f, 1, (int)u->left);
	spent = clock_ms() - before;
	u->waited += spent;
	u->left -= spent;
	if (r > 0 || (r < 0 && errno == EINTR))
		return 0;
	if (r < 0)
		return err_sys(err, "cannot poll");
	return err_set(err, ERR_LIMIT, "sluice-unpack took longer than %u s",
		u->setup.wait_ms / 1000);
}

static int ended(struct err *err)
{
	return err_set(err, ERR_LIMIT,
		"sluice-unpack ended before its answer, by a limit or a "
		"damaged file");
}

static int put(struct unpacker *u, struct span s, struct err *err)
{
	while (s.n) {
		ssize_t n = send(u->job.in, s.p, s.n, MSG_NOSIGNAL);

		if (n >= 0)
			s = span_from(s, (size_t)n);
		else if (errno == EAGAIN) {
			if (wait_for(u, POLLOUT, err))
				return -1;
		} else if (errno != EINTR)
			return ended(err);
	}
	return 0;
}

static int take(
	struct unpacker *u, unsigned char *to, size_t want, struct err *err)
{
	while (want) {
		ssize_t n = recv(u->job.in, to, want, 0);

		if (n > 0) {
			to += n;
			want -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (wait_for(u, POLLIN, err))
				return -1;
		} else if (!n || errno != EINTR)
			return ended(err);
	}
	return 0;
}

/* As it comes, so that what is only announced takes no memory. */
static int take_into(
	struct unpacker *u, struct buf *to, uint64_t want, struct err *err)
{
	const size_t block = (size_t)1 << 20;

	buf_reset(to);
	while (want) {
		size_t n = want < block ? (size_t)want : block;
		unsigned char *room = buf_room(to, n);

		if (!room)
			return err_set(err, ERR_LIMIT,
				"sluice-unpack answers more than allowed");
		if (take(u, room, n, err))
			return -1;
		to->n += n;
		want -= n;
	}
	return 0;
}

static void ask(const struct unpacker *u, size_t n, struct unpack_request *r)
{
	uint64_t grown = n * (uint64_t)UNPACK_RATIO;

	if (grown < UNPACK_SMALL)
		grown = UNPACK_SMALL;
	*r = (struct unpack_request){.depth = u->setup.depth,
		.members = u->setup.members,
		.member = u->setup.member,
		.total = grown < u->setup.total ? grown : u->setup.total,
		.length = n};
}

/* ${failed}: the visitor did, not the child. */
static int converse(struct unpacker *u, struct span bytes,
	const struct unpack_visitor *v, bool *failed, struct err *err)
{
	unsigned char question[UNPACK_REQUEST_HEAD], head[UNPACK_FRAME_HEAD];
	struct unpack_track track = {.ended = false};
	struct unpack_frame f;
	bool stop = false;

	ask(u, bytes.n, &track.asked);
	unpack_request_write(&track.asked, question);
	if (start(u, err) || put(u, span_of(question, sizeof(question)), err) ||
		put(u, bytes, err))
		return -1;
	while (!stop) {
		if (take(u, head, sizeof(head), err) ||
			unpack_frame_read(head, &f, err) ||
			unpack_track(&track, &f, err) ||
			take_into(u, &u->name, f.name, err) ||
			take_into(u, &u->body, f.body, err))
			return -1;
		if (u->body.n > u->most)
			u->most = u->body.n;
		switch (f.kind) {
		case UNPACK_END:
			return 0;
		case UNPACK_NOT:
			v->refused(v->ctx, f.depth, f.reason);
			break;
		case UNPACK_MEMBER:
			if (v->member(v->ctx, f.depth, buf_all(&u->name),
				    buf_all(&u->body), &stop, err)) {
				*failed = true;
				return -1;
			}
			break;
		}
	}
	/* The rest of the answer is not waited for. */
	proc_abandon(&u->job);
	return 0;
}

int unpacker_run(struct unpacker *u, struct span bytes,
	const struct unpack_visitor *visitor, char why[UNPACK_WHY_MAX],
	struct err *err)
{
	struct err none = ERR_INIT;
	bool failed = false;

	why[0] = '\0';
	if (bytes.n > u->setup.member) {
		snprintf(why, UNPACK_WHY_MAX, "larger than %llu bytes",
			(unsigned long long)u->setup.member);
		return 0;
	}
	u->left = u->setup.wait_ms;
	if (converse(u, bytes, visitor, &failed, &none)) {
		proc_abandon(&u->job);
		if (failed)
			*err = none;
		else
			snprintf(why, UNPACK_WHY_MAX, "%.*s",
				UNPACK_WHY_MAX - 1, none.text);
	}
	if (u->body.cap > KEPT_MAX)
		forget(u);
	return failed ? -1 : 0;
}
