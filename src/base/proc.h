/*
 * Child programs: an argument array, a minimal environment, bounded input and
 * output, one deadline. Never a shell.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/buf.h"

struct proc {
	const char *const *argv; /* argv[0] is the program; PATH is searched
				  * when it has no '/' */
	const char *const *env;  /* NAME=value…, NULL at the end; NULL gives
				  * PATH, HOME and LC_ALL=C.UTF-8 only */
	const char *dir;         /* working folder, or NULL */
	struct span in;          /* the child's standard input */
	struct buf *out;         /* its standard output, or NULL: discarded */
	struct buf *talk;        /* its standard error, or NULL: passed on */
	unsigned timeout_ms;     /* 0: none */
	bool own_stdio; /* give it ours instead (in, out, talk unused) */
};

/* How a child ended: by exit (signal 0) or by a signal. */
struct proc_end {
	int status;
	int signal;
};

/*
 * proc_run(p, end, err):
 * Run to the end. 0 when it ran, whatever its status, which is in ${end}; -1
 * when it could not be started, passed a limit or the deadline (it is killed).
 */
MUST_USE int proc_run(
	const struct proc *p, struct proc_end *end, struct err *err);

/* A child that is under way, from proc_start to proc_finish or proc_abandon. */
struct proc_job {
	int pid;           /* 0: none */
	int in, out, talk; /* our ends of its pipes, or -1 */
};
#define PROC_JOB_NONE         \
	{                     \
		0, -1, -1, -1 \
	}

/* proc_start(p, job, err): start it and go on; p->in, p->out and p->timeout_ms
 * are not looked at, p->talk only for whether it is NULL. */
MUST_USE int proc_start(
	const struct proc *p, struct proc_job *job, struct err *err);
/* proc_finish(p, job, end, err): what proc_run does after the start. The job is
 * over, whatever is answered. */
MUST_USE int proc_finish(const struct proc *p, struct proc_job *job,
	struct proc_end *end, struct err *err);
/*
 * proc_collect(p, job, err), proc_reap(p, job, end, err):
 * proc_finish in two: first its answer, all of it, then how it ended. Between
 * the two it may still be taking itself down. A job that could not be collected
 * is over.
 */
MUST_USE int proc_collect(
	const struct proc *p, struct proc_job *job, struct err *err);
MUST_USE int proc_reap(const struct proc *p, struct proc_job *job,
	struct proc_end *end, struct err *err);
/* proc_abandon(job): kill it; fine when there is none. */
void proc_abandon(struct proc_job *job);

/*
 * proc_converse(argv, job, err):
 * Start a child to go on talking with: its standard input and output are one
 * socket, whose other end is job->in (no pipe, so that writing to it with
 * MSG_NOSIGNAL raises no SIGPIPE in any thread; it does not block). Standard
 * error is dropped, the environment empty. argv[0] is a path. proc_abandon ends
 * it. May be called in any thread.
 */
MUST_USE int proc_converse(
	const char *const *argv, struct proc_job *job, struct err *err);

/*
 * proc_fork(run, ctx, in, out, timeout_ms, end, err):
 * The same for a function in a forked child, without exec: ${run} gets the read
 * and the write end of two pipes and returns the exit status. Used for the
 * key holder, which must not share memory with the parent.
 */
MUST_USE int proc_fork(int (*run)(void *ctx, int in_fd, int out_fd), void *ctx,
	struct span in, struct buf *out, unsigned timeout_ms,
	struct proc_end *end, struct err *err);

/* proc_end_text(end, out, n): "exit status 3", "signal 9 (Killed)". */
void proc_end_text(struct proc_end end, char *out, size_t n);

#endif
