/*
 * An objects folder by itself, without what a quarantine adds to it; through
 * libgit2.
 */
#ifndef PORT_OBJECTSTORE_H
#define PORT_OBJECTSTORE_H

#include "base/err.h"
#include "model/oid.h"

struct objectstore;

/*
 * objectstore_open(objects, out, err):
 * The objects folder ${objects} with its alternates. Close with
 * objectstore_close; NULL is fine there.
 */
MUST_USE int objectstore_open(
	const char *objects, struct objectstore **out, struct err *err);
void objectstore_close(struct objectstore *s);

/*
 * objectstore_has(s, o):
 * Whether it has an object, loose or packed, as the folder was at some time
 * since it was opened: what comes meanwhile may be missed.
 */
MUST_USE bool objectstore_has(struct objectstore *s, const struct oid *o);

/*
 * objectstore_list(objects, packed, each, ctx, err):
 * Call ${each} with the name of every loose object in the folder and, with
 * ${packed}, of every one in its packs; not those of its alternates. One that
 * is there twice is told twice. It stops when ${each} returns -1.
 */
MUST_USE int objectstore_list(const char *objects, bool packed,
	int (*each)(void *ctx, const struct oid *o, struct err *err), void *ctx,
	struct err *err);

#endif
