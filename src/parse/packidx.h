/*
 * Pack indexes, version 2 (gitformat-pack(5)): which object lies where in a
 * pack. A fan-out table of 256 counts, the names in order, a CRC each, an
 * offset of 31 bits each, and for those that need more a table of 64 bits;
 * then two checksums, which are not looked at.
 */
#ifndef PARSE_PACKIDX_H
#define PARSE_PACKIDX_H

#include "base/err.h"
#include "model/oid.h"

struct packidx {
	uint32_t n;                  /* objects */
	uint32_t nwide;              /* of them, with offsets of 64 bits */
	const unsigned char *fan;    /* [256] counts, 32 bits, big end first */
	const struct oid *name;      /* [n], ascending */
	const unsigned char *offset; /* [n], 32 bits */
	const unsigned char *wide;   /* [nwide], 64 bits */
	const uint32_t *start;       /* of packidx_narrow, or NULL */
	unsigned bits;
};

/*
 * packidx_parse(raw, out, err):
 * The parts of an index; ${out} points into ${raw}. The length must be exactly
 * that of its parts, names must ascend (twice the same is allowed) and agree
 * with the fan-out table. ERR_INPUT otherwise.
 */
MUST_USE int packidx_parse(
	struct span raw, struct packidx *out, struct err *err);

/* packidx_offset(idx, i, out): where object ${i} starts in the pack. False
 * when it points past the table of wide offsets. */
MUST_USE bool packidx_offset(
	const struct packidx *idx, uint32_t i, uint64_t *out);

/*
 * packidx_bits(idx), packidx_narrow(idx, bits, room):
 * Where the names begin that start with the same ${bits} bits, 8 to 20: a finer
 * fan-out, for who looks up more names than there are. ${room} has 2^bits + 1
 * numbers and must outlive ${idx}. packidx_bits tells how many are worth it.
 */
unsigned packidx_bits(const struct packidx *idx);
void packidx_narrow(struct packidx *idx, unsigned bits, uint32_t *room);

/* packidx_find(idx, id, out): the place of a name in the index. */
MUST_USE bool packidx_find(
	const struct packidx *idx, const struct oid *id, uint32_t *out);

#endif
