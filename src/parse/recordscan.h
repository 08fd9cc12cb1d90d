/*
 * Whether an entry is what follows from its record, without a tree of either:
 * for who asks it of a million of them.
 */
#ifndef PARSE_RECORDSCAN_H
#define PARSE_RECORDSCAN_H

#include "parse/canonical.h"
#include "parse/record.h"

/*
 * record_gives(record, sha256, entry, n):
 * True: record_parse accepts ${record}; entry_derive makes exactly ${entry} of
 * it, with ${sha256} (64 hex digits) for its digest, and so entry_parse accepts
 * that; and if it settles an entry, then one before number ${n}. False: not
 * known; record_entry tells. Left to it are kinds and keys that this file does
 * not know, waivers, changes of the policy, and what is so long that it may
 * stand in a list of its own.
 */
MUST_USE bool record_gives(
	struct span record, struct span sha256, struct span entry, uint64_t n);

/* record_named(entry, sha256): the digest by which ${entry} names its record,
 * if it is an entry; false if it is none. */
MUST_USE bool record_named(struct span entry, struct span *sha256);

/* record_scans(record): the half of it that is about the record: true only if
 * record_parse accepts it. */
MUST_USE bool record_scans(struct span record);

/* Of parse/record.c, whose tables decide: record_shape(kind), NULL for a kind
 * that has to go the long way; the subjects of any. */
const struct shape *record_shape(enum record_kind kind);
extern const struct shape record_subjects;

/* record_certificate_ok(base64, sha256): whether these two of a certificate's
 * texts, both possibly empty, may stand in a record. */
MUST_USE bool record_certificate_ok(struct span base64, struct span sha256);

#endif
