/* A change of NoteDb as it is kept: its events as git prints them. */
#include "parse/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct review_where where = {
		.server_id = SPAN_LIT("srv"), .highest = 2};
	const struct review_answer a = {.part = SPAN_LIT("meta"),
		.number = 1234,
		.body = span_of(data, n)};
	struct arena *arena = arena_new(64u << 20);
	struct review_request r;
	struct err err = ERR_INIT;
	size_t i;

	if (review_notedb.read(&where, &a, 1, arena, &r, &err)) {
		if (!err.text[0])
			die("notedb: refused, and does not say why");
	} else {
		for (i = 0; i < r.nreview; i++)
			if (!r.review[i].account)
				die("notedb: a vote by nobody");
	}
	arena_free(arena);
	return 0;
}
