#include "cmd/log_doubts.h"

#include "base/text.h"
#include "cmd/doubt.h"
#include "cmd/inforce.h"
#include "deploy/repositories.h"

static void keep_untold(
	void *ctx, const char *repository, uint64_t entry, const char *why)
{
	struct log_doubts *d = ctx;

	(void)repository;
	d->untold = arena_grow(
		d->arena, d->untold, d->nuntold, &d->cap, sizeof(*d->untold));
	d->untold[d->nuntold++] = (struct log_untold){entry, why};
}

static bool lets_in(const struct index_row *row)
{
	return row->kind == RECORD_DECISION && row->admitted;
}

static int look(struct log_doubts *d, const uint64_t *entry, size_t n,
	struct inforce *force, struct err *err)
{
	struct gated_repository *v;
	struct keybook *book = ARENA_NEW(d->arena, struct keybook);
	size_t nv;

	if (inforce_or_named(force, d->run, d->arena, err) ||
		keybook_make(force->policy, d->arena, book, err))
		return -1;
	if (!recheck_needed(force->policy, book))
		return 0;
	d->r.policy = force->policy;
	d->r.book = book;
	if (recheck_entries(&d->r, entry, n, err) ||
		repositories_read(d->run->state, d->arena, &v, &nv, err))
		return -1;
	recheck_settle(&d->r, v, nv);
	return 0;
}

void log_doubts_look(struct log_doubts *d, const struct run *run,
	const struct index_row *rows, size_t n, struct arena *a)
{
	uint64_t *entry = arena_get(a, n + 1, sizeof(*entry));
	struct inforce force = {0};
	struct err err = ERR_INIT;
	size_t i, in = 0;

	*d = (struct log_doubts){.run = run, .arena = a};
	d->r = (struct recheck){.state = run->state,
		.arena = a,
		.untold = keep_untold,
		.ctx = d};
	for (i = 0; i < n; i++)
		if (lets_in(&rows[i]))
			entry[in++] = rows[i].entry;
	if (!in)
		return;
	if (look(d, entry, in, &force, &err))
		d->why = arena_str(a, span_str(err.text));
	inforce_close(&force);
}

static bool is_told(const struct log_doubts *d, uint64_t entry)
{
	size_t i;

	for (i = 0; i < d->nuntold; i++)
		if (d->untold[i].entry == entry)
			return false;
	return !d->why;
}

struct doc *log_doubts_doc(
	const struct log_doubts *d, const struct index_row *row)
{
	struct doc *list;
	size_t i;

	if (!lets_in(row))
		return NULL;
	list = doc_array();
	for (i = 0; i < d->r.n; i++)
		if (d->r.v[i].entry == row->entry && !d->r.v[i].dropped)
			doc_add(list, doubt_doc(&d->r.v[i]));
	if (doc_count(list) || is_told(d, row->entry))
		return list;
	doc_free(list);
	return doc_of_null();
}

static void say_untold(const struct log_doubts *d, const char *why)
{
	struct buf line = BUF_INIT(8192);

	text_printable(&line, span_str(why), 1500);
	if (!d->run->quiet)
		fprintf(stderr,
			"sluice: whether a key is compromised now could not be "
			"told: %s\n",
			buf_cstr(&line));
	buf_free(&line);
}

void log_doubts_say(const struct log_doubts *d, const struct index_row *row)
{
	size_t i;

	if (!lets_in(row))
		return;
	for (i = 0; i < d->r.n && !d->run->json; i++)
		if (d->r.v[i].entry == row->entry && !d->r.v[i].dropped)
			doubt_say(&d->r.v[i], d->arena);
	for (i = 0; i < d->nuntold; i++)
		if (d->untold[i].entry == row->entry)
			say_untold(d, d->untold[i].why);
	if (d->why)
		say_untold(d, d->why);
}

void log_doubts_free(struct log_doubts *d)
{
	recheck_free(&d->r);
}
