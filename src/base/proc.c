#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

extern char **environ;

struct pipes {
	int in[2], out[2], talk[2]; /* [0] is read from, [1] written to */
};

#define PIPES_NONE                  \
	{                           \
		{-1, -1}, {-1, -1}, \
		{                   \
			-1, -1      \
		}                   \
	}

static void close_end(int *fd)
{
	io_close(*fd);
	*fd = -1;
}

static void pipes_close(struct pipes *p)
{
	close_end(&p->in[0]);
	close_end(&p->in[1]);
	close_end(&p->out[0]);
	close_end(&p->out[1]);
	close_end(&p->talk[0]);
	close_end(&p->talk[1]);
}

static int reap(pid_t pid, struct proc_end *end, struct err *err)
{
	int st;

	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "cannot wait for a child");
	end->status = WIFEXITED(st) ? WEXITSTATUS(st) : -1;
	end->signal = WIFSIGNALED(st) ? WTERMSIG(st) : 0;
	return 0;
}

/* Wait for the end until ${until}. A child that has closed its outputs ends at
 * once as a rule, so the first looks come close together. */
static int reap_until(
	pid_t pid, int64_t until, struct proc_end *end, struct err *err)
{
	struct timespec pause = {0, 50 * 1000};
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			    WEXITED | WNOHANG | WNOWAIT) &&
			errno != EINTR)
			return err_sys(err, "cannot wait for a child");
		if (info.si_pid)
			return reap(pid, end, err);
		if (clock_ms() >= until)
			return err_set(err, ERR_LIMIT,
				"a child did not end in the time allowed");
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 5 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
}

/* Take what is there; 1 at end of file, 0 for more to come, -1 on error. */
static int drain(int fd, struct buf *out, struct err *err)
{
	unsigned char block[65536];
	ssize_t n = read(fd, block, sizeof(block));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_sys(err, "cannot read from a child");
	if (n == 0)
		return 1;
	if (out) {
		buf_add(out, block, (size_t)n);
		if (buf_check(out, "output of a child", err))
			return -1;
	}
	return 0;
}

/* Write what fits; 1 when all is written or nobody reads any more. */
static int feed(int fd, struct span *in, struct err *err)
{
	ssize_t n = write(fd, in->p, in->n);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0 && errno == EPIPE)
		return 1;
	if (n < 0)
		return err_sys(err, "cannot write to a child");
	*in = span_from(*in, (size_t)n);
	return in->n == 0;
}

/* Move bytes both ways until the child has closed its outputs. */
static int pump(struct pipes *p, struct span in, struct buf *out,
	struct buf *talk, unsigned timeout_ms, struct err *err)
{
	int64_t until = clock_ms() + (int64_t)timeout_ms;
	int r;

	if (p->in[1] >= 0 && !in.n)
		close_end(&p->in[1]);
	while (p->out[0] >= 0 || p->talk[0] >= 0) {
		struct pollfd f[3] = {
			{.fd = p->in[1], .events = POLLOUT},
			{.fd = p->out[0], .events = POLLIN},
			{.fd = p->talk[0], .events = POLLIN},
		};
		int64_t left = timeout_ms ? until - clock_ms() : -1;

		if (timeout_ms && left <= 0)
			return err_set(err, ERR_LIMIT,
				"a child took longer than %u ms", timeout_ms);
		if (poll(f, 3, (int)left) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "cannot poll");
		}
		if (f[0].revents) {
			r = feed(p->in[1], &in, err);
			if (r < 0)
				return -1;
			if (r)
				close_end(&p->in[1]);
		}
		if (f[1].revents) {
			r = drain(p->out[0], out, err);
			if (r < 0)
				return -1;
			if (r)
				close_end(&p->out[0]);
		}
		if (f[2].revents) {
			r = drain(p->talk[0], talk, err);
			if (r < 0)
				return -1;
			if (r)
				close_end(&p->talk[0]);
		}
	}
	return 0;
}

static int pipes_open(struct pipes *p, bool talk, struct err *err)
{
	if (pipe2(p->in, O_CLOEXEC) || pipe2(p->out, O_CLOEXEC) ||
		(talk && pipe2(p->talk, O_CLOEXEC)))
		return err_sys(err, "cannot make a pipe");
	fcntl(p->in[1], F_SETFL, O_NONBLOCK);
	return 0;
}

/* The parent's side once the child runs: pump, and on failure kill. */
static int attend(pid_t pid, struct pipes *p, struct span in, struct buf *out,
	struct buf *talk, unsigned timeout_ms, struct proc_end *end,
	struct err *err)
{
	void (*was)(int) = signal(SIGPIPE, SIG_IGN);
	int64_t until = clock_ms() + (int64_t)timeout_ms;
	struct err ignored = ERR_INIT;
	int ret;

	close_end(&p->in[0]);
	close_end(&p->out[1]);
	close_end(&p->talk[1]);
	ret = pump(p, in, out, talk, timeout_ms, err);
	pipes_close(p);
	if (!ret)
		ret = timeout_ms ? reap_until(pid, until, end, err)
				 : reap(pid, end, err);
	if (ret) {
		kill(pid, SIGKILL);
		reap(pid, end, &ignored);
	}
	signal(SIGPIPE, was == SIG_ERR ? SIG_DFL : was);
	return ret;
}

#define CHILD_ENV_MAX 2
static char **minimal_env(char **out, char *path, char *home, size_t n)
{
	const char *p = getenv("PATH"), *h = getenv("HOME");
	static char lc[] = "LC_ALL=C.UTF-8";
	size_t i = 0;

	out[i++] = lc;
	snprintf(path, n, "PATH=%s", p ? p : "/usr/local/bin:/usr/bin:/bin");
	out[i++] = path;
	if (h) {
		snprintf(home, n, "HOME=%s", h);
		out[i++] = home;
	}
	out[i] = NULL;
	return out;
}

NORETURN static void child_exec(const struct proc *p, struct pipes *pipes)
{
	char path[4096], home[4096];
	char *few[CHILD_ENV_MAX + 2];

	if (!p->own_stdio) {
		if (dup2(pipes->in[0], 0) < 0 || dup2(pipes->out[1], 1) < 0)
			_exit(127);
		if (p->talk && dup2(pipes->talk[1], 2) < 0)
			_exit(127);
	}
	if (p->dir && chdir(p->dir))
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	environ = p->env ? (char **)(uintptr_t)p->env
			 : minimal_env(few, path, home, sizeof(path));
	execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
	_exit(errno == ENOENT ? 127 : 126);
}

int proc_start(const struct proc *p, struct proc_job *job, struct err *err)
{
	struct pipes pipes = PIPES_NONE;
	int ret = -1;
	pid_t pid;

	*job = (struct proc_job)PROC_JOB_NONE;
	if (!p->own_stdio && pipes_open(&pipes, p->talk != NULL, err))
		goto out;
	pid = fork();
	if (pid < 0) {
		err_sys(err, "cannot fork");
		goto out;
	}
	if (!pid)
		child_exec(p, &pipes);
	*job = (struct proc_job){pid, pipes.in[1], pipes.out[0], pipes.talk[0]};
	pipes.in[1] = pipes.out[0] = pipes.talk[0] = -1; /* handed over */
	ret = 0;
out:
	pipes_close(&pipes);
	return ret;
}

/* What a child that ran to its end says of its own start. */
static int started(
	const struct proc *p, const struct proc_end *end, struct err *err)
{
	if (end->status == 127 || end->status == 126)
		return err_set(err, ERR_SYS, "cannot run '%s'", p->argv[0]);
	return 0;
}

static struct pipes pipes_of(struct proc_job *job)
{
	struct pipes pipes = PIPES_NONE;

	pipes.in[1] = job->in;
	pipes.out[0] = job->out;
	pipes.talk[0] = job->talk;
	job->in = job->out = job->talk = -1; /* handed over */
	return pipes;
}

int proc_finish(const struct proc *p, struct proc_job *job,
	struct proc_end *end, struct err *err)
{
	struct pipes pipes = pipes_of(job);
	pid_t pid = job->pid;

	*job = (struct proc_job)PROC_JOB_NONE;
	if (attend(pid, &pipes, p->in, p->out, p->talk, p->timeout_ms, end,
		    err))
		return err_in(err, "%s", p->argv[0]);
	return started(p, end, err);
}

int proc_collect(const struct proc *p, struct proc_job *job, struct err *err)
{
	void (*was)(int) = signal(SIGPIPE, SIG_IGN);
	struct pipes pipes = pipes_of(job);
	int ret;

	ret = pump(&pipes, p->in, p->out, p->talk, p->timeout_ms, err);
	pipes_close(&pipes);
	signal(SIGPIPE, was == SIG_ERR ? SIG_DFL : was);
	if (ret) {
		err_in(err, "%s", p->argv[0]);
		proc_abandon(job);
	}
	return ret;
}

int proc_reap(const struct proc *p, struct proc_job *job, struct proc_end *end,
	struct err *err)
{
	pid_t pid = job->pid;

	*job = (struct proc_job)PROC_JOB_NONE;
	if (reap(pid, end, err))
		return -1;
	return started(p, end, err);
}

void proc_abandon(struct proc_job *job)
{
	struct err ignored = ERR_INIT;
	struct proc_end end;

	io_close(job->in);
	io_close(job->out);
	io_close(job->talk);
	if (job->pid > 0) {
		kill(job->pid, SIGKILL);
		reap(job->pid, &end, &ignored);
	}
	*job = (struct proc_job)PROC_JOB_NONE;
}

/* Between fork and exec: other threads may hold locks, so system calls only. */
NORETURN static void child_converse(const char *const *argv, int end)
{
	static char *none[] = {NULL};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (dup2(end, 0) < 0 || dup2(end, 1) < 0 || dup2(nothing, 2) < 0)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	execve(argv[0], (char *const *)(uintptr_t)argv, none);
	_exit(errno == ENOENT ? 127 : 126);
}

int proc_converse(
	const char *const *argv, struct proc_job *job, struct err *err)
{
	int ends[2];
	pid_t pid;

	*job = (struct proc_job)PROC_JOB_NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_sys(err, "cannot make a socket");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (!pid)
		child_converse(argv, ends[1]);
	if (pid < 0)
		err_sys(err, "cannot fork");
	io_close(ends[1]);
	if (pid < 0) {
		io_close(ends[0]);
		return -1;
	}
	job->pid = pid;
	job->in = ends[0];
	return 0;
}

int proc_run(const struct proc *p, struct proc_end *end, struct err *err)
{
	struct proc_job job;

	if (proc_start(p, &job, err))
		return -1;
	return proc_finish(p, &job, end, err);
}

int proc_fork(int (*run)(void *ctx, int in_fd, int out_fd), void *ctx,
	struct span in, struct buf *out, unsigned timeout_ms,
	struct proc_end *end, struct err *err)
{
	struct pipes pipes = PIPES_NONE;
	int ret = -1;
	pid_t pid;

	if (pipes_open(&pipes, false, err))
		goto out;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		err_sys(err, "cannot fork");
		goto out;
	}
	if (!pid) {
		close_end(&pipes.in[1]);
		close_end(&pipes.out[0]);
		_exit(run(ctx, pipes.in[0], pipes.out[1]));
	}
	ret = attend(pid, &pipes, in, out, NULL, timeout_ms, end, err);
out:
	pipes_close(&pipes);
	return ret;
}

void proc_end_text(struct proc_end end, char *out, size_t n)
{
	if (end.signal)
		snprintf(out, n, "signal %d (%s)", end.signal,
			strsignal(end.signal));
	else
		snprintf(out, n, "exit status %d", end.status);
}
