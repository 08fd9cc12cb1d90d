#include "parse/packidx.h"

#define HEAD 8
#define FAN ((size_t)256 * 4)
#define EACH (OID_RAW + 4 + 4) /* name, CRC, offset */
#define TAIL ((size_t)2 * OID_RAW)
#define WIDE UINT32_C(0x80000000)

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/* Objects whose names start with a byte below ${b}. */
static uint32_t below(const struct packidx *idx, unsigned b)
{
	return b ? be32(idx->fan + (size_t)(b - 1) * 4) : 0;
}

static int check_fan(const struct packidx *idx, struct err *err)
{
	unsigned b;

	for (b = 1; b <= 256; b++) {
		if (below(idx, b) < below(idx, b - 1))
			return err_set(err, ERR_INPUT,
				"the fan-out table falls at %u", b - 1);
	}
	return 0;
}

static int check_names(const struct packidx *idx, struct err *err)
{
	unsigned b;
	uint32_t i;

	for (b = 0; b < 256; b++) {
		for (i = below(idx, b); i < below(idx, b + 1); i++) {
			if (idx->name[i].b[0] != b)
				return err_set(err, ERR_INPUT,
					"name %u is not where the fan-out "
					"table says",
					i);
			if (i && oid_cmp(&idx->name[i - 1], &idx->name[i]) > 0)
				return err_set(err, ERR_INPUT,
					"name %u is out of order", i);
		}
	}
	return 0;
}

int packidx_parse(struct span raw, struct packidx *out, struct err *err)
{
	static const unsigned char magic[HEAD] = {
		0xff, 't', 'O', 'c', 0, 0, 0, 2};
	size_t fixed, wide;

	memset(out, 0, sizeof(*out));
	if (raw.n < HEAD + FAN + TAIL)
		return err_set(err, ERR_INPUT, "a pack index cut short");
	if (memcmp(raw.p, magic, sizeof(magic)) != 0)
		return err_set(err, ERR_INPUT, "not a pack index of version 2");
	out->fan = raw.p + HEAD;
	if (check_fan(out, err))
		return -1;
	out->n = below(out, 256);
	fixed = HEAD + FAN + (size_t)out->n * EACH + TAIL;
	wide = raw.n - fixed;
	if (raw.n < fixed || wide % 8 || wide / 8 > out->n)
		return err_set(err, ERR_INPUT,
			"a pack index of %zu bytes for %u objects", raw.n,
			out->n);
	out->name = (const struct oid *)(out->fan + FAN);
	out->offset = (const unsigned char *)(out->name + out->n) +
		(size_t)out->n * 4;
	out->wide = out->offset + (size_t)out->n * 4;
	out->nwide = (uint32_t)(wide / 8);
	return check_names(out, err);
}

bool packidx_offset(const struct packidx *idx, uint32_t i, uint64_t *out)
{
	uint32_t near = be32(idx->offset + (size_t)i * 4);

	*out = near;
	if (near < WIDE)
		return true;
	near -= WIDE;
	if (near >= idx->nwide)
		return false;
	*out = be64(idx->wide + (size_t)near * 8);
	return true;
}

/* The order of two names by their first bytes, or 0 when those are equal. */
static int order(const struct oid *a, const struct oid *b)
{
	uint64_t x = be64(a->b), y = be64(b->b);

	return x < y ? -1 : x > y;
}

/* Names are spread evenly, so a name stands near its share of the way between
 * two others. When it does not, halving goes on from there. */
static uint32_t guess(uint32_t lo, uint32_t hi, const struct oid *id)
{
	return lo + (uint32_t)((uint64_t)(hi - lo) * be32(id->b + 1) >> 32);
}

#define BITS_LEAST 8
#define BITS_MOST 20

unsigned packidx_bits(const struct packidx *idx)
{
	unsigned bits = BITS_LEAST;

	while (bits < BITS_MOST && idx->n >> bits > 1)
		bits++;
	return bits;
}

void packidx_narrow(struct packidx *idx, unsigned bits, uint32_t *room)
{
	uint32_t most = UINT32_C(1) << bits, h = 0, i;

	for (i = 0; i < idx->n; i++)
		while (h <= be32(idx->name[i].b) >> (32 - bits))
			room[h++] = i;
	while (h <= most)
		room[h++] = idx->n;
	idx->start = room;
	idx->bits = bits;
}

#define STRIDE 32

bool packidx_find(
	const struct packidx *idx, const struct oid *id, uint32_t *out)
{
	uint32_t lo, hi, mid, step = STRIDE;

	if (idx->start) {
		uint32_t h = be32(id->b) >> (32 - idx->bits);

		lo = idx->start[h];
		hi = idx->start[h + 1];
		mid = lo + (hi - lo) / 2;
		step = 0;
	} else {
		lo = below(idx, id->b[0]);
		hi = below(idx, id->b[0] + 1u);
		mid = guess(lo, hi, id);
	}
	while (lo < hi) {
		int c = order(&idx->name[mid], id);

		if (!c)
			c = oid_cmp(&idx->name[mid], id);
		if (!c) {
			*out = mid;
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
		/* Away from the guess in growing steps, until one goes too
		 * far. */
		if (step && c < 0 && step < hi - lo)
			mid = lo + step;
		else if (step && c > 0 && step < hi - lo)
			mid = hi - step;
		else
			mid = lo + (hi - lo) / 2;
		step = step > UINT32_MAX / 4 ? 0 : step * 4;
	}
	return false;
}
