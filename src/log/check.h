/*
 * Checking a whole log: everything that can be recomputed is, and what is
 * damaged is named, each thing once.
 */
#ifndef LOG_CHECK_H
#define LOG_CHECK_H

#include "log/source.h"
#include "log/tree.h"

/* What a check has to say about one thing. */
enum check_word {
	CHECK_NOTE,    /* no damage: an append that was cut short … */
	CHECK_DAMAGE,  /* it is not what was signed, or not there */
	CHECK_UNKNOWN, /* it could not be read */
};

struct log_check {
	struct log_source *src; /* the public log */
	struct span vkey;       /* the verifier key's text */
	const char *state;      /* with high-water mark, vault and index; or
				 * NULL for a copy of the log alone */
	/* Told of each finding; ${what} names the file or entry. */
	void (*tell)(void *ctx, enum check_word word, const char *what);
	void *ctx;
};

struct log_check_result {
	uint64_t size; /* of the checkpoint */
	struct hash root;
	uint64_t records; /* of the vault, checked */
	size_t damaged, unknown;
};

/* log_check_run(c, out, err): -1 only when nothing could be checked at all;
 * otherwise ${out} counts what was told. */
MUST_USE int log_check_run(const struct log_check *c,
	struct log_check_result *out, struct err *err);

#endif
