#include "model/oid.h"

#include "base/err.h"
#include "base/text.h"

bool oid_read(struct span hex, struct oid *out)
{
	memset(out, 0, sizeof(*out));
	return text_hex_read(hex, out->b, OID_RAW);
}

char *oid_hex(const struct oid *o, char out[OID_HEX + 1])
{
	struct buf hex = BUF_INIT(OID_HEX);

	text_hex(&hex, span_of(o->b, OID_RAW));
	memcpy(out, buf_cstr(&hex), OID_HEX + 1);
	buf_free(&hex);
	return out;
}

bool oid_is_zero(const struct oid *o)
{
	static const struct oid zero;

	return oid_eq(o, &zero);
}

bool oid_eq(const struct oid *a, const struct oid *b)
{
	return memcmp(a->b, b->b, OID_RAW) == 0;
}

int oid_cmp(const void *a, const void *b)
{
	return memcmp(((const struct oid *)a)->b, ((const struct oid *)b)->b,
		OID_RAW);
}

/* Names are hashes already, so their first bytes spread well enough; an
 * attacker who grinds them only slows one push down. */
static size_t home(const struct oid_set *s, const struct oid *o)
{
	uint64_t h;

	memcpy(&h, o->b, sizeof(h));
	return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->cap - 1);
}

static struct oid *find(const struct oid_set *s, const struct oid *o)
{
	size_t i = home(s, o);

	while (!oid_is_zero(&s->slot[i]) && !oid_eq(&s->slot[i], o))
		i = (i + 1) & (s->cap - 1);
	return &s->slot[i];
}

static void grow(struct oid_set *s)
{
	struct oid_set big = {.cap = s->cap ? s->cap * 2 : 64};
	size_t i;

	big.slot = calloc(big.cap, sizeof(*big.slot));
	if (!big.slot)
		die("out of memory");
	for (i = 0; i < s->cap; i++)
		if (!oid_is_zero(&s->slot[i]))
			*find(&big, &s->slot[i]) = s->slot[i];
	big.n = s->n;
	big.has_zero = s->has_zero;
	free(s->slot);
	*s = big;
}

void oid_set_add(struct oid_set *s, const struct oid *o)
{
	struct oid *at;

	if (oid_is_zero(o)) {
		s->has_zero = true;
		return;
	}
	if (s->n * 4 >= s->cap * 3)
		grow(s);
	at = find(s, o);
	if (oid_is_zero(at)) {
		*at = *o;
		s->n++;
	}
}

bool oid_set_has(const struct oid_set *s, const struct oid *o)
{
	if (oid_is_zero(o))
		return s->has_zero;
	return s->n && !oid_is_zero(find(s, o));
}

void oid_set_free(struct oid_set *s)
{
	free(s->slot);
	memset(s, 0, sizeof(*s));
}

const char *object_type_name(enum object_type t)
{
	switch (t) {
	case OBJECT_NONE:
		break;
	case OBJECT_COMMIT:
		return "commit";
	case OBJECT_TREE:
		return "tree";
	case OBJECT_BLOB:
		return "blob";
	case OBJECT_TAG:
		return "tag";
	}
	return "none";
}
