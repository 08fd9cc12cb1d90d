#include "parse/archivemagic.h"

#include <string.h>

#define TAR_BLOCK 512
#define TAR_MAGIC 257
#define TAR_SUM 148
#define ZIP_TAIL 22
#define ZIP_COMMENT 65535

static bool is_at(struct span s, size_t at, const char *text, size_t n)
{
	return s.n >= at + n && !memcmp(s.p + at, text, n);
}

#define IS_AT(s, at, text) is_at((s), (at), (text), sizeof(text) - 1)

static bool digits(struct span s, size_t at, size_t n, unsigned base)
{
	size_t i;

	if (s.n < at + n)
		return false;
	for (i = at; i < at + n; i++) {
		unsigned char c = s.p[i];

		if (c >= '0' && c <= '7')
			continue;
		if (base != 16 ||
			!((c >= '8' && c <= '9') || (c >= 'a' && c <= 'f') ||
				(c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

/* A tar of before 1988 has no magic: its first block has a sum of itself. */
static bool has_tar_sum(struct span s)
{
	unsigned long said = 0, sum = 0;
	size_t i;

	if (s.n < TAR_BLOCK || s.n % TAR_BLOCK || !s.p[0])
		return false;
	for (i = TAR_SUM; i < TAR_SUM + 8 && s.p[i] == ' '; i++)
		;
	for (; i < TAR_SUM + 8 && s.p[i] >= '0' && s.p[i] <= '7'; i++)
		said = said * 8 + (s.p[i] - (unsigned)'0');
	for (i = 0; i < TAR_BLOCK; i++)
		sum += i >= TAR_SUM && i < TAR_SUM + 8 ? ' ' : s.p[i];
	return said == sum;
}

/* The end of a zip, without a comment: other programs may stand before it. */
static bool has_zip_tail(struct span s)
{
	return s.n >= ZIP_TAIL && IS_AT(s, s.n - ZIP_TAIL, "PK\5\6") &&
		IS_AT(s, s.n - 2, "\0\0");
}

static bool is_cpio(struct span s)
{
	if (IS_AT(s, 0, "070707"))
		return digits(s, 6, 70, 8);
	return (IS_AT(s, 0, "070701") || IS_AT(s, 0, "070702")) &&
		digits(s, 6, 104, 16);
}

enum archive_magic archive_magic(struct span s)
{
	if (s.n < 8)
		return ARCHIVE_NONE;
	switch (s.p[0]) {
	case 'P':
		if (IS_AT(s, 0, "PK\3\4") || IS_AT(s, 0, "PK\5\6"))
			return ARCHIVE_SURE;
		break;
	case 0x1f:
		if (IS_AT(s, 0, "\x1f\x8b\x08"))
			return ARCHIVE_SURE;
		break;
	case 'B':
		if (IS_AT(s, 0, "BZh") && s.p[3] >= '1' && s.p[3] <= '9' &&
			(IS_AT(s, 4, "1AY&SY") ||
				IS_AT(s, 4, "\x17\x72\x45\x38\x50\x90")))
			return ARCHIVE_SURE;
		break;
	case 0xfd:
		if (IS_AT(s, 0,
			    "\xfd"
			    "7zXZ\0"))
			return ARCHIVE_SURE;
		break;
	case '(':
		if (IS_AT(s, 0, "\x28\xb5\x2f\xfd"))
			return ARCHIVE_SURE;
		break;
	case '7':
		if (IS_AT(s, 0, "7z\xbc\xaf\x27\x1c"))
			return ARCHIVE_SURE;
		break;
	case '!':
		if (IS_AT(s, 0, "!<arch>\n"))
			return ARCHIVE_SURE;
		break;
	case '0':
		if (is_cpio(s))
			return ARCHIVE_SURE;
		break;
	default:
		break;
	}
	if (IS_AT(s, TAR_MAGIC, "ustar\0") || IS_AT(s, TAR_MAGIC, "ustar  \0"))
		return ARCHIVE_SURE;
	return has_zip_tail(s) || has_tar_sum(s) ? ARCHIVE_MAYBE : ARCHIVE_NONE;
}

bool archive_zip_ends(struct span s)
{
	size_t at, room = s.n < ZIP_TAIL ? 0 : s.n - ZIP_TAIL + 1;
	size_t last =
		s.n < ZIP_TAIL + ZIP_COMMENT ? 0 : s.n - ZIP_TAIL - ZIP_COMMENT;

	for (at = room; at > last; at--)
		if (IS_AT(s, at - 1, "PK\5\6"))
			return true;
	return false;
}

struct span archive_strip(struct span path)
{
	static const struct span suffix[] = {{(const unsigned char *)".gz", 3},
		{(const unsigned char *)".bz2", 4},
		{(const unsigned char *)".xz", 3},
		{(const unsigned char *)".zst", 4}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffix); i++)
		if (span_ends(path, suffix[i]))
			return span_sub(path, 0, path.n - suffix[i].n);
	return path;
}
