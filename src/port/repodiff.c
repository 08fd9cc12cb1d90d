#include "port/repodiff.h"

#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/repository.h>
#include <stdlib.h>

#define MERGE_RENAMES_MAX 1000
#define MERGE_BASES_MAX 10

struct repodiff {
	git_repository *git;
};

static int fail(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_REPO, "%s: %s", what,
		e && e->message ? e->message : "unknown cause");
}

/* All backends but the one in memory can only be read: that comes first, and
 * takes what is written. */
static int objects_open(struct repo *r, git_odb **out, struct err *err)
{
	struct buf path = BUF_INIT(65536);
	git_odb_backend *memory = NULL;
	git_odb *odb = NULL;
	int ret = -1;

	*out = NULL;
	repo_objects(r, &path);
	if (git_odb_open(&odb, buf_cstr(&path)) ||
		(repo_quarantine(r) &&
			git_odb_add_disk_alternate(odb, repo_quarantine(r))) ||
		git_mempack_new(&memory) ||
		git_odb_add_backend(odb, memory, 1000)) {
		fail(err, "cannot open the object store");
		goto out;
	}
	*out = odb;
	odb = NULL;
	ret = 0;
out:
	git_odb_free(odb);
	buf_free(&path);
	return ret;
}

int repodiff_open(struct repo *r, struct repodiff **out, struct err *err)
{
	struct repodiff *d = calloc(1, sizeof(*d));
	git_config *config = NULL;
	git_odb *odb = NULL;
	int ret = -1;

	*out = NULL;
	if (!d)
		die("out of memory");
	git_libgit2_init();
	if (objects_open(r, &odb, err))
		goto out;
	if (git_repository_wrap_odb(&d->git, odb) || git_config_new(&config) ||
		git_repository_set_config(d->git, config)) {
		fail(err, "cannot look at the object store");
		goto out;
	}
	*out = d;
	d = NULL;
	ret = 0;
out:
	git_config_free(config);
	git_odb_free(odb);
	repodiff_close(d);
	return ret;
}

void repodiff_close(struct repodiff *d)
{
	if (!d)
		return;
	git_repository_free(d->git);
	free(d);
	git_libgit2_shutdown();
}

static int tree_of(struct repodiff *d, const struct oid *o, git_tree **out,
	struct err *err)
{
	git_commit *commit;
	git_oid id;
	int ret = 0;

	memcpy(id.id, o->b, OID_RAW);
	if (git_commit_lookup(&commit, d->git, &id))
		return fail(err, "cannot read a commit");
	if (git_commit_tree(out, commit))
		ret = fail(err, "cannot read a commit's tree");
	git_commit_free(commit);
	return ret;
}

/* A patch on its way into the number: every part with its length in front. */
struct hashing {
	struct sha256 *h;
	uint64_t left; /* bytes that it may still have */
};

static bool put(struct hashing *h, const void *p, size_t n)
{
	unsigned char head[8];
	size_t i;

	if (n + sizeof(head) > h->left)
		return false;
	h->left -= n + sizeof(head);
	for (i = 0; i < sizeof(head); i++)
		head[i] = (unsigned char)((uint64_t)n >> (8 * i));
	sha256_add(h->h, span_of(head, sizeof(head)));
	sha256_add(h->h, span_of(p, n));
	return true;
}

static bool put_number(struct hashing *h, unsigned n)
{
	unsigned char b[4] = {(unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n};

	return put(h, b, sizeof(b));
}

static bool put_head(struct hashing *h, const git_diff_delta *delta)
{
	return put_number(h, (unsigned)delta->status) &&
		put(h, delta->old_file.path, strlen(delta->old_file.path)) &&
		put(h, delta->new_file.path, strlen(delta->new_file.path)) &&
		put_number(h, delta->old_file.mode) &&
		put_number(h, delta->new_file.mode);
}

static bool put_binary(struct hashing *h, const git_diff_delta *delta)
{
	return put(h, "binary", 6) && put(h, delta->old_file.id.id, OID_RAW) &&
		put(h, delta->new_file.id.id, OID_RAW);
}

static int put_lines(
	struct hashing *h, git_patch *patch, bool *fits, struct err *err)
{
	size_t hunks = git_patch_num_hunks(patch), i;

	for (i = 0; i < hunks && *fits; i++) {
		int lines = git_patch_num_lines_in_hunk(patch, i), k;

		*fits = put(h, "hunk", 4);
		for (k = 0; k < lines && *fits; k++) {
			const git_diff_line *line;

			if (git_patch_get_line_in_hunk(
				    &line, patch, i, (size_t)k))
				return fail(err, "cannot read a patch");
			*fits = put(h, &line->origin, 1) &&
				put(h, line->content, line->content_len);
		}
	}
	return 0;
}

static int put_file(struct hashing *h, git_diff *diff, size_t i, bool *fits,
	struct err *err)
{
	const git_diff_delta *delta;
	git_patch *patch = NULL;
	int ret = 0;

	if (git_patch_from_diff(&patch, diff, i))
		return fail(err, "cannot make a patch");
	delta = git_diff_get_delta(diff, i);
	*fits = put_head(h, delta);
	if (*fits && (!patch || (delta->flags & GIT_DIFF_FLAG_BINARY)))
		*fits = put_binary(h, delta);
	else if (*fits)
		ret = put_lines(h, patch, fits, err);
	git_patch_free(patch);
	return ret;
}

static int number(git_diff *diff, struct patch_id *out, struct err *err)
{
	struct hashing h = {sha256_new(), REPODIFF_TEXT_MAX};
	size_t n = git_diff_num_deltas(diff), i;
	bool fits = n <= REPODIFF_FILES_MAX;

	for (i = 0; i < n && fits; i++)
		if (put_file(&h, diff, i, &fits, err)) {
			sha256_free(h.h);
			return -1;
		}
	if (!fits) {
		sha256_free(h.h);
		return 0;
	}
	sha256_end(h.h, out->sha256);
	out->known = true;
	return 0;
}

static int diff_of(struct repodiff *d, const struct oid *from,
	const struct oid *to, git_diff **out, struct err *err)
{
	git_diff_options options;
	git_tree *was = NULL, *is = NULL;
	int ret = -1;

	*out = NULL;
	if (git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION))
		return fail(err, "cannot compare trees");
	options.flags = GIT_DIFF_INDENT_HEURISTIC;
	options.max_size = REPODIFF_FILE_MAX;
	if (tree_of(d, from, &was, err) || tree_of(d, to, &is, err))
		goto out;
	if (git_diff_tree_to_tree(out, d->git, was, is, &options)) {
		fail(err, "cannot compare two trees");
		goto out;
	}
	ret = 0;
out:
	git_tree_free(was);
	git_tree_free(is);
	return ret;
}

int repodiff_patch(struct repodiff *d, const struct commit *commit,
	struct patch_id *out, struct err *err)
{
	git_diff *diff;
	int ret;

	memset(out, 0, sizeof(*out));
	if (commit->nparent != 1)
		return 0;
	if (diff_of(d, &commit->parent[0], &commit->id, &diff, err))
		return -1;
	ret = number(diff, out, err);
	git_diff_free(diff);
	return ret;
}

/* What costs little, looked at first: the same files, with the same modes. */
static bool same_files(git_diff *a, git_diff *b)
{
	size_t n = git_diff_num_deltas(a), i;

	if (!n || n > REPODIFF_FILES_MAX || n != git_diff_num_deltas(b))
		return false;
	for (i = 0; i < n; i++) {
		const git_diff_delta *x = git_diff_get_delta(a, i);
		const git_diff_delta *y = git_diff_get_delta(b, i);

		if (x->status != y->status ||
			x->old_file.mode != y->old_file.mode ||
			x->new_file.mode != y->new_file.mode ||
			strcmp(x->new_file.path, y->new_file.path) != 0)
			return false;
	}
	return true;
}

static bool same_number(const struct patch_id *a, const struct patch_id *b)
{
	return a->known && b->known &&
		!memcmp(a->sha256, b->sha256, sizeof(a->sha256));
}

/* ${file}: of the blobs before and after, then what was there. */
static int same_place(struct repodiff *d, const git_oid *const id[4], bool *out,
	struct err *err)
{
	git_merge_file_input in[3];
	git_merge_file_result merged = {0};
	git_blob *blob[4] = {NULL, NULL, NULL, NULL};
	int ret = -1;
	size_t i;

	*out = false;
	for (i = 0; i < 4; i++)
		if (git_blob_lookup(&blob[i], d->git, id[i])) {
			fail(err, "cannot read a file");
			goto out;
		}
	for (i = 0; i < 3; i++) {
		if (git_merge_file_input_init(
			    &in[i], GIT_MERGE_FILE_INPUT_VERSION)) {
			fail(err, "cannot merge a file");
			goto out;
		}
		in[i].ptr = git_blob_rawcontent(blob[i]);
		in[i].size = (size_t)git_blob_rawsize(blob[i]);
	}
	if (git_merge_file(&merged, &in[0], &in[2], &in[1], NULL)) {
		fail(err, "cannot merge a file");
		goto out;
	}
	*out = merged.automergeable &&
		span_eq(span_of(merged.ptr, merged.len),
			span_of(git_blob_rawcontent(blob[3]),
				(size_t)git_blob_rawsize(blob[3])));
	ret = 0;
out:
	git_merge_file_result_free(&merged);
	for (i = 0; i < 4; i++)
		git_blob_free(blob[i]);
	return ret;
}

/* Files with the same patch: one that was there under the same name before, and
 * is no link to another repository, can have it at two places. */
static int same_result(struct repodiff *d, const git_diff_delta *a,
	const git_diff_delta *b, bool *out, struct err *err)
{
	const git_oid *id[4] = {&a->old_file.id, &a->new_file.id,
		&b->old_file.id, &b->new_file.id};

	*out = a->status == GIT_DELTA_DELETED || git_oid_equal(id[1], id[3]);
	if (*out || a->status != GIT_DELTA_MODIFIED ||
		git_oid_equal(id[0], id[2]) ||
		((a->flags | b->flags) & GIT_DIFF_FLAG_BINARY) ||
		a->new_file.mode == GIT_FILEMODE_COMMIT)
		return 0;
	return same_place(d, id, out, err);
}

int repodiff_equal(struct repodiff *d, const struct repodiff_step *was,
	const struct repodiff_step *is, bool *out, struct err *err)
{
	git_diff *a = NULL, *b = NULL;
	struct patch_id x = {0}, y = {0};
	bool same = false;
	int ret = -1;
	size_t i;

	*out = false;
	if (diff_of(d, &was->from, &was->to, &a, err) ||
		diff_of(d, &is->from, &is->to, &b, err))
		goto out;
	same = same_files(a, b);
	if (same && (number(a, &x, err) || number(b, &y, err)))
		goto out;
	same = same && same_number(&x, &y);
	for (i = 0; same && i < git_diff_num_deltas(a); i++)
		if (same_result(d, git_diff_get_delta(a, i),
			    git_diff_get_delta(b, i), &same, err))
			goto out;
	*out = same;
	ret = 0;
out:
	git_diff_free(a);
	git_diff_free(b);
	return ret;
}

int repodiff_first(struct repodiff *d, const struct repodiff_step *step,
	struct arena *arena, const char **out, struct err *err)
{
	git_diff *diff;

	*out = NULL;
	if (diff_of(d, &step->from, &step->to, &diff, err))
		return -1;
	if (git_diff_num_deltas(diff))
		*out = arena_str(arena,
			span_str(git_diff_get_delta(diff, 0)->new_file.path));
	git_diff_free(diff);
	return 0;
}

int repodiff_base(struct repodiff *d, const struct oid *a, const struct oid *b,
	struct oid *out, bool *one, struct err *err)
{
	git_oidarray bases = {NULL, 0};
	git_oid x, y;
	int status;

	*one = false;
	memcpy(x.id, a->b, OID_RAW);
	memcpy(y.id, b->b, OID_RAW);
	status = git_merge_bases(&bases, d->git, &x, &y);
	if (status && status != GIT_ENOTFOUND)
		return fail(err, "cannot find a merge base");
	if (!status && bases.count == 1) {
		memcpy(out->b, bases.ids[0].id, OID_RAW);
		*one = true;
	}
	git_oidarray_dispose(&bases);
	return 0;
}

/* The merge as the library does it; *${why} where it does not. */
static int merge_again(struct repodiff *d, git_commit *ours, git_commit *theirs,
	git_oid *tree, const char **why, struct err *err)
{
	git_merge_options options;
	git_index *index = NULL;
	git_oid base;
	int ret = -1, status;

	status = git_merge_base(
		&base, d->git, git_commit_id(ours), git_commit_id(theirs));
	if (status == GIT_ENOTFOUND) {
		*why = "its parents have no commit in common";
		return 0;
	}
	if (status ||
		git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION))
		return fail(err, "cannot find a merge base");
	options.flags = GIT_MERGE_FIND_RENAMES;
	options.target_limit = MERGE_RENAMES_MAX;
	options.recursion_limit = MERGE_BASES_MAX;
	status = git_merge_commits(&index, d->git, ours, theirs, &options);
	if (status == GIT_EMERGECONFLICT ||
		(!status && git_index_has_conflicts(index))) {
		*why = "merging its parents gives conflicts";
		ret = 0;
	} else if (status) {
		fail(err, "cannot merge again");
	} else if (git_index_write_tree_to(tree, index, d->git)) {
		fail(err, "cannot make a tree");
	} else {
		ret = 0;
	}
	git_index_free(index);
	return ret;
}

int repodiff_merge(struct repodiff *d, const struct commit *commit,
	enum merge_result *out, const char **why, struct err *err)
{
	git_commit *side[2] = {NULL, NULL};
	git_oid id, tree;
	int ret = -1;
	size_t i;

	*out = MERGE_UNCLEAN;
	*why = NULL;
	if (commit->nparent != 2) {
		*why = "it has not two parents";
		return 0;
	}
	for (i = 0; i < 2; i++) {
		memcpy(id.id, commit->parent[i].b, OID_RAW);
		if (git_commit_lookup(&side[i], d->git, &id)) {
			fail(err, "cannot read a parent commit");
			goto out;
		}
	}
	if (merge_again(d, side[0], side[1], &tree, why, err))
		goto out;
	if (!*why && memcmp(tree.id, commit->tree.b, OID_RAW))
		*why = "merging its parents gives another tree";
	if (!*why)
		*out = MERGE_CLEAN;
	ret = 0;
out:
	git_commit_free(side[0]);
	git_commit_free(side[1]);
	return ret;
}
