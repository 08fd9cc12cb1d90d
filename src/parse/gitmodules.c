#include "parse/gitmodules.h"

#include "base/text.h"

struct reading {
	struct span rest;
	struct arena *arena;
	struct submodule_setting *v;
	size_t n, cap;
	unsigned line;
	struct buf section; /* lower case: "submodule" */
	struct buf name;    /* of the subsection */
	struct buf key, value;
};

static int broken(const struct reading *r, const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, "line %u: %s", r->line, what);
}

/* The next byte or -1 at the end; a CR before an LF is not seen. */
static int peek(const struct reading *r)
{
	if (!r->rest.n)
		return -1;
	if (r->rest.p[0] == '\r' && r->rest.n > 1 && r->rest.p[1] == '\n')
		return '\n';
	return r->rest.p[0];
}

static int take(struct reading *r)
{
	int c = peek(r);

	if (c < 0)
		return c;
	r->rest = span_from(r->rest, c == '\n' && r->rest.p[0] == '\r' ? 2 : 1);
	r->line += c == '\n';
	return c;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_letter(int c)
{
	return c >= 0 && text_lower((unsigned char)c) >= 'a' &&
		text_lower((unsigned char)c) <= 'z';
}

static bool is_word(int c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static void skip_blanks(struct reading *r)
{
	while (is_blank(peek(r)))
		take(r);
}

static void skip_line(struct reading *r)
{
	int c;

	do {
		c = take(r);
	} while (c >= 0 && c != '\n');
}

static int put(struct reading *r, struct buf *to, int c, struct err *err)
{
	if (to->n == GITMODULES_LINE_MAX)
		return broken(r, "a name or value that is too long", err);
	buf_byte(to, (unsigned char)c);
	return 0;
}

/* The quoted name behind a section's: ${r} stands behind the first quote. */
static int subsection(struct reading *r, struct err *err)
{
	int c;

	for (;;) {
		c = take(r);
		if (c == '"')
			break;
		if (c == '\\')
			c = take(r);
		if (c < 0 || c == '\n')
			return broken(
				r, "the name in a heading ends too early", err);
		if (put(r, &r->name, c, err))
			return -1;
	}
	if (take(r) != ']')
		return broken(r, "a heading that does not end in ']'", err);
	return 0;
}

/* "[submodule "x"]", or in the old form "[submodule.x]", which is read in lower
 * case. */
static int heading(struct reading *r, struct err *err)
{
	bool dot = false;
	int c;

	buf_reset(&r->section);
	buf_reset(&r->name);
	for (;;) {
		c = take(r);
		if (c == ']' && !r->section.n && !dot)
			return broken(r, "a heading without a name", err);
		if (c == ']')
			return 0;
		if (is_blank(c)) {
			skip_blanks(r);
			if (take(r) != '"')
				return broken(
					r, "a heading without a quote", err);
			return subsection(r, err);
		}
		if (!is_word(c) && c != '.')
			return broken(r, "an odd character in a heading", err);
		if (c == '.' && !dot) {
			dot = true;
			continue;
		}
		if (put(r, dot ? &r->name : &r->section,
			    text_lower((unsigned char)c), err))
			return -1;
	}
}

static int escaped(struct reading *r, struct err *err)
{
	int c = take(r);

	switch (c) {
	case -1: /* git sees the end of a line there */
	case '\n':
		return 0;
	case 't':
		c = '\t';
		break;
	case 'n':
		c = '\n';
		break;
	case 'b':
		c = '\b';
		break;
	case '\\':
	case '"':
		break;
	default:
		return broken(r, "an unknown escape in a value", err);
	}
	return put(r, &r->value, c, err);
}

/* What follows the '='. Blanks at both ends of a value go, unless quoted. */
static int value(struct reading *r, struct err *err)
{
	bool quoted = false;
	size_t keep = 0;
	int c;

	for (;;) {
		c = peek(r);
		if (c < 0 || c == '\n') {
			if (quoted)
				return broken(
					r, "a quote that does not end", err);
			take(r);
			r->value.n = keep;
			return 0;
		}
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(r);
			r->value.n = keep;
			return 0;
		}
		take(r);
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && is_blank(c) && !r->value.n)
			continue;
		if (c == '\\' ? escaped(r, err) : put(r, &r->value, c, err))
			return -1;
		if (quoted || !is_blank(c))
			keep = r->value.n;
	}
}

static bool setting_kind(struct span key, enum submodule_key *out)
{
	if (span_is(key, "url"))
		*out = SUBMODULE_URL;
	else if (span_is(key, "path"))
		*out = SUBMODULE_PATH;
	else if (span_is(key, "update"))
		*out = SUBMODULE_UPDATE;
	else
		return false;
	return true;
}

static int setting(struct reading *r, struct err *err)
{
	struct submodule_setting *new;
	enum submodule_key key;

	buf_reset(&r->key);
	buf_reset(&r->value);
	while (is_word(peek(r)))
		if (put(r, &r->key, text_lower((unsigned char)take(r)), err))
			return -1;
	while (peek(r) == ' ' || peek(r) == '\t')
		take(r);
	if (peek(r) == '=') {
		take(r);
		if (value(r, err))
			return -1;
	} else if (peek(r) >= 0 && take(r) != '\n') {
		return broken(r, "a name without a '=' behind it", err);
	}
	if (!span_is(buf_all(&r->section), "submodule") ||
		!setting_kind(buf_all(&r->key), &key))
		return 0;
	if (r->n == GITMODULES_SETTINGS_MAX)
		return broken(r, "more settings than are looked at", err);
	r->v = arena_grow(r->arena, r->v, r->n, &r->cap, sizeof(*r->v));
	new = &r->v[r->n++];
	new->key = key;
	new->name = arena_copy(r->arena, buf_all(&r->name));
	new->value = arena_copy(r->arena, buf_all(&r->value));
	return 0;
}

static int file(struct reading *r, struct err *err)
{
	int c;

	if (span_starts(r->rest, SPAN_LIT("\xef\xbb\xbf")))
		r->rest = span_from(r->rest, 3);
	while ((c = peek(r)) >= 0) {
		if (is_blank(c) || c == '\n') {
			take(r);
		} else if (c == '#' || c == ';') {
			skip_line(r);
		} else if (c == '[') {
			take(r);
			if (heading(r, err))
				return -1;
		} else if (is_letter(c)) {
			if (setting(r, err))
				return -1;
		} else {
			return broken(r, "an odd character", err);
		}
	}
	return 0;
}

int gitmodules_parse(struct span text, struct arena *arena,
	struct submodule_setting **out, size_t *n, struct err *err)
{
	struct reading r = {
		.rest = text,
		.arena = arena,
		.line = 1,
		.section = BUF_INIT(GITMODULES_LINE_MAX),
		.name = BUF_INIT(GITMODULES_LINE_MAX),
		.key = BUF_INIT(GITMODULES_LINE_MAX),
		.value = BUF_INIT(GITMODULES_LINE_MAX),
	};
	int ret = -1;

	*out = NULL;
	*n = 0;
	if (file(&r, err))
		goto out;
	*out = r.v;
	*n = r.n;
	ret = 0;
out:
	buf_free(&r.section);
	buf_free(&r.name);
	buf_free(&r.key);
	buf_free(&r.value);
	return ret;
}
