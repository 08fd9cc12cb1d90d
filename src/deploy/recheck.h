/*
 * What the log let in on the word of keys, or of accounts at forges, that are
 * compromised now: found in the records, then held against the repositories,
 * which have the waivers that clear it.
 */
#ifndef DEPLOY_RECHECK_H
#define DEPLOY_RECHECK_H

#include "deploy/repositories.h"
#include "gather/suspect.h"
#include "log/pruned.h"
#include "parse/doc.h"

/* Something that such a key signed. */
struct doubt {
	uint64_t entry;
	const char *repository;
	const char *time;  /* when it was let in */
	struct span ref;   /* that it was let in to */
	const char *what;  /* "commit", "tag", "merged tag", "approval",
			    * "waiver", "push certificate"; "review", by an
			    * account at a forge, not a key */
	const char *name;  /* of a merged tag, printable; else NULL */
	struct oid object; /* that is signed, or was reviewed; of a merged tag,
			    * the merge that has it in its header */
	struct oid commit; /* or tag: that a waiver names to clear it */
	struct oid tip;    /* where the ref went */
	enum signature_kind kind;
	const char *key, *fingerprint, *person; /* the key is "LOGIN at FORGE"
						 * of a review */
	bool sure;    /* not yet: only the object can say whether the key is
		       * compromised */
	bool dropped; /* it did, and the key is not */
	bool cleared;
	struct oid_set by; /* the waivers that did */
};

/* A waiver as the log has it. */
struct recheck_waiver {
	int64_t at;
	const char *person;
};

struct recheck {
	const struct policy *policy;
	const struct keybook *book;
	const char *state;
	struct arena *arena;
	/* What could not be told, where: ${entry} is UINT64_MAX for none. */
	void (*untold)(void *ctx, const char *repository, uint64_t entry,
		const char *why);
	void *ctx;
	/* Only of these; NULL: of all. */
	bool (*wanted)(void *ctx, struct span repository);

	struct vault *vault; /* for as long as the log is read */
	struct pruned pruned;
	struct doubt *v;
	size_t n, cap;
	struct recheck_waiver *waiver;
	size_t nwaiver, waiver_cap;
	struct oid_set waiver_at;
};

/* recheck_needed(p, book): whether anything of the policy is compromised. */
bool recheck_needed(const struct policy *p, const struct keybook *book);

/* doubt_is_review(d): whether it is about an account at a forge, not a key. */
bool doubt_is_review(const struct doubt *d);

/*
 * recheck_log(r, err):
 * Every admitted decision, the oldest first: r->v. A record that is missing or
 * cannot be read is told as untold, and the rest goes on; -1 when the log
 * itself cannot be read. Free with recheck_free.
 */
MUST_USE int recheck_log(struct recheck *r, struct err *err);

/*
 * recheck_settle(r, v, n):
 * Settle what is in doubt by the repositories themselves, each at its place in
 * the list. Of one that is not there, or cannot be read, the doubt stays, or it
 * is untold.
 */
void recheck_settle(
	struct recheck *r, const struct gated_repository *v, size_t n);
void recheck_free(struct recheck *r);

/*
 * recheck_record(r, entry, predicate):
 * Look through the record of one admitted decision, that record_parse took,
 * under the number of its entry: adds to r->v.
 *
 * recheck_entries(r, entry, n, err):
 * recheck_log of these entries alone; the rest of the log is read only for
 * waivers, if anything is in doubt.
 */
void recheck_record(
	struct recheck *r, uint64_t entry, const struct doc *predicate);
MUST_USE int recheck_entries(
	struct recheck *r, const uint64_t *entry, size_t n, struct err *err);

#endif
