/* The policy that pushes are judged by: the server's file, or that in a
 * repository. */
#ifndef CMD_INFORCE_H
#define CMD_INFORCE_H

#include "cmd/cmd.h"
#include "gather/policyroot.h"

struct inforce {
	struct policy *policy;
	struct policy_source source; /* of its other files */
	struct policy_root *root;    /* NULL: the policy is a file */
	struct repo *repo;           /* that of the policy, as it stands */
	struct oid at;               /* zero: none is there yet */
	struct policy_tree tree;
	struct buf path;
};

/*
 * inforce_open(f, run, arena, err):
 * With a root and once its ref is there, what stands at that ref; otherwise the
 * file. inforce_close is fine after failure.
 *
 * inforce_or_named(f, run, arena, err):
 * The same, unless the command line names a file: then that one.
 *
 * inforce_confirm(f, push, err):
 * That the log agrees: the ref stands where the gate let it go. Fills
 * push->policy.
 */
MUST_USE int inforce_open(struct inforce *f, const struct run *run,
	struct arena *arena, struct err *err);
MUST_USE int inforce_or_named(struct inforce *f, const struct run *run,
	struct arena *arena, struct err *err);
MUST_USE int inforce_confirm(
	struct inforce *f, struct push *push, struct err *err);
void inforce_close(struct inforce *f);

#endif
