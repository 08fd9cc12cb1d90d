#include "scan/search.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/grow.h"
#include "scan/carry.h"
#include "scan/consider.h"

#define NEAR 64       /* zones this close make one */
#define CHUNK 4096    /* starts tried between two looks at the clock */
#define NAMES_MANY 64 /* of one rule in one input: then see confirm() */
/* A rule's time for one input, in microseconds. */
#define RULE_US 300000
#define RULE_US_A_KIB 500

static void enlist(struct scanner *s, size_t rule)
{
	struct worker *w = &s->worker[rule];

	if (w->fired)
		return;
	w->fired = true;
	s->fired[s->nfired++] = (uint32_t)rule;
}

void fire(struct scanner *s, size_t rule)
{
	enlist(s, rule);
	s->worker[rule].whole = true;
}

static uint32_t zone_new(struct scanner *s, size_t lo, size_t hi)
{
	if (s->nzone == s->zonecap) {
		s->zonecap = s->zonecap ? s->zonecap * 2 : 256;
		s->zone = reallocarray(s->zone, s->zonecap, sizeof(*s->zone));
		if (!s->zone || s->zonecap >= NIL)
			die("no memory for the scanner");
	}
	s->zone[s->nzone] = (struct zone){lo, hi, NIL};
	return (uint32_t)s->nzone++;
}

/* The list stays in the order of lo: decide() goes through it once. */
void zone_add(struct scanner *s, size_t rule, size_t lo, size_t hi)
{
	struct worker *w = &s->worker[rule];
	uint32_t new, at;

	enlist(s, rule);
	if (w->last != NIL) {
		struct zone *last = &s->zone[w->last];

		if (lo >= last->lo && lo <= last->hi + NEAR) {
			if (hi > last->hi)
				last->hi = hi;
			return;
		}
	}
	new = zone_new(s, lo, hi);
	if (w->last == NIL) {
		w->first = w->last = new;
	} else if (lo >= s->zone[w->last].lo) {
		s->zone[w->last].next = new;
		w->last = new;
	} else if (lo < s->zone[w->first].lo) {
		s->zone[new].next = w->first;
		w->first = new;
	} else {
		at = w->first;
		while (s->zone[s->zone[at].next].lo <= lo)
			at = s->zone[at].next;
		s->zone[new].next = s->zone[at].next;
		s->zone[at].next = new;
	}
}

static void note(struct scanner *s, size_t item, size_t end)
{
	size_t width;

	if (multi_kind(s->multi, item) != MULTI_EXACT) {
		fire(s, item);
		return;
	}
	width = multi_width(s->multi, item);
	zone_add(s, item, end > width ? end - width : 0, end);
	s->worker[item].reports++;
}

static void on_candidate(void *ctx, size_t item, size_t end)
{
	struct scanner *s = ctx;

	note(s, item, end + s->shift);
}

int candidates(struct scanner *s, struct span bytes, size_t at, size_t n,
	struct err *err)
{
	s->shift = at;
	return multi_scan(
		s->multi, span_sub(bytes, at, n), on_candidate, s, err);
}

/* Where what ends at ${end} of the windows put together ends in the input. */
static void on_joint_candidate(void *ctx, size_t item, size_t end)
{
	struct scanner *s = ctx;
	const struct fresh *f = &s->fresh;
	size_t lo = 0, hi = f->n - 1, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (end <= s->joint_end[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	note(s, item, f->v[lo].at + f->v[lo].n - (s->joint_end[lo] - end));
}

/*
 * A call of the engine costs as much as reading some hundred bytes, and windows
 * are as short. What seems to match over two of them is searched for, and not
 * found.
 */
static int joint_candidates(
	struct scanner *s, struct span bytes, struct err *err)
{
	const struct fresh *f = &s->fresh;
	size_t i;

	buf_reset(&s->joint);
	for (i = 0; i < f->n; i++) {
		s->joint_end = grow(
			s->joint_end, i, &s->jointcap, sizeof(*s->joint_end));
		buf_add(&s->joint, bytes.p + f->v[i].at, f->v[i].n);
		s->joint_end[i] = s->joint.n;
	}
	if (buf_check(&s->joint, "what is new", err))
		return -1;
	return multi_scan(
		s->multi, buf_all(&s->joint), on_joint_candidate, s, err);
}

int candidates_fresh(struct scanner *s, struct span bytes, struct err *err)
{
	const struct fresh *f = &s->fresh;
	size_t i;

	if (f->n > 1 && f->bytes <= SCANNER_JOINT_MAX)
		return joint_candidates(s, bytes, err);
	for (i = 0; i < f->n; i++) {
		if (candidates(s, bytes, f->v[i].at, f->v[i].n, err))
			return -1;
	}
	return 0;
}

/*
 * Words are cheap to find and there or not whatever stands around them; that is
 * why they go along in a carry. Few texts that have them have the rest too. Nor
 * have those that are full of names: there a search from each of them would
 * take long.
 */
static bool to_confirm(const struct scanner *s, size_t rule)
{
	return multi_confirms(s->multi, rule) &&
		(multi_kind(s->multi, rule) == MULTI_WORDS ||
			s->worker[rule].reports > NAMES_MANY);
}

static void on_confirmed(void *ctx, size_t item, size_t end)
{
	struct scanner *s = ctx;
	size_t reach = multi_reach(s->multi, item);

	s->worker[item].confirmed = true;
	if (multi_kind(s->multi, item) == MULTI_EXACT && to_confirm(s, item))
		zone_add(s, item, end > reach ? end - reach : 0, end);
}

int confirm(struct scanner *s, struct span bytes, struct err *err)
{
	bool ask = false;
	size_t i;

	for (i = 0; i < s->nfired; i++) {
		struct worker *w = &s->worker[s->fired[i]];

		w->confirmed = false;
		if (!to_confirm(s, s->fired[i]))
			continue;
		ask = true;
		/* All that matches is reported anew. */
		w->first = w->last = NIL;
	}
	if (!ask)
		return 0;
	if (multi_confirm(s->multi, bytes, on_confirmed, s, err))
		return -1;
	for (i = 0; i < s->nfired; i++) {
		struct worker *w = &s->worker[s->fired[i]];

		if (to_confirm(s, s->fired[i]) && !w->confirmed)
			w->idle = true;
	}
	return 0;
}

/* What a match was found to cover, for what is made from this input. */
static void spot_add(struct scanner *s, const struct worker *w,
	const struct pattern_match *m)
{
	size_t rule = (size_t)(w - s->worker);

	if (s->carry && !s->companion &&
		multi_reach(s->multi, rule) != SIZE_MAX)
		carry_spot(s->carry, rule, m->at[0].from, m->at[0].to - 1);
}

/*
 * The limit of steps is for one start and does not count everything, so a
 * crafted text can be slow at each of a million starts. What a rule may compute
 * is bounded as a whole too, far above what it needs on text that was not made
 * for this.
 */
static void clock_start(struct scanner *s, size_t n)
{
	clock_limit_set(
		&s->limit, RULE_US + (int64_t)(n / 1024) * RULE_US_A_KIB);
	s->unclocked = 0;
}

static bool is_late(struct scanner *s, size_t starts)
{
	s->unclocked += starts;
	if (s->unclocked < CHUNK)
		return false;
	s->unclocked = 0;
	return clock_limit_passed(&s->limit);
}

/* All matches that start in [*pos, last]; *pos moves past what is decided. */
static enum step search(struct scanner *s, struct worker *w, struct span bytes,
	size_t last, size_t *pos, struct scan_result *out, struct err *err)
{
	struct pattern_match m;
	enum step step;
	size_t from, to;

	while (*pos <= last && *pos < bytes.n) {
		from = *pos;
		to = last - from < CHUNK ? last : from + CHUNK - 1;
		switch (pattern_find(w->regex, bytes, from, to, &m)) {
		case PATTERN_LIMIT:
			return stop(out, w->rule,
				"gave up at the limit of steps or memory");
		case PATTERN_NONE:
			*pos = to == SIZE_MAX ? to : to + 1;
			break;
		case PATTERN_MATCH:
			spot_add(s, w, &m);
			step = consider(s, w, bytes, &m, out, err);
			if (step == STEP_FAIL || step == STEP_STOP)
				return step;
			*pos = m.at[0].to;
			break;
		}
		if (is_late(s, *pos - from))
			return stop(
				out, w->rule, "gave up at the limit of time");
	}
	return STEP_NO;
}

/* Whether the rule means the path. */
static enum step means(struct worker *w, struct span path,
	struct scan_result *out, struct err *err)
{
	enum step step = STEP_YES;

	if (w->idle)
		return STEP_NO;
	if (w->rule->path.n && path.p) {
		if (need(w->rule->path, "path", w->rule, &w->path, err))
			return STEP_FAIL;
		step = test(w->path, path, w->rule, out);
		if (step == STEP_NO)
			out->elsewhere = true;
		if (step != STEP_YES)
			return step;
	}
	if (w->rule->leak && path.p) {
		step = leak_step(
			leaks_skips(w->leaks, w->rule, path, err), w, out);
		if (step == STEP_YES)
			out->elsewhere = true;
		if (step == STEP_YES || step == STEP_NO)
			step = step == STEP_YES ? STEP_NO : STEP_YES;
	}
	return step;
}

enum step decide_whole(struct scanner *s, size_t i, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	struct worker *w = &s->worker[i];
	enum step step = means(w, path, out, err);
	size_t pos = 0;

	if (step != STEP_YES)
		return step;
	if (need(w->rule->regex, "regex", w->rule, &w->regex, err))
		return STEP_FAIL;
	clock_start(s, bytes.n);
	return search(s, w, bytes, SIZE_MAX, &pos, out, err);
}

enum step decide(struct scanner *s, size_t i, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	struct worker *w = &s->worker[i];
	enum step step;
	size_t pos = 0;
	uint32_t r;

	if (w->rule->leak && w->rule->leak->skip_report)
		return STEP_NO;
	if (w->whole)
		return decide_whole(s, i, bytes, path, out, err);
	step = means(w, path, out, err);
	if (step != STEP_YES)
		return step;
	if (need(w->rule->regex, "regex", w->rule, &w->regex, err))
		return STEP_FAIL;
	clock_start(s, bytes.n);
	for (r = w->first; r != NIL; r = s->zone[r].next) {
		if (s->zone[r].lo > pos)
			pos = s->zone[r].lo;
		step = search(s, w, bytes, s->zone[r].hi, &pos, out, err);
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

void forget(struct scanner *s)
{
	size_t i;

	for (i = 0; i < s->nfired; i++) {
		struct worker *w = &s->worker[s->fired[i]];

		w->first = w->last = NIL;
		w->reports = 0;
		w->fired = w->whole = w->idle = false;
	}
	s->nfired = s->nzone = 0;
}
