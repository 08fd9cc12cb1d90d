/*
 * Proofs that came with a clone (deploy/proofref.h), read by the user's git.
 * Nothing that git says is believed about what was gated: it only leads to
 * proofs, which are checked.
 */
#ifndef CMD_CLONEPROOF_H
#define CMD_CLONEPROOF_H

#include "base/arena.h"
#include "base/err.h"
#include "model/oid.h"

/* What a name stands for in the clone. */
struct clone_name {
	struct oid oid;
	const char *tag; /* "refs/tags/v1" when that is what is named, or NULL
			  */
};
/* cloneproof_name(name, a, found, out, err): *${found} false: for nothing, or
 * this folder is in no clone. */
MUST_USE int cloneproof_name(const char *name, struct arena *a, bool *found,
	struct clone_name *out, struct err *err);

/* cloneproof_there(ref, a, err): ERR_INPUT when there is no such ref to read
 * proofs from, with how to fetch it. */
MUST_USE int cloneproof_there(
	const char *ref, struct arena *a, struct err *err);

/*
 * cloneproof_each(ref, o, a, each, ctx, err):
 * Call ${each} with every proof that is found by the name of that object, until
 * it answers -1 or sets *${enough}. A proof that is too large is handed over
 * cut.
 */
MUST_USE int cloneproof_each(const char *ref, const struct oid *o,
	struct arena *a,
	int (*each)(
		void *ctx, struct span proof, bool *enough, struct err *err),
	void *ctx, struct err *err);

/*
 * cloneproof_after(ref, o, a, out, n, err):
 * The objects that have proofs and that a commit is part of the history of, as
 * far as the clone's refs lead, the oldest first, then tags; some hundreds.
 */
MUST_USE int cloneproof_after(const char *ref, const struct oid *o,
	struct arena *a, struct oid **out, size_t *n, struct err *err);

#endif
