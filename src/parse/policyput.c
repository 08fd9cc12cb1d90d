#include "parse/policyput.h"

#include "base/text.h"

#define SHOWN_MAX 2000 /* bytes of one text from the file */

/* Made printable, but for backslashes, which are left as they were written:
 * regular expressions are full of them. */
void put_text(struct buf *out, const char *text)
{
	struct span s = span_sub(span_str(text), 0, SHOWN_MAX);

	for (;;) {
		size_t at = span_find(s, '\\');

		text_printable(out, span_sub(s, 0, at), SHOWN_MAX);
		if (at == SIZE_MAX)
			break;
		buf_byte(out, '\\');
		s = span_from(s, at + 1);
	}
	if (strlen(text) > SHOWN_MAX)
		buf_str(out, "…");
}

/* "a, b"; "none" when there is nothing. */
void put_list(
	struct buf *out, const char *const *v, size_t n, const char *between)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			buf_str(out, between);
		put_text(out, v[i]);
	}
	if (!n)
		buf_str(out, "none");
}

void put_size(struct buf *out, uint64_t n)
{
	static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB"};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(unit) && n % 1024 == 0 && n) {
		n /= 1024;
		i++;
	}
	buf_fmt(out, "%llu %s", (unsigned long long)n, unit[i]);
}

static int person_cmp(const void *a, const void *b)
{
	return strcmp((*(const struct person *const *)a)->name,
		(*(const struct person *const *)b)->name);
}

const struct person **people_sorted(
	const struct person *const *v, size_t n, struct arena *arena)
{
	const struct person **copy = arena_get(arena, n, sizeof(*copy));

	if (n)
		memcpy(copy, v, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), person_cmp);
	return copy;
}

void put_people(struct buf *out, const struct people *p, struct arena *arena)
{
	const struct person **v = people_sorted(p->v, p->n, arena);
	size_t i;

	for (i = 0; i < p->n; i++) {
		buf_str(out, i ? ", " : "");
		put_text(out, v[i]->name);
	}
	if (!p->n)
		buf_str(out, "nobody");
}

void put_patterns(struct buf *out, const struct pattern_ref *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_fmt(out, "%s/", i ? "  " : "");
		put_text(out, v[i].text);
		buf_byte(out, '/');
	}
	if (!n)
		buf_str(out, "none");
}
