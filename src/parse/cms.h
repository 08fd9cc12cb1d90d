/*
 * Signatures in the Cryptographic Message Syntax (RFC 5652), as gpgsm and
 * "openssl cms" make them over bytes that stand elsewhere.
 */
#ifndef PARSE_CMS_H
#define PARSE_CMS_H

#include "base/err.h"
#include "base/span.h"

#define CMS_CERTS_MAX 16

enum cms_digest {
	CMS_DIGEST_OTHER,
	CMS_DIGEST_WEAK, /* MD5, SHA-1 */
	CMS_SHA224,
	CMS_SHA256,
	CMS_SHA384,
	CMS_SHA512,
};

enum cms_algorithm {
	CMS_ALGORITHM_OTHER,
	CMS_RSA, /* PKCS #1 version 1.5 */
	CMS_ECDSA,
};

struct cms {
	struct span cert[CMS_CERTS_MAX]; /* that it brings, encoded */
	size_t ncert;
	struct span issuer, serial; /* of the signer's: a name as encoded, and
				     * the number */
	struct span keyid;          /* or the subject key identifier */
	enum cms_digest digest;
	enum cms_algorithm algorithm;
	struct span attributes; /* what is signed; encoded, with the tag that
				 * it has in place of DER_SET */
	struct span message_digest;
	struct span signature;
};

/*
 * cms_read(blob, out, err):
 * Spans point into ${blob}. ERR_INPUT for whatever nobody signed and could be
 * changed: a second signer, content, revocation lists, attributes that are not
 * signed, versions and algorithms that do not fit the rest, parameters where
 * there are none; and for a signature without signed attributes, or that are
 * not those of plain bytes. The four levels that gpgsm leaves open (of
 * indefinite length) are all open or all closed; all else is DER.
 */
MUST_USE int cms_read(struct span blob, struct cms *out, struct err *err);

#endif
