/*
 * What a witness is asked (C2SP tlog-witness, add-checkpoint):
 *
 *	old <size>
 *	<base64 hash>		(0 to 63: the consistency proof)
 *
 *	<checkpoint, a signed note>
 */
#ifndef PARSE_ADDCHECKPOINT_H
#define PARSE_ADDCHECKPOINT_H

#include "parse/prooflines.h"

#define ADDCHECKPOINT_MAX (CHECKPOINT_MAX + 8192u)

struct addcheckpoint {
	uint64_t old; /* the size that the asker thinks the witness has */
	struct proof growth;
	struct span checkpoint;
};

/* The checkpoint is taken as it stands; the span points into ${in}. */
MUST_USE int addcheckpoint_parse(
	struct span in, struct addcheckpoint *out, struct err *err);
void addcheckpoint_text(const struct addcheckpoint *a, struct buf *out);

#endif
