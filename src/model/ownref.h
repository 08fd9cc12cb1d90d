/* Refs that move without a push, as they should. */
#ifndef MODEL_OWNREF_H
#define MODEL_OWNREF_H

#include "base/span.h"

/* Ours, written from what is in the log: proofs that travel, the policy for
 * all to read. */
#define PROOF_REF "refs/sluice/proofs"
#define PUBLISHED_REF "refs/sluice/policy-public"

/* ownref_published(ref): one of these. */
bool ownref_published(struct span ref);
/* ownref_forge(ref): one that a forge makes for itself, by its name. */
bool ownref_forge(struct span ref);

#endif
