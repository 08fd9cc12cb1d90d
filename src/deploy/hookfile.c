#include "deploy/hookfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "deploy/hooktext.h"

#define HOOK_BYTES_MAX (1u << 20)
#define MARK "# sluice gate:"
#define SUFFIX ".sluice-previous"

const char *hook_name(enum hook h)
{
	switch (h) {
	case HOOK_PRE_RECEIVE:
		return "pre-receive";
	case HOOK_POST_RECEIVE:
		return "post-receive";
	case HOOK_PRE_PUSH:
		break;
	}
	return "pre-push";
}

static const char *template_of(enum hook h)
{
	switch (h) {
	case HOOK_PRE_RECEIVE:
		return hooks_pre_receive;
	case HOOK_POST_RECEIVE:
		return hooks_post_receive;
	case HOOK_PRE_PUSH:
		break;
	}
	return hooks_pre_push;
}

/* A word of sh, whatever is in it. */
static void quote(struct buf *out, const char *s)
{
	buf_byte(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_str(out, "'\\''");
		else
			buf_byte(out, (unsigned char)*s);
	}
	buf_byte(out, '\'');
}

/* The opposite, for what quote() writes: take one word off ${rest}. */
static bool unquote(struct span *rest, struct arena *a, const char **out)
{
	struct buf word = PATH_BUF_INIT;
	struct span s = *rest;
	bool in = false, any = false;

	while (s.n && (in || s.p[0] != ' ')) {
		if (s.p[0] == '\'')
			in = !in;
		else if (!in && s.p[0] == '\\' && s.n > 1 && s.p[1] == '\'') {
			buf_byte(&word, '\'');
			s = span_from(s, 1);
		} else if (in)
			buf_byte(&word, s.p[0]);
		else
			break;
		any = true;
		s = span_from(s, 1);
	}
	if (any && !in && !word.full)
		*out = arena_str(a, buf_all(&word));
	else
		any = false;
	*rest = span_trim(s);
	buf_free(&word);
	return any && !in;
}

static void options(struct buf *out, const struct hook_line *line)
{
	buf_str(out, "--state ");
	quote(out, line->state);
	if (line->policy) {
		buf_str(out, " --policy ");
		quote(out, line->policy);
	}
}

/* The previous hook is found beside the wrapper, by the name git called it
 * with: a repository that is moved keeps working. */
static void chain(struct buf *out, enum hook h, const struct hook_line *line)
{
	if (line->chain)
		buf_fmt(out, " --chain \"${0%%/*}/%s" SUFFIX "\"",
			hook_name(h));
}

static void fill(struct buf *out, enum hook h, const struct hook_line *line)
{
	struct span t = span_str(template_of(h));

	while (t.n) {
		size_t at = span_find(t, '@');

		buf_span(out, span_sub(t, 0, at));
		t = at == SIZE_MAX ? SPAN_EMPTY : span_from(t, at);
		if (span_starts(t, SPAN_LIT("@PROGRAM@"))) {
			quote(out, line->program);
			t = span_from(t, 9);
		} else if (span_starts(t, SPAN_LIT("@OPTIONS@"))) {
			options(out, line);
			t = span_from(t, 9);
		} else if (span_starts(t, SPAN_LIT("@CHAIN@"))) {
			chain(out, h, line);
			t = span_from(t, 7);
		} else if (t.n) {
			buf_byte(out, '@');
			t = span_from(t, 1);
		}
	}
}

/* Read the values out of a hook of ours. */
static bool read_line(struct span text, struct arena *a, struct hook_line *out)
{
	struct span line;

	while (span_line(&text, &line, NULL)) {
		if (!span_starts(line, SPAN_LIT("exec ")))
			continue;
		line = span_from(line, 5);
		if (!unquote(&line, a, &out->program) ||
			!span_starts(line, SPAN_LIT("--state ")))
			return false;
		line = span_from(line, 8);
		if (!unquote(&line, a, &out->state))
			return false;
		if (span_starts(line, SPAN_LIT("--policy "))) {
			line = span_from(line, 9);
			if (!unquote(&line, a, &out->policy))
				return false;
		}
		out->chain =
			span_search(line, SPAN_LIT(" --chain ")) != SIZE_MAX;
		return true;
	}
	return false;
}

/* Ours only if writing it again gives the same bytes. */
static enum hookfile_state judge(
	struct span text, enum hook h, struct arena *a, struct hook_line *line)
{
	struct buf again = BUF_INIT(HOOK_BYTES_MAX);
	enum hookfile_state state = HOOKFILE_FOREIGN;

	if (span_search(text, SPAN_LIT(MARK)) != SIZE_MAX)
		state = HOOKFILE_CHANGED;
	if (state == HOOKFILE_CHANGED && read_line(text, a, line)) {
		fill(&again, h, line);
		if (!again.full && span_eq(text, buf_all(&again)))
			state = HOOKFILE_OURS;
	}
	if (state != HOOKFILE_OURS)
		*line = (struct hook_line){0};
	buf_free(&again);
	return state;
}

static int inspect(struct hookfile *f, struct arena *a, struct err *err)
{
	struct buf text = BUF_INIT(HOOK_BYTES_MAX);
	struct stat st;
	int ret = -1;

	if (lstat(f->path, &st)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return err_sys(err, "hook '%s'", f->path);
	}
	f->state = HOOKFILE_FOREIGN;
	f->link = S_ISLNK(st.st_mode);
	f->executable = !access(f->path, X_OK);
	/* A link is never ours, and may lead nowhere. */
	if (f->link)
		return 0;
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_REPO, "hook '%s' is not a regular file",
			f->path);
	/* For root access() says yes to everything that has any x bit. */
	f->executable = f->executable && (st.st_mode & 0100);
	if (st.st_size > HOOK_BYTES_MAX)
		return 0; /* a program; not ours */
	if (io_read_file(f->path, &text, err))
		goto out;
	f->state = judge(buf_all(&text), f->hook, a, &f->line);
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

/* Whether <hooks>/<hook> is somebody's script that runs what is in <hook>.d. */
static bool runs_entries(const char *path, const char *dir)
{
	struct buf text = BUF_INIT(HOOK_BYTES_MAX);
	struct err ignored = ERR_INIT;
	struct stat st;
	bool yes = false;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode) || access(path, X_OK))
		return false;
	if (!io_read_file(path, &text, &ignored))
		yes = span_search(buf_all(&text), SPAN_LIT(".d")) != SIZE_MAX &&
			span_search(buf_all(&text), SPAN_LIT(MARK)) == SIZE_MAX;
	buf_free(&text);
	return yes;
}

int hookfile_find(const struct gitdir *g, enum hook h, bool gitlab,
	struct arena *a, struct hookfile *out, struct err *err)
{
	struct hookfile f = {.hook = h};
	const char *dir =
		gitlab ? arena_fmt(a, "%s/custom_hooks", g->path) : g->hooks;
	const char *name = hook_name(h);

	*out = (struct hookfile){0};
	f.path = arena_fmt(a, "%s/%s", dir, name);
	if (runs_entries(f.path, arena_fmt(a, "%s.d", f.path))) {
		f.path = arena_fmt(a, "%s.d/sluice", f.path);
		f.entry = true;
	} else {
		f.previous = arena_fmt(a, "%s" SUFFIX, f.path);
		f.previous_there = io_exists(f.previous);
		f.previous_executable = !access(f.previous, X_OK);
	}
	if (inspect(&f, a, err))
		return -1;
	*out = f;
	return 0;
}

static const char *dir_of(const char *path, struct arena *a)
{
	return arena_str(a, span_of(path, (size_t)(strrchr(path, '/') - path)));
}

static int placeable(const struct hookfile *f, struct err *err)
{
	if (f->state == HOOKFILE_CHANGED) {
		err_set(err, ERR_REPO, "hook '%s' was ours and has been edited",
			f->path);
		return err_hint(err,
			"move your changes elsewhere, remove the "
			"file, and install again");
	}
	if (f->state != HOOKFILE_FOREIGN)
		return 0;
	if (f->entry)
		return err_set(err, ERR_REPO,
			"hook '%s' is there and is not ours", f->path);
	if (f->previous_there) {
		err_set(err, ERR_REPO,
			"both '%s', which is not ours, and '%s' are there",
			f->path, f->previous);
		return err_hint(err,
			"something replaced the hook; keep one of "
			"the two as the hook, remove the other");
	}
	return 0;
}

int hookfile_place(const struct hookfile *f, const struct hook_line *line,
	struct arena *a, bool *made, struct err *err)
{
	const char *dir = dir_of(f->path, a);
	struct buf text = BUF_INIT(HOOK_BYTES_MAX);
	struct hook_line now = *line;
	int ret = -1;

	*made = false;
	if (placeable(f, err))
		goto out;
	if (!io_exists(dir)) {
		if (io_mkdirs(dir, 0755, err))
			goto out;
		*made = true;
	}
	if (f->state == HOOKFILE_FOREIGN) {
		/* A second name first: then no moment is without a hook. */
		if (linkat(AT_FDCWD, f->path, AT_FDCWD, f->previous, 0)) {
			err_sys(err, "cannot keep the previous hook as '%s'",
				f->previous);
			goto out;
		}
		now.chain = f->executable;
	} else {
		now.chain = f->previous && f->previous_there &&
			f->previous_executable;
	}
	fill(&text, f->hook, &now);
	if (buf_check(&text, "hook", err) ||
		io_replace(f->path, buf_all(&text), 0755, err)) {
		if (f->state == HOOKFILE_FOREIGN)
			unlink(f->previous);
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

int hookfile_removable(const struct hookfile *f, struct err *err)
{
	switch (f->state) {
	case HOOKFILE_ABSENT:
		return 0;
	case HOOKFILE_FOREIGN:
		/* Never installed here, or replaced by somebody. */
		if (!f->previous_there)
			return 0;
		err_set(err, ERR_REPO, "hook '%s' is not ours", f->path);
		return err_hint(err,
			"it was replaced after the installation; what was "
			"there before is '%s'",
			f->previous);
	case HOOKFILE_CHANGED:
		err_set(err, ERR_REPO, "hook '%s' has been edited since",
			f->path);
		return err_hint(err,
			"move your changes elsewhere and remove "
			"the file, or install again");
	case HOOKFILE_OURS:
		break;
	}
	if (f->line.chain && !f->previous_there) {
		err_set(err, ERR_REPO,
			"the previous hook is gone: '%s' is not there",
			f->previous);
		return err_hint(err,
			"put it back, or remove '%s' by hand for no hook at "
			"all",
			f->path);
	}
	return 0;
}

int hookfile_remove(const struct hookfile *f, struct err *err)
{
	struct arena *a = arena_new(65536);
	int ret = -1;

	if (hookfile_removable(f, err))
		goto out;
	if (f->state == HOOKFILE_FOREIGN ||
		(f->state == HOOKFILE_ABSENT && !f->previous_there)) {
		ret = 0;
		goto out;
	}
	if (f->previous && f->previous_there) {
		if (rename(f->previous, f->path)) {
			err_sys(err, "cannot put back '%s'", f->path);
			goto out;
		}
	} else if (unlink(f->path)) {
		err_sys(err, "cannot remove '%s'", f->path);
		goto out;
	}
	ret = io_sync_dir(dir_of(f->path, a), err);
out:
	arena_free(a);
	return ret;
}
