/*
 * Why something could not be done. A failure ("could not tell") is never a
 * judgement ("breaks policy"): findings are another type, in model/finding.h.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"

enum err_code {
	ERR_NONE,
	ERR_USAGE,  /* the command line */
	ERR_POLICY, /* the policy file, or what it refers to */
	ERR_INPUT,  /* bytes from outside do not have the expected form */
	ERR_LIMIT,  /* a stated maximum was passed */
	ERR_REPO,   /* the Git repository */
	ERR_CRYPTO, /* a cryptographic library refused to work */
	ERR_NET,    /* the network, through sluice-http */
	ERR_LOG,    /* the evidence log is damaged or refuses */
	ERR_SYS,    /* the operating system; `sys` holds errno */
};

#define ERR_TEXT_MAX 480
#define ERR_HINT_MAX 240

/* Fixed size, so that failing never allocates. Start with `struct err e = {0}`
 * (ERR_INIT). */
struct err {
	enum err_code code;
	int sys;
	char text[ERR_TEXT_MAX];
	char hint[ERR_HINT_MAX];
};

#define ERR_INIT                 \
	{                        \
		.code = ERR_NONE \
	}

/*
 * err_set(err, code, fmt, ...):
 * Record the first cause and return -1. The text is lower case, without a full
 * stop, and quotes names. Control bytes in it are replaced by '?'.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	PRINTF(3, 4);

/*
 * err_sys(err, fmt, ...):
 * As err_set with ERR_SYS; appends ": " and the text of errno, which it keeps.
 */
int err_sys(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/*
 * err_in(err, fmt, ...):
 * Put "<text>: " in front of the cause, to say where it happened. Returns -1.
 */
int err_in(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/*
 * err_hint(err, fmt, ...):
 * The next step for the reader, shown on a line of its own. Keeps a hint that
 * is already there. Returns -1.
 */
int err_hint(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* err_clear(err): back to the state of ERR_INIT. */
void err_clear(struct err *err);

/*
 * die(fmt, ...):
 * A broken invariant or no memory: say so on stderr, exit with status 2. In a
 * hook that refuses the push; in the judge the parent records and refuses.
 */
NORETURN void die(const char *fmt, ...) PRINTF(1, 2);

#endif
