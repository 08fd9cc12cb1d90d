#include "parse/gitleakskey.h"

#include <math.h>

#include "base/banned.h"
#include "base/text.h"
#include "parse/gitleaksfile.h"

int leak_bad(size_t line, struct span id, struct err *err, const char *what)
{
	struct buf name = BUF_INIT(512);

	if (!id.n)
		return err_set(err, ERR_POLICY, "line %zu: %s", line, what);
	text_printable(&name, id, 64);
	err_set(err, ERR_POLICY, "line %zu: rule '%s': %s", line,
		buf_cstr(&name), what);
	buf_free(&name);
	return -1;
}

int leak_fail(const struct leak_at *at, size_t line, const char *key,
	const char *what)
{
	struct buf text = BUF_INIT(256);

	buf_fmt(&text, "%s: %s", key, what);
	leak_bad(line, at->rule, at->err, buf_cstr(&text));
	buf_free(&text);
	return -1;
}

int leak_get(const struct leak_at *at, const struct toml *table,
	const char *key, const struct toml **out)
{
	const struct toml *t;

	*out = NULL;
	if (!table || table->kind != TOML_TABLE)
		return 0;
	for (t = table->first; t; t = t->next) {
		if (!text_same(t->key, span_str(key)))
			continue;
		if (*out)
			return leak_fail(at, t->line, key,
				"there twice, in different case");
		*out = t;
	}
	return 0;
}

int leak_text(const struct leak_at *at, const struct toml *table,
	const char *key, struct span *out)
{
	const struct toml *t;

	if (leak_get(at, table, key, &t))
		return -1;
	if (t && t->kind != TOML_STRING)
		return leak_fail(at, t->line, key, "expected a string");
	if (t)
		*out = t->text;
	return 0;
}

int leak_bool(const struct leak_at *at, const struct toml *table,
	const char *key, bool *out)
{
	const struct toml *t;

	if (leak_get(at, table, key, &t))
		return -1;
	if (!t)
		return 0;
	if (t->kind == TOML_BOOL)
		*out = t->boolean;
	else if (t->kind == TOML_INT)
		*out = t->integer != 0;
	else if (t->kind == TOML_STRING && span_is(t->text, "true"))
		*out = true;
	else if (t->kind == TOML_STRING && span_is(t->text, "false"))
		*out = false;
	else
		return leak_fail(at, t->line, key, "expected true or false");
	return 0;
}

/* Go's ParseFloat takes more; nobody writes an entropy as 0x1p2. */
static bool real_of(struct span text, double *out)
{
	char *end;
	size_t i;

	for (i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (!(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
	}
	*out = strtod((const char *)text.p, &end);
	return text.n && (const unsigned char *)end == text.p + text.n;
}

int leak_real(const struct leak_at *at, const struct toml *table,
	const char *key, double *out)
{
	const struct toml *t;

	if (leak_get(at, table, key, &t))
		return -1;
	if (!t)
		return 0;
	if (t->kind == TOML_REAL)
		*out = t->real;
	else if (t->kind == TOML_INT)
		*out = (double)t->integer;
	else if (t->kind != TOML_STRING || !real_of(t->text, out))
		return leak_fail(at, t->line, key, "expected a number");
	if (!isfinite(*out))
		return leak_fail(at, t->line, key, "expected a finite number");
	return 0;
}

int leak_count(const struct leak_at *at, const struct toml *table,
	const char *key, bool *has, uint64_t *out)
{
	const struct toml *t;

	if (has)
		*has = false;
	if (leak_get(at, table, key, &t))
		return -1;
	if (!t)
		return 0;
	if (has)
		*has = true;
	if (t->kind == TOML_INT && t->integer >= 0)
		*out = (uint64_t)t->integer;
	else if (t->kind != TOML_STRING ||
		!text_to_u64(t->text, INT64_MAX, out))
		return leak_fail(
			at, t->line, key, "expected a number from 0 on");
	return 0;
}

static int add_word(const struct leak_at *at, struct span s, size_t line,
	const char *key, bool lower, struct word_list *out)
{
	struct buf text = BUF_INIT(TOML_TEXT_MAX);
	size_t i;

	if (lower && !s.n)
		return leak_fail(at, line, key, "an empty string in the list");
	for (i = 0; i < s.n; i++)
		buf_byte(&text, lower ? text_lower(s.p[i]) : s.p[i]);
	out->v[out->n++] = arena_copy(at->arena, buf_all(&text));
	buf_free(&text);
	return 0;
}

static int split(const struct leak_at *at, const struct toml *t,
	const char *key, bool lower, struct word_list *out)
{
	struct span rest = t->text;
	size_t i, n = 1;

	for (i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	out->v = arena_get(at->arena, n, sizeof(*out->v));
	while (rest.n || n > out->n) {
		size_t end = span_find(rest, ',');

		if (!t->text.n)
			break;
		if (add_word(at, span_sub(rest, 0, end), t->line, key, lower,
			    out))
			return -1;
		if (end == SIZE_MAX)
			break;
		rest = span_from(rest, end + 1);
	}
	return 0;
}

int leak_list(const struct leak_at *at, const struct toml *table,
	const char *key, bool lower, struct word_list *out)
{
	const struct toml *t, *item;

	*out = (struct word_list){0};
	if (leak_get(at, table, key, &t))
		return -1;
	if (!t)
		return 0;
	if (t->kind == TOML_STRING)
		return split(at, t, key, lower, out);
	if (t->kind != TOML_ARRAY)
		return leak_fail(at, t->line, key, "expected a list");
	out->v = arena_get(at->arena, t->count + 1, sizeof(*out->v));
	for (item = t->first; item; item = item->next) {
		if (item->kind != TOML_STRING)
			return leak_fail(
				at, item->line, key, "expected strings");
		if (add_word(at, item->text, item->line, key, lower, out))
			return -1;
	}
	return 0;
}

int leak_tables(const struct leak_at *at, const struct toml *table,
	const char *key, const struct toml **first, size_t *n)
{
	const struct toml *t, *item;

	*first = NULL;
	*n = 0;
	if (leak_get(at, table, key, &t))
		return -1;
	if (!t)
		return 0;
	if (t->kind == TOML_TABLE) {
		*first = t;
		*n = 1;
		return 0;
	}
	if (t->kind != TOML_ARRAY)
		return leak_fail(at, t->line, key, "expected tables");
	for (item = t->first; item; item = item->next) {
		if (item->kind != TOML_TABLE)
			return leak_fail(
				at, item->line, key, "expected tables");
	}
	*first = t->first;
	*n = t->count;
	return 0;
}
