#include "cmd/signtag.h"

#include <unistd.h>

#include "base/proc.h"
#include "deploy/gitdir.h"

#define OUT_MAX (4u << 20)

extern char **environ;

/* Run git here, as the reviewer: signing needs agents and terminals. */
int signtag_git(const char *const *argv, struct span in, struct buf *out,
	int *status, struct err *err)
{
	const struct proc p = {
		.argv = argv,
		.env = (const char *const *)(uintptr_t)environ,
		.in = in,
		.out = out,
	};
	struct proc_end end;

	if (proc_run(&p, &end, err))
		return -1;
	if (end.signal)
		return err_set(err, ERR_REPO, "git %s: signal %d", argv[1],
			end.signal);
	*status = end.status;
	return 0;
}

/* One line of git's output, *${out} NULL when it fails. */
int signtag_line(const char *const *argv, struct arena *a, const char **out,
	struct err *err)
{
	struct buf text = BUF_INIT(OUT_MAX);
	int status, ret = -1;

	*out = NULL;
	if (signtag_git(argv, SPAN_EMPTY, &text, &status, err))
		goto out;
	if (!status)
		*out = arena_str(a, span_trim(buf_all(&text)));
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

int signtag_ref(struct signtag *t, struct err *err)
{
	const char *check[] = {"git", "check-ref-format", NULL, NULL};
	const char *full = t->ref, *line;

	if (!strncmp(full, "heads/", 6) || !strncmp(full, "tags/", 5))
		full = arena_fmt(t->a, "refs/%s", full);
	else if (strncmp(full, "refs/", 5))
		full = arena_fmt(t->a, "refs/heads/%s", full);
	check[2] = full;
	if (signtag_line(check, t->a, &line, err))
		return -1;
	if (!line)
		return err_set(
			err, ERR_USAGE, "'%s' is not a name for a ref", full);
	if (full != t->ref)
		fprintf(stderr, "note: '%s' is taken for %s\n", t->ref, full);
	t->ref = full;
	return 0;
}

int signtag_commit(
	const char *name, struct arena *a, struct oid *out, struct err *err)
{
	const char *argv[] = {"git", "rev-parse", "--verify", "--quiet",
		"--end-of-options", arena_fmt(a, "%s^{commit}", name), NULL};
	const char *line;

	if (signtag_line(argv, a, &line, err))
		return -1;
	if (!line) {
		err_set(err, ERR_USAGE, "there is no commit '%s' here", name);
		return err_hint(err, "'git fetch' may bring it");
	}
	if (!oid_read(span_str(line), out))
		return err_set(err, ERR_REPO,
			"commit '%s' is of an object format that cannot be "
			"judged",
			line);
	return 0;
}

int signtag_clone(struct arena *a, struct err *err)
{
	const char *inside[] = {"git", "rev-parse", "--git-dir", NULL};
	const char *format[] = {
		"git", "rev-parse", "--show-object-format", NULL};
	const char *line;

	if (signtag_line(inside, a, &line, err))
		return -1;
	if (!line)
		return err_set(err, ERR_USAGE, "this folder is in no clone");
	if (signtag_line(format, a, &line, err))
		return -1;
	return !line || !strcmp(line, "sha1")
		? 0
		: err_set(err, ERR_REPO,
			  "this clone is of %s objects, which cannot be judged",
			  line);
}

/* "ssh://git@host/payments/api.git", "host:payments/api": the last two
 * components, as 'sluice install' names repositories when nobody else does. */
static const char *name_of_url(const char *url, struct arena *a)
{
	struct span s = span_str(url);
	size_t i, slashes = 0;

	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	if (span_ends(s, SPAN_LIT(".git")))
		s.n -= 4;
	for (i = s.n; i; i--) {
		if (s.p[i - 1] == ':')
			break;
		if (s.p[i - 1] == '/' && ++slashes == 2)
			break;
	}
	s = span_from(s, i);
	while (s.n && s.p[0] == '/')
		s = span_from(s, 1);
	return arena_str(a, s);
}

int signtag_repository(struct signtag *t, struct err *err)
{
	const char *set[] = {"git", "config", "--get", "sluice.name", NULL};
	const char *remote = t->push ? t->push : "origin";
	const char *url_of[] = {
		"git", "remote", "get-url", "--push", remote, NULL};
	const char *there[] = {
		"git", "config", NULL, "--get", "sluice.name", NULL};
	const char *url;

	if (t->repository)
		return gitdir_name_check(t->repository, err);
	if (signtag_line(set, t->a, &t->repository, err))
		return -1;
	if (t->repository)
		return gitdir_name_check(t->repository, err);
	if (signtag_line(url_of, t->a, &url, err))
		return -1;
	if (!url)
		url = t->push;
	if (!url) {
		err_set(err, ERR_USAGE,
			"which repository? there is no remote 'origin'");
		return err_hint(err,
			"say --repository NAME, the name the "
			"policy has for it");
	}
	there[2] = arena_fmt(t->a, "--file=%s/config", url);
	if (url[0] == '/' && signtag_line(there, t->a, &t->repository, err))
		return -1;
	if (!t->repository) {
		t->repository = name_of_url(url, t->a);
		fprintf(stderr,
			"note: taking '%s' for the repository's name, from its "
			"address; 'git config sluice.name NAME' settles it\n",
			t->repository);
	}
	if (gitdir_name_check(t->repository, err))
		return err_hint(err, "say --repository NAME");
	return 0;
}

/* The tag is made under a name of its own, which goes again: what counts is the
 * object, and where it is pushed. */
int signtag_make(struct signtag *t, const char *what, const char *target,
	struct span text, struct err *err)
{
	const char *name = arena_fmt(
		t->a, "sluice-%s-%.12s-%ld", what, target, (long)getpid());
	const char *full = arena_fmt(t->a, "refs/tags/%s", name);
	const char *sign[] = {"git", "tag", "-s", "--cleanup=verbatim", "-F",
		"-", name, target, NULL};
	const char *read[] = {
		"git", "rev-parse", "--verify", "--quiet", full, NULL};
	const char *drop[] = {"git", "update-ref", "-d", full, NULL};
	const char *line;
	struct oid o;
	int status;

	if (signtag_git(sign, text, NULL, &status, err))
		return -1;
	if (status) {
		err_set(err, ERR_REPO, "git could not sign the %s", what);
		return err_hint(err,
			"'git tag -s' must work here: set user.signingKey, and "
			"gpg.format if the key is an SSH key");
	}
	if (signtag_line(read, t->a, &line, err))
		return -1;
	if (!line || !oid_read(span_str(line), &o))
		return err_set(err, ERR_REPO, "git made no tag '%s'", name);
	oid_hex(&o, t->tag);
	if (signtag_git(drop, SPAN_EMPTY, NULL, &status, err))
		return -1;
	t->to = arena_fmt(
		t->a, "refs/sluice/%ss/%s/%.16s", what, t->id, t->tag);
	return 0;
}

int signtag_push(const struct signtag *t, bool *refused, struct err *err)
{
	const char *spec = arena_fmt(t->a, "%s:%s", t->tag, t->to);
	const char *argv[] = {"git", "push", t->push, spec, NULL};
	int status;

	*refused = false;
	if (signtag_git(argv, SPAN_EMPTY, NULL, &status, err))
		return -1;
	*refused = status == 1;
	if (status > 1)
		return err_set(
			err, ERR_REPO, "git push: exit status %d", status);
	return 0;
}

void signtag_tell(const struct signtag *t, bool pushed)
{
	if (pushed)
		printf("%s\n", t->to);
	else
		printf("git push %s %s:%s\n", t->push ? t->push : "origin",
			t->tag, t->to);
}
