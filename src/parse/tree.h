/* Trees: "MODE NAME\0" and 20 bytes of object name, one after the other. */
#ifndef PARSE_TREE_H
#define PARSE_TREE_H

#include "base/err.h"
#include "model/oid.h"

struct tree_entry {
	unsigned mode;    /* 0100644, 040000 … */
	struct span name; /* not empty, without NUL; Git allows no '/' */
	const struct oid *id;
};

/* tree_type(mode): OBJECT_TREE for a folder, OBJECT_COMMIT for a submodule,
 * else OBJECT_BLOB. */
enum object_type tree_type(unsigned mode);

/* tree_next(rest, out, err): 1: an entry, taken off ${rest}, into which it
 * points. 0: none left. -1: what follows is no entry. */
MUST_USE int tree_next(
	struct span *rest, struct tree_entry *out, struct err *err);

#endif
