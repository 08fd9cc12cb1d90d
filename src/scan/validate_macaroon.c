#include "scan/loose64.h"
#include "scan/validators.h"

enum {
	FIELD_EOS,
	FIELD_LOCATION,
	FIELD_IDENTIFIER,
	FIELD_VID = 4,
	FIELD_SIGNATURE = 6,
};
#define SIGNATURE_SIZE 32

/* Seven bits a byte, lowest first, all but the last with the high bit. */
static bool varint(struct span *rest, uint64_t *out)
{
	unsigned shift;

	*out = 0;
	for (shift = 0; shift < 63 && rest->n; shift += 7) {
		unsigned char c = rest->p[0];

		*rest = span_from(*rest, 1);
		*out |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
	}
	return false;
}

/* A field of that kind, if one stands here. */
static bool field(struct span *rest, uint64_t kind, struct span *value)
{
	struct span at = *rest;
	uint64_t k, n;

	if (!varint(&at, &k) || k != kind || !varint(&at, &n) || n > at.n)
		return false;
	*value = span_sub(at, 0, (size_t)n);
	*rest = span_from(at, (size_t)n);
	return true;
}

static bool eos(struct span *rest)
{
	if (!rest->n || rest->p[0] != FIELD_EOS)
		return false;
	*rest = span_from(*rest, 1);
	return true;
}

static bool v2(struct span rest)
{
	struct span value;

	if (!rest.n || rest.p[0] != 2)
		return false;
	rest = span_from(rest, 1);
	field(&rest, FIELD_LOCATION, &value);
	if (!field(&rest, FIELD_IDENTIFIER, &value) || !eos(&rest))
		return false;
	while (!eos(&rest)) {
		field(&rest, FIELD_LOCATION, &value);
		if (!field(&rest, FIELD_IDENTIFIER, &value))
			return false;
		field(&rest, FIELD_VID, &value);
		if (!eos(&rest))
			return false;
	}
	return field(&rest, FIELD_SIGNATURE, &value) &&
		value.n == SIGNATURE_SIZE && !rest.n;
}

enum validity validate_macaroon_v2(struct span s)
{
	struct buf bytes = BUF_INIT(LOOSE64_MAX);
	size_t at = span_find(s, '-');
	bool yes;

	yes = at != SIZE_MAX && loose64(span_from(s, at + 1), &bytes) &&
		v2(buf_all(&bytes));
	buf_wipe(&bytes);
	return yes ? VALIDITY_FORM : VALIDITY_BAD;
}

/* MessagePack: a fixed array of ${n}. */
static bool array_of(struct span *rest, unsigned n)
{
	if (!rest->n || rest->p[0] != (0x90 | n))
		return false;
	*rest = span_from(*rest, 1);
	return true;
}

/* MessagePack: up to 255 bytes. */
static bool bytes_of(struct span *rest, size_t *n)
{
	if (rest->n < 2 || rest->p[0] != 0xc4 || rest->p[1] > rest->n - 2)
		return false;
	*n = rest->p[1];
	*rest = span_from(*rest, 2 + *n);
	return true;
}

static bool fly(struct span rest)
{
	size_t n;

	return array_of(&rest, 4) &&
		(array_of(&rest, 3) || array_of(&rest, 2)) &&
		bytes_of(&rest, &n) && bytes_of(&rest, &n) && n == 16;
}

enum validity validate_macaroon_fly(struct span s)
{
	struct buf bytes = BUF_INIT(LOOSE64_MAX);
	size_t at = span_find(s, '_');
	bool yes;

	if (span_starts(s, SPAN_LIT("fo1_")))
		return VALIDITY_UNKNOWN;
	yes = at != SIZE_MAX && loose64(span_from(s, at + 1), &bytes) &&
		fly(buf_all(&bytes));
	buf_wipe(&bytes);
	return yes ? VALIDITY_FORM : VALIDITY_BAD;
}
