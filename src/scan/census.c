#include "scan/census.h"

#include "base/grow.h"

#define NUMBERS_MAX (UINT32_C(1) << 31)

int census_open(struct census *c, const struct packmap *packs, size_t npacks,
	struct err *err)
{
	uint64_t n = 0;
	size_t i;

	memset(c, 0, sizeof(*c));
	c->pack = packs;
	c->npacks = npacks;
	c->first = calloc(npacks + 1, sizeof(*c->first));
	if (!c->first)
		die("out of memory");
	pthread_mutex_init(&c->lock, NULL);
	for (i = 0; i < npacks; i++) {
		c->first[i] = (uint32_t)n;
		n += packs[i].n;
		if (n < NUMBERS_MAX)
			continue;
		census_close(c);
		return err_set(err, ERR_LIMIT, "more objects than %u",
			(unsigned)NUMBERS_MAX);
	}
	c->first[npacks] = c->npacked = (uint32_t)n;
	return 0;
}

void census_close(struct census *c)
{
	if (!c->first)
		return;
	pthread_mutex_destroy(&c->lock);
	oid_set_free(&c->others);
	free(c->first);
	free(c->other);
	memset(c, 0, sizeof(*c));
}

static uint32_t number_other(struct census *c, const struct oid *id)
{
	size_t at = oid_set_get(&c->others, id);

	if (at != SIZE_MAX)
		return (uint32_t)at;
	if (oid_is_zero(id) && c->zero)
		return c->zero - 1;
	c->other = grow(c->other, c->nother, &c->othercap, sizeof(*c->other));
	if (c->nother >= NUMBERS_MAX - 1)
		die("census: too many objects");
	at = c->npacked + c->nother;
	c->other[c->nother++] = *id;
	oid_set_put(&c->others, id, at);
	if (oid_is_zero(id))
		c->zero = (uint32_t)at + 1;
	return (uint32_t)at;
}

uint32_t census_number(struct census *c, const struct oid *id)
{
	uint32_t at, number;
	size_t i;

	for (i = 0; i < c->npacks; i++) {
		if (packidx_find(&c->pack[i].idx, id, &at))
			return c->first[i] + at;
	}
	pthread_mutex_lock(&c->lock);
	number = number_other(c, id);
	pthread_mutex_unlock(&c->lock);
	return number;
}

uint32_t census_in_pack(
	struct census *c, const struct packmap *pack, uint32_t i)
{
	/* Names that are twice in one index have the number of one of them. */
	if (c->npacks == 1 && pack == c->pack) {
		uint32_t at = pack->entry[i];

		if ((!at ||
			    !oid_eq(&pack->idx.name[at - 1],
				    &pack->idx.name[at])) &&
			(at + 1 >= pack->n ||
				!oid_eq(&pack->idx.name[at + 1],
					&pack->idx.name[at])))
			return at;
	}
	return census_number(c, packmap_id(pack, i));
}

void census_id(const struct census *c, uint32_t number, struct oid *out)
{
	size_t i;

	if (number >= c->npacked) {
		*out = c->other[number - c->npacked];
		return;
	}
	for (i = 0; number >= c->first[i + 1]; i++)
		;
	*out = c->pack[i].idx.name[number - c->first[i]];
}
