/*
 * ASN.1 in its distinguished encoding (X.690), read strictly: one byte of tag,
 * a length that is told in the shortest way, nothing left open.
 */
#ifndef PARSE_DER_H
#define PARSE_DER_H

#include "base/compiler.h"
#include "base/span.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* constructed */
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_0_PLAIN = 0x80, /* primitive */
};

/* der_is(s, tag): whether the next value has that tag. */
bool der_is(struct span s, unsigned tag);

/* der_take(s, tag, value): one value of that tag off ${s}: what is in it. */
MUST_USE bool der_take(struct span *s, unsigned tag, struct span *value);
/* der_take_whole(s, tag, whole): the same with its tag and length. */
MUST_USE bool der_take_whole(struct span *s, unsigned tag, struct span *whole);

/* der_take_oid(s, oid): exactly that object identifier, as it is encoded. */
MUST_USE bool der_take_oid(struct span *s, struct span oid);

#endif
