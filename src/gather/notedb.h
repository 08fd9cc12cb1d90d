/*
 * Changes of Gerrit, from the repository that it serves or that is a copy of
 * one: without asking anybody. Whoever can write refs/changes there can approve
 * anything, so these have to be refs that nobody pushes to but the server.
 */
#ifndef GATHER_NOTEDB_H
#define GATHER_NOTEDB_H

#include "model/policy.h"
#include "port/repo.h"

#define NOTEDB_ROOT "refs/changes/"
#define NOTEDB_REFS_MAX 5000000 /* below refs/changes */
#define NOTEDB_CHANGES_MAX 200  /* that are about what is asked */

/*
 * notedb_path(f, repository, out, err):
 * Where Gerrit, or a copy of it, has the repository. ERR_POLICY unless only
 * root, this process's account and the forge's owner can write there, as far as
 * the modes of what git goes by say.
 */
MUST_USE int notedb_path(const struct forge *f, struct span repository,
	struct buf *out, struct err *err);

/* A change: its meta ref, and its events in the form that parse/review_notedb.c
 * reads. */
struct notedb_change {
	uint64_t number;
	struct span ref;
	struct span events;
};

/*
 * notedb_changes(f, path, commit, n, until, each, ctx, err):
 * Each change of the repository at ${path} with a patch set, old or new, that
 * is one of the commits, in the order of their numbers. Objects are held
 * against their names. -1 past a limit above, or past the time ${until}
 * (clock_ms), where a change that may be about one of them cannot be read, or
 * when ${each} says so: then nothing is known.
 */
MUST_USE int notedb_changes(const struct forge *f, const char *path,
	const struct oid *commit, size_t n, int64_t until,
	int (*each)(void *ctx, const struct notedb_change *c, struct err *err),
	void *ctx, struct err *err);

/* notedb_count(path, out, err): how many changes it has, for doctor. */
MUST_USE int notedb_count(const char *path, size_t *out, struct err *err);

#endif
