/*
 * <state>/repositories: which repositories this state folder gates, one a
 * line, "name TAB absolute path". Replaced as a whole, under a lock.
 */
#ifndef DEPLOY_REPOSITORIES_H
#define DEPLOY_REPOSITORIES_H

#include "base/arena.h"
#include "base/err.h"

struct gated_repository {
	const char *name, *path;
};

/* repositories_read(state, a, out, n, err): in the order of the file; none
 * when there is no file. A malformed line is an error (ERR_INPUT). */
MUST_USE int repositories_read(const char *state, struct arena *a,
	struct gated_repository **out, size_t *n, struct err *err);

/* repositories_add(state, name, path, err): add the line, or replace the one of
 * that path, or of that name if nothing is at its path any more. Another path
 * of the same name is an error (ERR_USAGE). */
MUST_USE int repositories_add(
	const char *state, const char *name, const char *path, struct err *err);

/* repositories_remove(state, path, err): fine when it is not there. */
MUST_USE int repositories_remove(
	const char *state, const char *path, struct err *err);

#endif
