#include "log/pruned.h"

#include "base/text.h"
#include "parse/bundle.h"

#define ENTRY_ARENA ((size_t)16 << 20)

void pruned_add(struct pruned *p, uint64_t n, const struct entry *e)
{
	struct pruned_entry *to;
	size_t i;

	if (e->kind != RECORD_PRUNED)
		return;
	p->v = arena_grow(p->a, p->v, p->n, &p->cap, sizeof(*p->v));
	to = &p->v[p->n];
	*to = (struct pruned_entry){.entry = n};
	if (!ranges_ascending(e->pruned, n, p->a, &to->range, &to->nrange))
		return;
	for (i = 0; i < to->nrange; i++)
		to->count += to->range[i].to - to->range[i].from + 1;
	to->time = arena_copy(p->a, e->time);
	to->by = arena_copy(p->a, e->pruned_by);
	to->before = arena_copy(p->a, e->pruned_before);
	p->n++;
}

static int read_one(
	struct index *ix, uint64_t n, struct pruned *out, struct err *err)
{
	struct arena *a = arena_new(ENTRY_ARENA);
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct entry e;
	int ret = log_entry(index_log(ix), n, &text, err);

	if (!ret)
		ret = entry_parse(buf_all(&text), a, &e, err);
	if (!ret)
		pruned_add(out, n, &e);
	buf_free(&text);
	arena_free(a);
	return ret;
}

int pruned_read(
	struct index *ix, struct arena *a, struct pruned *out, struct err *err)
{
	const enum record_kind kind = RECORD_PRUNED;
	const struct index_filter f = {.kind = &kind};
	struct index_rows rows;
	size_t i;

	*out = (struct pruned){.a = a};
	if (index_list(ix, &f, a, &rows, err))
		return -1;
	for (i = 0; i < rows.n; i++)
		if (read_one(ix, rows.v[i].entry, out, err))
			return -1;
	return 0;
}

static bool tells_of(const struct pruned_entry *e, uint64_t n)
{
	size_t lo = 0, hi = e->nrange;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (n < e->range[mid].from)
			hi = mid;
		else if (n > e->range[mid].to)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}

const struct pruned_entry *pruned_find(const struct pruned *p, uint64_t n)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (tells_of(&p->v[i], n))
			return &p->v[i];
	return NULL;
}

void pruned_text(const struct pruned_entry *e, struct buf *out)
{
	buf_str(out, "pruned on ");
	text_printable(out, e->time, 40);
	buf_str(out, " by '");
	text_printable(out, e->by, 512);
	buf_fmt(out, "' (entry %llu)", (unsigned long long)e->entry);
}

void pruned_why(const char *state, uint64_t n, struct buf *out)
{
	struct arena *a = arena_new((size_t)1 << 30);
	const struct pruned_entry *e = NULL;
	struct err none = ERR_INIT;
	struct index *ix = NULL;
	struct pruned p;

	if (!index_open(state, &ix, &none) && !pruned_read(ix, a, &p, &none))
		e = pruned_find(&p, n);
	if (e) {
		buf_str(out, "was ");
		pruned_text(e, out);
	} else {
		buf_str(out, "is not in the vault any more");
	}
	index_close(ix);
	arena_free(a);
}
