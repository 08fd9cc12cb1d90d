#include "base/pathname.h"
#include "base/text.h"
#include "checks/check.h"
#include "model/submodule.h"

#define PLACE_MAX 300
#define SHOWN_MAX 100

/* One path that a commit brings. */
struct subject {
	const struct rule_file *rule;
	const struct change *change;
	const struct path_change *path;
	size_t u;
	struct findings *out;
};

static void add(const struct subject *s, enum finding_id id, const char *detail)
{
	struct finding *f =
		findings_add(s->out, id, s->u, &s->change->commit.id);

	f->place = findings_show(s->out, s->path->path, PLACE_MAX);
	f->detail = detail;
}

static struct span last_name(struct span path)
{
	size_t i = path.n;

	while (i && path.p[i - 1] != '/')
		i--;
	return span_from(path, i);
}

/* A glob with a '/' is about the whole path, one without about the name. */
static const char *denied(const struct rule_file *rule, struct span path)
{
	size_t i;

	for (i = 0; i < rule->ndeny; i++) {
		struct span glob = span_str(rule->deny[i]);
		bool whole = span_find(glob, '/') != SIZE_MAX;

		if (text_glob(glob, whole ? path : last_name(path)))
			return rule->deny[i];
	}
	return NULL;
}

static void name(const struct subject *s)
{
	const struct patterns *p = &s->rule->deny_pattern;
	const char *glob = denied(s->rule, s->path->path);
	size_t i;

	if (glob)
		add(s, FINDING_FILE_NAME,
			arena_fmt(s->out->arena, "'%s' is not allowed", glob));
	/* A path that nobody matched is not known to be allowed. */
	for (i = 0; i < p->n; i++) {
		if (s->path->matches &&
			!bit_get(s->path->matches, p->v[i].number))
			continue;
		add(s, FINDING_FILE_NAME,
			arena_fmt(s->out->arena, "'%s' is not allowed",
				findings_quote(
					s->out, p->v[i].text, SHOWN_MAX)));
	}
}

static void extension(const struct subject *s)
{
	struct span last = last_name(s->path->path);
	size_t i;

	for (i = 0; i < s->rule->nextension; i++) {
		struct span e = span_str(s->rule->extension[i]);

		if (last.n <= e.n || last.p[last.n - e.n - 1] != '.' ||
			!text_same(span_from(last, last.n - e.n), e))
			continue;
		add(s, FINDING_FILE_EXTENSION,
			arena_fmt(s->out->arena, "'.%s' is not allowed",
				s->rule->extension[i]));
		return;
	}
}

static void sizes(const struct subject *s)
{
	const struct rule_file *rule = s->rule;

	if (rule->max_size && s->path->size > rule->max_size)
		add(s, FINDING_FILE_SIZE,
			arena_fmt(s->out->arena,
				"%llu bytes, at most %llu are allowed",
				(unsigned long long)s->path->size,
				(unsigned long long)rule->max_size));
	if (rule->max_path && s->path->path.n > rule->max_path)
		add(s, FINDING_FILE_PATH_LENGTH,
			arena_fmt(s->out->arena,
				"%zu bytes, at most %u are allowed",
				s->path->path.n, rule->max_path));
}

static void mode(const struct subject *s)
{
	unsigned m = s->path->mode;

	if (m == 0100644 || m == 0100755 || m == 0120000 || m == 0160000)
		return;
	add(s, FINDING_FILE_MODE,
		arena_fmt(s->out->arena,
			"mode %06o; git makes 100644, 100755, 120000 and "
			"160000",
			m));
}

/* Every part of the path: a folder is made as well. */
static void parts(const struct subject *s)
{
	struct span rest = s->path->path, part;
	const char *windows = NULL;
	bool git = false;

	while (pathname_next(&rest, &part)) {
		const char *why = pathname_windows_fault(part);

		if (s->rule->deny_dotgit && !git &&
			(pathname_is_dots(part) ||
				pathname_is_git(part, "git"))) {
			git = true;
			add(s, FINDING_FILE_GIT_NAME,
				arena_fmt(s->out->arena, "the part '%s'",
					findings_show(
						s->out, part, SHOWN_MAX)));
		}
		if (s->rule->deny_windows && why && !windows) {
			windows = why;
			add(s, FINDING_FILE_WINDOWS_NAME,
				arena_fmt(s->out->arena, "the part '%s': %s",
					findings_show(s->out, part, SHOWN_MAX),
					why));
		}
	}
}

/*
 * Why a link may lead out of the tree, or NULL. Where it stands is a folder
 * indeed, so the '..' in front can be counted; behind a name they cannot, for
 * the name may be another link. Each link on the way was judged by itself.
 */
static const char *leads_out(struct span path, struct span target)
{
	struct span rest = target, part;
	size_t depth = 0; /* of the link itself; 1 in the root */
	bool named = false;

	if (!target.n)
		return "it is empty";
	if (span_find(target, 0) != SIZE_MAX)
		return "it has a NUL in it";
	if (target.p[0] == '/' || target.p[0] == '\\' ||
		(target.n > 1 && target.p[1] == ':'))
		return "it is not relative";
	while (pathname_next(&path, &part)) {
		if (pathname_is_dots(part))
			return "it stands where no folder can be";
		depth++;
	}
	while (pathname_next_any(&rest, &part)) {
		if (pathname_is_git(part, "git"))
			return "it leads to Git's own files";
		if (!part.n || span_is(part, "."))
			continue;
		if (!span_is(part, "..")) {
			named = true;
			continue;
		}
		if (named)
			return "it has a '..' behind a name, which may be "
			       "another link";
		if (depth < 2)
			return "it leads out of the repository";
		depth--;
	}
	return NULL;
}

static void symlink(const struct subject *s)
{
	const struct path_content *c = s->path->content;
	const char *why;

	if (entry_kind(s->path->mode) != ENTRY_LINK ||
		s->rule->symlinks == SYMLINKS_ALLOW)
		return;
	if (s->rule->symlinks == SYMLINKS_DENY) {
		add(s, FINDING_FILE_SYMLINK, "no symbolic links are allowed");
		return;
	}
	if (!c || c->fault) {
		add(s, FINDING_FILE_SYMLINK,
			arena_fmt(s->out->arena, "its target was not read: %s",
				c ? c->fault : "not looked for"));
		return;
	}
	why = leads_out(s->path->path, c->link);
	if (why)
		add(s, FINDING_FILE_SYMLINK,
			arena_fmt(s->out->arena, "to '%s': %s",
				findings_show(s->out, c->link, SHOWN_MAX),
				why));
}

/* .gitmodules under any name that some system takes for it. */
static void modules(const struct subject *s)
{
	const struct path_content *c = s->path->content;
	size_t i;

	if (entry_kind(s->path->mode) != ENTRY_FILE) {
		add(s, FINDING_FILE_SUBMODULE,
			entry_kind(s->path->mode) == ENTRY_LINK
				? "it is a symbolic link"
				: "it is a submodule");
		return;
	}
	if (!c || c->fault) {
		add(s, FINDING_FILE_SUBMODULE,
			arena_fmt(s->out->arena, "it cannot be read: %s",
				c ? c->fault : "not looked for"));
		return;
	}
	for (i = 0; i < c->nsetting; i++) {
		const struct submodule_setting *m = &c->setting[i];
		const char *why =
			submodule_fault(m, s->rule->submodules, s->out->arena);

		if (why)
			add(s, FINDING_FILE_SUBMODULE,
				arena_fmt(s->out->arena,
					"submodule '%s', %s '%s': %s",
					findings_show(
						s->out, m->name, SHOWN_MAX),
					submodule_key_name(m->key),
					findings_show(
						s->out, m->value, SHOWN_MAX),
					why));
	}
}

static void submodule(const struct subject *s)
{
	if (!s->rule->limit_submodules)
		return;
	if (entry_kind(s->path->mode) == ENTRY_SUBMODULE &&
		!s->rule->submodules)
		add(s, FINDING_FILE_SUBMODULE, "no submodules are allowed");
	if (pathname_is_git(s->path->path, "gitmodules"))
		modules(s);
}

static void judge(const struct subject *s)
{
	name(s);
	extension(s);
	sizes(s);
	if (s->rule->deny_modes)
		mode(s);
	if (s->rule->deny_windows || s->rule->deny_dotgit)
		parts(s);
	symlink(s);
	submodule(s);
}

/* A name as a file system that ignores case sees it. */
struct folded {
	struct span name;
	const struct folder_entry *entry;
};

static int by_name(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;
	int d = span_cmp(x->name, y->name);

	return d ? d : span_cmp(x->entry->name, y->entry->name);
}

/* Names that look the same on a screen need to be told why they are not. */
static const char *also(struct span a, struct span b)
{
	struct buf x = BUF_INIT(65536), y = BUF_INIT(65536);
	bool same;

	pathname_fold_case(&x, a);
	pathname_fold_case(&y, b);
	same = span_eq(buf_all(&x), buf_all(&y));
	buf_free(&x);
	buf_free(&y);
	return same ? "" : ", with other code points for the same letters";
}

static void collision(const struct update_fact *up, size_t u,
	const struct folder_fact *folder, const struct folder_entry *a,
	const struct folder_entry *b, struct findings *out)
{
	const struct folder_entry *new = b->fresh ? b : a;
	struct finding *f;

	f = findings_add(out, FINDING_FILE_CASE_COLLISION, u, &up->up->new);
	f->place = arena_fmt(out->arena, "%s%s",
		findings_show(out, folder->path, PLACE_MAX),
		findings_show(out, new->name, PLACE_MAX));
	f->detail = arena_fmt(out->arena, "beside '%s'%s",
		findings_show(out, (new == a ? b : a)->name, SHOWN_MAX),
		also(a->name, b->name));
}

/* What was there before is not held against this push. */
static void collisions(const struct update_fact *up, size_t u,
	const struct folder_fact *folder, struct findings *out)
{
	struct folded *v = arena_get(out->arena, folder->n, sizeof(*v));
	struct buf one = BUF_INIT(65536);
	size_t i, k;

	for (i = 0; i < folder->n; i++) {
		buf_reset(&one);
		pathname_fold(&one, folder->entry[i].name);
		v[i].name = arena_copy(out->arena, buf_all(&one));
		v[i].entry = &folder->entry[i];
	}
	qsort(v, folder->n, sizeof(*v), by_name);
	for (i = 0; i < folder->n; i = k) {
		bool fresh = v[i].entry->fresh;

		for (k = i + 1; k < folder->n && span_eq(v[k].name, v[i].name);
			k++)
			if (fresh || v[k].entry->fresh) {
				collision(up, u, folder, v[i].entry, v[k].entry,
					out);
			}
	}
	buf_free(&one);
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_file *rule = up->rules.file;
	size_t i, k;

	if (!rule || up->movement == MOVEMENT_DELETE)
		return;
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];

		for (k = 0; k < c->npath; k++)
			if (!c->path[k].removed)
				judge(&(struct subject){
					rule, c, &c->path[k], u, out});
	}
	for (i = 0; rule->deny_case && i < up->nfolder; i++)
		collisions(up, u, &up->folder[i], out);
}

const struct check check_file = {"file", run};
