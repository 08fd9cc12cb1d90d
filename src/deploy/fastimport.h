/* git fast-import: objects and a ref in one go, without an index or a work
 * tree. */
#ifndef DEPLOY_FASTIMPORT_H
#define DEPLOY_FASTIMPORT_H

#include "base/buf.h"

/* fastimport_commit(out, ref, message, first): begin a commit on ${ref} by
 * sluice, now; its parent is what is there unless it is the ${first}. */
void fastimport_commit(
	struct buf *out, const char *ref, const char *message, bool first);

/*
 * fastimport_run(path, stream, err):
 * Have git take a stream, which ends in "done", into the git directory
 * ${path}. A ref that is no longer where the stream starts from is left alone:
 * ERR_REPO with what git says. An error too when it takes two minutes.
 */
MUST_USE int fastimport_run(
	const char *path, struct span stream, struct err *err);

#endif
