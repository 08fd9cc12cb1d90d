/*
 * Secrets in the objects of a repository: messages of commits and tags, the
 * names that trees give, and blobs, each object read once.
 */
#ifndef SCAN_HISTORY_H
#define SCAN_HISTORY_H

#include "port/repo.h"
#include "scan/inspect.h"
#include "scan/prescan.h"

/* One thing to tell. All of it is good during the call only, but for the
 * rule. */
struct history_hit {
	const struct scan_hit *hit; /* NULL: could not be scanned… */
	const char *why;            /* …because */
	const struct oid *object;   /* what holds it */
	const struct oid *commit;   /* the commit at hand, or NULL */
	struct span path;           /* empty when there is none or not known */
	const char *what;   /* "blob", "commit message", "commit header",
				     * "tag", "path" */
	struct span secret; /* where it is no blob: those bytes are shown */
	size_t line; /* as hit->line, but a message starts at its line 1 */
};

struct history {
	struct repo *repo;
	struct inspector *inspector;
	struct prescan *prescan; /* owned; what was scanned already, or NULL */
	uint64_t max;            /* larger blobs are told as not scanned */
	int (*tell)(void *ctx, const struct history_hit *hit, struct err *err);
	void *ctx;
	uint64_t objects, bytes; /* scanned so far */
	struct oid_set seen;     /* scanned */
	struct oid_set by_path;  /* scanned, but a rule that asks for a path
				  * found something at a path it does not
				  * mean: look again at the next path */
	struct oid_set paths;    /* scanned, by their hash */
};

/*
 * history_commit(h, c, err):
 * The commit's own text, the paths it brings (repo_new_paths), and the blobs
 * there that were not scanned before. To tell who brought something first, go
 * from the oldest commit to the newest.
 */
MUST_USE int history_commit(
	struct history *h, const struct commit *c, struct err *err);

/*
 * history_object(h, o, err):
 * An object that no commit at hand leads to: blobs, commits and tags; trees are
 * passed over. Rules that ask for a path count as met. Once a call an object.
 */
MUST_USE int history_object(
	struct history *h, const struct oid *o, struct err *err);

/* history_tree(h, tree, err): all that a tree holds that no commit at hand
 * leads to. */
MUST_USE int history_tree(
	struct history *h, const struct oid *tree, struct err *err);

/*
 * For those who know already which commit brought what. history_message is for
 * commits and tags, each once; ${commit} may be NULL. history_blob may be
 * called for every path of a blob, the first one first; history_path is for the
 * path's own text, ${o} is what stands there.
 */
MUST_USE int history_message(struct history *h, const struct oid *o,
	const struct oid *commit, enum object_type type, struct err *err);
MUST_USE int history_blob(struct history *h, const struct oid *o,
	const struct oid *commit, struct span path, struct err *err);
MUST_USE int history_path(struct history *h, const struct oid *o,
	const struct oid *commit, struct span path, struct err *err);

void history_free(struct history *h); /* the sets and the prescan */

#endif
