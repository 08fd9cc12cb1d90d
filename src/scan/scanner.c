#include "scan/scanner.h"

#include "base/text.h"
#include "parse/regexlines.h"
#include "port/crypto.h"
#include "scan/carry.h"
#include "scan/consider.h"
#include "scan/database.h"
#include "scan/fresh.h"
#include "scan/state.h"

#define MAX_DEFAULT ((size_t)1 << 30)

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
				(struct worker){.rule = rule,
					.leaks = s->leaks[i],
					.first = NIL,
					.last = NIL};
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

/* The allow-lists of each rule, as this scanner has them. */
static void link_allowers(struct scanner *s, struct worker *w)
{
	size_t i, j;

	w->allow = blank(w->rule->nallow, sizeof(*w->allow));
	for (i = 0; i < w->rule->nallow; i++) {
		for (j = 0; j < s->nallower && !w->allow[i]; j++) {
			if (s->allower[j].set == w->rule->allow[i])
				w->allow[i] = &s->allower[j];
		}
		if (!w->allow[i])
			die("rule with an unknown allow-list");
	}
}

/* How far from a new byte what it may change can start or end. Most rules stay
 * on a line; they may be long. */
#define LINES 2

static void measure(struct scanner *s)
{
	size_t i;

	s->reach = (struct fresh_reach){.lines = LINES};
	for (i = 0; i < s->n; i++) {
		enum multi_kind kind = multi_kind(s->multi, i);
		size_t width, *most = &s->reach.near;

		if (kind != MULTI_EXACT && kind != MULTI_WORDS)
			continue;
		width = kind == MULTI_EXACT ? multi_reach(s->multi, i)
					    : multi_width(s->multi, i);
		if (kind == MULTI_EXACT &&
			regexlines_most(s->worker[i].rule->regex) <= LINES)
			most = &s->reach.far;
		if (width > *most)
			*most = width;
	}
}

static void set_apart(struct scanner *s)
{
	static const enum multi_kind kinds[] = {
		MULTI_WORDS, MULTI_PRESENT, MULTI_ALWAYS};
	size_t start[ARRAY_LEN(kinds)], i, k;

	s->apart = blank(s->n, sizeof(*s->apart));
	for (k = 0; k < ARRAY_LEN(kinds); k++) {
		start[k] = s->napart;
		for (i = 0; i < s->n; i++) {
			if (multi_kind(s->multi, i) == kinds[k])
				s->apart[s->napart++] = (uint32_t)i;
		}
	}
	s->unsure = start[1];
	s->blind = start[2];
}

/* All but the engine. */
static int scanner_make(const struct scanner_setup *setup, struct scanner **out,
	struct err *err)
{
	struct scanner *s = blank(1, sizeof(*s));
	size_t i, rules = 0, sets = 0;
	int r = -1;

	*out = NULL;
	s->setup = *setup;
	s->setup.key = NULL;
	s->joint = (struct buf)BUF_INIT(SCANNER_JOINT_MAX);
	for (i = 0; i < setup->npacks; i++) {
		rules += setup->packs[i].rules->n;
		sets += setup->packs[i].rules->nsets;
	}
	s->worker = blank(rules, sizeof(*s->worker));
	s->fired = blank(rules, sizeof(*s->fired));
	s->allower = blank(sets, sizeof(*s->allower));
	s->leaks = blank(setup->npacks, sizeof(*s->leaks));
	for (i = 0; i < setup->npacks; i++)
		s->leaks[i] = leaks_new(setup->packs[i].rules->nleak);
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
	for (i = 0; i < s->n + s->npath; i++)
		link_allowers(s, &s->worker[i]);
	digest(s, setup);
	*out = s;
	s = NULL;
	r = 0;
out:
	scanner_free(s);
	return r;
}

int scanner_new(const struct scanner_setup *setup, struct scanner **out,
	struct err *err)
{
	if (scanner_make(setup, out, err))
		return -1;
	if (open_database(*out, setup->cache, err)) {
		scanner_free(*out);
		*out = NULL;
		return -1;
	}
	measure(*out);
	set_apart(*out);
	return 0;
}

/* PCRE2's compiler of machine code finds out about the processor at its first
 * use, without a lock: before there are threads, then. */
static int warm(struct err *err)
{
	struct pattern *p;

	if (pattern_new(SPAN_LIT("a"), &p, err))
		return -1;
	pattern_free(p);
	return 0;
}

int scanner_clone(
	const struct scanner *s, struct scanner **out, struct err *err)
{
	struct scanner_setup setup = s->setup;

	setup.key = s->keyed ? s->key : NULL;
	setup.max = s->max;
	if (scanner_make(&setup, out, err))
		return -1;
	if (warm(err) || multi_share(s->multi, &(*out)->multi, err)) {
		scanner_free(*out);
		*out = NULL;
		return -1;
	}
	measure(*out);
	set_apart(*out);
	return 0;
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
		free(s->worker[i].allow);
	}
	for (i = 0; i < s->nallower; i++) {
		struct allower *a = &s->allower[i];

		patterns_free(a->secret, a->set->secret.n);
		patterns_free(a->match, a->set->match.n);
	}
	for (i = 0; i < s->setup.npacks; i++)
		leaks_free(s->leaks[i]);
	free(s->leaks);
	multi_free(s->multi);
	free(s->worker);
	free(s->fired);
	free(s->apart);
	free(s->allower);
	free(s->zone);
	fresh_free(&s->fresh);
	buf_free(&s->joint);
	free(s->joint_end);
	free(s->hit);
	explicit_bzero(s->key, sizeof(s->key));
	free(s);
}

const char *scanner_digest(const struct scanner *s)
{
	return s->digest;
}

bool scanner_obeys(const struct scanner *s)
{
	return s->setup.obey_comments;
}

static struct worker *worker_of(struct scanner *s, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < s->n + s->npath; i++) {
		if (s->worker[i].rule == rule)
			return &s->worker[i];
	}
	die("a rule of another scanner");
}

int scanner_stands(struct scanner *s, const struct scan_hit *hit,
	struct span path, const char *commit, bool *out, struct err *err)
{
	enum leaks_answer answer;

	*out = true;
	if (!hit->waits)
		return 0;
	answer = leaks_stands(
		worker_of(s, hit->rule)->leaks, hit, path, commit, err);
	/* What gives up excuses nothing. */
	*out = answer != LEAKS_NO;
	return answer == LEAKS_FAIL ? -1 : 0;
}

int scanner_path_fits(struct scanner *s, const struct rule *rule,
	struct span path, bool *out, struct err *err)
{
	struct scan_result result = {0};
	struct worker *w;
	enum step step;

	*out = true;
	if (!rule->path.n)
		return 0;
	w = worker_of(s, rule);
	if (need(rule->path, "path", rule, &w->path, err))
		return -1;
	/* A path that cannot be judged counts as one that fits. */
	step = test(w->path, path, rule, &result);
	*out = step != STEP_NO;
	return 0;
}

int scanner_scan_path(struct scanner *s, struct span path, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	struct scan_hit *all;
	size_t i, n = 0;
	struct err why = ERR_INIT;
	bool fits;

	if (scanner_scan(s, path, SPAN_EMPTY, arena, out, err))
		return -1;
	for (i = 0; i < out->nhit; i++) {
		if (scanner_stands(s, &out->hit[i], path, NULL, &fits, err))
			return -1;
		if (fits)
			out->hit[n++] = out->hit[i];
	}
	out->nhit = n;
	for (i = s->n; i < s->n + s->npath; i++) {
		const struct rule *rule = s->worker[i].rule;

		if (rule->keywords.n && !has_word(path, &rule->keywords))
			continue;
		if (scanner_path_fits(s, rule, path, &fits, err))
			return -1;
		if (!fits || (rule->leak && rule->leak->skip_report))
			continue;
		if (rule->leak &&
			leaks_skips(s->worker[i].leaks, rule, path, &why) ==
				LEAKS_YES)
			continue;
		n = out->nhit + 1;
		all = arena_get(arena, n, sizeof(*all));
		all[0] = (struct scan_hit){
			.rule = rule, .confidence = rule->confidence};
		all[0].waits = rule->leak ? leaks_waits(rule) : 0;
		if (out->nhit)
			memcpy(all + 1, out->hit, out->nhit * sizeof(*all));
		out->hit = all;
		out->nhit = n;
	}
	return 0;
}
