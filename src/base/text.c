#include "base/text.h"

bool text_to_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (!s.n || s.n > 20 || (s.p[0] == '0' && s.n > 1))
		return false;
	for (i = 0; i < s.n; i++) {
		unsigned d = (unsigned)s.p[i] - '0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

void text_hex_write(char *out, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < bytes.n; i++) {
		*out++ = digits[bytes.p[i] >> 4];
		*out++ = digits[bytes.p[i] & 15];
	}
}

void text_hex(struct buf *out, struct span bytes)
{
	char hex[64];

	while (bytes.n) {
		struct span some = span_sub(bytes, 0, sizeof(hex) / 2);

		text_hex_write(hex, some);
		buf_add(out, hex, some.n * 2);
		bytes = span_from(bytes, some.n);
	}
}

/* Eight bytes at once: the high bit of each that is no digit. Each is taken
 * without its own high bit, so that no sum reaches into the next. */
#define EACH(c) (0x0101010101010101u * (c))

static uint64_t not_hex(uint64_t w)
{
	uint64_t low = w & EACH(0x7f);
	uint64_t digit = (low + EACH(0x80 - '0')) & ~(low + EACH(0x7f - '9'));
	uint64_t letter = (low + EACH(0x80 - 'a')) & ~(low + EACH(0x7f - 'f'));

	return (~(digit | letter) | w) & EACH(0x80);
}

bool text_is_hex(struct span s)
{
	uint64_t w, bad = 0;

	for (; s.n >= sizeof(w);
		s = span_of(s.p + sizeof(w), s.n - sizeof(w))) {
		memcpy(&w, s.p, sizeof(w));
		bad |= not_hex(w);
	}
	w = EACH('0');
	if (s.n)
		memcpy(&w, s.p, s.n);
	return !(bad | not_hex(w));
}

/* '0' and 'a' have the same distance from their digit but for bit 6. */
static unsigned hex_value(unsigned char c)
{
	return (c & 15u) + (c >> 6) * 9u;
}

bool text_hex_read(struct span hex, unsigned char *out, size_t n)
{
	size_t i;

	if (hex.n != n * 2 || !text_is_hex(hex))
		return false;
	for (i = 0; i < n; i++)
		out[i] = (unsigned char)(hex_value(hex.p[2 * i]) << 4 |
			hex_value(hex.p[2 * i + 1]));
	return true;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void text_base64(struct buf *out, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)s.p[i] << 16;
		char q[4];

		if (left > 1)
			v |= (unsigned)s.p[i + 1] << 8;
		if (left > 2)
			v |= s.p[i + 2];
		q[0] = base64_digits[v >> 18];
		q[1] = base64_digits[v >> 12 & 63];
		q[2] = left > 1 ? base64_digits[v >> 6 & 63] : '=';
		q[3] = left > 2 ? base64_digits[v & 63] : '=';
		buf_add(out, q, 4);
	}
}

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool text_base64_read(struct span s, struct buf *out)
{
	size_t i, pad = 0;

	if (s.n % 4)
		return false;
	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	for (i = 0; i < s.n; i += 4) {
		size_t have = i + 4 == s.n ? 4 - pad : 4, k;
		unsigned v = 0;

		for (k = 0; k < have; k++) {
			int d = base64_value(s.p[i + k]);

			if (d < 0)
				return false;
			v |= (unsigned)d << (18 - 6 * k);
		}
		if (have < 4 && (v & (have == 2 ? 0xffffu : 0xffu)))
			return false;
		buf_byte(out, (unsigned char)(v >> 16));
		if (have > 2)
			buf_byte(out, (unsigned char)(v >> 8));
		if (have > 3)
			buf_byte(out, (unsigned char)v);
	}
	return !out->full;
}

/* Length of the well-formed UTF-8 sequence at the start, 0 if there is none. */
static size_t utf8_one(struct span s, uint32_t *cp)
{
	unsigned char c = s.p[0];
	size_t n, i;
	uint32_t v;

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		n = 2, v = c & 0x1fu;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3, v = c & 0x0fu;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4, v = c & 0x07u;
	else
		return 0;
	if (s.n < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s.p[i] & 0x3fu);
	}
	if ((n == 3 && v < 0x800) ||
		(n == 4 && (v < 0x10000 || v > 0x10ffff)) ||
		(v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return n;
}

bool text_is_utf8(struct span s)
{
	uint32_t cp;

	while (s.n) {
		size_t n = utf8_one(s, &cp);

		if (!n)
			return false;
		s = span_from(s, n);
	}
	return true;
}

/* Characters that change how the rest of a line is shown, or hide. */
static bool is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c ||
		(cp >= 0x200b && cp <= 0x200f) ||
		(cp >= 0x2028 && cp <= 0x202e) ||
		(cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
		(cp >= 0xfff9 && cp <= 0xfffb) || cp >= 0xe0000;
}

bool text_has_control(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* How many bytes of plain ASCII, which is most text, ${s} begins with. */
static size_t plain(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '\\')
		n++;
	return n;
}

static void printable(
	struct buf *out, struct span s, size_t max, const char *backslash)
{
	bool cut = s.n > max;
	size_t i;

	s = span_sub(s, 0, max);
	while (s.n) {
		uint32_t cp = 0;
		size_t n = plain(s);

		if (n) {
			buf_add(out, s.p, n);
			s = span_from(s, n);
			continue;
		}
		n = utf8_one(s, &cp);
		if (n && cp == '\\') {
			buf_str(out, backslash);
		} else if (n && !is_unsafe(cp)) {
			buf_add(out, s.p, n);
		} else {
			n = n ? n : 1;
			for (i = 0; i < n; i++)
				buf_fmt(out, "\\x%02x", s.p[i]);
		}
		s = span_from(s, n);
	}
	if (cut)
		buf_str(out, "\xe2\x80\xa6");
}

void text_printable(struct buf *out, struct span s, size_t max)
{
	printable(out, s, max, "\\\\");
}

void text_still_printable(struct buf *out, struct span s, size_t max)
{
	printable(out, s, max, "\\");
}

void text_unprintable(struct buf *out, struct span s)
{
	while (s.n) {
		unsigned char byte;
		size_t n = 1;

		if (span_starts(s, SPAN_LIT("\\\\"))) {
			byte = '\\';
			n = 2;
		} else if (span_starts(s, SPAN_LIT("\\x")) && s.n >= 4 &&
			text_hex_read(span_sub(s, 2, 2), &byte, 1)) {
			n = 4;
		} else {
			byte = s.p[0];
		}
		buf_byte(out, byte);
		s = span_from(s, n);
	}
}

/* The set of places in a pattern that what was read so far can stand for: a
 * bit a byte of the pattern, and one for its end. */
struct glob {
	struct span p;
	uint64_t at[GLOB_MAX / 64 + 1];
};

static bool glob_deep(const struct glob *g, size_t i)
{
	return i + 1 < g->p.n && g->p.p[i + 1] == '*';
}

/* A star may stand for nothing, so the place behind it is reached as well. */
static void glob_reach(struct glob *g, size_t i)
{
	while (i < g->p.n && g->p.p[i] == '*') {
		size_t after = i + (glob_deep(g, i) ? 2 : 1);

		g->at[i / 64] |= UINT64_C(1) << (i % 64);
		/* Between slashes, two stars also match no folder. */
		if (after == i + 2 && after < g->p.n && g->p.p[after] == '/' &&
			(!i || g->p.p[i - 1] == '/'))
			glob_reach(g, after + 1);
		i = after;
	}
	g->at[i / 64] |= UINT64_C(1) << (i % 64);
}

/* What one byte makes of place i. */
static void glob_step(
	const struct glob *g, size_t i, unsigned char c, struct glob *next)
{
	unsigned char want = i < g->p.n ? g->p.p[i] : 0;

	if (i == g->p.n)
		return;
	if (want == '*') {
		if (c != '/' || glob_deep(g, i))
			glob_reach(next, i);
	} else if (want == '?' ? c != '/' : want == c) {
		glob_reach(next, i + 1);
	}
}

bool text_glob(struct span pattern, struct span s)
{
	struct glob g = {.p = pattern}, next;
	size_t i, w, words = pattern.n / 64 + 1;
	bool alive = true;

	if (pattern.n > GLOB_MAX)
		return false;
	glob_reach(&g, 0);
	for (i = 0; i < s.n && alive; i++) {
		next.p = pattern;
		memset(next.at, 0, words * sizeof(*next.at));
		alive = false;
		for (w = 0; w < words; w++) {
			uint64_t left = g.at[w];

			for (; left; left &= left - 1)
				glob_step(&g,
					w * 64 + (size_t)__builtin_ctzll(left),
					s.p[i], &next);
		}
		for (w = 0; w < words; w++) {
			g.at[w] = next.at[w];
			alive |= g.at[w] != 0;
		}
	}
	return g.at[pattern.n / 64] >> (pattern.n % 64) & 1;
}

bool text_same(struct span a, struct span b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++)
		if (text_lower(a.p[i]) != text_lower(b.p[i]))
			return false;
	return true;
}
