/* sluice audit: was the gate ever walked round? The refs of each repository
 * and its hooks against the log. */
#include <stdarg.h>
#include <time.h>

#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "deploy/hookfile.h"
#include "deploy/reconcile.h"
#include "deploy/repositories.h"
#include "parse/bundle.h"
#include "parse/doc.h"
#include "parse/entry.h"
#include "port/crypto.h"

#define ARENA_MAX ((size_t)4 << 30)
#define POLICY_MAX ((size_t)16 << 20)
#define SHOWN 12
/* A push between reading the refs and reading the log looks like a gap; one
 * that is still there when nothing has moved meanwhile is one. */
#define ATTEMPTS 5
#define PAUSE_NS 200000000L

struct audit {
	const struct run *run;
	struct arena *a; /* of one repository */
	struct doc *list;
	const char *name; /* of the repository looked at, or its path */
	size_t gaps, notes, unknown;
};

/* One fact: a gap (it matters) or a note. The object is completed by the
 * caller before the next one is told. */
static struct doc *PRINTF(4, 5) tell(
	struct audit *t, bool matters, const char *kind, const char *fmt, ...)
{
	struct buf shown = BUF_INIT(16384);
	struct doc *j = doc_object();
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_printable(&shown, span_str(line), sizeof(line));
	if (matters)
		t->gaps++;
	else
		t->notes++;
	doc_set(j, "repository", doc_of_str(t->name));
	doc_set(j, "kind", doc_of_str(kind));
	doc_set(j, "gap", doc_of_bool(matters));
	doc_set(j, "text", doc_of_text(buf_all(&shown)));
	doc_add(t->list, j);
	if (!t->run->json && (matters || !t->run->quiet))
		printf("%-4s  %s: %s\n", matters ? "GAP" : "note", t->name,
			buf_cstr(&shown));
	buf_free(&shown);
	return j;
}

static void cannot_tell(struct audit *t, const struct err *err)
{
	struct doc *j = doc_object();

	t->unknown++;
	doc_set(j, "repository", doc_of_str(t->name));
	doc_set(j, "kind", doc_of_str("could not tell"));
	doc_set(j, "gap", doc_of_bool(false));
	doc_set(j, "text", doc_of_str(err->text));
	doc_add(t->list, j);
	fprintf(stderr, "sluice: %s: %s\n", t->name, err->text);
	if (err->hint[0])
		fprintf(stderr, "hint: %s\n", err->hint);
}

static const char *shorter(const struct oid *o, char hex[OID_HEX + 1])
{
	oid_hex(o, hex);
	hex[SHOWN] = '\0';
	return hex;
}

static const char *detail(struct audit *t, const struct gap *g)
{
	char is[OID_HEX + 1], was[OID_HEX + 1];
	unsigned long long n = (unsigned long long)g->entry;

	shorter(&g->found, is);
	shorter(&g->expected, was);
	switch (g->kind) {
	case GAP_CREATED:
		if (g->entry != ENTRY_NONE)
			return arena_fmt(t->a,
				"it is at %s, and entry %llu deleted it", is,
				n);
		return arena_fmt(
			t->a, "it is at %s, and no push was let make it", is);
	case GAP_MOVED:
		if (oid_is_zero(&g->expected))
			return arena_fmt(
				t->a, "it is at %s, where no push put it", is);
		return arena_fmt(t->a,
			"it is at %s, and entry %llu left it at %s", is, n,
			was);
	case GAP_DELETED:
		return arena_fmt(t->a,
			"it is gone, and entry %llu left it at %s", n, was);
	case GAP_NO_OUTCOME:
		return arena_fmt(t->a,
			"as entry %llu let it, but nobody recorded that it "
			"happened, so 'sluice deployed' does not count it",
			n);
	case GAP_NOT_APPLIED:
		return arena_fmt(
			t->a, "entry %llu let it move, and it stayed", n);
	case GAP_NONE:
	case GAP_FORGE:
		break;
	}
	return "no hook sees it";
}

static void set_oid(struct doc *j, const char *key, const struct oid *o)
{
	char hex[OID_HEX + 1];

	doc_set(j, key,
		oid_is_zero(o) ? doc_of_null() : doc_of_str(oid_hex(o, hex)));
}

static void tell_gap(struct audit *t, const struct gap *g)
{
	const char *kind = gap_kind_name(g->kind);
	struct doc *j = tell(t, gap_matters(g->kind), kind, "%.*s %s: %s",
		SPAN_FMT(g->ref), kind, detail(t, g));

	doc_set(j, "ref", doc_of_text(g->ref));
	set_oid(j, "found", &g->found);
	set_oid(j, "expected", &g->expected);
	doc_set(j, "entry",
		g->entry == ENTRY_NONE ? doc_of_null()
				       : doc_of_int((int64_t)g->entry));
}

static bool any_gap(const struct gaps *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (gap_matters(g->v[i].kind))
			return true;
	return false;
}

/* The refs first: the log then knows at least what moved them. */
static int compare_once(struct audit *t, struct repo *repo, struct gaps *out,
	uint64_t *size, struct err *err)
{
	struct index *ix = NULL;
	struct repo_ref *refs;
	int ret = -1;
	size_t n;

	if (repo_refs(repo, NULL, t->a, &refs, &n, err) ||
		index_open(t->run->state, &ix, err))
		goto out;
	*size = log_size(index_log(ix));
	ret = reconcile(ix, span_str(t->name), refs, n, t->a, out, err);
out:
	index_close(ix);
	return ret;
}

static bool same_gaps(const struct gaps *a, const struct gaps *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].kind != b->v[i].kind ||
			!span_eq(a->v[i].ref, b->v[i].ref) ||
			!oid_eq(&a->v[i].found, &b->v[i].found))
			return false;
	return true;
}

static int compare(
	struct audit *t, struct repo *repo, struct gaps *out, struct err *err)
{
	const struct timespec pause = {0, PAUSE_NS};
	struct gaps before;
	uint64_t size, was;
	int i;

	if (compare_once(t, repo, out, &size, err))
		return -1;
	for (i = 1; i < ATTEMPTS && any_gap(out); i++) {
		before = *out;
		was = size;
		nanosleep(&pause, NULL);
		if (compare_once(t, repo, out, &size, err))
			return -1;
		if (size == was && same_gaps(&before, out))
			break;
	}
	return 0;
}

static void look_at_refs(struct audit *t, const char *path)
{
	struct repo *repo = NULL;
	struct err err = ERR_INIT;
	struct gaps gaps;
	size_t i, forge = 0;

	if (repo_open(path, NULL, &repo, &err) ||
		compare(t, repo, &gaps, &err)) {
		cannot_tell(t, &err);
		goto out;
	}
	for (i = 0; i < gaps.n; i++) {
		if (gaps.v[i].kind == GAP_FORGE)
			forge++;
		else
			tell_gap(t, &gaps.v[i]);
	}
	if (forge)
		tell(t, false, gap_kind_name(GAP_FORGE),
			"%zu refs made by the forge, which no hook sees",
			forge);
	if (!t->run->json && !t->run->quiet)
		printf("%-4s  %s: %zu refs compared\n", "ok", t->name,
			gaps.refs);
out:
	repo_close(repo);
}

static void tell_hook(struct audit *t, const struct hookfile *f,
	const char *kind, const char *what)
{
	struct doc *j = tell(t, true, kind, "%s: '%s' %s", kind, f->path, what);

	doc_set(j, "hook", doc_of_str(hook_name(f->hook)));
	doc_set(j, "path", doc_of_str(f->path));
}

static void look_at_hook(
	struct audit *t, const struct gitdir *g, enum hook h, bool gitlab)
{
	struct err err = ERR_INIT;
	struct hookfile f;

	if (hookfile_find(g, h, gitlab, t->a, &f, &err)) {
		cannot_tell(t, &err);
		return;
	}
	switch (f.state) {
	case HOOKFILE_ABSENT:
		tell_hook(t, &f, "hook missing", "is not there");
		return;
	case HOOKFILE_FOREIGN:
		tell_hook(t, &f, "hook replaced", "is not sluice's");
		return;
	case HOOKFILE_CHANGED:
		tell_hook(t, &f, "hook changed",
			"was edited after the installation");
		return;
	case HOOKFILE_OURS:
		break;
	}
	if (!f.executable)
		tell_hook(t, &f, "hook disabled",
			"is not executable: git passes over it");
	else if (f.line.chain && f.previous && !f.previous_there)
		tell_hook(t, &f, "hook missing",
			"runs a previous hook that is gone");
}

/* What the last decision was judged by, against the policy of now. */
static int compare_policy(struct audit *t, struct index *ix, struct err *err)
{
	struct buf text = BUF_INIT(POLICY_MAX), path = PATH_BUF_INIT;
	struct buf bytes = BUF_INIT(ENTRY_MAX);
	const enum record_kind decision = RECORD_DECISION;
	const struct index_filter last = {
		.repository = span_str(t->name), .kind = &decision, .last = 1};
	char now[SHA256_HEX + 1];
	struct index_rows rows;
	struct err unread = ERR_INIT;
	struct entry e;
	int ret = -1;

	if (index_list(ix, &last, t->a, &rows, err))
		goto out;
	ret = 0;
	/* Whether the policy is in order is for doctor to say. */
	if (!rows.n ||
		io_read_file(run_policy_path(t->run, &path), &text, &unread))
		goto out;
	if (log_entry(index_log(ix), rows.v[0].entry, &bytes, err) ||
		entry_parse(buf_all(&bytes), t->a, &e, err)) {
		ret = -1;
		goto out;
	}
	sha256_hex(buf_all(&text), now);
	if (e.policy.n && !span_is(e.policy, now))
		tell(t, false, "policy changed",
			"the policy is another one than entry %llu was judged "
			"by",
			(unsigned long long)rows.v[0].entry);
out:
	buf_free(&bytes);
	buf_free(&path);
	buf_free(&text);
	return ret;
}

static void look_at_policy(struct audit *t)
{
	struct index *ix;
	struct err err = ERR_INIT;

	if (index_open(t->run->state, &ix, &err)) {
		cannot_tell(t, &err);
		return;
	}
	if (compare_policy(t, ix, &err))
		cannot_tell(t, &err);
	index_close(ix);
}

static void audit_one(struct audit *t, const char *path)
{
	const char *name, *layout;
	struct gitdir g;
	struct err err = ERR_INIT;
	bool gitlab;

	t->a = arena_new(ARENA_MAX);
	t->name = path;
	if (gitdir_open(path, t->a, &g, &err) ||
		gitdir_config(&g, "sluice.name", t->a, &name, &err) ||
		gitdir_config(&g, "sluice.layout", t->a, &layout, &err)) {
		cannot_tell(t, &err);
		goto out;
	}
	if (!name) {
		err_set(&err, ERR_REPO,
			"not under a gate: it has no "
			"'sluice.name'");
		err_hint(&err, "sluice install '%s'", path);
		cannot_tell(t, &err);
		goto out;
	}
	t->name = name;
	gitlab = layout && !strcmp(layout, "gitlab");
	look_at_refs(t, g.path);
	look_at_hook(t, &g, HOOK_PRE_RECEIVE, gitlab);
	look_at_hook(t, &g, HOOK_POST_RECEIVE, gitlab);
	look_at_policy(t);
out:
	arena_free(t->a);
	t->a = NULL;
	t->name = NULL;
}

static enum exit_code audit_known(struct audit *t, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct gated_repository *v;
	enum exit_code ret = EXIT_YES;
	size_t i, n;

	if (repositories_read(t->run->state, a, &v, &n, err)) {
		ret = cmd_fail(err);
		goto out;
	}
	if (!n) {
		err_set(err, ERR_REPO,
			"'%s' knows of no repository that it gates",
			t->run->state);
		err_hint(err, "name them, or see 'sluice install'");
		ret = cmd_fail(err);
		goto out;
	}
	for (i = 0; i < n; i++)
		audit_one(t, v[i].path);
out:
	arena_free(a);
	return ret;
}

static enum exit_code conclusion(const struct audit *t)
{
	struct buf text = BUF_INIT((size_t)1 << 30);

	if (t->run->json) {
		doc_pretty(t->list, &text);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
	} else if (!t->run->quiet) {
		fprintf(stderr, "%zu gaps, %zu notes, %zu could not be told\n",
			t->gaps, t->notes, t->unknown);
	}
	if (t->gaps)
		return EXIT_NO;
	return t->unknown ? EXIT_UNKNOWN : EXIT_YES;
}

enum exit_code cmd_audit(struct run *run, int argc, char **argv)
{
	struct audit t = {.run = run};
	struct err err = ERR_INIT;
	enum exit_code ret = EXIT_YES;
	int i, left = options_read(run, NULL, 0, argc, argv, &err);

	if (left < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("audit", "[REPO.git…]", NULL, 0);
	t.list = doc_array();
	for (i = 1; i <= left; i++)
		audit_one(&t, argv[i]);
	if (!left)
		ret = audit_known(&t, &err);
	if (!ret)
		ret = conclusion(&t);
	doc_free(t.list);
	return ret;
}
