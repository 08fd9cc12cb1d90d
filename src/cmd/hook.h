/* What the two hooks share: who called, for which repository, with what. */
#ifndef CMD_HOOK_H
#define CMD_HOOK_H

#include "base/arena.h"
#include "cmd/cmd.h"
#include "model/oid.h"
#include "model/push.h"

/* A hook's call, as it was made. */
struct hook_call {
	struct run *run;
	const char *chain; /* the hook that was there before, or NULL */
	const char *chain_argument[2]; /* git gave the hook, or NULL */
	struct arena *arena;
	struct buf input;       /* standard input, whole */
	const char *directory;  /* the repository, absolute */
	const char *repository; /* its name in the state folder */
	const char *quarantine; /* objects folder of this push, or NULL */
};

/*
 * hook_call_place(call, err): directory, repository and quarantine. The
 * repository's name is the one that install recorded in the state folder for
 * this folder.
 * hook_call_input(call, err): standard input.
 */
MUST_USE int hook_call_place(struct hook_call *call, struct err *err);
MUST_USE int hook_call_input(struct hook_call *call, struct err *err);

/*
 * hook_environment_close(), hook_environment_restore():
 * Take what git told us about this push out of the environment: with
 * GIT_QUARANTINE_PATH set, git would refuse to write refs anywhere, and no
 * child of ours may mistake another repository for this one. Restored before
 * the previous hook runs.
 */
void hook_environment_close(void);
void hook_environment_restore(void);

/* hook_countersign(call): checkpoint.asc after an append; what goes wrong is
 * said and changes nothing. */
void hook_countersign(const struct hook_call *call);

/* hook_witnesses(call, now, warning, err): -1 with the cause where the policy
 * lets no push through while the log lacks its witnesses' signatures;
 * ${warning} gets a line where it only tells that. */
MUST_USE int hook_witnesses(const struct hook_call *call, int64_t now,
	struct buf *warning, struct err *err);

/* A decision whose outcome was recorded, with what refs moved to. */
struct hook_outcome {
	uint64_t decision, outcome; /* entries */
	struct oid *tip;
	size_t ntip;
};
/* hook_publish(call, v, n): their proofs, into the repository, where the policy
 * asks for that; what goes wrong is said and changes nothing. */
void hook_publish(
	const struct hook_call *call, const struct hook_outcome *v, size_t n);

/* hook_chain(call, name): become the previous hook, with the same input. Only
 * returns when that failed; answers EXIT_UNKNOWN then. */
enum exit_code hook_chain(const struct hook_call *call, const char *name);

enum exit_code hook_pre_receive(struct hook_call *call);
enum exit_code hook_post_receive(struct hook_call *call);

#endif
