#include "gather/notedb.h"

#include "base/text.h"
#include "parse/commit.h"
#include "parse/notedb.h"

#define ROOT "refs/changes/"
#define EVENT_MAX (1u << 20) /* bytes of one event */
#define SHARDS 100
#define SHARD_BYTES 3 /* "34/" */

struct search {
	struct repo *repo;
	struct arena *arena;
	struct oid_set asked;
	unsigned highest;
	uint64_t refs, bytes;
	uint64_t *number; /* of changes that may be about it */
	size_t n, cap;
};

/* "refs/changes/34/1234/5": the change, where the name is of that form. */
static bool name_read(struct span name, uint64_t *number)
{
	struct span rest = span_from(name, strlen(ROOT));
	struct span change = span_from(rest, SHARD_BYTES);
	size_t at = span_find(change, '/');
	char shard[SHARD_BYTES + 1];
	uint64_t set;

	if (at == SIZE_MAX ||
		!text_to_u64(span_sub(change, 0, at), INT32_MAX, number) ||
		!text_to_u64(span_from(change, at + 1), INT32_MAX, &set))
		return false;
	snprintf(shard, sizeof(shard), "%02u/", (unsigned)(*number % SHARDS));
	return span_starts(rest, span_str(shard));
}

static int ref_look(
	void *ctx, struct span name, const struct oid *o, struct err *err)
{
	struct search *s = ctx;
	uint64_t number;
	size_t i;

	if (++s->refs > NOTEDB_REFS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d refs below '%s'",
			NOTEDB_REFS_MAX, ROOT);
	if (!oid_set_has(&s->asked, o) || !name_read(name, &number))
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

static int event_read(struct search *s, const struct oid *id,
	struct commit *out, struct err *err)
{
	struct repo_object obj = {.type = OBJECT_NONE};
	int ret = -1;

	if (repo_read(s->repo, id, EVENT_MAX, &obj, err))
		goto out;
	s->bytes += obj.data.n;
	if (s->bytes > NOTEDB_BYTES_MAX) {
		err_set(err, ERR_LIMIT,
			"the events of changes have more than %u bytes",
			NOTEDB_BYTES_MAX);
		goto out;
	}
	if (obj.type != OBJECT_COMMIT) {
		err_set(err, ERR_INPUT, "an event is not a commit");
		goto out;
	}
	if (commit_parse(obj.data, id, s->arena, out, err))
		goto out;
	if (out->nparent > 1) {
		err_set(err, ERR_INPUT, "an event has more than one before it");
		goto out;
	}
	ret = 0;
out:
	repo_object_free(&obj);
	return ret;
}

/* All events of a change, oldest first. */
static int events_read(struct search *s, const struct oid *tip,
	struct commit **out, size_t *n, struct err *err)
{
	struct commit *v = NULL;
	size_t cap = 0, i;
	struct oid at = *tip;
	bool more = true;

	for (*n = 0; more; (*n)++) {
		if (*n == NOTEDB_EVENTS_MAX)
			return err_set(err, ERR_LIMIT,
				"it has more than %d events",
				NOTEDB_EVENTS_MAX);
		v = arena_grow(s->arena, v, *n, &cap, sizeof(*v));
		if (event_read(s, &at, &v[*n], err))
			return -1;
		more = v[*n].nparent > 0;
		if (more)
			at = v[*n].parent[0];
	}
	*out = arena_get(s->arena, *n, sizeof(**out));
	for (i = 0; i < *n; i++)
		(*out)[i] = v[*n - 1 - i];
	return 0;
}

static int change_read(struct search *s, uint64_t number,
	struct review_request *out, bool *any, struct err *err)
{
	char name[100];
	struct commit *event = NULL;
	struct oid tip;
	size_t n = 0;

	*any = false;
	snprintf(name, sizeof(name), ROOT "%02u/%llu/meta",
		(unsigned)(number % SHARDS), (unsigned long long)number);
	/* A patch set alone was written by something else. */
	if (!repo_ref_value(s->repo, name, &tip))
		return 0;
	if (events_read(s, &tip, &event, &n, err) ||
		notedb_read(event, n, number, s->highest, s->arena, out, err))
		return err_in(err, "'%s'", name);
	*any = oid_set_has(&s->asked, &out->head);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int notedb_changes(struct repo *r, const struct oid *commit, size_t ncommit,
	unsigned highest, struct arena *arena, struct review_request **out,
	size_t *n, struct err *err)
{
	struct search s = {.repo = r, .arena = arena, .highest = highest};
	size_t i;
	bool any;
	int ret = -1;

	*out = NULL;
	*n = 0;
	for (i = 0; i < ncommit; i++)
		oid_set_add(&s.asked, &commit[i]);
	if (!ncommit)
		return 0;
	if (repo_refs_each(r, ROOT "*", ref_look, &s, err))
		goto out;
	if (s.n)
		qsort(s.number, s.n, sizeof(*s.number), by_value);
	*out = arena_get(arena, s.n, sizeof(**out));
	for (i = 0; i < s.n; i++) {
		if (change_read(&s, s.number[i], &(*out)[*n], &any, err))
			goto out;
		*n += any;
	}
	ret = 0;
out:
	if (ret)
		*n = 0;
	oid_set_free(&s.asked);
	return ret;
}
