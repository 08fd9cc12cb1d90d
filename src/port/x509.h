/*
 * X.509 certificates and revocation lists through libcrypto. Nothing of the
 * system's or the account's is trusted, looked up or fetched: what is not
 * passed in does not exist.
 */
#ifndef PORT_X509_H
#define PORT_X509_H

#include "base/arena.h"
#include "base/err.h"
#include "parse/cms.h"

#define X509_HASH 32
#define X509_EMAILS_MAX 64

/* What a certificate says. Spans point into the arena. */
struct x509_facts {
	struct span issuer, subject;  /* names as encoded */
	struct span serial;           /* the number, as encoded */
	struct span keyid;            /* subject key identifier, or empty */
	unsigned char key[X509_HASH]; /* SHA-256 of the public key */
	struct span *email; /* of its alternative names; where there is none,
			     * of its subject */
	size_t nemail;
	bool authority;
	const char *called; /* the subject, printable */
};

/* x509_facts(der, arena, out, err): ${der} is one certificate and no more. */
MUST_USE int x509_facts(struct span der, struct arena *arena,
	struct x509_facts *out, struct err *err);

/* A certificate that a list revokes. */
struct x509_revoked {
	struct span issuer, serial; /* as in facts */
	bool compromised; /* the key may be somebody else's, or no reason is
			   * given */
};

struct x509_list {
	struct span issuer;
	int64_t next; /* when it should be replaced by another; INT64_MAX if it
		       * does not say */
	struct x509_revoked *v;
	size_t n;
};

/*
 * x509_list_read(der, by, n, arena, out, err):
 * A revocation list, signed by one of the certificates ${by} (their encoding).
 * Refused as ERR_INPUT: one that none of them signed, one with critical
 * extensions, which change what it is about (parts of lists, changes of lists,
 * other issuers).
 */
MUST_USE int x509_list_read(struct span der, const struct span *by, size_t n,
	struct arena *arena, struct x509_list *out, struct err *err);

/* The certificates that chains may end in and lead through. */
struct x509_trust;
/* x509_trust_new(root, n, between, m, out, err): encoded; free with
 * x509_trust_free (NULL is fine). */
MUST_USE int x509_trust_new(const struct span *root, size_t n,
	const struct span *between, size_t m, struct x509_trust **out,
	struct err *err);
void x509_trust_free(struct x509_trust *t);

enum x509_verdict {
	X509_UNTRUSTED, /* leads to none of the roots */
	X509_UNFIT,     /* not for signing; constraints, damage, extensions */
	X509_WEAK,      /* a key or a digest on the way */
	X509_EXPIRED,   /* it, or one above it; or not valid yet */
	X509_GOOD,
};

struct x509_chain {
	enum x509_verdict verdict;
	const char *detail; /* static text, or "" */
	struct span *cert;  /* encoded, the signer's first; for all verdicts but
			     * UNTRUSTED */
	size_t n;
};

/*
 * x509_chain(t, leaf, brought, n, at, arena, out):
 * From ${leaf} over certificates of ${brought} and of ${t} to a root of ${t}.
 * The first thing that is wrong, time last: who is expired is all else.
 * x509_alone: ${leaf} is trusted itself, and is all there is.
 */
void x509_chain(const struct x509_trust *t, struct span leaf,
	const struct span *brought, size_t n, int64_t at, struct arena *arena,
	struct x509_chain *out);
void x509_alone(struct span leaf, int64_t at, struct arena *arena,
	struct x509_chain *out);

/*
 * The key of a certificate, ready to verify with.
 *
 * x509_key_new(leaf): NULL when there is none in it. Free with x509_key_free.
 * x509_signed(key, sig, payload): whether it made the signature over
 * ${payload}, whose digest must be a good one.
 */
struct x509_key;
struct x509_key *x509_key_new(struct span leaf);
void x509_key_free(struct x509_key *k); /* NULL is fine */
MUST_USE bool x509_signed(
	const struct x509_key *key, const struct cms *sig, struct span payload);

#endif
