/*
 * Annotated tags ("object", "type", "tag", "tagger", an empty line, the
 * message, and at its end perhaps a signature).
 */
#ifndef PARSE_TAG_H
#define PARSE_TAG_H

#include "base/arena.h"
#include "base/err.h"
#include "model/change.h"

/*
 * tag_parse(raw, id, arena, out, err):
 * As commit_parse: -1 only when it does not start with an object header; what
 * is odd is named in out->malformed. git takes the last line that opens an
 * armoured block as the start of the signature, and everything before it,
 * without "gpgsig…" headers, as what is signed. More than one such line, or
 * text after the end of the block (nobody signed it, yet readers show it), is
 * malformed.
 */
MUST_USE int tag_parse(struct span raw, const struct oid *id,
	struct arena *arena, struct tag *out, struct err *err);

#endif
