#include "parse/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is written back to the same bytes, and its answer alone says the
 * same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(TICKET_MAX);
	struct span in = span_of(data, size);
	struct ticket t, answer;
	struct err err = ERR_INIT;

	if (!ticket_parse(in, &t, &err)) {
		ticket_write(&t, &again);
		if (!span_eq(buf_all(&again), in))
			die("ticket: read and written differ");
		if (ticket_answer_parse(
			    span_sub(in, 0, TICKET_ANSWER), &answer, &err) ||
			answer.word != t.word || answer.index != t.index)
			die("ticket: the answer alone differs");
	}
	buf_free(&again);
	return 0;
}
