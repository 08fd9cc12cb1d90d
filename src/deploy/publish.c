#include "deploy/publish.h"

#include "base/io.h"
#include "deploy/fastimport.h"
#include "deploy/gitdir.h"
#include "gather/gather.h"
#include "gather/rulepacks.h"

#define FILE_MAX (64u << 20)    /* of one file, to compare */
#define STREAM_MAX (256u << 20) /* of all */

static int no_private_key(const struct policy_file *f, struct err *err)
{
	if (span_search(f->data, SPAN_LIT("PRIVATE KEY")) == SIZE_MAX)
		return 0;
	err_set(err, ERR_POLICY, "'%s' holds a private key",
		f->name ? f->name : "the policy");
	return err_hint(err,
		"the policy needs the public part alone; whoever could read "
		"that file has the key");
}

int published_read(const struct policy_source *source, struct arena *a,
	struct published *out, struct err *err)
{
	struct policy_source from;
	struct policy *p;
	size_t i;

	*out = (struct published){.files = {.from = *source, .arena = a}};
	from = policysource_noting(&out->files);
	if (policy_load_from(&from, a, &p, err))
		return -1;
	for (i = 0; i < out->files.n; i++)
		if (no_private_key(&out->files.v[i], err))
			return -1;
	if (signers_check(p, a, err) || rulepacks_check(&from, p, a, err))
		return err_in(err, "policy '%s'", source->called);
	for (i = 0; i < out->files.n; i++)
		if (no_private_key(&out->files.v[i], err))
			return -1;
	return 0;
}

/* As git fast-import reads a path. */
static void put_path(struct buf *out, struct span path)
{
	size_t i;

	buf_str(out, "\"");
	for (i = 0; i < path.n; i++) {
		if (path.p[i] < ' ' || path.p[i] == '"' || path.p[i] == '\\' ||
			path.p[i] >= 0x7f)
			buf_fmt(out, "\\%03o", path.p[i]);
		else
			buf_byte(out, path.p[i]);
	}
	buf_str(out, "\"");
}

static void put_file(struct buf *out, struct span path, struct span data)
{
	buf_str(out, "M 100644 inline ");
	put_path(out, path);
	buf_fmt(out, "\ndata %zu\n", data.n);
	buf_span(out, data);
	buf_str(out, "\n");
}

static void stream_write(const struct published *p, const char *name,
	bool first, struct buf *out)
{
	struct buf path = PATH_BUF_INIT;
	size_t i;

	fastimport_commit(out, PUBLISHED_REF, "publish the policy", first);
	buf_str(out, "deleteall\n");
	put_file(out, SPAN_LIT(POLICYTREE_NAME), span_str(name));
	for (i = 0; i < p->files.n; i++) {
		const struct policy_file *f = &p->files.v[i];

		buf_reset(&path);
		if (f->name)
			policytree_path(f->name, &path);
		else
			buf_str(&path, "policy.json");
		put_file(out, buf_all(&path), f->data);
	}
	buf_str(out, "done\n");
	buf_free(&path);
}

static bool has_it(
	const struct policy_source *tree, const struct policy_file *f)
{
	struct buf data = BUF_INIT(FILE_MAX);
	struct err ignored = ERR_INIT;
	bool same = !tree->read(tree->ctx, f->name, &data, &ignored) &&
		span_eq(buf_all(&data), f->data);

	buf_free(&data);
	return same;
}

/* Files that are there and no longer named cannot be: then policy.json is
 * another one. */
static bool is_published(const struct published *p, struct repo *r,
	const struct oid *at, const char *name, struct arena *a)
{
	struct policy_tree t = {r, *at, PUBLISHED_REF};
	struct policy_source tree = policysource_tree(&t);
	struct err ignored = ERR_INIT;
	const char *was;
	size_t i;

	if (policytree_name(&t, a, &was, &ignored) || strcmp(was, name))
		return false;
	for (i = 0; i < p->files.n; i++)
		if (!has_it(&tree, &p->files.v[i]))
			return false;
	return true;
}

struct place {
	struct gitdir g;
	struct repo *r;
	const char *name;
	enum published_state state;
};

/* ${at} is for place_close also after failure. */
static int place_open(const struct published *p, const char *repository,
	struct arena *a, struct place *at, struct err *err)
{
	struct oid tip;

	*at = (struct place){.state = PUBLISHED_NOT};
	if (gitdir_open(repository, a, &at->g, err) ||
		gitdir_config(&at->g, "sluice.name", a, &at->name, err) ||
		repo_open(at->g.path, NULL, &at->r, err))
		return -1;
	if (!at->name) {
		err_set(err, ERR_REPO, "'%s' is not gated", at->g.path);
		return err_hint(err, "'sluice install' it first");
	}
	if (repo_ref_value(at->r, PUBLISHED_REF, &tip))
		at->state = is_published(p, at->r, &tip, at->name, a)
			? PUBLISHED_CURRENT
			: PUBLISHED_OLD;
	return 0;
}

int published_look(const struct published *p, const char *repository,
	struct arena *a, enum published_state *out, struct err *err)
{
	struct place at;
	int ret = place_open(p, repository, a, &at, err);

	*out = at.state;
	repo_close(at.r);
	return ret;
}

int published_write(const struct published *p, const char *repository,
	struct arena *a, bool *changed, struct err *err)
{
	struct buf stream = BUF_INIT(STREAM_MAX);
	struct place at;
	int ret = -1;

	*changed = false;
	if (place_open(p, repository, a, &at, err))
		goto out;
	if (at.state != PUBLISHED_CURRENT) {
		stream_write(p, at.name, at.state == PUBLISHED_NOT, &stream);
		if (buf_check(&stream, "the policy", err) ||
			fastimport_run(at.g.path, buf_all(&stream), err))
			goto out;
		*changed = true;
	}
	ret = 0;
out:
	repo_close(at.r);
	buf_free(&stream);
	return ret;
}
