/*
 * One pack with its index, mapped, and the shape of its deltas: a forest whose
 * roots are whole objects (or have their base outside the pack) and whose other
 * nodes are changes to their parent. Objects are numbered as they lie in the
 * pack. 25 to 33 bytes an object, so that a pack of a million costs some 30 MB.
 */
#ifndef SCAN_PACKMAP_H
#define SCAN_PACKMAP_H

#include "base/map.h"
#include "parse/packfile.h"
#include "parse/packidx.h"

#define PACKMAP_NONE UINT32_MAX

struct packmap {
	struct map pack, index;
	struct packidx idx;
	uint32_t *start; /* of packidx_narrow */
	uint32_t n;
	uint64_t *at;        /* [n] where the entry starts, ascending */
	uint32_t *entry;     /* [n] its place in the index */
	uint32_t *up;        /* [n] its base, PACKMAP_NONE for a root */
	uint32_t *child;     /* [n] the first that has it as base */
	uint32_t *next;      /* [n] the next with the same base */
	unsigned char *type; /* [n] enum object_type; OBJECT_NONE: damaged, or
			      * its base is in no pack or is itself */
};

/*
 * packmap_open(path, out, err):
 * ${path} names the ".pack"; the index has ".idx" in its place. ERR_INPUT when
 * one of them is damaged as a whole. A damaged entry is no error here: it has
 * no type, nor has what is built on it.
 */
MUST_USE int packmap_open(
	const char *path, struct packmap *out, struct err *err);
void packmap_close(struct packmap *p); /* fine when it is not open */

/* packmap_id(p, i): the name of object ${i}. */
static inline const struct oid *packmap_id(const struct packmap *p, uint32_t i)
{
	return &p->idx.name[p->entry[i]];
}

/* packmap_find(p, id, i): the object of that name. */
MUST_USE bool packmap_find(
	const struct packmap *p, const struct oid *id, uint32_t *i);

/* packmap_entry(p, i, head, body, err): its head, and the bytes its zlib stream
 * lies in: up to the next entry. */
MUST_USE int packmap_entry(const struct packmap *p, uint32_t i,
	struct packfile_entry *head, struct span *body, struct err *err);

/*
 * packmap_set_root(p, i, type):
 * Object ${i}, whose base is outside the pack, turned out to be of that type,
 * and so are all that are built on it.
 */
void packmap_set_root(struct packmap *p, uint32_t i, enum object_type type);

#endif
