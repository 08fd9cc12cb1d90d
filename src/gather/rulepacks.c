#include "gather/rulepacks.h"

#include "scan/leakpack.h"

static int read_from(
	void *ctx, const char *name, struct buf *out, struct err *err)
{
	const struct policy_source *from = ctx;

	return from->read(from->ctx, name, out, err);
}

int rulepack_load(const struct policy_source *from, const char *name,
	struct arena *arena, struct pack *out, struct err *err)
{
	struct policy_source own = *from;
	const struct leakpack_source source = {.read = read_from, .ctx = &own};
	struct buf text = BUF_INIT(RULEPACK_TEXT_MAX);
	int ret = -1;

	if (!strcmp(name, "builtin"))
		return pack_read(name, arena, out, err);
	if (leakpack_is(name))
		ret = leakpack_read(
			leakpack_is(name), &source, arena, out, err);
	else if (!from->read(from->ctx, name, &text, err))
		ret = pack_of(buf_all(&text), arena, out, err);
	if (ret)
		err_in(err, "rule pack '%s'", name);
	buf_free(&text);
	return ret;
}

int rulepacks_check(const struct policy_source *from, const struct policy *p,
	struct arena *arena, struct err *err)
{
	struct pack pack;
	size_t i, k, r;

	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *rr = &p->repository[i];

		for (k = 0; k < rr->nref; k++) {
			const struct rule_secret *s = rr->ref[k].rules.secret;

			for (r = 0; s && r < s->nrules; r++)
				if (rulepack_load(from, s->rules[r], arena,
					    &pack, err))
					return -1;
		}
	}
	return 0;
}
