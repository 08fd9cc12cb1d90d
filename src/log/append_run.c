/*
 * One append, and those of others with it: who finds the log's lock taken
 * leaves a ticket before waiting, and who has it appends what waits behind its
 * own record (log/queue.h). With nobody else there, nothing is done for it.
 *
 * The others can only gain: what fails with them is tried again without, and
 * one of theirs that got no answer is theirs to append, once they have the
 * lock. They look first whether it is in the log at the place it was marked
 * for, as after an append that was cut short. What is in the log by then lasts:
 * appender_settle sees to that.
 */
#include "base/io.h"
#include "log/append.h"
#include "log/appender.h"
#include "log/queue.h"
#include "log/store.h"
#include "log/tiles.h"

#define TOGETHER JOURNAL_FRAMES /* with one's own */
#define NOWHERE UINT64_MAX

/* One's own. */
struct run {
	const char *state;
	int lock;
	struct append_item *item;
	uint64_t at; /* the entry that it may have become already, or NOWHERE */
};

/* Others', that are appended with it. */
struct company {
	struct append_item v[TOGETHER]; /* the first is one's own */
	struct queue_taken from[TOGETHER];
	size_t n;
};

/* Have the lock, and the answer, if another did the work meanwhile. */
static int enter(struct run *r, bool *done, struct err *err)
{
	struct queue_place place = QUEUE_NOWHERE;
	struct ticket t;
	bool got;
	int ret;

	*done = false;
	if (store_lock_now(r->state, &r->lock, &got, err))
		return -1;
	if (got)
		return 0;
	queue_join(r->state, r->item->record, &place);
	ret = store_lock_wait(r->state, &r->lock, err) ||
			queue_answer(&place, &t, err)
		? -1
		: 0;
	queue_leave(&place);
	if (ret)
		return -1;
	if (t.word == TICKET_TAKEN)
		r->at = t.index;
	if (t.word != TICKET_DONE)
		return 0;
	if (strcmp(t.receipt.record, r->item->entry.record) != 0)
		return err_set(err, ERR_LOG,
			"the receipt that came is of another record");
	r->item->receipt = t.receipt;
	*done = true;
	return 0;
}

/* Whether that entry of the log is this one's. */
static int is_in(struct appender *a, const struct append_item *item,
	uint64_t at, bool *in, struct err *err)
{
	struct hash leaf = tree_leaf(buf_all(&item->entry.entry));
	const struct hash *v;
	struct tiles *tiles;
	unsigned width;
	int ret;

	*in = false;
	if (at >= a->size)
		return 0;
	tiles = tiles_new(a->src, a->size);
	ret = tiles_hashes(tiles, 0, at / TILE_WIDTH, &v, &width, err);
	if (!ret)
		*in = at % TILE_WIDTH < width &&
			hash_eq(&v[at % TILE_WIDTH], &leaf);
	tiles_free(tiles);
	return ret;
}

/* Those that wait, each marked with the place it will have. */
static void gather(struct company *c, const struct appender *a)
{
	struct queue q;

	queue_open(&q, a->state);
	while (c->n < TOGETHER && queue_next(&q, &c->from[c->n])) {
		struct append_item *item = &c->v[c->n];
		struct queue_taken *t = &c->from[c->n];

		*item = (struct append_item){.record = t->ticket.record};
		if (append_derive(item) && queue_mark(&q, t, a->size + c->n)) {
			c->n++;
			continue;
		}
		append_item_free(item);
		queue_drop(t);
	}
	queue_close(&q);
}

static void tell(struct company *c)
{
	size_t i;

	for (i = 1; i < c->n; i++) {
		if (c->v[i].receipt.size)
			queue_tell(&c->from[i], &c->v[i].receipt);
		append_item_free(&c->v[i]);
		queue_drop(&c->from[i]);
	}
}

/* With company or ${alone}; answers whether there was any. */
static bool append_with(struct run *r, struct appender *a, bool alone)
{
	struct company c;

	r->at = a->size;
	c.v[0] = *r->item;
	c.n = 1;
	if (!alone)
		gather(&c, a);
	append_derived(a, NULL, c.v, c.n);
	*r->item = c.v[0];
	tell(&c);
	return c.n > 1;
}

/* Answers whether it may go better alone. */
static bool attempt(struct run *r, bool alone)
{
	struct appender a = APPENDER_NONE;
	struct append_item *item = r->item;
	bool in = false, company = false;

	a.lock = r->lock;
	if (!appender_open(&a, r->state, &item->err) &&
		!appender_settle(&a, &item->err) &&
		(r->at == NOWHERE ||
			!is_in(&a, item, r->at, &in, &item->err))) {
		if (in)
			append_receipt(item, r->at, a.size);
		else
			company = append_with(r, &a, alone);
	}
	a.lock = -1;
	appender_close(&a);
	return item->err.code != ERR_NONE && company;
}

/* With the lock, or having it first. */
static int run(struct run *r, struct log_receipt *out, struct err *err)
{
	struct append_item *item = r->item;
	bool done = false;

	if (append_derive(item) &&
		(r->lock >= 0 || !enter(r, &done, &item->err)) && !done &&
		attempt(r, false)) {
		err_clear(&item->err);
		attempt(r, true);
	}
	io_close(r->lock);
	*out = item->receipt;
	append_item_free(item);
	if (item->err.code == ERR_NONE)
		return 0;
	*err = item->err;
	return -1;
}

int append_run(const char *state, struct span record, struct log_receipt *out,
	struct err *err)
{
	return append_holding(state, -1, record, out, err);
}

int append_holding(const char *state, int lock, struct span record,
	struct log_receipt *out, struct err *err)
{
	struct append_item item = {.record = record};
	struct run r = {state, lock, &item, NOWHERE};

	return run(&r, out, err);
}
