#include "port/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

/* AddressSanitizer reserves terabytes: its builds go without that limit. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_LIMITED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_LIMITED 0
#endif
#endif
#ifndef MEMORY_LIMITED
#define MEMORY_LIMITED 1
#endif

static int limit(__rlimit_resource_t what, uint64_t value, struct err *err)
{
	struct rlimit r = {value, value}, was;

	if (getrlimit(what, &was))
		return err_sys(err, "cannot read a resource limit");
	if (was.rlim_max != RLIM_INFINITY && was.rlim_max < value)
		r.rlim_cur = r.rlim_max = was.rlim_max;
	if (setrlimit(what, &r))
		return err_sys(err, "cannot set a resource limit");
	return 0;
}

/* The x32 calls of x86_64 have this bit set, under the same architecture. */
#define X32_CALLS 0x40000000u

/*
 * A filter on system calls: socket() only of family AF_UNIX, and none of the
 * ways past it (another architecture's calls, x32's, io_uring's).
 */
static int no_network(struct err *err)
{
#ifdef OUR_ARCH
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
	};
	struct sock_fprog prog = {
		.len = (unsigned short)ARRAY_LEN(code),
		.filter = code,
	};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0))
		return err_sys(err, "cannot close the network to the judge");
	return 0;
#else
	(void)err;
	return 0;
#endif
}

int sandbox_bound(const struct sandbox_limits *limits, struct err *err)
{
	if (limit(RLIMIT_CORE, 0, err))
		return -1;
	if (limits->seconds && limit(RLIMIT_CPU, limits->seconds, err))
		return -1;
	if (limits->file && limit(RLIMIT_FSIZE, limits->file, err))
		return -1;
	if (MEMORY_LIMITED && limits->memory &&
		limit(RLIMIT_DATA, limits->memory, err))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(err, "cannot give up new privileges");
	return 0;
}

int sandbox_enter(const struct sandbox_limits *limits, struct err *err)
{
	if (sandbox_bound(limits, err))
		return -1;
	return no_network(err);
}

#ifdef OUR_ARCH
/* Of the filter below: what goes, and what fails without harm. */
#define GOES(call)                                         \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAILS(call)                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES)

/* A list of what may be done: everything else ends the process. That files
 * cannot be opened is told to it instead, as the C library asks for a time zone
 * and for tables of characters and does without. */
static int only_compute(struct err *err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		GOES(SYS_read),
		GOES(SYS_write),
		GOES(SYS_brk),
		GOES(SYS_munmap),
		GOES(SYS_mremap),
		GOES(SYS_madvise),
		GOES(SYS_clock_gettime),
		GOES(SYS_exit_group),
#if !MEMORY_LIMITED
		/* What AddressSanitizer does before a function that does not
		 * return. */
		GOES(SYS_sigaltstack),
		GOES(SYS_gettid),
#endif
#ifdef SYS_open
		FAILS(SYS_open),
#endif
		FAILS(SYS_openat),
		FAILS(SYS_newfstatat),
		FAILS(SYS_fstat),
		FAILS(SYS_getrandom),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 1, 0),
		BPF_STMT(BPF_RET | BPF_K,
			MEMORY_LIMITED ? SECCOMP_RET_KILL_PROCESS
				       : SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = (unsigned short)ARRAY_LEN(code),
		.filter = code,
	};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0))
		return err_sys(err, "cannot give up system calls");
	return 0;
}
#endif

int sandbox_seal(const struct sandbox_limits *limits, struct err *err)
{
	if (syscall(SYS_close_range, 3u, ~0u, 0u))
		return err_sys(err, "cannot close what was inherited");
	if (limit(RLIMIT_CORE, 0, err) || limit(RLIMIT_FSIZE, 0, err) ||
		limit(RLIMIT_NOFILE, 3, err))
		return -1;
	if (limits->seconds && limit(RLIMIT_CPU, limits->seconds, err))
		return -1;
	if (MEMORY_LIMITED && limits->memory &&
		limit(RLIMIT_AS, limits->memory, err))
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(err, "cannot give up new privileges");
#ifdef OUR_ARCH
	return only_compute(err);
#else
	return err_set(err, ERR_SYS,
		"no filter of system calls is known for this processor");
#endif
}
