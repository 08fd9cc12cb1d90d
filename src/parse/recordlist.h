/*
 * The lists that are nearly all of the record of a push of very many commits:
 * the commits, and the parents of those that are merges. Several processes have
 * to look at all of it; as a tree of values that takes most of a second and
 * some hundred megabytes. So these lists are written as text, and read in place
 * (parse/canonical.h). What stands in them is told in docs/formats.md.
 */
#ifndef PARSE_RECORDLIST_H
#define PARSE_RECORDLIST_H

#include "base/buf.h"
#include "model/oid.h"

#define RECORDLIST_MAX 4000000u

/* In the order in which they stand in a record. */
enum recordlist {
	RECORDLIST_COMMITS, /* predicate.commits */
	RECORDLIST_PARENTS, /* predicate.facts.parents */
	RECORDLISTS,
};

struct recordlist_commit {
	struct span id;                /* 40 hex digits */
	struct span author, committer; /* printable text */
	/* of the signature; those that are empty are left out */
	const char *status, *kind, *key, *person, *detail;
};

/*
 * recordlist_open(rest, list, out):
 * Move the beginning of ${rest}, a canonical record in which that list is
 * empty, to ${out}, up to where its first object goes. False, with nothing
 * moved, when it has no such list.
 */
MUST_USE bool recordlist_open(
	struct span *rest, enum recordlist list, struct buf *out);

/* recordlist_put_commit(out, c), recordlist_put_parents(out, at, parent, n):
 * one more object of an open list; ${at} is the number of the commit. */
void recordlist_put_commit(struct buf *out, const struct recordlist_commit *c);
void recordlist_put_parents(
	struct buf *out, size_t at, const struct oid *parent, size_t n);

/* A record without its lists. */
struct recordlist_rest {
	struct buf text;         /* with empty lists in their place */
	bool taken[RECORDLISTS]; /* those that held something */
	struct span *commit; /* [ncommit]: names; they stand in the record */
	size_t ncommit;
};

/*
 * recordlist_split(record, out):
 * What was taken is of its shape and canonical. False when that cannot be said
 * without a tree of values (parse/canonical.h): then the record is for
 * record_parse alone, which may still take it. Of what is around the lists
 * nothing is known: it need not be JSON. Free with recordlist_rest_free in any
 * case.
 */
MUST_USE bool recordlist_split(struct span record, struct recordlist_rest *out);
void recordlist_rest_free(struct recordlist_rest *rest);

#endif
