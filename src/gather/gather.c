#include "gather/gather.h"

static int note_new(void *ctx, const struct oid *o, struct err *err)
{
	struct gather *g = ctx;
	bool old;

	if (repo_was_there(g->repo, o, &old, err))
		return -1;
	if (!old)
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
	repo_limit_paths(g->repo, GATHER_PATHS_MAX);
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
