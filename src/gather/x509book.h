/* Whose X.509 certificate is it, whose authority counts, and what is revoked:
 * what the policy says of X.509. */
#ifndef GATHER_X509BOOK_H
#define GATHER_X509BOOK_H

#include "model/policy.h"
#include "port/x509.h"

/* A certificate of the policy. */
struct x509book_cert {
	const struct person *who; /* whose it is; NULL: an authority's */
	const char *file;         /* as the policy names it */
	struct span der;
	struct x509_facts facts;
};

struct x509book_certs {
	struct x509book_cert *v;
	size_t n, cap;
};

struct x509book_list {
	const char *file;
	struct x509_list list;
};

struct x509book {
	struct x509book_certs own; /* of people; a key is one person's */
	struct x509book_certs root, between, compromised;
	struct x509book_list *list;
	size_t nlist;
	bool need_list; /* each certificate below a root needs a list that is
			 * not out of date */
};

/*
 * x509book_make(p, arena, out, err):
 * ERR_POLICY, naming the file, for what is no file of certificates (PEM, or one
 * in DER) or no list signed by a certificate of the policy, and when a key
 * belongs to two people.
 */
MUST_USE int x509book_make(const struct policy *p, struct arena *arena,
	struct x509book *out, struct err *err);

/* x509book_trust(b, out, err): roots and what lies between, for the chains. */
MUST_USE int x509book_trust(const struct x509book *b, struct arena *arena,
	struct x509_trust **out, struct err *err);

/* x509book_own(b, der): the entry of exactly that certificate, or NULL. */
const struct x509book_cert *x509book_own(
	const struct x509book *b, struct span der);

/* x509book_revoked(b, c, compromised, arena): why that certificate does not
 * count any more, in words, or NULL; whatever there is of a compromised key
 * comes first. */
const char *x509book_revoked(const struct x509book *b,
	const struct x509_facts *c, bool *compromised, struct arena *arena);

/* x509book_suspects(b): whether anything is compromised. */
bool x509book_suspects(const struct x509book *b);

#endif
