/*
 * The list of commits in the record of a decision, by itself. Of a push of many
 * commits it is nearly all of the record, and each of several processes has to
 * look at all of it; as a tree of values that takes most of a second and some
 * hundred megabytes. Written, the objects are those of docs/formats.md, in
 * canonical JSON.
 */
#ifndef PARSE_RECORDLIST_H
#define PARSE_RECORDLIST_H

#include "base/buf.h"

#define RECORDLIST_MAX 4000000u

struct recordlist_item {
	struct span id;                /* 40 hex digits */
	struct span author, committer; /* printable text */
	/* of the signature; those that are empty are left out */
	const char *status, *kind, *key, *person, *detail;
};

/* recordlist_put(out, item): one more object, behind a comma unless ${out} is
 * empty. */
void recordlist_put(struct buf *out, const struct recordlist_item *item);

/*
 * recordlist_join(record, items, out):
 * ${record}, canonical with an empty list of commits, with the ${items} that
 * recordlist_put made. False when it has no such list.
 */
MUST_USE bool recordlist_join(
	struct span record, struct span items, struct buf *out);

/*
 * recordlist_split(record, rest, items):
 * The other way: ${rest} gets the record with an empty list, ${items} is the
 * list without its brackets, of at least one object. Each is exactly of its
 * shape, canonical, in texts that need no escapes but \" and \\. False when
 * there is no such list, or it holds anything else; then the record is for
 * record_parse alone, which may still take it. Of what is around the list
 * nothing is known: a record that is no JSON may be split too.
 */
MUST_USE bool recordlist_split(
	struct span record, struct buf *rest, struct span *items);

/* recordlist_next(items, id): the name of the next object of what was split;
 * false at the end. */
MUST_USE bool recordlist_next(struct span *items, struct span *id);

#endif
