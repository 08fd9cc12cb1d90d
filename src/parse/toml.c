#include "parse/toml.h"

#include "base/text.h"
#include "parse/tomlscalar.h"

struct key {
	struct span part[TOML_DEPTH_MAX];
	size_t n;
};

static struct toml *find(const struct toml *table, struct span key)
{
	struct toml *t;

	for (t = table->first; t; t = t->next) {
		if (span_eq(t->key, key))
			return t;
	}
	return NULL;
}

const struct toml *toml_get(const struct toml *table, struct span key)
{
	return table && table->kind == TOML_TABLE ? find(table, key) : NULL;
}

static void append(struct toml *to, struct toml *value)
{
	if (to->last)
		to->last->next = value;
	else
		to->first = value;
	to->last = value;
	to->count++;
}

static struct toml *new_value(
	struct toml_reader *r, enum toml_kind kind, struct span key)
{
	struct toml *t = ARENA_NEW(r->arena, struct toml);

	t->kind = kind;
	t->line = r->line;
	t->key = key;
	return t;
}

static int bad_key(struct toml_reader *r, struct span key, const char *what)
{
	struct buf name = BUF_INIT(256);

	text_printable(&name, key, 48);
	err_set(r->err, ERR_INPUT, "line %zu: '%s' %s", r->line,
		buf_cstr(&name), what);
	buf_free(&name);
	return -1;
}

static int add_member(
	struct toml_reader *r, struct toml *table, struct toml *value)
{
	if (table->count == TOML_MEMBERS_MAX)
		return toml_bad(r, "too many keys in one table");
	append(table, value);
	return 0;
}

static bool is_bare(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '-';
}

static int read_part(struct toml_reader *r, struct span *out)
{
	size_t from = r->at;
	int c = toml_peek(r, 0);

	if (c == '"' || c == '\'')
		return toml_string(r, false, out);
	while (is_bare(toml_peek(r, 0)))
		r->at++;
	if (r->at == from)
		return toml_bad(r, "expected a key");
	*out = arena_copy(r->arena, span_sub(r->s, from, r->at - from));
	return 0;
}

static int read_key(struct toml_reader *r, struct key *out)
{
	out->n = 0;
	for (;;) {
		if (out->n == TOML_DEPTH_MAX)
			return toml_bad(r, "a key of too many parts");
		toml_blank(r);
		if (read_part(r, &out->part[out->n++]))
			return -1;
		toml_blank(r);
		if (toml_peek(r, 0) != '.')
			return 0;
		r->at++;
	}
}

static int read_value(struct toml_reader *r, unsigned depth, struct toml *out);

static int read_array(struct toml_reader *r, unsigned depth, struct toml *out)
{
	out->kind = TOML_ARRAY;
	r->at++;
	for (;;) {
		struct toml *item;

		if (toml_lines(r))
			return -1;
		if (toml_peek(r, 0) == ']')
			break;
		item = new_value(r, TOML_NONE, SPAN_EMPTY);
		if (read_value(r, depth + 1, item))
			return -1;
		append(out, item);
		if (toml_lines(r))
			return -1;
		if (toml_peek(r, 0) == ']')
			break;
		if (toml_peek(r, 0) != ',')
			return toml_bad(r, "expected ',' or ']'");
		r->at++;
	}
	r->at++;
	return 0;
}

/*
 * The tables that a dotted key goes through, made when they are not there. What
 * a header or an earlier section made is not opened again by a dotted key.
 */
static struct toml *through(
	struct toml_reader *r, struct toml *table, const struct key *key)
{
	size_t i;

	for (i = 0; i + 1 < key->n; i++) {
		struct toml *t = find(table, key->part[i]);

		if (!t) {
			t = new_value(r, TOML_TABLE, key->part[i]);
			if (add_member(r, table, t))
				return NULL;
		} else if (t->kind != TOML_TABLE || t->frozen || t->declared ||
			(t->section && t->section != r->section)) {
			bad_key(r, t->key, "is taken");
			return NULL;
		}
		t->section = r->section;
		table = t;
	}
	return table;
}

static int read_pair(struct toml_reader *r, unsigned depth, struct toml *table)
{
	struct key key;
	struct toml *value;

	if (read_key(r, &key))
		return -1;
	if (toml_peek(r, 0) != '=')
		return toml_bad(r, "expected '='");
	r->at++;
	toml_blank(r);
	table = through(r, table, &key);
	if (!table)
		return -1;
	if (find(table, key.part[key.n - 1]))
		return bad_key(r, key.part[key.n - 1], "is there twice");
	value = new_value(r, TOML_NONE, key.part[key.n - 1]);
	return read_value(r, depth, value) || add_member(r, table, value) ? -1
									  : 0;
}

static void freeze(struct toml *t)
{
	struct toml *p;

	if (t->frozen)
		return;
	t->frozen = true;
	for (p = t->first; p; p = p->next)
		freeze(p);
}

static int read_inline(struct toml_reader *r, unsigned depth, struct toml *out)
{
	out->kind = TOML_TABLE;
	r->at++;
	toml_blank(r);
	if (toml_peek(r, 0) == '}') {
		r->at++;
		return 0;
	}
	for (;;) {
		if (read_pair(r, depth + 1, out))
			return -1;
		toml_blank(r);
		if (toml_peek(r, 0) == '}')
			break;
		if (toml_peek(r, 0) != ',')
			return toml_bad(r, "expected ',' or '}'");
		r->at++;
	}
	r->at++;
	return 0;
}

static int read_value(struct toml_reader *r, unsigned depth, struct toml *out)
{
	int c = toml_peek(r, 0), ret;

	if (depth > TOML_DEPTH_MAX)
		return toml_bad(r, "values nested too deep");
	if (c == '[')
		ret = read_array(r, depth, out);
	else if (c == '{')
		ret = read_inline(r, depth, out);
	else
		return toml_scalar(r, out);
	/* Complete: nothing that follows may add to it. */
	freeze(out);
	return ret;
}

/* The table that a header's key names but for its last part; of an array of
 * tables the last one is meant. */
static struct toml *above(
	struct toml_reader *r, struct toml *root, const struct key *key)
{
	struct toml *table = root;
	size_t i;

	for (i = 0; i + 1 < key->n; i++) {
		struct toml *t = find(table, key->part[i]);

		if (!t) {
			t = new_value(r, TOML_TABLE, key->part[i]);
			if (add_member(r, table, t))
				return NULL;
		}
		if (t->kind == TOML_ARRAY && !t->frozen)
			t = t->last;
		if (t->kind != TOML_TABLE || t->frozen) {
			bad_key(r, key->part[i], "is taken");
			return NULL;
		}
		table = t;
	}
	return table;
}

static struct toml *open_table(
	struct toml_reader *r, struct toml *root, const struct key *key)
{
	struct toml *up = above(r, root, key), *t;
	struct span last = key->part[key->n - 1];

	if (!up)
		return NULL;
	t = find(up, last);
	if (!t) {
		t = new_value(r, TOML_TABLE, last);
		if (add_member(r, up, t))
			return NULL;
	} else if (t->kind != TOML_TABLE || t->declared || t->frozen ||
		t->section) {
		bad_key(r, last, "is there twice");
		return NULL;
	}
	t->declared = true;
	t->line = r->line;
	return t;
}

static struct toml *open_item(
	struct toml_reader *r, struct toml *root, const struct key *key)
{
	struct toml *up = above(r, root, key), *list, *t;
	struct span last = key->part[key->n - 1];

	if (!up)
		return NULL;
	list = find(up, last);
	if (!list) {
		list = new_value(r, TOML_ARRAY, last);
		list->declared = true;
		if (add_member(r, up, list))
			return NULL;
	} else if (list->kind != TOML_ARRAY || list->frozen) {
		bad_key(r, last, "is taken");
		return NULL;
	}
	t = new_value(r, TOML_TABLE, SPAN_EMPTY);
	t->declared = true;
	append(list, t);
	return t;
}

static struct toml *read_header(struct toml_reader *r, struct toml *root)
{
	bool item = toml_peek(r, 1) == '[';
	struct toml *t;
	struct key key;

	r->at += item ? 2 : 1;
	r->section++;
	if (read_key(r, &key))
		return NULL;
	if (toml_peek(r, 0) != ']' || (item && toml_peek(r, 1) != ']')) {
		toml_bad(r, "expected ']'");
		return NULL;
	}
	r->at += item ? 2 : 1;
	t = item ? open_item(r, root, &key) : open_table(r, root, &key);
	return t && !toml_rest(r) ? t : NULL;
}

static int read_all(struct toml_reader *r, struct toml *root)
{
	struct toml *table = root;

	for (;;) {
		if (toml_lines(r))
			return -1;
		if (toml_peek(r, 0) < 0)
			return 0;
		if (toml_peek(r, 0) == '[') {
			table = read_header(r, root);
			if (!table)
				return -1;
		} else if (read_pair(r, 0, table) || toml_rest(r)) {
			return -1;
		}
	}
}

int toml_parse(struct span text, struct arena *arena, const struct toml **out,
	struct err *err)
{
	struct toml_reader r = {.s = text,
		.line = 1,
		.arena = arena,
		.text = BUF_INIT(TOML_TEXT_MAX + 1),
		.err = err,
		.section = 1};
	struct toml *root;
	struct span line;
	int ret;

	*out = NULL;
	if (text.n > TOML_TEXT_MAX)
		return err_set(
			err, ERR_LIMIT, "larger than %zu bytes", TOML_TEXT_MAX);
	if (!text_is_utf8(text)) {
		while (span_line(&text, &line, NULL) && text_is_utf8(line))
			r.line++;
		return toml_bad(&r, "bytes that are not UTF-8");
	}
	root = new_value(&r, TOML_TABLE, SPAN_EMPTY);
	ret = read_all(&r, root);
	if (!ret)
		*out = root;
	buf_free(&r.text);
	return ret;
}

const char *toml_kind_name(enum toml_kind k)
{
	static const char *const names[] = {"nothing", "a string", "an integer",
		"a number", "a boolean", "a time", "an array", "a table"};

	return names[k];
}
