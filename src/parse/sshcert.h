/*
 * OpenSSH certificates (PROTOCOL.certkeys): a public key, who it is for, from
 * when to when, and the signature of an authority's key over all of that.
 */
#ifndef PARSE_SSHCERT_H
#define PARSE_SSHCERT_H

#include "base/buf.h"
#include "parse/sshproof.h"

#define SSHCERT_PRINCIPALS_MAX 256

struct sshcert {
	struct sshkey key;  /* what is certified; ->name is that of the plain
			    * key, ->blob is empty: see sshcert_plain */
	struct span fields; /* the key's wire form without its name */
	uint64_t serial;    /* 0: the authority does not count */
	bool user;          /* else of a host */
	struct span key_id;
	struct span principals;  /* see sshcert_principal */
	uint64_t after, before;  /* seconds since 1970; not valid any more at
				  * the second; UINT64_MAX: for ever */
	bool verify, no_touch;   /* as the options of a key; see sshoption.h */
	struct span critical;    /* name of an option that is not known and must
				  * not be passed over, or empty */
	struct sshkey authority; /* may be of an unsupported kind, such as a
				  * certificate; then nothing of ${proof} */
	struct sshproof proof;
	struct span covered; /* what the authority signed */
};

/* sshcert_named(blob): whether ${blob} starts as a certificate of a kind of key
 * that is supported. */
bool sshcert_named(struct span blob);

/*
 * sshcert_read(blob, out, err):
 * The whole blob; spans point into it. ERR_INPUT for anything damaged, left
 * over or of an unknown type; for NULs in names; for options out of order or
 * doubled, which are defined to be sorted; and for a reserved field that is
 * used.
 */
MUST_USE int sshcert_read(
	struct span blob, struct sshcert *out, struct err *err);

/* sshcert_plain(cert, out): the wire form of the key that is certified. */
void sshcert_plain(const struct sshcert *cert, struct buf *out);

/* sshcert_principal(list, out): take one off *${list}; false at its end. */
bool sshcert_principal(struct span *list, struct span *out);

#endif
