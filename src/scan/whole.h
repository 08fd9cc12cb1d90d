/*
 * The whole history of a repository: packs are scanned first, in the order of
 * the pack, and only what was found is then looked for in commits and trees.
 */
#ifndef SCAN_WHOLE_H
#define SCAN_WHOLE_H

#include "scan/history.h"
#include "scan/packlist.h"

struct whole_setup {
	const struct oid *tips; /* commits and trees; the rest is passed over */
	size_t ntips;
	bool all_commits;       /* it is known that each tip is one */
	struct packlist *packs; /* open until history_free; what is in none of
				 * them is read from h->repo */
	unsigned workers;
	bool (*was_there)(void *ctx, const struct oid *id);   /* prescan.h's */
	struct span (*have)(void *ctx, const struct oid *id); /* too */
	void *ctx;
	/* Called now and then by the caller's thread while packs are scanned:
	 * so many of their objects. May be NULL. */
	void (*progress)(void *ctx, size_t done, size_t all);
	void *progress_ctx;
};

/* whole_workers(max): as many threads as there are processors, but not more
 * than ${max}. */
unsigned whole_workers(unsigned max);

/*
 * whole_scan(h, setup, err):
 * What history_commit would tell for every commit that leads to the tips, from
 * the oldest to the newest. Which one is told to have brought something: of the
 * commits that have it while none of their parents' histories does, the one
 * that ancestry_order puts first. Objects in packs that no tip leads to are
 * scanned along and not told. h->prescan is set, for further questions.
 */
MUST_USE int whole_scan(
	struct history *h, const struct whole_setup *setup, struct err *err);

#endif
