#include "deploy/worktrees.h"

#include "base/text.h"
#include "port/worktree.h"

static void part(struct buf *out, uint64_t n, const char *what)
{
	if (n)
		buf_fmt(out, "%s%llu %s", out->n ? ", " : "",
			(unsigned long long)n, what);
}

static const char *dirt(const struct worktree *w, struct arena *a)
{
	struct buf text = BUF_INIT(4096);
	const char *ret = NULL;
	size_t i;

	part(&text, w->changed, "changed");
	part(&text, w->missing, "missing");
	part(&text, w->untracked, "untracked");
	if (w->ignores_outside)
		part(&text, w->ignored,
			"ignored by rules that are not the commit's");
	if (text.n) {
		for (i = 0; i < w->nnamed; i++)
			buf_fmt(&text, "%s%s", i ? ", " : " (", w->named[i]);
		if (w->nnamed)
			buf_str(&text,
				w->changed + w->missing + w->untracked >
						w->nnamed
					? " …)"
					: ")");
		ret = arena_fmt(a, "files: %s", buf_cstr(&text));
	}
	buf_free(&text);
	return ret;
}

static const char *cause(const struct err *err, struct arena *a)
{
	struct buf text = BUF_INIT(8 * (ERR_TEXT_MAX + ERR_HINT_MAX));
	char *ret;

	text_printable(&text, span_str(err->text), ERR_TEXT_MAX);
	if (err->hint[0]) {
		buf_str(&text, " (");
		text_printable(&text, span_str(err->hint), ERR_HINT_MAX);
		buf_byte(&text, ')');
	}
	ret = arena_str(a, buf_all(&text));
	buf_free(&text);
	return ret;
}

void worktrees_add(const char *dir, struct deployed_list *out)
{
	struct deployed *d = deployed_add(out);
	char hex[OID_HEX + 1];
	struct err err = ERR_INIT;
	struct worktree w;

	d->name = arena_copy(out->arena, span_str(dir));
	if (worktree_look(dir, out->arena, &w, &err)) {
		d->unfit = cause(&err, out->arena);
		return;
	}
	d->oid = w.head;
	d->digits = OID_HEX;
	d->revision = arena_copy(out->arena, span_str(oid_hex(&w.head, hex)));
	d->dirty = dirt(&w, out->arena);
	if (w.ignored && !w.ignores_outside)
		d->remark = arena_fmt(out->arena,
			"%llu ignored, not compared with anything",
			(unsigned long long)w.ignored);
}
