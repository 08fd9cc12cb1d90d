/* What stands before the compressed bytes in a pack (gitformat-pack(5)). */
#ifndef PARSE_PACKFILE_H
#define PARSE_PACKFILE_H

#include "base/err.h"
#include "model/oid.h"

#define PACKFILE_HEAD 12 /* "PACK", version, count */
#define PACKFILE_TAIL OID_RAW

/* packfile_head(raw, n, err): the number of objects of a pack of version 2 or
 * 3; the bytes must have room for head and tail. */
MUST_USE int packfile_head(struct span raw, uint32_t *n, struct err *err);

enum packfile_kind {
	PACKFILE_WHOLE,    /* all of an object */
	PACKFILE_BY_PLACE, /* what to change in an entry before this one */
	PACKFILE_BY_NAME,  /* what to change in a named object */
};

struct packfile_entry {
	enum packfile_kind kind;
	enum object_type type; /* of a whole object, else OBJECT_NONE */
	uint64_t size;         /* inflated: of the object or of the delta */
	uint64_t back;         /* bytes from this entry back to its base; > 0 */
	struct oid base;
	size_t n; /* bytes taken; the zlib stream follows */
};

/* packfile_entry(at, out, err): the head of the entry at the start of ${at}. */
MUST_USE int packfile_entry(
	struct span at, struct packfile_entry *out, struct err *err);

#endif
