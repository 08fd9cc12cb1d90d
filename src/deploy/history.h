/*
 * What the log says of the commits that somebody asks about: collected entry
 * by entry, oldest first, then read-only. Nothing is verified here; whoever
 * adds an entry has proved it.
 */
#ifndef DEPLOY_HISTORY_H
#define DEPLOY_HISTORY_H

#include "model/deployed.h"
#include "parse/entry.h"

/* An adoption or a decision that has to do with a commit asked about. */
struct history_push {
	uint64_t number;    /* of its entry */
	struct entry entry; /* with its update list, without its commits */
	bool outcome;       /* the server told what became of it */
	bool *moved;        /* [entry.nupdate]: the ref really moved */
};

/* One commit in one push. */
struct history_sighting {
	struct oid commit;
	size_t push;
	bool judged; /* among the commits that this push answered for */
};

struct history {
	struct arena *arena;
	struct history_push *push; /* by number */
	size_t npush, push_cap;
	struct history_sighting *sighting; /* by commit, once sorted */
	size_t nsighting, sighting_cap;
	struct deployed *want; /* by digits, then name */
	size_t nwant;
};

/* history_begin(a, items, out): ask about these items; unfit ones are passed
 * over. */
void history_begin(struct arena *a, const struct deployed_list *items,
	struct history *out);

/* history_wants(h, o): whether the commit is asked about. */
bool history_wants(const struct history *h, const struct oid *o);

/* history_knows(h, number): whether the entry of that number was kept. */
bool history_knows(const struct history *h, uint64_t number);

/*
 * history_add(h, number, e):
 * Entry ${number}, greater than any before, with both its lists in place. What
 * ${e} points to must outlive ${h} when the answer is true; otherwise nothing
 * of it is kept.
 */
bool history_add(struct history *h, uint64_t number, const struct entry *e);

/* history_end(h): no more entries; sort. */
void history_end(struct history *h);

/*
 * history_find(h, oid, digits, n):
 * The sightings of the commit whose name begins so. *${n} is 0 when there is
 * none; *${many} when more than one commit begins so.
 */
const struct history_sighting *history_find(const struct history *h,
	const struct oid *oid, unsigned digits, size_t *n, bool *many);

#endif
