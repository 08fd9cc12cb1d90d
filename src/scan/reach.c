#include "scan/reach.h"

#define TOP 0 /* the prefix of a root tree */

void reach_open(struct reach *r)
{
	r->prefixcap = 256;
	r->prefix = calloc(r->prefixcap, sizeof(*r->prefix));
	if (!r->prefix)
		die("out of memory");
	r->nprefix = 1;
}

void reach_close(struct reach *r)
{
	free(r->first);
	free(r->visit);
	free(r->prefix);
	pairmap_free(&r->at);
	pairmap_free(&r->prefixes);
	pairmap_free(&r->lists);
	pairmap_free(&r->paths);
}

static uint32_t prefix_below(struct reach *r, uint32_t up, uint32_t name)
{
	uint32_t *at = pairmap_at(&r->prefixes, up, name);

	if (*at != PAIRMAP_NONE)
		return *at;
	if (r->nprefix == r->prefixcap) {
		r->prefixcap *= 2;
		r->prefix = reallocarray(
			r->prefix, r->prefixcap, sizeof(*r->prefix));
		if (!r->prefix)
			die("no memory for paths");
	}
	r->prefix[r->nprefix] = (struct reach_prefix){up, name};
	*at = r->nprefix;
	return r->nprefix++;
}

static void first_room(struct reach *r, uint32_t tree)
{
	uint32_t n = r->ntree;

	if (tree < n)
		return;
	r->ntree = tree + tree / 8 + 64;
	if (r->ntree < r->book->ntree)
		r->ntree = r->book->ntree;
	r->first = reallocarray(r->first, r->ntree, sizeof(*r->first));
	if (!r->first)
		die("no memory for the trees");
	memset(r->first + n, 0xff, (r->ntree - n) * sizeof(*r->first));
}

static void add_visit(
	struct reach *r, uint32_t tree, uint32_t prefix, uint32_t commit)
{
	if (r->nvisit == r->visitcap) {
		r->visitcap = r->visitcap ? r->visitcap * 2 : 1024;
		r->visit =
			reallocarray(r->visit, r->visitcap, sizeof(*r->visit));
		if (!r->visit)
			die("no memory for paths");
	}
	r->visit[r->nvisit] =
		(struct reach_visit){prefix, commit, r->first[tree]};
	r->first[tree] = r->nvisit++;
}

/* Whether the tree is new at this path; it is noted. Few stand at more than
 * one, so the map is needed for those only. */
static bool is_new(
	struct reach *r, uint32_t tree, uint32_t prefix, uint32_t commit)
{
	uint32_t *at, was;

	first_room(r, tree);
	was = r->first[tree];
	if (was != REACH_NONE) {
		if (r->visit[was].prefix == prefix)
			return false;
		if (r->visit[was].next == REACH_NONE)
			*pairmap_at(&r->at, tree, r->visit[was].prefix) = 1;
		at = pairmap_at(&r->at, tree, prefix);
		if (*at != PAIRMAP_NONE)
			return false;
		*at = 1;
	}
	add_visit(r, tree, prefix, commit);
	return true;
}

static int tell_names(struct reach *r, uint32_t tree, uint32_t list,
	uint32_t prefix, struct err *err)
{
	uint32_t *at = pairmap_at(&r->lists, list, prefix), i;
	const struct treebook_list l = r->book->list[list];

	if (*at != PAIRMAP_NONE)
		return 0;
	*at = 1;
	for (i = 0; i < l.n; i++) {
		uint32_t name = r->book->item[l.at + i];

		if (name & TREEBOOK_FOLDER)
			continue;
		at = pairmap_at(&r->paths, name, prefix);
		if (*at != PAIRMAP_NONE)
			continue;
		*at = 1;
		if (r->paths.n > REACH_PATHS_MAX)
			return err_set(err, ERR_LIMIT, "more than %u paths",
				(unsigned)REACH_PATHS_MAX);
		if (r->path(r->ctx, tree, prefix, name, err))
			return -1;
	}
	return 0;
}

static int enter(struct reach *r, uint32_t tree, uint32_t prefix,
	uint32_t commit, unsigned depth, struct err *err)
{
	const struct treebook_tree *t;
	struct treebook_list l;
	struct treebook_tree kids;
	uint32_t i, name;

	if (depth > REACH_DEPTH_MAX)
		return err_set(err, ERR_LIMIT,
			"a tree is more than %d folders deep", REACH_DEPTH_MAX);
	if (!is_new(r, tree, prefix, commit))
		return 0;
	if (r->nvisit > REACH_VISITS_MAX)
		return err_set(err, ERR_LIMIT, "more than %u folders",
			(unsigned)REACH_VISITS_MAX);
	if (!treebook_tree(r->book, tree) && r->read(r->ctx, tree, err))
		return -1;
	t = treebook_tree(r->book, tree);
	if (!t)
		die("a tree that was read is not in the book");
	kids = *t;
	l = r->book->list[t->list];
	if (tell_names(r, tree, t->list, prefix, err))
		return -1;
	/* The book may grow meanwhile; places in it stay. */
	for (i = 0; i < l.nfolder; i++) {
		name = r->book->item[l.at + l.n + i];
		if (enter(r, treebook_kid(r->book, &kids, i),
			    prefix_below(r, prefix, name), commit, depth + 1,
			    err))
			return -1;
	}
	return 0;
}

int reach_enter(
	struct reach *r, uint32_t tree, uint32_t commit, struct err *err)
{
	return enter(r, tree, TOP, commit, 0, err);
}

uint32_t reach_visits(const struct reach *r, uint32_t tree)
{
	return tree < r->ntree ? r->first[tree] : REACH_NONE;
}

void reach_path(
	const struct reach *r, uint32_t prefix, uint32_t name, struct buf *out)
{
	uint32_t up[REACH_DEPTH_MAX + 1];
	size_t n = 0;

	for (; prefix != TOP && n <= REACH_DEPTH_MAX;
		prefix = r->prefix[prefix].up)
		up[n++] = r->prefix[prefix].name;
	while (n--) {
		buf_span(out, treebook_name(r->book, up[n]));
		buf_byte(out, '/');
	}
	buf_span(out, treebook_name(r->book, name));
}
