/* The parts of sluice audit: each looks at one thing of one repository. */
#ifndef CMD_AUDIT_H
#define CMD_AUDIT_H

#include "cmd/cmd.h"
#include "deploy/gitdir.h"
#include "deploy/movedby.h"
#include "deploy/reconcile.h"
#include "log/index.h"
#include "parse/doc.h"

struct audit {
	const struct run *run;
	bool record;     /* what is found goes into the log */
	struct arena *a; /* of one repository */
	struct doc *list;
	const char *name; /* of the repository looked at, or its path */
	size_t gaps, notes, unknown, recorded;
	struct audit_policies *policies; /* kept by audit_policy */
};

/* audit_tell(t, matters, kind, fmt): one fact, a gap (it matters) or a note.
 * The object is completed by the caller before the next one is told. */
struct doc *audit_tell(struct audit *t, bool matters, const char *kind,
	const char *fmt, ...) PRINTF(4, 5);
void audit_cannot_tell(struct audit *t, const struct err *err);

/* audit_record(t, up, n, decision, policy, entry, err): append what was
 * observed, as of evidence_observed. */
MUST_USE int audit_record(struct audit *t, const struct ref_update *up,
	size_t n, uint64_t decision, const char *policy, uint64_t *entry,
	struct err *err);

/* audit_short(o, hex): the first 12 digits. */
const char *audit_short(const struct oid *o, char hex[OID_HEX + 1]);
/* audit_set_oid(j, key, o): null for the zero name. */
void audit_set_oid(struct doc *j, const char *key, const struct oid *o);
/* audit_mover_text(t, m): "; the reflog says: …", if anything tells who it
 * was; "". audit_set_mover(j, m): the same for JSON. */
const char *audit_mover_text(struct audit *t, const struct movedby *m);
void audit_set_mover(struct doc *j, const struct movedby *m);

/* Refs, and the objects that they and the log name. */
void audit_refs(struct audit *t, const struct gitdir *g);
/* audit_reflogs(t, g, refs, nrefs, gaps, err): moves of these refs that only
 * their reflogs tell of, and not ${gaps} already. */
MUST_USE int audit_reflogs(struct audit *t, const struct gitdir *g,
	const struct repo_ref *refs, size_t nrefs, const struct gaps *gaps,
	struct err *err);
/* Hooks, and configuration that goes past them. */
void audit_hooks(struct audit *t, const struct gitdir *g, bool gitlab);
/* The policies that pushes were judged by. */
void audit_policy(struct audit *t);
void audit_policies_free(struct audit *t);

#endif
