/*
 * All blobs, commits and tags of some packs, scanned in the order of the packs
 * and in several threads, before anybody asks where they belong. Of an object
 * made from another only what is new is read. What is kept: the open results
 * (inspect_settle) of the few objects in which something was found.
 */
#ifndef SCAN_PRESCAN_H
#define SCAN_PRESCAN_H

#include "scan/inspect.h"
#include "scan/packwalk.h"

/* Results kept in memory; past it objects are PRESCAN_UNKNOWN, so that they are
 * scanned again when it is their turn. */
#define PRESCAN_KEPT_MAX ((size_t)32 << 20)

struct prescan_setup {
	struct inspector *inspector; /* in use while prescan_run runs */
	struct packmap *pack;        /* open; must outlive the answers */
	size_t npacks;
	unsigned workers;
	uint64_t max; /* larger objects are left out: PRESCAN_UNKNOWN */
	/* Whether the repository had the object before, so that the secrets in
	 * it are known. May be NULL: it had none. Called by many threads. */
	bool (*was_there)(void *ctx, const struct oid *id);
	/* Called for each object as it comes, before it is scanned, as
	 * packwalk's object is. May be NULL. */
	int (*seen)(void *ctx, unsigned worker, const struct packwalk_object *o,
		struct err *err);
	/* packwalk's. */
	struct span (*have)(void *ctx, const struct oid *id);
	void *ctx;
};

struct prescan;

MUST_USE int prescan_run(const struct prescan_setup *setup,
	struct prescan **out, struct err *err);
void prescan_free(struct prescan *p); /* NULL is fine */

enum prescan_answer {
	PRESCAN_UNKNOWN, /* in none of the packs, or not scanned there */
	PRESCAN_CLEAN,
	PRESCAN_FOUND,
};

/* prescan_of(p, id, r): what was found in an object; *${r} for PRESCAN_FOUND
 * only, open, with lines. It may also be a scan that was not done. */
enum prescan_answer prescan_of(const struct prescan *p, const struct oid *id,
	const struct scan_result **r);

/* prescan_each(p, each, ctx, err): every object that is not PRESCAN_CLEAN, in
 * the order of their names. */
MUST_USE int prescan_each(const struct prescan *p,
	int (*each)(void *ctx, const struct oid *id, enum object_type type,
		struct err *err),
	void *ctx, struct err *err);

/* Objects and bytes scanned. */
uint64_t prescan_objects(const struct prescan *p);
uint64_t prescan_bytes(const struct prescan *p);

#endif
