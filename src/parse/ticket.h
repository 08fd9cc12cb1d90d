/*
 * A record that waits for whoever is appending to take it along (log/queue.h).
 * A file: room for the answer, filled up with zeros; a line; the record.
 *
 *	(zeros)                                  it waits
 *	taken <index>                            it may become that entry
 *	ok <index> <size> <SHA-256 of the record, hex>     it is that entry
 *
 *	record <length> <SHA-256, hex>
 */
#ifndef PARSE_TICKET_H
#define PARSE_TICKET_H

#include "parse/receipt.h"

#define TICKET_ANSWER 256u /* bytes for the answer */
#define TICKET_RECORD 65536u
#define TICKET_MAX (TICKET_ANSWER + 128u + TICKET_RECORD)

enum ticket_word {
	TICKET_WAITS,
	TICKET_TAKEN,
	TICKET_DONE,
};

struct ticket {
	enum ticket_word word;
	uint64_t index;             /* TAKEN */
	struct log_receipt receipt; /* DONE */
	struct span record;         /* of 1 to TICKET_RECORD bytes */
	char sha256[65];            /* said of it, and not checked */
};

/* ticket_write(t, out): the whole file. */
void ticket_write(const struct ticket *t, struct buf *out);
/* ticket_answer_write(t, out): the first TICKET_ANSWER bytes of it. */
void ticket_answer_write(const struct ticket *t, struct buf *out);

/* ticket_parse(in, out, err): exactly what ticket_write makes, or ERR_LOG. */
MUST_USE int ticket_parse(struct span in, struct ticket *out, struct err *err);
/* ticket_answer_parse(in, out, err): of the first TICKET_ANSWER bytes. */
MUST_USE int ticket_answer_parse(
	struct span in, struct ticket *out, struct err *err);

#endif
