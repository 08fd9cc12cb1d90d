#include "model/codeowners.h"

const char *const codeowners_dialect_names[] = {"github", "gitlab", "gitea"};

const char *const codeowners_places[CODEOWNERS_DIALECTS][CODEOWNERS_PLACES] = {
	{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"},
	{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"},
	{"CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"},
};

/* Segments of a path or a pattern, one after the other. "a/" has two, the last
 * of them empty. */
struct cursor {
	struct span all;
	size_t at; /* past the end of ${all} by one: nothing is left */
};

static bool ended(const struct cursor *c)
{
	return c->at > c->all.n;
}

static struct span next(struct cursor *c)
{
	struct span rest = span_from(c->all, c->at), s;
	size_t slash = span_find(rest, '/');

	s = slash == SIZE_MAX ? rest : span_sub(rest, 0, slash);
	c->at += s.n + 1;
	return s;
}

/* One "[...]" at the start of ${p}: how many bytes it has, 0 if it is none. */
static size_t class_match(struct span p, unsigned char c, bool *hit)
{
	size_t i = 1;
	bool not = false;

	*hit = false;
	if (i < p.n && (p.p[i] == '!' || p.p[i] == '^')) {
		not = true;
		i++;
	}
	for (;;) {
		unsigned char lo, hi;

		if (i >= p.n)
			return 0;
		if (p.p[i] == ']')
			break;
		if (p.p[i] == '\\' && ++i >= p.n)
			return 0;
		lo = hi = p.p[i++];
		if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
			i++;
			if (p.p[i] == '\\' && ++i >= p.n)
				return 0;
			hi = p.p[i++];
		}
		*hit |= c >= lo && c <= hi;
	}
	*hit ^= not ;
	return i + 1;
}

/* How many bytes of the pattern stand for the byte ${c}; 0: none do. */
static size_t one_match(struct span p, unsigned char c, bool classes)
{
	size_t n;
	bool hit;

	if (!p.n)
		return 0;
	if (p.p[0] == '?')
		return 1;
	if (classes && p.p[0] == '[') {
		n = class_match(p, c, &hit);
		if (n)
			return hit ? n : 0;
	}
	if (p.p[0] == '\\' && p.n > 1)
		return p.p[1] == c ? 2 : 0;
	return p.p[0] == c ? 1 : 0;
}

/* One segment. To go back to the last star is enough: what an earlier one could
 * take as well, the last can. */
static bool segment_matches(
	struct span p, struct span s, bool classes, uint64_t *steps)
{
	size_t i = 0, k = 0, star = SIZE_MAX, from = 0, n;

	for (;;) {
		++*steps;
		if (i < p.n && p.p[i] == '*') {
			star = ++i;
			from = k;
			continue;
		}
		if (k == s.n && i == p.n)
			return true;
		n = k < s.n ? one_match(span_from(p, i), s.p[k], classes) : 0;
		if (n) {
			i += n;
			k++;
			continue;
		}
		if (star == SIZE_MAX || from == s.n)
			return false;
		i = star;
		k = ++from;
	}
}

/* What may be left of a path when the pattern is used up. */
enum end {
	END_EXACT,
	END_BELOW, /* something must be: it names a folder */
	END_ANY,
};

static bool end_fits(enum end end, const struct cursor *path)
{
	return end == END_ANY || ended(path) == (end == END_EXACT);
}

struct form {
	struct span body; /* without slashes at its ends */
	bool floating;    /* it may start in any folder */
	bool classes;
	bool last_stars; /* two stars at the end are any path below */
	enum end end;
};

static struct form github(struct span p)
{
	struct form f = {.last_stars = true, .end = END_ANY};
	bool folder = p.n > 1 && p.p[p.n - 1] == '/';

	if (folder)
		p.n--;
	f.floating = span_find(p, '/') == SIZE_MAX;
	if (span_starts(p, SPAN_LIT("/")))
		p = span_from(p, 1);
	f.body = p;
	if (folder)
		f.end = END_BELOW;
	else if (span_is(p, "*") || span_ends(p, SPAN_LIT("/*")))
		f.end = END_EXACT;
	return f;
}

static struct form gitlab(struct span p)
{
	struct form f = {.classes = true, .end = END_EXACT};

	f.floating = !span_starts(p, SPAN_LIT("/"));
	if (span_ends(p, SPAN_LIT("/"))) {
		p.n--;
		f.end = END_BELOW;
	}
	if (span_starts(p, SPAN_LIT("/")))
		p = span_from(p, 1);
	f.body = p;
	return f;
}

bool owner_pattern_matches(enum codeowners_dialect dialect, struct span pattern,
	struct span path, uint64_t *steps)
{
	struct form f = dialect == CODEOWNERS_GITLAB ? gitlab(pattern)
						     : github(pattern);
	struct cursor p = {f.body, 0}, s = {path, 0}, star_p = p, star_s = s;
	bool star = f.floating;

	/* GitLab's "/" is everything. */
	if (!f.body.n)
		return f.end == END_BELOW;
	for (;;) {
		if (ended(&p)) {
			if (end_fits(f.end, &s))
				return true;
		} else {
			struct cursor was = s;
			struct span seg = next(&p);

			if (span_is(seg, "**") &&
				(!ended(&p) || f.end == END_BELOW)) {
				star = true;
				star_p = p;
				star_s = s;
				continue;
			}
			if (span_is(seg, "**") && f.last_stars) {
				if (!ended(&s))
					return true;
			} else if (!ended(&s) &&
				segment_matches(
					seg, next(&s), f.classes, steps)) {
				continue;
			}
			s = was;
		}
		/* As with bytes: the last of the stars takes one more. */
		++*steps;
		if (!star || ended(&star_s))
			return false;
		next(&star_s);
		p = star_p;
		s = star_s;
	}
}

const struct owner_rule *owner_rule_of(const struct owner_section *s,
	enum codeowners_dialect dialect, struct span path, uint64_t *steps)
{
	const struct owner_rule *hit = NULL;
	size_t i;

	for (i = s->n; i; i--) {
		const struct owner_rule *r = &s->rule[i - 1];

		/* What a section leaves out, none of its rules takes in. */
		if ((hit && !r->negated) ||
			!owner_pattern_matches(
				dialect, r->pattern, path, steps))
			continue;
		if (r->negated)
			return NULL;
		hit = r;
		if (dialect == CODEOWNERS_GITHUB)
			break;
	}
	return hit;
}
