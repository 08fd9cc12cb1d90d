#include "parse/canonical.h"

#include "base/text.h"

#define DIGITS_MAX 18

static bool value_take(struct span *rest, const struct shape *s);

/* The address stays when nothing is left: lengths are taken from it. */
static void skip(struct span *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

bool canonical_take(struct span *rest, struct span word)
{
	if (rest->n < word.n || memcmp(rest->p, word.p, word.n))
		return false;
	skip(rest, word.n);
	return true;
}

static bool take_byte(struct span *rest, unsigned char c)
{
	if (!rest->n || *rest->p != c)
		return false;
	skip(rest, 1);
	return true;
}

/* What stands in a text besides plain ASCII. */
struct found {
	bool escapes, high, control;
};

/* Only the escapes that are written so, and in no other way. */
static bool escape_ok(unsigned char c, struct found *f)
{
	f->escapes = true;
	switch (c) {
	case '"':
	case '\\':
		return true;
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		f->control = true;
		return true;
	default:
		return false;
	}
}

#define EACH(c) (0x0101010101010101u * (c))

/* Past bytes that are plain ASCII, as far as eight at once tell. */
static const unsigned char *skip_plain(
	const unsigned char *p, const unsigned char *end)
{
	uint64_t w, quote, escape;

	for (; (size_t)(end - p) >= sizeof(w); p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		quote = w ^ EACH('"');
		escape = w ^ EACH('\\');
		if ((w | (w - EACH(0x20)) | (quote - EACH(1)) |
			    (escape - EACH(1))) &
			EACH(0x80))
			break;
	}
	return p;
}

/* A text; ${inside} without its quotes, as it is written. */
static bool text_take(struct span *rest, struct span *inside, struct found *f)
{
	const unsigned char *p, *end = rest->p + rest->n;

	*f = (struct found){.escapes = false};
	if (!take_byte(rest, '"'))
		return false;
	for (p = skip_plain(rest->p, end); p < end && *p != '"'; p++) {
		if (*p < 0x20)
			return false;
		f->high |= *p >= 0x80;
		if (*p != '\\')
			continue;
		if (++p == end || !escape_ok(*p, f))
			return false;
	}
	if (p == end)
		return false;
	*inside = span_of(rest->p, (size_t)(p - rest->p));
	*rest = span_of(p + 1, (size_t)(end - p - 1));
	return !f->high || text_is_utf8(*inside);
}

/* Escapes only ever make a text shorter, and no name of a control character. */
static bool shaped_take(struct span *rest, const struct shape *s)
{
	struct span inside;
	struct found f;

	if (!text_take(rest, &inside, &f))
		return false;
	if (f.escapes && s->type != SHAPE_TEXT &&
		(s->type != SHAPE_NAME || f.control))
		return false;
	return shape_text(s, inside);
}

/* A text of one length, of which the quotes are looked at first. */
static bool fixed_take(struct span *rest, const struct shape *s, size_t n)
{
	if (rest->n < n + 2 || rest->p[0] != '"' || rest->p[n + 1] != '"' ||
		!shape_text(s, span_of(rest->p + 1, n)))
		return false;
	skip(rest, n + 2);
	return true;
}

static bool count_take(struct span *rest)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9')
		n++;
	if (!n || n > DIGITS_MAX || (n > 1 && *rest->p == '0'))
		return false;
	skip(rest, n);
	return true;
}

/* A key and its colon; in order, so that none comes twice. */
static bool key_take(struct span *rest, struct span *before, struct span *key)
{
	struct found f;

	if (!text_take(rest, key, &f) || f.escapes || !take_byte(rest, ':') ||
		(before->p && span_cmp(*before, *key) >= 0))
		return false;
	*before = *key;
	return true;
}

static const struct shape *row_of(const struct shape *keys, struct span key)
{
	const struct shape *s;

	for (s = keys; s->key; s++)
		if (key.n && s->key[0] == (char)key.p[0] &&
			span_is(key, s->key))
			return s;
	return NULL;
}

bool canonical_object(
	struct span *rest, const struct shape *keys, struct span *value)
{
	struct span before = SPAN_EMPTY, key;
	uint64_t seen = 0;
	const struct shape *s;
	size_t i;

	for (i = 0; keys[i].key; i++) {
		if (i == CANONICAL_KEYS_MAX)
			return false;
		if (value)
			value[i] = SPAN_EMPTY;
	}
	if (!take_byte(rest, '{'))
		return false;
	while (!take_byte(rest, '}')) {
		if (before.p && !take_byte(rest, ','))
			return false;
		if (!key_take(rest, &before, &key))
			return false;
		s = row_of(keys, key);
		if (!s ||
			!canonical_value(
				rest, s, value ? &value[s - keys] : NULL))
			return false;
		seen |= (uint64_t)1 << (s - keys);
	}
	for (i = 0; keys[i].key; i++)
		if (keys[i].required && !(seen >> i & 1))
			return false;
	return true;
}

static bool counts_take(struct span *rest, const struct shape *s)
{
	static const struct shape id = {NULL, SHAPE_ID, true, 0, NULL, NULL};
	struct span before = SPAN_EMPTY, key;
	size_t n = 0;

	if (!take_byte(rest, '{'))
		return false;
	while (!take_byte(rest, '}'))
		if ((n && !take_byte(rest, ',')) || n++ == s->max ||
			!key_take(rest, &before, &key) ||
			!shape_text(&id, key) || !count_take(rest))
			return false;
	return true;
}

static bool array_take(struct span *rest, const struct shape *each, size_t max)
{
	size_t n = 0;

	if (!take_byte(rest, '['))
		return false;
	while (!take_byte(rest, ']'))
		if ((n && !take_byte(rest, ',')) || n++ == max ||
			!value_take(rest, each))
			return false;
	return true;
}

static bool value_take(struct span *rest, const struct shape *s)
{
	struct shape object = {NULL, SHAPE_OBJECT, true, 0, NULL, s->keys};

	switch (s->type) {
	case SHAPE_OID:
		return fixed_take(rest, s, 40);
	case SHAPE_SHA256:
		return fixed_take(rest, s, 64);
	case SHAPE_TIME:
		return fixed_take(rest, s, 20);
	case SHAPE_TEXT:
	case SHAPE_NAME:
	case SHAPE_ID:
	case SHAPE_HEX:
	case SHAPE_WORD:
		return shaped_take(rest, s);
	case SHAPE_BOOL:
		return canonical_take(rest, SPAN_LIT("true")) ||
			canonical_take(rest, SPAN_LIT("false"));
	case SHAPE_COUNT:
		return count_take(rest);
	case SHAPE_OBJECT:
		return canonical_object(rest, s->keys, NULL);
	case SHAPE_OBJECTS:
		return array_take(rest, &object, s->max);
	case SHAPE_TEXTS:
		return array_take(rest, &shape_item_text, s->max);
	case SHAPE_OIDS:
		return array_take(rest, &shape_item_oid, s->max);
	case SHAPE_COUNTS:
		return counts_take(rest, s);
	}
	return false;
}

bool canonical_value(
	struct span *rest, const struct shape *s, struct span *value)
{
	const unsigned char *from = rest->p;

	if (!value_take(rest, s))
		return false;
	if (value)
		*value = span_of(from, (size_t)(rest->p - from));
	return true;
}

struct span canonical_get(
	const struct shape *keys, const struct span *value, const char *key)
{
	size_t i;

	for (i = 0; keys[i].key; i++)
		if (keys[i].key[0] == key[0] && !strcmp(keys[i].key, key))
			return value[i];
	return SPAN_EMPTY;
}

size_t canonical_row(const struct shape *keys, const char *key)
{
	const struct shape *s = row_of(keys, span_str(key));

	if (!s)
		die("canonical: no row '%s'", key);
	return (size_t)(s - keys);
}

struct span canonical_inside(struct span value)
{
	return value.n < 2 ? SPAN_EMPTY : span_of(value.p + 1, value.n - 2);
}

struct span canonical_begin(struct span list)
{
	return canonical_inside(list);
}

bool canonical_more(struct span *items)
{
	(void)take_byte(items, ',');
	return items->n > 0;
}

struct span canonical_member(struct span *items)
{
	struct span before = SPAN_EMPTY, key = SPAN_EMPTY;

	return key_take(items, &before, &key) ? key : SPAN_EMPTY;
}

static unsigned char unescaped(unsigned char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

struct span canonical_text(struct span value, struct arena *a)
{
	struct span s = canonical_inside(value);
	unsigned char *out;
	size_t i, n = 0;

	if (span_find(s, '\\') == SIZE_MAX)
		return arena_copy(a, s);
	out = arena_get(a, s.n + 1, 1);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '\\')
			out[n++] = s.p[i];
		else if (++i < s.n)
			out[n++] = unescaped(s.p[i]);
	}
	return span_of(out, n);
}

uint64_t canonical_number(struct span value)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < value.n && i < DIGITS_MAX; i++)
		n = n * 10 + (value.p[i] - (unsigned)'0');
	return n;
}
