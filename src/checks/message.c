#include "base/text.h"
#include "checks/check.h"

static void add(struct findings *out, enum finding_id id, size_t u,
	const struct change *c, const char *what, const struct pattern_ref *p)
{
	struct finding *f = findings_add(out, id, u, &c->commit.id);

	f->detail = arena_fmt(out->arena, "%s '%s': %s", what,
		findings_quote(out, p->text, 80),
		findings_about(out, &c->commit));
}

static void patterns(const struct rule_message *rule, const struct change *c,
	size_t u, struct findings *out)
{
	size_t i;

	for (i = 0; i < rule->nrequire; i++)
		if (!bit_get(c->matches, rule->require[i].number))
			add(out, FINDING_MESSAGE_PATTERN, u, c,
				"does not match", &rule->require[i]);
	/* A message that nobody matched is not known to be clean. */
	for (i = 0; i < rule->ndeny; i++)
		if (!c->matches || bit_get(c->matches, rule->deny[i].number))
			add(out, FINDING_MESSAGE_DENIED, u, c,
				c->matches ? "matches" : "was not matched with",
				&rule->deny[i]);
}

static void issue(const struct rule_message *rule, const struct change *c,
	size_t u, struct findings *out)
{
	size_t i;

	for (i = 0; i < rule->issue.n; i++)
		if (bit_get(c->matches, rule->issue.v[i].number))
			return;
	if (rule->issue.n)
		add(out, FINDING_MESSAGE_ISSUE, u, c,
			rule->issue.n > 1 ? "matches neither the others nor"
					  : "does not match",
			&rule->issue.v[0]);
}

/* Characters of UTF-8; of other bytes each counts. */
static size_t characters(struct span s)
{
	size_t i, n = 0;

	if (!text_is_utf8(s))
		return s.n;
	for (i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

static void too_long(const struct change *c, const char *what, size_t n,
	unsigned max, size_t u, struct findings *out)
{
	findings_add(out, FINDING_MESSAGE_LENGTH, u, &c->commit.id)->detail =
		arena_fmt(out->arena,
			"%s has %zu characters, at most %u are allowed: %s",
			what, n, max, findings_about(out, &c->commit));
}

/* One word cannot be broken: an address of a page, a path. */
static bool is_word(struct span line)
{
	line = span_trim(line);
	return span_find(line, ' ') == SIZE_MAX &&
		span_find(line, '\t') == SIZE_MAX;
}

/* The subject, and the first of the other lines that is too long. */
static void lengths(const struct rule_message *rule, const struct change *c,
	size_t u, struct findings *out)
{
	struct span rest = c->commit.message, line;
	size_t number = 0, n;
	bool subject = true;

	while (span_line(&rest, &line, NULL)) {
		number++;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (subject && !span_trim(line).n)
			continue;
		n = characters(line);
		if (subject && rule->max_subject && n > rule->max_subject)
			too_long(
				c, "the subject", n, rule->max_subject, u, out);
		if (!subject && rule->max_line && n > rule->max_line &&
			!is_word(line)) {
			too_long(c, arena_fmt(out->arena, "line %zu", number),
				n, rule->max_line, u, out);
			break;
		}
		subject = false;
	}
}

/* The address in "Name <mail>", empty when it is not of that form. */
static struct span address(struct span value)
{
	size_t at = span_find(value, '<'), end;

	if (at == SIZE_MAX)
		return SPAN_EMPTY;
	value = span_from(value, at + 1);
	end = span_find(value, '>');
	return end == SIZE_MAX ? SPAN_EMPTY : span_sub(value, 0, end);
}

static bool signed_off(const struct commit *c)
{
	size_t i;

	for (i = 0; i < c->ntrailer; i++) {
		const struct trailer *t = &c->trailer[i];
		struct span mail = address(t->value);

		if (text_same(t->key, SPAN_LIT("Signed-off-by")) && mail.n &&
			text_same(mail, c->author.email))
			return true;
	}
	return false;
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_message *rule = up->rules.message;
	size_t i;

	if (!rule || up->movement == MOVEMENT_DELETE)
		return;
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];

		if (rule->spare_merges && c->commit.nparent > 1)
			continue;
		patterns(rule, c, u, out);
		issue(rule, c, u, out);
		lengths(rule, c, u, out);
		if (rule->sign_off && !signed_off(&c->commit))
			findings_add(
				out, FINDING_MESSAGE_SIGN_OFF, u, &c->commit.id)
				->detail = findings_about(out, &c->commit);
	}
}

const struct check check_message = {"message", run};
