#include "cmd/inforce.h"

#include "base/io.h"
#include "cmd/policyname.h"
#include "deploy/repositories.h"

static int open_repository(struct inforce *f, const struct run *run,
	struct arena *arena, struct err *err)
{
	struct gated_repository *v;
	size_t n, i;

	if (repositories_read(run->state, arena, &v, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (!strcmp(v[i].name, f->root->repository))
			return repo_open(v[i].path, NULL, &f->repo, err);
	err_set(err, ERR_POLICY,
		"the repository of the policy, '%s', is not gated",
		f->root->repository);
	return err_hint(err, "sluice install --name %s <repository>",
		f->root->repository);
}

int inforce_open(struct inforce *f, const struct run *run, struct arena *arena,
	struct err *err)
{
	struct buf root = PATH_BUF_INIT;
	const char *path;
	int ret = -1;

	*f = (struct inforce){.path = PATH_BUF_INIT};
	io_join(&root, run->state, ROOT_FILE);
	path = run_policy_path(run, &f->path);
	f->source = policysource_trusted(path);
	if (buf_check(&root, "path", err) ||
		policyroot_load(buf_cstr(&root), arena, &f->root, err))
		goto out;
	if (!f->root) {
		ret = policy_load(path, arena, &f->policy, err);
		goto out;
	}
	if (open_repository(f, run, arena, err))
		goto out;
	if (!repo_ref_value(f->repo, POLICY_REF, &f->at)) {
		ret = policy_load(path, arena, &f->policy, err);
		goto out;
	}
	f->tree = (struct policy_tree){f->repo, f->at,
		arena_fmt(arena, POLICY_REF " of '%s'", f->root->repository)};
	f->source = policysource_tree(&f->tree);
	ret = policy_load_from(&f->source, arena, &f->policy, err);
out:
	buf_free(&root);
	return ret;
}

int inforce_or_named(struct inforce *f, const struct run *run,
	struct arena *arena, struct err *err)
{
	if (!run->policy)
		return inforce_open(f, run, arena, err);
	*f = (struct inforce){.path = PATH_BUF_INIT,
		.source = policysource_trusted(run->policy)};
	return policy_load(run->policy, arena, &f->policy, err);
}

int inforce_confirm(struct inforce *f, struct push *push, struct err *err)
{
	struct oid at;

	if (!f->root != !push->policy_of ||
		(f->root && strcmp(f->root->repository, push->policy_of)))
		return err_set(
			err, ERR_POLICY, "the root was changed in this moment");
	if (!f->root)
		return 0;
	if (policyroot_tip(
		    f->repo, push->policy_tip, push->npolicy_tip, &at, err))
		return err_in(err, "the policy");
	if (!oid_eq(&at, &f->at))
		return err_set(err, ERR_POLICY,
			"the policy was changed in this moment");
	push->policy = at;
	return 0;
}

void inforce_close(struct inforce *f)
{
	repo_close(f->repo);
	f->repo = NULL;
	buf_free(&f->path);
}
