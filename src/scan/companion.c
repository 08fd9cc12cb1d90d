#include "scan/companion.h"

#include "scan/search.h"

static size_t index_of(const struct scanner *s, struct span id)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->worker[i].rule->leak &&
			span_eq(s->worker[i].rule->id, id))
			break;
	}
	return i;
}

static bool has_hits(const struct scanner *s, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < s->nhit; i++) {
		if (s->hit[i].rule == rule)
			return true;
	}
	return false;
}

/* Whether ${hit} is near one of the companions hit[from…], under any of the
 * bounds that its rule gives for them. */
static bool is_near(const struct scanner *s, struct span bytes,
	const struct scan_hit *hit, struct span id, size_t from)
{
	const struct gitleaks_rule *leak = hit->rule->leak;
	size_t i, k;

	for (i = 0; i < leak->nrequired; i++) {
		if (!span_eq(leak->required[i].id, id))
			continue;
		for (k = from; k < s->nhit; k++) {
			if (leaks_near(bytes, &leak->required[i], hit->match,
				    s->hit[k].match))
				return true;
		}
	}
	return false;
}

/* Hits of ${rule} that have no ${id} near them go. */
static enum step require(struct scanner *s, const struct rule *rule,
	struct span id, struct span bytes, struct span path,
	struct scan_result *out, struct err *err)
{
	size_t at = index_of(s, id), n = s->nhit, i, kept = 0;
	enum step step = STEP_NO;

	if (at < s->n) {
		s->companion = true;
		step = decide_whole(s, at, bytes, path, out, err);
		s->companion = false;
	}
	for (i = 0; i < n; i++) {
		/* Where it gave up, nothing is known to be missing. */
		if (s->hit[i].rule != rule || step != STEP_NO ||
			is_near(s, bytes, &s->hit[i], id, n))
			s->hit[kept++] = s->hit[i];
	}
	s->nhit = kept;
	return step;
}

enum step companions(struct scanner *s, struct span bytes, struct span path,
	struct scan_result *out, struct err *err)
{
	enum step step;
	size_t i, k;

	if (!s->nhit)
		return STEP_NO;
	for (i = 0; i < s->n; i++) {
		const struct rule *rule = s->worker[i].rule;

		if (!rule->leak || !rule->leak->nrequired)
			continue;
		for (k = 0; k < rule->leak->nrequired; k++) {
			if (!has_hits(s, rule))
				break;
			step = require(s, rule, rule->leak->required[k].id,
				bytes, path, out, err);
			if (step != STEP_NO)
				return step;
		}
	}
	return STEP_NO;
}
