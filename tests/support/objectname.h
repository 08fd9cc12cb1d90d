/* Git's name for an object: SHA-1 of "TYPE SIZE\0" and its bytes. */
#ifndef SUPPORT_OBJECTNAME_H
#define SUPPORT_OBJECTNAME_H

#include <openssl/evp.h>

#include "model/oid.h"

static inline struct oid object_name(enum object_type type, struct span s)
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	struct oid out = {{0}};
	unsigned len = 0;
	char head[64];
	int n = snprintf(
		head, sizeof(head), "%s %zu", object_type_name(type), s.n);

	if (!h || !EVP_DigestInit_ex(h, EVP_sha1(), NULL) ||
		!EVP_DigestUpdate(h, head, (size_t)n + 1) ||
		!EVP_DigestUpdate(h, s.n ? s.p : (const void *)"", s.n) ||
		!EVP_DigestFinal_ex(h, out.b, &len) || len != OID_RAW)
		abort();
	EVP_MD_CTX_free(h);
	return out;
}

#endif
