#include "gather/repeat.h"

#include "gather/paths.h"
#include "port/crypto.h"

#define ARENA_MAX ((size_t)64 << 20)   /* hits of one blob */
#define BYTES_MAX ((uint64_t)64 << 20) /* of parents' blobs, in one push */
#define PARENTS_MAX 50000              /* looked at for a hit, in one push */

struct repeat {
	struct gather *g;
	const struct inspector *eyes;
	struct inspector *own; /* the other one is at work; made when needed */
	uint64_t max, left;
	unsigned parents;     /* looked at so far */
	struct commit commit; /* the last one asked about: hits come together */
	/* Marks, which are hashes. */
	struct oid_set repeated; /* of hits in new blobs that only repeat */
	struct oid_set before;   /* of those in the blobs looked into */
	struct oid_set looked;   /* of these blobs, each at a path */
};

struct repeat *repeat_new(
	struct gather *g, const struct inspector *in, uint64_t max)
{
	struct repeat *r = calloc(1, sizeof(*r));

	if (!r)
		die("out of memory");
	r->g = g;
	r->eyes = in;
	r->max = max;
	r->left = BYTES_MAX;
	return r;
}

void repeat_free(struct repeat *r)
{
	if (!r)
		return;
	inspector_free(r->own);
	oid_set_free(&r->repeated);
	oid_set_free(&r->before);
	oid_set_free(&r->looked);
	free(r);
}

/* Each part with its length in front, so that no two ways of cutting are the
 * same. */
static struct oid mark_of(const struct span *part, size_t n)
{
	struct buf all = BUF_INIT(SIZE_MAX);
	unsigned char hash[SHA256_LEN];
	struct oid m;
	size_t i;

	for (i = 0; i < n; i++) {
		buf_fmt(&all, "%zu:", part[i].n);
		buf_span(&all, part[i]);
	}
	sha256_of(buf_all(&all), hash);
	memcpy(m.b, hash, OID_RAW);
	buf_free(&all);
	return m;
}

static struct oid mark_of_hit(const struct scan_hit *hit, struct span path)
{
	return mark_of((struct span[]){hit->rule->id,
			       span_str(hit->fingerprint), path},
		3);
}

/* Marks of a blob's secrets, to tell them from those of another. */
static struct oid mark_in(const struct oid *m, const struct oid *blob)
{
	return mark_of((struct span[]){span_of(m->b, OID_RAW),
			       span_of(blob->b, OID_RAW)},
		2);
}

static int look_into(struct repeat *r, const struct oid *blob, struct span path,
	struct span bytes, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct scan_result found;
	size_t i;
	int ret = -1;

	if (!r->own && inspector_clone(r->eyes, &r->own, err))
		goto out;
	if (inspect_scan(r->own, bytes, path, arena, &found, err))
		goto out;
	for (i = 0; i < found.nhit; i++) {
		struct oid m = mark_of_hit(&found.hit[i], path);

		m = mark_in(&m, blob);
		oid_set_add(&r->before, &m);
	}
	ret = 0;
out:
	arena_free(arena);
	return ret;
}

/* Once for each blob at a path. */
static int look(struct repeat *r, const struct oid *blob, struct span path,
	struct err *err)
{
	struct oid m =
		mark_of((struct span[]){path, span_of(blob->b, OID_RAW)}, 2);
	struct repo_object obj = {0};
	struct err none = ERR_INIT;
	uint64_t max = r->max < r->left ? r->max : r->left;
	int ret;

	if (oid_set_has(&r->looked, &m))
		return 0;
	oid_set_add(&r->looked, &m);
	if (repo_read(r->g->repo, blob, max, &obj, &none))
		return 0;
	r->left -= obj.data.n;
	ret = look_into(r, blob, path, obj.data, err);
	repo_object_free(&obj);
	return ret;
}

static int in_parent(struct repeat *r, const struct oid *parent,
	const struct history_hit *hit, const struct oid *m, bool *out,
	struct err *err)
{
	struct oid blob;
	struct oid there;

	if (r->parents == PARENTS_MAX)
		return 0;
	r->parents++;
	if (!repo_at_path(r->g->repo, parent, hit->path, &blob))
		return 0;
	there = mark_in(m, &blob);
	if (arrived_has(&r->g->arrived, &blob)) {
		*out = oid_set_has(&r->repeated, &there);
		return 0;
	}
	if (look(r, &blob, hit->path, err))
		return -1;
	*out = oid_set_has(&r->before, &there);
	return 0;
}

static const struct commit *commit_of(struct repeat *r, const struct oid *id)
{
	struct err none = ERR_INIT;
	struct commit c;

	if (oid_eq(&r->commit.id, id))
		return &r->commit;
	if (gather_commit(r->g, id, &c, &none))
		return NULL;
	r->commit = c;
	return &r->commit;
}

int repeat_is(struct repeat *r, const struct history_hit *hit, bool *out,
	struct err *err)
{
	const struct commit *c;
	size_t i;
	struct oid m;

	*out = false;
	if (!hit->hit || !hit->commit || !hit->path.n ||
		strcmp(hit->what, "blob") || !hit->hit->fingerprint[0])
		return 0;
	c = commit_of(r, hit->commit);
	if (!c)
		return 0;
	m = mark_of_hit(hit->hit, hit->path);
	for (i = 0; i < c->nparent && !*out; i++)
		if (in_parent(r, &c->parent[i], hit, &m, out, err))
			return -1;
	if (*out) {
		m = mark_in(&m, hit->object);
		oid_set_add(&r->repeated, &m);
	}
	return 0;
}
