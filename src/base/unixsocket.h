/* Unix stream sockets whose two ends know each other's account, as the system
 * tells it. */
#ifndef BASE_UNIXSOCKET_H
#define BASE_UNIXSOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * unixsocket_listen(path, fd, err):
 * A new socket there, open to every account: who may use it is asked of each
 * client. A socket that is there already is replaced; anything else is not.
 */
MUST_USE int unixsocket_listen(const char *path, int *fd, struct err *err);

/*
 * unixsocket_inherited(fd, n, err):
 * How many sockets the service manager handed over (sd_listen_fds(3)): they
 * are ${*fd} and those after it. Each must be a Unix stream socket that is
 * listened on. The variables are taken out of the environment.
 */
MUST_USE int unixsocket_inherited(int *fd, size_t *n, struct err *err);

/* unixsocket_accept(listener, fd, uid, err): the next client that waits, which
 * does not block; *${fd} is -1 if there is none. */
MUST_USE int unixsocket_accept(
	int listener, int *fd, uid_t *uid, struct err *err);

/*
 * unixsocket_connect(path, until, fd, uid, err):
 * Connected to whoever listens there, until clock_ms() reaches ${until}; that
 * one's account. The descriptor does not block. A service manager that
 * listens for another is the one that is told.
 */
MUST_USE int unixsocket_connect(
	const char *path, int64_t until, int *fd, uid_t *uid, struct err *err);

#endif
