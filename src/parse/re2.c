#include "parse/re2.h"

/* What stands before a repetition. */
enum before {
	BEFORE_NOTHING,
	BEFORE_ATOM,
	BEFORE_REPEAT
};

struct re {
	struct span s;
	size_t at;
	struct buf *out;
	struct err *err;
	enum before before;
	bool fold; /* (?i) was seen */
	unsigned groups;
	size_t depth;
};

static int bad(struct re *re, const char *what)
{
	return err_set(re->err, ERR_INPUT, "byte %zu: %s", re->at, what);
}

static int peek(const struct re *re, size_t ahead)
{
	return ahead < re->s.n - re->at ? re->s.p[re->at + ahead] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
		(c >= 'A' && c <= 'Z') || c == '_';
}

static int hex_of(int c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_ascii(struct buf *out, uint32_t c)
{
	if (is_word((int)c) || c == ' ')
		buf_byte(out, (unsigned char)c);
	else if (c < ' ' || c > '~')
		buf_fmt(out, "\\x%02x", c);
	else
		buf_fmt(out, "\\%c", (int)c);
}

/* Bytes of one character, as a whole. */
static void put_wide(struct buf *out, uint32_t c)
{
	buf_str(out, "(?:");
	if (c < 0x800) {
		buf_fmt(out, "\\x%02x", 0xc0 | c >> 6);
	} else if (c < 0x10000) {
		buf_fmt(out, "\\x%02x\\x%02x", 0xe0 | c >> 12,
			0x80 | (c >> 6 & 0x3f));
	} else {
		buf_fmt(out, "\\x%02x\\x%02x\\x%02x", 0xf0 | c >> 18,
			0x80 | (c >> 12 & 0x3f), 0x80 | (c >> 6 & 0x3f));
	}
	buf_fmt(out, "\\x%02x)", 0x80 | (c & 0x3f));
}

static int put(struct re *re, uint32_t c)
{
	re->before = BEFORE_ATOM;
	if (c < 0x80) {
		put_ascii(re->out, c);
		return 0;
	}
	if (re->fold)
		return bad(re,
			"a character outside ASCII under (?i) cannot "
			"be carried");
	put_wide(re->out, c);
	return 0;
}

/* The character at hand; the text is UTF-8. */
static uint32_t take(struct re *re)
{
	uint32_t c = re->s.p[re->at++];
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more)
		c &= 0x3fu >> more;
	for (; more && peek(re, 0) >= 0; more--)
		c = c << 6 | (re->s.p[re->at++] & 0x3fu);
	return c;
}

static int hex_escape(struct re *re, uint32_t *c)
{
	size_t n = 0;

	*c = 0;
	if (peek(re, 0) != '{') {
		if (hex_of(peek(re, 0)) < 0 || hex_of(peek(re, 1)) < 0)
			return bad(re, "expected two hex digits");
		*c = (uint32_t)(hex_of(peek(re, 0)) << 4 | hex_of(peek(re, 1)));
		re->at += 2;
		return 0;
	}
	for (re->at++; hex_of(peek(re, 0)) >= 0 && *c <= 0x10ffff; n++)
		*c = *c << 4 | (uint32_t)hex_of(re->s.p[re->at++]);
	if (!n || peek(re, 0) != '}' || *c > 0x10ffff)
		return bad(re, "expected a code point in '{}'");
	re->at++;
	return 0;
}

/* Behind the backslash: an escape that is one character. */
static int escaped(struct re *re, uint32_t *out)
{
	static const char name[] = "aftnrv", value[] = "\a\f\t\n\r\v";
	int c = peek(re, 0), n;
	const char *p;

	if (c < 0)
		return bad(re, "'\\' at the end");
	p = c ? strchr(name, c) : NULL;
	if (p) {
		re->at++;
		*out = (uint32_t)value[p - name];
		return 0;
	}
	if (c == 'x') {
		re->at++;
		return hex_escape(re, out);
	}
	if (c == '0' ||
		(c >= '1' && c <= '7' && peek(re, 1) >= '0' &&
			peek(re, 1) <= '7')) {
		*out = 0;
		for (n = 0; n < 3 && peek(re, 0) >= '0' && peek(re, 0) <= '7';
			n++)
			*out = *out << 3 | (uint32_t)(re->s.p[re->at++] - '0');
		return 0;
	}
	if (c < 0x80 && (!is_word(c) || c == '_')) {
		re->at++;
		*out = (uint32_t)c;
		return 0;
	}
	if (is_digit(c))
		return bad(re, "RE2 has no back-references");
	return bad(re, "an escape that RE2 does not know");
}

/* ${n} bytes of the text that stand for a place. PCRE2 repeats none of these;
 * in brackets it does. */
static void put_place(struct re *re, size_t n)
{
	int next = peek(re, n);
	bool repeated = next > 0 && strchr("*+?{", next);

	if (repeated)
		buf_str(re->out, "(?:");
	buf_add(re->out, re->s.p + re->at, n);
	if (repeated)
		buf_byte(re->out, ')');
	re->at += n;
	re->before = BEFORE_ATOM;
}

static int unicode_class(struct re *re)
{
	return bad(re, "a Unicode class cannot be carried");
}

static int quoted(struct re *re)
{
	re->at++;
	while (peek(re, 0) >= 0) {
		if (peek(re, 0) == '\\' && peek(re, 1) == 'E') {
			re->at += 2;
			return 0;
		}
		if (put(re, take(re)))
			return -1;
	}
	return 0;
}

static int escape(struct re *re)
{
	uint32_t c;
	int e = peek(re, 1);

	if (e > 0 && strchr("AbBz", e)) {
		put_place(re, 2);
		return 0;
	}
	re->at++;
	switch (e) {
	case 'd':
	case 'D':
	case 'w':
	case 'W':
		buf_fmt(re->out, "\\%c", e);
		break;
	case 's':
		buf_str(re->out, "[\\t\\n\\f\\r ]");
		break;
	case 'S':
		buf_str(re->out, "[^\\t\\n\\f\\r ]");
		break;
	case 'p':
	case 'P':
		return unicode_class(re);
	case 'Q':
		return quoted(re);
	default:
		return escaped(re, &c) || put(re, c) ? -1 : 0;
	}
	re->at++;
	re->before = BEFORE_ATOM;
	return 0;
}

/* "[:alnum:]" inside a class; false when it is none. */
static int named_class(struct re *re, struct buf *out, bool *is)
{
	static const char *const names[] = {"alnum", "alpha", "ascii", "blank",
		"cntrl", "digit", "graph", "lower", "print", "punct", "space",
		"upper", "word", "xdigit"};
	struct span s = span_from(re->s, re->at);
	size_t end = span_search(span_from(s, 2), SPAN_LIT(":]")), i;
	struct span name;

	*is = false;
	if (!span_starts(s, SPAN_LIT("[:")) || end == SIZE_MAX)
		return 0;
	name = span_sub(s, 2, end);
	if (name.n && name.p[0] == '^')
		name = span_from(name, 1);
	for (i = 0; i < ARRAY_LEN(names) && !span_is(name, names[i]); i++)
		;
	if (i == ARRAY_LEN(names))
		return bad(re, "no such class of characters");
	buf_add(out, s.p, end + 4);
	re->at += end + 4;
	*is = true;
	return 0;
}

/* \d and its like inside a class; false when it is none. PCRE2's \s has VT. */
static int escaped_class(struct re *re, struct buf *out, bool *is)
{
	int c = peek(re, 1);

	*is = false;
	if (peek(re, 0) != '\\' || c <= 0 || !strchr("dDwWsSpP", c))
		return 0;
	if (c == 'p' || c == 'P')
		return unicode_class(re);
	if (c == 's')
		buf_str(out, "\\t\\n\\f\\r ");
	else
		buf_fmt(out, c == 'S' ? "\\S\\x0b" : "\\%c", c);
	re->at += 2;
	*is = true;
	return 0;
}

static int class_char(struct re *re, uint32_t *c)
{
	if (peek(re, 0) < 0)
		return bad(re, "']' is missing");
	if (peek(re, 0) != '\\') {
		*c = take(re);
		return 0;
	}
	re->at++;
	return escaped(re, c);
}

/* One character or a range: ASCII into ${out}, else into ${wide}. */
static int class_range(struct re *re, struct buf *out, struct buf *wide)
{
	uint32_t lo, hi;

	if (class_char(re, &lo))
		return -1;
	hi = lo;
	if (peek(re, 0) == '-' && peek(re, 1) >= 0 && peek(re, 1) != ']') {
		re->at++;
		if (class_char(re, &hi))
			return -1;
	}
	if (hi < lo)
		return bad(re, "a range that runs backwards");
	if (hi >= 0x80 && (lo != hi || re->fold))
		return bad(re,
			"a range or (?i) of characters outside ASCII "
			"cannot be carried");
	if (hi >= 0x80) {
		buf_byte(wide, '|');
		put_wide(wide, hi);
		return 0;
	}
	put_ascii(out, lo);
	if (hi != lo) {
		buf_byte(out, '-');
		put_ascii(out, hi);
	}
	return 0;
}

static int class_items(struct re *re, struct buf *out, struct buf *wide)
{
	bool first = true, is;

	while (first || peek(re, 0) != ']') {
		first = false;
		if (named_class(re, out, &is))
			return -1;
		if (!is && escaped_class(re, out, &is))
			return -1;
		if (!is && class_range(re, out, wide))
			return -1;
	}
	re->at++;
	return 0;
}

static int set(struct re *re)
{
	struct buf ascii = BUF_INIT(re->out->max),
		   wide = BUF_INIT(re->out->max);
	bool negated;
	int ret = -1;

	re->at++;
	negated = peek(re, 0) == '^';
	if (negated)
		re->at++;
	if (class_items(re, &ascii, &wide))
		goto out;
	if (wide.n && negated) {
		bad(re,
			"a negated class of characters outside ASCII cannot be "
			"carried");
		goto out;
	}
	if (wide.n)
		buf_str(re->out, "(?:");
	if (ascii.n) {
		buf_str(re->out, negated ? "[^" : "[");
		buf_span(re->out, buf_all(&ascii));
		buf_byte(re->out, ']');
	}
	if (wide.n) {
		buf_span(re->out, span_from(buf_all(&wide), ascii.n ? 0 : 1));
		buf_byte(re->out, ')');
	}
	re->before = BEFORE_ATOM;
	ret = 0;
out:
	buf_free(&ascii);
	buf_free(&wide);
	return ret;
}

static int open_named(struct re *re, size_t from)
{
	size_t n = 0;

	while (is_word(peek(re, from + n)))
		n++;
	if (!n || peek(re, from + n) != '>')
		return bad(re, "not a name of a group");
	re->at += from + n + 1;
	/* Nobody asks for it by its name. */
	buf_byte(re->out, '(');
	re->groups++;
	return 0;
}

/* "(?flags)" and "(?flags:". */
static int open_flags(struct re *re)
{
	size_t n = 2;
	bool minus = false, any = false;
	int c;

	for (;; n++) {
		c = peek(re, n);
		if (c == '-' && !minus) {
			minus = true;
			any = false;
			continue;
		}
		if (c <= 0 || !strchr("imsU", c))
			break;
		any = true;
		if (c == 'i' && !minus)
			re->fold = true;
	}
	if ((c != ':' && c != ')') || (minus && !any))
		return bad(re, "RE2 has no group of this kind");
	buf_add(re->out, re->s.p + re->at, n + 1);
	re->at += n + 1;
	if (c == ':')
		re->depth++;
	return 0;
}

static int open(struct re *re)
{
	re->before = BEFORE_NOTHING;
	if (re->depth >= RE2_DEPTH_MAX)
		return bad(re, "groups nested too deep");
	if (peek(re, 1) != '?') {
		re->at++;
		re->depth++;
		re->groups++;
		buf_byte(re->out, '(');
		return 0;
	}
	if (peek(re, 2) == 'P' && peek(re, 3) == '<') {
		re->depth++;
		return open_named(re, 4);
	}
	if (peek(re, 2) == '<' && is_word(peek(re, 3))) {
		re->depth++;
		return open_named(re, 3);
	}
	return open_flags(re);
}

static bool count(const struct re *re, size_t *n, uint32_t *v)
{
	size_t from = *n;

	*v = 0;
	for (; is_digit(peek(re, *n)); ++*n) {
		if (*v <= RE2_REPEAT_MAX)
			*v = *v * 10 + (uint32_t)(peek(re, *n) - '0');
	}
	/* As in Go: no number starts with 0 but 0. */
	return *n > from && (*n == from + 1 || peek(re, from) != '0');
}

/* Whether "{" starts a repetition, and how long that is; else 0. */
static int counted(struct re *re, size_t *len)
{
	uint32_t lo, hi;
	size_t n = 1;

	*len = 0;
	if (!count(re, &n, &lo))
		return 0;
	hi = lo;
	if (peek(re, n) == ',') {
		n++;
		if (peek(re, n) != '}' && !count(re, &n, &hi))
			return 0;
	}
	if (peek(re, n) != '}')
		return 0;
	if (lo > RE2_REPEAT_MAX || hi > RE2_REPEAT_MAX || hi < lo)
		return bad(re, "a repetition of more than 1000, or backwards");
	*len = n + 1;
	return 0;
}

static int repeat(struct re *re)
{
	size_t n = 1;

	if (peek(re, 0) == '{') {
		if (counted(re, &n))
			return -1;
		if (!n) {
			re->at++;
			return put(re, '{');
		}
	}
	if (re->before == BEFORE_NOTHING)
		return bad(re, "a repetition of nothing");
	if (re->before == BEFORE_REPEAT)
		return bad(re, "RE2 has no repetition of a repetition");
	if (peek(re, n) == '?')
		n++;
	buf_add(re->out, re->s.p + re->at, n);
	re->at += n;
	re->before = BEFORE_REPEAT;
	return 0;
}

static int step(struct re *re)
{
	int c = peek(re, 0);

	switch (c) {
	case '\\':
		return escape(re);
	case '[':
		return set(re);
	case '(':
		return open(re);
	case '*':
	case '+':
	case '?':
	case '{':
		return repeat(re);
	case ')':
		if (!re->depth)
			return bad(re, "')' without '('");
		re->depth--;
		re->before = BEFORE_ATOM;
		break;
	case '|':
		re->before = BEFORE_NOTHING;
		break;
	case '^':
	case '$':
		put_place(re, 1);
		return 0;
	case '.':
		re->before = BEFORE_ATOM;
		break;
	default:
		return put(re, take(re));
	}
	buf_byte(re->out, (unsigned char)c);
	re->at++;
	return 0;
}

int re2_translate(
	struct span text, struct buf *out, unsigned *groups, struct err *err)
{
	struct re re = {.s = text, .out = out, .err = err};

	while (re.at < text.n) {
		if (step(&re))
			return -1;
	}
	if (re.depth)
		return bad(&re, "')' is missing");
	if (groups)
		*groups = re.groups;
	return buf_check(out, "a regular expression", err);
}
