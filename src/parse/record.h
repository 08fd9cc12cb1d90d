/*
 * Records: one canonical JSON document per event at the gate, an in-toto
 * Statement v1 with predicateType "urn:sluice:push:v1". A record holds all
 * that was decided and stays in the vault; the entry derived from it is short
 * and goes into the public log.
 *
 * Kinds: "adopt" (history from before the gate), "decision" (a push was
 * judged), "outcome" (which of a decision's updates git carried out),
 * "observed" (what an audit found: with "decision", an outcome that nobody had
 * recorded; without, refs as they stood that no push had put there, and the
 * policy that was in force), "pruned" (which records were taken out of the
 * vault on purpose), "key" (the log went over to another key; of no repository
 * and no updates).
 * docs/formats.md has every field.
 */
#ifndef PARSE_RECORD_H
#define PARSE_RECORD_H

#include "base/buf.h"
#include "parse/doc.h"

#define RECORD_MAX ((size_t)64 << 20)
#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define RECORD_TYPE "urn:sluice:push:v1"
#define ENTRY_TYPE "urn:sluice:entry:v1"

/* Above these an entry names a list instead of holding it. */
#define ENTRY_SUBJECTS_MAX 64u
#define ENTRY_UPDATES_MAX 200u
#define ENTRY_COMMITS_MAX 500u
/* Above this a push is refused. */
#define ENTRY_WAIVERS_MAX 500u
/* Bytes of the list of what was pruned; more than one record tells of more. */
#define ENTRY_PRUNED_MAX 32768u

enum record_kind {
	RECORD_ADOPT,
	RECORD_DECISION,
	RECORD_OUTCOME,
	RECORD_OBSERVED,
	RECORD_PRUNED,
	RECORD_KEY,
};
const char *record_kind_name(enum record_kind k);
MUST_USE bool record_kind_read(struct span s, enum record_kind *out);

/*
 * record_parse(bytes, out, err):
 * Exactly a record: canonical, every key known and of its type and size, none
 * doubled, the parts not at odds with each other (an enforced rejection is not
 * admitted, subjects are the updates' new values). The error names the place:
 * "record: predicate.updates[3].new: …". ${out} is freed with doc_free.
 */
MUST_USE int record_parse(struct span bytes, struct doc **out, struct err *err);

/* record_certificate(record, out): the bytes of the push certificate that a
 * record holds, added to ${out}; false if it holds none. */
MUST_USE bool record_certificate(const struct doc *record, struct buf *out);
/* The same of its predicate. */
MUST_USE bool predicate_certificate(
	const struct doc *predicate, struct buf *out);

/* record_pruned(predicate): whether a predicate of the kind "pruned", in a
 * record or an entry, has the parts that this asks for: no updates, and ranges
 * of as many entries as it counts. */
MUST_USE bool record_pruned(const struct doc *predicate);

/* What goes into the log for a record. */
struct entry_text {
	enum record_kind kind;
	struct buf entry; /* canonical JSON, at most ENTRY_MAX bytes */
	struct buf list[2];
	char list_name[2][65]; /* SHA-256 of each list, hex */
	size_t nlists;
	char record[65]; /* SHA-256 of the record, hex */
};

/*
 * entry_derive(record, bytes, digest, out, err):
 * The entry of a record that record_parse accepted, the same bytes every time.
 * ${digest} is SHA-256. Free with entry_text_free, also after failure.
 */
MUST_USE int entry_derive(const struct doc *record, struct span bytes,
	void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out, struct err *err);

/*
 * record_entry(bytes, digest, out, err):
 * record_parse and entry_derive in one, for who needs the entry only: the same
 * answer, faster where there are many commits.
 */
MUST_USE int record_entry(struct span bytes,
	void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out, struct err *err);
void entry_text_free(struct entry_text *t);

/*
 * record_outline(bytes, out, err):
 * A record that was just made here, to be told: not checked, and with lists of
 * commits and of parents that may be empty. ${out} is freed with doc_free.
 */
MUST_USE int record_outline(
	struct span bytes, struct doc **out, struct err *err);

#endif
