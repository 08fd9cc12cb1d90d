#include "parse/reviewask.h"

#include "parse/keyline.h"

#define FIRST_LINE "sluice-reviews/1 question"

static void line(struct buf *out, const char *key, struct span value)
{
	buf_str(out, key);
	buf_byte(out, ' ');
	buf_span(out, value);
	buf_byte(out, '\n');
}

void reviewask_write(const struct reviewask *a, struct buf *out)
{
	char hex[OID_HEX + 1];
	size_t i, k;

	buf_str(out, FIRST_LINE "\n");
	line(out, "policy", a->policy);
	line(out, "repository", a->repository);
	for (i = 0; i < a->n; i++) {
		const struct reviewask_ref *r = &a->ref[i];

		line(out, "ref", r->ref);
		for (k = 0; k < r->nforge; k++)
			line(out, "forge", r->forge[k]);
		for (k = 0; k < r->n; k++)
			line(out, "commit",
				span_str(oid_hex(&r->commit[k], hex)));
	}
	buf_str(out, "end\n");
}

bool reviewask_is(struct span text)
{
	return span_starts(text, SPAN_LIT(FIRST_LINE "\n"));
}

static bool ref_read(
	struct span *rest, struct arena *arena, struct reviewask_ref *out)
{
	size_t cap = 0;
	struct span v;

	while (keyline_take(rest, "forge", &v)) {
		if (!v.n || out->nforge == REVIEWASK_FORGES_MAX)
			return false;
		out->forge[out->nforge++] = v;
	}
	while (keyline_take(rest, "commit", &v)) {
		if (out->n == REVIEWASK_COMMITS_MAX)
			return false;
		out->commit = arena_grow(
			arena, out->commit, out->n, &cap, sizeof(*out->commit));
		if (!oid_read(v, &out->commit[out->n]))
			return false;
		out->n++;
	}
	return out->nforge && out->n;
}

int reviewask_read(struct span text, struct arena *arena, struct reviewask *out,
	struct err *err)
{
	struct span rest = text, v;
	size_t cap = 0;

	memset(out, 0, sizeof(*out));
	if (text.n > REVIEWASK_MAX || !reviewask_is(text))
		goto bad;
	span_line(&rest, &v, NULL);
	if (!keyline_take(&rest, "policy", &out->policy) || !out->policy.n ||
		!keyline_take(&rest, "repository", &out->repository) ||
		!out->repository.n)
		goto bad;
	while (keyline_take(&rest, "ref", &v)) {
		if (!v.n || out->n == REVIEWASK_REFS_MAX)
			goto bad;
		out->ref = arena_grow(
			arena, out->ref, out->n, &cap, sizeof(*out->ref));
		out->ref[out->n].ref = v;
		if (!ref_read(&rest, arena, &out->ref[out->n]))
			goto bad;
		out->n++;
	}
	if (out->n && span_is(rest, "end\n"))
		return 0;
bad:
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_INPUT,
		"what the judge asks about reviews is not in its proper form");
}
