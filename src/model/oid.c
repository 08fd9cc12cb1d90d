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
	text_hex_write(out, span_of(o->b, OID_RAW));
	out[OID_HEX] = '\0';
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
static size_t find(const struct oid_set *s, const struct oid *o)
{
	uint64_t h;
	size_t i;

	memcpy(&h, o->b, sizeof(h));
	i = (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->cap - 1);
	while (!oid_is_zero(&s->slot[i]) && !oid_eq(&s->slot[i], o))
		i = (i + 1) & (s->cap - 1);
	return i;
}

static void *slots(size_t n, size_t each)
{
	void *p = calloc(n, each);

	if (!p)
		die("out of memory");
	return p;
}

static void grow(struct oid_set *s, size_t cap, bool numbered)
{
	struct oid_set big = {.n = s->n, .cap = cap};
	size_t i, at;

	big.slot = slots(big.cap, sizeof(*big.slot));
	if (numbered)
		big.value = slots(big.cap, sizeof(*big.value));
	for (i = 0; i < s->cap; i++) {
		if (oid_is_zero(&s->slot[i]))
			continue;
		at = find(&big, &s->slot[i]);
		big.slot[at] = s->slot[i];
		if (numbered && s->value)
			big.value[at] = s->value[i];
	}
	free(s->slot);
	free(s->value);
	*s = big;
}

#define FIRST 64

static bool has_room(size_t cap, size_t n)
{
	return n < cap / 4 * 3;
}

void oid_set_reserve(struct oid_set *s, size_t n)
{
	size_t cap = s->cap ? s->cap : FIRST;

	while (!has_room(cap, s->n + n))
		cap *= 2;
	if (cap > s->cap)
		grow(s, cap, s->value != NULL);
}

static size_t add(struct oid_set *s, const struct oid *o, bool numbered)
{
	size_t at;

	if (!has_room(s->cap, s->n))
		grow(s, s->cap ? s->cap * 2 : FIRST, numbered);
	if (numbered && !s->value)
		s->value = slots(s->cap, sizeof(*s->value));
	at = find(s, o);
	if (oid_is_zero(&s->slot[at])) {
		s->slot[at] = *o;
		s->n++;
	}
	return at;
}

void oid_set_add(struct oid_set *s, const struct oid *o)
{
	if (!oid_is_zero(o))
		add(s, o, false);
}

void oid_set_put(struct oid_set *s, const struct oid *o, size_t number)
{
	size_t at;

	if (oid_is_zero(o))
		return;
	at = add(s, o, true); /* may move s->value */
	s->value[at] = number;
}

/* Where it is, SIZE_MAX when it is not there. */
static size_t slot_of(const struct oid_set *s, const struct oid *o)
{
	size_t at;

	if (!s->n || oid_is_zero(o))
		return SIZE_MAX;
	at = find(s, o);
	return oid_is_zero(&s->slot[at]) ? SIZE_MAX : at;
}

bool oid_set_has(const struct oid_set *s, const struct oid *o)
{
	return slot_of(s, o) != SIZE_MAX;
}

size_t oid_set_get(const struct oid_set *s, const struct oid *o)
{
	size_t at = slot_of(s, o);

	return at == SIZE_MAX ? SIZE_MAX : s->value[at];
}

void oid_set_free(struct oid_set *s)
{
	free(s->slot);
	free(s->value);
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
