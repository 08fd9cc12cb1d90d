/* sluice doctor: whether the forges of the policy would tell a push what was
 * said there, and whether what is read on this machine can be believed. */
#include "base/io.h"
#include "cmd/doctor.h"
#include "deploy/repositories.h"
#include "gather/forges.h"
#include "gather/notedb.h"

static bool rules_ask(const struct rules *r, const struct forge *f)
{
	size_t i;

	for (i = 0; r->approval && i < r->approval->nforge; i++)
		if (r->approval->forge[i] == f)
			return true;
	return false;
}

/* Whether reviews at ${f} count on some ref of a repository. */
static bool is_asked(
	const struct policy *p, const struct forge *f, const char *name)
{
	size_t i, k;

	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *r = &p->repository[i];

		if (!globs_match(r->match, r->nmatch, span_str(name)))
			continue;
		for (k = 0; k < r->nref; k++)
			if (rules_ask(&r->ref[k].rules, f))
				return true;
	}
	return false;
}

/* The repositories that are under the gate. */
struct gated {
	struct gated_repository *v;
	size_t n;
};

/* By what pushes to refs/changes of a repository are refused, or NULL. */
static int closed_by(struct doctor *d, const struct gitdir *g,
	const struct gated *gated, const char **out, struct err *err)
{
	struct gitdir_setting *v;
	size_t i, n;

	*out = NULL;
	for (i = 0; i < gated->n && !*out; i++)
		if (!strcmp(gated->v[i].path, g->path))
			*out = "this gate";
	if (gitdir_config_each(
		    g, "^(receive|transfer)\\.hiderefs$", d->a, &v, &n, err))
		return -1;
	for (i = 0; i < n && !*out; i++)
		if (!strcmp(v[i].value, "refs/changes") ||
			!strcmp(v[i].value, "refs"))
			*out = v[i].key;
	return 0;
}

static void look_at_copy(struct doctor *d, const struct forge *f,
	const char *path, const struct gated *gated)
{
	const char *by;
	struct err err = ERR_INIT;
	struct gitdir g;
	size_t n;

	if (notedb_count(path, &n, &err) || gitdir_open(path, d->a, &g, &err) ||
		closed_by(d, &g, gated, &by, &err)) {
		doctor_say(d, LEVEL_BAD, "forge", err.hint[0] ? err.hint : NULL,
			"'%s': %s", f->name, err.text);
		return;
	}
	if (!n)
		doctor_say(d, LEVEL_WARN, "forge",
			"a copy needs 'refs/changes/*' of Gerrit as well",
			"'%s': '%s' has no changes, so nothing there is "
			"approved",
			f->name, path);
	if (by)
		doctor_say(d, LEVEL_OK, "forge", NULL,
			"'%s': '%s' has %zu changes, and pushes to them are "
			"refused by %s",
			f->name, path, n, by);
	else
		doctor_say(d, LEVEL_WARN, "forge",
			"unless Gerrit alone serves it: git config "
			"receive.hideRefs refs/changes",
			"'%s': whoever may push to refs/changes of '%s' can "
			"approve anything, and git would take it",
			f->name, path);
}

static void look_at_folder(struct doctor *d, const struct forge *f,
	const char *name, const struct gated *gated)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	if (notedb_path(f, span_str(name), &path, &err))
		doctor_say(d, LEVEL_BAD, "forge", err.hint[0] ? err.hint : NULL,
			"'%s': %s", f->name, err.text);
	else
		look_at_copy(d, f, buf_cstr(&path), gated);
	buf_free(&path);
}

static void reach(struct doctor *d, const struct forges *with,
	const struct forge *f, const char *name)
{
	struct err err = ERR_INIT;

	if (forge_reach(with, f, name, d->a, &err))
		doctor_say(d, LEVEL_BAD, "forge", err.hint[0] ? err.hint : NULL,
			"'%s': %s", f->name, err.text);
	else
		doctor_say(d, LEVEL_OK, "forge", NULL, "'%s' answers for '%s'",
			f->name, name);
}

/* Whether each forge would answer what the next push may have to ask it. */
static void look_at_forge(struct doctor *d, const struct forges *with,
	const struct forge *f, const struct gated *gated)
{
	bool notedb = f->kind == FORGE_NOTEDB;
	struct err err = ERR_INIT;
	size_t i;

	if (!notedb && forge_check(with, f, &err)) {
		doctor_say_err(d, LEVEL_BAD, "forge", &err);
		return;
	}
	for (i = 0; i < gated->n; i++) {
		const char *name = gated->v[i].name;

		if (!is_asked(with->policy, f, name))
			continue;
		if (notedb)
			look_at_folder(d, f, name, gated);
		else
			reach(d, with, f, name);
	}
}

void doctor_forges(struct doctor *d, const char *beside)
{
	const struct forges with = {d->policy, beside, NULL};
	struct err err = ERR_INIT;
	struct gated gated;
	size_t i;

	if (!d->policy->nforge)
		return;
	if (repositories_read(d->state, d->a, &gated.v, &gated.n, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "forge", &err);
		return;
	}
	for (i = 0; i < d->policy->nforge; i++)
		look_at_forge(d, &with, &d->policy->forge[i], &gated);
}
