#include "parse/trailer.h"

#include "base/text.h"

static bool blank(struct span line)
{
	return span_trim(line).n == 0;
}

static struct span last_paragraph(struct span message)
{
	struct span rest = message, line, at = message, para = SPAN_EMPTY;
	bool in = false;

	while (span_line(&rest, &line, NULL)) {
		if (blank(line)) {
			in = false;
		} else {
			if (!in)
				para = at;
			in = true;
		}
		at = rest;
		if (in)
			para.n = (size_t)(line.p + line.n - para.p);
	}
	return para;
}

static bool key_byte(unsigned char c)
{
	c = text_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool trailer_line(struct span line, struct trailer *out)
{
	size_t i = 0, n;

	while (i < line.n && key_byte(line.p[i]))
		i++;
	n = i;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (n == 0 || i >= line.n || line.p[i] != ':')
		return false;
	out->key = span_sub(line, 0, n);
	out->value = span_trim(span_from(line, i + 1));
	return true;
}

static struct span joined(struct arena *a, struct span v, struct span more)
{
	unsigned char *p;

	if (more.n == 0)
		return v;
	if (v.n == 0)
		return more;
	p = arena_get(a, v.n + 1 + more.n, 1);
	memcpy(p, v.p, v.n);
	p[v.n] = ' ';
	memcpy(p + v.n + 1, more.p, more.n);
	return span_of(p, v.n + 1 + more.n);
}

#define FOLDS_MAX 100 /* continuation lines of one trailer; each copies */

bool trailers_parse(struct span message, struct arena *arena,
	struct trailer **out, size_t *n)
{
	struct span rest = last_paragraph(message), line;
	struct trailer *v = NULL, one;
	size_t cap = 0, count = 0, folds = 0;
	bool open = false, all = true;

	while (all && span_line(&rest, &line, NULL)) {
		if (line.p[0] == ' ' || line.p[0] == '\t') {
			if (open && ++folds > FOLDS_MAX)
				all = false;
			else if (open)
				v[count - 1].value = joined(arena,
					v[count - 1].value, span_trim(line));
			continue;
		}
		open = trailer_line(line, &one);
		if (!open)
			continue;
		if (count == TRAILERS_MAX) {
			all = false;
			break;
		}
		folds = 0;
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		v[count++] = one;
	}
	*out = v;
	*n = count;
	return all;
}

bool trailer_find(
	const struct trailer *t, size_t n, const char *key, struct span *value)
{
	size_t i, found = 0;

	*value = SPAN_EMPTY;
	for (i = 0; i < n; i++) {
		if (!text_same(t[i].key, span_str(key)))
			continue;
		*value = t[i].value;
		found++;
	}
	if (found != 1)
		*value = SPAN_EMPTY;
	return found == 1;
}
