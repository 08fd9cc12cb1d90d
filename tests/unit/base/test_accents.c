/* Against Python, which has Unicode's tables of its own. */
#include "base/accents.h"

#include "base/io.h"
#include "base/text.h"
#include "support/unit.h"

#define LINE_MAX_POINTS 64

/* "<code points> = <the same decomposed>", in hexadecimal: every code point
 * that is known, then letters with marks in any order. */
static const char script[] =
	"python3 - >lines <<'END'\n"
	"import random, unicodedata as u\n"
	"def line(s):\n"
	"    d = u.normalize('NFD', s)\n"
	"    print(*('%x' % ord(c) for c in s), '=',\n"
	"          *('%x' % ord(c) for c in d))\n"
	"for c in range(0x10000):\n"
	"    if not 0xd800 <= c < 0xe000 and not 0xf900 <= c < 0xfb00:\n"
	"        line(chr(c))\n"
	"random.seed(7)\n"
	"for _ in range(5000):\n"
	"    line(''.join(random.choice('ae\\u00e4\\u1eadx') +\n"
	"        ''.join(chr(random.randrange(0x300, 0x370))\n"
	"            for _ in range(random.randrange(5)))\n"
	"        for _ in range(2)))\n"
	"END\n";

static size_t points(struct span text, uint32_t *out)
{
	size_t n = 0, at;

	for (text = span_trim(text); text.n; text = span_trim(text)) {
		char one[16];

		at = span_find(text, ' ');
		snprintf(one, sizeof(one), "%.*s", (int)span_sub(text, 0, at).n,
			(const char *)text.p);
		assert_true(n < LINE_MAX_POINTS);
		out[n++] = (uint32_t)strtoul(one, NULL, 16);
		if (at == SIZE_MAX)
			break;
		text = span_from(text, at);
	}
	return n;
}

static void letters_come_apart_as_in_unicode(void **state)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(8u << 20);
	struct span rest, line;
	struct err err = ERR_INIT;
	size_t lines = 0, i, k;
	char dir[256];

	(void)state;
	unit_dir(dir, sizeof(dir));
	unit_shell(dir, script);
	io_join(&path, dir, "lines");
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	rest = buf_all(&text);
	while (span_line(&rest, &line, NULL)) {
		uint32_t in[LINE_MAX_POINTS], want[LINE_MAX_POINTS],
			have[LINE_MAX_POINTS * ACCENTS_MAX];
		size_t at = span_find(line, '='), n = 0, nin, nwant;

		nin = points(span_sub(line, 0, at), in);
		nwant = points(span_from(line, at + 1), want);
		for (i = 0; i < nin; i++)
			n += accents_split(in[i], have + n);
		accents_sort(have, n);
		for (k = 0; k < n && n == nwant && have[k] == want[k]; k++)
			;
		if (n != nwant || k < n)
			fail_msg("%.*s", (int)line.n, (const char *)line.p);
		lines++;
	}
	assert_true(lines > 65000);
	buf_free(&path);
	buf_free(&text);
	unit_rm(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_come_apart_as_in_unicode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
