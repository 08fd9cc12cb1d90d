/* The recorder of disk.h: a child's system calls, each looked at. */
#include "disk.h"

#include "unit.h"

#if defined(__x86_64__)

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#define FDS 256
#define PATH_LEN 1024

struct opened {
	size_t node; /* SIZE_MAX: none of ours */
	size_t at;
};

struct recorder {
	struct disk *d;
	pid_t pid;
	struct opened fd[FDS];
	struct user_regs_struct in; /* as the call began */
	char path[PATH_LEN], other[PATH_LEN];
	struct buf bytes;
	bool killed; /* it shall be, before its first fdatasync */
};

/* The child's memory may end after the string: page by page. */
static void read_path(pid_t pid, unsigned long long at, char out[PATH_LEN])
{
	size_t n = 0;

	while (n < PATH_LEN - 1) {
		size_t part = 4096 - (at + n) % 4096;
		struct iovec to, from;
		ssize_t got;

		if (part > PATH_LEN - 1 - n)
			part = PATH_LEN - 1 - n;
		to = (struct iovec){out + n, part};
		from.iov_base = (char *)(uintptr_t)(at + n);
		from.iov_len = part;
		got = process_vm_readv(pid, &to, 1, &from, 1, 0);
		if (got <= 0 || memchr(out + n, '\0', (size_t)got))
			break;
		n += (size_t)got;
	}
	out[PATH_LEN - 1] = '\0';
}

static void read_bytes(struct recorder *r, unsigned long long at, size_t n)
{
	struct iovec to, from;

	buf_reset(&r->bytes);
	assert_true(buf_room(&r->bytes, n));
	to = (struct iovec){r->bytes.p, n};
	from = (struct iovec){(void *)(uintptr_t)at, n};
	assert_int_equal(
		process_vm_readv(r->pid, &to, 1, &from, 1, 0), (ssize_t)n);
	r->bytes.n = n;
}

/* What the call is about, before it is made. */
static void before(struct recorder *r)
{
	const struct user_regs_struct *in = &r->in;

	r->path[0] = r->other[0] = '\0';
	switch ((long)in->orig_rax) {
	case SYS_rename:
		read_path(r->pid, in->rsi, r->other);
		read_path(r->pid, in->rdi, r->path);
		break;
	case SYS_renameat:
	case SYS_renameat2:
		read_path(r->pid, in->r10, r->other);
		read_path(r->pid, in->rsi, r->path);
		break;
	case SYS_openat:
	case SYS_unlinkat:
	case SYS_mkdirat:
		read_path(r->pid, in->rsi, r->path);
		break;
	case SYS_open:
	case SYS_unlink:
	case SYS_rmdir:
	case SYS_mkdir:
		read_path(r->pid, in->rdi, r->path);
		break;
	default:
		break;
	}
}

static struct opened *opened(struct recorder *r, unsigned long long fd)
{
	static struct opened none;

	none.node = SIZE_MAX;
	return fd < FDS ? &r->fd[fd] : &none;
}

static void after_open(struct recorder *r, unsigned long long fd,
	unsigned long long flags, unsigned long long mode)
{
	struct opened *o = opened(r, fd);

	o->node = disk_open(r->d, r->path, flags & O_CREAT,
		(unsigned)mode & ~022u, flags & O_TRUNC);
	o->at = 0;
}

static void after_write(
	struct recorder *r, struct opened *o, size_t at, size_t n)
{
	if (o->node == SIZE_MAX)
		return;
	read_bytes(r, r->in.rsi, n);
	disk_write(r->d, o->node, at, buf_all(&r->bytes));
}

/* The call succeeded, with that result. */
static void after(struct recorder *r, unsigned long long result)
{
	const struct user_regs_struct *in = &r->in;
	struct opened *o = opened(r, in->rdi);

	switch ((long)in->orig_rax) {
	case SYS_openat:
		after_open(r, result, in->rdx, in->r10);
		break;
	case SYS_open:
		after_open(r, result, in->rsi, in->rdx);
		break;
	case SYS_close:
		o->node = SIZE_MAX;
		break;
	case SYS_write:
		after_write(r, o, o->at, result);
		o->at += result;
		break;
	case SYS_pwrite64:
		after_write(r, o, in->r10, result);
		break;
	case SYS_ftruncate:
		if (o->node != SIZE_MAX)
			disk_cut(r->d, o->node, in->rsi);
		break;
	case SYS_fchmod:
		if (o->node != SIZE_MAX)
			disk_mode(r->d, o->node, (unsigned)in->rsi);
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		if (o->node != SIZE_MAX)
			disk_sync(r->d, o->node);
		break;
	case SYS_mkdir:
	case SYS_mkdirat:
		disk_mkdir(r->d, r->path, 0755);
		break;
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_rmdir:
		disk_unlink(r->d, r->path);
		break;
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
		disk_rename(r->d, r->path, r->other,
			in->orig_rax == SYS_renameat2 &&
				(in->r8 & RENAME_EXCHANGE));
		break;
	default:
		break;
	}
}

/* The call is what it shall not come to. */
static bool ends_here(struct recorder *r)
{
	return r->killed && r->in.orig_rax == SYS_fdatasync &&
		opened(r, r->in.rdi)->node != SIZE_MAX;
}

static int follow(struct recorder *r)
{
	struct user_regs_struct regs;
	bool entry = true;
	int st;

	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, r->pid, NULL, NULL), 0);
		assert_int_equal(waitpid(r->pid, &st, 0), r->pid);
		if (!WIFSTOPPED(st))
			return WIFEXITED(st) ? WEXITSTATUS(st)
					     : 128 + WTERMSIG(st);
		assert_int_equal(WSTOPSIG(st), SIGTRAP | 0x80);
		assert_int_equal(
			ptrace(PTRACE_GETREGS, r->pid, NULL, &regs), 0);
		if (entry) {
			r->in = regs;
			before(r);
			if (ends_here(r)) {
				kill(r->pid, SIGKILL);
				assert_int_equal(
					waitpid(r->pid, &st, 0), r->pid);
				return 128 + SIGKILL;
			}
		} else if ((long long)regs.rax >= 0) {
			after(r, regs.rax);
		}
		entry = !entry;
	}
}

static int run_recorded(
	struct disk *d, int (*run)(void *ctx), void *ctx, bool killed)
{
	struct recorder r = {
		.d = d, .bytes = BUF_INIT((size_t)64 << 20), .killed = killed};
	size_t i;
	int st, ret;

	for (i = 0; i < FDS; i++)
		r.fd[i].node = SIZE_MAX;
	r.pid = fork();
	assert_true(r.pid >= 0);
	if (!r.pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(77);
		raise(SIGSTOP);
		_exit(run(ctx));
	}
	assert_int_equal(waitpid(r.pid, &st, 0), r.pid);
	if (WIFEXITED(st))
		return -1;
	ptrace(PTRACE_SETOPTIONS, r.pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	ret = follow(&r);
	buf_free(&r.bytes);
	return ret;
}

#else

static int run_recorded(
	struct disk *d, int (*run)(void *ctx), void *ctx, bool killed)
{
	(void)d;
	(void)run;
	(void)ctx;
	(void)killed;
	return -1;
}

#endif

int disk_run(struct disk *d, int (*run)(void *ctx), void *ctx)
{
	return run_recorded(d, run, ctx, false);
}

int disk_run_killed(struct disk *d, int (*run)(void *ctx), void *ctx)
{
	return run_recorded(d, run, ctx, true);
}
