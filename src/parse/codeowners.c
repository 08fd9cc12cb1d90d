#include "parse/codeowners.h"

#include "base/text.h"

struct reading {
	struct codeowners *out;
	struct arena *arena;
	unsigned line;
	size_t rules;
	size_t section; /* where rules go */
	struct span *defaults;
	size_t ndefaults;
};

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void fault(struct reading *r, const char *why)
{
	if (r->out->fault)
		return;
	r->out->fault = why;
	r->out->fault_line = r->line;
}

/* One word off ${rest}. A backslash keeps what follows in the word. */
static bool word(struct span *rest, struct span *out)
{
	size_t i = 0;

	while (rest->n && is_blank(rest->p[0]))
		*rest = span_from(*rest, 1);
	while (i < rest->n && !is_blank(rest->p[i]))
		i += rest->p[i] == '\\' && i + 1 < rest->n ? 2 : 1;
	*out = span_sub(*rest, 0, i);
	*rest = span_from(*rest, i);
	return out->n > 0;
}

static int owner_add(struct reading *r, struct span **v, size_t *n, size_t *cap,
	struct span owner, struct err *err)
{
	if (*n == CODEOWNERS_OWNERS_MAX)
		return err_set(err, ERR_LIMIT, "line %u: more than %d owners",
			r->line, CODEOWNERS_OWNERS_MAX);
	*v = arena_grow(r->arena, *v, *n, cap, sizeof(**v));
	(*v)[(*n)++] = owner;
	return 0;
}

/* Words that are left are owners; for a comment there only GitHub cares. */
static int owners(struct reading *r, struct span rest, struct span **out,
	size_t *n, struct err *err)
{
	struct span w;
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	while (word(&rest, &w)) {
		if (w.p[0] == '#' && r->out->dialect == CODEOWNERS_GITHUB)
			break;
		if (owner_add(r, out, n, &cap, w, err))
			return -1;
	}
	return 0;
}

static struct owner_section *section_add(
	struct reading *r, struct span name, unsigned count)
{
	struct codeowners *c = r->out;
	struct owner_section *s;

	c->section = arena_grow(
		r->arena, c->section, c->n, &c->cap, sizeof(*c->section));
	s = &c->section[c->n++];
	s->name = name;
	s->count = count;
	return s;
}

static int rule_add(
	struct reading *r, const struct owner_rule *rule, struct err *err)
{
	struct owner_section *s = &r->out->section[r->section];

	if (rule->pattern.n > CODEOWNERS_PATTERN_MAX) {
		fault(r, "the pattern is too long");
		return 0;
	}
	if (++r->rules > CODEOWNERS_RULES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d rules",
			CODEOWNERS_RULES_MAX);
	s->rule = arena_grow(r->arena, s->rule, s->n, &s->cap, sizeof(*rule));
	s->rule[s->n] = *rule;
	s->rule[s->n++].line = r->line;
	return 0;
}

/* Such a pattern would never match, and its paths be nobody's. */
static const char *pattern_fault(enum codeowners_dialect d, struct span p)
{
	if (span_starts(p, SPAN_LIT("\\#")) && d == CODEOWNERS_GITHUB)
		return "a '#' cannot be escaped there";
	if (span_is(p, "/") && d == CODEOWNERS_GITHUB)
		return "the pattern matches nothing";
	if (span_search(p, SPAN_LIT("//")) != SIZE_MAX)
		return "the pattern matches nothing";
	if (span_search(p, SPAN_LIT("***")) != SIZE_MAX)
		return "the pattern has three stars in a row";
	return NULL;
}

/* GitHub and GitLab: a pattern and its owners. */
static int rule_line(struct reading *r, struct span line, struct err *err)
{
	bool gitlab = r->out->dialect == CODEOWNERS_GITLAB;
	struct owner_rule rule = {0};
	const char *why;

	if (!word(&line, &rule.pattern))
		return 0;
	if (rule.pattern.p[0] == '!') {
		if (!gitlab) {
			fault(r, "a pattern cannot be negated there");
			return 0;
		}
		rule.negated = true;
		rule.pattern = span_from(rule.pattern, 1);
	}
	why = rule.pattern.n ? pattern_fault(r->out->dialect, rule.pattern)
			     : "there is no pattern";
	if (why) {
		fault(r, why);
		return 0;
	}
	if (owners(r, line, &rule.owner, &rule.nowner, err))
		return -1;
	if (!rule.nowner && !rule.negated) {
		rule.owner = r->defaults;
		rule.nowner = r->ndefaults;
	}
	return rule_add(r, &rule, err);
}

static size_t section_named(const struct codeowners *c, struct span name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (text_same(c->section[i].name, name))
			return i;
	return SIZE_MAX;
}

/* "]", "][2]": what is behind a section's name. */
static bool section_count(struct span *rest, unsigned *count)
{
	uint64_t n;
	size_t end;

	*count = 1;
	if (!span_starts(*rest, SPAN_LIT("[")))
		return true;
	end = span_find(*rest, ']');
	if (end == SIZE_MAX ||
		!text_to_u64(
			span_sub(*rest, 1, end - 1), CODEOWNERS_COUNT_MAX, &n))
		return false;
	*count = n ? (unsigned)n : 1;
	*rest = span_from(*rest, end + 1);
	return true;
}

/* GitLab: "^[Name][2] @owner". A line that is no heading after all would end
 * one section and start none. */
static int section_line(struct reading *r, struct span line, struct err *err)
{
	bool optional = line.p[0] == '^';
	struct span name, rest = span_from(line, optional ? 2 : 1);
	size_t end = span_find(rest, ']');
	struct owner_section *s;
	unsigned count;

	name = span_trim(span_sub(rest, 0, end == SIZE_MAX ? 0 : end));
	rest = span_from(rest, end == SIZE_MAX ? rest.n : end + 1);
	if (!name.n || !section_count(&rest, &count) ||
		(rest.n && !is_blank(rest.p[0]))) {
		fault(r, "it is no heading of a section");
		return 0;
	}
	if (owners(r, rest, &r->defaults, &r->ndefaults, err))
		return -1;
	if (optional)
		count = 0;
	r->section = section_named(r->out, name);
	if (r->section != SIZE_MAX) {
		/* Of two with one name the stricter number holds. */
		s = &r->out->section[r->section];
		if (s->count < count)
			s->count = count;
		return 0;
	}
	if (r->out->n == CODEOWNERS_SECTIONS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d sections",
			CODEOWNERS_SECTIONS_MAX);
	r->section = r->out->n;
	section_add(r, name, count);
	return 0;
}

/* Gitea undoes backslashes before it looks at the expression, and takes '#' for
 * a comment anywhere. The word is written to ${*to}, which moves on. */
static bool gitea_word(struct span *rest, unsigned char **to, struct span *out)
{
	size_t i = 0, n = 0;
	bool escape = false;

	while (rest->n && is_blank(rest->p[0]))
		*rest = span_from(*rest, 1);
	for (; i < rest->n; i++) {
		unsigned char c = rest->p[i];

		if (!escape && c == '\\') {
			escape = true;
			continue;
		}
		if (!escape && (c == '#' || is_blank(c)))
			break;
		escape = false;
		(*to)[n++] = c;
	}
	if (i < rest->n && rest->p[i] == '#')
		i = rest->n;
	*rest = span_from(*rest, i);
	*out = span_of(*to, n);
	*to += n;
	return n > 0;
}

static int gitea_line(struct reading *r, struct span line, struct err *err)
{
	unsigned char *to = arena_get(r->arena, line.n, 1);
	struct owner_rule rule = {0};
	struct span w;
	size_t cap = 0;

	if (!gitea_word(&line, &to, &rule.pattern))
		return 0;
	if (rule.pattern.p[0] == '!') {
		rule.negated = true;
		rule.pattern = span_from(rule.pattern, 1);
	}
	while (gitea_word(&line, &to, &w))
		if (owner_add(r, &rule.owner, &rule.nowner, &cap, w, err))
			return -1;
	if (!rule.nowner) {
		fault(r, "it has no owner");
		return 0;
	}
	return rule_add(r, &rule, err);
}

static int one_line(struct reading *r, struct span line, struct err *err)
{
	line = span_trim(line);
	if (!line.n || line.p[0] == '#')
		return 0;
	if (span_find(line, 0) != SIZE_MAX) {
		fault(r, "it has a NUL byte");
		return 0;
	}
	if (r->out->dialect == CODEOWNERS_GITEA)
		return gitea_line(r, line, err);
	if (r->out->dialect == CODEOWNERS_GITLAB &&
		(line.p[0] == '[' || span_starts(line, SPAN_LIT("^["))))
		return section_line(r, line, err);
	return rule_line(r, line, err);
}

int codeowners_parse(struct span text, enum codeowners_dialect dialect,
	struct arena *arena, struct codeowners *out, struct err *err)
{
	struct reading r = {.out = out, .arena = arena};
	struct span line;

	*out = (struct codeowners){.dialect = dialect};
	if (text.n > CODEOWNERS_MAX)
		return err_set(
			err, ERR_LIMIT, "larger than %u bytes", CODEOWNERS_MAX);
	if (span_starts(text, SPAN_LIT("\xef\xbb\xbf")))
		text = span_from(text, 3);
	section_add(&r, SPAN_EMPTY, 1);
	while (span_line(&text, &line, NULL)) {
		r.line++;
		if (one_line(&r, line, err)) {
			*out = (struct codeowners){.dialect = dialect};
			return -1;
		}
	}
	return 0;
}
