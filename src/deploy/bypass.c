#include "deploy/bypass.h"

#include <dirent.h>
#include <limits.h>

#include "base/span.h"

static void add(struct bypasses *out, struct arena *a, bool open,
	const char *what, const char *hint)
{
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = (struct bypass){open, what, hint};
}

static void look_at_folder(
	const struct gitdir *g, struct arena *a, struct bypasses *out)
{
	char full[PATH_MAX];

	if (g->hooks_outside)
		add(out, a, true,
			arena_fmt(a,
				"its hooks never run: core.hooksPath in '%s' "
				"says '%s'",
				g->hooks_outside, g->hooks),
			"git config core.hooksPath hooks, in the repository");
	else if (realpath(g->hooks, full) && strcmp(full, g->hooks) != 0)
		add(out, a, false,
			arena_fmt(a,
				"its hooks folder '%s' is a link to '%s'; who "
				"may write there may open the gate",
				g->hooks, full),
			NULL);
}

/* Where "+src:dst" writes. */
static struct span destination(const char *refspec)
{
	struct span s = span_str(refspec);
	size_t colon = span_find(s, ':');

	return colon == SIZE_MAX ? SPAN_EMPTY : span_from(s, colon + 1);
}

static int look_at_remotes(const struct gitdir *g, struct arena *a,
	struct bypasses *out, struct err *err)
{
	struct gitdir_setting *v;
	size_t i, n;

	if (gitdir_config_each(g, "^remote\\..*\\.fetch$", a, &v, &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		struct span to = destination(v[i].value);

		if (!to.n || span_starts(to, SPAN_LIT("refs/remotes/")))
			continue;
		add(out, a, false,
			arena_fmt(a,
				"'git fetch' there moves '%.*s' without a "
				"push: %s is '%s'",
				SPAN_FMT(to), v[i].key, v[i].value),
			"git config --unset-all, or fetch into refs/remotes/");
	}
	return 0;
}

static void look_at_worktrees(
	const struct gitdir *g, struct arena *a, struct bypasses *out)
{
	DIR *d = opendir(arena_fmt(a, "%s/worktrees", g->path));
	struct dirent *e;
	size_t n = 0;

	if (!d)
		return;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	if (n)
		add(out, a, false,
			arena_fmt(a,
				"it has %zu linked work trees; a commit in one "
				"moves its branch without a push",
				n),
			"git worktree list, and git worktree remove");
}

int bypass_find(const struct gitdir *g, struct arena *a, struct bypasses *out,
	struct err *err)
{
	*out = (struct bypasses){0};
	look_at_folder(g, a, out);
	look_at_worktrees(g, a, out);
	return look_at_remotes(g, a, out, err);
}
