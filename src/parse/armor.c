#include "parse/armor.h"

#include "base/text.h"

#define LINE_MAX_BYTES 1024 /* of one line; writers use 64 to 76 */

static struct span trim_end(struct span s)
{
	while (s.n &&
		(s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' ||
			s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static bool line_next(struct span *rest, struct span *line)
{
	if (!span_line(rest, line, NULL))
		return false;
	*line = trim_end(*line);
	return line->n <= LINE_MAX_BYTES;
}

static bool is_fence(struct span line, const char *word, const char *label)
{
	char want[128];

	snprintf(want, sizeof(want), "-----%s %s-----", word, label);
	return span_is(line, want);
}

uint32_t armor_crc24(struct span s)
{
	uint32_t crc = 0xb704ce;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		crc ^= (uint32_t)s.p[i] << 16;
		for (bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if (crc & 0x1000000)
				crc ^= 0x1864cfb;
		}
	}
	return crc & 0xffffff;
}

static bool crc_right(struct span line, struct span bytes)
{
	struct buf sum = BUF_INIT(3);
	uint32_t crc = armor_crc24(bytes);
	bool right = text_base64_read(span_from(line, 1), &sum) && sum.n == 3 &&
		sum.p[0] == crc >> 16 && sum.p[1] == (crc >> 8 & 0xff) &&
		sum.p[2] == (crc & 0xff);

	buf_free(&sum);
	return right;
}

/* Headers such as "Version: x" up to the empty line, without which a reader
 * could take the body's first lines for headers. */
static bool headers_pass(struct span *rest)
{
	struct span line;

	while (line_next(rest, &line)) {
		if (line.n == 0)
			return true;
		if (span_search(line, SPAN_LIT(": ")) == SIZE_MAX &&
			line.p[line.n - 1] != ':')
			return false;
	}
	return false;
}

int armor_next(struct span *rest, const char *label, struct arena *arena,
	struct span *out, struct err *err)
{
	struct buf digits = BUF_INIT(rest->n), bytes = BUF_INIT(rest->n);
	const bool pgp = span_starts(span_str(label), SPAN_LIT("PGP "));
	struct span line = SPAN_EMPTY, sum = SPAN_EMPTY;
	int ret = -1;

	*out = SPAN_EMPTY;
	while (line.n == 0)
		if (!line_next(rest, &line))
			break;
	if (!is_fence(line, "BEGIN", label)) {
		err_set(err, ERR_INPUT, "no '%s' block", label);
		goto out;
	}
	if (pgp && !headers_pass(rest)) {
		err_set(err, ERR_INPUT, "the armour has unreadable headers");
		goto out;
	}
	while (line_next(rest, &line)) {
		if (is_fence(line, "END", label))
			break;
		if (sum.n) {
			err_set(err, ERR_INPUT, "the armour's sum is not last");
			goto out;
		}
		if (pgp && line.n && line.p[0] == '=')
			sum = line;
		else
			buf_span(&digits, line);
	}
	if (!is_fence(line, "END", label)) {
		err_set(err, ERR_INPUT, "the '%s' block has no end", label);
		goto out;
	}
	if (!text_base64_read(buf_all(&digits), &bytes)) {
		err_set(err, ERR_INPUT, "the armour is not base64");
		goto out;
	}
	if (sum.n && !crc_right(sum, buf_all(&bytes))) {
		err_set(err, ERR_INPUT, "the armour's sum is wrong");
		goto out;
	}
	*out = arena_copy(arena, buf_all(&bytes));
	ret = 0;
out:
	buf_free(&digits);
	buf_free(&bytes);
	return ret;
}

int armor_read(struct span text, const char *label, struct arena *arena,
	struct span *out, struct err *err)
{
	*out = SPAN_EMPTY;
	if (text.n > ARMOR_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "it is larger than %u bytes",
			ARMOR_TEXT_MAX);
	if (armor_next(&text, label, arena, out, err))
		return -1;
	if (span_trim(text).n) {
		*out = SPAN_EMPTY;
		return err_set(err, ERR_INPUT, "something follows the armour");
	}
	return 0;
}
