/* sluice waive: somebody whom the policy lets waive what a push was refused for
 * signs that it may pass. The waiver is a tag made by git with their own
 * signing setup; it points to the empty tree, so that pushing it brings
 * nothing. */
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/signtag.h"
#include "parse/doc.h"
#include "parse/refusal.h"
#include "parse/waiver.h"

#define ARENA_MAX (32u << 20)
#define TEXT_MAX 16384u
#define SHOWN_MAX 1000u
#define HOURS_MAX (366u * 24)

struct waive {
	struct signtag t;
	const char *finding, *commit, *fingerprint, *path, *reason, *until;
	bool all;
	struct waiver w;
};

static void show(const char *label, struct span value)
{
	struct buf shown = BUF_INIT(SHOWN_MAX * 4 + 8);

	if (value.n) {
		text_printable(&shown, value, SHOWN_MAX);
		fprintf(stderr, "  %-12s %s\n", label, buf_cstr(&shown));
	}
	buf_free(&shown);
}

/* What is about to be signed; the commit in words, if it is here. */
static int show_all(const struct waive *v, struct err *err)
{
	const char *log[] = {"git", "log", "-1", "--no-show-signature",
		"--no-color", "--format=%s (%an <%ae>)", v->t.id, "--", NULL};
	char until[CLOCK_TEXT_MAX];
	const char *line;

	clock_text(v->w.until, until);
	fprintf(stderr, "waiving for %s of '%s':\n", v->t.ref, v->t.repository);
	show("finding", v->w.finding);
	show("commit", span_str(v->t.id));
	if (signtag_line(log, v->t.a, &line, err))
		return -1;
	if (line)
		show("", span_str(line));
	else
		fprintf(stderr, "  %-12s %s\n", "",
			"(not in this clone; 'git fetch' may bring it)");
	show("fingerprint", v->w.fingerprint);
	show("path", v->w.path);
	show("reason", v->w.reason);
	show("until", span_str(until));
	return 0;
}

/* A value becomes a line of the message: it must not become two. */
static int check_line(const char *option, const char *value, struct err *err)
{
	struct span s = span_str(value);
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] == 0x7f)
			return err_set(err, ERR_USAGE,
				"%s: expected one line of text without "
				"control characters",
				option);
	return 0;
}

/* A time, or "12h", "3d": from now. */
static int read_until(struct waive *v, struct err *err)
{
	struct span s = span_str(v->until);
	uint64_t n;

	if (clock_read(s, &v->w.until))
		return v->w.until > clock_now()
			? 0
			: err_set(err, ERR_USAGE,
				  "--until: '%s' is in the past", v->until);
	if (s.n > 1 && (s.p[s.n - 1] == 'h' || s.p[s.n - 1] == 'd') &&
		text_to_u64(span_sub(s, 0, s.n - 1), HOURS_MAX, &n) && n) {
		n *= s.p[s.n - 1] == 'd' ? 24 : 1;
		if (n <= HOURS_MAX) {
			v->w.until = clock_now() + (int64_t)n * 3600;
			return 0;
		}
	}
	err_set(err, ERR_USAGE, "--until: '%s' is no time to come", v->until);
	return err_hint(err,
		"write 2026-12-01T12:00Z, a date, or how long from now: 12h, "
		"3d");
}

static int read_commit(struct waive *v, struct err *err)
{
	if (!oid_read(span_str(v->commit), &v->w.commit) &&
		signtag_commit(v->commit, v->t.a, &v->w.commit, err))
		return -1;
	oid_hex(&v->w.commit, v->t.id);
	return 0;
}

static int read_finding(struct waive *v, struct err *err)
{
	struct span id = span_str(v->finding);

	if (!finding_id_known(id, &v->w.id)) {
		err_set(err, ERR_USAGE, "'%s' is no finding", v->finding);
		return err_hint(err, "sluice-findings(7) lists them");
	}
	if (!finding_waivable(v->w.id))
		return err_set(
			err, ERR_USAGE, "'%s' can never be waived", v->finding);
	v->w.finding = id;
	return 0;
}

static int check(struct waive *v, struct err *err)
{
	const struct {
		const char *option, *value;
	} lines[] = {
		{"--reason", v->reason},
		{"--ref", v->t.ref},
		{"--repository", v->t.repository},
		{"--fingerprint", v->fingerprint},
		{"--path", v->path},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++)
		if (lines[i].value &&
			check_line(lines[i].option, lines[i].value, err))
			return -1;
	v->w.reason = span_trim(span_str(v->reason));
	if (!v->w.reason.n || v->w.reason.n > WAIVER_REASON_MAX)
		return err_set(err, ERR_USAGE,
			"--reason: expected 1 to %d bytes", WAIVER_REASON_MAX);
	v->w.fingerprint = span_str(v->fingerprint);
	v->w.path = span_str(v->path);
	if (read_finding(v, err) || read_commit(v, err) || read_until(v, err) ||
		signtag_ref(&v->t, err) || signtag_repository(&v->t, err))
		return -1;
	v->w.ref = span_str(v->t.ref);
	v->w.repository = span_str(v->t.repository);
	return 0;
}

/* The empty tree of this repository, which every other can have. */
static int empty_tree(struct waive *v, const char **out, struct err *err)
{
	const char *argv[] = {
		"git", "hash-object", "-w", "-t", "tree", "--stdin", NULL};
	struct oid o;

	if (signtag_line(argv, v->t.a, out, err))
		return -1;
	if (!*out || !oid_read(span_str(*out), &o))
		return err_set(
			err, ERR_REPO, "git could not write the empty tree");
	return 0;
}

static int make(struct waive *v, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *tree;
	int ret = -1;

	waiver_write(&v->w,
		arena_fmt(v->t.a, "waive %s in %.12s for %s", v->finding,
			v->t.id, v->t.ref),
		&text);
	if (!buf_check(&text, "the waiver", err) && !empty_tree(v, &tree, err))
		ret = signtag_make(&v->t, "waiver", tree, buf_all(&text), err);
	buf_free(&text);
	return ret;
}

static void tell(const struct waive *v, const struct run *run, bool pushed)
{
	struct buf text = BUF_INIT(65536);
	char until[CLOCK_TEXT_MAX];
	struct doc *j;

	if (!run->json) {
		signtag_tell(&v->t, pushed);
		return;
	}
	clock_text(v->w.until, until);
	j = doc_object();
	doc_set(j, "finding", doc_of_text(v->w.finding));
	doc_set(j, "commit", doc_of_str(v->t.id));
	doc_set(j, "repository", doc_of_str(v->t.repository));
	doc_set(j, "for", doc_of_str(v->t.ref));
	doc_set(j, "until", doc_of_str(until));
	doc_set(j, "waiver", doc_of_str(v->t.tag));
	doc_set(j, "ref", doc_of_str(v->t.to));
	doc_set(j, "pushed", doc_of_bool(pushed));
	doc_pretty(j, &text);
	doc_free(j);
	fwrite(text.p, 1, text.n, stdout);
	buf_free(&text);
}

static enum exit_code waive(
	struct waive *v, const struct run *run, struct err *err)
{
	bool refused = false;

	if (check(v, err) || (!run->quiet && show_all(v, err)) ||
		make(v, err) ||
		(v->t.push && signtag_push(&v->t, &refused, err)))
		return cmd_fail(err);
	if (refused)
		return EXIT_NO;
	tell(v, run, v->t.push != NULL);
	return EXIT_YES;
}

static const char *text_of(struct arena *a, struct span s)
{
	return s.n ? arena_str(a, s) : NULL;
}

/* What the refusal asks for, of the finding that was named if one was. */
static int asked(
	struct waive *v, struct waiver_ask **out, size_t *n, struct err *err)
{
	struct buf text = BUF_INIT(REFUSAL_MAX);
	const char *ids = "";
	size_t i, all;
	bool whole;
	int ret = -1;

	*n = 0;
	if (io_read(0, &text, err) || buf_check(&text, "the refusal", err))
		goto out;
	whole = refusal_read(
		arena_copy(v->t.a, buf_all(&text)), v->t.a, out, &all);
	for (i = 0; i < all; i++) {
		struct waiver_ask *ask = &(*out)[i];

		if (v->finding && !span_is(ask->finding, v->finding))
			continue;
		ids = arena_fmt(v->t.a, "%s%s%.*s", ids, *n ? ", " : "",
			SPAN_FMT(ask->finding));
		(*out)[(*n)++] = *ask;
	}
	if (!*n) {
		err_set(err, ERR_USAGE, "no waiver is asked for in that text%s",
			v->finding ? " for such a finding" : "");
		err_hint(err,
			"a refusal says 'sluice waive …' for what the policy "
			"lets somebody waive; or say FINDING, --for and --ref");
		goto out;
	}
	if ((*n > 1 && !v->all) || !whole) {
		err_set(err, ERR_USAGE, "%zu%s waivers are asked for: %s", *n,
			whole ? "" : " or more", ids);
		err_hint(err,
			"leave only the lines of what you mean, name its "
			"FINDING, or say --all");
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static enum exit_code from_refusal(
	struct waive *v, const struct run *run, struct err *err)
{
	const char *repository = v->t.repository;
	enum exit_code status = EXIT_YES, one;
	struct waiver_ask *ask;
	size_t n, i;

	if (isatty(0))
		fprintf(stderr,
			"paste the text of the refusal, then Control-D:\n");
	if (asked(v, &ask, &n, err))
		return cmd_fail(err);
	for (i = 0; i < n; i++) {
		v->finding = text_of(v->t.a, ask[i].finding);
		v->t.ref = text_of(v->t.a, ask[i].ref);
		v->fingerprint = text_of(v->t.a, ask[i].fingerprint);
		v->path = text_of(v->t.a, ask[i].path);
		v->t.repository = repository;
		if (!repository)
			v->t.repository = text_of(v->t.a, ask[i].repository);
		v->commit = arena_str(
			v->t.a, span_str(oid_hex(&ask[i].commit, v->t.id)));
		one = waive(v, run, err);
		if (one > status)
			status = one;
		err_clear(err);
	}
	return status;
}

enum exit_code cmd_waive(struct run *run, int argc, char **argv)
{
	struct waive v = {0};
	const struct option_def defs[] = {
		{"--for", OPTION_TEXT, &v.commit, "the commit it is about"},
		{"--ref", OPTION_TEXT, &v.t.ref, "the ref it may go to"},
		{"--reason", OPTION_TEXT, &v.reason, "why, for the record"},
		{"--until", OPTION_TEXT, &v.until,
			"a time in UTC, or 12h, 3d from now"},
		{"--fingerprint", OPTION_TEXT, &v.fingerprint,
			"of the finding, where it has one"},
		{"--path", OPTION_TEXT, &v.path, "only there"},
		{"--repository", OPTION_TEXT, &v.t.repository,
			"what the policy calls the repository"},
		{"--push", OPTION_TEXT, &v.t.push, "push it to this remote"},
		{"--all", OPTION_FLAG, &v.all,
			"one for each that the refusal asks for"},
	};
	struct err err = ERR_INIT;
	enum exit_code status;
	int n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	v.t.a = arena_new(ARENA_MAX);
	if (run->help) {
		status = cmd_usage("waive",
			"[FINDING --for COMMIT --ref REF] --reason … --until …",
			defs, ARRAY_LEN(defs));
		goto out;
	}
	if (n > 1)
		n = err_set(&err, ERR_USAGE, "waive takes one finding");
	else if (n >= 0 && (!v.reason || !v.until))
		n = err_set(
			&err, ERR_USAGE, "waive needs --reason and --until");
	else if (n >= 0 && !v.commit != !v.t.ref)
		n = err_set(&err, ERR_USAGE, "--for and --ref belong together");
	else if (n == 0 && v.commit)
		n = err_set(&err, ERR_USAGE, "waive needs a finding");
	if (n < 0 || signtag_clone(v.t.a, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	v.finding = n ? argv[1] : NULL;
	status = v.commit ? waive(&v, run, &err) : from_refusal(&v, run, &err);
out:
	arena_free(v.t.a);
	return status;
}
