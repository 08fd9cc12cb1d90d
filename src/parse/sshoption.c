#include "parse/sshoption.h"

#include "base/text.h"

static const struct {
	const char *name;
	unsigned bit;
} words[] = {
	{"no-touch-required", SSHOPTION_NO_TOUCH},
	{"verify-required", SSHOPTION_VERIFY},
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

static int one(struct span *line, unsigned allowed, struct sshoptions *out,
	struct err *err)
{
	struct span name = name_take(line);
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (text_same(name, span_str(words[i].name)))
			break;
	if (i == ARRAY_LEN(words))
		return unknown(name, err);
	if (!(allowed & words[i].bit))
		return err_set(err, ERR_INPUT,
			"the option '%s' has no place here", words[i].name);
	if (out->set & words[i].bit)
		return err_set(err, ERR_INPUT,
			"the option '%s' stands there twice", words[i].name);
	if (!blank(*line, 0) && line->p[0] == '=')
		return err_set(err, ERR_INPUT, "the option '%s' takes no value",
			words[i].name);
	out->set |= words[i].bit;
	return 0;
}

int sshoptions_read(struct span *line, unsigned allowed, struct sshoptions *out,
	struct err *err)
{
	memset(out, 0, sizeof(*out));
	for (;;) {
		if (one(line, allowed, out, err))
			return -1;
		if (blank(*line, 0))
			break;
		/* Else it is a comma: nothing else ends a name. */
		*line = span_from(*line, 1);
	}
	*line = span_trim(*line);
	return 0;
}
