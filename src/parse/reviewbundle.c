#include "parse/reviewbundle.h"

#include "base/text.h"
#include "parse/keyline.h"

#define FIRST_LINE "sluice-reviews/1 answers"

void reviewbundle_start(struct buf *out)
{
	buf_str(out, FIRST_LINE "\n");
}

void reviewbundle_add(const struct review_answer *a, struct buf *out)
{
	buf_str(out, "forge ");
	buf_span(out, a->forge);
	buf_fmt(out, "\nnumber %llu\npart ", (unsigned long long)a->number);
	buf_span(out, a->part);
	buf_str(out, "\npath ");
	buf_span(out, a->path);
	buf_fmt(out, "\nstatus %u\nbody %zu\n\n", a->status, a->body.n);
	buf_span(out, a->body);
	buf_byte(out, '\n');
}

void reviewbundle_end(struct buf *out)
{
	buf_str(out, "end\n");
}

static bool answer_read(struct span *rest, struct review_answer *a)
{
	struct span v;
	uint64_t n;

	if (!keyline_take(rest, "number", &v) ||
		!text_to_u64(v, INT64_MAX, &a->number) ||
		!keyline_take(rest, "part", &a->part) || !a->part.n ||
		!keyline_take(rest, "path", &a->path) || !a->path.n ||
		text_has_control(a->path) ||
		!keyline_take(rest, "status", &v) || !text_to_u64(v, 599, &n) ||
		(n && n < 200))
		return false;
	a->status = (unsigned)n;
	if (!keyline_take(rest, "body", &v) ||
		!text_to_u64(v, REVIEWBUNDLE_MAX, &n) || rest->n < n + 2 ||
		rest->p[0] != '\n' || rest->p[n + 1] != '\n')
		return false;
	a->body = span_sub(*rest, 1, (size_t)n);
	*rest = span_from(*rest, (size_t)n + 2);
	return true;
}

int reviewbundle_read(struct span text, struct arena *arena,
	struct review_answer **out, size_t *n, struct err *err)
{
	struct span rest = text, v;
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	if (text.n > REVIEWBUNDLE_MAX || !span_line(&rest, &v, NULL) ||
		!span_is(v, FIRST_LINE))
		goto bad;
	while (keyline_take(&rest, "forge", &v)) {
		if (!v.n || text_has_control(v) ||
			*n == REVIEWBUNDLE_ANSWERS_MAX)
			goto bad;
		*out = arena_grow(arena, *out, *n, &cap, sizeof(**out));
		(*out)[*n].forge = v;
		if (!answer_read(&rest, &(*out)[*n]))
			goto bad;
		++*n;
	}
	if (span_is(rest, "end\n"))
		return 0;
bad:
	*n = 0;
	return err_set(err, ERR_INPUT,
		"the answers of forges are not in their proper form");
}
