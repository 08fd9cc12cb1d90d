#include "parse/gitleaks.h"

#include "base/text.h"
#include "parse/gitleaksfile.h"
#include "parse/gitleakskey.h"
#include "parse/re2.h"

#define REGEX_MAX 16384 /* PATTERN_TEXT_MAX of port/pattern.h */

void leak_allow_add(struct leak_allows *to, const struct gitleaks_allow *list,
	struct arena *arena)
{
	struct leak_allow *a = ARENA_NEW(arena, struct leak_allow);

	a->list = *list;
	if (to->last)
		to->last->next = a;
	else
		to->first = a;
	to->last = a;
}

struct leak_rule *leak_rule_find(const struct gitleaks_file *f, struct span id)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (span_eq(f->rule[i].id, id))
			return &f->rule[i];
	}
	return NULL;
}

static int regex_of(const struct leak_at *at, struct span text, size_t line,
	const char *key, struct span *out, unsigned *groups)
{
	struct buf mine = BUF_INIT(REGEX_MAX);
	struct err why = ERR_INIT;
	int ret = 0;

	if (re2_translate(text, &mine, groups, &why))
		ret = leak_fail(at, line, key, why.text);
	else if (!mine.n)
		*out = SPAN_LIT("(?:)");
	else
		*out = arena_copy(at->arena, buf_all(&mine));
	buf_free(&mine);
	return ret;
}

/* As gitleaks joins them: what one turns on with (?i) stays on in the next.
 * Each must be an expression by itself as well. */
static int join(const struct leak_at *at, const struct toml *table,
	const char *key, struct span *out)
{
	struct buf all = BUF_INIT(REGEX_MAX);
	struct word_list list;
	struct span one;
	size_t i;
	int ret = -1;

	if (leak_list(at, table, key, false, &list))
		return -1;
	if (!list.n)
		return 0;
	buf_str(&all, "(?:");
	for (i = 0; i < list.n; i++) {
		if (regex_of(at, list.v[i], table->line, key, &one, NULL))
			goto out;
		if (i)
			buf_byte(&all, '|');
		buf_span(&all, list.v[i]);
	}
	buf_byte(&all, ')');
	if (all.full) {
		leak_fail(at, table->line, key, "too long in all");
		goto out;
	}
	ret = regex_of(at, buf_all(&all), table->line, key, out, NULL);
out:
	buf_free(&all);
	return ret;
}

static int condition(const struct leak_at *at, const struct toml *table,
	struct gitleaks_allow *list)
{
	struct span s = SPAN_EMPTY;

	if (leak_text(at, table, "condition", &s))
		return -1;
	if (text_same(s, SPAN_LIT("and")) || span_is(s, "&&"))
		list->all = true;
	else if (s.n && !text_same(s, SPAN_LIT("or")) && !span_is(s, "||"))
		return leak_fail(at, table->line, "condition",
			"expected \"and\" or \"or\"");
	return 0;
}

static int target(const struct leak_at *at, const struct toml *table,
	struct gitleaks_allow *list)
{
	struct span s = SPAN_EMPTY;

	if (leak_text(at, table, "regexTarget", &s))
		return -1;
	if (span_is(s, "match"))
		list->target = GITLEAKS_MATCH;
	else if (span_is(s, "line"))
		list->target = GITLEAKS_LINE;
	else if (s.n && !span_is(s, "secret"))
		return leak_fail(at, table->line, "regexTarget",
			"expected \"secret\", \"match\" or \"line\"");
	return 0;
}

static int read_allow(const struct leak_at *at, const struct toml *table,
	struct gitleaks_allow *out)
{
	size_t i;

	*out = (struct gitleaks_allow){0};
	if (condition(at, table, out) || target(at, table, out) ||
		leak_list(at, table, "commits", true, &out->commits) ||
		leak_list(at, table, "stopwords", true, &out->stopwords) ||
		join(at, table, "paths", &out->paths) ||
		join(at, table, "regexes", &out->regexes))
		return -1;
	for (i = 0; i < out->commits.n; i++)
		out->commits.v[i] = span_trim(out->commits.v[i]);
	if (!out->commits.n && !out->stopwords.n && !out->paths.n &&
		!out->regexes.n)
		return leak_fail(at, table->line, "allowlist",
			"empty; expected commits, paths, regexes or stopwords");
	return 0;
}

/* The old and the new name of the same thing. */
static int allow_tables(const struct leak_at *at, const struct toml *table,
	const struct toml **first, size_t *n)
{
	const struct toml *old;

	if (leak_get(at, table, "allowlist", &old) ||
		leak_tables(at, table, "allowlists", first, n))
		return -1;
	if (!old)
		return 0;
	if (old->kind != TOML_TABLE)
		return leak_fail(
			at, old->line, "allowlist", "expected a table");
	if (*n)
		return leak_fail(at, old->line, "allowlist",
			"cannot be used beside 'allowlists'");
	*first = old;
	*n = 1;
	return 0;
}

static int read_allows(const struct leak_at *at, const struct toml *table,
	struct leak_allows *out)
{
	const struct toml *t;
	struct gitleaks_allow list;
	size_t n;

	if (allow_tables(at, table, &t, &n))
		return -1;
	for (; n--; t = t->next) {
		if (read_allow(at, t, &list))
			return -1;
		leak_allow_add(out, &list, at->arena);
	}
	return 0;
}

static int read_required(const struct leak_at *at, const struct toml *table,
	struct leak_rule *rule)
{
	const struct toml *t;
	size_t n;

	if (leak_tables(at, table, "required", &t, &n))
		return -1;
	rule->required = arena_get(at->arena, n + 1, sizeof(*rule->required));
	for (; n--; t = t->next) {
		struct gitleaks_required *r =
			&rule->required[rule->nrequired++];

		if (leak_text(at, t, "id", &r->id) ||
			leak_count(at, t, "withinLines", &r->lines,
				&r->within_lines) ||
			leak_count(at, t, "withinColumns", &r->columns,
				&r->within_columns))
			return -1;
		if (!r->id.n)
			return leak_fail(
				at, t->line, "required", "'id' is missing");
	}
	return 0;
}

/* Go folds the case of all letters, we that of ASCII: with others among them
 * the words cannot tell whether the rule is of use, and it always runs. */
static void ascii_only(struct word_list *words)
{
	size_t i, j;

	for (i = 0; i < words->n; i++) {
		for (j = 0; j < words->v[i].n; j++) {
			if (words->v[i].p[j] >= 0x80) {
				words->n = 0;
				return;
			}
		}
	}
}

static int read_rule(
	struct leak_at *at, const struct toml *table, struct leak_rule *rule)
{
	struct span regex = SPAN_EMPTY, path = SPAN_EMPTY;

	*rule = (struct leak_rule){.line = table->line};
	if (leak_text(at, table, "id", &rule->id))
		return -1;
	at->rule = rule->id;
	if (leak_text(at, table, "description", &rule->description) ||
		leak_text(at, table, "regex", &regex) ||
		leak_text(at, table, "path", &path) ||
		leak_count(at, table, "secretGroup", NULL, &rule->group) ||
		leak_real(at, table, "entropy", &rule->entropy) ||
		leak_list(at, table, "keywords", true, &rule->keywords) ||
		leak_bool(at, table, "skipReport", &rule->skip_report) ||
		read_allows(at, table, &rule->allow) ||
		read_required(at, table, rule))
		return -1;
	ascii_only(&rule->keywords);
	rule->has_regex = regex.n != 0;
	if (regex.n &&
		regex_of(at, regex, table->line, "regex", &rule->regex,
			&rule->groups))
		return -1;
	if (path.n &&
		regex_of(at, path, table->line, "path", &rule->path, NULL))
		return -1;
	return 0;
}

static int check_required(const struct gitleaks_file *f, struct err *err)
{
	size_t i, j;

	for (i = 0; i < f->n; i++) {
		const struct leak_rule *r = &f->rule[i];

		for (j = 0; j < r->nrequired; j++) {
			if (!leak_rule_find(f, r->required[j].id))
				return leak_bad(r->line, r->id, err,
					"required: no rule of that 'id' in "
					"the same file");
		}
	}
	return 0;
}

static int read_rules(
	struct leak_at *at, const struct toml *doc, struct gitleaks_file *f)
{
	const struct toml *t;
	struct leak_rule rule, *old;
	size_t n;

	if (leak_tables(at, doc, "rules", &t, &n))
		return -1;
	if (n > RULEPACK_RULES_MAX)
		return leak_fail(at, t->line, "rules", "too many");
	f->rule = arena_get(at->arena, n + 1, sizeof(*f->rule));
	for (; n--; t = t->next) {
		at->rule = SPAN_EMPTY;
		if (read_rule(at, t, &rule))
			return -1;
		rule.depth = f->depth;
		/* Of two with the same id the later one counts. */
		old = leak_rule_find(f, rule.id);
		if (old)
			*old = rule;
		else
			f->rule[f->n++] = rule;
	}
	at->rule = SPAN_EMPTY;
	return check_required(f, at->err);
}

static int read_global(const struct leak_at *at, const struct toml *doc,
	struct gitleaks_file *f)
{
	const struct toml *t;
	size_t n;

	if (allow_tables(at, doc, &t, &n))
		return -1;
	for (; n--; t = t->next) {
		struct gitleaks_allow *list =
			ARENA_NEW(at->arena, struct gitleaks_allow);
		struct word_list ids;

		if (read_allow(at, t, list) ||
			leak_list(at, t, "targetRules", false, &ids))
			return -1;
		if (ids.n) {
			struct leak_target *to =
				ARENA_NEW(at->arena, struct leak_target);

			*to = (struct leak_target){
				ids, list, t->line, f->target};
			f->target = to;
		} else {
			leak_allow_add(&f->allow, list, at->arena);
		}
	}
	return 0;
}

static int read_extend(const struct leak_at *at, const struct toml *doc,
	struct gitleaks_file *f)
{
	const struct toml *t;

	if (leak_get(at, doc, "extend", &t))
		return -1;
	if (!t)
		return 0;
	if (t->kind != TOML_TABLE)
		return leak_fail(at, t->line, "extend", "expected a table");
	if (leak_text(at, t, "path", &f->path) ||
		leak_bool(at, t, "useDefault", &f->use_default) ||
		leak_list(at, t, "disabledRules", false, &f->disabled))
		return -1;
	if (f->path.n && f->use_default && f->depth < GITLEAKS_DEPTH_MAX)
		return leak_fail(at, t->line, "extend",
			"'path' and 'useDefault' exclude each other");
	return 0;
}

int gitleaks_parse(struct span text, unsigned depth, struct arena *arena,
	struct gitleaks_file **out, struct err *err)
{
	struct gitleaks_file *f = ARENA_NEW(arena, struct gitleaks_file);
	struct leak_at at = {.arena = arena, .err = err};
	const struct toml *doc;

	*out = NULL;
	f->depth = depth;
	if (toml_parse(text, arena, &doc, err)) {
		err->code = ERR_POLICY;
		return -1;
	}
	if (read_rules(&at, doc, f) || read_global(&at, doc, f) ||
		read_extend(&at, doc, f))
		return -1;
	*out = f;
	return 0;
}

enum gitleaks_base gitleaks_base(
	const struct gitleaks_file *f, struct span *path)
{
	/* As gitleaks does: past the depth it is passed over. */
	if (f->depth >= GITLEAKS_DEPTH_MAX)
		return GITLEAKS_ALONE;
	if (f->use_default)
		return GITLEAKS_DEFAULT;
	*path = f->path;
	return f->path.n ? GITLEAKS_PATH : GITLEAKS_ALONE;
}
