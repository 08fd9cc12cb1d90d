#include "scan/reveal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/grow.h"
#include "scan/decodestep.h"
#include "scan/fresh.h"
#include "scan/leaks.h"
#include "scan/overlap.h"
#include "scan/revealtrace.h"

/* What stands before a piece in its line tells what it is, "password: "; what
 * stands behind it ends it. */
#define BEFORE_MAX 48
#define BEHIND_MAX 8
/* How far from a byte what depends on it may start or end: what stands around
 * a piece; or a short line, and the wrap and the line's first bytes behind
 * it. */
#define PAD 64

#define TEXT_MAX ((size_t)1 << 31)

/* All that is decoded of one input, and how long looking at it takes. */
#define SAID_TIMES 4
#define SAID_MORE ((size_t)1 << 20)
#define CPU_US 1000000
#define CPU_US_PER_MIB 1000000

/* One piece at work, in its context. */
struct view {
	struct span in; /* what it is a piece of */
	struct decode_piece piece;
	struct buf text; /* what stands before, what it says, what follows */
	size_t before, said;
	struct buf work;
	struct decode_trail trail;
};

struct reveal {
	struct scanner *scanner;
	unsigned depth;
	struct view view[REVEAL_DEPTH_MAX];
	unsigned level;
	struct fresh fresh;
	struct window *region;
	size_t nregion, regioncap;

	/* Of the input at hand. */
	struct span bytes;
	const struct reveal_trace *base;
	struct reveal_trace *trace;
	struct arena *arena;
	struct scan_hit *hit;
	size_t nhit, hitcap;
	size_t said;
	struct clock_limit limit;
	const char *stopped;
	char why[SCAN_WHY_MAX];
	bool elsewhere;
};

struct reveal *reveal_new(struct scanner *s, unsigned depth)
{
	struct reveal *rv = calloc(1, sizeof(*rv));
	size_t i;

	if (!rv)
		die("no memory for the scanner");
	rv->scanner = s;
	rv->depth = depth > REVEAL_DEPTH_MAX ? REVEAL_DEPTH_MAX : depth;
	for (i = 0; i < ARRAY_LEN(rv->view); i++)
		rv->view[i].text.max = rv->view[i].work.max = TEXT_MAX;
	return rv;
}

void reveal_free(struct reveal *rv)
{
	size_t i;

	if (!rv)
		return;
	for (i = 0; i < ARRAY_LEN(rv->view); i++) {
		buf_wipe(&rv->view[i].text);
		buf_wipe(&rv->view[i].work);
		free(rv->view[i].trail.v);
	}
	fresh_free(&rv->fresh);
	free(rv->region);
	free(rv->hit);
	free(rv);
}

/* Bytes [*from, *to) of what the view of ${level} is a piece of, as bytes of
 * the input. Neighbours stay neighbours: what ends in the middle of a character
 * of the encoding leaves that to what comes next. */
static void rise(struct reveal *rv, unsigned level, size_t *from, size_t *to)
{
	while (level--) {
		struct view *v = &rv->view[level];
		size_t start, end = *to, none;

		decode_place(v->in, &v->piece, *from, &v->trail, &start, &none);
		if (end < v->said)
			decode_place(
				v->in, &v->piece, end, &v->trail, to, &none);
		if (end >= v->said || *to <= start)
			decode_place(v->in, &v->piece, end - 1, &v->trail,
				&none, to);
		*from = start;
	}
}

static const char *encoding_of(const struct reveal *rv)
{
	struct buf text = BUF_INIT(128);
	const char *all;
	unsigned i;

	for (i = 0; i <= rv->level; i++)
		buf_fmt(&text, "%s%s", i ? ", " : "",
			encoding_name(rv->view[i].piece.encoding));
	all = arena_str(rv->arena, buf_all(&text));
	buf_free(&text);
	return all;
}

static bool is_dense(const struct view *v)
{
	return v->piece.encoding == ENCODING_BASE64 ||
		v->piece.encoding == ENCODING_HEX;
}

/*
 * Whether a hit is about what the piece says. What stands around the piece may
 * not be part of the secret. That something is called "password" is not enough
 * for a decoded value: the value was judged as it stands.
 */
static bool counts(const struct view *v, const struct scan_hit *hit)
{
	if (!hit->n || hit->at < v->before ||
		hit->at + hit->n > v->before + v->said)
		return false;
	return !(is_dense(v) && hit->match < v->before &&
		(hit->rule->generic ||
			(hit->rule->leak && hit->rule->leak->generic)));
}

/* Whether the match stands in the piece as it is said, and its neighbours
 * too: then it is no news. */
static bool was_plain(struct view *v, const struct scan_hit *hit)
{
	size_t lo = hit->match > v->before ? hit->match - v->before : 0;
	size_t hi = hit->at + hit->n - v->before, from, to, none;

	lo -= lo != 0;
	hi -= hi == v->said;
	decode_place(v->in, &v->piece, lo, &v->trail, &from, &none);
	decode_place(v->in, &v->piece, hi, &v->trail, &none, &to);
	return to - from == hi + 1 - lo;
}

static size_t line_start(struct span s, size_t at)
{
	while (at && s.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(struct span s, size_t at)
{
	while (at < s.n && s.p[at] != '\n')
		at++;
	return at;
}

/* Comments are obeyed where people write them: beside what is encoded. */
static bool has_comment(struct span bytes, size_t from, size_t to)
{
	size_t at = line_start(bytes, from);

	return span_search(span_sub(bytes, at, line_end(bytes, to) - at),
		       SPAN_LIT("gitleaks:allow")) != SIZE_MAX;
}

static void keep(struct reveal *rv, struct view *v, struct scan_hit hit)
{
	struct span secret = span_sub(buf_all(&v->text), hit.at, hit.n);
	size_t at = hit.at - v->before, last = at + hit.n - 1, from, to, none;
	size_t start, end;

	decode_place(v->in, &v->piece, at, &v->trail, &from, &none);
	decode_place(v->in, &v->piece, last, &v->trail, &none, &to);
	start = v->piece.at - v->before + hit.match;
	if (hit.match >= v->before)
		decode_place(v->in, &v->piece, hit.match - v->before, &v->trail,
			&start, &none);
	if (!is_dense(v) && was_plain(v, &hit))
		return;
	end = start + 1;
	rise(rv, rv->level, &from, &to);
	rise(rv, rv->level, &start, &end);
	if (hit.rule->leak && scanner_obeys(rv->scanner) &&
		has_comment(rv->bytes, start, to))
		return;
	hit.at = from;
	hit.n = to - from;
	hit.match = start;
	hit.known = reveal_trace_secret(rv->base, rv->trace, hit.rule, secret);
	hit.encoding = encoding_of(rv);
	rv->hit = grow(rv->hit, rv->nhit, &rv->hitcap, sizeof(*rv->hit));
	rv->hit[rv->nhit++] = hit;
	reveal_trace_run(
		rv->trace, rv->view[0].piece.run, rv->view[0].piece.nrun);
}

/* Always -1: the way out of a search. */
static int stop(struct reveal *rv, const char *why)
{
	snprintf(rv->why, sizeof(rv->why), "%s", why);
	rv->stopped = rv->why;
	return -1;
}

static int scan_view(struct reveal *rv, struct view *v, struct err *err)
{
	struct scan_result r;
	size_t i;

	if (scanner_scan_open(
		    rv->scanner, buf_all(&v->text), NULL, rv->arena, &r, err))
		return -1;
	if (r.outcome != SCAN_DONE)
		return stop(rv, r.why);
	rv->elsewhere |= r.elsewhere;
	for (i = 0; i < r.nhit; i++)
		if (counts(v, &r.hit[i]))
			keep(rv, v, r.hit[i]);
	if (rv->nhit > SCAN_HITS_MAX)
		return stop(rv, "too many matches in encoded text");
	return 0;
}

/* Letters that touch a piece are no context of what it says. */
static bool touches(struct span in, size_t at)
{
	return at < in.n && is_a(in.p[at], IS_DENSE);
}

static size_t before(struct span in, size_t at)
{
	size_t n = 0;

	if (!at || touches(in, at - 1))
		return 0;

	while (n < BEFORE_MAX && n < at && in.p[at - n - 1] != '\n')
		n++;
	return n;
}

static struct span behind(struct span in, const struct decode_piece *p)
{
	size_t at = p->at + p->n, n = 0;

	if (touches(in, at))
		return SPAN_EMPTY;
	while (n < 2 && at < in.n && in.p[at] == '=') {
		at++;
		n++;
	}
	for (n = 0; n < BEHIND_MAX && at + n < in.n && in.p[at + n] != '\n';)
		n++;
	return span_sub(in, at, n);
}

static bool is_utf(const struct decode_piece *p)
{
	return p->encoding >= ENCODING_UTF16LE;
}

static void make_view(
	struct view *v, struct span in, const struct decode_piece *p)
{
	v->in = in;
	v->trail.n = 0;
	v->piece = *p;
	v->before = is_utf(p) ? 0 : before(in, p->at);
	buf_reset(&v->text);
	buf_span(&v->text, span_sub(in, p->at - v->before, v->before));
	decode_text(in, p, &v->text);
	v->said = v->text.n - v->before;
	if (!is_utf(p))
		buf_span(&v->text, behind(in, p));
}

static int search(struct reveal *rv, struct span bytes,
	const struct window *region, size_t nregion, struct err *err);

static int on_piece(void *ctx, const struct decode_piece *p, struct err *err)
{
	struct reveal *rv = ctx;
	struct view *v = &rv->view[rv->level];
	struct span in = rv->level ? v->in : rv->bytes;
	struct window all;
	int ret = 0;

	make_view(v, in, p);
	if (v->text.full || v->text.n > rv->said)
		return stop(rv, "too much of it is encoded");
	rv->said -= v->text.n;
	if (clock_limit_passed(&rv->limit))
		return stop(rv, "reading its encoded text takes too long");
	if (scan_view(rv, v, err))
		return -1;
	if (rv->level + 1 < rv->depth) {
		rv->level++;
		all = (struct window){0, v->said};
		rv->view[rv->level].in =
			span_sub(buf_all(&v->text), v->before, v->said);
		ret = search(rv, rv->view[rv->level].in, &all, 1, err);
		rv->level--;
	}
	return ret;
}

/* ${region}: ascending and disjoint. */
static int search(struct reveal *rv, struct span bytes,
	const struct window *region, size_t nregion, struct err *err)
{
	static int (*const find[])(struct decode_search * s,
		struct err * err) = {decode_dense, decode_sparse, decode_utf};
	size_t i, k;

	for (k = 0; k < ARRAY_LEN(find); k++) {
		struct decode_search s = {.bytes = bytes,
			.work = &rv->view[rv->level].work,
			.found = on_piece,
			.ctx = rv};

		for (i = 0; i < nregion; i++) {
			s.lo = region[i].at;
			s.hi = s.lo + region[i].n;
			if (s.lo < s.done)
				s.lo = s.done;
			if (s.hi > s.done && find[k](&s, err))
				return -1;
		}
	}
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct window *a = x, *b = y;

	return a->at < b->at ? -1 : a->at > b->at;
}

static void add_region(struct reveal *rv, size_t at, size_t n)
{
	rv->region = grow(
		rv->region, rv->nregion, &rv->regioncap, sizeof(*rv->region));
	rv->region[rv->nregion++] = (struct window){at, n};
}

/* A comment may have come or gone at the other end of a line. */
static void whole_lines(struct reveal *rv, struct span bytes)
{
	size_t i;

	for (i = 0; i < rv->nregion; i++) {
		struct window *w = &rv->region[i];
		size_t end = line_end(bytes, w->at + w->n);

		w->at = line_start(bytes, w->at);
		w->n = end - w->at;
	}
}

/* In order of place. */
static void join_regions(struct reveal *rv)
{
	size_t i, n = 0;

	for (i = 0; i < rv->nregion; i++) {
		struct window *last = n ? &rv->region[n - 1] : NULL;
		struct window *w = &rv->region[i];

		if (last && w->at <= last->at + last->n) {
			if (w->at + w->n > last->at + last->n)
				last->n = w->at + w->n - last->at;
			continue;
		}
		rv->region[n++] = *w;
	}
	rv->nregion = n;
}

/* What is new, and what told something in the base. */
static int regions(struct reveal *rv, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct reveal_trace *base, struct err *err)
{
	static const struct fresh_reach reach = {
		.near = PAD - 2 * FRESH_CONTEXT};
	size_t i, k;

	if (fresh_windows(copy, ncopy, base->n, bytes, &reach, &rv->fresh, err))
		return -1;
	for (i = 0; i < rv->fresh.n; i++)
		add_region(rv, rv->fresh.v[i].at, rv->fresh.v[i].n);
	for (k = 0; k < base->nrun; k++) {
		for (i = 0; i < ncopy; i++) {
			size_t lo = base->run[k].at, hi = lo + base->run[k].n;
			size_t end = copy[i].from + copy[i].n;

			lo = lo > copy[i].from ? lo : copy[i].from;
			hi = hi < end ? hi : end;
			if (lo < hi)
				add_region(rv, lo - copy[i].from + copy[i].at,
					hi - lo);
		}
	}
	/* Windows alone are in order. */
	if (base->nrun && rv->nregion)
		qsort(rv->region, rv->nregion, sizeof(*rv->region), by_place);
	if (scanner_obeys(rv->scanner))
		whole_lines(rv, bytes);
	join_regions(rv);
	return 0;
}

static void begin(struct reveal *rv, struct span bytes,
	const struct reveal_trace *base, struct reveal_trace *trace,
	struct arena *arena)
{
	rv->bytes = bytes;
	rv->base = base;
	rv->trace = trace;
	rv->arena = arena;
	rv->nhit = rv->level = 0;
	rv->nregion = 0;
	rv->said = bytes.n * SAID_TIMES + SAID_MORE;
	clock_limit_set(
		&rv->limit, CPU_US + (int64_t)(bytes.n >> 20) * CPU_US_PER_MIB);
	rv->stopped = NULL;
	rv->elsewhere = false;
	if (!trace)
		return;
	trace->n = bytes.n;
	trace->all = false;
	trace->marked = decode_has_mark(bytes, NULL);
	trace->nrun = trace->nmark = 0;
}

/* Lines of hits, which are in order of place. */
static void count_lines(struct span bytes, struct scan_hit *hit, size_t n)
{
	size_t i, at = 0, line = 1, start = 0;

	for (i = 0; i < n; i++) {
		for (; at < hit[i].at; at++) {
			if (bytes.p[at] == '\n') {
				line++;
				start = at + 1;
			}
		}
		if (!hit[i].encoding)
			continue;
		hit[i].line = line;
		hit[i].column = hit[i].at - start + 1;
		if (hit[i].rule->leak)
			hit[i].match_line = leaks_match_line(
				bytes, hit[i].match, hit[i].at, line);
	}
}

/* Of the same rule at the same place the least encoded. */
static bool same(const struct scan_hit *a, const struct scan_hit *b)
{
	return a->rule == b->rule && a->at == b->at && a->n == b->n;
}

static bool plainer(const struct scan_hit *a, const struct scan_hit *b)
{
	if (!a->encoding || !b->encoding)
		return !a->encoding;
	return strlen(a->encoding) < strlen(b->encoding);
}

static size_t drop_doubles(struct scan_hit *hit, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (!kept || !same(&hit[kept - 1], &hit[i]))
			hit[kept++] = hit[i];
		else if (plainer(&hit[i], &hit[kept - 1]))
			hit[kept - 1] = hit[i];
	}
	return kept;
}

/* The hits of the input as it is, and these. */
static void merge(struct reveal *rv, struct scan_result *out)
{
	size_t n = out->nhit + rv->nhit;
	struct scan_hit *all;

	out->elsewhere |= rv->elsewhere;
	if (!rv->nhit)
		return;
	all = arena_get(rv->arena, n, sizeof(*all));
	if (out->nhit)
		memcpy(all, out->hit, out->nhit * sizeof(*all));
	memcpy(all + out->nhit, rv->hit, rv->nhit * sizeof(*all));
	hits_order(all, n);
	out->nhit = drop_doubles(all, n);
	out->hit = all;
	count_lines(rv->bytes, out->hit, out->nhit);
}

static int finish(
	struct reveal *rv, int ret, struct scan_result *out, struct err *err)
{
	if (ret && !rv->stopped)
		return -1;
	(void)err;
	merge(rv, out);
	if (rv->stopped) {
		out->outcome = SCAN_NOT_DONE;
		snprintf(out->why, sizeof(out->why), "%s", rv->stopped);
		if (rv->trace)
			rv->trace->all = true;
	}
	return 0;
}

int reveal_open(struct reveal *rv, struct span bytes,
	const struct reveal_trace *base, struct reveal_trace *trace,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	const struct window all = {0, bytes.n};

	begin(rv, bytes, base, trace, arena);
	if (!rv->depth)
		return 0;
	return finish(rv, search(rv, bytes, &all, 1, err), out, err);
}

int reveal_fresh(struct reveal *rv, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct reveal_trace *base, struct reveal_trace *trace,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	bool marked;

	if (!rv->depth || base->all)
		return reveal_open(rv, bytes, base, trace, arena, out, err);
	marked = decode_has_mark(bytes, NULL);
	if (marked || base->marked)
		return reveal_open(rv, bytes, base, trace, arena, out, err);
	begin(rv, bytes, base, trace, arena);
	if (regions(rv, bytes, copy, ncopy, base, err))
		return -1;
	return finish(
		rv, search(rv, bytes, rv->region, rv->nregion, err), out, err);
}
