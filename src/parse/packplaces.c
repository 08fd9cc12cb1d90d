#include "parse/packplaces.h"

#include <stdlib.h>
#include <string.h>

#include "model/oid.h"
#include "parse/packfile.h"

#define HEAD 8
#define FAN ((size_t)256 * 4)
#define TAIL ((size_t)2 * OID_RAW)
#define WIDE UINT32_C(0x80000000)

/* gitformat-pack(5), "multi-pack-index": head, table of chunks. */
#define MULTI_HEAD 12
#define CHUNK 12
#define PACKS_MAX 65536u

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static int in_pack(uint64_t at, uint64_t size, uint32_t i, struct err *err)
{
	if (at >= PACKFILE_HEAD && size > PACKFILE_TAIL &&
		at < size - PACKFILE_TAIL)
		return 0;
	return err_set(err, ERR_INPUT,
		"the index places object %u outside the pack", i);
}

/* A place of 31 bits, or the number of one in the table of wide ones. */
static int place(uint32_t near, struct span wide, bool may_be_wide,
	uint64_t *out, struct err *err)
{
	*out = near;
	if (!may_be_wide || near < WIDE)
		return 0;
	near -= WIDE;
	if (near >= wide.n / 8)
		return err_set(err, ERR_INPUT,
			"the index names a wide offset that it does not have");
	*out = be64(wide.p + (size_t)near * 8);
	return 0;
}

static int cut_short(struct err *err)
{
	return err_set(err, ERR_INPUT, "a pack index cut short");
}

static int first_version(struct span raw, uint64_t size, struct err *err)
{
	const size_t each = 4 + OID_RAW;
	uint32_t n, i;

	if (raw.n < FAN + TAIL)
		return cut_short(err);
	n = be32(raw.p + FAN - 4);
	if (n > (raw.n - FAN - TAIL) / each)
		return cut_short(err);
	for (i = 0; i < n; i++)
		if (in_pack(be32(raw.p + FAN + i * each), size, i, err))
			return -1;
	return 0;
}

int packplaces_index(struct span raw, uint64_t size, struct err *err)
{
	static const unsigned char magic[HEAD] = {
		0xff, 't', 'O', 'c', 0, 0, 0, 2};
	struct span near, wide;
	uint64_t at;
	uint32_t n, i;

	if (raw.n < HEAD || memcmp(raw.p, magic, 4) != 0)
		return first_version(raw, size, err);
	if (memcmp(raw.p, magic, HEAD) != 0)
		return err_set(err, ERR_INPUT, "a pack index of version %u",
			be32(raw.p + 4));
	if (raw.n < HEAD + FAN + TAIL)
		return cut_short(err);
	n = be32(raw.p + HEAD + FAN - 4);
	if (n > (raw.n - HEAD - FAN - TAIL) / (OID_RAW + 4 + 4))
		return cut_short(err);
	near = span_from(raw, HEAD + FAN + (size_t)n * (OID_RAW + 4));
	wide = span_sub(near, (size_t)n * 4, near.n - (size_t)n * 4 - TAIL);
	for (i = 0; i < n; i++)
		if (place(be32(near.p + (size_t)i * 4), wide, true, &at, err) ||
			in_pack(at, size, i, err))
			return -1;
	return 0;
}

/* A chunk ends where the next one starts; the last entry of the table has no
 * name. Empty when there is none. */
static int chunk(
	struct span raw, const char *name, struct span *out, struct err *err)
{
	unsigned i, n = raw.p[6];
	const unsigned char *e = raw.p + MULTI_HEAD;
	uint64_t from, to;

	*out = SPAN_EMPTY;
	for (i = 0; i < n; i++, e += CHUNK) {
		if (memcmp(e, name, 4) != 0)
			continue;
		from = be64(e + 4);
		to = be64(e + CHUNK + 4);
		if (from > to || to > raw.n)
			return cut_short(err);
		*out = span_sub(raw, (size_t)from, (size_t)(to - from));
		return 0;
	}
	return 0;
}

/* The sizes of the packs that are named, one after the other, NUL behind. */
static int pack_sizes(struct span names, uint32_t n,
	uint64_t (*size_of)(void *ctx, struct span name), void *ctx,
	uint64_t *size, struct err *err)
{
	const unsigned char *end;
	uint32_t i;

	for (i = 0; i < n; i++) {
		end = names.n ? memchr(names.p, 0, names.n) : NULL;
		if (!end)
			return cut_short(err);
		size[i] =
			size_of(ctx, span_of(names.p, (size_t)(end - names.p)));
		names = span_from(names, (size_t)(end - names.p) + 1);
	}
	return 0;
}

static int multi_places(struct span near, struct span wide,
	const uint64_t *size, uint32_t n, struct err *err)
{
	uint32_t i, pack;
	uint64_t at;

	for (i = 0; i < near.n / 8; i++) {
		const unsigned char *e = near.p + (size_t)i * 8;

		pack = be32(e);
		if (pack >= n)
			return err_set(err, ERR_INPUT,
				"the index places object %u in no pack", i);
		if (place(be32(e + 4), wide, wide.n != 0, &at, err) ||
			(size[pack] && in_pack(at, size[pack], i, err)))
			return -1;
	}
	return 0;
}

int packplaces_multi(struct span raw,
	uint64_t (*size_of)(void *ctx, struct span name), void *ctx,
	struct err *err)
{
	struct span names, near, wide;
	uint64_t *size;
	uint32_t n;
	int ret;

	if (raw.n < MULTI_HEAD || memcmp(raw.p, "MIDX\1\1", 6) != 0 ||
		raw.n < MULTI_HEAD + ((size_t)raw.p[6] + 1) * CHUNK)
		return err_set(
			err, ERR_INPUT, "not a multi-pack-index of version 1");
	n = be32(raw.p + 8);
	if (n > PACKS_MAX)
		return err_set(err, ERR_INPUT, "an index of %u packs", n);
	if (chunk(raw, "PNAM", &names, err) || chunk(raw, "OOFF", &near, err) ||
		chunk(raw, "LOFF", &wide, err))
		return -1;
	size = calloc((size_t)n + 1, sizeof(*size));
	if (!size)
		die("out of memory");
	ret = pack_sizes(names, n, size_of, ctx, size, err) ||
			multi_places(near, wide, size, n, err)
		? -1
		: 0;
	free(size);
	return ret;
}
