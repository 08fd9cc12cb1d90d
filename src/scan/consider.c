#include "scan/consider.h"

#include "base/clock.h"
#include "base/grow.h"
#include "base/text.h"

int need(struct span text, const char *what, const struct rule *rule,
	struct pattern **p, struct err *err)
{
	if (*p || !pattern_new(text, p, err))
		return 0;
	return err_in(err, "rule '%.*s': %s", SPAN_FMT(rule->id), what);
}

enum step stop(
	struct scan_result *out, const struct rule *rule, const char *what)
{
	snprintf(out->why, sizeof(out->why), "rule '%.*s': %s",
		SPAN_FMT(rule->id), what);
	return STEP_STOP;
}

enum step test(struct pattern *p, struct span subject, const struct rule *rule,
	struct scan_result *out)
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

bool has_word(struct span s, const struct word_list *words)
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

static enum step allowed(struct worker *w, struct span match,
	struct span secret, struct scan_result *out, struct err *err)
{
	const struct rule *rule = w->rule;
	enum step step;
	size_t i;

	for (i = 0; i < rule->nallow; i++) {
		const struct allow_set *set = rule->allow[i];
		struct allower *a = w->allow[i];

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

static struct scan_hit *new_hit(
	struct scanner *s, const struct rule *rule, struct scan_result *out)
{
	if (s->nhit == SCAN_HITS_MAX) {
		stop(out, rule, "too many matches");
		return NULL;
	}
	s->hit = grow(s->hit, s->nhit, &s->hitcap, sizeof(*s->hit));
	return &s->hit[s->nhit++];
}

static enum step add_hit(struct scanner *s, const struct rule *rule,
	const struct pattern_match *m, struct span secret, size_t at,
	enum validity validity, struct scan_result *out)
{
	struct scan_hit *hit = new_hit(s, rule, out);

	if (!hit)
		return STEP_STOP;
	*hit = (struct scan_hit){.rule = rule,
		.at = at,
		.n = secret.n,
		.match = m->at[0].from,
		.validity = validity,
		.confidence = rule->confidence};
	if (validity == VALIDITY_PROVEN)
		hit->confidence = CONFIDENCE_HIGH;
	if (validity == VALIDITY_BAD || validity == VALIDITY_SAMPLE)
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

/* Once a scan: what is valid does not change meanwhile. */
static int64_t now(struct scanner *s)
{
	if (!s->now)
		s->now = clock_now();
	return s->now;
}

enum step leak_step(enum leaks_answer answer, const struct worker *w,
	struct scan_result *out)
{
	switch (answer) {
	case LEAKS_FAIL:
		return STEP_FAIL;
	case LEAKS_LIMIT:
		return stop(out, w->rule,
			"gave up at the limit of steps or memory");
	case LEAKS_NO:
		return STEP_NO;
	case LEAKS_YES:
		break;
	}
	return STEP_YES;
}

/* gitleaks asks for a word anywhere; it mostly is in the match. */
static bool has_keyword(struct scanner *s, struct worker *w, struct span bytes,
	struct span match)
{
	const struct word_list *words = &w->rule->keywords;

	if (!words->n || s->companion || has_word(match, words))
		return true;
	if (w->asked != s->input) {
		w->asked = s->input;
		w->worded = has_word(bytes, words);
	}
	return w->worded;
}

static enum step consider_leak(struct scanner *s, struct worker *w,
	struct span bytes, const struct pattern_match *m,
	struct scan_result *out, struct err *err)
{
	struct leaks_text text = {
		bytes, s->path, s->setup.obey_comments, false};
	size_t from = m->at[0].from, to = m->at[0].to;
	struct scan_hit hit = {.rule = w->rule,
				.confidence = w->rule->confidence},
			*new;
	enum step step;

	if (!has_keyword(s, w, bytes, span_sub(bytes, from, to - from)))
		return STEP_NO;
	step = leak_step(leaks_judge(w->leaks, w->rule, w->regex, &text, from,
				 to, &hit, err),
		w, out);
	out->elsewhere |= text.by_path;
	if (step != STEP_YES)
		return step;
	new = new_hit(s, w->rule, out);
	if (!new)
		return STEP_STOP;
	*new = hit;
	return STEP_YES;
}

/* Check digits that are right overrule entropy and allow-lists. */
enum step consider(struct scanner *s, struct worker *w, struct span bytes,
	const struct pattern_match *m, struct scan_result *out, struct err *err)
{
	const struct rule *rule = w->rule;
	struct span match =
		span_sub(bytes, m->at[0].from, m->at[0].to - m->at[0].from);
	struct span secret;
	enum validity validity;
	size_t from, to;

	if (rule->leak)
		return consider_leak(s, w, bytes, m, out, err);
	secret_of(rule, m, &from, &to);
	if (from >= to)
		return STEP_NO;
	secret = span_sub(bytes, from, to - from);
	if (rule->keywords.n && !has_word(match, &rule->keywords))
		return STEP_NO;
	validity = validate(rule->validator, secret, now(s));
	if (validity == VALIDITY_OTHER)
		return STEP_NO;
	if (validity != VALIDITY_PROVEN) {
		enum step step;

		if (rule->entropy > 0 && entropy_of(secret) < rule->entropy)
			return STEP_NO;
		step = allowed(w, match, secret, out, err);
		if (step != STEP_NO)
			return step == STEP_YES ? STEP_NO : step;
	}
	return add_hit(s, rule, m, secret, from, validity, out);
}
