/*
 * sluice logd: keep the log, and its key, for gates that run under other
 * accounts. In the foreground; a service manager may hand over the socket.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "base/unixsocket.h"
#include "cmd/cmd.h"
#include "log/keyholder.h"
#include "log/logd.h"
#include "log/logkey.h"
#include "log/store.h"
#include "port/trustfile.h"

#define ARENA_MAX ((size_t)16 << 20)

static void say(const char *text)
{
	fprintf(stderr, "sluice: logd: %s\n", text);
}

static int read_conf(const struct run *run, const char *file, struct arena *a,
	struct logdconf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(LOGDCONF_FILE_MAX);
	int ret;

	if (!file)
		file = store_path(&path, run->state, STORE_LOGD);
	ret = trustfile_read(file, &text, err);
	if (!ret)
		ret = logdconf_parse(buf_all(&text), a, out, err);
	if (ret)
		err_in(err, "'%s'", file);
	buf_free(&text);
	buf_free(&path);
	return ret;
}

/* One for a log: or the second would take the first one's socket away. */
static int lock_alone(const struct run *run, int *fd, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	const char *file = store_path(&path, run->state, STORE_LOGD_LOCK);
	int ret = 0;

	*fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		ret = err_sys(err, "cannot open '%s'", file);
	else if (flock(*fd, LOCK_EX | LOCK_NB))
		ret = err_set(
			err, ERR_LOG, "another logd serves '%s'", run->state);
	buf_free(&path);
	return ret;
}

static int sockets(
	const char *path, int *own, const int **fd, size_t *n, struct err *err)
{
	static int inherited[16];
	size_t i;
	int first;

	if (unixsocket_inherited(&first, n, err))
		return -1;
	if (*n && path)
		return err_set(err, ERR_USAGE,
			"--socket, but the service manager gave one");
	for (i = 0; i < *n; i++)
		inherited[i] = first + (int)i;
	*fd = inherited;
	if (*n)
		return 0;
	if (!path) {
		err_set(err, ERR_USAGE, "logd needs --socket");
		return err_hint(err,
			"or to be started by sluice-logd.socket of systemd");
	}
	*fd = own;
	*n = 1;
	return unixsocket_listen(path, own, err);
}

static int serve(const struct run *run, const char *config, const char *socket,
	struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct logd d = {.state = run->state, .say = say};
	struct logd_count n = {0};
	struct logdconf conf;
	int own = -1, lock = -1, ret = -1;

	keyholder_seclude();
	logkey_credentials(getenv("CREDENTIALS_DIRECTORY"));
	d.conf = &conf;
	if (logkey_keep(err) || read_conf(run, config, arena, &conf, err) ||
		lock_alone(run, &lock, err) ||
		sockets(socket, &own, &d.listener, &d.nlistener, err))
		goto out;
	if (!run->quiet)
		fprintf(stderr, "sluice: logd: serves the log in '%s'\n",
			run->state);
	ret = logd_run(&d, &n, err);
	if (!run->quiet)
		fprintf(stderr,
			"sluice: logd: %llu entries for %llu syncs; %llu "
			"refused, %llu times busy\n",
			(unsigned long long)n.appended,
			(unsigned long long)n.together,
			(unsigned long long)n.refused,
			(unsigned long long)n.busy);
out:
	if (own >= 0)
		unlink(socket);
	io_close(own);
	io_close(lock);
	arena_free(arena);
	return ret;
}

enum exit_code cmd_logd(struct run *run, int argc, char **argv)
{
	const char *config = NULL, *socket = NULL;
	const struct option_def defs[] = {
		{"--socket", OPTION_TEXT, &socket,
			"listen there; without it as systemd says"},
		{"--config", OPTION_TEXT, &config,
			"whom to serve (<state>/logd.json)"},
	};
	struct err err = ERR_INIT;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("logd", "[OPTIONS]", defs, ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(&err, ERR_USAGE, "logd takes no arguments");
	if (left < 0 || serve(run, config, socket, &err))
		return cmd_fail(&err);
	return EXIT_YES;
}
