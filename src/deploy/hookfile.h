/*
 * The files that git runs: where a hook of ours belongs in a repository, what
 * stands there now, putting it there and taking it away. The text comes from
 * hooks/, filled in.
 */
#ifndef DEPLOY_HOOKFILE_H
#define DEPLOY_HOOKFILE_H

#include "deploy/gitdir.h"

enum hook {
	HOOK_PRE_RECEIVE,
	HOOK_POST_RECEIVE,
	HOOK_COUNT,                 /* those of a server */
	HOOK_PRE_PUSH = HOOK_COUNT, /* of a clone */
};
const char *hook_name(enum hook h); /* "pre-receive" … */

/* What a hook of ours runs. */
struct hook_line {
	const char *program; /* absolute */
	const char *state;   /* absolute */
	const char *policy;  /* absolute, or NULL: <state>/policy.json */
	bool chain;          /* the previous hook runs after it */
};

enum hookfile_state {
	HOOKFILE_ABSENT,
	HOOKFILE_FOREIGN, /* somebody else's */
	HOOKFILE_CHANGED, /* ours once, edited since */
	HOOKFILE_OURS,    /* byte for byte what install writes */
};

struct hookfile {
	enum hook hook;
	const char *path;     /* the file git (or a dispatcher) runs */
	const char *previous; /* where what was there before is kept; NULL in
			       * a folder of entries, which displaces nothing */
	bool entry;           /* one of several in <hook>.d */
	enum hookfile_state state;
	bool executable, link;
	bool previous_there, previous_executable;
	struct hook_line line; /* when ours */
};

/*
 * hookfile_find(g, h, gitlab, a, out, err):
 * Where the hook belongs and what is there. That is <hooks>/<hook>.d/sluice
 * when <hooks>/<hook> runs the entries of that folder (Gitea, Forgejo),
 * custom_hooks/<hook> for ${gitlab}, and <hooks>/<hook> otherwise. Of ${g} only
 * the paths are looked at.
 */
MUST_USE int hookfile_find(const struct gitdir *g, enum hook h, bool gitlab,
	struct arena *a, struct hookfile *out, struct err *err);

/*
 * hookfile_place(f, line, a, made, err):
 * Put ours there. What was there before is kept beside it, the same inode:
 * bytes, mode, link. At no moment is there no hook. line->chain is decided
 * here: the previous hook runs if git would have run it. *${made} is set when
 * the folder had to be made.
 */
MUST_USE int hookfile_place(const struct hookfile *f,
	const struct hook_line *line, struct arena *a, bool *made,
	struct err *err);

/* hookfile_removable(f, err): whether hookfile_remove would go through. */
MUST_USE int hookfile_removable(const struct hookfile *f, struct err *err);

/* hookfile_remove(f, err): put back what was there before. A file that is not
 * exactly ours is left alone (ERR_REPO with a hint). */
MUST_USE int hookfile_remove(const struct hookfile *f, struct err *err);

#endif
