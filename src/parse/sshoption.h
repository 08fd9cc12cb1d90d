/*
 * The options in front of a public key, as in authorized_keys (sshd(8)) and
 * allowed_signers (ssh-keygen(1)): words with commas between them and no white
 * space, some with a quoted value in which \" stands for a quote.
 */
#ifndef PARSE_SSHOPTION_H
#define PARSE_SSHOPTION_H

#include "base/arena.h"
#include "base/err.h"

/* Which are set; bits. */
#define SSHOPTION_NO_TOUCH 1u   /* no-touch-required */
#define SSHOPTION_VERIFY 2u     /* verify-required */
#define SSHOPTION_NAMESPACES 4u /* namespaces="…" */
#define SSHOPTION_AFTER 8u      /* valid-after="…" */
#define SSHOPTION_BEFORE 16u    /* valid-before="…" */
#define SSHOPTION_AUTHORITY 32u /* cert-authority */

struct sshoptions {
	unsigned set;
	struct span namespaces; /* a list of patterns; see sshpattern.h */
	int64_t after, before;  /* seconds since 1970; still valid at both */
};

/*
 * sshoptions_read(line, allowed, arena, out, err):
 * Take the options and the white space behind them off *${line}. ERR_INPUT for
 * a word that is not known or not among the bits ${allowed}, one that stands
 * there twice, a value where none belongs or none where one does, a time that
 * does not say that it is UTC, and one after which nothing is valid: an option
 * that is passed over would widen what the line allows.
 */
MUST_USE int sshoptions_read(struct span *line, unsigned allowed,
	struct arena *arena, struct sshoptions *out, struct err *err);

#endif
