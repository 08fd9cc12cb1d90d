#include "gather/policysource.h"

#include "base/io.h"
#include "base/text.h"
#include "port/crypto.h"
#include "port/trustfile.h"

#define TREE_POLICY "policy.json"
#define TREE_ELSEWHERE "elsewhere/"

void policysource_beside(struct buf *out, const char *policy, const char *file)
{
	const char *slash = strrchr(policy, '/');

	if (!file) {
		buf_str(out, policy);
		return;
	}
	if (file[0] != '/' && slash)
		buf_add(out, policy, (size_t)(slash - policy) + 1);
	buf_str(out, file);
}

static int read_beside(const char *policy, const char *name,
	int (*take)(const char *path, struct buf *out, struct err *err),
	struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	policysource_beside(&path, policy, name);
	if (!buf_check(&path, "path", err))
		ret = take(buf_cstr(&path), out, err);
	buf_free(&path);
	return ret;
}

static int read_trusted(
	void *ctx, const char *name, struct buf *out, struct err *err)
{
	return read_beside(ctx, name, trustfile_read, out, err);
}

static int read_plain(
	void *ctx, const char *name, struct buf *out, struct err *err)
{
	return read_beside(ctx, name, io_read_file, out, err);
}

static struct policy_source source_of(const char *path,
	int (*take)(
		void *ctx, const char *name, struct buf *out, struct err *err))
{
	return (struct policy_source){
		.read = take,
		.ctx = (void *)(uintptr_t)path,
		.called = path,
	};
}

struct policy_source policysource_trusted(const char *path)
{
	return source_of(path, read_trusted);
}

struct policy_source policysource_plain(const char *path)
{
	return source_of(path, read_plain);
}

static bool is_path(struct span name)
{
	struct span rest = name, part;
	size_t slash;

	for (;;) {
		slash = span_find(rest, '/');
		part = span_sub(rest, 0, slash == SIZE_MAX ? rest.n : slash);
		if (!part.n || span_is(part, ".") || span_is(part, "..") ||
			text_same(part, SPAN_LIT(".git")))
			return false;
		if (slash == SIZE_MAX)
			break;
		rest = span_from(rest, slash + 1);
	}
	return !text_has_control(name) && !span_is(name, TREE_POLICY) &&
		!span_is(name, POLICYTREE_NAME) &&
		!span_starts(name, SPAN_LIT(TREE_ELSEWHERE));
}

bool policytree_path(const char *name, struct buf *out)
{
	char hex[SHA256_HEX + 1];

	buf_reset(out);
	if (is_path(span_str(name))) {
		buf_str(out, name);
		return true;
	}
	sha256_hex(span_str(name), hex);
	buf_fmt(out, TREE_ELSEWHERE "%s", hex);
	return false;
}

static int read_at(struct policy_tree *t, struct span path, struct buf *out,
	struct err *err)
{
	struct repo_object obj = {0};
	struct oid blob;
	int ret = -1;

	if (!repo_file_at(t->repo, &t->commit, path, &blob))
		return err_set(err, ERR_POLICY, "there is no file '%.*s' in %s",
			SPAN_FMT(path), t->called);
	if (!repo_read(t->repo, &blob, out->max, &obj, err)) {
		buf_span(out, obj.data);
		ret = buf_check(out, "file", err);
	}
	repo_object_free(&obj);
	return ret;
}

static int read_tree(
	void *ctx, const char *name, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	if (name)
		policytree_path(name, &path);
	else
		buf_str(&path, TREE_POLICY);
	if (!buf_check(&path, "path", err))
		ret = read_at(ctx, buf_all(&path), out, err);
	buf_free(&path);
	return ret;
}

int policytree_name(struct policy_tree *t, struct arena *a, const char **out,
	struct err *err)
{
	struct buf text = BUF_INIT(PATH_BUF_MAX);
	int ret = read_at(t, SPAN_LIT(POLICYTREE_NAME), &text, err);

	*out = ret ? NULL : arena_str(a, span_trim(buf_all(&text)));
	buf_free(&text);
	return ret;
}

struct policy_source policysource_tree(struct policy_tree *t)
{
	return (struct policy_source){
		.read = read_tree, .ctx = t, .called = t->called};
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int read_noting(
	void *ctx, const char *name, struct buf *out, struct err *err)
{
	struct policy_files *f = ctx;
	size_t i;

	if (f->from.read(f->from.ctx, name, out, err))
		return -1;
	for (i = 0; i < f->n; i++)
		if (same_name(f->v[i].name, name))
			return 0;
	f->v = arena_grow(f->arena, f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct policy_file){
		name ? arena_str(f->arena, span_str(name)) : NULL,
		arena_copy(f->arena, buf_all(out)),
	};
	return 0;
}

struct policy_source policysource_noting(struct policy_files *files)
{
	return (struct policy_source){.read = read_noting,
		.ctx = files,
		.called = files->from.called};
}
