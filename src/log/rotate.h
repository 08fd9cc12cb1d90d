/*
 * The log goes over to another key of the same name: an entry of kind "key"
 * with a statement that both sign, under a checkpoint that both sign; after it
 * the new key signs alone. Killed at any point, the log verifies and appends,
 * and this can be run again.
 *
 *	1. the new secret key, in a file of its own;
 *	2. the statement, for the next entry's number;
 *	3. the entry, as any other: promised when the journal has it;
 *	4. the statement added to the folder's file of all changes, the new
 *	   public key, then the secret one, in the place of the old.
 *
 * An append after 3 does 4 first, one before it forgets the statement.
 */
#ifndef LOG_ROTATE_H
#define LOG_ROTATE_H

#include "parse/receipt.h"

struct rotate_ask {
	const char *key;  /* file with the new secret key; NULL: one is made */
	bool compromised; /* somebody else may have the old one */
	int64_t now;
};

struct rotate_result {
	bool earlier; /* one that was cut short is finished, and nothing else
		       * was done */
	struct log_receipt log; /* of the entry; not with the above */
	struct buf old, new;    /* verifier keys, freed by the caller */
};

MUST_USE int rotate_run(const char *state, const struct rotate_ask *ask,
	struct rotate_result *out, struct err *err);

#endif
