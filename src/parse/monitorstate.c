#include "parse/monitorstate.h"

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
	struct span value;
	unsigned kind = 0;

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
	for (k = 0; k < MONITOR_STANDING; k++)
		if (s->told[k][0])
			buf_fmt(out, "told %s %s\n", names[k], s->told[k]);
}

void monitorstate_free(struct monitor_state *s)
{
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
