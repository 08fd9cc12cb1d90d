/*
 * What the judge wants to know of reviews, as text for whoever asks the forges:
 *
 *	sluice-reviews/1 question
 *	policy 0123…			(SHA-256: the one that is judged by)
 *	repository team/app
 *	ref refs/heads/main
 *	forge gitea-main		(once or more)
 *	commit 0123…			(once or more; the tip first)
 *	ref …				(any number of these groups)
 *	end
 *
 * Where a forge is and what opens it is not said: that is for the policy.
 */
#ifndef PARSE_REVIEWASK_H
#define PARSE_REVIEWASK_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/oid.h"

#define REVIEWASK_FORGES_MAX 16
#define REVIEWASK_COMMITS_MAX 5000
#define REVIEWASK_REFS_MAX 200
#define REVIEWASK_MAX ((size_t)8 << 20)

struct reviewask_ref {
	struct span ref;
	struct span forge[REVIEWASK_FORGES_MAX];
	size_t nforge;
	struct oid *commit;
	size_t n;
};

struct reviewask {
	struct span policy;
	struct span repository;
	struct reviewask_ref *ref;
	size_t n;
};

void reviewask_write(const struct reviewask *a, struct buf *out);

/* reviewask_is(text): whether it is to be taken for one at all. */
bool reviewask_is(struct span text);

/* reviewask_read(text, arena, out, err): strict; spans point into ${text}. */
MUST_USE int reviewask_read(struct span text, struct arena *arena,
	struct reviewask *out, struct err *err);

#endif
