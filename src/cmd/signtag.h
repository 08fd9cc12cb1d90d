/*
 * What 'sluice approve' and 'sluice waive' share: in a clone, a tag signed with
 * the user's own git configuration, and the ref of the server it belongs to.
 */
#ifndef CMD_SIGNTAG_H
#define CMD_SIGNTAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/oid.h"

struct signtag {
	const char *ref;        /* what it is for */
	const char *repository; /* its name in the policy; NULL: to be found */
	const char *push;       /* the remote to push it to; NULL: do not */
	struct arena *a;
	char id[OID_HEX + 1];  /* of the commit it is about */
	char tag[OID_HEX + 1]; /* the tag object, once made */
	const char *to;        /* the ref to push it to, likewise */
};

/* signtag_git(argv, in, out, status, err): run git here, as the user: signing
 * needs agents and terminals. ${out} may be NULL. */
MUST_USE int signtag_git(const char *const *argv, struct span in,
	struct buf *out, int *status, struct err *err);

/* signtag_line(argv, a, out, err): one line of git's output, *${out} NULL when
 * it fails. */
MUST_USE int signtag_line(const char *const *argv, struct arena *a,
	const char **out, struct err *err);

/* signtag_clone(a, err): ERR_USAGE unless this folder is in a clone, ERR_REPO
 * if its objects are not of a kind that can be judged. */
MUST_USE int signtag_clone(struct arena *a, struct err *err);

/* signtag_commit(name, a, out, err): the commit that git takes the name for. */
MUST_USE int signtag_commit(
	const char *name, struct arena *a, struct oid *out, struct err *err);

/* signtag_ref(t, err): t->ref made a full name of a ref. */
MUST_USE int signtag_ref(struct signtag *t, struct err *err);

/* signtag_repository(t, err): t->repository as given, configured, or taken from
 * the address of the remote, which is said. */
MUST_USE int signtag_repository(struct signtag *t, struct err *err);

/* signtag_make(t, what, target, text, err): sign ${text} over the object
 * ${target} as a tag; ${what} is "approval" or "waiver". Leaves no tag ref. */
MUST_USE int signtag_make(struct signtag *t, const char *what,
	const char *target, struct span text, struct err *err);

/* signtag_push(t, refused, err): push it to t->push. */
MUST_USE int signtag_push(
	const struct signtag *t, bool *refused, struct err *err);

/* signtag_tell(t, pushed): the ref it went to, or the command to push it. */
void signtag_tell(const struct signtag *t, bool pushed);

#endif
