#include "log/source_ssh.h"

#include "base/proc.h"

#define SCHEME "ssh://"
#define TIMEOUT_MS 60000u
#define COMMAND_MAX 8192
/* Told apart from what cat, a shell or ssh itself end with. */
#define ABSENT 44

struct far {
	char *host; /* with the scheme, as ssh takes it */
	char *path;
};

bool source_is_ssh(const char *from)
{
	return !strncmp(from, SCHEME, sizeof(SCHEME) - 1);
}

static bool far_ran(
	struct far *f, struct proc_end end, const char *path, struct err *err)
{
	char text[64];

	if (!end.signal && !end.status)
		return true;
	if (end.signal || end.status != ABSENT) {
		proc_end_text(end, text, sizeof(text));
		err_set(err, ERR_NET, "'%s%s/%s': ssh ended with %s", f->host,
			f->path, path, text);
	}
	return false;
}

/* What ssh asks its environment for: the agent above all. */
struct env {
	char text[4][4096];
	const char *v[5];
};

static void env_fill(struct env *e)
{
	static const char *const names[] = {
		"PATH", "HOME", "SSH_AUTH_SOCK", "USER"};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (!value)
			continue;
		snprintf(e->text[n], sizeof(e->text[n]), "%s=%s", names[i],
			value);
		e->v[n] = e->text[n];
		n++;
	}
	e->v[n] = NULL;
}

/* ${path} is one of ours, and f->path was looked at: nothing in them ends the
 * quotes. */
static int far_get(void *ctx, const char *path, size_t max, struct buf *out,
	bool *found, struct err *err)
{
	struct buf command = BUF_INIT(COMMAND_MAX);
	struct far *f = ctx;
	struct env env;
	struct proc_end end;
	int ret = -1;

	*found = false;
	buf_fmt(&command, "test -f '%s/%s' || exit %d; exec cat '%s/%s'",
		f->path, path, ABSENT, f->path, path);
	if (buf_check(&command, "path", err))
		goto out;
	env_fill(&env);
	{
		const char *const argv[] = {"ssh", "-T", "-x", "-a", "-o",
			"BatchMode=yes", "-o", "ConnectTimeout=20", "--",
			f->host, buf_cstr(&command), NULL};
		struct proc p = {.argv = argv,
			.env = env.v,
			.out = out,
			.timeout_ms = TIMEOUT_MS};

		ret = proc_run(&p, &end, err);
	}
	if (ret) {
		/* Late is not too large, which is the log's own doing. */
		err->code = out->full ? ERR_LIMIT : ERR_NET;
		err_in(err, "'%s' (at most %zu bytes)", path, max);
		goto out;
	}
	*found = far_ran(f, end, path, err);
	ret = *found || (!end.signal && end.status == ABSENT) ? 0 : -1;
out:
	buf_free(&command);
	return ret;
}

static void far_close(void *ctx)
{
	struct far *f = ctx;

	free(f->host);
	free(f->path);
	free(f);
}

/* Nothing that ssh's configuration could hand to a shell. */
static bool host_ok(struct span s)
{
	static const char also[] = ".-_@:[]%";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = s.p[i], before = i ? s.p[i - 1] : '@';

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			!(c >= '0' && c <= '9') && (!c || !strchr(also, c)))
			return false;
		if (c == '-' && before == '@')
			return false;
	}
	return s.n > 0;
}

static bool path_ok(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\'' ||
			s.p[i] == '\\' || s.p[i] == '!')
			return false;
	return s.n > 1;
}

int log_source_ssh(const char *from, struct log_source **out, struct err *err)
{
	static const struct log_source_ops ops = {far_get, far_close};
	struct span rest = span_from(span_str(from), sizeof(SCHEME) - 1);
	size_t slash = span_find(rest, '/');
	struct span path = SPAN_EMPTY;
	struct far *f;

	*out = NULL;
	if (slash != SIZE_MAX)
		path = span_from(rest, slash);
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (!path.n || !host_ok(span_sub(rest, 0, slash)) || !path_ok(path)) {
		err_set(err, ERR_USAGE, "not an address for ssh: '%s'", from);
		return err_hint(err,
			"ssh://[user@]host[:port]/path, without quotes and "
			"spaces in the host");
	}
	f = calloc(1, sizeof(*f));
	if (!f || !(f->host = strndup(from, sizeof(SCHEME) - 1 + slash)) ||
		!(f->path = strndup((const char *)path.p, path.n)))
		die("out of memory");
	*out = log_source_of(&ops, f, from);
	return 0;
}
