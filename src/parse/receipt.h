/*
 * What the key holder, or logd, answers who wants a record in the log. A line,
 * and for a failure two more, of at most ERR_TEXT_MAX and ERR_HINT_MAX bytes:
 *
 *	ok <index> <size> <SHA-256 of the record, hex>
 *	fail <code> <errno>, the text, the hint (may be empty)
 *	busy                                   (nothing was done; ask again)
 *	log <size> <uid of logd> <verifier key> (what "status" is answered)
 */
#ifndef PARSE_RECEIPT_H
#define PARSE_RECEIPT_H

#include "base/buf.h"

#define RECEIPT_MAX 2048u
#define RECEIPT_VKEY_MAX 1024u

struct log_receipt {
	uint64_t index;  /* of the entry, from 0 */
	uint64_t size;   /* of the log that was signed with it */
	char record[65]; /* SHA-256 of the record, hex */
};

enum receipt_word {
	RECEIPT_NONE,
	RECEIPT_OK,
	RECEIPT_FAIL,
	RECEIPT_BUSY,
	RECEIPT_LOG,
};

struct receipt {
	enum receipt_word word;
	struct log_receipt log; /* OK; of LOG the size alone */
	struct err failure;     /* FAIL */
	uint64_t uid;           /* LOG */
	struct span vkey;       /* LOG; of the answer's bytes */
};

void receipt_write(const struct receipt *r, struct buf *out);

/* receipt_parse(in, out, err): exactly what receipt_write makes, or ERR_LOG. */
MUST_USE int receipt_parse(
	struct span in, struct receipt *out, struct err *err);

#endif
