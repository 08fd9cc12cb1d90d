#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "parse/commit.h"
#include "scan/history.h"
#include "scan/report.h"

#define FILE_MAX ((size_t)1 << 30)
#define COMMIT_MAX ((uint64_t)64 << 20)
#define DEPTH_MAX 200
#define PACKS_MAX 16

struct scan {
	struct scanner *scanner;
	struct report *report;
	struct repo *repo;
	struct buf bytes; /* the file at hand */
	uint64_t files, objects, size;
};

static void unscanned(struct scan *s, const char *path, const char *why)
{
	struct report_place place = {.path = span_str(path), .what = "file"};

	report_unscanned(s->report, &place, why);
}

static int scan_bytes(
	struct scan *s, struct span bytes, const char *path, struct err *err)
{
	struct report_place place = {.path = span_str(path), .what = "file"};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct scan_result r;
	size_t i;
	int ret = -1;

	s->files++;
	s->size += bytes.n;
	if (scanner_scan(s->scanner, bytes, place.path, arena, &r, err))
		goto out;
	for (i = 0; i < r.nhit; i++) {
		place.line = r.hit[i].line;
		report_hit(s->report, &place, &r.hit[i]);
	}
	if (r.outcome != SCAN_DONE)
		unscanned(s, path, r.why);
	if (scanner_scan_path(s->scanner, place.path, arena, &r, err))
		goto out;
	for (i = 0; i < r.nhit; i++) {
		place.what = "path";
		place.line = r.hit[i].line;
		report_hit(s->report, &place, &r.hit[i]);
	}
	ret = 0;
out:
	arena_free(arena);
	return ret;
}

static int scan_file(struct scan *s, const char *path, struct err *err)
{
	struct err why = ERR_INIT;

	buf_reset(&s->bytes);
	if (io_read_file(path, &s->bytes, &why)) {
		unscanned(s, path, why.text);
		return 0;
	}
	return scan_bytes(s, buf_all(&s->bytes), path, err);
}

static int scan_path(
	struct scan *s, const char *path, unsigned depth, struct err *err);

/* "." and ".." are no entries; what git keeps for itself is its affair. */
static int wanted(const struct dirent *e)
{
	return strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		strcmp(e->d_name, ".git");
}

static int scan_folder(
	struct scan *s, const char *path, unsigned depth, struct err *err)
{
	struct dirent **entry = NULL;
	struct buf name = PATH_BUF_INIT;
	int i, n, ret = 0;

	n = depth < DEPTH_MAX ? scandir(path, &entry, wanted, alphasort) : -1;
	if (n < 0) {
		unscanned(s, path,
			depth < DEPTH_MAX ? strerror(errno)
					  : "folders too deep");
		return 0;
	}
	for (i = 0; i < n; i++) {
		size_t len = strlen(path);

		if (!ret) {
			buf_reset(&name);
			buf_fmt(&name, "%s%s%s", path,
				len && path[len - 1] == '/' ? "" : "/",
				entry[i]->d_name);
			if (name.full)
				unscanned(s, path, "path too long");
			else
				ret = scan_path(
					s, buf_cstr(&name), depth + 1, err);
		}
		free(entry[i]);
	}
	free(entry);
	buf_free(&name);
	return ret;
}

/* Links are followed only where they were named by the user; elsewhere their
 * target is scanned where it lies, if at all. */
static int scan_path(
	struct scan *s, const char *path, unsigned depth, struct err *err)
{
	struct stat st;

	if (depth ? lstat(path, &st) : stat(path, &st)) {
		unscanned(s, path, strerror(errno));
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return scan_folder(s, path, depth, err);
	if (S_ISREG(st.st_mode))
		return scan_file(s, path, err);
	if (!depth)
		unscanned(s, path, "neither a file nor a folder");
	return 0;
}

static int scan_stdin(struct scan *s, struct err *err)
{
	buf_reset(&s->bytes);
	if (io_read(0, &s->bytes, err))
		return err_in(err, "standard input");
	return scan_bytes(s, buf_all(&s->bytes), "-", err);
}

static int on_hit(void *ctx, const struct history_hit *hit, struct err *err)
{
	struct scan *s = ctx;
	char object[OID_HEX + 1] = "", commit[OID_HEX + 1] = "";
	struct report_place place = {.path = hit->path,
		.what = hit->what,
		.object = object,
		.commit = commit,
		.line = hit->line};

	(void)err;
	oid_hex(hit->object, object);
	if (hit->commit)
		oid_hex(hit->commit, commit);
	if (hit->hit)
		report_hit(s->report, &place, hit->hit);
	else
		report_unscanned(s->report, &place, hit->why);
	return 0;
}

struct tips {
	struct oid *v;
	size_t n, cap;
};

static int tips_add(void *ctx, const struct oid *o, struct err *err)
{
	struct tips *t = ctx;

	(void)err;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 256;
		t->v = reallocarray(t->v, t->cap, sizeof(*t->v));
		if (!t->v)
			die("no memory for a list of commits");
	}
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

static int scan_git(
	struct scan *s, const char *dir, const char *range, struct err *err)
{
	struct tips from = {0}, hide = {0}, commits = {0};
	struct history h = {.scanner = s->scanner,
		.max = FILE_MAX,
		.tell = on_hit,
		.ctx = s};
	size_t i;
	int ret = -1;

	if (repo_open(dir, NULL, &s->repo, err))
		goto out;
	h.repo = s->repo;
	if (range ? read_range(dir, range, &from, &hide, err)
		  : all_refs(s, &from, err))
		goto out;
	if (repo_walk(s->repo, from.v, from.n, hide.v, hide.n, tips_add,
		    &commits, err) ||
		scan_tips(s, &h, &from, err))
		goto out;
	for (i = commits.n; i-- > 0;) {
		if (scan_commit(s, &h, &commits.v[i], err))
			goto out;
	}
	s->objects = h.objects;
	s->size = h.bytes;
	ret = 0;
out:
	history_free(&h);
	repo_close(s->repo);
	s->repo = NULL;
	free(from.v);
	free(hide.v);
	free(commits.v);
	return ret;
}

/* Compiled rules are kept where the gate keeps them when there is a gate, or
 * where a user keeps such things. */
static const char *cache_dir(const struct run *run, struct buf *out)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (!access(run->state, W_OK))
		buf_fmt(out, "%s/cache", run->state);
	else if (xdg && xdg[0] == '/')
		buf_fmt(out, "%s/sluice", xdg);
	else if (home && home[0] == '/')
		buf_fmt(out, "%s/.cache/sluice", home);
	else
		return NULL;
	return buf_cstr(out);
}

static int open_scanner(const struct run *run, const struct option_list *rules,
	struct arena *arena, struct scanner **out, struct err *err)
{
	struct pack packs[PACKS_MAX];
	struct pack *kept;
	struct buf cache = PATH_BUF_INIT;
	unsigned char key[FINGERPRINT_KEY];
	struct scanner_setup setup = {.max = FILE_MAX};
	struct err none = ERR_INIT;
	size_t i, n = rules->n ? rules->n : 1;
	int ret = -1;

	for (i = 0; i < n; i++) {
		if (pack_read(rules->n ? rules->v[i] : "builtin", arena,
			    &packs[i], err))
			goto out;
	}
	kept = arena_get(arena, n, sizeof(*kept));
	memcpy(kept, packs, n * sizeof(*kept));
	setup.packs = kept;
	setup.npacks = n;
	setup.cache = cache_dir(run, &cache);
	/* Without an installation there is nothing to compare with. */
	if (!fingerprint_key(run->state, false, key, &none))
		setup.key = key;
	ret = scanner_new(&setup, out, err);
out:
	explicit_bzero(key, sizeof(key));
	buf_free(&cache);
	return ret;
}

static int format_of(const struct run *run, const char *name,
	enum report_format *out, struct err *err)
{
	*out = run->json ? REPORT_JSON : REPORT_TEXT;
	if (!name)
		return 0;
	if (!strcmp(name, "text"))
		*out = REPORT_TEXT;
	else if (!strcmp(name, "json"))
		*out = REPORT_JSON;
	else if (!strcmp(name, "sarif"))
		*out = REPORT_SARIF;
	else
		return err_set(err, ERR_USAGE,
			"unknown format '%s', expected text, json or sarif",
			name);
	return 0;
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
}

static int scan_all(
	struct scan *s, const char *git, int n, char **argv, struct err *err)
{
	int i, ret = 0;

	if (git)
		return scan_git(s, git, n ? argv[1] : NULL, err);
	for (i = 1; i <= n && !ret; i++)
		ret = strcmp(argv[i], "-") ? scan_path(s, argv[i], 0, err)
					   : scan_stdin(s, err);
	return ret;
}

enum exit_code cmd_scan(struct run *run, int argc, char **argv)
{
	const char *format_name = NULL, *git = NULL;
	const char *rules_v[PACKS_MAX];
	struct option_list rules = {rules_v, 0, PACKS_MAX};
	const struct option_def defs[] = {
		{"--format", OPTION_TEXT, &format_name,
			"text (default), json (lines) or sarif"},
		{"--git", OPTION_TEXT, &git,
			"scan the history of this repository"},
		{"--rules", OPTION_MANY, &rules,
			"rule pack: \"builtin\" (default) or a file"},
	};
	struct scan s = {.bytes = BUF_INIT(FILE_MAX)};
	struct report_counts counts;
	enum report_format format = REPORT_TEXT;
	enum exit_code status = EXIT_UNKNOWN;
	struct arena *arena = NULL;
	struct err err = ERR_INIT;
	int n;

	n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (n < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("scan",
			"[--format F] PATH… | --git REPO [RANGE] | -", defs,
			ARRAY_LEN(defs));
	if (format_of(run, format_name, &format, &err))
		return cmd_fail(&err);
	if (git ? n > 1 : !n) {
		err_set(&err, ERR_USAGE,
			git ? "scan --git takes one range"
			    : "scan needs a path, '-' or --git");
		return cmd_fail(&err);
	}
	arena = arena_new((size_t)1 << 30);
	if (open_scanner(run, &rules, arena, &s.scanner, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	s.report = report_new(format, stdout);
	if (scan_all(&s, git, n, argv, &err)) {
		status = cmd_fail(&err);
		report_end(s.report);
		goto out;
	}
	counts = report_counts(s.report);
	summary(run, &s, git != NULL);
	report_end(s.report);
	if (counts.unscanned)
		status = EXIT_UNKNOWN;
	else
		status = counts.high || counts.low ? EXIT_NO : EXIT_YES;
out:
	buf_wipe(&s.bytes);
	scanner_free(s.scanner);
	arena_free(arena);
	return status;
}
