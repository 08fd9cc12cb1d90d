/*
 * Proofs that travel with a repository: short proofs (log/prooffile.h) as blobs
 * under PROOF_REF, found by the name of the commit or tag that a push moved a
 * ref to:
 *
 *	<2 digits>/<2 digits>/<the other 36>/<decision>
 *
 * so that no folder grows with the history but the few that a name falls into.
 * One object may have many: a push each. A name that ends in ".w" has a
 * checkpoint that witnesses signed. Nothing here is believed: whoever reads a
 * proof checks it, and asks it about the object, not its path.
 */
#ifndef DEPLOY_PROOFREF_H
#define DEPLOY_PROOFREF_H

#include "base/buf.h"
#include "model/oid.h"
#include "model/ownref.h"

/* Of one proof: long only for pushes of thousands of refs or commits. */
#define PROOF_SHORT_MAX ((size_t)16 << 20)
/* Of what one call of proofref_write may write. */
#define PROOF_BATCH_MAX ((size_t)64 << 20)

/* proofref_folder(o, out): "ab/cd/…", added to ${out}. */
void proofref_folder(const struct oid *o, struct buf *out);
/* proofref_object(path, o): whose folder a path is in; false when it is none
 * of these. */
MUST_USE bool proofref_object(struct span path, struct oid *o);

/* One push. */
struct proofref_push {
	uint64_t decision;
	struct span proof;
	bool witnessed;        /* takes the place of one that is not */
	const struct oid *tip; /* the objects it is to be found by */
	size_t ntip;
};

/*
 * proofref_write(path, v, n, err):
 * Add them to PROOF_REF of the git directory ${path}, in one commit, under a
 * lock: who writes at the same time waits. What is there stays.
 */
MUST_USE int proofref_write(const char *path, const struct proofref_push *v,
	size_t n, struct err *err);

#endif
