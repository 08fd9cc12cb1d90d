/*
 * Gerrit's NoteDb as an answer: the commits of a change's meta ref, the newest
 * first, each as "git cat-file --batch" prints it,
 *
 *	ID commit BYTES
 *	(the bytes of the commit, and LF)
 *
 * so that "git hash-object -t commit --stdin" can be asked whether they are
 * what their names say. notedb.h has what they mean.
 */
#include "base/text.h"
#include "parse/commit.h"
#include "parse/notedb.h"
#include "parse/review.h"
#include "parse/reviewread.h"

#define KIND " commit "

static int odd(const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, "the events of a change: %s", what);
}

static int event_read(struct span *rest, struct arena *arena,
	struct commit *out, struct err *err)
{
	struct span line, bytes;
	struct oid id;
	uint64_t n;

	if (!span_line(rest, &line, NULL) ||
		!oid_read(span_sub(line, 0, OID_HEX), &id) ||
		!span_starts(span_from(line, OID_HEX), SPAN_LIT(KIND)) ||
		!text_to_u64(span_from(line, OID_HEX + strlen(KIND)),
			REVIEWBUNDLE_MAX, &n) ||
		rest->n <= n || rest->p[n] != '\n')
		return odd("not in their proper form", err);
	bytes = span_sub(*rest, 0, (size_t)n);
	*rest = span_from(*rest, (size_t)n + 1);
	return commit_parse(bytes, &id, arena, out, err);
}

/* Each is the only parent of the one before. */
static int chain(const struct commit *v, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].nparent > 1)
			return odd("one has more than one before it", err);
		if (v[i].nparent != (i + 1 < n) ||
			(v[i].nparent &&
				!oid_eq(&v[i].parent[0], &v[i + 1].id)))
			return odd("one is not there", err);
	}
	return 0;
}

static int events_read(struct span body, struct arena *arena,
	struct commit **out, size_t *n, struct err *err)
{
	struct commit *v = NULL, swap;
	size_t cap = 0, i;

	for (*n = 0; body.n; ++*n) {
		if (*n == NOTEDB_EVENTS_MAX)
			return odd("too many", err);
		v = arena_grow(arena, v, *n, &cap, sizeof(*v));
		if (event_read(&body, arena, &v[*n], err))
			return -1;
	}
	if (chain(v, *n, err))
		return -1;
	for (i = 0; i < *n / 2; i++) {
		swap = v[i];
		v[i] = v[*n - 1 - i];
		v[*n - 1 - i] = swap;
	}
	*out = v;
	return 0;
}

static int all_read(const struct review_where *w, const struct review_answer *a,
	size_t n, struct arena *arena, struct review_request *out,
	struct err *err)
{
	const struct review_answer *meta = review_part_of(a, n, "meta");
	const struct notedb_server server = {w->server_id, w->highest};
	struct commit *event = NULL;
	size_t many;

	memset(out, 0, sizeof(*out));
	if (!meta)
		return review_missing("meta", err);
	if (events_read(meta->body, arena, &event, &many, err))
		return -1;
	return notedb_read(event, many, meta->number, &server, arena, out, err);
}

const struct review_dialect review_notedb = {.read = all_read};
