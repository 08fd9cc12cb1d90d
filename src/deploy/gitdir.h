/*
 * A repository on this server as its administrator sees it: where it is, what
 * its own configuration says, which folder its hooks run from. Asked of git
 * itself, so that what is found is what receive-pack will find.
 */
#ifndef DEPLOY_GITDIR_H
#define DEPLOY_GITDIR_H

#include "base/arena.h"
#include "base/err.h"

struct gitdir {
	const char *path;  /* absolute, links resolved, no final '/' */
	const char *hooks; /* folder its hooks run from, absolute */
	bool hooks_set;    /* core.hooksPath of the repository names it */
	const char *hooks_outside; /* a configuration file that is not the
				    * repository's and sets core.hooksPath, or
				    * NULL; then ${hooks} is what it says */
};

/*
 * gitdir_open(path, a, out, err):
 * Look at the bare repository at ${path}. A missing folder, one that is no
 * repository, one with a work tree and one of SHA-256 objects are each told
 * apart in the error. Nothing is written.
 */
MUST_USE int gitdir_open(
	const char *path, struct arena *a, struct gitdir *out, struct err *err);

/*
 * gitdir_config(g, key, a, out, err):
 * A value from the repository's own configuration file; *${out} is NULL when
 * it is not set there.
 */
MUST_USE int gitdir_config(const struct gitdir *g, const char *key,
	struct arena *a, const char **out, struct err *err);

/* gitdir_config_in_force(g, key, a, out, err): what git goes by in this
 * repository, also when the system or the account says it. */
MUST_USE int gitdir_config_in_force(const struct gitdir *g, const char *key,
	struct arena *a, const char **out, struct err *err);

/* gitdir_config_each(g, regexp, a, out, n, err): all values in force of the
 * keys that the expression matches, as git orders them. */
struct gitdir_setting {
	const char *key, *value;
};
MUST_USE int gitdir_config_each(const struct gitdir *g, const char *regexp,
	struct arena *a, struct gitdir_setting **out, size_t *n,
	struct err *err);

/*
 * gitdir_config_secret(g, section, key, value, err):
 * Write one that nobody may see on the way: in this process, since the
 * arguments of programs can be read by all. The key must not be set there. The
 * file keeps its mode; who may read it may read the secret.
 */
MUST_USE int gitdir_config_secret(const struct gitdir *g, const char *section,
	const char *key, const char *value, struct err *err);

/* gitdir_config_set(g, key, value, err): write one there; NULL takes it out. */
MUST_USE int gitdir_config_set(const struct gitdir *g, const char *key,
	const char *value, struct err *err);

/* gitdir_config_forget(g, section, err): remove a whole section, header and
 * all; fine when there is none. */
MUST_USE int gitdir_config_forget(
	const struct gitdir *g, const char *section, struct err *err);

/*
 * gitdir_name(g, root, a, out, err):
 * The name a repository goes by when nobody chose one: its path below ${root}
 * (which must hold it), or the last two components of its path; without
 * ".git".
 */
MUST_USE int gitdir_name(const struct gitdir *g, const char *root,
	struct arena *a, const char **out, struct err *err);

/* gitdir_name_check(name, err): whether a name may stand in the policy and
 * the log: printable, no space, no empty or dot component. */
MUST_USE int gitdir_name_check(const char *name, struct err *err);

#endif
