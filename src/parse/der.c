#include "parse/der.h"

bool der_is(struct span s, unsigned tag)
{
	return s.n && s.p[0] == tag;
}

/* A length of up to three bytes is more than any signature may have. */
static bool length_take(struct span *s, size_t *len)
{
	size_t width, i;

	if (!s->n)
		return false;
	*len = s->p[0];
	*s = span_from(*s, 1);
	if (*len < 0x80)
		return *len <= s->n;
	width = *len & 0x7f;
	if (!width || width > 3 || s->n < width || !s->p[0])
		return false;
	for (*len = i = 0; i < width; i++)
		*len = *len << 8 | s->p[i];
	*s = span_from(*s, width);
	return *len >= 0x80 && *len <= s->n;
}

bool der_take(struct span *s, unsigned tag, struct span *value)
{
	size_t len;

	if (!der_is(*s, tag))
		return false;
	*s = span_from(*s, 1);
	if (!length_take(s, &len))
		return false;
	*value = span_sub(*s, 0, len);
	*s = span_from(*s, len);
	return true;
}

bool der_take_whole(struct span *s, unsigned tag, struct span *whole)
{
	struct span was = *s, value;

	if (!der_take(s, tag, &value))
		return false;
	*whole = span_sub(was, 0, was.n - s->n);
	return true;
}

bool der_take_oid(struct span *s, struct span oid)
{
	struct span value;

	return der_take(s, DER_OID, &value) && span_eq(value, oid);
}
