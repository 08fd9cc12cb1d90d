/* Whether a line of the policy lets a signature pass that is proven to be of
 * its key, or of a key that its authority certified. */
#ifndef GATHER_SSHADMIT_H
#define GATHER_SSHADMIT_H

#include "gather/sshbook.h"
#include "model/fact.h"
#include "parse/sshsig.h"

/* sshadmit(line, sig, at, why): good, bad or expired at the time ${at};
 * *${why} is what is wrong, or "". */
enum signature_status sshadmit(const struct sshkeyline *line,
	const struct sshsig *sig, int64_t at, const char **why);

#endif
