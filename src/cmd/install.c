/* sluice install: wire the hooks of a repository to this program and state,
 * and adopt the history that is there. */
#include <limits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/owner.h"
#include "deploy/adopt.h"
#include "deploy/hookfile.h"
#include "deploy/repositories.h"
#include "port/repo.h"
#include "port/sodium.h"

#define ARENA_MAX (64u << 20)
#define SEED_KEY "receive.certNonceSeed"
#define SEED_LEN 32 /* bytes */
#define SLOP_KEY "receive.certNonceSlop"
#define SLOP_SECONDS "300" /* time to type a passphrase, over http */

struct install {
	const char *name, *root;
	bool gitlab, push_options, push_certificates, adopt;
	const char *program, *state, *policy; /* absolute */
};

static int absolute(
	const char *path, struct arena *a, const char **out, struct err *err)
{
	char full[PATH_MAX];
	const char *c;

	if (!realpath(path, full))
		return err_sys(err, "'%s'", path);
	for (c = full; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, ERR_USAGE,
				"'%s' has control characters in its path",
				full);
	*out = arena_str(a, span_str(full));
	return 0;
}

static int check_hooks_folder(const struct gitdir *g, struct err *err)
{
	if (!g->hooks_outside)
		return 0;
	err_set(err, ERR_REPO,
		"hooks of '%s' never run: core.hooksPath in '%s' says '%s'",
		g->path, g->hooks_outside, g->hooks);
	return err_hint(err,
		"give the repository its own: git --git-dir=%s config "
		"core.hooksPath hooks",
		g->path);
}

/* Hooks that find things by their own name meet another one now. */
static void warn_of_name(const struct hookfile *f)
{
	struct buf text = BUF_INIT(1u << 20);
	struct err ignored = ERR_INIT;
	struct span s;

	if (io_read_file(f->previous, &text, &ignored))
		goto out;
	s = buf_all(&text);
	if (!span_starts(s, SPAN_LIT("#!")))
		goto out;
	if (span_search(s, SPAN_LIT("$0")) != SIZE_MAX ||
		span_search(s, SPAN_LIT("BASH_SOURCE")) != SIZE_MAX ||
		span_search(s, SPAN_LIT("__file__")) != SIZE_MAX)
		fprintf(stderr,
			"sluice: note: the previous hook looks at its own "
			"name, which is now '%s'\n",
			f->previous);
out:
	buf_free(&text);
}

static bool same_line(const struct hook_line *a, const struct hook_line *b)
{
	if (strcmp(a->program, b->program) || strcmp(a->state, b->state))
		return false;
	if (!a->policy || !b->policy)
		return a->policy == b->policy;
	return !strcmp(a->policy, b->policy);
}

static int place_hooks(const struct install *in, const struct gitdir *g,
	bool quiet, struct arena *a, bool *placed, struct err *err)
{
	const struct hook_line line = {
		.program = in->program,
		.state = in->state,
		.policy = in->policy,
	};
	size_t h;

	*placed = false;
	for (h = 0; h < HOOK_COUNT; h++) {
		struct hookfile f;
		bool made;

		if (hookfile_find(g, (enum hook)h, in->gitlab, a, &f, err))
			return -1;
		if (f.state == HOOKFILE_OURS && f.executable &&
			same_line(&f.line, &line))
			continue;
		if (hookfile_place(&f, &line, a, &made, err))
			return -1;
		*placed = true;
		if (made &&
			gitdir_config_set(g, "sluice.madeHooks", "true", err))
			return -1;
		if (f.state != HOOKFILE_FOREIGN)
			continue;
		if (!quiet)
			printf("%s: the previous %s hook is kept as '%s'%s\n",
				g->path, hook_name(f.hook), f.previous,
				f.executable ? " and runs after the gate"
					     : "; it is not executable, so it "
					       "does not run");
		warn_of_name(&f);
	}
	return 0;
}

static int decide_name(const struct install *in, const struct gitdir *g,
	struct arena *a, const char **out, struct err *err)
{
	const char *was;

	if (gitdir_config(g, "sluice.name", a, &was, err))
		return -1;
	*out = in->name ? in->name : was;
	if (!*out && gitdir_name(g, in->root, a, out, err))
		return -1;
	return gitdir_name_check(*out, err);
}

/* What it said before is kept for uninstall; "unset" when nothing. */
static int take_push_options(
	const struct gitdir *g, struct arena *a, struct err *err)
{
	static const char key[] = "receive.advertisePushOptions";
	const char *was;

	if (gitdir_config(g, key, a, &was, err))
		return -1;
	if (was && !strcmp(was, "true"))
		return 0;
	if (gitdir_config_set(
		    g, "sluice.pushOptionsWas", was ? was : "unset", err) ||
		gitdir_config_set(g, key, "true", err))
		return -1;
	return 0;
}

/* Each repository has a seed of its own: over http git computes nonces from
 * the seed and the time alone, so that with one for all a certificate would be
 * fresh everywhere. What is there stays; what is made here is noted before, for
 * uninstall. */
static int take_push_certificates(
	const struct gitdir *g, struct arena *a, struct err *err)
{
	unsigned char raw[SEED_LEN];
	struct buf seed = BUF_INIT(2 * SEED_LEN + 1);
	const char *was;
	int ret = -1;

	if (gitdir_config(g, SEED_KEY, a, &was, err))
		goto out;
	if (!was) {
		random_bytes(raw, sizeof(raw));
		text_hex(&seed, span_of(raw, sizeof(raw)));
		if (gitdir_config_set(g, "sluice.madeNonceSeed", "true", err) ||
			gitdir_config_secret(g, "receive", "certNonceSeed",
				buf_cstr(&seed), err))
			goto out;
	}
	if (gitdir_config(g, SLOP_KEY, a, &was, err))
		goto out;
	if (!was &&
		(gitdir_config_set(g, "sluice.madeNonceSlop", "true", err) ||
			gitdir_config_set(g, SLOP_KEY, SLOP_SECONDS, err)))
		goto out;
	ret = 0;
out:
	explicit_bzero(raw, sizeof(raw));
	buf_wipe(&seed);
	return ret;
}

static int settle_config(const struct install *in, const struct gitdir *g,
	const char *name, struct arena *a, struct err *err)
{
	if (gitdir_config_set(g, "sluice.name", name, err) ||
		gitdir_config_set(g, "sluice.state", in->state, err))
		return -1;
	if (in->gitlab && gitdir_config_set(g, "sluice.layout", "gitlab", err))
		return -1;
	if (in->push_options && take_push_options(g, a, err))
		return -1;
	if (in->push_certificates && take_push_certificates(g, a, err))
		return -1;
	return 0;
}

/* Hooks first: a push that meets a hook without adopted history is judged too
 * strictly, one that comes before the hook is not judged at all. */
static int adopt_history(const struct install *in, const struct gitdir *g,
	const char *name, bool quiet, struct arena *a, bool *did,
	struct err *err)
{
	struct adopted done;
	const char *was;

	*did = false;
	if (gitdir_config(g, "sluice.adopted", a, &was, err))
		return -1;
	if (was && !in->adopt)
		return 0;
	if (adopt(g->path, name, in->state, &done, err))
		return err_in(err, "cannot adopt the history of '%s'", g->path);
	if (gitdir_config_set(g, "sluice.adopted",
		    arena_fmt(a, "%llu", (unsigned long long)done.entry), err))
		return -1;
	*did = true;
	if (!quiet)
		printf("%s: adopted %zu ref%s and %zu commit%s (evidence: "
		       "%llu)\n",
			g->path, done.refs, done.refs == 1 ? "" : "s",
			done.commits, done.commits == 1 ? "" : "s",
			(unsigned long long)done.entry);
	return 0;
}

/* A gate that cannot read the repository would refuse every push. */
static int check_readable(const struct gitdir *g, struct err *err)
{
	struct repo *r;

	if (!repo_open(g->path, NULL, &r, err)) {
		repo_close(r);
		return 0;
	}
	return err_hint(
		err, "such a repository cannot be gated; nothing was changed");
}

static int install_one(const struct install *all, const char *path, bool quiet,
	struct arena *a, struct err *err)
{
	struct install one = *all, *in = &one;
	struct gitdir g;
	const char *name, *state, *layout;
	bool placed, did;

	if (gitdir_open(path, a, &g, err))
		return -1;
	if (access(g.path, W_OK))
		return err_sys(err, "cannot write to '%s'", g.path);
	if (check_readable(&g, err) || check_hooks_folder(&g, err) ||
		decide_name(in, &g, a, &name, err) ||
		gitdir_config(&g, "sluice.layout", a, &layout, err) ||
		gitdir_config(&g, "sluice.state", a, &state, err))
		return -1;
	one.gitlab = one.gitlab || (layout && !strcmp(layout, "gitlab"));
	if (state && strcmp(state, in->state)) {
		err_set(err, ERR_REPO, "'%s' is gated by the state folder '%s'",
			g.path, state);
		return err_hint(err, "'sluice uninstall' it first");
	}
	if (repositories_add(in->state, name, g.path, err) ||
		settle_config(in, &g, name, a, err) ||
		place_hooks(in, &g, quiet, a, &placed, err) ||
		adopt_history(in, &g, name, quiet, a, &did, err))
		return -1;
	if (!quiet)
		printf("%s: %s as '%s'\n", g.path,
			placed || did ? "gated" : "already gated", name);
	return 0;
}

enum exit_code cmd_install(struct run *run, int argc, char **argv)
{
	struct install in = {0};
	const struct option_def defs[] = {
		{"--name", OPTION_TEXT, &in.name,
			"what the policy calls the repository"},
		{"--root", OPTION_TEXT, &in.root,
			"name repositories by their path below this folder"},
		{"--gitlab", OPTION_FLAG, &in.gitlab,
			"use the folder custom_hooks, as GitLab does"},
		{"--push-options", OPTION_FLAG, &in.push_options,
			"let the repository take push options"},
		{"--push-certificates", OPTION_FLAG, &in.push_certificates,
			"let the repository ask for signed pushes"},
		{"--adopt", OPTION_FLAG, &in.adopt,
			"adopt what is there now, even if done before"},
	};
	struct arena *a = arena_new(ARENA_MAX), *one;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	int i, n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	if (run->help) {
		status = cmd_usage("install", "[OPTION…] REPO.git…", defs,
			ARRAY_LEN(defs));
		goto out;
	}
	if (n == 0)
		n = err_set(&err, ERR_USAGE, "install needs a repository");
	else if (n > 1 && in.name)
		n = err_set(&err, ERR_USAGE,
			"--name goes with one repository, not %d", n);
	/* What root wrote into the state folder the hook could not write. */
	if (n < 0 || absolute(run->program, a, &in.program, &err) ||
		owner_become(run->state, run->quiet, &err) ||
		absolute(run->state, a, &in.state, &err) ||
		(run->policy && absolute(run->policy, a, &in.policy, &err))) {
		status = cmd_fail(&err);
		goto out;
	}
	for (i = 1; i <= n; i++) {
		one = arena_new(ARENA_MAX);
		err_clear(&err);
		if (install_one(&in, argv[i], run->quiet, one, &err))
			status = cmd_fail(&err);
		arena_free(one);
	}
out:
	arena_free(a);
	return status;
}
