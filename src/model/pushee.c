/* Which repository a push certificate was made for. */
#include "model/policy.h"

/* Without what may be written or left out at the end. */
static struct span plain(struct span s)
{
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	if (span_ends(s, SPAN_LIT(".git")))
		s.n -= 4;
	return s;
}

/* Take ${part} off the front of ${s}. */
static bool take(struct span *s, struct span part)
{
	if (!span_starts(*s, part))
		return false;
	*s = span_from(*s, part.n);
	return true;
}

/* ${url} with the name in place of PUSHEE_NAME is ${pushee}. */
static bool same(struct span url, struct span name, struct span pushee)
{
	const struct span mark = SPAN_LIT(PUSHEE_NAME);
	size_t at;

	url = plain(url);
	at = span_search(url, mark);
	if (at == SIZE_MAX)
		return span_eq(url, pushee);
	return take(&pushee, span_sub(url, 0, at)) && take(&pushee, name) &&
		span_eq(pushee, span_from(url, at + mark.n));
}

static bool ends_in(struct span pushee, struct span name)
{
	bool url = span_search(pushee, SPAN_LIT("://")) != SIZE_MAX;
	unsigned char before;

	if (span_find(pushee, '?') != SIZE_MAX ||
		span_find(pushee, '#') != SIZE_MAX || !span_ends(pushee, name))
		return false;
	if (pushee.n == name.n)
		return true;
	before = pushee.p[pushee.n - name.n - 1];
	return before == '/' || (before == ':' && !url);
}

static bool matches(const struct repository_rules *r, struct span repository)
{
	return globs_match(r->match, r->nmatch, repository);
}

/* The entry whose addresses count, or NULL. */
static const struct repository_rules *addressed(
	const struct policy *p, struct span repository)
{
	size_t i;

	for (i = 0; i < p->nrepository; i++)
		if (p->repository[i].nurl &&
			matches(&p->repository[i], repository))
			return &p->repository[i];
	return NULL;
}

bool policy_has_urls(const struct policy *p, struct span repository)
{
	return addressed(p, repository) != NULL;
}

bool policy_is_pushee(
	const struct policy *p, struct span repository, struct span pushee)
{
	const struct repository_rules *r = addressed(p, repository);
	size_t i;

	pushee = plain(pushee);
	if (!pushee.n || !repository.n)
		return false;
	if (!r)
		return ends_in(pushee, repository);
	for (i = 0; i < r->nurl; i++)
		if (same(span_str(r->url[i]), repository, pushee))
			return true;
	return false;
}

bool policy_wants_certificates(const struct policy *p, struct span repository)
{
	const struct rule_signature *rule;
	size_t i, k;

	for (i = 0; i < p->nrepository; i++) {
		if (!matches(&p->repository[i], repository))
			continue;
		for (k = 0; k < p->repository[i].nref; k++) {
			rule = p->repository[i].ref[k].rules.signature;
			if (rule && rule->push_certificate == DEMAND_REQUIRED)
				return true;
		}
	}
	return false;
}
