#include "parse/refline.h"

#include "base/text.h"

#define SHOWN_MAX 200 /* bytes of a name in a message */

/* Git carries it out, by doing nothing. */
static int refuse_nothing(struct span ref, struct err *err)
{
	struct buf shown = BUF_INIT(SHOWN_MAX + 1);

	text_printable(&shown, ref, SHOWN_MAX);
	err_set(err, ERR_INPUT, "'%s' is to be deleted, and is not there",
		buf_cstr(&shown));
	buf_free(&shown);
	return err_hint(err, "leave it out of the push");
}

static int one(struct span line, size_t number, struct ref_update *out,
	struct err *err)
{
	struct span old = span_sub(line, 0, OID_HEX);
	struct span new = span_sub(line, OID_HEX + 1, OID_HEX);
	struct span ref = span_from(line, 2 * (OID_HEX + 1));

	if (line.n > 129 && line.p[64] == ' ' && line.p[129] == ' ') {
		err_set(err, ERR_REPO,
			"this is a SHA-256 repository, which this version "
			"cannot read");
		return err_hint(err,
			"its pushes are refused until the gate is taken off or "
			"can read that object format");
	}
	if (line.n <= 2 * (OID_HEX + 1) || line.p[OID_HEX] != ' ' ||
		line.p[2 * OID_HEX + 1] != ' ' || !oid_read(old, &out->old) ||
		!oid_read(new, &out->new))
		return err_set(err, ERR_INPUT,
			"ref update %zu is not '<old> <new> <ref>'", number);
	if (ref.n > REF_NAME_MAX || !span_starts(ref, SPAN_LIT("refs/")) ||
		span_find(ref, '\0') != SIZE_MAX ||
		span_find(ref, ' ') != SIZE_MAX)
		return err_set(err, ERR_INPUT,
			"ref update %zu does not name a ref", number);
	if (oid_is_zero(&out->old) && oid_is_zero(&out->new))
		return refuse_nothing(ref, err);
	out->ref = ref;
	return 0;
}

static int by_ref(const void *a, const void *b)
{
	return span_cmp((*(struct ref_update *const *)a)->ref,
		(*(struct ref_update *const *)b)->ref);
}

static int refuse_twice(
	struct ref_update *v, size_t n, struct arena *arena, struct err *err)
{
	struct ref_update **sorted;
	size_t i;

	sorted = arena_get(arena, n + 1, sizeof(struct ref_update *));
	for (i = 0; i < n; i++)
		sorted[i] = &v[i];
	qsort(sorted, n, sizeof(*sorted), by_ref);
	for (i = 1; i < n; i++)
		if (span_eq(sorted[i - 1]->ref, sorted[i]->ref))
			return err_set(err, ERR_INPUT,
				"ref updates %td and %td name the same ref",
				sorted[i - 1] - v + 1, sorted[i] - v + 1);
	return 0;
}

int refline_parse(struct span text, struct arena *arena,
	struct ref_update **out, size_t *n, struct err *err)
{
	struct ref_update *v = NULL;
	struct span rest = text, line;
	size_t count = 0, cap = 0;
	bool lf;

	*out = NULL;
	*n = 0;
	while (span_line(&rest, &line, &lf)) {
		if (!lf)
			return err_set(err, ERR_INPUT,
				"ref update %zu is cut off", count + 1);
		if (count == REFLINES_MAX)
			return err_set(err, ERR_LIMIT,
				"more than %d ref updates in one push",
				REFLINES_MAX);
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		if (one(line, count + 1, &v[count], err))
			return -1;
		count++;
	}
	if (count && refuse_twice(v, count, arena, err))
		return -1;
	*out = v;
	*n = count;
	return 0;
}
