/*
 * The statement by which a log goes over to another key: a signed note (C2SP
 * signed-note) of the old key and the new one, which anybody's tools verify.
 *
 *	sluice key rotation v1
 *	<origin of the log>
 *	<old verifier key>
 *	<new verifier key>
 *	<entries of the log before>, so the number of the entry that holds it
 *	<base64 root hash of them>
 *	retired                              or compromised: what the old key is
 *	                                     (an empty line)
 *	— <origin> <base64 of the old key's id and signature>
 *	— <origin> <base64 of the new key's id and signature>
 *
 * Its text is no checkpoint: its first line is no name a key may have. Only the
 * form is read here; log/keychain.h verifies.
 */
#ifndef PARSE_ROTATION_H
#define PARSE_ROTATION_H

#include "parse/checkpoint.h"
#include "parse/note.h"

/* Two keys of the longest name, a root and two signatures have room in it. */
#define ROTATION_MAX 4096u
#define ROTATION_ARENA 262144u /* for one */
/* Those of a log: one a month for five years. */
#define ROTATIONS_MAX 60u
#define ROTATIONS_TEXT_MAX (ROTATIONS_MAX * ROTATION_MAX)

struct rotation {
	struct note_key old, new; /* of one name, the origin; ids not checked */
	uint64_t size;            /* entries before it */
	unsigned char root[HASH_LEN];
	bool compromised; /* somebody else may have the old key */
	struct span note; /* all of it */
};

/* rotation_begins(in): whether it says that it is one, or several. */
MUST_USE bool rotation_begins(struct span in);

/* rotation_parse(in, a, out, err): exactly one. Spans point into ${in};
 * signatures are decoded into ${a} along the way. */
MUST_USE int rotation_parse(
	struct span in, struct arena *a, struct rotation *out, struct err *err);

/* rotation_next(rest, note): take the lines of one off ${rest}, in which they
 * follow each other without anything between them. False at the end, and where
 * there are too few lines. */
MUST_USE bool rotation_next(struct span *rest, struct span *note);

/* rotation_text(r, out): what is signed; the note of ${r} is not looked at. */
void rotation_text(const struct rotation *r, struct buf *out);

#endif
