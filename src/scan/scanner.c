/*
 * Why no match is lost.
 *
 * The definition is the plain one: for each rule, PCRE2 searches the whole
 * input from the left; after a match the search goes on at its end. Write
 * "pos" for the place where it stands. The engine promises (multipattern.h)
 * for a rule of kind
 *
 * MULTI_EXACT: every end of every possible match is reported, and no match is
 *	longer than W. Say the next reported end past pos is e. A match that
 *	starts at or after pos ends past pos, so at e or later, so it starts at
 *	e - W or later. Nothing is lost by starting the search at
 *	max(pos, e - W). Nor by stopping it once the start would pass e: a
 *	match that starts after e ends at a later reported end, which has its
 *	own turn. PCRE2 is given the whole input with these bounds on the start
 *	alone, so \b and lookbehind see what they would have seen, and the
 *	leftmost match within the bounds is the leftmost of all.
 * MULTI_PRESENT: reported at least once if there is any match: one report, and
 *	the whole input is searched.
 * MULTI_ALWAYS: the whole input is searched, reported or not.
 *
 * Ends that lie close together are kept as one range [lo, hi], which bounds the
 * number kept; the search then covers max(pos, lo - W) to hi, a superset.
 */
#include "scan/scanner.h"

#include "base/clock.h"
#include "base/text.h"
#include "port/crypto.h"
#include "port/pattern.h"
#include "scan/database.h"

#define MAX_DEFAULT ((size_t)1 << 30)
#define NEAR 64 /* ends this close make one range */
#define NIL UINT32_MAX

struct range {
	size_t lo, hi;
	uint32_t next;
};

/* A rule at work. Expressions are compiled when first needed. */
struct worker {
	const struct rule *rule;
	struct pattern *regex, *path;
	uint32_t first, last; /* its ranges in this input, or NIL */
};

/* An allow-list, its expressions compiled when first needed. */
struct allower {
	const struct allow_set *set;
	struct pattern **secret, **match;
};

struct scanner {
	struct worker *worker; /* [n] rules on content, then rules on paths */
	size_t n, npath;
	struct allower *allower;
	size_t nallower;
	struct multi *multi;
	struct range *range;
	size_t nrange, rangecap;
	uint32_t *fired; /* [n] */
	size_t nfired;
	struct scan_hit *hit; /* of the input at hand, before sorting out */
	size_t nhit, hitcap;
	unsigned char key[FINGERPRINT_KEY];
	bool keyed;
	size_t max;
	char digest[65];
};

static void *blank(size_t n, size_t each)
{
	void *p = calloc(n ? n : 1, each);

	if (!p)
		die("no memory for the scanner");
	return p;
}

static int add_rules(struct scanner *s, const struct scanner_setup *setup,
	bool on_path, struct err *err)
{
	size_t i, j, k;

	for (i = 0; i < setup->npacks; i++) {
		const struct rulepack *pack = setup->packs[i].rules;
		/* A pack agrees with itself: rulepack_parse has seen to it. */
		size_t others = setup->npacks > 1 ? s->n + s->npath : 0;

		for (j = 0; j < pack->n; j++) {
			const struct rule *rule = &pack->rules[j];

			if (on_path != !rule->regex.n)
				continue;
			for (k = 0; k < others; k++) {
				if (span_eq(s->worker[k].rule->id, rule->id))
					return err_set(err, ERR_POLICY,
						"two rule packs have a rule "
						"'%.*s'",
						SPAN_FMT(rule->id));
			}
			s->worker[s->n + s->npath] =
				(struct worker){rule, NULL, NULL, NIL, NIL};
			if (on_path)
				s->npath++;
			else
				s->n++;
		}
	}
	return 0;
}

static void add_allowers(struct scanner *s, const struct scanner_setup *setup)
{
	size_t i, j;

	for (i = 0; i < setup->npacks; i++) {
		const struct rulepack *pack = setup->packs[i].rules;

		for (j = 0; j < pack->nsets; j++) {
			const struct allow_set *set = &pack->sets[j];
			struct allower *a = &s->allower[s->nallower++];

			a->set = set;
			a->secret = blank(set->secret.n, sizeof(*a->secret));
			a->match = blank(set->match.n, sizeof(*a->match));
		}
	}
}

static void digest(struct scanner *s, const struct scanner_setup *setup)
{
	struct buf all = BUF_INIT(setup->npacks * 65);
	size_t i;

	for (i = 0; i < setup->npacks; i++)
		buf_fmt(&all, "%s\n", setup->packs[i].digest);
	sha256_hex(buf_all(&all), s->digest);
	buf_free(&all);
}

static int open_database(struct scanner *s, const char *cache, struct err *err)
{
	const struct rule **rules = blank(s->n, sizeof(*rules));
	size_t i;
	int r;

	for (i = 0; i < s->n; i++)
		rules[i] = s->worker[i].rule;
	r = database_open(rules, s->n, s->digest, cache, &s->multi, err);
	free(rules);
	return r;
}

int scanner_new(const struct scanner_setup *setup, struct scanner **out,
	struct err *err)
{
	struct scanner *s = blank(1, sizeof(*s));
	size_t i, rules = 0, sets = 0;
	int r = -1;

	*out = NULL;
	for (i = 0; i < setup->npacks; i++) {
		rules += setup->packs[i].rules->n;
		sets += setup->packs[i].rules->nsets;
	}
	s->worker = blank(rules, sizeof(*s->worker));
	s->fired = blank(rules, sizeof(*s->fired));
	s->allower = blank(sets, sizeof(*s->allower));
	s->max = setup->max ? setup->max : MAX_DEFAULT;
	if (s->max > MULTI_INPUT_MAX)
		s->max = MULTI_INPUT_MAX;
	if (setup->key) {
		memcpy(s->key, setup->key, sizeof(s->key));
		s->keyed = true;
	}
	add_allowers(s, setup);
	if (add_rules(s, setup, false, err) || add_rules(s, setup, true, err))
		goto out;
	digest(s, setup);
	if (open_database(s, setup->cache, err))
		goto out;
	*out = s;
	s = NULL;
	r = 0;
out:
	scanner_free(s);
	return r;
}

static void patterns_free(struct pattern **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		pattern_free(v[i]);
	free(v);
}

void scanner_free(struct scanner *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n + s->npath; i++) {
		pattern_free(s->worker[i].regex);
		pattern_free(s->worker[i].path);
	}
	for (i = 0; i < s->nallower; i++) {
		struct allower *a = &s->allower[i];

		patterns_free(a->secret, a->set->secret.n);
		patterns_free(a->match, a->set->match.n);
	}
	multi_free(s->multi);
	free(s->worker);
	free(s->fired);
	free(s->allower);
	free(s->range);
	free(s->hit);
	explicit_bzero(s->key, sizeof(s->key));
	free(s);
}

const char *scanner_digest(const struct scanner *s)
{
	return s->digest;
}

static int need(struct span text, const char *what, const struct rule *rule,
	struct pattern **p, struct err *err)
{
	if (*p || !pattern_new(text, p, err))
		return 0;
	return err_in(err, "rule '%.*s': %s", SPAN_FMT(rule->id), what);
}

/*
 * Answers of the steps below. STEP_STOP: a limit was met, result->why says
 * which, and the input counts as not scanned.
 */
enum step {
	STEP_FAIL,
	STEP_STOP,
	STEP_NO,
	STEP_YES
};

static enum step stop(
	struct scan_result *out, const struct rule *rule, const char *what)
{
	snprintf(out->why, sizeof(out->why), "rule '%.*s': %s",
		SPAN_FMT(rule->id), what);
	return STEP_STOP;
}

static enum step test(struct pattern *p, struct span subject,
	const struct rule *rule, struct scan_result *out)
{
	switch (pattern_test(p, subject)) {
	case PATTERN_MATCH:
		return STEP_YES;
	case PATTERN_NONE:
		return STEP_NO;
	case PATTERN_LIMIT:
		break;
	}
	return stop(out, rule, "gave up at the limit of steps or memory");
}

static bool has_word(struct span s, const struct word_list *words)
{
	size_t i, j;

	for (i = 0; i < words->n; i++) {
		struct span w = words->v[i];

		for (j = 0; j + w.n <= s.n; j++) {
			if (text_lower(s.p[j]) == text_lower(w.p[0]) &&
				text_same(span_sub(s, j, w.n), w))
				return true;
		}
	}
	return false;
}

static enum step any(struct pattern **v, const struct word_list *texts,
	struct span subject, const struct rule *rule, struct scan_result *out,
	struct err *err)
{
	enum step step;
	size_t i;

	for (i = 0; i < texts->n; i++) {
		if (need(texts->v[i], "allow", rule, &v[i], err))
			return STEP_FAIL;
		step = test(v[i], subject, rule, out);
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

static enum step allowed(struct scanner *s, const struct rule *rule,
	struct span match, struct span secret, struct scan_result *out,
	struct err *err)
{
	enum step step;
	size_t i, j;

	for (i = 0; i < rule->nallow; i++) {
		const struct allow_set *set = rule->allow[i];
		struct allower *a = NULL;

		for (j = 0; j < s->nallower && !a; j++) {
			if (s->allower[j].set == set)
				a = &s->allower[j];
		}
		if (!a)
			die("rule with an unknown allow-list");
		if (has_word(secret, &set->words))
			return STEP_YES;
		step = any(a->secret, &set->secret, secret, rule, out, err);
		if (step != STEP_NO)
			return step;
		step = any(a->match, &set->match, match, rule, out, err);
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

static enum step add_hit(struct scanner *s, const struct rule *rule,
	struct span secret, size_t at, enum validity validity,
	struct scan_result *out)
{
	struct scan_hit *hit;

	if (s->nhit == SCAN_HITS_MAX)
		return stop(out, rule, "too many matches");
	if (s->nhit == s->hitcap) {
		s->hitcap = s->hitcap ? s->hitcap * 2 : 64;
		s->hit = reallocarray(s->hit, s->hitcap, sizeof(*s->hit));
		if (!s->hit)
			die("no memory for the scanner");
	}
	hit = &s->hit[s->nhit++];
	*hit = (struct scan_hit){.rule = rule,
		.at = at,
		.n = secret.n,
		.validity = validity,
		.confidence = rule->confidence};
	if (validity == VALIDITY_PROVEN)
		hit->confidence = CONFIDENCE_HIGH;
	if (validity == VALIDITY_BAD)
		hit->confidence = CONFIDENCE_LOW;
	return STEP_YES;
}

/* The group the rule names; if it took no part, the first that did. */
static void secret_of(const struct rule *rule, const struct pattern_match *m,
	size_t *from, size_t *to)
{
	size_t g = rule->group;

	if (g && (g >= m->n || m->at[g].from == SIZE_MAX)) {
		for (g = 1; g < m->n && m->at[g].from == SIZE_MAX; g++)
			;
		if (g >= m->n)
			g = 0;
	}
	*from = m->at[g].from;
	*to = m->at[g].to;
}

/* From a match to a hit, unless it is no secret after all. Check digits that
 * are right overrule entropy and allow-lists. */
static enum step consider(struct scanner *s, const struct rule *rule,
	struct span bytes, const struct pattern_match *m,
	struct scan_result *out, struct err *err)
{
	struct span match =
		span_sub(bytes, m->at[0].from, m->at[0].to - m->at[0].from);
	struct span secret;
	enum validity validity;
	size_t from, to;

	secret_of(rule, m, &from, &to);
	if (from >= to)
		return STEP_NO;
	secret = span_sub(bytes, from, to - from);
	if (rule->keywords.n && !has_word(match, &rule->keywords))
		return STEP_NO;
	validity = validate(rule->validator, secret, clock_now());
	if (validity != VALIDITY_PROVEN) {
		enum step step;

		if (rule->entropy > 0 && entropy_of(secret) < rule->entropy)
			return STEP_NO;
		step = allowed(s, rule, match, secret, out, err);
		if (step != STEP_NO)
			return step == STEP_YES ? STEP_NO : step;
	}
	return add_hit(s, rule, secret, from, validity, out);
}

/* All matches that start in [*pos, last]; *pos moves past what is decided. */
static enum step search(struct scanner *s, struct worker *w, struct span bytes,
	size_t last, size_t *pos, struct scan_result *out, struct err *err)
{
	struct pattern_match m;
	enum step step;

	while (*pos <= last && *pos < bytes.n) {
		switch (pattern_find(w->regex, bytes, *pos, last, &m)) {
		case PATTERN_LIMIT:
			return stop(out, w->rule,
				"gave up at the limit of steps or memory");
		case PATTERN_NONE:
			*pos = last == SIZE_MAX ? last : last + 1;
			return STEP_NO;
		case PATTERN_MATCH:
			break;
		}
		step = consider(s, w->rule, bytes, &m, out, err);
		if (step == STEP_FAIL || step == STEP_STOP)
			return step;
		*pos = m.at[0].to;
	}
	return STEP_NO;
}

static enum step decide(struct scanner *s, size_t i, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	struct worker *w = &s->worker[i];
	enum step step;
	size_t pos = 0;
	uint32_t r;

	if (w->rule->path.n && path.p) {
		if (need(w->rule->path, "path", w->rule, &w->path, err))
			return STEP_FAIL;
		step = test(w->path, path, w->rule, out);
		if (step == STEP_NO)
			out->elsewhere = true;
		if (step != STEP_YES)
			return step;
	}
	if (need(w->rule->regex, "regex", w->rule, &w->regex, err))
		return STEP_FAIL;
	if (multi_kind(s->multi, i) != MULTI_EXACT)
		return search(s, w, bytes, SIZE_MAX, &pos, out, err);
	for (r = w->first; r != NIL; r = s->range[r].next) {
		size_t width = multi_width(s->multi, i);
		size_t lo = s->range[r].lo, from = lo > width ? lo - width : 0;

		if (from > pos)
			pos = from;
		step = search(s, w, bytes, s->range[r].hi, &pos, out, err);
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

/* The engine's report. Ends of one rule come in order, though nothing here
 * would break if they did not: a range only ever grows. */
static void on_candidate(void *ctx, size_t item, size_t end)
{
	struct scanner *s = ctx;
	struct worker *w = &s->worker[item];
	struct range *last;

	if (w->last == NIL) {
		s->fired[s->nfired++] = (uint32_t)item;
	} else {
		last = &s->range[w->last];
		if (end <= last->hi + NEAR) {
			if (end > last->hi)
				last->hi = end;
			if (end < last->lo)
				last->lo = end;
			return;
		}
	}
	if (s->nrange == s->rangecap) {
		s->rangecap = s->rangecap ? s->rangecap * 2 : 256;
		s->range =
			reallocarray(s->range, s->rangecap, sizeof(*s->range));
		if (!s->range || s->rangecap >= NIL)
			die("no memory for the scanner");
	}
	s->range[s->nrange] = (struct range){end, end, NIL};
	if (w->last == NIL)
		w->first = (uint32_t)s->nrange;
	else
		s->range[w->last].next = (uint32_t)s->nrange;
	w->last = (uint32_t)s->nrange++;
}

static int by_place(const void *x, const void *y)
{
	const struct scan_hit *a = x, *b = y;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return span_cmp(a->rule->id, b->rule->id);
}

/* Whether ${a} is the better account of the same bytes. Confidence comes
 * first: nothing that blocks may hide behind something that only warns. */
static bool better(const struct scan_hit *a, const struct scan_hit *b)
{
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence;
	if (a->rule->generic != b->rule->generic)
		return b->rule->generic;
	return a->n > b->n;
}

/* One hit for each stretch of bytes. Those kept never overlap, so comparing
 * with the last one kept is enough. */
static void sort_out(struct scanner *s)
{
	size_t i, kept = 0;

	if (s->nhit)
		qsort(s->hit, s->nhit, sizeof(*s->hit), by_place);
	for (i = 0; i < s->nhit; i++) {
		struct scan_hit *last = kept ? &s->hit[kept - 1] : NULL;

		if (!last || s->hit[i].at >= last->at + last->n)
			s->hit[kept++] = s->hit[i];
		else if (better(&s->hit[i], last))
			*last = s->hit[i];
	}
	s->nhit = kept;
}

static void describe(struct scanner *s, struct span bytes)
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
		redact(secret, &text);
		memcpy(hit->redacted, text.p, text.n);
		buf_wipe(&text);
		if (s->keyed)
			fingerprint_of(s->key, secret, hit->fingerprint);
	}
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

static enum step candidates(struct scanner *s, struct span bytes,
	struct span path, struct scan_result *out, struct err *err)
{
	enum step step;
	size_t i;

	if (multi_scan(s->multi, bytes, on_candidate, s, err))
		return STEP_FAIL;
	for (i = 0; i < s->nfired; i++) {
		step = decide(s, s->fired[i], bytes, path, out, err);
		if (step != STEP_NO)
			return step;
	}
	for (i = 0; i < s->n; i++) {
		if (multi_kind(s->multi, i) != MULTI_ALWAYS)
			continue;
		step = decide(s, i, bytes, path, out, err);
		if (step != STEP_NO)
			return step;
	}
	return STEP_NO;
}

static void forget(struct scanner *s)
{
	size_t i;

	for (i = 0; i < s->nfired; i++)
		s->worker[s->fired[i]].first = s->worker[s->fired[i]].last =
			NIL;
	s->nfired = s->nrange = 0;
}

int scanner_scan(struct scanner *s, struct span bytes, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	enum step step;

	*out = (struct scan_result){.outcome = SCAN_NOT_DONE};
	if (bytes.n > s->max) {
		snprintf(out->why, sizeof(out->why), "larger than %zu bytes",
			s->max);
		return 0;
	}
	step = candidates(s, bytes, path, out, err);
	forget(s);
	if (step == STEP_FAIL) {
		s->nhit = 0;
		return -1;
	}
	sort_out(s);
	describe(s, bytes);
	hand_over(s, arena, out);
	if (step == STEP_NO)
		out->outcome = SCAN_DONE;
	return 0;
}

int scanner_path_fits(struct scanner *s, const struct rule *rule,
	struct span path, bool *out, struct err *err)
{
	struct scan_result result = {0};
	enum step step;
	size_t i;

	*out = true;
	if (!rule->path.n)
		return 0;
	for (i = 0; i < s->n + s->npath && s->worker[i].rule != rule; i++)
		;
	if (i == s->n + s->npath)
		die("a rule of another scanner");
	if (need(rule->path, "path", rule, &s->worker[i].path, err))
		return -1;
	/* A path that cannot be judged counts as one that fits. */
	step = test(s->worker[i].path, path, rule, &result);
	*out = step != STEP_NO;
	return 0;
}

int scanner_scan_path(struct scanner *s, struct span path, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	struct scan_hit *all;
	size_t i, n;
	bool fits;

	if (scanner_scan(s, path, SPAN_EMPTY, arena, out, err))
		return -1;
	for (i = s->n; i < s->n + s->npath; i++) {
		const struct rule *rule = s->worker[i].rule;

		if (rule->keywords.n && !has_word(path, &rule->keywords))
			continue;
		if (scanner_path_fits(s, rule, path, &fits, err))
			return -1;
		if (!fits)
			continue;
		n = out->nhit + 1;
		all = arena_get(arena, n, sizeof(*all));
		all[0] = (struct scan_hit){
			.rule = rule, .confidence = rule->confidence};
		if (out->nhit)
			memcpy(all + 1, out->hit, out->nhit * sizeof(*all));
		out->hit = all;
		out->nhit = n;
	}
	return 0;
}
