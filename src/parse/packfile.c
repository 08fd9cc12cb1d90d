#include "parse/packfile.h"

int packfile_head(struct span raw, uint32_t *n, struct err *err)
{
	*n = 0;
	if (raw.n < PACKFILE_HEAD + PACKFILE_TAIL)
		return err_set(err, ERR_INPUT, "a pack cut short");
	if (memcmp(raw.p, "PACK\0\0\0", 7) != 0 ||
		(raw.p[7] != 2 && raw.p[7] != 3))
		return err_set(err, ERR_INPUT, "not a pack of version 2 or 3");
	*n = (uint32_t)raw.p[8] << 24 | (uint32_t)raw.p[9] << 16 |
		(uint32_t)raw.p[10] << 8 | raw.p[11];
	return 0;
}

static int cut(struct err *err)
{
	return err_set(err, ERR_INPUT, "the head of an entry is cut short");
}

/* Four bits, then seven a byte, low ones first. */
static int read_size(
	struct span at, struct packfile_entry *out, struct err *err)
{
	unsigned shift = 4;
	unsigned char c;

	if (!at.n)
		return cut(err);
	c = at.p[out->n++];
	out->size = c & 15;
	while (c & 128) {
		if (out->n == at.n)
			return cut(err);
		c = at.p[out->n++];
		if (shift > 56)
			return err_set(
				err, ERR_INPUT, "an entry of absurd size");
		out->size |= (uint64_t)(c & 127) << shift;
		shift += 7;
	}
	return 0;
}

/* Seven bits a byte, high ones first; each further byte adds one, so that no
 * distance can be written in two ways. */
static int read_back(
	struct span at, struct packfile_entry *out, struct err *err)
{
	unsigned char c;

	if (out->n == at.n)
		return cut(err);
	c = at.p[out->n++];
	out->back = c & 127;
	while (c & 128) {
		if (out->n == at.n)
			return cut(err);
		if (out->back >> 56)
			return err_set(
				err, ERR_INPUT, "a base at an absurd distance");
		c = at.p[out->n++];
		out->back = (out->back + 1) << 7 | (c & 127);
	}
	if (!out->back)
		return err_set(err, ERR_INPUT, "an entry that is its own base");
	return 0;
}

int packfile_entry(struct span at, struct packfile_entry *out, struct err *err)
{
	static const enum object_type types[8] = {
		[1] = OBJECT_COMMIT, OBJECT_TREE, OBJECT_BLOB, OBJECT_TAG};
	unsigned code;

	memset(out, 0, sizeof(*out));
	if (read_size(at, out, err))
		return -1;
	code = at.p[0] >> 4 & 7;
	out->type = types[code];
	if (out->type != OBJECT_NONE)
		return 0;
	if (code == 6) {
		out->kind = PACKFILE_BY_PLACE;
		return read_back(at, out, err);
	}
	if (code != 7)
		return err_set(
			err, ERR_INPUT, "an entry of unknown kind %u", code);
	out->kind = PACKFILE_BY_NAME;
	if (at.n - out->n < OID_RAW)
		return cut(err);
	memcpy(out->base.b, at.p + out->n, OID_RAW);
	out->n += OID_RAW;
	return 0;
}
