#include "parse/ticket.h"

#include "base/text.h"

#define SHA_HEX 64
#define TAKEN "taken "
#define RECORD "record "

void ticket_answer_write(const struct ticket *t, struct buf *out)
{
	const struct receipt done = {.word = RECEIPT_OK, .log = t->receipt};
	size_t from = out->n;

	if (t->word == TICKET_TAKEN)
		buf_fmt(out, TAKEN "%llu\n", (unsigned long long)t->index);
	else if (t->word == TICKET_DONE)
		receipt_write(&done, out);
	while (!out->full && out->n - from < TICKET_ANSWER)
		buf_byte(out, '\0');
}

void ticket_write(const struct ticket *t, struct buf *out)
{
	ticket_answer_write(t, out);
	buf_fmt(out, RECORD "%zu %s\n", t->record.n, t->sha256);
	buf_span(out, t->record);
}

static int unreadable(struct ticket *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_LOG, "no ticket of a record that waits");
}

/* A line, and zeros. */
static bool answer_read(struct span in, struct ticket *out)
{
	struct span line = in;
	struct receipt r;
	struct err ignored = ERR_INIT;
	size_t lf = span_find(in, '\n'), i;

	if (in.n != TICKET_ANSWER)
		return false;
	lf = lf == SIZE_MAX ? 0 : lf + 1;
	for (i = lf; i < in.n; i++)
		if (in.p[i])
			return false;
	if (!lf)
		return true;
	line = span_sub(in, 0, lf);
	if (span_starts(line, SPAN_LIT(TAKEN))) {
		out->word = TICKET_TAKEN;
		line = span_sub(line, 0, lf - 1);
		return text_to_u64(
			span_from(line, strlen(TAKEN)), INT64_MAX, &out->index);
	}
	out->word = TICKET_DONE;
	if (receipt_parse(line, &r, &ignored) || r.word != RECEIPT_OK)
		return false;
	out->receipt = r.log;
	return true;
}

static bool record_read(struct span in, struct ticket *out)
{
	const struct span word = SPAN_LIT(RECORD);
	unsigned char sum[SHA_HEX / 2];
	struct span rest = in, line = SPAN_EMPTY, digest;
	bool lf = false;
	uint64_t length;
	size_t space;

	if (!span_line(&rest, &line, &lf) || !lf || !span_starts(line, word))
		return false;
	line = span_from(line, word.n);
	space = span_find(line, ' ');
	if (space == SIZE_MAX)
		return false;
	digest = span_from(line, space + 1);
	if (!text_to_u64(span_sub(line, 0, space), TICKET_RECORD, &length) ||
		!length || rest.n != length ||
		!text_hex_read(digest, sum, sizeof(sum)))
		return false;
	memcpy(out->sha256, digest.p, SHA_HEX);
	out->record = rest;
	return true;
}

int ticket_answer_parse(struct span in, struct ticket *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	return answer_read(in, out) ? 0 : unreadable(out, err);
}

int ticket_parse(struct span in, struct ticket *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (in.n > TICKET_MAX ||
		!answer_read(span_sub(in, 0, TICKET_ANSWER), out) ||
		!record_read(span_from(in, TICKET_ANSWER), out))
		return unreadable(out, err);
	return 0;
}
