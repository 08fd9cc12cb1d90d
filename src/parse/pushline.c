#include "parse/pushline.h"

/* Take the last word off: a local name may be any expression. */
static bool last_word(struct span *line, struct span *word)
{
	size_t at = line->n;

	while (at && line->p[at - 1] != ' ')
		at--;
	if (!at)
		return false;
	*word = span_from(*line, at);
	*line = span_sub(*line, 0, at - 1);
	return word->n != 0;
}

int pushline_turn(struct span text, struct buf *out, struct err *err)
{
	struct span line, new, ref, old;
	size_t number = 0;
	bool lf;

	while (span_line(&text, &line, &lf)) {
		number++;
		if (!lf || !last_word(&line, &old) || !last_word(&line, &ref) ||
			!last_word(&line, &new) || !line.n)
			return err_set(err, ERR_INPUT,
				"line %zu of what git asks to push is not "
				"'<name> <oid> <ref> <oid>'",
				number);
		buf_span(out, old);
		buf_byte(out, ' ');
		buf_span(out, new);
		buf_byte(out, ' ');
		buf_span(out, ref);
		buf_byte(out, '\n');
	}
	return buf_check(out, "what git asks to push", err);
}
