#include "log/refchain.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"
#include "model/ownref.h"
#include "parse/bundle.h"

#define RECENT 256u
#define ARENA_MAX ((size_t)1 << 30)
#define NAME_MAX_SHOWN 4096u
#define TEXT_MAX 1024u
#define SHORT 12 /* digits of an object name that are shown */

/* A decision, with its updates in the order of by_move. */
struct decided {
	uint64_t n;
	struct arena *arena; /* NULL: none */
	struct span repository;
	bool admitted;
	struct entry_update *v;
	size_t count;
};

struct refchain {
	struct log_reader *log;
	struct monitor_state *s;
	void (*broken)(void *ctx, uint64_t entry, const char *text);
	void *ctx;
	struct decided recent[RECENT]; /* by the number's last digits */
	struct buf repository, ref;    /* names of what is looked at */
};

struct refchain *refchain_new(struct log_reader *log, struct monitor_state *s,
	void (*broken)(void *ctx, uint64_t entry, const char *text), void *ctx)
{
	struct refchain *c = calloc(1, sizeof(*c));

	if (!c)
		die("out of memory");
	c->log = log;
	c->s = s;
	c->broken = broken;
	c->ctx = ctx;
	c->repository = (struct buf)BUF_INIT(4 * NAME_MAX_SHOWN);
	c->ref = (struct buf)BUF_INIT(16 * NAME_MAX_SHOWN);
	return c;
}

void refchain_free(struct refchain *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < RECENT; i++)
		arena_free(c->recent[i].arena);
	buf_free(&c->repository);
	buf_free(&c->ref);
	free(c);
}

static int by_move(const void *va, const void *vb)
{
	const struct entry_update *a = va, *b = vb;
	int r = span_cmp(a->ref, b->ref);

	if (!r)
		r = oid_cmp(&a->old, &b->old);
	return r ? r : oid_cmp(&a->new, &b->new);
}

/* All of an entry's updates, also those in a list beside it. */
static int updates_of(struct refchain *c, const struct entry *e,
	struct arena *a, struct entry_update **out, size_t *n, struct err *err)
{
	struct buf list = BUF_INIT(LOG_LIST_MAX);
	int ret = -1;

	*out = e->update;
	*n = e->nupdate;
	if (!e->updates_list.sha256[0])
		return 0;
	if (log_list(c->log, e->updates_list.sha256, &list, err) ||
		entry_list_updates(arena_copy(a, buf_all(&list)),
			&e->updates_list, a, out, err))
		goto out;
	*n = e->updates_list.count;
	ret = 0;
out:
	buf_free(&list);
	return ret;
}

/* Read again: what was given is the caller's. */
static int decision(
	struct refchain *c, uint64_t n, struct decided **out, struct err *err)
{
	struct decided *d = &c->recent[n % RECENT], new = {.n = n};
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct entry e;
	int ret = -1;

	*out = d;
	if (d->arena && d->n == n)
		return 0;
	new.arena = arena_new(ARENA_MAX);
	if (log_entry(c->log, n, &text, err) ||
		entry_parse(buf_all(&text), new.arena, &e, err) ||
		updates_of(c, &e, new.arena, &new.v, &new.count, err))
		goto out;
	new.repository = e.repository;
	new.admitted = (e.kind == RECORD_DECISION) && e.admitted;
	if (new.count)
		qsort(new.v, new.count, sizeof(*new.v), by_move);
	arena_free(d->arena);
	*d = new;
	new.arena = NULL;
	ret = 0;
out:
	arena_free(new.arena);
	buf_free(&text);
	return ret;
}

/* Printable, and of a ref without spaces: as the state has them. */
static void names(struct refchain *c, struct span repository, struct span ref)
{
	struct buf shown = BUF_INIT(4 * NAME_MAX_SHOWN);
	size_t i;

	buf_reset(&c->repository);
	buf_reset(&c->ref);
	text_printable(&c->repository, repository, NAME_MAX_SHOWN);
	text_printable(&shown, ref, NAME_MAX_SHOWN);
	/* No gate writes such a name, and a state has none. */
	if (!repository.n)
		buf_byte(&c->repository, '\\');
	if (!ref.n)
		buf_byte(&c->ref, '\\');
	for (i = 0; i < shown.n; i++)
		if (shown.p[i] == ' ')
			buf_str(&c->ref, "\\x20");
		else
			buf_byte(&c->ref, shown.p[i]);
	buf_free(&shown);
}

PRINTF(6, 7)
static void tell(struct refchain *c, uint64_t n, const char *repository,
	const char *ref, const struct entry_update *u, const char *fmt, ...)
{
	char old[OID_HEX + 1], new[OID_HEX + 1], why[TEXT_MAX];
	struct buf text = BUF_INIT(32 * NAME_MAX_SHOWN);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	/* Long names last: what is too long is cut. */
	buf_fmt(&text, "entry %llu: in %.100s a ref moved, %.*s..%.*s, %s: %s",
		(unsigned long long)n, repository, SHORT, oid_hex(&u->old, old),
		SHORT, oid_hex(&u->new, new), why, ref);
	c->broken(c->ctx, n, buf_cstr(&text));
	buf_free(&text);
}

/* What a ref is that nothing is known of: not there, where all are known. */
static bool value_of(struct refchain *c, const char *repository,
	const char *ref, struct oid *out, uint64_t *by)
{
	const struct monitor_ref *r = monitorstate_ref(c->s, repository, ref);

	if (!r)
		r = monitorstate_ref(c->s, repository, "");
	if (!r)
		return false;
	*out = r->value;
	*by = r->by;
	return true;
}

/* Too many refs to remember: the rest is not known, as before. */
static void put(struct refchain *c, const char *repository, const char *ref,
	const struct oid *value, uint64_t by)
{
	(void)monitorstate_put(c->s, repository, ref, value, by);
}

/* Those that waited for the ref to come to where it is. */
static void take_waiting(
	struct refchain *c, const char *repository, const char *ref)
{
	size_t i = 0;

	while (i < c->s->nwaiting) {
		const struct monitor_move *w = &c->s->waiting[i];
		const struct monitor_ref *r;

		r = monitorstate_ref(c->s, repository, ref);
		if (!r || strcmp(w->repository, repository) ||
			strcmp(w->ref, ref) || !oid_eq(&w->old, &r->value) ||
			r->by > w->entry) {
			i++;
			continue;
		}
		put(c, repository, ref, &w->new, w->decision);
		monitorstate_drop(c->s, i);
		i = 0;
	}
}

static void give_up_one(struct refchain *c, size_t i)
{
	struct monitor_move m = c->s->waiting[i];
	const struct entry_update u = {.old = m.old, .new = m.new};
	char hex[OID_HEX + 1];
	struct oid value;
	uint64_t by;

	/* Its memory is ours now. */
	c->s->waiting[i].names = NULL;
	monitorstate_drop(c->s, i);
	if (!value_of(c, m.repository, m.ref, &value, &by))
		value = m.old;
	if (oid_eq(&value, &m.old))
		tell(c, m.entry, m.repository, m.ref, &u,
			"but what led there was decided only later");
	else
		tell(c, m.entry, m.repository, m.ref, &u,
			"but the entries before leave it at %.*s", SHORT,
			oid_hex(&value, hex));
	put(c, m.repository, m.ref, &m.new, m.decision);
	take_waiting(c, m.repository, m.ref);
	free(m.names);
}

/* By the push of that decision. */
static void moved(struct refchain *c, uint64_t n, uint64_t push,
	const struct entry_update *u, int64_t time)
{
	const char *repository = buf_cstr(&c->repository);
	const char *ref = buf_cstr(&c->ref);
	struct monitor_move m = {
		n, push, time, u->old, u->new, repository, ref, NULL};
	struct oid value;
	uint64_t by;

	if (!value_of(c, repository, ref, &value, &by) ||
		oid_eq(&value, &u->old)) {
		put(c, repository, ref, &u->new, push);
		take_waiting(c, repository, ref);
		return;
	}
	/* The late word on a push that others were let in after: what is known
	 * since is newer, and that a word was missing was told. */
	if (push < by && monitorstate_ref(c->s, repository, ref))
		return;
	if (c->s->nwaiting >= MONITOR_WAITING_MAX)
		give_up_one(c, 0);
	monitorstate_wait(c->s, &m);
}

static int outcome(struct refchain *c, uint64_t n, const struct entry *e,
	const struct entry_update *v, size_t count, int64_t time,
	struct err *err)
{
	struct decided *d = NULL;
	size_t i;

	if (e->decision < n && decision(c, e->decision, &d, err))
		return -1;
	for (i = 0; i < count; i++) {
		const char *why = NULL;

		names(c, e->repository, v[i].ref);
		if (!d)
			why = "and no decision came before";
		else if (!d->admitted ||
			!span_eq(d->repository, e->repository) || !d->count ||
			!bsearch(&v[i], d->v, d->count, sizeof(*d->v), by_move))
			why = "and the decision that is named did not let it";
		if (why)
			tell(c, n, buf_cstr(&c->repository), buf_cstr(&c->ref),
				&v[i], "%s", why);
		moved(c, n, d ? e->decision : n, &v[i], time);
	}
	return 0;
}

static void stands(struct refchain *c, uint64_t n, const struct entry *e,
	const struct entry_update *u)
{
	const struct monitor_ref *r;
	char hex[OID_HEX + 1];

	names(c, e->repository, u->ref);
	r = monitorstate_ref(c->s, buf_cstr(&c->repository), buf_cstr(&c->ref));
	if (r && e->kind == RECORD_ADOPT && !oid_eq(&r->value, &u->new) &&
		!ownref_forge(u->ref) && !ownref_published(u->ref))
		tell(c, n, buf_cstr(&c->repository), buf_cstr(&c->ref), u,
			"as it was adopted, but the entries before leave it "
			"at %.*s",
			SHORT, oid_hex(&r->value, hex));
	put(c, buf_cstr(&c->repository), buf_cstr(&c->ref), &u->new, n);
}

int refchain_take(struct refchain *c, uint64_t n, const struct entry *e,
	int64_t time, struct err *err)
{
	static const struct oid none;
	struct arena *a = arena_new(ARENA_MAX);
	struct entry_update *v;
	size_t i, count;
	int ret = -1;

	if (e->kind == RECORD_DECISION) {
		ret = 0;
		goto out;
	}
	if (updates_of(c, e, a, &v, &count, err))
		goto out;
	if (e->settles) {
		ret = outcome(c, n, e, v, count, time, err);
		goto out;
	}
	for (i = 0; i < count; i++)
		stands(c, n, e, &v[i]);
	names(c, e->repository, SPAN_EMPTY);
	/* It names every ref there is. */
	if (e->kind == RECORD_ADOPT)
		put(c, buf_cstr(&c->repository), "", &none, n);
	ret = 0;
out:
	arena_free(a);
	return ret;
}

void refchain_overdue(struct refchain *c, int64_t before)
{
	size_t i = 0;

	while (i < c->s->nwaiting)
		if (c->s->waiting[i].time < before) {
			give_up_one(c, i);
			i = 0;
		} else {
			i++;
		}
}
