#include "gather/mergedtags.h"

#include "gather/verdict.h"
#include "parse/tag.h"

static int one(struct gather *g, struct facts *f, struct span text,
	struct merged_tag *out, struct err *err)
{
	static const struct oid unknown;
	struct err own = ERR_INIT;
	struct signers *s;
	int ret;

	out->sig.key = out->sig.detail = "";
	if (tag_parse(text, &unknown, g->arena, &out->tag, &own)) {
		memset(&out->tag, 0, sizeof(out->tag));
		out->tag.malformed = "not a tag object";
		signature_malformed(&out->sig, g->arena, &own);
		return 0;
	}
	if (signers_open(g, f->policy, &s, err))
		return -1;
	ret = signature_judge(
		s, &out->tag.sig, f->push->time, &out->sig, g->arena, err);
	signers_close(s);
	return ret;
}

static int of_change(
	struct gather *g, struct facts *f, struct change *c, struct err *err)
{
	size_t i;

	if (!c->commit.nmergetag || c->merged)
		return 0;
	c->merged =
		arena_get(g->arena, c->commit.nmergetag, sizeof(*c->merged));
	for (i = 0; i < c->commit.nmergetag; i++)
		if (one(g, f, c->commit.mergetag[i], &c->merged[i], err))
			return -1;
	return 0;
}

int mergedtags_gather(struct gather *g, struct facts *f, struct err *err)
{
	size_t u, i;

	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *uf = &f->update[u];

		if (!uf->rules.signature ||
			uf->rules.signature->merged_tags == MERGED_TAGS_OFF)
			continue;
		for (i = 0; i < uf->nchange; i++)
			if (of_change(g, f, &f->change[uf->change[i]], err))
				return -1;
	}
	return 0;
}
