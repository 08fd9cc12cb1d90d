/*
 * Why no match is lost.
 *
 * The definition is the plain one: for each rule, PCRE2 searches the whole
 * input from the left; after a match the search goes on at its end. Write
 * "pos" for the place where it stands. The engine promises (multipattern.h)
 * for a rule of kind
 *
 * MULTI_EXACT: for every possible match an end is reported, of the match itself
 *	or of the names it begins with, that is past its start and no more than
 *	W bytes behind it. Say the next reported end past pos is e. A match that
 *	starts at or after pos has its own past pos, so at e or later, so it
 *	starts at e - W or later. Nothing is lost by starting the search at
 *	max(pos, e - W). Nor by stopping it once the start would pass e: the
 *	end of a match that starts after e is a later one, which has its own
 *	turn. PCRE2 is given the whole input with these bounds on the start
 *	alone, so \b and lookbehind see what they would have seen, and the
 *	leftmost match within the bounds is the leftmost of all.
 * MULTI_WORDS, MULTI_PRESENT: reported at least once if there is any match: one
 *	report, and the whole input is searched.
 * MULTI_ALWAYS: the whole input is searched, reported or not.
 *
 * So each rule has zones in which a match may start. Those that lie close
 * together are kept as one, which bounds their number; the search then covers a
 * superset. docs/scanning.md says why it is enough to look at what a delta
 * brings.
 */
#include "scan/carry.h"
#include "scan/companion.h"
#include "scan/consider.h"
#include "scan/fresh.h"
#include "scan/overlap.h"
#include "scan/search.h"

static size_t rule_index(const struct scanner *s, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < s->n + s->npath; i++) {
		if (s->worker[i].rule == rule)
			return i;
	}
	die("a rule of another scanner");
}

static void describe(
	struct scanner *s, const struct scan_carry *base, struct span bytes)
{
	size_t i, pos = 0, line = 1, start = 0;

	for (i = 0; i < s->nhit; i++) {
		struct scan_hit *hit = &s->hit[i];
		struct span secret = span_sub(bytes, hit->at, hit->n);
		struct buf text = BUF_INIT(REDACT_MAX - 1);

		for (; pos < hit->at; pos++) {
			if (bytes.p[pos] == '\n') {
				line++;
				start = pos + 1;
			}
		}
		hit->line = line;
		hit->column = hit->at - start + 1;
		hit->known = carry_marks(
			base, s->carry, rule_index(s, hit->rule), secret);
		redact(secret, &text);
		memcpy(hit->redacted, text.p, text.n);
		buf_wipe(&text);
		if (s->keyed)
			fingerprint_of(s->key, secret, hit->fingerprint);
	}
}

/* Lines of matches, and what depends on them: for rules of gitleaks. */
static void match_lines(struct scanner *s, struct span bytes)
{
	size_t i, pos = 0, line = 1;
	bool leaks = false;

	for (i = 0; i < s->nhit; i++) {
		struct scan_hit *hit = &s->hit[i];

		if (!hit->rule->leak)
			continue;
		leaks = true;
		for (; pos < hit->at; pos++)
			line += bytes.p[pos] == '\n';
		hit->match_line =
			leaks_match_line(bytes, hit->match, hit->at, line);
	}
	if (leaks)
		leaks_yield(bytes, s->hit, s->nhit);
}

static void hand_over(
	struct scanner *s, struct arena *arena, struct scan_result *out)
{
	if (s->nhit) {
		out->hit = arena_get(arena, s->nhit, sizeof(*out->hit));
		memcpy(out->hit, s->hit, s->nhit * sizeof(*out->hit));
	}
	out->nhit = s->nhit;
	s->nhit = 0;
}

static void begin(struct scanner *s, struct span bytes, struct span path,
	struct scan_carry *carry, struct scan_result *out)
{
	*out = (struct scan_result){.outcome = SCAN_NOT_DONE};
	s->carry = carry;
	s->path = path;
	s->input++;
	s->now = 0;
	s->nhit = 0;
	if (carry)
		carry_reset(carry, bytes.n, s->n);
}

static bool too_large(
	const struct scanner *s, struct span bytes, struct scan_result *out)
{
	if (bytes.n <= s->max)
		return false;
	snprintf(out->why, sizeof(out->why), "larger than %zu bytes", s->max);
	return true;
}

/* ${open}: hits that overlap all stay. */
static int end(struct scanner *s, struct span bytes, enum step step, bool open,
	const struct scan_carry *base, struct arena *arena,
	struct scan_result *out)
{
	forget(s);
	if (step != STEP_NO && s->carry)
		s->carry->whole = true;
	if (step == STEP_FAIL) {
		s->nhit = 0;
		return -1;
	}
	hits_order(s->hit, s->nhit);
	match_lines(s, bytes);
	if (!open)
		s->nhit = hits_sort_out(s->hit, s->nhit);
	describe(s, base, bytes);
	hand_over(s, arena, out);
	if (step == STEP_NO)
		out->outcome = SCAN_DONE;
	return 0;
}

static enum step decide_fired(struct scanner *s, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	enum step step;
	size_t i;

	if (confirm(s, bytes, err))
		return STEP_FAIL;
	for (i = 0; i < s->nfired; i++) {
		if (s->carry &&
			multi_kind(s->multi, s->fired[i]) == MULTI_WORDS)
			carry_word_set(s->carry, s->fired[i]);
		step = decide(s, s->fired[i], bytes, path, out, err);
		if (step != STEP_NO)
			return step;
	}
	return companions(s, bytes, path, out, err);
}

static void fire_apart(struct scanner *s, size_t from)
{
	size_t i;

	for (i = from; i < s->napart; i++)
		fire(s, s->apart[i]);
}

static enum step scan_whole(struct scanner *s, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	if (candidates(s, bytes, 0, bytes.n, err))
		return STEP_FAIL;
	fire_apart(s, s->blind);
	return decide_fired(s, bytes, path, out, err);
}

int scanner_scan(struct scanner *s, struct span bytes, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	begin(s, bytes, path, NULL, out);
	if (too_large(s, bytes, out))
		return 0;
	return end(s, bytes, scan_whole(s, bytes, path, out, err), false, NULL,
		arena, out);
}

static int open_whole(struct scanner *s, struct span bytes,
	const struct scan_carry *base, struct scan_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	begin(s, bytes, SPAN_EMPTY, carry, out);
	if (too_large(s, bytes, out)) {
		if (carry)
			carry->whole = true;
		return 0;
	}
	return end(s, bytes, scan_whole(s, bytes, SPAN_EMPTY, out, err), true,
		base, arena, out);
}

int scanner_scan_open(struct scanner *s, struct span bytes,
	struct scan_carry *carry, struct arena *arena, struct scan_result *out,
	struct err *err)
{
	return open_whole(s, bytes, NULL, carry, arena, out, err);
}

/* Where matches of the base were, there may be one in the copy. */
static void zones_of_base(struct scanner *s, const struct scan_copy *copy,
	size_t ncopy, const struct scan_carry *base)
{
	size_t i, k;

	if (!base->nspot)
		return;
	for (i = 0; i < ncopy; i++) {
		size_t from = copy[i].from, to = from + copy[i].n;

		for (k = 0; k < base->nspot; k++) {
			const struct spot *spot = &base->spot[k];
			size_t lo = spot->lo > from ? spot->lo : from;
			size_t hi = spot->hi < to - 1 ? spot->hi : to - 1;

			if (lo <= hi)
				zone_add(s, spot->rule, lo - from + copy[i].at,
					hi - from + copy[i].at);
		}
	}
}

/*
 * A rule that its words tell of. With a reach and once the base was searched
 * for it, it is like the others: what the base does not account for starts
 * where something is new. Else all of the input is searched.
 */
static void zones_of_words(
	struct scanner *s, size_t rule, const struct scan_carry *base)
{
	const struct fresh *f = &s->fresh;
	size_t reach = multi_reach(s->multi, rule), i;

	if (!carry_word(base, rule))
		return;
	/* Whether or not it has to be searched now. */
	if (s->carry)
		carry_word_set(s->carry, rule);
	if (reach == SIZE_MAX) {
		fire(s, rule);
		return;
	}
	s->worker[rule].whole = false;
	reach += FRESH_CONTEXT;
	for (i = 0; i < f->n; i++) {
		size_t lo = f->v[i].first;

		zone_add(s, rule, lo > reach ? lo - reach : 0,
			f->v[i].at + f->v[i].n);
	}
}

static enum step scan_fresh(struct scanner *s, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct scan_carry *base, struct scan_result *out, struct err *err)
{
	size_t i;

	if (candidates_fresh(s, bytes, err))
		return STEP_FAIL;
	for (i = 0; i < s->unsure; i++)
		zones_of_words(s, s->apart[i], base);
	zones_of_base(s, copy, ncopy, base);
	fire_apart(s, s->unsure);
	return decide_fired(s, bytes, SPAN_EMPTY, out, err);
}

/* Whether reading it whole costs less than finding out what to read. */
static bool whole_is_cheaper(const struct scanner *s, struct span bytes,
	size_t ncopy, const struct scan_carry *base)
{
	return s->fresh.bytes > bytes.n / 4 * 3 ||
		(base->nspot && ncopy > (bytes.n + 4096) / base->nspot);
}

int scanner_scan_new(struct scanner *s, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct scan_carry *base, struct scan_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	enum step step;

	*out = (struct scan_result){.outcome = SCAN_NOT_DONE};
	if (base->whole || bytes.n > s->max)
		return open_whole(s, bytes, base, carry, arena, out, err);
	if (fresh_windows(
		    copy, ncopy, base->n, bytes, &s->reach, &s->fresh, err))
		return -1;
	if (whole_is_cheaper(s, bytes, ncopy, base))
		return open_whole(s, bytes, base, carry, arena, out, err);
	begin(s, bytes, SPAN_EMPTY, carry, out);
	step = scan_fresh(s, bytes, copy, ncopy, base, out, err);
	if (step != STEP_STOP)
		return end(s, bytes, step, true, base, arena, out);
	/* A limit: the same answer as ever, from reading all of it. */
	forget(s);
	return open_whole(s, bytes, base, carry, arena, out, err);
}

int scanner_settle(struct scanner *s, struct span path, struct scan_result *r,
	struct err *err)
{
	size_t i, n = 0;
	bool fits = true;

	for (i = 0; i < r->nhit; i++) {
		if (path.p &&
			scanner_path_fits(s, r->hit[i].rule, path, &fits, err))
			return -1;
		if (path.p && fits &&
			scanner_stands(s, &r->hit[i], path, NULL, &fits, err))
			return -1;
		if (fits)
			r->hit[n++] = r->hit[i];
		else
			r->elsewhere = true;
	}
	r->nhit = hits_sort_out(r->hit, n);
	return 0;
}
