#include "log/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/io.h"
#include "base/text.h"
#include "log/index.h"
#include "log/mirror.h"
#include "log/refchain.h"
#include "log/tiles.h"
#include "model/push.h"
#include "parse/entry.h"

#define ALERTS_MAX ((size_t)1000)
#define COMPARE_MAX 64u /* bundles a turn */
#define ARENA_MAX ((size_t)64 << 20)
#define SHOWN ((size_t)(MONITOR_TEXT_MAX / 4 - 4)) /* each may become four */

struct monitor {
	char *dir, *copy;
	int fd;
	int64_t now;
	struct monitor_state state;
	char stands[MONITOR_STANDING][MONITOR_TEXT_MAX];
	struct monitor_alert *alert;
	size_t nalert, cap;
	uint64_t more; /* that found no room */
	bool happened;
};

/* One printable line of it. */
PRINTF(2, 0)
static void say(char out[MONITOR_TEXT_MAX], const char *fmt, va_list ap)
{
	struct buf shown = BUF_INIT(MONITOR_TEXT_MAX);
	char text[MONITOR_TEXT_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	text_printable(&shown, span_str(text), SHOWN);
	snprintf(out, MONITOR_TEXT_MAX, "%s", buf_cstr(&shown));
	buf_free(&shown);
}

PRINTF(3, 4)
static void stand(struct monitor *m, enum monitor_kind k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(m->stands[k], fmt, ap);
	va_end(ap);
}

static void passed(struct monitor *m, enum monitor_kind k)
{
	m->stands[k][0] = '\0';
}

static struct monitor_alert *more(
	struct monitor *m, enum monitor_kind k, uint64_t entry)
{
	struct monitor_alert *a;

	m->alert = grow(m->alert, m->nalert, &m->cap, sizeof(*m->alert));
	a = &m->alert[m->nalert++];
	*a = (struct monitor_alert){.kind = k, .entry = entry};
	return a;
}

PRINTF(4, 5)
static void happen(struct monitor *m, enum monitor_kind k, uint64_t entry,
	const char *fmt, ...)
{
	va_list ap;

	if (m->nalert >= ALERTS_MAX) {
		m->more++;
		return;
	}
	va_start(ap, fmt);
	say(more(m, k, entry)->text, fmt, ap);
	va_end(ap);
}

/* A clock that is ahead, or a log that lies, must not put things off. */
static int64_t not_after(int64_t t, int64_t now)
{
	return t < 0 ? 0 : t < now ? t : now;
}

/* What the state is to become: reading may yet fail. */
struct look {
	struct monitor *m;
	struct log_reader *copy;
	struct monitor_state next;
	struct refchain *chain;
	int64_t settle;
	int64_t previous; /* time of the entry before; 0: none is known */
};

static void broken(void *ctx, uint64_t entry, const char *text)
{
	struct look *l = ctx;

	happen(l->m, MONITOR_BROKEN, entry, "%s", text);
}

/* Where the gate only observes it lets doctor's push in, which deletes a ref
 * that never was: nothing comes of that. */
static bool is_probe(const struct entry *e)
{
	return e->nupdate == 1 &&
		span_starts(e->update[0].ref, SPAN_LIT(PROBE_REFS)) &&
		oid_is_zero(&e->update[0].new);
}

static void ungated(struct look *l, uint64_t n, const struct entry *e)
{
	uint64_t moves = e->nupdate ? e->nupdate : e->updates_list.count;
	char old[OID_HEX + 1], new[OID_HEX + 1], others[48] = "";

	if (!moves)
		return;
	if (!e->nupdate) {
		happen(l->m, MONITOR_UNGATED, n,
			"entry %llu: %llu refs of %.*s moved outside the gate",
			(unsigned long long)n, (unsigned long long)moves,
			SPAN_FMT(e->repository));
		return;
	}
	if (moves > 1)
		snprintf(others, sizeof(others), ", and %llu more",
			(unsigned long long)(moves - 1));
	happen(l->m, MONITOR_UNGATED, n,
		"entry %llu: of %.*s moved outside the gate, %.12s..%.12s%s: "
		"%.*s",
		(unsigned long long)n, SPAN_FMT(e->repository),
		oid_hex(&e->update[0].old, old),
		oid_hex(&e->update[0].new, new), others,
		SPAN_FMT(e->update[0].ref));
}

static int unapplied(struct look *l, uint64_t n, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct entry e;
	int ret = -1;

	if (log_entry(l->copy, n, &text, err) ||
		entry_parse(buf_all(&text), a, &e, err))
		goto out;
	happen(l->m, MONITOR_UNAPPLIED, n,
		"entry %llu let a push into %.*s at %.*s, and no entry tells "
		"that it was applied",
		(unsigned long long)n, SPAN_FMT(e.repository),
		SPAN_FMT(e.time));
	ret = 0;
out:
	buf_free(&text);
	arena_free(a);
	return ret;
}

/* Keys and waivers are judged by the gate's clock: who sets it back makes what
 * had expired good again. Two pushes at once may stand in the other order. */
static void look_at_clock(
	struct look *l, uint64_t n, const struct entry *e, int64_t t)
{
	char before[CLOCK_TEXT_MAX];

	if (t > l->m->now + l->settle) {
		happen(l->m, MONITOR_CLOCK, n,
			"entry %llu is of %.*s, which is yet to come",
			(unsigned long long)n, SPAN_FMT(e->time));
	} else if (l->previous - t > l->settle) {
		clock_text(l->previous, before);
		happen(l->m, MONITOR_CLOCK, n,
			"entry %llu is of %.*s, and one before it of %s: the "
			"gate's clock was set back",
			(unsigned long long)n, SPAN_FMT(e->time), before);
	}
	l->previous = t;
}

static int on_entry(void *ctx, uint64_t n, struct span text, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct look *l = ctx;
	struct entry e;
	int64_t t = 0;
	int ret = -1;

	if (entry_parse(text, a, &e, err)) {
		err_in(err, "entry %llu", (unsigned long long)n);
		goto out;
	}
	if (!clock_read(e.time, &t))
		t = 0;
	look_at_clock(l, n, &e, t);
	t = not_after(t, l->m->now);
	if (t > l->next.last)
		l->next.last = t;
	if (e.settles)
		monitorstate_settle(&l->next, e.decision);
	else if (e.kind == RECORD_OBSERVED)
		ungated(l, n, &e);
	if (e.kind == RECORD_DECISION && e.admitted && !is_probe(&e)) {
		/* The oldest of too many waits no longer. */
		if (l->next.npending >= MONITOR_PENDING_MAX) {
			if (unapplied(l, l->next.pending[0].entry, err))
				goto out;
			monitorstate_settle(&l->next, l->next.pending[0].entry);
		}
		monitorstate_pend(&l->next, n, t);
	}
	ret = refchain_take(l->chain, n, &e, t, err);
out:
	arena_free(a);
	return ret;
}

static int overdue(struct look *l, struct err *err)
{
	struct monitor_state *s = &l->next;
	size_t i, kept = 0;

	for (i = 0; i < s->npending; i++) {
		if (l->m->now - s->pending[i].time < l->settle)
			s->pending[kept++] = s->pending[i];
		else if (unapplied(l, s->pending[i].entry, err))
			return -1;
	}
	s->npending = kept;
	return 0;
}

/* A bundle or tile as it is served against the copy's. */
static int compare_file(struct look *l, struct log_reader *log, bool entries,
	struct buf room[2], struct err *err)
{
	struct tilepath t = {.entries = entries, .n = l->next.next};
	char name[TILEPATH_MAX];
	struct log_source *copy = log_source(l->copy);
	bool whole, unused;

	t.width = tile_width(0, t.n, log_size(l->copy));
	if (tiles_file(log_source(log), &t, &room[0], &whole, err))
		return -1;
	if (tiles_file(copy, &t, &room[1], &unused, err))
		return err_in(err, "the copy");
	/* It may have grown since. */
	if (whole && room[0].n > room[1].n)
		room[0].n = room[1].n;
	if (span_eq(buf_all(&room[0]), buf_all(&room[1])))
		return 0;
	err_set(err, ERR_LOG, "'%s' is not as it was when it was verified",
		tilepath_text(&t, name));
	return err_hint(err, "'sluice log verify' lists all damage");
}

/* A part of the log each turn, all of it in the end. Stays at what is damaged,
 * lest that be over when only another part is looked at. */
static int compare(struct look *l, struct log_reader *log, struct err *err)
{
	struct buf room[2] = {BUF_INIT(0), BUF_INIT(0)};
	uint64_t n = log_size(l->copy) / TILE_WIDTH +
		(log_size(l->copy) % TILE_WIDTH ? 1 : 0);
	unsigned i;
	int ret = 0;

	for (i = 0; i < COMPARE_MAX && i < n && !ret; i++) {
		if (l->next.next >= n)
			l->next.next = 0;
		ret = compare_file(l, log, true, room, err) ||
				compare_file(l, log, false, room, err)
			? -1
			: 0;
		l->next.next++;
	}
	buf_free(&room[0]);
	buf_free(&room[1]);
	return ret;
}

static int scan(struct look *l, struct log_reader *log, struct err *err)
{
	struct monitor *m = l->m;
	struct hash root;

	memcpy(root.b, m->state.root, HASH_LEN);
	if (log_each(l->copy, m->state.size, &root, on_entry, l, err) ||
		overdue(l, err))
		return -1;
	refchain_overdue(l->chain, m->now - l->settle + 1);
	l->next.size = log_size(l->copy);
	memcpy(l->next.root, log_root(l->copy)->b, HASH_LEN);
	return compare(l, log, err);
}

static int look(struct monitor *m, struct log_reader *log, int64_t settle,
	struct err *err)
{
	struct look l = {.m = m, .settle = settle};
	struct log_source *src;
	size_t was = m->nalert;
	int ret = -1;

	monitorstate_copy(&l.next, &m->state);
	if (m->state.size)
		l.previous = m->state.last;
	if (log_source_dir(m->copy, &src, err) ||
		log_open_copy(src, log, &l.copy, err))
		goto out;
	l.chain = refchain_new(l.copy, &l.next, broken, &l);
	if (scan(&l, log, err)) {
		m->nalert = was;
		m->more = 0;
		goto out;
	}
	monitorstate_free(&m->state);
	m->state = l.next;
	l.next = (struct monitor_state){.size = 0};
	ret = 0;
out:
	refchain_free(l.chain);
	monitorstate_free(&l.next);
	log_close(l.copy);
	return ret;
}

static const char *fork_path(struct monitor *m, struct buf *out)
{
	io_join(out, m->copy, MIRROR_FORK);
	return buf_cstr(out);
}

int monitor_look(struct monitor *m, struct log_reader *log, int64_t settle,
	struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct mirror_result r;
	uint64_t seen = m->state.size;
	int ret = -1;

	if (mirror_run(log, m->copy, &r, err))
		goto out;
	if (r.was > seen)
		seen = r.was;
	passed(m, MONITOR_ROLLBACK);
	/* Both cannot be true, whatever is served by now: it stands until
	 * somebody takes the evidence away. */
	if (io_exists(fork_path(m, &path)))
		stand(m, MONITOR_FORK,
			"the log showed two histories: both checkpoints, under "
			"its signature, are in %s",
			buf_cstr(&path));
	else
		passed(m, MONITOR_FORK);
	if (r.answer != MIRROR_FORKED && log_size(log) < seen)
		stand(m, MONITOR_ROLLBACK,
			"the log has %llu entries, and %llu were seen",
			(unsigned long long)log_size(log),
			(unsigned long long)seen);
	if (r.answer == MIRROR_CURRENT && log_size(log) >= seen) {
		if (look(m, log, settle, err))
			goto out;
		passed(m, MONITOR_DAMAGE);
	}
	ret = 0;
out:
	buf_free(&path);
	return ret;
}

bool monitor_fail(struct monitor *m, const struct err *why)
{
	if (why->code != ERR_LOG && why->code != ERR_INPUT &&
		why->code != ERR_LIMIT)
		return false;
	stand(m, MONITOR_DAMAGE, "%s", why->text);
	return true;
}

const struct monitor_alert *monitor_alerts(
	struct monitor *m, int64_t silence, size_t *n)
{
	char since[CLOCK_TEXT_MAX];
	unsigned k;

	m->happened = m->nalert > 0;
	if (m->more)
		snprintf(more(m, MONITOR_MORE, ENTRY_NONE)->text,
			MONITOR_TEXT_MAX,
			"%llu more of refs that moved outside the gate or do "
			"not follow, of pushes that were not applied, and of "
			"clocks that were wrong",
			(unsigned long long)m->more);
	passed(m, MONITOR_SILENCE);
	clock_text(m->state.last, since);
	if (silence && m->now - m->state.last >= silence)
		stand(m, MONITOR_SILENCE, "no new entry since %s", since);
	for (k = 0; k < MONITOR_STANDING; k++) {
		struct monitor_alert *a;

		if (!strcmp(m->stands[k], m->state.told[k]))
			continue;
		a = more(m, (enum monitor_kind)k, ENTRY_NONE);
		a->over = !m->stands[k][0];
		memcpy(a->text, a->over ? m->state.told[k] : m->stands[k],
			sizeof(a->text));
	}
	*n = m->nalert;
	return m->alert;
}

bool monitor_calm(const struct monitor *m)
{
	unsigned k;

	for (k = 0; k < MONITOR_STANDING; k++)
		if (m->stands[k][0])
			return false;
	return !m->happened;
}

static int read_state(struct monitor *m, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(MONITORSTATE_MAX);
	int ret;

	io_join(&path, m->dir, MONITOR_STATE);
	ret = io_read_file(buf_cstr(&path), &text, err);
	if (ret && err->sys == ENOENT) {
		err_clear(err);
		memcpy(m->state.root, checkpoint_empty_root, HASH_LEN);
		m->state.last = m->now;
		ret = 0;
	} else if (!ret) {
		ret = monitorstate_parse(buf_all(&text), &m->state, err);
		if (ret)
			err_in(err, "%s", buf_cstr(&path));
	}
	buf_free(&path);
	buf_free(&text);
	return ret;
}

int monitor_open(
	const char *dir, int64_t now, struct monitor **out, struct err *err)
{
	struct monitor *m = calloc(1, sizeof(*m));
	struct buf copy = PATH_BUF_INIT;
	int r = -1;

	*out = NULL;
	io_join(&copy, dir, MONITOR_COPY);
	if (!m || !(m->dir = strdup(dir)) ||
		!(m->copy = strdup(buf_cstr(&copy))))
		die("out of memory");
	buf_free(&copy);
	m->now = now;
	m->fd = -1;
	if (io_mkdirs(dir, 0755, err))
		goto fail;
	m->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (m->fd >= 0 && (r = flock(m->fd, LOCK_EX)) && errno == EINTR)
		;
	if (r) {
		err_sys(err, "cannot open '%s'", dir);
		goto fail;
	}
	if (read_state(m, err))
		goto fail;
	memcpy(m->stands, m->state.told, sizeof(m->stands));
	*out = m;
	return 0;
fail:
	monitor_close(m);
	return -1;
}

void monitor_close(struct monitor *m)
{
	if (!m)
		return;
	io_close(m->fd);
	monitorstate_free(&m->state);
	free(m->alert);
	free(m->dir);
	free(m->copy);
	free(m);
}

int monitor_keep(struct monitor *m, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(MONITORSTATE_MAX);
	int ret;

	memcpy(m->state.told, m->stands, sizeof(m->state.told));
	monitorstate_text(&m->state, &text);
	io_join(&path, m->dir, MONITOR_STATE);
	ret = buf_check(&text, "what the monitor remembers", err);
	if (!ret)
		ret = io_replace(buf_cstr(&path), buf_all(&text), 0644, err);
	buf_free(&path);
	buf_free(&text);
	return ret;
}
