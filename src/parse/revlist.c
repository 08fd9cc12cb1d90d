#include "parse/revlist.h"

#include "parse/revision.h"

static struct span word(struct span *rest)
{
	struct span w;
	size_t n = 0;

	*rest = span_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	w = span_sub(*rest, 0, n);
	*rest = span_trim(span_from(*rest, n));
	return w;
}

int revlist_parse(struct span text, struct deployed_list *out, struct err *err)
{
	struct span line;
	uint64_t number = 0;

	while (span_line(&text, &line, NULL)) {
		struct span first, second;
		struct deployed *d;

		number++;
		first = word(&line);
		if (!first.n || first.p[0] == '#')
			continue;
		if (out->n >= DEPLOYED_MAX)
			return err_set(err, ERR_LIMIT, "more than %u revisions",
				DEPLOYED_MAX);
		second = word(&line);
		d = deployed_add(out);
		if (!second.n) {
			revision_read(first, out->arena, d);
			continue;
		}
		d->name = arena_copy(out->arena, first);
		if (line.n) {
			d->revision = arena_copy(out->arena, second);
			d->unfit = arena_fmt(out->arena,
				"line %llu has more than a name and a revision",
				(unsigned long long)number);
			continue;
		}
		revision_read(second, out->arena, d);
	}
	return 0;
}
