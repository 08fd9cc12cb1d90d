/* sluice approve: a reviewer signs, in a clone, that a commit may go to a ref.
 * The approval is a tag made by git with the reviewer's own signing setup. */
#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "deploy/gitdir.h"
#include "model/oid.h"
#include "parse/doc.h"

#define OUT_MAX (4u << 20)
#define ARENA_MAX (32u << 20)
#define LINES_MAX 30

extern char **environ;

struct approve {
	const char *commit, *ref, *repository, *push, *message;
	struct arena *a;
	char id[OID_HEX + 1];  /* of the commit */
	char tag[OID_HEX + 1]; /* of the approval */
	const char *to;        /* ref to push it to */
};

/* Run git here, as the reviewer: signing needs agents and terminals. */
static int git(const char *const *argv, struct span in, struct buf *out,
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
static int line_of(const char *const *argv, struct arena *a, const char **out,
	struct err *err)
{
	struct buf text = BUF_INIT(OUT_MAX);
	int status, ret = -1;

	*out = NULL;
	if (git(argv, SPAN_EMPTY, &text, &status, err))
		goto out;
	if (!status)
		*out = arena_str(a, span_trim(buf_all(&text)));
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static int find_commit(struct approve *ap, struct err *err)
{
	const char *argv[] = {"git", "rev-parse", "--verify", "--quiet",
		"--end-of-options", arena_fmt(ap->a, "%s^{commit}", ap->commit),
		NULL};
	const char *inside[] = {"git", "rev-parse", "--git-dir", NULL};
	const char *line;
	struct oid o;

	if (line_of(inside, ap->a, &line, err))
		return -1;
	if (!line)
		return err_set(err, ERR_USAGE,
			"approvals are made in a clone; this folder is none");
	if (line_of(argv, ap->a, &line, err))
		return -1;
	if (!line) {
		err_set(err, ERR_USAGE, "there is no commit '%s' here",
			ap->commit);
		return err_hint(err, "'git fetch' may bring it");
	}
	if (!oid_read(span_str(line), &o))
		return err_set(err, ERR_REPO,
			"commit '%s' is of an object format that cannot be "
			"judged",
			line);
	oid_hex(&o, ap->id);
	return 0;
}

static int complete_ref(struct approve *ap, struct err *err)
{
	const char *check[] = {"git", "check-ref-format", NULL, NULL};
	const char *full = ap->ref, *line;

	if (!strncmp(full, "heads/", 6) || !strncmp(full, "tags/", 5))
		full = arena_fmt(ap->a, "refs/%s", full);
	else if (strncmp(full, "refs/", 5))
		full = arena_fmt(ap->a, "refs/heads/%s", full);
	check[2] = full;
	if (line_of(check, ap->a, &line, err))
		return -1;
	if (!line)
		return err_set(
			err, ERR_USAGE, "'%s' is not a name for a ref", full);
	if (full != ap->ref)
		fprintf(stderr, "note: '%s' is taken for %s\n", ap->ref, full);
	ap->ref = full;
	return 0;
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

static int find_repository(struct approve *ap, struct err *err)
{
	const char *set[] = {"git", "config", "--get", "sluice.name", NULL};
	const char *remote = ap->push ? ap->push : "origin";
	const char *url_of[] = {
		"git", "remote", "get-url", "--push", remote, NULL};
	const char *there[] = {
		"git", "config", NULL, "--get", "sluice.name", NULL};
	const char *url;

	if (ap->repository)
		return gitdir_name_check(ap->repository, err);
	if (line_of(set, ap->a, &ap->repository, err))
		return -1;
	if (ap->repository)
		return gitdir_name_check(ap->repository, err);
	if (line_of(url_of, ap->a, &url, err))
		return -1;
	if (!url)
		url = ap->push;
	if (!url) {
		err_set(err, ERR_USAGE,
			"which repository? there is no remote 'origin'");
		return err_hint(err,
			"say --repository NAME, the name the "
			"policy has for it");
	}
	there[2] = arena_fmt(ap->a, "--file=%s/config", url);
	if (url[0] == '/' && line_of(there, ap->a, &ap->repository, err))
		return -1;
	if (!ap->repository) {
		ap->repository = name_of_url(url, ap->a);
		fprintf(stderr,
			"note: taking '%s' for the repository's name, from its "
			"address; 'git config sluice.name NAME' settles it\n",
			ap->repository);
	}
	if (gitdir_name_check(ap->repository, err))
		return err_hint(err, "say --repository NAME");
	return 0;
}

/* Text from commits on the reviewer's terminal: made harmless first. */
static void show_lines(struct span text)
{
	struct buf shown = BUF_INIT(8192);
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line, NULL)) {
		if (++n > LINES_MAX) {
			fprintf(stderr, "  …\n");
			break;
		}
		buf_reset(&shown);
		text_printable(&shown, line, 1000);
		fprintf(stderr, "  %s\n", shown.n ? buf_cstr(&shown) : "");
	}
	buf_free(&shown);
}

static int show_git(const char *const *argv, struct err *err)
{
	struct buf text = BUF_INIT(OUT_MAX);
	int status, ret = git(argv, SPAN_EMPTY, &text, &status, err);

	if (!ret && !status)
		show_lines(buf_all(&text));
	buf_free(&text);
	return ret;
}

/* What the reviewer is about to sign. */
static int show(struct approve *ap, struct err *err)
{
	const char *what[] = {"git", "log", "-1", "--no-show-signature",
		"--no-color", "--format=commit %H%nauthor %an <%ae>%n%s",
		ap->id, "--", NULL};
	const char *tip = arena_fmt(ap->a, "refs/remotes/%s/%s",
		ap->push ? ap->push : "origin",
		strncmp(ap->ref, "refs/heads/", 11) ? "" : ap->ref + 11);
	const char *known[] = {
		"git", "rev-parse", "--verify", "--quiet", tip, NULL};
	const char *range = arena_fmt(ap->a, "%s..%s", tip, ap->id);
	const char *list[] = {"git", "log", "--no-show-signature", "--no-color",
		"--format=%h %an <%ae> %s", range, "--", NULL};
	const char *stat[] = {"git", "diff", "--stat", "--no-color",
		"--no-ext-diff", arena_fmt(ap->a, "%s...%s", tip, ap->id), "--",
		NULL};
	const char *stat_one[] = {"git", "show", "--stat", "--no-color",
		"--no-ext-diff", "--no-show-signature", "--format=", ap->id,
		"--", NULL};
	const char *author[] = {
		"git", "log", "-1", "--format=%ae", ap->id, "--", NULL};
	const char *mine[] = {"git", "config", "--get", "user.email", NULL};
	const char *line, *me;

	fprintf(stderr, "approving for %s of '%s':\n", ap->ref, ap->repository);
	if (show_git(what, err) || line_of(known, ap->a, &line, err))
		return -1;
	if (line) {
		fprintf(stderr, "commits since %s:\n", tip);
		if (show_git(list, err) || show_git(stat, err))
			return -1;
	} else if (show_git(stat_one, err)) {
		return -1;
	}
	if (line_of(author, ap->a, &line, err) ||
		line_of(mine, ap->a, &me, err))
		return -1;
	if (line && me && text_same(span_str(line), span_str(me)))
		fprintf(stderr,
			"note: you are its author; your approval "
			"counts only where the policy lets authors "
			"approve\n");
	return 0;
}

/* The tag is made under a name of its own, which goes again: what counts is the
 * object, and where it is pushed. */
static int make_tag(struct approve *ap, struct err *err)
{
	const char *name = arena_fmt(
		ap->a, "sluice-approval-%.12s-%ld", ap->id, (long)getpid());
	const char *full = arena_fmt(ap->a, "refs/tags/%s", name);
	const char *sign[] = {"git", "tag", "-s", "--cleanup=verbatim", "-F",
		"-", name, ap->id, NULL};
	const char *read[] = {
		"git", "rev-parse", "--verify", "--quiet", full, NULL};
	const char *drop[] = {"git", "update-ref", "-d", full, NULL};
	const char *text = arena_fmt(ap->a,
		"approve %.12s for %s\n\n%s%sSluice: approval\nRepository: "
		"%s\nFor: %s\n",
		ap->id, ap->ref, ap->message ? ap->message : "",
		ap->message ? "\n\n" : "", ap->repository, ap->ref);
	const char *line;
	struct oid o;
	int status;

	if (git(sign, span_str(text), NULL, &status, err))
		return -1;
	if (status) {
		err_set(err, ERR_REPO, "git could not sign the approval");
		return err_hint(err,
			"'git tag -s' must work here: set user.signingKey, and "
			"gpg.format if the key is an SSH key");
	}
	if (line_of(read, ap->a, &line, err))
		return -1;
	if (!line || !oid_read(span_str(line), &o))
		return err_set(err, ERR_REPO, "git made no tag '%s'", name);
	oid_hex(&o, ap->tag);
	if (git(drop, SPAN_EMPTY, NULL, &status, err))
		return -1;
	ap->to = arena_fmt(
		ap->a, "refs/sluice/approvals/%s/%.16s", ap->id, ap->tag);
	return 0;
}

static int push(struct approve *ap, bool *refused, struct err *err)
{
	const char *spec = arena_fmt(ap->a, "%s:%s", ap->tag, ap->to);
	const char *argv[] = {"git", "push", ap->push, spec, NULL};
	int status;

	if (git(argv, SPAN_EMPTY, NULL, &status, err))
		return -1;
	*refused = status == 1;
	if (status > 1)
		return err_set(
			err, ERR_REPO, "git push: exit status %d", status);
	return 0;
}

static void tell(const struct approve *ap, const struct run *run, bool pushed)
{
	struct buf text = BUF_INIT(65536);
	struct doc *j;

	if (run->json) {
		j = doc_object();
		doc_set(j, "commit", doc_of_str(ap->id));
		doc_set(j, "repository", doc_of_str(ap->repository));
		doc_set(j, "for", doc_of_str(ap->ref));
		doc_set(j, "approval", doc_of_str(ap->tag));
		doc_set(j, "ref", doc_of_str(ap->to));
		doc_set(j, "pushed", doc_of_bool(pushed));
		doc_pretty(j, &text);
		doc_free(j);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
		return;
	}
	if (pushed)
		printf("%s\n", ap->to);
	else
		printf("git push %s %s:%s\n", ap->push ? ap->push : "origin",
			ap->tag, ap->to);
}

enum exit_code cmd_approve(struct run *run, int argc, char **argv)
{
	struct approve ap = {0};
	const struct option_def defs[] = {
		{"--for", OPTION_TEXT, &ap.ref, "the ref it may go to"},
		{"--repository", OPTION_TEXT, &ap.repository,
			"what the policy calls the repository"},
		{"--push", OPTION_TEXT, &ap.push, "push it to this remote"},
		{"--message", OPTION_TEXT, &ap.message, "why, for the record"},
	};
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	bool refused = false;
	int n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	ap.a = arena_new(ARENA_MAX);
	if (run->help) {
		status = cmd_usage("approve", "COMMIT --for REF [OPTION…]",
			defs, ARRAY_LEN(defs));
		goto out;
	}
	if (n >= 0 && n != 1)
		n = err_set(&err, ERR_USAGE, "approve needs one commit");
	else if (n == 1 && !ap.ref)
		n = err_set(&err, ERR_USAGE, "approve needs --for REF");
	if (n < 0)
		goto fail;
	ap.commit = argv[1];
	if (find_commit(&ap, &err) || complete_ref(&ap, &err) ||
		find_repository(&ap, &err))
		goto fail;
	if (!run->quiet && show(&ap, &err))
		goto fail;
	if (make_tag(&ap, &err))
		goto fail;
	if (ap.push && push(&ap, &refused, &err))
		goto fail;
	if (refused)
		status = EXIT_NO;
	else
		tell(&ap, run, ap.push != NULL);
	goto out;
fail:
	status = cmd_fail(&err);
out:
	arena_free(ap.a);
	return status;
}
