#include "parse/regexlines.h"

#define UNKNOWN REGEXLINES_UNKNOWN
#define DEPTH_MAX 64

struct at {
	const unsigned char *p, *end;
	unsigned depth;
	bool dotall;
	bool lost; /* something that is not understood */
};

/* Line feeds in what a part of the expression matches. */
struct feeds {
	size_t all, inner; /* inner: without the last byte */
	bool nothing;      /* matches no bytes */
};

static const struct feeds nowhere = {0, 0, true};

static struct feeds byte(bool feed)
{
	return (struct feeds){feed ? 1 : 0, 0, false};
}

static struct feeds lost(struct at *a)
{
	a->lost = true;
	a->p = a->end;
	return (struct feeds){UNKNOWN, UNKNOWN, false};
}

static bool more(const struct at *a)
{
	return a->p < a->end;
}

static bool take(struct at *a, char c)
{
	if (!more(a) || *a->p != (unsigned char)c)
		return false;
	a->p++;
	return true;
}

static size_t plus(size_t a, size_t b)
{
	return a > UNKNOWN - b ? UNKNOWN : a + b;
}

static size_t times(size_t a, size_t b)
{
	if (!a || !b)
		return 0;
	return a > UNKNOWN / b ? UNKNOWN : a * b;
}

/* Where ${b} matches nothing, the last byte is one of ${a}: no more then. */
static struct feeds follow(struct feeds a, struct feeds b)
{
	if (b.nothing)
		return a;
	return (struct feeds){plus(a.all, b.all), plus(a.all, b.inner), false};
}

static struct feeds either(struct feeds a, struct feeds b)
{
	return (struct feeds){a.all > b.all ? a.all : b.all,
		a.inner > b.inner ? a.inner : b.inner, a.nothing && b.nothing};
}

static struct feeds repeat(struct feeds each, size_t most)
{
	if (!most || each.nothing)
		return nowhere;
	return (struct feeds){times(each.all, most),
		plus(times(each.all, most - 1), each.inner), false};
}

static int digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* What follows \x: at most two digits, or any number in braces. */
static unsigned hex(struct at *a)
{
	bool braces = take(a, '{');
	unsigned value = 0, n = 0;

	while (more(a) && digit(*a->p) >= 0 && n < (braces ? 6u : 2u)) {
		value = value * 16 + (unsigned)digit(*a->p++);
		n++;
	}
	if (braces && (!n || !take(a, '}')))
		lost(a);
	return value;
}

/* After a backslash, in a class or not. */
struct escape {
	bool set;       /* stands for several bytes */
	unsigned value; /* else for this one */
	bool feed;      /* LF is, or may be, one of them */
	bool always;    /* it surely is */
};

static bool one_byte(struct at *a, unsigned char c, struct escape *out)
{
	switch (c) {
	case 'n':
		out->value = '\n';
		return true;
	case 'r':
		out->value = '\r';
		return true;
	case 't':
		out->value = '\t';
		return true;
	case 'f':
		out->value = '\f';
		return true;
	case 'a':
		out->value = '\a';
		return true;
	case 'e':
		out->value = 27;
		return true;
	case 'x':
		out->value = hex(a);
		return true;
	default:
		break;
	}
	/* A letter or digit with any other meaning is none of these; all else
	 * stands for itself. */
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z'))
		return false;
	out->value = c;
	return true;
}

static bool escape(struct at *a, struct escape *out)
{
	unsigned char c;

	*out = (struct escape){0};
	if (!more(a))
		return false;
	c = *a->p++;
	if (strchr("dwSh", c) && c) {
		out->set = true;
		return true;
	}
	if (strchr("sDWHv", c) && c) {
		out->set = out->feed = out->always = true;
		return true;
	}
	if (!one_byte(a, c, out))
		return false;
	out->feed = out->always = out->value == '\n';
	return true;
}

/* [:space:] and its like: which of them has LF in it is not asked. */
static bool named_set(struct at *a)
{
	const unsigned char *p = a->p;

	if (a->end - p < 2 || p[0] != '[' || !strchr(":.=", p[1]) || !p[1])
		return false;
	for (p += 2; p + 1 < a->end; p++)
		if (p[0] == a->p[1] && p[1] == ']') {
			a->p = p + 2;
			return true;
		}
	lost(a);
	return true;
}

struct members {
	bool may;  /* LF may be among them */
	bool must; /* it surely is */
	bool have; /* a byte that may begin a range */
	unsigned low;
};

static void range(struct members *m, unsigned high)
{
	if (m->low <= '\n' && high >= '\n')
		m->may = m->must = true;
	m->have = false;
}

static void member(struct at *a, struct members *m)
{
	struct escape e = {0};
	bool dash;

	if (named_set(a)) {
		m->may = true;
		m->have = false;
		return;
	}
	dash = m->have && a->end - a->p >= 2 && a->p[0] == '-' &&
		a->p[1] != ']';
	if (dash)
		a->p++;
	e.value = *a->p++;
	if (e.value == '\\') {
		/* In a class \b is backspace. */
		if (take(a, 'b')) {
			e.value = '\b';
		} else if (!escape(a, &e)) {
			lost(a);
			return;
		}
	} else if (e.value == '[' && dash) {
		lost(a);
		return;
	}
	m->may |= e.feed || (!e.set && e.value == '\n');
	m->must |= e.always || (!e.set && e.value == '\n');
	if (dash && e.set)
		lost(a);
	else if (dash)
		range(m, e.value);
	else {
		m->have = !e.set;
		m->low = e.value;
	}
}

/* After "[". */
static struct feeds class(struct at *a)
{
	bool not = take(a, '^'), first = true;
	struct members m = {0};

	while (more(a) && (first || *a->p != ']')) {
		first = false;
		member(a, &m);
	}
	if (!take(a, ']'))
		return lost(a);
	return byte(not ? !m.must : m.may);
}

static size_t number(struct at *a)
{
	size_t n = 0;

	while (more(a) && *a->p >= '0' && *a->p <= '9')
		n = plus(times(n, 10), (size_t)(*a->p++ - '0'));
	return n;
}

/* {3} {3,} {3,5}. What else starts like one may stand for itself or, in later
 * versions, be one too: {,5} {3, 5}. */
static bool braces(struct at *a, size_t *most)
{
	const unsigned char *p = a->p;

	if (a->end - p < 2 || p[0] != '{' || !strchr("0123456789, \t", p[1]) ||
		!p[1])
		return false;
	a->p++;
	*most = number(a);
	if (p[1] >= '0' && p[1] <= '9' && take(a, ','))
		*most = more(a) && *a->p == '}' ? UNKNOWN : number(a);
	if (!take(a, '}'))
		lost(a);
	return true;
}

static struct feeds repeated(struct at *a, struct feeds each)
{
	size_t most;

	while (more(a)) {
		if (take(a, '?'))
			most = 1;
		else if (take(a, '*') || take(a, '+'))
			most = UNKNOWN;
		else if (!braces(a, &most))
			break;
		/* The second of "+?" and "++" only says which is taken. */
		if (!take(a, '?'))
			(void)take(a, '+');
		each = repeat(each, most);
	}
	return each;
}

static struct feeds alternatives(struct at *a);

/* Up to ":" or ")". */
static bool flags(struct at *a)
{
	bool on = true;

	for (; more(a) && *a->p != ':' && *a->p != ')'; a->p++) {
		switch (*a->p) {
		case '-':
			on = false;
			break;
		case 's':
			a->dotall = on;
			break;
		case 'i':
		case 'm':
		case 'U':
			break;
		default:
			return false;
		}
	}
	return more(a);
}

static bool name(struct at *a)
{
	if (take(a, 'P') && (!more(a) || *a->p != '<'))
		return false;
	if (!take(a, '<') || !more(a) || *a->p == '=' || *a->p == '!')
		return false;
	while (more(a) && *a->p != '>')
		a->p++;
	return take(a, '>');
}

/* After "(". */
static struct feeds group(struct at *a)
{
	bool dotall = a->dotall;
	struct feeds n;

	if (more(a) && *a->p == '*')
		return lost(a);
	if (take(a, '?') && !take(a, ':') && !take(a, '>') && !take(a, '|')) {
		if (more(a) && (*a->p == 'P' || *a->p == '<')) {
			if (!name(a))
				return lost(a);
		} else if (!flags(a)) {
			return lost(a);
		} else if (take(a, ')')) {
			/* It holds to the end of the group round it. */
			return nowhere;
		} else {
			a->p++;
		}
	}
	if (++a->depth > DEPTH_MAX)
		return lost(a);
	n = alternatives(a);
	a->depth--;
	a->dotall = dotall;
	return take(a, ')') ? n : lost(a);
}

static struct feeds atom(struct at *a)
{
	unsigned char c = *a->p++;
	struct escape e;

	switch (c) {
	case '(':
		return group(a);
	case '[':
		return class(a);
	case '.':
		return byte(a->dotall);
	case '\\':
		if (more(a) && strchr("bBAzZ", *a->p) && *a->p) {
			a->p++;
			return nowhere;
		}
		if (!escape(a, &e))
			return lost(a);
		return byte(e.feed);
	case '^':
	case '$':
		return nowhere;
	default:
		return byte(c == '\n');
	}
}

static struct feeds alternatives(struct at *a)
{
	struct feeds most = nowhere, n = nowhere;

	while (more(a) && *a->p != ')') {
		if (take(a, '|')) {
			most = either(most, n);
			n = nowhere;
		} else {
			struct feeds each = atom(a);

			n = follow(n, repeated(a, each));
		}
	}
	return either(most, n);
}

size_t regexlines_most(struct span regex)
{
	struct at a = {.p = regex.p, .end = regex.p + regex.n};
	struct feeds n = regex.n ? alternatives(&a) : nowhere;

	return a.lost || more(&a) ? UNKNOWN : n.inner;
}
