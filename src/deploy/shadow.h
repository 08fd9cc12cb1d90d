/*
 * A clone, and beside it a bare repository that stands for the remote: the
 * remote's refs as fetched just now, and the clone's objects as alternates. A
 * push can be judged in it as the remote would, and nothing of it shows in the
 * clone.
 */
#ifndef DEPLOY_SHADOW_H
#define DEPLOY_SHADOW_H

#include "base/arena.h"
#include "base/err.h"
#include "port/repo.h"

struct shadow {
	struct arena *a;
	const char *git;        /* the clone's git directory, absolute */
	const char *common;     /* the one its work trees share */
	const char *objects;    /* its objects folder */
	const char *url;        /* of the remote */
	const char *path;       /* of the shadow, once there */
	const char *sent;       /* what would be sent, once there, or NULL */
	const char *const *env; /* of git */
	int lock;
};

/*
 * shadow_find(s, url, a, err):
 * The clone that the current folder belongs to, also a linked work tree or a
 * submodule. Refused: one that is shallow, since then history ends nobody knows
 * where. shadow_close is fine after failure and removes what would be sent.
 */
MUST_USE int shadow_find(
	struct shadow *s, const char *url, struct arena *a, struct err *err);
void shadow_close(struct shadow *s);

/*
 * shadow_fetch(s, offline, err):
 * Make it, wait until no other check uses it, and bring its refs/heads, tags
 * and refs/sluice to what the remote has; with ${offline} they stay what they
 * were.
 */
MUST_USE int shadow_fetch(struct shadow *s, bool offline, struct err *err);

/* What a push has before and after it. */
struct shadow_sides {
	const struct oid *tip; /* to be sent */
	size_t ntip;
	const struct repo_ref *ref; /* the remote's */
	size_t nref;
	const struct oid *old; /* of them those that are moved */
	size_t nold;
	const char *const *file; /* read from these, NULL at the end */
};

/*
 * shadow_fill(s, sides, err):
 * Of a clone that git made without all objects (--filter), bring those that
 * judging reads: of every new commit what it changes from what to what, and
 * the files. They stay in the shadow. Of other clones nothing is to be done.
 */
MUST_USE int shadow_fill(
	struct shadow *s, const struct shadow_sides *sides, struct err *err);

/* shadow_place(s, ref, at, err): as if the ref stood there. */
MUST_USE int shadow_place(struct shadow *s, const char *ref,
	const struct oid *at, struct err *err);

/*
 * shadow_pack(s, tip, n, ref, nref, err):
 * What git would send to bring ${tip} to a remote that has ${ref}: a folder of
 * packs, s->sent. Nothing to send leaves it empty.
 */
MUST_USE int shadow_pack(struct shadow *s, const struct oid *tip, size_t n,
	const struct repo_ref *ref, size_t nref, struct err *err);

#endif
