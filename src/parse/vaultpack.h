/*
 * Packs of the vault: the records of up to 4096 entries in one file.
 *
 * First come the blocks, one gzip member each and one after the other: records
 * with a LF after each. Then two tables, and a tail that says where they begin.
 * docs/formats.md has the bytes.
 */
#ifndef PARSE_VAULTPACK_H
#define PARSE_VAULTPACK_H

#include "base/buf.h"

#define VAULTPACK_ENTRIES 4096u /* that a pack has the records of */
#define VAULTPACK_BLOCK 131072u /* bytes after which a block is full */
/* A larger record stays a file of its own. */
#define VAULTPACK_RECORD_MAX 1048576u
#define VAULTPACK_BLOCK_MAX (VAULTPACK_RECORD_MAX + 1u)
#define VAULTPACK_DIGEST 32
#define VAULTPACK_TAIL 72u
/* The tables and the tail of any pack. */
#define VAULTPACK_TABLES_MAX (VAULTPACK_ENTRIES * (12u + 44u) + VAULTPACK_TAIL)

struct vaultpack_block {
	uint64_t start;  /* of the gzip member in the file */
	uint32_t length; /* of what it holds */
};

struct vaultpack_record {
	unsigned char sha256[VAULTPACK_DIGEST];
	uint32_t block, at, length;
};

struct vaultpack {
	uint64_t from, to; /* entries: those before ${to} were looked at */
	uint64_t end;      /* of the blocks */
	uint32_t nblock, nrecord;
	const unsigned char *block, *record; /* the tables */
};

/*
 * vaultpack_parse(raw, size, digest, out, err):
 * The tables of a pack of ${size} bytes, of which ${raw} is the end, as many
 * bytes as tables can have or all; ${out} points into it. Blocks must fill the
 * file up to the tables, records be in blocks and in the order of their
 * digests, none twice. ${digest} is SHA-256, for the checksum over tables and
 * tail; NULL: it is not looked at. What the blocks hold is not looked at
 * either: each record has its digest. ERR_INPUT otherwise.
 */
MUST_USE int vaultpack_parse(struct span raw, uint64_t size,
	void (*digest)(struct span s, unsigned char out[VAULTPACK_DIGEST]),
	struct vaultpack *out, struct err *err);

/* vaultpack_block(p, i, size): block ${i}, and the bytes of the file that it
 * is. */
struct vaultpack_block vaultpack_block(
	const struct vaultpack *p, uint32_t i, size_t *size);

/* vaultpack_record(p, i): record ${i}, in the order of digests. */
struct vaultpack_record vaultpack_record(const struct vaultpack *p, uint32_t i);

/* vaultpack_find(p, sha256, out): the record of that digest. */
MUST_USE bool vaultpack_find(const struct vaultpack *p,
	const unsigned char sha256[VAULTPACK_DIGEST],
	struct vaultpack_record *out);

/* What the tables of a pack say. */
struct vaultpack_made {
	uint64_t from, to, end;
	struct vaultpack_block *block;
	size_t nblock;
	struct vaultpack_record *record; /* sorted by vaultpack_write */
	size_t nrecord;
};

/* vaultpack_write(m, digest, out): the tables and the tail, as they are parsed,
 * added to ${out}. */
void vaultpack_write(struct vaultpack_made *m,
	void (*digest)(struct span s, unsigned char out[VAULTPACK_DIGEST]),
	struct buf *out);

#endif
