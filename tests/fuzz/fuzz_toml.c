/* TOML: no crash; lines are in the text; members are unique. */
#include "parse/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void walk(const struct toml *t, size_t lines)
{
	const struct toml *p;
	size_t count = 0;

	if (t->kind == TOML_NONE || !t->line || t->line > lines)
		abort();
	if (t->first && t->kind != TOML_ARRAY && t->kind != TOML_TABLE)
		abort();
	for (p = t->first; p; p = p->next, count++) {
		if (t->kind == TOML_TABLE && toml_get(t, p->key) != p)
			abort();
		walk(p, lines);
	}
	if (count != t->count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)512 << 20);
	const struct toml *doc;
	struct err err = ERR_INIT;
	size_t i, lines = 1;

	for (i = 0; i < n; i++)
		lines += data[i] == '\n';
	if (!toml_parse(span_of(data, n), arena, &doc, &err))
		walk(doc, lines);
	else if (doc || !err.text[0])
		abort();
	arena_free(arena);
	return 0;
}
