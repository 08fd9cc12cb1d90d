#include "base/pathname.h"

#include "base/accents.h"
#include "base/text.h"

static bool is_separator(unsigned char c, bool windows)
{
	return c == '/' || (windows && c == '\\');
}

static bool next(struct span *rest, struct span *name, bool windows)
{
	size_t i = 0;

	if (!rest->p)
		return false;
	while (i < rest->n && !is_separator(rest->p[i], windows))
		i++;
	*name = span_of(rest->p, i);
	*rest = i == rest->n ? SPAN_EMPTY
			     : span_of(rest->p + i + 1, rest->n - i - 1);
	return true;
}

bool pathname_next(struct span *rest, struct span *name)
{
	return next(rest, name, false);
}

bool pathname_next_any(struct span *rest, struct span *name)
{
	return next(rest, name, true);
}

bool pathname_is_dots(struct span name)
{
	return !name.n || span_is(name, ".") || span_is(name, "..");
}

/* One code point of UTF-8 and its length; a byte that begins none is itself,
 * above all code points. */
static uint32_t code_point(struct span s, size_t *n)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = s.p[0] < 0x80 ? 1
		: s.p[0] < 0xc2    ? 0
		: s.p[0] < 0xe0    ? 2
		: s.p[0] < 0xf0    ? 3
		: s.p[0] < 0xf5    ? 4
				   : 0;
	uint32_t c;
	size_t i;

	*n = 1;
	if (len == 1)
		return s.p[0];
	if (!len || s.n < len || !text_is_utf8(span_sub(s, 0, len)))
		return 0x110000u + s.p[0];
	c = s.p[0] ^ lead[len];
	for (i = 1; i < len; i++)
		c = c << 6 | (s.p[i] & 0x3fu);
	*n = len;
	return c;
}

/* What HFS+ leaves out when it compares names: joiners, marks of direction,
 * the byte order mark. */
static bool is_ignored(uint32_t c)
{
	return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
		(c >= 0x206a && c <= 0x206f) || c == 0xfeff;
}

static bool between(uint32_t c, uint32_t from, uint32_t to)
{
	return c >= from && c <= to;
}

/* Large letters that are followed by their small one. */
static bool is_even_pair(uint32_t c)
{
	return between(c, 0x100, 0x137) || between(c, 0x14a, 0x177) ||
		between(c, 0x460, 0x481) || between(c, 0x48a, 0x4bf) ||
		between(c, 0x4d0, 0x52f) || between(c, 0x1e00, 0x1e95) ||
		between(c, 0x1ea0, 0x1eff) || between(c, 0x3d8, 0x3ef) ||
		between(c, 0x1de, 0x1ef) || between(c, 0x1f8, 0x21f) ||
		between(c, 0x222, 0x233);
}

static bool is_odd_pair(uint32_t c)
{
	return between(c, 0x139, 0x148) || between(c, 0x179, 0x17e) ||
		between(c, 0x4c1, 0x4ce) || between(c, 0x1cd, 0x1dc);
}

/* Unicode's simple case folding (CaseFolding.txt, C and S), for the scripts
 * that the header names. */
static uint32_t fold(uint32_t c)
{
	if (c < 0x80)
		return text_lower((unsigned char)c);
	if (between(c, 0xc0, 0xde) && c != 0xd7)
		return c + 32;
	if (c == 0x130)
		return 'i'; /* as HFS+ and NTFS nearly do */
	if (c == 0x178)
		return 0xff;
	if (c == 0x17f)
		return 's';
	if (c == 0x212a)
		return 'k';
	if (c == 0x1e9e)
		return 0xdf;
	if (is_even_pair(c))
		return c | 1;
	if (is_odd_pair(c))
		return c & 1 ? c + 1 : c;
	if (c == 0x386)
		return 0x3ac;
	if (between(c, 0x388, 0x38a))
		return c + 37;
	if (c == 0x38c)
		return 0x3cc;
	if (c == 0x38e || c == 0x38f)
		return c + 63;
	if (between(c, 0x391, 0x3ab))
		return c + 32;
	if (c == 0x3c2)
		return 0x3c3;
	if (c == 0xb5)
		return 0x3bc;
	if (between(c, 0x400, 0x40f))
		return c + 80;
	if (between(c, 0x410, 0x42f))
		return c + 32;
	if (c == 0x4c0)
		return 0x4cf;
	if (between(c, 0x531, 0x556))
		return c + 48;
	if (between(c, 0xff21, 0xff3a))
		return c + 32;
	return c;
}

static void put_code_point(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_byte(out, (unsigned char)c);
		return;
	}
	if (c < 0x800) {
		buf_byte(out, (unsigned char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_byte(out, (unsigned char)(0xe0 | c >> 12));
		} else {
			buf_byte(out, (unsigned char)(0xf0 | c >> 18));
			buf_byte(out, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_byte(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_byte(out, (unsigned char)(0x80 | (c & 0x3f)));
}

/* A letter and the marks behind it. More marks than that are not sorted. */
#define RUN_MAX 32
struct run {
	uint32_t v[RUN_MAX + ACCENTS_MAX];
	size_t n;
};

static void put_run(struct buf *out, struct run *r)
{
	size_t i;

	accents_sort(r->v, r->n);
	for (i = 0; i < r->n; i++)
		put_code_point(out, r->v[i]);
	r->n = 0;
}

static void fold_name(struct buf *out, struct span name, bool accents)
{
	struct run r = {.n = 0};
	size_t n, i;

	for (; name.n; name = span_from(name, n)) {
		uint32_t c = code_point(name, &n), part[ACCENTS_MAX];
		size_t parts;

		if (c >= 0x110000) {
			put_run(out, &r);
			buf_byte(out, name.p[0]);
			continue;
		}
		if (is_ignored(c))
			continue;
		part[0] = fold(c);
		parts = accents ? accents_split(part[0], part) : 1;
		for (i = 0; i < parts; i++)
			r.v[r.n++] = fold(part[i]);
		if (r.n >= RUN_MAX)
			put_run(out, &r);
	}
	put_run(out, &r);
}

void pathname_fold(struct buf *out, struct span name)
{
	fold_name(out, name, true);
}

void pathname_fold_case(struct buf *out, struct span name)
{
	fold_name(out, name, false);
}

/* The name as HFS+ compares it. */
static bool is_on_hfs(struct span name, const char *what)
{
	size_t n, at = 0;

	while (name.n) {
		uint32_t c = code_point(name, &n);

		name = span_from(name, n);
		if (is_ignored(c))
			continue;
		c = fold(c);
		if (at == 0 ? c != '.'
			    : !what[at - 1] || c != (unsigned char)what[at - 1])
			return false;
		at++;
	}
	return at && !what[at - 1];
}

/* Nothing that counts on NTFS follows: dots, blanks, or a stream. */
static bool ends_on_ntfs(struct span rest)
{
	while (rest.n && (rest.p[0] == '.' || rest.p[0] == ' '))
		rest = span_from(rest, 1);
	return !rest.n || rest.p[0] == ':';
}

/* "gi7eba~1" and the like: NTFS makes short names of six characters, or of two
 * and a hash when there are many alike; those of .gitmodules are the latter. */
static size_t short_name(struct span name, const char *what)
{
	size_t stem = strlen(what) > 6 ? 6 : strlen(what), digits = 0;

	if (name.n < stem + 2)
		return 0;
	if (!text_same(span_sub(name, 0, stem), span_of(what, stem))) {
		stem = 6;
		if (strlen(what) <= 6 || name.n < stem + 2 ||
			!text_same(span_sub(name, 0, 6), SPAN_LIT("gi7eba")))
			return 0;
	}
	if (name.p[stem] != '~')
		return 0;
	while (stem + 1 + digits < name.n && name.p[stem + 1 + digits] >= '0' &&
		name.p[stem + 1 + digits] <= '9')
		digits++;
	return digits ? stem + 1 + digits : 0;
}

static bool is_on_ntfs(struct span name, const char *what)
{
	size_t n = strlen(what) + 1, shorter;

	if (name.n >= n && name.p[0] == '.' &&
		text_same(span_sub(name, 1, n - 1), span_str(what)) &&
		ends_on_ntfs(span_from(name, n)))
		return true;
	shorter = short_name(name, what);
	return shorter && ends_on_ntfs(span_from(name, shorter));
}

bool pathname_is_git(struct span name, const char *what)
{
	/* A backslash separates folders on Windows. */
	for (;;) {
		size_t at = span_find(name, '\\');
		struct span part = span_sub(name, 0, at);

		if (is_on_ntfs(part, what) || is_on_hfs(part, what))
			return true;
		if (at == SIZE_MAX)
			return false;
		name = span_from(name, at + 1);
	}
}

/* The superscript digits one to three, which Windows takes for the others. */
static bool is_port_digit(struct span s)
{
	if (s.n == 1)
		return s.p[0] >= '1' && s.p[0] <= '9';
	return s.n == 2 && s.p[0] == 0xc2 &&
		(s.p[1] == 0xb9 || s.p[1] == 0xb2 || s.p[1] == 0xb3);
}

static bool is_device(struct span name)
{
	static const char *const devices[] = {
		"con", "prn", "aux", "nul", "conin$", "conout$"};
	size_t dot = span_find(name, '.'), colon = span_find(name, ':'), i;

	name = span_sub(name, 0, dot < colon ? dot : colon);
	while (name.n && name.p[name.n - 1] == ' ')
		name.n--;
	for (i = 0; i < ARRAY_LEN(devices); i++)
		if (text_same(name, span_str(devices[i])))
			return true;
	return (text_same(span_sub(name, 0, 3), SPAN_LIT("com")) ||
		       text_same(span_sub(name, 0, 3), SPAN_LIT("lpt"))) &&
		is_port_digit(span_from(name, 3));
}

const char *pathname_windows_fault(struct span name)
{
	size_t i;

	if (!name.n)
		return "an empty name";
	if (is_device(name))
		return "the name of a device on Windows";
	if (name.p[name.n - 1] == '.' || name.p[name.n - 1] == ' ')
		return "Windows drops the dot or blank at its end";
	for (i = 0; i < name.n; i++)
		if (name.p[i] < 0x20 || strchr("<>:\"|?*\\", name.p[i]))
			return "a character that Windows has in no name";
	return NULL;
}
