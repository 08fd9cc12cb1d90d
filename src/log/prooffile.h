/*
 * Proofs to hand out: one JSON file that shows, with the log's verifier key
 * and nothing else, what the gate decided.
 *
 *	{"format": "sluice proof v1",
 *	 "subject": "<object name>",         left out for a proof of one entry
 *	 "items": [{"entry": "…",            the text whose hash is the leaf
 *	            "record": "…",           the text whose digest it names
 *	            "updates_list": "…",     the lists whose digests it names;
 *	            "commits_list": "…",     not beside a record
 *	            "tlog_proof": "…"}, …],  c2sp.org/tlog-proof@v1, the same
 *	                                     checkpoint in all
 *	 "keys": "…"}                        the changes of the log's key, if
 *	                                     there are any: keychain.h
 *
 * Entries and records are strings, so that their exact bytes are there:
 *	jq -j '.items[0].record' FILE | sha256sum
 *
 * A short proof leaves the records out. It shows the same answer; who signed
 * and approved is then behind a digest.
 */
#ifndef LOG_PROOFFILE_H
#define LOG_PROOFFILE_H

#include "log/reader.h"
#include "model/oid.h"
#include "parse/doc.h"
#include "parse/entry.h"
#include "parse/note.h"
#include "parse/rotation.h"

#define PROOF_FILE_MAX ((size_t)256 << 20)
#define PROOF_ITEMS_MAX 64u

/*
 * proof_file_write(log, state, n, count, subject, out, err):
 * The proof of the ${count} entries numbered n[…]. Records come from the
 * vault. ${subject} may be NULL.
 */
MUST_USE int proof_file_write(struct log_reader *log, const char *state,
	const uint64_t *n, size_t count, const struct oid *subject,
	struct buf *out, struct err *err);

/*
 * proof_file_short(log, n, count, out, err):
 * The same without records and subject, canonical. Adds to ${out}, whose
 * maximum bounds it (ERR_LIMIT): lists are as long as a push was.
 */
MUST_USE int proof_file_short(struct log_reader *log, const uint64_t *n,
	size_t count, struct buf *out, struct err *err);

/* "keys" of a proof. proof_put_keys(log, j): those of that log.
 * proof_take_keys(vkey, j, a, out, err): with the trusted one, as
 * keychain_read has it. */
void proof_put_keys(const struct log_reader *log, struct doc *j);
MUST_USE int proof_take_keys(struct span vkey, const struct doc *j,
	struct arena *a, struct keychain *out, struct err *err);

/* One entry that was shown to be in the log. */
struct proof_item {
	uint64_t index;
	struct entry entry;          /* its lists in place, wherever kept */
	const struct doc *predicate; /* of its record, freed with the file; NULL
				      * in a short proof */
};

struct proof_file {
	bool has_subject;
	struct oid subject;
	struct proof_item *item;
	size_t nitem;
	uint64_t size; /* of the log whose checkpoint is in it */
	char origin[256];
	struct keychain keys; /* of the log, as far as they are known */
	size_t signer;        /* the number of the one that signed it */
	struct note note;     /* that checkpoint, in the arena */
	struct doc **doc;     /* owned */
};

/*
 * proof_file_open(text, vkey, a, out, verdict, err):
 * ${vkey} as keychain_read takes it; what the file has of rotations is added.
 * Check all of it: checkpoint signature, inclusion of every entry, digest of
 * every record and that its entry follows from it, digests of lists. -1 when it
 * is not a proof that can be read. PROOF_BAD: something in it is false; ${err}
 * says what, and ${out} is empty. Free with proof_file_free.
 */
MUST_USE int proof_file_open(struct span text, struct span vkey,
	struct arena *a, struct proof_file *out, enum proof_verdict *verdict,
	struct err *err);
void proof_file_free(struct proof_file *p);

/* What a proof file comes to. Zero says nothing good. */
enum proof_answer {
	ANSWER_NOTHING,     /* no entry in it names the subject */
	ANSWER_REJECTED,    /* the gate refused it */
	ANSWER_UNDECIDED,   /* the gate could not judge it, and refused */
	ANSWER_OBSERVED,    /* judged against, let in: the gate only observed */
	ANSWER_NOT_APPLIED, /* accepted; no outcome moved the ref there */
	ANSWER_ADOPTED,     /* it was there before the gate */
	ANSWER_ACCEPTED,    /* accepted and applied */
};

/*
 * proof_file_answer(p, item):
 * The best that any item says of the subject (without one: of the first
 * decision); *${item} is that decision or adoption, NULL for ANSWER_NOTHING.
 */
enum proof_answer proof_file_answer(
	const struct proof_file *p, const struct proof_item **item);

/* What else is asked; what is empty is not. */
struct proof_question {
	struct span ref; /* that the gate let this one have the subject */
	struct span repository; /* there and nowhere else */
};
enum proof_answer proof_file_answer_to(const struct proof_file *p,
	const struct proof_question *q, const struct proof_item **item);

/*
 * proof_file_approval(p, q, person):
 * The first approval of the subject by that person, valid as the gate saw it,
 * in the record of a push to which the answer is ANSWER_ACCEPTED; NULL if there
 * is none, and in a short proof. Borrowed.
 */
const struct doc *proof_file_approval(const struct proof_file *p,
	const struct proof_question *q, struct span person);

/* proof_file_moved(p, d, u): whether an outcome of decision ${d} in the file
 * has that update. */
bool proof_file_moved(const struct proof_file *p, const struct proof_item *d,
	const struct entry_update *u);

#endif
