/* NoteDb: the commits of a change's meta ref, with a NUL between. */
#include "parse/commit.h"
#include "parse/notedb.h"

#define EVENTS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct oid id;
	const struct notedb_server server = {SPAN_LIT("srv"), 2};
	struct arena *arena = arena_new(64u << 20);
	struct span rest = span_of(data, n);
	struct commit c[EVENTS];
	struct review_request r;
	struct err err = ERR_INIT;
	size_t many = 0, at, i;

	while (many < EVENTS) {
		at = span_find(rest, '\0');
		if (commit_parse(
			    span_sub(rest, 0, at), &id, arena, &c[many], &err))
			break;
		many++;
		if (at == SIZE_MAX)
			break;
		rest = span_from(rest, at + 1);
	}
	if (!notedb_read(c, many, 1, &server, arena, &r, &err)) {
		if (!r.branch.n || !r.opener.n || !r.alone)
			die("notedb: a change without branch or owner");
		for (i = 0; i < r.nreview; i++)
			if (!r.review[i].account || !r.review[i].id ||
				r.review[i].id > many)
				die("notedb: a vote by nobody");
	}
	arena_free(arena);
	return 0;
}
