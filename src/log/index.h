/*
 * Finding things in the log: an SQLite database beside it, brought up to date
 * with it whenever it is opened, and built anew when it is missing, damaged or
 * of a log with another key. It is not believed where it says that something
 * was let through: index_was_admitted and index_decision read the entry itself
 * again; tips and lists are as good as the file, which only the account that
 * also holds the log's key can write. A log that is shorter than the index knew
 * it, or does not continue it, is an error (ERR_LOG): somebody put an older one
 * in its place.
 *
 * Lists are in the arena that is passed in; text that came from outside is
 * unprintable until text_printable had it.
 */
#ifndef LOG_INDEX_H
#define LOG_INDEX_H

#include "base/arena.h"
#include "log/reader.h"
#include "model/finding.h"
#include "model/oid.h"
#include "model/push.h"
#include "parse/record.h"

struct index;

#define ENTRY_NONE UINT64_MAX

/* index_open(state, out, err): of the log in that state folder. Several
 * processes may have it open. */
MUST_USE int index_open(const char *state, struct index **out, struct err *err);
void index_close(struct index *ix); /* NULL is fine */

/* index_log(ix): the log it was brought up to, for reading entries. Borrowed;
 * its size is what the index covers. */
struct log_reader *index_log(struct index *ix);

/* index_rebuild(state, err): throw it away and build it. */
MUST_USE int index_rebuild(const char *state, struct err *err);

/* index_check(state, differs, err): compare the database as it is, a missing
 * one apart, with one made from the log in memory. */
MUST_USE int index_check(const char *state, bool *differs, struct err *err);

/* A tip that a ref was let have. */
struct index_tip {
	struct span ref;
	struct oid oid;
	uint64_t entry;
	bool accepted; /* false: let in only because the gate observed */
};
struct index_tips {
	struct index_tip *v;
	size_t n;
};

/*
 * index_tips(ix, repo, a, out, err):
 * For each ref of a repository the newest two tips (deletions left out) that
 * an adoption or an admitted decision gave it, and the newest that it is known
 * to have had, the newest first; refs in order.
 */
MUST_USE int index_tips(struct index *ix, struct span repo, struct arena *a,
	struct index_tips *out, struct err *err);

/* index_certificates(ix, repo, max, a, out, n, err): the certificates of the
 * newest ${max} signed pushes to a repository that were let in, the newest
 * first. */
MUST_USE int index_certificates(struct index *ix, struct span repo, size_t max,
	struct arena *a, struct certificate_use **out, size_t *n,
	struct err *err);

/*
 * index_waivers(ix, repo, since, a, out, err):
 * Spent and withdrawn ones only as far back as ${since} ("2026-11-23T…"): one
 * that old has run out.
 */
MUST_USE int index_waivers(struct index *ix, struct span repo,
	const char *since, struct arena *a, struct waiver_past *out,
	struct err *err);

/* index_adopted(ix, repo, max, a, out, n, err): tips that were adopted in a
 * repository, of the newest adoptions, at most ${max}. */
MUST_USE int index_adopted(struct index *ix, struct span repo, size_t max,
	struct arena *a, struct oid **out, size_t *n, struct err *err);

/* index_was_admitted(ix, repo, ref, oid, entry, err): the newest adoption or
 * admitted decision that moved that ref to ${oid}, or ENTRY_NONE. */
MUST_USE int index_was_admitted(struct index *ix, struct span repo,
	struct span ref, const struct oid *oid, uint64_t *entry,
	struct err *err);

/* index_decision(ix, repo, ref, old, new, entry, err): the newest admitted
 * decision with exactly that update, or ENTRY_NONE. */
MUST_USE int index_decision(struct index *ix, struct span repo, struct span ref,
	const struct oid *old, const struct oid *new, uint64_t *entry,
	struct err *err);

/* One update of an entry. */
struct index_update {
	struct span ref;
	struct oid old, new;
	bool applied; /* an outcome says so; true in adoptions */
};

/* What the index knows of an entry. */
struct index_row {
	uint64_t entry;
	enum record_kind kind;
	struct span repository, time, pusher;
	enum verdict verdict;
	bool observe, admitted;
	uint64_t decision; /* that it says the outcome of, or ENTRY_NONE */
	uint64_t outcome;  /* decisions: the newest outcome, or ENTRY_NONE */
	bool applied;      /* decisions: some outcome moved a ref; adoptions */
	bool waived;       /* a ref was let in by a waiver */
	struct index_update *update;
	size_t nupdate;
	char record[65];
};
struct index_rows {
	struct index_row *v;
	size_t n;
};

/*
 * index_commit(ix, oid, a, out, err):
 * The adoptions and decisions that brought that object or moved a ref to it
 * (commits and tags), the oldest first.
 */
MUST_USE int index_commit(struct index *ix, const struct oid *oid,
	struct arena *a, struct index_rows *out, struct err *err);

/* index_abbreviated(ix, hex, max, a, out, n, err): up to ${max} objects whose
 * name begins with those 4 to 40 digits. */
MUST_USE int index_abbreviated(struct index *ix, struct span hex, size_t max,
	struct arena *a, struct oid **out, size_t *n, struct err *err);

/* What to list; empty spans and NULL mean any. */
struct index_filter {
	struct span repository, ref;
	const enum record_kind *kind;
	const enum verdict *verdict;
	uint64_t since; /* first entry */
	size_t last;    /* only so many, the newest; 0: all */
};
/* index_list(ix, f, a, out, err): entries in order, the oldest first. */
MUST_USE int index_list(struct index *ix, const struct index_filter *f,
	struct arena *a, struct index_rows *out, struct err *err);

/* index_entry(ix, n, a, out, err): one entry. */
MUST_USE int index_entry(struct index *ix, uint64_t n, struct arena *a,
	struct index_row *out, struct err *err);

/*
 * index_objects(ix, repo, each, ctx, err):
 * Every commit and tip that an adoption, or a decision of which a ref moved,
 * brought to a repository, with the first such entry; in the order of names.
 */
MUST_USE int index_objects(struct index *ix, struct span repo,
	int (*each)(void *ctx, const struct oid *o, uint64_t entry,
		struct err *err),
	void *ctx, struct err *err);

/* One step in the life of a ref. */
struct index_step {
	uint64_t entry, outcome; /* outcome: ENTRY_NONE when there is none */
	enum record_kind kind;   /* adopt or decision; observed below */
	struct oid old, new;
	bool admitted, applied;
};
struct index_steps {
	struct index_step *v;
	size_t n;
};
/* index_ref_history(ix, repo, ref, last, a, out, err): what was asked of a
 * ref, the newest first, at most ${last} (0: all). */
MUST_USE int index_ref_history(struct index *ix, struct span repo,
	struct span ref, size_t last, struct arena *a, struct index_steps *out,
	struct err *err);

/* index_ref_observed(ix, repo, ref, a, out, err): where audits saw the ref, and
 * no push had put it there, the newest first. */
MUST_USE int index_ref_observed(struct index *ix, struct span repo,
	struct span ref, struct arena *a, struct index_steps *out,
	struct err *err);

/* index_refs(ix, repo, a, out, err): every ref of a repository that has an
 * adopted or admitted step, with the newest such step's new value (zero for a
 * deletion), refs in order. */
MUST_USE int index_refs(struct index *ix, struct span repo, struct arena *a,
	struct index_tips *out, struct err *err);

#endif
