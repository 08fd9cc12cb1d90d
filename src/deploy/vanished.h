/*
 * Commits and tips that the log let into a repository and that are not there
 * any more.
 */
#ifndef DEPLOY_VANISHED_H
#define DEPLOY_VANISHED_H

#include "deploy/reconcile.h"

struct vanished_object {
	struct oid oid;
	uint64_t entry; /* that brought it */
	/* A ref leads to it, or led to it until it was moved outside the gate;
	 * otherwise a push that the gate let through may have dropped it, and
	 * git collected it. */
	bool needed;
};
struct vanished {
	struct vanished_object *v; /* in the order of names */
	size_t n, cap;
	size_t looked_for;
};

/*
 * vanished_find(ix, repository, repo, refs, nrefs, gaps, a, out, err):
 * ${refs} and ${gaps} as of reconcile. History is walked only if something is
 * missing; files and folders are for 'git fsck' to look at.
 */
MUST_USE int vanished_find(struct index *ix, struct span repository,
	struct repo *repo, const struct repo_ref *refs, size_t nrefs,
	const struct gaps *gaps, struct arena *a, struct vanished *out,
	struct err *err);

#endif
