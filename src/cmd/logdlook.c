#include "cmd/logdlook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "log/reader.h"
#include "log/remote.h"
#include "log/store.h"

struct look {
	const char *state;
	void (*tell)(void *ctx, bool good, const char *text, const char *hint);
	void *ctx;
	struct buf path;
	bool bad;
};

static void PRINTF(3, 4)
	bad(struct look *l, const char *hint, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->bad = true;
	l->tell(l->ctx, false, text, hint);
}

static void bad_err(struct look *l, const struct err *err)
{
	bad(l, err->hint[0] ? err->hint : NULL, "%s", err->text);
}

static void look_at_socket(struct look *l, const struct remote *r)
{
	struct stat st;

	if (lstat(r->place.socket, &st))
		bad(l, "systemctl enable --now sluice-logd.socket", "'%s': %s",
			r->place.socket, strerror(errno));
	else if (!S_ISSOCK(st.st_mode))
		bad(l, NULL, "'%s' is no socket", r->place.socket);
	else if (st.st_uid != 0 && st.st_uid != r->uid)
		bad(l, "find out who put it there",
			"'%s' belongs to user %lu, not to '%s' or root",
			r->place.socket, (unsigned long)st.st_uid,
			r->place.user);
}

/* logd's key may have followed on the one that is pinned here. */
static void look_at_keys(struct look *l, struct span vkey)
{
	struct log_reader *log = NULL;
	struct err err = ERR_INIT;

	if (!log_open_state(l->state, &log, &err) && log_knows(log, vkey))
		bad(l, "'sluice log key --follow' goes over to it",
			"the log went over to another key than the one in '%s'",
			store_path(&l->path, l->state, STORE_VKEY));
	else
		bad(l, "both must be of one log",
			"logd's key is not the one in '%s'",
			store_path(&l->path, l->state, STORE_VKEY));
	log_close(log);
}

static void look_at_answer(struct look *l, const struct remote *r)
{
	struct buf room = BUF_INIT(RECEIPT_MAX), vkey = BUF_INIT(4096);
	struct receipt a;
	struct err err = ERR_INIT;

	if (remote_status(r, &room, &a, &err) ||
		store_vkey(l->state, &vkey, &err)) {
		bad_err(l, &err);
		goto out;
	}
	if (a.uid != r->uid)
		bad(l, "\"user\" in socket.json is who logd runs as",
			"logd runs as user %llu, not as '%s'",
			(unsigned long long)a.uid, r->place.user);
	if (a.uid == geteuid())
		bad(l, "give logd an account of its own",
			"logd runs under the account of the gate");
	if (!span_eq(a.vkey, buf_all(&vkey)))
		look_at_keys(l, a.vkey);
out:
	buf_free(&vkey);
	buf_free(&room);
}

/* Neither the folder nor one above it may be this account's to change. */
static void look_at_folder(struct look *l, const char *name)
{
	char full[PATH_MAX], *slash;
	struct stat st;

	if (!realpath(store_path(&l->path, l->state, name), full)) {
		bad(l, "link it to logd's", "'%s': %s", buf_cstr(&l->path),
			strerror(errno));
		return;
	}
	while ((slash = strrchr(full, '/'))) {
		if (!stat(full, &st) && st.st_uid == geteuid() && geteuid())
			bad(l, "chown it to the account of logd",
				"'%s' belongs to the account of the gate",
				full);
		else if (!faccessat(AT_FDCWD, full, W_OK, AT_EACCESS) &&
			geteuid() && !(st.st_mode & S_ISVTX))
			bad(l, "chmod go-w",
				"the account of the gate may write to '%s'",
				full);
		*slash = '\0';
	}
}

static void look_at_secrets(struct look *l)
{
	static const char *const name[] = {STORE_KEY, STORE_HIGHWATER};
	size_t i;

	for (i = 0; i < ARRAY_LEN(name); i++)
		if (io_exists(store_path(&l->path, l->state, name[i])))
			bad(l, "move it to logd's folder: docs/logd.md",
				"'%s' is still here", buf_cstr(&l->path));
}

void logdlook(const char *state,
	void (*tell)(void *ctx, bool good, const char *text, const char *hint),
	void *ctx)
{
	struct look l = {.state = state,
		.tell = tell,
		.ctx = ctx,
		.path = PATH_BUF_INIT};
	struct err err = ERR_INIT;
	struct remote r;
	bool named;

	if (remote_find(state, &r, &named, &err)) {
		bad_err(&l, &err);
	} else if (named) {
		if (!geteuid())
			bad(&l, "give the gate's state folder to its account",
				"the gate runs as root, who may write "
				"everywhere");
		look_at_socket(&l, &r);
		look_at_answer(&l, &r);
		look_at_folder(&l, STORE_LOG);
		look_at_folder(&l, STORE_VAULT);
		look_at_secrets(&l);
		if (!l.bad)
			tell(ctx, true,
				"it has the log and the key, out of reach of "
				"this account",
				NULL);
		remote_free(&r);
	}
	buf_free(&l.path);
}
