#include "../../support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/unixsocket.h"

static char dir[4096];
static char path[4200];

static int setup(void **state)
{
	(void)state;
	unit_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unit_rm(dir);
	return 0;
}

static void test_both_ends(void **unused)
{
	int listener, client, server, again;
	uid_t uid = (uid_t)-1;
	struct err err = ERR_INIT;
	struct stat st;
	char c = 0;

	(void)unused;
	assert_int_equal(unixsocket_listen(path, &listener, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	assert_int_equal(unixsocket_accept(listener, &server, &uid, &err), 0);
	assert_int_equal(server, -1);
	assert_int_equal(unixsocket_connect(
				 path, clock_ms() + 1000, &client, &uid, &err),
		0);
	assert_int_equal(uid, geteuid());
	uid = (uid_t)-1;
	assert_int_equal(unixsocket_accept(listener, &server, &uid, &err), 0);
	assert_true(server >= 0);
	assert_int_equal(uid, geteuid());
	assert_int_equal(send(client, "x", 1, 0), 1);
	assert_int_equal(recv(server, &c, 1, 0), 1);
	assert_int_equal(c, 'x');
	close(client);
	close(server);
	/* One that is left is replaced; a file is not. */
	close(listener);
	assert_int_equal(unixsocket_listen(path, &again, &err), 0);
	close(again);
	assert_int_equal(unlink(path), 0);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(unixsocket_listen(path, &again, &err), -1);
	assert_non_null(strstr(err.text, "is no socket"));
	err_clear(&err);
	assert_int_equal(unixsocket_connect(path, 0, &client, &uid, &err), -1);
	assert_int_equal(client, -1);
	assert_int_equal(err.sys, ECONNREFUSED);
	assert_int_equal(unlink(path), 0);
}

static void test_long_name(void **unused)
{
	char name[200];
	struct err err = ERR_INIT;
	uid_t uid;
	int fd;

	(void)unused;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(unixsocket_listen(name, &fd, &err), -1);
	assert_int_equal(unixsocket_connect(name, 0, &fd, &uid, &err), -1);
	assert_int_equal(unixsocket_listen("", &fd, &err), -1);
}

/* As the service manager does it: descriptor 3, and the variables. Answers how
 * many were taken, or 100. */
static int inherited(int fd, const char *pid, const char *fds)
{
	char own[32];
	int st;
	pid_t child = fork();

	if (!child) {
		struct err err = ERR_INIT;
		int first, flags;
		size_t n;

		if (fd >= 0 && fd != 3 && dup2(fd, 3) != 3)
			_exit(99);
		snprintf(own, sizeof(own), "%d", (int)getpid());
		setenv("LISTEN_PID", pid ? pid : own, 1);
		setenv("LISTEN_FDS", fds, 1);
		if (unixsocket_inherited(&first, &n, &err))
			_exit(100);
		if (getenv("LISTEN_FDS") || getenv("LISTEN_PID"))
			_exit(98);
		flags = n ? fcntl(first, F_GETFL) : O_NONBLOCK;
		_exit(first == 3 && (flags & O_NONBLOCK) ? (int)n : 97);
	}
	assert_int_equal(waitpid(child, &st, 0), child);
	return WEXITSTATUS(st);
}

static void test_inherited(void **unused)
{
	struct err err = ERR_INIT;
	int listener, pair[2];

	(void)unused;
	assert_int_equal(unixsocket_listen(path, &listener, &err), 0);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(inherited(listener, NULL, "1"), 1);
	assert_int_equal(inherited(listener, NULL, "0"), 0);
	assert_int_equal(inherited(listener, "1", "1"), 0);
	assert_int_equal(inherited(listener, "x", "1"), 0);
	assert_int_equal(inherited(listener, NULL, "x"), 100);
	assert_int_equal(inherited(listener, NULL, "17"), 100);
	assert_int_equal(inherited(pair[0], NULL, "1"), 100);
	close(listener);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_inherited),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
