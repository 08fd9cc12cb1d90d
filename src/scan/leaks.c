#include "scan/leaks.h"

#include <math.h>

#include "base/banned.h"
#include "base/text.h"

/* Stop words by their first byte: there may be thousands. */
struct words {
	const struct span **v; /* sorted by first byte */
	uint32_t from[257];
};

struct lists {
	struct pattern *paths, *regexes;
	struct words *stop;
};

struct leaks {
	struct lists *list;
	size_t n;
};

static void *blank(size_t n, size_t each)
{
	void *p = calloc(n ? n : 1, each);

	if (!p)
		die("no memory for the allow-lists");
	return p;
}

struct leaks *leaks_new(size_t nallow)
{
	struct leaks *l = blank(1, sizeof(*l));

	l->list = blank(nallow, sizeof(*l->list));
	l->n = nallow;
	return l;
}

void leaks_free(struct leaks *l)
{
	size_t i;

	if (!l)
		return;
	for (i = 0; i < l->n; i++) {
		pattern_free(l->list[i].paths);
		pattern_free(l->list[i].regexes);
		if (l->list[i].stop)
			free(l->list[i].stop->v);
		free(l->list[i].stop);
	}
	free(l->list);
	free(l);
}

static struct words *words_new(const struct word_list *list)
{
	struct words *w = blank(1, sizeof(*w));
	uint32_t next[256];
	size_t i;

	w->v = blank(list->n, sizeof(*w->v));
	for (i = 0; i < list->n; i++)
		w->from[list->v[i].p[0] + 1]++;
	for (i = 0; i < 256; i++) {
		w->from[i + 1] += w->from[i];
		next[i] = w->from[i];
	}
	for (i = 0; i < list->n; i++)
		w->v[next[list->v[i].p[0]]++] = &list->v[i];
	return w;
}

static bool has_stop_word(
	struct lists *l, const struct word_list *list, struct span s)
{
	size_t i;
	uint32_t k;

	if (!list->n)
		return false;
	if (!l->stop)
		l->stop = words_new(list);
	for (i = 0; i < s.n; i++) {
		unsigned char c = text_lower(s.p[i]);

		for (k = l->stop->from[c]; k < l->stop->from[c + 1]; k++) {
			const struct span *word = l->stop->v[k];

			if (word->n <= s.n - i &&
				text_same(span_sub(s, i, word->n), *word))
				return true;
		}
	}
	return false;
}

static enum leaks_answer holds(struct pattern **p, struct span text,
	struct span subject, const struct rule *rule, struct err *err)
{
	if (!text.n || !subject.n)
		return LEAKS_NO;
	if (!*p && pattern_new(text, p, err)) {
		err_in(err, "rule '%.*s': allow-list", SPAN_FMT(rule->id));
		return LEAKS_FAIL;
	}
	switch (pattern_holds(*p, subject)) {
	case PATTERN_MATCH:
		return LEAKS_YES;
	case PATTERN_NONE:
		return LEAKS_NO;
	case PATTERN_LIMIT:
		break;
	}
	return LEAKS_LIMIT;
}

static bool has_commit(const struct gitleaks_allow *a, const char *commit)
{
	size_t i;

	for (i = 0; commit && i < a->commits.n; i++) {
		if (text_same(a->commits.v[i], span_str(commit)))
			return true;
	}
	return false;
}

/* The kinds of a list that are about where, not what. */
static enum leaks_answer excuses_place(struct leaks *l,
	const struct gitleaks_allow *a, const struct rule *rule,
	struct span path, const char *commit, struct err *err)
{
	bool by_commit = has_commit(a, commit);
	enum leaks_answer by_path;

	if (!a->all && by_commit)
		return LEAKS_YES;
	if (a->all && a->commits.n && !by_commit)
		return LEAKS_NO;
	by_path = holds(&l->list[a->index].paths, a->paths, path, rule, err);
	if (a->all && !a->paths.n)
		return LEAKS_YES;
	return by_path;
}

enum leaks_answer leaks_skips(struct leaks *l, const struct rule *rule,
	struct span path, struct err *err)
{
	const struct gitleaks_rule *leak = rule->leak;
	enum leaks_answer answer;
	size_t i;

	for (i = 0; path.n && i < leak->nallow; i++) {
		const struct gitleaks_allow *a = leak->allow[i];

		if (!a->paths.n || (a->all && (a->regexes.n || a->stopwords.n)))
			continue;
		answer = excuses_place(l, a, rule, path, NULL, err);
		if (answer != LEAKS_NO)
			return answer;
	}
	return LEAKS_NO;
}

/* The bytes that an allow-list with the target "line" sees: from the LF before
 * the match, which gitleaks includes, to the one behind it. */
static struct span lines_of(struct span bytes, size_t from, size_t to)
{
	while (from && bytes.p[from] != '\n')
		from--;
	while (to < bytes.n && bytes.p[to] != '\n')
		to++;
	return span_sub(bytes, from, to - from);
}

struct subject {
	struct span bytes, secret, match;
	size_t from, to;
};

/* What of a list speaks about the finding: YES excuses, for a list that wants
 * all as far as its words and expressions go. */
static enum leaks_answer excuses_text(struct leaks *l,
	const struct gitleaks_allow *a, const struct rule *rule,
	const struct subject *s, struct err *err)
{
	struct lists *list = &l->list[a->index];
	bool word = has_stop_word(list, &a->stopwords, s->secret);
	enum leaks_answer answer = LEAKS_NO;
	struct span target = s->secret;

	if (!a->all && word)
		return LEAKS_YES;
	if (a->all && a->stopwords.n && !word)
		return LEAKS_NO;
	if (!a->regexes.n)
		return a->all ? LEAKS_YES : LEAKS_NO;
	if (a->target == GITLEAKS_MATCH)
		target = s->match;
	else if (a->target == GITLEAKS_LINE)
		target = lines_of(s->bytes, s->from, s->to);
	answer = holds(&list->regexes, a->regexes, target, rule, err);
	return answer;
}

/*
 * All lists of the rule. One that would excuse the hit but for a commit or a
 * path that is not known yet is noted in *${waits}.
 */
static enum leaks_answer excused(struct leaks *l, const struct rule *rule,
	const struct subject *s, struct leaks_text *text, uint64_t *waits,
	struct err *err)
{
	struct span path = text->path;
	const struct gitleaks_rule *leak = rule->leak;
	enum leaks_answer answer;
	size_t i;

	*waits = 0;
	for (i = 0; i < leak->nallow; i++) {
		const struct gitleaks_allow *a = leak->allow[i];
		bool place = a->commits.n || (a->paths.n && !path.p);

		answer = excuses_text(l, a, rule, s, err);
		if (answer == LEAKS_FAIL || answer == LEAKS_LIMIT)
			return answer;
		if (answer == LEAKS_YES && (!a->all || !place)) {
			if (a->all)
				answer = excuses_place(
					l, a, rule, path, NULL, err);
			text->by_path |= answer == LEAKS_YES && a->paths.n;
			if (answer != LEAKS_NO)
				return answer;
			continue;
		}
		if (place && (!a->all || answer == LEAKS_YES))
			*waits |= (uint64_t)1 << i;
	}
	return LEAKS_NO;
}

enum leaks_answer leaks_stands(struct leaks *l, const struct scan_hit *hit,
	struct span path, const char *commit, struct err *err)
{
	const struct gitleaks_rule *leak = hit->rule->leak;
	enum leaks_answer answer;
	size_t i;

	for (i = 0; leak && i < leak->nallow; i++) {
		if (!(hit->waits >> i & 1))
			continue;
		answer = excuses_place(
			l, leak->allow[i], hit->rule, path, commit, err);
		if (answer == LEAKS_YES)
			return LEAKS_NO;
		if (answer != LEAKS_NO)
			return answer;
	}
	return LEAKS_YES;
}

uint64_t leaks_waits(const struct rule *rule)
{
	const struct gitleaks_rule *leak = rule->leak;
	uint64_t waits = 0;
	size_t i;

	for (i = 0; i < leak->nallow; i++) {
		const struct gitleaks_allow *a = leak->allow[i];

		if (a->commits.n &&
			!(a->all && (a->regexes.n || a->stopwords.n)))
			waits |= (uint64_t)1 << i;
	}
	return waits;
}

static int by_value(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* One character; what is not UTF-8 counts a byte as U+FFFD each. */
static uint32_t next_char(struct span s, size_t *at)
{
	uint32_t c = s.p[*at];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1, i;

	if (c < 0x80 || !text_is_utf8(span_sub(s, *at, n)) || n > s.n - *at) {
		++*at;
		return c < 0x80 ? c : 0xfffd;
	}
	c &= 0xffu >> (n + 1);
	for (i = 1; i < n; i++)
		c = c << 6 | (s.p[*at + i] & 0x3fu);
	*at += n;
	return c;
}

double leaks_entropy(struct span s)
{
	uint32_t *c = blank(s.n, sizeof(*c));
	double bits = 0, each = s.n ? 1.0 / (double)s.n : 0;
	size_t n = 0, at = 0, i, from = 0;

	while (at < s.n)
		c[n++] = next_char(s, &at);
	qsort(c, n, sizeof(*c), by_value);
	for (i = 1; i <= n; i++) {
		double share;

		if (i < n && c[i] == c[from])
			continue;
		share = (double)(i - from) * each;
		bits -= share * log2(share);
		from = i;
	}
	explicit_bzero(c, n * sizeof(*c));
	free(c);
	return bits;
}

/* The expression is asked again about the match alone: context is gone, so
 * other groups may match, or none. */
static enum leaks_answer secret_of(const struct rule *rule,
	struct pattern *regex, struct span match, struct span *out)
{
	struct pattern_match m;
	unsigned g = rule->group;

	*out = match;
	switch (pattern_find(regex, match, 0, SIZE_MAX, &m)) {
	case PATTERN_LIMIT:
		return LEAKS_LIMIT;
	case PATTERN_NONE:
		return LEAKS_YES;
	case PATTERN_MATCH:
		break;
	}
	if (!g) {
		for (g = 1; g < m.n && m.at[g].from >= m.at[g].to; g++)
			;
		if (g >= m.n)
			return LEAKS_YES;
	}
	*out = SPAN_EMPTY;
	if (g < m.n && m.at[g].from < m.at[g].to)
		*out = span_sub(match, m.at[g].from, m.at[g].to - m.at[g].from);
	return LEAKS_YES;
}

static struct span trimmed(struct span s)
{
	while (s.n && s.p[0] == '\n')
		s = span_from(s, 1);
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

enum leaks_answer leaks_judge(struct leaks *l, const struct rule *rule,
	struct pattern *regex, struct leaks_text *text, size_t from, size_t to,
	struct scan_hit *hit, struct err *err)
{
	struct subject s = {.bytes = text->bytes, .from = from};
	enum leaks_answer answer;

	s.match = trimmed(span_sub(text->bytes, from, to - from));
	s.to = from + s.match.n;
	if (!s.match.n)
		return LEAKS_NO;
	if (text->obey_comments &&
		span_search(lines_of(text->bytes, from, s.to),
			SPAN_LIT("gitleaks:allow")) != SIZE_MAX)
		return LEAKS_NO;
	answer = secret_of(rule, regex, s.match, &s.secret);
	if (answer != LEAKS_YES)
		return answer;
	if (rule->entropy > 0 && leaks_entropy(s.secret) <= rule->entropy)
		return LEAKS_NO;
	answer = excused(l, rule, &s, text, &hit->waits, err);
	if (answer != LEAKS_NO)
		return answer == LEAKS_YES ? LEAKS_NO : answer;
	/* A group that took no part has no place: the match stands for it. */
	if (!s.secret.n)
		s.secret = s.match;
	hit->at = (size_t)(s.secret.p - text->bytes.p);
	hit->n = s.secret.n;
	hit->match = from;
	return LEAKS_YES;
}

/* Line and column as gitleaks counts them, which is all that matters here: on
 * the first line columns start at 1, on others at 2. */
static void place_of(struct span bytes, size_t at, size_t *line, size_t *column)
{
	size_t i, prev = 0;

	*line = 0;
	for (i = 0; i <= at && i < bytes.n; i++) {
		if (bytes.p[i] == '\n') {
			++*line;
			prev = i;
		}
	}
	*column = at - prev + 1;
}

static bool within(size_t a, size_t b, uint64_t max)
{
	return (a > b ? a - b : b - a) <= max;
}

bool leaks_near(struct span bytes, const struct gitleaks_required *r, size_t a,
	size_t b)
{
	size_t line[2], column[2];

	if (!r->lines && !r->columns)
		return true;
	place_of(bytes, a, &line[0], &column[0]);
	place_of(bytes, b, &line[1], &column[1]);
	return (!r->lines || within(line[0], line[1], r->within_lines)) &&
		(!r->columns ||
			within(column[0], column[1], r->within_columns));
}

size_t leaks_match_line(struct span bytes, size_t match, size_t at, size_t line)
{
	size_t i;

	/* A match that starts with LF is said to start behind it. */
	for (i = match + 1; i < at; i++)
		line -= bytes.p[i] == '\n';
	return line;
}

void leaks_yield(struct span bytes, struct scan_hit *hit, size_t n)
{
	size_t *other = blank(n, sizeof(*other));
	size_t i, k, nother = 0;

	for (i = 0; i < n; i++) {
		if (hit[i].rule->leak && !hit[i].rule->leak->generic)
			other[nother++] = i;
	}
	for (i = 0; i < n && nother; i++) {
		const struct gitleaks_rule *leak = hit[i].rule->leak;
		struct span secret = span_sub(bytes, hit[i].at, hit[i].n);

		if (!leak || !leak->generic)
			continue;
		for (k = 0; k < nother && !hit[i].yields; k++) {
			const struct scan_hit *o = &hit[other[k]];

			if (o->match_line == hit[i].match_line &&
				span_search(span_sub(bytes, o->at, o->n),
					secret) != SIZE_MAX)
				hit[i].yields = o->rule;
		}
	}
	free(other);
}

static bool is_there(
	const struct scan_hit *hit, size_t n, const struct scan_hit *wanting)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (hit[i].rule == wanting->yields &&
			hit[i].match_line == wanting->match_line)
			return true;
	}
	return false;
}

size_t leaks_give_way(struct scan_hit *hit, size_t n)
{
	size_t i, kept = 0;

	/* Nobody gives way to what gives way, so these may go one by one. */
	for (i = 0; i < n; i++) {
		if (!hit[i].yields ||
			!(is_there(hit, kept, &hit[i]) ||
				is_there(hit + i, n - i, &hit[i])))
			hit[kept++] = hit[i];
	}
	return kept;
}
