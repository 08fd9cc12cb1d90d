#include "gather/signedtag.h"

#include "parse/tag.h"

#define TAG_MAX (256u * 1024)

bool signed_tag_place(struct span ref, struct span prefix, struct oid *out)
{
	struct span rest = span_from(ref, prefix.n);

	return span_starts(ref, prefix) && rest.n > OID_HEX + 1 &&
		rest.p[OID_HEX] == '/' &&
		oid_read(span_sub(rest, 0, OID_HEX), out);
}

int signed_tag_read(struct gather *g, const struct oid *id, struct tag *out,
	const char **fault, struct err *err)
{
	struct repo_object obj;
	int ret;

	memset(out, 0, sizeof(*out));
	*fault = "it is not an annotated tag";
	if (repo_type(g->repo, id, NULL) != OBJECT_TAG)
		return 0;
	if (repo_read(g->repo, id, TAG_MAX, &obj, err))
		return -1;
	ret = tag_parse(obj.data, id, g->arena, out, err);
	repo_object_free(&obj);
	if (ret)
		return -1;
	*fault = out->malformed;
	return 0;
}

int signed_tag_judge(struct signers *s, const struct tag *tag, int64_t at,
	struct arena *arena, struct signed_by *out, struct err *err)
{
	struct signature_fact sig;

	memset(out, 0, sizeof(*out));
	out->detail = out->key = "";
	if (signature_judge(s, &tag->sig, at, &sig, arena, err))
		return -1;
	out->person = sig.status == SIGNATURE_GOOD ? sig.person : NULL;
	if (out->person) {
		out->kind = sig.kind;
		out->key = sig.key;
		return 0;
	}
	out->stranger = sig.status == SIGNATURE_UNKNOWN_KEY ||
		sig.status == SIGNATURE_GOOD;
	out->detail = out->stranger
		? arena_fmt(arena,
			  "signed by %s, a key that the policy does not know",
			  sig.key)
		: arena_fmt(arena, "its signature is %s%s%s",
			  signature_status_name(sig.status),
			  sig.detail[0] ? ": " : "", sig.detail);
	return 0;
}

void change_numbers(const struct facts *f, struct oid_set *out)
{
	size_t i;

	for (i = 0; i < f->nchange; i++)
		oid_set_put(out, &f->change[i].commit.id, i);
}

bool update_brings(const struct update_fact *uf, size_t at)
{
	size_t i;

	for (i = 0; at != SIZE_MAX && i < uf->nchange; i++)
		if (uf->change[i] == at)
			return true;
	return false;
}

uint64_t *update_reach(const struct facts *f, const struct update_fact *uf,
	const struct oid_set *numbers, const struct oid *commit,
	struct arena *arena)
{
	size_t *todo = arena_get(arena, f->nchange + 1, sizeof(*todo));
	uint64_t *in = arena_get(arena, BIT_WORDS(f->nchange) + 1, 8);
	uint64_t *done = arena_get(arena, BIT_WORDS(f->nchange) + 1, 8);
	uint64_t *out = arena_get(arena, BIT_WORDS(uf->nchange) + 1, 8);
	size_t ntodo = 0, i;

	for (i = 0; i < uf->nchange; i++)
		bit_set(in, uf->change[i]);
	todo[ntodo++] = oid_set_get(numbers, commit);
	bit_set(done, todo[0]);
	while (ntodo) {
		const struct commit *c = &f->change[todo[--ntodo]].commit;

		for (i = 0; i < c->nparent; i++) {
			size_t p = oid_set_get(numbers, &c->parent[i]);

			if (p == SIZE_MAX || !bit_get(in, p) ||
				bit_get(done, p))
				continue;
			bit_set(done, p);
			todo[ntodo++] = p;
		}
	}
	for (i = 0; i < uf->nchange; i++)
		if (bit_get(done, uf->change[i]))
			bit_set(out, i);
	return out;
}
