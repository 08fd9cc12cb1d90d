#include "gather/notedb.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "parse/commit.h"
#include "parse/notedb.h"
#include "port/trustfile.h"

#define EVENT_MAX (1u << 20) /* bytes of one event */
#define EVENTS_BYTES_MAX ((size_t)4 << 20)
#define SHARDS 100
#define SHARD_BYTES 3 /* "34/" */
#define META SPAN_LIT("meta")
#define ARENA_MAX ((size_t)256 << 20)
#define LOOK_AT_CLOCK 1024 /* refs */

/* "refs/changes/34/1234/…": the change, and what is behind it. */
static bool name_read(struct span name, uint64_t *number, struct span *rest)
{
	struct span shards = span_from(name, strlen(NOTEDB_ROOT));
	struct span change = span_from(shards, SHARD_BYTES);
	size_t at = span_find(change, '/');
	char shard[SHARD_BYTES + 1];

	if (at == SIZE_MAX ||
		!text_to_u64(span_sub(change, 0, at), INT32_MAX, number))
		return false;
	*rest = span_from(change, at + 1);
	snprintf(shard, sizeof(shard), "%02u/", (unsigned)(*number % SHARDS));
	return span_starts(shards, span_str(shard));
}

static int owner_of(const struct forge *f, uid_t *out, struct err *err)
{
	const struct passwd *who;

	*out = geteuid();
	if (!f->owner)
		return 0;
	who = getpwnam(f->owner);
	if (!who)
		return err_set(err, ERR_POLICY,
			"there is no account '%s' on this machine", f->owner);
	*out = who->pw_uid;
	return 0;
}

/* One thing that may not be there, such as packed-refs. */
static int trusted_part(
	const char *path, const char *part, uid_t owner, struct err *err)
{
	struct buf at = PATH_BUF_INIT;
	int ret = 0;

	io_join(&at, path, part);
	if (io_exists(buf_cstr(&at)))
		ret = trustfile_place(buf_cstr(&at), owner, err);
	buf_free(&at);
	return ret;
}

/* The commonest of what is wrong, and what to do about it. */
static int is_foreign(const struct forge *f, const char *path, struct err *err)
{
	struct stat st;

	if (f->owner || lstat(path, &st) || !st.st_uid ||
		st.st_uid == geteuid())
		return 0;
	err_set(err, ERR_POLICY, "'%s' belongs to user %lu", path,
		(unsigned long)st.st_uid);
	return err_hint(err,
		"if that is Gerrit's account, the policy has to name it as "
		"\"owner\"");
}

int notedb_path(const struct forge *f, struct span repository, struct buf *out,
	struct err *err)
{
	static const char *const part[] = {"HEAD", "config", "objects", "refs",
		"refs/changes", "packed-refs"};
	uid_t owner;
	size_t i;

	buf_reset(out);
	buf_fmt(out, "%s/%.*s.git", f->path,
		SPAN_FMT(forge_project(f, repository)));
	if (buf_check(out, "path", err) || owner_of(f, &owner, err) ||
		is_foreign(f, buf_cstr(out), err) ||
		trustfile_place(buf_cstr(out), owner, err))
		return -1;
	for (i = 0; i < ARRAY_LEN(part); i++)
		if (trusted_part(buf_cstr(out), part[i], owner, err))
			return -1;
	return 0;
}

struct search {
	const char *path;
	uid_t owner;
	struct repo *repo;
	struct arena *arena;
	struct oid_set asked;
	int64_t until;
	uint64_t refs;
	uint64_t *number; /* of changes that may be about it */
	size_t n, cap;
};

static int in_time(const struct search *s, struct err *err)
{
	if (clock_ms() < s->until)
		return 0;
	err_set(err, ERR_LIMIT,
		"what is below '" NOTEDB_ROOT "' could not be read in time");
	return err_hint(err,
		"'git pack-refs --all' makes that faster; the policy's "
		"forge_timeout gives it longer");
}

static int ref_look(
	void *ctx, struct span name, const struct oid *o, struct err *err)
{
	struct search *s = ctx;
	struct span set;
	uint64_t number, ignored;
	size_t i;

	if (++s->refs > NOTEDB_REFS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d refs below '%s'",
			NOTEDB_REFS_MAX, NOTEDB_ROOT);
	if (s->refs % LOOK_AT_CLOCK == 0 && in_time(s, err))
		return -1;
	if (!oid_set_has(&s->asked, o) || !name_read(name, &number, &set) ||
		!text_to_u64(set, INT32_MAX, &ignored))
		return 0;
	for (i = 0; i < s->n && s->number[i] != number; i++)
		continue;
	if (i < s->n)
		return 0;
	if (s->n == NOTEDB_CHANGES_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d changes are about what is pushed",
			NOTEDB_CHANGES_MAX);
	s->number = arena_grow(
		s->arena, s->number, s->n, &s->cap, sizeof(*s->number));
	s->number[s->n++] = number;
	return 0;
}

/* Added to ${out}; *${next} is the one before it, if there is ${more}. */
static int event_read(struct search *s, const struct oid *id, struct buf *out,
	struct oid *next, bool *more, struct err *err)
{
	struct repo_object obj = {.type = OBJECT_NONE};
	char hex[OID_HEX + 1];
	struct commit c;
	int ret = -1;

	if (repo_read(s->repo, id, EVENT_MAX, &obj, err))
		goto out;
	if (obj.type != OBJECT_COMMIT) {
		err_set(err, ERR_INPUT, "an event is not a commit");
		goto out;
	}
	if (commit_parse(obj.data, id, s->arena, &c, err))
		goto out;
	if (c.nparent > 1) {
		err_set(err, ERR_INPUT, "an event has more than one before it");
		goto out;
	}
	buf_fmt(out, "%s commit %zu\n", oid_hex(id, hex), obj.data.n);
	buf_span(out, obj.data);
	buf_byte(out, '\n');
	/* ${next} may be ${id}. */
	*more = c.nparent > 0;
	if (*more)
		*next = c.parent[0];
	ret = buf_check(out, "its events", err);
out:
	repo_object_free(&obj);
	return ret;
}

/* All events of a change, the newest first. */
static int events_read(
	struct search *s, struct oid at, struct buf *out, struct err *err)
{
	bool more = true;
	size_t n;

	for (n = 0; more; n++) {
		if (n == NOTEDB_EVENTS_MAX)
			return err_set(err, ERR_LIMIT,
				"it has more than %d events",
				NOTEDB_EVENTS_MAX);
		if (in_time(s, err) || event_read(s, &at, out, &at, &more, err))
			return -1;
	}
	return 0;
}

/* Where the refs of a change are, if they are not packed. */
static int folders_look(
	const struct search *s, uint64_t number, struct err *err)
{
	char name[100];
	int shard = snprintf(name, sizeof(name), NOTEDB_ROOT "%02u",
		(unsigned)(number % SHARDS));

	if (trusted_part(s->path, name, s->owner, err))
		return -1;
	snprintf(name + shard, sizeof(name) - (size_t)shard, "/%llu",
		(unsigned long long)number);
	return trusted_part(s->path, name, s->owner, err);
}

static int change_tell(struct search *s, uint64_t number,
	int (*each)(void *ctx, const struct notedb_change *c, struct err *err),
	void *ctx, struct err *err)
{
	struct buf events = BUF_INIT(EVENTS_BYTES_MAX);
	char name[100];
	struct oid tip;
	int ret = -1;

	snprintf(name, sizeof(name), NOTEDB_ROOT "%02u/%llu/meta",
		(unsigned)(number % SHARDS), (unsigned long long)number);
	/* A patch set alone was written by something else. */
	if (!repo_ref_value(s->repo, name, &tip))
		return 0;
	if (!folders_look(s, number, err) && !events_read(s, tip, &events, err))
		ret = each(ctx,
			&(struct notedb_change){
				number, span_str(name), buf_all(&events)},
			err);
	buf_free(&events);
	return ret ? err_in(err, "'%s'", name) : 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int notedb_changes(const struct forge *f, const char *path,
	const struct oid *commit, size_t n, int64_t until,
	int (*each)(void *ctx, const struct notedb_change *c, struct err *err),
	void *ctx, struct err *err)
{
	struct search s = {
		.path = path, .until = until, .arena = arena_new(ARENA_MAX)};
	size_t i;
	int ret = -1;

	for (i = 0; i < n; i++)
		oid_set_add(&s.asked, &commit[i]);
	if (owner_of(f, &s.owner, err) || repo_open(path, NULL, &s.repo, err))
		goto out;
	repo_strict(s.repo);
	if (repo_refs_each(s.repo, NOTEDB_ROOT "*", ref_look, &s, err))
		goto out;
	if (s.n)
		qsort(s.number, s.n, sizeof(*s.number), by_value);
	for (i = 0; i < s.n; i++)
		if (change_tell(&s, s.number[i], each, ctx, err))
			goto out;
	ret = 0;
out:
	repo_close(s.repo);
	oid_set_free(&s.asked);
	arena_free(s.arena);
	return ret;
}

static int meta_count(
	void *ctx, struct span name, const struct oid *o, struct err *err)
{
	struct span rest;
	uint64_t number;

	(void)o;
	(void)err;
	*(size_t *)ctx +=
		name_read(name, &number, &rest) && span_eq(rest, META);
	return 0;
}

int notedb_count(const char *path, size_t *out, struct err *err)
{
	struct repo *r = NULL;
	int ret = -1;

	*out = 0;
	if (!repo_open(path, NULL, &r, err))
		ret = repo_refs_each(r, NOTEDB_ROOT "*", meta_count, out, err);
	repo_close(r);
	return ret;
}
