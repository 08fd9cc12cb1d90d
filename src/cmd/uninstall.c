/* sluice uninstall: put back the hooks that were there before. */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "cmd/cmd.h"
#include "deploy/hookfile.h"
#include "deploy/repositories.h"

#define ARENA_MAX (64u << 20)

/* Take out what install made, if it is still there. */
static int forget_made(const struct gitdir *g, const char *mark,
	const char *key, struct arena *a, struct err *err)
{
	const char *made, *value;

	if (gitdir_config(g, mark, a, &made, err))
		return -1;
	if (!made)
		return 0;
	if (gitdir_config(g, key, a, &value, err))
		return -1;
	return value ? gitdir_config_set(g, key, NULL, err) : 0;
}

static int forget_config(const struct gitdir *g, const struct hookfile *hook,
	const char *made, const char *options, struct arena *a, struct err *err)
{
	struct buf dir = PATH_BUF_INIT;
	const char *slash = strrchr(hook->path, '/');

	if (options &&
		gitdir_config_set(g, "receive.advertisePushOptions",
			strcmp(options, "unset") ? options : NULL, err))
		return -1;
	if (forget_made(g, "sluice.madeNonceSlop", "receive.certNonceSlop", a,
		    err) ||
		forget_made(g, "sluice.madeNonceSeed", "receive.certNonceSeed",
			a, err))
		return -1;
	if (gitdir_config_forget(g, "sluice", err))
		return -1;
	/* The folder goes if installing made it and it is empty again. */
	if (made && slash) {
		buf_add(&dir, hook->path, (size_t)(slash - hook->path));
		if (rmdir(buf_cstr(&dir)) && errno != ENOTEMPTY &&
			errno != ENOENT)
			fprintf(stderr, "sluice: cannot remove '%s': %s\n",
				buf_cstr(&dir), strerror(errno));
		buf_free(&dir);
	}
	return 0;
}

static int uninstall_one(const struct run *run, const char *path,
	struct arena *a, struct err *err)
{
	struct hookfile f[HOOK_COUNT];
	const char *state, *made, *layout, *options;
	struct gitdir g;
	bool any = false;
	size_t h;

	if (gitdir_open(path, a, &g, err) ||
		gitdir_config(&g, "sluice.state", a, &state, err) ||
		gitdir_config(&g, "sluice.madeHooks", a, &made, err) ||
		gitdir_config(&g, "sluice.pushOptionsWas", a, &options, err) ||
		gitdir_config(&g, "sluice.layout", a, &layout, err))
		return -1;
	for (h = 0; h < HOOK_COUNT; h++) {
		bool gitlab = layout && !strcmp(layout, "gitlab");

		if (hookfile_find(&g, (enum hook)h, gitlab, a, &f[h], err))
			return -1;
		any = any || f[h].state == HOOKFILE_OURS;
	}
	/* All or nothing: look at every hook before one is touched. */
	for (h = 0; h < HOOK_COUNT; h++)
		if (hookfile_removable(&f[h], err))
			return -1;
	for (h = 0; h < HOOK_COUNT; h++)
		if (hookfile_remove(&f[h], err))
			return -1;
	if (forget_config(&g, &f[0], made, options, a, err) ||
		repositories_remove(state ? state : run->state, g.path, err))
		return -1;
	if (!run->quiet)
		printf(any || state ? "%s: no longer gated\n"
				    : "%s: was not gated\n",
			g.path);
	return 0;
}

enum exit_code cmd_uninstall(struct run *run, int argc, char **argv)
{
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	int i, n = options_read(run, NULL, 0, argc, argv, &err);

	if (run->help)
		return cmd_usage("uninstall", "REPO.git…", NULL, 0);
	if (n < 0)
		return cmd_fail(&err);
	if (!n) {
		err_set(&err, ERR_USAGE, "uninstall needs a repository");
		return cmd_fail(&err);
	}
	for (i = 1; i <= n; i++) {
		struct arena *a = arena_new(ARENA_MAX);

		err_clear(&err);
		if (uninstall_one(run, argv[i], a, &err))
			status = cmd_fail(&err);
		arena_free(a);
	}
	return status;
}
