/* sluice approve: a reviewer signs, in a clone, that a commit may go to a ref,
 * that it must not, or that what they signed before is void. What is made is a
 * tag, by git with the reviewer's own signing setup. */
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/signtag.h"
#include "gather/gather.h"
#include "parse/doc.h"
#include "parse/policytext.h"

#define OUT_MAX (4u << 20)
#define ARENA_MAX (256u << 20)
#define LINES_MAX 30

struct approve {
	struct signtag t;
	const char *commit, *message, *withdraw;
	bool object, yes;
};

/* What is signed, in the words of its message. */
static const char *kind(const struct approve *ap)
{
	return ap->withdraw  ? "withdrawal"
		: ap->object ? "objection"
			     : "approval";
}

static const char *verb(const struct approve *ap)
{
	return ap->withdraw  ? "withdraw for"
		: ap->object ? "object to"
			     : "approve";
}

/* Text from commits on the reviewer's terminal: made harmless first. */
static void show_lines(struct span text)
{
	struct buf shown = BUF_INIT(8192);
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line, NULL)) {
		if (!span_trim(line).n || ++n > LINES_MAX)
			continue;
		buf_reset(&shown);
		text_printable(&shown, line, 1000);
		fprintf(stderr, "  %s\n", shown.n ? buf_cstr(&shown) : "");
	}
	if (n > LINES_MAX)
		fprintf(stderr, "  … and %zu more lines\n", n - LINES_MAX);
	buf_free(&shown);
}

static int show_git(const char *const *argv, struct err *err)
{
	struct buf text = BUF_INIT(OUT_MAX);
	int status, ret = signtag_git(argv, SPAN_EMPTY, &text, &status, err);

	if (!ret && !status)
		show_lines(buf_all(&text));
	buf_free(&text);
	return ret;
}

/* The ref is new, or was not fetched: what the commit may bring there beside
 * itself is what no remote has. */
static int show_unknown(const struct approve *ap, struct err *err)
{
	const char *count[] = {"git", "rev-list", "--count", ap->t.id, "--not",
		"--remotes", "--", NULL};
	const char *list[] = {"git", "log", "--stat", "--no-color",
		"--no-ext-diff", "--no-show-signature",
		"--format=%h %an <%ae> %s",
		arena_fmt(ap->t.a, "--max-count=%d", LINES_MAX), ap->t.id,
		"--not", "--remotes", "--", NULL};
	const char *one[] = {"git", "show", "--stat", "--no-color",
		"--no-ext-diff", "--no-show-signature", "--format=", ap->t.id,
		"--", NULL};
	const char *n;

	if (signtag_line(count, ap->t.a, &n, err))
		return -1;
	if (!n || !strcmp(n, "0"))
		return show_git(one, err);
	fprintf(stderr,
		"%s is not known here; commits that no remote has: %s\n",
		ap->t.ref, n);
	return show_git(list, err);
}

/* What the reviewer is about to sign. */
static int show(struct approve *ap, struct err *err)
{
	const char *what[] = {"git", "log", "-1", "--no-show-signature",
		"--no-color", "--format=commit %H%nauthor %an <%ae>%n%s",
		ap->t.id, "--", NULL};
	const char *tip = arena_fmt(ap->t.a, "refs/remotes/%s/%s",
		ap->t.push ? ap->t.push : "origin",
		strncmp(ap->t.ref, "refs/heads/", 11) ? "" : ap->t.ref + 11);
	const char *known[] = {
		"git", "rev-parse", "--verify", "--quiet", tip, NULL};
	const char *range = arena_fmt(ap->t.a, "%s..%s", tip, ap->t.id);
	const char *list[] = {"git", "log", "--no-show-signature", "--no-color",
		"--format=%h %an <%ae> %s", range, "--", NULL};
	const char *stat[] = {"git", "diff", "--stat", "--no-color",
		"--no-ext-diff", arena_fmt(ap->t.a, "%s...%s", tip, ap->t.id),
		"--", NULL};
	const char *author[] = {
		"git", "log", "-1", "--format=%ae", ap->t.id, "--", NULL};
	const char *mine[] = {"git", "config", "--get", "user.email", NULL};
	const char *line, *me;

	fprintf(stderr, "%s for %s of '%s':\n", kind(ap), ap->t.ref,
		ap->t.repository);
	if (show_git(what, err) || signtag_line(known, ap->t.a, &line, err))
		return -1;
	if (line) {
		fprintf(stderr, "commits since %s:\n", tip);
		if (show_git(list, err) || show_git(stat, err))
			return -1;
	} else if (show_unknown(ap, err)) {
		return -1;
	}
	if (signtag_line(author, ap->t.a, &line, err) ||
		signtag_line(mine, ap->t.a, &me, err))
		return -1;
	if (line && me && text_same(span_str(line), span_str(me)))
		fprintf(stderr,
			"note: you are its author; your approval "
			"counts only where the policy lets authors "
			"approve\n");
	return 0;
}

/* What the policy asks of the ref, where it is at hand: on a clone it mostly is
 * not, and a reviewer can approve without. */
static void show_policy(struct approve *ap, const struct run *run)
{
	struct buf path = BUF_INIT(65536), text = BUF_INIT(OUT_MAX);
	struct policy *policy;
	struct rules rules, only = {0};
	struct err err = ERR_INIT;

	if (policy_load(run_policy_path(run, &path), ap->t.a, &policy, &err) ||
		!policy_rules(policy, span_str(ap->t.repository),
			span_str(ap->t.ref), &rules) ||
		!rules.approval)
		goto out;
	only.approval = rules.approval;
	only.at_approval = rules.at_approval;
	policy_explain(
		policy, &only, ap->t.repository, ap->t.ref, ap->t.a, &text);
	show_lines(buf_all(&text));
out:
	buf_free(&path);
	buf_free(&text);
}

/* On a terminal, and only there, nothing is signed before the reviewer says so.
 */
static int confirm(const struct approve *ap, bool *go, struct err *err)
{
	char answer[16] = "";

	*go = true;
	if (ap->yes || !isatty(0) || !isatty(2))
		return 0;
	fprintf(stderr, "sign this %s as %s? [y/N] ", kind(ap), ap->t.id);
	if (!fgets(answer, sizeof(answer), stdin) && ferror(stdin))
		return err_sys(err, "cannot read the answer");
	*go = !strcmp(answer, "y\n") || !strcmp(answer, "yes\n");
	return 0;
}

/* A tag by its name here, by its object, or by the ref it was pushed to. */
static int find_withdrawn(struct approve *ap, struct err *err)
{
	const char *argv[] = {"git", "rev-parse", "--verify", "--quiet",
		"--end-of-options", ap->withdraw, NULL};
	const char *line;
	struct oid o;

	if (oid_read(span_str(ap->withdraw), &o))
		return 0;
	if (signtag_line(argv, ap->t.a, &line, err))
		return -1;
	if (!line || !oid_read(span_str(line), &o)) {
		err_set(err, ERR_USAGE, "there is no tag '%s' here",
			ap->withdraw);
		return err_hint(err,
			"name the object, 40 digits, that 'sluice approve' "
			"printed in the push, or git ls-remote shows");
	}
	ap->withdraw = line;
	return 0;
}

static int make_tag(struct approve *ap, struct err *err)
{
	const char *text = arena_fmt(ap->t.a,
		"%s %.12s for %s\n\n%s%sSluice: %s\nRepository: "
		"%s\nFor: %s\n%s%s%s",
		verb(ap), ap->t.id, ap->t.ref, ap->message ? ap->message : "",
		ap->message ? "\n\n" : "", kind(ap), ap->t.repository,
		ap->t.ref, ap->withdraw ? "Withdraws: " : "",
		ap->withdraw ? ap->withdraw : "", ap->withdraw ? "\n" : "");

	return signtag_make(&ap->t, "approval", ap->t.id, span_str(text), err);
}

static void tell(const struct approve *ap, const struct run *run, bool pushed)
{
	struct buf text = BUF_INIT(65536);
	struct doc *j;

	if (run->json) {
		j = doc_object();
		doc_set(j, "commit", doc_of_str(ap->t.id));
		doc_set(j, "repository", doc_of_str(ap->t.repository));
		doc_set(j, "for", doc_of_str(ap->t.ref));
		doc_set(j, kind(ap), doc_of_str(ap->t.tag));
		doc_set(j, "ref", doc_of_str(ap->t.to));
		doc_set(j, "pushed", doc_of_bool(pushed));
		doc_pretty(j, &text);
		doc_free(j);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
		return;
	}
	signtag_tell(&ap->t, pushed);
}

enum exit_code cmd_approve(struct run *run, int argc, char **argv)
{
	struct approve ap = {0};
	const struct option_def defs[] = {
		{"--for", OPTION_TEXT, &ap.t.ref, "the ref it may go to"},
		{"--repository", OPTION_TEXT, &ap.t.repository,
			"what the policy calls the repository"},
		{"--push", OPTION_TEXT, &ap.t.push, "push it to this remote"},
		{"--message", OPTION_TEXT, &ap.message, "why, for the record"},
		{"--object", OPTION_FLAG, &ap.object,
			"sign that it must not go there"},
		{"--withdraw", OPTION_TEXT, &ap.withdraw,
			"take back this approval or objection of yours"},
		{"--yes", OPTION_FLAG, &ap.yes, "do not ask before signing"},
	};
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	bool refused = false, go;
	struct oid commit;
	int n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	ap.t.a = arena_new(ARENA_MAX);
	if (run->help) {
		status = cmd_usage("approve", "COMMIT --for REF [OPTION…]",
			defs, ARRAY_LEN(defs));
		goto out;
	}
	if (n >= 0 && n != 1)
		n = err_set(&err, ERR_USAGE, "approve needs one commit");
	else if (n == 1 && !ap.t.ref)
		n = err_set(&err, ERR_USAGE, "approve needs --for REF");
	else if (n == 1 && ap.object && ap.withdraw)
		n = err_set(&err, ERR_USAGE,
			"one can object or withdraw, not both at once");
	if (n < 0)
		goto fail;
	ap.commit = argv[1];
	if (signtag_clone(ap.t.a, &err) ||
		signtag_commit(ap.commit, ap.t.a, &commit, &err) ||
		signtag_ref(&ap.t, &err) || signtag_repository(&ap.t, &err) ||
		(ap.withdraw && find_withdrawn(&ap, &err)))
		goto fail;
	oid_hex(&commit, ap.t.id);
	if (!run->quiet && show(&ap, &err))
		goto fail;
	if (!run->quiet)
		show_policy(&ap, run);
	if (confirm(&ap, &go, &err))
		goto fail;
	if (!go) {
		fprintf(stderr, "nothing was signed\n");
		status = EXIT_NO;
		goto out;
	}
	if (make_tag(&ap, &err))
		goto fail;
	if (ap.t.push && signtag_push(&ap.t, &refused, &err))
		goto fail;
	if (refused)
		status = EXIT_NO;
	else
		tell(&ap, run, ap.t.push != NULL);
	goto out;
fail:
	status = cmd_fail(&err);
out:
	arena_free(ap.t.a);
	return status;
}
