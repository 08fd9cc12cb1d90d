#include "deploy/strayed.h"

#include <unistd.h>

#include "base/io.h"
#include "parse/reflog.h"

/* What an audit saw explains the way there and the way back. */
static bool is_seen(
	const struct index_steps *seen, const struct reflog_line *line)
{
	size_t i;

	for (i = 0; i < seen->n; i++)
		if (oid_eq(&seen->v[i].new, &line->new) ||
			oid_eq(&seen->v[i].new, &line->old))
			return true;
	return false;
}

static int look(struct index *ix, struct span repo, struct span ref,
	const struct index_steps *seen, const struct reflog_line *line,
	struct arena *a, struct strayed *out, struct err *err)
{
	uint64_t entry;

	if (index_decision(ix, repo, ref, &line->old, &line->new, &entry, err))
		return -1;
	if (entry != ENTRY_NONE || is_seen(seen, line))
		return 0;
	out->n++;
	out->old = line->old;
	out->new = line->new;
	out->by = (struct movedby){MOVEDBY_REFLOG,
		arena_fmt(a, "%.*s <%.*s>", SPAN_FMT(line->who.name),
			SPAN_FMT(line->who.email)),
		arena_str(a, line->why), line->who.time};
	return 0;
}

static const char *path_of(const char *git, struct span ref, struct arena *a)
{
	return arena_fmt(a, "%s/logs/%.*s", git, SPAN_FMT(ref));
}

bool strayed_kept(const char *git, struct span ref, struct arena *a)
{
	return !access(path_of(git, ref, a), F_OK);
}

int strayed(struct index *ix, struct span repo, const char *git,
	struct span ref, int64_t since, const struct oid *at, struct arena *a,
	struct strayed *out, struct err *err)
{
	struct buf text = BUF_INIT(REFLOG_MAX);
	struct index_steps seen;
	struct reflog_line line;
	struct span rest;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (io_read_file(path_of(git, ref, a), &text, err) ||
		index_ref_observed(ix, repo, ref, a, &seen, err))
		goto out;
	rest = buf_all(&text);
	while (reflog_next(&rest, &line)) {
		if (line.who.time <= since || oid_eq(&line.old, &line.new) ||
			(!oid_is_zero(at) && oid_eq(&line.new, at)))
			continue;
		if (look(ix, repo, ref, &seen, &line, a, out, err))
			goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}
