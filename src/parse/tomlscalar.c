#include "parse/tomlscalar.h"

#include <math.h>

#include "base/banned.h"
#include "base/text.h"

int toml_bad(struct toml_reader *r, const char *what)
{
	return err_set(r->err, ERR_INPUT, "line %zu: %s", r->line, what);
}

int toml_peek(const struct toml_reader *r, size_t ahead)
{
	return ahead < r->s.n - r->at ? r->s.p[r->at + ahead] : -1;
}

void toml_blank(struct toml_reader *r)
{
	while (toml_peek(r, 0) == ' ' || toml_peek(r, 0) == '\t')
		r->at++;
}

static bool is_control(int c)
{
	return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f;
}

/* LF or CR LF. */
static bool line_end(struct toml_reader *r)
{
	size_t n = toml_peek(r, 0) == '\r' ? 1 : 0;

	if (toml_peek(r, n) != '\n')
		return false;
	r->at += n + 1;
	r->line++;
	return true;
}

static int comment(struct toml_reader *r)
{
	int c;

	toml_blank(r);
	if (toml_peek(r, 0) != '#')
		return 0;
	for (; (c = toml_peek(r, 0)) >= 0 && c != '\n'; r->at++) {
		if (c == '\r' && toml_peek(r, 1) == '\n')
			break;
		if (is_control(c))
			return toml_bad(r, "a control character in a comment");
	}
	return 0;
}

int toml_rest(struct toml_reader *r)
{
	if (comment(r))
		return -1;
	if (toml_peek(r, 0) >= 0 && !line_end(r))
		return toml_bad(r, "expected the end of the line");
	return 0;
}

int toml_lines(struct toml_reader *r)
{
	do {
		if (comment(r))
			return -1;
	} while (line_end(r));
	return 0;
}

static int hex_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_byte(b, (unsigned char)c);
	} else if (c < 0x800) {
		buf_byte(b, (unsigned char)(0xc0 | c >> 6));
		buf_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_byte(b, (unsigned char)(0xe0 | c >> 12));
		buf_byte(b, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		buf_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
	} else {
		buf_byte(b, (unsigned char)(0xf0 | c >> 18));
		buf_byte(b, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
		buf_byte(b, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		buf_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
	}
}

static int code_point(struct toml_reader *r, size_t digits)
{
	uint32_t c = 0;
	size_t i;

	for (i = 0; i < digits; i++) {
		int d = hex_of(toml_peek(r, i));

		if (d < 0)
			return toml_bad(r, "expected hex digits after '\\'");
		c = c << 4 | (uint32_t)d;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return toml_bad(r, "an escape that is no character");
	r->at += digits;
	add_utf8(&r->text, c);
	return 0;
}

/* "\" at the end of a line takes all blanks and ends of lines with it. */
static bool joined(struct toml_reader *r)
{
	size_t at = r->at, line = r->line;

	toml_blank(r);
	if (!line_end(r)) {
		r->at = at;
		r->line = line;
		return false;
	}
	do {
		toml_blank(r);
	} while (line_end(r));
	return true;
}

static int escape(struct toml_reader *r, bool lines)
{
	static const char name[] = "btnfr\"\\", value[] = "\b\t\n\f\r\"\\";
	int c;
	const char *p;

	if (lines && joined(r))
		return 0;
	c = toml_peek(r, 0);
	if (c >= 0)
		r->at++;
	if (c == 'u' || c == 'U')
		return code_point(r, c == 'u' ? 4 : 8);
	p = c > 0 ? strchr(name, c) : NULL;
	if (!p)
		return toml_bad(r, "an escape that TOML does not know");
	buf_byte(&r->text, (unsigned char)value[p - name]);
	return 0;
}

static size_t quotes(const struct toml_reader *r, int quote)
{
	size_t n = 0;

	while (n < 5 && toml_peek(r, n) == quote)
		n++;
	return n;
}

/* Three quotes end it; up to two before them are part of it. */
static int many_lines(struct toml_reader *r, int quote)
{
	size_t n;
	int c;

	line_end(r);
	for (;;) {
		n = quotes(r, quote);
		if (n >= 3) {
			for (r->at += n; n > 3; n--)
				buf_byte(&r->text, (unsigned char)quote);
			return 0;
		}
		c = toml_peek(r, 0);
		if (c < 0)
			return toml_bad(r, "a string that does not end");
		if (line_end(r)) {
			buf_byte(&r->text, '\n');
			continue;
		}
		if (is_control(c))
			return toml_bad(r, "a control character in a string");
		r->at++;
		if (c == '\\' && quote == '"') {
			if (escape(r, true))
				return -1;
			continue;
		}
		buf_byte(&r->text, (unsigned char)c);
	}
}

static int one_line(struct toml_reader *r, int quote)
{
	int c;

	for (;;) {
		c = toml_peek(r, 0);
		if (c < 0 || c == '\n')
			return toml_bad(r, "a string that does not end");
		if (is_control(c))
			return toml_bad(r, "a control character in a string");
		r->at++;
		if (c == quote)
			return 0;
		if (c == '\\' && quote == '"') {
			if (escape(r, false))
				return -1;
			continue;
		}
		buf_byte(&r->text, (unsigned char)c);
	}
}

int toml_string(struct toml_reader *r, bool lines, struct span *out)
{
	int quote = toml_peek(r, 0), ret;

	buf_reset(&r->text);
	if (lines && quotes(r, quote) >= 3) {
		r->at += 3;
		ret = many_lines(r, quote);
	} else {
		r->at++;
		ret = one_line(r, quote);
	}
	if (!ret)
		*out = arena_copy(r->arena, buf_all(&r->text));
	return ret;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Digits with single underscores between them, into the buffer. */
static bool digits(struct span *s, unsigned base, struct buf *out)
{
	bool any = false;

	while (s->n) {
		size_t skip = any && s->p[0] == '_' && s->n > 1 ? 1 : 0;
		int d = hex_of(s->p[skip]);

		if (d < 0 || (unsigned)d >= base)
			break;
		buf_byte(out, s->p[skip]);
		*s = span_from(*s, skip + 1);
		any = true;
	}
	return any;
}

static bool integer_of(
	const struct buf *text, bool minus, unsigned base, int64_t *out)
{
	const uint64_t max = minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < text->n; i++) {
		uint64_t d = (uint64_t)hex_of(text->p[i]);

		if (v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

static int prefixed(struct toml_reader *r, struct span s, struct toml *out)
{
	unsigned base = s.p[1] == 'x' ? 16 : s.p[1] == 'o' ? 8 : 2;

	s = span_from(s, 2);
	if (!digits(&s, base, &r->text) || s.n)
		return toml_bad(r, "not a number");
	if (!integer_of(&r->text, false, base, &out->integer))
		return toml_bad(r, "an integer that is too large");
	out->kind = TOML_INT;
	return 0;
}

static bool fraction(struct span *s, struct buf *text)
{
	if (s->n && s->p[0] == '.') {
		buf_byte(text, '.');
		*s = span_from(*s, 1);
		if (!digits(s, 10, text))
			return false;
	}
	if (s->n && (s->p[0] | 0x20) == 'e') {
		buf_byte(text, 'e');
		*s = span_from(*s, 1);
		if (s->n && (s->p[0] == '+' || s->p[0] == '-')) {
			buf_byte(text, s->p[0]);
			*s = span_from(*s, 1);
		}
		if (!digits(s, 10, text))
			return false;
	}
	return true;
}

static int number(struct toml_reader *r, struct span s, struct toml *out)
{
	bool minus = s.n && s.p[0] == '-';
	size_t whole;

	buf_reset(&r->text);
	if (s.n > 2 && s.p[0] == '0' && strchr("xob", s.p[1]))
		return prefixed(r, s, out);
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = span_from(s, 1);
	if (span_is(s, "inf") || span_is(s, "nan")) {
		out->kind = TOML_REAL;
		out->real = s.p[0] == 'n' ? (double)NAN : (double)INFINITY;
		if (minus)
			out->real = -out->real;
		return 0;
	}
	if (!digits(&s, 10, &r->text) || (r->text.n > 1 && r->text.p[0] == '0'))
		return toml_bad(r, "not a value");
	whole = r->text.n;
	if (!fraction(&s, &r->text) || s.n)
		return toml_bad(r, "not a number");
	if (r->text.n > whole) {
		out->kind = TOML_REAL;
		out->real = strtod(buf_cstr(&r->text), NULL);
		if (minus)
			out->real = -out->real;
		return 0;
	}
	out->kind = TOML_INT;
	if (!integer_of(&r->text, minus, 10, &out->integer))
		return toml_bad(r, "an integer that is too large");
	return 0;
}

/* ${n} digits, of a number in [lo, hi]. */
static bool field(
	struct span *s, size_t n, unsigned lo, unsigned hi, unsigned *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < n; i++) {
		if (i >= s->n || !is_digit(s->p[i]))
			return false;
		*out = *out * 10 + (unsigned)(s->p[i] - '0');
	}
	*s = span_from(*s, n);
	return *out >= lo && *out <= hi;
}

static bool mark(struct span *s, const char *any)
{
	if (!s->n || !s->p[0] || !strchr(any, s->p[0]))
		return false;
	*s = span_from(*s, 1);
	return true;
}

static bool is_clock(struct span *s)
{
	unsigned v;

	if (!field(s, 2, 0, 23, &v) || !mark(s, ":") ||
		!field(s, 2, 0, 59, &v) || !mark(s, ":") ||
		!field(s, 2, 0, 59, &v))
		return false;
	if (!mark(s, "."))
		return true;
	if (!s->n || !is_digit(s->p[0]))
		return false;
	while (s->n && is_digit(s->p[0]))
		*s = span_from(*s, 1);
	return true;
}

static bool is_date(struct span *s)
{
	unsigned y, m, d;

	if (!field(s, 4, 1, 9999, &y) || !mark(s, "-") ||
		!field(s, 2, 1, 12, &m) || !mark(s, "-") ||
		!field(s, 2, 1, 31, &d))
		return false;
	if (m == 2)
		return d <= (!(y % 4) && (y % 100 || !(y % 400)) ? 29u : 28u);
	return d <= (m == 4 || m == 6 || m == 9 || m == 11 ? 30u : 31u);
}

static bool is_time(struct span s)
{
	unsigned v;

	if (s.n > 2 && s.p[2] == ':')
		return is_clock(&s) && !s.n;
	if (!is_date(&s))
		return false;
	if (!s.n)
		return true;
	if (!mark(&s, "Tt ") || !is_clock(&s))
		return false;
	if (mark(&s, "Zz"))
		return !s.n;
	if (!s.n)
		return true;
	return mark(&s, "+-") && field(&s, 2, 0, 23, &v) && mark(&s, ":") &&
		field(&s, 2, 0, 59, &v) && !s.n;
}

/* Everything up to what may follow a value. A date and a time may have one
 * space between them. */
static struct span word(const struct toml_reader *r)
{
	static const char ends[] = " \t\r\n#,]}";
	struct span s = span_from(r->s, r->at);
	size_t n = 0;

	while (n < s.n && s.p[n] && !strchr(ends, s.p[n]))
		n++;
	if (n == 10 && s.n > 13 && s.p[4] == '-' && s.p[7] == '-' &&
		s.p[10] == ' ' && is_digit(s.p[11]) && is_digit(s.p[12]))
		for (n = 11; n < s.n && s.p[n] && !strchr(ends, s.p[n]);)
			n++;
	return span_sub(s, 0, n);
}

int toml_scalar(struct toml_reader *r, struct toml *out)
{
	struct span s;

	if (toml_peek(r, 0) == '"' || toml_peek(r, 0) == '\'') {
		out->kind = TOML_STRING;
		return toml_string(r, true, &out->text);
	}
	s = word(r);
	r->at += s.n;
	if (!s.n)
		return toml_bad(r, "expected a value");
	if (span_is(s, "true") || span_is(s, "false")) {
		out->kind = TOML_BOOL;
		out->boolean = s.n == 4;
		return 0;
	}
	if (is_time(s)) {
		out->kind = TOML_TIME;
		out->text = arena_copy(r->arena, s);
		return 0;
	}
	return number(r, s, out);
}
