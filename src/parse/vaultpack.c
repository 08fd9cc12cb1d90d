#include "parse/vaultpack.h"

#include <stdlib.h>

#define BLOCK_LEN 12u
#define RECORD_LEN 44u

static const char magic[8] = "sluipak1";

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

struct vaultpack_block vaultpack_block(
	const struct vaultpack *p, uint32_t i, size_t *size)
{
	const unsigned char *at = p->block + (size_t)i * BLOCK_LEN;
	struct vaultpack_block b = {be64(at), be32(at + 8)};
	uint64_t next = i + 1 < p->nblock ? be64(at + BLOCK_LEN) : p->end;

	*size = (size_t)(next - b.start);
	return b;
}

struct vaultpack_record vaultpack_record(const struct vaultpack *p, uint32_t i)
{
	const unsigned char *at = p->record + (size_t)i * RECORD_LEN;
	struct vaultpack_record r = {
		.block = be32(at + 32),
		.at = be32(at + 36),
		.length = be32(at + 40),
	};

	memcpy(r.sha256, at, sizeof(r.sha256));
	return r;
}

static int check_blocks(const struct vaultpack *p, struct err *err)
{
	uint64_t at = 0;
	uint32_t i;

	for (i = 0; i < p->nblock; i++) {
		const unsigned char *t = p->block + (size_t)i * BLOCK_LEN;
		uint64_t start = be64(t);
		uint32_t length = be32(t + 8);

		if (start >= p->end || (i ? start <= at : start != 0))
			return err_set(err, ERR_INPUT,
				"block %u does not follow the one before", i);
		if (!length || length > VAULTPACK_BLOCK_MAX)
			return err_set(err, ERR_INPUT,
				"block %u is of %u bytes", i, length);
		at = start;
	}
	if (!p->nblock && p->end)
		return err_set(err, ERR_INPUT, "bytes that belong to no block");
	return 0;
}

static int check_records(const struct vaultpack *p, struct err *err)
{
	const unsigned char *before = NULL;
	uint32_t i;

	for (i = 0; i < p->nrecord; i++) {
		struct vaultpack_record r = vaultpack_record(p, i);
		const unsigned char *at = p->record + (size_t)i * RECORD_LEN;
		size_t size;

		if (before && memcmp(before, at, VAULTPACK_DIGEST) >= 0)
			return err_set(
				err, ERR_INPUT, "record %u is out of order", i);
		if (r.block >= p->nblock || !r.length ||
			(uint64_t)r.at + r.length >
				vaultpack_block(p, r.block, &size).length)
			return err_set(
				err, ERR_INPUT, "record %u is in no block", i);
		before = at;
	}
	return 0;
}

/* Where the tables are; all lengths add up. */
static int find_tables(
	struct span raw, uint64_t size, struct vaultpack *out, struct err *err)
{
	const unsigned char *tail = raw.p + raw.n - VAULTPACK_TAIL;
	uint64_t tables;

	out->from = be64(tail + 8);
	out->to = be64(tail + 16);
	out->end = be64(tail + 24);
	out->nblock = be32(tail + 32);
	out->nrecord = be32(tail + 36);
	if (out->from > out->to || out->to - out->from > VAULTPACK_ENTRIES ||
		out->nrecord > out->to - out->from ||
		out->nblock > out->nrecord)
		return err_set(err, ERR_INPUT,
			"%u records in %u blocks, of entries %llu to %llu",
			out->nrecord, out->nblock,
			(unsigned long long)out->from,
			(unsigned long long)out->to);
	tables = (uint64_t)out->nblock * BLOCK_LEN +
		(uint64_t)out->nrecord * RECORD_LEN;
	if (raw.n - VAULTPACK_TAIL < tables || raw.n > size ||
		out->end != size - VAULTPACK_TAIL - tables)
		return err_set(err, ERR_INPUT,
			"%llu bytes, which its tables do not add up to",
			(unsigned long long)size);
	out->block = tail - tables;
	out->record = out->block + (size_t)out->nblock * BLOCK_LEN;
	return 0;
}

int vaultpack_parse(struct span raw, uint64_t size,
	void (*digest)(struct span s, unsigned char out[VAULTPACK_DIGEST]),
	struct vaultpack *out, struct err *err)
{
	unsigned char sum[VAULTPACK_DIGEST];

	memset(out, 0, sizeof(*out));
	if (raw.n < VAULTPACK_TAIL ||
		memcmp(raw.p + raw.n - VAULTPACK_TAIL, magic, sizeof(magic)) !=
			0)
		return err_set(err, ERR_INPUT, "not a pack, or one cut short");
	if (find_tables(raw, size, out, err))
		return -1;
	if (digest) {
		const unsigned char *end = raw.p + raw.n - VAULTPACK_DIGEST;

		digest(span_of(out->block, (size_t)(end - out->block)), sum);
		if (memcmp(sum, end, sizeof(sum)) != 0)
			return err_set(err, ERR_INPUT,
				"its tables do not have their checksum");
	}
	return check_blocks(out, err) || check_records(out, err) ? -1 : 0;
}

bool vaultpack_find(const struct vaultpack *p,
	const unsigned char sha256[VAULTPACK_DIGEST],
	struct vaultpack_record *out)
{
	uint32_t lo = 0, hi = p->nrecord;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = memcmp(p->record + (size_t)mid * RECORD_LEN, sha256,
			VAULTPACK_DIGEST);

		if (!c) {
			*out = vaultpack_record(p, mid);
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static void put(struct buf *out, uint64_t v, unsigned bytes)
{
	while (bytes--)
		buf_byte(out, (unsigned char)(v >> (8 * bytes)));
}

static int by_digest(const void *a, const void *b)
{
	const struct vaultpack_record *x = a, *y = b;

	return memcmp(x->sha256, y->sha256, sizeof(x->sha256));
}

void vaultpack_write(struct vaultpack_made *m,
	void (*digest)(struct span s, unsigned char out[VAULTPACK_DIGEST]),
	struct buf *out)
{
	unsigned char sum[VAULTPACK_DIGEST];
	size_t i, start = out->n;

	if (m->nrecord)
		qsort(m->record, m->nrecord, sizeof(*m->record), by_digest);
	for (i = 0; i < m->nblock; i++) {
		put(out, m->block[i].start, 8);
		put(out, m->block[i].length, 4);
	}
	for (i = 0; i < m->nrecord; i++) {
		buf_add(out, m->record[i].sha256, VAULTPACK_DIGEST);
		put(out, m->record[i].block, 4);
		put(out, m->record[i].at, 4);
		put(out, m->record[i].length, 4);
	}
	buf_add(out, magic, sizeof(magic));
	put(out, m->from, 8);
	put(out, m->to, 8);
	put(out, m->end, 8);
	put(out, m->nblock, 4);
	put(out, m->nrecord, 4);
	digest(span_of(out->p + start, out->n - start), sum);
	buf_add(out, sum, sizeof(sum));
}
