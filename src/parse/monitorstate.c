#include "parse/monitorstate.h"

#include <search.h>
#include <stdlib.h>

#include "base/grow.h"
#include "base/text.h"
#include "parse/keyline.h"

static const char *const names[] = {
	[MONITOR_ROLLBACK] = "rollback",
	[MONITOR_FORK] = "fork",
	[MONITOR_DAMAGE] = "damage",
	[MONITOR_SILENCE] = "silence",
	[MONITOR_UNGATED] = "ungated",
	[MONITOR_UNAPPLIED] = "unapplied",
	[MONITOR_BROKEN] = "broken",
	[MONITOR_CLOCK] = "clock",
	[MONITOR_MORE] = "more",
};

const char *monitor_kind_name(enum monitor_kind k)
{
	return names[k];
}

/* "<a> <b>": false when there is no space. */
static bool halves(struct span s, struct span *a, struct span *b)
{
	size_t at = span_find(s, ' ');

	if (at == SIZE_MAX)
		return false;
	*a = span_sub(s, 0, at);
	*b = span_from(s, at + 1);
	return true;
}

static bool seconds(struct span s, int64_t *out)
{
	uint64_t n;

	if (!text_to_u64(s, INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool pending(struct span value, struct monitor_state *out)
{
	struct span entry, time;
	uint64_t n;
	int64_t t;

	if (!halves(value, &entry, &time) || !seconds(time, &t) ||
		out->npending >= MONITOR_PENDING_MAX || !out->size ||
		!text_to_u64(entry, out->size - 1, &n) ||
		(out->npending && out->pending[out->npending - 1].entry >= n))
		return false;
	monitorstate_pend(out, n, t);
	return true;
}

/* The word up to the next space, which is dropped too. */
static bool word(struct span *rest, struct span *out)
{
	return halves(*rest, out, rest) && out->n;
}

static bool is_name(struct span s)
{
	return s.n && !text_has_control(s) && text_is_utf8(s);
}

static void *must(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

/* Both with a NUL, one behind the other in ${room}. */
static void names_put(char *room, struct span repository, struct span ref,
	const char **first, const char **second)
{
	memcpy(room, repository.p, repository.n);
	room[repository.n] = '\0';
	if (ref.n)
		memcpy(room + repository.n + 1, ref.p, ref.n);
	room[repository.n + 1 + ref.n] = '\0';
	*first = room;
	*second = room + repository.n + 1;
}

static size_t names_len(struct span repository, struct span ref)
{
	return repository.n + 1 + ref.n + 1;
}

static struct monitor_ref *made(struct span repository, struct span ref)
{
	struct monitor_ref *r =
		must(calloc(1, sizeof(*r) + names_len(repository, ref)));

	names_put(r->names, repository, ref, &r->repository, &r->ref);
	return r;
}

static int by_name(const void *va, const void *vb)
{
	const struct monitor_ref *a = va, *b = vb;
	int c = strcmp(a->repository, b->repository);

	return c ? c : strcmp(a->ref, b->ref);
}

/* Into the tree, unless there are too many. */
static bool keep(struct monitor_state *s, struct monitor_ref *r)
{
	size_t bytes = strlen(r->repository) + strlen(r->ref);

	if (bytes > MONITOR_NAMES_MAX - s->names)
		return false;
	s->names += bytes;
	must(tsearch(r, &s->refs, by_name));
	return true;
}

static void wait_for(struct monitor_state *s, const struct monitor_move *m,
	struct span repository, struct span ref)
{
	struct monitor_move *w;

	s->waiting = grow(
		s->waiting, s->nwaiting, &s->waiting_cap, sizeof(*s->waiting));
	w = &s->waiting[s->nwaiting++];
	*w = *m;
	w->names = must(malloc(names_len(repository, ref)));
	names_put(w->names, repository, ref, &w->repository, &w->ref);
}

static bool object(struct span *rest, struct oid *out)
{
	struct span hex;

	return word(rest, &hex) && oid_read(hex, out);
}

static bool number(
	struct span *rest, const struct monitor_state *s, uint64_t *out)
{
	struct span digits;

	return word(rest, &digits) && s->size &&
		text_to_u64(digits, s->size - 1, out);
}

static bool moved(struct span rest, struct monitor_state *out)
{
	struct monitor_move m = {.entry = 0};
	struct span time, ref;

	if (!number(&rest, out, &m.entry) || !number(&rest, out, &m.decision) ||
		!word(&rest, &time) || !seconds(time, &m.time) ||
		!object(&rest, &m.old) || !object(&rest, &m.new) ||
		!word(&rest, &ref) || !is_name(ref) || !is_name(rest) ||
		out->nwaiting >= MONITOR_WAITING_MAX ||
		(out->nwaiting &&
			out->waiting[out->nwaiting - 1].entry > m.entry))
		return false;
	wait_for(out, &m, rest, ref);
	return true;
}

/* Each in its place, and once: after ${last}. */
static bool placed(struct span rest, bool gated, struct monitor_ref **last,
	struct monitor_state *out)
{
	struct span ref = SPAN_EMPTY;
	struct oid value = {{0}};
	struct monitor_ref *r;
	uint64_t by;

	if ((!gated && !object(&rest, &value)) || !number(&rest, out, &by) ||
		(!gated && (!word(&rest, &ref) || !is_name(ref))) ||
		!is_name(rest))
		return false;
	r = made(rest, ref);
	if ((*last && by_name(*last, r) >= 0) || !keep(out, r)) {
		free(r);
		return false;
	}
	r->value = value;
	r->by = by;
	*last = r;
	return true;
}

/* Each kind once, in the order of the enumeration. */
static bool told(struct span value, unsigned *from, struct monitor_state *out)
{
	struct span kind, text;
	unsigned k = *from;

	if (!halves(value, &kind, &text) || !text.n ||
		text.n >= MONITOR_TEXT_MAX || text_has_control(text) ||
		!text_is_utf8(text))
		return false;
	while (k < MONITOR_STANDING && !span_is(kind, names[k]))
		k++;
	if (k == MONITOR_STANDING)
		return false;
	memcpy(out->told[k], text.p, text.n);
	*from = k + 1;
	return true;
}

static bool read_root(struct span text, unsigned char out[HASH_LEN])
{
	struct buf root = BUF_INIT(64);
	bool ok = text_base64_read(text, &root) && root.n == HASH_LEN;

	if (ok)
		memcpy(out, root.p, HASH_LEN);
	buf_free(&root);
	return ok;
}

static bool lines(struct span rest, struct monitor_state *out)
{
	struct monitor_ref *last = NULL;
	struct span value;
	unsigned kind = 0;
	bool gated;

	if (!keyline_take(&rest, "size", &value) ||
		!text_to_u64(value, LOG_SIZE_MAX, &out->size) ||
		!keyline_take(&rest, "root", &value) ||
		!read_root(value, out->root) ||
		!keyline_take(&rest, "last", &value) ||
		!seconds(value, &out->last) ||
		!keyline_take(&rest, "next", &value) ||
		!text_to_u64(value, LOG_SIZE_MAX, &out->next))
		return false;
	while (keyline_take(&rest, "pending", &value))
		if (!pending(value, out))
			return false;
	while (keyline_take(&rest, "moved", &value))
		if (!moved(value, out))
			return false;
	while ((gated = keyline_take(&rest, "gated", &value)) ||
		keyline_take(&rest, "ref", &value))
		if (!placed(value, gated, &last, out))
			return false;
	while (keyline_take(&rest, "told", &value))
		if (!told(value, &kind, out))
			return false;
	return !rest.n;
}

int monitorstate_parse(
	struct span text, struct monitor_state *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (lines(text, out))
		return 0;
	err_set(err, ERR_LOG, "what the monitor remembered is damaged");
	return err_hint(err,
		"remove it: the log is then read and told of from its "
		"beginning");
}

static void move_text(const struct monitor_move *m, struct buf *out)
{
	char old[OID_HEX + 1], new[OID_HEX + 1];

	buf_fmt(out, "moved %llu %llu %lld %s %s %s %s\n",
		(unsigned long long)m->entry, (unsigned long long)m->decision,
		(long long)m->time, oid_hex(&m->old, old),
		oid_hex(&m->new, new), m->ref, m->repository);
}

static void ref_text(const void *node, VISIT visit, void *out)
{
	const struct monitor_ref *r = *(const struct monitor_ref *const *)node;
	char hex[OID_HEX + 1];

	if (visit != postorder && visit != leaf)
		return;
	if (!r->ref[0])
		buf_fmt(out, "gated %llu %s\n", (unsigned long long)r->by,
			r->repository);
	else
		buf_fmt(out, "ref %s %llu %s %s\n", oid_hex(&r->value, hex),
			(unsigned long long)r->by, r->ref, r->repository);
}

void monitorstate_text(const struct monitor_state *s, struct buf *out)
{
	size_t i;
	unsigned k;

	buf_fmt(out, "size %llu\nroot ", (unsigned long long)s->size);
	text_base64(out, span_of(s->root, sizeof(s->root)));
	buf_fmt(out, "\nlast %lld\nnext %llu\n", (long long)s->last,
		(unsigned long long)s->next);
	for (i = 0; i < s->npending; i++)
		buf_fmt(out, "pending %llu %lld\n",
			(unsigned long long)s->pending[i].entry,
			(long long)s->pending[i].time);
	for (i = 0; i < s->nwaiting; i++)
		move_text(&s->waiting[i], out);
	twalk_r(s->refs, ref_text, out);
	for (k = 0; k < MONITOR_STANDING; k++)
		if (s->told[k][0])
			buf_fmt(out, "told %s %s\n", names[k], s->told[k]);
}

void monitorstate_free(struct monitor_state *s)
{
	while (s->nwaiting)
		monitorstate_drop(s, s->nwaiting - 1);
	tdestroy(s->refs, free);
	free(s->waiting);
	free(s->pending);
	memset(s, 0, sizeof(*s));
}

void monitorstate_pend(struct monitor_state *s, uint64_t entry, int64_t time)
{
	s->pending =
		grow(s->pending, s->npending, &s->cap, sizeof(*s->pending));
	s->pending[s->npending++] = (struct monitor_pending){entry, time};
}

void monitorstate_settle(struct monitor_state *s, uint64_t entry)
{
	size_t i = s->npending;

	/* From the end: what is said of a push follows it soon. */
	while (i && s->pending[i - 1].entry > entry)
		i--;
	if (!i || s->pending[i - 1].entry != entry)
		return;
	memmove(&s->pending[i - 1], &s->pending[i],
		(s->npending - i) * sizeof(*s->pending));
	s->npending--;
}

struct monitor_ref *monitorstate_ref(
	const struct monitor_state *s, const char *repository, const char *ref)
{
	const struct monitor_ref key = {.repository = repository, .ref = ref};
	void *at = tfind(&key, &s->refs, by_name);

	return at ? *(struct monitor_ref **)at : NULL;
}

bool monitorstate_put(struct monitor_state *s, const char *repository,
	const char *ref, const struct oid *value, uint64_t by)
{
	struct monitor_ref *r = monitorstate_ref(s, repository, ref);

	if (!r) {
		r = made(span_str(repository), span_str(ref));
		if (!keep(s, r)) {
			free(r);
			return false;
		}
	}
	r->value = *value;
	r->by = by;
	return true;
}

void monitorstate_wait(struct monitor_state *s, const struct monitor_move *m)
{
	wait_for(s, m, span_str(m->repository), span_str(m->ref));
}

void monitorstate_drop(struct monitor_state *s, size_t i)
{
	free(s->waiting[i].names);
	s->nwaiting--;
	memmove(&s->waiting[i], &s->waiting[i + 1],
		(s->nwaiting - i) * sizeof(*s->waiting));
}

/* What nothing can ask for any more: a ref that went long ago. */
#define GONE_FOR 100000u

static void ref_copy(const void *node, VISIT visit, void *ctx)
{
	const struct monitor_ref *r = *(const struct monitor_ref *const *)node;
	struct monitor_state *to = ctx;

	if ((visit != postorder && visit != leaf) ||
		(r->ref[0] && oid_is_zero(&r->value) &&
			r->by + GONE_FOR < to->size))
		return;
	(void)monitorstate_put(to, r->repository, r->ref, &r->value, r->by);
}

void monitorstate_copy(struct monitor_state *to, const struct monitor_state *s)
{
	size_t i;

	*to = *s;
	to->pending = NULL;
	to->waiting = NULL;
	to->refs = NULL;
	to->npending = to->cap = to->nwaiting = to->waiting_cap = to->names = 0;
	for (i = 0; i < s->npending; i++)
		monitorstate_pend(to, s->pending[i].entry, s->pending[i].time);
	for (i = 0; i < s->nwaiting; i++)
		monitorstate_wait(to, &s->waiting[i]);
	twalk_r(s->refs, ref_copy, to);
}
