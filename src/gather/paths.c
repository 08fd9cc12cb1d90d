#include "gather/paths.h"

#include "base/pathname.h"
#include "base/text.h"
#include "parse/gitmodules.h"

#define LINK_MAX_BYTES 4096
#define MODULES_MAX_BYTES (1024 * 1024)

/* What the rules of all updates ask of a path: a commit is looked at once, also
 * where several updates bring it. */
struct wanted {
	bool size, link, modules;
};

struct paths {
	struct gather *g;
	const struct wanted *wanted;
	struct change *change;
	size_t cap;
};

static bool wants_file(const struct rule_file *r)
{
	return r &&
		(r->ndeny || r->deny_pattern.n || r->nextension ||
			r->max_size || r->max_path || r->deny_modes ||
			r->deny_windows || r->deny_dotgit || r->symlinks ||
			r->limit_submodules);
}

/* Only who may change a path is asked also when it goes. */
static bool wants_lost(const struct rules *r)
{
	return (r->approval &&
		       (r->approval->npath || r->approval->codeowners)) ||
		(r->robot && r->robot->npath);
}

static struct path_change *add(struct paths *ps, struct span path)
{
	struct change *change = ps->change;
	struct path_change *new;

	change->path = arena_grow(ps->g->arena, change->path, change->npath,
		&ps->cap, sizeof(*change->path));
	new = &change->path[change->npath++];
	new->path = arena_copy(ps->g->arena, path);
	return new;
}

static int read_content(struct paths *ps, const struct repo_path *p,
	struct path_content *out, struct err *err)
{
	bool link = entry_kind(p->mode) == ENTRY_LINK;
	uint64_t max = link ? LINK_MAX_BYTES : MODULES_MAX_BYTES, size = 0;
	struct arena *arena = ps->g->arena;
	struct err why = ERR_INIT;
	struct repo_object obj = {0};

	repo_type(ps->g->repo, &p->oid, &size);
	if (size > max) {
		out->fault = arena_fmt(arena, "larger than %llu bytes",
			(unsigned long long)max);
		return 0;
	}
	if (repo_read(ps->g->repo, &p->oid, max, &obj, err))
		return -1;
	if (link)
		out->link = arena_copy(arena, obj.data);
	else if (gitmodules_parse(
			 obj.data, arena, &out->setting, &out->nsetting, &why))
		out->fault = arena_str(arena, span_str(why.text));
	repo_object_free(&obj);
	return 0;
}

static int content(struct paths *ps, const struct repo_path *p,
	struct path_change *to, struct err *err)
{
	struct path_content *c;
	enum entry_kind kind = entry_kind(p->mode);
	bool link = ps->wanted->link && kind == ENTRY_LINK;
	bool modules = ps->wanted->modules && kind == ENTRY_FILE &&
		pathname_is_git(p->path, "gitmodules");

	if (!link && !modules)
		return 0;
	c = ARENA_NEW(ps->g->arena, struct path_content);
	to->content = c;
	return read_content(ps, p, c, err);
}

static int add_path(void *ctx, const struct repo_path *p, struct err *err)
{
	struct paths *ps = ctx;
	struct path_change *new = add(ps, p->path);

	new->blob = p->oid;
	new->mode = p->mode;
	if (p->type == OBJECT_BLOB && ps->wanted->size)
		repo_type(ps->g->repo, &p->oid, &new->size);
	return content(ps, p, new, err);
}

static int add_lost(void *ctx, const struct repo_path *p, struct err *err)
{
	(void)err;
	add(ctx, p->path)->removed = true;
	return 0;
}

static int of_change(struct gather *g, const struct wanted *wanted, bool lost,
	struct change *change, struct err *err)
{
	struct paths ps = {.g = g, .wanted = wanted, .change = change};
	const struct commit *c = &change->commit;

	if (repo_new_paths(g->repo, &c->tree, c->parent, c->nparent, add_path,
		    &ps, err))
		return -1;
	return lost ? repo_lost_paths(g->repo, &c->tree, c->parent, c->nparent,
			      add_lost, &ps, err)
		    : 0;
}

int err_in_update(const struct facts *f, size_t u, struct err *err)
{
	struct buf ref = BUF_INIT(1024);

	text_printable(&ref, f->push->up[u].ref, 200);
	err_in(err, "%s", buf_cstr(&ref));
	buf_free(&ref);
	return -1;
}

int gather_paths(struct gather *g, struct facts *f, struct err *err)
{
	struct wanted wanted = {0};
	bool lost = false;
	uint64_t *done;
	size_t u, i;

	for (u = 0; u < f->push->nup; u++) {
		const struct rules *r = &f->update[u].rules;

		lost |= wants_lost(r);
		if (!r->file)
			continue;
		wanted.size |= r->file->max_size != 0;
		wanted.link |= r->file->symlinks == SYMLINKS_INSIDE;
		wanted.modules |= r->file->limit_submodules;
	}
	done = arena_get(g->arena, BIT_WORDS(f->nchange), sizeof(*done));
	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *uf = &f->update[u];

		if (!wants_file(uf->rules.file) && !wants_lost(&uf->rules))
			continue;
		for (i = 0; i < uf->nchange; i++) {
			size_t at = uf->change[i];

			if (bit_get(done, at))
				continue;
			bit_set(done, at);
			if (of_change(g, &wanted, lost, &f->change[at], err))
				return err_in_update(f, u, err);
		}
	}
	return 0;
}
