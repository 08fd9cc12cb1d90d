/*
 * Lines with SSH public keys: "[options] type base64 comment", as in .pub and
 * authorized_keys files.
 */
#ifndef PARSE_SSHKEYLINE_H
#define PARSE_SSHKEYLINE_H

#include "parse/sshkey.h"
#include "parse/sshoption.h"

struct sshkeyline {
	size_t number; /* of the line, from 1 */
	struct sshoptions options;
	struct sshkey key;   /* of a kind that is supported */
	struct span comment; /* not signed by anybody */
};

#define SSHKEYLINE_MAX 4096 /* in one file */

/* sshkeyline_read(line, allowed, arena, out, err): one that is not empty;
 * ${allowed}: as of sshoptions_read. */
MUST_USE int sshkeyline_read(struct span line, unsigned allowed,
	struct arena *arena, struct sshkeyline *out, struct err *err);

/*
 * sshkeyline_file(text, arena, out, n, err):
 * A person's key file. Empty lines and lines that start with '#' are passed
 * over. Of the options those about security keys are taken, and only where the
 * key is one. Refused, with the number of the line: any other option, a kind of
 * key that is not supported, a type that is not the blob's, a secret key; and a
 * file without keys.
 */
MUST_USE int sshkeyline_file(struct span text, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err);

#endif
