/*
 * Lines with SSH public keys: "[options] type base64 comment", as in .pub and
 * authorized_keys files, and with principals in front of that, as in the
 * ALLOWED SIGNERS files of ssh-keygen(1).
 */
#ifndef PARSE_SSHKEYLINE_H
#define PARSE_SSHKEYLINE_H

#include "parse/sshkey.h"
#include "parse/sshoption.h"

struct sshkeyline {
	size_t number;          /* of the line, from 1 */
	struct span principals; /* patterns of who may sign; see sshpattern.h.
				 * Of a person's key file empty */
	struct sshoptions options;
	struct sshkey key;   /* of a kind that is supported */
	struct span comment; /* not signed by anybody */
};

/* sshkeyline_key(line, arena, key, comment, err): "type base64 comment" alone,
 * with a key of any kind. */
MUST_USE int sshkeyline_key(struct span line, struct arena *arena,
	struct sshkey *key, struct span *comment, struct err *err);

#define SSHKEYLINE_MAX 16384 /* in one file */

/*
 * sshkeyline_file(text, arena, out, n, err):
 * A person's key file. Empty lines and lines that start with '#' are passed
 * over. Any option but cert-authority may stand in front of a key, and those
 * about security keys only where it is one. Refused, with the number of the
 * line: any other option, a kind of key that is not supported, a type that is
 * not the blob's, a secret key; and a file without keys.
 */
MUST_USE int sshkeyline_file(struct span text, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err);

/*
 * sshkeyline_signers(text, arena, out, n, err):
 * An ALLOWED SIGNERS file: "principals [options] type base64 comment". The
 * principals are a list of patterns, in quotes if there is white space in it.
 * cert-authority may be among the options. A file without keys is one that
 * admits nobody.
 */
MUST_USE int sshkeyline_signers(struct span text, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err);

#endif
