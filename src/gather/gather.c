#include "gather/gather.h"

#include "base/io.h"
#include "gather/commitbook.h"
#include "port/objectstore.h"

struct arrival {
	struct gather *g;
	struct objectstore *before; /* NULL: all is new */
};

/* A client that does not know what the server has sends old objects again, and
 * in a pack git keeps them. */
static bool is_new(const struct arrival *a, const struct oid *o)
{
	return !a->before || !objectstore_has(a->before, o);
}

static int note_loose(void *ctx, const struct oid *o, struct err *err)
{
	struct arrival *a = ctx;

	(void)err;
	if (is_new(a, o))
		oid_set_add(&a->g->arrived.loose, o);
	return 0;
}

static void note_packed(struct arrival *a, const struct packidx *idx)
{
	uint32_t i;

	for (i = 0; i < idx->n; i++)
		if (!is_new(a, &idx->name[i]))
			oid_set_add(&a->g->arrived.again, &idx->name[i]);
}

/* What lies in packs is told by their indexes, in order; if one is damaged the
 * library is asked about all. */
static int note_all(struct gather *g, struct arrival *a, struct err *err)
{
	const char *quarantine = repo_quarantine(g->repo);
	const struct packlist *l = &g->packs;
	size_t i;

	g->arrived.packs = l;
	for (i = 0; a->before && i < l->n; i++)
		note_packed(a, &l->v[i].idx);
	return objectstore_list(
		quarantine, l->left_out != 0, note_loose, a, err);
}

static int list_arrived(struct gather *g, bool all, struct err *err)
{
	struct arrival a = {.g = g};
	struct buf objects = PATH_BUF_INIT;
	int ret = -1;

	repo_objects(g->repo, &objects);
	if (buf_check(&objects, "path", err) ||
		packlist_open(
			repo_quarantine(g->repo), false, &g->packs, err) ||
		(!all && objectstore_open(buf_cstr(&objects), &a.before, err)))
		goto out;
	ret = note_all(g, &a, err);
out:
	objectstore_close(a.before);
	buf_free(&objects);
	return ret;
}

static int open_as(struct gather *g, const char *repository,
	const char *quarantine, bool all, const char *state,
	struct arena *arena, struct err *err)
{
	memset(g, 0, sizeof(*g));
	g->arena = arena;
	g->state = state;
	if (repo_open(repository, quarantine, &g->repo, err))
		return -1;
	repo_limit_paths(g->repo, GATHER_PATHS_MAX);
	if (quarantine && list_arrived(g, all, err)) {
		gather_close(g);
		return -1;
	}
	return 0;
}

int gather_open(struct gather *g, const char *repository,
	const char *quarantine, const char *state, struct arena *arena,
	struct err *err)
{
	return open_as(g, repository, quarantine, false, state, arena, err);
}

int gather_open_sent(struct gather *g, const char *repository, const char *sent,
	const char *state, struct arena *arena, struct err *err)
{
	return open_as(g, repository, sent, true, state, arena, err);
}

void gather_close(struct gather *g)
{
	signers_close(g->signers);
	commitbook_free(g->book);
	packlist_close(&g->packs);
	repo_close(g->repo);
	arrived_free(&g->arrived);
	memset(g, 0, sizeof(*g));
}
