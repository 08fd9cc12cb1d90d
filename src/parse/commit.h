/*
 * Commit objects (gitformat: "tree", "parent"…, "author", "committer", further
 * headers, an empty line, the message).
 */
#ifndef PARSE_COMMIT_H
#define PARSE_COMMIT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/change.h"

/*
 * commit_parse(raw, id, arena, out, err):
 * Every byte that is kept is copied into ${arena}. -1 (ERR_INPUT) only when it
 * does not start with a tree header. Whatever else is odd is still read as git
 * reads it and named in out->malformed (a static text):
 *
 * - a NUL byte, which ends the message for some readers and not for others;
 * - tree, parent, author or committer doubled, missing, folded or out of their
 *   order, or a signature between them: git and libgit2 stop reading parents at
 *   the first other line, while the signed text has it removed;
 * - an object name in upper case; a name with two mail addresses;
 * - more than one signature, as headers or as blocks inside one header; bytes
 *   before it; a header that merely starts with "gpgsig", which git leaves out
 *   of the signed text as well;
 * - too many trailers.
 *
 * mergetag: the values of those headers, in which git puts a signed tag that is
 * merged; they are part of what is signed, and are not looked into.
 *
 * sig.payload is what git signs: the object without any "gpgsig…" header.
 * A "gpgsig-sha256" header signs the SHA-256 form of the object, which is not
 * at hand; it is left out and not judged.
 */
MUST_USE int commit_parse(struct span raw, const struct oid *id,
	struct arena *arena, struct commit *out, struct err *err);

#endif
