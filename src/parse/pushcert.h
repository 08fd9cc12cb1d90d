/*
 * Push certificates, what `git push --signed` sends and git keeps as a blob
 * (git's pack-protocol, "Push Certificate"; send-pack.c writes them):
 *
 *	certificate version 0.1
 *	pusher <name or key> <seconds> <time zone>
 *	pushee <url>			at most one
 *	nonce <text>			at most one
 *	push-option <text>		any number
 *	<empty line>
 *	<old> SP <new> SP <ref>		at least one
 *	-----BEGIN … SIGNATURE-----	over all that is above
 */
#ifndef PARSE_PUSHCERT_H
#define PARSE_PUSHCERT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/change.h"
#include "model/push.h"

#define PUSHCERT_MAX (4u << 20) /* bytes of a certificate */
#define PUSHCERT_LINE_MAX 65516 /* of a line with its LF: git's pkt-line */
#define PUSHCERT_NONCE_MAX 200

struct pushcert {
	struct span pusher; /* as the signer wrote it; not empty */
	int64_t time;       /* by the signer's clock */
	struct span pushee; /* "" if there is none */
	struct span nonce;  /* "" if there is none */
	struct span *option;
	size_t noption;
	struct ref_update *up; /* in the order of the certificate */
	size_t nup;
	struct signed_text sig; /* exactly one signature */
};

/*
 * pushcert_parse(raw, arena, out, err):
 * Every line in its place and in its only spelling, or ERR_INPUT with the line
 * and what is wrong with it; ERR_LIMIT past the limits above. Not a certificate
 * is one with a line that is doubled, unknown or out of order; with a NUL, with
 * control characters but in a push option; with object names in upper case; a
 * ref that comes twice, that does not start with "refs/" or is longer than
 * REF_NAME_MAX; an update of nothing into nothing; two signatures, none, or
 * text behind it. Whose the signature is, and whether it is good, is not asked.
 * Spans point into ${raw}.
 */
MUST_USE int pushcert_parse(struct span raw, struct arena *arena,
	struct pushcert *out, struct err *err);

#endif
