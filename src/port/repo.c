#include "port/repo.h"

#include <git2.h>
#include <git2/sys/repository.h>
#include <sys/stat.h>

#include "base/io.h"

struct repo {
	git_repository *git;
	git_odb *odb;
	char *quarantine;             /* objects folder, or NULL */
	uint64_t visited, visits_max; /* entries of trees */
	bool ordered;
};

static unsigned users;

static int library_start(struct err *err)
{
	if (users++)
		return 0;
	if (git_libgit2_init() < 0)
		return err_set(err, ERR_REPO, "libgit2 does not start");
	/* The objects a push names were hashed by receive-pack already. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	/* Whoever may run this hook was let in by the server. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	return 0;
}

static void library_stop(void)
{
	if (users && !--users)
		git_libgit2_shutdown();
}

static int fail(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_REPO, "%s: %s", what,
		e && e->message ? e->message : "unknown cause");
}

static void to_git(const struct oid *o, git_oid *out)
{
	memcpy(out->id, o->b, OID_RAW);
}

static void from_git(const git_oid *o, struct oid *out)
{
	memcpy(out->b, o->id, OID_RAW);
}

static enum object_type type_of(git_object_t t)
{
	if (t == GIT_OBJECT_COMMIT)
		return OBJECT_COMMIT;
	if (t == GIT_OBJECT_TREE)
		return OBJECT_TREE;
	if (t == GIT_OBJECT_BLOB)
		return OBJECT_BLOB;
	if (t == GIT_OBJECT_TAG)
		return OBJECT_TAG;
	return OBJECT_NONE;
}

/* The library opens a SHA-256 repository and fails later, object by object. */
static int refuse_sha256(git_repository *git, const char *path, struct err *err)
{
	git_config *config = NULL;
	git_buf format = GIT_BUF_INIT;
	int ret = 0;

	if (git_repository_config_snapshot(&config, git))
		return fail(err, "cannot read the repository's configuration");
	if (!git_config_get_string_buf(
		    &format, config, "extensions.objectformat") &&
		strcmp(format.ptr, "sha1")) {
		err_set(err, ERR_REPO,
			"'%s' is a %s repository, which this version cannot "
			"read",
			path, format.ptr);
		ret = err_hint(err,
			"gate it when libgit2 reads that object format; until "
			"then its pushes are refused");
	}
	git_buf_dispose(&format);
	git_config_free(config);
	return ret;
}

int repo_open(const char *path, const char *quarantine, struct repo **out,
	struct err *err)
{
	struct repo *r = NULL;
	int ret = -1;

	*out = NULL;
	if (library_start(err))
		return -1;
	r = calloc(1, sizeof(*r));
	if (!r)
		die("out of memory");
	if (git_repository_open(&r->git, path)) {
		const git_error *e = git_error_last();

		/* libgit2 1.5 may also refuse at once. */
		if (e && e->message && strstr(e->message, "objectformat")) {
			err_set(err, ERR_REPO,
				"'%s' is a sha256 repository, which this "
				"version cannot read",
				path);
			goto out;
		}
		fail(err, "cannot open the repository");
		err_in(err, "'%s'", path);
		goto out;
	}
	if (refuse_sha256(r->git, path, err))
		goto out;
	if (git_repository_odb(&r->odb, r->git)) {
		fail(err, "cannot open the object store");
		goto out;
	}
	if (quarantine) {
		r->quarantine = strdup(quarantine);
		if (!r->quarantine)
			die("out of memory");
		/* Not through the environment: git quotes a path that holds
		 * ':', and libgit2 does not undo that. */
		if (git_odb_add_disk_alternate(r->odb, quarantine)) {
			fail(err, "cannot open the quarantine");
			goto out;
		}
	}
	r->visits_max = UINT64_MAX;
	*out = r;
	r = NULL;
	ret = 0;
out:
	if (ret) {
		repo_close(r);
		r = NULL;
	}
	return ret;
}

void repo_close(struct repo *r)
{
	if (!r)
		return;
	git_odb_free(r->odb);
	git_repository_free(r->git);
	free(r->quarantine);
	free(r);
	library_stop();
}

void repo_strict(struct repo *r)
{
	(void)r;
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
}

void repo_ordered(struct repo *r)
{
	r->ordered = true;
}

const char *repo_dir(const struct repo *r)
{
	return git_repository_path(r->git);
}

bool repo_is_shallow(struct repo *r)
{
	return git_repository_is_shallow(r->git) == 1;
}

void repo_objects(const struct repo *r, struct buf *out)
{
	io_join(out, git_repository_commondir(r->git), "objects");
}

const char *repo_quarantine(const struct repo *r)
{
	return r->quarantine;
}

enum object_type repo_type(struct repo *r, const struct oid *o, uint64_t *size)
{
	git_object_t type;
	git_oid id;
	size_t n;

	if (size)
		*size = 0;
	to_git(o, &id);
	if (git_odb_read_header(&n, &type, r->odb, &id))
		return OBJECT_NONE;
	if (size)
		*size = n;
	return type_of(type);
}

int repo_read(struct repo *r, const struct oid *o, uint64_t max,
	struct repo_object *out, struct err *err)
{
	char hex[OID_HEX + 1];
	git_odb_object *obj;
	uint64_t size;
	git_oid id;

	memset(out, 0, sizeof(*out));
	if (repo_type(r, o, &size) == OBJECT_NONE)
		return err_set(err, ERR_REPO, "object %s is missing or damaged",
			oid_hex(o, hex));
	if (size > max)
		return err_set(err, ERR_LIMIT,
			"object %s has %llu bytes, more than %llu",
			oid_hex(o, hex), (unsigned long long)size,
			(unsigned long long)max);
	to_git(o, &id);
	if (git_odb_read(&obj, r->odb, &id)) {
		fail(err, "cannot read an object");
		return err_in(err, "%s", oid_hex(o, hex));
	}
	out->type = type_of(git_odb_object_type(obj));
	out->data = span_of(git_odb_object_data(obj), git_odb_object_size(obj));
	out->held = obj;
	return 0;
}

void repo_object_free(struct repo_object *obj)
{
	git_odb_object_free(obj->held);
	memset(obj, 0, sizeof(*obj));
}

int repo_walk(struct repo *r, const struct oid *from, size_t nfrom,
	const struct oid *hide, size_t nhide,
	int (*each)(void *ctx, const struct oid *o, struct err *err), void *ctx,
	struct err *err)
{
	git_revwalk *walk = NULL;
	enum object_type type;
	struct oid tip;
	git_oid id;
	int ret = -1, more;
	size_t i;

	if (git_revwalk_new(&walk, r->git))
		return fail(err, "cannot walk the history");
	/* By date alone: commits come as they are met, without walking the
	 * whole history first. */
	git_revwalk_sorting(walk,
		r->ordered ? GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME
			   : GIT_SORT_TIME);
	for (i = 0; i < nfrom; i++) {
		if (!repo_peel(r, &from[i], &tip, &type)) {
			char hex[OID_HEX + 1];

			err_set(err, ERR_REPO, "object %s is missing",
				oid_hex(&from[i], hex));
			goto out;
		}
		if (type != OBJECT_COMMIT)
			continue;
		to_git(&tip, &id);
		if (git_revwalk_push(walk, &id)) {
			fail(err, "cannot walk the history");
			goto out;
		}
	}
	for (i = 0; i < nhide; i++) {
		if (!repo_peel(r, &hide[i], &tip, &type) ||
			type != OBJECT_COMMIT)
			continue;
		to_git(&tip, &id);
		if (git_revwalk_hide(walk, &id)) {
			fail(err, "cannot walk the history");
			goto out;
		}
	}
	while (!(more = git_revwalk_next(&id, walk))) {
		struct oid o;

		from_git(&id, &o);
		if (each(ctx, &o, err))
			goto out;
	}
	if (more != GIT_ITEROVER) {
		fail(err, "the history is not whole");
		goto out;
	}
	ret = 0;
out:
	git_revwalk_free(walk);
	return ret;
}

int repo_is_ancestor(struct repo *r, const struct oid *a, const struct oid *b,
	bool *out, struct err *err)
{
	git_oid ga, gb;
	int rc;

	*out = false;
	if (oid_eq(a, b)) {
		*out = true;
		return 0;
	}
	to_git(a, &ga);
	to_git(b, &gb);
	rc = git_graph_descendant_of(r->git, &gb, &ga);
	if (rc < 0)
		return fail(err, "cannot compare two commits");
	*out = rc == 1;
	return 0;
}

#define TAG_DEPTH_MAX 64

bool repo_peel(struct repo *r, const struct oid *o, struct oid *out,
	enum object_type *type)
{
	git_tag *tag;
	git_oid id;
	int depth;

	*out = *o;
	for (depth = 0; depth < TAG_DEPTH_MAX; depth++) {
		*type = repo_type(r, out, NULL);
		if (*type != OBJECT_TAG)
			return *type != OBJECT_NONE;
		to_git(out, &id);
		if (git_tag_lookup(&tag, r->git, &id))
			return false;
		from_git(git_tag_target_id(tag), out);
		git_tag_free(tag);
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct repo_ref *)a)->name,
		((const struct repo_ref *)b)->name);
}

int repo_refs_each(struct repo *r, const char *glob,
	int (*each)(void *ctx, struct span name, const struct oid *o,
		struct err *err),
	void *ctx, struct err *err)
{
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	struct oid o;
	int rc, ret = 0;

	if (glob ? git_reference_iterator_glob_new(&it, r->git, glob)
		 : git_reference_iterator_new(&it, r->git))
		return fail(err, "cannot list the refs");
	while (!ret && !(rc = git_reference_next(&ref, it))) {
		if (git_reference_type(ref) == GIT_REFERENCE_DIRECT) {
			from_git(git_reference_target(ref), &o);
			ret = each(ctx, span_str(git_reference_name(ref)), &o,
				err);
		}
		git_reference_free(ref);
		ref = NULL;
	}
	git_reference_iterator_free(it);
	if (ret)
		return -1;
	return rc == GIT_ITEROVER ? 0 : fail(err, "cannot list the refs");
}

struct ref_list {
	struct arena *arena;
	struct repo_ref *v;
	size_t n, cap;
};

static int ref_add(
	void *ctx, struct span name, const struct oid *o, struct err *err)
{
	struct ref_list *l = ctx;

	(void)err;
	l->v = arena_grow(l->arena, l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n].name = arena_copy(l->arena, name);
	l->v[l->n++].oid = *o;
	return 0;
}

int repo_refs(struct repo *r, const char *glob, struct arena *a,
	struct repo_ref **out, size_t *n, struct err *err)
{
	struct ref_list l = {.arena = a};

	*out = NULL;
	*n = 0;
	if (repo_refs_each(r, glob, ref_add, &l, err))
		return -1;
	*out = l.v;
	*n = l.n;
	if (*n)
		qsort(*out, *n, sizeof(**out), by_name);
	return 0;
}

int repo_ref_symbolic(struct repo *r, const char *name, struct arena *a,
	struct span *target, struct err *err)
{
	git_reference *ref;
	int rc = git_reference_lookup(&ref, r->git, name);

	*target = SPAN_EMPTY;
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc)
		return fail(err, "cannot read a ref");
	if (git_reference_type(ref) == GIT_REFERENCE_SYMBOLIC)
		*target = arena_copy(
			a, span_str(git_reference_symbolic_target(ref)));
	git_reference_free(ref);
	return 0;
}

bool repo_ref_value(struct repo *r, const char *name, struct oid *out)
{
	git_oid id;

	memset(out, 0, sizeof(*out));
	if (git_reference_name_to_id(&id, r->git, name))
		return false;
	from_git(&id, out);
	return true;
}

/* A path under construction while trees are compared. */
struct diff {
	struct repo *r;
	int (*each)(void *ctx, const struct repo_path *p, struct err *err);
	void *ctx;
	struct buf path;
	struct err *err;
};

#define PARENTS_COMPARED_MAX 16
#define TREE_DEPTH_MAX 256

static int tree_diff(struct diff *d, const git_oid *tree,
	git_tree *const *parent, size_t nparent, unsigned depth);

/* What each parent's tree has at this name; NULL where it has nothing. */
static bool is_old(
	const git_tree_entry *e, git_tree *const *parent, size_t nparent)
{
	size_t i;

	for (i = 0; i < nparent; i++) {
		const git_tree_entry *was = parent[i]
			? git_tree_entry_byname(
				  parent[i], git_tree_entry_name(e))
			: NULL;

		if (was &&
			git_oid_equal(
				git_tree_entry_id(was), git_tree_entry_id(e)) &&
			git_tree_entry_filemode_raw(was) ==
				git_tree_entry_filemode_raw(e))
			return true;
	}
	return false;
}

static int descend(struct diff *d, const git_tree_entry *e,
	git_tree *const *parent, size_t nparent, unsigned depth)
{
	git_tree *sub[PARENTS_COMPARED_MAX] = {NULL};
	size_t i;
	int ret;

	for (i = 0; i < nparent; i++) {
		const git_tree_entry *was = parent[i]
			? git_tree_entry_byname(
				  parent[i], git_tree_entry_name(e))
			: NULL;

		if (was && git_tree_entry_type(was) == GIT_OBJECT_TREE &&
			git_tree_lookup(
				&sub[i], d->r->git, git_tree_entry_id(was)))
			sub[i] = NULL; /* seen as all new: more is looked at */
	}
	ret = tree_diff(d, git_tree_entry_id(e), sub, nparent, depth + 1);
	for (i = 0; i < nparent; i++)
		git_tree_free(sub[i]);
	return ret;
}

/* A few folders that hold each other many times make more paths than anybody
 * can look at. */
static int visit(struct diff *d)
{
	if (d->r->visited++ < d->r->visits_max)
		return 0;
	return err_set(d->err, ERR_LIMIT, "more than %llu changed paths",
		(unsigned long long)d->r->visits_max);
}

static int entry_diff(struct diff *d, const git_tree_entry *e,
	git_tree *const *parent, size_t nparent, unsigned depth)
{
	size_t was = d->path.n;
	struct repo_path p;
	int ret;

	if (is_old(e, parent, nparent))
		return 0;
	if (visit(d))
		return -1;
	buf_str(&d->path, git_tree_entry_name(e));
	if (buf_check(&d->path, "a path in a tree", d->err))
		return -1;
	if (git_tree_entry_type(e) == GIT_OBJECT_TREE) {
		buf_byte(&d->path, '/');
		ret = descend(d, e, parent, nparent, depth);
	} else {
		p.path = buf_all(&d->path);
		from_git(git_tree_entry_id(e), &p.oid);
		p.type = type_of(git_tree_entry_type(e));
		p.mode = (unsigned)git_tree_entry_filemode_raw(e);
		ret = d->each(d->ctx, &p, d->err);
	}
	d->path.n = was;
	return ret;
}

static int tree_diff(struct diff *d, const git_oid *id, git_tree *const *parent,
	size_t nparent, unsigned depth)
{
	git_tree *tree = NULL;
	size_t i, n;
	int ret = -1;

	if (depth > TREE_DEPTH_MAX)
		return err_set(d->err, ERR_LIMIT,
			"a tree is more than %d folders deep", TREE_DEPTH_MAX);
	if (git_tree_lookup(&tree, d->r->git, id))
		return fail(d->err, "cannot read a tree");
	n = git_tree_entrycount(tree);
	for (i = 0; i < n; i++)
		if (entry_diff(d, git_tree_entry_byindex(tree, i), parent,
			    nparent, depth))
			goto out;
	ret = 0;
out:
	git_tree_free(tree);
	return ret;
}

/* The root tree of a parent; the oids given are commits. */
static int parent_tree(
	struct repo *r, const struct oid *o, git_tree **out, struct err *err)
{
	git_commit *commit;
	git_oid id;
	int ret = 0;

	to_git(o, &id);
	if (git_commit_lookup(&commit, r->git, &id))
		return fail(err, "cannot read a parent commit");
	if (git_commit_tree(out, commit))
		ret = fail(err, "cannot read a parent's tree");
	git_commit_free(commit);
	return ret;
}

static bool at_path(struct repo *r, const struct oid *commit, struct span path,
	bool regular, struct oid *out)
{
	struct buf name = BUF_INIT(65536);
	git_tree_entry *e = NULL;
	git_tree *tree = NULL;
	struct err none = ERR_INIT;
	bool found = false;

	buf_span(&name, path);
	if (name.full || span_find(path, 0) != SIZE_MAX ||
		parent_tree(r, commit, &tree, &none) ||
		git_tree_entry_bypath(&e, tree, buf_cstr(&name)))
		goto out;
	found = git_tree_entry_type(e) == GIT_OBJECT_BLOB;
	if (regular && (git_tree_entry_filemode_raw(e) & S_IFMT) != S_IFREG)
		found = false;
	from_git(git_tree_entry_id(e), out);
out:
	git_tree_entry_free(e);
	git_tree_free(tree);
	buf_free(&name);
	return found;
}

bool repo_at_path(struct repo *r, const struct oid *commit, struct span path,
	struct oid *out)
{
	return at_path(r, commit, path, false, out);
}

bool repo_file_at(struct repo *r, const struct oid *commit, struct span path,
	struct oid *out)
{
	return at_path(r, commit, path, true, out);
}

int repo_entry_at(struct repo *r, const struct oid *commit, const char *path,
	struct repo_path *out, struct err *err)
{
	git_tree_entry *e = NULL;
	git_tree *tree;
	int ret = -1, status;

	*out = (struct repo_path){.path = span_str(path)};
	if (parent_tree(r, commit, &tree, err))
		return -1;
	status = git_tree_entry_bypath(&e, tree, path);
	if (status == GIT_ENOTFOUND) {
		ret = 0;
	} else if (status) {
		fail(err, "cannot read a tree");
	} else {
		from_git(git_tree_entry_id(e), &out->oid);
		out->type = type_of(git_tree_entry_type(e));
		out->mode = (unsigned)git_tree_entry_filemode_raw(e);
		ret = 0;
	}
	git_tree_entry_free(e);
	git_tree_free(tree);
	return ret;
}

void repo_limit_paths(struct repo *r, uint64_t max)
{
	r->visits_max = max;
}

int repo_new_paths(struct repo *r, const struct oid *tree,
	const struct oid *parents, size_t nparents,
	int (*each)(void *ctx, const struct repo_path *p, struct err *err),
	void *ctx, struct err *err)
{
	struct diff d = {
		.r = r,
		.each = each,
		.ctx = ctx,
		.path = BUF_INIT(65536),
		.err = err,
	};
	git_tree *parent[PARENTS_COMPARED_MAX] = {NULL};
	size_t i;
	git_oid id;
	int ret = -1;

	/* Of a giant octopus only the first parents are compared with: the
	 * rest would only show fewer paths as new. */
	if (nparents > PARENTS_COMPARED_MAX)
		nparents = PARENTS_COMPARED_MAX;
	for (i = 0; i < nparents; i++)
		if (parent_tree(r, &parents[i], &parent[i], err))
			goto out;
	to_git(tree, &id);
	for (i = 0; i < nparents; i++) {
		if (git_oid_equal(git_tree_id(parent[i]), &id)) {
			ret = 0;
			goto out;
		}
	}
	ret = tree_diff(&d, &id, parent, nparents, 0);
out:
	for (i = 0; i < nparents; i++)
		git_tree_free(parent[i]);
	buf_free(&d.path);
	return ret;
}

/* The tree at a name below ${in}, NULL when there is none. */
static int tree_below(
	struct diff *d, const git_tree *in, const char *name, git_tree **out)
{
	const git_tree_entry *e = in ? git_tree_entry_byname(in, name) : NULL;

	*out = NULL;
	if (!e || git_tree_entry_type(e) != GIT_OBJECT_TREE)
		return 0;
	if (git_tree_lookup(out, d->r->git, git_tree_entry_id(e)))
		return fail(d->err, "cannot read a tree");
	return 0;
}

static bool has_file(const git_tree *in, const char *name)
{
	const git_tree_entry *e = in ? git_tree_entry_byname(in, name) : NULL;

	return e && git_tree_entry_type(e) != GIT_OBJECT_TREE;
}

static int tree_lost(struct diff *d, git_tree *now, git_tree *const *parent,
	size_t nparent, unsigned depth);

/* A folder of the first parent: what was lost in it was in all of them. */
static int lost_below(struct diff *d, const char *name, git_tree *now,
	git_tree *const *parent, size_t nparent, unsigned depth)
{
	git_tree *sub[PARENTS_COMPARED_MAX] = {NULL}, *sub_now = NULL;
	size_t i;
	int ret = -1;

	for (i = 0; i < nparent; i++) {
		if (tree_below(d, parent[i], name, &sub[i]))
			goto out;
		if (!sub[i]) {
			ret = 0;
			goto out;
		}
	}
	if (tree_below(d, now, name, &sub_now))
		goto out;
	buf_byte(&d->path, '/');
	ret = tree_lost(d, sub_now, sub, nparent, depth + 1);
out:
	for (i = 0; i < nparent; i++)
		git_tree_free(sub[i]);
	git_tree_free(sub_now);
	return ret;
}

static int entry_lost(struct diff *d, const git_tree_entry *e, git_tree *now,
	git_tree *const *parent, size_t nparent, unsigned depth)
{
	const char *name = git_tree_entry_name(e);
	const git_tree_entry *at =
		now ? git_tree_entry_byname(now, name) : NULL;
	size_t was = d->path.n, i;
	struct repo_path p;
	int ret = 0;

	if (at && git_oid_equal(git_tree_entry_id(at), git_tree_entry_id(e)))
		return 0;
	if (visit(d))
		return -1;
	buf_str(&d->path, name);
	if (buf_check(&d->path, "a path in a tree", d->err))
		return -1;
	if (git_tree_entry_type(e) == GIT_OBJECT_TREE) {
		ret = lost_below(d, name, now, parent, nparent, depth);
	} else if (!has_file(now, name)) {
		for (i = 1; i < nparent && has_file(parent[i], name); i++)
			continue;
		p.path = buf_all(&d->path);
		from_git(git_tree_entry_id(e), &p.oid);
		p.type = type_of(git_tree_entry_type(e));
		p.mode = (unsigned)git_tree_entry_filemode_raw(e);
		if (i == nparent)
			ret = d->each(d->ctx, &p, d->err);
	}
	d->path.n = was;
	return ret;
}

static int tree_lost(struct diff *d, git_tree *now, git_tree *const *parent,
	size_t nparent, unsigned depth)
{
	size_t n = git_tree_entrycount(parent[0]), i;

	if (depth > TREE_DEPTH_MAX)
		return err_set(d->err, ERR_LIMIT,
			"a tree is more than %d folders deep", TREE_DEPTH_MAX);
	for (i = 0; i < n; i++)
		if (entry_lost(d, git_tree_entry_byindex(parent[0], i), now,
			    parent, nparent, depth))
			return -1;
	return 0;
}

int repo_lost_paths(struct repo *r, const struct oid *tree,
	const struct oid *parents, size_t nparents,
	int (*each)(void *ctx, const struct repo_path *p, struct err *err),
	void *ctx, struct err *err)
{
	struct diff d = {
		.r = r,
		.each = each,
		.ctx = ctx,
		.path = BUF_INIT(65536),
		.err = err,
	};
	git_tree *parent[PARENTS_COMPARED_MAX] = {NULL}, *now = NULL;
	size_t i;
	git_oid id;
	int ret = -1;

	if (!nparents)
		return 0;
	/* Fewer parents only show more paths as lost. */
	if (nparents > PARENTS_COMPARED_MAX)
		nparents = PARENTS_COMPARED_MAX;
	for (i = 0; i < nparents; i++)
		if (parent_tree(r, &parents[i], &parent[i], err))
			goto out;
	to_git(tree, &id);
	if (git_tree_lookup(&now, r->git, &id)) {
		fail(err, "cannot read a tree");
		goto out;
	}
	ret = tree_lost(&d, now, parent, nparents, 0);
out:
	for (i = 0; i < nparents; i++)
		git_tree_free(parent[i]);
	git_tree_free(now);
	buf_free(&d.path);
	return ret;
}

int repo_config(struct repo *r, const char *key, struct arena *a,
	const char **out, struct err *err)
{
	git_config *config = NULL;
	git_buf value = GIT_BUF_INIT;
	int rc;

	*out = NULL;
	if (git_repository_config_snapshot(&config, r->git))
		return fail(err, "cannot read the repository's configuration");
	rc = git_config_get_string_buf(&value, config, key);
	if (!rc)
		*out = arena_str(a, span_of(value.ptr, value.size));
	git_buf_dispose(&value);
	git_config_free(config);
	if (rc && rc != GIT_ENOTFOUND)
		return fail(err, "cannot read the repository's configuration");
	return 0;
}

int repo_config_set(
	struct repo *r, const char *key, const char *value, struct err *err)
{
	git_config *config = NULL, *local = NULL;
	int rc;

	if (git_repository_config(&config, r->git))
		return fail(err, "cannot open the repository's configuration");
	rc = git_config_open_level(&local, config, GIT_CONFIG_LEVEL_LOCAL);
	if (!rc && value)
		rc = git_config_set_string(local, key, value);
	else if (!rc) {
		rc = git_config_delete_entry(local, key);
		if (rc == GIT_ENOTFOUND)
			rc = 0;
	}
	git_config_free(local);
	git_config_free(config);
	if (rc)
		return fail(err, "cannot write the repository's configuration");
	return 0;
}
