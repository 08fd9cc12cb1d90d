#include "gather/gather.h"

static int note_new(void *ctx, const struct oid *o, struct err *err)
{
	struct gather *g = ctx;

	(void)err;
	oid_set_add(&g->new, o);
	return 0;
}

int gather_open(struct gather *g, const char *repository,
	const char *quarantine, const char *state, struct arena *arena,
	struct err *err)
{
	memset(g, 0, sizeof(*g));
	g->arena = arena;
	g->state = state;
	if (repo_open(repository, quarantine, &g->repo, err))
		return -1;
	if (repo_quarantined(g->repo, note_new, g, err)) {
		gather_close(g);
		return -1;
	}
	return 0;
}

void gather_close(struct gather *g)
{
	signers_close(g->signers);
	repo_close(g->repo);
	oid_set_free(&g->new);
	memset(g, 0, sizeof(*g));
}
