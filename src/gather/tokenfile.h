/* Files beside the policy that are for the network: what opens a forge, and
 * whose certificates are good there. */
#ifndef GATHER_TOKENFILE_H
#define GATHER_TOKENFILE_H

#include "base/buf.h"
#include "parse/tokenfile.h"

/*
 * token_read(policy, file, url, out, err):
 * The token in the file that the policy at ${policy} calls ${file}, of which
 * nobody else can read or change anything (port/trustfile.h), if it is for
 * ${url}. Wipe ${out}, also after failure. No error shows a byte of the file.
 *
 * trusted_path(policy, file, out, err):
 * Where such a file is, absolute, once nobody else can change it.
 */
MUST_USE int token_read(const char *policy, const char *file, const char *url,
	struct buf *out, struct err *err);
MUST_USE int trusted_path(
	const char *policy, const char *file, struct buf *out, struct err *err);

#endif
