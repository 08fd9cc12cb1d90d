/* sluice audit: whether the hooks are what install put there, and nothing goes
 * past them. */
#include <limits.h>
#include <sys/stat.h>

#include "base/io.h"
#include "cmd/audit.h"
#include "deploy/bypass.h"
#include "deploy/hookfile.h"

static void tell_hook(struct audit *t, const struct hookfile *f,
	const char *kind, const char *what)
{
	struct doc *j =
		audit_tell(t, true, kind, "%s: '%s' %s", kind, f->path, what);

	doc_set(j, "hook", doc_of_str(hook_name(f->hook)));
	doc_set(j, "path", doc_of_str(f->path));
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

/* Ours by its form; what it runs, and by what it judges, could still be
 * somebody else's. */
static void look_at_ours(struct audit *t, const struct hookfile *f)
{
	struct buf path = PATH_BUF_INIT;
	const char *policy = run_policy_path(t->run, &path);

	if (!f->executable)
		tell_hook(t, f, "hook disabled",
			"is not executable: git passes over it");
	else if (f->line.chain && f->previous && !f->previous_there)
		tell_hook(t, f, "hook missing",
			"runs a previous hook that is gone");
	if (!same_file(f->line.state, t->run->state))
		tell_hook(t, f, "hook changed",
			arena_fmt(t->a, "works with another state folder, '%s'",
				f->line.state));
	if (!same_file(f->line.program, t->run->program))
		tell_hook(t, f, "hook changed",
			arena_fmt(t->a, "runs another program, '%s'",
				f->line.program));
	if (f->line.policy && !same_file(f->line.policy, policy))
		tell_hook(t, f, "hook changed",
			arena_fmt(t->a, "judges by another policy, '%s'",
				f->line.policy));
	buf_free(&path);
}

static void look_at_hook(
	struct audit *t, const struct gitdir *g, enum hook h, bool gitlab)
{
	struct err err = ERR_INIT;
	struct hookfile f;

	if (hookfile_find(g, h, gitlab, t->a, &f, &err)) {
		audit_cannot_tell(t, &err);
		return;
	}
	switch (f.state) {
	case HOOKFILE_ABSENT:
		tell_hook(t, &f, "hook missing", "is not there");
		return;
	case HOOKFILE_FOREIGN:
		tell_hook(t, &f, "hook replaced",
			f.link ? "is a symbolic link" : "is not sluice's");
		return;
	case HOOKFILE_CHANGED:
		tell_hook(t, &f, "hook changed",
			"was edited after the installation");
		return;
	case HOOKFILE_OURS:
		break;
	}
	look_at_ours(t, &f);
}

void audit_hooks(struct audit *t, const struct gitdir *g, bool gitlab)
{
	struct bypasses b;
	struct err err = ERR_INIT;
	size_t i;

	if (bypass_find(g, t->a, &b, &err))
		audit_cannot_tell(t, &err);
	for (i = 0; i < b.n; i++)
		audit_tell(t, b.v[i].open, "hooks bypassed", "%s", b.v[i].what);
	/* Elsewhere nothing is ours. */
	if (g->hooks_outside)
		return;
	look_at_hook(t, g, HOOK_PRE_RECEIVE, gitlab);
	look_at_hook(t, g, HOOK_POST_RECEIVE, gitlab);
}
