/*
 * The refs of a repository held against the log: what moved without the gate,
 * and what the gate let through without a trace of its having happened.
 */
#ifndef DEPLOY_RECONCILE_H
#define DEPLOY_RECONCILE_H

#include "log/index.h"
#include "port/repo.h"

enum gap_kind {
	GAP_NONE,
	GAP_CREATED,     /* a ref the log does not know */
	GAP_MOVED,       /* a ref that is not where the log left it */
	GAP_DELETED,     /* a ref that is gone, and the log has it */
	GAP_NO_OUTCOME,  /* moved as decided, and nobody reported it */
	GAP_NOT_APPLIED, /* accepted, and the ref did not move: no harm done */
	GAP_FORGE,       /* a ref that a forge makes for itself */
	GAP_EARLIER,     /* moved without the gate before a push moved it on */
};

/* gap_kind_name(k): "created outside the gate" … */
const char *gap_kind_name(enum gap_kind k);
/* gap_matters(k): whether somebody has to look into it. */
bool gap_matters(enum gap_kind k);

struct gap {
	enum gap_kind kind;
	struct span ref;
	struct oid found;    /* zero: no such ref; GAP_EARLIER: where that
			      * push found it */
	struct oid expected; /* zero: none */
	uint64_t entry;      /* that it is about, or ENTRY_NONE */
	uint64_t previous;   /* GAP_EARLIER: that left it where it was
			      * expected, or ENTRY_NONE */
};

/* gap_outside(g): the ref is now where no push put it. */
bool gap_outside(const struct gap *g);

struct gaps {
	struct gap *v;
	size_t n, cap;
	size_t refs; /* compared */
};

/*
 * gap_of(steps, n, found, out):
 * One ref with its steps in the log, the newest first, and the value it has
 * (zero: it is not there). Pure; out->ref is left alone. A decision without an
 * outcome counts as carried out when the ref is where it put it, or when a
 * later decision started there.
 */
void gap_of(const struct index_step *steps, size_t n, const struct oid *found,
	struct gap *out);

/*
 * reconcile(ix, repository, refs, nrefs, a, out, err):
 * All refs of the repository, and all the log has of it since it was adopted
 * last. What the index says was let through is read again in the log itself.
 */
MUST_USE int reconcile(struct index *ix, struct span repository,
	const struct repo_ref *refs, size_t nrefs, struct arena *a,
	struct gaps *out, struct err *err);

#endif
