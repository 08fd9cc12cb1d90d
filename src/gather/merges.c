#include "gather/merges.h"

#include "port/repodiff.h"

static bool asks(const struct update_fact *uf, const struct change *c)
{
	const struct rules *r = &uf->rules;

	if (c->commit.nparent < 2 || c->merge != MERGE_UNKNOWN)
		return false;
	return (r->approval && r->approval->clean_merges) ||
		(r->signature && c->sig.status == SIGNATURE_GOOD &&
			c->sig.person &&
			c->sig.person->signs != SIGNS_ANYTHING);
}

int gather_merges(struct gather *g, struct facts *f, struct err *err)
{
	struct repodiff *d = NULL;
	size_t u, i, n = 0;
	int ret = 0;

	for (u = 0; !ret && u < f->push->nup; u++)
		for (i = 0; !ret && i < f->update[u].nchange; i++) {
			struct change *c = &f->change[f->update[u].change[i]];
			struct err why = ERR_INIT;

			if (!asks(&f->update[u], c))
				continue;
			c->merge = MERGE_UNCLEAN;
			if (n++ >= MERGES_MAX)
				c->unclean = "too many merges in one push";
			else if (!d && repodiff_open(g->repo, &d, err))
				ret = -1;
			else if (repodiff_merge(d, &c->commit, &c->merge,
					 &c->unclean, &why))
				c->unclean = "it could not be done again";
		}
	repodiff_close(d);
	return ret;
}
