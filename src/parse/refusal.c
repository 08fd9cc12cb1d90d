#include "parse/refusal.h"

#define COMMAND SPAN_LIT("sluice waive ")

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a shell: as it stands, or between single quotes. */
static bool word(struct span *rest, struct span *out)
{
	size_t n = 0, end;

	while (rest->n && is_blank(rest->p[0]))
		*rest = span_from(*rest, 1);
	if (!rest->n)
		return false;
	if (rest->p[0] == '\'') {
		end = span_find(span_from(*rest, 1), '\'');
		if (end == SIZE_MAX)
			return false;
		*out = span_sub(*rest, 1, end);
		*rest = span_from(*rest, end + 2);
		return !rest->n || is_blank(rest->p[0]);
	}
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	*out = span_sub(*rest, 0, n);
	*rest = span_from(*rest, n);
	return span_find(*out, '\'') == SIZE_MAX;
}

static bool set(struct span *to, struct span value)
{
	if (to->n || !value.n || span_starts(value, SPAN_LIT("--")) ||
		span_starts(value, SPAN_LIT("<")))
		return false;
	*to = value;
	return true;
}

static bool option(struct waiver_ask *ask, struct span *commit,
	struct span name, struct span value)
{
	const struct {
		const char *name;
		struct span *to;
	} rows[] = {
		{"--for", commit},
		{"--ref", &ask->ref},
		{"--repository", &ask->repository},
		{"--fingerprint", &ask->fingerprint},
		{"--path", &ask->path},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (span_is(name, rows[i].name))
			return set(rows[i].to, value);
	return false;
}

static bool command(struct span rest, struct waiver_ask *ask)
{
	struct span name, value, commit = SPAN_EMPTY;

	memset(ask, 0, sizeof(*ask));
	if (!word(&rest, &name) || !set(&ask->finding, name))
		return false;
	rest = span_trim(rest);
	while (rest.n) {
		if (!word(&rest, &name) || !word(&rest, &value) ||
			!option(ask, &commit, name, value))
			return false;
		rest = span_trim(rest);
	}
	return oid_read(commit, &ask->commit) && ask->ref.n;
}

static bool same(const struct waiver_ask *a, const struct waiver_ask *b)
{
	return oid_eq(&a->commit, &b->commit) &&
		span_eq(a->finding, b->finding) && span_eq(a->ref, b->ref) &&
		span_eq(a->repository, b->repository) &&
		span_eq(a->fingerprint, b->fingerprint) &&
		span_eq(a->path, b->path);
}

bool refusal_read(struct span text, struct arena *arena,
	struct waiver_ask **out, size_t *n)
{
	struct waiver_ask *v = arena_get(arena, REFUSAL_ASKS_MAX, sizeof(*v)),
			  one;
	struct span line;
	size_t i, at;

	*out = v;
	*n = 0;
	while (span_line(&text, &line, NULL)) {
		at = span_search(line, COMMAND);
		if (at == SIZE_MAX ||
			!command(span_from(line, at + COMMAND.n), &one))
			continue;
		for (i = 0; i < *n; i++)
			if (same(&v[i], &one))
				break;
		if (i < *n)
			continue;
		if (*n == REFUSAL_ASKS_MAX)
			return false;
		v[(*n)++] = one;
	}
	return true;
}
