#include "parse/pgpcert.h"

#define TYPE_BINDING 0x18
#define TYPE_REVOKED 0x20
#define TYPE_SUBKEY_REVOKED 0x28
#define REASON_REPLACED 1
#define REASON_RETIRED 3
#define KEYS_MAX 4096
#define CROSS_MAX 64 /* embedded signatures of one subkey */
#define REVOCATIONS_MAX 4096

struct reading {
	struct pgpcert *cert;
	struct arena *arena;
	size_t key_cap, cross_cap; /* the latter of the last key */
	size_t revocations;        /* of all keys */
	size_t bindings;           /* of the last key */
};

static void settle(struct pgpcert *c, int64_t t)
{
	if (c->settled < t)
		c->settled = t;
}

static void cross_add(struct reading *r, struct span body)
{
	struct pgpcert_key *k = &r->cert->key[r->cert->nkey - 1];

	if (k->ncross == CROSS_MAX) {
		k->alone = true;
		return;
	}
	k->cross = arena_grow(r->arena, k->cross, k->ncross, &r->cross_cap,
		sizeof(*k->cross));
	k->cross[k->ncross++] = body;
}

static void revocation_add(
	struct reading *r, struct pgpcert_key *k, struct span body)
{
	struct span *v;

	if (r->revocations++ >= REVOCATIONS_MAX)
		return;
	v = arena_get(r->arena, k->nrevocation + 1, sizeof(*v));
	if (k->nrevocation)
		memcpy(v, k->revocation, k->nrevocation * sizeof(*v));
	v[k->nrevocation++] = body;
	k->revocation = v;
}

/* Version 3 has its type behind a length. Wherever it stands, that of a key is
 * about the primary one, and that of a subkey about the one before it. */
static void revocation_look(struct reading *r, struct span body)
{
	struct pgpcert *c = r->cert;
	unsigned type;

	if (body.n < 3)
		return;
	type = body.p[0] < 4 ? body.p[2] : body.p[1];
	if (type == TYPE_REVOKED)
		revocation_add(r, &c->key[0], body);
	if (type == TYPE_SUBKEY_REVOKED && c->nkey > 1)
		revocation_add(r, &c->key[c->nkey - 1], body);
}

static bool has_revoker(struct span body)
{
	struct span rest = span_from(body, 4), area, plain;
	struct pgp_subpacket sub;

	if (body.n < 6 || body.p[0] < 4)
		return false;
	if (!pgp_areas_take(&rest, &area, &plain))
		return true;
	while (area.n)
		if (!pgp_subpacket_take(&area, &sub) ||
			sub.type == PGP_SUB_REVOKER)
			return true;
	return false;
}

bool pgpcert_reason_soft(struct span revocation)
{
	struct span rest = span_from(revocation, 4), area, plain;
	struct pgp_subpacket sub;
	bool soft = false;

	if (revocation.n < 6 || revocation.p[0] != 4 ||
		!pgp_areas_take(&rest, &area, &plain))
		return false;
	while (area.n) {
		if (!pgp_subpacket_take(&area, &sub))
			return false;
		if (sub.type != PGP_SUB_REASON)
			continue;
		if (soft || !sub.value.n ||
			(sub.value.p[0] != REASON_REPLACED &&
				sub.value.p[0] != REASON_RETIRED))
			return false;
		soft = true;
	}
	return soft;
}

/* Some signature in the certificate. Those of old versions bind nothing to
 * which a key of version 4 could have agreed, and do not expire. */
static bool signature_read(struct reading *r, struct span body)
{
	struct pgpcert_key *k = &r->cert->key[r->cert->nkey - 1];
	struct span rest = span_from(body, 4), area[2];
	struct pgp_subpacket sub;
	bool binding, embedded = false;
	size_t i;

	if (body.n < 6)
		return false;
	if (body.p[0] < 4) {
		k->alone = true;
		return true;
	}
	if (body.p[0] != 4 || !pgp_areas_take(&rest, &area[0], &area[1]))
		return false;
	binding = body.p[1] == TYPE_BINDING && r->cert->nkey > 1;
	r->bindings += binding;
	for (i = 0; i < ARRAY_LEN(area); i++) {
		while (area[i].n) {
			if (!pgp_subpacket_take(&area[i], &sub))
				return false;
			if (i == 0 && sub.type == PGP_SUB_EXPIRES)
				return false;
			if (i == 0 && sub.type == PGP_SUB_CREATED) {
				if (sub.value.n != 4)
					return false;
				settle(r->cert, pgp_number(sub.value.p, 4));
			}
			if (binding && sub.type == PGP_SUB_EMBEDDED) {
				cross_add(r, sub.value);
				embedded = true;
			}
		}
	}
	if (binding && !embedded)
		k->alone = true;
	return true;
}

static void key_end(struct reading *r)
{
	if (r->cert->nkey > 1 && !r->bindings)
		r->cert->key[r->cert->nkey - 1].alone = true;
}

static bool key_start(struct reading *r, struct span body)
{
	struct pgpcert *c = r->cert;

	if (c->nkey)
		key_end(r);
	if (c->nkey == KEYS_MAX || body.n > 0xffff)
		return false;
	c->key = arena_grow(
		r->arena, c->key, c->nkey, &r->key_cap, sizeof(*c->key));
	c->key[c->nkey++] = (struct pgpcert_key){.body = body};
	r->bindings = r->cross_cap = 0;
	return true;
}

int pgpcert_next(struct span *rest, struct arena *arena, struct pgpcert *out,
	struct err *err)
{
	struct reading r = {.cert = out, .arena = arena};
	struct span left = *rest, body;
	unsigned tag;

	memset(out, 0, sizeof(*out));
	if (!pgp_packet_take(&left, &tag, &body) || tag != PGP_TAG_PUBLIC_KEY ||
		!key_start(&r, body))
		goto bad;
	for (*rest = left; left.n; *rest = left) {
		if (!pgp_packet_take(&left, &tag, &body))
			goto bad;
		if (tag == PGP_TAG_PUBLIC_KEY)
			break;
		if (tag == PGP_TAG_PUBLIC_SUBKEY && !key_start(&r, body))
			goto bad;
		if (tag != PGP_TAG_SIGNATURE)
			continue;
		revocation_look(&r, body);
		out->revokers |= has_revoker(body);
		if (!signature_read(&r, body))
			settle(out, INT64_MAX);
	}
	key_end(&r);
	return 0;
bad:
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_INPUT, "not an OpenPGP certificate");
}
