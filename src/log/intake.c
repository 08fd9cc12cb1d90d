#include "log/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "parse/record.h"
#include "port/crypto.h"
#include "port/sandbox.h"

#define MEMORY_BASE ((uint64_t)512 << 20)
#define MEMORY_EACH 24 /* bytes for each of a record */
#define SECONDS 60     /* of processor time */

/* Shared with the child. */
struct intake_room {
	struct logdrequest request;
	size_t have;        /* bytes, of the request line and the record */
	struct receipt why; /* not */
	unsigned char bytes[];
};

static size_t mapped(size_t size)
{
	return sizeof(struct intake_room) + LOGDREQUEST_LINE_MAX + size;
}

static int refuse(struct intake_room *room, const struct err *err)
{
	room->why = (struct receipt){.word = RECEIPT_FAIL, .failure = *err};
	return INTAKE_REFUSED;
}

/* Up to ${want} bytes in all; fewer where the client ends. */
static int fill(struct intake_room *room, size_t want, struct err *err)
{
	while (room->have < want) {
		ssize_t n = read(STDIN_FILENO, room->bytes + room->have,
			want - room->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read from the client");
		if (!n)
			break;
		room->have += (size_t)n;
	}
	return 0;
}

static bool at_end(void)
{
	unsigned char more;
	ssize_t n;

	do
		n = read(STDIN_FILENO, &more, 1);
	while (n < 0 && errno == EINTR);
	return n == 0;
}

/* The line first, a little at a time: what follows it may not have room. */
static int read_line(struct intake_room *room, struct err *err)
{
	size_t before = SIZE_MAX;
	bool more = true;

	while (more && room->have != before) {
		before = room->have;
		if (logdrequest_parse(span_of(room->bytes, room->have),
			    &room->request, &more, err) ||
			(more && fill(room, before + 1, err)))
			return -1;
	}
	return more ? err_set(err, ERR_INPUT, "the request was cut short") : 0;
}

static int read_record(
	struct intake_room *room, struct entry_text *e, struct err *err)
{
	struct span record;

	if (fill(room, room->request.line + room->request.length, err))
		return -1;
	record =
		span_from(span_of(room->bytes, room->have), room->request.line);
	if (record.n < room->request.length)
		return err_set(err, ERR_INPUT, "the record was cut short");
	return record_entry(record, sha256_of, e, err);
}

/* Answers what intake_done tells. */
static int take_in(struct intake_room *room, size_t size)
{
	struct entry_text e = {.nlists = 0};
	struct err err = ERR_INIT;

	if (room->request.verb == LOGDREQUEST_NONE && read_line(room, &err))
		return refuse(room, &err);
	if (room->request.length > size)
		return INTAKE_LARGE;
	if (room->request.verb == LOGDREQUEST_APPEND &&
		read_record(room, &e, &err))
		return refuse(room, &err);
	if (!at_end()) {
		err_set(&err, ERR_INPUT, "more came than was announced");
		return refuse(room, &err);
	}
	return room->request.verb == LOGDREQUEST_STATUS ? INTAKE_STATUS
							: INTAKE_RECORD;
}

NORETURN static void child(
	struct intake_room *room, size_t size, int client, pid_t parent)
{
	const struct sandbox_limits limits = {
		.memory = MEMORY_BASE + size * MEMORY_EACH,
		.seconds = SECONDS,
	};
	struct err err = ERR_INIT;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* It must not outlive the one who counts it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent ||
		null < 0 || dup2(client, STDIN_FILENO) < 0 ||
		dup2(null, STDOUT_FILENO) < 0 ||
		dup2(null, STDERR_FILENO) < 0 || sandbox_seal(&limits, &err))
		_exit(INTAKE_DIED);
	_exit(take_in(room, size));
}

static int any_order(const void *a, const void *b)
{
	(void)a;
	(void)b;
	return 0;
}

/* What libraries ask the system for once, they must have before the child may
 * not ask any more: JSON a seed for its tables, qsort the size of memory. */
static int warm(struct err *err)
{
	static bool done;
	unsigned char sum[SHA256_LEN], *big;
	struct doc *j;

	if (done)
		return 0;
	if (doc_parse(SPAN_LIT("{\"a\":0}"), &j, err))
		return -1;
	doc_free(j);
	sha256_of(SPAN_LIT("a"), sum);
	big = calloc(1, INTAKE_SMALL);
	if (!big)
		die("out of memory");
	qsort(big, INTAKE_SMALL / 64, 64, any_order);
	free(big);
	done = true;
	return 0;
}

int intake_start(struct intake *in, int client, size_t size, struct err *err)
{
	struct intake_room *old = in->room, *room;
	pid_t parent = getpid();

	if (warm(err))
		return -1;
	room = mmap(NULL, mapped(size), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return err_sys(err, "no memory for a client");
	if (old) {
		memcpy(room, old, sizeof(*room) + old->have);
		munmap(old, mapped(in->size));
	}
	in->room = room;
	in->size = size;
	in->pid = fork();
	if (in->pid < 0) {
		in->pid = 0;
		return err_sys(err, "cannot start a process for a client");
	}
	if (!in->pid)
		child(room, size, client, parent);
	return 0;
}

/* What a dead child left is what it says, or it is as good as dead. */
static enum intake_end checked(const struct intake *in, int status)
{
	const struct intake_room *r = in->room;
	const struct logdrequest *q = &r->request;

	switch (status) {
	case INTAKE_RECORD:
		return q->verb == LOGDREQUEST_APPEND && q->length &&
				q->length <= in->size &&
				q->line <= LOGDREQUEST_LINE_MAX
			? INTAKE_RECORD
			: INTAKE_DIED;
	case INTAKE_LARGE:
		return q->verb == LOGDREQUEST_APPEND && q->length > in->size &&
				q->length <= RECORD_MAX &&
				r->have <= LOGDREQUEST_LINE_MAX
			? INTAKE_LARGE
			: INTAKE_DIED;
	case INTAKE_STATUS:
		return INTAKE_STATUS;
	case INTAKE_REFUSED:
		return INTAKE_REFUSED;
	default:
		return INTAKE_DIED;
	}
}

bool intake_done(struct intake *in, enum intake_end *end)
{
	int st;
	pid_t p;

	*end = INTAKE_DIED;
	if (!in->pid)
		return true;
	p = waitpid(in->pid, &st, WNOHANG);
	if (!p || (p < 0 && errno == EINTR))
		return false;
	in->pid = 0;
	if (p > 0 && WIFEXITED(st))
		*end = checked(in, WEXITSTATUS(st));
	return true;
}

struct span intake_record(const struct intake *in)
{
	return span_of(in->room->bytes + in->room->request.line,
		in->room->request.length);
}

size_t intake_length(const struct intake *in)
{
	return in->room->request.length;
}

/* Written by a process that hostile bytes reached: taken as text, bounded. */
void intake_why(const struct intake *in, struct err *err)
{
	const struct err *e = &in->room->why.failure;

	err_set(err, ERR_INPUT, "%.*s", (int)strnlen(e->text, ERR_TEXT_MAX - 1),
		e->text);
	err_hint(err, "%.*s", (int)strnlen(e->hint, ERR_HINT_MAX - 1), e->hint);
}

void intake_free(struct intake *in)
{
	int st;

	if (in->pid) {
		kill(in->pid, SIGKILL);
		while (waitpid(in->pid, &st, 0) < 0 && errno == EINTR)
			;
	}
	if (in->room)
		munmap(in->room, mapped(in->size));
	*in = INTAKE_NONE;
}
