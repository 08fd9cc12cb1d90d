/* What a report says of a place beside where it is. */
#include "cmd/scan.h"
#include "parse/commit.h"
#include "port/repo.h"

#define COMMIT_MAX ((uint64_t)64 << 20)

struct span scan_shown(
	struct span path, const struct scan_result *r, struct buf *out)
{
	size_t i, at = 0;

	buf_reset(out);
	for (i = 0; i < r->nhit; i++) {
		const struct scan_hit *hit = &r->hit[i];

		if (!hit->line || hit->at < at)
			continue;
		buf_span(out, span_sub(path, at, hit->at - at));
		buf_str(out, hit->redacted);
		at = hit->at + hit->n;
	}
	if (!at)
		return path;
	buf_span(out, span_from(path, at));
	return buf_all(out);
}

void scan_author(struct scan *s, const struct oid *commit, struct buf *out)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct repo_object obj = {0};
	struct err none = ERR_INIT;
	struct commit c;

	buf_reset(out);
	if (!repo_read(s->repo, commit, COMMIT_MAX, &obj, &none) &&
		!commit_parse(obj.data, commit, arena, &c, &none) &&
		(c.author.name.n || c.author.email.n)) {
		buf_span(out, c.author.name);
		buf_str(out, " <");
		buf_span(out, c.author.email);
		buf_byte(out, '>');
	}
	repo_object_free(&obj);
	arena_free(arena);
}
