#include <unistd.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/io.h"
#include "base/proc.h"
#include "cmd/scanask.h"
#include "parse/commit.h"
#include "port/crypto.h"
#include "scan/whole.h"

#define COMMIT_MAX ((uint64_t)64 << 20)
#define PROGRESS_MS 100

void scan_progress_clear(struct scan *s)
{
	if (s->progress && s->shown_at)
		fputs("\r\033[K", stderr);
	s->shown_at = 0;
}

void scan_progress(struct scan *s, size_t done, size_t all, const char *what)
{
	struct report_counts c = report_counts(s->report);
	int64_t now;

	if (!s->progress)
		return;
	now = clock_ms();
	if (s->shown_at && now - s->shown_at < PROGRESS_MS)
		return;
	fprintf(stderr, "\rsluice: %zu of %zu %s, %zu found\033[K", done, all,
		what, c.high + c.low);
	fflush(stderr);
	s->shown_at = now;
}

/* Our own reports have the path as it is shown, those of gitleaks as it is. */
static bool is_known(const struct scan *s, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct report_place real = *place;

	real.path = place->real;
	return s->baseline &&
		(baseline_has(s->baseline, place, hit) ||
			(real.path.n && baseline_has(s->baseline, &real, hit)));
}

void scan_hit_tell(struct scan *s, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct scan_hit told = *hit;

	if (s->own_key)
		told.fingerprint[0] = '\0';
	if (is_known(s, place, &told)) {
		s->known++;
		return;
	}
	scan_progress_clear(s);
	report_hit(s->report, place, &told);
}

void scan_unscanned_tell(
	struct scan *s, const struct report_place *place, const char *why)
{
	scan_progress_clear(s);
	report_unscanned(s->report, place, why);
}

/* Every version of a file that still has a secret brings it again. It is told
 * for each path of the commit that brought the first version that has it, at
 * each of its places there: they come from the oldest to the newest. */
static bool told_before(struct scan *s, const struct history_hit *h)
{
	const struct scan_hit *hit = h->hit;
	unsigned char hash[SHA256_LEN];
	struct buf key = BUF_INIT(h->path.n + SHOWN_MORE);
	bool ret = false;
	struct oid o;
	size_t first;

	if (!hit || !h->path.n || (hit->line && !hit->fingerprint[0]))
		return false;
	if (!oid_eq(&s->version, h->object)) {
		s->version = *h->object;
		s->versions++;
	}
	buf_fmt(&key, "%.*s:%s:%s:%s:", SPAN_FMT(hit->rule->id),
		hit->fingerprint, h->what, hit->member ? hit->member : "");
	buf_span(&key, h->path);
	sha256_of(buf_all(&key), hash);
	memcpy(o.b, hash, OID_RAW);
	first = oid_set_get(&s->told, &o);
	if (!key.full && first == SIZE_MAX)
		oid_set_put(&s->told, &o, s->versions);
	else
		ret = !key.full && first != s->versions;
	buf_free(&key);
	return ret;
}

static int on_hit(void *ctx, const struct history_hit *hit, struct err *err)
{
	struct scan *s = ctx;
	char object[OID_HEX + 1] = "", commit[OID_HEX + 1] = "";
	struct arena *arena = arena_new((size_t)64 << 20);
	struct buf shown = BUF_INIT(2 * hit->path.n + SHOWN_MORE),
		   author = BUF_INIT(65536);
	struct report_place place = {.path = hit->path,
		.real = hit->path,
		.what = hit->what,
		.object = object,
		.commit = commit,
		.line = hit->line};
	struct scan_result name;
	int ret = -1;

	if (told_before(s, hit)) {
		s->again++;
		ret = 0;
		goto out;
	}
	oid_hex(hit->object, object);
	if (hit->path.n) {
		if (inspect_path(s->inspector, hit->path, arena, &name, err))
			goto out;
		place.path = scan_shown(hit->path, &name, &shown);
	}
	if (hit->commit) {
		oid_hex(hit->commit, commit);
		scan_author(s, hit->commit, &author);
		place.author = buf_all(&author);
	}
	if (hit->hit)
		scan_hit_tell(s, &place, hit->hit);
	else
		scan_unscanned_tell(s, &place, hit->why);
	ret = 0;
out:
	buf_free(&shown);
	buf_free(&author);
	arena_free(arena);
	return ret;
}

struct tips {
	struct oid *v;
	size_t n, cap;
};

static int tips_add(void *ctx, const struct oid *o, struct err *err)
{
	struct tips *t = ctx;

	(void)err;
	t->v = grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = *o;
	return 0;
}

/* What git understands by the range: names, some with '^' before them. */
static int read_range(const char *dir, const char *range, struct tips *from,
	struct tips *hide, struct err *err)
{
	const char *const argv[] = {
		"git", "-C", dir, "rev-parse", "--revs-only", range, NULL};
	struct buf out = BUF_INIT((size_t)1 << 20),
		   talk = BUF_INIT((size_t)1 << 16);
	struct proc p = {.argv = argv, .out = &out, .talk = &talk};
	struct proc_end end;
	struct span rest, line;
	int ret = -1;

	if (range[0] == '-') {
		err_set(err, ERR_USAGE, "'%s' is no range", range);
		goto out;
	}
	if (proc_run(&p, &end, err))
		goto out;
	rest = buf_all(&out);
	if (end.status || end.signal || !rest.n) {
		err_set(err, ERR_USAGE, "git knows no range '%s' in '%s'",
			range, dir);
		goto out;
	}
	while (span_line(&rest, &line, NULL)) {
		bool not = line.n && line.p[0] == '^';
		struct oid o;

		if (!oid_read(span_from(line, not ), &o)) {
			err_set(err, ERR_REPO,
				"git rev-parse does not answer with object "
				"names");
			goto out;
		}
		if (tips_add(not ? hide : from, &o, err))
			goto out;
	}
	ret = 0;
out:
	buf_free(&out);
	buf_free(&talk);
	return ret;
}

static int all_refs(struct scan *s, struct tips *from, struct err *err)
{
	struct arena *arena = arena_new((size_t)1 << 30);
	struct repo_ref *ref = NULL;
	size_t i, n = 0;
	int ret = repo_refs(s->repo, "*", arena, &ref, &n, err);

	for (i = 0; !ret && i < n; i++)
		ret = tips_add(from, &ref[i].oid, err);
	arena_free(arena);
	return ret;
}

static int scan_commit(
	struct scan *s, struct history *h, const struct oid *o, struct err *err)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct repo_object obj = {0};
	struct commit c;
	int ret = -1;

	if (repo_read(s->repo, o, COMMIT_MAX, &obj, err) ||
		commit_parse(obj.data, o, arena, &c, err))
		goto out;
	ret = history_commit(h, &c, err);
out:
	repo_object_free(&obj);
	arena_free(arena);
	return ret;
}

/* Tags of tags; what a tag names in the end is a tip of its own. */
static int scan_tips(struct scan *s, struct history *h, const struct tips *from,
	struct err *err)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		enum object_type type = repo_type(s->repo, &from->v[i], NULL);

		if (type != OBJECT_COMMIT && type != OBJECT_TREE &&
			history_object(h, &from->v[i], err))
			return -1;
	}
	return 0;
}

/* What a range asks for: few commits as a rule, looked up one by one. */
static int scan_range(struct scan *s, struct history *h,
	const struct tips *from, const struct tips *hide, struct err *err)
{
	struct tips commits = {0};
	size_t i;
	int ret;

	repo_ordered(s->repo);
	ret = repo_walk(s->repo, from->v, from->n, hide->v, hide->n, tips_add,
		&commits, err);
	for (i = commits.n; !ret && i-- > 0;) {
		ret = scan_commit(s, h, &commits.v[i], err);
		scan_progress(s, commits.n - i, commits.n, "commits");
	}
	free(commits.v);
	return ret;
}

static int open_packs(
	const struct scan *s, struct packlist *out, struct err *err)
{
	struct buf objects = PATH_BUF_INIT;
	int ret = -1;

	repo_objects(s->repo, &objects);
	if (!buf_check(&objects, "path", err))
		ret = packlist_open(buf_cstr(&objects), true, out, err);
	buf_free(&objects);
	return ret;
}

static void on_progress(void *ctx, size_t done, size_t all)
{
	scan_progress(ctx, done, all, "objects");
}

int scan_check_packs(const struct scan *s, struct err *err)
{
	struct buf objects = PATH_BUF_INIT;
	int ret = -1;

	repo_objects(s->repo, &objects);
	if (!buf_check(&objects, "path", err))
		ret = packlist_check(buf_cstr(&objects), err);
	buf_free(&objects);
	return ret;
}

static int scan_whole(struct scan *s, struct history *h,
	const struct tips *from, struct packlist *packs, struct err *err)
{
	struct tips ends = {0};
	struct whole_setup setup = {.packs = packs,
		.workers = s->threads,
		.progress = s->progress ? on_progress : NULL,
		.progress_ctx = s};
	size_t i;
	int ret = open_packs(s, packs, err);

	for (i = 0; !ret && i < from->n; i++) {
		enum object_type type;
		struct oid o;

		if (repo_peel(s->repo, &from->v[i], &o, &type))
			ret = tips_add(&ends, &o, err);
	}
	setup.tips = ends.v;
	setup.ntips = ends.n;
	if (!ret)
		ret = whole_scan(h, &setup, err);
	free(ends.v);
	return ret;
}

static int scan_git(
	struct scan *s, const char *dir, const char *range, struct err *err)
{
	struct tips from = {0}, hide = {0};
	struct packlist packs = {0};
	struct history h = {.inspector = s->inspector,
		.max = s->max,
		.tell = on_hit,
		.ctx = s};
	int ret = -1;

	if (repo_open(dir, NULL, &s->repo, err) || scan_check_packs(s, err))
		goto out;
	h.repo = s->repo;
	if (range ? read_range(dir, range, &from, &hide, err)
		  : all_refs(s, &from, err))
		goto out;
	if (range ? scan_range(s, &h, &from, &hide, err)
		  : scan_whole(s, &h, &from, &packs, err))
		goto out;
	if (scan_tips(s, &h, &from, err))
		goto out;
	s->objects = h.objects;
	s->size = h.bytes;
	ret = 0;
out:
	scan_progress_clear(s);
	if (ret && s->repo && repo_is_shallow(s->repo))
		err_hint(err,
			"this is a shallow clone: 'git fetch --unshallow' gets "
			"the rest; or scan its files, without --git");
	history_free(&h);
	packlist_close(&packs);
	repo_close(s->repo);
	s->repo = NULL;
	free(from.v);
	free(hide.v);
	oid_set_free(&s->told);
	return ret;
}

static void summary(const struct run *run, const struct scan *s, bool git)
{
	struct report_counts c = report_counts(s->report);

	if (run->quiet)
		return;
	fprintf(stderr,
		"sluice: %zu secrets that would block, %zu doubtful, %zu not "
		"scanned, in %llu %s\n",
		c.high, c.low, c.unscanned,
		(unsigned long long)(git ? s->objects : s->files),
		git ? "objects" : "files");
	if (s->again)
		fprintf(stderr,
			"sluice: %llu more are the same secrets in later "
			"versions of these files\n",
			(unsigned long long)s->again);
	if (s->baseline)
		fprintf(stderr, "sluice: %llu more are known and left out\n",
			(unsigned long long)s->known);
}

static int scan_all(struct scan *s, const struct scan_ask *ask, int n,
	char **argv, struct err *err)
{
	if (ask->git)
		return scan_git(s, ask->git, n ? argv[1] : NULL, err);
	if (ask->staged)
		return scan_staged(s, err);
	return scan_files(s, (size_t)n, argv + 1, err);
}

static enum exit_code scan(const struct run *run, const struct scan_ask *ask,
	int n, char **argv, struct err *err)
{
	struct scan s = {.exclude = ask->exclude, .gitignore = ask->gitignore};
	struct arena *arena = arena_new((size_t)1 << 30);
	struct baseline *baseline = NULL;
	enum exit_code status = EXIT_UNKNOWN;
	struct report_counts counts;
	enum report_format format;

	s.progress = !run->quiet && isatty(2);
	if (ask_check(ask, n, err) || ask_format(run, ask, &format, err) ||
		ask_threads(ask, &s.threads, err) ||
		ask_size(ask, &s.max, err) ||
		ask_baseline(ask, &baseline, err) ||
		ask_inspector(run, ask, s.max, arena, &s.inspector, &s.own_key,
			err)) {
		status = cmd_fail(err);
		goto out;
	}
	s.baseline = baseline;
	s.report = report_new(format, stdout);
	if (scan_all(&s, ask, n, argv, err)) {
		status = cmd_fail(err);
		report_end(s.report);
		goto out;
	}
	counts = report_counts(s.report);
	summary(run, &s, ask->git != NULL);
	report_end(s.report);
	if (counts.unscanned)
		status = EXIT_UNKNOWN;
	else
		status = counts.high || counts.low ? EXIT_NO : EXIT_YES;
out:
	baseline_free(baseline);
	inspector_free(s.inspector);
	arena_free(arena);
	return status;
}

enum exit_code cmd_scan(struct run *run, int argc, char **argv)
{
	const char *rules[SCAN_PACKS_MAX], *baseline[SCAN_LISTS_MAX],
		*ignore[SCAN_LISTS_MAX];
	const char *exclude[SCAN_LISTS_MAX];
	struct scan_ask ask = {.rules = {rules, 0, SCAN_PACKS_MAX},
		.baseline = {baseline, 0, SCAN_LISTS_MAX},
		.ignore = {ignore, 0, SCAN_LISTS_MAX},
		.exclude = {exclude, 0, SCAN_LISTS_MAX}};
	const struct option_def defs[] = {
		{"--format", OPTION_TEXT, &ask.format,
			"text (default), json (lines), sarif or junit"},
		{"--git", OPTION_TEXT, &ask.git,
			"scan the history of this repository"},
		{"--staged", OPTION_FLAG, &ask.staged,
			"scan what the next commit would bring"},
		{"--rules", OPTION_MANY, &ask.rules,
			"\"builtin\" (default), a rule pack, gitleaks:FILE"},
		{"--gitleaks-config", OPTION_TEXT, &ask.leaks,
			"the rules of this gitleaks.toml"},
		{"--gitleaks-default", OPTION_TEXT, &ask.standard,
			"what its extend.useDefault stands for"},
		{"--gitleaks-ignore", OPTION_MANY, &ask.ignore,
			"leave out what this .gitleaksignore lists"},
		{"--baseline", OPTION_MANY, &ask.baseline,
			"leave out what this report holds"},
		{"--obey-allow-comments", OPTION_FLAG, &ask.comments,
			"gitleaks:allow excuses a line"},
		{"--exclude", OPTION_MANY, &ask.exclude,
			"pass over files and folders of this name"},
		{"--respect-gitignore", OPTION_FLAG, &ask.gitignore,
			"pass over what git ignores"},
		{"--max-size", OPTION_TEXT, &ask.max,
			"larger files are not scanned (1G)"},
		{"--decode-depth", OPTION_TEXT, &ask.depth,
			"read text that is encoded so often (2); 0: not"},
		{"--no-archives", OPTION_FLAG, &ask.no_archives,
			"do not look into archives"},
		{"--archive-depth", OPTION_TEXT, &ask.archive_depth,
			"archives in archives, so many deep (2)"},
		{"--threads", OPTION_TEXT, &ask.threads,
			"files at once (as there are processors)"},
	};
	struct err err = ERR_INIT;
	int n;

	n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (n < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("scan",
			"[OPTION…] PATH… | --git REPO [RANGE] | --staged | -",
			defs, ARRAY_LEN(defs));
	return scan(run, &ask, n, argv, &err);
}
