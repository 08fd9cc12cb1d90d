/*
 * Proofs of continuity to hand out: one JSON file with every entry of a part of
 * the log, of whatever repository, so that nothing can have been left out.
 *
 *	{"format": "sluice continuity proof v1",
 *	 "repository": "…", "ref": "…",
 *	 "from": "2026-11-23T08:00:00Z", "to": "…",
 *	 "start": N,                          the first entry's number
 *	 "entries": [{"entry": "…",           each text whose hash is a leaf
 *	              "updates_list": "…"}],  the list it names; only entries
 *	                                      of that repository have it
 *	 "before": "…",     the roots of the perfect subtrees before them
 *	 "after": "…",      that the log of the checkpoint continues these
 *	 "checkpoint": "…",
 *	 "keys": "…"}       as in prooffile.h
 *
 * Hashes are lines as in c2sp.org/tlog-proof. From "before" and the entries the
 * root of the log up to the last of them follows, and a consistency proof leads
 * from it to the one that was signed.
 */
#ifndef LOG_SPANFILE_H
#define LOG_SPANFILE_H

#include "log/continuity.h"
#include "log/reader.h"
#include "parse/note.h"

#define SPANFILE_MAX ((size_t)256 << 20)
#define SPANFILE_ENTRIES_MAX 65536u

struct spanfile {
	struct continuity_ask ask;
	struct span from, to; /* as they are written */
	uint64_t size;        /* of the log whose checkpoint is in it */
	char origin[256];
	struct keychain keys; /* of the log, as far as they are known */
	size_t signer;        /* the number of the one that signed it */
	struct note note;     /* that checkpoint */
};

/* spanfile_is(text): whether that is such a file, good or bad. */
MUST_USE bool spanfile_is(struct span text);

/*
 * spanfile_write(log, ask, out, err):
 * Of ask->n entries from ask->start on; ask->entry is not used. ERR_LIMIT: more
 * than fit.
 */
MUST_USE int spanfile_write(struct log_reader *log,
	const struct continuity_ask *ask, struct buf *out, struct err *err);

/*
 * spanfile_open(text, vkey, a, out, verdict, err):
 * Check that these are the entries of that part of the log, all of them. -1
 * when it is not such a file. PROOF_BAD: something in it is false; ${err} says
 * what, and ${out} is empty. What they come to, continuity_find says. All is in
 * ${a}.
 */
MUST_USE int spanfile_open(struct span text, struct span vkey, struct arena *a,
	struct spanfile *out, enum proof_verdict *verdict, struct err *err);

#endif
