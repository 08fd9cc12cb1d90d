#include "parse/sshoption.h"

#include "base/text.h"
#include "parse/sshpattern.h"
#include "parse/sshtime.h"

#define VALUE_MAX 16384 /* bytes */

static const struct {
	const char *name;
	unsigned bit;
	bool value;
} words[] = {
	{"no-touch-required", SSHOPTION_NO_TOUCH, false},
	{"verify-required", SSHOPTION_VERIFY, false},
	{"namespaces", SSHOPTION_NAMESPACES, true},
	{"valid-after", SSHOPTION_AFTER, true},
	{"valid-before", SSHOPTION_BEFORE, true},
	{"cert-authority", SSHOPTION_AUTHORITY, false},
};

struct reading {
	struct span *line;
	struct arena *arena;
	struct sshoptions *out;
	struct err *err;
};

static bool blank(struct span s, size_t at)
{
	return at == s.n || s.p[at] == ' ' || s.p[at] == '\t';
}

/* The name at the start, which ends at white space, a comma or '='. */
static struct span name_take(struct span *line)
{
	size_t n = 0;
	struct span name;

	while (!blank(*line, n) && line->p[n] != ',' && line->p[n] != '=')
		n++;
	name = span_sub(*line, 0, n);
	*line = span_from(*line, n);
	return name;
}

static int unknown(struct span name, struct err *err)
{
	struct buf shown = BUF_INIT(512);

	text_printable(&shown, name, 64);
	err_set(err, ERR_INPUT,
		"expected 'type base64 comment' or an option that is known, "
		"found '%s'",
		buf_cstr(&shown));
	buf_free(&shown);
	return -1;
}

/* ="value", taken off; in it a quote is written \". */
static int value_take(struct reading *r, const char *name, struct span *out)
{
	struct buf value = BUF_INIT(VALUE_MAX);
	struct span s = *r->line;
	size_t i = 2;
	int ret = -1;

	if (s.n < 2 || s.p[0] != '=' || s.p[1] != '"') {
		err_set(r->err, ERR_INPUT,
			"the option '%s' needs a value in quotes", name);
		goto out;
	}
	for (; i < s.n && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '"')
			i++;
		buf_byte(&value, s.p[i]);
	}
	if (i == s.n || value.full) {
		err_set(r->err, ERR_INPUT,
			"the value of the option '%s' does not end", name);
		goto out;
	}
	*r->line = span_from(s, i + 1);
	*out = arena_copy(r->arena, buf_all(&value));
	ret = 0;
out:
	buf_free(&value);
	return ret;
}

static int time_set(
	struct reading *r, const char *name, struct span value, int64_t *out)
{
	switch (sshtime_read(value, out)) {
	case SSHTIME_GOOD:
		return 0;
	case SSHTIME_ZONE:
		err_set(r->err, ERR_INPUT,
			"the time of the option '%s' does not say its zone",
			name);
		return err_hint(r->err,
			"write it in UTC with a 'Z' at its end, such as "
			"20300131Z or 203001312359Z");
	case SSHTIME_BAD:
		break;
	}
	return err_set(r->err, ERR_INPUT, "'%s' is given no time", name);
}

static int value_set(
	struct reading *r, unsigned bit, const char *name, struct span value)
{
	struct span rest = value, pattern;

	if (bit == SSHOPTION_AFTER)
		return time_set(r, name, value, &r->out->after);
	if (bit == SSHOPTION_BEFORE)
		return time_set(r, name, value, &r->out->before);
	while (sshpattern_next(&rest, &pattern))
		if (pattern.n > SSHPATTERN_MAX)
			return err_set(r->err, ERR_INPUT,
				"a pattern of more than %d bytes in '%s'",
				SSHPATTERN_MAX, name);
	r->out->namespaces = value;
	return 0;
}

static int one(struct reading *r, unsigned allowed)
{
	struct span name = name_take(r->line), value;
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (text_same(name, span_str(words[i].name)))
			break;
	if (i == ARRAY_LEN(words))
		return unknown(name, r->err);
	if (!(allowed & words[i].bit))
		return err_set(r->err, ERR_INPUT,
			"the option '%s' has no place here", words[i].name);
	if (r->out->set & words[i].bit)
		return err_set(r->err, ERR_INPUT,
			"the option '%s' stands there twice", words[i].name);
	r->out->set |= words[i].bit;
	if (words[i].value)
		return value_take(r, words[i].name, &value) ||
				value_set(r, words[i].bit, words[i].name, value)
			? -1
			: 0;
	if (!blank(*r->line, 0) && r->line->p[0] == '=')
		return err_set(r->err, ERR_INPUT,
			"the option '%s' takes no value", words[i].name);
	return 0;
}

int sshoptions_read(struct span *line, unsigned allowed, struct arena *arena,
	struct sshoptions *out, struct err *err)
{
	const unsigned both = SSHOPTION_AFTER | SSHOPTION_BEFORE;
	struct reading r = {line, arena, out, err};

	memset(out, 0, sizeof(*out));
	for (;;) {
		if (one(&r, allowed))
			return -1;
		if (blank(*line, 0))
			break;
		if (line->p[0] != ',')
			return err_set(err, ERR_INPUT,
				"expected a comma or white space behind an "
				"option's value");
		*line = span_from(*line, 1);
	}
	if ((out->set & both) == both && out->before <= out->after)
		return err_set(err, ERR_INPUT,
			"'valid-before' is not later than 'valid-after'");
	*line = span_trim(*line);
	return 0;
}
