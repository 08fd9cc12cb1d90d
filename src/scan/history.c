#include "scan/history.h"

#include "parse/gitleaks.h"
#include "port/crypto.h"

/* Hits of one object; they are told before the next. */
#define ARENA_MAX ((size_t)64 << 20)
/* Commits and tags larger than this are no messages. */
#define TEXT_MAX ((uint64_t)64 << 20)

struct item {
	const struct oid *object, *commit;
	struct span path;
	const char *what, *head; /* ${head}: name of the part before the
				  * message, or NULL when it is all one */
};

/* Whether an allow-list of gitleaks' kind excuses the hit here. Then the object
 * is looked at again where else it comes up. */
static int excused(struct history *h, const struct item *it,
	const struct scan_hit *hit, bool *out, struct err *err)
{
	char commit[OID_HEX + 1];
	bool stands = true;

	*out = false;
	if (!hit->waits)
		return 0;
	if (it->commit)
		oid_hex(it->commit, commit);
	if (inspect_stands(h->inspector, hit, it->path,
		    it->commit ? commit : NULL, &stands, err))
		return -1;
	*out = !stands;
	if (*out)
		oid_set_add(&h->by_path, it->object);
	return 0;
}

static int tell_unscanned(struct history *h, const struct item *it,
	const char *why, struct err *err)
{
	struct history_hit hit = {.why = why,
		.object = it->object,
		.commit = it->commit,
		.path = it->path,
		.what = it->what};

	return h->tell(h->ctx, &hit, err);
}

static size_t lines_in(struct span s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* Findings show messages, names and paths; of a blob they show nothing. */
static bool is_shown(const char *what)
{
	return strcmp(what, "blob") != 0;
}

/* ${body}: where the message starts in an object that has a header. */
static int tell_all(struct history *h, const struct item *it,
	const struct scan_result *r, struct span text, size_t body,
	struct err *err)
{
	size_t i, above = lines_in(span_sub(text, 0, body));

	for (i = 0; i < r->nhit; i++) {
		struct history_hit hit = {.hit = &r->hit[i],
			.object = it->object,
			.commit = it->commit,
			.path = it->path,
			.what = it->what,
			.line = r->hit[i].line};
		bool skip;

		if (excused(h, it, &r->hit[i], &skip, err))
			return -1;
		if (skip)
			continue;

		/* A rule on the path alone names no secret. */
		if (is_shown(it->what) && r->hit[i].line)
			hit.secret = span_sub(text, r->hit[i].at, r->hit[i].n);
		if (it->head && r->hit[i].at < body)
			hit.what = it->head;
		else if (hit.line > above)
			hit.line -= above;
		if (h->tell(h->ctx, &hit, err))
			return -1;
	}
	if (r->outcome != SCAN_DONE)
		return tell_unscanned(h, it, r->why, err);
	return 0;
}

/* A commit or tag: its message is what people know, but what stands above it
 * was pushed as well. */
static int scan_text(
	struct history *h, struct item *it, struct span text, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	size_t body = span_search(text, SPAN_LIT("\n\n"));
	struct scan_result r;
	int ret = -1;

	body = body == SIZE_MAX ? text.n : body + 2;
	h->objects++;
	h->bytes += text.n;
	if (!inspect_scan(h->inspector, text, SPAN_EMPTY, arena, &r, err))
		ret = tell_all(h, it, &r, text, body, err);
	arena_free(arena);
	return ret;
}

/* At a further path of a blob: the rules that ask for a path; the others have
 * spoken, and so have those that judged a member by its own path. */
static void keep_path_rules(struct scan_result *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->nhit; i++) {
		const struct rule *rule = r->hit[i].rule;
		bool own = r->hit[i].member_path.p != NULL;

		if ((rule->path.n && !own) ||
			(rule->leak && rule->leak->nallow))
			r->hit[n++] = r->hit[i];
	}
	r->nhit = n;
}

/* The open result of a blob, settled for one path. */
static int tell_settled(struct history *h, const struct item *it,
	const struct scan_result *open, bool again, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct scan_result r = *open;
	int ret = -1;

	if (r.nhit) {
		r.hit = arena_get(arena, r.nhit, sizeof(*r.hit));
		memcpy(r.hit, open->hit, r.nhit * sizeof(*r.hit));
	}
	if (inspect_settle(h->inspector, it->path, &r, err))
		goto out;
	if (r.elsewhere)
		oid_set_add(&h->by_path, it->object);
	if (again)
		keep_path_rules(&r);
	ret = tell_all(h, it, &r, SPAN_EMPTY, 0, err);
out:
	arena_free(arena);
	return ret;
}

static int read_blob(
	struct history *h, const struct item *it, bool again, struct err *err)
{
	struct arena *arena = NULL;
	struct repo_object obj = {0};
	struct scan_result r;
	struct err why = ERR_INIT;
	int ret = -1;

	/* Too large, missing or damaged: told, and the rest goes on. */
	if (repo_read(h->repo, it->object, h->max, &obj, &why))
		return tell_unscanned(h, it, why.text, err);
	arena = arena_new(ARENA_MAX);
	h->objects++;
	h->bytes += obj.data.n;
	if (!inspect_open(h->inspector, obj.data, NULL, arena, &r, err))
		ret = tell_settled(h, it, &r, again, err);
	repo_object_free(&obj);
	arena_free(arena);
	return ret;
}

static int scan_blob(struct history *h, struct item *it, struct err *err)
{
	bool again = oid_set_has(&h->seen, it->object);
	const struct scan_result *r = NULL;
	enum prescan_answer answer = PRESCAN_UNKNOWN;

	if (again && !oid_set_has(&h->by_path, it->object))
		return 0;
	oid_set_add(&h->seen, it->object);
	if (h->prescan)
		answer = prescan_of(h->prescan, it->object, &r);
	switch (answer) {
	case PRESCAN_CLEAN:
		return 0;
	case PRESCAN_FOUND:
		return tell_settled(h, it, r, again, err);
	case PRESCAN_UNKNOWN:
		break;
	}
	return read_blob(h, it, again, err);
}

/* The path as text, once however many commits touch it. */
static int scan_path(struct history *h, const struct item *at, struct err *err)
{
	unsigned char hash[SHA256_LEN];
	struct arena *arena;
	struct scan_result r;
	struct item it = *at;
	struct oid key;
	int ret = -1;

	sha256_of(it.path, hash);
	memcpy(key.b, hash, OID_RAW);
	if (oid_set_has(&h->paths, &key))
		return 0;
	oid_set_add(&h->paths, &key);
	it.what = "path";
	arena = arena_new(ARENA_MAX);
	if (!inspect_path(h->inspector, it.path, arena, &r, err))
		ret = tell_all(h, &it, &r, it.path, 0, err);
	arena_free(arena);
	return ret;
}

struct bring {
	struct history *h;
	const struct oid *commit;
};

static int on_path(void *ctx, const struct repo_path *p, struct err *err)
{
	struct bring *b = ctx;
	struct item it = {.object = &p->oid,
		.commit = b->commit,
		.path = p->path,
		.what = "blob"};

	if (scan_path(b->h, &it, err))
		return -1;
	/* A symbolic link is a blob too: its target is its content. */
	if (p->type != OBJECT_BLOB)
		return 0;
	return scan_blob(b->h, &it, err);
}

int history_message(struct history *h, const struct oid *o,
	const struct oid *commit, enum object_type type, struct err *err)
{
	struct item it = {.object = o, .commit = commit};
	struct repo_object obj = {0};
	const struct scan_result *r;
	struct err why = ERR_INIT;
	int ret;

	if (type == OBJECT_COMMIT) {
		it.what = "commit message";
		it.head = "commit header";
	} else {
		it.what = "tag message";
		it.head = "tag header";
	}
	if (oid_set_has(&h->seen, o))
		return 0;
	oid_set_add(&h->seen, o);
	if (h->prescan && prescan_of(h->prescan, o, &r) == PRESCAN_CLEAN)
		return 0;
	if (repo_read(h->repo, o, TEXT_MAX, &obj, &why))
		return tell_unscanned(h, &it, why.text, err);
	ret = scan_text(h, &it, obj.data, err);
	repo_object_free(&obj);
	return ret;
}

int history_commit(struct history *h, const struct commit *c, struct err *err)
{
	struct bring b = {h, &c->id};

	if (history_message(h, &c->id, &c->id, OBJECT_COMMIT, err))
		return -1;
	return repo_new_paths(
		h->repo, &c->tree, c->parent, c->nparent, on_path, &b, err);
}

int history_tree(struct history *h, const struct oid *tree, struct err *err)
{
	struct bring b = {h, NULL};

	return repo_new_paths(h->repo, tree, NULL, 0, on_path, &b, err);
}

int history_object(struct history *h, const struct oid *o, struct err *err)
{
	struct item it = {.object = o, .what = "blob"};
	const struct scan_result *r;
	enum object_type type;

	if (h->prescan && prescan_of(h->prescan, o, &r) == PRESCAN_CLEAN)
		return 0;
	type = repo_type(h->repo, o, NULL);
	switch (type) {
	case OBJECT_BLOB:
		if (oid_set_has(&h->seen, o))
			return 0;
		return scan_blob(h, &it, err);
	case OBJECT_COMMIT:
	case OBJECT_TAG:
		return history_message(h, o, NULL, type, err);
	case OBJECT_TREE:
		return 0;
	case OBJECT_NONE:
		break;
	}
	err_set(err, ERR_REPO, "an object that was listed is not there");
	return -1;
}

int history_blob(struct history *h, const struct oid *o,
	const struct oid *commit, struct span path, struct err *err)
{
	struct item it = {o, commit, path, "blob", NULL};

	return scan_blob(h, &it, err);
}

int history_path(struct history *h, const struct oid *o,
	const struct oid *commit, struct span path, struct err *err)
{
	struct item it = {o, commit, path, "path", NULL};

	return scan_path(h, &it, err);
}

void history_free(struct history *h)
{
	oid_set_free(&h->seen);
	oid_set_free(&h->by_path);
	oid_set_free(&h->paths);
	prescan_free(h->prescan);
	h->prescan = NULL;
}
