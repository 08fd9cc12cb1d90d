#include "base/unixsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"

#define BACKLOG 512
#define INHERITED_FIRST 3
#define INHERITED_MAX 16u
#define PAUSE_NS (5 * 1000 * 1000)

static int address(const char *path, struct sockaddr_un *out, struct err *err)
{
	size_t n = strlen(path);

	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (!n || n >= sizeof(out->sun_path))
		return err_set(err, ERR_USAGE,
			"'%s' is too long for a socket's path", path);
	memcpy(out->sun_path, path, n);
	return 0;
}

static int make(int *fd, struct err *err)
{
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *fd < 0 ? err_sys(err, "cannot make a socket") : 0;
}

static int peer_of(int fd, uid_t *uid, struct err *err)
{
	struct ucred c;
	socklen_t n = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) || n != sizeof(c))
		return err_sys(err, "cannot tell who is at the other end");
	*uid = c.uid;
	return 0;
}

int unixsocket_listen(const char *path, int *fd, struct err *err)
{
	struct sockaddr_un a;
	struct stat st;

	*fd = -1;
	if (address(path, &a, err))
		return -1;
	if (!lstat(path, &st)) {
		if (!S_ISSOCK(st.st_mode))
			return err_set(err, ERR_USAGE,
				"'%s' is there, and is no socket", path);
		if (unlink(path))
			return err_sys(err, "cannot remove '%s'", path);
	}
	if (make(fd, err))
		return -1;
	if (bind(*fd, (const struct sockaddr *)&a, sizeof(a)) ||
		chmod(path, 0666) || listen(*fd, BACKLOG)) {
		err_sys(err, "cannot listen at '%s'", path);
		io_close(*fd);
		*fd = -1;
		return -1;
	}
	return 0;
}

static bool option_is(int fd, int name, int value)
{
	int have;
	socklen_t n = sizeof(have);

	return !getsockopt(fd, SOL_SOCKET, name, &have, &n) && have == value;
}

int unixsocket_inherited(int *fd, size_t *n, struct err *err)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t who = 0, count = 0;
	size_t i;
	bool ours;

	*fd = INHERITED_FIRST;
	*n = 0;
	ours = pid && fds && text_to_u64(span_str(pid), INT32_MAX, &who) &&
		who == (uint64_t)getpid();
	if (ours && !text_to_u64(span_str(fds), INHERITED_MAX, &count))
		return err_set(err, ERR_USAGE, "LISTEN_FDS is '%s'", fds);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (i = 0; i < count; i++) {
		int one = INHERITED_FIRST + (int)i, flags;

		if (!option_is(one, SO_DOMAIN, AF_UNIX) ||
			!option_is(one, SO_TYPE, SOCK_STREAM) ||
			!option_is(one, SO_ACCEPTCONN, 1))
			return err_set(err, ERR_USAGE,
				"descriptor %d is no Unix stream socket that "
				"is listened on",
				one);
		flags = fcntl(one, F_GETFL);
		if (flags < 0 || fcntl(one, F_SETFL, flags | O_NONBLOCK) ||
			fcntl(one, F_SETFD, FD_CLOEXEC))
			return err_sys(err, "descriptor %d", one);
	}
	*n = (size_t)count;
	return 0;
}

int unixsocket_accept(int listener, int *fd, uid_t *uid, struct err *err)
{
	*fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (*fd < 0) {
		/* The rest goes away by itself, or with the next client. */
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return 0;
		return err_sys(err, "cannot take a client");
	}
	if (!peer_of(*fd, uid, err))
		return 0;
	io_close(*fd);
	*fd = -1;
	return -1;
}

int unixsocket_connect(
	const char *path, int64_t until, int *fd, uid_t *uid, struct err *err)
{
	const struct timespec pause = {0, PAUSE_NS};
	struct sockaddr_un a;

	*fd = -1;
	if (address(path, &a, err) || make(fd, err))
		return -1;
	/* EAGAIN: more wait there already than may. */
	while (connect(*fd, (const struct sockaddr *)&a, sizeof(a))) {
		if ((errno != EAGAIN && errno != EINTR) ||
			clock_ms() >= until) {
			err_sys(err, "cannot connect to '%s'", path);
			goto fail;
		}
		nanosleep(&pause, NULL);
	}
	if (!peer_of(*fd, uid, err))
		return 0;
fail:
	io_close(*fd);
	*fd = -1;
	return -1;
}
